//! One place in the old state's tree, as a deserializer that does not fail where a value does not
//! fit: it gives the fresh state's value at the same path, or else an empty one, and notes it.

use std::any::type_name;
use std::cell::{Cell, RefCell};

use serde::Deserializer;
use serde::de::Visitor;
use serde::de::value::SeqDeserializer;

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

impl<'n> Pass<'n> {
    pub(super) fn inside<R>(&self, step: Step<'n>, work: impl FnOnce() -> R) -> R {
        self.path.borrow_mut().push(step);
        let result = work();
        self.path.borrow_mut().pop();
        result
    }
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

    fn whole(self, range: std::ops::RangeInclusive<i128>, ty: &str) -> Result<i128, Failure> {
        let fits = |node: &Node<'_>| matches!(node, Node::Int(it) if range.contains(it));
        let at = self.fitting(fits, "number", |node| format!("{node} does not fit {ty}"))?;
        at.kept();
        Ok(match at.value {
            Some(Node::Int(it)) => *it,
            _ => (*range.start()).max(0),
        })
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
}

fn nothing(node: &Node<'_>) -> bool {
    match node {
        Node::Nil => true,
        Node::List(inside) => inside.is_empty(),
        Node::Map(inside) => inside.is_empty(),
        _ => false,
    }
}

macro_rules! whole {
    ($($method:ident $visit:ident $ty:ident)*) => {$(
        fn $method<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Failure> {
            let it = self.whole(i128::from($ty::MIN)..=i128::from($ty::MAX), stringify!($ty))?;
            visitor.$visit(it as $ty)
        }
    )*};
}

impl<'n> Deserializer<'n> for At<'n, '_> {
    type Error = Failure;

    fn is_human_readable(&self) -> bool {
        true
    }

    fn deserialize_any<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Failure> {
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
        match at.value {
            None | Some(Node::Nil) => visitor.visit_unit(),
            Some(Node::Bool(it)) => visitor.visit_bool(*it),
            Some(Node::Int(it)) => match (u64::try_from(*it), i64::try_from(*it)) {
                (Ok(it), _) => visitor.visit_u64(it),
                (_, Ok(it)) => visitor.visit_i64(it),
                _ => visitor.visit_i128(*it),
            },
            Some(Node::Float(it)) => visitor.visit_f64(*it),
            Some(Node::Text(it)) => visitor.visit_borrowed_str(it),
            Some(Node::Bytes(it)) => visitor.visit_borrowed_bytes(it),
            Some(Node::List(_)) => at.elements(None, visitor),
            Some(Node::Map(_)) => at.fields("", &[], visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Failure> {
        let at = self.fitting(|node| matches!(node, Node::Bool(_)), "boolean", ToString::to_string)?;
        at.kept();
        visitor.visit_bool(matches!(at.value, Some(Node::Bool(true))))
    }

    whole! {
        deserialize_i8 visit_i8 i8
        deserialize_i16 visit_i16 i16
        deserialize_i32 visit_i32 i32
        deserialize_i64 visit_i64 i64
        deserialize_u8 visit_u8 u8
        deserialize_u16 visit_u16 u16
        deserialize_u32 visit_u32 u32
        deserialize_u64 visit_u64 u64
    }

    fn deserialize_i128<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_i128(i128::from_be_bytes(self.wide()?))
    }

    fn deserialize_u128<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_u128(u128::from_be_bytes(self.wide()?))
    }

    fn deserialize_f32<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_f64(self.float()?)
    }

    fn deserialize_f64<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_f64(self.float()?)
    }

    fn deserialize_char<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Failure> {
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
        visitor.visit_char(at.value.and_then(one).unwrap_or_default())
    }

    fn deserialize_str<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_borrowed_str(self.text()?)
    }

    fn deserialize_string<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_borrowed_str(self.text()?)
    }

    fn deserialize_bytes<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Failure> {
        let fits = |node: &Node<'_>| matches!(node, Node::Bytes(_) | Node::List(_));
        let at = self.fitting(fits, "bytes", ToString::to_string)?;
        if let Some(Node::List(_)) = at.value {
            return at.elements(None, visitor);
        }
        at.kept();
        match at.value {
            Some(Node::Bytes(bytes)) => visitor.visit_borrowed_bytes(bytes),
            _ => visitor.visit_borrowed_bytes(&[]),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Failure> {
        let at = self.enter()?;
        let value = match at.value {
            None => return visitor.visit_none(),
            Some(Node::Nil) => {
                at.kept();
                return visitor.visit_none();
            }
            Some(value) => value,
        };
        let name = type_name::<V>();
        let emptied = &at.pass.lessons.emptied;
        if !emptied.is_empty() && !at.settled {
            let key = (name, shape(&at.pass.path.borrow()), value.kind());
            if let Some(why) = emptied.get(&key) {
                at.note(|report, path| report.reset(path, why));
                return visitor.visit_none();
            }
        }
        let is_empty = at.fresh.is_none_or(|fresh| *fresh == Node::Nil);
        visitor.visit_some(Self { option: is_empty.then_some(name), ..at })
    }

    fn deserialize_unit<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Failure> {
        let at = self.fitting(nothing, "nothing", |_| String::new())?;
        at.kept();
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'n>>(self, _: &'static str, visitor: V) -> Result<V::Value, Failure> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'n>>(self, _: &'static str, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Failure> {
        let fits = |node: &Node<'_>| matches!(node, Node::List(_) | Node::Bytes(_));
        let at = self.fitting(fits, "list", ToString::to_string)?;
        if let Some(Node::Bytes(bytes)) = at.value {
            at.kept();
            return visitor.visit_seq(SeqDeserializer::new(bytes.iter().copied()));
        }
        at.elements(None, visitor)
    }

    fn deserialize_tuple<V: Visitor<'n>>(self, len: usize, visitor: V) -> Result<V::Value, Failure> {
        self.tuple(len, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'n>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.tuple(len, visitor)
    }

    fn deserialize_map<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Failure> {
        let at = self.fitting(|node| matches!(node, Node::Map(_)), "fields", ToString::to_string)?;
        at.fields("", &[], visitor)
    }

    fn deserialize_struct<V: Visitor<'n>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.structure(name, fields, visitor)
    }

    fn deserialize_enum<V: Visitor<'n>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.enumeration(name, variants, visitor)
    }

    fn deserialize_identifier<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.deserialize_any(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'n>>(self, visitor: V) -> Result<V::Value, Failure> {
        if self.value.is_some() {
            self.note(Report::dropped);
        }
        visitor.visit_unit()
    }
}
