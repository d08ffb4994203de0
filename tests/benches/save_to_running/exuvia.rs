//! An edit by Exuvia: a session on the guest, and what it tells.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use exuvia_runtime::call::Answer;
use exuvia_runtime::history::record::Durations;
use exuvia_runtime::session::{Event, Session, SessionConfig, WatchMode};

use crate::guest::{EDITED, Place};

/// No event at all for this long: something hangs.
const HANGS: Duration = Duration::from_secs(600);

/// No event for this long: the session has done all that an edit gives it to do.
const QUIET: Duration = Duration::from_millis(100);

/// An edit's times, in microseconds. All but the stages count from just before the write.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ExuviaRun {
    /// Until the write was done.
    pub written: u64,
    /// Until the start of the build was heard.
    pub build_started: u64,
    /// Until the new answer was heard.
    pub total: u64,
    /// Until the activation was heard.
    pub activated: u64,
    /// Until it was heard that the version is in the history.
    pub recorded: u64,
    /// The stages.
    pub stages: Durations,
}

impl ExuviaRun {
    /// The total less cargo's run.
    pub(crate) fn overhead(&self) -> u64 {
        self.total.saturating_sub(self.stages.build.unwrap_or(0))
    }

    /// The total less all stages.
    pub(crate) fn rest(&self) -> u64 {
        self.total.saturating_sub(self.stages.total())
    }
}

/// A session on a guest.
#[derive(Debug)]
pub(crate) struct Exuvia {
    session: Session,
    events: Receiver<Event>,
    place: Place,
    call: String,
}

impl Exuvia {
    /// Starts a session and waits until the guest answers this number.
    pub(crate) fn open(place: Place, number: u64) -> Result<Self, String> {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let call = format!("{EDITED}()");
        let mut config = SessionConfig::new(&place.root, program);
        config.pins.push(call.clone());
        let (session, events) = Session::start(config, || {});
        let exuvia = Self { session, events, place, call };
        exuvia.until(|event| exuvia.is_answer(event, number))?;
        exuvia.wait_until_quiet()?;
        Ok(exuvia)
    }

    /// Saves the number and waits for it as an answer.
    pub(crate) fn edit(&mut self, number: u64) -> Result<ExuviaRun, String> {
        let text = self.place.text(number);
        let began = Instant::now();
        self.place.save(&text)?;
        let written = micros(began.elapsed());
        let since = |at: Instant| micros(at.duration_since(began));
        let (_, at) = self.until(|event| matches!(event, Event::BuildStarted { .. }))?;
        let build_started = since(at);
        let (_, at) = self.until(|event| self.is_answer(event, number))?;
        let total = since(at);
        let (_, at) = self.until(|event| matches!(event, Event::Activated { .. }))?;
        let activated = since(at);
        let (recorded, at) = self.until(|event| matches!(event, Event::Recorded { .. }))?;
        let Event::Recorded { row } = recorded else { return Err("no row".to_owned()) };
        let stages = row.record.durations;
        Ok(ExuviaRun { written, build_started, total, activated, recorded: since(at), stages })
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

    /// Ends the session and its runner.
    pub(crate) fn end(self) {
        self.session.end();
    }

    fn is_answer(&self, event: &Event, number: u64) -> bool {
        let Event::PinnedResult { call, answer: Answer::Returned { value }, .. } = event else { return false };
        *call == self.call && value.as_u64() == Some(number)
    }

    /// The first event of a kind, and when it was heard.
    fn until(&self, wanted: impl Fn(&Event) -> bool) -> Result<(Event, Instant), String> {
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

pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
