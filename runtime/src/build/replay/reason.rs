//! By which path an artifact was made, and why not by a replay. In words for people, and kept with
//! the version.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::history::record::ArtifactRecord;

/// By which path an artifact was made, or was to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum BuildPath {
    /// Cargo built it.
    Cargo {
        /// Why it was no replay; `None` where nobody thought of one (records of older workbenches).
        why: Option<Fallback>,
    },
    /// rustc was run just as cargo had run it.
    Replay {
        /// For these crates, dependencies first.
        crates: Vec<String>,
        /// The base library that the guest was linked against: a file in the history's `bases` folder.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        base: Option<ArtifactRecord>,
    },
}

impl BuildPath {
    /// The base library that the artifact needs.
    #[must_use]
    pub fn base(&self) -> Option<&ArtifactRecord> {
        match self {
            Self::Replay { base, .. } => base.as_ref(),
            Self::Cargo { .. } => None,
        }
    }
}

impl Default for BuildPath {
    fn default() -> Self {
        Self::Cargo { why: None }
    }
}

impl fmt::Display for BuildPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cargo { why: None } => f.write_str("cargo"),
            Self::Cargo { why: Some(why) } => write!(f, "cargo ({why})"),
            Self::Replay { crates, base: None } => write!(f, "replay of rustc ({})", crates.join(", ")),
            Self::Replay { crates, base: Some(_) } => {
                write!(f, "replay of rustc ({}) on the base library", crates.join(", "))
            }
        }
    }
}

/// Why cargo builds, and rustc is not simply replayed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "reason")]
pub enum Fallback {
    /// A session's first build, or the user asked for one.
    Asked,
    /// Replay is switched off.
    Off,
    /// A replay and cargo did not make the same.
    Disagreed,
    /// Nothing of the guest is recorded that still holds.
    NotRecorded,
    /// A compiler wrapper of the user's stands where ours would have to.
    Wrapper,
    /// Cargo's last build failed or was stopped.
    Unfinished,
    /// A manifest has changed.
    Manifest {
        /// The manifest.
        path: PathBuf,
    },
    /// The lock file has changed.
    LockFile,
    /// Cargo's configuration or the toolchain file has changed.
    Configuration {
        /// The file.
        path: PathBuf,
    },
    /// A build script, or what it watches or depends on, has changed.
    BuildScript {
        /// The file.
        path: PathBuf,
    },
    /// A file is gone.
    Gone {
        /// The file.
        path: PathBuf,
    },
    /// A crate that the compiler itself runs has changed.
    ProcMacro {
        /// The crate.
        name: String,
    },
    /// A crate outside the workspace depends on what has changed: its rustc is not recorded.
    Outside {
        /// The package.
        name: String,
    },
    /// A file has changed that no recorded crate reads.
    NotListed {
        /// The file.
        path: PathBuf,
    },
    /// A variable that `env!` reads has another value now.
    Environment {
        /// The variable.
        name: String,
    },
    /// rustc is another one now.
    Compiler,
    /// Somebody else has built this crate since.
    Newer {
        /// The crate.
        name: String,
    },
    /// No recorded crate was built from other content than is saved.
    Nothing,
    /// rustc ended in a way that cargo may get over, or explain better.
    Rustc {
        /// What it said.
        message: String,
    },
}

impl fmt::Display for Fallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked => f.write_str("a first build, or one that was asked for"),
            Self::Off => f.write_str("replay is off"),
            Self::Disagreed => f.write_str("replay and cargo have disagreed"),
            Self::NotRecorded => f.write_str("no rustc is recorded for it yet"),
            Self::Wrapper => f.write_str("RUSTC_WRAPPER or cargo's configuration names a compiler wrapper"),
            Self::Unfinished => f.write_str("cargo's last build failed or was stopped"),
            Self::Manifest { path } => write!(f, "{} has changed", path.display()),
            Self::LockFile => f.write_str("Cargo.lock has changed"),
            Self::Configuration { path } => write!(f, "{} has changed", path.display()),
            Self::BuildScript { path } => write!(f, "a build script depends on {}", path.display()),
            Self::Gone { path } => write!(f, "{} is gone", path.display()),
            Self::ProcMacro { name } => write!(f, "the proc-macro crate {name} is to be built"),
            Self::Outside { name } => write!(f, "the package {name} is to be built, and lies outside the workspace"),
            Self::NotListed { path } => write!(f, "{} was not read by a crate of the workspace before", path.display()),
            Self::Environment { name } => write!(f, "the variable {name} has another value"),
            Self::Compiler => f.write_str("rustc is another one now"),
            Self::Newer { name } => write!(f, "somebody else has built {name}"),
            Self::Nothing => f.write_str("nothing is saved that a recorded crate was not built from"),
            Self::Rustc { message } => write!(f, "rustc: {message}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_told_in_one_line() {
        for (path, words) in [
            (BuildPath::default(), "cargo"),
            (BuildPath::Cargo { why: Some(Fallback::LockFile) }, "cargo (Cargo.lock has changed)"),
            (
                BuildPath::Replay { crates: vec!["core".to_owned(), "g".to_owned()], base: None },
                "replay of rustc (core, g)",
            ),
        ] {
            assert_eq!(path.to_string(), words);
            let json = serde_json::to_string(&path).unwrap();
            assert_eq!(serde_json::from_str::<BuildPath>(&json).unwrap(), path);
        }
    }
}
