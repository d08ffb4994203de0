//! How the guest of a replay is linked: by what rustc would call for it, without what that costs each time anew.
//!
//! | module | its job |
//! |---|---|
//! | `line` | how rustc calls the linker for a guest, and how its base is linked (pure) |
//! | `recorder` | the hidden subcommand that writes down how rustc calls the linker |
//! | `driver` | how to call the linker without the compiler driver in front of it (pure) |
//! | `script` | the script that stands in for the linker (pure) |
//! | `base` | links the base library, and tells whether it still is what its crates are |
//!
//! rustc knows nothing of it. A replay names our script as its linker, which changes nothing that rustc
//! tracks. At first the script has it written down how rustc calls the linker, and what the compiler driver makes
//! of that; later it calls the linker itself with the same words, if they are understood.
//!
//! The **base library** is all that a guest depends on, the standard library included, linked once into one
//! shared library that stays loaded. A version is then only the guest's own code, linked against it. It is linked
//! from what was written down, after the build, when nobody waits; later replays leave out what it holds.
//! The crates of the SDK stay with each version, and so does whatever depends on them: their statics are
//! a version's own list of exports. A version that was linked against a base library is marked never to be
//! unloaded: the statics of its dependencies outlive it, and may point into it.
//!
//! What cannot be had leads to an ordinary link, never to a failed build.

mod base;
mod driver;
mod line;
mod recorder;
mod script;

use std::ffi::OsStr;
use std::fs::DirEntry;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base::Base;
pub(super) use base::{Order, Recording};
use driver::Direct;
use line::Line;
use recorder::LINE;
pub use recorder::{SUBCOMMAND, record};
use script::{STANDING, Script, Standing};

use super::facts::FileFacts;
use super::replay::Invocation;
use crate::history::read_json;
use crate::history::record::ArtifactRecord;
use crate::platform;

/// The linker that rustc calls on Linux where nothing else is said: rustc's target specifications.
const LINKER: &str = "cc";

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

/// How the guest of a replay is linked. By default as cargo would.
#[derive(Debug, Default)]
pub(super) struct Linking {
    /// What rustc is given as its linker.
    linker: Option<PathBuf>,
    /// What has it stand ready for the next replay.
    standing: Option<PathBuf>,
    /// The base library that the guest is linked against.
    base: Option<ArtifactRecord>,
    /// It is written down how rustc calls the linker; counted, see [`Links::recordings`].
    recording: Option<u64>,
}

impl Linking {
    /// What rustc is given as its linker.
    pub(super) fn linker(&self) -> Option<&Path> {
        self.linker.as_deref()
    }

    /// What has the linker stand ready for the next replay.
    pub(super) fn standing(&self) -> Option<&Path> {
        self.standing.as_deref()
    }

    /// The base library that the guest is linked against.
    pub(super) fn base(&self) -> Option<&ArtifactRecord> {
        self.base.as_ref()
    }

    /// Whether it is written down how rustc calls the linker.
    pub(super) fn is_recorded(&self) -> bool {
        self.recording.is_some()
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

impl Places {
    /// The script in place of this linker, called as that is: rustc takes from that name how to speak to it.
    fn write(&self, linker: &str, script: &str) -> Option<PathBuf> {
        self.write_as(Path::new(linker).file_name()?, script)
    }

    /// The script that has the linker stand ready. Those of other texts go, with what they have left behind.
    fn write_standing(&self, Standing { name, text }: &Standing) -> Option<PathBuf> {
        let folder = self.folder.join("linker");
        if !folder.join(name).exists() {
            let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
            let is_old = |entry: &DirEntry| entry.file_name().to_str().is_some_and(|name| name.starts_with(STANDING));
            // What stays does no harm.
            entries.filter(is_old).for_each(|entry| drop(std::fs::remove_file(entry.path())));
        }
        self.write_as(name.as_ref(), text)
    }

    fn write_as(&self, name: &OsStr, script: &str) -> Option<PathBuf> {
        let path = self.folder.join("linker").join(name);
        if std::fs::read_to_string(&path).is_ok_and(|there| there == script) {
            return Some(path);
        }
        platform::create_private_dir(path.parent()?).ok()?;
        platform::write_script(&path, script).ok()?;
        Some(path)
    }
}

/// What a session knows of linking its guest.
#[derive(Debug, Default)]
pub(super) struct Links {
    base: BaseState,
    /// The base library is being linked for the first time, or anew.
    is_made: bool,
    /// How often it was to be written down how rustc calls the linker.
    recordings: u64,
    driver: Driver,
}

#[derive(Debug, Default)]
enum BaseState {
    /// Nobody has looked for one of an earlier session.
    #[default]
    Unknown,
    None,
    Ready(Box<Base>),
    /// It was tried, and it cannot be had.
    Off,
}

/// What is known of the compiler driver.
#[derive(Debug, Default)]
enum Driver {
    #[default]
    Unknown,
    /// For a guest that is compiled so: how to do without it, if that is understood.
    Known(Box<Invocation>, Option<Direct>),
    /// It was tried, and did not go well.
    Needed,
}

/// What decides how a replay links.
#[derive(Debug)]
pub(super) struct Wanted<'a> {
    pub places: &'a Places,
    /// Serves [`SUBCOMMAND`].
    pub executable: &'a Path,
    /// How the guest is compiled.
    pub guest: &'a Invocation,
    /// If a base library is asked for: what it has to hold.
    pub base: Option<Needs>,
}

/// What a base library has to hold.
#[derive(Debug)]
pub(super) struct Needs {
    /// Libraries that this replay builds anew, before the guest is linked: a base that holds one is out of date.
    pub anew: Vec<PathBuf>,
    /// Libraries that the guest is given by name, and that belong into its base: other ones after a change of
    /// its dependencies, features or profile.
    pub needed: Vec<PathBuf>,
}

impl Links {
    /// How the guest is to be linked now. What stands in the way of something better means: as cargo would.
    pub(super) fn linking(&mut self, wanted: &Wanted<'_>) -> Linking {
        if !platform::LINKS_BY_SCRIPT {
            return Linking::default();
        }
        self.try_linking(wanted).unwrap_or_default()
    }

    fn try_linking(&mut self, wanted: &Wanted<'_>) -> Option<Linking> {
        let Wanted { places, executable, guest, base: needs } = wanted;
        if needs.is_some() && matches!(self.base, BaseState::Unknown) {
            self.base = Base::read(places).map_or(BaseState::None, |base| BaseState::Ready(Box::new(base)));
        }
        let base = match (&self.base, needs) {
            (BaseState::Ready(base), Some(needs)) if base.holds(&needs.needed, &needs.anew) => Some(base),
            _ => None,
        };
        // One that is just being linked, of what was there before, is soon known to be out of date.
        let makes_base = needs.is_some() && base.is_none() && !matches!(self.base, BaseState::Off);
        // Another linker than rustc's own choice may be a program of the user's.
        let direct = match &self.driver {
            _ if guest.linker().is_some() => Some(None),
            Driver::Known(known, direct) if guest.is_as(known) => Some(direct.as_ref()),
            Driver::Needed => Some(None),
            Driver::Unknown | Driver::Known(..) => None,
        };
        let is_recorded = makes_base || direct.is_none();
        let direct = direct.flatten();
        if !is_recorded && base.is_none() && direct.is_none() {
            return None;
        }
        let program = guest.linker().unwrap_or(LINKER);
        let recorder = (executable.to_str()?, places.folder.to_str()?);
        let script = Script { program, recorder: is_recorded.then_some(recorder), base: None, direct };
        let (texts, base) = match base.and_then(|base| Some((base.texts(script)?, base))) {
            Some((texts, base)) => (texts, Some(base.record.clone())),
            None => (script.texts()?, None),
        };
        if is_recorded {
            self.recordings += 1;
            // An old recording is not to be taken for a new one.
            let _ = std::fs::remove_file(places.folder.join(LINE));
        }
        let linker = places.write(program, &texts.script)?;
        let standing = texts.standing.and_then(|standing| places.write_standing(&standing));
        Some(Linking { linker: Some(linker), standing, base, recording: is_recorded.then_some(self.recordings) })
    }

    /// After a replay that has recorded how the linker is called for a guest that is compiled so.
    pub(super) fn learn(&mut self, places: &Places, guest: &Invocation) {
        if matches!(self.driver, Driver::Needed) {
            return;
        }
        // What was not written down this time may be the next time.
        if let Ok(line) = read_json::<Line>(&places.folder.join(LINE)) {
            self.driver = Driver::Known(Box::new(guest.clone()), line.direct);
        }
    }

    /// After a replay that has recorded how the linker is called: what was recorded, if a base library is to be linked of
    /// it now. If so, [`Links::made`] is to be told how that went.
    pub(super) fn begin(&mut self, places: &Places, linking: &Linking) -> Option<Recording> {
        // The next replay may have begun to record anew, and leads to a base library itself.
        let is_latest = linking.recording == Some(self.recordings);
        let is_due = is_latest && linking.base.is_none() && !self.is_made && !matches!(self.base, BaseState::Off);
        self.is_made |= is_due;
        is_due.then(|| Recording::read(places))
    }

    /// What linking it has come to: what can be told.
    pub(super) fn made(
        &mut self,
        made: Result<Option<(Base, BaseLibrary)>, String>,
    ) -> Option<Result<BaseLibrary, String>> {
        self.is_made = false;
        let (base, told) = match made {
            Ok(Some((base, told))) => (BaseState::Ready(Box::new(base)), Some(Ok(told))),
            Ok(None) => (BaseState::None, None),
            Err(why) => (BaseState::Off, Some(Err(why))),
        };
        self.base = base;
        told
    }

    /// Links as cargo would from now on: in this session, and against a new base library in the next.
    pub(super) fn turn_off(&mut self, places: &Places, linking: &Linking) {
        if linking.base.is_some() {
            Base::forget(places);
            self.base = BaseState::Off;
        }
        self.driver = Driver::Needed;
    }
}

/// A library and what is known of the file.
type Library = (PathBuf, FileFacts);

#[cfg(test)]
mod tests {
    use super::*;

    /// The file of an earlier one is gone by then, which is no reason to do without a base library.
    #[test]
    fn only_the_latest_recording_leads_to_a_base_library_and_only_to_one() {
        let folder = tempfile::tempdir().unwrap();
        let places = Places { folder: folder.path().to_owned(), kept: folder.path().to_owned() };
        let mut links = Links { recordings: 2, ..Links::default() };
        let mut is_due = |recording| links.begin(&places, &Linking { recording, ..Linking::default() }).is_some();
        assert_eq!([None, Some(1), Some(2), Some(2)].map(&mut is_due), [false, false, true, false]);
        assert!(links.made(Ok(None)).is_none());
        assert!(links.begin(&places, &Linking { recording: Some(2), ..Linking::default() }).is_some());
    }
}
