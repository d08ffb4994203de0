//! One thread per version: it opens the library, runs all of its code, and has ended before the
//! library is closed, so that destructors of the guest's thread-locals have run by then.
//!
//! Also counts the threads that a version left running: code that still runs must stay mapped.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread::JoinHandle;

use super::protocol::{Opened, RetireReport};
use crate::ids::VersionNumber;
use crate::load::{LeftLibrary, LoadError, LoadedGuest};
use crate::platform;
use crate::stage;

type Job = Box<dyn FnOnce(&mut LoadedGuest) + Send>;

/// The thread's stack in bytes: what a Linux process's main thread has by default, so that a
/// guest that ran under `cargo run` does not overflow here.
const STACK: usize = 8 << 20;

/// A loaded version on its own thread.
#[derive(Debug)]
pub(crate) struct VersionThread {
    jobs: mpsc::Sender<Job>,
    thread: JoinHandle<Option<LeftLibrary>>,
    path: PathBuf,
}

/// The version's thread has ended by itself: the guest ended it.
#[derive(Debug)]
pub(crate) struct ThreadGone;

/// The name of a version's thread.
pub(super) fn thread_name(version: VersionNumber) -> String {
    format!("guest {version}")
}

impl VersionThread {
    /// Starts the thread, which opens the library.
    pub(crate) fn open(version: VersionNumber, path: &Path) -> Result<(Self, Opened), LoadError> {
        let (jobs, inbox) = mpsc::channel::<Job>();
        let (opened, answer) = mpsc::channel();
        let failed = |reason: String| LoadError::Open { path: path.to_owned(), reason };
        let file = path.to_owned();
        let run = move || {
            // Before anything of the guest's runs.
            let _stack = platform::crash_stack();
            let mut guest = match LoadedGuest::open(&file) {
                Ok(guest) => guest,
                Err(error) => {
                    // The receiver waits for exactly this.
                    let _ = opened.send(Err(error));
                    return None;
                }
            };
            let _ = opened.send(Ok(Opened {
                stamp: guest.stamp().clone(),
                exports: guest.exports(),
                state_type: guest.state_type().map(str::to_owned),
            }));
            for job in inbox {
                job(&mut guest);
            }
            Some(guest.leave())
        };
        let builder = std::thread::Builder::new().name(thread_name(version)).stack_size(STACK);
        let thread = builder.spawn(run).map_err(|error| failed(format!("no thread can be started for it: {error}")))?;
        let opened = answer.recv().map_err(|_| failed("its constructors ended the thread".to_owned()))??;
        Ok((Self { jobs, thread, path: path.to_owned() }, opened))
    }

    /// Runs guest code on the version's thread and waits for it.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut LoadedGuest) -> T + Send + 'static,
    ) -> Result<T, ThreadGone> {
        let (done, answer) = mpsc::channel();
        let job: Job = Box::new(move |guest| {
            let _ = done.send(work(guest));
        });
        self.jobs.send(job).map_err(|_| ThreadGone)?;
        answer.recv().map_err(|_| ThreadGone)
    }

    /// Drops the state, ends the thread, and closes the library unless the guest left threads
    /// running in it.
    pub(crate) fn retire(self, threads_left: impl FnOnce() -> Vec<String>) -> Result<RetireReport, ThreadGone> {
        let dropped = self.run(LoadedGuest::drop_state)?;
        drop(self.jobs);
        let library = self.thread.join().ok().flatten().ok_or(ThreadGone)?;
        let threads = threads_left();
        let mut drop_error = dropped.err().map(|error| error.to_string());
        if !threads.is_empty() {
            library.leak();
        } else if let Err(error) = library.close() {
            drop_error.get_or_insert(error.to_string());
        }
        let mapped = platform::mapped_bytes(&self.path);
        let pinned = if mapped == Some(0) || !threads.is_empty() { None } else { stage::pinned(&self.path) };
        Ok(RetireReport { drop_error, threads, pinned, mapped })
    }
}

/// Which threads of this process are a version's own doing.
#[derive(Debug)]
pub(super) struct ThreadLedger {
    /// Threads that were there, or were made by the runner itself.
    known: BTreeSet<u32>,
    of: BTreeMap<VersionNumber, BTreeSet<u32>>,
}

impl ThreadLedger {
    pub(super) fn new() -> Self {
        Self { known: platform::thread_ids().unwrap_or_default(), of: BTreeMap::new() }
    }

    /// Threads that are new since last time count as the runner's own.
    pub(super) fn own(&mut self) {
        self.known = platform::thread_ids().unwrap_or_default();
    }

    /// Threads that are new since last time count as this version's.
    pub(super) fn attribute(&mut self, version: VersionNumber) {
        let now = platform::thread_ids().unwrap_or_default();
        let new: Vec<u32> = now.difference(&self.known).copied().collect();
        self.of.entry(version).or_default().extend(new);
        self.known = now;
    }

    /// The names of the version's threads that are alive.
    pub(super) fn alive(&self, version: VersionNumber) -> Vec<String> {
        self.of.get(&version).map(platform::thread_names).unwrap_or_default()
    }
}
