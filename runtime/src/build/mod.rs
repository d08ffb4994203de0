//! From a guest's project to its artifact: cargo, and nothing but cargo's own word for it.

mod built_from;
mod cargo;
mod dep_info;
pub mod diagnostic;
pub mod environment;
mod lock;
mod manifest_settings;
mod messages;
mod progress;
mod project;
mod selection;

pub use cargo::{Build, BuildEvent, BuildOrder, BuildOutcome};
pub use lock::BuildLock;
pub use manifest_settings::{KEYS as SETTINGS_KEYS, ManifestSettings, SettingsError, TABLE as SETTINGS_TABLE};
pub(crate) use messages::understand;
pub use project::{LocalPackage, Project, ProjectError};
pub use selection::Selection;
