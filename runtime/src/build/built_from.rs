//! What the artifacts in cargo's folder were made from, kept beside the history, because any
//! workbench may have made them. Cargo compares times: a file that was moved over a newer one (a
//! restored backup) is "fresh" to it, and only content tells.
//!
//! Read and written under the [build lock](super::lock) alone.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::project::Project;
use super::selection::Selection;
use crate::history::record::{ContentHash, SourceHashes};
use crate::history::{self, read_json, write_json};
use crate::platform;

/// By features and profile, each of which cargo keeps apart: the source files of the artifact.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct BuiltFrom(BTreeMap<String, SourceHashes>);

impl BuiltFrom {
    /// What is known; nothing when the file is missing or makes no sense.
    pub(super) fn read(project: &Project) -> Self {
        read_json(&file(project)).unwrap_or_default()
    }

    pub(super) fn write(&self, project: &Project) -> io::Result<()> {
        let file = file(project);
        file.parent().map_or(Ok(()), platform::create_private_dir)?;
        write_json(&file, self)
    }

    /// Whether a source file that the artifact was made from has other content in `sources`.
    pub(super) fn differs(&self, selection: &Selection, sources: &SourceHashes, inputs: &BTreeSet<PathBuf>) -> bool {
        let Some(of) = self.0.get(&selection.to_string()) else { return false };
        inputs.iter().filter(|path| is_source(path)).any(|path| match (of.0.get(path), sources.0.get(path)) {
            (Some(then), Some(now)) => then != now,
            _ => false,
        })
    }

    /// A build has made the artifact from these inputs (absolute paths).
    pub(super) fn built(
        &mut self,
        selection: &Selection,
        sources: &SourceHashes,
        inputs: &BTreeSet<PathBuf>,
        project: &Project,
    ) {
        let hash = |path: &PathBuf| {
            let shown = project.shown(path);
            let known = sources.0.get(&shown).cloned();
            // A file that only this build has shown to be an input: as it is now.
            let hash = known.or_else(|| std::fs::read(path).ok().map(|content| ContentHash::of(&content)))?;
            Some((shown, hash))
        };
        let of = inputs.iter().filter(|path| is_source(path)).filter_map(hash).collect();
        self.0.insert(selection.to_string(), SourceHashes(of));
    }

    /// A build was cancelled: of the files that it was to take in, nobody knows whether the
    /// artifact has the new content or the old. They match nothing until the next build.
    pub(super) fn cancelled(&mut self, selection: &Selection, sources: &SourceHashes) {
        let Some(of) = self.0.get_mut(&selection.to_string()) else { return };
        for (path, then) in &mut of.0 {
            if sources.0.get(path).is_some_and(|now| now != then) {
                *then = ContentHash(String::new());
            }
        }
    }
}

fn file(project: &Project) -> PathBuf {
    history::folder(project).join("built-from.json")
}

fn is_source(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(files: &[(&str, &str)]) -> SourceHashes {
        SourceHashes(files.iter().map(|(path, text)| (path.into(), ContentHash::of(text.as_bytes()))).collect())
    }

    #[test]
    fn only_sources_that_are_known_on_both_sides_differ() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let project = Project::sample(root, Vec::new());
        std::fs::write(root.join("late.rs"), "late").unwrap();
        let read = ["a.rs", "b.rs", "late.rs", "data.txt"].map(|path| root.join(path));
        let (dev, release) =
            (Selection::default(), Selection { profile: Some("release".to_owned()), ..Selection::default() });
        let mut built = BuiltFrom::default();
        let was = hashes(&[("a.rs", "1"), ("b.rs", "1"), ("data.txt", "1"), ("Cargo.lock", "1")]);
        built.built(&dev, &was, &BTreeSet::from(read), &project);
        built.write(&project).unwrap();
        let built = BuiltFrom::read(&project);
        let inputs: BTreeSet<PathBuf> = ["a.rs", "late.rs", "new.rs", "data.txt"].map(PathBuf::from).into();
        for (selection, now, differs) in [
            (&dev, &[("a.rs", "1")][..], false),
            (&dev, &[("a.rs", "2")], true),
            (&release, &[("a.rs", "2")], false),
            (&dev, &[("b.rs", "2")], false),
            (&dev, &[("data.txt", "2")], false),
            (&dev, &[("new.rs", "2")], false),
            (&dev, &[("late.rs", "late")], false),
            (&dev, &[("late.rs", "2")], true),
            (&dev, &[], false),
        ] {
            assert_eq!(built.differs(selection, &hashes(now), &inputs), differs, "{selection} {now:?}");
        }
        let mut cancelled = built;
        cancelled.cancelled(&dev, &hashes(&[("a.rs", "2"), ("late.rs", "late")]));
        for (now, differs) in [(("a.rs", "1"), true), (("a.rs", "2"), true), (("late.rs", "late"), false)] {
            assert_eq!(cancelled.differs(&dev, &hashes(&[now]), &inputs), differs, "{now:?}");
        }
    }
}
