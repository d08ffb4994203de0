//! One place in the old state's tree, as a deserializer that does not fail where a value does not
//! fit: it gives the fresh state's value at the same path, or else an empty one, and notes it.
//!
//! What is generic in here and in `inside` is compiled again for each type of each guest, in each reload. So all that
//! does without the type is in functions that are not generic, and the others have no closures and no `?`, as in the
//! codec's `decode`: a guest with a state of five types has 1,558 functions to compile otherwise, and has 604 so.

#![expect(clippy::question_mark, reason = "see above")]

use std::any::type_name;
use std::cell::{Cell, RefCell};
use std::ops::RangeInclusive;

use serde::Deserializer;
use serde::de::{Error as _, Expected, Unexpected, Visitor};

use super::inside::ByteElements;
use super::lessons::{Failure, Lesson, Lessons, Place, TypeKey};
use super::node::Node;
use super::report::{Report, Step, shape};

/// What lies deeper is not looked at: stacks are not endless.
const DEPTH: u16 = 300;

/// One attempt to decode.
pub(super) struct Pass<'n> {
    pub(super) lessons: &'n Lessons,
    /// Whether the fresh state was made; it may still have no tree.
    pub(super) has_fresh: bool,
    pub(super) path: RefCell<Vec<Step<'n>>>,
    pub(super) report: RefCell<Report>,
    /// Places that were looked at.
    pub(super) work: Cell<u64>,
    /// Values that were asked for without a type.
    pub(super) untyped: Cell<u64>,
    /// Enums that are being made out of nothing.
    pub(super) making: RefCell<Vec<TypeKey>>,
}

/// A place, and what stands there.
#[derive(Clone, Copy)]
pub(crate) struct At<'n, 'c> {
    pub(super) pass: &'c Pass<'n>,
    /// `None`: nothing, an empty value is to be made up.
    pub(super) value: Option<&'n Node<'n>>,
    /// What the fresh state has here.
    pub(super) fresh: Option<&'n Node<'n>>,
    pub(super) place: Place,
    pub(super) depth: u16,
    /// Whether what follows from here on was noted already.
    pub(super) settled: bool,
    /// For the key of a map: whose, and where its value is. Nothing is put in place of a key.
    pub(super) key_of: Option<(TypeKey, Place)>,
    /// The `Option` around this, if it can be emptied instead.
    pub(super) option: Option<&'static str>,
    /// How little a value is trusted whose type is not asked for.
    pub(super) distrust: u8,
}

pub(super) fn place_of(node: &Node<'_>) -> Place {
    // As long as the tree stands, no other value has this address.
    std::ptr::from_ref(node) as usize as Place
}

impl<'n, 'c> At<'n, 'c> {
    /// A place below this one. `ordinal` tells places apart that have no value.
    pub(super) fn child(self, value: Option<&'n Node<'n>>, fresh: Option<&'n Node<'n>>, ordinal: usize) -> Self {
        let made_up = self.place.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(ordinal as u64 + 1);
        let place = value.map_or(made_up, place_of);
        Self { value, fresh, place, depth: self.depth + 1, option: None, distrust: 0, ..self }
    }

    /// The same place with the fresh state's value or nothing, which was noted.
    pub(super) fn substituted(self) -> Self {
        Self { value: self.fresh, settled: true, ..self }
    }

    /// Goes into this place, by this step. If nothing stands there, that is noted, and the fresh state's value taken.
    pub(super) fn step_in(self, step: Step<'n>) -> Self {
        self.pass.path.borrow_mut().push(step);
        if self.value.is_some() {
            return self;
        }
        self.note(Report::defaulted);
        self.substituted()
    }

    /// Goes out of this place again.
    pub(super) fn step_out(self) {
        self.pass.path.borrow_mut().pop();
    }

    /// The same with a failure.
    pub(super) fn fail_out(self, failure: Failure) -> Failure {
        self.step_out();
        failure.out_of(self.place)
    }

    /// Notes that what lies inside, by this step, is no more.
    pub(super) fn drop_inside(self, step: Step<'n>) {
        self.pass.path.borrow_mut().push(step);
        self.note(Report::dropped);
        self.pass.path.borrow_mut().pop();
    }

    pub(super) fn note(self, note: impl FnOnce(&mut Report, &[Step<'n>])) {
        if !self.settled && self.key_of.is_none() {
            note(&mut self.pass.report.borrow_mut(), &self.pass.path.borrow());
        }
    }

    pub(super) fn kept(self) {
        self.note(|report, _| report.kept += 1);
    }

    pub(super) fn need_fresh(self) -> Result<(), Failure> {
        if self.pass.has_fresh {
            return Ok(());
        }
        Err(Failure::teaching(Lesson::Defaults, "the fresh state is needed"))
    }

    /// What the lessons say about this place.
    fn enter(self) -> Result<Self, Failure> {
        self.pass.work.set(self.pass.work.get() + 1);
        if self.depth > DEPTH {
            return Err(Failure::teaching(Lesson::GiveUp, "the state is nested too deeply"));
        }
        // Mostly empty, and a hash costs more than the question whether it is.
        let replace = &self.pass.lessons.replace;
        let replaced = if replace.is_empty() { None } else { replace.get(&self.place) };
        let Some((stage, why)) = replaced else { return Ok(self) };
        self.need_fresh()?;
        self.note(|report, path| report.reset(path, why));
        let replaced = self.substituted();
        Ok(if *stage > 1 { Self { value: None, ..replaced } } else { replaced })
    }

    /// This place with a value that fits, or nothing.
    pub(super) fn fitting(
        self,
        fits: impl Fn(&Node<'n>) -> bool,
        now: &str,
        why: impl FnOnce(&Node<'n>) -> String,
    ) -> Result<Self, Failure> {
        let at = self.enter()?;
        let value = match at.value {
            Some(value) if !fits(value) => value,
            _ => return Ok(at),
        };
        if at.settled {
            return Ok(Self { value: None, ..at });
        }
        let is_other_kind = value.kind() != now;
        let why = if is_other_kind { format!("was {}, now {now}", value.kind()) } else { why(value) };
        if let Some((key, place)) = at.key_of {
            let lesson = if is_other_kind { Lesson::DropKeys(key, value.kind()) } else { Lesson::DropEntry(place) };
            return Err(Failure::teaching(lesson, why));
        }
        at.need_fresh()?;
        let fresh = at.fresh.filter(|fresh| fits(fresh));
        if let (Some(option), None) = (at.option, fresh) {
            let lesson = if is_other_kind {
                Lesson::Emptied((option, shape(&at.pass.path.borrow()), value.kind()), why.clone())
            } else {
                Lesson::Replace(at.place, why.clone())
            };
            return Err(Failure::teaching(lesson, why));
        }
        at.note(|report, path| report.reset(path, &why));
        Ok(Self { value: fresh, settled: true, ..at })
    }

    fn whole(self, range: RangeInclusive<i128>, ty: &str) -> Result<i128, Failure> {
        let fits = |node: &Node<'_>| matches!(node, Node::Int(it) if range.contains(it));
        let at = self.fitting(fits, "number", |node| format!("{node} does not fit {ty}"))?;
        at.kept();
        Ok(match at.value {
            Some(Node::Int(it)) => *it,
            _ => (*range.start()).max(0),
        })
    }

    fn bool(self) -> Result<bool, Failure> {
        let at = self.fitting(|node| matches!(node, Node::Bool(_)), "boolean", ToString::to_string)?;
        at.kept();
        Ok(matches!(at.value, Some(Node::Bool(true))))
    }

    fn float(self) -> Result<f64, Failure> {
        let fits = |node: &Node<'_>| matches!(node, Node::Int(_) | Node::Float(_));
        let at = self.fitting(fits, "number", ToString::to_string)?;
        at.kept();
        Ok(match at.value {
            Some(Node::Float(it)) => *it,
            Some(Node::Int(it)) => *it as f64,
            _ => 0.0,
        })
    }

    fn text(self) -> Result<&'n str, Failure> {
        let at = self.fitting(|node| matches!(node, Node::Text(_)), "string", ToString::to_string)?;
        at.kept();
        Ok(match at.value {
            Some(Node::Text(text)) => text,
            _ => "",
        })
    }

    /// 128 bits, which are 16 bytes in MessagePack unless the number is small.
    fn wide(self) -> Result<[u8; 16], Failure> {
        let read = |node: &Node<'_>| match node {
            Node::Int(it) => Some(it.to_be_bytes()),
            Node::Bytes(bytes) => (*bytes).try_into().ok(),
            Node::List(bytes) => {
                let byte = |it: &Node<'_>| if let Node::Int(it) = it { u8::try_from(*it).ok() } else { None };
                bytes.iter().map(byte).collect::<Option<Vec<u8>>>()?.try_into().ok()
            }
            _ => None,
        };
        let at = self.fitting(|node| read(node).is_some(), "number", |node| format!("{node} does not fit"))?;
        at.kept();
        Ok(at.value.and_then(read).unwrap_or_default())
    }

    fn signed(self) -> Result<i128, Failure> {
        Ok(i128::from_be_bytes(self.wide()?))
    }

    fn unsigned(self) -> Result<u128, Failure> {
        Ok(u128::from_be_bytes(self.wide()?))
    }

    fn char(self) -> Result<char, Failure> {
        let one = |node: &Node<'_>| match node {
            Node::Text(text) => text.chars().next().filter(|it| it.len_utf8() == text.len()),
            _ => None,
        };
        let at = self.fitting(
            |node| one(node).is_some(),
            "string",
            |node| format!("the text of {} bytes is no single character", node.to_string().len()),
        )?;
        at.kept();
        Ok(at.value.and_then(one).unwrap_or_default())
    }

    /// Bytes, or a list that stands for some.
    fn bytes(self) -> Result<Self, Failure> {
        let fits = |node: &Node<'_>| matches!(node, Node::Bytes(_) | Node::List(_));
        let at = self.fitting(fits, "bytes", ToString::to_string)?;
        if !matches!(at.value, Some(Node::List(_))) {
            at.kept();
        }
        Ok(at)
    }

    /// A list, or bytes that stand for one.
    fn list(self) -> Result<Self, Failure> {
        let fits = |node: &Node<'_>| matches!(node, Node::List(_) | Node::Bytes(_));
        let at = self.fitting(fits, "list", ToString::to_string)?;
        if let Some(Node::Bytes(_)) = at.value {
            at.kept();
        }
        Ok(at)
    }

    fn unit(self) -> Result<(), Failure> {
        self.fitting(nothing, "nothing", |_| String::new())?.kept();
        Ok(())
    }

    /// What an `Option` of this type holds, if it holds anything.
    fn option(self, name: &'static str) -> Result<Option<Self>, Failure> {
        let at = self.enter()?;
        let value = match at.value {
            None => return Ok(None),
            Some(Node::Nil) => {
                at.kept();
                return Ok(None);
            }
            Some(value) => value,
        };
        let emptied = &at.pass.lessons.emptied;
        if !emptied.is_empty() && !at.settled {
            let key = (name, shape(&at.pass.path.borrow()), value.kind());
            if let Some(why) = emptied.get(&key) {
                at.note(|report, path| report.reset(path, why));
                return Ok(None);
            }
        }
        let is_empty = at.fresh.is_none_or(|fresh| *fresh == Node::Nil);
        Ok(Some(Self { option: is_empty.then_some(name), ..at }))
    }

    /// This place for somebody who takes what there is.
    fn untyped(self) -> Result<Self, Failure> {
        let mut at = self.enter()?;
        at.pass.untyped.set(at.pass.untyped.get() + 1);
        if let (1.., false, Some(value), Some(fresh)) = (at.distrust, at.settled, at.value, at.fresh)
            && value != fresh
            && (at.distrust > 1 || value.kind() != fresh.kind())
        {
            at.note(|report, path| report.reset(path, &format!("was {}, now {}", value.kind(), fresh.kind())));
            at = at.substituted();
        }
        if !matches!(at.value, Some(Node::List(_) | Node::Map(_))) {
            at.kept();
        }
        Ok(at)
    }

    /// A list or fields, where a name is asked for. As from inside, it is said of fields only with the fresh state at hand.
    fn no_name(self, what: Unexpected<'_>, expected: &dyn Expected) -> Failure {
        let mut failure = Failure::invalid_type(what, expected);
        if what == Unexpected::Map && !self.pass.has_fresh {
            failure.lesson = Some(Lesson::Defaults);
        }
        failure
    }

    fn ignored(self) {
        if self.value.is_some() {
            self.note(Report::dropped);
        }
    }
}

fn nothing(node: &Node<'_>) -> bool {
    match node {
        Node::Nil => true,
        Node::List(inside) => inside.is_empty(),
        Node::Map(inside) => inside.is_empty(),
        _ => false,
    }
}

/// What a visitor is given once it is known what fits.
macro_rules! plain {
    ($($deserialize:ident $take:ident $visit:ident;)*) => {$(
        fn $deserialize<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Failure> {
            match self.$take() {
                Ok(it) => visitor.$visit(it),
                Err(failure) => Err(failure),
            }
        }
    )*};
}

macro_rules! whole {
    ($($deserialize:ident $visit:ident $ty:ident;)*) => {$(
        fn $deserialize<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Failure> {
            const RANGE: RangeInclusive<i128> = $ty::MIN as i128..=$ty::MAX as i128;
            match self.whole(RANGE, stringify!($ty)) {
                Ok(it) => visitor.$visit(it as $ty),
                Err(failure) => Err(failure),
            }
        }
    )*};
}

/// What a visitor makes of fields.
macro_rules! fields {
    ($fields:expr, $visitor:ident) => {
        match $fields {
            Ok(mut fields) => match $visitor.visit_map(&mut fields) {
                Ok(value) => Ok(value),
                Err(failure) => Err(fields.explain(failure)),
            },
            Err(failure) => Err(failure),
        }
    };
}

impl<'n> Deserializer<'n> for At<'n, '_> {
    type Error = Failure;

    fn is_human_readable(&self) -> bool {
        true
    }

    plain! {
        deserialize_bool bool visit_bool;
        deserialize_f32 float visit_f64;
        deserialize_f64 float visit_f64;
        deserialize_i128 signed visit_i128;
        deserialize_u128 unsigned visit_u128;
        deserialize_char char visit_char;
        deserialize_str text visit_borrowed_str;
        deserialize_string text visit_borrowed_str;
    }

    whole! {
        deserialize_i8 visit_i8 i8;
        deserialize_i16 visit_i16 i16;
        deserialize_i32 visit_i32 i32;
        deserialize_i64 visit_i64 i64;
        deserialize_u8 visit_u8 u8;
        deserialize_u16 visit_u16 u16;
        deserialize_u32 visit_u32 u32;
        deserialize_u64 visit_u64 u64;
    }

    fn deserialize_any<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Failure> {
        let at = match self.untyped() {
            Ok(at) => at,
            Err(failure) => return Err(failure),
        };
        match at.value {
            None | Some(Node::Nil) => visitor.visit_unit(),
            Some(Node::Bool(it)) => visitor.visit_bool(*it),
            Some(Node::Int(it)) if *it < 0 => visitor.visit_i64(*it as i64),
            Some(Node::Int(it)) => visitor.visit_u64(*it as u64),
            Some(Node::Float(it)) => visitor.visit_f64(*it),
            Some(Node::Text(it)) => visitor.visit_borrowed_str(it),
            Some(Node::Bytes(it)) => visitor.visit_borrowed_bytes(it),
            Some(Node::List(_)) => visitor.visit_seq(at.elements()),
            Some(Node::Map(_)) => fields!(at.fields(type_name::<V>(), "", &[]), visitor),
        }
    }

    fn deserialize_bytes<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self.bytes() {
            Ok(at) => match at.value {
                Some(Node::List(_)) => visitor.visit_seq(at.elements()),
                Some(Node::Bytes(bytes)) => visitor.visit_borrowed_bytes(bytes),
                _ => visitor.visit_borrowed_bytes(&[]),
            },
            Err(failure) => Err(failure),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self.option(type_name::<V>()) {
            Ok(None) => visitor.visit_none(),
            Ok(Some(at)) => visitor.visit_some(at),
            Err(failure) => Err(failure),
        }
    }

    fn deserialize_unit<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self.unit() {
            Ok(()) => visitor.visit_unit(),
            Err(failure) => Err(failure),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'n>>(self, _: &'static str, visitor: V) -> Result<V::Value, Failure> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'n>>(self, _: &'static str, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self.list() {
            Ok(at) => match at.value {
                Some(Node::Bytes(bytes)) => visitor.visit_seq(ByteElements(bytes)),
                _ => visitor.visit_seq(at.elements()),
            },
            Err(failure) => Err(failure),
        }
    }

    fn deserialize_tuple<V: Visitor<'n>>(self, len: usize, visitor: V) -> Result<V::Value, Failure> {
        match self.parts(len) {
            Ok(parts) => visitor.visit_seq(parts),
            Err(failure) => Err(failure),
        }
    }

    fn deserialize_tuple_struct<V: Visitor<'n>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        match self.parts(len) {
            Ok(parts) => visitor.visit_seq(parts),
            Err(failure) => Err(failure),
        }
    }

    fn deserialize_map<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Failure> {
        fields!(self.structure(type_name::<V>(), "", &[]), visitor)
    }

    fn deserialize_struct<V: Visitor<'n>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        fields!(self.structure(type_name::<V>(), name, fields), visitor)
    }

    fn deserialize_enum<V: Visitor<'n>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        match self.variant(type_name::<V>(), name, variants) {
            Ok(variant) => match visitor.visit_enum(variant) {
                Ok(value) => {
                    variant.close();
                    Ok(value)
                }
                Err(failure) => Err(variant.explain(failure)),
            },
            Err(failure) => Err(failure),
        }
    }

    // The keys of a flattened map may be anything but a list or fields. Those are refused here, as serde would: its way
    // is a dozen functions for each struct.
    fn deserialize_identifier<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Failure> {
        let at = match self.untyped() {
            Ok(at) => at,
            Err(failure) => return Err(failure),
        };
        match at.value {
            None | Some(Node::Nil) => visitor.visit_unit(),
            Some(Node::Bool(it)) => visitor.visit_bool(*it),
            Some(Node::Int(it)) if *it < 0 => visitor.visit_i64(*it as i64),
            Some(Node::Int(it)) => visitor.visit_u64(*it as u64),
            Some(Node::Float(it)) => visitor.visit_f64(*it),
            Some(Node::Text(it)) => visitor.visit_str(it),
            Some(Node::Bytes(it)) => visitor.visit_bytes(it),
            Some(Node::List(_)) => Err(at.no_name(Unexpected::Seq, &visitor)),
            Some(Node::Map(_)) => Err(at.no_name(Unexpected::Map, &visitor)),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.ignored();
        visitor.visit_unit()
    }
}
