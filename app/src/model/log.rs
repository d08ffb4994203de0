//! What happened, one entry each: the events that a person may want to read again. What is kept is
//! data; the window says it in its language.

use std::collections::VecDeque;

use exuvia_runtime::history::record::Cause;
use exuvia_runtime::ids::{Generation, Timestamp, VersionNumber};
use exuvia_runtime::session::status::Tone;
use exuvia_runtime::session::{Event, Retirement, WatchMode};
use exuvia_runtime::stage;
use exuvia_runtime::swap::verdict::{Verdict, VerdictKind};

use super::advice::Advice;
use crate::editor::EditorError;

/// More entries than this are not kept.
pub(super) const MAX_ENTRIES: usize = 500;

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogLine {
    /// A guest was opened.
    Opened {
        /// Its name.
        guest: String,
        /// Versions in its history.
        versions: usize,
    },
    /// The path is no guest.
    OpenFailed {
        /// Why, and what to do.
        message: String,
    },
    /// A command, or a chore of the window, could not be done.
    Refused {
        /// Why, and what to do.
        message: String,
    },
    /// Changes are found by looking.
    Polling {
        /// Number of files.
        files: usize,
        /// Why.
        reason: String,
    },
    /// Changes are not noticed.
    Blind {
        /// Why, and what to do.
        reason: String,
    },
    /// A build was started.
    BuildStarted {
        /// The attempt.
        generation: Generation,
        /// Why.
        cause: Cause,
    },
    /// A build gave way to another.
    Superseded {
        /// The attempt.
        generation: Generation,
        /// The one in its place.
        by: Generation,
    },
    /// The user stopped a build.
    Cancelled {
        /// The attempt.
        generation: Generation,
    },
    /// A build made nothing new.
    NothingChanged {
        /// The attempt.
        generation: Generation,
    },
    /// A build failed, or what it made did not load.
    Failed {
        /// The attempt.
        generation: Generation,
        /// Why.
        message: String,
    },
    /// A version was added to the history.
    Recorded {
        /// The version.
        version: VersionNumber,
        /// What became of it.
        verdict: Verdict,
    },
    /// A version is called from now on.
    Activated {
        /// The version.
        version: VersionNumber,
        /// What ran before.
        from: Option<VersionNumber>,
        /// How long that took, in microseconds.
        micros: u64,
        /// What the change did.
        verdict: Verdict,
    },
    /// An activation that was asked for did not happen.
    NotActivated {
        /// The version.
        version: VersionNumber,
        /// Why, and what to do.
        message: String,
    },
    /// The runner ended or did not answer.
    Fault {
        /// The version that ran.
        version: VersionNumber,
        /// What happened.
        fault: String,
    },
    /// Somebody else has ended the runner; the version goes on in a new one.
    Killed {
        /// The version.
        version: VersionNumber,
        /// By which signal.
        ending: String,
        /// Whether it goes on from a snapshot; else it is started again.
        snapshot: bool,
    },
    /// A version that is no longer used stays in memory.
    KeptMapped {
        /// The version.
        version: VersionNumber,
        /// Why.
        why: String,
        /// How much, in bytes.
        bytes: u64,
    },
    /// A fresh runner took over.
    RunnerReplaced {
        /// The version that runs in it.
        version: VersionNumber,
        /// Why.
        reason: String,
    },
    /// All that the guest depends on was linked into a base library.
    BaseLibrary {
        /// How many crates are in it.
        crates: usize,
        /// Its size in bytes.
        bytes: u64,
        /// How long linking it took, in microseconds.
        micros: u64,
    },
    /// What would make reloads quicker.
    Advice {
        /// What, and why.
        advice: Advice,
    },
    /// Old versions were removed.
    Pruned {
        /// Their numbers.
        versions: Vec<VersionNumber>,
    },
    /// Auto-reload was switched.
    AutoReload {
        /// Whether it is on.
        on: bool,
    },
    /// The engine, or the settings, have something to say.
    Notice {
        /// What.
        message: String,
    },
    /// A picture of the window was written.
    PictureSaved {
        /// The file.
        path: String,
    },
    /// Text was copied to the clipboard.
    Copied,
    /// The session has ended.
    Ended,
    /// A place in a file was opened in the user's editor.
    EditorOpened {
        /// The place.
        place: String,
        /// The editor.
        editor: String,
    },
    /// It was not; the settings may help.
    EditorFailed {
        /// Why.
        error: EditorError,
    },
}

impl LogLine {
    /// How it is to be taken; `None`: it is just so.
    #[must_use]
    pub fn tone(&self) -> Option<Tone> {
        match self {
            Self::OpenFailed { .. }
            | Self::Refused { .. }
            | Self::Blind { .. }
            | Self::Failed { .. }
            | Self::NotActivated { .. }
            | Self::Fault { .. } => Some(Tone::Bad),
            Self::Polling { .. }
            | Self::Cancelled { .. }
            | Self::KeptMapped { .. }
            | Self::Notice { .. }
            | Self::Killed { .. }
            | Self::EditorFailed { .. }
            | Self::Ended => Some(Tone::Attention),
            Self::Activated { .. } | Self::PictureSaved { .. } | Self::Copied => Some(Tone::Good),
            Self::Recorded { verdict, .. } => (verdict.kind == VerdictKind::Refused).then_some(Tone::Bad),
            Self::Opened { .. }
            | Self::BuildStarted { .. }
            | Self::Superseded { .. }
            | Self::NothingChanged { .. }
            | Self::RunnerReplaced { .. }
            | Self::BaseLibrary { .. }
            | Self::Advice { .. }
            | Self::Pruned { .. }
            | Self::AutoReload { .. }
            | Self::EditorOpened { .. } => None,
        }
    }
}

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// When the window heard of it, the last time.
    pub at: Timestamp,
    /// What happened.
    pub line: LogLine,
    /// How many times it was heard of with nothing in between.
    pub times: u32,
}

/// What happened, oldest first.
#[derive(Debug, Default)]
pub struct Log {
    entries: VecDeque<LogEntry>,
    /// Number of entries that were dropped; an entry's number never changes.
    dropped: usize,
}

impl Log {
    pub(super) fn note_event(&mut self, event: &Event, now: Timestamp) {
        // That it goes on was said with the kill, and is to stay the newest word.
        if let (Event::Activated { version, verdict, .. }, Some(LogLine::Killed { version: killed, .. })) =
            (event, self.newest().map(|newest| &newest.line))
            && (version, verdict.kind) == (killed, VerdictKind::Restarted)
        {
            return;
        }
        if let Some(line) = line(event) {
            self.note(line, now);
        }
    }

    /// Adds an entry, or counts the newest one on if it says the same.
    pub fn note(&mut self, line: LogLine, now: Timestamp) {
        if let Some(newest) = self.entries.back_mut().filter(|newest| newest.line == line) {
            newest.at = now;
            newest.times += 1;
            return;
        }
        if self.entries.len() == MAX_ENTRIES {
            self.entries.pop_front();
            self.dropped += 1;
        }
        self.entries.push_back(LogEntry { at: now, line, times: 1 });
    }

    /// The entries, oldest first.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &LogEntry> + ExactSizeIterator {
        self.entries.iter()
    }

    /// The newest entry.
    #[must_use]
    pub fn newest(&self) -> Option<&LogEntry> {
        self.entries.back()
    }

    /// The number of the first entry that is still there.
    #[must_use]
    pub fn first(&self) -> usize {
        self.dropped
    }

    /// The entry with this number.
    #[must_use]
    pub fn entry(&self, number: usize) -> Option<&LogEntry> {
        self.entries.get(number.checked_sub(self.dropped)?)
    }
}

fn line(event: &Event) -> Option<LogLine> {
    let line = match event {
        Event::Opened { guest, versions, .. } => {
            LogLine::Opened { guest: guest.name.clone(), versions: versions.len() }
        }
        Event::OpenFailed { message } => LogLine::OpenFailed { message: message.clone() },
        Event::CommandRefused { message } => LogLine::Refused { message: message.clone() },
        Event::Watching { mode, files } => match mode {
            // The status line says so all the time.
            WatchMode::Native => return None,
            WatchMode::Polling { reason } => LogLine::Polling { files: *files, reason: reason.clone() },
            WatchMode::Blind { reason } => LogLine::Blind { reason: reason.clone() },
        },
        Event::BuildStarted { generation, cause } => {
            LogLine::BuildStarted { generation: *generation, cause: cause.clone() }
        }
        Event::Superseded { generation, by } => LogLine::Superseded { generation: *generation, by: *by },
        Event::Cancelled { generation } => LogLine::Cancelled { generation: *generation },
        Event::NothingChanged { generation, .. } => LogLine::NothingChanged { generation: *generation },
        Event::Failed { record } => {
            LogLine::Failed { generation: record.generation, message: record.failure.message().to_owned() }
        }
        Event::Recorded { row } => {
            LogLine::Recorded { version: row.record.number, verdict: row.record.verdict.clone() }
        }
        Event::Activated { version, from, verdict, durations } => {
            LogLine::Activated { version: *version, from: *from, micros: durations.total(), verdict: verdict.clone() }
        }
        Event::NotActivated { version, message } => {
            LogLine::NotActivated { version: *version, message: message.clone() }
        }
        Event::Fault { version, fault } => LogLine::Fault { version: *version, fault: fault.clone() },
        Event::Killed { version, ending, snapshot } => {
            LogLine::Killed { version: *version, ending: ending.clone(), snapshot: *snapshot }
        }
        // With each reload of such a guest, and no news: Memory shows it.
        Event::Retired { retirement: Retirement::Kept { why, .. }, .. } if why == stage::ON_BASE => return None,
        Event::Retired { version, retirement: Retirement::Kept { why, bytes } } => {
            LogLine::KeptMapped { version: *version, why: why.clone(), bytes: *bytes }
        }
        Event::RunnerReplaced { version, reason, .. } => {
            LogLine::RunnerReplaced { version: *version, reason: reason.clone() }
        }
        Event::BaseLibrary { crates, bytes, micros } => {
            LogLine::BaseLibrary { crates: *crates, bytes: *bytes, micros: *micros }
        }
        Event::Pruned { versions } => LogLine::Pruned { versions: versions.clone() },
        Event::AutoReload { on } => LogLine::AutoReload { on: *on },
        Event::Notice { message } => LogLine::Notice { message: message.clone() },
        Event::Ended => LogLine::Ended,
        Event::BuildProgress { .. }
        | Event::Marked { .. }
        | Event::PinnedResult { .. }
        | Event::Pins { .. }
        | Event::Answered { .. }
        | Event::Output { .. }
        | Event::State { .. }
        | Event::Memory { .. }
        | Event::Saved { .. }
        | Event::Compared { .. }
        | Event::Retired { .. }
        | Event::Status { .. } => return None,
    };
    Some(line)
}
