//! Everything that a user can do, in one enum. Menus, buttons, the palette and keys all go through
//! it: each action has its name, tooltip, shortcuts and conditions here and nowhere else.
//!
//! | module | what it says of each action |
//! |---|---|
//! | `words` | its name and its tooltip, in the window's language |
//! | `shortcuts` | its keys, and when they count |
//! | `possible` | whether it can be done now |
//! | `perform` | what it does to the view, or asks of the engine, the toolkit or the chores |

mod perform;
mod possible;
mod shortcuts;
mod words;

use std::path::PathBuf;

use exuvia_runtime::history::compare::Side;
use exuvia_runtime::ids::VersionNumber;

use super::dock::Panel;
use super::view_state::{Overlay, Page};
use crate::editor::Place;
use crate::model::{FailureKey, Model};
use crate::settings::Settings;

pub(crate) use perform::{Outcome, WindowWish, perform};
pub(crate) use shortcuts::{Reach, Shortcut, listening, next_press};

/// Something that a user can do.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Action {
    /// Build now.
    Build,
    /// Stop the running build.
    CancelBuild,
    /// Switch auto-reload.
    ToggleAutoReload,
    /// Start the active version with fresh state.
    RestartGuest,

    /// Activate the next older version.
    RollBack,
    /// Activate the next newer version.
    RollForward,
    /// Activate this version.
    Activate(VersionNumber),
    /// Activate the selected version.
    ActivateSelected,
    /// Activate this version with the state that it had when it was left.
    ActivateWithItsState(VersionNumber),
    /// The same for the selected version.
    ActivateSelectedWithItsState,
    /// Keep a version in the history, or no longer.
    Keep(VersionNumber, bool),
    /// The other of the two for the selected version, or else for the active one.
    KeepSelected,
    /// Select a version.
    Select(VersionNumber),
    /// Select the next newer version.
    SelectNewer,
    /// Select the next older version.
    SelectOlder,
    /// Select the newest version.
    SelectNewest,
    /// Select the oldest version.
    SelectOldest,
    /// Select a version a page further up.
    SelectPageNewer,
    /// Select a version a page further down.
    SelectPageOlder,
    /// Put the text cursor into the versions' filter.
    FindVersion,
    /// Write a note about a version.
    Note(VersionNumber, String),
    /// Ask for a note about the selected version, or else the active one.
    NoteSelected,
    /// Remove a version from the history.
    Remove(VersionNumber),
    /// Ask whether to remove the selected version.
    RemoveSelected,

    /// Call an export.
    Call(String),
    /// Pin a call.
    Pin(String),
    /// Pin what the entry field holds.
    PinEntered,
    /// Remove a pinned call.
    Unpin(String),
    /// Put a call into the entry field.
    EditCall(String),
    /// Put the text cursor into the entry field.
    FocusCallField,

    /// Show the problems of a failed generation.
    ShowFailure(FailureKey),
    /// Show the problems of the latest attempt again.
    ShowLatestProblems,
    /// Forget the output.
    ClearOutput,
    /// Go to the next problem.
    NextProblem,
    /// Go to the problem before.
    PreviousProblem,
    /// Open a place in the user's editor.
    OpenPlace(Place),
    /// Put a text on the clipboard.
    Copy(String),
    /// Put the problems that are shown on the clipboard.
    CopyProblems,
    /// Put the output that is shown on the clipboard.
    CopyOutput,
    /// Put the log that is shown on the clipboard.
    CopyLog,

    /// Show one of the panels.
    ShowPanel(Panel),
    /// All panels where they were at first.
    ResetLayout,
    /// Show one of the pages.
    ShowPage(Page),
    /// Open what lies above everything else: the palette, a dialog.
    Open(Overlay),
    /// Close what lies above.
    CloseOverlay,
    /// Open a guest in place of the one that is open.
    OpenGuest(PathBuf),

    /// Compare the selected version (or else the active one) with the one before it.
    CompareSelected,
    /// Compare the selected version (or else the active one) with the files as they are saved.
    CompareWithSaved,
    /// Compare these two.
    Compare(Side, Side),
    /// Copy the shown comparison as a patch.
    CopyDiff,
    /// Scroll the comparison to the next change.
    NextChange,
    /// Scroll the comparison to the previous change.
    PreviousChange,
    /// Ask for the state as it is now.
    ReadState,
    /// Ask what the runner takes up now.
    ReadMemory,
    /// Open the sample guest.
    TrySample,
    /// Write a new guest and open it.
    CreateGuest {
        /// Its folder, as it was typed.
        folder: String,
        /// Its package's name.
        name: String,
        /// In two crates: a library, and a small hot one.
        split: bool,
    },
    /// Take a guest off the list of recent ones.
    ForgetRecent(PathBuf),
    /// No longer say where the sample lies.
    DismissCode,
    /// Open a file in the user's editor.
    EditFile(PathBuf),
    /// Open the guest's manifest in the user's editor.
    EditManifest,
    /// Put the path of the guest's folder into the clipboard.
    CopyGuestPath,
    /// Put a call into the entry field, to be completed argument by argument.
    BeginCall(String),
    /// The settings are these from now on.
    Set(Box<Settings>),

    /// Light or dark.
    SwitchTheme,
    /// The other language.
    SwitchLanguage,
    /// The window above all others, or no longer.
    ToggleAlwaysOnTop,
    /// Larger text.
    ZoomIn,
    /// Smaller text.
    ZoomOut,
    /// Text in its usual size.
    ZoomReset,
    /// Close the window and end the session.
    Quit,

    /// Take all steps of the experiment that are left, or begin another run.
    RunExperiment,
    /// Take one step of the experiment in each lane.
    StepExperiment,
    /// Prepare a new run of the experiment.
    ResetExperiment,
    /// Stop the experiment.
    StopExperiment,
    /// Run the experiment with the other kind of guest.
    ToggleThreadLocal,

    /// A picture of the window, to a file and the clipboard.
    Screenshot,
    /// A picture of a panel.
    ScreenshotOf(Panel),
    /// Show everything as for a picture in a lecture, or as before.
    ToggleFigureMode,
}

impl Action {
    /// What its key and its button in the bar do on `page`: what shows one of the pages beside the workbench leads
    /// back when it is shown.
    pub(crate) fn turned(self, page: Page, model: &Model) -> Self {
        match self {
            Self::ShowPage(asked @ (Page::Settings | Page::Experiment)) if asked == page => {
                Self::ShowPage(Page::home(model))
            }
            other => other,
        }
    }
}

/// The actions that stand in the menu and the palette and have shortcuts, grouped as the menu
/// shows them.
pub(crate) const MENU: &[&[Action]] = &[
    &[Action::Open(Overlay::OpenGuest), Action::Open(Overlay::NewGuest)],
    // What somebody new looks for is seen without scrolling.
    &[
        Action::ShowPage(Page::Workbench),
        Action::ShowPage(Page::Experiment),
        Action::ShowPage(Page::Settings),
        Action::ShowPage(Page::Welcome),
        Action::Open(Overlay::Shortcuts),
        Action::SwitchLanguage,
    ],
    &[Action::Build, Action::CancelBuild, Action::ToggleAutoReload, Action::RestartGuest],
    &[Action::RollBack, Action::RollForward, Action::ActivateSelected],
    &[Action::SelectNewer, Action::SelectOlder, Action::KeepSelected],
    &[Action::FocusCallField, Action::PinEntered],
    &[Action::NextProblem, Action::PreviousProblem, Action::CopyProblems, Action::CopyOutput, Action::CopyLog],
    &[
        Action::CompareSelected,
        Action::CompareWithSaved,
        Action::NextChange,
        Action::PreviousChange,
        Action::CopyDiff,
        Action::ReadState,
        Action::ReadMemory,
    ],
    &[
        Action::ShowPanel(Panel::Problems),
        Action::ShowPanel(Panel::Output),
        Action::ShowPanel(Panel::Timeline),
        Action::ShowPanel(Panel::Log),
        Action::ShowPanel(Panel::State),
        Action::ShowPanel(Panel::Change),
        Action::ShowPanel(Panel::Details),
        Action::ShowPanel(Panel::Memory),
        Action::ShowPanel(Panel::Calls),
        Action::ShowPanel(Panel::Versions),
        Action::ClearOutput,
        Action::ResetLayout,
    ],
    &[Action::TrySample, Action::EditManifest, Action::CopyGuestPath],
    &[
        Action::Open(Overlay::Palette),
        Action::SwitchTheme,
        Action::ToggleAlwaysOnTop,
        Action::ZoomIn,
        Action::ZoomOut,
        Action::ZoomReset,
    ],
    &[Action::Quit],
];

/// Those that are in the palette and have shortcuts, but not in the menu: with them it would be longer
/// than the window.
pub(crate) const MORE: &[&[Action]] = &[
    &[
        Action::FindVersion,
        Action::ActivateSelectedWithItsState,
        Action::NoteSelected,
        Action::RemoveSelected,
        Action::SelectNewest,
        Action::SelectOldest,
        Action::SelectPageNewer,
        Action::SelectPageOlder,
    ],
    &[
        Action::RunExperiment,
        Action::StepExperiment,
        Action::ResetExperiment,
        Action::StopExperiment,
        Action::ToggleThreadLocal,
    ],
    &[
        Action::ToggleFigureMode,
        Action::Screenshot,
        Action::ScreenshotOf(Panel::Versions),
        Action::ScreenshotOf(Panel::Calls),
        Action::ScreenshotOf(Panel::State),
        Action::ScreenshotOf(Panel::Change),
        Action::ScreenshotOf(Panel::Details),
        Action::ScreenshotOf(Panel::Memory),
        Action::ScreenshotOf(Panel::Problems),
        Action::ScreenshotOf(Panel::Output),
        Action::ScreenshotOf(Panel::Timeline),
        Action::ScreenshotOf(Panel::Log),
    ],
];

/// The actions of [`MENU`] and [`MORE`], one after the other.
pub(crate) fn all() -> impl Iterator<Item = &'static Action> {
    MENU.iter().chain(MORE).copied().flatten()
}
