//! Which pixels a triangle covers: those whose middle lies inside, and of the middles that lie on
//! an edge those of top and left edges. So each pixel along an edge that two triangles share
//! belongs to exactly one of them.
//!
//! Corners are kept to 1/256 of a pixel, as adapters do, and all is counted in whole numbers.

use std::ops::Range;

/// Parts of a pixel that a corner can lie at.
const PARTS: i64 = 256;
/// Corners farther out are moved here: the products below stay far from overflow.
const FARTHEST: f32 = 1_000_000.0;

/// A rectangle of whole pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clip {
    pub(crate) left: i64,
    pub(crate) top: i64,
    pub(crate) right: i64,
    pub(crate) bottom: i64,
}

/// A triangle with some area, its corners in clockwise order as seen on the screen.
pub(crate) struct Triangle {
    corners: [[i64; 2]; 3],
    /// Whether the second and third corner were exchanged.
    pub(crate) exchanged: bool,
    /// Twice its area, in square parts.
    area: i64,
}

impl Triangle {
    /// A triangle from corners in pixels. None if it has no area, or a corner is no number.
    pub(crate) fn new(corners: [[f32; 2]; 3]) -> Option<Self> {
        if corners.iter().flatten().any(|at| at.is_nan()) {
            return None;
        }
        let part = |at: f32| (at.clamp(-FARTHEST, FARTHEST) * PARTS as f32).round() as i64;
        let [a, mut b, mut c] = corners.map(|corner| corner.map(part));
        let mut area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
        let exchanged = area < 0;
        if exchanged {
            std::mem::swap(&mut b, &mut c);
            area = -area;
        }
        (area > 0).then_some(Self { corners: [a, b, c], exchanged, area })
    }

    /// The rows that may have covered pixels.
    pub(crate) fn rows(&self, clip: &Clip) -> Range<i64> {
        let heights = self.corners.map(|corner| corner[1]);
        let (top, bottom) = heights.iter().fold((i64::MAX, i64::MIN), |(top, bottom), y| (top.min(*y), bottom.max(*y)));
        top.div_euclid(PARTS).max(clip.top)..(bottom.div_euclid(PARTS) + 1).min(clip.bottom)
    }

    /// The covered pixels of a row, within the clip.
    pub(crate) fn columns(&self, row: i64, clip: &Clip) -> Range<i64> {
        let (mut left, mut right) = (clip.left, clip.right);
        let middle = row * PARTS + PARTS / 2;
        for edge in 0..3 {
            let (from, to) = (self.corners[edge], self.corners[(edge + 1) % 3]);
            let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
            let counts = dy < 0 || (dy == 0 && dx > 0);
            // Inside is where `inside - PARTS * dy * column >= 0`.
            let inside = dx * (middle - from[1]) - dy * (PARTS / 2 - from[0]) - i64::from(!counts);
            match dy {
                0 if inside < 0 => right = left,
                0 => {}
                1.. => right = right.min(inside.div_euclid(PARTS * dy) + 1),
                _ => left = left.max(-inside.div_euclid(PARTS * -dy)),
            }
        }
        if left < right { left..right } else { clip.left..clip.left }
    }

    /// How a value that is given at the corners changes over the triangle. The values are in the
    /// order in which [`Triangle::new`] got the corners.
    pub(crate) fn slope(&self, values: [f64; 3]) -> Slope {
        let [at_a, mut at_b, mut at_c] = values;
        if self.exchanged {
            std::mem::swap(&mut at_b, &mut at_c);
        }
        let [a, b, c] = self.corners.map(|corner| corner.map(|at| at as f64 / PARTS as f64));
        let area = self.area as f64 / (PARTS * PARTS) as f64;
        let (b_rise, c_rise) = (at_b - at_a, at_c - at_a);
        let right = (b_rise * (c[1] - a[1]) - c_rise * (b[1] - a[1])) / area;
        let down = (c_rise * (b[0] - a[0]) - b_rise * (c[0] - a[0])) / area;
        // At the middle of the pixel 0, 0.
        let start = at_a + (0.5 - a[0]) * right + (0.5 - a[1]) * down;
        Slope { start, right, down }
    }
}

/// A value that changes evenly.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slope {
    start: f64,
    /// The change from a pixel to the next.
    pub(crate) right: f64,
    /// The change from a row to the next.
    pub(crate) down: f64,
}

impl Slope {
    /// The value at the middle of a pixel.
    pub(crate) fn at(&self, column: i64, row: i64) -> f64 {
        self.start + column as f64 * self.right + row as f64 * self.down
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIP: Clip = Clip { left: 0, top: 0, right: 16, bottom: 16 };

    fn covered(corners: [[f32; 2]; 3]) -> Vec<(i64, i64)> {
        let Some(triangle) = Triangle::new(corners) else { return Vec::new() };
        triangle.rows(&CLIP).flat_map(|y| triangle.columns(y, &CLIP).map(move |x| (x, y))).collect()
    }

    #[test]
    fn a_rectangle_of_two_triangles_has_each_pixel_once() {
        for [left, top, right, bottom] in [
            [2.0, 3.0, 9.0, 7.0],
            // Edges through the middles of pixels: top and left count, bottom and right do not.
            [1.5, 1.5, 4.5, 6.5],
            [0.3, 0.7, 11.2, 15.9],
            [-5.0, -7.0, 30.0, 40.0],
        ] {
            let (a, b, c, d) = ([left, top], [right, top], [right, bottom], [left, bottom]);
            let inside = |low: f32, high: f32, at: i64| low <= at as f32 + 0.5 && at as f32 + 0.5 < high;
            let expected: Vec<(i64, i64)> = (0..16)
                .flat_map(|y| (0..16).map(move |x| (x, y)))
                .filter(|(x, y)| inside(left, right, *x) && inside(top, bottom, *y))
                .collect();
            assert!(!expected.is_empty());
            for [first, second] in [[[a, b, c], [a, c, d]], [[c, b, a], [a, d, c]], [[a, b, d], [d, b, c]]] {
                let mut both = covered(first);
                both.extend(covered(second));
                both.sort_by_key(|(x, y)| (*y, *x));
                assert_eq!(both, expected, "{left} {top} {right} {bottom}");
            }
        }
    }

    #[test]
    fn a_fan_covers_no_pixel_twice() {
        let middle = [8.0, 8.0];
        let rim: Vec<[f32; 2]> = (0..=23_u8)
            .map(|step| std::f32::consts::TAU * f32::from(step % 23) / 23.0)
            .map(|angle| [8.0 + 7.0 * angle.cos(), 8.0 + 7.0 * angle.sin()])
            .collect();
        let mut all: Vec<_> = rim.windows(2).flat_map(|pair| covered([middle, pair[0], pair[1]])).collect();
        let drawn = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), drawn);
        assert!((140..=160).contains(&drawn), "about 49 pi: {drawn}");
    }

    #[test]
    fn what_has_no_area_or_lies_outside_covers_nothing() {
        for corners in [
            [[1.0, 1.0], [5.0, 5.0], [9.0, 9.0]],
            [[f32::NAN, 1.0], [5.0, 5.0], [9.0, 1.0]],
            [[-9.0, 1.0], [-5.0, 5.0], [-1.0, 1.0]],
            [[1.0, 20.0], [5.0, 30.0], [9.0, 20.0]],
        ] {
            assert_eq!(covered(corners), [], "{corners:?}");
        }
        let everything = covered([[f32::NEG_INFINITY, -9.0], [f32::INFINITY, -9.0], [0.0, f32::INFINITY]]);
        assert_eq!(everything.len(), 256);
    }

    #[test]
    fn values_are_met_at_the_corners() {
        for corners in [[[0.5, 0.5], [8.5, 0.5], [0.5, 4.5]], [[0.5, 0.5], [0.5, 4.5], [8.5, 0.5]]] {
            let slope = Triangle::new(corners).unwrap().slope([10.0, 20.0, 40.0]);
            let at = |corner: [f32; 2]| slope.at(corner[0] as i64, corner[1] as i64);
            assert_eq!(corners.map(at), [10.0, 20.0, 40.0]);
        }
    }
}
