//! Random types, random values of them, and random edits, for tests.
//!
//! A type is a description that is interpreted by a `DeserializeSeed` in the way of serde's derived
//! code; so thousands of types need no compiler.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, EnumAccess, Error, IgnoredAny, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use super::lessons::Failure;
use super::{At, Decode};

/// A generator of numbers (SplitMix64): the same ones for the same seed.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn often(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Field {
    pub(super) name: &'static str,
    pub(super) alias: Option<&'static str>,
    pub(super) ty: Type,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Type {
    Bool,
    Byte,
    Int,
    Float,
    Text,
    Option(Box<Type>),
    List(Box<Type>),
    Map(Box<Type>),
    Tuple(Vec<Type>),
    /// The lists of names live as long as the program, as those of derived code do.
    Struct(Vec<Field>, &'static [&'static str]),
    Enum(Vec<(&'static str, Content)>, &'static [&'static str]),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    Unit,
    One(Type),
    Fields(Vec<Field>, &'static [&'static str]),
}

const NAMES: [&str; 10] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
const VARIANTS: [&str; 5] = ["A", "B", "C", "D", "E"];

fn names(fields: &[Field]) -> &'static [&'static str] {
    fields.iter().flat_map(|field| field.alias.into_iter().chain([field.name])).collect::<Vec<_>>().leak()
}

pub(super) fn structure(fields: Vec<Field>) -> Type {
    let names = names(&fields);
    Type::Struct(fields, names)
}

fn enumeration(variants: Vec<(&'static str, Content)>) -> Type {
    let names = variants.iter().map(|(name, _)| *name).collect::<Vec<_>>().leak();
    Type::Enum(variants, names)
}

pub(super) fn fields(random: &mut Random, depth: usize) -> Vec<Field> {
    let count = 1 + random.below(4);
    let names = NAMES.iter().take(count + 2).skip(random.below(3)).take(count);
    names.map(|name| Field { name, alias: None, ty: any_type(random, depth + 1) }).collect()
}

fn content(random: &mut Random, depth: usize) -> Content {
    match random.below(3) {
        0 => Content::Unit,
        1 => Content::One(any_type(random, depth + 1)),
        _ => {
            let fields = fields(random, depth + 1);
            let names = names(&fields);
            Content::Fields(fields, names)
        }
    }
}

pub(crate) fn any_type(random: &mut Random, depth: usize) -> Type {
    let kinds = if depth > 3 { 5 } else { 11 };
    match random.below(kinds) {
        0 => Type::Bool,
        1 => Type::Byte,
        2 => Type::Int,
        3 => Type::Float,
        4 => Type::Text,
        5 => match any_type(random, depth + 1) {
            // `Some(None)` is `None` on its way.
            nested @ Type::Option(_) => nested,
            ty => Type::Option(Box::new(ty)),
        },
        6 => Type::List(Box::new(any_type(random, depth + 1))),
        7 => Type::Map(Box::new(any_type(random, depth + 1))),
        8 => Type::Tuple((0..=random.below(3)).map(|_| any_type(random, depth + 1)).collect()),
        9 => structure(fields(random, depth)),
        _ => {
            let count = 1 + random.below(VARIANTS.len());
            enumeration(VARIANTS.iter().take(count).map(|name| (*name, content(random, depth))).collect())
        }
    }
}

/// The type with a random edit here and there.
fn edited(random: &mut Random, ty: &Type, depth: usize) -> Type {
    if random.often(6) {
        return any_type(random, depth);
    }
    match ty {
        Type::Option(inner) => match edited(random, inner, depth + 1) {
            nested @ Type::Option(_) => nested,
            ty if random.often(10) => ty,
            ty => Type::Option(Box::new(ty)),
        },
        Type::List(inner) => Type::List(Box::new(edited(random, inner, depth + 1))),
        Type::Map(inner) => Type::Map(Box::new(edited(random, inner, depth + 1))),
        Type::Tuple(inside) => {
            let mut inside: Vec<Type> = inside.iter().map(|ty| edited(random, ty, depth + 1)).collect();
            match random.below(8) {
                0 => inside.push(any_type(random, depth + 1)),
                1 if inside.len() > 1 => drop(inside.pop()),
                _ => {}
            }
            Type::Tuple(inside)
        }
        Type::Struct(fields, _) => structure(edited_fields(random, fields, depth)),
        Type::Enum(variants, _) => {
            let mut variants: Vec<_> =
                variants.iter().map(|(name, content)| (*name, edited_content(random, content, depth))).collect();
            match random.below(6) {
                0 if variants.len() > 1 => drop(variants.remove(0)),
                1 => variants.insert(0, ("New", content(random, depth))),
                2 => variants.reverse(),
                _ => {}
            }
            enumeration(variants)
        }
        plain => plain.clone(),
    }
}

fn edited_content(random: &mut Random, before: &Content, depth: usize) -> Content {
    match before {
        _ if random.often(8) => content(random, depth),
        Content::Unit => Content::Unit,
        Content::One(ty) => Content::One(edited(random, ty, depth + 1)),
        Content::Fields(fields, _) => {
            let fields = edited_fields(random, fields, depth + 1);
            let names = names(&fields);
            Content::Fields(fields, names)
        }
    }
}

pub(super) fn edited_fields(random: &mut Random, fields: &[Field], depth: usize) -> Vec<Field> {
    let mut after = Vec::new();
    for field in fields {
        match random.below(12) {
            0 => {}
            1 => after.push(Field { name: leaked(field.name), alias: Some(field.name), ty: field.ty.clone() }),
            _ => after.push(Field { ty: edited(random, &field.ty, depth + 1), ..field.clone() }),
        }
    }
    if random.often(20) {
        let position = random.below(after.len() + 1);
        after.insert(position, Field { name: "new", alias: None, ty: any_type(random, depth + 1) });
    }
    if random.often(20) {
        after.reverse();
    }
    after
}

fn leaked(name: &str) -> &'static str {
    format!("{name}_named").leak()
}

/// A value, in the form in which a guest's serializer writes it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Nil,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Nil => serializer.serialize_unit(),
            Self::Bool(it) => serializer.serialize_bool(*it),
            Self::Int(it) => serializer.serialize_i64(*it),
            Self::Float(it) => serializer.serialize_f64(*it),
            Self::Text(it) => serializer.serialize_str(it),
            Self::List(inside) => {
                let mut list = serializer.serialize_seq(Some(inside.len()))?;
                inside.iter().try_for_each(|value| list.serialize_element(value))?;
                list.end()
            }
            Self::Map(inside) => {
                let mut map = serializer.serialize_map(Some(inside.len()))?;
                inside.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
                map.end()
            }
        }
    }
}

fn all(fields: &[Field], mut value: impl FnMut(&Type) -> Value) -> Value {
    Value::Map(fields.iter().map(|field| (field.name.to_owned(), value(&field.ty))).collect())
}

fn variant(name: &str, content: &Content, mut value: impl FnMut(&Type) -> Value) -> Value {
    let content = match content {
        Content::Unit => return Value::Text(name.to_owned()),
        Content::One(ty) => value(ty),
        Content::Fields(fields, _) => all(fields, value),
    };
    Value::Map(vec![(name.to_owned(), content)])
}

pub(crate) fn any_value(random: &mut Random, ty: &Type) -> Value {
    match ty {
        Type::Bool => Value::Bool(random.often(50)),
        Type::Byte => Value::Int(random.below(256) as i64),
        Type::Int => Value::Int(random.next() as i64 >> random.below(60)),
        Type::Float => Value::Float(random.below(1000) as f64 / 8.0),
        Type::Text => Value::Text(format!("text {}", random.below(100))),
        Type::Option(_) if random.often(40) => Value::Nil,
        Type::Option(inner) => any_value(random, inner),
        Type::List(inner) => Value::List((0..random.below(4)).map(|_| any_value(random, inner)).collect()),
        Type::Map(inner) => {
            Value::Map((0..random.below(4)).map(|key| (format!("k{key}"), any_value(random, inner))).collect())
        }
        Type::Tuple(inside) => Value::List(inside.iter().map(|ty| any_value(random, ty)).collect()),
        Type::Struct(fields, _) => all(fields, |ty| any_value(random, ty)),
        Type::Enum(variants, _) => {
            let (name, content) = &variants[random.below(variants.len())];
            variant(name, content, |ty| any_value(random, ty))
        }
    }
}

/// Decodes as derived code would.
#[derive(Clone, Copy)]
pub(crate) struct Seed<'t>(pub(crate) &'t Type);

struct FieldsSeed<'t>(&'t [Field]);

impl Decode for Seed<'_> {
    type Out = Value;

    fn decode<'n>(&self, at: At<'n, '_>) -> Result<Value, Failure> {
        self.deserialize(at)
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        match self.0 {
            Type::Bool => deserializer.deserialize_bool(self),
            Type::Byte => deserializer.deserialize_u8(self),
            Type::Int => deserializer.deserialize_i64(self),
            Type::Float => deserializer.deserialize_f64(self),
            Type::Text => deserializer.deserialize_string(self),
            Type::Option(_) => deserializer.deserialize_option(self),
            Type::List(_) => deserializer.deserialize_seq(self),
            Type::Map(_) => deserializer.deserialize_map(self),
            Type::Tuple(inside) => deserializer.deserialize_tuple(inside.len(), self),
            Type::Struct(fields, names) => deserializer.deserialize_struct("Struct", names, FieldsSeed(fields)),
            Type::Enum(_, names) => deserializer.deserialize_enum("Enum", names, self),
        }
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }

    fn visit_bool<E: Error>(self, it: bool) -> Result<Value, E> {
        Ok(Value::Bool(it))
    }

    fn visit_u8<E: Error>(self, it: u8) -> Result<Value, E> {
        self.visit_i64(it.into())
    }

    fn visit_u64<E: Error>(self, it: u64) -> Result<Value, E> {
        i64::try_from(it).map_err(E::custom).and_then(|it| self.visit_i64(it))
    }

    fn visit_i64<E: Error>(self, it: i64) -> Result<Value, E> {
        Ok(if *self.0 == Type::Float { Value::Float(it as f64) } else { Value::Int(it) })
    }

    fn visit_f64<E: Error>(self, it: f64) -> Result<Value, E> {
        Ok(Value::Float(it))
    }

    fn visit_str<E: Error>(self, it: &str) -> Result<Value, E> {
        Ok(Value::Text(it.to_owned()))
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Nil)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let Type::Option(inner) = self.0 else { return Err(D::Error::custom("no option")) };
        Seed(inner).deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        match self.0 {
            Type::List(inner) => {
                while let Some(value) = access.next_element_seed(Seed(inner))? {
                    list.push(value);
                }
            }
            Type::Tuple(inside) => {
                for (index, ty) in inside.iter().enumerate() {
                    let value = access.next_element_seed(Seed(ty))?;
                    list.push(value.ok_or_else(|| A::Error::invalid_length(index, &self))?);
                }
            }
            _ => return Err(A::Error::custom("no list")),
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let Type::Map(inner) = self.0 else { return Err(A::Error::custom("no map")) };
        let mut map = Vec::new();
        while let Some(key) = access.next_key::<String>()? {
            map.push((key, access.next_value_seed(Seed(inner))?));
        }
        Ok(Value::Map(map))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<Value, A::Error> {
        let Type::Enum(variants, names) = self.0 else { return Err(A::Error::custom("no enum")) };
        let (name, inside): (String, _) = access.variant()?;
        let Some((name, content)) = variants.iter().find(|(other, _)| *other == name) else {
            return Err(A::Error::unknown_variant(&name, names));
        };
        let content = match content {
            Content::Unit => {
                inside.unit_variant()?;
                return Ok(Value::Text((*name).to_owned()));
            }
            Content::One(ty) => inside.newtype_variant_seed(Seed(ty))?,
            Content::Fields(fields, names) => inside.struct_variant(names, FieldsSeed(fields))?,
        };
        Ok(Value::Map(vec![((*name).to_owned(), content)]))
    }
}

impl<'de> Visitor<'de> for FieldsSeed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a struct")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut found: Vec<Option<Value>> = vec![None; self.0.len()];
        while let Some(key) = access.next_key::<String>()? {
            let position = self.0.iter().position(|field| field.name == key || field.alias == Some(&key));
            let Some(position) = position else {
                access.next_value::<IgnoredAny>()?;
                continue;
            };
            if found[position].is_some() {
                return Err(A::Error::duplicate_field(self.0[position].name));
            }
            found[position] = Some(access.next_value_seed(Seed(&self.0[position].ty))?);
        }
        let values = self.0.iter().zip(found).map(|(field, value)| match (value, &field.ty) {
            (Some(value), _) => Ok((field.name.to_owned(), value)),
            (None, Type::Option(_)) => Ok((field.name.to_owned(), Value::Nil)),
            (None, _) => Err(A::Error::missing_field(field.name)),
        });
        Ok(Value::Map(values.collect::<Result<_, _>>()?))
    }
}
