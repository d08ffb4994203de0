//! Which files a build reads, what is in them, and when that differs from what was last built.
//!
//! The artifact is never watched: a change of *sources* is what starts the way of a change.
//! Noticing (the operating system's part) and deciding (content against content) are apart.

mod inputs;
mod tree;
mod watcher;

pub use inputs::Inputs;
pub use tree::{Source, SourceTree};
pub use watcher::{Touched, WatchError, Watcher};

use std::path::PathBuf;

use crate::history::record::{ContentHash, SourceHashes};
use crate::session::status::differing;

/// What the saved files ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// They are what was last built, or is being built.
    Nothing,
    /// These files are empty or gone that a moment ago were not: an editor is between two steps.
    Wait {
        /// The files.
        paths: Vec<PathBuf>,
    },
    /// These files differ.
    Build {
        /// The files.
        paths: Vec<PathBuf>,
    },
}

/// Decides by content. `attempted` is what the latest build attempt was started from; `settled`:
/// files that are empty or gone have been so for a while; `disregarded` is a file whose change
/// does not count now (cargo writes its lock file itself).
#[must_use]
pub fn decide(
    saved: &SourceHashes,
    attempted: &SourceHashes,
    settled: bool,
    disregarded: Option<&PathBuf>,
) -> Decision {
    let mut paths = differing(&attempted.0, &saved.0);
    paths.retain(|path| Some(path) != disregarded);
    if paths.is_empty() {
        return Decision::Nothing;
    }
    let empty = ContentHash::of(b"");
    let half_saved =
        |path: &PathBuf| attempted.0.contains_key(path) && saved.0.get(path).is_none_or(|now| *now == empty);
    let waited_for: Vec<PathBuf> = paths.iter().filter(|path| !settled && half_saved(path)).cloned().collect();
    if waited_for.is_empty() { Decision::Build { paths } } else { Decision::Wait { paths: waited_for } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides() {
        let tree = |files: &[(&str, &str)]| {
            SourceHashes(files.iter().map(|(p, h)| (PathBuf::from(p), ContentHash::of(h.as_bytes()))).collect())
        };
        let attempted = tree(&[("lib.rs", "1"), ("Cargo.lock", "1")]);
        let lock = PathBuf::from("Cargo.lock");
        let wait = |paths: &[&str]| Decision::Wait { paths: paths.iter().map(PathBuf::from).collect() };
        let build = |paths: &[&str]| Decision::Build { paths: paths.iter().map(PathBuf::from).collect() };
        for (saved, settled, disregarded, decision) in [
            (&[("lib.rs", "1"), ("Cargo.lock", "1")][..], false, None, Decision::Nothing),
            (&[("lib.rs", "2"), ("Cargo.lock", "1")], false, None, build(&["lib.rs"])),
            (&[("lib.rs", ""), ("Cargo.lock", "2")], false, None, wait(&["lib.rs"])),
            (&[("lib.rs", ""), ("Cargo.lock", "1")], true, None, build(&["lib.rs"])),
            (&[("Cargo.lock", "1")], false, None, wait(&["lib.rs"])),
            (&[("Cargo.lock", "1")], true, None, build(&["lib.rs"])),
            (&[("lib.rs", "1"), ("Cargo.lock", "2")], false, Some(&lock), Decision::Nothing),
            (&[("lib.rs", "1"), ("Cargo.lock", "2")], false, None, build(&["Cargo.lock"])),
            (&[("lib.rs", "1"), ("Cargo.lock", "1"), ("new.rs", "")], false, None, build(&["new.rs"])),
        ] {
            assert_eq!(decide(&tree(saved), &attempted, settled, disregarded), decision, "{saved:?}");
        }
    }
}
