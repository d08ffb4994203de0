//! What happened, one line each: the events that a person may want to read again.

use std::collections::VecDeque;

use exuvia_runtime::ids::Timestamp;
use exuvia_runtime::session::status::Tone;
use exuvia_runtime::session::{Event, Retirement, WatchMode};
use exuvia_runtime::swap::verdict::VerdictKind;

use super::words;

/// More lines than this are not kept.
const MAX_ENTRIES: usize = 500;

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// When the window heard of it.
    pub at: Timestamp,
    /// How it is to be taken; `None`: it is just so.
    pub tone: Option<Tone>,
    /// What happened.
    pub text: String,
}

/// What happened, oldest first.
#[derive(Debug, Default)]
pub struct Log {
    entries: VecDeque<LogEntry>,
}

impl Log {
    pub(super) fn note(&mut self, event: &Event, now: Timestamp) {
        if let Some((tone, text)) = line(event) {
            if self.entries.len() == MAX_ENTRIES {
                self.entries.pop_front();
            }
            self.entries.push_back(LogEntry { at: now, tone, text });
        }
    }

    /// The lines, oldest first.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &LogEntry> + ExactSizeIterator {
        self.entries.iter()
    }

    /// The newest line.
    #[must_use]
    pub fn newest(&self) -> Option<&LogEntry> {
        self.entries.back()
    }
}

fn line(event: &Event) -> Option<(Option<Tone>, String)> {
    let bad = Some(Tone::Bad);
    let attention = Some(Tone::Attention);
    let line = match event {
        Event::Opened { guest, versions, .. } => {
            (None, format!("opened {}: {} in its history", guest.name, words::count(versions.len(), "version")))
        }
        Event::OpenFailed { message } | Event::CommandRefused { message } => (bad, message.clone()),
        Event::Watching { mode, files } => match mode {
            // The status line says so all the time.
            WatchMode::Native => return None,
            WatchMode::Polling { reason } => {
                (attention, format!("looking at {} again and again: {reason}", words::count(*files, "file")))
            }
            WatchMode::Blind { reason } => (bad, format!("changes are not noticed: {reason}")),
        },
        Event::BuildStarted { generation, cause } => (None, format!("{generation} is being built ({})", cause.text())),
        Event::Superseded { generation, by } => (None, format!("{generation} was superseded by {by}")),
        Event::Cancelled { generation } => (attention, format!("{generation} was cancelled")),
        Event::NothingChanged { generation, reason } => (None, format!("{generation} changed nothing: {reason}")),
        Event::Failed { record } => (bad, format!("{} failed: {}", record.generation, record.failure.message())),
        Event::Recorded { row } => {
            let record = &row.record;
            let tone = (record.verdict.kind == VerdictKind::Refused).then_some(Tone::Bad);
            (tone, format!("{} was recorded; {}", record.number, record.verdict))
        }
        Event::Activated { version, from, verdict, durations } => {
            let what = match from {
                Some(from) if from == version => "runs again".to_owned(),
                Some(from) => format!("is active in place of {from}"),
                None => "is active".to_owned(),
            };
            let took = words::duration(durations.total());
            (Some(Tone::Good), format!("{version} {what} ({took}); {verdict}"))
        }
        Event::NotActivated { version, message } => (bad, format!("{version} was not activated: {message}")),
        Event::Fault { version, fault } => (bad, format!("{version} faulted: {fault}")),
        Event::Retired { version, retirement: Retirement::Kept { why, bytes } } => {
            (attention, format!("{version} is kept mapped ({}): {why}", words::bytes(*bytes)))
        }
        Event::Pruned { versions } => {
            let names: Vec<_> = versions.iter().map(ToString::to_string).collect();
            (None, format!("removed from the history: {}", names.join(", ")))
        }
        Event::AutoReload { on: true } => (None, "auto-reload is on".to_owned()),
        Event::AutoReload { on: false } => (None, "auto-reload is off: changes are built when asked".to_owned()),
        Event::Notice { message } => (attention, message.clone()),
        Event::Ended => (attention, "the session has ended".to_owned()),
        Event::BuildProgress { .. }
        | Event::Marked { .. }
        | Event::PinnedResult { .. }
        | Event::Pins { .. }
        | Event::Answered { .. }
        | Event::Output { .. }
        | Event::State { .. }
        | Event::Memory { .. }
        | Event::Compared { .. }
        | Event::Retired { .. }
        | Event::Status { .. } => return None,
    };
    Some(line)
}
