//! Calls, their answers, and the pinned ones.

use std::collections::VecDeque;

use exuvia_runtime::call::{Answer, Call};
use exuvia_runtime::ids::VersionNumber;

/// More calls than this are not kept.
const MAX_CALLS: usize = 200;

/// How far a call has come.
#[derive(Debug, Clone, PartialEq)]
pub enum CallState {
    /// It was asked for.
    Waiting,
    /// It was answered.
    Answered {
        /// By this version.
        version: Option<VersionNumber>,
        /// The answer.
        answer: Answer,
        /// Time from asking the runner to its answer, in microseconds.
        micros: u64,
    },
}

/// A call that was made here.
#[derive(Debug, Clone, PartialEq)]
pub struct CallEntry {
    /// Comes back with the answer.
    pub id: u64,
    /// The call as it was written.
    pub call: String,
    /// How far it has come.
    pub state: CallState,
}

/// A pinned call.
#[derive(Debug, Clone, PartialEq)]
pub struct Pin {
    /// The call as it was written.
    pub call: String,
    /// The newest answer and the version that gave it. It stays until a newer one comes.
    pub latest: Option<(VersionNumber, Answer)>,
}

/// Calls and pinned calls.
#[derive(Debug, Default)]
pub struct Calls {
    log: VecDeque<CallEntry>,
    /// The pinned calls, in the engine's order.
    pub pins: Vec<Pin>,
    last_id: u64,
}

impl Calls {
    /// Notes a call that is about to be asked for, and gives its id.
    pub fn ask(&mut self, call: &str) -> u64 {
        self.last_id += 1;
        self.push(CallEntry { id: self.last_id, call: call.to_owned(), state: CallState::Waiting });
        self.last_id
    }

    fn push(&mut self, entry: CallEntry) {
        self.log.truncate(MAX_CALLS - 1);
        self.log.push_front(entry);
    }

    pub(super) fn answered(
        &mut self,
        id: u64,
        call: String,
        version: Option<VersionNumber>,
        answer: Answer,
        micros: u64,
    ) {
        let state = CallState::Answered { version, answer, micros };
        match self.log.iter_mut().find(|entry| entry.id == id) {
            Some(entry) => entry.state = state,
            None => self.push(CallEntry { id, call, state }),
        }
    }

    pub(super) fn set_pins(&mut self, pins: Vec<String>) {
        let mut old = std::mem::take(&mut self.pins);
        self.pins = pins
            .into_iter()
            .map(|call| {
                let latest = old.iter_mut().find(|pin| pin.call == call).and_then(|pin| pin.latest.take());
                Pin { call, latest }
            })
            .collect();
    }

    pub(super) fn pinned_result(&mut self, version: VersionNumber, call: &str, answer: Answer) {
        if let Some(pin) = self.pins.iter_mut().find(|pin| pin.call == call) {
            pin.latest = Some((version, answer));
        }
    }

    /// The session has ended: what still waits will get no answer.
    pub(super) fn end(&mut self) {
        for entry in self.log.iter_mut().filter(|entry| entry.state == CallState::Waiting) {
            let answer = Answer::Refused { message: "the session has ended".to_owned() };
            entry.state = CallState::Answered { version: None, answer, micros: 0 };
        }
    }

    /// The calls, newest first.
    pub fn log(&self) -> impl ExactSizeIterator<Item = &CallEntry> {
        self.log.iter()
    }

    /// Whether this call is pinned, however it is written.
    #[must_use]
    pub fn is_pinned(&self, call: &str) -> bool {
        let call = call.parse::<Call>().map_or_else(|_| call.to_owned(), |call| call.to_string());
        self.pins.iter().any(|pin| pin.call == call)
    }
}
