//! What lies inside a place: elements, fields, variants.

use std::any::type_name;

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor};

use super::lessons::{Failure, Lesson, MOST_DISTRUST, Said, TypeKey};
use super::node::Node;
use super::place::{At, place_of};
use super::report::{Report, Step};

/// A fresh map that is larger is not searched for each key of the old one.
const SEARCHED: usize = 256;

impl<'n> At<'n, '_> {
    pub(super) fn tuple<V: Visitor<'n>>(self, len: usize, visitor: V) -> Result<V::Value, Failure> {
        let at = self.fitting(|node| matches!(node, Node::List(_)), "list", ToString::to_string)?;
        at.elements(Some(len), visitor)
    }

    /// `len`: for a tuple, which has just so many.
    pub(super) fn elements<V: Visitor<'n>>(self, len: Option<usize>, visitor: V) -> Result<V::Value, Failure> {
        let there: &[Node<'n>] = match self.value {
            Some(Node::List(there)) => there,
            _ => &[],
        };
        if there.is_empty() {
            self.kept();
        }
        let wanted = len.unwrap_or(there.len());
        if there.len() < wanted && !self.settled {
            self.need_fresh()?;
        }
        for index in wanted..there.len() {
            self.pass.inside(Step::Index(index), || self.note(Report::dropped));
        }
        visitor.visit_seq(Elements { at: self, there, wanted, next: 0, is_tuple: len.is_some() })
    }

    pub(super) fn structure<V: Visitor<'n>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        let at = self.fitting(|node| matches!(node, Node::Map(_)), "fields", ToString::to_string)?;
        at.fields(name, fields, visitor)
    }

    pub(super) fn fields<V: Visitor<'n>>(
        self,
        name: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        let key: TypeKey = (type_name::<V>(), name, names.as_ptr() as usize);
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
        let mut fields = Fields {
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
        };
        let untyped = self.pass.untyped.get();
        let result = visitor.visit_map(&mut fields);
        result.map_err(|failure| fields.explain(failure, self.pass.untyped.get() > untyped))
    }

    /// Fields that are not there, under no name: those that are known to be needed, and those that the
    /// fresh state has.
    fn to_supply(self, key: TypeKey, names: &'static [&'static str], entries: &[(Node<'n>, Node<'n>)]) -> Vec<String> {
        let lessons = self.pass.lessons;
        let in_fresh = names.iter().filter(|name| self.fresh.is_some_and(|fresh| fresh.field(name).is_some()));
        let mut supplied: Vec<String> = in_fresh.map(ToString::to_string).collect();
        if let Some(needed) = lessons.supply.get(&key) {
            supplied.extend(needed.iter().filter(|name| !supplied.contains(name)).cloned().collect::<Vec<_>>());
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

    pub(super) fn enumeration<V: Visitor<'n>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        let key: TypeKey = (type_name::<V>(), name, variants.as_ptr() as usize);
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
            let given = Variant { at, name, content };
            return visitor.visit_enum(given).map_err(|mut failure| {
                let is_about_it = matches!(&failure.said, Said::UnknownVariant(said) if said == name);
                if failure.lesson.is_none() && at.key_of.is_none() && is_about_it && !is_gone(name) {
                    failure.lesson = Some(Lesson::Variant(key, name.to_owned()));
                }
                failure
            });
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
        let result = visitor.visit_enum(Variant { at: Self { settled: true, ..at }, name, content: None });
        self.pass.making.borrow_mut().pop();
        result
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

/// A list's elements.
struct Elements<'n, 'c> {
    at: At<'n, 'c>,
    there: &'n [Node<'n>],
    wanted: usize,
    next: usize,
    is_tuple: bool,
}

impl<'n> SeqAccess<'n> for Elements<'n, '_> {
    type Error = Failure;

    fn next_element_seed<S: DeserializeSeed<'n>>(&mut self, seed: S) -> Result<Option<S::Value>, Failure> {
        if self.next >= self.wanted {
            return Ok(None);
        }
        let index = self.next;
        self.next += 1;
        let there = self.there.get(index);
        let fresh = self.at.fresh.and_then(|fresh| fresh.element(index));
        let mut child = self.at.child(there, fresh, index);
        let step = if self.is_tuple { Step::Part(index) } else { Step::Index(index) };
        self.at.pass.inside(step, || {
            if there.is_none() {
                child.note(Report::defaulted);
                child = child.substituted();
            }
            seed.deserialize(child).map(Some).map_err(|failure| failure.out_of(child.place))
        })
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.wanted - self.next)
    }
}

/// What [`Fields`] gives next.
enum Pending<'n> {
    Supplied(String),
    Entry(&'n Node<'n>, &'n Node<'n>),
}

/// A map's entries or a struct's fields: first those that are supplied, so that a name that stands
/// for one of them is found out by serde's complaint.
struct Fields<'n, 'c> {
    at: At<'n, 'c>,
    key: TypeKey,
    supplied: Vec<String>,
    entries: &'n [(Node<'n>, Node<'n>)],
    order: Option<Vec<usize>>,
    next: usize,
    pending: Option<Pending<'n>>,
    /// The latest key.
    given: Option<Pending<'n>>,
    /// Whether anything may have to be left out.
    drops: bool,
    is_struct: bool,
    distrust: u8,
}

impl<'n> Fields<'n, '_> {
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
            let (name, value) = (self.step(&entry.0), &entry.1);
            let child = self.at.child(Some(value), None, 0);
            self.at.pass.inside(name, || child.note(Report::dropped));
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
    fn explain(&self, mut failure: Failure, untyped: bool) -> Failure {
        if failure.lesson.is_some() {
            return failure;
        }
        let given = || match &self.given {
            Some(Pending::Supplied(name)) => name.clone(),
            Some(Pending::Entry(name, _)) => name.to_string(),
            None => String::new(),
        };
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
        if let Some(name) = self.supplied.get(self.next).cloned() {
            self.next += 1;
            let key: StrDeserializer<'_, Failure> = name.as_str().into_deserializer();
            let key = seed.deserialize(key)?;
            self.pending = Some(Pending::Supplied(name.clone()));
            self.given = Some(Pending::Supplied(name));
            return Ok(Some(key));
        }
        let Some((name, value)) = self.next_pair() else { return Ok(None) };
        self.given = Some(Pending::Entry(name, value));
        self.pending = Some(Pending::Entry(name, value));
        let place = place_of(value);
        let at = At { key_of: Some((self.key, place)), ..self.at.child(Some(name), None, 0) };
        seed.deserialize(at).map(Some).map_err(|mut failure| {
            if failure.said == Said::Other {
                failure.lesson.get_or_insert(Lesson::DropEntry(place));
            }
            failure
        })
    }

    fn next_value_seed<S: DeserializeSeed<'n>>(&mut self, seed: S) -> Result<S::Value, Failure> {
        let at = self.at;
        let (name, child) = match self.pending.take() {
            Some(Pending::Entry(name, value)) => {
                let searched = |fresh: &&Node<'n>| !matches!(fresh, Node::Map(inside) if inside.len() > SEARCHED);
                let fresh = at.fresh.filter(searched).and_then(|fresh| fresh.entry(name));
                // What is collected for `#[serde(flatten)]` is the first to be suspected.
                let is_collected = || type_name::<S::Value>().contains("::content::Content");
                let distrust = match self.distrust {
                    0 => 0,
                    distrust if is_collected() => distrust,
                    distrust => distrust - 1,
                };
                (self.step(name), At { distrust, ..at.child(Some(value), fresh, 0) })
            }
            Some(Pending::Supplied(name)) => {
                let fresh = at.fresh.and_then(|fresh| fresh.field(&name));
                let child = at.child(None, fresh, self.next);
                let step = Step::Given(name);
                at.pass.inside(step.clone(), || child.note(Report::defaulted));
                (step, child.substituted())
            }
            None => return Err(serde::de::Error::custom("a value was asked for before its key")),
        };
        at.pass.inside(name, || seed.deserialize(child)).map_err(|failure| failure.out_of(child.place))
    }
}

/// A variant and its content.
struct Variant<'n, 'c> {
    at: At<'n, 'c>,
    name: &'n str,
    content: Option<&'n Node<'n>>,
}

impl<'n, 'c> Variant<'n, 'c> {
    /// The content's place; one that has to be made up is noted.
    fn inside<R>(self, work: impl FnOnce(At<'n, 'c>) -> Result<R, Failure>) -> Result<R, Failure> {
        let at = self.at;
        if self.content.is_none() && !at.settled {
            at.need_fresh()?;
        }
        let fresh = at.fresh.and_then(|fresh| fresh.field(self.name));
        let mut child = at.child(self.content, fresh, 0);
        at.pass.inside(Step::Name(self.name), || {
            if self.content.is_none() {
                child.note(Report::defaulted);
                child = child.substituted();
            }
            work(child).map_err(|failure| failure.out_of(child.place))
        })
    }
}

impl<'n, 'c> EnumAccess<'n> for Variant<'n, 'c> {
    type Error = Failure;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'n>>(self, seed: S) -> Result<(S::Value, Self), Failure> {
        let name: StrDeserializer<'_, Failure> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'n> VariantAccess<'n> for Variant<'n, '_> {
    type Error = Failure;

    fn unit_variant(self) -> Result<(), Failure> {
        self.at.kept();
        if self.content.is_some_and(|content| *content != Node::Nil) {
            let at = self.at;
            at.pass.inside(Step::Name(self.name), || at.note(Report::dropped));
        }
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'n>>(self, seed: S) -> Result<S::Value, Failure> {
        self.inside(|child| seed.deserialize(child))
    }

    fn tuple_variant<V: Visitor<'n>>(self, len: usize, visitor: V) -> Result<V::Value, Failure> {
        self.inside(|child| child.tuple(len, visitor))
    }

    fn struct_variant<V: Visitor<'n>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Failure> {
        let name = type_name::<V>();
        self.inside(|child| child.structure(name, fields, visitor))
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
