//! What failed attempts to decode a state have taught: bounded, and by type where that is possible,
//! so that one attempt serves all values of the type. Pure data.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::{self, Display};
use std::ops::{Deref, DerefMut};

use serde::de;

/// A type as far as a deserializer can tell it from others: its visitor's name, its own, and where
/// the list of its fields or variants lies.
pub(crate) type TypeKey = (&'static str, &'static str, usize);

/// An `Option`'s type and the shape of the path to it, and the kind of value that it cannot hold.
pub(crate) type Emptied = (&'static str, u64, &'static str);

/// A place in the state's tree, as a hash of the path to it.
pub(crate) type Place = u64;

/// What to do otherwise in the next attempt.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Lesson {
    /// Have the fresh state at hand.
    Defaults,
    /// Give this field, and perhaps these, where they are not there.
    Supply(TypeKey, &'static str, Vec<String>),
    /// The first key stands for the second one.
    Alias(TypeKey, String, &'static str),
    /// Give this key before the others.
    First(TypeKey, String),
    /// Leave this key out.
    DropKey(TypeKey, String),
    /// Leave out keys of this kind.
    DropKeys(TypeKey, &'static str),
    /// Leave this entry out.
    DropEntry(Place),
    /// This variant is no more.
    Variant(TypeKey, String),
    /// Make an enum's value out of nothing by its next variant.
    NextVariant(TypeKey),
    /// An `Option` of this type takes no value of this kind: why.
    Emptied(Emptied, String),
    /// Put the fresh state's value here; at the second time, an empty one.
    Replace(Place, String),
    /// Trust no value here whose type was not asked for.
    Distrust(Place),
    /// Nothing more can be tried.
    GiveUp,
}

/// How often a lesson about one place may be repeated.
const STAGES: u8 = 2;

/// How often the same place may be trusted less.
pub(super) const MOST_DISTRUST: u8 = 3;

/// All lessons so far.
#[derive(Debug, Default)]
pub(super) struct Lessons {
    pub(super) supply: BTreeMap<TypeKey, Vec<String>>,
    asked: BTreeSet<(TypeKey, &'static str)>,
    pub(super) aliases: BTreeMap<TypeKey, Vec<(String, &'static str)>>,
    pub(super) first: BTreeSet<(TypeKey, String)>,
    pub(super) drop_key: BTreeSet<(TypeKey, String)>,
    pub(super) drop_keys: BTreeSet<(TypeKey, &'static str)>,
    pub(super) drop_entry: BTreeSet<Place>,
    pub(super) variants: BTreeSet<(TypeKey, String)>,
    pub(super) neutral: BTreeMap<TypeKey, usize>,
    pub(super) emptied: HashMap<Emptied, String>,
    pub(super) replace: HashMap<Place, (u8, String)>,
    pub(super) distrust: HashMap<Place, u8>,
}

impl Lessons {
    /// Whether anything is to be left out anywhere.
    pub(super) fn drops(&self) -> bool {
        !(self.drop_key.is_empty() && self.drop_keys.is_empty() && self.drop_entry.is_empty())
    }

    /// `false`: known already, so that trying again would end in the same way.
    pub(super) fn learn(&mut self, lesson: Lesson) -> bool {
        match lesson {
            Lesson::Supply(key, asked, more) => {
                let supply = self.supply.entry(key).or_default();
                for name in more.into_iter().chain([asked.to_owned()]) {
                    if !supply.contains(&name) {
                        supply.push(name);
                    }
                }
                self.asked.insert((key, asked))
            }
            Lesson::Alias(key, alias, name) => {
                let aliases = self.aliases.entry(key).or_default();
                let is_new = !aliases.iter().any(|known| *known == (alias.clone(), name));
                aliases.push((alias, name));
                is_new
            }
            Lesson::First(key, name) => self.first.insert((key, name)),
            Lesson::DropKey(key, name) => self.drop_key.insert((key, name)),
            Lesson::DropKeys(key, kind) => self.drop_keys.insert((key, kind)),
            Lesson::DropEntry(place) => self.drop_entry.insert(place),
            Lesson::Variant(key, name) => self.variants.insert((key, name)),
            Lesson::NextVariant(key) => {
                *self.neutral.entry(key).or_default() += 1;
                true
            }
            Lesson::Emptied(emptied, why) => self.emptied.insert(emptied, why).is_none(),
            Lesson::Replace(place, why) => {
                let (stage, _) = self.replace.entry(place).or_insert((0, why));
                *stage = stage.saturating_add(1);
                *stage <= STAGES
            }
            Lesson::Distrust(place) => {
                let stage = self.distrust.entry(place).or_default();
                *stage = stage.saturating_add(1);
                *stage <= MOST_DISTRUST
            }
            // The attempts' own business.
            Lesson::Defaults | Lesson::GiveUp => false,
        }
    }
}

/// What serde said.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Said {
    Missing(&'static str),
    Duplicate(&'static str),
    UnknownField(String),
    UnknownVariant(String),
    Other,
}

/// Why an attempt failed, and what follows from it as soon as somebody on the way out knows.
///
/// Boxed: it goes through all results, which are many and mostly good.
#[derive(Debug)]
pub(crate) struct Failure(Box<Facts>);

/// What is known of a failure.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(super) said: Said,
    pub(super) message: String,
    pub(super) lesson: Option<Lesson>,
    /// The places that it came through, the innermost first.
    pub(super) trail: Vec<Place>,
}

impl Deref for Failure {
    type Target = Facts;

    fn deref(&self) -> &Facts {
        &self.0
    }
}

impl DerefMut for Failure {
    fn deref_mut(&mut self) -> &mut Facts {
        &mut self.0
    }
}

impl Failure {
    fn new(said: Said, message: String) -> Self {
        Self(Box::new(Facts { said, message, lesson: None, trail: Vec::new() }))
    }

    pub(super) fn teaching(lesson: Lesson, message: impl Into<String>) -> Self {
        let mut failure = Self::new(Said::Other, message.into());
        failure.lesson = Some(lesson);
        failure
    }

    /// On its way out of this place.
    pub(super) fn out_of(mut self, place: Place) -> Self {
        self.trail.push(place);
        if self.lesson.is_none() {
            self.lesson = Some(Lesson::Replace(place, self.message.clone()));
        }
        self
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl de::Error for Failure {
    fn custom<T: Display>(message: T) -> Self {
        Self::new(Said::Other, message.to_string())
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(Said::Missing(field), format!("the field `{field}` is missing"))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::new(Said::Duplicate(field), format!("the field `{field}` is there twice"))
    }

    fn unknown_field(field: &str, _: &'static [&'static str]) -> Self {
        Self::new(Said::UnknownField(field.to_owned()), format!("the field `{field}` is not known"))
    }

    fn unknown_variant(variant: &str, _: &'static [&'static str]) -> Self {
        Self::new(Said::UnknownVariant(variant.to_owned()), format!("there is no variant `{variant}`"))
    }
}
