//! From a guest's project to its artifact: by cargo, or by rustc run again as cargo ran it; never by
//! anything but cargo's own word for what is to be run.

pub mod base;
mod built_from;
mod cancel;
mod cargo;
mod dep_info;
pub mod diagnostic;
pub mod environment;
mod facts;
mod lock;
mod manifest_settings;
mod messages;
mod progress;
mod project;
pub mod replay;
mod selection;

use std::ffi::OsString;
use std::io;

pub use base::BaseLibrary;
pub(crate) use cancel::Cancel;
pub use cargo::{Build, BuildEvent, BuildOrder, BuildOutcome};
pub use lock::BuildLock;
pub use manifest_settings::{KEYS as SETTINGS_KEYS, ManifestSettings, SettingsError, TABLE as SETTINGS_TABLE};
pub(crate) use messages::understand;
pub use project::{LocalPackage, Need, Project, ProjectError};
pub use replay::{BuildPath, Fallback, Phases, Replays};
pub use selection::Selection;

/// A text as a shell takes it for one word, in the scripts that stand in for the compiler and the linker.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Serves the hidden subcommands by which cargo and rustc run this executable: it does its part and becomes
/// the compiler or the linker. To be asked first, with all arguments but the program's name; they need not
/// be text. `None`: it is none of them. Else why the compiler or the linker cannot be run.
pub fn stand_in(arguments: impl IntoIterator<Item = OsString>) -> Option<io::Error> {
    let mut arguments = arguments.into_iter();
    let first = arguments.next()?;
    if first == replay::SUBCOMMAND {
        Some(replay::record(arguments))
    } else if first == base::SUBCOMMAND {
        Some(base::record(arguments))
    } else {
        None
    }
}
