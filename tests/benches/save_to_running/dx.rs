//! An edit by `dx serve --hotpatch`: a program that calls its function through dioxus' `subsecond`, and dx beside it,
//! which compiles the program's crate anew, links a patch against the running program and has it taken on.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::contest::{Contestant, Run, micros};
use crate::guest::{Guest, Place, Shape};

/// Its row.
pub(crate) const ROW: &str = "dx serve --hotpatch";

/// The variable that tells the program where its answers are read. dx passes its environment on.
pub(crate) const ANSWERS: &str = "SAVE_TO_RUNNING_ANSWERS";

/// No answer for this long after a save: the change was missed. Also enough for a full rebuild.
const LOST: Duration = Duration::from_secs(120);

/// No answer for this long after the start, which compiles all that the program depends on.
const NEVER_STARTED: Duration = Duration::from_secs(1_800);

/// Nothing said for this long: it has done all that an edit gives it to do. Longer than the 300 ms that dx gives a
/// program it has started, in which it does nothing else.
const QUIET: Duration = Duration::from_millis(500);

/// dx is to have ended by itself this long after its program has.
const ENDED: Duration = Duration::from_secs(5);

/// So many of dx's last lines are told where it fails.
const KEPT: usize = 12;

/// What dx says when it lets a change pass.
const MISSED: [&str; 2] = ["Ignoring hotpatch", "Ignoring patch rebuild"];

/// What is heard while an edit is on its way.
#[derive(Debug)]
enum Said {
    /// A program has been started, which writes here, and ends when it cannot any more.
    Started(TcpStream),
    /// The program has an answer that it did not have before.
    Answer(u64),
    /// A line of dx's.
    Line(String),
    /// dx has ended.
    Ended,
}

/// A program that is patched.
#[derive(Debug)]
pub(crate) struct Dx {
    place: Place,
    dx: Child,
    program: Option<TcpStream>,
    answers: SocketAddr,
    said: Receiver<Said>,
    last: VecDeque<String>,
}

/// Which dx is in the `PATH`.
pub(crate) fn found() -> Option<String> {
    let output = Command::new("dx").arg("--version").stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The version of the dx in the `PATH`, which the program's libraries must have, too.
fn version() -> Result<String, String> {
    const INSTALL: &str = "`cargo install dioxus-cli@^0.7 --locked` installs it";
    let found = found().ok_or_else(|| format!("there is no `dx` in the PATH; {INSTALL}"))?;
    let version = found.split_whitespace().find(|word| word.starts_with("0.7."));
    version.map(str::to_owned).ok_or_else(|| format!("`dx --version` says {found:?} instead of 0.7; {INSTALL}"))
}

impl Dx {
    /// Has dx build the twin for the first time and start it.
    pub(crate) fn open(guest: &Guest, folder: &Path, number: u64) -> Result<Self, String> {
        let place = guest.write(folder, "dx", Shape::Patched(&version()?), number)?;
        let failed = |error: std::io::Error| format!("a socket for the answers: {error}");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
        let answers = listener.local_addr().map_err(failed)?;
        let mut command = command(&place.root, &folder.join("dx_home"))?;
        let mut dx =
            command.env(ANSWERS, answers.to_string()).spawn().map_err(|error| format!("{command:?}: {error}"))?;
        let (tell, said) = mpsc::channel();
        let (stdout, stderr) = (dx.stdout.take(), dx.stderr.take());
        let mut dx = Self { place, dx, program: None, answers, said, last: VecDeque::new() };
        std::thread::spawn({
            let tell = tell.clone();
            move || hear(&listener, &tell)
        });
        std::thread::spawn({
            let tell = tell.clone();
            let stderr = stderr.ok_or("no standard error of dx")?;
            move || read(stderr, &tell)
        });
        let stdout = stdout.ok_or("no standard output of dx")?;
        std::thread::spawn(move || {
            read(stdout, &tell);
            // Nobody is there to hear it where the benchmark has ended it.
            let _ = tell.send(Said::Ended);
        });
        let deadline = Instant::now() + NEVER_STARTED;
        while !matches!(dx.hear_until(deadline)?.0, Said::Answer(found) if found == number) {}
        // The program has to have told dx where it lies, too.
        dx.settle()?;
        Ok(dx)
    }

    /// What is said next, and when that was heard.
    fn hear_until(&mut self, deadline: Instant) -> Result<(Said, Instant), String> {
        let said = self.said.recv_timeout(deadline.saturating_duration_since(Instant::now()));
        let at = Instant::now();
        let said = said.map_err(|_| self.failure("no answer in time"))?;
        self.keep(&said)?;
        match said {
            Said::Line(line) if MISSED.iter().any(|missed| line.contains(missed)) => {
                Err(self.failure("the change was missed"))
            }
            Said::Ended => Err(self.failure("dx has ended")),
            said => Ok((said, at)),
        }
    }

    /// Keeps the program's socket, and what dx says, for an error's message.
    fn keep(&mut self, said: &Said) -> Result<(), String> {
        match said {
            Said::Line(line) => {
                self.last.truncate(KEPT - 1);
                self.last.push_front(line.clone());
            }
            Said::Started(program) => {
                let program = program.try_clone().map_err(|error| format!("the program's socket: {error}"))?;
                self.program = Some(program);
            }
            Said::Answer(_) | Said::Ended => {}
        }
        Ok(())
    }

    /// A message with dx's last lines.
    fn failure(&self, what: &str) -> String {
        let lines: Vec<&str> = self.last.iter().rev().map(String::as_str).collect();
        format!("{what}; dx has said at last:\n  {}", lines.join("\n  "))
    }
}

/// dx without its interface, and without anything outside of a folder: neither files, but for cargo's and rustup's
/// own, nor the network, which it would ask for a newer dx.
fn command(root: &Path, home: &Path) -> Result<Command, String> {
    let mut command = Command::new("dx");
    // With the last, it ends where the program ends, which ends with the benchmark.
    command.args(["serve", "--hotpatch", "--interactive", "false", "--open", "false", "--exit-on-error"]);
    command.current_dir(root).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let temporary = home.join("tmp");
    std::fs::create_dir_all(&temporary).map_err(|error| format!("{}: {error}", temporary.display()))?;
    for (name, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
        let theirs = std::env::var_os(name).map(PathBuf::from);
        let theirs = theirs.or_else(|| Some(std::env::home_dir()?.join(folder)));
        command.env(name, theirs.ok_or_else(|| format!("set {name}: there is no home folder to find it in"))?);
    }
    for name in ["XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "DX_HOME"] {
        command.env(name, home.join(name.to_lowercase()));
    }
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        // Nobody listens there.
        command.env(name, "http://127.0.0.1:9").env(name.to_lowercase(), "http://127.0.0.1:9");
    }
    // What it links into the program as a whole, it looks for in the workspace, where the target folder is by itself.
    command.env_remove("CARGO_TARGET_DIR").env_remove("CARGO_BUILD_TARGET_DIR").env_remove("DIOXUS_LOG");
    command.env("HOME", home).env("TMPDIR", temporary);
    command.env("TELEMETRY", "false").env("NO_DOWNLOADS", "true").env("NO_COLOR", "1");
    Ok(command)
}

/// Tells each program that is started, and the numbers that it writes.
fn hear(listener: &TcpListener, tell: &Sender<Said>) {
    for program in listener.incoming().map_while(Result::ok) {
        let Ok(ours) = program.try_clone() else { return };
        if tell.send(Said::Started(ours)).is_err() {
            return;
        }
        let tell = tell.clone();
        std::thread::spawn(move || {
            let lines = BufReader::new(program).lines().map_while(Result::ok);
            for answer in lines.filter_map(|line| line.parse().ok()) {
                if tell.send(Said::Answer(answer)).is_err() {
                    return;
                }
            }
        });
    }
}

/// Tells dx's lines.
fn read(output: impl Read, tell: &Sender<Said>) {
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        if tell.send(Said::Line(plain(&line))).is_err() {
            return;
        }
    }
}

/// The line without its colours: without `ESC [ … m`.
fn plain(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or(part, |(_, rest)| rest))
}

impl Contestant for Dx {
    fn name(&self) -> &'static str {
        ROW
    }

    fn is_ours(&self) -> bool {
        false
    }

    fn edit(&mut self, number: u64) -> Result<Run, String> {
        let text = self.place.text(number);
        let (mut patched, mut answered, mut is_rebuild) = (None, None, false);
        let began = Instant::now();
        self.place.save(&text)?;
        let deadline = began + LOST;
        while answered.is_none() || patched.is_none() {
            match self.hear_until(deadline)? {
                (Said::Answer(found), at) if found == number => answered = Some(at),
                (Said::Line(line), at) if line.contains("Hot-patching: ") || line.contains("Build completed in") => {
                    patched = Some(at);
                }
                (Said::Started(_), _) => is_rebuild = true,
                _ => {}
            }
        }
        if is_rebuild {
            eprintln!("{}", self.failure(&format!("{ROW}: a full rebuild for the edit to {number}")));
        }
        let answered = answered.ok_or("no answer")?;
        let patch = micros(patched.unwrap_or(answered).min(answered).duration_since(began));
        let total = micros(answered.duration_since(began));
        Ok(Run { total, parts: vec![("patch", patch), ("load", total - patch)], is_rebuild })
    }

    fn settle(&mut self) -> Result<(), String> {
        loop {
            match self.said.recv_timeout(QUIET) {
                Ok(Said::Ended) | Err(RecvTimeoutError::Disconnected) => return Err(self.failure("dx has ended")),
                Ok(said) => self.keep(&said)?,
                Err(RecvTimeoutError::Timeout) => return Ok(()),
            }
        }
    }
}

impl Drop for Dx {
    fn drop(&mut self) {
        // It ends, and dx, which waits for it, ends then: killed before, it would leave it to nobody.
        if let Some(program) = &self.program {
            let _ = program.shutdown(Shutdown::Both);
            while self.said.recv_timeout(ENDED).is_ok_and(|said| !matches!(said, Said::Ended)) {}
        }
        // The only failure is that the group is gone already.
        let _ = kill_process_group(Pid::from_child(&self.dx), Signal::KILL);
        let _ = self.dx.wait();
        // Who listens for programs finds that nobody wants to know of them.
        self.said = mpsc::channel().1;
        let _ = TcpStream::connect(self.answers);
    }
}
