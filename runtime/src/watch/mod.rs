//! Which files a build reads, what is in them, and when that differs from what was last built.
//!
//! The artifact is never watched: a change of *sources* is what starts the way of a change.
//! Noticing (the operating system's part) and deciding (content against content) are apart.

mod inputs;
mod tree;
mod watcher;

pub use inputs::Inputs;
pub use tree::{Source, SourceTree, Unsettled};
pub use watcher::{Touched, WatchError, Watcher};

use std::path::PathBuf;

use crate::history::record::SourceHashes;
use crate::session::status::differing;

/// What the saved files ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// They are what was last built, or is being built.
    Nothing,
    /// A file is empty or gone that a moment ago was not: an editor is between two steps.
    Wait,
    /// These files differ.
    Build {
        /// The files.
        paths: Vec<PathBuf>,
    },
}

/// Decides by content. `attempted` is what the latest build attempt was started from;
/// `disregarded` is a file whose change does not count now (cargo writes its lock file itself).
#[must_use]
pub fn decide(
    saved: &SourceHashes,
    attempted: &SourceHashes,
    unsettled: bool,
    disregarded: Option<&PathBuf>,
) -> Decision {
    let mut paths = differing(&attempted.0, &saved.0);
    paths.retain(|path| Some(path) != disregarded);
    match (paths.is_empty(), unsettled) {
        (true, _) => Decision::Nothing,
        (false, true) => Decision::Wait,
        (false, false) => Decision::Build { paths },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::record::ContentHash;

    #[test]
    fn content_decides() {
        let tree = |files: &[(&str, &str)]| {
            SourceHashes(files.iter().map(|(p, h)| (PathBuf::from(p), ContentHash((*h).to_owned()))).collect())
        };
        let attempted = tree(&[("lib.rs", "1"), ("Cargo.lock", "1")]);
        let lock = PathBuf::from("Cargo.lock");
        let build = |paths: &[&str]| Decision::Build { paths: paths.iter().map(PathBuf::from).collect() };
        for (saved, unsettled, disregarded, decision) in [
            (&[("lib.rs", "1"), ("Cargo.lock", "1")][..], false, None, Decision::Nothing),
            (&[("lib.rs", "1"), ("Cargo.lock", "1")], true, None, Decision::Nothing),
            (&[("lib.rs", "2"), ("Cargo.lock", "1")], false, None, build(&["lib.rs"])),
            (&[("lib.rs", "2"), ("Cargo.lock", "1")], true, None, Decision::Wait),
            (&[("lib.rs", "1"), ("Cargo.lock", "2")], false, Some(&lock), Decision::Nothing),
            (&[("lib.rs", "1"), ("Cargo.lock", "2")], false, None, build(&["Cargo.lock"])),
            (&[("lib.rs", "1"), ("Cargo.lock", "1"), ("new.rs", "1")], false, None, build(&["new.rs"])),
            (&[("Cargo.lock", "1")], false, None, build(&["lib.rs"])),
        ] {
            assert_eq!(decide(&tree(saved), &attempted, unsettled, disregarded), decision, "{saved:?}");
        }
    }
}
