//! What the window knows: the engine's events folded into plain data.
//!
//! One thread (the window's) owns the [`Model`]; it never blocks, never reads a clock, a file or
//! the screen, and knows no egui. Time comes in as a parameter.

pub mod advice;
pub mod ansi;
mod answers;
pub mod arguments;
mod calls;
pub mod change;
pub mod demo;
pub mod experiment;
pub mod exports;
mod faults;
pub mod highlight;
mod history;
mod log;
mod memory;
pub mod moment;
mod output;
mod patch;
pub mod paths;
mod problems;
mod state;
pub mod state_tree;
pub mod timeline;
pub mod words;

#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;

use exuvia_runtime::history::record::Cause;
use exuvia_runtime::ids::{Generation, Timestamp, VersionNumber};
use exuvia_runtime::load::ExportRecord;
use exuvia_runtime::session::status::{Phase, Status, Tone};
use exuvia_runtime::session::{Event, GuestInfo, WatchMode};

pub use advice::Advice;
pub use calls::{CallEntry, CallState, Calls, Pin};
pub use change::Changes;
pub use faults::{Fault, Faults};
pub use history::{FailureKey, History, Row, Stays};
pub use log::{Log, LogEntry, LogLine};
pub use memory::Memory;
pub use output::{Output, OutputLine};
pub use problems::{Counts, Problem, ProblemKind, Problems, ProblemsOf};
pub use state::{GuestState, ToldState};

use crate::text::Language;

/// How far the session has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Life {
    /// Nothing was heard from it yet.
    #[default]
    Starting,
    /// No guest was named, and there is none where the workbench was started.
    NoGuest,
    /// The guest is open.
    Open,
    /// The path is no guest, or its history cannot be used.
    OpenFailed {
        /// What happened and what to do.
        message: String,
    },
    /// The session has ended; what is shown is what was last known.
    Ended,
}

/// The build that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Building {
    /// The attempt.
    pub generation: Generation,
    /// Why it was started.
    pub cause: Cause,
    /// What cargo said last.
    pub progress: Option<String>,
    /// How many of cargo's units are built, and of how many; cargo says so of builds that take a while.
    pub units: Option<(u32, u32)>,
}

/// How changes are noticed, and of how many files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watching {
    /// The way.
    pub mode: WatchMode,
    /// Number of files.
    pub files: usize,
}

/// Everything that the panels show.
#[derive(Debug)]
pub struct Model {
    /// How far the session has come.
    pub life: Life,
    /// The guest, once it was found.
    pub guest: Option<GuestInfo>,
    /// The engine's latest word on the status.
    status: Option<Status>,
    /// The active version.
    pub active: Option<VersionNumber>,
    /// The newer version that the active one took the place of, after a roll back.
    pub left: Option<VersionNumber>,
    /// The build that runs, if one does.
    pub building: Option<Building>,
    /// How changes are noticed.
    pub watching: Option<Watching>,
    /// Whether a change starts a build.
    pub auto_reload: bool,
    /// Versions and failed generations.
    pub history: History,
    /// What is wrong with the latest attempt, and the fault that is open.
    pub problems: Problems,
    /// What is wrong with the latest attempt alone.
    attempt: Problems,
    /// Which versions faulted.
    pub faults: Faults,
    /// What the guest wrote.
    pub output: Output,
    /// Calls, their answers, and the pinned ones.
    pub calls: Calls,
    /// What happened, one line each.
    pub log: Log,
    /// The guest's state.
    pub state: GuestState,
    /// Comparisons of sources.
    pub changes: Changes,
    /// What the runner takes up, as it was last told.
    pub memory: Option<Memory>,
    /// What would make reloads quicker, once that was said in this session.
    pub advised: Option<Advice>,
    /// The experiment; no part of a session.
    pub experiment: experiment::ExperimentRun,
    /// Whether long answers are cut.
    short_answers: bool,
}

impl Default for Model {
    fn default() -> Self {
        Self {
            life: Life::default(),
            guest: None,
            status: None,
            active: None,
            left: None,
            building: None,
            watching: None,
            // The engine starts with auto-reload on and says so only when it is switched.
            auto_reload: true,
            history: History::default(),
            problems: Problems::default(),
            attempt: Problems::default(),
            faults: Faults::default(),
            output: Output::default(),
            calls: Calls::default(),
            log: Log::default(),
            state: GuestState::default(),
            changes: Changes::default(),
            memory: None,
            advised: None,
            experiment: experiment::ExperimentRun::default(),
            short_answers: false,
        }
    }
}

impl Model {
    /// A model that keeps only the beginning of a long answer: it is for a screen, where each
    /// frame lays out what it shows.
    #[must_use]
    pub fn with_short_answers() -> Self {
        Self { short_answers: true, ..Self::default() }
    }

    /// Takes an event in. `now` is the time that the log shows for it.
    pub fn apply(&mut self, mut event: Event, now: Timestamp) {
        self.log.note_event(&event, now);
        if self.short_answers {
            answers::shorten(&mut event);
        }
        self.note_saved(&event);
        if self.faults.note(&event, self.history.is_faulted(&event), now) {
            self.show_problems();
        }
        match event {
            Event::Opened { guest, versions, failures, pins } => {
                self.life = Life::Open;
                self.guest = Some(guest);
                self.advised = None;
                self.history.open(versions, failures);
                self.calls.set_pins(pins);
            }
            Event::OpenFailed { message } => self.life = Life::OpenFailed { message },
            Event::Watching { mode, files } => self.watching = Some(Watching { mode, files }),
            Event::BuildStarted { generation, cause } => {
                self.building = Some(Building { generation, cause, progress: None, units: None });
            }
            Event::BuildProgress { generation, text, done, total } => {
                if let Some(building) = self.building.as_mut().filter(|building| building.generation == generation) {
                    building.progress = Some(ansi::plain_line(&text));
                    building.units = done.zip(total).or(building.units);
                }
            }
            Event::Superseded { generation, .. } | Event::Cancelled { generation } => self.end_build(generation),
            Event::NothingChanged { generation, .. } => {
                self.end_build(generation);
                // Cargo agreed, so a failure before this one is no longer true of the files.
                let active = self.active.and_then(|number| self.history.version(number));
                self.attempt = active.map(Problems::of_version).unwrap_or_default();
                self.show_problems();
            }
            Event::Failed { record } => {
                self.end_build(record.generation);
                self.attempt = Problems::of_failure(&record);
                self.show_problems();
                self.history.add_failure(record);
            }
            Event::Recorded { row } => {
                self.end_build(row.record.generation);
                self.attempt = Problems::of_version(&row);
                self.show_problems();
                self.history.add_version(*row);
                self.advise(now);
            }
            Event::Activated { version, from, verdict, .. } => {
                // The same version once more is no step in either direction.
                if from != Some(version) {
                    self.left = from.filter(|from| *from > version);
                }
                self.active = Some(version);
                self.state.activated(verdict);
            }
            Event::Marked { version, marks } => self.history.mark(version, marks),
            Event::PinnedResult { version, call, answer } => {
                self.history.pinned_result(version, &call, &answer);
                self.calls.pinned_result(version, &call, answer);
            }
            Event::Pins { pins } => self.calls.set_pins(pins),
            Event::Answered { id, call, version, answer, micros } => {
                self.calls.answered(id, call, version, answer, micros);
            }
            Event::Output { version, stream, text } => self.output.add(version, stream, &text, now),
            Event::Retired { version, retirement } => self.history.retired(version, retirement),
            Event::Pruned { versions } => self.history.prune(&versions),
            Event::AutoReload { on } => self.auto_reload = on,
            Event::Status { status, .. } => {
                self.active = status.running.as_ref().map(|running| running.version);
                // The phase is the more certain word: a build that no longer runs is not shown.
                if !matches!(status.phase, Phase::Building { .. }) {
                    self.building = None;
                }
                self.status = Some(status);
            }
            Event::Ended => {
                if !matches!(self.life, Life::OpenFailed { .. }) {
                    self.life = Life::Ended;
                }
                self.building = None;
                self.active = None;
                self.calls.end();
                self.changes.end();
                self.memory = None;
            }
            Event::State { version, moment, value, bytes } => self.state.told(version, moment, value, bytes),
            Event::Memory { runner, versions } => {
                self.history.mapped(&versions);
                self.memory = Some(Memory { runner, versions, at: now });
            }
            Event::Compared { id, from, to, outcome } => self.changes.compared(id, from, to, outcome),
            // What was mapped in that runner is gone with it.
            Event::Fault { .. } | Event::Killed { .. } => {
                self.memory = None;
                self.history.mapped(&[]);
            }
            Event::Saved { .. }
            | Event::NotActivated { .. }
            | Event::CommandRefused { .. }
            | Event::Notice { .. }
            | Event::BaseLibrary { .. }
            | Event::RunnerReplaced { .. } => {}
        }
    }

    /// Says once in a session what would make reloads quicker.
    fn advise(&mut self, now: Timestamp) {
        if self.advised.is_none() {
            self.advised = self.advice();
            if let Some(advice) = self.advised {
                self.log.note(LogLine::Advice { advice }, now);
            }
        }
    }

    /// What would make reloads quicker, by the newest ones.
    #[must_use]
    pub fn advice(&self) -> Option<Advice> {
        advice::of(self.history.versions())
    }

    /// A comparison with what is saved is out of date when files were saved, and when other files count,
    /// which a build's end tells.
    fn note_saved(&mut self, event: &Event) {
        if matches!(event, Event::Saved { .. } | Event::Recorded { .. } | Event::Failed { .. } | Event::Watching { .. })
        {
            self.changes.saved();
        }
    }

    /// The user has answered the open fault by an action of their own.
    pub fn close_fault(&mut self) {
        self.faults.close();
        self.show_problems();
    }

    fn show_problems(&mut self) {
        self.problems = self.attempt.clone();
        if let Some((version, fault)) = self.faults.open() {
            self.problems.add_fault(version, fault);
        }
    }

    fn end_build(&mut self, generation: Generation) {
        if self.building.as_ref().is_some_and(|building| building.generation == generation) {
            self.building = None;
        }
    }

    /// The status in words, as the pill and the window's title show it.
    #[must_use]
    pub fn status_text(&self, language: Language) -> String {
        match (&self.life, &self.status) {
            (Life::NoGuest | Life::OpenFailed { .. }, _) => language.status_no_guest().to_owned(),
            (Life::Ended, _) => language.status_ended().to_owned(),
            (Life::Starting | Life::Open, Some(status)) => language.status(status),
            (Life::Starting | Life::Open, None) => language.status_opening().to_owned(),
        }
    }

    /// What the engine is at, if it has said so.
    #[must_use]
    pub fn phase(&self) -> Option<&Phase> {
        self.status.as_ref().map(|status| &status.phase)
    }

    /// The colour that goes with the status.
    #[must_use]
    pub fn tone(&self) -> Tone {
        match (&self.life, &self.status) {
            (Life::NoGuest, _) => Tone::Attention,
            (Life::OpenFailed { .. } | Life::Ended, _) => Tone::Bad,
            (Life::Starting | Life::Open, status) => status.as_ref().map_or(Tone::Busy, Status::tone),
        }
    }

    /// The window's title.
    #[must_use]
    pub fn title(&self, language: Language) -> String {
        let status = self.status_text(language);
        match &self.guest {
            Some(guest) => format!("{status} - {} - Exuvia", guest.name),
            None => format!("{status} - Exuvia"),
        }
    }

    /// What speaks against removing a version, as far as is known here; the engine also knows what
    /// other workbenches use.
    #[must_use]
    pub fn why_it_stays(&self, version: VersionNumber) -> Option<Stays> {
        match self.history.version(version) {
            None => Some(Stays::Gone),
            Some(_) if self.active == Some(version) => Some(Stays::Active),
            Some(row) if row.marks.keep => Some(Stays::Kept),
            Some(_) => (self.history.last_good() == Some(version)).then_some(Stays::LastGood),
        }
    }

    /// What can be called now.
    #[must_use]
    pub fn exports(&self) -> &[ExportRecord] {
        self.active.and_then(|number| self.history.version(number)).map_or(&[], |row| &row.record.exports)
    }
}
