//! The engine's handle: commands in, events out.

mod command;
mod event;
pub mod status;

pub use command::Command;
pub use event::{Event, GuestInfo, Retirement, Stream, WatchMode};
