//! The name of each action and what it does in a sentence, from [`crate::text`].

use super::super::dock::Panel;
use super::super::view_state::{Overlay, Page};
use super::Action;
use crate::editor::Place;
use crate::text::Language;

impl Action {
    /// Its name, as buttons, menus and the palette show it.
    pub(crate) fn label(&self, l: Language) -> String {
        match self {
            Self::Build => l.build(),
            Self::CancelBuild => l.cancel_build(),
            Self::RollBack => l.roll_back(),
            Self::RollForward => l.roll_forward(),
            Self::Activate(version) => return l.activate(*version),
            Self::ActivateSelected => l.activate_selected(),
            Self::Keep(version, true) => return l.keep(*version),
            Self::Keep(version, false) => return l.release(*version),
            Self::KeepSelected => l.keep_selected(),
            Self::RestartGuest => l.restart_guest(),
            Self::ToggleAutoReload => l.auto_reload(),
            Self::Call(_) => l.call(),
            Self::Pin(_) => l.pin(),
            Self::PinEntered => l.pin_entered(),
            Self::Unpin(_) => l.unpin(),
            Self::EditCall(_) => l.edit_call(),
            Self::Select(version) => return l.select(*version),
            Self::SelectNewer => l.select_newer(),
            Self::SelectOlder => l.select_older(),
            Self::ShowFailure(_) => l.show_failure(),
            Self::ShowLatestProblems => l.show_latest(),
            Self::ShowPanel(panel) => return l.show_panel(panel.title(l)),
            Self::ClearOutput => l.clear_output(),
            Self::NextProblem => l.next_problem(),
            Self::PreviousProblem => l.previous_problem(),
            Self::OpenPlace(place) => return l.open_place(&place_text(place)),
            Self::DismissEditorError => l.dismiss(),
            Self::Copy(_) => l.copy(),
            Self::CopyProblems => l.copy_problems(),
            Self::CopyOutput => l.copy_output(),
            Self::CopyLog => l.copy_log(),
            Self::FocusCallField => l.enter_call(),
            Self::ResetLayout => l.reset_layout(),
            Self::ShowPage(Page::Workbench) => l.page_workbench(),
            Self::ShowPage(Page::Welcome) => l.page_welcome(),
            Self::ShowPage(Page::Experiment) => l.page_experiment(),
            Self::ShowPage(Page::Settings) => l.page_settings(),
            Self::Open(Overlay::Palette) => l.open_palette(),
            Self::Open(Overlay::Shortcuts) => l.open_shortcuts(),
            Self::Open(Overlay::OpenGuest) => l.open_guest(),
            Self::Open(Overlay::NewGuest) => l.new_guest(),
            Self::CloseOverlay => l.close(),
            Self::OpenGuest(path) => return l.open_path(&path.display().to_string()),
            Self::SwitchTheme => l.switch_theme(),
            Self::SwitchLanguage => l.switch_language(),
            Self::ToggleAlwaysOnTop => l.always_on_top(),
            Self::ZoomIn => l.zoom_in(),
            Self::ZoomOut => l.zoom_out(),
            Self::ZoomReset => l.zoom_reset(),
            Self::Quit => l.quit(),
        }
        .to_owned()
    }

    /// What it does, in a sentence.
    pub(crate) fn tooltip(&self, l: Language) -> String {
        match self {
            Self::Build => l.build_hint(),
            Self::CancelBuild => l.cancel_build_hint(),
            Self::RollBack => l.roll_back_hint(),
            Self::RollForward => l.roll_forward_hint(),
            Self::Activate(version) => return l.activate_hint(*version),
            Self::ActivateSelected => l.activate_selected_hint(),
            Self::Keep(version, true) => return l.keep_hint(*version),
            Self::Keep(version, false) => return l.release_hint(*version),
            Self::KeepSelected => l.keep_selected_hint(),
            Self::RestartGuest => l.restart_guest_hint(),
            Self::ToggleAutoReload => l.auto_reload_hint(),
            Self::Call(_) => l.call_hint(),
            Self::Pin(_) | Self::PinEntered => l.pin_hint(),
            Self::Unpin(_) => l.unpin_hint(),
            Self::EditCall(_) => l.edit_call_hint(),
            Self::Select(_) => l.select_hint(),
            Self::SelectNewer => l.select_newer_hint(),
            Self::SelectOlder => l.select_older_hint(),
            Self::ShowFailure(_) => l.show_failure_hint(),
            Self::ShowLatestProblems => l.show_latest_hint(),
            Self::ShowPanel(Panel::Versions) => l.versions_hint(),
            Self::ShowPanel(Panel::Calls) => l.calls_hint(),
            Self::ShowPanel(Panel::State) => l.state_hint(),
            Self::ShowPanel(Panel::Change) => l.change_hint(),
            Self::ShowPanel(Panel::Details) => l.details_hint(),
            Self::ShowPanel(Panel::Memory) => l.memory_hint(),
            Self::ShowPanel(Panel::Problems) => l.problems_hint(),
            Self::ShowPanel(Panel::Output) => l.output_hint(),
            Self::ShowPanel(Panel::Timeline) => l.timeline_hint(),
            Self::ShowPanel(Panel::Log) => l.log_hint(),
            Self::ClearOutput => l.clear_output_hint(),
            Self::NextProblem => l.next_problem_hint(),
            Self::PreviousProblem => l.previous_problem_hint(),
            Self::OpenPlace(place) => return l.open_place_hint(&place_text(place)),
            Self::DismissEditorError => l.dismiss_notice_hint(),
            Self::Copy(_) => l.copy_hint(),
            Self::CopyProblems => l.copy_problems_hint(),
            Self::CopyOutput => l.copy_output_hint(),
            Self::CopyLog => l.copy_log_hint(),
            Self::FocusCallField => l.enter_call_hint(),
            Self::ResetLayout => l.reset_layout_hint(),
            Self::ShowPage(Page::Workbench) => l.page_workbench_hint(),
            Self::ShowPage(Page::Welcome) => l.page_welcome_hint(),
            Self::ShowPage(Page::Experiment) => l.page_experiment_hint(),
            Self::ShowPage(Page::Settings) => l.page_settings_hint(),
            Self::Open(Overlay::Palette) => l.open_palette_hint(),
            Self::Open(Overlay::Shortcuts) => l.open_shortcuts_hint(),
            Self::Open(Overlay::OpenGuest) | Self::OpenGuest(_) => l.open_guest_hint(),
            Self::Open(Overlay::NewGuest) => l.new_guest_hint(),
            Self::CloseOverlay => l.close_hint(),
            Self::SwitchTheme => l.switch_theme_hint(),
            Self::SwitchLanguage => l.switch_language_hint(),
            Self::ToggleAlwaysOnTop => l.always_on_top_hint(),
            Self::ZoomIn => l.zoom_in_hint(),
            Self::ZoomOut => l.zoom_out_hint(),
            Self::ZoomReset => l.zoom_reset_hint(),
            Self::Quit => l.quit_hint(),
        }
        .to_owned()
    }
}

/// `src/lib.rs:4:5`.
fn place_text(Place { file, line, column }: &Place) -> String {
    format!("{}:{line}:{column}", file.display())
}
