//! An edit by Exuvia: a session on the guest, and what it tells.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use exuvia_runtime::build::{BuildPath, Phases};
use exuvia_runtime::call::Answer;
use exuvia_runtime::session::{Command, Event, Session, SessionConfig, WatchMode};

use crate::contest::{Contestant, Run, micros};
use crate::guest::{EDITED, Place};

/// No event at all for this long: something hangs.
const HANGS: Duration = Duration::from_secs(600);

/// No event for this long: the session has done all that an edit gives it to do.
const QUIET: Duration = Duration::from_millis(100);

/// A session on a guest.
#[derive(Debug)]
pub(crate) struct Exuvia {
    session: Session,
    events: Receiver<Event>,
    place: Place,
    call: String,
    by: By,
}

/// How Exuvia builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// rustc, as cargo ran it.
    Replay,
    /// The same, and linked against a base library.
    Base,
    /// Cargo builds everything.
    Cargo,
}

impl By {
    /// Its row.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Replay => "Exuvia, replay",
            Self::Base => "Exuvia, base library",
            Self::Cargo => "Exuvia, by cargo",
        }
    }

    /// Whether a version was made that way.
    fn was(self, path: &BuildPath) -> bool {
        let is_replay = matches!(path, BuildPath::Replay { .. });
        match self {
            Self::Replay => is_replay && path.base().is_none(),
            Self::Base => path.base().is_some(),
            Self::Cargo => !is_replay,
        }
    }
}

impl Exuvia {
    /// Starts a session that keeps so many versions, and waits until the guest answers this number; with a base
    /// library, until it is there.
    pub(crate) fn open(place: Place, number: u64, by: By, versions: usize) -> Result<Self, String> {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let call = format!("{EDITED}()");
        let mut config = SessionConfig::new(&place.root, program);
        config.pins.push(call.clone());
        config.replay = by != By::Cargo;
        // What cargo does when nothing happens would take time from the others.
        config.check_after = HANGS;
        config.retention.versions = versions;
        config.retention.bytes = u64::MAX;
        let (session, events) = Session::start(config, || {});
        let exuvia = Self { session, events, place, call, by };
        exuvia.until(|event| exuvia.is_answer(event, number))?;
        exuvia.wait_until_quiet()?;
        if by == By::Base {
            // The first replay tells how the guest is linked; then the base library is made.
            exuvia.place.save(&exuvia.place.text(number - 1))?;
            exuvia.until(|event| matches!(event, Event::BaseLibrary { .. }))?;
            exuvia.wait_until_quiet()?;
        }
        Ok(exuvia)
    }

    /// Waits for the answer after the runner was killed.
    pub(crate) fn recovered(&self, number: u64) -> Result<Instant, String> {
        let mut is_gone = false;
        loop {
            let event = self.events.recv_timeout(HANGS).map_err(|error| format!("waiting for an event: {error}"))?;
            let at = Instant::now();
            match &event {
                Event::Fault { .. } | Event::Killed { .. } => is_gone = true,
                event if is_gone && self.is_answer(event, number) => return Ok(at),
                event => went_wrong(event)?,
            }
        }
    }

    /// Sends a command.
    pub(crate) fn send(&self, command: Command) {
        self.session.send(command);
    }

    /// Waits until the session has nothing more to say.
    pub(crate) fn wait_until_quiet(&self) -> Result<(), String> {
        loop {
            match self.events.recv_timeout(QUIET) {
                Ok(event) => went_wrong(&event)?,
                Err(RecvTimeoutError::Timeout) => return Ok(()),
                Err(RecvTimeoutError::Disconnected) => return Err("the session has ended".to_owned()),
            }
        }
    }

    pub(crate) fn is_answer(&self, event: &Event, number: u64) -> bool {
        let Event::PinnedResult { call, answer: Answer::Returned { value }, .. } = event else { return false };
        *call == self.call && value.as_u64() == Some(number)
    }

    /// The first event of a kind, and when it was heard.
    pub(crate) fn until(&self, wanted: impl Fn(&Event) -> bool) -> Result<(Event, Instant), String> {
        loop {
            let event = self.events.recv_timeout(HANGS).map_err(|error| format!("waiting for an event: {error}"))?;
            let at = Instant::now();
            if wanted(&event) {
                return Ok((event, at));
            }
            went_wrong(&event)?;
        }
    }
}

impl Contestant for Exuvia {
    fn name(&self) -> &'static str {
        self.by.name()
    }

    fn edit(&mut self, number: u64) -> Result<Run, String> {
        let text = self.place.text(number);
        let began = Instant::now();
        self.place.save(&text)?;
        let (_, at) = self.until(|event| self.is_answer(event, number))?;
        let total = micros(at.duration_since(began));
        let (recorded, at) = self.until(|event| matches!(event, Event::Recorded { .. }))?;
        let Event::Recorded { row } = recorded else { return Err("no row".to_owned()) };
        if !self.by.was(&row.record.path) {
            return Err(format!("the path taken was {}", row.record.path));
        }
        let stages = row.record.durations;
        let mut parts: Vec<(&'static str, u64)> =
            stages.stages().map(|(name, micros)| (name, micros.unwrap_or(0))).into();
        parts.push(("rest", total.saturating_sub(stages.total())));
        parts.push(("in the history", micros(at.duration_since(began))));
        // Of the build, where the engine looks for it: in replays of more than half a second.
        for (part, (_, micros)) in RUSTC.into_iter().zip(stages.phases.iter().flat_map(Phases::named)) {
            parts.extend(micros.map(|micros| (part, micros)));
        }
        Ok(Run { total, parts, is_rebuild: false })
    }

    fn settle(&mut self) -> Result<(), String> {
        self.wait_until_quiet()
    }

    fn end(self: Box<Self>) {
        self.session.end();
    }
}

/// What a replay's phases are called beside the stages.
const RUSTC: [&str; 4] = ["rustc's front end", "rustc's generation", "rustc's link", "rustc's rest"];

/// Events after which the figures would be another thing's.
fn went_wrong(event: &Event) -> Result<(), String> {
    match event {
        Event::OpenFailed { message } | Event::CommandRefused { message } | Event::Notice { message } => {
            Err(message.clone())
        }
        Event::Failed { record } => Err(format!("a build or load failed: {:#?}", record.failure)),
        Event::Superseded { generation, by } => {
            Err(format!("{generation} was superseded by {by}: something else writes to the guest's sources"))
        }
        Event::Fault { fault, .. } => Err(fault.clone()),
        Event::Watching { mode, .. } if *mode != WatchMode::Native => Err(format!("not watching natively: {mode:?}")),
        _ => Ok(()),
    }
}
