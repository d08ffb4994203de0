//! The settings that are numbers: each is taken when it is complete and within its limits, and one that
//! removes versions when that was said yes to.

use eframe::egui::{Key, RichText, TextEdit, Ui};
use exuvia_runtime::history::record::VersionRow;
use exuvia_runtime::history::{Held, to_remove};
use exuvia_runtime::session::status::Tone;

use super::super::theme::Palette;
use super::super::widgets::outlined;
use crate::model::Model;
use crate::settings::{DEADLINE_SECONDS, KEPT_MAPPED_MIB, KEPT_MIB, KEPT_VERSIONS, MEMORY_MIB, Settings};
use crate::text::Language;

/// A setting that is a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Number {
    /// How many versions are kept.
    Versions,
    /// How large they may be together.
    Mib,
    /// How long a call may take.
    Deadline,
    /// How much memory the guest may take.
    Memory,
    /// How much may stay mapped.
    KeptMapped,
}

impl Number {
    /// Its value.
    pub(super) fn of(self, settings: &Settings) -> f64 {
        match self {
            Self::Versions => settings.retention.versions.into(),
            Self::Mib => settings.retention.mib.into(),
            Self::Deadline => settings.deadline_seconds,
            Self::Memory => settings.limits.memory_mib.into(),
            Self::KeptMapped => settings.limits.kept_mapped_mib.into(),
        }
    }

    fn limits(self) -> (f64, f64) {
        match self {
            Self::Versions => (f64::from(*KEPT_VERSIONS.start()), f64::from(*KEPT_VERSIONS.end())),
            Self::Mib => (f64::from(*KEPT_MIB.start()), f64::from(*KEPT_MIB.end())),
            Self::Deadline => DEADLINE_SECONDS.into_inner(),
            Self::Memory => (f64::from(*MEMORY_MIB.start()), f64::from(*MEMORY_MIB.end())),
            Self::KeptMapped => (f64::from(*KEPT_MAPPED_MIB.start()), f64::from(*KEPT_MAPPED_MIB.end())),
        }
    }

    /// What was typed, if it may stand there.
    fn read(self, text: &str) -> Option<f64> {
        let (least, most) = self.limits();
        let number = match self {
            Self::Versions | Self::Mib | Self::Memory | Self::KeptMapped => {
                text.trim().parse::<u32>().map(f64::from).ok()
            }
            Self::Deadline => text.trim().parse::<f64>().ok(),
        };
        number.filter(|number| (least..=most).contains(number))
    }

    /// How many versions of the guest that is open it would remove at once. Those that another workbench uses
    /// stay, which only the engine knows.
    fn removes(self, number: f64, settings: &Settings, model: &Model) -> usize {
        let mut new = settings.clone();
        self.put(&mut new, number);
        if new.retention == settings.retention {
            return 0;
        }
        let newest = model.history.numbers().next();
        let good = model.history.last_good();
        let rows = model.history.numbers().filter_map(|number| model.history.version(number));
        let held: Vec<_> = rows
            .map(|VersionRow { record, marks }| Held {
                number: record.number,
                bytes: record.artifact.bytes,
                protected: marks.keep || [model.active, good, newest].contains(&Some(record.number)),
            })
            .collect();
        to_remove(&held, new.retention.into()).len()
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "read as a whole number within limits")]
    fn put(self, settings: &mut Settings, number: f64) {
        match self {
            Self::Versions => settings.retention.versions = number as u32,
            Self::Mib => settings.retention.mib = number as u32,
            Self::Deadline => settings.deadline_seconds = number,
            Self::Memory => settings.limits.memory_mib = number as u32,
            Self::KeptMapped => settings.limits.kept_mapped_mib = number as u32,
        }
    }
}

/// Draws its field. `typing` is what is typed into one of them, and `complete`: it is taken at once.
pub(super) fn number_ui(
    ui: &mut Ui,
    (name, unit): (&str, &str),
    number: Number,
    typing: &mut Option<(Number, String)>,
    settings: &mut Settings,
    model: &Model,
    complete: bool,
) {
    let typed = typing.as_ref().filter(|(of, _)| *of == number).map(|(_, text)| text.clone());
    let mut text = typed.unwrap_or_else(|| number.of(settings).to_string());
    let response = outlined(ui, TextEdit::singleline(&mut text).desired_width(80.0)).accessible_name(name);
    ui.label(RichText::new(unit).color(Palette::at(ui).weak));
    let read = number.read(&text);
    if response.has_focus() || response.changed() {
        *typing = Some((number, text));
    }
    if read.is_none() {
        let (least, most) = number.limits();
        let color = Palette::at(ui).tone(Tone::Bad);
        ui.label(RichText::new(Language::at(ui).set_number_wrong(least, most)).small().color(color));
    }
    let removes = read.map_or(0, |read| number.removes(read, settings, model));
    let confirmed = removes > 0 && {
        let color = Palette::at(ui).tone(Tone::Bad);
        ui.button(RichText::new(Language::at(ui).removes_versions(removes)).color(color))
            .on_hover_text(Language::at(ui).set_removes_hint())
            .clicked()
    };
    let entered = response.has_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    let complete = complete || response.lost_focus() || entered;
    if confirmed || (complete && removes == 0) {
        *typing = None;
        if let Some(read) = read {
            number.put(settings, read);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_taken_within_their_limits() {
        for (number, text, expected) in [
            (Number::Versions, "3", Some(3.0)),
            (Number::Versions, "0", None),
            (Number::Versions, "1.5", None),
            (Number::Mib, " 64 ", Some(64.0)),
            (Number::Memory, "63", None),
            (Number::KeptMapped, "512", Some(512.0)),
            (Number::Deadline, "0.5", Some(0.5)),
            (Number::Deadline, "0.01", None),
            (Number::Deadline, "NaN", None),
            (Number::Deadline, "", None),
        ] {
            assert_eq!(number.read(text), expected, "{number:?}: {text}");
        }
        let mut settings = Settings::default();
        for (number, value) in [
            (Number::Versions, 7.0),
            (Number::Mib, 8.0),
            (Number::Deadline, 9.5),
            (Number::Memory, 100.0),
            (Number::KeptMapped, 11.0),
        ] {
            number.put(&mut settings, value);
            assert!((number.of(&settings) - value).abs() < f64::EPSILON);
        }
    }
}
