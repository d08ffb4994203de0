//! The pages that fill the window in place of the workbench.

pub(super) mod settings;
pub(super) mod welcome;

use eframe::egui::Ui;
use exuvia_runtime::ids::Timestamp;

use super::actions::Action;
use super::view_state::{Page, ViewState};
use super::widgets::empty_state;
use crate::model::Model;

/// Draws a page.
pub(super) fn page_ui(ui: &mut Ui, page: Page, model: &Model, view: &mut ViewState, now: Timestamp) -> Option<Action> {
    match page {
        Page::Welcome => welcome::welcome_ui(ui, model, view, now),
        Page::Settings => settings::settings_ui(ui, model, view),
        Page::Workbench | Page::Experiment => {
            empty_state(ui, &Action::ShowPage(page).label(view.language), "");
            None
        }
    }
}
