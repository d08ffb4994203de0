//! What an experiment is asked, and what it tells.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::explain::{Explanation, Facts};
use super::step::{FileFacts, Lane, Step};

/// What an experiment is started with.
#[derive(Debug, Clone)]
pub struct ExperimentConfig {
    /// The executable that serves [`super::SUBCOMMAND`] and [`crate::warden::SUBCOMMAND`]: this one, or
    /// for tests another that does.
    pub program: PathBuf,
    /// A private folder for the scratch copy and its builds; `None` for one in the user's cache.
    pub folder: Option<PathBuf>,
    /// Whether the guest has a thread-local with a destructor.
    pub thread_local: bool,
}

/// What a user can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExperimentCommand {
    /// Take one step in each lane that has one left. Before [`ExperimentEvent::Prepared`] it is
    /// remembered and taken then.
    Step,
    /// Take all steps that are left.
    RunAll,
    /// End: cargo and the lanes are killed.
    Quit,
}

/// What an experiment tells. A run goes from [`ExperimentEvent::Started`] to exactly one of
/// [`ExperimentEvent::Done`], [`ExperimentEvent::Failed`] and [`ExperimentEvent::Cancelled`]; what
/// comes in between is the run's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum ExperimentEvent {
    /// A run begins with its preparation.
    Started {
        /// Whether the guest has a thread-local with a destructor.
        thread_local: bool,
    },
    /// What the preparation is about.
    Preparing {
        /// In words.
        text: String,
    },
    /// Both artifacts are there, and no step was taken yet.
    Prepared {
        /// What was prepared.
        prepared: Prepared,
    },
    /// A lane took a step.
    Step {
        /// Which.
        lane: Lane,
        /// What it found.
        step: Step,
    },
    /// A lane has ended: the lane's terminal event.
    LaneEnded {
        /// Which.
        lane: Lane,
        /// What counts of its steps.
        facts: Facts,
        /// What follows from the facts.
        explanation: Explanation,
    },
    /// Terminal: all lanes have ended.
    Done {
        /// The whole run.
        report: Report,
    },
    /// Terminal: the run could not be prepared.
    Failed {
        /// Why, and what to do.
        message: String,
    },
    /// Terminal: the experiment's end came first.
    Cancelled,
}

impl ExperimentEvent {
    /// Whether the run is over with this event.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Done { .. } | Self::Failed { .. } | Self::Cancelled)
    }
}

/// The two builds of the scratch copy, and how cargo put the second one into the first one's place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prepared {
    /// What the first build prints.
    pub old_text: String,
    /// What the second build prints.
    pub new_text: String,
    /// Cargo's artifact after the first build.
    pub first: FileFacts,
    /// Cargo's artifact after the second build.
    pub second: FileFacts,
    /// How many names the second artifact has: cargo links it from `deps/` to its place.
    pub names: Option<u64>,
    /// Time that both builds took together, in microseconds.
    pub build_micros: u64,
}

/// A whole run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Whether the guest had a thread-local with a destructor.
    pub thread_local: bool,
    /// The builds.
    pub prepared: Prepared,
    /// The lanes, in the order of [`Lane::ALL`].
    pub lanes: Vec<LaneReport>,
}

/// A lane of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaneReport {
    /// Which.
    pub lane: Lane,
    /// Its steps.
    pub steps: Vec<Step>,
    /// What counts of them.
    pub facts: Facts,
    /// What follows from the facts.
    pub explanation: Explanation,
    /// The explanation in English words.
    pub words: String,
}
