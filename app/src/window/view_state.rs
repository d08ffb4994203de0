//! What the window remembers besides the model: the page, the selection, the text of the entry
//! field. Actions change it (`actions::perform`); panels change only what they scroll or type in.

use exuvia_runtime::call::Call;
use exuvia_runtime::ids::VersionNumber;

use super::Places;
use super::new_guest::NewState;
use super::open_guest::OpenState;
use super::pages::settings::SettingsState;
use super::pages::welcome::WelcomeState;
use super::panels::calls::CallsState;
use super::panels::timeline::TimelineState;
use super::panels::versions_state::{Step, VersionsState, step};
use super::toasts::Toasts;
use crate::chores::Chore;
use crate::model::{FailureKey, Life, Model};
use crate::settings::{Remembered, Settings};
use crate::text::Language;

/// What fills the window below the top bar.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Page {
    /// The guest and all panels.
    #[default]
    Workbench,
    /// How to begin.
    Welcome,
    /// Four ways to load a library again.
    Experiment,
    /// The settings.
    Settings,
}

impl Page {
    /// Where one comes back to from the other pages.
    pub(crate) fn home(model: &Model) -> Self {
        match model.life {
            Life::NoGuest | Life::OpenFailed { .. } => Self::Welcome,
            Life::Starting | Life::Open | Life::Ended => Self::Workbench,
        }
    }

    /// Where the way back leads from here, if there is one.
    pub(crate) fn back(self, model: &Model) -> Option<Self> {
        let home = Self::home(model);
        (self != Self::Workbench && self != home).then_some(home)
    }
}

/// What lies above everything else until it is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overlay {
    /// Any action by its name.
    Palette,
    /// All keys.
    Shortcuts,
    /// Which guest to open.
    OpenGuest,
    /// Where to write a new one.
    NewGuest,
    /// A note about a version.
    EditNote(VersionNumber),
    /// Whether to remove a version, or why it stays.
    RemoveVersion(VersionNumber),
}

/// Where the keyboard shall go when the panels are drawn next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FocusWish {
    /// Into the entry field for calls.
    CallField,
    /// Into it, with all of its text selected: what is typed takes its place.
    WholeCallField,
    /// Into the filter above the versions.
    VersionFilter,
    /// To this version's row, which is scrolled to.
    Version(VersionNumber),
}

/// The state of the view: what belongs to the window, and what to the guest that is open.
#[derive(Debug, Default)]
pub(crate) struct ViewState {
    /// What the window speaks.
    pub(crate) language: Language,
    /// What fills the window.
    pub(crate) page: Page,
    /// What the user has chosen.
    pub(crate) settings: Settings,
    /// What the window remembers.
    pub(crate) remembered: Remembered,
    /// The system's language, such as `zh-CN`.
    pub(crate) locale: Option<String>,
    /// Whether the dark theme is drawn now.
    pub(crate) is_dark: bool,
    /// Whether the toolkit had a frame to take up the settings.
    pub(crate) settings_applied: bool,
    /// The system's clock is ahead of UTC by this much, in seconds.
    pub(crate) utc_offset: i32,
    /// Set in figure mode.
    pub(crate) figure: Option<super::figure::FigureMode>,
    /// Where things lie.
    pub(crate) places: Places,
    /// What is forgotten when another guest is opened.
    pub(crate) guest: GuestView,
}

/// What has been opened, typed and selected since the guest was opened.
#[derive(Debug, Default)]
pub(crate) struct GuestView {
    /// What lies above the page.
    pub(crate) overlay: Option<Overlay>,
    /// What is typed into the palette, and which of its lines is selected.
    pub(crate) palette: super::palette::PaletteState,
    /// The selected version.
    pub(crate) selected: Option<VersionNumber>,
    /// The failed generation whose problems are shown in place of the latest ones.
    pub(crate) shown_failure: Option<FailureKey>,
    /// What stands in the entry field for calls.
    pub(crate) call_text: String,
    /// Why it is no call.
    pub(crate) call_error: Option<String>,
    /// What the list of problems shows and has selected.
    pub(crate) problems: super::panels::problems::ProblemsState,
    /// What of the output is shown.
    pub(crate) output: super::panels::output::OutputState,
    /// What of the log is shown.
    pub(crate) log: super::panels::log::LogState,
    /// Where the keyboard shall go.
    pub(crate) focus: Option<FocusWish>,
    /// What of the state is unfolded.
    pub(crate) state: super::panels::state::StateState,
    /// What is compared.
    pub(crate) change: super::panels::change::ChangeState,
    /// Whose details are shown.
    pub(crate) details: super::panels::details::DetailsState,
    /// The list of versions.
    pub(crate) versions: VersionsState,
    /// The timeline.
    pub(crate) timeline: TimelineState,
    /// The notices.
    pub(crate) toasts: Toasts,
    /// The fields of the call that is entered.
    pub(crate) calls: CallsState,
    /// What the welcome page remembers.
    pub(crate) welcome: WelcomeState,
    /// What the dialog that opens a guest remembers.
    pub(crate) open_guest: OpenState,
    /// What the dialog that makes a new guest remembers.
    pub(crate) new_guest: NewState,
    /// What the settings' page remembers.
    pub(crate) settings_page: SettingsState,
    /// Questions to the chores that came up while drawing.
    pub(crate) questions: Vec<Chore>,
}

impl ViewState {
    /// Selects a version and brings its row into view.
    pub(crate) fn select(&mut self, version: VersionNumber) {
        self.guest.selected = Some(version);
        self.guest.details.failure = None;
        self.guest.focus = Some(FocusWish::Version(version));
    }

    /// The selected version, or else the active one, if it is in the history.
    pub(crate) fn chosen(&self, model: &Model) -> Option<VersionNumber> {
        self.guest.selected.or(model.active).filter(|version| model.history.version(*version).is_some())
    }

    /// A selected version that was removed hands the selection to a neighbour.
    pub(crate) fn keep_selection(&mut self, model: &Model) {
        if let Some(selected) = self.guest.selected.filter(|version| model.history.version(*version).is_none()) {
            self.guest.selected = model.history.below(selected).or_else(|| model.history.above(selected));
        }
    }

    /// Moves the selection through the versions that the filter lets pass.
    pub(crate) fn step(&mut self, model: &Model, how: Step) {
        let shown = self.guest.versions.shown_versions(model);
        if let Some(next) = step(&shown, self.guest.selected.or(model.active), how, self.guest.versions.page) {
            self.select(next);
        }
    }

    /// Forgets what belongs to a guest that is no longer open.
    pub(crate) fn forget_guest(&mut self) {
        self.guest = GuestView::default();
    }

    /// A text that is no call is not sent; what is wrong with it is shown below the field.
    pub(crate) fn check_call(&mut self, text: &str) -> Option<String> {
        let text = text.trim();
        self.guest.call_error = text.parse::<Call>().err().map(|error| error.to_string());
        self.guest.call_error.is_none().then(|| text.to_owned())
    }
}
