//! From a guest's project to its artifact: by cargo, or by rustc run again as cargo ran it; never by
//! anything but cargo's own word for what is to be run.

mod built_from;
mod cancel;
mod cargo;
mod dep_info;
pub mod diagnostic;
pub mod environment;
mod facts;
pub mod link;
mod lock;
mod manifest_settings;
mod messages;
mod progress;
mod project;
pub mod replay;
mod selection;

use std::ffi::OsString;
use std::io;

pub(crate) use cancel::Cancel;
pub use cargo::{Build, BuildEvent, BuildOrder, BuildOutcome};
pub use link::BaseLibrary;
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

/// Serves the hidden subcommands by which cargo, rustc and a script of ours run this executable. To be asked
/// first, with all arguments but the program's name; they need not be text. `None`: it is none of them. Else the
/// process is to end with what came of it; the one that becomes the compiler comes back only with an error.
pub fn stand_in(arguments: impl IntoIterator<Item = OsString>) -> Option<io::Result<()>> {
    let mut arguments = arguments.into_iter();
    let first = arguments.next()?;
    if first == replay::SUBCOMMAND {
        Some(Err(replay::record(arguments)))
    } else if first == link::SUBCOMMAND {
        Some(link::record(arguments))
    } else {
        None
    }
}
