//! States in files: a line of JSON that says whose they are, and the snapshot's bytes. Only this user
//! may read them; they are written beside and renamed.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::record::ContentHash;
use crate::ids::{Timestamp, VersionNumber};

/// A larger state is not kept. In bytes.
pub const LARGEST: usize = 64 << 20;

/// The longest first line that is read. In bytes.
const LINE: u64 = 4096;

/// The form of the file.
const FORMAT: u32 = 1;

/// A state that is kept with a version, as rows show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftState {
    /// When the snapshot was taken.
    pub at: Timestamp,
    /// Its size in bytes.
    pub bytes: u64,
}

/// A state as it was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptState {
    /// The version that gave it.
    pub by: VersionNumber,
    /// When.
    pub at: Timestamp,
    /// Number of the state's meaning in that version.
    pub state_version: u32,
    /// The snapshot: one MessagePack value.
    pub bytes: Vec<u8>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Head {
    format: u32,
    by: VersionNumber,
    at: Timestamp,
    state_version: u32,
    bytes: u64,
    hash: ContentHash,
}

/// Writes a state into a file.
///
/// # Errors
/// Those of the file system, and a state beyond [`LARGEST`].
pub fn write(path: &Path, state: &KeptState) -> io::Result<()> {
    if state.bytes.len() > LARGEST {
        let size = state.bytes.len() >> 20;
        return Err(io::Error::other(format!("it has {size} MiB, the most that is kept is {} MiB", LARGEST >> 20)));
    }
    let head = Head {
        format: FORMAT,
        by: state.by,
        at: state.at,
        state_version: state.state_version,
        bytes: state.bytes.len() as u64,
        hash: ContentHash::of(&state.bytes),
    };
    let mut line = serde_json::to_vec(&head)?;
    line.push(b'\n');
    let folder = path.parent().unwrap_or(Path::new("."));
    // A temporary file is this user's alone from its first moment on.
    let mut file = tempfile::Builder::new().prefix(".writing-").tempfile_in(folder)?;
    file.write_all(&line)?;
    file.write_all(&state.bytes)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Reads a state; `None` where there is no file.
///
/// # Errors
/// The file cannot be read, or is not what was written.
pub fn read(path: &Path) -> io::Result<Option<KeptState>> {
    let Some((head, rest)) = open(path)? else { return Ok(None) };
    let mut bytes = Vec::new();
    rest.take(LARGEST as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 != head.bytes || ContentHash::of(&bytes) != head.hash {
        return Err(broken(format!("it should hold {} bytes with another hash", head.bytes)));
    }
    Ok(Some(KeptState { by: head.by, at: head.at, state_version: head.state_version, bytes }))
}

/// What is kept in a file, by its first line alone.
#[must_use]
pub fn glance(path: &Path) -> Option<LeftState> {
    let (head, _) = open(path).ok()??;
    Some(LeftState { at: head.at, bytes: head.bytes })
}

fn open(path: &Path) -> io::Result<Option<(Head, BufReader<File>)>> {
    // A link, a pipe or a folder in its place is not followed or waited for.
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => {}
        Ok(_) => return Err(broken("it is no plain file".to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    }
    let mut file = BufReader::new(File::open(path)?);
    let mut line = Vec::new();
    (&mut file).take(LINE).read_until(b'\n', &mut line)?;
    let head: Head = serde_json::from_slice(&line).map_err(|error| broken(format!("its first line: {error}")))?;
    if head.format != FORMAT {
        return Err(broken(format!("its form is {}, this workbench reads {FORMAT}", head.format)));
    }
    Ok(Some((head, file)))
}

fn broken(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(bytes: &[u8]) -> KeptState {
        KeptState { by: VersionNumber(3), at: Timestamp(7), state_version: 2, bytes: bytes.to_vec() }
    }

    #[test]
    fn a_state_comes_back_as_it_was_and_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        assert_eq!(read(&path).unwrap(), None);
        for bytes in [&b""[..], b"\n{}\n", &[0xff; 100_000]] {
            write(&path, &state(bytes)).unwrap();
            assert_eq!(read(&path).unwrap(), Some(state(bytes)));
            assert_eq!(glance(&path), Some(LeftState { at: Timestamp(7), bytes: bytes.len() as u64 }));
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_broken_file_is_an_error_and_no_state() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        write(&path, &state(b"abcdef")).unwrap();
        let whole = std::fs::read(&path).unwrap();
        let mut turned = whole.clone();
        *turned.last_mut().unwrap() ^= 1;
        let other = String::from_utf8(whole.clone()).unwrap().replace("\"format\":1", "\"format\":9").into_bytes();
        for (content, words) in [
            (&whole[..whole.len() - 1], "another hash"),
            (&turned, "another hash"),
            (&[0xff; 9000], "first line"),
            (b"", "first line"),
            (&other, "this workbench reads 1"),
        ] {
            std::fs::write(&path, content).unwrap();
            let error = read(&path).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        assert!(read(&path).is_err());
    }
}
