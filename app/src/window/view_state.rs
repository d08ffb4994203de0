//! What the window remembers besides the model: the page, the selection, the text of the entry
//! field. Actions change it (`actions::perform`); panels change only what they scroll or type in.

use exuvia_runtime::call::Call;
use exuvia_runtime::ids::VersionNumber;

use crate::model::FailureKey;
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
}

/// Where the keyboard shall go when the panels are drawn next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FocusWish {
    /// Into the entry field for calls.
    CallField,
    /// To this version's row, which is scrolled to.
    Version(VersionNumber),
}

/// The state of the view.
#[derive(Debug, Default)]
pub(crate) struct ViewState {
    /// What the window speaks.
    pub(crate) language: Language,
    /// What fills the window.
    pub(crate) page: Page,
    /// What lies above it.
    pub(crate) overlay: Option<Overlay>,
    /// What is typed into the palette, and which of its lines is selected.
    pub(crate) palette: super::palette::PaletteState,
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
    /// The selected version.
    pub(crate) selected: Option<VersionNumber>,
    /// The failed generation whose problems are shown in place of the latest ones.
    pub(crate) shown_failure: Option<FailureKey>,
    /// What stands in the entry field for calls.
    pub(crate) call_text: String,
    /// Why it is no call.
    pub(crate) call_error: Option<String>,
    /// Set in figure mode.
    pub(crate) figure: Option<super::figure::FigureMode>,
    /// Where the keyboard shall go.
    pub(crate) focus: Option<FocusWish>,
}

impl ViewState {
    /// Selects a version and brings its row into view.
    pub(crate) fn select(&mut self, version: VersionNumber) {
        self.selected = Some(version);
        self.focus = Some(FocusWish::Version(version));
    }

    /// Forgets what belongs to a guest that is no longer open.
    pub(crate) fn forget_guest(&mut self) {
        let Self { language, page, settings, remembered, locale, settings_applied, figure, .. } = std::mem::take(self);
        *self = Self { language, page, settings, remembered, locale, settings_applied, figure, ..Self::default() };
    }

    /// A text that is no call is not sent; what is wrong with it is shown below the field.
    pub(crate) fn check_call(&mut self, text: &str) -> Option<String> {
        let text = text.trim();
        self.call_error = text.parse::<Call>().err().map(|error| error.to_string());
        self.call_error.is_none().then(|| text.to_owned())
    }
}
