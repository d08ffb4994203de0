//! The base libraries of a guest: what versions are linked against. Each is kept as long as a version
//! needs it, and the two newest in any case: one may be in use by a build while the next is being made.

use std::cmp::Reverse;
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

/// Those that are kept in any case.
const NEWEST: usize = 2;

/// Removes those that no version needs, but for the newest. What cannot be removed stays.
pub(super) fn sweep(root: &Path, versions: &[VersionRow]) {
    let needed: BTreeSet<PathBuf> =
        versions.iter().filter_map(|row| row.record.path.base()).map(|base| file(root, base)).collect();
    let mut files = sorted_entries(&root.join(BASES)).unwrap_or_default();
    files.sort_by_cached_key(|path| Reverse(std::fs::metadata(path).and_then(|found| found.modified()).ok()));
    for path in files.iter().skip(NEWEST).filter(|path| !needed.contains(*path)) {
        let _ = std::fs::remove_file(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::{BuildPath, Selection};
    use crate::history::record::{Cause, ContentHash, Durations, Marks, SourceHashes, VersionRecord};
    use crate::ids::{Generation, Timestamp};
    use crate::load::StampRecord;
    use crate::swap::verdict::{Verdict, VerdictKind};

    fn row(number: u32, base: Option<(&str, u64)>) -> VersionRow {
        let record = |file: &str, bytes| ArtifactRecord { file: file.into(), bytes, hash: ContentHash::of(b"") };
        let path = BuildPath::Replay { crates: Vec::new(), base: base.map(|(file, bytes)| record(file, bytes)) };
        let stamp = StampRecord {
            contract_version: 1,
            rustc: String::new(),
            target: String::new(),
            opt_level: String::new(),
            panic: String::new(),
            sdk: String::new(),
        };
        let record = VersionRecord {
            number: VersionNumber(number),
            generation: Generation(u64::from(number)),
            built_at: Timestamp(0),
            cause: Cause::Asked,
            sources: SourceHashes::default(),
            artifact: record("lib.so", 1),
            selection: Selection::default(),
            path,
            durations: Durations::default(),
            warnings: Vec::new(),
            stamp,
            exports: Vec::new(),
            state_type: None,
            verdict: Verdict::new(VerdictKind::Hot, String::new()),
        };
        VersionRow { record, marks: Marks::default() }
    }

    #[test]
    fn a_base_counts_once_for_its_newest_version() {
        let rows = [row(1, Some(("a.so", 100))), row(2, None), row(3, Some(("b.so", 10))), row(4, Some(("a.so", 100)))];
        assert_eq!(bytes(&rows), BTreeMap::from([(VersionNumber(3), 10), (VersionNumber(4), 100)]));
    }

    #[test]
    fn what_no_version_needs_goes_but_for_the_newest() {
        let folder = tempfile::tempdir().unwrap();
        let bases = folder.path().join(BASES);
        std::fs::create_dir(&bases).unwrap();
        let mut modified = std::time::SystemTime::now();
        for name in ["old.so", "needed.so", "newer.so", "newest.so"] {
            let file = std::fs::File::create(bases.join(name)).unwrap();
            modified += std::time::Duration::from_secs(1);
            file.set_modified(modified).unwrap();
        }
        // A recorded name leads nowhere else.
        let rows = [row(1, Some(("needed.so", 1))), row(2, Some(("../../old.so", 1)))];
        assert_eq!(file(folder.path(), rows[1].record.path.base().unwrap()), bases.join("old.so"));
        sweep(folder.path(), &rows[..1]);
        let left: Vec<PathBuf> = sorted_entries(&bases).unwrap();
        assert_eq!(left, ["needed.so", "newer.so", "newest.so"].map(|name| bases.join(name)));
    }
}
