//! What outlives a session: the settings, which the user may edit in a file, and what the window
//! remembers by itself.
//!
//! Reading and writing wait for the disk: the window reads once, before it opens, and has everything
//! written by the chores thread ([`crate::chores`]). The text of the files is read and made by pure
//! functions. Nothing here touches a toolkit, and a file that cannot be read is never lost.

mod fields;
mod files;
mod folders;
mod language;
mod read;
mod remembered;
mod write;

#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;
use std::time::Duration;

use exuvia_runtime::history::RetentionPolicy;
use exuvia_runtime::session::RunnerLimits;

pub(crate) use files::free_name;
pub use files::{FileError, load, save_remembered, save_settings};
pub use folders::{FOLDER_VARIABLE, Folders, FoldersError};
pub use language::{LanguageChoice, system_locale, utc_offset};
pub use remembered::{MOST_RECENT, RecentGuest, Remembered, WindowSize};

/// How far the window may be scaled.
pub const SCALE: RangeInclusive<f32> = 0.8..=2.0;
/// The deadlines of a call that may be set, in seconds.
pub const DEADLINE_SECONDS: RangeInclusive<f64> = 0.1..=600.0;
/// How many versions may be kept.
pub const KEPT_VERSIONS: RangeInclusive<u32> = 1..=100_000;
/// How many MiB of versions may be kept.
pub const KEPT_MIB: RangeInclusive<u32> = 1..=1_048_576;

/// How many MiB of memory of its own a guest's process may have.
pub const MEMORY_MIB: RangeInclusive<u32> = 64..=1_048_576;
/// How many MiB of libraries that cannot be unloaded may pile up.
pub const KEPT_MAPPED_MIB: RangeInclusive<u32> = 1..=1_048_576;

/// What the user has chosen, in the file `settings.toml`.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The editor's command line, perhaps with `{file}`, `{line}` and `{column}`; `None`: found by
    /// itself ([`crate::editor`]).
    pub editor: Option<String>,
    /// Light or dark.
    pub theme: ThemeChoice,
    /// The language of the window.
    pub language: LanguageChoice,
    /// How large everything is drawn; 1 is as the system has it. Within [`SCALE`].
    pub scale: f32,
    /// How much history is kept.
    pub retention: Retention,
    /// How much of the machine a guest's process may take up.
    pub limits: Limits,
    /// A call that takes longer counts as a hang. Within [`DEADLINE_SECONDS`].
    pub deadline_seconds: f64,
    /// Build when a file changes, not only when asked.
    pub auto_reload: bool,
    /// Find changes by looking at the files again and again.
    pub poll: bool,
    /// The window stays above all others.
    pub always_on_top: bool,
    /// Say what happened in a note that goes away by itself.
    pub toasts: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            editor: None,
            theme: ThemeChoice::System,
            language: LanguageChoice::System,
            scale: 1.0,
            retention: Retention::default(),
            limits: Limits::default(),
            deadline_seconds: 2.0,
            auto_reload: true,
            poll: false,
            always_on_top: false,
            toasts: true,
        }
    }
}

impl Settings {
    /// The deadline of a call, as the engine takes it.
    #[must_use]
    pub fn deadline(&self) -> Duration {
        let (least, most) = DEADLINE_SECONDS.into_inner();
        // `max` and `min` rather than `clamp`: they turn what is no number into the least.
        Duration::from_secs_f64(self.deadline_seconds.max(least).min(most))
    }
}

/// Light or dark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ThemeChoice {
    /// As the system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// How much history is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// At most this many versions. Within [`KEPT_VERSIONS`].
    pub versions: u32,
    /// At most this many MiB of artifacts. Within [`KEPT_MIB`].
    pub mib: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self { versions: 50, mib: 1024 }
    }
}

/// How much of the machine a guest's process may take up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// MiB of memory of its own. Within [`MEMORY_MIB`].
    pub memory_mib: u32,
    /// MiB of retired versions that cannot be unloaded; beyond, a fresh process takes over. Within
    /// [`KEPT_MAPPED_MIB`].
    pub kept_mapped_mib: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory_mib: 4096, kept_mapped_mib: 512 }
    }
}

impl From<Limits> for RunnerLimits {
    fn from(Limits { memory_mib, kept_mapped_mib }: Limits) -> Self {
        Self { memory: u64::from(memory_mib) << 20, kept_mapped: u64::from(kept_mapped_mib) << 20 }
    }
}

impl From<Retention> for RetentionPolicy {
    fn from(Retention { versions, mib }: Retention) -> Self {
        Self { versions: versions as usize, bytes: u64::from(mib) << 20 }
    }
}

/// What was found at the start.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Loaded {
    /// The settings; a field that could not be used has its default.
    pub settings: Settings,
    /// What the window remembers.
    pub remembered: Remembered,
    /// What the user should know about the files, each in a sentence or two.
    pub notices: Vec<String>,
    /// The system's clock is ahead of UTC by this much, in seconds; see [`utc_offset`].
    pub utc_offset: i32,
}
