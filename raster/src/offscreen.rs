//! A user interface without a window: run until its layout has settled, then drawn.

use egui::{Color32, Context, Pos2, RawInput, Rect, Theme, Ui, Vec2, ViewportId};

use crate::picture::Picture;
use crate::raster::Raster;

/// Some things are placed one pass after they were measured, and windows are shown in their second.
const LEAST_PASSES: u32 = 3;
/// What asks for a repaint for ever (a spinner) is drawn as it is after this many.
const MOST_PASSES: u32 = 8;
/// Seconds between passes.
const STEP: f32 = 1.0 / 60.0;

/// An egui that is drawn into pictures. Nothing moves by itself, and time passes by steps: the
/// same calls give the same pictures.
pub struct Offscreen {
    context: Context,
    raster: Raster,
    size: Vec2,
    scale: f32,
    passes: u32,
}

impl Offscreen {
    /// Pictures of this size in points (at a zoom factor of 1), with `scale` pixels for each.
    pub fn new(size: Vec2, scale: f32, theme: Theme) -> Self {
        let context = Context::default();
        context.set_theme(theme);
        Self { context, raster: Raster::new(), size, scale, passes: 0 }
    }

    /// The egui, to install styles and fonts in before the first picture.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Draws what `ui` shows, over the theme's panel colour, as soon as it asks for no other pass.
    pub fn draw(&mut self, mut ui: impl FnMut(&mut Ui)) -> Picture {
        self.context.all_styles_mut(|style| {
            style.animation_time = 0.0;
            style.scroll_animation = egui::style::ScrollAnimation::none();
            style.visuals.text_cursor.blink = false;
        });
        let mut pass = 1;
        let output = loop {
            let mut output = self.context.run_ui(self.input(), &mut ui);
            self.raster.apply(&mut output.textures_delta);
            self.passes += 1;
            let waits = output.viewport_output.get(&ViewportId::ROOT).is_none_or(|root| !root.repaint_delay.is_zero());
            if pass == MOST_PASSES || (waits && pass >= LEAST_PASSES) {
                break output;
            }
            pass += 1;
        };
        let size = [self.size.x, self.size.y].map(|points| (points * self.scale).round() as u32);
        let background: Color32 = self.context.global_style().visuals.panel_fill;
        let primitives = self.context.tessellate(output.shapes, output.pixels_per_point);
        self.raster.draw(size, output.pixels_per_point, background, &primitives)
    }

    fn input(&self) -> RawInput {
        let mut input = RawInput {
            // The integration's part: a larger zoom leaves fewer points.
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, self.size / self.context.zoom_factor())),
            time: Some(f64::from(self.passes) * f64::from(STEP)),
            predicted_dt: STEP,
            ..RawInput::default()
        };
        input.viewports.entry(ViewportId::ROOT).or_default().native_pixels_per_point = Some(self.scale);
        input
    }
}

#[cfg(test)]
mod tests {
    use egui::{Label, RichText};

    use super::*;

    fn offscreen(scale: f32) -> Offscreen {
        Offscreen::new(Vec2::new(60.0, 24.0), scale, Theme::Dark)
    }

    fn text(ui: &mut Ui) {
        ui.add(Label::new(RichText::new("Hello").size(16.0).color(Color32::from_rgb(255, 0, 0))));
    }

    /// Columns and rows with something red, and the sum of red above the background.
    fn ink(picture: &Picture) -> (u32, u32, f64) {
        let ground = f64::from(Theme::Dark.default_visuals().panel_fill.r());
        let red = |x, y| f64::from(picture.pixel(x, y)[0]) - ground;
        let columns = (0..picture.width).filter(|x| (0..picture.height).any(|y| red(*x, y) > 60.0)).count();
        let rows = (0..picture.height).filter(|y| (0..picture.width).any(|x| red(x, *y) > 60.0)).count();
        let sum = (0..picture.height).flat_map(|y| (0..picture.width).map(move |x| red(x, y))).sum();
        (columns as u32, rows as u32, sum)
    }

    #[test]
    fn text_is_drawn_at_scale_1_and_2() {
        let [one, two] = [1.0, 2.0].map(|scale| offscreen(scale).draw(text));
        assert_eq!([one.width, one.height, two.width, two.height], [60, 24, 120, 48]);
        let (columns, rows, sum) = ink(&one);
        assert!((25..=45).contains(&columns) && (9..=16).contains(&rows), "{columns} {rows}");
        let (twice_columns, twice_rows, twice_sum) = ink(&two);
        assert!(twice_columns.abs_diff(2 * columns) <= 8, "{twice_columns} {columns}");
        assert!(twice_rows.abs_diff(2 * rows) <= 4, "{twice_rows} {rows}");
        assert!((3.0..5.0).contains(&(twice_sum / sum)), "four times the ink: {twice_sum} {sum}");
        // Upright strokes of a fine scale are as red as was asked for.
        assert!(two.rgba.chunks_exact(4).any(|pixel| pixel[0] >= 250 && pixel[1] <= 5), "no full red");
    }

    #[test]
    fn the_same_calls_give_the_same_picture() {
        let picture = || offscreen(1.5).draw(text);
        assert_eq!(crate::difference(&picture(), &picture()), crate::Difference { pixels: 0, largest: 0 });
    }

    #[test]
    fn it_draws_when_the_layout_has_settled_and_does_not_wait_for_ever() {
        let mut passes = 0;
        offscreen(1.0).draw(|_| passes += 1);
        assert!((LEAST_PASSES..MOST_PASSES).contains(&passes), "{passes}");
        passes = 0;
        offscreen(1.0).draw(|ui| {
            passes += 1;
            ui.ctx().request_repaint();
        });
        assert_eq!(passes, MOST_PASSES);
        // A window is not shown in its first pass.
        let picture = offscreen(1.0).draw(|ui| {
            egui::Area::new(egui::Id::unique("late")).fixed_pos([2.0, 2.0]).show(ui.ctx(), text);
        });
        assert!(ink(&picture).0 > 20);
    }
}
