//! The records that the macros write, where the linker gathers them, and how a result is told apart.

use std::any::{TypeId, type_name};
use std::fmt::Display;

use exuvia_contract::{Field, Sink, StateFns, StateUse};
use linkme::distributed_slice;
use serde::Serialize;

use crate::State;
use crate::codec::{self, Arguments, Parameters};
use crate::shim::{self, Access, Functions};

/// Every `#[export]` of the library.
#[distributed_slice]
pub static EXPORTS: [ExportDef];

/// Every `state!` of the library; the host refuses more than one.
#[distributed_slice]
pub static STATES: [StateDef];

/// What `#[export]` writes beside a function: the way from bytes to a call and back.
///
/// Whatever is generic over it is compiled again for each export, in each reload: it hands over to plain functions as
/// soon as it can.
pub trait Glue {
    /// Whether and how the function takes the guest's state.
    type Access: Access;
    /// The function's name.
    const NAME: &'static str;
    /// Name and type of each argument, as written.
    const PARAMETERS: Parameters;
    /// The type of each argument, and behind them that of the result.
    const TYPES: &'static [Described];

    /// Decodes the arguments and, given a state, calls the function.
    ///
    /// # Errors
    ///
    /// An argument could not be decoded.
    fn run(state: Option<<Self::Access as Access>::Ref<'_>>, arguments: Arguments<'_>) -> Result<Answer, String>;
}

/// How a run of the glue ended, if its arguments could be decoded.
#[derive(Debug)]
pub enum Answer {
    /// Only the arguments were looked at.
    Checked,
    /// What the function returned, encoded.
    Value(Vec<u8>),
    /// The `Err` that it returned, encoded.
    Error(Vec<u8>),
    /// The result could not be encoded, and why.
    NotEncoded(String),
}

impl Answer {
    fn value(encoded: Result<Vec<u8>, String>) -> Self {
        encoded.map_or_else(Self::NotEncoded, Self::Value)
    }

    fn error(encoded: Result<Vec<u8>, String>) -> Self {
        encoded.map_or_else(Self::NotEncoded, Self::Error)
    }
}

/// The record of one export. The C record is made of it when the table is built.
#[derive(Debug)]
pub struct ExportDef {
    pub(crate) name: &'static str,
    pub(crate) docs: &'static str,
    pub(crate) signature: &'static str,
    pub(crate) state_use: StateUse,
    pub(crate) argument_count: usize,
    /// File and line, so that exports are listed in the author's order, not in the linker's.
    pub(crate) place: (&'static str, u32),
    pub(crate) functions: Functions,
}

impl ExportDef {
    /// The record of the function that `G` calls.
    pub const fn new<G: Glue>(docs: &'static str, signature: &'static str, place: (&'static str, u32)) -> Self {
        Self {
            name: G::NAME,
            docs,
            signature,
            state_use: G::Access::USE,
            argument_count: G::PARAMETERS.len(),
            place,
            functions: Functions::of::<G>(),
        }
    }
}

/// The record of one `state!`.
#[derive(Debug)]
pub struct StateDef {
    pub(crate) id: fn() -> TypeId,
    pub(crate) functions: fn() -> StateFns,
}

impl StateDef {
    /// The record of the state type `T`.
    pub const fn new<T: State>() -> Self {
        Self { id: TypeId::of::<T>, functions: shim::state_functions::<T> }
    }
}

/// Implemented by `state!`, asked for by `#[export]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not named as this guest's state",
    label = "a first parameter called `state` must be a reference to the guest's state",
    note = "name the type once in the crate: `exuvia_guest::state!({Self});`",
    note = "or, if this is an ordinary argument, give it another name"
)]
pub trait NamedState {}

/// Asks that `T` is the guest's state, in a place that compiles for nothing else: one clear message.
pub const fn check_state<T: NamedState>() {}

/// A type in a canonical signature: what a change of it shows in.
#[derive(Debug)]
pub struct Described {
    name: fn() -> &'static str,
    size: usize,
    align: usize,
}

impl Described {
    /// The name of a type `T`, and size and alignment of what is decoded.
    ///
    /// For a reference these are the target's, or else a changed struct behind it would not show.
    pub const fn new<T: ?Sized, Decoded>() -> Self {
        Self { name: type_name::<T>, size: size_of::<Decoded>(), align: align_of::<Decoded>() }
    }

    /// Tells the host.
    pub(crate) fn tell(&self, sink: &mut Sink<'_>) {
        sink.put(Field::TypeName, (self.name)().as_bytes());
        sink.put(Field::TypeSize, &(self.size as u64).to_le_bytes());
        sink.put(Field::TypeAlign, &(self.align as u64).to_le_bytes());
    }
}

/// A function's result, to be told apart by its type, an alias of `Result` included.
///
/// `(&&&Returned(&it)).kind()` finds the trait below that needs the fewest `&`s taken off: method
/// lookup does here what specialization would.
#[derive(Debug)]
pub struct Returned<'a, T>(pub &'a T);

/// First choice: a `Result`, both sides of which serialize.
pub trait ReturnsValues {
    /// How to encode it.
    fn kind(&self) -> Values {
        Values
    }
}
impl<T: Serialize, E: Serialize> ReturnsValues for &&Returned<'_, Result<T, E>> {}

/// Second choice: a `Result` whose error is only text.
pub trait ReturnsText {
    /// How to encode it.
    fn kind(&self) -> Text {
        Text
    }
}
impl<T: Serialize, E: Display> ReturnsText for &Returned<'_, Result<T, E>> {}

/// Last choice: whatever is left. That it must serialize is asked only later, for a clear message.
pub trait ReturnsValue {
    /// How to encode it.
    fn kind(&self) -> Value {
        Value
    }
}
impl<T> ReturnsValue for Returned<'_, T> {}

/// Encodes a `Result` of values.
#[derive(Debug)]
pub struct Values;

/// Encodes a `Result` whose error has only a text.
#[derive(Debug)]
pub struct Text;

/// Encodes a value.
#[derive(Debug)]
pub struct Value;

impl Values {
    /// The inner value, encoded.
    pub fn answer<T: Serialize, E: Serialize>(self, returned: &Result<T, E>) -> Answer {
        match returned {
            Ok(value) => Answer::value(codec::encode(value)),
            Err(error) => Answer::error(codec::encode(error)),
        }
    }
}

impl Text {
    /// The value or the error's text, encoded.
    pub fn answer<T: Serialize, E: Display>(self, returned: &Result<T, E>) -> Answer {
        match returned {
            Ok(value) => Answer::value(codec::encode(value)),
            Err(error) => Answer::error(codec::encode(&format!("{error}"))),
        }
    }
}

impl Value {
    /// The value, encoded.
    pub fn answer<T: Serialize>(self, returned: &T) -> Answer {
        let mut encoder = codec::Encoder::default();
        let done = returned.serialize(&mut encoder);
        Answer::value(encoder.finish(done))
    }
}
