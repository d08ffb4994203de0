//! Faults of this session: which version, how often, and the latest one until something good came
//! after it.

use std::collections::BTreeMap;

use exuvia_runtime::history::record::Standing;
use exuvia_runtime::ids::{Timestamp, VersionNumber};
use exuvia_runtime::session::Event;
use exuvia_runtime::swap::verdict::VerdictKind;

/// The latest fault of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What happened, and during what.
    pub text: String,
    /// When the window heard of it.
    pub at: Timestamp,
    /// How many there were in this session, this one included.
    pub count: u32,
}

/// Which versions faulted in this session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    by_version: BTreeMap<VersionNumber, Fault>,
    open: Option<VersionNumber>,
}

impl Faults {
    /// Takes an event in, before the history does. Says whether the open fault is another one now.
    pub(super) fn note(&mut self, event: &Event, was_faulted: bool, now: Timestamp) -> bool {
        let before = (self.open, self.open().map(|(_, fault)| fault.count));
        match event {
            Event::Fault { version, fault } => self.add(*version, fault, now),
            // A candidate that falls in its probation has no event of its own.
            Event::Recorded { row } => match &row.marks.standing {
                Standing::Faulted { fault } => self.add_once(row.record.number, fault, now),
                Standing::Good | Standing::Probation => self.open = None,
                Standing::Refused => {}
            },
            Event::Marked { version, marks } if !was_faulted => {
                if let Standing::Faulted { fault } = &marks.standing {
                    self.add_once(*version, fault, now);
                }
            }
            // What the engine starts again by itself is restarted; the rest the user asked for, or
            // is a new version.
            Event::Activated { verdict, .. } if verdict.kind != VerdictKind::Restarted => self.open = None,
            Event::Pruned { versions } => {
                self.by_version.retain(|version, _| !versions.contains(version));
                self.open = self.open.filter(|version| !versions.contains(version));
            }
            _ => {}
        }
        before != (self.open, self.open().map(|(_, fault)| fault.count))
    }

    fn add(&mut self, version: VersionNumber, text: &str, at: Timestamp) {
        let count = self.by_version.get(&version).map_or(0, |fault| fault.count) + 1;
        self.by_version.insert(version, Fault { text: text.to_owned(), at, count });
        self.open = Some(version);
    }

    /// The same fault may be told and then marked.
    fn add_once(&mut self, version: VersionNumber, text: &str, at: Timestamp) {
        let told = self.open == Some(version) && self.of(version).is_some_and(|fault| fault.text == text);
        if !told {
            self.add(version, text, at);
        }
    }

    /// The user has answered it: there is nothing to be done about it any more.
    pub(super) fn close(&mut self) {
        self.open = None;
    }

    /// The latest fault, until a version was built or activated after it.
    #[must_use]
    pub fn open(&self) -> Option<(VersionNumber, &Fault)> {
        self.open.and_then(|version| Some((version, self.by_version.get(&version)?)))
    }

    /// The latest fault of a version in this session.
    #[must_use]
    pub fn of(&self, version: VersionNumber) -> Option<&Fault> {
        self.by_version.get(&version)
    }
}
