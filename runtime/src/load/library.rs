//! Opens a guest library and calls through its table: with `unsafe` code, as the C-ABI border has it.
//!
//! Everything else sees only owned records and [`Reply`]s. A library is opened and called on its
//! version's own thread, and closed after that thread has ended (a destructor of a thread-local
//! of the guest would otherwise pin it, or run after it is gone). This module never decides
//! whether that is so: [`OpenLibrary::close`] is for whoever owns the thread.

#![expect(unsafe_code, reason = "the host's side of the C-ABI border; every block says why it holds")]

use std::ffi::c_void;
use std::mem::{MaybeUninit, offset_of, size_of};
use std::path::{Path, PathBuf};
use std::ptr;

use exuvia_contract::{
    Bytes, CONTRACT_VERSION, ENTRY_SYMBOL, EntryFn, Export, Field, Header, Outcome, Sink, StateFns, StatePtr, StateUse,
    Table,
};
use libloading::Library;

use super::error::LoadError;
use super::record::{ExportRecord, ParameterRecord, StampRecord, StateAccess, TypeRecord};

/// What a call into the guest left behind.
#[derive(Debug)]
pub(super) struct Reply {
    /// How it ended.
    pub outcome: Outcome,
    /// What the guest put into the sink, in order.
    pub fields: Vec<(Field, Vec<u8>)>,
}

/// A guest's state. Belongs to the thread that made it and to the library it came from.
#[derive(Debug)]
pub(super) struct StateHandle(StatePtr);

/// An open guest library whose table was read and checked.
#[derive(Debug)]
pub(super) struct OpenLibrary {
    library: Library,
    /// The loader's handle as a number, where it has one that can be read.
    pub handle: Option<u64>,
    pub stamp: StampRecord,
    pub exports: Vec<OpenExport>,
    pub state_type: Option<String>,
    /// Number of the state's meaning; 0 unless the author gave one.
    pub state_version: u32,
    state: Option<StateFunctions>,
    leave: Option<extern "C" fn()>,
}

/// The functions of [`StateFns`].
#[derive(Debug, Clone, Copy)]
struct StateFunctions {
    create: extern "C" fn(&mut StatePtr, Sink<'_>) -> Outcome,
    snapshot: extern "C" fn(StatePtr, Sink<'_>) -> Outcome,
    restore: extern "C" fn(Bytes<'_>, &mut StatePtr, Sink<'_>) -> Outcome,
    drop: extern "C" fn(StatePtr, Sink<'_>) -> Outcome,
    /// `None` in a guest whose SDK is older.
    carry: Option<extern "C" fn(Bytes<'_>, u32, &mut StatePtr, Sink<'_>) -> Outcome>,
}

/// An export: its record and its functions.
#[derive(Debug)]
pub(super) struct OpenExport {
    pub record: ExportRecord,
    check: extern "C" fn(Bytes<'_>, Sink<'_>) -> Outcome,
    call: extern "C" fn(StatePtr, Bytes<'_>, Sink<'_>) -> Outcome,
}

impl OpenExport {
    /// Address of the function that [`OpenLibrary::call`] calls.
    pub(super) fn address(&self) -> u64 {
        self.call as usize as u64
    }
}

impl OpenLibrary {
    /// Opens the file, finds the entry, and reads the table.
    ///
    /// # Errors
    /// Any [`LoadError`] but those of the probe. The library is closed again.
    pub(super) fn open(path: &Path) -> Result<Self, LoadError> {
        let (library, handle) = open_now_and_local(path)?;
        // SAFETY: the symbol is a function of type `EntryFn` by the contract; a library that is
        // no guest does not have a symbol of this name, and one with another contract version
        // returns a table that starts with the same `Header`.
        let entry = unsafe { library.get::<EntryFn>(ENTRY_SYMBOL.as_bytes()) }
            .map_err(|_| LoadError::NoEntry { path: path.to_owned() })?;
        let table = entry();
        if table.is_null() {
            return Err(LoadError::NoTable { path: path.to_owned() });
        }
        // SAFETY: the entry returns a table that lives as long as the library; all contract
        // versions start with a `Header`.
        let header = unsafe { table.cast::<Header>().read() };
        if header.contract_version != CONTRACT_VERSION {
            return Err(LoadError::ContractVersion { guest: header.contract_version, host: CONTRACT_VERSION });
        }
        // Up to the last field that this host reads: a table may grow at its end on either side.
        let needed = offset_of!(Table, state_count) + size_of::<usize>();
        if (header.size as usize) < needed {
            return Err(LoadError::TableSize { guest: header.size as usize, host: needed });
        }
        // SAFETY: same contract version, and so many bytes.
        let table = unsafe { whole_table(table, header.size as usize) };
        let stamp = read_stamp(&table)?;
        let exports = read_exports(&table)?;
        if table.state_count > 1 {
            return Err(LoadError::SeveralStates { count: table.state_count });
        }
        let (state, state_type, state_version) = match read_state(&table)? {
            Some((state, name, version)) => (Some(state), Some(name), version),
            None => (None, None, 0),
        };
        Ok(Self { library, handle, stamp, exports, state_type, state_version, state, leave: table.leave })
    }

    /// Decodes arguments as a call would.
    pub(super) fn check(&self, export: &OpenExport, arguments: &[u8]) -> Reply {
        gather(|sink| (export.check)(Bytes::new(arguments), sink))
    }

    /// Calls an export. `None` as state is passed only to exports that take none.
    pub(super) fn call(&self, export: &OpenExport, state: Option<&mut StateHandle>, arguments: &[u8]) -> Reply {
        let state = state.map_or(StatePtr::NULL, |state| state.0);
        gather(|sink| (export.call)(state, Bytes::new(arguments), sink))
    }

    /// Makes a fresh state. `None` for a guest without state, or when the guest failed.
    pub(super) fn create(&self) -> Option<(Option<StateHandle>, Reply)> {
        let state = self.state?;
        let mut made = StatePtr::NULL;
        let reply = gather(|sink| (state.create)(&mut made, sink));
        Some(((!made.is_null()).then_some(StateHandle(made)), reply))
    }

    /// Makes a state from a snapshot. `None` for a guest without state.
    pub(super) fn restore(&self, snapshot: &[u8]) -> Option<(Option<StateHandle>, Reply)> {
        let state = self.state?;
        let mut made = StatePtr::NULL;
        let reply = gather(|sink| (state.restore)(Bytes::new(snapshot), &mut made, sink));
        Some(((!made.is_null()).then_some(StateHandle(made)), reply))
    }

    /// Makes a state from another version's snapshot, as far as it fits. `None` for a guest without
    /// state, and for one whose SDK does not know how.
    pub(super) fn carry(&self, snapshot: &[u8], from: u32) -> Option<(Option<StateHandle>, Reply)> {
        let carry = self.state?.carry?;
        let mut made = StatePtr::NULL;
        let reply = gather(|sink| carry(Bytes::new(snapshot), from, &mut made, sink));
        Some(((!made.is_null()).then_some(StateHandle(made)), reply))
    }

    /// Takes a snapshot. `None` for a guest without state.
    pub(super) fn snapshot(&self, state: &StateHandle) -> Option<Reply> {
        let functions = self.state?;
        Some(gather(|sink| (functions.snapshot)(state.0, sink)))
    }

    /// Drops a state.
    #[expect(clippy::needless_pass_by_value, reason = "the handle must not be used again")]
    pub(super) fn drop_state(&self, state: StateHandle) -> Option<Reply> {
        let functions = self.state?;
        Some(gather(|sink| (functions.drop)(state.0, sink)))
    }

    /// Has the guest free what its SDK has taken. To be called on the version's thread, and nothing of the
    /// guest after it.
    pub(super) fn leave(&self) {
        if let Some(leave) = self.leave {
            leave();
        }
    }

    /// Closes the library. Whether it is gone from the process is another question.
    ///
    /// # Errors
    /// The loader's message.
    pub(super) fn close(self) -> Result<(), LoadError> {
        self.library.close().map_err(|error| LoadError::Close { reason: error.to_string() })
    }

    /// Leaves the library open for good: for code that still runs in it.
    pub(super) fn leak(self) {
        std::mem::forget(self.library);
    }
}

/// A copy of a guest's table of so many bytes; fields that it has not are null.
///
/// # Safety
/// There are so many bytes of a table of this contract version, up to `state_count` at least.
unsafe fn whole_table(table: *const Table, size: usize) -> Table {
    let mut whole = MaybeUninit::<Table>::zeroed();
    // SAFETY: no more bytes than there are, nor than fit.
    unsafe { ptr::copy_nonoverlapping(table.cast::<u8>(), whole.as_mut_ptr().cast(), size.min(size_of::<Table>())) };
    // SAFETY: all fields up to `state_count` were copied, and those behind it may be null.
    unsafe { whole.assume_init() }
}

#[cfg(unix)]
fn open_now_and_local(path: &Path) -> Result<(Library, Option<u64>), LoadError> {
    use libloading::os::unix::{Library as UnixLibrary, RTLD_LOCAL, RTLD_NOW};
    // SAFETY: opening runs the library's constructors, which are the guest's code; running the
    // guest's code is what this process, the runner, exists for, and nothing of it is shared.
    // RTLD_NOW: a missing symbol is a load error here and not a crash in the middle of a call.
    let library = unsafe { UnixLibrary::open(Some(path), RTLD_NOW | RTLD_LOCAL) }
        .map_err(|error| LoadError::Open { path: path.to_owned(), reason: error_chain(&error) })?;
    let raw = library.into_raw();
    // SAFETY: the handle is the one that was just taken out of its owner, which did not close it.
    let library = unsafe { UnixLibrary::from_raw(raw) };
    Ok((Library::from(library), Some(raw.addr() as u64)))
}

#[cfg(not(unix))]
fn open_now_and_local(path: &Path) -> Result<(Library, Option<u64>), LoadError> {
    // SAFETY: as on Unix: the process exists to run the guest's code.
    unsafe { Library::new(path) }
        .map(|library| (library, None))
        .map_err(|error| LoadError::Open { path: path.to_owned(), reason: error_chain(&error) })
}

fn error_chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text = format!("{text}: {source}");
        next = source.source();
    }
    text
}

extern "C" fn put(context: *mut c_void, field: Field, bytes: Bytes<'_>) {
    // SAFETY: `context` is the `Vec` that `gather` lent to the sink, which lives until the call
    // returns; the guest may call back only during the call and from one thread at a time.
    let fields = unsafe { &mut *context.cast::<Vec<(Field, Vec<u8>)>>() };
    fields.push((field, copied(bytes)));
}

fn gather(call: impl FnOnce(Sink<'_>) -> Outcome) -> Reply {
    let mut fields: Vec<(Field, Vec<u8>)> = Vec::new();
    let outcome = call(Sink::new(&mut fields, put));
    Reply { outcome, fields }
}

fn copied(bytes: Bytes<'_>) -> Vec<u8> {
    if bytes.is_empty() {
        return Vec::new();
    }
    // SAFETY: `Bytes` are made from slices only and are valid for their lifetime, which covers
    // this call; the empty case, whose pointer dangles, is handled above.
    unsafe { std::slice::from_raw_parts(bytes.first(), bytes.len()) }.to_vec()
}

fn text(bytes: Bytes<'_>, what: &'static str) -> Result<String, LoadError> {
    String::from_utf8(copied(bytes)).map_err(|_| LoadError::NotText { what })
}

/// The state functions, the state type's name and the number of its meaning.
fn read_state(table: &Table) -> Result<Option<(StateFunctions, String, u32)>, LoadError> {
    let state: *const StateFns = table.state;
    if state.is_null() {
        return Ok(None);
    }
    // Field by field: the record of an older guest is shorter than this host's, and a reference to the
    // whole would reach beyond it.
    macro_rules! field {
        ($name:ident) => {
            // SAFETY: the record lives as long as the library, and is long enough, as is checked first.
            unsafe { (&raw const (*state).$name).read() }
        };
    }
    let size = field!(size);
    let needed = offset_of!(StateFns, drop) + size_of::<usize>();
    if size < needed {
        return Err(LoadError::TableSize { guest: size, host: needed });
    }
    let name = text(field!(type_name), "the state's type name")?;
    // What was appended later is read where the guest's own record is that long.
    let has_carry = size >= offset_of!(StateFns, carry) + size_of::<usize>();
    let functions = StateFunctions {
        create: field!(create),
        snapshot: field!(snapshot),
        restore: field!(restore),
        drop: field!(drop),
        carry: if has_carry { Some(field!(carry)) } else { None },
    };
    Ok(Some((functions, name, if has_carry { field!(version) } else { 0 })))
}

fn read_stamp(table: &Table) -> Result<StampRecord, LoadError> {
    let stamp = table.stamp;
    Ok(StampRecord {
        contract_version: table.header.contract_version,
        rustc: text(stamp.rustc, "the stamp's rustc version")?,
        target: text(stamp.target, "the stamp's target")?,
        opt_level: text(stamp.opt_level, "the stamp's opt-level")?,
        panic: text(stamp.panic, "the stamp's panic strategy")?,
        sdk: text(stamp.sdk, "the stamp's SDK version")?,
    })
}

fn read_exports(table: &Table) -> Result<Vec<OpenExport>, LoadError> {
    // The last field this host reads must lie inside the guest's record.
    let needed = offset_of!(Export, call) + size_of::<usize>();
    if table.export_count > 0 && (table.exports.is_null() || table.export_stride < needed) {
        return Err(LoadError::ExportSize { guest: table.export_stride, host: needed });
    }
    let mut exports: Vec<OpenExport> = Vec::with_capacity(table.export_count);
    for index in 0..table.export_count {
        // SAFETY: the table says that `export_count` records lie `export_stride` bytes apart
        // from `exports` on, and a stride smaller than what is read was refused above.
        let export = unsafe { &*table.exports.byte_add(index * table.export_stride) };
        let record = read_export(export)?;
        if exports.iter().any(|other| other.record.name == record.name) {
            return Err(LoadError::DuplicateExport { name: record.name });
        }
        exports.push(OpenExport { record, check: export.check, call: export.call });
    }
    exports.sort_by(|a, b| a.record.name.cmp(&b.record.name));
    Ok(exports)
}

fn read_export(export: &Export) -> Result<ExportRecord, LoadError> {
    let name = text(export.name, "an export's name")?;
    let mut described: Vec<(Field, Vec<u8>)> = Vec::new();
    (export.describe)(Sink::new(&mut described, put));
    let (mut parameters, returns) =
        read_types(&described).ok_or_else(|| LoadError::BadDescription { name: name.clone() })?;
    parameters.truncate(export.argument_count as usize);
    Ok(ExportRecord {
        docs: text(export.docs, "an export's docs")?,
        signature: text(export.signature, "an export's signature")?,
        parameters,
        returns,
        state: match export.state_use {
            StateUse::SHARED => StateAccess::Reads,
            StateUse::EXCLUSIVE => StateAccess::Changes,
            _ => StateAccess::None,
        },
        name,
    })
}

/// Parameters and return type from what `describe` wrote; `None` when its order is broken.
fn read_types(described: &[(Field, Vec<u8>)]) -> Option<(Vec<ParameterRecord>, TypeRecord)> {
    let mut parameters = Vec::new();
    let mut rest = described;
    while let [(Field::Parameter, name), after @ ..] = rest {
        let (ty, after) = read_type(after)?;
        parameters.push(ParameterRecord { name: String::from_utf8(name.clone()).ok()?, ty });
        rest = after;
    }
    let (returns, _) = read_type(rest)?;
    Some((parameters, returns))
}

#[expect(clippy::type_complexity, reason = "a cursor over the described fields")]
fn read_type(fields: &[(Field, Vec<u8>)]) -> Option<(TypeRecord, &[(Field, Vec<u8>)])> {
    let [(Field::TypeName, name), (Field::TypeSize, size), (Field::TypeAlign, align), rest @ ..] = fields else {
        return None;
    };
    let number = |bytes: &Vec<u8>| Some(u64::from_le_bytes(bytes.as_slice().try_into().ok()?));
    let ty = TypeRecord { name: String::from_utf8(name.clone()).ok()?, size: number(size)?, align: number(align)? };
    Some((ty, rest))
}

/// A library that the thread of its version has left.
#[derive(Debug)]
pub struct LeftLibrary {
    library: OpenLibrary,
    path: PathBuf,
}

impl LeftLibrary {
    pub(super) fn new(library: OpenLibrary, path: PathBuf) -> Self {
        Self { library, path }
    }

    /// The file that was opened.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Closes the library.
    ///
    /// # Errors
    /// The loader's message.
    pub fn close(self) -> Result<(), LoadError> {
        self.library.close()
    }

    /// Leaves the library open for good.
    pub fn leak(self) {
        self.library.leak();
    }
}
