//! The engine of Exuvia: everything but the window.
//!
//! A [`session::Session`] takes [`session::Command`]s and gives [`session::Event`]s. Inside, a
//! change goes one way only, and each stage is a folder:
//!
//! `watch` → `build` → `stage` → `load` (in the runner) → `swap` → `history`
//!
//! | module | its job |
//! |---|---|
//! | [`session`] | the handle, the actor behind it, commands, events, the status |
//! | [`watch`] | which files a build reads, and when they differ from what was last built |
//! | [`build`] | the guest's project, cargo, its messages |
//! | [`stage`] | a private, uniquely named copy of the artifact, looked at before it is opened |
//! | [`load`] | opens a staged version, checks its table, calls into it (knows no protocol) |
//! | [`runner`] | the process that loads guests, and the parent's side of it |
//! | [`swap`] | from a staged artifact to the active version: verdicts and the carried state |
//! | [`history`] | versions and failures on disk, retention, sessions that share them |
//! | [`call`] | calls and answers as people read them |
//! | [`experiment`] | four ways to load changed code, side by side, each for real |
//! | [`template`] | a new guest, with the SDK beside it |
//! | [`warden`] | a process that ends what a killed workbench leaves running |
//!
//! There is no window code here, and none in the crate's dependency tree.

pub mod build;
pub mod call;
pub mod experiment;
#[doc(hidden)]
pub mod fuzz;
pub mod history;
pub mod ids;
pub mod load;
mod platform;
pub mod runner;
pub mod session;
pub mod stage;
pub mod swap;
pub mod template;
mod value;
pub mod warden;
pub mod watch;
