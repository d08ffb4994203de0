//! The state of another version of the guest, on its way into this one's type. What is generic is kept small, as in
//! `salvage`.

#![expect(clippy::question_mark, reason = "see `codec`")]

use std::cell::RefCell;
use std::error::Error;
use std::fmt;
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::codec;
use crate::salvage::{self, Node, Report};

/// Why a state cannot be migrated: any error, and also a text (`Err("why".into())`).
pub type MigrateError = Box<dyn Error + Send + Sync>;

/// The state that another version of the guest left.
///
/// Paths name fields, elements and keys: `player.name`, `enemies[3].hp`.
pub struct OldState<'a> {
    bytes: &'a [u8],
    tree: Node<'a>,
    is_migrating: bool,
    report: RefCell<Report>,
    /// What [`OldState::carry`] made of it, to be seen what the author changed afterwards.
    carried: RefCell<Vec<u8>>,
    /// What the author asked for by path.
    read: RefCell<Vec<String>>,
}

impl fmt::Debug for OldState<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OldState").field(&self.tree).finish()
    }
}

impl<'a> OldState<'a> {
    pub(crate) fn read(bytes: &'a [u8], is_migrating: bool) -> Result<Self, String> {
        let tree = Node::read(bytes)?;
        let (report, carried, read) = (RefCell::default(), RefCell::default(), RefCell::default());
        Ok(Self { bytes, tree, is_migrating, report, carried, read })
    }

    /// What fits by name, as it is done for a guest without [`State::migrate`](crate::State::migrate):
    /// fields of a fresh state where there is nothing, or nothing that fits.
    #[must_use]
    pub fn carry<T: Default + Serialize + DeserializeOwned>(&self) -> T {
        let mut fresh = || codec::encode(&T::default()).ok();
        let (state, report) = match salvage::salvage(&PhantomData::<T>, &self.tree, &mut fresh) {
            Ok(done) => done,
            // A type with ways of its own may still read what the decoder itself gives it.
            Err(why) => match codec::decode::<T>(self.bytes) {
                Ok(state) => (state, Report { kept: self.tree.leaves(), ..Report::default() }),
                Err(_) => (T::default(), Report { fresh: Some(why), ..Report::default() }),
            },
        };
        self.report.replace(report);
        // Only a migration goes on from here.
        if self.is_migrating {
            self.carried.replace(codec::encode(&state).unwrap_or_default());
        }
        state
    }

    /// The value at a path.
    ///
    /// # Errors
    ///
    /// There is none, or it does not fit `T`.
    pub fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, MigrateError> {
        let ty = std::any::type_name::<T>();
        let node = match self.node(path) {
            Ok(node) => node,
            Err(why) => return Err(why),
        };
        match salvage::salvage(&PhantomData::<T>, node, &mut no_fresh) {
            Ok((value, report)) => match self.taken(path, ty, &report) {
                Ok(()) => Ok(value),
                Err(why) => Err(why),
            },
            Err(why) => Err(unfit(path, ty, &why)),
        }
    }

    fn node(&self, path: &str) -> Result<&Node<'a>, MigrateError> {
        Ok(self.tree.at(path).ok_or_else(|| format!("the old state has no `{path}`"))?)
    }

    /// The value at a path was read, if it did fit.
    fn taken(&self, path: &str, ty: &str, report: &Report) -> Result<(), MigrateError> {
        if let Some((_, why)) = report.reset.first() {
            return Err(unfit(path, ty, why));
        }
        self.read.borrow_mut().push(path.to_owned());
        Ok(())
    }

    /// Whether there is a value at a path.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.tree.at(path).is_some()
    }

    /// What became of it.
    pub(crate) fn into_report(self) -> Report {
        self.report.into_inner()
    }

    /// What became of it, after the author made `state` of it.
    pub(crate) fn into_report_on<T: Serialize>(self, state: &T) -> Report {
        self.compared(&codec::encode(state).unwrap_or_default())
    }

    fn compared(self, made: &[u8]) -> Report {
        let mut read = self.read.take();
        let mut report = self.report.take();
        let carried = self.carried.take();
        // What the author has read is not lost. What was carried over all the same is no news.
        let is_within = |read: &str, path: &str| {
            read.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        if !carried.is_empty() {
            let lost = report.dropped.iter().chain(report.reset.iter().map(|(path, _)| path));
            let lost: Vec<String> = lost.cloned().collect();
            read.retain(|read| lost.iter().any(|path| is_within(read, path)));
        }
        report.dropped.retain(|path| !read.iter().any(|read| is_within(read, path)));
        report.kept += read.len();
        report.migrated = read;
        if let (Ok(carried), Ok(made)) = (Node::read(&carried), Node::read(made)) {
            let is_as_carried = |path: &String| carried.at(path) == made.at(path);
            report.defaulted.retain(is_as_carried);
            report.reset.retain(|(path, _)| is_as_carried(path));
        }
        if report.kept > 0 {
            report.fresh = None;
        }
        report
    }
}

/// A value that is asked for by path has no fresh one.
fn no_fresh() -> Option<Vec<u8>> {
    None
}

fn unfit(path: &str, ty: &str, why: &str) -> MigrateError {
    format!("the old state's `{path}` does not fit {ty}: {why}").into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Serialize)]
    struct Before {
        feet: f64,
        name: String,
        places: Vec<(i32, i32)>,
        hp: u8,
    }

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    struct After {
        metres: f64,
        name: String,
        places: Vec<i32>,
        hp: String,
    }

    fn bytes() -> Vec<u8> {
        let places = vec![(1, 2), (3, 4)];
        codec::encode(&Before { feet: 8.0, name: "Ada".to_owned(), places, hp: 3 }).expect("encodes")
    }

    #[test]
    fn what_the_author_takes_over_is_not_said_to_be_lost() {
        let bytes = bytes();
        let old = OldState::read(&bytes, true).expect("reads");
        let mut new: After = old.carry();
        assert_eq!((new.name.as_str(), new.places.as_slice()), ("Ada", &[0, 0][..]));
        new.metres = old.get::<f64>("feet").expect("is there") * 0.25;
        new.places[1] = old.get::<i32>("places[1][0]").expect("is there");
        assert_eq!(old.get::<String>("name").expect("is there"), "Ada");
        let report = old.into_report_on(&new);
        assert_eq!((report.kept, report.migrated), (3, vec!["feet".to_owned(), "places[1][0]".to_owned()]));
        assert_eq!((report.defaulted.len(), report.dropped.len()), (0, 0));
        let reset: Vec<&str> = report.reset.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(reset, ["places[0]", "hp"], "the author did nothing about these");
    }

    #[test]
    fn without_carrying_what_was_read_is_what_was_kept() {
        let bytes = bytes();
        let old = OldState::read(&bytes, true).expect("reads");
        let new = After { name: old.get("name").expect("is there"), ..After::default() };
        let report = old.into_report_on(&new);
        assert_eq!((report.kept, report.migrated), (1, vec!["name".to_owned()]));
    }

    #[test]
    fn what_is_not_there_or_does_not_fit_is_an_error() {
        let bytes = bytes();
        let old = OldState::read(&bytes, true).expect("reads");
        assert!(old.has("places[0][1]") && !old.has("places[2]") && !old.has("miles") && !old.has("name.x"));
        for (path, words) in [
            ("miles", "the old state has no `miles`"),
            ("places[9][0]", "the old state has no `places[9][0]`"),
            ("name", "the old state's `name` does not fit u8: was string, now number"),
            ("hp.x", "the old state has no `hp.x`"),
        ] {
            assert_eq!(old.get::<u8>(path).expect_err(path).to_string(), words);
        }
    }
}
