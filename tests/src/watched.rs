//! A session through the engine's handle, and what was heard of it.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use exuvia_runtime::call::Answer;
use exuvia_runtime::history::record::{Cause, Durations, FailedRecord, VersionRow};
use exuvia_runtime::ids::{Generation, VersionNumber};
use exuvia_runtime::session::status::{Phase, SourceState};
use exuvia_runtime::session::{Command, Event, Retirement, Session, SessionConfig, Stream};
use exuvia_runtime::swap::verdict::Verdict;
use serde_json::Value;

use crate::deadline;
use crate::guest::Guest;
use crate::program::exuvia;

/// How much of an event a failure's message shows, in characters.
const SHOWN: usize = 500;

/// A session, all its events so far, and how many of them were waited for.
pub struct Watched {
    session: Option<Session>,
    events: Receiver<Event>,
    /// All events so far.
    pub seen: Vec<Event>,
    /// How far [`Watched::next`] has come.
    at: usize,
    calls: u64,
}

/// A version became active.
#[derive(Debug, Clone)]
pub struct Activation {
    /// The version.
    pub version: VersionNumber,
    /// What ran before.
    pub from: Option<VersionNumber>,
    /// The verdict.
    pub verdict: Verdict,
    /// Stages.
    pub durations: Durations,
}

/// A session's configuration on this guest.
#[must_use]
pub fn config(guest: &Guest) -> SessionConfig {
    SessionConfig::new(&guest.root, exuvia())
}

impl Watched {
    /// Starts a session on the guest.
    #[must_use]
    pub fn start(guest: &Guest) -> Self {
        Self::with(config(guest))
    }

    /// Starts a session on the guest, with pinned calls.
    #[must_use]
    pub fn pinned(guest: &Guest, pins: &[&str]) -> Self {
        let pins = pins.iter().map(|pin| (*pin).to_owned()).collect();
        Self::with(SessionConfig { pins, ..config(guest) })
    }

    /// Starts a session.
    #[must_use]
    pub fn with(config: SessionConfig) -> Self {
        let (session, events) = Session::start(config, || {});
        Self { session: Some(session), events, seen: Vec::new(), at: 0, calls: 0 }
    }

    /// Sends a command.
    pub fn send(&self, command: Command) {
        self.session.as_ref().expect("the session has not ended").send(command);
    }

    /// Waits for the next event that is picked; those before it are passed over.
    ///
    /// # Panics
    /// When none comes by the deadline, or the session ends first.
    pub fn next<T>(&mut self, what: &str, mut pick: impl FnMut(&Event) -> Option<T>) -> T {
        let until = Instant::now() + deadline();
        loop {
            while self.at < self.seen.len() {
                self.at += 1;
                if let Some(found) = pick(&self.seen[self.at - 1]) {
                    return found;
                }
            }
            self.hear(what, until);
        }
    }

    /// Waits until all events so far, taken together, give an answer. Passes nothing over.
    ///
    /// # Panics
    /// When they give none by the deadline.
    pub fn eventually<T>(&mut self, what: &str, pick: impl Fn(&[Event]) -> Option<T>) -> T {
        let until = Instant::now() + deadline();
        loop {
            if let Some(found) = pick(&self.seen) {
                return found;
            }
            self.hear(what, until);
        }
    }

    fn hear(&mut self, what: &str, until: Instant) {
        match self.events.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(event) => self.seen.push(event),
            Err(RecvTimeoutError::Timeout) => panic!("waited {:?} for {what}; {}", deadline(), self.story()),
            Err(RecvTimeoutError::Disconnected) => panic!("the session ended before {what}; {}", self.story()),
        }
    }

    /// All events so far, one a line, for a failure's message.
    #[must_use]
    pub fn story(&self) -> String {
        let line = |(index, event): (usize, &Event)| {
            let mark = if index == self.at { "\n  -- heard up to here --" } else { "" };
            let text: String = serde_json::to_string(event).unwrap_or_default().chars().take(SHOWN).collect();
            format!("{mark}\n  {text}")
        };
        format!("events so far:{}", self.seen.iter().enumerate().map(line).collect::<String>())
    }

    /// The next version that is recorded.
    pub fn recorded(&mut self) -> VersionRow {
        self.next("a recorded version", |event| match event {
            Event::Recorded { row } => Some((**row).clone()),
            Event::Failed { record } => panic!("instead of a version: {record:?}"),
            _ => None,
        })
    }

    /// The next generation that fails.
    pub fn failed(&mut self) -> FailedRecord {
        self.next("a failure", |event| match event {
            Event::Failed { record } => Some(record.clone()),
            Event::Recorded { row } => panic!("instead of a failure: {row:?}"),
            _ => None,
        })
    }

    /// The next activation.
    pub fn activated(&mut self) -> Activation {
        self.next("an activation", |event| match event {
            Event::Activated { version, from, verdict, durations } => {
                Some(Activation { version: *version, from: *from, verdict: verdict.clone(), durations: *durations })
            }
            Event::NotActivated { .. } => panic!("instead of an activation: {event:?}"),
            _ => None,
        })
    }

    /// Why the next activation that fails did not happen.
    pub fn not_activated(&mut self) -> (VersionNumber, String) {
        self.next("an activation that fails", |event| match event {
            Event::NotActivated { version, message } => Some((*version, message.clone())),
            Event::Activated { .. } => panic!("it was activated: {event:?}"),
            _ => None,
        })
    }

    /// The next start of a build.
    pub fn build_started(&mut self) -> (Generation, Cause) {
        self.next("a build's start", |event| match event {
            Event::BuildStarted { generation, cause } => Some((*generation, cause.clone())),
            _ => None,
        })
    }

    /// Why the next build that changes nothing changes nothing.
    pub fn nothing_changed(&mut self) -> (Generation, String) {
        self.next("a build that changes nothing", |event| match event {
            Event::NothingChanged { generation, reason } => Some((*generation, reason.clone())),
            Event::Recorded { .. } | Event::Failed { .. } => panic!("something changed: {event:?}"),
            _ => None,
        })
    }

    /// The next fault's words.
    pub fn fault(&mut self) -> (VersionNumber, String) {
        self.next("a fault", |event| match event {
            Event::Fault { version, fault } => Some((*version, fault.clone())),
            _ => None,
        })
    }

    /// The next refusal of a command.
    pub fn command_refused(&mut self) -> String {
        self.next("a refused command", |event| match event {
            Event::CommandRefused { message } => Some(message.clone()),
            _ => None,
        })
    }

    /// Waits until the status reads so. Passes nothing over.
    pub fn status(&mut self, words: &str) {
        self.eventually(&format!("the status {words:?}"), |seen| {
            let latest = seen.iter().rev().find_map(|event| match event {
                Event::Status { text, .. } => Some(text),
                _ => None,
            });
            (latest.is_some_and(|latest| latest == words)).then_some(())
        });
    }

    /// What became of a retired version.
    pub fn retired(&mut self, version: u32) -> Retirement {
        self.eventually(&format!("the end of v{version}"), |seen| {
            seen.iter().find_map(|event| match event {
                Event::Retired { version: retired, retirement } if retired.0 == version => Some(retirement.clone()),
                _ => None,
            })
        })
    }

    /// Waits until a version has written this text, whole, to a stream.
    pub fn output(&mut self, version: u32, stream: Stream, wanted: &str) {
        self.eventually(&format!("the output {wanted:?}"), |seen| {
            let text: String = seen.iter().filter_map(|event| output_of(event, version, stream)).collect();
            (text == wanted).then_some(())
        });
    }

    /// Waits until what runs is what is saved, and nothing is going on. Passes over what came before.
    pub fn is_saved(&mut self, what: &str) {
        self.next(&format!("{what}: what is saved runs"), |event| match event {
            Event::Status { status, .. } if status.phase == Phase::Idle => {
                (status.running.as_ref()?.source == SourceState::Same).then_some(())
            }
            _ => None,
        });
    }

    /// Calls the active version.
    pub fn call(&mut self, text: &str) -> Answer {
        self.call_of(text).1
    }

    /// Calls the active version, and says which one answered.
    pub fn call_of(&mut self, text: &str) -> (Option<VersionNumber>, Answer) {
        self.calls += 1;
        let wanted = self.calls;
        self.send(Command::Call { id: wanted, text: text.to_owned() });
        self.next("an answer", |event| match event {
            Event::Answered { id, version, answer, .. } if *id == wanted => Some((*version, answer.clone())),
            _ => None,
        })
    }

    /// Calls the active version, which returns a value.
    ///
    /// # Panics
    /// When it does anything else.
    pub fn returned(&mut self, text: &str) -> Value {
        match self.call(text) {
            Answer::Returned { value } => value,
            other => panic!("{text} {other}; {}", self.story()),
        }
    }

    /// Activates a version.
    pub fn activate(&mut self, version: u32) -> Activation {
        self.send(Command::Activate { version: VersionNumber(version) });
        self.activated()
    }

    /// Hears whatever has been sent up to now, and says how many events of this session are of a
    /// kind. Only what is known to have come before a later event is sure to be counted.
    pub fn count(&mut self, is_kind: impl Fn(&Event) -> bool) -> usize {
        self.seen.extend(self.events.try_iter());
        self.seen.iter().filter(|event| is_kind(event)).count()
    }

    /// Ends the session in order, and hears it out.
    ///
    /// # Panics
    /// When the last event is not the session's end, or a build had not exactly one end.
    pub fn end(mut self) -> Vec<Event> {
        self.session.take().expect("the session has not ended").end();
        self.seen.extend(self.events.try_iter());
        assert_eq!(self.seen.last(), Some(&Event::Ended), "{}", self.story());
        self.each_build_has_one_end();
        std::mem::take(&mut self.seen)
    }

    /// Every started operation ends in exactly one terminal event. Builds whose artifact was
    /// still on its way when the session was ended are excused.
    fn each_build_has_one_end(&self) {
        let started = self.seen.iter().filter_map(|event| match event {
            Event::BuildStarted { generation, .. } => Some(*generation),
            _ => None,
        });
        for generation in started {
            let ends = self.seen.iter().filter(|event| terminal_of(event) == Some(generation)).count();
            assert_eq!(ends, 1, "{generation} has {ends} ends; {}", self.story());
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        // In a test that fails, too, nothing is left behind when the guest's folder goes.
        if let Some(session) = self.session.take() {
            session.end();
        }
    }
}

fn terminal_of(event: &Event) -> Option<Generation> {
    match event {
        Event::Superseded { generation, .. }
        | Event::Cancelled { generation }
        | Event::NothingChanged { generation, .. } => Some(*generation),
        Event::Failed { record } => Some(record.generation),
        Event::Recorded { row } => Some(row.record.generation),
        _ => None,
    }
}

fn output_of(event: &Event, of: u32, from: Stream) -> Option<&str> {
    match event {
        Event::Output { version, stream, text } if version.0 == of && *stream == from => Some(text),
        _ => None,
    }
}

/// A pinned call's answers, with the versions that gave them.
#[must_use]
pub fn pinned_results(seen: &[Event]) -> Vec<(u32, String)> {
    let result = |event: &Event| match event {
        Event::PinnedResult { version, answer, .. } => Some((version.0, answer.to_string())),
        _ => None,
    };
    seen.iter().filter_map(result).collect()
}

/// How long a runner may take in tests of hangs: short, and long enough for a busy machine.
pub const SHORT: Duration = Duration::from_millis(1500);
