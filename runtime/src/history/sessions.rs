//! Who else uses this history: one file per running workbench, locked by the operating system as
//! long as its process lives, so that a crash cannot leave a false claim.

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};

use crate::ids::VersionNumber;
use crate::platform;

/// This workbench's entry. The file is removed when it is dropped.
#[derive(Debug)]
pub(super) struct SessionEntry {
    file: File,
    path: PathBuf,
}

impl SessionEntry {
    /// Makes and locks an entry in the folder: one that uses no version yet.
    pub(super) fn create(folder: &Path) -> io::Result<Self> {
        let prefix = format!("{}-", std::process::id());
        loop {
            let mut named = tempfile::Builder::new().prefix(&prefix).suffix(".json").tempfile_in(folder)?;
            named.as_file().lock()?;
            // Before it was locked, another workbench may have taken it for a dead one's.
            if !platform::is_at(named.as_file(), named.path()) {
                continue;
            }
            named.write_all(b"[]")?;
            let (file, path) = named.keep().map_err(|error| error.error)?;
            return Ok(Self { file, path });
        }
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
#[derive(Debug)]
pub(super) struct Others {
    /// Versions that they use; `None` if one of them cannot be understood, and may use any.
    pub in_use: Option<BTreeSet<VersionNumber>>,
    /// Names of those that are alive.
    pub alive: BTreeSet<String>,
}

/// Reads the entries of others, and removes those whose owner is gone.
pub(super) fn others(folder: &Path, own: Option<&SessionEntry>) -> io::Result<Others> {
    let mut in_use = Some(BTreeSet::new());
    let mut alive = BTreeSet::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if own.is_some_and(|own| own.path == path) {
            continue;
        }
        let lock = match File::open(&path) {
            Ok(file) => file.try_lock(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => Err(TryLockError::Error(error)),
        };
        match lock {
            Ok(()) => {
                let _ = std::fs::remove_file(&path);
            }
            // Alive, or not to be found out: then better not in the way.
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => {
                match std::fs::read(&path).map(|text| serde_json::from_slice::<BTreeSet<VersionNumber>>(&text)) {
                    Ok(Ok(used)) => in_use.iter_mut().for_each(|all| all.extend(&used)),
                    // It has ended in this moment.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    Ok(Err(_)) | Err(_) => in_use = None,
                }
                alive.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
            }
        }
    }
    Ok(Others { in_use, alive })
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
        let found = others(folder.path(), Some(&own)).unwrap();
        assert_eq!(found.in_use, Some(BTreeSet::from([VersionNumber(4)])));
        assert_eq!(found.alive, BTreeSet::from([other.name()]));
        assert!(!folder.path().join("1-dead.json").exists());
        drop(other);
        let found = others(folder.path(), Some(&own)).unwrap();
        assert_eq!((found.in_use, found.alive), (Some(BTreeSet::new()), BTreeSet::new()));
    }

    #[test]
    fn a_living_entry_that_cannot_be_understood_may_use_anything() {
        let folder = tempfile::tempdir().unwrap();
        let other = SessionEntry::create(folder.path()).unwrap();
        let own = SessionEntry::create(folder.path()).unwrap();
        assert_eq!(others(folder.path(), Some(&own)).unwrap().in_use, Some(BTreeSet::new()), "nothing yet");
        std::fs::write(&other.path, "[1, ").unwrap();
        let found = others(folder.path(), Some(&own)).unwrap();
        assert_eq!((found.in_use, found.alive), (None, BTreeSet::from([other.name()])));
    }

    /// Whoever looks at the folder may lock and remove an entry before its owner has locked it.
    #[test]
    fn no_entry_is_lost_to_others_that_look_at_the_same_time() {
        let folder = tempfile::tempdir().unwrap();
        let done = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(std::sync::atomic::Ordering::Relaxed) {
                    others(folder.path(), None).unwrap();
                }
            });
            let entries: Vec<_> = (0..200).map(|_| SessionEntry::create(folder.path())).collect();
            done.store(true, std::sync::atomic::Ordering::Relaxed);
            for entry in entries {
                assert!(entry.unwrap().path.exists());
            }
        });
    }
}
