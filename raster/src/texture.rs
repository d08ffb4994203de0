//! Textures, and the colour at a place in one, as OpenGL samples them.

use egui::epaint::ImageDelta;
use egui::{ColorImage, ImageData, TextureFilter, TextureOptions, TextureWrapMode};

/// A texture's texels.
pub(crate) struct Texture {
    width: usize,
    height: usize,
    options: TextureOptions,
    texels: Vec<[u8; 4]>,
}

impl Texture {
    pub(crate) fn new(image: &ColorImage, options: TextureOptions) -> Self {
        Self {
            width: image.width(),
            height: image.height(),
            options,
            texels: image.pixels.iter().map(egui::Color32::to_array).collect(),
        }
    }

    /// Writes a patch. What of it lies outside is left out, so that a wrong delta cannot end us.
    pub(crate) fn patch(&mut self, delta: &ImageDelta, [left, top]: [usize; 2]) {
        self.options = delta.options;
        let ImageData::Color(image) = &delta.image;
        let columns = image.width().min(self.width.saturating_sub(left));
        for row in 0..image.height().min(self.height.saturating_sub(top)) {
            let to = (top + row) * self.width + left;
            let from = row * image.width();
            for column in 0..columns {
                self.texels[to + column] = image.pixels[from + column].to_array();
            }
        }
    }

    /// Width and height in texels.
    pub(crate) fn size(&self) -> [usize; 2] {
        [self.width, self.height]
    }

    /// The filter for a triangle on which one pixel covers this many texels.
    pub(crate) fn filter(&self, texels_per_pixel: f64) -> TextureFilter {
        if texels_per_pixel > 1.0 { self.options.minification } else { self.options.magnification }
    }

    /// The colour at a place in texels, each channel from 0 to 255.
    pub(crate) fn sample(&self, filter: TextureFilter, x: f32, y: f32) -> [f32; 4] {
        if self.texels.is_empty() {
            return [0.0; 4];
        }
        // Places are kept to 1/256 of a texel, as adapters do: what should lie on a texel's
        // middle does, whatever the last bit of the interpolation says.
        match filter {
            TextureFilter::Nearest => self.texel(fixed(x) >> 8, fixed(y) >> 8).map(f32::from),
            TextureFilter::Linear => self.between(fixed(x) - 128, fixed(y) - 128),
        }
    }

    fn between(&self, x: i32, y: i32) -> [f32; 4] {
        let (right, down) = (x & 255, y & 255);
        let (x, y) = (x >> 8, y >> 8);
        if right == 0 && down == 0 {
            return self.texel(x, y).map(f32::from);
        }
        let mix = |a: [f32; 4], b: [f32; 4], share: i32| {
            let share = share as f32 / 256.0;
            std::array::from_fn(|channel| a[channel] + (b[channel] - a[channel]) * share)
        };
        let row = |y| mix(self.texel(x, y).map(f32::from), self.texel(x + 1, y).map(f32::from), right);
        if down == 0 { row(y) } else { mix(row(y), row(y + 1), down) }
    }

    fn texel(&self, x: i32, y: i32) -> [u8; 4] {
        let (x, y) = (wrap(self.options.wrap_mode, x, self.width), wrap(self.options.wrap_mode, y, self.height));
        self.texels[y * self.width + x]
    }
}

fn fixed(texels: f32) -> i32 {
    (texels * 256.0).round() as i32
}

fn wrap(mode: TextureWrapMode, at: i32, size: usize) -> usize {
    let size = i32::try_from(size).unwrap_or(i32::MAX);
    let at = match mode {
        TextureWrapMode::ClampToEdge => at.clamp(0, size - 1),
        TextureWrapMode::Repeat => at.rem_euclid(size),
        TextureWrapMode::MirroredRepeat => {
            let at = at.rem_euclid(size.saturating_mul(2));
            if at < size { at } else { 2 * size - 1 - at }
        }
    };
    at as usize
}

#[cfg(test)]
mod tests {
    use egui::Color32;

    use super::*;

    #[test]
    fn places_outside_are_wrapped() {
        use TextureWrapMode::{ClampToEdge, MirroredRepeat, Repeat};
        for (mode, expected) in [
            (ClampToEdge, [0, 0, 0, 0, 1, 2, 2, 2, 2, 2]),
            (Repeat, [0, 1, 2, 0, 1, 2, 0, 1, 2, 0]),
            (MirroredRepeat, [2, 1, 0, 0, 1, 2, 2, 1, 0, 0]),
        ] {
            assert_eq!(std::array::from_fn(|at| wrap(mode, at as i32 - 3, 3)), expected, "{mode:?}");
        }
    }

    #[test]
    fn linear_mixes_neighbours_and_nearest_takes_one() {
        let image = ColorImage::new([2, 1], vec![Color32::from_gray(0), Color32::from_gray(200)]);
        let texture = Texture::new(&image, TextureOptions::LINEAR);
        let red = |filter, x| texture.sample(filter, x, 0.5)[0];
        for (x, linear, nearest) in [(0.0, 0.0, 0.0), (0.5, 0.0, 0.0), (0.75, 50.0, 0.0), (1.0, 100.0, 200.0)] {
            assert_eq!(red(TextureFilter::Linear, x), linear, "{x}");
            assert_eq!(red(TextureFilter::Nearest, x), nearest, "{x}");
        }
        assert_eq!(red(TextureFilter::Linear, 1.500_001), 200.0, "the last bit does not count");
    }

    #[test]
    fn a_patch_changes_its_part_only() {
        let gray = |values: &[u8]| values.iter().map(|value| Color32::from_gray(*value)).collect();
        let mut texture = Texture::new(&ColorImage::new([2, 2], gray(&[1, 2, 3, 4])), TextureOptions::NEAREST);
        // The second column of the patch lies outside.
        let patch = ColorImage::new([2, 1], gray(&[9, 8]));
        texture.patch(&ImageDelta::partial([1, 1], patch, TextureOptions::NEAREST), [1, 1]);
        assert_eq!(texture.texels.iter().map(|texel| texel[0]).collect::<Vec<_>>(), [1, 2, 3, 9]);
    }
}
