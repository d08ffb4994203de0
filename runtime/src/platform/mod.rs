//! What differs between operating systems, each thing behind one function.
//!
//! `unix` serves Linux and macOS; `linux` adds the facts that only `/proc` tells. On Windows the
//! engine compiles to clear errors where a private channel to the runner is missing. Only Linux
//! was ever run.

#[cfg(all(target_os = "linux", target_env = "gnu", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod crash;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(all(target_os = "linux", target_env = "gnu", any(target_arch = "x86_64", target_arch = "aarch64"))))]
mod no_crash;
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

#[cfg(all(target_os = "linux", target_env = "gnu", any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(crate) use crash::*;
#[cfg(target_os = "linux")]
pub(crate) use linux::*;
#[cfg(not(all(target_os = "linux", target_env = "gnu", any(target_arch = "x86_64", target_arch = "aarch64"))))]
pub(crate) use no_crash::*;
#[cfg(not(target_os = "linux"))]
pub(crate) use no_facts::*;
#[cfg(not(unix))]
pub(crate) use other::*;
#[cfg(unix)]
pub(crate) use unix::*;

/// A part of this process's memory that is mapped from a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mapping {
    /// First address.
    pub start: u64,
    /// The address behind the last one.
    pub end: u64,
    /// Where in the file it begins.
    pub offset: u64,
    /// The path by which the file was opened.
    pub path: std::path::PathBuf,
    /// Whether no name leads to the file any more.
    pub deleted: bool,
    /// The file's device, as the system writes it.
    pub device: String,
    /// The file's inode.
    pub inode: u64,
}

impl Mapping {
    /// Its length.
    pub(crate) fn bytes(&self) -> u64 {
        self.end.saturating_sub(self.start)
    }
}
