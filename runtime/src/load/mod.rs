//! Opens a staged version, checks its table and calls into it. Runs wherever guests may run: in
//! the runner today, inside a user's own host later. Knows nothing of the runner's protocol.

mod error;
mod guest;
mod library;
mod record;

pub use error::LoadError;
pub use guest::{CallReply, LoadedGuest, StateError, StateErrorKind};
pub use library::LeftLibrary;
pub use record::{ExportRecord, ParameterRecord, StampRecord, StateAccess, StateReport, TypeRecord};
