//! The plain-data types that cross the border in a call.

use core::ffi::c_void;
use core::fmt;
use core::marker::PhantomData;
use core::ptr;

/// A borrowed run of bytes, valid for `'a`. Text is UTF-8 by agreement; the reader checks it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Bytes<'a> {
    first: *const u8,
    len: usize,
    borrow: PhantomData<&'a [u8]>,
}

impl<'a> Bytes<'a> {
    /// Borrows a slice.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { first: bytes.as_ptr(), len: bytes.len(), borrow: PhantomData }
    }

    /// Borrows a text.
    pub const fn text(text: &'a str) -> Self {
        Self::new(text.as_bytes())
    }

    /// Address of the first byte; dangling when the run is empty.
    pub const fn first(self) -> *const u8 {
        self.first
    }

    /// Number of bytes.
    pub const fn len(self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.len == 0
    }
}

impl fmt::Debug for Bytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bytes({} at {:p})", self.len, self.first)
    }
}

/// Where a guest puts what it has to say: the host's buffer, lent for one call.
///
/// The guest never sees the buffer, and the host never sees the guest's: each
/// [`Sink::put`] copies bytes that are valid while it runs.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Sink<'a> {
    context: *mut c_void,
    put: extern "C" fn(context: *mut c_void, field: Field, bytes: Bytes<'_>),
    borrow: PhantomData<&'a mut ()>,
}

impl<'a> Sink<'a> {
    /// Makes a sink over the host's `context`, which `put` knows how to read.
    pub fn new<T>(
        context: &'a mut T,
        put: extern "C" fn(context: *mut c_void, field: Field, bytes: Bytes<'_>),
    ) -> Self {
        Self { context: ptr::from_mut(context).cast(), put, borrow: PhantomData }
    }

    /// Hands one field to the host, which copies the bytes before this returns.
    pub fn put(&mut self, field: Field, bytes: &[u8]) {
        (self.put)(self.context, field, Bytes::new(bytes));
    }
}

/// What a run of bytes given to a [`Sink`] means (an open list: an unknown field is skipped).
#[repr(transparent)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Field(pub u32);

#[expect(non_upper_case_globals, reason = "the constants are the variants of an open enum")]
impl Field {
    /// A result or a snapshot: one MessagePack value.
    pub const Value: Self = Self(0);
    /// Text of a panic or of an error.
    pub const Message: Self = Self(1);
    /// Source file of a panic.
    pub const File: Self = Self(2);
    /// Line of a panic, from 1: a `u32`, little endian.
    pub const Line: Self = Self(3);
    /// Name of a parameter.
    pub const Parameter: Self = Self(4);
    /// Name of a type, as [`core::any::type_name`] has it.
    pub const TypeName: Self = Self(5);
    /// Size of a type in bytes: a `u64`, little endian.
    pub const TypeSize: Self = Self(6);
    /// Alignment of a type in bytes: a `u64`, little endian.
    pub const TypeAlign: Self = Self(7);
}

/// How a call into the guest ended (an open list: the host shows the number of an unknown one).
#[repr(transparent)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Outcome(pub u32);

impl Outcome {
    /// It returned; [`Field::Value`] holds the result where there is one.
    pub const RETURNED: Self = Self(0);
    /// It returned `Err`; [`Field::Value`] holds the error.
    pub const RETURNED_ERR: Self = Self(1);
    /// It panicked; [`Field::Message`], [`Field::File`] and [`Field::Line`] say where.
    pub const PANICKED: Self = Self(2);
    /// The arguments or the snapshot could not be decoded; [`Field::Message`] says why.
    pub const NOT_DECODED: Self = Self(3);
    /// The result or the state could not be encoded; [`Field::Message`] says why.
    pub const NOT_ENCODED: Self = Self(4);
    /// The guest's own migration said no; [`Field::Message`] says why.
    pub const REFUSED: Self = Self(5);
}

/// The guest's state, opaque to the host.
#[repr(transparent)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatePtr(pub *mut c_void);

impl StatePtr {
    /// No state.
    pub const NULL: Self = Self(ptr::null_mut());

    /// Whether there is no state.
    pub fn is_null(self) -> bool {
        self.0.is_null()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    extern "C" fn count(context: *mut c_void, field: Field, bytes: Bytes<'_>) {
        assert!(!context.is_null());
        assert_eq!((field, bytes.len()), (Field::Message, 3));
    }

    #[test]
    fn a_sink_passes_field_and_bytes_on() {
        let mut seen = 0_u8;
        Sink::new(&mut seen, count).put(Field::Message, b"abc");
    }

    #[test]
    fn bytes_of_an_empty_slice_are_empty() {
        assert!(Bytes::text("").is_empty());
        assert_eq!(Bytes::text("crab").len(), 4);
    }
}
