//! The pages that fill the window in place of the workbench.

pub(super) mod experiment;
mod experiment_lines;
mod numbers;
pub(super) mod settings;
pub(super) mod welcome;

use eframe::egui::{Button, ScrollArea, TextStyle, Ui};
use exuvia_runtime::ids::Timestamp;

use super::actions::Action;
use super::view_state::{Page, ViewState};
use super::widgets::text_width;
use crate::model::Model;
use crate::text::Language;

/// Draws a page.
pub(super) fn page_ui(ui: &mut Ui, page: Page, model: &Model, view: &mut ViewState, now: Timestamp) -> Option<Action> {
    match page {
        Page::Welcome => welcome::welcome_ui(ui, model, view, now),
        Page::Settings => settings::settings_ui(ui, model, view),
        Page::Experiment => experiment::experiment_ui(ui, model, view.figure.is_none()),
        // It is the dock's.
        Page::Workbench => None,
    }
}

/// A page's only column, no wider than this (in points), in the middle, and scrolled as a whole.
fn column_ui<R>(ui: &mut Ui, name: &str, widest: f32, content: impl FnOnce(&mut Ui) -> R) -> R {
    // The bar stands beside the column, not above it.
    let scroll = &mut ui.spacing_mut().scroll;
    scroll.floating_allocated_width = scroll.bar_width + scroll.bar_inner_margin;
    let area = ScrollArea::vertical().id_salt(name).auto_shrink(false).show(ui, |ui| {
        let width = ui.available_width().min(widest);
        let left = ((ui.available_width() - width) / 2.0).floor();
        let row = ui.horizontal_top(|ui| {
            ui.add_space(left);
            let column = ui.vertical(|ui| {
                ui.set_width(width);
                content(ui)
            });
            column.inner
        });
        row.inner
    });
    area.inner
}

/// Where the way back leads, in words.
fn back_words(model: &Model, l: Language) -> &'static str {
    match Page::home(model) {
        Page::Welcome => l.back_to_welcome(),
        Page::Workbench | Page::Experiment | Page::Settings => l.welcome_back(),
    }
}

/// The way back, beside a page's title.
fn back_ui(ui: &mut Ui, model: &Model) -> Option<Action> {
    let l = Language::at(ui);
    let clicked = ui.add(Button::new(back_words(model, l))).on_hover_text(l.back_hint()).clicked();
    clicked.then(|| Action::ShowPage(Page::home(model)))
}

/// How wide it is, with the gap beside it.
fn back_width(ui: &Ui, model: &Model) -> f32 {
    let words = text_width(ui, back_words(model, Language::at(ui)), TextStyle::Button.resolve(ui.style()));
    words + 2.0 * ui.spacing().button_padding.x + ui.spacing().item_spacing.x
}
