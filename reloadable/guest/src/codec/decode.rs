//! MessagePack as serde's data model: a value's own type says what is asked for, and only that is accepted.
//!
//! What is generic in here is compiled again for each type of each guest, in each reload. So each method calls
//! only those of a visitor's methods that can be of use, and each in one place only: a guest with 30 exports that take
//! and return types of its own had 11,000 functions to compile with a decoder that asks no type, and has
//! a third of that with this one. For the same reason there are no closures and few `?` (each is one or two functions for
//! each type), and `next_element` and its like do without the seeds that serde would make.

#![expect(clippy::question_mark, reason = "see above")]

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error as _, Expected, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};

use super::error::Error;
use super::token::{Reader, Token};

/// What lies deeper is refused: stacks are not endless.
const DEPTH: u16 = 1024;

/// Reads one value after the other.
#[derive(Debug)]
pub(crate) struct Decoder<'de> {
    reader: Reader<'de>,
    /// A token that was read but is not used yet.
    held: Option<Token<'de>>,
    depth: u16,
}

impl<'de> Decoder<'de> {
    pub(super) fn new(bytes: &'de [u8]) -> Self {
        Self { reader: Reader { rest: bytes }, held: None, depth: 0 }
    }

    fn next(&mut self) -> Result<Token<'de>, Error> {
        match self.held.take() {
            Some(held) => Ok(held),
            None => Ok(self.reader.token()?),
        }
    }

    fn skip(&mut self) -> Result<(), Error> {
        let values = match self.held.take() {
            None => 1,
            Some(Token::List(length)) => length,
            Some(Token::Map(length)) => length.saturating_mul(2),
            Some(_) => 0,
        };
        for _ in 0..values {
            self.reader.skip()?;
        }
        Ok(())
    }

    fn deeper(&mut self) -> Result<(), Error> {
        self.depth += 1;
        if self.depth < DEPTH { Ok(()) } else { Err(Error::new("nested too deeply")) }
    }

    /// Leaves a list or map of so many elements, of which so many were not asked for.
    fn leave(&mut self, length: usize, left: usize) -> Result<(), Error> {
        self.depth -= 1;
        if left == 0 {
            return Ok(());
        }
        Err(Error::custom(format_args!("{length} elements, of which {} are expected", length - left)))
    }

    /// What a list is made of: its length, or the bytes that stand for one.
    fn list(&mut self, expected: &dyn Expected) -> Result<(usize, &'de [u8]), Error> {
        let list: (usize, &[u8]) = match self.next()? {
            Token::List(length) => (length, &[]),
            Token::Bytes(bytes) => (bytes.len(), bytes),
            other => return Err(unfit(other, expected)),
        };
        self.deeper()?;
        Ok(list)
    }

    fn map(&mut self, expected: &dyn Expected) -> Result<usize, Error> {
        match self.next()? {
            Token::Map(length) => {
                self.deeper()?;
                Ok(length)
            }
            other => Err(unfit(other, expected)),
        }
    }

    fn float(&mut self, expected: &dyn Expected) -> Result<f64, Error> {
        match self.next()? {
            Token::Float(it) => Ok(it),
            Token::Unsigned(it) => Ok(it as f64),
            Token::Signed(it) => Ok(it as f64),
            other => Err(unfit(other, expected)),
        }
    }

    fn bool(&mut self, expected: &dyn Expected) -> Result<bool, Error> {
        match self.next()? {
            Token::Bool(it) => Ok(it),
            other => Err(unfit(other, expected)),
        }
    }

    fn text(&mut self, expected: &dyn Expected) -> Result<&'de str, Error> {
        match self.next()? {
            Token::Text(it) => Ok(it),
            other => Err(unfit(other, expected)),
        }
    }

    fn unit(&mut self, expected: &dyn Expected) -> Result<(), Error> {
        match self.next()? {
            // A unit struct is an empty list.
            Token::Nil | Token::List(0) => Ok(()),
            other => Err(unfit(other, expected)),
        }
    }

    /// 128 bits, which are 16 bytes in MessagePack, or any number.
    fn wide(&mut self, expected: &dyn Expected) -> Result<i128, Error> {
        match self.next()? {
            Token::Unsigned(it) => Ok(it.into()),
            Token::Signed(it) => Ok(it.into()),
            Token::Bytes(bytes) => match bytes.try_into() {
                Ok(bytes) => Ok(i128::from_be_bytes(bytes)),
                Err(_) => Err(unfit(Token::Bytes(bytes), expected)),
            },
            other => Err(unfit(other, expected)),
        }
    }

    /// Whether a variant stands alone, and not as a map of one entry.
    fn is_alone(&mut self, expected: &dyn Expected) -> Result<bool, Error> {
        match self.next()? {
            Token::Map(1) => Ok(false),
            name @ (Token::Text(_) | Token::Unsigned(_)) => {
                self.held = Some(name);
                Ok(true)
            }
            other => Err(unfit(other, expected)),
        }
    }

    fn is_nil(&mut self) -> Result<bool, Error> {
        let token = self.next()?;
        if token != Token::Nil {
            self.held = Some(token);
        }
        Ok(token == Token::Nil)
    }

    fn elements<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Error> {
        let (length, bytes) = match self.list(&visitor) {
            Ok(list) => list,
            Err(error) => return Err(error),
        };
        let mut left = length;
        match visitor.visit_seq(Elements { decoder: &mut *self, left: &mut left, bytes }) {
            Ok(value) => match self.leave(length, left) {
                Ok(()) => Ok(value),
                Err(error) => Err(error),
            },
            Err(error) => Err(error),
        }
    }

    fn entries<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Error> {
        let length = match self.map(&visitor) {
            Ok(length) => length,
            Err(error) => return Err(error),
        };
        let mut left = length;
        match visitor.visit_map(Entries { decoder: &mut *self, left: &mut left }) {
            Ok(value) => match self.leave(length, left) {
                Ok(()) => Ok(value),
                Err(error) => Err(error),
            },
            Err(error) => Err(error),
        }
    }
}

/// Something else was expected.
fn unfit(token: Token<'_>, expected: &dyn Expected) -> Error {
    Error::invalid_type(token.unexpected(), expected)
}

macro_rules! whole {
    ($($deserialize:ident)*) => {$(
        fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            match self.next() {
                Ok(Token::Unsigned(it)) => visitor.visit_u64(it),
                Ok(Token::Signed(it)) => visitor.visit_i64(it),
                Ok(other) => Err(unfit(other, &visitor)),
                Err(error) => Err(error),
            }
        }
    )*};
}

/// What a visitor is given once a token was found to fit.
macro_rules! plain {
    ($($deserialize:ident $take:ident $visit:ident;)*) => {$(
        fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            match self.$take(&visitor) {
                Ok(it) => visitor.$visit(it),
                Err(error) => Err(error),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for &mut Decoder<'de> {
    type Error = Error;

    whole! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }

    plain! {
        deserialize_bool bool visit_bool;
        deserialize_f32 float visit_f64;
        deserialize_f64 float visit_f64;
        deserialize_char text visit_borrowed_str;
        deserialize_str text visit_borrowed_str;
        deserialize_string text visit_borrowed_str;
        deserialize_i128 wide visit_i128;
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let token = match self.next() {
            Ok(token) => token,
            Err(error) => return Err(error),
        };
        match token {
            Token::Nil => visitor.visit_unit(),
            Token::Bool(it) => visitor.visit_bool(it),
            Token::Unsigned(it) => visitor.visit_u64(it),
            Token::Signed(it) => visitor.visit_i64(it),
            Token::Float(it) => visitor.visit_f64(it),
            Token::Text(it) => visitor.visit_borrowed_str(it),
            Token::Bytes(it) | Token::NoText(it) => visitor.visit_borrowed_bytes(it),
            Token::List(_) => {
                self.held = Some(token);
                self.elements(visitor)
            }
            Token::Map(_) => {
                self.held = Some(token);
                self.entries(visitor)
            }
        }
    }

    fn deserialize_u128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.wide(&visitor) {
            Ok(it) => visitor.visit_u128(it as u128),
            Err(error) => Err(error),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.next() {
            Ok(Token::Bytes(it) | Token::NoText(it)) => visitor.visit_borrowed_bytes(it),
            Ok(Token::Text(it)) => visitor.visit_borrowed_str(it),
            Ok(other) => {
                self.held = Some(other);
                self.elements(visitor)
            }
            Err(error) => Err(error),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.is_nil() {
            Ok(true) => visitor.visit_none(),
            Ok(false) => visitor.visit_some(self),
            Err(error) => Err(error),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.unit(&visitor) {
            Ok(()) => visitor.visit_unit(),
            Err(error) => Err(error),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.elements(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.elements(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.elements(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.entries(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.entries(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.is_alone(&visitor) {
            Ok(is_alone) => visitor.visit_enum(Variant { decoder: self, is_alone }),
            Err(error) => Err(error),
        }
    }

    // Numbers: the keys of a flattened map may be some. What else may be a key is not asked for here: it would be two
    // more functions for each struct and enum.
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.next() {
            Ok(Token::Text(it)) => visitor.visit_str(it),
            Ok(Token::Unsigned(it)) => visitor.visit_u64(it),
            Ok(other) => Err(unfit(other, &"a name")),
            Err(error) => Err(error),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.skip() {
            Ok(()) => visitor.visit_unit(),
            Err(error) => Err(error),
        }
    }
}

/// A list's elements, or bytes that stand for numbers.
struct Elements<'a, 'de> {
    decoder: &'a mut Decoder<'de>,
    left: &'a mut usize,
    bytes: &'de [u8],
}

impl Elements<'_, '_> {
    /// Whether there is a next element; the decoder gives it then.
    fn advance(&mut self) -> bool {
        if *self.left == 0 {
            return false;
        }
        *self.left -= 1;
        if let Some((first, rest)) = self.bytes.split_first() {
            self.decoder.held = Some(Token::Unsigned((*first).into()));
            self.bytes = rest;
        }
        true
    }
}

impl<'de> SeqAccess<'de> for Elements<'_, 'de> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        if !self.advance() {
            return Ok(None);
        }
        match seed.deserialize(&mut *self.decoder) {
            Ok(element) => Ok(Some(element)),
            Err(error) => Err(error),
        }
    }

    fn next_element<T: Deserialize<'de>>(&mut self) -> Result<Option<T>, Error> {
        if !self.advance() {
            return Ok(None);
        }
        match T::deserialize(&mut *self.decoder) {
            Ok(element) => Ok(Some(element)),
            Err(error) => Err(error),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        // Each element has a byte: a broken length costs no memory.
        Some((*self.left).min(self.bytes.len().max(self.decoder.reader.rest.len())))
    }
}

/// A map's entries.
struct Entries<'a, 'de> {
    decoder: &'a mut Decoder<'de>,
    left: &'a mut usize,
}

impl Entries<'_, '_> {
    fn advance(&mut self) -> bool {
        let is_there = *self.left > 0;
        *self.left -= usize::from(is_there);
        is_there
    }
}

impl<'de> MapAccess<'de> for Entries<'_, 'de> {
    type Error = Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        if !self.advance() {
            return Ok(None);
        }
        match seed.deserialize(&mut *self.decoder) {
            Ok(key) => Ok(Some(key)),
            Err(error) => Err(error),
        }
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        seed.deserialize(&mut *self.decoder)
    }

    fn next_key<K: Deserialize<'de>>(&mut self) -> Result<Option<K>, Error> {
        if !self.advance() {
            return Ok(None);
        }
        match K::deserialize(&mut *self.decoder) {
            Ok(key) => Ok(Some(key)),
            Err(error) => Err(error),
        }
    }

    fn next_value<V: Deserialize<'de>>(&mut self) -> Result<V, Error> {
        V::deserialize(&mut *self.decoder)
    }

    fn size_hint(&self) -> Option<usize> {
        Some((*self.left).min(self.decoder.reader.rest.len() / 2))
    }
}

/// A variant: its name, then what it holds.
struct Variant<'a, 'de> {
    decoder: &'a mut Decoder<'de>,
    is_alone: bool,
}

impl Variant<'_, '_> {
    /// That something follows the name.
    fn holds(&self, what: &str) -> Result<(), Error> {
        if self.is_alone {
            Err(Error::custom(format_args!("a variant without content, expected {what}")))
        } else {
            Ok(())
        }
    }
}

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Error> {
        match seed.deserialize(&mut *self.decoder) {
            Ok(name) => Ok((name, self)),
            Err(error) => Err(error),
        }
    }

    fn variant<N: Deserialize<'de>>(self) -> Result<(N, Self), Error> {
        match N::deserialize(&mut *self.decoder) {
            Ok(name) => Ok((name, self)),
            Err(error) => Err(error),
        }
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        if self.is_alone { Ok(()) } else { self.decoder.unit(&"a variant without content") }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Error> {
        match self.holds("one with a value") {
            Ok(()) => seed.deserialize(&mut *self.decoder),
            Err(error) => Err(error),
        }
    }

    fn newtype_variant<T: Deserialize<'de>>(self) -> Result<T, Error> {
        match self.holds("one with a value") {
            Ok(()) => T::deserialize(&mut *self.decoder),
            Err(error) => Err(error),
        }
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        match self.holds("one with values") {
            Ok(()) => self.decoder.elements(visitor),
            Err(error) => Err(error),
        }
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        match self.holds("one with fields") {
            Ok(()) => self.decoder.entries(visitor),
            Err(error) => Err(error),
        }
    }
}
