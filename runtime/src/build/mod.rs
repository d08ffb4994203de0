//! From a guest's project to its artifact: by cargo, or by rustc run again as cargo ran it; never by
//! anything but cargo's own word for what is to be run.

mod built_from;
mod cancel;
mod cargo;
mod dep_info;
pub mod diagnostic;
pub mod environment;
mod lock;
mod manifest_settings;
mod messages;
mod progress;
mod project;
pub mod replay;
mod selection;

pub(crate) use cancel::Cancel;
pub use cargo::{Build, BuildEvent, BuildOrder, BuildOutcome};
pub use lock::BuildLock;
pub use manifest_settings::{KEYS as SETTINGS_KEYS, ManifestSettings, SettingsError, TABLE as SETTINGS_TABLE};
pub(crate) use messages::understand;
pub use project::{LocalPackage, Need, Project, ProjectError};
pub use replay::{BuildPath, Fallback, Replays};
pub use selection::Selection;
