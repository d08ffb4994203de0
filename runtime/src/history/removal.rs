//! How versions go: one by one by the user's word, and the oldest when there are too many.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use super::bases;
use super::retention::{Held, RetentionPolicy, to_remove};
use super::store::{HistoryError, Store, VERSION, failed, folder_of, read_folder, read_json, write_json};
use crate::ids::VersionNumber;

const REMOVED: &str = "removed.json";

impl Store {
    /// Removes one version. One that is gone already is no error. Its number is never given out
    /// again, although it may be the newest.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn remove(&self, version: VersionNumber) -> Result<(), HistoryError> {
        if version.0 > self.highest_removed() {
            let removed = self.root().join(REMOVED);
            write_json(&removed, &version.0).map_err(failed(&removed, "written"))?;
        }
        let folder = folder_of(self.root(), version);
        match remove_version(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(&folder, "removed")(error)),
            _ => Ok(()),
        }
    }

    pub(super) fn highest_removed(&self) -> u32 {
        read_json(&self.root().join(REMOVED)).unwrap_or(0)
    }

    /// Removes versions beyond the policy. `protected` are this workbench's own; what others use
    /// is protected, too, and so is the newest. Nothing is removed while it is not known what
    /// others use.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn prune(
        &mut self,
        policy: RetentionPolicy,
        protected: &BTreeSet<VersionNumber>,
    ) -> Result<Vec<VersionNumber>, HistoryError> {
        let Some(in_use) = self.used_by_others()? else { return Ok(Vec::new()) };
        let mut versions = read_folder(self.root())?.versions;
        // The next start goes on counting from the newest: without it a number would be given out twice.
        let newest = versions.last().map(|row| row.record.number);
        let bases = bases::bytes(&versions);
        let held: Vec<Held> = versions
            .iter()
            .map(|row| Held {
                number: row.record.number,
                bytes: row.record.artifact.bytes
                    + row.marks.left_state.map_or(0, |left| left.bytes)
                    + bases.get(&row.record.number).unwrap_or(&0),
                protected: row.marks.keep
                    || Some(row.record.number) == newest
                    || protected.contains(&row.record.number)
                    || in_use.contains(&row.record.number),
            })
            .collect();
        let mut removed = to_remove(&held, policy);
        removed.retain(|number| remove_version(&folder_of(self.root(), *number)).is_ok());
        versions.retain(|row| !removed.contains(&row.record.number));
        bases::sweep(self.root(), &versions);
        // Now, and not while somebody waits for the next version; who will find what is wrong.
        let _ = self.count();
        Ok(removed)
    }
}

/// The record goes first: a crash in between leaves no version without its artifact.
fn remove_version(folder: &Path) -> io::Result<()> {
    std::fs::remove_file(folder.join(VERSION))?;
    std::fs::remove_dir_all(folder)
}
