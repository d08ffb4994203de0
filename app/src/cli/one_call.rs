//! When `exuvia call` asks, and what its answer is: a pure function of the session's events.

use exuvia_runtime::call::Answer;
use exuvia_runtime::history::record::Failure;
use exuvia_runtime::ids::{Generation, VersionNumber};
use exuvia_runtime::session::Event;
use exuvia_runtime::swap::verdict::VerdictKind;

use super::Exit;

/// How the call ends.
#[derive(Debug, PartialEq)]
pub(super) enum Ending {
    /// The saved code answered.
    Answered(Answer),
    /// There is no guest.
    NotOpened(String),
    /// It could not be built or loaded.
    Failed(Failure),
    /// It was built and does not run.
    NotRunning(String),
    /// It faulted before it could be called.
    Faulted(String),
    /// The session ended first.
    Lost,
}

impl From<&Ending> for Exit {
    fn from(ending: &Ending) -> Self {
        match ending {
            Ending::Answered(answer) => answer.into(),
            Ending::NotOpened(_) => Self::NotOpened,
            Ending::Failed(_) | Ending::NotRunning(_) => Self::NotBuilt,
            Ending::Faulted(_) => Self::Faulted,
            Ending::Lost => Self::Workbench,
        }
    }
}

/// What to do after an event.
#[derive(Debug, PartialEq)]
pub(super) enum Next {
    /// Nothing.
    Wait,
    /// Call now.
    Ask,
    /// It is over.
    End(Ending),
}

/// Follows a session until the saved code has answered.
#[derive(Debug, Default)]
pub(super) struct OneCall {
    /// The attempt that the saved code is built in.
    awaited: Option<Generation>,
    /// The version to answer; set when it was asked.
    asked: Option<VersionNumber>,
    active: Option<VersionNumber>,
    fault: Option<(VersionNumber, String)>,
}

impl OneCall {
    /// The id of the one call.
    pub(super) const ID: u64 = 1;

    /// Takes an event in.
    pub(super) fn take(&mut self, event: &Event) -> Next {
        let is_awaited = |generation: &Generation| self.asked.is_none() && self.awaited == Some(*generation);
        match event {
            Event::OpenFailed { message } => Next::End(Ending::NotOpened(message.clone())),
            Event::Ended => Next::End(Ending::Lost),
            Event::BuildStarted { generation, .. } if self.awaited.is_none() => self.wait_for(*generation),
            // A file was saved meanwhile: the newer attempt holds what is saved now.
            Event::Superseded { generation, by } if is_awaited(generation) => self.wait_for(*by),
            Event::Cancelled { generation } if is_awaited(generation) => {
                not_running("the build was cancelled".to_owned())
            }
            Event::Failed { record } if is_awaited(&record.generation) => {
                Next::End(Ending::Failed(record.failure.clone()))
            }
            Event::NothingChanged { generation, reason } if is_awaited(generation) => match self.active {
                Some(active) => self.ask(active),
                None => not_running(format!("nothing runs, and there is nothing new to run: {reason}")),
            },
            Event::Recorded { row } if is_awaited(&row.record.generation) => {
                let (number, verdict) = (row.record.number, &row.record.verdict);
                match &self.fault {
                    _ if self.active == Some(number) => self.ask(number),
                    Some((faulted, fault)) if *faulted == number => self.faulted(fault),
                    _ if verdict.kind == VerdictKind::Refused => {
                        not_running(format!("{number} was refused: {}", verdict.reason))
                    }
                    _ => not_running(format!("{number} was built and does not run ({verdict})")),
                }
            }
            Event::Answered { id: Self::ID, version, answer, .. } => match (*version, self.asked) {
                (Some(version), Some(asked)) if version < asked => {
                    let fault = self.fault.as_ref().map_or("it was replaced by an older version", |(_, fault)| fault);
                    self.faulted(fault)
                }
                _ => Next::End(Ending::Answered(answer.clone())),
            },
            Event::Activated { version, .. } => {
                self.active = Some(*version);
                Next::Wait
            }
            Event::Fault { version, fault } => {
                self.fault = Some((*version, fault.clone()));
                self.active = None;
                Next::Wait
            }
            _ => Next::Wait,
        }
    }

    fn wait_for(&mut self, generation: Generation) -> Next {
        self.awaited = Some(generation);
        Next::Wait
    }

    fn ask(&mut self, version: VersionNumber) -> Next {
        self.asked = Some(version);
        Next::Ask
    }

    fn faulted(&self, fault: &str) -> Next {
        Next::End(Ending::Faulted(format!("the saved code faulted before it could be called: {fault}")))
    }
}

fn not_running(message: String) -> Next {
    Next::End(Ending::NotRunning(message))
}

#[cfg(test)]
#[path = "one_call_tests.rs"]
mod tests;
