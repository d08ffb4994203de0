//! What is wrong with an attempt: the compiler's messages, or why it did not load.

use exuvia_runtime::build::diagnostic::{Diagnostic, Level};
use exuvia_runtime::history::record::{FailedRecord, Failure, VersionRow};
use exuvia_runtime::ids::{Generation, VersionNumber};
use exuvia_runtime::swap::verdict::VerdictKind;

use super::faults::Fault;

/// Whose problems they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemsOf {
    /// A generation that failed.
    Generation(Generation),
    /// A version.
    Version(VersionNumber),
}

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// How grave it is.
    pub level: Level,
    /// In one line.
    pub title: String,
    /// The whole text, perhaps with ANSI colours.
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
    /// The problems.
    pub items: Vec<Problem>,
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
                    items.push(Problem { level: Level::Error, title: message.clone(), rendered });
                }
            }
            Failure::Load { message } => items.push(Problem::error(message)),
        }
        items.sort_by_key(|item| item.level);
        Self { of: Some(ProblemsOf::Generation(record.generation)), items }
    }

    /// The problems of a version: why it was refused, and the warnings of its build.
    #[must_use]
    pub fn of_version(row: &VersionRow) -> Self {
        let record = &row.record;
        let mut items = Vec::new();
        if record.verdict.kind == VerdictKind::Refused {
            items.push(Problem::error(&format!("{} was refused: {}", record.number, record.verdict.reason)));
        }
        items.extend(record.warnings.iter().map(Problem::from));
        items.sort_by_key(|item| item.level);
        Self { of: Some(ProblemsOf::Version(record.number)), items }
    }

    /// A fault stands above what the compiler said.
    pub(super) fn add_fault(&mut self, version: VersionNumber, fault: &Fault) {
        let often = if fault.count > 1 { format!(" ({} times in this session)", fault.count) } else { String::new() };
        self.items.insert(0, Problem::error(&format!("{version} faulted: {}{often}", fault.text)));
    }

    /// How many there are.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let count = |level| self.items.iter().filter(|item| item.level == level).count();
        Counts { errors: count(Level::Error), warnings: count(Level::Warning) }
    }
}

impl Problem {
    fn error(message: &str) -> Self {
        let title = message.lines().next().unwrap_or_default().to_owned();
        Self { level: Level::Error, title, rendered: message.to_owned() }
    }
}

impl From<&Diagnostic> for Problem {
    fn from(diagnostic: &Diagnostic) -> Self {
        let Diagnostic { level, message, rendered, .. } = diagnostic;
        let rendered = if rendered.trim().is_empty() { message } else { rendered };
        Self { level: *level, title: message.clone(), rendered: rendered.trim_end().to_owned() }
    }
}
