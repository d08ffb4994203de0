//! From a staged artifact to the active version, and back when it faults.
//!
//! One thread, the host's, owns the runner and the history, and does one job after the other:
//! whatever takes time or may not come back happens there. What it finds out leaves it as events.

mod activation;
mod cadence;
mod calls;
mod carry;
mod clause;
mod exports;
mod fallback;
mod handover;
mod host;
mod job;
mod keeper;
mod keeping;
mod memory;
mod own_state;
mod pins;
mod recovery;
mod state;
pub mod verdict;

pub use host::{HostConfig, HostHandle, spawn};
pub use job::{Deadlines, Job, NewArtifact, News, RunnerLimits};
