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
            Self::ActivateWithItsState(version) => {
                Self::Activate(*version).is_possible(model)
                    && history.version(*version).is_some_and(|row| row.marks.left_state.is_some())
            }
            // Which one is selected is the view's knowledge.
            Self::ActivateSelectedWithItsState => {
                history.numbers().any(|version| Self::ActivateWithItsState(version).is_possible(model))
            }
            Self::Keep(version, keep) => open && history.version(*version).is_some_and(|row| row.marks.keep != *keep),
            Self::ActivateSelected | Self::KeepSelected => open && history.numbers().next().is_some(),
            Self::RestartGuest | Self::Call(_) => open && model.active.is_some(),
            Self::Pin(call) => open && !model.calls.is_pinned(call),
            Self::PinEntered | Self::Unpin(_) => open,
            Self::CompareSelected | Self::CompareWithSaved => open && history.numbers().next().is_some(),
            Self::Compare(..) => open,
            Self::CopyDiff | Self::NextChange | Self::PreviousChange => {
                model.changes.shown().is_some_and(|shown| !shown.files().is_empty())
            }
            Self::ReadState => {
                let active = model.active.and_then(|active| history.version(active));
                // A version that is just activated is recorded after that.
                open && model.active.is_some() && active.is_none_or(|row| row.record.state_type.is_some())
            }
            Self::ReadMemory => open && model.active.is_some(),
            Self::Note(version, _) => open && history.version(*version).is_some(),
            Self::NoteSelected | Self::RemoveSelected => open && history.numbers().next().is_some(),
            Self::Remove(version) => open && model.why_it_stays(*version).is_none(),
            Self::SelectNewer
            | Self::SelectOlder
            | Self::SelectNewest
            | Self::SelectOldest
            | Self::SelectPageNewer
            | Self::SelectPageOlder => history.numbers().next().is_some(),
            Self::ClearOutput => !model.output.is_empty(),
            Self::NextProblem | Self::PreviousProblem | Self::CopyProblems => {
                !model.problems.items.is_empty() || history.has_failures()
            }
            Self::CopyOutput => !model.output.is_empty(),
            Self::CopyLog => model.log.newest().is_some(),
            Self::EditManifest | Self::CopyGuestPath => model.guest.is_some(),
            Self::TrySample
            | Self::CreateGuest { .. }
            | Self::ForgetRecent(_)
            | Self::DismissCode
            | Self::EditFile(_)
            | Self::BeginCall(_)
            | Self::Set(_) => true,
            Self::RunExperiment | Self::StepExperiment => model.experiment.takes_steps(),
            Self::StopExperiment => model.experiment.is_under_way(),
            Self::EditCall(_)
            | Self::OpenPlace(_)
            | Self::Copy(_)
            | Self::Select(_)
            | Self::ShowFailure(_)
            | Self::ShowLatestProblems
            | Self::FocusCallField
            | Self::FindVersion
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
