//! The panels of the workbench, a file each: first plain data, then a function that draws it.

pub(super) mod argument_fields;
mod call_lines;
pub(super) mod calls;
pub(super) mod change;
mod change_lines;
pub(super) mod details;
mod details_facts;
mod lines;
pub(super) mod log;
mod memory;
pub(super) mod output;
mod problem_list;
pub(super) mod problems;
mod stage_bar;
pub(super) mod state;
mod state_rows;
pub(super) mod timeline;
mod version_rows;
pub(super) mod versions;
pub(super) mod versions_state;

use eframe::egui::{RichText, Ui, WidgetText};
use exuvia_runtime::ids::Timestamp;

use super::actions::Action;
use super::dock::{Panel, Panels};
use super::theme::Palette;
use super::view_state::ViewState;
use crate::model::Model;

/// Draws the panels, and collects what is asked for.
pub(super) struct Workbench<'a> {
    /// What is known.
    pub(super) model: &'a Model,
    /// What the panels scroll and type in.
    pub(super) view: &'a mut ViewState,
    /// What ages count from.
    pub(super) now: Timestamp,
    /// The theme's colours, for the tabs.
    pub(super) palette: &'static Palette,
    /// What was asked for.
    pub(super) action: Option<Action>,
}

impl Panels for Workbench<'_> {
    fn panel_ui(&mut self, ui: &mut Ui, panel: Panel) {
        let Self { model, view, now, .. } = self;
        let asked = match panel {
            Panel::Versions => versions::versions_ui(ui, model, view, *now),
            Panel::Calls => calls::calls_ui(ui, model, view),
            Panel::Problems => problems::problems_ui(ui, model, view),
            Panel::State => state::state_ui(ui, model, view),
            Panel::Change => change::change_ui(ui, model, view, *now),
            Panel::Details => details::details_ui(ui, model, view, *now),
            Panel::Memory => memory::memory_ui(ui, model, view.language, *now),
            Panel::Output => output::output_ui(ui, model, view),
            Panel::Log => log::log_ui(ui, model, view, *now),
            Panel::Timeline => timeline::timeline_ui(ui, model, view),
        };
        self.action = asked.or(self.action.take());
    }

    fn tab_title(&self, panel: Panel) -> WidgetText {
        let l = self.view.language;
        let (title, tone) = match panel {
            Panel::Problems => problems::title(self.model, l),
            Panel::Output => match self.model.output.len() {
                0 => (panel.title(l).to_owned(), None),
                lines => (format!("{} ({lines})", panel.title(l)), None),
            },
            _ => (panel.title(l).to_owned(), None),
        };
        match tone {
            Some(tone) => RichText::new(title).color(self.palette.tone(tone)).into(),
            None => title.into(),
        }
    }
}
