//! What differs between operating systems, each thing behind one function.
//!
//! `unix` serves Linux and macOS; `linux` adds the facts that only `/proc` tells. On Windows the
//! engine compiles to clear errors where a private channel to the runner is missing. Only Linux
//! was ever run.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod no_facts;
#[cfg(not(unix))]
mod other;
#[cfg(unix)]
mod unix;

/// What this process takes up; `None` where that cannot be found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ProcessSize {
    /// Resident memory in bytes.
    pub resident: Option<u64>,
    /// Number of threads.
    pub threads: Option<u32>,
}

#[cfg(target_os = "linux")]
pub(crate) use linux::{mapped_bytes, process_size, thread_ids};
#[cfg(not(target_os = "linux"))]
pub(crate) use no_facts::{mapped_bytes, process_size, thread_ids};
#[cfg(not(unix))]
pub(crate) use other::*;
#[cfg(unix)]
pub(crate) use unix::*;
