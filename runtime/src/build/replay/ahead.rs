//! A rustc that is started before the save, and what it does until it is held need not be waited for after the save.
//!
//! - *In front of the root file* it has read no source.
//! - *Behind the root file* it has read that and the crate's dependency graph of the last build, and nothing else. The root file
//!   has to be the one that it has read, so this is for guests of several files whose last edit was in another one.
//!
//! While it waits it also takes memory from the system, three quarters of what the last one has used, within bounds, and keeps it for its own allocator:
//! the kernel gives a page at a time otherwise, and clears each when it is first written to. In large pages, where the kernel has them.
//!
//! It is held there by a small library, the gate (`runtime/gate`), which is compiled once by the guest's own
//! rustc. Linux with glibc only; elsewhere, and whenever anything is not as it should be, rustc is started after
//! the save, as ever.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use crate::build::cancel::Cancel;
use crate::history::record::ContentHash;
use crate::platform::{self, FileId, FileState};
use crate::warden::Guarded;

/// The gate's source.
const GATE: &str = include_str!("../../../gate/src/lib.rs");

/// The variables by which the gate is told what it is for, and by which the loader is told of it.
const FILE: &str = "EXUVIA_GATE";
const BEHIND: &str = "EXUVIA_GATE_BEHIND";
const MEMORY: &str = "EXUVIA_GATE_MEMORY";
const LINKER: &str = "EXUVIA_GATE_LINKER";
const LINKERS_MEMORY: &str = "EXUVIA_LINKER_MEMORY";
const PRELOAD: &str = "LD_PRELOAD";

/// By which rustc's allocator (jemalloc) is told to keep what is given back to it, and to cut small pieces from
/// large ones: <https://jemalloc.net/jemalloc.3.html>, `opt.dirty_decay_ms` and `opt.lg_extent_max_active_fit`.
const ALLOCATOR: (&str, &str) = ("MALLOC_CONF", "dirty_decay_ms:-1,muzzy_decay_ms:-1,lg_extent_max_active_fit:20");

/// The bounds of the memory that one takes while it waits, in bytes: so many, and this part of what the system has to give.
const MOST_MEMORY: u64 = 512 << 20;
const PART_OF_MEMORY: u64 = 32;

/// What rustc must have taken at most, the last time, for its mere start to matter: it takes some 25 ms. The graph that
/// it reads behind the root file grows with the crate.
const SHORT: Duration = Duration::from_secs(3);

/// How long a file must have been left alone for its next change to be sure of another time: some ticks of the
/// slowest clock that kernels give files (100 a second).
const SETTLED: Duration = Duration::from_millis(50);

/// All that a process is started with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    pub program: Vec<String>,
    pub args: Vec<OsString>,
    pub folder: PathBuf,
    pub environment: Vec<(OsString, OsString)>,
}

impl Call {
    pub(super) fn command(&self) -> Command {
        let mut program = self.program.iter();
        // A recording has a program; an empty name fails to start, and cargo builds.
        let mut command = Command::new(program.next().map_or("", String::as_str));
        command
            .args(program)
            .args(&self.args)
            .current_dir(&self.folder)
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        command
    }
}

/// What may stand ready, and what is known about that.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    waiting: Option<Waiting>,
    /// The last call, and where one like it is held: the next one will be like it.
    last: Option<(Call, Gate)>,
    /// It was tried, and cannot be had.
    is_off: bool,
    /// Counts what makes it vain to wait.
    turn: u64,
}

/// Where rustc is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gate {
    /// The crate's root file, spelt as in the call.
    pub root: OsString,
    /// Behind the root file: rustc's incremental folder, spelt as in the call.
    pub behind: Option<OsString>,
    /// How much memory the last one has used, in bytes, if that is known.
    pub memory: Option<u64>,
    /// A script that has the linker stand ready, too, and how large the last library is, in bytes.
    pub linker: Option<(PathBuf, u64)>,
}

/// What is to be started ahead.
#[derive(Debug)]
pub(super) struct Next {
    call: Call,
    gate: Gate,
    turn: u64,
}

/// One that stands ready.
#[derive(Debug)]
pub(super) struct Waiting {
    /// `None`: it is let through.
    child: Option<Child>,
    call: Call,
    /// The folder that it was started in: another one may lie at the path by now.
    folder: Option<FileId>,
    /// The root file that it has read, if it has, as it was before.
    read: Option<(PathBuf, FileState)>,
    guarded: Option<Guarded>,
}

impl Waiting {
    /// Whether it has seen nothing but what is still so, and is to do what this call says.
    fn is_for(&self, call: &Call) -> bool {
        self.call == *call
            && self.folder == platform::file_id(&call.folder)
            && self.read.as_ref().is_none_or(|(root, state)| platform::file_state(root) == Some(*state))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.guarded = None;
        if let Some(mut child) = self.child.take() {
            platform::kill_tree(child.id());
            // It was killed, or has ended before.
            let _ = child.wait();
        }
    }
}

impl Ahead {
    /// Lets the one through that was started with this call, if there is one, as a process of `cancel`'s.
    pub(super) fn take(&mut self, call: &Call, cancel: &Cancel) -> Option<Child> {
        let mut waiting = self.waiting.take().filter(|waiting| waiting.is_for(call))?;
        if !cancel.adopt(waiting.child.as_ref()?.id(), waiting.guarded.take()) {
            return None;
        }
        let mut child = waiting.child.take()?;
        let is_through = child.stdin.take().is_some_and(|mut gate| gate.write_all(b"g").is_ok());
        if !is_through {
            // Somebody has killed it.
            let _ = cancel.wait(&mut child);
        }
        is_through.then_some(child)
    }

    /// What stands ready may have seen what is no longer so.
    pub(super) fn discard(&mut self) {
        self.waiting = None;
        self.turn += 1;
    }

    /// A replay by this call, of a crate that may be held there, has taken so long.
    pub(super) fn replayed(&mut self, call: Call, gate: Option<Gate>, took: Duration) {
        let gate = gate.filter(|gate| gate.behind.is_some() || took <= SHORT);
        self.last = gate.map(|gate| (call, gate));
    }

    /// What is to be started now, if anything.
    pub(super) fn due(&self) -> Option<Next> {
        let (call, gate) = self.last.as_ref().filter(|_| !self.is_off && self.waiting.is_none())?;
        Some(Next { call: call.clone(), gate: gate.clone(), turn: self.turn })
    }

    /// What has come of it.
    pub(super) fn started(&mut self, turn: u64, waiting: Option<Waiting>) {
        // What cannot be had once would be tried in vain after each replay.
        self.is_off |= waiting.is_none();
        if turn == self.turn && self.waiting.is_none() {
            self.waiting = waiting;
        }
    }
}

impl Next {
    /// When it was due.
    pub(super) fn turn(&self) -> u64 {
        self.turn
    }

    /// Starts it, and waits until it is held. Gates lie in `folder`. `None`: it cannot be had, or is cancelled.
    pub(super) fn start(self, folder: &Path, cancel: &Cancel) -> Option<Waiting> {
        if !can_be_held(&self.call) {
            return None;
        }
        let library = gate(folder, &self.call, cancel)?;
        let mut command = self.call.command();
        command.env(PRELOAD, library).env(FILE, &self.gate.root).stdin(Stdio::piped()).stdout(Stdio::piped());
        let available = platform::available_memory();
        if let Some((script, bytes)) = &self.gate.linker {
            command.env(LINKER, script);
            let mebibytes = available.and_then(|available| to_take(linkers_memory(*bytes), available));
            command.envs(mebibytes.map(|mebibytes| (LINKERS_MEMORY, mebibytes.to_string())));
        }
        // Looked at first: what changes meanwhile differs later.
        let at = platform::file_id(&self.call.folder);
        let read = self.gate.behind.and_then(|behind| Some((behind, settled(self.call.folder.join(&self.gate.root))?)));
        if let Some((behind, _)) = &read {
            command.env(BEHIND, behind);
        }
        let read = read.map(|(_, read)| read);
        let has_conf = self.call.environment.iter().any(|(name, _)| name == ALLOCATOR.0);
        if let Some(mebibytes) = self.gate.memory.and_then(|used| to_take(used, available?)).filter(|_| !has_conf) {
            command.env(MEMORY, mebibytes.to_string()).env(ALLOCATOR.0, ALLOCATOR.1);
        }
        let mut child = cancel.start(&mut command).ok()?;
        let stdout = child.stdout.take();
        let mut waiting = Waiting { child: Some(child), call: self.call, folder: at, read, guarded: None };
        // One that passes the gate ends with the end of this stream.
        let is_ready = stdout.is_some_and(|mut stdout| stdout.read_exact(&mut [0]).is_ok());
        waiting.guarded = cancel.give_up()?;
        is_ready.then_some(waiting)
    }
}

/// How much memory the linker uses for a library of so many bytes, according to lld of Rust 1.95: measured were 9.5 MB for a library of 1 MB, 13 for 6,
/// 298 for 129. More than 64 MB are too much for what it gains.
fn linkers_memory(library: u64) -> u64 {
    (library.saturating_mul(2) + (8 << 20)).min(64 << 20)
}

/// How much memory one takes while it waits, in MiB, when the last one has used so much and so much is to be had.
fn to_take(used: u64, available: u64) -> Option<u64> {
    let bytes = (used / 4 * 3).min(available / PART_OF_MEMORY).min(MOST_MEMORY);
    Some(bytes >> 20).filter(|mebibytes| *mebibytes > 0)
}

/// A file as it is now, if its next change is sure to show in its state.
fn settled(file: PathBuf) -> Option<(PathBuf, FileState)> {
    let state = platform::file_state(&file)?;
    let age = SystemTime::now().duration_since(state.1).ok()?;
    (age >= SETTLED).then_some((file, state))
}

/// Whether the loader takes the gate into this process and into no other one before it: not into a program
/// that starts rustc, which would compile what is not saved yet.
fn can_be_held(call: &Call) -> bool {
    let [program] = &call.program[..] else { return false };
    let libraries = Path::new(program).parent().and_then(Path::parent).map(|root| root.join("lib"));
    let entries = libraries.and_then(|libraries| std::fs::read_dir(libraries).ok());
    let is_compiler = |name: OsString| name.to_str().is_some_and(|name| name.starts_with("librustc_driver"));
    let is_preloaded = call.environment.iter().any(|(name, _)| name == PRELOAD);
    platform::HOLDS_PROCESSES
        && !is_preloaded
        && entries.is_some_and(|entries| entries.flatten().any(|entry| is_compiler(entry.file_name())))
}

/// The gate, compiled by this call's compiler if it is not there yet.
fn gate(folder: &Path, call: &Call, cancel: &Cancel) -> Option<PathBuf> {
    let gate = folder.join(format!("gate-{}.so", ContentHash::of(GATE.as_bytes()).short()));
    // What the loader is given is a list, with these between its parts: ld.so(8). A rustc without a gate would not wait.
    if gate.as_os_str().as_encoded_bytes().iter().any(|byte| b" :".contains(byte)) {
        return None;
    }
    if gate.exists() {
        return Some(gate);
    }
    platform::create_private_dir(folder).ok()?;
    let unfinished = tempfile::Builder::new().prefix("gate-").tempdir_in(folder).ok()?;
    let (source, library) = (unfinished.path().join("gate.rs"), unfinished.path().join("gate.so"));
    std::fs::write(&source, GATE).ok()?;
    let options = ["--edition=2024", "--crate-name=gate", "--crate-type=cdylib", "-Cpanic=abort", "-Cstrip=symbols"];
    let args = options.iter().map(OsString::from).chain(["-o".into(), library.clone().into(), source.into()]).collect();
    let compile = Call { args, folder: unfinished.path().to_owned(), ..call.clone() };
    let mut child = cancel.start(compile.command().stderr(Stdio::null())).ok()?;
    if !cancel.wait(&mut child).ok()?.success() {
        return None;
    }
    std::fs::rename(library, &gate).ok()?;
    Some(gate)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn call(word: &str) -> Call {
        let (program, args) = (vec!["/bin/sh".to_owned()], vec!["-c".into(), "read word; exit 7".into(), word.into()]);
        Call { program, args, folder: "/".into(), environment: Vec::new() }
    }

    /// One that waits for a word, as the gate does.
    fn waiting(word: &str) -> Waiting {
        let mut command = call(word).command();
        command.stdin(Stdio::piped());
        platform::isolate(&mut command);
        let folder = platform::file_id(Path::new("/"));
        Waiting { child: Some(command.spawn().unwrap()), call: call(word), folder, read: None, guarded: None }
    }

    #[test]
    fn one_is_let_through_for_its_own_call_only_and_once() {
        let cancel = Cancel::new(None);
        let mut ahead = Ahead::default();
        ahead.started(0, Some(waiting("a")));
        assert!(ahead.take(&call("b"), &cancel).is_none());
        assert!(ahead.take(&call("a"), &cancel).is_none(), "it has ended");
        ahead.started(0, Some(waiting("a")));
        let mut child = ahead.take(&call("a"), &cancel).unwrap();
        assert_eq!(cancel.wait(&mut child).unwrap().code(), Some(7));
        let mut elsewhere = waiting("a");
        elsewhere.folder = None;
        ahead.started(0, Some(elsewhere));
        assert!(ahead.take(&call("a"), &cancel).is_none(), "another folder lies where its own lay");
        let root = tempfile::NamedTempFile::new().unwrap();
        let read = |state| Some((root.path().to_owned(), state));
        let now = platform::file_state(root.path()).unwrap();
        let old = (now.0, now.1 - Duration::from_millis(20));
        for (state, is_taken) in [(now, true), (old, false)] {
            let mut behind = waiting("a");
            behind.read = read(state);
            ahead.started(0, Some(behind));
            let taken = ahead.take(&call("a"), &cancel);
            assert_eq!(taken.is_some(), is_taken, "{state:?}");
            let _ = taken.map(|mut child| cancel.wait(&mut child));
        }
        // What was discarded meanwhile is not kept, and what is cancelled is not let through.
        ahead.discard();
        ahead.started(0, Some(waiting("a")));
        assert!(ahead.take(&call("a"), &cancel).is_none());
        ahead.started(1, Some(waiting("a")));
        cancel.cancel();
        assert!(ahead.take(&call("a"), &cancel).is_none());
    }

    #[test]
    fn only_what_was_short_is_started_ahead_and_what_failed_once_is_not_tried_again() {
        let mut ahead = Ahead::default();
        assert!(ahead.due().is_none());
        let gate = |behind: Option<&str>| {
            let behind = behind.map(OsString::from);
            Gate { root: "src/lib.rs".into(), behind, memory: None, linker: None }
        };
        for (gate, seconds, is_due) in [
            (Some(gate(None)), 2, true),
            (None, 2, false),
            (Some(gate(None)), 4, false),
            (Some(gate(Some("/t/inc"))), 4, true),
        ] {
            ahead.replayed(call("a"), gate.clone(), Duration::from_secs(seconds));
            assert_eq!(ahead.due().is_some(), is_due, "{gate:?}, {seconds} s");
        }
        ahead.replayed(call("a"), Some(gate(None)), Duration::ZERO);
        ahead.started(0, Some(waiting("a")));
        assert!(ahead.due().is_none(), "one stands ready");
        ahead.discard();
        assert!(ahead.due().is_some());
        ahead.started(1, None);
        assert!(ahead.due().is_none());
    }

    #[test]
    fn memory_is_taken_within_bounds() {
        const GIB: u64 = 1 << 30;
        for (used, available, mebibytes) in [
            (80 << 20, 16 * GIB, Some(60)),
            (GIB, 32 * GIB, Some(512)),
            (GIB, 4 * GIB, Some(128)),
            (GIB, 16 << 20, None),
            (0, GIB, None),
        ] {
            assert_eq!(to_take(used, available), mebibytes, "{used} of {available}");
        }
    }

    #[test]
    fn only_a_compiler_with_nothing_in_front_of_it_is_held() {
        let folder = tempfile::tempdir().unwrap();
        for file in ["bin/rustc", "lib/librustc_driver-1.so", "shim/bin/rustc"] {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let rustc = folder.path().join("bin/rustc").display().to_string();
        let shim = folder.path().join("shim/bin/rustc").display().to_string();
        for (program, preloaded, held) in [
            (vec![rustc.clone()], None, platform::HOLDS_PROCESSES),
            (vec![rustc.clone()], Some("their.so"), false),
            (vec!["sccache".to_owned(), rustc], None, false),
            (vec![shim], None, false),
            (vec!["rustc".to_owned()], None, false),
        ] {
            let environment = preloaded.map(|library| (PRELOAD.into(), library.into())).into_iter().collect();
            let call = Call { program: program.clone(), environment, ..call("a") };
            assert_eq!(can_be_held(&call), held, "{program:?}, {preloaded:?}");
        }
    }
}
