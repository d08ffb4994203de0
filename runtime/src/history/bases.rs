//! The base libraries of a guest: what versions are linked against. Each is kept as long as a version
//! needs it, and the newest in any case.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::record::{ArtifactRecord, VersionRow};
use super::store::sorted_entries;
use crate::build::Project;
use crate::ids::VersionNumber;

/// The folder's name in the guest's history.
pub(super) const BASES: &str = "bases";

/// Where a guest's base libraries lie.
#[must_use]
pub fn folder(project: &Project) -> PathBuf {
    super::folder(project).join(BASES)
}

/// The file of one, in the history at `root`. A recorded name leads nowhere else.
pub(super) fn file(root: &Path, base: &ArtifactRecord) -> PathBuf {
    root.join(BASES).join(base.file.file_name().unwrap_or_default())
}

/// The bytes of base libraries that go when a version goes: each is its newest version's.
pub(super) fn bytes(versions: &[VersionRow]) -> BTreeMap<VersionNumber, u64> {
    let mut newest: BTreeMap<&Path, (VersionNumber, u64)> = BTreeMap::new();
    for row in versions {
        if let Some(base) = row.record.path.base() {
            let held = newest.entry(&base.file).or_insert((row.record.number, base.bytes));
            held.0 = held.0.max(row.record.number);
        }
    }
    let mut bytes = BTreeMap::new();
    for (number, size) in newest.into_values() {
        *bytes.entry(number).or_default() += size;
    }
    bytes
}

/// Removes those that no version needs, but for the newest. What cannot be removed stays.
pub(super) fn sweep(root: &Path, versions: &[VersionRow]) {
    let needed: BTreeSet<PathBuf> =
        versions.iter().filter_map(|row| row.record.path.base()).map(|base| file(root, base)).collect();
    let files = sorted_entries(&root.join(BASES)).unwrap_or_default();
    let modified = |path: &PathBuf| std::fs::metadata(path).and_then(|found| found.modified()).ok();
    let newest = files.iter().max_by_key(|path| modified(path));
    for path in files.iter().filter(|path| Some(*path) != newest && !needed.contains(*path)) {
        let _ = std::fs::remove_file(path);
    }
}
