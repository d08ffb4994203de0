//! Opens a file at a line in the user's editor.
//!
//! Which editor it is and how it is told the line are pure decisions over [`Surroundings`]; only
//! [`open`] starts a process. It waits for nothing but the start itself, and belongs on the chores
//! thread ([`crate::chores`]) all the same: it looks through the folders of PATH.

mod choose;
mod known;
mod launch;
mod template;
mod terminal;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

pub use choose::{Origin, Surroundings};
pub use launch::{Launched, detected, open};
pub use template::{EditorTemplate, command};

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// Its line, from 1.
    pub line: u32,
    /// Its column in characters, from 1.
    pub column: u32,
}

/// The name of the editor that the user has set, for a sentence: `code` for `/usr/bin/code -g`.
#[must_use]
pub fn name_of(setting: &str) -> Option<String> {
    let program = shlex::split(setting)?.into_iter().next()?;
    Some(known::base_name(&program).to_owned()).filter(|name| !name.is_empty())
}

/// Why no editor opened the file. The window says it in its language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditorError {
    /// None is chosen, and none that we know is installed.
    NoEditor,
    /// The file is not there, and an editor would make a new one.
    NoFile {
        /// The file.
        file: PathBuf,
    },
    /// Quotes in a command line do not match.
    Quotes {
        /// Whose command line it is.
        origin: Origin,
        /// The command line.
        line: String,
    },
    /// Something in braces that we do not know.
    Placeholder {
        /// Whose command line it is.
        origin: Origin,
        /// What stands in the braces.
        name: String,
    },
    /// The program is not installed.
    NotFound {
        /// Who asks for it.
        origin: Origin,
        /// The program.
        program: String,
    },
    /// The editor needs a terminal, and there is none.
    NoTerminal {
        /// Who asks for the editor.
        origin: Origin,
        /// The editor.
        program: String,
    },
    /// The system did not start it.
    NotStarted {
        /// Who asks for the editor.
        origin: Origin,
        /// The program.
        program: String,
        /// The system's words.
        reason: String,
    },
    /// We panicked.
    Mistake {
        /// What is to be said about it.
        message: String,
    },
}
