//! Entry points for fuzzing: each takes any bytes, feeds a reader with them, and panics if the reader
//! breaks a promise. `fuzz/` calls them from libFuzzer, `tests/tests/fuzz.rs` from the kept corpus.
//!
//! Each says how much it understood: a corpus of which nothing is understood any more is stale.
//!
//! | function | reader | promise |
//! |---|---|---|
//! | [`requests`], [`responses`] | the runner's protocol, either direction | what is understood comes back when it is written |
//! | [`cargo_messages`] | cargo's stdout and stderr | no panic |
//! | [`history`] | a guest's history | nothing leads out of its folder |

use std::fmt::Debug;
use std::path::{Component, Path};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::build;
use crate::history::{self, compare};
use crate::ids::VersionNumber;
use crate::platform;
use crate::runner::{Request, Response, read_frame, write_frame};

/// What the runner reads.
#[must_use]
pub fn requests(bytes: &[u8]) -> usize {
    frames::<Request>(bytes)
}

/// What the workbench reads of the runner, in whose process the guest may write anything.
#[must_use]
pub fn responses(bytes: &[u8]) -> usize {
    frames::<Response>(bytes)
}

fn frames<T: DeserializeOwned + Serialize + PartialEq + Debug>(mut bytes: &[u8]) -> usize {
    let mut understood = 0;
    while let Ok(Some(message)) = read_frame::<T>(&mut bytes) {
        let mut again = Vec::new();
        write_frame(&mut again, &message).expect("what was read can be written");
        let back = read_frame::<T>(&mut again.as_slice()).expect("what was written can be read");
        assert_eq!(back, Some(message));
        understood += 1;
    }
    understood
}

/// What cargo writes, to its stdout and to its stderr.
#[must_use]
pub fn cargo_messages(bytes: &[u8]) -> usize {
    build::understand(bytes, bytes)
}

/// A history in which each file has this content. `folder` is empty, and left so.
///
/// # Panics
/// When the folder cannot be written, or a record leads out of it.
#[must_use]
pub fn history(folder: &Path, bytes: &[u8]) -> usize {
    let number = VersionNumber(1);
    let files = ["versions/00001/version.json", "versions/00001/marks.json", "failures/1.json", "pins.json"];
    for file in files {
        let path = folder.join(file);
        platform::create_private_dir(path.parent().unwrap_or(folder)).expect("a folder");
        std::fs::write(path, bytes).expect("a file");
    }
    let found = history::read_folder(folder).expect("the folder can be read");
    for row in &found.versions {
        assert_eq!(row.record.number, number);
        let mut components = row.record.artifact.file.components();
        assert!(matches!((components.next(), components.next()), (Some(Component::Normal(_)), None)), "{row:?}");
        for path in row.record.sources.0.keys() {
            let below = history::kept_as(path);
            let stays = |below: &Path| below.components().all(|part| matches!(part, Component::Normal(_)));
            assert!(below.as_deref().is_none_or(stays), "{path:?} is kept as {below:?}");
        }
    }
    // An error is an answer.
    let _ = compare::of_version(folder, number);
    for part in ["versions", "failures"] {
        std::fs::remove_dir_all(folder.join(part)).expect("the folder's end");
    }
    std::fs::remove_file(folder.join("pins.json")).expect("the file's end");
    found.versions.len() + found.failures.len() + found.pins.len()
}
