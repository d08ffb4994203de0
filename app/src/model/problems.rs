//! What is wrong with an attempt: the compiler's messages, or why it did not load.

use std::sync::Arc;

use exuvia_runtime::build::diagnostic::{Diagnostic, Level, Place};
use exuvia_runtime::history::record::{FailedRecord, Failure, VersionRow};
use exuvia_runtime::ids::{Generation, VersionNumber};
use exuvia_runtime::swap::verdict::{Verdict, VerdictKind};

use super::faults::Fault;

/// Whose problems they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemsOf {
    /// A generation that failed.
    Generation(Generation),
    /// A version.
    Version(VersionNumber),
}

/// Who said it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProblemKind {
    /// The compiler, or cargo: drawn line by line, as it was laid out.
    Compiler,
    /// What was built did not load.
    NotLoaded,
    /// The version was refused, for the reasons of this verdict.
    Refused(Box<Verdict>),
    /// A version faulted while it ran.
    Faulted {
        /// So often in this session.
        times: u32,
    },
}

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Who said it.
    pub kind: ProblemKind,
    /// How grave it is.
    pub level: Level,
    /// In one line; the window says it for what is not the compiler's.
    pub title: String,
    /// Where in the sources, as the compiler names it: relative to the workspace's root, or absolute.
    pub place: Option<Place>,
    /// The whole text, perhaps with ANSI colours; likewise.
    pub rendered: String,
}

/// How many problems there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
}

/// The problems of one attempt, errors first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems {
    /// Whose they are; `None` as long as nothing was tried.
    pub of: Option<ProblemsOf>,
    /// The problems. Shared, so that a view can tell cheaply whether they are still the same.
    pub items: Arc<[Problem]>,
}

impl Problems {
    /// The problems of a failed generation.
    #[must_use]
    pub fn of_failure(record: &FailedRecord) -> Self {
        let mut items = Vec::new();
        match &record.failure {
            Failure::Build { message, diagnostics, stderr } => {
                items.extend(diagnostics.iter().map(Problem::from));
                let explained = items.iter().any(|item| item.level == Level::Error);
                let said = stderr.trim_end();
                // A failed build always shows at least one error: cargo's own words, where the
                // compiler had none (where it had, cargo only counts them).
                if !explained {
                    let rendered = if said.is_empty() { message.clone() } else { said.to_owned() };
                    let (kind, level, title) = (ProblemKind::Compiler, Level::Error, message.clone());
                    items.push(Problem { kind, level, title, place: None, rendered });
                }
            }
            Failure::Load { message } => items.push(Problem::of_ours(ProblemKind::NotLoaded, message)),
        }
        Self::sorted(ProblemsOf::Generation(record.generation), items)
    }

    /// The problems of a version: why it was refused, and the warnings of its build.
    #[must_use]
    pub fn of_version(row: &VersionRow) -> Self {
        let record = &row.record;
        let mut items = Vec::new();
        if record.verdict.kind == VerdictKind::Refused {
            let kind = ProblemKind::Refused(Box::new(record.verdict.clone()));
            items.push(Problem::of_ours(kind, &record.verdict.reason));
        }
        items.extend(record.warnings.iter().map(Problem::from));
        Self::sorted(ProblemsOf::Version(record.number), items)
    }

    fn sorted(of: ProblemsOf, mut items: Vec<Problem>) -> Self {
        items.sort_by_key(|item| item.level);
        Self { of: Some(of), items: items.into() }
    }

    /// A fault stands above what the compiler said.
    pub(super) fn add_fault(&mut self, version: VersionNumber, fault: &Fault) {
        if self.items.is_empty() {
            // Nothing is said of the attempt, so these are the problems of what faulted.
            self.of = Some(ProblemsOf::Version(version));
        }
        let kind = ProblemKind::Faulted { times: fault.count };
        let fault = Problem::of_ours(kind, &format!("{version}: {}", fault.text));
        self.items = std::iter::once(fault).chain(self.items.iter().cloned()).collect();
    }

    /// How many there are.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let count = |level| self.items.iter().filter(|item| item.level == level).count();
        Counts { errors: count(Level::Error), warnings: count(Level::Warning) }
    }
}

impl Problem {
    fn of_ours(kind: ProblemKind, message: &str) -> Self {
        let title = message.lines().next().unwrap_or_default().to_owned();
        Self { kind, level: Level::Error, title, place: None, rendered: message.to_owned() }
    }
}

impl From<&Diagnostic> for Problem {
    fn from(diagnostic: &Diagnostic) -> Self {
        let Diagnostic { level, message, place, rendered, .. } = diagnostic;
        let rendered = if rendered.trim().is_empty() { message } else { rendered };
        Self {
            kind: ProblemKind::Compiler,
            level: *level,
            title: message.clone(),
            place: place.clone(),
            rendered: rendered.trim_end().to_owned(),
        }
    }
}
