//! Before the lanes: the scratch copy is written, built, edited and built again, by real cargo.
//!
//! Runs on a thread of its own; [`Cancel`] stops it. One preparation at a time in a folder: they
//! share the scratch copy and its target folder, so that only the first one builds the SDK.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::event::{ExperimentConfig, Prepared};
use super::greeting::{self, Edition};
use super::look;
use super::step::FileFacts;
use crate::build::{self, Build, BuildEvent, BuildOrder, BuildOutcome, Project, ProjectError, Selection};
use crate::history::record::{ContentHash, Failure, SourceHashes};
use crate::platform;
use crate::template;
use crate::warden::Warden;

/// Our folder in the one that was given: whatever else lies there is left alone.
const FOLDER: &str = "exuvia-experiment";

/// In a run's folder: locked by its owner as long as that lives.
const OWNER: &str = "owner.lock";

/// How often a lock that another process holds is tried again.
const AGAIN: Duration = Duration::from_millis(20);

/// Why a run cannot be prepared.
#[derive(Debug, thiserror::Error)]
pub(super) enum PrepareError {
    #[error("there is no cache folder to build in: neither XDG_CACHE_HOME nor HOME is set; set one, or give a folder")]
    NoFolder,
    #[error("{} cannot be used: {source}; is the disk full or read-only?", path.display())]
    Folder { path: PathBuf, source: io::Error },
    #[error("the scratch copy is no project: {0}")]
    Project(#[from] ProjectError),
    #[error("the scratch copy cannot be built: {message}")]
    Build { message: String },
    #[error("it was stopped")]
    Cancelled,
}

/// Two artifacts, and the folder of the run, which goes with this.
#[derive(Debug)]
pub(super) struct Ready {
    pub prepared: Prepared,
    /// The artifact of the first build.
    pub old: PathBuf,
    /// The artifact of the second build.
    pub new: PathBuf,
    run: TempDir,
    _owner: File,
}

impl Ready {
    /// A folder in the run's own, without links in its path.
    pub(super) fn folder(&self, name: &str) -> PathBuf {
        self.run.path().join(name)
    }
}

/// Stops a preparation.
#[derive(Debug, Clone, Default)]
pub(super) struct Cancel(Arc<Mutex<Work>>);

#[derive(Debug, Default)]
struct Work {
    cancelled: bool,
    under_way: Option<UnderWay>,
}

#[derive(Debug)]
enum UnderWay {
    /// Cargo is asked about the scratch copy.
    Search(Arc<build::Cancel>),
    Build(Build),
}

impl Cancel {
    fn work(&self) -> MutexGuard<'_, Work> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Kills cargo if it runs; the preparation ends soon.
    pub(super) fn cancel(&self) {
        let mut work = self.work();
        work.cancelled = true;
        match &work.under_way {
            Some(UnderWay::Search(search)) => search.cancel(),
            Some(UnderWay::Build(build)) => build.cancel(),
            None => {}
        }
    }

    fn check(&self) -> Result<(), PrepareError> {
        if self.work().cancelled { Err(PrepareError::Cancelled) } else { Ok(()) }
    }

    /// Starts something unless it was cancelled before.
    fn start(&self, start: impl FnOnce() -> UnderWay) -> Result<(), PrepareError> {
        let mut work = self.work();
        if work.cancelled {
            return Err(PrepareError::Cancelled);
        }
        work.under_way = Some(start());
        Ok(())
    }
}

/// Writes, builds, edits and builds again. `say` hears what is going on. Cargo goes with this process, whose
/// executable serves [`warden::SUBCOMMAND`](crate::warden::SUBCOMMAND), too.
pub(super) fn prepare(
    ExperimentConfig { program, folder, thread_local }: &ExperimentConfig,
    cancel: &Cancel,
    say: &(impl Fn(String) + Clone + Send + Sync + 'static),
) -> Result<Ready, PrepareError> {
    let folder = folder.clone().or_else(cache_folder).ok_or(PrepareError::NoFolder)?;
    let began = Instant::now();
    let root = private_folder(&folder.join(FOLDER)).map_err(at(&folder))?;
    let _one_at_a_time = lock(&root.join("experiment.lock"), cancel, say)?;
    let runs = root.join("runs");
    sweep(&runs);
    let (run, owner) = run_folder(&runs).map_err(at(&runs))?;

    let scratch = root.join("greeting");
    let files: BTreeMap<PathBuf, String> =
        greeting::files().into_iter().map(|(path, text)| (scratch.join(path), text)).collect();
    for (path, text) in &files {
        write_if_other(path, text).map_err(at(&scratch))?;
    }
    // An earlier Exuvia may have had another SDK.
    remove_others(&scratch.join(template::SDK), &files).map_err(at(&scratch))?;
    let warden = Warden::start(program).map(Arc::new);
    if let Err(error) = &warden {
        say(format!("a build will go on if this process is killed: its warden cannot be started ({error})"));
    }
    say("building the greeting".to_owned());
    let (thread_local, warden) = (*thread_local, warden.ok());
    let builder = Builder { root: &root, scratch: &scratch, thread_local, warden, cancel, say };
    let (old, new) = (run.path().join("old"), run.path().join("new"));
    let first = builder.build(Edition::Old, &old)?;
    // As long as the file is open its inode is taken, so that no other file can have the same.
    let held = File::open(&first.path).map_err(at(&first.path))?;
    say(format!("building it again, to print {:?}", Edition::New.text()));
    let second = builder.build(Edition::New, &new)?;
    drop(held);
    let prepared = Prepared {
        old_text: Edition::Old.text(),
        new_text: Edition::New.text(),
        names: platform::names(&second.path),
        first,
        second,
        build_micros: u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX),
    };
    Ok(Ready { prepared, old, new, run, _owner: owner })
}

struct Builder<'a, S> {
    root: &'a Path,
    scratch: &'a Path,
    thread_local: bool,
    warden: Option<Arc<Warden>>,
    cancel: &'a Cancel,
    say: &'a S,
}

impl<S: Fn(String) + Clone + Send + Sync + 'static> Builder<'_, S> {
    /// Writes this edition's source, builds it, and copies the artifact. Gives cargo's own file.
    fn build(&self, edition: Edition, copy: &Path) -> Result<FileFacts, PrepareError> {
        let source = edition.source(self.thread_local);
        let lib = PathBuf::from("src/lib.rs");
        write_if_other(&self.scratch.join(&lib), &source).map_err(at(self.scratch))?;
        let search = Arc::new(build::Cancel::new(self.warden.clone()));
        self.cancel.start(|| UnderWay::Search(Arc::clone(&search)))?;
        let mut project = Project::find_until(self.scratch, &Selection::default(), Some(&search))?;
        // Whatever the user's environment says of target folders is about other crates.
        project.target = self.root.join("target");
        let sources = SourceHashes([(lib, ContentHash::of(source.as_bytes()))].into());
        let order = BuildOrder {
            project: Arc::new(project),
            sources,
            warden: self.warden.clone(),
            replays: None,
            by_cargo: None,
            is_check: false,
        };
        let (tell, told) = mpsc::channel();
        self.cancel.start(|| {
            let say = self.say.clone();
            let build = Build::start(order, move |event| match event {
                BuildEvent::Progress(text) => say(text),
                BuildEvent::Bar { .. } | BuildEvent::Base(_) => {}
                BuildEvent::Finished { outcome, .. } => {
                    // Nobody waits only when the preparation has panicked.
                    let _ = tell.send(*outcome);
                }
            });
            UnderWay::Build(build)
        })?;
        match told.recv() {
            Ok(BuildOutcome::Built { artifact, lock, .. }) => {
                let facts = look::file(&artifact).map_err(at(&artifact))?;
                fs::copy(&artifact, copy).map_err(at(copy))?;
                drop(lock);
                Ok(facts)
            }
            Ok(BuildOutcome::Failed { failure, .. }) => Err(PrepareError::Build { message: words(&failure) }),
            Ok(BuildOutcome::Cancelled) => Err(PrepareError::Cancelled),
            Err(_) => Err(PrepareError::Build { message: "the build ended without a word".to_owned() }),
        }
    }
}

/// A failure with cargo's own words, where the one line does not tell enough.
fn words(failure: &Failure) -> String {
    match failure {
        Failure::Build { message, diagnostics, stderr } => {
            let mut text = message.clone();
            for diagnostic in diagnostics.iter().take(1) {
                text.push_str(&format!("\n{}", diagnostic.plain()));
            }
            if diagnostics.is_empty() && stderr.trim() != message {
                text.push_str(&format!("\n{}", stderr.trim()));
            }
            text
        }
        Failure::Load { message } => message.clone(),
    }
}

/// Takes the lock, and waits for it as long as nobody cancels.
fn lock(path: &Path, cancel: &Cancel, say: &impl Fn(String)) -> Result<File, PrepareError> {
    let file = File::options().create(true).truncate(false).write(true).open(path).map_err(at(path))?;
    let mut told = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(at(path)(error)),
            Err(TryLockError::WouldBlock) => {
                cancel.check()?;
                if !std::mem::replace(&mut told, true) {
                    say("waiting for another experiment's builds".to_owned());
                }
                std::thread::sleep(AGAIN);
            }
        }
    }
}

/// A folder that only this user may enter, by its real path: the kernel names mapped files by that.
fn private_folder(path: &Path) -> io::Result<PathBuf> {
    platform::create_private_dir(path)?;
    platform::tighten(path)?;
    path.canonicalize()
}

/// A folder for one run, and the lock that says that its owner lives. Made under the experiment's lock, so
/// that nobody sweeps it before it is locked.
fn run_folder(runs: &Path) -> io::Result<(TempDir, File)> {
    platform::create_private_dir(runs)?;
    let run = tempfile::Builder::new().prefix("run-").tempdir_in(runs)?;
    let owner = platform::create_private_file(&run.path().join(OWNER))?;
    owner.lock()?;
    Ok((run, owner))
}

/// Removes the folders of runs whose owners are gone without tidying up.
fn sweep(runs: &Path) {
    for entry in fs::read_dir(runs).into_iter().flatten().flatten() {
        let owner = File::open(entry.path().join(OWNER));
        if owner.map_or(true, |owner| owner.try_lock().is_ok()) {
            // What cannot be removed costs disk space and nothing else.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Leaves a file alone that has this content, so that cargo does not build it again.
fn write_if_other(path: &Path, text: &str) -> io::Result<()> {
    let mut found = String::new();
    let read = File::open(path).and_then(|mut file| file.read_to_string(&mut found));
    if read.is_ok() && found == text {
        return Ok(());
    }
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    fs::write(path, text)
}

/// Removes the files in a folder that are not among these.
fn remove_others(folder: &Path, files: &BTreeMap<PathBuf, String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let (path, kind) = entry.and_then(|entry| Ok((entry.path(), entry.file_type()?)))?;
        if kind.is_dir() {
            remove_others(&path, files)?;
        } else if !files.contains_key(&path) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

fn cache_folder() -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    choose_cache_folder(absolute("XDG_CACHE_HOME"), absolute("HOME"), platform::CACHES)
}

/// Where a user's programs keep what can be made again: where the variable says, or where the system has it.
fn choose_cache_folder(cache: Option<PathBuf>, home: Option<PathBuf>, in_home: &str) -> Option<PathBuf> {
    cache.or_else(|| home.map(|home| home.join(in_home)))
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> PrepareError {
    move |source| PrepareError::Folder { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_folder_is_the_users() {
        let path = |path: &str| Some(PathBuf::from(path));
        for (cache, home, expected) in
            [(path("/c"), path("/h"), path("/c")), (None, path("/h"), path("/h/.cache")), (None, None, None)]
        {
            assert_eq!(choose_cache_folder(cache, home, ".cache"), expected);
        }
    }

    #[test]
    fn folders_of_the_dead_are_swept_and_those_of_the_living_are_not() {
        let root = tempfile::tempdir().unwrap();
        let (living, _owner) = run_folder(root.path()).unwrap();
        let (dead, owner) = run_folder(root.path()).unwrap();
        let dead = dead.keep();
        drop(owner);
        sweep(root.path());
        assert!(living.path().is_dir());
        assert!(!dead.exists());
    }

    #[test]
    fn files_of_an_earlier_sdk_are_removed() {
        let root = tempfile::tempdir().unwrap();
        let path = |path: &str| root.path().join(path);
        for file in ["src/codec.rs", "src/codec/mod.rs", "src/gone/deep/old.rs"] {
            write_if_other(&path(file), "").unwrap();
        }
        let files = BTreeMap::from([(path("src/codec/mod.rs"), String::new())]);
        remove_others(root.path(), &files).unwrap();
        assert!(path("src/codec/mod.rs").exists());
        assert!(!path("src/codec.rs").exists() && !path("src/gone/deep/old.rs").exists());
    }

    #[test]
    fn a_file_with_this_content_is_left_alone() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a/b");
        write_if_other(&path, "one").unwrap();
        let before = fs::metadata(&path).unwrap().modified().unwrap();
        write_if_other(&path, "one").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), before);
        write_if_other(&path, "two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
    }

    #[test]
    fn whoever_waits_for_the_lock_can_be_stopped() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("lock");
        let cancel = Cancel::default();
        let first = lock(&path, &cancel, &|_| panic!("nobody holds it")).unwrap();
        // Being told of the wait is the moment to stop it.
        let stopped = lock(&path, &cancel, &|_| cancel.cancel());
        assert!(matches!(stopped, Err(PrepareError::Cancelled)), "{stopped:?}");
        drop(first);
    }
}
