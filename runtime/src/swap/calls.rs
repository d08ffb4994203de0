//! Calls of the active version's exports.

use std::time::Instant;

use super::host::{Active, Host, micros};
use crate::call::{Answer, Call};
use crate::ids::VersionNumber;
use crate::load::{CallReply, StateAccess};
use crate::runner::{Fault, Request, Response};
use crate::session::{Event, StateMoment};
use crate::value;

impl Host {
    pub(super) fn call(&mut self, id: u64, text: String) {
        let began = Instant::now();
        let Some(active) = self.active.clone() else {
            let message = "nothing is loaded yet; the call can be answered once a version runs".to_owned();
            let answer = Answer::Refused { message };
            return self.event(Event::Answered { id, call: text, version: None, answer, micros: 0 });
        };
        let answered = |answer, began: Instant| Event::Answered {
            id,
            call: text.clone(),
            version: Some(active.version),
            answer,
            micros: micros(began.elapsed()),
        };
        match self.evaluate(active.version, &text) {
            Ok(answer) => {
                let answered = answered(answer, began);
                // First the snapshot: what was answered is not to be lost by a fault that follows.
                let kept = self.keep_state(&active, &text);
                self.event(answered);
                self.after_keeping(&active, kept);
            }
            Err(fault) => {
                self.event(answered(Answer::Faulted { fault: fault.to_string() }, began));
                // The user asked for this call: however often it faults, that is no crash loop.
                self.faults.clear();
                self.recover(&fault);
            }
        }
    }

    /// After a call that may have changed the state, the snapshot is taken anew: `true`. Where that
    /// takes long, not after every one: what is behind is caught up with later.
    pub(super) fn keep_state(&mut self, active: &Active, text: &str) -> Result<bool, Fault> {
        if active.access(text) != Some(StateAccess::Changes) {
            return Ok(false);
        }
        if self.cadence.wait(Instant::now()).is_zero() {
            return self.refresh_snapshot(active.version);
        }
        self.is_behind = true;
        Ok(false)
    }

    /// The snapshot that had to wait.
    pub(super) fn catch_up(&mut self) {
        self.is_behind = false;
        if let Some(active) = self.active.clone() {
            let kept = self.refresh_snapshot(active.version);
            self.after_keeping(&active, kept);
        }
    }

    /// What follows from [`Host::keep_state`]: the new state is told, and what pinned calls make of it, or a fault
    /// is recovered from.
    pub(super) fn after_keeping(&mut self, active: &Active, kept: Result<bool, Fault>) {
        match kept {
            Ok(true) => {
                self.tell_state(active.version, StateMoment::Called);
                self.evaluate_readers();
            }
            Ok(false) => {}
            Err(fault) => self.recover(&fault),
        }
    }

    /// Evaluates a call as written.
    pub(super) fn evaluate(&mut self, version: VersionNumber, text: &str) -> Result<Answer, Fault> {
        let (call, arguments) = match text.parse::<Call>() {
            Ok(call) => match value::pack_arguments(&call.arguments) {
                Ok(arguments) => (call, arguments),
                Err(message) => return Ok(Answer::Refused { message }),
            },
            Err(error) => return Ok(Answer::Refused { message: error.to_string() }),
        };
        let argument_count = call.arguments.len();
        let request = Request::Call { version, export: call.export, argument_count, arguments };
        match self.ask(&request)? {
            Response::Called(CallReply::Returned(bytes)) => Ok(Answer::Returned { value: value::unpack(&bytes) }),
            Response::Called(CallReply::ReturnedErr(bytes)) => Ok(Answer::ReturnedErr { value: value::unpack(&bytes) }),
            Response::Called(CallReply::Panicked { message, file, line }) => {
                Ok(Answer::Panicked { message, file, line })
            }
            Response::Called(CallReply::Refused(message)) => Ok(Answer::Refused { message }),
            other => Err(self.broken(&request, &other)),
        }
    }
}
