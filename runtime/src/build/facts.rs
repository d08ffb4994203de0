//! Whether a file is still the one that it was, without reading it.

use std::path::Path;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

/// Size and time of a file: when they are the same, so is the file, as far as is looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileFacts {
    bytes: u64,
    /// In microseconds since 1970.
    modified: u64,
}

impl FileFacts {
    /// Of what lies there now.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let found = std::fs::metadata(path).ok()?;
        Some(Self { bytes: found.len(), modified: micros(found.modified().ok()?) })
    }
}

/// Microseconds since 1970.
pub(super) fn micros(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}
