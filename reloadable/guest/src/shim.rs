//! The `extern "C"` border: the entry, the table, and the functions that the host calls through it.
//!
//! The only module of the SDK with `unsafe`. What crosses is plain data; nothing unwinds out of
//! here; after each call the guest's own stdout is flushed, because its buffer is in the guest's
//! copy of std, where the host cannot reach it. The table is built once and freed by the host's last
//! call: the allocator outlives the library, and a session may open thousands.

use std::any::TypeId;
use std::io::Write;
use std::marker::PhantomData;
use std::ptr;
use std::slice;
use std::sync::atomic::{AtomicPtr, Ordering};

use exuvia_contract::{
    Bytes, CONTRACT_VERSION, EntryFn, Export, Field, Header, Outcome, Sink, Stamp, StateFns, StatePtr, StateUse, Table,
};

use crate::codec::{self, Arguments, Parameters};
use crate::export::{Answer, Described, EXPORTS, ExportDef, Glue, STATES};
use crate::panics;
use crate::{OldState, State};

/// The one symbol that the host looks up.
// SAFETY (of the attribute): the name is Exuvia's own, and one library holds one copy of this SDK.
#[unsafe(no_mangle)]
extern "C" fn exuvia_entry() -> *const Table {
    let there = TABLE.load(Ordering::Acquire);
    if !there.is_null() {
        return there;
    }
    let made = Box::into_raw(Box::new(build_table()));
    match TABLE.compare_exchange(ptr::null_mut(), made, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => made,
        Err(there) => {
            // Another thread was faster.
            free_table(made);
            there
        }
    }
}

const _: EntryFn = exuvia_entry;

/// Null before the first call of the entry, and after [`leave`]: a library that could not be unmapped may be
/// opened again.
static TABLE: AtomicPtr<Table> = AtomicPtr::new(ptr::null_mut());

extern "C" fn leave() {
    let table = TABLE.swap(ptr::null_mut(), Ordering::AcqRel);
    if table.is_null() {
        return;
    }
    // A hook that the guest has put into the place of ours may panic when it is dropped; there is nobody
    // left to tell.
    _ = panics::caught(panics::remove_hook);
    free_table(table);
}

/// Frees what [`build_table`] made. To be called once for each, when nobody uses it any more.
fn free_table(table: *mut Table) {
    // SAFETY: made by `Box::into_raw` in `exuvia_entry`, and in no other hands.
    let table = unsafe { Box::from_raw(table) };
    if !table.exports.is_null() {
        let exports = ptr::slice_from_raw_parts_mut(table.exports.cast_mut(), table.export_count);
        // SAFETY: made by `Box::into_raw` of a slice of this length in `build_table`.
        drop(unsafe { Box::from_raw(exports) });
    }
    if !table.state.is_null() {
        // SAFETY: made by `Box::into_raw` in `build_table`.
        drop(unsafe { Box::from_raw(table.state.cast_mut()) });
    }
}

fn build_table() -> Table {
    panics::install_hook();
    let mut definitions: Vec<_> = EXPORTS.iter().collect();
    definitions.sort_by_key(|it| it.place);
    let exports: Vec<Export> = definitions.into_iter().map(record).collect();
    let export_count = exports.len();
    let exports: *const Export = match export_count {
        0 => ptr::null(),
        _ => Box::into_raw(exports.into_boxed_slice()).cast_const().cast(),
    };
    let state = STATES.first().map_or(ptr::null(), |it| Box::into_raw(Box::new((it.functions)())).cast_const());
    Table {
        header: Header { size: size_of::<Table>() as u32, contract_version: CONTRACT_VERSION },
        stamp: Stamp {
            rustc: Bytes::text(env!("EXUVIA_RUSTC")),
            target: Bytes::text(env!("EXUVIA_TARGET")),
            opt_level: Bytes::text(env!("EXUVIA_OPT_LEVEL")),
            panic: Bytes::text(if cfg!(panic = "unwind") { "unwind" } else { "abort" }),
            sdk: Bytes::text(env!("CARGO_PKG_VERSION")),
        },
        exports,
        export_count,
        export_stride: size_of::<Export>(),
        state,
        state_count: STATES.len(),
        leave: Some(leave),
    }
}

/// The C record of an export.
fn record(definition: &ExportDef) -> Export {
    let Functions { describe, check, call } = definition.functions;
    Export {
        name: Bytes::text(definition.name),
        docs: Bytes::text(definition.docs),
        signature: Bytes::text(definition.signature),
        state_use: definition.state_use,
        argument_count: definition.argument_count as u32,
        describe,
        check,
        call,
    }
}

/// An export's own functions, for its C record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Functions {
    describe: extern "C" fn(Sink<'_>),
    check: extern "C" fn(Bytes<'_>, Sink<'_>) -> Outcome,
    call: extern "C" fn(StatePtr, Bytes<'_>, Sink<'_>) -> Outcome,
}

impl Functions {
    pub(crate) const fn of<G: Glue>() -> Self {
        Self { describe: describe::<G>, check: check::<G>, call: call::<G> }
    }
}

/// The C record of the state type `T`.
pub(crate) fn state_functions<T: State>() -> StateFns {
    StateFns {
        size: size_of::<StateFns>(),
        type_name: Bytes::text(std::any::type_name::<T>()),
        create: create::<T>,
        snapshot: snapshot::<T>,
        restore: restore::<T>,
        drop: drop_state::<T>,
        version: T::STATE_VERSION,
        carry: carry::<T>,
    }
}

/// Whether and how an export takes the guest's state.
pub trait Access {
    /// The same, for the table.
    const USE: StateUse;
    /// What the function is handed.
    type Ref<'a>;

    /// Turns the host's pointer into what the function is handed.
    ///
    /// # Errors
    ///
    /// There is no state, or the type is not the one whose functions the table holds.
    ///
    /// # Safety
    ///
    /// A pointer that is not null was made by the table's state functions, was not dropped, and
    /// nothing else uses the state during `'a`.
    unsafe fn borrow<'a>(state: StatePtr) -> Result<Self::Ref<'a>, String>;
}

/// An export without state.
#[derive(Debug)]
pub struct NoState;

/// An export with `state: &T`.
#[derive(Debug)]
pub struct Shared<T>(PhantomData<T>);

/// An export with `state: &mut T`.
#[derive(Debug)]
pub struct Exclusive<T>(PhantomData<T>);

impl Access for NoState {
    const USE: StateUse = StateUse::NONE;
    type Ref<'a> = ();

    unsafe fn borrow<'a>(_: StatePtr) -> Result<Self::Ref<'a>, String> {
        Ok(())
    }
}

impl<T: 'static> Access for Shared<T> {
    const USE: StateUse = StateUse::SHARED;
    type Ref<'a> = &'a T;

    unsafe fn borrow<'a>(state: StatePtr) -> Result<Self::Ref<'a>, String> {
        let state = typed::<T>(state)?;
        // SAFETY: not null and of type `T`, as checked; alive and not otherwise used, as agreed.
        Ok(unsafe { &*state })
    }
}

impl<T: 'static> Access for Exclusive<T> {
    const USE: StateUse = StateUse::EXCLUSIVE;
    type Ref<'a> = &'a mut T;

    unsafe fn borrow<'a>(state: StatePtr) -> Result<Self::Ref<'a>, String> {
        let state = typed::<T>(state)?;
        // SAFETY: not null and of type `T`, as checked; alive and not otherwise used, as agreed.
        Ok(unsafe { &mut *state })
    }
}

/// The pointer, if there is one and the table's state functions are those of `T`.
fn typed<T: 'static>(state: StatePtr) -> Result<*mut T, String> {
    if state.is_null() {
        return Err("there is no state to call this with".to_owned());
    }
    match STATES.first() {
        Some(first) if (first.id)() == TypeId::of::<T>() => Ok(state.0.cast()),
        _ => Err(format!("the guest's state is not of type {}", std::any::type_name::<T>())),
    }
}

/// How a shim's work ended.
enum Ending {
    Answered(Answer),
    NotDecoded(String),
    Refused(String),
}

extern "C" fn describe<G: Glue>(sink: Sink<'_>) {
    tell(G::PARAMETERS, G::TYPES, sink);
}

extern "C" fn check<G: Glue>(arguments: Bytes<'_>, sink: Sink<'_>) -> Outcome {
    perform(G::NAME, G::PARAMETERS, run::<G>, None, arguments, sink)
}

extern "C" fn call<G: Glue>(state: StatePtr, arguments: Bytes<'_>, sink: Sink<'_>) -> Outcome {
    perform(G::NAME, G::PARAMETERS, run::<G>, Some(state), arguments, sink)
}

/// Decodes the arguments and, given a state, calls the function.
///
/// # Safety
///
/// As [`Access::borrow`] has it.
unsafe fn run<G: Glue>(state: Option<StatePtr>, arguments: Arguments<'_>) -> Result<Answer, String> {
    let Some(state) = state else { return G::run(None, arguments) };
    // SAFETY: as promised by the caller.
    match unsafe { G::Access::borrow(state) } {
        Ok(state) => G::run(Some(state), arguments),
        Err(why) => Err(why),
    }
}

/// Tells a canonical signature.
fn tell(parameters: Parameters, types: &[Described], mut sink: Sink<'_>) {
    // The result's type, the last one, has no name.
    let mut names = parameters.iter().map(|(name, _)| name);
    for it in types {
        if let Some(name) = names.next() {
            sink.put(Field::Parameter, name.as_bytes());
        }
        it.tell(&mut sink);
    }
}

/// A check or, given the host's pointer, a call.
fn perform(
    name: &str,
    parameters: Parameters,
    run: unsafe fn(Option<StatePtr>, Arguments<'_>) -> Result<Answer, String>,
    state: Option<StatePtr>,
    arguments: Bytes<'_>,
    sink: Sink<'_>,
) -> Outcome {
    guarded(sink, &mut || {
        let arguments = match Arguments::split(name, parameters, read(arguments)) {
            Ok(arguments) => arguments,
            Err(why) => return Ending::NotDecoded(why),
        };
        // SAFETY: the host passes what `create` or `restore` made, and calls on one thread only.
        unsafe { run(state, arguments) }.map_or_else(Ending::NotDecoded, Ending::Answered)
    })
}

extern "C" fn create<T: State>(made: &mut StatePtr, sink: Sink<'_>) -> Outcome {
    guarded(sink, &mut || {
        *made = StatePtr(Box::into_raw(Box::<T>::default()).cast());
        Ending::Answered(Answer::Checked)
    })
}

extern "C" fn snapshot<T: State>(state: StatePtr, sink: Sink<'_>) -> Outcome {
    guarded(sink, &mut || {
        let state: *const T = state.0.cast();
        // SAFETY: null or made by `create` or `restore` of the same `T`; one thread only.
        let encoded = match unsafe { state.as_ref() } {
            Some(state) => codec::encode(state),
            None => Err("there is no state".to_owned()),
        };
        Ending::Answered(encoded.map_or_else(Answer::NotEncoded, Answer::Value))
    })
}

extern "C" fn restore<T: State>(snapshot: Bytes<'_>, made: &mut StatePtr, sink: Sink<'_>) -> Outcome {
    guarded(sink, &mut || restored::<T>(read(snapshot), made))
}

fn restored<T: State>(snapshot: &[u8], made: &mut StatePtr) -> Ending {
    match codec::decode::<T>(snapshot) {
        Ok(mut state) => {
            state.restored();
            *made = StatePtr(Box::into_raw(Box::new(state)).cast());
            Ending::Answered(Answer::Checked)
        }
        Err(why) => Ending::NotDecoded(why),
    }
}

extern "C" fn carry<T: State>(snapshot: Bytes<'_>, from: u32, made: &mut StatePtr, sink: Sink<'_>) -> Outcome {
    guarded(sink, &mut || {
        let is_migrating = from != T::STATE_VERSION;
        let old = match OldState::read(read(snapshot), is_migrating) {
            Ok(old) => old,
            // Nested too deeply, perhaps: the type itself may still read it, all or nothing.
            Err(why) if is_migrating => return Ending::NotDecoded(why),
            Err(_) => return restored::<T>(read(snapshot), made),
        };
        let migrated = if is_migrating { T::migrate(from, &old) } else { Ok(old.carry()) };
        let mut state: T = match migrated {
            Ok(state) => state,
            Err(error) => return Ending::Refused(error.to_string()),
        };
        let report = if is_migrating { old.into_report_on(&state) } else { old.into_report() };
        state.restored();
        match report.encode() {
            Ok(report) => {
                *made = StatePtr(Box::into_raw(Box::new(state)).cast());
                Ending::Answered(Answer::Value(report))
            }
            Err(why) => Ending::Answered(Answer::NotEncoded(why)),
        }
    })
}

extern "C" fn drop_state<T: State>(state: StatePtr, sink: Sink<'_>) -> Outcome {
    guarded(sink, &mut || {
        let state: *mut T = state.0.cast();
        if !state.is_null() {
            // SAFETY: made by `Box::into_raw` of the same `T`; the host does not use it again.
            drop(unsafe { Box::from_raw(state) });
        }
        Ending::Answered(Answer::Checked)
    })
}

/// Does guest work, and tells the host how it ended. Nothing unwinds out of here.
fn guarded(mut sink: Sink<'_>, work: &mut dyn FnMut() -> Ending) -> Outcome {
    let ended = panics::caught(work);
    // Whatever `print!` left in the buffer. That nobody reads it any more is no fault of the call.
    _ = std::io::stdout().flush();
    let mut say = |field, text: &str| sink.put(field, text.as_bytes());
    match ended {
        Ok(Ending::Answered(Answer::Checked)) => Outcome::RETURNED,
        Ok(Ending::Answered(Answer::Value(bytes))) => {
            sink.put(Field::Value, &bytes);
            Outcome::RETURNED
        }
        Ok(Ending::Answered(Answer::Error(bytes))) => {
            sink.put(Field::Value, &bytes);
            Outcome::RETURNED_ERR
        }
        Ok(Ending::Answered(Answer::NotEncoded(why))) => {
            say(Field::Message, &why);
            Outcome::NOT_ENCODED
        }
        Ok(Ending::NotDecoded(why)) => {
            say(Field::Message, &why);
            Outcome::NOT_DECODED
        }
        Ok(Ending::Refused(why)) => {
            say(Field::Message, &why);
            Outcome::REFUSED
        }
        Err(note) => {
            say(Field::Message, &note.message);
            if let Some((file, line)) = note.place {
                say(Field::File, &file);
                sink.put(Field::Line, &line.to_le_bytes());
            }
            Outcome::PANICKED
        }
    }
}

/// The host's bytes as a slice.
fn read(bytes: Bytes<'_>) -> &[u8] {
    if bytes.is_empty() {
        // The address of an empty run may be anything.
        return &[];
    }
    // SAFETY: the host lends `len` bytes for the lifetime that `Bytes` carries.
    unsafe { slice::from_raw_parts(bytes.first(), bytes.len()) }
}

/// The host's side of the border, for tests: safe to call, because it uses only this library's own
/// table.
#[cfg(test)]
pub(crate) mod host {
    use std::ffi::c_void;

    use super::*;

    /// The fields that the guest said, in order.
    #[derive(Debug, Default, Clone, PartialEq)]
    pub(crate) struct Said(pub(crate) Vec<(Field, Vec<u8>)>);

    impl Said {
        extern "C" fn put(context: *mut c_void, field: Field, bytes: Bytes<'_>) {
            // SAFETY: `Sink::new` in `listen` was given a `Said`, which it borrows for the call.
            let said = unsafe { &mut *context.cast::<Self>() };
            said.0.push((field, read(bytes).to_vec()));
        }
    }

    /// Lends a sink to `speak`, and returns what was said.
    pub(crate) fn listen<R>(speak: impl FnOnce(Sink<'_>) -> R) -> (R, Said) {
        let mut said = Said::default();
        let returned = speak(Sink::new(&mut said, Said::put));
        (returned, said)
    }

    /// The table, its exports and its state functions.
    pub(crate) fn table() -> (&'static Table, &'static [Export], &'static StateFns) {
        // SAFETY: the entry returns a table that is never freed.
        let table = unsafe { &*exuvia_entry() };
        // SAFETY: the tests export functions and name a state, so that neither pointer is null.
        let exports = unsafe { slice::from_raw_parts(table.exports, table.export_count) };
        // SAFETY: as above.
        (table, exports, unsafe { &*table.state })
    }

    /// A text of the table.
    pub(crate) fn text(bytes: Bytes<'static>) -> &'static str {
        std::str::from_utf8(read(bytes)).expect("UTF-8")
    }
}
