//! Requests, responses, and how they are framed: a length (`u32`, little endian) and that many
//! bytes of MessagePack.

use std::io::{self, Read, Write};
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::ids::VersionNumber;
use crate::load::{CallReply, ExportRecord, StampRecord, StateError, StateReport};

/// Version of this protocol. Both sides are the same executable; the number guards against an
/// executable that was replaced while the workbench ran.
pub const PROTOCOL: u32 = 4;

/// No frame is longer; one that says so is broken. In bytes.
const MAX_FRAME: u32 = 1 << 30;

/// What the parent asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// First request.
    Hello {
        /// The parent's version of the protocol.
        protocol: u32,
        /// What marks, in the captured output, that another version runs from here on.
        nonce: String,
        /// How much memory of its own the runner may have, in bytes; `None`: as much as there is.
        memory: Option<u64>,
    },
    /// Open and verify a staged artifact beside whatever runs.
    Open {
        /// Its number.
        version: VersionNumber,
        /// The file.
        path: PathBuf,
    },
    /// Whether the arguments fit an export.
    Check {
        /// The version.
        version: VersionNumber,
        /// The export.
        export: String,
        /// How many values [`Request::Check::arguments`] holds.
        argument_count: usize,
        /// MessagePack values, one behind the other.
        arguments: Vec<u8>,
    },
    /// Make the state, fresh or from a snapshot.
    Start {
        /// The version.
        version: VersionNumber,
        /// The snapshot.
        snapshot: Option<Snapshot>,
    },
    /// Take a snapshot.
    Snapshot {
        /// The version.
        version: VersionNumber,
    },
    /// Call an export.
    Call {
        /// The version.
        version: VersionNumber,
        /// The export.
        export: String,
        /// How many values [`Request::Call::arguments`] holds.
        argument_count: usize,
        /// MessagePack values, one behind the other.
        arguments: Vec<u8>,
    },
    /// What is written between requests is this version's from now on.
    Foreground {
        /// The version.
        version: VersionNumber,
    },
    /// Drop the state, end the version's thread, close the library.
    Retire {
        /// The version.
        version: VersionNumber,
    },
    /// What the runner takes up, and what is mapped of the versions that were opened.
    Report,
}

impl Request {
    /// What the runner was doing, for a fault's text.
    #[must_use]
    pub fn doing(&self) -> String {
        match self {
            Self::Hello { .. } => "the greeting".to_owned(),
            Self::Open { version, .. } => format!("opening {version}"),
            Self::Check { version, export, .. } => format!("checking `{export}` of {version}"),
            Self::Start { version, snapshot: None } => format!("making the state of {version}"),
            Self::Start { version, snapshot: Some(_) } => format!("restoring the state into {version}"),
            Self::Snapshot { version } => format!("taking a snapshot of {version}"),
            Self::Call { version, export, .. } => format!("the call of `{export}` of {version}"),
            Self::Foreground { .. } | Self::Report => "a report".to_owned(),
            Self::Retire { version } => format!("retiring {version}"),
        }
    }

    /// The version whose code runs for this.
    pub(super) fn version(&self) -> Option<VersionNumber> {
        match self {
            Self::Open { version, .. }
            | Self::Check { version, .. }
            | Self::Start { version, .. }
            | Self::Snapshot { version }
            | Self::Call { version, .. }
            | Self::Retire { version } => Some(*version),
            Self::Hello { .. } | Self::Foreground { .. } | Self::Report => None,
        }
    }
}

/// What the runner answers. Each request has exactly one response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Response {
    /// To [`Request::Hello`].
    Hello {
        /// The runner's version of the protocol.
        protocol: u32,
        /// The descriptor where it will write down how it crashed, where it can.
        notes: Option<i32>,
    },
    /// To [`Request::Open`].
    Opened(Opened),
    /// To [`Request::Open`], when the artifact was refused: the load error's text.
    NotOpened(String),
    /// To [`Request::Check`]: why the arguments do not fit.
    Checked(Result<(), String>),
    /// To [`Request::Start`]: what became of the fields, if the guest can say.
    Started(Result<Option<StateReport>, StateError>),
    /// To [`Request::Snapshot`]; `None` without state.
    Snapshot(Result<Option<Snapshot>, StateError>),
    /// To [`Request::Call`].
    Called(CallReply),
    /// To [`Request::Foreground`].
    Done,
    /// To [`Request::Retire`].
    Retired(RetireReport),
    /// To [`Request::Report`].
    Report(Report),
    /// The request could not be done: it was out of order, or the version's thread is gone.
    Broken(String),
}

/// A verified candidate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// What it was built with.
    pub stamp: StampRecord,
    /// What can be called.
    pub exports: Vec<ExportRecord>,
    /// Name of the state's type.
    pub state_type: Option<String>,
}

/// A state in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Number of the state's meaning in the guest that gave it.
    pub state_version: u32,
    /// One MessagePack value.
    #[serde(with = "packed")]
    pub bytes: Vec<u8>,
}

/// Bytes as bytes: serde takes them for a list of numbers.
mod packed {
    use std::fmt;

    use serde::de::Visitor;
    use serde::{Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        deserializer.deserialize_bytes(Bytes)
    }

    struct Bytes;

    impl Visitor<'_> for Bytes {
        type Value = Vec<u8>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("bytes")
        }

        fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
            Ok(bytes.to_vec())
        }
    }
}

/// What became of a retired version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetireReport {
    /// What the state's `Drop` did, if it failed.
    pub drop_error: Option<String>,
    /// Threads that the guest left running, by name; the library was then not closed.
    pub threads: Vec<String>,
    /// Why a library that was closed stays, where the file says so.
    pub pinned: Option<String>,
    /// Bytes that are still mapped; `None` where that cannot be found out.
    pub mapped: Option<u64>,
}

/// What the runner takes up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Resident memory in bytes; `None` where that cannot be found out.
    pub resident: Option<u64>,
    /// Threads; `None` where that cannot be found out.
    pub threads: Option<u32>,
    /// Versions that were retired in it so far.
    pub retired: u64,
    /// Variables of the environment that a guest has set, changed or taken away.
    pub environment: Vec<String>,
    /// Files of versions that are mapped, or may be.
    pub mappings: Vec<Mapping>,
}

/// A version that was opened and what of it is mapped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// The version.
    pub version: VersionNumber,
    /// Its file.
    pub path: PathBuf,
    /// Bytes mapped; `None` where that cannot be found out.
    pub mapped: Option<u64>,
    /// Threads that the version has started and that are alive, its own not counted.
    pub threads: usize,
}

/// Writes one frame.
///
/// # Errors
/// Those of the channel, and a message too long for a frame.
pub fn write_frame<T: Serialize>(to: &mut impl Write, message: &T) -> io::Result<()> {
    let mut frame = vec![0; 4];
    rmp_serde::encode::write_named(&mut frame, message).map_err(io::Error::other)?;
    let length = u32::try_from(frame.len() - 4).ok().filter(|length| *length <= MAX_FRAME);
    let length = length.ok_or_else(|| io::Error::other(format!("a message of {} bytes is too long", frame.len())))?;
    frame[..4].copy_from_slice(&length.to_le_bytes());
    to.write_all(&frame)
}

/// Reads one frame; `None` when the other side has closed the channel between two frames.
///
/// # Errors
/// Those of the channel, and a frame that is no message.
pub fn read_frame<T: DeserializeOwned>(from: &mut impl Read) -> io::Result<Option<T>> {
    let mut length = [0; 4];
    match from.read_exact(&mut length) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let length = u32::from_le_bytes(length);
    if length > MAX_FRAME {
        return Err(io::Error::other(format!("a frame claims {length} bytes, the limit is {MAX_FRAME}")));
    }
    // Not allocated ahead: a broken length must not cost memory that no byte stands behind.
    let mut frame = Vec::new();
    from.take(u64::from(length)).read_to_end(&mut frame)?;
    if frame.len() < length as usize {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the channel closed inside a frame"));
    }
    rmp_serde::from_slice(&frame).map(Some).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_back_as_they_went() {
        let requests = [
            Request::Hello { protocol: PROTOCOL, nonce: "n".to_owned(), memory: Some(1) },
            Request::Start {
                version: VersionNumber(3),
                snapshot: Some(Snapshot { state_version: 1, bytes: vec![0x80] }),
            },
            Request::Report,
        ];
        let mut bytes = Vec::new();
        for request in &requests {
            write_frame(&mut bytes, request).unwrap();
        }
        let mut from = bytes.as_slice();
        for request in &requests {
            assert_eq!(read_frame::<Request>(&mut from).unwrap().as_ref(), Some(request));
        }
        assert_eq!(read_frame::<Request>(&mut from).unwrap(), None);
    }

    #[test]
    fn broken_frames_are_errors() {
        let mut cut = Vec::new();
        write_frame(&mut cut, &Request::Report).unwrap();
        cut.pop();
        for (bytes, part) in [
            (cut.as_slice(), "inside a frame"),
            (&[0xff, 0xff, 0xff, 0xff][..], "claims"),
            (&[1, 0, 0, 0, 0xc1][..], ""),
        ] {
            let error = read_frame::<Request>(&mut &*bytes).unwrap_err();
            assert!(error.to_string().contains(part), "{error}");
        }
    }
}
