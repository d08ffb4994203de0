//! A picture in memory: as a PNG file, from one, and compared with another.

use std::fmt;
use std::io::Cursor;

use png::{BitDepth, ColorType, Decoder, Encoder, Transformations};

/// Pixels, row by row from the top: red, green, blue, alpha; not premultiplied.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Four bytes a pixel.
    pub rgba: Vec<u8>,
}

/// Why a picture could not be written or read.
#[derive(Debug)]
pub enum PictureError {
    /// It has no pixels, or a key is no PNG keyword (1 to 79 Latin-1 characters).
    Write(png::EncodingError),
    /// The bytes are no PNG file, or a damaged one.
    Read(png::DecodingError),
}

impl fmt::Display for PictureError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Write(error) => write!(formatter, "the picture cannot be written as PNG: {error}"),
            Self::Read(error) => write!(formatter, "the PNG file cannot be read: {error}; make it again"),
        }
    }
}

impl std::error::Error for PictureError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Write(error) => Some(error),
            Self::Read(error) => Some(error),
        }
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The pixels would fill a failed test's output.
        write!(formatter, "Picture({} x {})", self.width, self.height)
    }
}

impl Picture {
    /// Red, green, blue and alpha of a pixel.
    ///
    /// # Panics
    /// Where the picture has no such pixel.
    pub fn pixel(&self, x: u32, y: u32) -> [u8; 4] {
        assert!(x < self.width && y < self.height, "pixel {x}, {y} of a picture of {} x {}", self.width, self.height);
        let at = 4 * (y as usize * self.width as usize + x as usize);
        std::array::from_fn(|channel| self.rgba[at + channel])
    }

    /// This picture as a PNG file.
    ///
    /// # Errors
    /// A picture without pixels cannot be written.
    pub fn to_png(&self) -> Result<Vec<u8>, PictureError> {
        self.to_png_with(&[])
    }

    /// This picture as a PNG file that carries texts, such as a hash of what was drawn; read them
    /// with [`text_in_png`].
    ///
    /// # Errors
    /// A picture without pixels cannot be written, and neither can a key that is no PNG keyword.
    pub fn to_png_with(&self, texts: &[(&str, &str)]) -> Result<Vec<u8>, PictureError> {
        let mut bytes = Vec::new();
        let mut write = || -> Result<(), png::EncodingError> {
            let mut encoder = Encoder::new(&mut bytes, self.width, self.height);
            encoder.set_color(ColorType::Rgba);
            encoder.set_depth(BitDepth::Eight);
            for (key, text) in texts {
                // `iTXt` is the chunk that holds UTF-8.
                encoder.add_itxt_chunk((*key).to_owned(), (*text).to_owned())?;
            }
            let mut writer = encoder.write_header()?;
            writer.write_image_data(&self.rgba)?;
            writer.finish()
        };
        write().map_err(PictureError::Write)?;
        Ok(bytes)
    }

    /// The picture in a PNG file of any kind.
    ///
    /// # Errors
    /// The bytes are no PNG file, or a damaged one.
    pub fn from_png(bytes: &[u8]) -> Result<Self, PictureError> {
        let read = || -> Result<Self, png::DecodingError> {
            let mut decoder = Decoder::new(Cursor::new(bytes));
            decoder.set_transformations(Transformations::normalize_to_color8() | Transformations::ALPHA);
            let mut reader = decoder.read_info()?;
            let size = reader.output_buffer_size().ok_or(png::DecodingError::LimitsExceeded)?;
            let mut pixels = vec![0; size];
            let frame = reader.next_frame(&mut pixels)?;
            pixels.truncate(frame.buffer_size());
            if frame.color_type == ColorType::GrayscaleAlpha {
                pixels = pixels.chunks_exact(2).flat_map(|gray| [gray[0], gray[0], gray[0], gray[1]]).collect();
            }
            Ok(Self { width: frame.width, height: frame.height, rgba: pixels })
        };
        read().map_err(PictureError::Read)
    }
}

/// The text that a PNG file carries under a key, if it does.
///
/// # Errors
/// The bytes are no PNG file, or a damaged one.
pub fn text_in_png(bytes: &[u8], key: &str) -> Result<Option<String>, PictureError> {
    let reader = Decoder::new(Cursor::new(bytes)).read_info().map_err(PictureError::Read)?;
    let text = reader.info().utf8_text.iter().find(|text| text.keyword == key);
    text.map(|text| text.get_text().map_err(PictureError::Read)).transpose()
}

/// How two pictures differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// How many pixels are not the same. A pixel that only one of them has counts.
    pub pixels: u64,
    /// The largest difference of a channel, from 0 to 255; 255 where the sizes differ.
    pub largest: u8,
}

/// How two pictures differ; all zero if they are the same.
pub fn difference(a: &Picture, b: &Picture) -> Difference {
    let (width, height) = (a.width.min(b.width), a.height.min(b.height));
    let area = |width: u32, height: u32| u64::from(width) * u64::from(height);
    let only_one_has = area(a.width, a.height) + area(b.width, b.height) - 2 * area(width, height);
    let mut difference = Difference { pixels: only_one_has, largest: if only_one_has > 0 { 255 } else { 0 } };
    let rows = a.rgba.chunks_exact(4 * a.width.max(1) as usize).zip(b.rgba.chunks_exact(4 * b.width.max(1) as usize));
    for (row_of_a, row_of_b) in rows {
        for (a, b) in row_of_a.chunks_exact(4).zip(row_of_b.chunks_exact(4)) {
            let largest = a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0);
            difference.pixels += u64::from(largest > 0);
            difference.largest = difference.largest.max(largest);
        }
    }
    difference
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: u32, height: u32, rgba: &[u8]) -> Picture {
        Picture { width, height, rgba: rgba.to_vec() }
    }

    #[test]
    fn a_png_file_gives_back_pixels_and_texts() {
        let picture = picture(2, 1, &[1, 2, 3, 255, 40, 50, 60, 70]);
        let bytes = picture.to_png_with(&[("hash", "ab12"), ("caption", "构建失败")]).unwrap();
        assert_eq!(Picture::from_png(&bytes).unwrap(), picture);
        assert_eq!(text_in_png(&bytes, "caption").unwrap().as_deref(), Some("构建失败"));
        assert_eq!(text_in_png(&bytes, "hash").unwrap().as_deref(), Some("ab12"));
        assert_eq!(text_in_png(&bytes, "other").unwrap(), None);
    }

    #[test]
    fn gray_and_opaque_files_are_read_too() {
        for (color, data, rgba) in [
            (ColorType::Grayscale, &[7_u8, 200][..], [7, 7, 7, 255, 200, 200, 200, 255]),
            (ColorType::Rgb, &[1, 2, 3, 4, 5, 6][..], [1, 2, 3, 255, 4, 5, 6, 255]),
        ] {
            let mut bytes = Vec::new();
            let mut encoder = Encoder::new(&mut bytes, 2, 1);
            encoder.set_color(color);
            let mut writer = encoder.write_header().unwrap();
            writer.write_image_data(data).unwrap();
            writer.finish().unwrap();
            assert_eq!(Picture::from_png(&bytes).unwrap(), picture(2, 1, &rgba), "{color:?}");
        }
    }

    #[test]
    fn what_cannot_be_written_or_read_is_an_error() {
        assert!(picture(0, 0, &[]).to_png().unwrap_err().to_string().contains("cannot be written"));
        let whole = picture(1, 1, &[1, 2, 3, 4]).to_png().unwrap();
        for bytes in [&b"no picture"[..], &whole[..whole.len() - 20]] {
            assert!(Picture::from_png(bytes).unwrap_err().to_string().contains("cannot be read"));
        }
    }

    #[test]
    fn differences_are_counted() {
        let one = picture(2, 1, &[10, 10, 10, 255, 20, 20, 20, 255]);
        for (other, pixels, largest) in [
            (one.clone(), 0, 0),
            (picture(2, 1, &[10, 10, 10, 255, 20, 23, 19, 255]), 1, 3),
            (picture(1, 2, &[9, 10, 10, 255, 20, 20, 20, 255]), 3, 255),
            (picture(0, 0, &[]), 2, 255),
        ] {
            assert_eq!(difference(&one, &other), Difference { pixels, largest }, "{other:?}");
            assert_eq!(difference(&other, &one), Difference { pixels, largest }, "{other:?}");
        }
    }
}
