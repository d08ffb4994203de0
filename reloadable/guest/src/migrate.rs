//! The state of another version of the guest, on its way into this one's type.

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
    report: RefCell<Report>,
    /// What the author asked for by path.
    read: RefCell<Vec<String>>,
}

impl fmt::Debug for OldState<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OldState").field(&self.tree).finish()
    }
}

impl<'a> OldState<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, String> {
        let tree = Node::read(bytes)?;
        Ok(Self { bytes, tree, report: RefCell::default(), read: RefCell::default() })
    }

    /// What fits by name, as it is done for a guest without [`State::migrate`](crate::State::migrate):
    /// fields of a fresh state where there is nothing, or nothing that fits.
    #[must_use]
    pub fn carry<T: Default + Serialize + DeserializeOwned>(&self) -> T {
        let fresh = || codec::encode(&T::default()).ok();
        let (state, report) = match salvage::salvage(&PhantomData::<T>, &self.tree, fresh) {
            Ok(done) => done,
            // A type with ways of its own may still read what the decoder itself gives it.
            Err(why) => match codec::decode::<T>(self.bytes) {
                Ok(state) => (state, Report { kept: self.tree.leaves(), ..Report::default() }),
                Err(_) => (T::default(), Report { fresh: Some(why), ..Report::default() }),
            },
        };
        self.report.replace(report);
        state
    }

    /// The value at a path.
    ///
    /// # Errors
    ///
    /// There is none, or it does not fit `T`.
    pub fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, MigrateError> {
        let node = self.tree.at(path).ok_or_else(|| format!("the old state has no `{path}`"))?;
        let ty = std::any::type_name::<T>();
        let (value, report) = salvage::salvage(&PhantomData::<T>, node, || None)
            .map_err(|why| format!("the old state's `{path}` does not fit {ty}: {why}"))?;
        if let Some((_, why)) = report.reset.first() {
            return Err(format!("the old state's `{path}` does not fit {ty}: {why}").into());
        }
        self.read.borrow_mut().push(path.to_owned());
        Ok(value)
    }

    /// Whether there is a value at a path.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.tree.at(path).is_some()
    }

    /// What became of it.
    pub(crate) fn into_report(self) -> Report {
        let mut report = self.report.into_inner();
        let read = self.read.into_inner();
        // What the author took over by hand is not lost.
        report.dropped.retain(|path| !read.contains(path));
        report.reset.retain(|(path, _)| !read.contains(path));
        report.kept += read.len();
        if report.kept > 0 {
            report.fresh = None;
        }
        report
    }
}
