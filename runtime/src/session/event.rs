//! What a session tells. The JSON form (`exuvia watch --json`) is this type's serde form: field
//! `event` holds the variant's name in snake case; names are stable, fields may be added.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::status::Status;
use crate::build::Selection;
use crate::call::Answer;
use crate::history::compare::{CompareOutcome, Side};
use crate::history::record::{Cause, Durations, FailedRecord, Marks, VersionRow};
use crate::ids::{Generation, VersionNumber};
use crate::swap::verdict::Verdict;

/// The guest of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GuestInfo {
    /// Name of the package.
    pub name: String,
    /// Its manifest.
    pub manifest: PathBuf,
    /// The workspace's root.
    pub workspace_root: PathBuf,
    /// Where the guest's private files lie.
    pub history: PathBuf,
    /// What is built: what was asked for, and what the manifest says about the rest.
    pub selection: Selection,
}

/// How file changes are noticed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "mode")]
pub enum WatchMode {
    /// By the operating system's notices.
    Native,
    /// By looking again and again; with the reason.
    Polling {
        /// Why.
        reason: String,
    },
    /// Not at all; with the reason and what to do.
    Blind {
        /// Why.
        reason: String,
    },
}

/// Which of the guest's two streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// What became of a retired version's library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "mapping")]
pub enum Retirement {
    /// Closed, and seen to be gone from the process.
    Unmapped,
    /// Still in the process's memory.
    Kept {
        /// Why, for example `2 threads are alive`.
        why: String,
        /// Mapped size in bytes.
        bytes: u64,
    },
    /// Closed; this platform has no way to see whether it is gone.
    Unchecked,
}

/// What the runner takes up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RunnerMemory {
    /// Its process id.
    pub pid: u32,
    /// Resident memory in bytes; `None` where this platform cannot say.
    pub resident: Option<u64>,
    /// Its threads, the runner's own included; `None` where this platform cannot say.
    pub threads: Option<u32>,
}

/// A version whose library is in the runner's memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MappedVersion {
    /// The version.
    pub version: VersionNumber,
    /// Mapped size in bytes, as the runner sees it; 0 where this platform cannot say.
    pub bytes: u64,
    /// Threads that it has started and that are alive.
    pub threads: u32,
    /// For one that was retired and is still there: why, as in [`Retirement::Kept`].
    pub why: Option<String>,
}

/// When a state was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StateMoment {
    /// A version became active.
    Activated,
    /// A call that may change the state was answered.
    Called,
    /// Somebody asked ([`Command::ReadState`](super::Command::ReadState)).
    Read,
}

/// A state whose snapshot is larger is told without its value. In bytes.
pub const SHOWN_STATE: usize = 1 << 20;

/// Something that happened in a session.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Event {
    /// The guest was found and its history read.
    Opened {
        /// The guest.
        guest: GuestInfo,
        /// Kept versions, oldest first.
        versions: Vec<VersionRow>,
        /// Failed generations of earlier sessions, oldest first.
        failures: Vec<FailedRecord>,
        /// Pinned calls.
        pins: Vec<String>,
    },
    /// The path is no guest, or its history cannot be used. Last event of the session.
    OpenFailed {
        /// What happened and what to do.
        message: String,
    },
    /// How changes are noticed from now on.
    Watching {
        /// The way.
        #[serde(flatten)]
        mode: WatchMode,
        /// Number of files watched.
        files: usize,
    },
    /// Cargo was started.
    BuildStarted {
        /// The attempt.
        generation: Generation,
        /// Why.
        cause: Cause,
    },
    /// Cargo said something on the way, for example `Compiling serde v1.0.229`; or its progress bar
    /// moved, which has numbers.
    BuildProgress {
        /// The attempt.
        generation: Generation,
        /// What cargo said; with numbers: the crates that are being built, for example `serde, foo`.
        text: String,
        /// How many of cargo's units (libraries, build scripts and their runs) are built.
        done: Option<u32>,
        /// How many there are. Cargo shows its bar only in builds of more than half a second.
        total: Option<u32>,
    },
    /// Terminal: a later change or command took this attempt's place.
    Superseded {
        /// The attempt.
        generation: Generation,
        /// The attempt that took its place.
        by: Generation,
    },
    /// Terminal: the user stopped it.
    Cancelled {
        /// The attempt.
        generation: Generation,
    },
    /// Terminal: cargo built nothing that differs from what runs.
    NothingChanged {
        /// The attempt.
        generation: Generation,
        /// Why that is so.
        reason: String,
    },
    /// Terminal: the generation failed; what ran goes on.
    Failed {
        /// The row.
        #[serde(flatten)]
        record: FailedRecord,
    },
    /// Terminal: the generation became a version (which may have been refused; see its verdict).
    Recorded {
        /// The row.
        #[serde(flatten)]
        row: Box<VersionRow>,
    },
    /// A version is called from now on. For a version just built this precedes its `Recorded`.
    Activated {
        /// The version.
        version: VersionNumber,
        /// What ran before.
        from: Option<VersionNumber>,
        /// What the change did.
        verdict: Verdict,
        /// Stages of this activation; build stages are set only where there was a build.
        durations: Durations,
    },
    /// An activation was asked for and did not happen; what ran goes on.
    NotActivated {
        /// The version.
        version: VersionNumber,
        /// What happened and what to do.
        message: String,
    },
    /// A version's marks are now these.
    Marked {
        /// The version.
        version: VersionNumber,
        /// Its marks.
        marks: Marks,
    },
    /// A pinned call was evaluated.
    PinnedResult {
        /// The version that answered.
        version: VersionNumber,
        /// The call.
        call: String,
        /// Its answer.
        answer: Answer,
    },
    /// The pinned calls are now these.
    Pins {
        /// The calls.
        pins: Vec<String>,
    },
    /// A call was answered.
    Answered {
        /// The id of the command.
        id: u64,
        /// The call.
        call: String,
        /// The version that answered, if one runs.
        version: Option<VersionNumber>,
        /// Its answer.
        answer: Answer,
        /// Time from asking the runner to its answer, in microseconds.
        micros: u64,
    },
    /// The guest's state as it is now. A guest without state has none to tell.
    State {
        /// The version whose state it is.
        version: VersionNumber,
        /// When it was looked at.
        moment: StateMoment,
        /// The state as JSON; `None` when its snapshot is larger than [`SHOWN_STATE`].
        value: Option<serde_json::Value>,
        /// Size of its snapshot in bytes.
        bytes: u64,
    },
    /// The guest wrote something. Text may end anywhere, not only at a line's end.
    Output {
        /// The version that ran when it was written.
        version: VersionNumber,
        /// Which stream.
        stream: Stream,
        /// The text; bytes that are no UTF-8 are replaced.
        text: String,
    },
    /// The runner ended or did not answer.
    Fault {
        /// The version that ran.
        version: VersionNumber,
        /// What happened: signal name, exit code or `no answer for 2.0 s`, and during what.
        fault: String,
    },
    /// Somebody else has ended the runner while it had nothing to do: no fault of the version, which goes on
    /// in a new one.
    Killed {
        /// The version.
        version: VersionNumber,
        /// By which signal, as `SIGKILL (killed)`.
        ending: String,
        /// Whether it goes on from a snapshot of its state; else it is started again.
        snapshot: bool,
    },
    /// A fresh runner took over from one in which too much was left behind. The version and its state
    /// are the same.
    RunnerReplaced {
        /// The version.
        version: VersionNumber,
        /// What was left behind.
        reason: String,
        /// How long it took, in microseconds.
        micros: u64,
    },
    /// A version's library is no longer used.
    Retired {
        /// The version.
        version: VersionNumber,
        /// What became of it.
        #[serde(flatten)]
        retirement: Retirement,
    },
    /// What the runner takes up, and which versions are mapped in it, by number.
    Memory {
        /// The runner.
        runner: RunnerMemory,
        /// Mapped versions.
        versions: Vec<MappedVersion>,
    },
    /// All that the guest depends on was linked into a base library. The versions that replays make from
    /// now on are linked against it.
    BaseLibrary {
        /// How many crates are in it.
        crates: usize,
        /// Its size in bytes.
        bytes: u64,
        /// How long linking it took, in microseconds.
        micros: u64,
    },
    /// Old versions were removed from the history.
    Pruned {
        /// Their numbers.
        versions: Vec<VersionNumber>,
    },
    /// Watched files are saved otherwise than before, or others are watched. Said whether or not a build follows.
    Saved {
        /// The files that differ, relative to the workspace root where they lie in it.
        paths: Vec<PathBuf>,
    },
    /// Two sides were compared.
    Compared {
        /// The id of the command.
        id: u64,
        /// The first side.
        from: Side,
        /// The second side.
        to: Side,
        /// What it came to.
        outcome: CompareOutcome,
    },
    /// Auto-reload was switched.
    AutoReload {
        /// Whether it is on.
        on: bool,
    },
    /// A command could not be done.
    CommandRefused {
        /// What happened and what to do.
        message: String,
    },
    /// Something that the user should know and that ended nothing.
    Notice {
        /// What.
        message: String,
    },
    /// The status has changed.
    Status {
        /// The status.
        #[serde(flatten)]
        status: Status,
        /// The status in words.
        text: String,
    },
    /// The session has ended. Last event.
    Ended,
}
