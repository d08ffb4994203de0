//! The keys of `settings.toml`, each with its meaning and its place in [`Settings`]. Reading, writing
//! and the README's table all come from this one list.

use std::ops::RangeInclusive;

use toml_edit::{Item, Value};

use super::{
    DEADLINE_SECONDS, KEPT_MAPPED_MIB, KEPT_MIB, KEPT_VERSIONS, LanguageChoice, MEMORY_MIB, SCALE, Settings,
    ThemeChoice,
};

/// One key.
pub(super) struct Field {
    /// The table that it is in, if any, and its name.
    pub(super) key: (Option<&'static str>, &'static str),
    /// What it does; written as a comment above it.
    pub(super) about: &'static str,
    /// What may stand there.
    pub(super) expected: &'static str,
    /// Takes the value over, if it is one that may stand there.
    pub(super) take: fn(&mut Settings, &Item) -> bool,
    /// The value as it is written.
    pub(super) give: fn(&Settings) -> Value,
}

impl Field {
    /// The key as it is shown: `retention.mib`.
    pub(super) fn path(&self) -> String {
        match self.key {
            (Some(table), name) => format!("{table}.{name}"),
            (None, name) => name.to_owned(),
        }
    }
}

/// Every key, in the order in which a new file has them. Those in a table come last, as TOML wants.
pub(super) const FIELDS: &[Field] = &[
    Field {
        key: (None, "editor"),
        about: "Opens a file at a line; \"\" finds one ($VISUAL, $EDITOR, then what is installed).\nExample: \"code -g {file}:{line}:{column}\"",
        expected: "a command line as text, perhaps with {file}, {line} and {column}",
        take: |settings, item| put(&mut settings.editor, item.as_str().map(editor)),
        give: |settings| settings.editor.clone().unwrap_or_default().into(),
    },
    Field {
        key: (None, "theme"),
        about: "\"system\", \"light\" or \"dark\".",
        expected: "\"system\", \"light\" or \"dark\"",
        take: |settings, item| put(&mut settings.theme, one_of(THEMES, item)),
        give: |settings| word_for(THEMES, settings.theme).into(),
    },
    Field {
        key: (None, "language"),
        about: "\"system\", \"english\" or \"chinese\".",
        expected: "\"system\", \"english\" or \"chinese\"",
        take: |settings, item| put(&mut settings.language, one_of(LANGUAGES, item)),
        give: |settings| word_for(LANGUAGES, settings.language).into(),
    },
    Field {
        key: (None, "scale"),
        about: "How large everything is drawn, from 0.8 to 2.0.",
        expected: "a number from 0.8 to 2.0",
        #[expect(clippy::cast_possible_truncation, reason = "a scale needs no more digits")]
        take: |settings, item| {
            // Compared as `f32`: 0.8 is a little more as `f32` than as `f64`.
            put(&mut settings.scale, number(item).map(|scale| scale as f32).filter(|scale| SCALE.contains(scale)))
        },
        give: |settings| shortest(settings.scale).into(),
    },
    Field {
        key: (None, "deadline_seconds"),
        about: "A call that takes longer, in seconds, counts as a hang; from 0.1 to 600.",
        expected: "a number of seconds from 0.1 to 600",
        take: |settings, item| {
            let seconds = number(item).filter(|seconds| DEADLINE_SECONDS.contains(seconds));
            put(&mut settings.deadline_seconds, seconds)
        },
        give: |settings| settings.deadline_seconds.into(),
    },
    Field {
        key: (None, "auto_reload"),
        about: "Build when a file changes, not only when asked.",
        expected: TRUE_OR_FALSE,
        take: |settings, item| put(&mut settings.auto_reload, item.as_bool()),
        give: |settings| settings.auto_reload.into(),
    },
    Field {
        key: (None, "poll"),
        about: "Find changes by looking at the files again and again (for network file systems).",
        expected: TRUE_OR_FALSE,
        take: |settings, item| put(&mut settings.poll, item.as_bool()),
        give: |settings| settings.poll.into(),
    },
    Field {
        key: (None, "always_on_top"),
        about: "Keep the window above all others.",
        expected: TRUE_OR_FALSE,
        take: |settings, item| put(&mut settings.always_on_top, item.as_bool()),
        give: |settings| settings.always_on_top.into(),
    },
    Field {
        key: (None, "toasts"),
        about: "Say what happened in a note that goes away by itself.",
        expected: TRUE_OR_FALSE,
        take: |settings, item| put(&mut settings.toasts, item.as_bool()),
        give: |settings| settings.toasts.into(),
    },
    Field {
        key: (Some("retention"), "versions"),
        about: "Keep at most this many versions.",
        expected: "a whole number from 1 to 100000",
        take: |settings, item| put(&mut settings.retention.versions, whole(item, KEPT_VERSIONS)),
        give: |settings| i64::from(settings.retention.versions).into(),
    },
    Field {
        key: (Some("retention"), "mib"),
        about: "Keep versions of at most this many MiB together.",
        expected: "a whole number from 1 to 1048576",
        take: |settings, item| put(&mut settings.retention.mib, whole(item, KEPT_MIB)),
        give: |settings| i64::from(settings.retention.mib).into(),
    },
    Field {
        key: (Some("limits"), "memory_mib"),
        about: "The guest's process may have at most this many MiB of memory of its own.",
        expected: "a whole number from 64 to 1048576",
        take: |settings, item| put(&mut settings.limits.memory_mib, whole(item, MEMORY_MIB)),
        give: |settings| i64::from(settings.limits.memory_mib).into(),
    },
    Field {
        key: (Some("limits"), "kept_mapped_mib"),
        about: "Beyond this many MiB of retired versions that cannot be unloaded, a fresh process takes over.",
        expected: "a whole number from 1 to 1048576",
        take: |settings, item| put(&mut settings.limits.kept_mapped_mib, whole(item, KEPT_MAPPED_MIB)),
        give: |settings| i64::from(settings.limits.kept_mapped_mib).into(),
    },
];

const TRUE_OR_FALSE: &str = "true or false";

const THEMES: &[(&str, ThemeChoice)] =
    &[("system", ThemeChoice::System), ("light", ThemeChoice::Light), ("dark", ThemeChoice::Dark)];

const LANGUAGES: &[(&str, LanguageChoice)] =
    &[("system", LanguageChoice::System), ("english", LanguageChoice::English), ("chinese", LanguageChoice::Chinese)];

fn put<T>(place: &mut T, value: Option<T>) -> bool {
    let fits = value.is_some();
    if let Some(value) = value {
        *place = value;
    }
    fits
}

/// An empty line is how the file says "find one".
fn editor(line: &str) -> Option<String> {
    let line = line.trim();
    (!line.is_empty()).then(|| line.to_owned())
}

fn one_of<T: Copy>(words: &[(&str, T)], item: &Item) -> Option<T> {
    let found = item.as_str()?;
    words.iter().find(|(word, _)| *word == found).map(|(_, value)| *value)
}

fn word_for<T: Copy + PartialEq>(words: &[(&'static str, T)], value: T) -> &'static str {
    words.iter().find(|(_, of)| *of == value).map_or("system", |(word, _)| word)
}

/// A number, be it written `1` or `1.0`.
#[expect(clippy::cast_precision_loss, reason = "what may stand there is small")]
fn number(item: &Item) -> Option<f64> {
    item.as_float().or_else(|| item.as_integer().map(|whole| whole as f64))
}

fn whole(item: &Item, within: RangeInclusive<u32>) -> Option<u32> {
    item.as_integer().and_then(|number| u32::try_from(number).ok()).filter(|number| within.contains(number))
}

/// 1.1 rather than 1.100000023841858, which is what `f32` to `f64` gives.
fn shortest(number: f32) -> f64 {
    number.to_string().parse().unwrap_or_else(|_| number.into())
}
