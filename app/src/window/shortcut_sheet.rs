//! All keys on one page.

use eframe::egui::{Grid, RichText, ScrollArea, Ui};

use super::actions::{Reach, all};
use super::theme::Palette;
use crate::text::Language;

/// Draws the sheet's content, in as many columns as fit.
pub(crate) fn shortcut_sheet_ui(ui: &mut Ui) {
    let l = Language::at(ui);
    let palette = Palette::at(ui);
    ScrollArea::vertical().auto_shrink([false, true]).show(ui, |ui| {
        Grid::new("shortcuts").num_columns(3).striped(true).spacing([24.0, 4.0]).show(ui, |ui| {
            for action in all() {
                let keys: Vec<_> = action.shortcuts().iter().map(|shortcut| shortcut.text(ui.ctx())).collect();
                let Some(first) = action.shortcuts().first() else { continue };
                ui.label(RichText::new(keys.join("   ")).monospace().color(palette.strong));
                ui.label(action.label(l));
                let when = match first.reach {
                    Reach::Versions => l.while_on_versions(),
                    Reach::NotTyping => l.while_not_typing(),
                    Reach::Experiment => l.while_on_experiment(),
                    Reach::Everywhere | Reach::InLines | Reach::Egui => "",
                };
                ui.label(RichText::new(when).small().color(palette.weak));
                ui.end_row();
            }
        });
        ui.add_space(6.0);
        ui.label(RichText::new(l.shortcuts_also()).color(palette.weak));
    });
}
