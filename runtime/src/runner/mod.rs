//! The process that loads guests, and its parent's side.
//!
//! The runner is this same executable, started with the hidden subcommand [`SUBCOMMAND`]. It
//! talks to its parent over a socket pair that nobody else can reach: one request, one response,
//! each with a deadline. It ends when the parent ends. Whatever the guest does to it (a crash, an
//! exit, a hang), the parent finds a [`Fault`] and starts another one.

mod crash;
mod gather;
mod lines;
mod output;
mod process;
mod protocol;
mod serve;
pub(crate) mod threads;

pub use process::{Fault, OutputSink, Runner, RunnerProgram};
pub use protocol::{Mapping, Opened, Report, Request, Response, RetireReport, Snapshot};
pub(crate) use protocol::{read_frame, write_frame};
pub use serve::serve;

/// The hidden subcommand that makes the executable a runner.
pub const SUBCOMMAND: &str = "__runner";
