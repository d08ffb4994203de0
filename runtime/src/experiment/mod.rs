//! The article's experiment, run for real: a guest is built, opened, greeted, edited, built again,
//! and opened once more, in four ways side by side, each in a process of its own.
//!
//! | module | its job |
//! |---|---|
//! | `step` | the lanes, their steps and what each found |
//! | `explain` | facts from steps, one sentence from facts (pure) |
//! | `event` | commands in, events and the report out |

mod event;
mod explain;
mod step;

pub use event::{ExperimentCommand, ExperimentConfig, ExperimentEvent, LaneReport, Prepared, Report};
pub use explain::{Explanation, Facts, LaneEnd, Said, explain};
pub use step::{FileFacts, Lane, LibraryFacts, Mapped, MappedFile, Step, StepKind};

/// The hidden subcommand that makes the executable a lane's process.
pub const SUBCOMMAND: &str = "__experiment-lane";
