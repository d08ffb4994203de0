//! The article's experiment, run for real: a guest is built, opened, greeted, edited, built again,
//! and opened once more, in four ways side by side, each in a process of its own.
//!
//! Nothing is scripted: each lane's process makes its own system calls, whatever comes of them is
//! told as facts, and the sentence that explains a lane is chosen from its facts. This process
//! opens no library.
//!
//! | module | its job |
//! |---|---|
//! | `event` | commands in, events and the report out |
//! | `step` | the lanes, their steps and what each found |
//! | `explain` | facts from steps, one sentence from facts (pure) |
//! | `greeting` | the guest's sources before and after the edit (pure) |
//! | `prepare` | two builds of the scratch copy by real cargo |
//! | `actor` | what is asked, what is under way, what is told |
//! | `lane` | the parent's side of a lane's process |
//! | `process` | the lane's process: the steps themselves |
//! | `look` | files and mappings as they are |

mod actor;
mod event;
mod explain;
mod greeting;
mod lane;
mod look;
mod prepare;
mod process;
mod step;

use std::sync::mpsc;
use std::thread::JoinHandle;

pub use event::{ExperimentCommand, ExperimentConfig, ExperimentEvent, LaneReport, Prepared, Report};
pub use explain::{Explanation, Facts, LaneEnd, Said, explain};
pub use process::serve;
pub use step::{FileFacts, Lane, LibraryFacts, Mapped, MappedFile, Step, StepKind};

/// The hidden subcommand that makes the executable a lane's process; it is to call [`serve`].
pub const SUBCOMMAND: &str = "__experiment-lane";

/// Sends commands to an experiment from anywhere.
#[derive(Debug, Clone)]
pub struct ExperimentSender(mpsc::Sender<actor::Input>);

impl ExperimentSender {
    /// Sends a command. Never blocks. An experiment that has ended takes none.
    pub fn send(&self, command: ExperimentCommand) {
        let _ = self.0.send(actor::Input::Command(command));
    }
}

/// A running experiment. Dropping it without [`Experiment::end`] ends it in the background.
#[derive(Debug)]
pub struct Experiment {
    commands: ExperimentSender,
    thread: Option<JoinHandle<()>>,
}

impl Experiment {
    /// Starts an experiment with the preparation of a run and returns at once; whatever can fail is
    /// told as an event. Each event is first sent, then `waker` is called, on the experiment's thread.
    pub fn start(
        config: ExperimentConfig,
        waker: impl Fn() + Send + 'static,
    ) -> (Self, mpsc::Receiver<ExperimentEvent>) {
        let (inputs, inbox) = mpsc::channel();
        let (events, receiver) = mpsc::channel();
        let commands = ExperimentSender(inputs.clone());
        let tell = move |event| {
            // A receiver that is gone wants no events; the experiment goes on until it is ended.
            let _ = events.send(event);
            waker();
        };
        let thread = std::thread::spawn(move || actor::run(config, inputs, &inbox, tell));
        (Self { commands, thread: Some(thread) }, receiver)
    }

    /// Sends a command. Never blocks.
    pub fn send(&self, command: ExperimentCommand) {
        self.commands.send(command);
    }

    /// A sender for other threads.
    #[must_use]
    pub fn commands(&self) -> ExperimentSender {
        self.commands.clone()
    }

    /// Ends the experiment; cargo and the lanes' processes were killed when this returns.
    pub fn end(mut self) {
        self.send(ExperimentCommand::Quit);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Experiment {
    fn drop(&mut self) {
        self.send(ExperimentCommand::Quit);
    }
}
