//! The pages that fill the window in place of the workbench.

use eframe::egui::Ui;

use super::actions::Action;
use super::view_state::{Page, ViewState};
use super::widgets::empty_state;
use crate::model::Model;

/// Draws a page.
pub(super) fn page_ui(ui: &mut Ui, page: Page, _model: &Model, view: &mut ViewState) -> Option<Action> {
    empty_state(ui, &Action::ShowPage(page).label(view.language), "");
    None
}
