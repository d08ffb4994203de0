//! Versions and failures on disk: one folder a version, written atomically, read again at the
//! next start, pruned by a pure function.
//!
//! ```text
//! <target>/exuvia/history/<package>-<8 digits of the manifest path's hash>/
//!     versions/00007/version.json   written once, last: without it the folder is no version
//!                    marks.json     what may change: kept, good, pinned calls' results
//!                    lib….so        the staged artifact
//!                    sources/…      what it was built from
//!                    state          the state that it had when it was left
//!     bases/lib….so                 base libraries, which versions are linked against
//!     failures/….json               generations that did not become a version
//!     removed.json                  the highest number that was removed by hand, which nobody is given again
//!     last-state                    the state that the next session takes up
//!     pins.json                     pinned calls
//!     pin-order.json                how these and the manifest's stand
//!     built-from.json               what the artifacts in cargo's folder were made from
//!     replay-off.json               there if cargo has not made what a replay made: why nothing is replayed
//!     sessions/….json               one per running workbench, locked while it lives:
//!                                   the versions that it uses, which nobody else may prune
//! ```

pub mod bases;
pub mod compare;
pub mod record;
mod removal;
mod retention;
mod sessions;
pub mod states;
mod store;
mod sweep;

pub use retention::{Held, RetentionPolicy, to_remove};
pub use store::{Claim, History, HistoryError, Store, folder, read};
pub(crate) use store::{kept_as, read_folder, read_json, write_json};
