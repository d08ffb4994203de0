//! The parent's side: starts a runner, asks it, and finds out how it ended.
//!
//! Threads per runner: one reads responses, two read its output and one hands it on, one waits
//! for its end. Asking
//! blocks the caller until the response, the deadline or the runner's end, so it is never done on
//! a thread that has anything else to do.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

use super::SUBCOMMAND;
use super::crash::{CrashNote, Traces};
use super::gather::{self, Gatherer};
use super::output::Splitter;
use super::protocol::{PROTOCOL, Request, Response, read_frame, write_frame};
use super::serve::LOST_CHANNEL;
use super::threads::thread_name;
use crate::ids::VersionNumber;
use crate::platform;
use crate::session::Stream;

/// How long a runner that has closed its channel may take to end by itself before it is killed.
const LAST_BREATH: Duration = Duration::from_secs(1);

/// How much of the error stream is kept for the words of a fault, in bytes: what a panic says comes
/// before its backtrace, which may be long.
const LAST_ERRORS: usize = 256 << 10;

/// No note of a crash is longer, in bytes.
const MOST_NOTES: u64 = 4 << 20;

/// The variable that marks a runner and all that comes from it.
const MARK: &str = "EXUVIA_RUNNER";

/// What to start as a runner.
#[derive(Debug, Clone)]
pub struct RunnerProgram {
    /// The executable: this one, or for tests another that serves [`SUBCOMMAND`].
    pub program: PathBuf,
    /// The folder in which the guest finds itself.
    pub folder: PathBuf,
    /// Environment variables that the runner does not inherit.
    pub without_env: Vec<OsString>,
    /// Environment variables that it is given.
    pub with_env: BTreeMap<String, String>,
    /// How much memory of its own it may have, in bytes; `None`: as much as there is.
    pub memory: Option<u64>,
}

/// The runner ended or did not answer. It is gone by the time this is returned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It ended.
    #[error("the runner ended with {ending} during {doing}")]
    Ended {
        /// Signal name or exit code.
        ending: String,
        /// What it was doing.
        doing: String,
    },
    /// It did not answer in time, and was killed.
    #[error("no answer for {:.1} s during {doing}", waited.as_secs_f64())]
    NoAnswer {
        /// The deadline.
        waited: Duration,
        /// What it was doing.
        doing: String,
    },
    /// It answered something that is no answer, and was killed.
    #[error("the runner broke the protocol during {doing}: {what}")]
    Broken {
        /// What it said.
        what: String,
        /// What it was doing.
        doing: String,
    },
    /// Somebody else ended it while it had nothing to do: a person, a service manager, the kernel
    /// for want of memory. That says nothing against the version.
    #[error("the runner was killed from outside: {ending}")]
    Killed {
        /// The signal.
        ending: String,
    },
    /// It could not be started.
    #[error("no runner can be started: {reason}")]
    NotStarted {
        /// Why.
        reason: String,
    },
}

/// Where captured output goes. Called on the reader threads.
pub type OutputSink = Arc<dyn Fn(VersionNumber, Stream, String) + Send + Sync>;

/// A running runner. Dropping it kills it.
#[derive(Debug)]
pub struct Runner {
    pid: u32,
    channel: platform::Channel,
    responses: mpsc::Receiver<io::Result<Response>>,
    exit: mpsc::Receiver<io::Result<ExitStatus>>,
    /// Disconnected once both streams were read to their end and all of it was handed on.
    output_read: mpsc::Receiver<()>,
    ended: bool,
    /// Where it writes down how it crashed.
    notes: Option<File>,
    /// What it wrote last to its error stream.
    errors: Arc<Mutex<String>>,
    /// Files that it was asked to open, and the guest's folder.
    opened: BTreeSet<PathBuf>,
    folder: PathBuf,
    memory: Option<u64>,
    /// What marks the processes that come from it.
    mark: String,
}

impl Runner {
    /// Starts a runner and greets it. `on_end` is called with its process id, on a thread of its
    /// own, when it has closed its channel, for whatever reason.
    ///
    /// # Errors
    /// Any [`Fault`].
    pub fn start(
        program: &RunnerProgram,
        deadline: Duration,
        output: &OutputSink,
        on_end: impl FnOnce(u32) + Send + 'static,
    ) -> Result<Self, Fault> {
        let not_started = |reason: String| Fault::NotStarted { reason };
        let (channel, theirs) = platform::channel().map_err(|error| not_started(error.to_string()))?;
        let mut command = Command::new(&program.program);
        command
            .arg(SUBCOMMAND)
            .current_dir(&program.folder)
            .stdin(theirs)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for name in &program.without_env {
            command.env_remove(name);
        }
        let mark = nonce();
        command.envs(&program.with_env).env(MARK, &mark);
        platform::isolate(&mut command);
        let mut child = command
            .spawn()
            .map_err(|error| not_started(format!("{} cannot be run: {error}", program.program.display())))?;
        // The parent's copy of the runner's end must go, or the end of the runner would not close it.
        drop(command);
        let nonce = nonce();
        let streams = [Stream::Stdout, Stream::Stderr];
        let ([out, err], output_read) = gather::gather(streams, OutputSink::clone(output));
        if let Some(stdout) = child.stdout.take() {
            read_output(stdout, &nonce, out, None);
        }
        let errors = Arc::new(Mutex::new(String::new()));
        if let Some(stderr) = child.stderr.take() {
            read_output(stderr, &nonce, err, Some(Arc::clone(&errors)));
        }
        let pid = child.id();
        let clone = || channel.try_clone().map_err(|error| not_started(error.to_string()));
        let (reading, closing) = (clone()?, clone()?);
        let responses = read_responses(reading, move || on_end(pid));
        let (send_exit, exit) = mpsc::channel();
        std::thread::spawn(move || {
            let ended = child.wait();
            // What it has forked may hold the channel's other end.
            platform::hang_up(&closing);
            send_exit.send(ended)
        });
        let mut runner = Self {
            pid,
            channel,
            responses,
            exit,
            output_read,
            ended: false,
            notes: None,
            errors,
            opened: BTreeSet::new(),
            folder: program.folder.clone(),
            memory: program.memory,
            mark,
        };
        match runner.ask(&Request::Hello { protocol: PROTOCOL, nonce, memory: program.memory }, deadline)? {
            Response::Hello { notes, .. } => {
                runner.notes = notes.and_then(|descriptor| platform::open_notes(pid, descriptor).ok());
                Ok(runner)
            }
            other => Err(runner.broken("the greeting", &other)),
        }
    }

    /// The runner's process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Asks, and waits for the response.
    ///
    /// # Errors
    /// Any [`Fault`]; the runner has ended then.
    pub fn ask(&mut self, request: &Request, deadline: Duration) -> Result<Response, Fault> {
        if let Request::Open { path, .. } = request {
            self.opened.insert(path.clone());
        }
        // A runner that is stopped reads nothing, and a large request would wait for ever.
        let written = platform::set_write_deadline(&self.channel, deadline)
            .and_then(|()| write_frame(&mut self.channel, request));
        match written {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.kill();
                return Err(Fault::NoAnswer { waited: deadline, doing: request.doing() });
            }
            // It has ended before it could read this.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                return Err(self.lost(None, "the channel closed"));
            }
            Err(error) => return Err(self.lost(Some(request), &error.to_string())),
        }
        match self.responses.recv_timeout(deadline) {
            Ok(Ok(Response::Broken(what))) => {
                self.kill();
                Err(Fault::Broken { what, doing: request.doing() })
            }
            Ok(Ok(response)) => {
                // What was said before has ended nothing.
                lock(&self.errors).clear();
                Ok(response)
            }
            Ok(Err(error)) => Err(self.lost(Some(request), &error.to_string())),
            Err(mpsc::RecvTimeoutError::Disconnected) => Err(self.lost(Some(request), "the channel closed")),
            Err(mpsc::RecvTimeoutError::Timeout) => {
                let place = self.where_it_hangs(request.version());
                self.kill();
                let doing = request.doing() + &place.map(|place| format!(", at {place}")).unwrap_or_default();
                Err(Fault::NoAnswer { waited: deadline, doing })
            }
        }
    }

    /// Has the version's thread write down where it is. The runner does not outlive that.
    fn where_it_hangs(&mut self, version: Option<VersionNumber>) -> Option<String> {
        let thread = platform::thread_named(self.pid, &thread_name(version?))?;
        platform::abort_thread(self.pid, thread);
        // A guest that has blocked the signal tells nothing.
        let _ = self.exit.recv_timeout(LAST_BREATH / 2);
        self.traces().place
    }

    /// What the runner left behind; it has ended.
    fn traces(&mut self) -> Traces {
        let mut text = Vec::new();
        if let Some(notes) = &mut self.notes {
            // What could be read is used.
            let _ = notes.take(MOST_NOTES).read_to_end(&mut text);
        }
        let note = CrashNote::parse(&String::from_utf8_lossy(&text));
        let note = self.notes.as_ref().map(|_| note.as_ref());
        let errors = lock(&self.errors).clone();
        Traces::gather(note, &errors, self.memory, &self.opened, &self.folder)
    }

    /// A response that does not belong to the request: kills the runner.
    pub fn broken(&mut self, doing: &str, response: &Response) -> Fault {
        self.kill();
        Fault::Broken { what: format!("it answered {response:?}"), doing: doing.to_owned() }
    }

    /// After `on_end` and without a request under way: how the runner ended.
    pub fn ended_by_itself(&mut self) -> Fault {
        self.lost(None, "the channel closed")
    }

    /// The runner is gone, or its channel is. `None`: while it was asked nothing.
    fn lost(&mut self, request: Option<&Request>, why: &str) -> Fault {
        let doing = request.map_or_else(|| "idle time".to_owned(), Request::doing);
        let exit = self.exit.recv_timeout(LAST_BREATH);
        self.kill();
        match exit {
            Ok(Ok(status)) if request.is_none() && platform::is_from_outside(status) => {
                Fault::Killed { ending: platform::ending(status) }
            }
            Ok(Ok(status)) if status.code() == Some(LOST_CHANNEL) => {
                Fault::Broken { what: "the guest has closed its channel".to_owned(), doing }
            }
            Ok(Ok(status)) => Fault::Ended { ending: self.traces().words(&platform::ending(status)), doing },
            // It is alive without its channel: the guest has closed it.
            _ => Fault::Broken { what: format!("it lost its channel ({why})"), doing },
        }
    }

    /// Kills the runner and whatever the guest started, and waits until its output was read.
    fn kill(&mut self) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        platform::kill_tree(self.pid);
        platform::kill_marked(MARK, &self.mark);
        // Nothing that the guest has written is lost; but a process that it started outside the
        // group may hold the streams open for ever, and is not waited for.
        let _ = self.output_read.recv_timeout(LAST_BREATH);
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.kill();
    }
}

/// What the guest cannot guess: the process's and this call's own random hash keys.
fn nonce() -> String {
    use std::hash::{BuildHasher, RandomState};
    format!("{:016x}{:016x}", RandomState::new().hash_one(0), RandomState::new().hash_one(1))
}

fn read_responses(
    mut channel: platform::Channel,
    on_end: impl FnOnce() + Send + 'static,
) -> mpsc::Receiver<io::Result<Response>> {
    let (send, responses) = mpsc::channel();
    std::thread::spawn(move || {
        while let Some(response) = read_frame(&mut channel).transpose() {
            let last = response.is_err();
            if send.send(response).is_err() || last {
                break;
            }
        }
        drop(send);
        on_end();
    });
    responses
}

fn lock(text: &Mutex<String>) -> MutexGuard<'_, String> {
    // A plain text; a panic while it was held cannot have left it half-written.
    text.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Appends, and forgets what lies far back.
fn keep_end(kept: &mut String, text: &str) {
    kept.push_str(text);
    if kept.len() > LAST_ERRORS {
        let mut from = kept.len() - LAST_ERRORS / 2;
        while !kept.is_char_boundary(from) {
            from += 1;
        }
        kept.drain(..from);
    }
}

/// Reads a stream to its end.
fn read_output(
    mut from: impl Read + Send + 'static,
    nonce: &str,
    mut gatherer: Gatherer,
    kept: Option<Arc<Mutex<String>>>,
) {
    let mut splitter = Splitter::new(nonce);
    std::thread::spawn(move || {
        let mut buffer = vec![0; 64 << 10];
        let mut last = None;
        // Text before the first mark can only be the runner's own and belongs to no version.
        let mut out = |version: Option<VersionNumber>, text: String| {
            if let Some(version) = version {
                gatherer.put(version, &text);
                if let Some(kept) = &kept {
                    keep_end(&mut lock(kept), &text);
                }
                last = Some(version);
            }
        };
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            splitter.feed(&buffer[..read], &mut out);
        }
        splitter.end(&mut out);
        gatherer.end(last);
    });
}
