//! Tells when something was touched; never what that means.
//!
//! Threads: notify's own, on which the sink is called.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, MetadataKind, ModifyKind};
use notify::{Config, ErrorKind, EventKind, PollWatcher, RecommendedWatcher, RecursiveMode, Watcher as _};

use crate::platform::{FileId, file_id};
use crate::session::WatchMode;

/// How often a polling watcher looks.
const POLL: Duration = Duration::from_millis(500);

/// Paths that were touched, with the instant at which that was heard.
#[derive(Debug, Clone)]
pub struct Touched {
    /// The paths; empty when notices were lost and everything must be looked at.
    pub paths: BTreeSet<PathBuf>,
    /// When.
    pub at: Instant,
}

/// Why files cannot be watched.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The system's limit of watches (Linux: errno 28) is reached.
    #[error(
        "the system's limit of file watches is reached (errno 28); raise it: sudo sysctl fs.inotify.max_user_watches=524288"
    )]
    TooManyWatches,
    /// The system's limit of watchers or open files (Linux: errno 24) is reached.
    #[error(
        "the limit of inotify instances or open files is reached (errno 24); raise it: sudo sysctl fs.inotify.max_user_instances=1024, or ulimit -n 4096"
    )]
    TooManyWatchers,
    /// Anything else.
    #[error("files cannot be watched: {0}")]
    Other(notify::Error),
}

impl From<notify::Error> for WatchError {
    fn from(error: notify::Error) -> Self {
        match &error.kind {
            ErrorKind::MaxFilesWatch => Self::TooManyWatches,
            ErrorKind::Io(io) if io.raw_os_error() == Some(28) => Self::TooManyWatches,
            ErrorKind::Io(io) if io.raw_os_error() == Some(24) => Self::TooManyWatchers,
            _ => Self::Other(error),
        }
    }
}

impl Touched {
    /// Takes in a later notice.
    pub fn join(&mut self, later: Self) {
        if self.paths.is_empty() || later.paths.is_empty() {
            // Empty stands for everything.
            self.paths.clear();
        } else {
            self.paths.extend(later.paths);
        }
    }
}

type Sink = Arc<dyn Fn(Touched) + Send + Sync>;

/// Watches folders and calls a sink.
pub struct Watcher {
    inner: Box<dyn notify::Watcher + Send>,
    /// Whether with all below, and which folder it was: another one may have taken its place.
    folders: BTreeMap<PathBuf, (bool, Option<FileId>)>,
    mode: WatchMode,
    sink: Sink,
    /// A folder that has come could not be watched: the system's limit is reached.
    is_full: Arc<AtomicBool>,
}

impl std::fmt::Debug for Watcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watcher").field("folders", &self.folders).field("mode", &self.mode).finish_non_exhaustive()
    }
}

impl Watcher {
    /// Starts watching nothing yet. Falls back to polling where the system gives no notices.
    ///
    /// # Errors
    /// When not even polling is possible.
    pub fn start(poll: bool, sink: Sink) -> Result<Self, WatchError> {
        if poll {
            return Self::polling("asked for".to_owned(), sink);
        }
        let is_full = Arc::new(AtomicBool::new(false));
        match RecommendedWatcher::new(handler(&sink, &is_full), Config::default()) {
            Ok(inner) => {
                let (inner, folders) = (Box::new(inner), BTreeMap::new());
                Ok(Self { inner, folders, mode: WatchMode::Native, sink, is_full })
            }
            Err(error) => Self::polling(WatchError::from(error).to_string(), sink),
        }
    }

    fn polling(reason: String, sink: Sink) -> Result<Self, WatchError> {
        let config = Config::default().with_poll_interval(POLL).with_compare_contents(true);
        let is_full = Arc::new(AtomicBool::new(false));
        let inner = Box::new(PollWatcher::new(handler(&sink, &is_full), config)?);
        Ok(Self { inner, folders: BTreeMap::new(), mode: WatchMode::Polling { reason }, sink, is_full })
    }

    /// The way that changes are noticed.
    #[must_use]
    pub fn mode(&self) -> &WatchMode {
        &self.mode
    }

    /// Watches exactly these folders from now on (`true`: with all below). A folder that cannot be
    /// watched for want of system resources turns the watcher to polling.
    ///
    /// # Errors
    /// When not even polling is possible.
    pub fn watch(&mut self, wanted: &BTreeMap<PathBuf, bool>) -> Result<(), WatchError> {
        if self.is_full.swap(false, Ordering::Relaxed) && self.mode == WatchMode::Native {
            *self = Self::polling(WatchError::TooManyWatches.to_string(), Arc::clone(&self.sink))?;
        }
        let gone: Vec<PathBuf> = self
            .folders
            .iter()
            .filter(|(path, (deep, id))| wanted.get(*path) != Some(deep) || *id != file_id(path))
            .map(|(path, _)| path.clone())
            .collect();
        for folder in gone {
            self.forget(&folder);
        }
        for (folder, deep) in wanted {
            if self.folders.contains_key(folder) {
                continue;
            }
            let id = file_id(folder);
            let mode = if *deep { RecursiveMode::Recursive } else { RecursiveMode::NonRecursive };
            match self.inner.watch(folder, mode).map_err(WatchError::from) {
                Ok(()) => {
                    self.folders.insert(folder.clone(), (*deep, id));
                }
                // It has gone since it was looked for: its parent is watched and will tell.
                Err(_) if !folder.is_dir() => {}
                Err(error) if self.mode == WatchMode::Native => {
                    *self = Self::polling(error.to_string(), Arc::clone(&self.sink))?;
                    return self.watch(wanted);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// A folder was removed or renamed: whatever comes back under its name is another one, and
    /// is to be watched anew.
    pub fn forget(&mut self, folder: &Path) {
        let below: Vec<PathBuf> = self.folders.keys().filter(|known| known.starts_with(folder)).cloned().collect();
        for known in below {
            // The system has dropped the watch by itself if the folder is gone.
            let _ = self.inner.unwatch(&known);
            self.folders.remove(&known);
        }
    }
}

fn handler(sink: &Sink, is_full: &Arc<AtomicBool>) -> impl Fn(notify::Result<notify::Event>) + Send + 'static {
    let (sink, is_full) = (Arc::clone(sink), Arc::clone(is_full));
    move |event| {
        let at = Instant::now();
        match event {
            Ok(event) if event.need_rescan() => sink(Touched { paths: BTreeSet::new(), at }),
            Ok(event) if matters(&event.kind) => sink(Touched { paths: event.paths.into_iter().collect(), at }),
            Ok(_) => {}
            // Notices may have been lost: look at everything.
            Err(error) => {
                if matches!(WatchError::from(error), WatchError::TooManyWatches) {
                    is_full.store(true, Ordering::Relaxed);
                }
                sink(Touched { paths: BTreeSet::new(), at });
            }
        }
    }
}

/// Reading a file or changing its owner is no change of its content.
fn matters(kind: &EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        EventKind::Modify(ModifyKind::Metadata(kind)) => *kind == MetadataKind::WriteTime,
        _ => true,
    }
}
