//! Screenshots: asked of the toolkit, cut to a panel where one is wanted, copied to the clipboard,
//! and handed to the chores to be written.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use eframe::egui::{Color32, ColorImage, Context, Rect, ScreenshotCallback, ViewportCommand};
use exuvia_raster::Picture;
use exuvia_runtime::ids::Timestamp;

use super::dock::{Dock, Panel};
use crate::chores::Chore;
use crate::model::moment;
use crate::text::Language;

/// What the toolkit gives: of what, and the whole window's pixels.
type Taken = (Option<Panel>, Arc<ColorImage>);

/// Screenshots under way.
#[derive(Debug)]
pub(super) struct Shots {
    sender: Sender<Taken>,
    taken: Receiver<Taken>,
}

impl Default for Shots {
    fn default() -> Self {
        let (sender, taken) = channel();
        Self { sender, taken }
    }
}

/// A screenshot.
#[derive(Debug)]
pub(super) struct Shot {
    of: Option<Panel>,
    picture: Picture,
}

impl Shots {
    /// Asks for a picture of the next frame.
    pub(super) fn ask(&self, ctx: &Context, of: Option<Panel>) {
        let (sender, waker) = (self.sender.clone(), ctx.clone());
        let callback = ScreenshotCallback::new(move |image| {
            // A window that is gone wants no picture.
            if sender.send((of, image)).is_ok() {
                waker.request_repaint();
            }
        });
        ctx.send_viewport_cmd(ViewportCommand::Screenshot(callback));
    }

    /// Those that were taken, with a copy of each on the clipboard; or the panel that could not be seen.
    pub(super) fn take(&self, ctx: &Context, dock: &Dock) -> Vec<Result<Shot, Panel>> {
        let shots = self.taken.try_iter().map(|(of, image)| {
            let image = match of {
                None => ColorImage::clone(&image),
                Some(panel) => dock
                    .rect(panel)
                    .and_then(|rect| pixels(rect, ctx.pixels_per_point(), image.size))
                    .map(|[left, top, right, bottom]| cut(&image, [left, top], [right, bottom]))
                    .ok_or(panel)?,
            };
            let rgba = image.pixels.iter().flat_map(Color32::to_srgba_unmultiplied).collect();
            let [width, height] = image.size.map(|side| u32::try_from(side).unwrap_or(u32::MAX));
            ctx.copy_image(image);
            Ok(Shot { of, picture: Picture { width, height, rgba } })
        });
        shots.collect()
    }
}

impl Shot {
    /// Has it written, under a name that says of what and when it is.
    pub(super) fn chore(self, guest: Option<&str>, at: Timestamp, l: Language) -> Chore {
        let day = moment::date(at);
        let name = match guest {
            Some(guest) => format!("exuvia-{guest}-{day}"),
            None => format!("exuvia-{day}"),
        };
        let of = self.of.map_or("window", |panel| panel.title(Language::English));
        let title = format!("{}, {of}, {}", guest.unwrap_or("Exuvia"), moment::long(at));
        Chore::SavePicture { name, picture: self.picture, title, what: l.the_screenshot().to_owned() }
    }
}

/// The pixels that a rectangle in points covers: left, top, right and bottom; `None` if there are none.
fn pixels(rect: Rect, scale: f32, [width, height]: [usize; 2]) -> Option<[usize; 4]> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "cut to what there is")]
    let within = |points: f32, most: usize| ((points * scale).round().max(0.0) as usize).min(most);
    let [left, right] = [rect.left(), rect.right()].map(|x| within(x, width));
    let [top, bottom] = [rect.top(), rect.bottom()].map(|y| within(y, height));
    (left < right && top < bottom).then_some([left, top, right, bottom])
}

fn cut(image: &ColorImage, [left, top]: [usize; 2], [right, bottom]: [usize; 2]) -> ColorImage {
    let rows = image.pixels.chunks_exact(image.size[0].max(1)).take(bottom).skip(top);
    let pixels = rows.flat_map(|row| row[left..right].iter().copied()).collect();
    ColorImage::new([right - left, bottom - top], pixels)
}

#[cfg(test)]
mod tests {
    use eframe::egui::Pos2;

    use super::*;

    #[test]
    fn a_panel_is_cut_out_of_the_window() {
        let rect = |x0, y0, x1, y1| Rect::from_min_max(Pos2::new(x0, y0), Pos2::new(x1, y1));
        for (rect, scale, expected) in [
            (rect(1.0, 2.0, 3.0, 4.0), 1.0, Some([1, 2, 3, 4])),
            (rect(1.0, 2.0, 3.0, 4.0), 2.0, Some([2, 4, 6, 8])),
            (rect(-5.0, 0.0, 100.0, 100.0), 1.0, Some([0, 0, 10, 8])),
            (rect(20.0, 0.0, 30.0, 5.0), 1.0, None),
            (rect(f32::NAN, 0.0, f32::NAN, 5.0), 1.0, None),
        ] {
            assert_eq!(pixels(rect, scale, [10, 8]), expected, "{rect:?}");
        }
        let gray = |x: usize, y: usize| Color32::from_gray(u8::try_from(10 * y + x).unwrap());
        let image = ColorImage::new([4, 3], (0..12).map(|at| gray(at % 4, at / 4)).collect());
        let part = cut(&image, [1, 1], [3, 3]);
        assert_eq!((part.size, part.pixels), ([2, 2], vec![gray(1, 1), gray(2, 1), gray(1, 2), gray(2, 2)]));
    }
}
