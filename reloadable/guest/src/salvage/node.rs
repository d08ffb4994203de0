//! A snapshot as a tree of values that borrows from its bytes. Pure data.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

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
        Self::deserialize(&mut rmp_serde::Deserializer::from_read_ref(bytes)).map_err(|error| error.to_string())
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

impl<'de: 'a, 'a> Deserialize<'de> for Node<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Node<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Node::Nil)
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(Node::Nil)
    }

    fn visit_bool<E>(self, it: bool) -> Result<Self::Value, E> {
        Ok(Node::Bool(it))
    }

    fn visit_i64<E>(self, it: i64) -> Result<Self::Value, E> {
        Ok(Node::Int(it.into()))
    }

    fn visit_u64<E>(self, it: u64) -> Result<Self::Value, E> {
        Ok(Node::Int(it.into()))
    }

    fn visit_f64<E>(self, it: f64) -> Result<Self::Value, E> {
        Ok(Node::Float(it))
    }

    fn visit_borrowed_str<E>(self, it: &'de str) -> Result<Self::Value, E> {
        Ok(Node::Text(it))
    }

    fn visit_borrowed_bytes<E>(self, it: &'de [u8]) -> Result<Self::Value, E> {
        Ok(Node::Bytes(it))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = access.next_element()? {
            elements.push(element);
        }
        Ok(Node::List(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Node::Map(entries))
    }
}
