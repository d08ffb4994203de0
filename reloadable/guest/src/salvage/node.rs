//! A snapshot as a tree of values that borrows from its bytes. Pure data.

use std::fmt;

/// A value of a snapshot.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node<'a> {
    Nil,
    Bool(bool),
    Int(i128),
    Float(f64),
    Text(&'a str),
    Bytes(&'a [u8]),
    List(Vec<Node<'a>>),
    Map(Vec<(Node<'a>, Node<'a>)>),
}

impl<'a> Node<'a> {
    /// Reads one MessagePack value.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, String> {
        let mut reader = Reader { rest: bytes };
        let node = reader.value(0)?;
        if reader.rest.is_empty() { Ok(node) } else { Err(format!("{} bytes too many", reader.rest.len())) }
    }

    /// What a person calls it.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Nil => "nothing",
            Self::Bool(_) => "boolean",
            Self::Int(_) | Self::Float(_) => "number",
            Self::Text(_) => "string",
            Self::Bytes(_) => "bytes",
            Self::List(_) => "list",
            Self::Map(_) => "fields",
        }
    }

    /// The value behind a text key of a map.
    pub(super) fn field(&self, name: &str) -> Option<&Self> {
        let Self::Map(entries) = self else { return None };
        entries.iter().find(|(key, _)| matches!(key, Self::Text(it) if *it == name)).map(|(_, value)| value)
    }

    /// The value behind any key of a map.
    pub(super) fn entry(&self, wanted: &Self) -> Option<&Self> {
        let Self::Map(entries) = self else { return None };
        entries.iter().find(|(key, _)| key == wanted).map(|(_, value)| value)
    }

    /// An element of a list.
    pub(super) fn element(&self, index: usize) -> Option<&Self> {
        match self {
            Self::List(elements) => elements.get(index),
            _ => None,
        }
    }

    /// How many single values are inside; an empty list or map is one.
    pub(crate) fn leaves(&self) -> usize {
        match self {
            Self::List(elements) if !elements.is_empty() => elements.iter().map(Self::leaves).sum(),
            Self::Map(entries) if !entries.is_empty() => entries.iter().map(|(_, value)| value.leaves()).sum(),
            _ => 1,
        }
    }

    /// How many values there are in all.
    pub(super) fn count(&self) -> u64 {
        1 + match self {
            Self::List(elements) => elements.iter().map(Self::count).sum(),
            Self::Map(entries) => entries.iter().map(|(_, value)| 1 + value.count()).sum(),
            _ => 0,
        }
    }

    /// Follows a path such as `enemies[3].hp`.
    pub(crate) fn at(&self, path: &str) -> Option<&Self> {
        let mut node = self;
        for part in path.split('.') {
            let (name, indexes) = part.split_at(part.find('[').unwrap_or(part.len()));
            if !name.is_empty() {
                node = match node {
                    Self::Map(entries) => entries.iter().find(|(key, _)| key.to_string() == name).map(|(_, it)| it)?,
                    _ => return None,
                };
            }
            for index in indexes.split(['[', ']']).filter(|it| !it.is_empty()) {
                node = node.element(index.parse().ok()?)?;
            }
        }
        Some(node)
    }
}

/// As a key in a path.
impl fmt::Display for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nil => f.write_str("nil"),
            Self::Bool(it) => it.fmt(f),
            Self::Int(it) => it.fmt(f),
            Self::Float(it) => it.fmt(f),
            Self::Text(it) => f.write_str(it),
            Self::Bytes(_) | Self::List(_) | Self::Map(_) => write!(f, "({})", self.kind()),
        }
    }
}

/// What lies deeper is refused: stacks are not endless.
const DEPTH: u32 = 320;

/// Reads MessagePack. By hand, because a guest's debug build goes through serde's layers at a third of
/// the speed.
struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        match self.rest.split_at_checked(count) {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(taken)
            }
            None => Err(format!("{count} bytes should follow, {} do", self.rest.len())),
        }
    }

    /// A number without a sign, of so many bytes.
    fn number(&mut self, bytes: usize) -> Result<u64, String> {
        Ok(self.take(bytes)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn length(&mut self, bytes: usize) -> Result<usize, String> {
        usize::try_from(self.number(bytes)?).map_err(|error| error.to_string())
    }

    fn value(&mut self, depth: u32) -> Result<Node<'a>, String> {
        if depth > DEPTH {
            return Err("it is nested too deeply".to_owned());
        }
        let marker = self.number(1)? as u8;
        Ok(match marker {
            0x00..=0x7f => Node::Int(marker.into()),
            0x80..=0x8f => self.map(usize::from(marker & 0x0f), depth)?,
            0x90..=0x9f => self.list(usize::from(marker & 0x0f), depth)?,
            0xa0..=0xbf => self.text(usize::from(marker & 0x1f))?,
            0xc0 => Node::Nil,
            0xc2 | 0xc3 => Node::Bool(marker == 0xc3),
            0xc4..=0xc6 => {
                let length = self.length(1 << (marker - 0xc4))?;
                Node::Bytes(self.take(length)?)
            }
            0xca => Node::Float(f32::from_bits(self.number(4)? as u32).into()),
            0xcb => Node::Float(f64::from_bits(self.number(8)?)),
            0xcc..=0xcf => Node::Int(self.number(1 << (marker - 0xcc))?.into()),
            0xd0 => Node::Int((self.number(1)? as i8).into()),
            0xd1 => Node::Int((self.number(2)? as i16).into()),
            0xd2 => Node::Int((self.number(4)? as i32).into()),
            0xd3 => Node::Int((self.number(8)? as i64).into()),
            0xd9..=0xdb => {
                let length = self.length(1 << (marker - 0xd9))?;
                self.text(length)?
            }
            0xdc | 0xdd => {
                let length = self.length(2 << (marker - 0xdc))?;
                self.list(length, depth)?
            }
            0xde | 0xdf => {
                let length = self.length(2 << (marker - 0xde))?;
                self.map(length, depth)?
            }
            0xe0..=0xff => Node::Int((marker as i8).into()),
            0xc1 | 0xc7..=0xc9 | 0xd4..=0xd8 => return Err(format!("the marker {marker:#x} has no meaning here")),
        })
    }

    fn text(&mut self, length: usize) -> Result<Node<'a>, String> {
        let bytes = self.take(length)?;
        // Text that is none is still bytes.
        Ok(std::str::from_utf8(bytes).map_or(Node::Bytes(bytes), Node::Text))
    }

    fn list(&mut self, length: usize, depth: u32) -> Result<Node<'a>, String> {
        // Each element has a byte: a broken length costs no memory.
        let mut elements = Vec::with_capacity(length.min(self.rest.len()));
        for _ in 0..length {
            elements.push(self.value(depth + 1)?);
        }
        Ok(Node::List(elements))
    }

    fn map(&mut self, length: usize, depth: u32) -> Result<Node<'a>, String> {
        let mut entries = Vec::with_capacity(length.min(self.rest.len() / 2));
        for _ in 0..length {
            let key = self.value(depth + 1)?;
            entries.push((key, self.value(depth + 1)?));
        }
        Ok(Node::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec;

    #[test]
    fn every_form_of_a_value_is_read() {
        let numbers: [i128; 14] =
            [0, 127, 128, 255, 256, 65_536, 1 << 32, u64::MAX.into(), -1, -32, -33, -129, -32_769, i64::MIN.into()];
        for number in numbers {
            let bytes = match (u64::try_from(number), i64::try_from(number)) {
                (Ok(number), _) => codec::encode(&number),
                (_, number) => codec::encode(&number.expect("made so")),
            };
            assert_eq!(Node::read(&bytes.expect("encodes")), Ok(Node::Int(number)));
        }
        for length in [0, 15, 31, 32, 255, 256, 70_000] {
            let text = "x".repeat(length);
            assert_eq!(Node::read(&codec::encode(&text).expect("encodes")), Ok(Node::Text(&text)));
            let list = vec![None::<u8>; length];
            let read = codec::encode(&list).expect("encodes");
            assert_eq!(Node::read(&read), Ok(Node::List(vec![Node::Nil; length])));
            let map: std::collections::BTreeMap<usize, bool> = (0..length).map(|key| (key, true)).collect();
            let entries = (0..length).map(|key| (Node::Int(key as i128), Node::Bool(true))).collect();
            assert_eq!(Node::read(&codec::encode(&map).expect("encodes")), Ok(Node::Map(entries)));
        }
        let bytes = codec::encode(&(0.5_f32, -1.25_f64, u128::MAX)).expect("encodes");
        let wide = Node::Bytes(&[0xff; 16]);
        assert_eq!(Node::read(&bytes), Ok(Node::List(vec![Node::Float(0.5), Node::Float(-1.25), wide])));
    }

    #[test]
    fn what_is_cut_or_endless_is_an_error() {
        for bytes in [&[][..], &[0xc1], &[0xa5, b'x'], &[0xdf, 0xff, 0xff, 0xff, 0xff], &[0x91; 5000], &[0xc0, 0xc0]] {
            assert!(Node::read(bytes).is_err(), "{bytes:?}");
        }
    }
}
