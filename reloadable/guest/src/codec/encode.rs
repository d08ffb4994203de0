//! serde's data model as MessagePack: structs and variants by name, told that a person reads along.
//!
//! What is generic in here is compiled again for each type of each guest, in each reload. So it does no more than
//! it has to, and the rest is plain functions (see `decode`).

use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use super::error::Error;

/// Writes values one behind the other.
#[derive(Debug, Default)]
pub(crate) struct Encoder {
    bytes: Vec<u8>,
}

/// The markers of a kind of value with a length: how many may be in the short form and its marker, and the
/// markers in front of one, two and four bytes of length.
struct Lengths {
    short: (usize, u8),
    one: Option<u8>,
    two: u8,
    four: u8,
}

const TEXT: Lengths = Lengths { short: (32, 0xa0), one: Some(0xd9), two: 0xda, four: 0xdb };
const BYTES: Lengths = Lengths { short: (0, 0), one: Some(0xc4), two: 0xc5, four: 0xc6 };
const LIST: Lengths = Lengths { short: (16, 0x90), one: None, two: 0xdc, four: 0xdd };
const MAP: Lengths = Lengths { short: (16, 0x80), one: None, two: 0xde, four: 0xdf };

impl Encoder {
    /// What was written, if all went well.
    pub(crate) fn finish(self, done: Result<(), Error>) -> Result<Vec<u8>, String> {
        match done {
            Ok(()) => Ok(self.bytes),
            Err(error) => Err(error.to_string()),
        }
    }

    fn put<const N: usize>(&mut self, marker: u8, bytes: [u8; N]) {
        self.bytes.push(marker);
        self.bytes.extend_from_slice(&bytes);
    }

    fn length(&mut self, of: &Lengths, length: usize) -> Result<(), Error> {
        if length < of.short.0 {
            self.bytes.push(of.short.1 | length as u8);
            return Ok(());
        }
        match (of.one, u8::try_from(length), u16::try_from(length), u32::try_from(length)) {
            (Some(one), Ok(length), ..) => self.put(one, [length]),
            (_, _, Ok(length), _) => self.put(of.two, length.to_be_bytes()),
            (.., Ok(length)) => self.put(of.four, length.to_be_bytes()),
            _ => return Err(Error::new("more than 4,294,967,295 elements or bytes cannot be encoded")),
        }
        Ok(())
    }

    fn unsigned(&mut self, number: u64) {
        match number {
            0..=0x7f => self.bytes.push(number as u8),
            0x80..=0xff => self.put(0xcc, [number as u8]),
            0x100..=0xffff => self.put(0xcd, (number as u16).to_be_bytes()),
            0x1_0000..=0xffff_ffff => self.put(0xce, (number as u32).to_be_bytes()),
            _ => self.put(0xcf, number.to_be_bytes()),
        }
    }

    fn signed(&mut self, number: i64) {
        match number {
            0.. => self.unsigned(number as u64),
            -0x20..0 => self.bytes.push(number as u8),
            -0x80..-0x20 => self.put(0xd0, [number as u8]),
            -0x8000..-0x80 => self.put(0xd1, (number as i16).to_be_bytes()),
            -0x8000_0000..-0x8000 => self.put(0xd2, (number as i32).to_be_bytes()),
            _ => self.put(0xd3, number.to_be_bytes()),
        }
    }

    fn text(&mut self, text: &str) -> Result<(), Error> {
        self.length(&TEXT, text.len())?;
        self.bytes.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn list(&mut self, length: usize) -> Result<Known<'_>, Error> {
        self.length(&LIST, length)?;
        Ok(Known(self))
    }

    fn map(&mut self, length: usize) -> Result<Known<'_>, Error> {
        self.length(&MAP, length)?;
        Ok(Known(self))
    }

    /// A variant that is not alone: a map of one entry, whose value follows.
    fn variant(&mut self, name: &str) -> Result<(), Error> {
        self.length(&MAP, 1)?;
        self.text(name)
    }

    /// A list or a map, of a length that its type may not know beforehand.
    fn counted(&mut self, of: &'static Lengths, length: Option<usize>) -> Result<Counted<'_>, Error> {
        match length {
            Some(length) => self.length(of, length)?,
            // Told at the end; its place is as wide as it can become.
            None => self.put(of.four, [0; 4]),
        }
        let told = length.is_none().then_some(self.bytes.len());
        Ok(Counted { encoder: self, values: 0, told })
    }
}

/// Something inside which the values follow one another, whose length is written already.
#[derive(Debug)]
pub(crate) struct Known<'a>(&'a mut Encoder);

/// A list or a map whose length may have to be written at its end.
#[derive(Debug)]
pub(crate) struct Counted<'a> {
    encoder: &'a mut Encoder,
    values: usize,
    /// Where the length's four bytes end, if it is not written yet.
    told: Option<usize>,
}

impl Counted<'_> {
    /// Writes the length, if need be: so many of the values make one element.
    fn finish(self, values: usize) -> Result<(), Error> {
        let Some(end) = self.told else { return Ok(()) };
        let length = u32::try_from(self.values / values);
        let length = length.map_err(|_| Error::new("more than 4,294,967,295 elements cannot be encoded"))?;
        self.encoder.bytes[end - 4..end].copy_from_slice(&length.to_be_bytes());
        Ok(())
    }
}

macro_rules! numbers {
    ($($serialize:ident $ty:ty, $as:ident $wide:ty;)*) => {$(
        fn $serialize(self, value: $ty) -> Result<(), Error> {
            self.$as(<$wide>::from(value));
            Ok(())
        }
    )*};
}

impl<'a> Serializer for &'a mut Encoder {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Counted<'a>;
    type SerializeTuple = Known<'a>;
    type SerializeTupleStruct = Known<'a>;
    type SerializeTupleVariant = Known<'a>;
    type SerializeMap = Counted<'a>;
    type SerializeStruct = Known<'a>;
    type SerializeStructVariant = Known<'a>;

    numbers! {
        serialize_i8 i8, signed i64;
        serialize_i16 i16, signed i64;
        serialize_i32 i32, signed i64;
        serialize_i64 i64, signed i64;
        serialize_u8 u8, unsigned u64;
        serialize_u16 u16, unsigned u64;
        serialize_u32 u32, unsigned u64;
        serialize_u64 u64, unsigned u64;
    }

    fn serialize_bool(self, value: bool) -> Result<(), Error> {
        self.bytes.push(if value { 0xc3 } else { 0xc2 });
        Ok(())
    }

    // MessagePack has no number as wide.
    fn serialize_i128(self, value: i128) -> Result<(), Error> {
        self.serialize_bytes(&value.to_be_bytes())
    }

    fn serialize_u128(self, value: u128) -> Result<(), Error> {
        self.serialize_bytes(&value.to_be_bytes())
    }

    fn serialize_f32(self, value: f32) -> Result<(), Error> {
        self.put(0xca, value.to_be_bytes());
        Ok(())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Error> {
        self.put(0xcb, value.to_be_bytes());
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), Error> {
        self.text(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Error> {
        self.text(value)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Error> {
        self.length(&BYTES, value.len())?;
        self.bytes.extend_from_slice(value);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.bytes.push(0xc0);
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.length(&LIST, 0)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Error> {
        self.text(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.variant(variant)?;
        value.serialize(self)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Counted<'a>, Error> {
        self.counted(&LIST, length)
    }

    fn serialize_tuple(self, length: usize) -> Result<Known<'a>, Error> {
        self.list(length)
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<Known<'a>, Error> {
        self.list(length)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Known<'a>, Error> {
        self.variant(variant)?;
        self.list(length)
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Counted<'a>, Error> {
        self.counted(&MAP, length)
    }

    fn serialize_struct(self, _: &'static str, length: usize) -> Result<Known<'a>, Error> {
        self.map(length)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Known<'a>, Error> {
        self.variant(variant)?;
        self.map(length)
    }
}

impl SerializeSeq for Counted<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.values += 1;
        value.serialize(&mut *self.encoder)
    }

    fn end(self) -> Result<(), Error> {
        self.finish(1)
    }
}

impl SerializeMap for Counted<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.values += 1;
        key.serialize(&mut *self.encoder)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.values += 1;
        value.serialize(&mut *self.encoder)
    }

    fn end(self) -> Result<(), Error> {
        self.finish(2)
    }
}

/// Values one behind the other, without and with a name in front.
macro_rules! known {
    ($($plain:ident $add:ident,)* | $($named:ident,)*) => {
        $(impl $plain for Known<'_> {
            type Ok = ();
            type Error = Error;

            fn $add<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
                value.serialize(&mut *self.0)
            }

            fn end(self) -> Result<(), Error> {
                Ok(())
            }
        })*
        $(impl $named for Known<'_> {
            type Ok = ();
            type Error = Error;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
                self.0.text(name)?;
                value.serialize(&mut *self.0)
            }

            fn end(self) -> Result<(), Error> {
                Ok(())
            }
        })*
    };
}

known! {
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field,
    |
    SerializeStruct,
    SerializeStructVariant,
}
