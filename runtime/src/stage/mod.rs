//! A private, uniquely named copy of the artifact, looked at before anything opens it.
//!
//! Cargo's own file is never opened as a library: the next build would overwrite it in place.

mod probe;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub use probe::{ProbeError, probe};

use crate::history::record::{ArtifactRecord, ContentHash};
use crate::ids::VersionNumber;
use crate::platform;

/// How often an artifact that changes while it is read is read again.
const ATTEMPTS: usize = 3;

/// A staged artifact: a new path, a new inode, its content known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedArtifact {
    /// Where it lies.
    pub path: PathBuf,
    /// What is recorded of it.
    pub record: ArtifactRecord,
}

/// Why an artifact cannot be staged.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// Cargo's file cannot be read.
    #[error("cargo's artifact {} cannot be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Somebody else builds into the same folder at the same time.
    #[error("cargo's artifact {} changes while it is read; is another build of it running? Save again", path.display())]
    Changing {
        /// The file.
        path: PathBuf,
    },
    /// The copy cannot be written.
    #[error("the private copy {} cannot be written: {source}; is the disk full or read-only?", path.display())]
    Write {
        /// The copy.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is no library that can be opened here.
    #[error("{} cannot be loaded: {reason}", path.file_name().unwrap_or(path.as_os_str()).display())]
    Probe {
        /// Cargo's file.
        path: PathBuf,
        /// What is wrong with it.
        reason: ProbeError,
    },
    /// A kept artifact is not what was recorded.
    #[error("the kept artifact {} has {found_bytes} bytes with hash {found}, recorded were {bytes} bytes with hash {expected}; it was damaged or replaced and is not opened: save a source file to build anew", path.display())]
    NotAsRecorded {
        /// The kept file.
        path: PathBuf,
        /// Its length now.
        found_bytes: u64,
        /// First digits of its hash now.
        found: String,
        /// The recorded length.
        bytes: u64,
        /// First digits of the recorded hash.
        expected: String,
    },
}

/// An artifact's content, read as a whole and looked at.
#[derive(Debug)]
pub struct Artifact {
    bytes: Vec<u8>,
    /// Its hash.
    pub hash: ContentHash,
}

impl Artifact {
    /// Reads cargo's file and looks at it: a library for this machine, whole, with our entry.
    ///
    /// # Errors
    /// [`StageError::Read`], [`StageError::Changing`] and [`StageError::Probe`].
    pub fn read(path: &Path) -> Result<Self, StageError> {
        let bytes = read_whole(path)?;
        probe(&bytes).map_err(|reason| StageError::Probe { path: path.to_owned(), reason })?;
        let hash = ContentHash::of(&bytes);
        Ok(Self { bytes, hash })
    }

    /// Writes the private copy into a folder of its own, under a name that no library ever had.
    ///
    /// # Errors
    /// [`StageError::Write`].
    pub fn stage(&self, folder: &Path, name: &str, version: VersionNumber) -> Result<StagedArtifact, StageError> {
        let failed = |path: &Path, source| StageError::Write { path: path.to_owned(), source };
        let prefix =
            format!("{}{}-{version}-{}-", std::env::consts::DLL_PREFIX, name.replace('-', "_"), std::process::id());
        let mut file = tempfile::Builder::new()
            .prefix(&prefix)
            .suffix(std::env::consts::DLL_SUFFIX)
            .tempfile_in(folder)
            .map_err(|source| failed(folder, source))?;
        file.write_all(&self.bytes).map_err(|source| failed(file.path(), source))?;
        // Nothing opens it before this function returns, so it need not be renamed into place.
        let (_, path) = file.keep().map_err(|error| failed(error.file.path(), error.error))?;
        let file = path.file_name().map(PathBuf::from).unwrap_or_default();
        let record = ArtifactRecord { file, bytes: self.bytes.len() as u64, hash: self.hash.clone() };
        Ok(StagedArtifact { path, record })
    }
}

/// Looks whether a kept artifact is still what was recorded.
///
/// # Errors
/// [`StageError::Read`] and [`StageError::NotAsRecorded`].
pub fn check_kept(path: &Path, record: &ArtifactRecord) -> Result<(), StageError> {
    let bytes = std::fs::read(path).map_err(|source| StageError::Read { path: path.to_owned(), source })?;
    let hash = ContentHash::of(&bytes);
    if hash == record.hash {
        return Ok(());
    }
    Err(StageError::NotAsRecorded {
        path: path.to_owned(),
        found_bytes: bytes.len() as u64,
        found: hash.short().to_owned(),
        bytes: record.bytes,
        expected: record.hash.short().to_owned(),
    })
}

/// Copies a kept artifact to a fresh name beside it: for a process in which the first name is
/// still mapped, and would be found by name or inode instead of being loaded.
///
/// # Errors
/// [`StageError::Read`] and [`StageError::Write`].
pub fn copy_again(path: &Path, into: &Path) -> Result<PathBuf, StageError> {
    let bytes = std::fs::read(path).map_err(|source| StageError::Read { path: path.to_owned(), source })?;
    let failed = |source| StageError::Write { path: into.to_owned(), source };
    platform::create_private_dir(into).map_err(failed)?;
    let mut file = tempfile::Builder::new().suffix(std::env::consts::DLL_SUFFIX).tempfile_in(into).map_err(failed)?;
    file.write_all(&bytes).map_err(failed)?;
    let (_, path) = file.keep().map_err(|error| failed(error.error))?;
    Ok(path)
}

/// Reads a file that another build may be replacing: its size and time must be the same before
/// and after.
fn read_whole(path: &Path) -> Result<Vec<u8>, StageError> {
    let failed = |source| StageError::Read { path: path.to_owned(), source };
    let facts = || std::fs::metadata(path).and_then(|found| Ok((found.len(), found.modified()?))).map_err(failed);
    for _ in 0..ATTEMPTS {
        let before = facts()?;
        let bytes = std::fs::read(path).map_err(failed)?;
        if before == facts()? && bytes.len() as u64 == before.0 {
            return Ok(bytes);
        }
    }
    Err(StageError::Changing { path: path.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_has_a_new_name_each_time_and_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let artifact = Artifact { bytes: b"library".to_vec(), hash: ContentHash::of(b"library") };
        let a = artifact.stage(folder.path(), "my-guest", VersionNumber(3)).unwrap();
        let b = artifact.stage(folder.path(), "my-guest", VersionNumber(3)).unwrap();
        assert_ne!(a.path, b.path);
        assert!(a.record.file.to_str().unwrap().contains("my_guest-v3-"), "{:?}", a.record.file);
        check_kept(&a.path, &a.record).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&a.path).unwrap().permissions().mode() & 0o077, 0);
        }
        std::fs::write(&a.path, b"planted").unwrap();
        let error = check_kept(&a.path, &a.record).unwrap_err().to_string();
        assert!(error.contains("7 bytes") && error.contains(a.record.hash.short()), "{error}");
    }
}
