//! The engine's handle: commands in, events out.
//!
//! Threads of a session: the actor (decides, never waits for anything but its inbox), the host
//! (owns runner and history, see [`crate::swap`]), two per running build, one while sources are compared, and notify's.

mod actor;
mod changes;
mod check;
mod command;
mod commands;
mod comparisons;
mod event;
mod news;
mod pause;
mod settings;
mod sources;
pub mod status;

use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

pub use command::Command;
pub use event::{
    Event, GuestInfo, MappedVersion, Retirement, RunnerMemory, SHOWN_STATE, StateMoment, Stream, WatchMode,
};

use crate::build::{Cancel, Selection};
use crate::history::RetentionPolicy;
pub use crate::swap::{Deadlines, RunnerLimits};

/// What a session is started with.
#[derive(Debug, Clone)]
pub struct SessionConfig {
    /// The guest: its folder, a folder in it, its manifest or a file in it.
    pub path: PathBuf,
    /// Package, features, profile. What is not given here may come from the guest's manifest.
    pub selection: Selection,
    /// Calls to pin.
    pub pins: Vec<String>,
    /// Take up where earlier sessions left off: their pinned calls and those that the guest's
    /// manifest names, and their last good version, which runs while the first build goes on.
    pub resume: bool,
    /// Look for changes again and again instead of waiting for the system's notices.
    pub poll: bool,
    /// Build when a file changes.
    pub auto_reload: bool,
    /// Run rustc as cargo ran it, without cargo, where that will do.
    pub replay: bool,
    /// How long nothing is to happen before cargo is asked whether it makes what a replay has made.
    pub check_after: Duration,
    /// How much history is kept.
    pub retention: RetentionPolicy,
    /// How long the runner may take.
    pub deadlines: Deadlines,
    /// How much of the machine the runner may take up.
    pub limits: RunnerLimits,
    /// The executable that serves [`crate::runner::SUBCOMMAND`], [`crate::warden::SUBCOMMAND`] and
    /// [`crate::build::replay::SUBCOMMAND`].
    pub runner: PathBuf,
}

impl SessionConfig {
    /// A session on this guest with all defaults.
    pub fn new(path: impl Into<PathBuf>, runner: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            selection: Selection::default(),
            pins: Vec::new(),
            resume: true,
            poll: false,
            auto_reload: true,
            replay: true,
            check_after: Duration::from_secs(30),
            retention: RetentionPolicy::default(),
            deadlines: Deadlines::default(),
            limits: RunnerLimits::default(),
            runner: runner.into(),
        }
    }
}

/// Sends commands to a session from anywhere.
#[derive(Debug, Clone)]
pub struct CommandSender {
    inputs: mpsc::Sender<actor::Input>,
    /// Cargo's answer about the guest, for which the session's thread waits before it hears commands.
    opening: Arc<Cancel>,
}

impl CommandSender {
    /// Sends a command. Never blocks. A session that has ended takes none.
    pub fn send(&self, command: Command) {
        if matches!(command, Command::Quit) {
            // Whoever sends this must not wait until cargo is started, either.
            let opening = Arc::clone(&self.opening);
            std::thread::spawn(move || opening.cancel());
        }
        let _ = self.inputs.send(actor::Input::Command(command));
    }
}

/// A running session. Dropping it without [`Session::end`] ends it in the background.
#[derive(Debug)]
pub struct Session {
    commands: CommandSender,
    thread: Option<JoinHandle<()>>,
}

impl Session {
    /// Starts a session and returns at once; whatever can fail is told as an event. Each event is
    /// first sent, then `waker` is called, on one of the session's threads.
    pub fn start(config: SessionConfig, waker: impl Fn() + Send + Sync + 'static) -> (Self, mpsc::Receiver<Event>) {
        let (inputs, inbox) = mpsc::channel();
        let (events, receiver) = mpsc::channel();
        let opening = Arc::new(Cancel::new(None));
        let commands = CommandSender { inputs: inputs.clone(), opening: Arc::clone(&opening) };
        let tell = move |event| {
            // A receiver that is gone wants no events; the session goes on until it is ended.
            let _ = events.send(event);
            waker();
        };
        let thread = std::thread::spawn(move || actor::run(config, &opening, inputs, &inbox, tell));
        (Self { commands, thread: Some(thread) }, receiver)
    }

    /// Sends a command. Never blocks.
    pub fn send(&self, command: Command) {
        self.commands.send(command);
    }

    /// A sender for other threads.
    #[must_use]
    pub fn commands(&self) -> CommandSender {
        self.commands.clone()
    }

    /// Ends the session and waits until its build and its runner are gone.
    pub fn end(mut self) {
        self.send(Command::Quit);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.send(Command::Quit);
    }
}
