//! Whether an action can be done now.

use super::Action;
use crate::model::{Life, Model};

impl Action {
    /// Whether it can be done now. Buttons and the palette show it greyed out otherwise, and its
    /// keys are left to the widgets.
    pub(crate) fn is_possible(&self, model: &Model) -> bool {
        let open = model.life == Life::Open;
        let history = &model.history;
        match self {
            Self::Build | Self::ToggleAutoReload => open,
            Self::CancelBuild => model.building.is_some(),
            Self::RollBack => open && model.active.is_some_and(|active| history.older(active).is_some()),
            Self::RollForward => open && model.active.is_some_and(|active| history.newer(active).is_some()),
            Self::Activate(version) => open && model.active != Some(*version) && history.version(*version).is_some(),
            Self::Keep(version, keep) => open && history.version(*version).is_some_and(|row| row.marks.keep != *keep),
            Self::ActivateSelected | Self::KeepSelected => open && history.numbers().next().is_some(),
            Self::RestartGuest | Self::Call(_) => open && model.active.is_some(),
            Self::Pin(call) => open && !model.calls.is_pinned(call),
            Self::PinEntered | Self::Unpin(_) => open,
            Self::SelectNewer | Self::SelectOlder => history.numbers().next().is_some(),
            Self::ClearOutput => !model.output.is_empty(),
            Self::RunExperiment | Self::StepExperiment => model.experiment.takes_steps(),
            Self::StopExperiment => model.experiment.is_under_way(),
            Self::EditCall(_)
            | Self::Select(_)
            | Self::ShowFailure(_)
            | Self::ShowLatestProblems
            | Self::FocusCallField
            | Self::ShowPanel(_)
            | Self::ResetLayout
            | Self::ShowPage(_)
            | Self::Open(_)
            | Self::CloseOverlay
            | Self::OpenGuest(_)
            | Self::SwitchTheme
            | Self::SwitchLanguage
            | Self::ToggleAlwaysOnTop
            | Self::ZoomIn
            | Self::ZoomOut
            | Self::ZoomReset
            | Self::ResetExperiment
            | Self::ToggleThreadLocal
            | Self::Screenshot
            | Self::ScreenshotOf(_)
            | Self::ToggleFigureMode
            | Self::Quit => true,
        }
    }
}
