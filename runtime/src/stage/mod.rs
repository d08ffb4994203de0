//! The artifact under a private name of its own, looked at before anything opens it.
//!
//! Cargo's own file is never opened as a library: the next build would overwrite it in place. It is
//! copied. What a replay has made is ours, and gets its name without a copy.

mod pinned;
mod probe;

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

pub use pinned::{ON_BASE, is_for_good, pinned};
pub use probe::{ProbeError, probe};

use crate::history::record::{ArtifactRecord, ContentHash};
use crate::ids::VersionNumber;
use crate::platform;

/// How often an artifact that changes while it is read is read again.
const ATTEMPTS: usize = 3;

/// How much of a file is held in memory at a time. In bytes.
const BUFFER: usize = 256 << 10;

/// How much of two files is compared at a time, which mostly differ early. In bytes.
const COMPARED: usize = 16 << 10;

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
    /// A kept artifact cannot be read.
    #[error("the kept artifact of this version, {}, is gone or cannot be read ({source}); choose another version, or restore this one's sources from {} and save them to build it anew", path.display(), path.with_file_name("sources").display())]
    Gone {
        /// The kept file.
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

/// Copies cargo's file to a name that no library ever had, in a folder of its own, and looks at the
/// copy: a library for this machine, whole, with our entry.
///
/// The file goes through a small buffer: a fresh allocation of its size would cost more page faults
/// than the copy costs time.
///
/// # Errors
/// [`StageError::Read`], [`StageError::Write`], [`StageError::Changing`] and [`StageError::Probe`].
pub fn stage(artifact: &Path, folder: &Path, name: &str, version: VersionNumber) -> Result<StagedArtifact, StageError> {
    let prefix = format!("{}{}-{version}-{}-", DLL_PREFIX, name.replace('-', "_"), std::process::id());
    for _ in 0..ATTEMPTS {
        let before = facts(artifact)?;
        let failed = |source| StageError::Write { path: folder.to_owned(), source };
        let mut copy =
            tempfile::Builder::new().prefix(&prefix).suffix(DLL_SUFFIX).tempfile_in(folder).map_err(failed)?;
        let unread = |source| StageError::Read { path: artifact.to_owned(), source };
        let hash = hash_of(artifact, unread, |chunk| copy.write_all(chunk).map_err(failed))?;
        // Another build may be replacing the file: it must be the same before and after.
        if before != facts(artifact)? {
            continue;
        }
        probe(copy.path()).map_err(|reason| StageError::Probe { path: artifact.to_owned(), reason })?;
        let (_, path) = copy.keep().map_err(|error| failed(error.error))?;
        let file = path.file_name().map(PathBuf::from).unwrap_or_default();
        return Ok(StagedArtifact { path, record: ArtifactRecord { file, bytes: before.0, hash } });
    }
    Err(StageError::Changing { path: artifact.to_owned() })
}

/// Gives a finished file that nobody else writes to a name that no library ever had, and looks at it:
/// what [`stage`] does, without a copy. Its hash is left to [`content_hash`].
///
/// # Errors
/// [`StageError::Read`], [`StageError::Write`] and [`StageError::Probe`].
pub fn take(artifact: &Path, folder: &Path, name: &str, version: VersionNumber) -> Result<Taken, StageError> {
    let prefix = format!("{}{}-{version}-{}-", DLL_PREFIX, name.replace('-', "_"), std::process::id());
    let failed = |source| StageError::Write { path: folder.to_owned(), source };
    probe(artifact).map_err(|reason| StageError::Probe { path: artifact.to_owned(), reason })?;
    let mut names = tempfile::Builder::new();
    let names = names.prefix(&prefix).suffix(DLL_SUFFIX);
    // Not renamed onto another file: one that is there is never replaced by mistake, and ext4 writes what replaces
    // a file to the disk at once (`auto_da_alloc`, ext4(5)), which takes up to 100 ms for 100 MB.
    let path = match names.make_in(folder, |path| std::fs::hard_link(artifact, path)) {
        Ok(named) => named.keep().map_err(|error| failed(error.error))?.1,
        // The history lies on another file system, or this one has no links.
        Err(_) => {
            let copy = names.tempfile_in(folder).map_err(failed)?;
            std::fs::copy(artifact, copy.path()).map_err(failed)?;
            copy.keep().map_err(|error| failed(error.error))?.1
        }
    };
    // Nobody else is to write to it by its old name.
    std::fs::remove_file(artifact).map_err(failed)?;
    // rustc has made it as every file is made.
    platform::make_private(&path).map_err(failed)?;
    let bytes = facts(&path)?.0;
    Ok(Taken { path, bytes })
}

/// An artifact that has got its own name, and not yet its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Where it lies.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
}

/// Whether two files hold the same. Stops at the first difference.
///
/// # Errors
/// When one of them cannot be read.
pub fn is_same(left: &Path, right: &Path) -> io::Result<bool> {
    let (mut left, mut right) = (File::open(left)?, File::open(right)?);
    if left.metadata()?.len() != right.metadata()?.len() {
        return Ok(false);
    }
    let (mut of_left, mut of_right) = (vec![0; COMPARED], vec![0; COMPARED]);
    loop {
        let read = left.read(&mut of_left)?;
        if read == 0 {
            return Ok(true);
        }
        right.read_exact(&mut of_right[..read])?;
        if of_left[..read] != of_right[..read] {
            return Ok(false);
        }
    }
}

/// The hash of a file's content.
///
/// # Errors
/// [`StageError::Read`].
pub fn content_hash(path: &Path) -> Result<ContentHash, StageError> {
    hash_of(path, |source| StageError::Read { path: path.to_owned(), source }, |_| Ok(()))
}

/// Looks whether a kept artifact is still what was recorded.
///
/// # Errors
/// [`StageError::Gone`] and [`StageError::NotAsRecorded`].
pub fn check_kept(path: &Path, record: &ArtifactRecord) -> Result<(), StageError> {
    let mut bytes = 0;
    let gone = |source| StageError::Gone { path: path.to_owned(), source };
    let hash = hash_of(path, gone, |chunk| {
        bytes += chunk.len() as u64;
        Ok(())
    })?;
    if hash == record.hash {
        return Ok(());
    }
    Err(StageError::NotAsRecorded {
        path: path.to_owned(),
        found_bytes: bytes,
        found: hash.short().to_owned(),
        bytes: record.bytes,
        expected: record.hash.short().to_owned(),
    })
}

/// Copies a kept artifact to a fresh name: for a process in which the first name is still mapped,
/// and would be found by name or inode instead of being loaded.
///
/// # Errors
/// [`StageError::Gone`] and [`StageError::Write`].
pub fn copy_again(path: &Path, into: &Path) -> Result<PathBuf, StageError> {
    let failed = |source| StageError::Write { path: into.to_owned(), source };
    platform::create_private_dir(into).map_err(failed)?;
    let mut file = tempfile::Builder::new().suffix(DLL_SUFFIX).tempfile_in(into).map_err(failed)?;
    let gone = |source| StageError::Gone { path: path.to_owned(), source };
    hash_of(path, gone, |chunk| file.write_all(chunk).map_err(failed))?;
    let (_, path) = file.keep().map_err(|error| failed(error.error))?;
    Ok(path)
}

/// Length and time of the last change.
fn facts(path: &Path) -> Result<(u64, SystemTime), StageError> {
    std::fs::metadata(path)
        .and_then(|found| Ok((found.len(), found.modified()?)))
        .map_err(|source| StageError::Read { path: path.to_owned(), source })
}

/// The hash of a file's content, which is handed on piece by piece. `unread` names the error of a
/// file that cannot be read.
fn hash_of(
    path: &Path,
    unread: impl Fn(io::Error) -> StageError,
    mut each: impl FnMut(&[u8]) -> Result<(), StageError>,
) -> Result<ContentHash, StageError> {
    let mut file = File::open(path).map_err(&unread)?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; BUFFER];
    loop {
        let read = match file.read(&mut buffer) {
            Ok(0) => return Ok(ContentHash(hasher.finalize().to_hex().to_string())),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(unread(error)),
        };
        hasher.update(&buffer[..read]);
        each(&buffer[..read])?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_library_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let artifact = folder.path().join("cargo-made-this");
        std::fs::write(&artifact, b"no library").unwrap();
        let error = stage(&artifact, folder.path(), "my-guest", VersionNumber(3)).unwrap_err();
        assert!(error.to_string().contains("10 bytes"), "{error}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn files_are_the_same_when_each_byte_is() {
        let folder = tempfile::tempdir().unwrap();
        let large = vec![7; BUFFER + 1];
        let mut other = large.clone();
        other[BUFFER] = 8;
        let file = |name: &str, content: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, content).unwrap();
            path
        };
        let first = file("first", &large);
        for (name, content, same) in
            [("same", &large[..], true), ("last", &other, false), ("short", &large[1..], false)]
        {
            assert_eq!(is_same(&first, &file(name, content)).unwrap(), same, "{name}");
        }
        assert_eq!(content_hash(&first).unwrap(), ContentHash::of(&large));
        assert!(is_same(&first, Path::new("/nowhere")).is_err());
    }

    /// This test's own executable is a whole file for this machine, and no dynamic library with our
    /// entry: everything is done but the last step, and each copy would have had a name of its own.
    #[test]
    fn an_executable_is_no_guest() {
        let folder = tempfile::tempdir().unwrap();
        let own = std::env::current_exe().unwrap();
        let error = stage(&own, folder.path(), "g", VersionNumber(1)).unwrap_err();
        let StageError::Probe { reason, .. } = error else { panic!("{error}") };
        assert!(matches!(reason, ProbeError::NoEntry | ProbeError::Kind { .. }), "{reason}");
        // What is no guest is not moved either.
        let error = take(&own, folder.path(), "g", VersionNumber(1)).unwrap_err();
        assert!(matches!(error, StageError::Probe { .. }) && own.exists(), "{error}");
    }

    #[test]
    fn a_kept_artifact_that_was_replaced_is_not_what_was_recorded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kept");
        std::fs::write(&path, b"library").unwrap();
        let record = ArtifactRecord { file: "kept".into(), bytes: 7, hash: ContentHash::of(b"library") };
        check_kept(&path, &record).unwrap();
        let again = copy_again(&path, &folder.path().join("again")).unwrap();
        assert_eq!(std::fs::read(&again).unwrap(), b"library");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&again).unwrap().permissions().mode() & 0o077, 0, "private");
        }
        std::fs::write(&path, b"planted!").unwrap();
        let error = check_kept(&path, &record).unwrap_err().to_string();
        assert!(error.contains("8 bytes") && error.contains(record.hash.short()), "{error}");
        std::fs::remove_file(&path).unwrap();
        for error in [check_kept(&path, &record).unwrap_err(), copy_again(&path, folder.path()).unwrap_err()] {
            let error = error.to_string();
            assert!(error.contains("kept artifact of this version") && error.contains("is gone"), "{error}");
            assert!(error.contains("to build it anew") && !error.contains("cargo"), "{error}");
        }
    }
}
