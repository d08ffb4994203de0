//! The saved files, what each version was built from, and how what runs relates to the one and the other.
//!
//! That is asked for after each input, and is worked out only when one of these has changed: with a thousand versions
//! or a thousand files it would take longer than everything else.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::status::{SourceState, source_state};
use crate::build::Project;
use crate::history::record::SourceHashes;
use crate::ids::VersionNumber;
use crate::watch::SourceTree;

/// What is known of sources.
#[derive(Debug)]
pub(super) struct Sources {
    saved: Arc<SourceTree>,
    hashes: SourceHashes,
    /// Hashes that are known to build to each kept version (the recorded ones first).
    built_from: BTreeMap<VersionNumber, Vec<SourceHashes>>,
    /// How this version relates to what is saved.
    state: Option<(VersionNumber, SourceState)>,
}

impl Sources {
    /// Nothing was looked at yet; these versions are kept.
    pub fn new(versions: impl Iterator<Item = (VersionNumber, SourceHashes)>) -> Self {
        let built_from = versions.map(|(version, sources)| (version, vec![sources])).collect();
        Self { saved: Arc::default(), hashes: SourceHashes::default(), built_from, state: None }
    }

    /// The inputs' content as last looked at.
    pub fn saved(&self) -> &Arc<SourceTree> {
        &self.saved
    }

    /// Its hashes.
    pub fn hashes(&self) -> &SourceHashes {
        &self.hashes
    }

    /// The inputs were looked at. Gives back what was known before.
    pub fn look(&mut self, saved: SourceTree, project: &Project) -> Arc<SourceTree> {
        let hashes = saved.hashes(project);
        if hashes != self.hashes {
            (self.hashes, self.state) = (hashes, None);
        }
        std::mem::replace(&mut self.saved, Arc::new(saved))
    }

    /// A version was built from these.
    pub fn built(&mut self, version: VersionNumber, sources: SourceHashes) {
        self.built_from.insert(version, vec![sources]);
        self.state = None;
    }

    /// These build to a version that was built from others.
    pub fn also_build(&mut self, version: VersionNumber, sources: SourceHashes) {
        self.built_from.entry(version).or_default().push(sources);
        self.state = None;
    }

    /// Whether it is known what a version was built from.
    pub fn knows(&self, version: VersionNumber) -> bool {
        self.built_from.contains_key(&version)
    }

    /// These versions are gone.
    pub fn forget(&mut self, versions: &[VersionNumber]) {
        self.built_from.retain(|number, _| !versions.contains(number));
        self.state = None;
    }

    /// How a version relates to what is saved.
    pub fn state(&mut self, active: VersionNumber) -> SourceState {
        match &self.state {
            Some((version, state)) if *version == active => state.clone(),
            _ => {
                let state = source_state(active, &self.hashes, &self.built_from);
                self.state = Some((active, state.clone()));
                state
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::watch::{Inputs, SourceTree};

    /// Whatever has changed, the state follows.
    #[test]
    fn the_state_is_never_an_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let project = Project::sample(root, Vec::new());
        let read = [root.join("lib.rs")].into();
        let tree = |text: &str| {
            std::fs::write(root.join("lib.rs"), text).unwrap();
            SourceTree::read(&Inputs::new(&project, &read), &SourceTree::default(), &read)
        };
        let hashes = |text: &str| tree(text).hashes(&project);
        let [v1, v2, v3] = [1, 2, 3].map(VersionNumber);
        let mut sources = Sources::new([(v1, hashes("one")), (v2, hashes("two"))].into_iter());

        sources.look(tree("one"), &project);
        assert_eq!((sources.state(v1), sources.state(v2)), (SourceState::Same, SourceState::At { at: v1 }));
        let before = sources.look(tree("three"), &project);
        assert_eq!(before.hashes(&project), hashes("one"));
        let files = vec![PathBuf::from("lib.rs")];
        assert_eq!(sources.state(v1), SourceState::Changed { files: files.clone() });
        sources.also_build(v2, hashes("three"));
        assert_eq!((sources.state(v1), sources.state(v2)), (SourceState::At { at: v2 }, SourceState::Same));
        sources.forget(&[v2]);
        assert!(!sources.knows(v2));
        assert_eq!(sources.state(v1), SourceState::Changed { files });
        sources.built(v3, hashes("three"));
        assert_eq!((sources.state(v3), sources.state(v1)), (SourceState::Same, SourceState::At { at: v3 }));
    }
}
