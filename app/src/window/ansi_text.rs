//! Text with ANSI colours, laid out in the theme's colours.

use eframe::egui::text::{LayoutJob, TextFormat};
use eframe::egui::{Color32, FontId};

use super::theme::{Palette, readable};
use crate::model::ansi::{self, Color, Look};

/// Lays out text with ANSI colours. It is not wrapped: compilers draw under their lines.
pub(crate) fn layout(text: &str, font: &FontId, palette: &Palette) -> LayoutJob {
    let mut job = LayoutJob::default();
    job.wrap.max_width = f32::INFINITY;
    for span in ansi::spans(text) {
        let format = TextFormat { font_id: font.clone(), color: color(span.look, palette), ..TextFormat::default() };
        job.append(&span.text, 0.0, format);
    }
    job
}

fn color(look: Look, palette: &Palette) -> Color32 {
    match look.color {
        // There is no bold font: what is bold and has no colour stands out by its strength.
        None if look.bold => palette.strong,
        None => palette.text,
        Some(Color::Indexed(index)) => match palette.ansi.get(usize::from(index)) {
            Some(color) => *color,
            None => readable(of_palette(index), palette.text, palette.well),
        },
        Some(Color::Rgb(r, g, b)) => readable(Color32::from_rgb(r, g, b), palette.text, palette.well),
    }
}

/// Colours 16 to 255 as xterm has them: a cube of 6 × 6 × 6 and 24 greys.
fn of_palette(index: u8) -> Color32 {
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    match index.checked_sub(232) {
        Some(grey) => Color32::from_gray(8 + 10 * grey),
        None => {
            let index = usize::from(index.saturating_sub(16));
            Color32::from_rgb(STEPS[index / 36 % 6], STEPS[index / 6 % 6], STEPS[index % 6])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui::Theme;

    #[test]
    fn spans_become_sections_with_the_themes_colours() {
        let palette = Palette::of(Theme::Dark);
        let job = layout(
            "\u{1b}[1m\u{1b}[38;5;9merror\u{1b}[0m\u{1b}[1m: no\u{1b}[0m\n1 |",
            &FontId::monospace(13.0),
            palette,
        );
        assert_eq!(job.text, "error: no\n1 |");
        let colors: Vec<_> = job.sections.iter().map(|section| section.format.color).collect();
        assert_eq!(colors, [palette.ansi[9], palette.strong, palette.text]);
    }

    #[test]
    fn the_cube_and_the_greys_are_xterms() {
        for (index, (r, g, b)) in
            [(16, (0, 0, 0)), (21, (0, 0, 255)), (196, (255, 0, 0)), (232, (8, 8, 8)), (255, (238, 238, 238))]
        {
            assert_eq!(of_palette(index), Color32::from_rgb(r, g, b), "{index}");
        }
    }
}
