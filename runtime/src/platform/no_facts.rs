//! Where there is no `/proc`, nobody is asked, and nothing is claimed.

use std::collections::BTreeSet;
use std::path::Path;

use super::Mapping;
use super::ProcessSize;

/// Where in a user's home programs keep what can be made again: Apple's File System Programming Guide.
pub(crate) const CACHES: &str = "Library/Caches";

/// Not known here.
pub(crate) fn mapped_bytes(_path: &Path) -> Option<u64> {
    None
}

/// Not known here.
pub(crate) fn process_size() -> ProcessSize {
    ProcessSize::default()
}

/// Not known here.
pub(crate) fn thread_ids() -> Option<BTreeSet<u32>> {
    None
}

/// Not known here.
pub(crate) fn mappings() -> Option<Vec<Mapping>> {
    None
}

/// The number, as it is.
pub(crate) fn device(number: u64) -> String {
    number.to_string()
}
