//! The pages that fill the window in place of the workbench.

pub(super) mod experiment;
mod experiment_lines;
pub(super) mod settings;
pub(super) mod welcome;

use eframe::egui::Ui;
use exuvia_runtime::ids::Timestamp;

use super::actions::Action;
use super::view_state::{Page, ViewState};
use crate::model::Model;

/// Draws a page.
pub(super) fn page_ui(ui: &mut Ui, page: Page, model: &Model, view: &mut ViewState, now: Timestamp) -> Option<Action> {
    match page {
        Page::Welcome => welcome::welcome_ui(ui, model, view, now),
        Page::Settings => settings::settings_ui(ui, model, view),
        Page::Experiment => experiment::experiment_ui(ui, model),
        // It is the dock's.
        Page::Workbench => None,
    }
}
