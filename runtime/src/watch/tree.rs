//! The content of the inputs at one moment: hashes to compare, and bytes to keep.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::Metadata;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::inputs::Inputs;
use crate::build::Project;
use crate::history::record::{ContentHash, SourceHashes};
use crate::platform;

/// Larger files are hashed and not kept in memory. In bytes.
const KEPT: u64 = 4 << 20;

/// One file's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Hash of the content.
    pub hash: ContentHash,
    /// The content, unless the file is large.
    pub content: Option<Arc<[u8]>>,
    len: u64,
    modified: Option<SystemTime>,
}

impl Source {
    /// Whether the file was written at or after this moment, or nobody knows.
    #[must_use]
    pub fn is_since(&self, moment: SystemTime) -> bool {
        self.modified.is_none_or(|modified| modified >= moment)
    }
}

/// The inputs' content at one moment, by absolute path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceTree(pub BTreeMap<PathBuf, Source>);

impl SourceTree {
    /// Reads the inputs. Files that were not touched and whose size and time are as in `before`
    /// are not read again.
    #[must_use]
    pub fn read(inputs: &Inputs, before: &Self, touched: &BTreeSet<PathBuf>) -> Self {
        let mut tree = BTreeMap::new();
        for path in inputs.existing() {
            let old = before.0.get(&path);
            let Some(source) = read_source(&path, old.filter(|_| !touched.contains(&path))) else { continue };
            tree.insert(path, source);
        }
        Self(tree)
    }

    /// The files that are known, as they are now; no others. Read again are those that were touched, and those whose
    /// size or time differs.
    #[must_use]
    pub fn read_again(&self, touched: &BTreeSet<PathBuf>) -> Self {
        let now = |(path, old): (&PathBuf, &Source)| {
            let source = read_source(path, Some(old).filter(|_| !touched.contains(path)))?;
            Some((path.clone(), source))
        };
        Self(self.0.iter().filter_map(now).collect())
    }

    /// The files whose content differs from that in `before`, and those that only one of the two has.
    #[must_use]
    pub fn differing<'a>(&'a self, before: &'a Self) -> BTreeSet<&'a Path> {
        let differs = |(path, source): &(&PathBuf, &Source), other: &Self| {
            other.0.get(*path).is_none_or(|old| old.hash != source.hash)
        };
        let new = self.0.iter().filter(|file| differs(file, before));
        let old = before.0.iter().filter(|(path, _)| !self.0.contains_key(*path));
        new.chain(old).map(|(path, _)| path.as_path()).collect()
    }

    /// The hashes, under the paths that are shown and recorded.
    #[must_use]
    pub fn hashes(&self, project: &Project) -> SourceHashes {
        SourceHashes(self.0.iter().map(|(path, source)| (project.shown(path), source.hash.clone())).collect())
    }
}

fn read_source(path: &Path, unread: Option<&Source>) -> Option<Source> {
    let metadata = std::fs::metadata(path).ok()?;
    let is_as = |old: &&Source| old.len == metadata.len() && old.modified == metadata.modified().ok();
    if let Some(same) = unread.filter(is_as) {
        return Some(same.clone());
    }
    // A file that cannot be read is cargo's to complain about; for us it is not there.
    let mut file = platform::open_at_once(path).ok()?;
    let modified = file.metadata().ok().filter(Metadata::is_file)?.modified().ok();
    let mut content = Vec::new();
    file.read_to_end(&mut content).ok()?;
    let hash = ContentHash::of(&content);
    let len = content.len() as u64;
    let content = (len <= KEPT).then(|| Arc::from(content));
    Some(Source { hash, content, len, modified })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::LocalPackage;

    /// One that took a file's place after it was looked at.
    #[cfg(unix)]
    #[test]
    fn a_fifo_holds_nobody_up() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lib.rs");
        mknodat(CWD, &path, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
        assert_eq!(read_source(&path, None), None);
    }

    /// Records are JSON.
    #[cfg(unix)]
    #[test]
    fn names_that_are_no_utf8_can_be_written_down() {
        use std::os::unix::ffi::OsStrExt;
        let project = Project::sample(Path::new("/w"), Vec::new());
        for (path, shown) in [
            (&b"/w/src/lib.rs"[..], "src/lib.rs"),
            (b"/w/caf\xe9/\xff\xfex.rs", r"caf\xE9/\xFF\xFEx.rs"),
            ("/w/café.rs".as_bytes(), "café.rs"),
        ] {
            assert_eq!(project.shown(Path::new(std::ffi::OsStr::from_bytes(path))), Path::new(shown));
        }
    }

    #[test]
    fn edits_new_files_and_removals_are_seen() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::create_dir(root.join("src")).unwrap();
        let write = |path: &str, text: &str| std::fs::write(root.join(path), text).unwrap();
        write("Cargo.toml", "[package]");
        write("src/lib.rs", "one");
        let manifest = root.join("Cargo.toml");
        let crate_roots = vec![root.join("src/lib.rs")];
        let guest = LocalPackage { name: "g".to_owned(), manifest, crate_roots, needs: Vec::new() };
        let project = Project::sample(root, vec![guest]);
        let inputs = Inputs::new(&project, &BTreeSet::new());
        let read = |before: &SourceTree| {
            let touched = before.0.keys().cloned().collect();
            SourceTree::read(&inputs, before, &touched)
        };
        let first = read(&SourceTree::default());
        let names = |tree: &SourceTree| tree.hashes(&project).0.into_keys().collect::<Vec<_>>();
        assert_eq!(names(&first), [PathBuf::from("Cargo.toml"), PathBuf::from("src/lib.rs")]);
        write("src/lib.rs", "two");
        let second = read(&first);
        assert_ne!(second, first);
        write("src/lib.rs", "one");
        write("src/new.rs", "");
        let third = read(&second);
        assert_eq!(names(&third).len(), 3);
        assert_eq!(third.0[&root.join("src/lib.rs")].hash, first.0[&root.join("src/lib.rs")].hash);
        std::fs::remove_file(root.join("src/lib.rs")).unwrap();
        let fourth = read(&third);
        assert_eq!(names(&fourth).len(), 2);
        for (before, after, differing) in [
            (&first, &first, &[][..]),
            (&first, &second, &["src/lib.rs"]),
            (&first, &third, &["src/new.rs"]),
            (&first, &fourth, &["src/lib.rs", "src/new.rs"]),
        ] {
            let paths = differing.iter().map(|path| root.join(path)).collect::<Vec<_>>();
            assert_eq!(after.differing(before).into_iter().collect::<Vec<_>>(), paths);
        }
    }
}
