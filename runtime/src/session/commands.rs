//! What the user asks for.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::actor::{Actor, Input};
use super::comparisons::{Asked, Comparison};
use super::status::Phase;
use super::{Command, Event};
use crate::history;
use crate::history::compare::{self, CompareOutcome, Side};
use crate::history::record::{Cause, Standing};
use crate::ids::VersionNumber;
use crate::swap::Job;
use crate::watch::SourceTree;

/// How long a comparison may look for the smallest difference.
const COMPARE: Duration = Duration::from_secs(2);

impl<T: Fn(Event)> Actor<T> {
    pub(super) fn command(&mut self, command: Command) {
        match command {
            Command::Build => {
                self.look(&BTreeSet::new());
                self.build(Cause::Asked, None);
            }
            Command::CancelBuild => match self.running.take() {
                Some(running) => {
                    running.build.cancel();
                    (self.tell)(Event::Cancelled { generation: running.generation });
                    self.phase = Phase::Idle;
                }
                None => self.refuse("no build is running"),
            },
            Command::Activate { version } if self.rows.contains_key(&version) => {
                self.activate(Job::Activate(version));
            }
            Command::ActivateWithItsState { version } if self.rows.contains_key(&version) => {
                self.activate(Job::ActivateWithItsState(version));
            }
            Command::Activate { version } | Command::ActivateWithItsState { version } => {
                self.refuse(&format!("there is no {version}; {}", self.kept()));
            }
            Command::RollBack => self.step(|of, active| of.range(..active).next_back(), "older"),
            Command::RollForward => {
                self.step(|of, active| of.range((Bound::Excluded(active), Bound::Unbounded)).next(), "newer");
            }
            Command::SetAutoReload { on } => {
                self.probations.clear();
                self.set_auto_reload(on);
                if on {
                    self.consider(None, false);
                }
            }
            Command::Call { id, text } => self.job(Job::Call { id, text }),
            Command::Pin { text } => self.job(Job::Pin(text)),
            Command::Unpin { text } => self.job(Job::Unpin(text)),
            Command::Keep { version, keep } => self.job(Job::Keep(version, keep)),
            Command::Note { version, text } => self.job(Job::Note(version, text)),
            Command::Remove { version } => self.job(Job::Remove(version)),
            Command::Compare { id, from, to } => self.compare(Comparison { id, from, to }),
            Command::ReadState => self.job(Job::ReadState),
            Command::ReadMemory => self.job(Job::ReadMemory),
            Command::SetLimits { retention, deadlines, limits } => self.job(Job::Limits(retention, deadlines, limits)),
            Command::RestartGuest => self.job(Job::Restart),
            // Handled by the loop.
            Command::Quit => {}
        }
    }

    pub(super) fn set_auto_reload(&mut self, on: bool) {
        self.auto_reload = on;
        (self.tell)(Event::AutoReload { on });
    }

    fn job(&mut self, job: Job) {
        if self.host.send(job).is_err() {
            // Only a panic ends the host before the session.
            let reason = "the engine's host has ended, which is a bug in Exuvia; start the workbench again".to_owned();
            self.active = None;
            self.phase = Phase::Stopped { reason };
        }
    }

    fn activate(&mut self, job: Job) {
        if self.running.is_none() {
            self.phase = Phase::Activating;
        }
        self.job(job);
    }

    /// Activates the next older or newer version that can run.
    fn step(&mut self, next: impl Fn(&BTreeSet<VersionNumber>, VersionNumber) -> Option<&VersionNumber>, word: &str) {
        let Some(active) = self.active else { return self.refuse("nothing is loaded yet") };
        let runs = |standing: &Standing| matches!(standing, Standing::Good | Standing::Probation);
        let candidates = self.rows.iter().filter(|(_, standing)| runs(standing)).map(|(number, _)| *number).collect();
        match next(&candidates, active).copied() {
            Some(version) => self.activate(Job::Activate(version)),
            None => self.refuse(&format!("there is no {word} version than {active}")),
        }
    }

    /// Compares, at once or when the comparison that is worked out is done.
    fn compare(&mut self, asked: Comparison) {
        let Asked { begin, replaced } = self.comparisons.ask(asked);
        if let Some(Comparison { id, from, to }) = replaced {
            let message = "another comparison was asked for before this one began".to_owned();
            (self.tell)(Event::Compared { id, from, to, outcome: CompareOutcome::Failed { message } });
        }
        if let Some(comparison) = begin {
            self.begin_comparison(comparison);
        }
    }

    /// A comparison is done; the one that waits is next.
    pub(super) fn compared(&mut self, event: Event) {
        (self.tell)(event);
        if let Some(next) = self.comparisons.done() {
            self.begin_comparison(next);
        }
    }

    /// On a thread of its own: files are read there, and it may take seconds.
    fn begin_comparison(&self, Comparison { id, from, to }: Comparison) {
        let (project, inputs, saved) =
            (Arc::clone(&self.project), self.inputs.clone(), Arc::clone(self.sources.saved()));
        let inbox = self.inbox.clone();
        std::thread::spawn(move || {
            let files = |side: Side| match side {
                Side::Nothing => Ok(compare::SideFiles::new()),
                Side::Version(version) => compare::of_version(&history::folder(&project), version),
                Side::Saved => {
                    let saved = SourceTree::read(&inputs, &saved, &BTreeSet::new());
                    Ok(compare::of_saved(&saved, |path| project.shown(path)))
                }
            };
            // A panic is an outcome, too: the comparison that waits is not lost with it.
            let outcome = catch_unwind(AssertUnwindSafe(|| match (files(from), files(to)) {
                (Ok(from), Ok(to)) => compare::diff(&from, &to, Instant::now() + COMPARE),
                (Err(message), _) | (_, Err(message)) => CompareOutcome::Failed { message },
            }));
            let outcome = outcome.unwrap_or_else(|_| CompareOutcome::Failed {
                message: "Exuvia made a mistake (a panic; see stderr); compare another pair".to_owned(),
            });
            // A session that has ended wants no outcome.
            drop(inbox.send(Input::Compared(Box::new(Event::Compared { id, from, to, outcome }))));
        });
    }

    fn kept(&self) -> String {
        match (self.rows.keys().next(), self.rows.keys().next_back()) {
            (Some(first), Some(last)) => format!("kept are {first} to {last}"),
            _ => "no version is kept yet".to_owned(),
        }
    }

    fn refuse(&self, message: &str) {
        (self.tell)(Event::CommandRefused { message: message.to_owned() });
    }
}
