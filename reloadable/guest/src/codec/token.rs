//! MessagePack, token by token. Pure functions over bytes, none of them generic: whatever is compiled in
//! here is compiled once, with the SDK, and not again in each guest.
//!
//! The format: <https://github.com/msgpack/msgpack/blob/master/spec.md>. Extension types are none of ours.

use std::fmt;

use serde::de::Unexpected;

/// What stands first in a run of bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Token<'a> {
    Nil,
    Bool(bool),
    Unsigned(u64),
    /// A number below 0, as we write it; others write small numbers so, too.
    Signed(i64),
    Float(f64),
    Text(&'a str),
    /// Text that is no UTF-8.
    NoText(&'a [u8]),
    Bytes(&'a [u8]),
    /// So many values follow.
    List(usize),
    /// So many pairs of values follow.
    Map(usize),
}

impl<'a> Token<'a> {
    /// What serde calls it.
    pub(super) fn unexpected(self) -> Unexpected<'a> {
        match self {
            Self::Nil => Unexpected::Unit,
            Self::Bool(it) => Unexpected::Bool(it),
            Self::Unsigned(it) => Unexpected::Unsigned(it),
            Self::Signed(it) => Unexpected::Signed(it),
            Self::Float(it) => Unexpected::Float(it),
            Self::Text(it) => Unexpected::Str(it),
            Self::NoText(_) => Unexpected::Other("text that is no UTF-8"),
            Self::Bytes(it) => Unexpected::Bytes(it),
            Self::List(_) => Unexpected::Seq,
            Self::Map(_) => Unexpected::Map,
        }
    }
}

/// Why bytes are no MessagePack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// So many bytes should follow, and fewer do.
    Cut { wanted: usize, left: usize },
    /// This marker is none, or that of an extension type.
    Marker(u8),
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cut { wanted, left } => write!(f, "{wanted} bytes should follow, {left} do"),
            Self::Marker(marker) => write!(f, "the marker {marker:#x} has no meaning here"),
        }
    }
}

/// Reads tokens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a> {
    /// What is not read yet.
    pub(crate) rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Broken> {
        match self.rest.split_at_checked(count) {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(taken)
            }
            None => Err(Broken::Cut { wanted: count, left: self.rest.len() }),
        }
    }

    /// A number without a sign, of so many bytes.
    fn number(&mut self, bytes: usize) -> Result<u64, Broken> {
        Ok(self.take(bytes)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn length(&mut self, bytes: usize) -> Result<usize, Broken> {
        let length = self.number(bytes)?;
        usize::try_from(length).map_err(|_| Broken::Cut { wanted: usize::MAX, left: self.rest.len() })
    }

    /// Takes the next token; a list's or a map's values are the tokens behind it.
    pub(crate) fn token(&mut self) -> Result<Token<'a>, Broken> {
        let marker = self.number(1)? as u8;
        Ok(match marker {
            0x00..=0x7f => Token::Unsigned(marker.into()),
            0x80..=0x8f => Token::Map(usize::from(marker & 0x0f)),
            0x90..=0x9f => Token::List(usize::from(marker & 0x0f)),
            0xa0..=0xbf => self.text(usize::from(marker & 0x1f))?,
            0xc0 => Token::Nil,
            0xc2 | 0xc3 => Token::Bool(marker == 0xc3),
            0xc4..=0xc6 => {
                let length = self.length(1 << (marker - 0xc4))?;
                Token::Bytes(self.take(length)?)
            }
            0xca => Token::Float(f32::from_bits(self.number(4)? as u32).into()),
            0xcb => Token::Float(f64::from_bits(self.number(8)?)),
            0xcc..=0xcf => Token::Unsigned(self.number(1 << (marker - 0xcc))?),
            0xd0 => Token::Signed((self.number(1)? as i8).into()),
            0xd1 => Token::Signed((self.number(2)? as i16).into()),
            0xd2 => Token::Signed((self.number(4)? as i32).into()),
            0xd3 => Token::Signed(self.number(8)? as i64),
            0xd9..=0xdb => {
                let length = self.length(1 << (marker - 0xd9))?;
                self.text(length)?
            }
            0xdc | 0xdd => Token::List(self.length(2 << (marker - 0xdc))?),
            0xde | 0xdf => Token::Map(self.length(2 << (marker - 0xde))?),
            0xe0..=0xff => Token::Signed((marker as i8).into()),
            0xc1 | 0xc7..=0xc9 | 0xd4..=0xd8 => return Err(Broken::Marker(marker)),
        })
    }

    fn text(&mut self, length: usize) -> Result<Token<'a>, Broken> {
        let bytes = self.take(length)?;
        Ok(std::str::from_utf8(bytes).map_or(Token::NoText(bytes), Token::Text))
    }

    /// Passes over a value, however deeply nested.
    pub(super) fn skip(&mut self) -> Result<(), Broken> {
        let mut left: u64 = 1;
        while left > 0 {
            left -= 1;
            left = left.saturating_add(match self.token()? {
                Token::List(length) => length as u64,
                Token::Map(length) => (length as u64).saturating_mul(2),
                _ => 0,
            });
        }
        Ok(())
    }
}
