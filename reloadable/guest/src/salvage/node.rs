//! A snapshot as a tree of values that borrows from its bytes. Pure data.

use std::fmt;

use crate::codec::{Reader, Token};

/// A value of a snapshot.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node<'a> {
    Nil,
    Bool(bool),
    /// From `i64::MIN` to `u64::MAX`.
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
        let node = value(&mut reader, 0)?;
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

fn value<'a>(reader: &mut Reader<'a>, depth: u32) -> Result<Node<'a>, String> {
    if depth > DEPTH {
        return Err("it is nested too deeply".to_owned());
    }
    Ok(match reader.token().map_err(|broken| broken.to_string())? {
        Token::Nil => Node::Nil,
        Token::Bool(it) => Node::Bool(it),
        Token::Unsigned(it) => Node::Int(it.into()),
        Token::Signed(it) => Node::Int(it.into()),
        Token::Float(it) => Node::Float(it),
        Token::Text(it) => Node::Text(it),
        // Text that is none is still bytes.
        Token::Bytes(it) | Token::NoText(it) => Node::Bytes(it),
        Token::List(length) => {
            // Each element has a byte: a broken length costs no memory.
            let mut elements = Vec::with_capacity(length.min(reader.rest.len()));
            for _ in 0..length {
                elements.push(value(reader, depth + 1)?);
            }
            Node::List(elements)
        }
        Token::Map(length) => {
            let mut entries = Vec::with_capacity(length.min(reader.rest.len() / 2));
            for _ in 0..length {
                let key = value(reader, depth + 1)?;
                entries.push((key, value(reader, depth + 1)?));
            }
            Node::Map(entries)
        }
    })
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
