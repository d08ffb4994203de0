//! What became of a state's fields, by path. Pure data.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::node::Node;

/// How many paths of a kind are told; the rest is counted.
const TOLD: usize = 250;

/// One step of a path.
#[derive(Debug, Clone)]
pub(super) enum Step<'n> {
    Name(&'n str),
    /// An element of a list.
    Index(usize),
    /// An element of a tuple.
    Part(usize),
    Key(&'n Node<'n>),
}

/// The path's text, for example `enemies[3].hp`.
pub(super) fn text(path: &[Step<'_>]) -> String {
    let mut text = String::new();
    for step in path {
        let name = match step {
            Step::Index(index) | Step::Part(index) => {
                text.push_str(&format!("[{index}]"));
                continue;
            }
            Step::Name(name) => (*name).to_owned(),
            Step::Key(key) => key.to_string(),
        };
        if !text.is_empty() {
            text.push('.');
        }
        text.push_str(&name);
    }
    text
}

/// The path as far as types may differ along it, as a hash: all elements of a list have the same one.
pub(super) fn shape(path: &[Step<'_>]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for step in path {
        match step {
            Step::Name(name) => (0_u8, name).hash(&mut hasher),
            Step::Part(index) => (1_u8, index).hash(&mut hasher),
            Step::Index(_) => 2_u8.hash(&mut hasher),
            Step::Key(_) => 3_u8.hash(&mut hasher),
        }
    }
    hasher.finish()
}

/// What became of the fields.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Report {
    /// How many single values went over.
    pub(crate) kept: usize,
    /// New fields, which have the fresh state's value or an empty one.
    pub(crate) defaulted: Vec<String>,
    /// Fields that are no more.
    pub(crate) dropped: Vec<String>,
    /// Fields whose value did not fit, and why.
    pub(crate) reset: Vec<(String, String)>,
    /// Paths that are counted only.
    pub(crate) more: usize,
    /// Why nothing could be taken over, and the state is a fresh one.
    pub(crate) fresh: Option<String>,
    /// What the author's own migration has read.
    pub(crate) migrated: Vec<String>,
}

impl Report {
    pub(super) fn defaulted(&mut self, path: &[Step<'_>]) {
        if self.is_room(self.defaulted.len()) {
            self.defaulted.push(text(path));
        }
    }

    pub(super) fn dropped(&mut self, path: &[Step<'_>]) {
        if self.is_room(self.dropped.len()) {
            self.dropped.push(text(path));
        }
    }

    pub(super) fn reset(&mut self, path: &[Step<'_>], why: &str) {
        if self.is_room(self.reset.len()) {
            self.reset.push((text(path), why.to_owned()));
        }
    }

    fn is_room(&mut self, told: usize) -> bool {
        if told >= TOLD {
            self.more += 1;
        }
        told < TOLD
    }

    /// For the host: a list in the order of the fields above.
    pub(crate) fn encode(&self) -> Result<Vec<u8>, String> {
        let Self { kept, defaulted, dropped, reset, more, fresh, migrated } = self;
        crate::codec::encode(&(kept, defaulted, dropped, reset, more, fresh, migrated))
    }
}
