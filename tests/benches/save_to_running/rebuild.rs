//! The rebuild loop that hot-lib-reloader's README wants beside the program:
//! `cargo watch -w lib -x 'build -p lib'`.
//!
//! Where cargo-watch is not installed, a thread does the same: it waits for a change below the folder, then
//! until nothing has changed for cargo-watch's delay, and runs cargo once. Without any wait it is always the
//! thread: `cargo watch --delay 0` starts cargo for each notice of a save, and kills it at the next.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};

use crate::contest::micros;
use crate::hot_lib::Said;

/// What cargo-watch waits for, in seconds, where nothing is said: `--delay` in its README, "File updates debounce
/// delay in seconds [default: 0.5]".
const DELAY: Duration = Duration::from_millis(500);

/// What is rebuilt, and how.
#[derive(Debug)]
pub(crate) struct Order {
    /// The workspace; what is watched is its folder `lib`.
    pub root: PathBuf,
    /// The library's package.
    pub package: String,
    /// Cargo's target folder.
    pub target: PathBuf,
    /// Without waiting for further changes.
    pub is_at_once: bool,
}

/// A loop that runs until this is dropped.
#[derive(Debug)]
pub(crate) enum Rebuilds {
    /// cargo-watch itself.
    CargoWatch(Child),
    /// Ours; ends when it has no watcher any more.
    Own(Option<RecommendedWatcher>, Option<JoinHandle<()>>),
}

/// Which cargo-watch is installed.
pub(crate) fn cargo_watch() -> Option<String> {
    let output = Command::new("cargo-watch").arg("--version").stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

impl Order {
    /// Builds the library once.
    pub(crate) fn build(&self) -> Result<(), String> {
        let mut cargo = self.cargo();
        let output = cargo.args(["build", "--quiet", "-p", &self.package]).output();
        let output = output.map_err(|error| format!("{cargo:?}: {error}"))?;
        if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
    }

    fn cargo(&self) -> Command {
        let mut cargo = Command::new("cargo");
        cargo.current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target).stdin(Stdio::null());
        cargo
    }

    /// Starts the loop, and tells whenever it has built. Ready for changes when this returns.
    pub(crate) fn start(self, tell: Sender<Said>) -> Result<Rebuilds, String> {
        if self.is_at_once || cargo_watch().is_none() { self.start_own(tell) } else { self.start_cargo_watch(tell) }
    }

    fn start_cargo_watch(self, tell: Sender<Said>) -> Result<Rebuilds, String> {
        let mut cargo = self.cargo();
        cargo.args(["watch", "-w", "lib", "-x", &format!("build -p {}", self.package)]);
        let mut child = cargo
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("{cargo:?}: {error}"))?;
        let lines = BufReader::new(child.stdout.take().ok_or("no output of cargo-watch")?).lines();
        let (ready, is_ready) = mpsc::channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                // It builds once when it starts.
                if line.contains("[Finished running") && ready.send(()).is_err() {
                    let built = if line.contains("Exit status: 0") { Ok(None) } else { Err(line) };
                    if tell.send(Said::Built(built)).is_err() {
                        return;
                    }
                }
            }
        });
        let rebuilds = Rebuilds::CargoWatch(child);
        is_ready.recv().map_err(|_| "cargo-watch has ended".to_owned())?;
        Ok(rebuilds)
    }

    fn start_own(self, tell: Sender<Said>) -> Result<Rebuilds, String> {
        let (notices, changes) = mpsc::channel();
        let failed = |error: notify::Error| format!("{}: {error}", self.root.display());
        let mut watcher = notify::recommended_watcher(notices).map_err(failed)?;
        watcher.watch(&self.root.join("lib"), RecursiveMode::Recursive).map_err(failed)?;
        let thread = std::thread::spawn(move || {
            while wait(&changes, if self.is_at_once { Duration::ZERO } else { DELAY }) {
                let began = Instant::now();
                let built = self.build().map(|()| Some(micros(began.elapsed())));
                while changes.try_recv().is_ok() {}
                if tell.send(Said::Built(built)).is_err() {
                    return;
                }
            }
        });
        Ok(Rebuilds::Own(Some(watcher), Some(thread)))
    }
}

/// Waits for a change, and then until there is none for so long. False when there will be no more.
fn wait(changes: &Receiver<notify::Result<notify::Event>>, delay: Duration) -> bool {
    loop {
        match changes.recv() {
            // rustc reads the files, too.
            Ok(Ok(event)) if !event.kind.is_access() && event.paths.iter().any(|path| counts(path)) => break,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
    loop {
        match changes.recv_timeout(delay) {
            Ok(_) => {}
            Err(RecvTimeoutError::Timeout) => return true,
            Err(RecvTimeoutError::Disconnected) => return false,
        }
    }
}

/// Editors' files beside are no changes, as with cargo-watch.
fn counts(path: &Path) -> bool {
    !path.as_os_str().as_encoded_bytes().ends_with(b"~")
}

impl Drop for Rebuilds {
    fn drop(&mut self) {
        match self {
            Self::CargoWatch(child) => {
                // Either it has ended already, or it ends now.
                let _ = child.kill();
                let _ = child.wait();
            }
            Self::Own(watcher, thread) => {
                drop(watcher.take());
                if let Some(thread) = thread.take() {
                    let _ = thread.join();
                }
            }
        }
    }
}
