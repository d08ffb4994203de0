//! What the runner takes up, as it was last told.

use exuvia_runtime::ids::Timestamp;
use exuvia_runtime::session::{MappedVersion, RunnerMemory};

/// The runner, and what is mapped in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Memory {
    /// The runner.
    pub runner: RunnerMemory,
    /// The versions of which anything is mapped, by number.
    pub versions: Vec<MappedVersion>,
    /// When it was told.
    pub at: Timestamp,
}

impl Memory {
    /// Bytes that are mapped of all versions.
    #[must_use]
    pub fn mapped(&self) -> u64 {
        self.versions.iter().map(|mapped| mapped.bytes).sum()
    }
}
