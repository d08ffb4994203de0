//! Figure mode: the window as it should be in a picture or on a projector. Larger type, light, no
//! machine paths, moments in place of ages, and a caption. Leaving it brings back what was.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use eframe::egui::{Context, Id, RichText, Theme, Ui};
use exuvia_runtime::ids::Timestamp;

use super::theme::Palette;
use super::widgets::truncated;
use crate::model::{Model, moment, paths};
use crate::settings::ThemeChoice;

/// How much larger everything is.
pub(crate) const ZOOM: f32 = 1.25;

/// What figure mode changes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct FigureMode {
    /// The caption's date.
    pub(crate) at: Timestamp,
    /// Light, unless another is asked for.
    pub(crate) theme: Theme,
    /// How much larger everything is than by the settings.
    pub(crate) zoom: f32,
}

impl FigureMode {
    /// As a user switches it on.
    pub(crate) fn at(at: Timestamp) -> Self {
        Self { at, theme: Theme::Light, zoom: ZOOM }
    }

    /// The theme, as a setting has it.
    pub(crate) fn theme(self) -> ThemeChoice {
        match self.theme {
            Theme::Dark => ThemeChoice::Dark,
            Theme::Light => ThemeChoice::Light,
        }
    }

    /// The line below: which guest and version, which Exuvia, and when.
    pub(crate) fn caption(self, model: &Model) -> String {
        // Names and numbers read the same in every language.
        let exuvia = ["Exuvia", " ", env!("CARGO_PKG_VERSION"), " · ", &moment::long(self.at)].concat();
        match (&model.guest, model.active) {
            (Some(guest), Some(version)) => format!("{} {version} · {exuvia}", guest.name),
            (Some(guest), None) => format!("{} · {exuvia}", guest.name),
            (None, _) => exuvia,
        }
    }
}

/// Draws the caption.
pub(crate) fn caption_ui(ui: &mut Ui, caption: &str) {
    truncated(ui, RichText::new(caption).color(Palette::at(ui).weak));
}

/// The workspace below which paths are shown as they are; set in figure mode.
#[derive(Debug, Clone)]
struct Hidden(Option<PathBuf>);

/// What [`shown`] goes by from now on. `root` is the guest's workspace.
pub(crate) fn install(ctx: &Context, on: bool, root: Option<&Path>) {
    let hidden = on.then(|| Hidden(root.map(Path::to_owned)));
    ctx.data_mut(|data| match hidden {
        Some(hidden) => _ = data.insert_temp(Id::NULL, hidden),
        None => data.remove::<Hidden>(Id::NULL),
    });
}

/// Whether [`shown`] changes anything.
pub(crate) fn hides(ui: &Ui) -> bool {
    ui.data(|data| data.get_temp::<Hidden>(Id::NULL)).is_some()
}

/// What an entry field shows: its text; or, where that names a machine path in figure mode, what may be
/// seen of it, which cannot be changed.
#[derive(Debug)]
pub(crate) enum FieldText<'a> {
    /// The text.
    Own(&'a mut String),
    /// What is seen in its place.
    Hidden(String),
}

impl<'a> FieldText<'a> {
    /// What is to be shown of a text.
    pub(crate) fn new(ui: &Ui, text: &'a mut String) -> Self {
        let hidden = match shown(ui, text) {
            Cow::Owned(hidden) if hidden != *text => Some(hidden),
            _ => None,
        };
        hidden.map_or(Self::Own(text), Self::Hidden)
    }

    /// What the field is given.
    pub(crate) fn buffer(&mut self) -> &mut String {
        match self {
            Self::Own(text) => text,
            Self::Hidden(text) => text,
        }
    }
}

/// A text in which paths may stand, as it is to be shown: in figure mode without machine paths.
pub(crate) fn shown<'a>(ui: &Ui, text: &'a str) -> Cow<'a, str> {
    match ui.data(|data| data.get_temp::<Hidden>(Id::NULL)) {
        Some(Hidden(root)) => Cow::Owned(paths::without_machine(text, root.as_deref())),
        None => Cow::Borrowed(text),
    }
}
