//! Versions and failed generations, in the order in which they are shown.

use std::collections::BTreeMap;
use std::ops::Bound;

use exuvia_runtime::call::Answer;
use exuvia_runtime::history::record::{FailedRecord, Marks, PinnedResult, Standing, VersionRow};
use exuvia_runtime::ids::{Generation, Timestamp, VersionNumber};
use exuvia_runtime::session::{Event, MappedVersion, Retirement};

/// More failed generations than this are not shown.
const MAX_FAILURES: usize = 200;

/// Names a failed generation: generations count anew in each session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FailureKey {
    /// The attempt.
    pub generation: Generation,
    /// When it failed.
    pub at: Timestamp,
}

impl FailureKey {
    /// The name of this one.
    #[must_use]
    pub fn of(record: &FailedRecord) -> Self {
        Self { generation: record.generation, at: record.at }
    }
}

/// A row of the list of versions.
#[derive(Debug, Clone, Copy)]
pub enum Row<'a> {
    /// A version.
    Version(&'a VersionRow),
    /// A generation that failed.
    Failure(&'a FailedRecord),
}

/// What speaks against removing a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stays {
    /// It is active.
    Active,
    /// The user keeps it.
    Kept,
    /// The engine goes back to it.
    LastGood,
    /// It is not there.
    Gone,
}

/// Versions and failed generations.
#[derive(Debug, Default)]
pub struct History {
    /// By number, which is the order in which they were made.
    versions: BTreeMap<VersionNumber, VersionRow>,
    /// Oldest first.
    failures: Vec<FailedRecord>,
    /// What became of the libraries of versions that ran.
    retirements: BTreeMap<VersionNumber, Retirement>,
    /// Grows with each change.
    revision: u64,
}

impl History {
    pub(super) fn open(&mut self, versions: Vec<VersionRow>, failures: Vec<FailedRecord>) {
        *self = Self { revision: self.revision + 1, ..Self::default() };
        self.versions = versions.into_iter().map(|row| (row.record.number, row)).collect();
        for failure in failures {
            self.add_failure(failure);
        }
    }

    pub(super) fn add_version(&mut self, row: VersionRow) {
        self.revision += 1;
        self.versions.insert(row.record.number, row);
    }

    pub(super) fn add_failure(&mut self, record: FailedRecord) {
        self.revision += 1;
        self.failures.push(record);
        let too_many = self.failures.len().saturating_sub(MAX_FAILURES);
        self.failures.drain(..too_many);
    }

    pub(super) fn mark(&mut self, version: VersionNumber, marks: Marks) {
        self.revision += 1;
        if let Some(row) = self.versions.get_mut(&version) {
            row.marks = marks;
        }
    }

    pub(super) fn pinned_result(&mut self, version: VersionNumber, call: &str, answer: &Answer) {
        self.revision += 1;
        let Some(row) = self.versions.get_mut(&version) else { return };
        let results = &mut row.marks.pinned_results;
        match results.iter_mut().find(|result| result.call == call) {
            Some(result) => result.answer = answer.clone(),
            None => results.push(PinnedResult { call: call.to_owned(), answer: answer.clone() }),
        }
    }

    pub(super) fn retired(&mut self, version: VersionNumber, retirement: Retirement) {
        self.revision += 1;
        self.retirements.insert(version, retirement);
    }

    pub(super) fn prune(&mut self, versions: &[VersionNumber]) {
        self.revision += 1;
        for version in versions {
            self.versions.remove(version);
            self.retirements.remove(version);
        }
    }

    /// What the runner still has mapped is the newer word about versions that were retired.
    pub(super) fn mapped(&mut self, versions: &[MappedVersion]) {
        self.revision += 1;
        self.retirements.retain(|number, retirement| {
            !matches!(retirement, Retirement::Kept { .. }) || versions.iter().any(|mapped| mapped.version == *number)
        });
        for mapped in versions {
            match &mapped.why {
                Some(why) => {
                    let kept = Retirement::Kept { why: why.clone(), bytes: mapped.bytes };
                    self.retirements.insert(mapped.version, kept);
                }
                None => drop(self.retirements.remove(&mapped.version)),
            }
        }
    }

    /// Whether the version of this event was marked as faulted before it.
    pub(super) fn is_faulted(&self, event: &Event) -> bool {
        let Event::Marked { version, .. } = event else { return false };
        self.version(*version).is_some_and(|row| matches!(row.marks.standing, Standing::Faulted { .. }))
    }

    /// A number that is another one after each change: what was found out before may be stale.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The newest version that outlived its probation.
    #[must_use]
    pub fn last_good(&self) -> Option<VersionNumber> {
        self.versions.values().rev().find(|row| row.marks.standing == Standing::Good).map(|row| row.record.number)
    }

    /// A kept version.
    #[must_use]
    pub fn version(&self, number: VersionNumber) -> Option<&VersionRow> {
        self.versions.get(&number)
    }

    /// A failed generation.
    #[must_use]
    pub fn failure(&self, key: FailureKey) -> Option<&FailedRecord> {
        self.failures.iter().find(|record| FailureKey::of(record) == key)
    }

    /// What became of a version's library when it last ran.
    #[must_use]
    pub fn retirement(&self, number: VersionNumber) -> Option<&Retirement> {
        self.retirements.get(&number)
    }

    /// The kept versions, newest first.
    pub fn versions(&self) -> impl DoubleEndedIterator<Item = &VersionRow> {
        self.versions.values().rev()
    }

    /// Numbers of the kept versions, newest first.
    pub fn numbers(&self) -> impl DoubleEndedIterator<Item = VersionNumber> {
        self.versions.keys().rev().copied()
    }

    /// When the versions were built and the failures happened, in no order.
    pub fn times(&self) -> impl Iterator<Item = Timestamp> {
        let built = self.versions.values().map(|row| row.record.built_at);
        built.chain(self.failures.iter().map(|record| record.at))
    }

    /// Whether a failed generation is known.
    #[must_use]
    pub fn has_failures(&self) -> bool {
        !self.failures.is_empty()
    }

    /// The next older version that can run: where the engine rolls back to.
    #[must_use]
    pub fn older(&self, than: VersionNumber) -> Option<VersionNumber> {
        self.versions.range(..than).rev().find(|(_, row)| can_run(row)).map(|(number, _)| *number)
    }

    /// The next newer version that can run: where the engine rolls forward to.
    #[must_use]
    pub fn newer(&self, than: VersionNumber) -> Option<VersionNumber> {
        let newer = (Bound::Excluded(than), Bound::Unbounded);
        self.versions.range(newer).find(|(_, row)| can_run(row)).map(|(number, _)| *number)
    }

    /// The version whose row stands below, whether or not it can run.
    #[must_use]
    pub fn below(&self, version: VersionNumber) -> Option<VersionNumber> {
        self.versions.range(..version).next_back().map(|(number, _)| *number)
    }

    /// The version whose row stands above, whether or not it can run.
    #[must_use]
    pub fn above(&self, version: VersionNumber) -> Option<VersionNumber> {
        self.versions.range((Bound::Excluded(version), Bound::Unbounded)).next().map(|(number, _)| *number)
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.versions.len() + self.failures.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All rows, newest first. Versions stay in the order of their numbers even if the clock was
    /// set back; failures go between them by time.
    #[must_use]
    pub fn rows(&self) -> Vec<Row<'_>> {
        let mut rows = Vec::with_capacity(self.versions.len() + self.failures.len());
        let mut failures = self.failures.iter().rev().peekable();
        for version in self.versions.values().rev() {
            while let Some(failure) = failures.next_if(|failure| failure.at > version.record.built_at) {
                rows.push(Row::Failure(failure));
            }
            rows.push(Row::Version(version));
        }
        rows.extend(failures.map(Row::Failure));
        rows
    }
}

/// Whether a step back or forward stops here; the engine's steps do the same.
fn can_run(row: &VersionRow) -> bool {
    matches!(row.marks.standing, Standing::Good | Standing::Probation)
}
