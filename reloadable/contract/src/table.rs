//! What a guest's entry returns: the table, its stamp, its exports and its state functions.
//!
//! Records are read in place, in the guest's read-only or leaked memory, and stay valid until the
//! library is closed. A newer contract of the same version may only append fields to [`Table`]
//! and [`Export`]; [`Header::size`] and [`Table::export_stride`] tell how much is really there.

use crate::wire::{Bytes, Outcome, Sink, StatePtr};

/// Name of the one symbol that a guest library must export: an [`EntryFn`].
pub const ENTRY_SYMBOL: &str = "exuvia_entry";

/// Version of everything in this crate that crosses the border.
///
/// Raised when a field is moved, removed or given another meaning; not when one is appended.
pub const CONTRACT_VERSION: u32 = 1;

/// The guest's entry. It is cheap, may be called again, and returns a table that lives as long as
/// the library is open. It never returns null.
pub type EntryFn = extern "C" fn() -> *const Table;

/// What stands in front of every table, whatever its version: read this first, and nothing else
/// until both numbers have been checked.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Bytes of the whole table as the guest was compiled.
    pub size: u32,
    /// The guest's [`CONTRACT_VERSION`].
    pub contract_version: u32,
}

/// Everything the host needs to know of a guest.
#[repr(C)]
#[derive(Debug)]
pub struct Table {
    /// Size and contract version.
    pub header: Header,
    /// What the guest was built with.
    pub stamp: Stamp,
    /// The first of [`Table::export_count`] records, each [`Table::export_stride`] bytes after
    /// the one before; null when there are none.
    pub exports: *const Export,
    /// Number of exports.
    pub export_count: usize,
    /// Bytes from one export record to the next.
    pub export_stride: usize,
    /// The state functions; null for a guest without state.
    pub state: *const StateFns,
    /// Number of types that the guest has named as its state. More than one is a mistake of the
    /// author that the host refuses; [`Table::state`] is then the first.
    pub state_count: usize,
    /// Frees the table and whatever else the SDK has taken: the last call into the library, before it is
    /// closed. Guests of earlier SDKs end their table before this field: see [`Header::size`].
    pub leave: Option<extern "C" fn()>,
}

/// What a guest was built with. All of it is text.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Stamp {
    /// First line of `rustc -vV`, for example `rustc 1.95.0 (59807616e 2026-04-14)`.
    pub rustc: Bytes<'static>,
    /// Target triple.
    pub target: Bytes<'static>,
    /// `opt-level` of the profile: `0` to `3`, `s` or `z`.
    pub opt_level: Bytes<'static>,
    /// `unwind` or `abort`.
    pub panic: Bytes<'static>,
    /// Version of the guest SDK.
    pub sdk: Bytes<'static>,
}

/// One function that the host can list, check and call by name.
#[repr(C)]
#[derive(Debug)]
pub struct Export {
    /// The function's name.
    pub name: Bytes<'static>,
    /// Its doc comment, lines joined by `\n`; may be empty.
    pub docs: Bytes<'static>,
    /// The signature as the author wrote it, in one line.
    pub signature: Bytes<'static>,
    /// Whether it takes the guest's state.
    pub state_use: StateUse,
    /// Number of arguments that a caller passes (the state is not counted).
    pub argument_count: u32,
    /// Writes, for each argument in turn and then for the return value, one
    /// [`Field::TypeName`](crate::Field::TypeName), [`Field::TypeSize`](crate::Field::TypeSize)
    /// and [`Field::TypeAlign`](crate::Field::TypeAlign): the canonical signature, for comparison.
    /// In front of each argument's three stands its
    /// [`Field::Parameter`](crate::Field::Parameter) name. For an argument `&T`, size and
    /// alignment are those of the owned value that it is decoded into, so that a changed struct is
    /// noticed behind a reference, too.
    pub describe: extern "C" fn(sink: Sink<'_>),
    /// Decodes the arguments as a call would, and calls nothing.
    pub check: extern "C" fn(arguments: Bytes<'_>, sink: Sink<'_>) -> Outcome,
    /// Calls the function. Arguments are MessagePack values, one behind the other. `state` is
    /// null only where [`Export::state_use`] is [`StateUse::NONE`].
    pub call: extern "C" fn(state: StatePtr, arguments: Bytes<'_>, sink: Sink<'_>) -> Outcome,
}

/// Whether and how an export takes the guest's state (an open list, hence not an enum).
#[repr(transparent)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateUse(pub u32);

impl StateUse {
    /// The function does not see the state.
    pub const NONE: Self = Self(0);
    /// `state: &T`
    pub const SHARED: Self = Self(1);
    /// `state: &mut T`
    pub const EXCLUSIVE: Self = Self(2);
}

/// How the host makes, saves, restores and drops the guest's state.
///
/// All are called on the version's own thread, like every export. What follows [`StateFns::drop`] was
/// appended later: the host reads it where [`StateFns::size`] says that it is there.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct StateFns {
    /// Bytes of this record as the guest was compiled: it may grow at its end.
    pub size: usize,
    /// The state type's name, as [`core::any::type_name`] has it.
    pub type_name: Bytes<'static>,
    /// Makes the state type's `Default`. Writes the pointer on success.
    pub create: extern "C" fn(made: &mut StatePtr, sink: Sink<'_>) -> Outcome,
    /// Writes the state as one MessagePack value with named fields, as [`Field::Value`](crate::Field::Value).
    pub snapshot: extern "C" fn(state: StatePtr, sink: Sink<'_>) -> Outcome,
    /// Makes a state from a snapshot. Writes the pointer on success, nothing on failure.
    pub restore: extern "C" fn(snapshot: Bytes<'_>, made: &mut StatePtr, sink: Sink<'_>) -> Outcome,
    /// Drops a state. The pointer is not used again, whatever the outcome.
    pub drop: extern "C" fn(state: StatePtr, sink: Sink<'_>) -> Outcome,
    /// Number of the state's meaning, given by the author.
    pub version: u32,
    /// Makes a state from a snapshot of a guest whose state had the version `from`, taking over what
    /// fits. Writes the pointer on success, and what became of the fields as
    /// [`Field::Value`](crate::Field::Value): one MessagePack list of how many values were kept, the
    /// paths defaulted, the paths dropped, path and reason of those reset, how many paths are not
    /// told, why nothing could be taken over (or nil), and the paths that the author's migration has read.
    pub carry: extern "C" fn(snapshot: Bytes<'_>, from: u32, made: &mut StatePtr, sink: Sink<'_>) -> Outcome,
}
