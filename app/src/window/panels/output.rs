//! Output: what the guest wrote, with the version that wrote it.

use eframe::egui::{Label, RichText, ScrollArea, TextStyle, Ui};
use exuvia_runtime::session::Stream;
use exuvia_runtime::session::status::Tone;

use super::super::actions::Action;
use super::super::theme::Palette;
use super::super::widgets::{Offer, action_button, empty_state, well};
use crate::model::{Model, Output};

/// Draws the panel.
pub(crate) fn output_ui(ui: &mut Ui, model: &Model) -> Option<Action> {
    let action = action_button(ui, &Offer::new(Action::ClearOutput, model));
    well(ui, |ui| lines_ui(ui, &model.output));
    action
}

fn lines_ui(ui: &mut Ui, output: &Output) {
    if output.is_empty() {
        empty_state(
            ui,
            "No output yet",
            "What the guest writes with println! or eprintln! appears here, with the version that wrote it.",
        );
        return;
    }
    let palette = Palette::at(ui);
    let font = TextStyle::Monospace.resolve(ui.style());
    let height = ui.fonts_mut(|fonts| fonts.row_height(&font));
    ui.spacing_mut().item_spacing.y = 2.0;
    // It follows the end until somebody scrolls up, and again when they are back at the end.
    ScrollArea::both().id_salt("output").auto_shrink(false).stick_to_bottom(true).show_rows(
        ui,
        height,
        output.len(),
        |ui, rows| {
            for line in output.range(rows) {
                ui.horizontal(|ui| {
                    let (stream, color) = match line.stream {
                        Stream::Stdout => ("out", palette.weak),
                        Stream::Stderr => ("err", palette.tone(Tone::Attention)),
                    };
                    let mark = format!("{:>4} {stream}", line.version.to_string());
                    ui.add(Label::new(RichText::new(mark).monospace().color(color)).selectable(false));
                    ui.add(Label::new(RichText::new(&line.text).monospace()).extend());
                });
            }
        },
    );
}
