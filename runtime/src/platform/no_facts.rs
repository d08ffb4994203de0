//! Where there is no `/proc`, nobody is asked, and nothing is claimed.

use std::collections::BTreeSet;
use std::path::Path;

use super::Mapping;
use super::ProcessSize;

/// Where in a user's home programs keep what can be made again: Apple's File System Programming Guide.
pub(crate) const CACHES: &str = "Library/Caches";

/// The linker's options are others here, and nobody has tried them.
pub(crate) const LINKS_BY_SCRIPT: bool = false;

/// Loaders have other ways here, and nobody has tried them.
pub(crate) const HOLDS_PROCESSES: bool = false;

/// Not known here.
pub(crate) fn mapped_bytes(_path: &Path) -> Option<u64> {
    None
}

/// Not known here.
pub(crate) fn process_size() -> ProcessSize {
    ProcessSize::default()
}

/// Not known here.
pub(crate) fn own_memory(_pid: u32) -> Option<u64> {
    None
}

/// Not known here.
pub(crate) fn available_memory() -> Option<u64> {
    None
}

/// Not known here.
pub(crate) fn thread_ids() -> Option<BTreeSet<u32>> {
    None
}

/// None is read here.
pub(crate) fn parse_mappings(_text: &str) -> Vec<Mapping> {
    Vec::new()
}

/// Never asked for here.
pub(crate) fn page_size() -> u64 {
    4096
}

/// Not known here.
pub(crate) fn thread_names(_threads: &BTreeSet<u32>) -> Vec<String> {
    Vec::new()
}

/// Not known here.
pub(crate) fn thread_named(_process: u32, _name: &str) -> Option<u32> {
    None
}

/// Nothing is confined here.
pub(crate) fn confine() {}

/// None is found here.
pub(crate) fn kill_marked(_variable: &str, _value: &str) {}

/// Not known here.
pub(crate) fn mappings() -> Option<Vec<Mapping>> {
    None
}

/// The number, as it is.
pub(crate) fn device(number: u64) -> String {
    number.to_string()
}
