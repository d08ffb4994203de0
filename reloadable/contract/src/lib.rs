//! The border between the host and a guest: one entry, one table, plain data only.
//!
//! A guest library exports a single `extern "C"` function ([`ENTRY_SYMBOL`]) that returns a
//! [`Table`]. Host and guest each have their own copy of the standard library, so nothing
//! Rust-typed crosses: only `#[repr(C)]` records, byte slices that live as long as the call, and
//! function pointers. Whoever allocated memory frees it; a guest hands its results over by
//! calling the host's [`Sink`] while its own buffers are still alive.
//!
//! This crate knows nobody, depends on nothing and holds no `unsafe` code: what may be done with
//! the pointers is decided in the two modules that hold it (`exuvia_guest::shim` on the guest's
//! side, `exuvia_runtime::load::library` on the host's).
//!
//! | module | what it holds |
//! |---|---|
//! | [`table`] | the table, its header, the stamp and the record of an export |
//! | [`wire`] | byte slices, the sink and its fields, outcomes, the state pointer |

#![forbid(unsafe_code)]

pub mod table;
pub mod wire;

pub use table::{CONTRACT_VERSION, ENTRY_SYMBOL, EntryFn, Export, Header, Stamp, StateFns, StateUse, Table};
pub use wire::{Bytes, Field, Outcome, Sink, StatePtr};
