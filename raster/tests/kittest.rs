//! What a test harness of egui has run can be drawn: the harness hands every texture delta to its
//! renderer, and its output and context hold the rest.

use std::cell::RefCell;
use std::rc::Rc;

use egui::{Color32, TexturesDelta, Vec2};
use egui_kittest::kittest::Queryable;
use egui_kittest::{Harness, TestRenderer};
use exuvia_raster::{Picture, Raster, difference};

/// Passes a harness's textures on.
#[derive(Clone, Default)]
struct Textures(Rc<RefCell<Raster>>);

impl TestRenderer for Textures {
    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        self.0.borrow_mut().apply(delta);
    }
}

impl Textures {
    fn picture(&self, harness: &Harness<'_>) -> Picture {
        let output = harness.output();
        let primitives = harness.ctx.tessellate(output.shapes.clone(), output.pixels_per_point);
        let size = harness.ctx.viewport_rect().size() * output.pixels_per_point;
        let size = [size.x, size.y].map(|side| side.round() as u32);
        self.0.borrow().draw(size, output.pixels_per_point, Color32::BLACK, &primitives)
    }
}

#[test]
fn a_harness_can_be_drawn_before_and_after_a_click() {
    let textures = Textures::default();
    let mut checked = false;
    let mut harness = Harness::builder()
        .with_size(Vec2::new(90.0, 30.0))
        .with_pixels_per_point(2.0)
        .renderer(textures.clone())
        .build_ui(|ui| {
            ui.checkbox(&mut checked, "Follow");
            if checked {
                // Glyphs that come into the atlas late.
                ui.label("XYZ");
            }
        });
    harness.run();
    let before = textures.picture(&harness);
    assert_eq!([before.width, before.height], [180, 60]);
    assert!(before.rgba.chunks_exact(4).any(|pixel| pixel[0] > 100), "nothing is drawn");

    harness.get_by_label("Follow").click();
    harness.run();
    let after = textures.picture(&harness);
    assert!(difference(&before, &after).pixels > 20);
}
