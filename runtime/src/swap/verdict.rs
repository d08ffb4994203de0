//! What a change did, in one word and a reason.

use std::fmt;

use serde::{Deserialize, Serialize};

pub use super::carry::{Carried, ResetField};
pub use super::clause::Clause;
use super::clause::text;

/// What a change did (an open list: more will come).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum VerdictKind {
    /// The new code runs; the state went on as it was, or there is none.
    Hot,
    /// The new code runs; the state went on, and some of its fields changed.
    Migrated,
    /// The new code runs; the state started afresh.
    Reset,
    /// The new code does not run; the old version goes on.
    Refused,
    /// The runner was replaced, and the version goes on in a new one.
    Restarted,
}

impl VerdictKind {
    /// The word that is shown.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Hot => "Hot",
            Self::Migrated => "Migrated",
            Self::Reset => "Reset",
            Self::Refused => "Refused",
            Self::Restarted => "Restarted",
        }
    }
}

/// A verdict is never without its reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The word.
    pub kind: VerdictKind,
    /// Why, in a sentence or a few clauses separated by `; `.
    pub reason: String,
    /// The same as facts, one for each clause; none in what an older workbench has written down.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clauses: Vec<Clause>,
    /// What became of the state's fields, where state went over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried: Option<Box<Carried>>,
}

impl Verdict {
    /// A verdict whose reason is what somebody says.
    pub fn new(kind: VerdictKind, reason: impl Into<String>) -> Self {
        Self::of(kind, vec![Clause::Said { text: reason.into() }])
    }

    /// A verdict whose reason follows from these facts.
    #[must_use]
    pub fn of(kind: VerdictKind, clauses: Vec<Clause>) -> Self {
        Self { kind, reason: text(&clauses, None), clauses, carried: None }
    }

    /// The same with what became of the state's fields.
    #[must_use]
    pub fn with_fields(self, carried: Carried) -> Self {
        let reason = text(&self.clauses, Some(&carried));
        Self { reason, carried: Some(Box::new(carried)), ..self }
    }

    /// These facts come before what is said already.
    pub(super) fn begin_with(&mut self, clauses: impl IntoIterator<Item = Clause>) {
        self.clauses.splice(0..0, clauses);
        self.reason = text(&self.clauses, self.carried.as_deref());
    }

    /// These facts come behind what is said already.
    pub(super) fn add(&mut self, clauses: impl IntoIterator<Item = Clause>) {
        self.clauses.extend(clauses);
        self.reason = text(&self.clauses, self.carried.as_deref());
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.word(), self.reason)
    }
}
