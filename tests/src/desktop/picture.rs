//! Pictures of the screen as raw pixels, and what is looked for in them. Nothing here knows where
//! the window draws what: regions follow from lines and differences.

use std::collections::HashSet;
use std::ops::Range;

/// A pixel: red, green, blue.
pub type Pixel = [u8; 3];

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    pixels: Vec<Pixel>,
}

/// A part of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Columns.
    pub x: Range<usize>,
    /// Rows.
    pub y: Range<usize>,
}

impl Region {
    /// Its middle.
    #[must_use]
    pub fn center(&self) -> (usize, usize) {
        (usize::midpoint(self.x.start, self.x.end), usize::midpoint(self.y.start, self.y.end))
    }
}

/// The window's panels in the wide layout, as the gaps between them show them. Each begins with its tabs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panels {
    /// The bar above.
    pub top: Region,
    /// On the left: the versions.
    pub left: Region,
    /// In the middle: the calls.
    pub center: Region,
    /// On the right: state, change, details, memory.
    pub right: Region,
    /// Below these two: problems, output, timeline, log.
    pub lower: Region,
    /// The line below.
    pub bottom: Region,
}

impl Picture {
    /// Reads the format that ImageMagick calls PPM, with eight bits a channel
    /// (<https://netpbm.sourceforge.net/doc/ppm.html>).
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_ppm(bytes: &[u8]) -> Result<Self, String> {
        let mut words = Vec::new();
        let mut at = 0;
        while words.len() < 4 {
            let end = bytes[at..].iter().position(u8::is_ascii_whitespace).ok_or("the head is cut short")?;
            words.push(String::from_utf8_lossy(&bytes[at..at + end]).into_owned());
            at += end + 1;
        }
        let number = |index: usize| words[index].parse::<usize>().map_err(|error| format!("{error}: {words:?}"));
        let (width, height) = (number(1)?, number(2)?);
        if words[0] != "P6" || words[3] != "255" || bytes.len() - at != width * height * 3 {
            return Err(format!("not an 8-bit PPM: {words:?}, {} bytes of pixels", bytes.len() - at));
        }
        Ok(Self { width, height, pixels: bytes[at..].as_chunks().0.to_vec() })
    }

    /// The same format.
    #[must_use]
    pub fn to_ppm(&self) -> Vec<u8> {
        let mut bytes = format!("P6\n{} {}\n255\n", self.width, self.height).into_bytes();
        bytes.extend(self.pixels.as_flattened());
        bytes
    }

    /// One pixel.
    #[must_use]
    pub fn at(&self, x: usize, y: usize) -> Pixel {
        self.pixels[y * self.width + x]
    }

    /// The place of a pixel.
    fn pixel(&self, index: usize) -> Region {
        let (x, y) = (index % self.width, index / self.width);
        Region { x: x..x + 1, y: y..y + 1 }
    }

    /// All of it.
    #[must_use]
    pub fn all(&self) -> Region {
        Region { x: 0..self.width, y: 0..self.height }
    }

    /// How many colours there are.
    #[must_use]
    pub fn colours(&self) -> usize {
        self.pixels.iter().collect::<HashSet<_>>().len()
    }

    /// How many pixels of a region are picked.
    #[must_use]
    pub fn count(&self, region: &Region, pick: impl Fn(Pixel) -> bool) -> usize {
        region.y.clone().map(|y| region.x.clone().filter(|x| pick(self.at(*x, y))).count()).sum()
    }

    /// How many pixels of a region differ.
    #[must_use]
    pub fn differences(&self, other: &Self, region: &Region) -> usize {
        let differs = |x, y| self.at(x, y) != other.at(x, y);
        region.y.clone().map(|y| region.x.clone().filter(|x| differs(*x, y)).count()).sum()
    }

    /// The panels: between two lines across the window, by the gaps between them, which have the
    /// colour of the room that the tabs leave.
    ///
    /// # Errors
    /// Which line or gap is missing.
    pub fn panels(&self) -> Result<Panels, String> {
        let (width, height) = (self.width, self.height);
        let (top, bottom) = self.bars()?;
        let gap = self.at(width - 2, top + 2);
        let column =
            |x: usize, y: Range<usize>| is_nearly_all(y.clone().filter(|y| self.at(x, *y) == gap).count(), y.len());
        let row =
            |y: usize, x: Range<usize>| is_nearly_all(x.clone().filter(|x| self.at(*x, y) == gap).count(), x.len());
        // The first gap from here on: where it begins and ends.
        let columns = |from: usize, y: &Range<usize>| {
            let start = (from..width).find(|x| column(*x, y.clone()))?;
            Some((start, (start..width).find(|x| !column(*x, y.clone()))?))
        };
        let middle = top + 1..bottom;
        let (left_end, right_start) = columns(1, &middle).ok_or("no gap beside the left panel")?;
        // Below the tabs, whose room is of the gap's colour.
        let body = (top + 1..bottom).find(|y| !row(*y, right_start..width)).unwrap_or(bottom) + TABS;
        let split = (body..bottom).find(|y| row(*y, right_start..width)).ok_or("no gap above the lower panel")?;
        let upper = top + 1..split;
        let (center_end, side_start) = columns(right_start, &upper).ok_or("no gap beside the middle panel")?;
        Ok(Panels {
            top: Region { x: 0..width, y: 0..top },
            left: Region { x: 0..left_end, y: middle.clone() },
            center: Region { x: right_start..center_end, y: upper.clone() },
            right: Region { x: side_start..width, y: upper },
            lower: Region { x: right_start..width, y: split..bottom },
            bottom: Region { x: 0..width, y: bottom + 1..height },
        })
    }

    /// The two regions of the narrow layout, one above the other: between them a gap goes across
    /// the whole window, which no gap of the wide layout does.
    ///
    /// # Errors
    /// Which line or gap is missing.
    pub fn stacked(&self) -> Result<[Region; 2], String> {
        let width = self.width;
        let (top, bottom) = self.bars()?;
        let gap = self.at(width - 2, top + 2);
        let is_gap = |y: &usize| is_nearly_all((0..width).filter(|x| self.at(*x, *y) == gap).count(), width);
        // Below the tabs, whose room is of the gap's colour.
        let body = (top + 1..bottom).find(|y| !is_gap(y)).unwrap_or(bottom) + TABS;
        let upper_end = (body..bottom).find(is_gap).ok_or("no gap across the window")?;
        let lower = (upper_end..bottom).find(|y| !is_gap(y)).ok_or("nothing below the gap across the window")?;
        Ok([top + 1..upper_end, lower..bottom].map(|y| Region { x: 0..width, y }))
    }

    /// The line below the bar above, and the one above the bar below.
    fn bars(&self) -> Result<(usize, usize), String> {
        let across: Vec<usize> = (1..self.height - 2).filter(|y| self.is_row_line(*y, 0..self.width)).collect();
        match (across.first(), across.last()) {
            (Some(&top), Some(&bottom)) if bottom - top >= self.height / 2 => Ok((top, bottom)),
            (Some(_), Some(_)) => Err(format!("lines across the window at {across:?} only")),
            _ => Err("no line across the window".to_owned()),
        }
    }

    /// Whether this part of a row is of one colour, which its neighbours above and below do not
    /// have.
    fn is_row_line(&self, y: usize, x: Range<usize>) -> bool {
        let color = self.at(x.start, y);
        // At a scale of two a line is two pixels high; this is its upper row.
        let ends = |x| (y + 1..=y + 2).any(|below| self.at(x, below) != color);
        let is_line = |x| self.at(x, y) == color && self.at(x, y - 1) != color && ends(x);
        is_nearly_all(x.clone().filter(|x| is_line(*x)).count(), x.len())
    }

    /// The faces that are here and not in the earlier picture, topmost first: areas of at least
    /// this size in which nearly every pixel has changed, as when a button becomes enabled. Where
    /// only text has changed, most of the area has not.
    #[must_use]
    pub fn new_faces(&self, earlier: &Self, width: usize, height: usize) -> Vec<Region> {
        let differs = |x, y| self.at(x, y) != earlier.at(x, y);
        let mut seen = vec![false; self.pixels.len()];
        let mut faces = Vec::new();
        for start in 0..self.pixels.len() {
            let mut todo = vec![start];
            let (mut count, mut face) = (0, self.pixel(start));
            while let Some(index) = todo.pop() {
                let (x, y) = (index % self.width, index / self.width);
                if seen[index] || !differs(x, y) {
                    continue;
                }
                seen[index] = true;
                count += 1;
                face.x = face.x.start.min(x)..face.x.end.max(x + 1);
                face.y = face.y.start.min(y)..face.y.end.max(y + 1);
                todo.extend((x > 0).then(|| index - 1));
                todo.extend((x + 1 < self.width).then_some(index + 1));
                todo.extend((y > 0).then(|| index - self.width));
                todo.extend((y + 1 < self.height).then_some(index + self.width));
            }
            if count > 0
                && face.x.len() >= width
                && face.y.len() >= height
                && count * 10 >= face.x.len() * face.y.len() * 9
            {
                faces.push(face);
            }
        }
        faces
    }
}

/// Tabs are at least this high, in pixels.
const TABS: usize = 24;

/// Another line may cross, or end, at a line.
fn is_nearly_all(count: usize, of: usize) -> bool {
    count * 100 >= of * 97
}

/// Whether this is the red of errors, in the light theme or in the dark one.
#[must_use]
pub fn is_red([red, green, blue]: Pixel) -> bool {
    red > green.saturating_add(90) && red > blue.saturating_add(90)
}

/// How much greener than red and blue a pixel is, or redder than green and blue, at least, to be
/// tinted: the ground of a line that was added or removed is barely so.
const TINT: u8 = 3;

/// Whether this is green, be it only the tint of a ground.
#[must_use]
pub fn is_greenish([red, green, blue]: Pixel) -> bool {
    green > red.saturating_add(TINT) && green > blue.saturating_add(TINT)
}

/// Whether this is red, be it only the tint of a ground.
#[must_use]
pub fn is_reddish([red, green, blue]: Pixel) -> bool {
    red > green.saturating_add(TINT) && red > blue.saturating_add(TINT)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GREY: Pixel = [27, 29, 33];
    const LINE: Pixel = [54, 58, 66];

    const GAP: Pixel = [13, 15, 17];

    /// A window with its lines and gaps, and a button that is disabled.
    fn window() -> Picture {
        let mut picture = Picture { width: 240, height: 160, pixels: vec![GREY; 240 * 160] };
        picture.fill(&Region { x: 0..240, y: 10..11 }, LINE);
        picture.fill(&Region { x: 0..240, y: 150..151 }, LINE);
        for (x, y) in [(0..240, 11..36), (40..44, 11..150), (44..240, 90..94), (44..240, 94..118), (140..144, 11..90)] {
            picture.fill(&Region { x, y }, GAP);
        }
        // Tabs: one that is shown in each panel, and text.
        for (x, y) in [(0..20, 13..36), (44..70, 13..36), (144..170, 13..36), (44..70, 96..118)] {
            picture.fill(&Region { x, y }, GREY);
        }
        picture.fill(&Region { x: 60..80, y: 2..8 }, [30, 32, 36]);
        picture
    }

    impl Picture {
        fn fill(&mut self, region: &Region, pixel: Pixel) {
            for y in region.y.clone() {
                self.pixels[y * self.width..][region.x.clone()].fill(pixel);
            }
        }
    }

    #[test]
    fn panels_lie_between_gaps() {
        let panels = window().panels().unwrap();
        assert_eq!(panels.left, Region { x: 0..40, y: 11..150 });
        assert_eq!(panels.center, Region { x: 44..140, y: 11..90 });
        assert_eq!(panels.right, Region { x: 144..240, y: 11..90 });
        assert_eq!(panels.lower, Region { x: 44..240, y: 90..150 });
        let mut broken = window();
        // The gap, and the room above the tabs.
        broken.fill(&Region { x: 100..120, y: 90..96 }, GREY);
        assert!(broken.panels().unwrap_err().contains("lower"));
        assert!(Picture { pixels: vec![[0; 3]; 240 * 160], ..window() }.panels().is_err());
    }

    #[test]
    fn stacked_regions_have_a_gap_across_the_window_between_them() {
        let wide = window();
        assert_eq!(wide.stacked(), Err("no gap across the window".to_owned()));
        let mut narrow = Picture { pixels: vec![GREY; 240 * 160], ..window() };
        for (y, pixel) in [(10..11, LINE), (150..151, LINE), (11..36, GAP), (90..118, GAP)] {
            narrow.fill(&Region { x: 0..240, y }, pixel);
        }
        for y in [13..36, 96..118] {
            narrow.fill(&Region { x: 0..30, y }, GREY);
        }
        assert_eq!(narrow.stacked(), Ok([Region { x: 0..240, y: 11..90 }, Region { x: 0..240, y: 96..150 }]));
        assert!(narrow.panels().is_err());
    }

    #[test]
    fn a_face_is_new_where_all_has_changed() {
        let (before, mut after) = (window(), window());
        after.fill(&Region { x: 60..80, y: 2..8 }, [45, 49, 56]);
        // Text.
        for x in (10..30).step_by(2) {
            after.fill(&Region { x: x..x + 1, y: 2..8 }, [200; 3]);
            after.fill(&Region { x: x..x + 2, y: 5..6 }, [200; 3]);
        }
        assert_eq!(after.new_faces(&before, 10, 5), [Region { x: 60..80, y: 2..8 }]);
        assert_eq!(after.new_faces(&before, 10, 5)[0].center(), (70, 5));
        assert!(after.new_faces(&after, 1, 1).is_empty());
        assert_eq!(after.differences(&before, &Region { x: 60..80, y: 0..5 }), 60);
    }

    #[test]
    fn the_format_is_read_and_written() {
        let picture = window();
        assert_eq!(Picture::from_ppm(&picture.to_ppm()), Ok(picture.clone()));
        assert_eq!(picture.colours(), 4);
        for bad in [&b"P6\n1 1\n255"[..], b"P6\n1 1\n65535\n123456", b"P6\n2 1\n255\n123"] {
            assert!(Picture::from_ppm(bad).is_err());
        }
    }

    #[test]
    fn a_tint_is_told_from_grey_and_from_blue() {
        // The grounds of a removed line and of an added one, of the two outcomes, text, the selection.
        for (pixel, expected) in [
            ([51, 37, 39], (false, true)),
            ([32, 46, 39], (true, false)),
            ([56, 51, 41], (false, true)),
            ([39, 54, 48], (true, false)),
            (GREY, (false, false)),
            (GAP, (false, false)),
            ([0xd3, 0xd8, 0xdf], (false, false)),
            ([0x25, 0x3d, 0x52], (false, false)),
        ] {
            assert_eq!((is_greenish(pixel), is_reddish(pixel)), expected, "{pixel:?}");
        }
    }

    #[test]
    fn red_is_what_is_wrong() {
        for red in [[0xff, 0x7b, 0x72], [0xb3, 0x1d, 0x28]] {
            assert!(is_red(red));
        }
        for other in [GREY, [0xe8, 0xb9, 0x5a], [255; 3], [0xc4, 0xa7, 0xff]] {
            assert!(!is_red(other));
        }
    }
}
