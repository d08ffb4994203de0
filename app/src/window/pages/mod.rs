//! The pages that fill the window in place of the workbench.

pub(super) mod experiment;
mod experiment_lines;

use eframe::egui::Ui;

use super::actions::Action;
use super::view_state::{Page, ViewState};
use super::widgets::empty_state;
use crate::model::Model;

/// Draws a page.
pub(super) fn page_ui(ui: &mut Ui, page: Page, model: &Model, view: &mut ViewState) -> Option<Action> {
    if page == Page::Experiment {
        return experiment::experiment_ui(ui, model);
    }
    empty_state(ui, &Action::ShowPage(page).label(view.language), "");
    None
}
