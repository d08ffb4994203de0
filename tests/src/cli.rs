//! `exuvia` as a process.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Instant;

use serde_json::Value;

use crate::guest::Guest;
use crate::process::{Signal, send};
use crate::program::exuvia;
use crate::{deadline, until};

/// A running `exuvia watch --json`. Dropped, it is killed.
pub struct Cli {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    /// All events so far.
    pub seen: Vec<Value>,
    at: usize,
}

/// The command `exuvia` with these arguments, without a display.
#[must_use]
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(exuvia());
    command.args(arguments).env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").stdin(Stdio::null());
    command
}

/// Runs `exuvia` to its end.
///
/// # Panics
/// When it cannot be started.
#[must_use]
pub fn run(arguments: &[&str]) -> Output {
    command(arguments).output().expect("exuvia runs")
}

/// What a process wrote to a stream.
#[must_use]
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl Cli {
    /// Starts `exuvia watch --json` on the guest.
    #[must_use]
    pub fn watch(guest: &Guest, options: &[&str]) -> Self {
        let root = guest.root.to_str().expect("a path in UTF-8");
        let mut arguments = vec!["watch", root, "--json"];
        arguments.extend(options);
        Self::start(command(&arguments))
    }

    /// Starts the command, whose stdout is to hold one JSON object a line.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn start(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("exuvia runs");
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let (send, lines) = mpsc::channel();
        std::thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
        Self { child, stdin, lines, seen: Vec::new(), at: 0 }
    }

    /// The process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Writes a line to its stdin.
    ///
    /// # Panics
    /// When nobody reads it.
    pub fn say(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().expect("stdin is open");
        writeln!(stdin, "{line}").expect("exuvia reads its stdin");
    }

    /// The next line.
    ///
    /// # Panics
    /// When none comes.
    pub fn line(&mut self) -> Option<String> {
        match self.lines.recv_timeout(deadline()) {
            Ok(line) => Some(line),
            Err(mpsc::RecvTimeoutError::Disconnected) => None,
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("waited {:?} for a line; {}", deadline(), self.story()),
        }
    }

    /// The next event of this name.
    ///
    /// # Panics
    /// When none comes, or a line is not a JSON object with an event's name.
    pub fn next(&mut self, name: &str) -> Value {
        let until = Instant::now() + deadline();
        loop {
            while self.at < self.seen.len() {
                self.at += 1;
                if self.seen[self.at - 1]["event"] == name {
                    return self.seen[self.at - 1].clone();
                }
            }
            assert!(Instant::now() < until, "waited {:?} for {name}; {}", deadline(), self.story());
            match self.line() {
                Some(line) => {
                    let event: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
                    assert!(event["event"].is_string(), "an event without a name: {line}");
                    self.seen.push(event);
                }
                None => panic!("exuvia ended before {name}; {}", self.story()),
            }
        }
    }

    /// Waits for a status with these words.
    pub fn status(&mut self, words: &str) {
        while self.next("status")["text"] != words {}
    }

    /// Waits until the pinned call answers with this text, and what runs is what is saved.
    pub fn runs(&mut self, text: &str) {
        while self.next("pinned_result")["answer"]["value"] != text {}
        self.is_saved();
    }

    /// Waits until what runs is what is saved, and nothing is going on.
    pub fn is_saved(&mut self) {
        loop {
            let status = self.next("status");
            if status["phase"] == "idle" && status["running"]["source"] == "same" {
                return;
            }
        }
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        send(self.child.id(), signal);
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it does not end.
    pub fn ended(&mut self) -> ExitStatus {
        let child = &mut self.child;
        until("the end of exuvia", || child.try_wait().expect("a child"))
    }

    fn story(&self) -> String {
        self.seen.iter().fold("events so far:".to_owned(), |story, event| format!("{story}\n  {event}"))
    }
}

impl Drop for Cli {
    fn drop(&mut self) {
        // One that has ended cannot be killed, and need not be.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs `cargo` in the workspace to its end, and gives its stdout.
///
/// # Panics
/// When it fails.
#[must_use]
pub fn cargo(arguments: &[impl AsRef<OsStr>]) -> String {
    let output = Command::new(env!("CARGO"))
        .current_dir(crate::program::workspace())
        .args(arguments)
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}
