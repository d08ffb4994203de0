//! Versions and failures on disk: one folder a version, written atomically, read again at the
//! next start, pruned by a pure function.
//!
//! ```text
//! <target>/exuvia/history/<package>-<8 digits of the manifest path's hash>/
//!     versions/00007/version.json   written once, last: without it the folder is no version
//!                    marks.json     what may change: kept, good, pinned calls' results
//!                    lib….so        the staged artifact
//!                    sources/…      what it was built from
//!     failures/….json               generations that did not become a version
//!     removed.json                  the highest number that was removed by hand, which nobody is given again
//!     pins.json                     pinned calls
//!     built-from.json               what the artifacts in cargo's folder were made from
//!     replay-off.json               there if cargo has not made what a replay made: why nothing is replayed
//!     sessions/….json               one per running workbench, locked while it lives:
//!                                   the versions that it uses, which nobody else may prune
//! ```

pub mod compare;
pub mod record;
mod retention;
mod sessions;
mod store;

pub use retention::{Held, RetentionPolicy, to_remove};
pub use store::{Claim, History, HistoryError, Store, folder, read};
pub(crate) use store::{read_json, write_json};
