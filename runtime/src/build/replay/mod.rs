//! rustc run just as cargo ran it, without cargo: what a build by cargo shows is recorded, and when
//! only sources change that recorded crates read, these crates are compiled by the same commands.
//!
//! | module | its job |
//! |---|---|
//! | `recorder` | the hidden subcommand that cargo runs as its wrapper, and the script in front of it |
//! | `invocation` | one run of rustc, as data |
//! | `recorded` | all that a build has shown of a guest's crates |
//! | `decide` | replay, for which crates, or cargo, and why (pure) |
//! | `run` | runs rustc |
//! | `ahead` | a rustc that is started before the save |
//! | `phases` | where its time went, by what it leaves behind |
//! | `reason` | the path that was taken, in words |
//!
//! A replay is cargo's own command, and writes where cargo's rustc writes: into another folder, rustc's
//! incremental cache would be worth nothing to it, nor to cargo afterwards. What cargo knows of the
//! crate is removed first (its fingerprint), so that cargo builds it again whatever the times of files
//! say. Everything here happens under the build lock (`build/lock.rs`), on a build's thread.

mod ahead;
mod decide;
mod folders;
mod invocation;
mod phases;
mod reason;
mod recorded;
mod recorder;
mod run;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

pub(super) use invocation::Invocation;
pub use phases::Phases;
pub use reason::{BuildPath, Fallback};
pub(super) use recorded::Finished;
pub use recorder::{SUBCOMMAND, record};
pub(super) use run::{Replayed, Rest};

use super::cancel::Cancel;
use super::facts::FileFacts;
use super::link::{self, BaseLibrary, Linking, Links, Needs, Places, Wanted};
use super::{Project, environment};
use crate::history::record::SourceHashes;
use crate::history::{self, write_json};
use crate::session::status::differing;
use crate::warden::Warden;
use ahead::Ahead;
use decide::Facts;
use folders::Folders;
use recorded::{Recorded, Unit};
use recorder::Base;
use run::Task;

/// Cargo's name for a wrapper that stands in front of rustc for the crates of the workspace.
const WRAPPER: &str = "RUSTC_WORKSPACE_WRAPPER";

/// What a session knows for its replays.
#[derive(Debug)]
pub struct Replays {
    /// Serves [`SUBCOMMAND`].
    executable: PathBuf,
    state: Mutex<State>,
    /// Ends what is being made ready for the next replay.
    ending: Cancel,
    /// Held while that is made ready.
    preparing: Mutex<()>,
    /// How many compilers have made their library and are not gone yet.
    resting: Mutex<usize>,
    /// One of them is gone.
    is_gone: Condvar,
}

/// A compiler that nobody waits for but the session's end.
#[derive(Debug)]
pub(super) struct Resting<'a>(&'a Replays);

impl Drop for Resting<'_> {
    fn drop(&mut self) {
        *self.0.resting.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.0.is_gone.notify_all();
    }
}

#[derive(Debug)]
struct State {
    recorded: Result<Box<Recorded>, Fallback>,
    /// Why nothing is replayed, whatever is recorded.
    off: Option<Fallback>,
    /// How many replays there were.
    count: u64,
    links: Links,
    ahead: Ahead,
}

/// A replay that was decided on.
#[derive(Debug)]
pub(super) struct Plan {
    units: Vec<usize>,
    /// The crates' names.
    pub crates: Vec<String>,
    linking: Linking,
}

impl Plan {
    /// The path, for people and for the history.
    pub(super) fn path(&self) -> BuildPath {
        BuildPath::Replay { crates: self.crates.clone(), base: self.linking.base().cloned() }
    }
}

impl Replays {
    /// Nothing is recorded yet. `executable` serves [`SUBCOMMAND`]; `off` is why nothing is to be replayed.
    #[must_use]
    pub fn new(executable: PathBuf, off: Option<Fallback>) -> Self {
        let recorded = Err(Fallback::NotRecorded);
        Self {
            executable,
            state: Mutex::new(State { recorded, off, count: 0, links: Links::default(), ahead: Ahead::default() }),
            ending: Cancel::new(None),
            preparing: Mutex::new(()),
            resting: Mutex::new(0),
            is_gone: Condvar::new(),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // Each change of it is one assignment.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Replays nothing any more, in this session and in later ones. Gives the file that says so.
    ///
    /// # Errors
    /// When it cannot be written: then it is for this session.
    pub fn turn_off(&self, project: &Project) -> std::io::Result<PathBuf> {
        self.state().off = Some(Fallback::Disagreed);
        let file = off_file(project);
        write_json(&file, &Fallback::Disagreed)?;
        Ok(file)
    }

    /// What is to be replayed for these sources, or why cargo is to build.
    ///
    /// `as_a_whole`: the guest is to be built in any case, and linked as cargo would.
    pub(super) fn plan(&self, project: &Arc<Project>, now: &SourceHashes, as_a_whole: bool) -> Result<Plan, Fallback> {
        let mut state = self.state();
        if state.off.is_none() && off_file(project).exists() {
            state.off = Some(Fallback::Disagreed);
        }
        if let Some(off) = &state.off {
            return Err(off.clone());
        }
        let State { recorded, links, .. } = &mut *state;
        let recorded = recorded.as_ref().map_err(Clone::clone)?;
        // Its manifests have changed.
        if recorded.project != *project {
            return Err(Fallback::NotRecorded);
        }
        let elsewhere: Vec<PathBuf> = recorded
            .elsewhere
            .iter()
            .filter(|(path, facts)| FileFacts::of(path) != *facts)
            .map(|(path, _)| path.clone())
            .collect();
        let given = environment::given(project);
        let facts = Facts {
            now,
            elsewhere: &elsewhere,
            is_newer: &|unit| unit.output.as_ref().is_some_and(|(path, facts)| FileFacts::of(path) != Some(*facts)),
            variable: &|unit: &Unit, name| {
                let set = unit.invocation.set.get(name);
                let is_unset = || unit.invocation.unset.iter().any(|unset| unset == name);
                let given = || given.get(&OsString::from(name)).filter(|_| !is_unset());
                set.cloned().or_else(|| given().and_then(|value| value.to_str()).map(str::to_owned))
            },
        };
        let units = match decide::decide(recorded, &facts) {
            // The guest's own crate, the last, as it is.
            Err(Fallback::Nothing) if as_a_whole => vec![recorded.units.len().saturating_sub(1)],
            decided => decided?,
        };
        let crates = units.iter().map(|index| recorded.units[*index].name.clone()).collect();
        let linking = if as_a_whole { Linking::default() } else { self.linking(links, recorded, &units) };
        Ok(Plan { units, crates, linking })
    }

    /// How the guest is to be linked.
    fn linking(&self, links: &mut Links, recorded: &Recorded, units: &[usize]) -> Linking {
        let Some(guest) = recorded.units.last() else { return Linking::default() };
        links.linking(&Wanted {
            places: &places(&recorded.project),
            executable: &self.executable,
            guest: &guest.invocation,
            base: recorded.project.settings.base_library.then(|| needs(recorded, &guest.invocation, units)),
        })
    }

    /// After a replay: whether a base library is to be linked now. If so, [`Replays::make_base`] is to be told
    /// how that went.
    pub(super) fn base_due(&self, plan: &Plan) -> Option<link::Order> {
        let mut state = self.state();
        let State { recorded, links, .. } = &mut *state;
        let recorded = recorded.as_ref().ok().filter(|recorded| recorded.project.settings.base_library)?;
        let folder = recorded.units.last()?.invocation.folder.clone();
        let places = places(&recorded.project);
        let recording = links.begin(&places, &plan.linking)?;
        Some(link::Order {
            project: Arc::clone(&recorded.project),
            places,
            with_sdk: with_sdk(recorded),
            folder,
            recording,
        })
    }

    /// Links the base library. The error says why there is none; `None`: it will be tried again.
    pub(super) fn make_base(&self, order: &link::Order, cancel: &Cancel) -> Option<Result<BaseLibrary, String>> {
        let made = order.make(cancel);
        self.state().links.made(made)
    }

    /// Does what was planned.
    pub(super) fn replay(&self, plan: &Plan, project: &Project, sources: &SourceHashes, cancel: &Cancel) -> Replayed {
        let mut state = self.state();
        state.count += 1;
        let number = state.count;
        let State { recorded, links, ahead, .. } = &mut *state;
        let Ok(recorded) = recorded else { return Replayed::Cargo(Fallback::NotRecorded) };
        let environment: Vec<(OsString, OsString)> = environment::given(project).into_iter().collect();
        let environment = &environment[..];
        let task = Task { plan: &plan.units, number, sources, environment, linking: &plan.linking };
        let replayed = run::run(recorded, ahead, &task, cancel);
        match (&replayed, recorded.units.last()) {
            // Whatever it was, cargo's own link is the one to trust.
            (Replayed::Cargo(Fallback::Rustc { .. }), _) if plan.linking.linker().is_some() => {
                links.turn_off(&places(project), &plan.linking);
            }
            (Replayed::Built { .. }, Some(guest)) if plan.linking.is_recorded() => {
                links.learn(&places(project), &guest.invocation);
            }
            _ => {}
        }
        replayed
    }

    /// After a build, when nobody waits: has a rustc stand ready for the next replay, if it is likely to be one that
    /// gains by it.
    pub(super) fn prepare(&self, project: &Project, warden: Option<&Arc<Warden>>) {
        let _preparing = self.preparing.lock().unwrap_or_else(PoisonError::into_inner);
        let due = {
            let state = self.state();
            if self.ending.is_cancelled() || state.off.is_some() { None } else { state.ahead.due() }
        };
        if let Some(next) = due {
            let turn = next.turn();
            warden.into_iter().for_each(|warden| self.ending.guard_with(warden));
            let waiting = next.start(Folders::of(project).root(), &self.ending);
            self.state().ahead.started(turn, waiting);
        }
    }

    /// One more compiler has made its library, and is about to end.
    pub(super) fn resting(&self) -> Resting<'_> {
        *self.resting.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Resting(self)
    }

    /// The session ends: nothing stands ready any more when this comes back, and no compiler is left.
    pub(crate) fn end(&self) {
        self.ending.cancel();
        drop(self.preparing.lock().unwrap_or_else(PoisonError::into_inner));
        self.state().ahead.discard();
        let resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.is_gone.wait_while(resting, |resting| *resting > 0));
    }

    /// Before cargo builds: what is to be set in its environment so that it is recorded.
    pub(super) fn record(&self, project: &Project) -> Option<(&'static str, PathBuf)> {
        self.state().ahead.discard();
        let given = environment::given(project);
        let of = |name: &str| given.get(&OsString::from(name)).filter(|value| !value.is_empty());
        let users = of(WRAPPER).or_else(|| of("CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER"));
        // One that stands before ours may not know what to make of a wrapper that is no compiler, and one
        // that cargo's configuration names would be pushed aside by ours.
        let is_in_the_way = of("RUSTC_WRAPPER").or_else(|| of("CARGO_BUILD_RUSTC_WRAPPER")).is_some()
            || configurations(project).iter().any(|path| names_a_wrapper(path))
            || users.is_some_and(|users| users.to_str().is_none());
        if is_in_the_way {
            self.state().recorded = Err(Fallback::Wrapper);
            return None;
        }
        let folders = Folders::of(project);
        let users = users.and_then(|users| users.to_str());
        recorder::prepare(&folders, &self.executable, users, &Base::of(&given)).ok()?;
        Some((WRAPPER, folders.script()))
    }

    /// Cargo's artifact, if a file that differs from what it was built from was last changed before
    /// that: cargo would call what it has made of it fresh.
    pub(super) fn backdated(&self, sources: &SourceHashes) -> Option<PathBuf> {
        let state = self.state();
        let recorded = state.recorded.as_ref().ok()?;
        let is_old = |path: &PathBuf| {
            let modified = std::fs::metadata(recorded.project.absolute(path)).and_then(|found| found.modified());
            modified.is_ok_and(|modified| modified <= recorded.started)
        };
        differing(&recorded.world.0, &sources.0).iter().any(is_old).then(|| recorded.artifact.clone())
    }

    /// Cargo has built.
    pub(super) fn built(&self, finished: &Finished<'_>) {
        let folders = Folders::of(finished.project);
        let gathered = recorded::gather(&folders, finished).map(Box::new);
        let mut state = self.state();
        // What was in the way stays the reason.
        if !matches!(&state.recorded, Err(Fallback::Wrapper)) || gathered.is_ok() {
            state.recorded = gathered;
        }
    }

    /// Cargo has not come to its end: nobody knows what it has built on the way.
    pub(super) fn unfinished(&self) {
        self.state().recorded = Err(Fallback::Unfinished);
    }
}

/// The crate that a guest's author depends on, as it is called in code.
const SDK: &str = "exuvia_guest";

fn places(project: &Project) -> Places {
    Places { folder: Folders::of(project).linking(project), kept: history::bases::folder(project) }
}

/// What a base library has to hold for this guest, when these crates are built.
fn needs(recorded: &Recorded, guest: &Invocation, units: &[usize]) -> Needs {
    let anew = units.iter().filter_map(|index| recorded.units[*index].output.as_ref());
    let with_sdk = with_sdk(recorded);
    let is_held = |path: &&Path| {
        path.extension().is_some_and(|extension| extension == "rlib")
            && invocation::crate_of(path).is_some_and(|name| !with_sdk.contains(&name))
    };
    Needs {
        anew: anew.map(|(library, _)| library.clone()).collect(),
        needed: guest.externs().filter(is_held).map(Path::to_owned).collect(),
    }
}

/// The local crates that depend on the SDK.
fn with_sdk(recorded: &Recorded) -> BTreeSet<String> {
    let in_code = |name: &str| name.replace('-', "_");
    let mut found: BTreeSet<String> = BTreeSet::from([SDK.to_owned()]);
    // Dependencies come first.
    for unit in &recorded.units {
        let names = unit.invocation.extern_names();
        if names.into_iter().any(|name| found.contains(&name)) {
            found.insert(in_code(&unit.name));
        }
    }
    // Those for which nothing is recorded, in whatever order.
    let local = &recorded.project.local;
    loop {
        let known = |manifest: &Path| {
            local.iter().any(|package| package.manifest == *manifest && found.contains(&in_code(&package.name)))
        };
        let new: Vec<String> = local
            .iter()
            .filter(|package| package.needs.iter().any(|need| known(&need.manifest)))
            .map(|package| in_code(&package.name))
            .filter(|name| !found.contains(name))
            .collect();
        if new.is_empty() {
            return found;
        }
        found.extend(new);
    }
}

/// Says that nothing is replayed for this guest, and why.
fn off_file(project: &Project) -> PathBuf {
    history::folder(project).join("replay-off.json")
}

/// Where cargo may be configured for this project.
fn configurations(project: &Project) -> Vec<PathBuf> {
    let named = project.root.ancestors().map(|folder| folder.join(".cargo/config.toml"));
    named.chain(environment::tool_settings(&project.root)).collect()
}

/// Whether a configuration file speaks of a wrapper, in a comment or not.
fn names_a_wrapper(path: &Path) -> bool {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.contains("rustc-wrapper") || text.contains("rustc-workspace-wrapper")
}
