//! Who else uses this history: one file per running workbench, locked by the operating system as
//! long as its process lives, so that a crash cannot leave a false claim.

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};

use crate::ids::VersionNumber;

/// This workbench's entry. The file is removed when it is dropped.
#[derive(Debug)]
pub(super) struct SessionEntry {
    file: File,
    path: PathBuf,
}

impl SessionEntry {
    /// Makes and locks an entry in the folder.
    pub(super) fn create(folder: &Path) -> io::Result<Self> {
        let named =
            tempfile::Builder::new().prefix(&format!("{}-", std::process::id())).suffix(".json").tempfile_in(folder)?;
        named.as_file().lock()?;
        let (file, path) = named.keep().map_err(|error| error.error)?;
        Ok(Self { file, path })
    }

    /// What a version's folder is marked with while this workbench makes it.
    pub(super) fn name(&self) -> String {
        self.path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// Says which versions this workbench uses.
    pub(super) fn set_in_use(&mut self, versions: &BTreeSet<VersionNumber>) -> io::Result<()> {
        let text = serde_json::to_vec(versions)?;
        self.file.rewind()?;
        self.file.set_len(0)?;
        self.file.write_all(&text)
    }
}

impl Drop for SessionEntry {
    fn drop(&mut self) {
        // What stays is unlocked, and swept at the next start.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// What the other workbenches say.
#[derive(Debug, Default)]
pub(super) struct Others {
    /// Versions that they use.
    pub in_use: BTreeSet<VersionNumber>,
    /// Names of those that are alive.
    pub alive: BTreeSet<String>,
}

/// Reads the entries of others, and removes those whose owner is gone.
pub(super) fn others(folder: &Path, own: Option<&SessionEntry>) -> Others {
    let mut others = Others::default();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if own.is_some_and(|own| own.path == path) {
            continue;
        }
        let Ok(file) = File::open(&path) else { continue };
        match file.try_lock() {
            Ok(()) => {
                let _ = std::fs::remove_file(&path);
            }
            // Alive, or not to be found out: then better not in the way.
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => {
                let used: BTreeSet<VersionNumber> =
                    std::fs::read(&path).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
                others.in_use.extend(used);
                others.alive.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
            }
        }
    }
    others
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_counts_as_long_as_its_owner_lives() {
        let folder = tempfile::tempdir().unwrap();
        let mut other = SessionEntry::create(folder.path()).unwrap();
        let own = SessionEntry::create(folder.path()).unwrap();
        other.set_in_use(&BTreeSet::from([VersionNumber(3)])).unwrap();
        other.set_in_use(&BTreeSet::from([VersionNumber(4)])).unwrap();
        std::fs::write(folder.path().join("1-dead.json"), "[9]").unwrap();
        let found = others(folder.path(), Some(&own));
        assert_eq!(found.in_use, BTreeSet::from([VersionNumber(4)]));
        assert_eq!(found.alive, BTreeSet::from([other.name()]));
        assert!(!folder.path().join("1-dead.json").exists());
        drop(other);
        assert!(others(folder.path(), Some(&own)).alive.is_empty());
    }
}
