//! The base library: all that a guest depends on, the standard library included, linked once into one
//! shared library that stays loaded. A version is then only the guest's own code, linked against it.
//!
//! | module | its job |
//! |---|---|
//! | `line` | how rustc calls the linker for a guest, and what becomes of that (pure) |
//! | `linker` | what a replay gives to rustc as its linker: a script that records, or links against the base |
//! | `make` | links the base library, and tells whether it still is what its crates are |
//!
//! rustc knows nothing of it. A replay names our script as its linker, which changes nothing that rustc
//! tracks. As long as there is no base library, the script writes down how rustc calls the linker, and
//! calls it. From that the base library is linked, after the build, when nobody waits; later replays
//! leave out what it holds. What cannot be had leads to an ordinary link, never to a failed build.
//!
//! The crates of the SDK stay with each version, and so does whatever depends on them: their statics are
//! a version's own list of exports. A version that was linked against a base library is marked never to be
//! unloaded: the statics of its dependencies outlive it, and may point into it.

mod line;
mod linker;
mod make;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub use linker::{SUBCOMMAND, record};
use make::Base;
pub(super) use make::Order;

use super::facts::FileFacts;
use crate::history::record::ArtifactRecord;
use crate::platform;

/// A base library that was linked, in words for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseLibrary {
    /// How many crates are in it.
    pub crates: usize,
    /// Its size in bytes.
    pub bytes: u64,
    /// How long linking it took.
    pub took: Duration,
}

/// How the guest of a replay is linked.
#[derive(Debug)]
pub(super) enum Linking {
    /// As cargo would.
    Plain,
    /// The same, and it is written down how. By this linker.
    Recorded(PathBuf),
    /// Against the base library. By this linker.
    OnBase(PathBuf, ArtifactRecord),
}

impl Linking {
    /// What rustc is given as its linker.
    pub(super) fn linker(&self) -> Option<&Path> {
        match self {
            Self::Plain => None,
            Self::Recorded(linker) | Self::OnBase(linker, _) => Some(linker),
        }
    }

    /// The base library that the guest is linked against.
    pub(super) fn base(&self) -> Option<&ArtifactRecord> {
        match self {
            Self::OnBase(_, base) => Some(base),
            Self::Plain | Self::Recorded(_) => None,
        }
    }
}

/// Where a guest's base library comes from and goes to.
#[derive(Debug, Clone)]
pub(super) struct Places {
    /// For scripts and recordings: one guest's, by its features and profile.
    pub folder: PathBuf,
    /// For base libraries: versions need them.
    pub kept: PathBuf,
}

/// What a session knows of the base library.
#[derive(Debug, Default)]
pub(super) struct Bases {
    state: State,
    /// The guest is being linked for the first time, or anew.
    is_made: bool,
}

#[derive(Debug, Default)]
enum State {
    /// Nobody has looked for one of an earlier session.
    #[default]
    Unknown,
    None,
    Ready(Box<Base>),
    /// It was tried, and it cannot be had.
    Off,
}

/// What decides how a replay links.
#[derive(Debug)]
pub(super) struct Wanted<'a> {
    pub places: &'a Places,
    /// Serves [`SUBCOMMAND`].
    pub executable: &'a Path,
    /// The linker that rustc would call.
    pub linker: &'a str,
    /// Libraries that this replay builds anew, before the guest is linked.
    pub anew: &'a [PathBuf],
    /// Libraries that the guest is given by name, and that belong into its base: other ones after a change of
    /// its dependencies, features or profile.
    pub needed: &'a [PathBuf],
}

impl Bases {
    /// How the guest is to be linked now. What stands in the way of a base library means: as cargo would.
    pub(super) fn linking(&mut self, wanted: &Wanted<'_>) -> Linking {
        if !platform::HAS_BASE_LIBRARIES {
            return Linking::Plain;
        }
        if matches!(self.state, State::Unknown) {
            self.state = Base::read(wanted.places).map_or(State::None, |base| State::Ready(Box::new(base)));
        }
        let base = match &self.state {
            State::Off => return Linking::Plain,
            State::Ready(base) if base.holds(wanted.needed, wanted.anew) => Some(base),
            _ => None,
        };
        let Some(base) = base else {
            // One that is just being linked, of what was there before, is soon known to be out of date.
            let script = linker::recording(wanted.executable, &wanted.places.folder, wanted.linker);
            return script.map_or(Linking::Plain, Linking::Recorded);
        };
        match linker::on_base(&wanted.places.folder, wanted.linker, base) {
            Ok(linker) => Linking::OnBase(linker, base.record.clone()),
            Err(_) => Linking::Plain,
        }
    }

    /// After a replay that has recorded how the linker is called: whether a base library is to be linked
    /// now. If so, [`Bases::made`] is to be told how that went.
    pub(super) fn begin(&mut self) -> bool {
        !std::mem::replace(&mut self.is_made, true)
    }

    /// What linking it has come to: what can be told.
    pub(super) fn made(
        &mut self,
        made: Result<Option<(Base, BaseLibrary)>, String>,
    ) -> Option<Result<BaseLibrary, String>> {
        self.is_made = false;
        let (state, told) = match made {
            Ok(Some((base, told))) => (State::Ready(Box::new(base)), Some(Ok(told))),
            Ok(None) => (State::None, None),
            Err(why) => (State::Off, Some(Err(why))),
        };
        self.state = state;
        told
    }

    /// Links against none any more in this session, and against a new one in the next.
    pub(super) fn turn_off(&mut self, places: &Places) {
        Base::forget(places);
        self.state = State::Off;
    }
}

/// A library and what is known of the file.
type Library = (PathBuf, FileFacts);
