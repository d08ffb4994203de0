//! The textures of an egui, and pictures of what it has tessellated.

use std::collections::{HashMap, HashSet};

use egui::epaint::{ImageDelta, Mesh, Primitive, Vertex};
use egui::{ClippedPrimitive, Color32, ColorImage, ImageData, Rect, TextureId, TextureOptions, TexturesDelta};

use crate::paint::Canvas;
use crate::picture::Picture;
use crate::texture::Texture;
use crate::triangle::Clip;

/// Draws an egui's triangles. It keeps the egui's textures, so it must be given every delta.
#[derive(Default)]
pub struct Raster {
    textures: HashMap<TextureId, Texture>,
    /// What the latest delta frees: its own pass still draws with it.
    to_free: HashSet<TextureId>,
}

impl Raster {
    /// One without textures.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes over the changes of the textures that a pass has made, and empties the delta. Call it
    /// once for every pass, in their order, before drawing.
    pub fn apply(&mut self, delta: &mut TexturesDelta) {
        for id in self.to_free.drain() {
            self.textures.remove(&id);
        }
        for (id, changes) in delta.set.drain() {
            for change in changes {
                self.change(id, &change);
            }
        }
        self.to_free.extend(delta.free.drain());
    }

    fn change(&mut self, id: TextureId, change: &ImageDelta) {
        match change.pos {
            None => {
                let ImageData::Color(image) = &change.image;
                self.set_texture(id, image, change.options);
            }
            Some(corner) => {
                if let Some(texture) = self.textures.get_mut(&id) {
                    texture.patch(change, corner);
                }
            }
        }
    }

    /// Sets a texture that egui does not know of, to be drawn by its id ([`TextureId::User`]).
    pub fn set_texture(&mut self, id: TextureId, image: &ColorImage, options: TextureOptions) {
        self.textures.insert(id, Texture::new(image, options));
    }

    /// Draws triangles onto a background. Meshes whose texture is not known are left out, and so
    /// are paint callbacks.
    pub fn draw(
        &self,
        size_in_pixels: [u32; 2],
        pixels_per_point: f32,
        background: Color32,
        primitives: &[ClippedPrimitive],
    ) -> Picture {
        let mut canvas = Canvas::new(size_in_pixels, background.to_array());
        for ClippedPrimitive { clip_rect, primitive } in primitives {
            if let Primitive::Mesh(mesh) = primitive
                && let Some(texture) = self.textures.get(&mesh.texture_id)
            {
                let clip = clip_in_pixels(*clip_rect, pixels_per_point, size_in_pixels);
                draw_mesh(&mut canvas, mesh, pixels_per_point, texture, &clip);
            }
        }
        let mut pixels = canvas.pixels;
        // Over an opaque background everything is opaque.
        if !background.is_opaque() {
            for pixel in &mut pixels {
                let [r, g, b, a] = *pixel;
                *pixel = Color32::from_rgba_premultiplied(r, g, b, a).to_srgba_unmultiplied();
            }
        }
        let [width, height] = size_in_pixels;
        Picture { width, height, rgba: pixels.into_flattened() }
    }
}

fn draw_mesh(canvas: &mut Canvas, mesh: &Mesh, pixels_per_point: f32, texture: &Texture, clip: &Clip) {
    for corners in mesh.indices.as_chunks::<3>().0 {
        let corner = |index: u32| mesh.vertices.get(index as usize).copied();
        let [a, b, c]: [Option<Vertex>; 3] = corners.map(corner);
        if let (Some(a), Some(b), Some(c)) = (a, b, c) {
            canvas.triangle([a, b, c], pixels_per_point, texture, clip);
        }
    }
}

/// A clip rectangle in pixels, rounded as `egui_glow` does.
fn clip_in_pixels(clip: Rect, pixels_per_point: f32, [width, height]: [u32; 2]) -> Clip {
    let side = |at: f32, least: i64, most: u32| ((at * pixels_per_point).round() as i64).clamp(least, i64::from(most));
    let (left, top) = (side(clip.min.x, 0, width), side(clip.min.y, 0, height));
    Clip { left, top, right: side(clip.max.x, left, width), bottom: side(clip.max.y, top, height) }
}

#[cfg(test)]
mod tests {
    use egui::{pos2, vec2};

    use super::*;

    const USER: TextureId = TextureId::User(7);
    const BLACK: [u8; 4] = [0, 0, 0, 255];

    /// A raster whose texture `USER` is two texels: opaque white, and half of red.
    fn raster() -> Raster {
        let mut raster = Raster::new();
        let texels = vec![Color32::WHITE, Color32::from_rgba_premultiplied(128, 0, 0, 128)];
        raster.set_texture(USER, &ColorImage::new([2, 1], texels), TextureOptions::NEAREST);
        raster
    }

    fn rect(left: f32, top: f32, right: f32, bottom: f32) -> Rect {
        Rect { min: pos2(left, top), max: pos2(right, bottom) }
    }

    fn mesh(at: Rect, uv: Rect, color: Color32) -> Mesh {
        let mut mesh = Mesh::with_texture(USER);
        mesh.add_rect_with_uv(at, uv, color);
        mesh
    }

    /// White texel: a plain rectangle.
    fn plain(at: Rect, color: Color32) -> Mesh {
        mesh(at, rect(0.0, 0.0, 0.0, 0.0), color)
    }

    fn clipped(clip_rect: Rect, mesh: Mesh) -> ClippedPrimitive {
        ClippedPrimitive { clip_rect, primitive: Primitive::Mesh(mesh) }
    }

    fn drawn(scale: f32, primitives: &[ClippedPrimitive]) -> Picture {
        raster().draw([4, 3], scale, Color32::BLACK, primitives)
    }

    /// One letter a pixel.
    fn letters(picture: &Picture, names: &[([u8; 4], char)]) -> String {
        let pixel = |x, y| {
            let rgba = picture.pixel(x, y);
            names.iter().find(|(color, _)| *color == rgba).map_or('?', |(_, name)| *name)
        };
        let row = |y| (0..picture.width).map(|x| pixel(x, y)).collect::<String>();
        (0..picture.height).map(row).collect::<Vec<_>>().join("/")
    }

    #[test]
    fn rectangles_are_drawn_where_they_are_and_no_farther_than_their_clip() {
        let red = Color32::from_rgb(200, 10, 0);
        for (scale, at, clip, expected) in [
            (1.0, rect(1.0, 1.0, 3.0, 3.0), Rect::EVERYTHING, "..../.rr./.rr."),
            (2.0, rect(0.5, 0.0, 1.0, 1.0), Rect::EVERYTHING, ".r../.r../...."),
            // A pixel belongs to what covers its middle.
            (1.0, rect(0.6, 0.4, 1.6, 0.6), Rect::EVERYTHING, ".r../..../...."),
            (1.0, rect(0.0, 0.0, 4.0, 3.0), rect(1.0, 0.0, 2.0, 9.0), ".r../.r../.r.."),
            // A clip's sides are rounded: 0.4 to 0, 2.5 to 3.
            (1.0, rect(0.0, 0.0, 4.0, 3.0), rect(0.4, 1.0, 2.5, 2.0), "..../rrr./...."),
            (1.0, rect(0.0, 0.0, 4.0, 3.0), rect(3.0, 2.0, 1.0, 1.0), "..../..../...."),
            (1.0, rect(-9.0, -9.0, 99.0, 99.0), Rect::EVERYTHING, "rrrr/rrrr/rrrr"),
        ] {
            let picture = drawn(scale, &[clipped(clip, plain(at, red))]);
            assert_eq!(letters(&picture, &[(BLACK, '.'), ([200, 10, 0, 255], 'r')]), expected, "{at:?} {clip:?}");
        }
    }

    #[test]
    fn colours_are_premultiplied_and_blended_in_gamma_space() {
        let over = |below: Color32, above: Color32| {
            let all = rect(0.0, 0.0, 4.0, 3.0);
            let picture = drawn(1.0, &[clipped(all, plain(all, below)), clipped(all, plain(all, above))]);
            // Each pixel once, also along the edge that the two triangles share.
            assert!(picture.rgba.chunks_exact(4).all(|pixel| pixel == picture.pixel(0, 0)), "{below:?} {above:?}");
            picture.pixel(0, 0)
        };
        for (below, above, expected) in [
            (Color32::from_rgb(100, 0, 200), Color32::from_rgba_premultiplied(0, 64, 0, 128), [50, 64, 100, 255]),
            (Color32::from_rgb(100, 0, 200), Color32::TRANSPARENT, [100, 0, 200, 255]),
            // No alpha: light that is added.
            (Color32::from_rgb(100, 0, 200), Color32::from_rgba_premultiplied(10, 5, 100, 0), [110, 5, 255, 255]),
        ] {
            assert_eq!(over(below, above), expected);
        }
    }

    #[test]
    fn a_texture_is_multiplied_with_the_corners_colours() {
        let all = rect(0.0, 0.0, 4.0, 3.0);
        let texture = mesh(all, rect(0.0, 0.0, 1.0, 1.0), Color32::from_rgb(255, 51, 255));
        let picture = drawn(1.0, &[clipped(all, texture)]);
        let names = [([255, 51, 255, 255], 'w'), ([128, 0, 0, 255], 'r')];
        assert_eq!(letters(&picture, &names), "wwrr/wwrr/wwrr");

        let mut sloping = plain(all, Color32::BLACK);
        for vertex in &mut sloping.vertices {
            vertex.color = Color32::from_gray(if vertex.pos.x > 0.0 { 80 } else { 0 });
        }
        let picture = drawn(1.0, &[clipped(all, sloping)]);
        assert_eq!([0, 1, 2, 3].map(|x| picture.pixel(x, 1)[0]), [10, 30, 50, 70]);
    }

    #[test]
    fn over_a_background_that_lets_through_the_picture_is_not_premultiplied() {
        let all = rect(0.0, 0.0, 4.0, 3.0);
        let half = plain(all, Color32::from_rgba_premultiplied(64, 0, 0, 128));
        let picture = raster().draw([4, 3], 1.0, Color32::TRANSPARENT, &[clipped(all, half)]);
        assert_eq!(picture.pixel(0, 0), [128, 0, 0, 128]);
    }

    #[test]
    fn a_texture_that_a_pass_frees_can_be_drawn_until_the_next() {
        let id = TextureId::Managed(3);
        let image = ColorImage::filled([1, 1], Color32::WHITE);
        let mut raster = Raster::new();
        let mut delta = TexturesDelta::default();
        delta.push(id, ImageDelta::full(image, TextureOptions::LINEAR));
        delta.free(id);
        raster.apply(&mut delta);
        assert!(delta.is_empty());
        let mut mesh = plain(Rect::from_min_size(pos2(0.0, 0.0), vec2(1.0, 1.0)), Color32::WHITE);
        mesh.texture_id = id;
        let primitives = [clipped(Rect::EVERYTHING, mesh)];
        let first = |raster: &Raster| raster.draw([1, 1], 1.0, Color32::BLACK, &primitives).pixel(0, 0);
        assert_eq!(first(&raster), [255; 4]);
        raster.apply(&mut TexturesDelta::default());
        assert_eq!(first(&raster), BLACK, "a texture that is not known draws nothing");
    }
}
