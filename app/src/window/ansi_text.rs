//! Text with ANSI colours, laid out in the theme's colours.

use std::ops::Range;

use eframe::egui::text::{LayoutJob, TextFormat};
use eframe::egui::{Color32, FontId};

use super::theme::{Palette, readable};
use crate::model::ansi::{Color, Look, Span};

/// Lays out a line with its colours. It is not wrapped: compilers draw under their lines. What lies
/// in `marked` (bytes of the whole text, in order) stands out.
pub(crate) fn layout(spans: &[Span], marked: &[Range<usize>], font: &FontId, palette: &Palette) -> LayoutJob {
    let mut job = LayoutJob::default();
    job.wrap.max_width = f32::INFINITY;
    let mut marked = marked.iter().peekable();
    for span in spans {
        let plain = TextFormat { font_id: font.clone(), color: color(span.look, palette), ..TextFormat::default() };
        let found = TextFormat { color: palette.strong, background: palette.selected, ..plain.clone() };
        let begin = job.text.len();
        let mut rest = span.text.as_str();
        while !rest.is_empty() {
            let at = begin + span.text.len() - rest.len();
            while marked.next_if(|range| range.end <= at).is_some() {}
            let (until, format) = match marked.peek() {
                Some(range) if range.start <= at => (range.end - at, &found),
                Some(range) => (range.start - at, &plain),
                None => (rest.len(), &plain),
            };
            let (piece, after) = rest.split_at(until.min(rest.len()));
            job.append(piece, 0.0, format.clone());
            rest = after;
        }
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
    use crate::model::ansi;
    use eframe::egui::Theme;

    #[test]
    fn spans_become_sections_with_the_themes_colours() {
        let palette = Palette::of(Theme::Dark);
        let spans = ansi::spans("\u{1b}[1m\u{1b}[38;5;9merror\u{1b}[0m\u{1b}[1m: no\u{1b}[0m\n1 |");
        let job = layout(&spans, &[], &FontId::monospace(13.0), palette);
        assert_eq!(job.text, "error: no\n1 |");
        let colors: Vec<_> = job.sections.iter().map(|section| section.format.color).collect();
        assert_eq!(colors, [palette.ansi[9], palette.strong, palette.text]);
    }

    #[test]
    #[allow(clippy::single_range_in_vec_init, reason = "lists of ranges; clippy does not see an expectation here")]
    fn what_is_marked_stands_out_also_across_spans() {
        let palette = Palette::of(Theme::Dark);
        let spans = ansi::spans("a\u{1b}[31mbc\u{1b}[0mde");
        for (marked, expected) in [
            (&[][..], vec![("a", false), ("bc", false), ("de", false)]),
            (&[(0, 1)], vec![("a", true), ("bc", false), ("de", false)]),
            (&[(2, 4)], vec![("a", false), ("b", false), ("cd", true), ("e", false)]),
            (&[(0, 1), (3, 4)], vec![("a", true), ("bc", false), ("d", true), ("e", false)]),
        ] {
            let marked: Vec<_> = marked.iter().map(|&(start, end): &(usize, usize)| start..end).collect();
            let job = layout(&spans, &marked, &FontId::monospace(13.0), palette);
            let pieces: Vec<_> = job
                .sections
                .iter()
                .map(|section| {
                    (
                        &job.text[section.byte_range.start.0..section.byte_range.end.0],
                        section.format.background == palette.selected,
                    )
                })
                .collect();
            assert_eq!(pieces, expected, "{marked:?}");
        }
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
