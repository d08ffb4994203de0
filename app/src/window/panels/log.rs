//! Log: what happened in this session.

use eframe::egui::{Align, Label, RichText, ScrollArea, Ui};
use exuvia_runtime::ids::Timestamp;

use super::super::figure::shown;
use super::super::theme::Palette;
use super::super::widgets::{empty_state, well};
use crate::model::Log;
use crate::text::Language;

/// Draws the panel.
pub(crate) fn log_ui(ui: &mut Ui, log: &Log, now: Timestamp) {
    well(ui, |ui| lines_ui(ui, log, now));
}

fn lines_ui(ui: &mut Ui, log: &Log, now: Timestamp) {
    if log.entries().len() == 0 {
        empty_state(ui, "Nothing happened yet", "Builds, activations, faults and notices of this session appear here.");
        return;
    }
    let palette = Palette::at(ui);
    ScrollArea::vertical().id_salt("log").auto_shrink(false).stick_to_bottom(true).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for entry in log.entries() {
            let color = entry.tone.map_or(palette.text, |tone| palette.tone(tone));
            ui.horizontal_top(|ui| {
                let age = RichText::new(Language::at(ui).age(entry.at, now)).small().weak();
                ui.add_sized([72.0, 18.0], Label::new(age).selectable(false).halign(Align::Min));
                ui.add(Label::new(RichText::new(shown(ui, &entry.text)).color(color)).wrap());
            });
        }
    });
}
