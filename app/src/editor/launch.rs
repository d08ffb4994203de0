//! Starts the editor, and leaves it to itself.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use exuvia_runtime::build::environment;

use super::choose::{Choice, Origin, Surroundings, choose, editor_without_setting};
use super::{EditorError, Place};
use crate::platform;

/// An editor that was started. It goes on when this is dropped, and when the workbench ends.
#[derive(Debug)]
pub struct Launched {
    /// The editor's name, as `code`.
    pub editor: String,
    child: Child,
}

impl Launched {
    /// Whether the started process has ended; if so, the system may forget it. Does not wait.
    pub fn has_ended(&mut self) -> bool {
        // One that cannot be asked is nobody's any more.
        !matches!(self.child.try_wait(), Ok(None))
    }
}

/// Opens a place in the user's editor: the one of the setting, else one that is found.
///
/// # Errors
/// See [`EditorError`].
pub fn open(place: &Place, setting: Option<&str>) -> Result<Launched, EditorError> {
    let file = std::path::absolute(&place.file).unwrap_or_else(|_| place.file.clone());
    let Choice { origin, editor, words } = choose(&Place { file, ..*place }, setting, &System)?;
    let (program, arguments) = words.split_first().ok_or(EditorError::NoEditor)?;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // The editor's own cargo is not ours.
    for name in environment::not_passed_on() {
        command.env_remove(name);
    }
    platform::isolate(&mut command);
    match command.spawn() {
        Ok(child) => Ok(Launched { editor, child }),
        Err(error) => {
            let program = program.to_string_lossy().into_owned();
            Err(EditorError::NotStarted { origin, program, reason: error.to_string() })
        }
    }
}

/// The editor that is used where the setting names none, and why it is that one.
///
/// # Errors
/// See [`EditorError`].
pub fn detected() -> Result<(String, Origin), EditorError> {
    editor_without_setting(&System)
}

/// The system that we run on.
struct System;

impl Surroundings for System {
    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.trim().is_empty())
    }

    fn find(&self, program: &str) -> Option<PathBuf> {
        if program.contains(std::path::is_separator) {
            return Some(PathBuf::from(program)).filter(|path| can_be_run(path));
        }
        let path = std::env::var_os("PATH")?;
        let program = format!("{program}{}", std::env::consts::EXE_SUFFIX);
        std::env::split_paths(&path).map(|folder| folder.join(&program)).find(|path| can_be_run(path))
    }

    fn is_file(&self, file: &Path) -> bool {
        file.is_file()
    }
}

fn can_be_run(path: &Path) -> bool {
    let Ok(metadata) = path.metadata() else { return false };
    metadata.is_file() && platform::is_executable(&metadata)
}
