//! What lies inside a place: elements, fields, variants. What is generic is kept small, as in `place`.

use std::any::type_name;

use serde::de::value::{StrDeserializer, U8Deserializer};
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};

use super::lessons::{Failure, Lesson, MOST_DISTRUST, Said, TypeKey};
use super::node::Node;
use super::place::{At, place_of};
use super::report::Step;

/// A fresh map that is larger is not searched for each key of the old one.
const SEARCHED: usize = 256;

/// What is made of a place that was gone into. A function would be one more for each type.
macro_rules! made {
    ($inside:expr, $child:ident => $value:expr) => {
        match $inside {
            Ok($child) => match $value {
                Ok(value) => {
                    $child.step_out();
                    Ok(value)
                }
                Err(failure) => Err($child.fail_out(failure)),
            },
            Err(failure) => Err(failure),
        }
    };
}

impl<'n, 'c> At<'n, 'c> {
    /// A list's elements.
    pub(super) fn elements(self) -> Elements<'n, 'c> {
        let there: &[Node<'n>] = match self.value {
            Some(Node::List(there)) => there,
            _ => &[],
        };
        if there.is_empty() {
            self.kept();
        }
        Elements { at: self, there, wanted: there.len(), next: 0, is_tuple: false }
    }

    /// The elements of a tuple, which has just so many.
    pub(super) fn parts(self, len: usize) -> Result<Elements<'n, 'c>, Failure> {
        let at = self.fitting(|node| matches!(node, Node::List(_)), "list", ToString::to_string)?;
        let elements = at.elements();
        let there = elements.there.len();
        if there < len && !at.settled {
            at.need_fresh()?;
        }
        for index in len..there {
            at.drop_inside(Step::Index(index));
        }
        Ok(Elements { wanted: len, is_tuple: true, ..elements })
    }

    /// A struct's fields or a map's entries, if there are any; `visitor` is its visitor's type.
    pub(super) fn structure(
        self,
        visitor: &'static str,
        name: &'static str,
        names: &'static [&'static str],
    ) -> Result<Fields<'n, 'c>, Failure> {
        let at = self.fitting(|node| matches!(node, Node::Map(_)), "fields", ToString::to_string)?;
        at.fields(visitor, name, names)
    }

    /// The same for a place that was looked at.
    pub(super) fn fields(
        self,
        visitor: &'static str,
        name: &'static str,
        names: &'static [&'static str],
    ) -> Result<Fields<'n, 'c>, Failure> {
        let key: TypeKey = (visitor, name, names.as_ptr() as usize);
        let entries: &[(Node<'n>, Node<'n>)] = match self.value {
            Some(Node::Map(entries)) => entries,
            _ => &[],
        };
        if entries.is_empty() {
            self.kept();
        }
        let distrust = &self.pass.lessons.distrust;
        // At the outermost place it is found out only after all the others that one is missing.
        if self.depth == 0 && !names.iter().all(|name| is_there(entries, name)) {
            self.need_fresh()?;
        }
        Ok(Fields {
            at: self,
            key,
            supplied: self.to_supply(key, names, entries),
            entries,
            order: self.order(key, entries),
            next: 0,
            pending: None,
            given: None,
            drops: self.pass.lessons.drops(),
            is_struct: !names.is_empty(),
            distrust: if distrust.is_empty() { 0 } else { distrust.get(&self.place).copied().unwrap_or(0) },
            untyped: self.pass.untyped.get(),
        })
    }

    /// Fields that are not there, under no name: those that are known to be needed, and those that the
    /// fresh state has.
    fn to_supply(self, key: TypeKey, names: &'static [&'static str], entries: &[(Node<'n>, Node<'n>)]) -> Vec<&'n str> {
        let lessons = self.pass.lessons;
        let in_fresh = names.iter().filter(|name| self.fresh.is_some_and(|fresh| fresh.field(name).is_some()));
        let mut supplied: Vec<&str> = in_fresh.copied().collect();
        for needed in lessons.supply.get(&key).into_iter().flatten() {
            if !supplied.contains(&needed.as_str()) {
                supplied.push(needed);
            }
        }
        if supplied.is_empty() {
            return supplied;
        }
        let aliases = lessons.aliases.get(&key).map_or(&[][..], Vec::as_slice);
        let by_alias = |name: &str| aliases.iter().any(|(alias, of)| *of == name && is_there(entries, alias));
        supplied.retain(|name| !is_there(entries, name) && !by_alias(name));
        supplied
    }

    /// The entries' order, where one was asked for.
    fn order(self, key: TypeKey, entries: &[(Node<'n>, Node<'n>)]) -> Option<Vec<usize>> {
        let first = &self.pass.lessons.first;
        if first.is_empty() || !first.iter().any(|(other, _)| *other == key) {
            return None;
        }
        let mut order: Vec<usize> = (0..entries.len()).collect();
        order.sort_by_key(|index| !first.contains(&(key, entries[*index].0.to_string())));
        Some(order)
    }

    /// An enum's variant; `visitor` is its visitor's type. To be closed.
    pub(super) fn variant(
        self,
        visitor: &'static str,
        name: &'static str,
        variants: &'static [&'static str],
    ) -> Result<Variant<'n, 'c>, Failure> {
        let key: TypeKey = (visitor, name, variants.as_ptr() as usize);
        let lessons = self.pass.lessons;
        let is_gone = |name: &str| lessons.variants.iter().any(|(other, gone)| *other == key && gone == name);
        let fits = |node: &Node<'n>| variant(node).is_some_and(|(name, _)| !is_gone(name));
        let now = match self.value {
            // Not another kind of value, only another value.
            Some(value) if variant(value).is_some() => value.kind(),
            _ => "variant",
        };
        let why = |node: &Node<'n>| {
            let name = variant(node).map_or("", |(name, _)| name);
            format!("the variant `{name}` is no more")
        };
        let at = self.fitting(fits, now, why)?;
        if let Some((name, content)) = at.value.and_then(variant) {
            return Ok(Variant { at, key, name, content, is_made_up: false });
        }
        let index = lessons.neutral.get(&key).copied().unwrap_or(0);
        let Some(name) = variants.get(index) else {
            return Err(serde::de::Error::custom(format!("no value of `{name}` can be made up")));
        };
        if self.pass.making.borrow().contains(&key) {
            // It contains itself: perhaps its next variant does not.
            return Err(Failure::teaching(Lesson::NextVariant(key), "an endless value"));
        }
        self.pass.making.borrow_mut().push(key);
        Ok(Variant { at: Self { settled: true, ..at }, key, name, content: None, is_made_up: true })
    }
}

fn is_there(entries: &[(Node<'_>, Node<'_>)], name: &str) -> bool {
    entries.iter().any(|(key, _)| matches!(key, Node::Text(it) if *it == name))
}

/// A variant's name and content, if the value can be one.
fn variant<'a, 'n>(node: &'a Node<'n>) -> Option<(&'n str, Option<&'a Node<'n>>)> {
    match node {
        Node::Text(name) => Some((name, None)),
        Node::Map(entries) => match entries.as_slice() {
            [(Node::Text(name), content)] => Some((name, Some(content))),
            _ => None,
        },
        _ => None,
    }
}

/// The elements of a list or a tuple.
pub(super) struct Elements<'n, 'c> {
    at: At<'n, 'c>,
    there: &'n [Node<'n>],
    wanted: usize,
    next: usize,
    is_tuple: bool,
}

impl<'n, 'c> Elements<'n, 'c> {
    /// Goes into the next element.
    fn advance(&mut self) -> Option<At<'n, 'c>> {
        if self.next >= self.wanted {
            return None;
        }
        let index = self.next;
        self.next += 1;
        let fresh = self.at.fresh.and_then(|fresh| fresh.element(index));
        let child = self.at.child(self.there.get(index), fresh, index);
        Some(child.step_in(if self.is_tuple { Step::Part(index) } else { Step::Index(index) }))
    }
}

impl<'n> SeqAccess<'n> for Elements<'n, '_> {
    type Error = Failure;

    fn next_element_seed<S: DeserializeSeed<'n>>(&mut self, seed: S) -> Result<Option<S::Value>, Failure> {
        let Some(child) = self.advance() else { return Ok(None) };
        match seed.deserialize(child) {
            Ok(element) => {
                child.step_out();
                Ok(Some(element))
            }
            Err(failure) => Err(child.fail_out(failure)),
        }
    }

    fn next_element<T: Deserialize<'n>>(&mut self) -> Result<Option<T>, Failure> {
        let Some(child) = self.advance() else { return Ok(None) };
        match T::deserialize(child) {
            Ok(element) => {
                child.step_out();
                Ok(Some(element))
            }
            Err(failure) => Err(child.fail_out(failure)),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.wanted - self.next)
    }
}

/// Bytes that stand for a list of numbers.
pub(super) struct ByteElements<'n>(pub(super) &'n [u8]);

impl ByteElements<'_> {
    fn advance(&mut self) -> Option<U8Deserializer<Failure>> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first.into_deserializer())
    }
}

impl<'n> SeqAccess<'n> for ByteElements<'_> {
    type Error = Failure;

    fn next_element_seed<S: DeserializeSeed<'n>>(&mut self, seed: S) -> Result<Option<S::Value>, Failure> {
        let Some(byte) = self.advance() else { return Ok(None) };
        match seed.deserialize(byte) {
            Ok(element) => Ok(Some(element)),
            Err(failure) => Err(failure),
        }
    }

    fn next_element<T: Deserialize<'n>>(&mut self) -> Result<Option<T>, Failure> {
        let Some(byte) = self.advance() else { return Ok(None) };
        match T::deserialize(byte) {
            Ok(element) => Ok(Some(element)),
            Err(failure) => Err(failure),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

/// Whose value [`Fields`] gives.
#[derive(Clone, Copy)]
enum Given<'n> {
    Supplied(&'n str),
    Entry(&'n Node<'n>, &'n Node<'n>),
}

/// A key, to be decoded.
enum Key<'n, 'c> {
    Supplied(StrDeserializer<'n, Failure>),
    There(At<'n, 'c>),
}

/// A map's entries or a struct's fields: first those that are supplied, so that a name that stands
/// for one of them is found out by serde's complaint.
pub(super) struct Fields<'n, 'c> {
    at: At<'n, 'c>,
    key: TypeKey,
    supplied: Vec<&'n str>,
    entries: &'n [(Node<'n>, Node<'n>)],
    order: Option<Vec<usize>>,
    next: usize,
    /// The key whose value was not asked for yet.
    pending: Option<Given<'n>>,
    /// The latest key.
    given: Option<Given<'n>>,
    /// Whether anything may have to be left out.
    drops: bool,
    is_struct: bool,
    distrust: u8,
    /// How many values were asked for without a type before.
    untyped: u64,
}

impl<'n, 'c> Fields<'n, 'c> {
    /// The next key.
    fn advance(&mut self) -> Option<Key<'n, 'c>> {
        let (given, key) = match self.supplied.get(self.next) {
            Some(name) => {
                self.next += 1;
                (Given::Supplied(name), Key::Supplied(name.into_deserializer()))
            }
            None => {
                let (name, value) = self.next_pair()?;
                let key_of = Some((self.key, place_of(value)));
                (Given::Entry(name, value), Key::There(At { key_of, ..self.at.child(Some(name), None, 0) }))
            }
        };
        self.given = Some(given);
        self.pending = Some(given);
        Some(key)
    }

    /// A key was refused.
    fn refused(&self, mut failure: Failure) -> Failure {
        if let (Some(Given::Entry(_, value)), Said::Other) = (self.given, &failure.said) {
            failure.lesson.get_or_insert(Lesson::DropEntry(place_of(value)));
        }
        failure
    }

    /// Goes into the value of the latest key, which is to be of this type.
    fn value(&mut self, ty: &str) -> Result<At<'n, 'c>, Failure> {
        let at = self.at;
        match self.pending.take() {
            Some(Given::Entry(name, value)) => {
                let searched = |fresh: &&Node<'n>| !matches!(fresh, Node::Map(inside) if inside.len() > SEARCHED);
                let fresh = at.fresh.filter(searched).and_then(|fresh| fresh.entry(name));
                // What is collected for `#[serde(flatten)]` is the first to be suspected.
                let distrust = match self.distrust {
                    0 => 0,
                    distrust if ty.contains("::content::Content") => distrust,
                    distrust => distrust - 1,
                };
                Ok(At { distrust, ..at.child(Some(value), fresh, 0) }.step_in(self.step(name)))
            }
            Some(Given::Supplied(name)) => {
                let fresh = at.fresh.and_then(|fresh| fresh.field(name));
                Ok(at.child(None, fresh, self.next).step_in(Step::Name(name)))
            }
            None => Err(serde::de::Error::custom("a value was asked for before its key")),
        }
    }

    fn next_pair(&mut self) -> Option<&'n (Node<'n>, Node<'n>)> {
        loop {
            let position = self.next.checked_sub(self.supplied.len())?;
            let index = match &self.order {
                Some(order) => *order.get(position)?,
                None => position,
            };
            let entry = self.entries.get(index)?;
            self.next += 1;
            if !self.drops || !self.is_left_out(entry) {
                return Some(entry);
            }
            self.at.drop_inside(self.step(&entry.0));
        }
    }

    fn step(&self, key: &'n Node<'n>) -> Step<'n> {
        match key {
            Node::Text(name) if self.is_struct => Step::Name(name),
            key => Step::Key(key),
        }
    }

    fn is_left_out(&self, (name, value): &(Node<'n>, Node<'n>)) -> bool {
        let lessons = self.at.pass.lessons;
        lessons.drop_keys.contains(&(self.key, name.kind()))
            || lessons.drop_entry.contains(&place_of(value))
            || matches!(name, Node::Text(name) if lessons.drop_key.contains(&(self.key, (*name).to_owned())))
    }

    /// What follows from a failure that nothing inside has explained.
    pub(super) fn explain(&self, mut failure: Failure) -> Failure {
        if failure.lesson.is_some() {
            return failure;
        }
        let given = || match self.given {
            Some(Given::Supplied(name)) => name.to_owned(),
            Some(Given::Entry(name, _)) => name.to_string(),
            None => String::new(),
        };
        let untyped = self.at.pass.untyped.get() > self.untyped;
        failure.lesson = match &failure.said {
            Said::Missing(_) | Said::Other if !self.at.pass.has_fresh => Some(Lesson::Defaults),
            Said::Missing(name) if !self.supplied.iter().any(|it| it == name) => {
                Some(Lesson::Supply(self.key, name, self.in_fresh()))
            }
            Said::Duplicate(name) if given() == *name => Some(Lesson::First(self.key, given())),
            Said::Duplicate(name) if self.supplied.iter().any(|it| it == name) => {
                Some(Lesson::Alias(self.key, given(), name))
            }
            Said::Duplicate(_) => Some(Lesson::DropKey(self.key, given())),
            Said::UnknownField(name) => Some(Lesson::DropKey(self.key, name.clone())),
            // It took the fields without looking, as for `#[serde(flatten)]`, and chokes on them now.
            Said::Other if untyped && self.distrust < MOST_DISTRUST => Some(Lesson::Distrust(self.at.place)),
            _ => None,
        };
        failure
    }

    /// The fresh state's fields that are not there: probably they are all needed.
    fn in_fresh(&self) -> Vec<String> {
        let Some(Node::Map(fresh)) = self.at.fresh else { return Vec::new() };
        let is_there = |name: &Node<'_>| self.entries.iter().any(|(key, _)| key == name);
        let missing = fresh.iter().take(SEARCHED).filter(|(name, _)| matches!(name, Node::Text(_)) && !is_there(name));
        missing.map(|(name, _)| name.to_string()).collect()
    }
}

impl<'n> MapAccess<'n> for &mut Fields<'n, '_> {
    type Error = Failure;

    fn next_key_seed<S: DeserializeSeed<'n>>(&mut self, seed: S) -> Result<Option<S::Value>, Failure> {
        let Some(key) = self.advance() else { return Ok(None) };
        let key = match key {
            Key::Supplied(name) => seed.deserialize(name),
            Key::There(at) => seed.deserialize(at),
        };
        match key {
            Ok(key) => Ok(Some(key)),
            Err(failure) => Err(self.refused(failure)),
        }
    }

    fn next_value_seed<S: DeserializeSeed<'n>>(&mut self, seed: S) -> Result<S::Value, Failure> {
        made!(self.value(type_name::<S::Value>()), child => seed.deserialize(child))
    }

    fn next_key<K: Deserialize<'n>>(&mut self) -> Result<Option<K>, Failure> {
        let Some(key) = self.advance() else { return Ok(None) };
        let key = match key {
            Key::Supplied(name) => K::deserialize(name),
            Key::There(at) => K::deserialize(at),
        };
        match key {
            Ok(key) => Ok(Some(key)),
            Err(failure) => Err(self.refused(failure)),
        }
    }

    fn next_value<V: Deserialize<'n>>(&mut self) -> Result<V, Failure> {
        made!(self.value(type_name::<V>()), child => V::deserialize(child))
    }

    fn next_entry<K: Deserialize<'n>, V: Deserialize<'n>>(&mut self) -> Result<Option<(K, V)>, Failure> {
        match self.next_key() {
            Ok(Some(key)) => match self.next_value() {
                Ok(value) => Ok(Some((key, value))),
                Err(failure) => Err(failure),
            },
            Ok(None) => Ok(None),
            Err(failure) => Err(failure),
        }
    }
}

/// A variant and its content.
#[derive(Clone, Copy)]
pub(super) struct Variant<'n, 'c> {
    at: At<'n, 'c>,
    key: TypeKey,
    name: &'n str,
    content: Option<&'n Node<'n>>,
    is_made_up: bool,
}

impl<'n, 'c> Variant<'n, 'c> {
    /// Goes into the content; one that has to be made up is noted.
    fn inside(self) -> Result<At<'n, 'c>, Failure> {
        let at = self.at;
        if self.content.is_none() && !at.settled {
            at.need_fresh()?;
        }
        let fresh = at.fresh.and_then(|fresh| fresh.field(self.name));
        Ok(at.child(self.content, fresh, 0).step_in(Step::Name(self.name)))
    }

    /// The enum has its value, or none.
    pub(super) fn close(self) {
        if self.is_made_up {
            self.at.pass.making.borrow_mut().pop();
        }
    }

    /// What follows from a failure that nothing inside has explained.
    pub(super) fn explain(self, mut failure: Failure) -> Failure {
        self.close();
        let is_about_it = matches!(&failure.said, Said::UnknownVariant(said) if said == self.name);
        if failure.lesson.is_none() && self.at.key_of.is_none() && is_about_it && !self.is_made_up {
            failure.lesson = Some(Lesson::Variant(self.key, self.name.to_owned()));
        }
        failure
    }
}

impl<'n, 'c> EnumAccess<'n> for Variant<'n, 'c> {
    type Error = Failure;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'n>>(self, seed: S) -> Result<(S::Value, Self), Failure> {
        let name: StrDeserializer<'_, Failure> = self.name.into_deserializer();
        match seed.deserialize(name) {
            Ok(name) => Ok((name, self)),
            Err(failure) => Err(failure),
        }
    }

    fn variant<N: Deserialize<'n>>(self) -> Result<(N, Self), Failure> {
        let name: StrDeserializer<'_, Failure> = self.name.into_deserializer();
        match N::deserialize(name) {
            Ok(name) => Ok((name, self)),
            Err(failure) => Err(failure),
        }
    }
}

impl<'n> VariantAccess<'n> for Variant<'n, '_> {
    type Error = Failure;

    fn unit_variant(self) -> Result<(), Failure> {
        self.at.kept();
        if self.content.is_some_and(|content| *content != Node::Nil) {
            self.at.drop_inside(Step::Name(self.name));
        }
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'n>>(self, seed: S) -> Result<S::Value, Failure> {
        made!(self.inside(), child => seed.deserialize(child))
    }

    fn newtype_variant<T: Deserialize<'n>>(self) -> Result<T, Failure> {
        made!(self.inside(), child => T::deserialize(child))
    }

    fn tuple_variant<V: Visitor<'n>>(self, len: usize, visitor: V) -> Result<V::Value, Failure> {
        made!(self.inside(), child => child.deserialize_tuple(len, visitor))
    }

    fn struct_variant<V: Visitor<'n>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Failure> {
        made!(self.inside(), child => child.deserialize_struct(type_name::<V>(), fields, visitor))
    }
}

/// How a type is decoded: by its `Deserialize`, or, in tests, by a description.
pub(crate) trait Decode {
    type Out;

    fn decode<'n>(&self, at: At<'n, '_>) -> Result<Self::Out, Failure>;
}

impl<T: serde::de::DeserializeOwned> Decode for std::marker::PhantomData<T> {
    type Out = T;

    fn decode<'n>(&self, at: At<'n, '_>) -> Result<T, Failure> {
        T::deserialize(at)
    }
}
