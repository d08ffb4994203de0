//! Puts one triangle onto the pixels: what colour each covered pixel gets.

use egui::TextureFilter;
use egui::epaint::Vertex;

use crate::texture::Texture;
use crate::triangle::{Clip, Slope, Triangle};

/// Pixels that are drawn on, with premultiplied alpha.
pub(crate) struct Canvas {
    width: usize,
    pub(crate) pixels: Vec<[u8; 4]>,
}

impl Canvas {
    pub(crate) fn new([width, height]: [u32; 2], background: [u8; 4]) -> Self {
        let width = width as usize;
        Self { width, pixels: vec![background; width * height as usize] }
    }

    /// Draws a textured triangle. The clip must lie on the canvas.
    pub(crate) fn triangle(&mut self, corners: [Vertex; 3], pixels_per_point: f32, texture: &Texture, clip: &Clip) {
        let places = corners.map(|corner| [corner.pos.x * pixels_per_point, corner.pos.y * pixels_per_point]);
        let Some(triangle) = Triangle::new(places) else { return };
        let rows = triangle.rows(clip);
        if rows.is_empty() {
            return;
        }
        let [a, b, c] = corners;
        let tint = if a.color == b.color && a.color == c.color {
            Tint::Even(a.color.to_array().map(f32::from))
        } else {
            let channels = corners.map(|corner| corner.color.to_array());
            Tint::Sloping(std::array::from_fn(|channel| {
                triangle.slope(channels.map(|color| f64::from(color[channel])))
            }))
        };
        let [width, height] = texture.size().map(|side| side as f64);
        if a.uv == b.uv && a.uv == c.uv {
            // Plain shapes: all of them show the texture's white corner.
            let (x, y) = (f64::from(a.uv.x) * width, f64::from(a.uv.y) * height);
            let texel = texture.sample(texture.filter(0.0), x as f32, y as f32);
            self.plain(&triangle, &tint, texel, clip);
        } else {
            let x = triangle.slope(corners.map(|corner| f64::from(corner.uv.x) * width));
            let y = triangle.slope(corners.map(|corner| f64::from(corner.uv.y) * height));
            let filter = texture.filter(x.right.hypot(y.right).max(x.down.hypot(y.down)));
            self.textured(&triangle, &tint, &Texels { texture, filter, x, y }, clip);
        }
    }

    fn span(&mut self, triangle: &Triangle, row: i64, clip: &Clip) -> (i64, &mut [[u8; 4]]) {
        let columns = triangle.columns(row, clip);
        let start = row as usize * self.width;
        (columns.start, &mut self.pixels[start + columns.start as usize..start + columns.end as usize])
    }

    fn plain(&mut self, triangle: &Triangle, tint: &Tint, texel: [f32; 4], clip: &Clip) {
        for row in triangle.rows(clip) {
            let (first, pixels) = self.span(triangle, row, clip);
            match tint {
                Tint::Even(color) => fill(pixels, times(*color, texel)),
                Tint::Sloping(slopes) => {
                    for (pixel, column) in pixels.iter_mut().zip(first..) {
                        blend(pixel, times(at(slopes, column, row), texel));
                    }
                }
            }
        }
    }

    fn textured(&mut self, triangle: &Triangle, tint: &Tint, texels: &Texels<'_>, clip: &Clip) {
        for row in triangle.rows(clip) {
            let (first, pixels) = self.span(triangle, row, clip);
            for (pixel, column) in pixels.iter_mut().zip(first..) {
                let texel = texels.at(column, row);
                // Most of a glyph's rectangle is empty.
                if texel == [0.0; 4] {
                    continue;
                }
                let color = match tint {
                    Tint::Even(color) => *color,
                    Tint::Sloping(slopes) => at(slopes, column, row),
                };
                blend(pixel, times(color, texel));
            }
        }
    }
}

/// The colour that a triangle's corners give; channels go from 0 to 255.
enum Tint {
    Even([f32; 4]),
    Sloping([Slope; 4]),
}

/// A texture, and where on it the pixels of a triangle lie.
struct Texels<'a> {
    texture: &'a Texture,
    filter: TextureFilter,
    x: Slope,
    y: Slope,
}

impl Texels<'_> {
    fn at(&self, column: i64, row: i64) -> [f32; 4] {
        self.texture.sample(self.filter, self.x.at(column, row) as f32, self.y.at(column, row) as f32)
    }
}

fn at(slopes: &[Slope; 4], column: i64, row: i64) -> [f32; 4] {
    slopes.map(|slope| (slope.at(column, row) as f32).clamp(0.0, 255.0))
}

fn times(color: [f32; 4], texel: [f32; 4]) -> [f32; 4] {
    std::array::from_fn(|channel| color[channel] * texel[channel] / 255.0)
}

/// Blends one colour over a row of pixels.
fn fill(pixels: &mut [[u8; 4]], color: [f32; 4]) {
    if color[3] >= 255.0 {
        pixels.fill(color.map(byte));
    } else if color != [0.0; 4] {
        for pixel in pixels {
            blend(pixel, color);
        }
    }
}

/// Premultiplied alpha: the colour, and what it lets through of the pixel.
fn blend(pixel: &mut [u8; 4], color: [f32; 4]) {
    let through = 1.0 - color[3] / 255.0;
    for (below, channel) in pixel.iter_mut().zip(color) {
        *below = byte(channel + f32::from(*below) * through);
    }
}

/// Rounded; what exceeds 255 (light that is added) is cut off.
fn byte(channel: f32) -> u8 {
    (channel + 0.5) as u8
}
