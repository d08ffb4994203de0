//! The actor behind [`Experiment`](super::Experiment): takes commands, hears of the preparation and
//! of the lanes, and tells events. It waits for its inbox alone.
//!
//! Threads: this one, one for the preparation, two per lane. An experiment is one run; another run is another one.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use super::event::{ExperimentCommand, ExperimentConfig, ExperimentEvent, LaneReport, Report};
use super::explain::{Facts, explain};
use super::lane::{LaneHandle, LaneNews};
use super::prepare::{Cancel, PrepareError, Ready, prepare};
use super::process::LaneOrder;
use super::step::{Lane, Step};

/// How long a preparation may say nothing. Cargo says something for each crate.
const PATIENCE: Duration = Duration::from_secs(300);

/// What the actor is told.
#[derive(Debug)]
pub(super) enum Input {
    Command(ExperimentCommand),
    Preparing(String),
    Prepared(Result<Ready, PrepareError>),
    Lane(Lane, LaneNews),
}

/// What was asked for and not done yet.
#[derive(Debug, Clone, Copy, Default)]
struct Asked {
    steps: usize,
    all: bool,
}

/// A lane under way.
#[derive(Debug)]
struct Running {
    lane: Lane,
    handle: LaneHandle,
    steps: Vec<Step>,
    report: Option<LaneReport>,
}

#[derive(Debug)]
enum Stage {
    /// `latest` is what it last said that it does.
    Preparing {
        cancel: Cancel,
        asked: Asked,
        latest: String,
    },
    Lanes {
        ready: Box<Ready>,
        lanes: Vec<Running>,
    },
    Over,
}

struct Actor<T> {
    config: ExperimentConfig,
    inputs: mpsc::Sender<Input>,
    tell: T,
    stage: Stage,
}

/// Runs until [`ExperimentCommand::Quit`]; everything that was started is gone or being killed then.
pub(super) fn run(
    config: ExperimentConfig,
    inputs: mpsc::Sender<Input>,
    inbox: &mpsc::Receiver<Input>,
    tell: impl Fn(ExperimentEvent),
) {
    let mut actor = Actor { config, inputs, tell, stage: Stage::Over };
    actor.start();
    loop {
        let input = match actor.stage {
            Stage::Preparing { .. } => inbox.recv_timeout(PATIENCE),
            Stage::Lanes { .. } | Stage::Over => inbox.recv().map_err(RecvTimeoutError::from),
        };
        match input {
            Ok(Input::Command(ExperimentCommand::Quit)) | Err(RecvTimeoutError::Disconnected) => break,
            Ok(Input::Command(command)) => actor.obey(command),
            Ok(Input::Preparing(text)) => {
                if let Stage::Preparing { latest, .. } = &mut actor.stage {
                    latest.clone_from(&text);
                    (actor.tell)(ExperimentEvent::Preparing { text });
                }
            }
            Ok(Input::Prepared(result)) => actor.prepared(result),
            Ok(Input::Lane(lane, news)) => actor.hear(lane, news),
            Err(RecvTimeoutError::Timeout) => actor.give_up(),
        }
    }
    actor.cancel();
}

impl<T: Fn(ExperimentEvent)> Actor<T> {
    fn start(&mut self) {
        let thread_local = self.config.thread_local;
        (self.tell)(ExperimentEvent::Started { thread_local });
        let cancel = Cancel::default();
        let (inputs, config, stop) = (self.inputs.clone(), self.config.clone(), cancel.clone());
        std::thread::spawn(move || {
            let said = inputs.clone();
            // An actor that is gone needs no news.
            let say = move |text| _ = said.send(Input::Preparing(text));
            let result = prepare(&config, &stop, &say);
            let _ = inputs.send(Input::Prepared(result));
        });
        self.stage = Stage::Preparing { cancel, asked: Asked::default(), latest: String::new() };
    }

    /// Stops what is under way, and says so if there was anything.
    fn cancel(&mut self) {
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Preparing { cancel, .. } => cancel.cancel(),
            Stage::Lanes { lanes, .. } => drop(lanes),
            Stage::Over => return,
        }
        (self.tell)(ExperimentEvent::Cancelled);
    }

    fn fail(&mut self, message: String) {
        self.stage = Stage::Over;
        (self.tell)(ExperimentEvent::Failed { message });
    }

    fn give_up(&mut self) {
        if let Stage::Preparing { cancel, latest, .. } = &self.stage {
            cancel.cancel();
            self.fail(format!(
                "nothing has been heard for {} minutes, and it was stopped; the last was \"{latest}\"; is another \
                 program holding a lock, or the network away?",
                PATIENCE.as_secs() / 60
            ));
        }
    }

    fn obey(&mut self, command: ExperimentCommand) {
        match (command, &mut self.stage) {
            (ExperimentCommand::Step, Stage::Preparing { asked, .. }) => asked.steps += 1,
            (ExperimentCommand::RunAll, Stage::Preparing { asked, .. }) => asked.all = true,
            (ExperimentCommand::Step, Stage::Lanes { lanes, .. }) => step(lanes, 1),
            (ExperimentCommand::RunAll, Stage::Lanes { lanes, .. }) => step(lanes, usize::MAX),
            // Nothing is left to be done; the end is the caller's.
            (ExperimentCommand::Step | ExperimentCommand::RunAll, Stage::Over) | (ExperimentCommand::Quit, _) => {}
        }
    }

    fn prepared(&mut self, result: Result<Ready, PrepareError>) {
        let Stage::Preparing { asked, .. } = self.stage else { return };
        let ready = match result {
            Ok(ready) => ready,
            Err(error) => return self.fail(error.to_string()),
        };
        (self.tell)(ExperimentEvent::Prepared { prepared: ready.prepared.clone() });
        let lanes = Lane::ALL.map(|lane| {
            let order =
                LaneOrder { lane, folder: ready.folder(lane.folder()), old: ready.old.clone(), new: ready.new.clone() };
            let inputs = self.inputs.clone();
            let handle = LaneHandle::start(&self.config.program, order, move |news| {
                // An actor that is gone needs no news.
                let _ = inputs.send(Input::Lane(lane, news));
            });
            Running { lane, handle, steps: Vec::new(), report: None }
        });
        step(&lanes, if asked.all { usize::MAX } else { asked.steps });
        self.stage = Stage::Lanes { ready: Box::new(ready), lanes: lanes.into() };
    }

    fn hear(&mut self, lane: Lane, news: LaneNews) {
        let Stage::Lanes { ready, lanes } = &mut self.stage else { return };
        let Some(running) = lanes.iter_mut().find(|running| running.lane == lane) else { return };
        let thread_local = self.config.thread_local;
        match news {
            LaneNews::Step(step) => {
                running.steps.push(step.clone());
                (self.tell)(ExperimentEvent::Step { lane, step });
                return;
            }
            LaneNews::Ended => {
                let steps = std::mem::take(&mut running.steps);
                let facts = Facts::of(&steps, thread_local, &ready.prepared.old_text, &ready.prepared.new_text);
                let explanation = explain(lane, &facts);
                (self.tell)(ExperimentEvent::LaneEnded {
                    lane,
                    facts: facts.clone(),
                    explanation: explanation.clone(),
                });
                let words = explanation.words();
                running.report = Some(LaneReport { lane, steps, facts, explanation, words });
            }
        }
        let reports: Vec<LaneReport> = lanes.iter().filter_map(|running| running.report.clone()).collect();
        if reports.len() == lanes.len() {
            let report = Report { thread_local, prepared: ready.prepared.clone(), lanes: reports };
            self.stage = Stage::Over;
            (self.tell)(ExperimentEvent::Done { report });
        }
    }
}

/// Asks each lane for this many steps, of which no lane has more than its plan.
fn step(lanes: &[Running], steps: usize) {
    for running in lanes {
        for _ in 0..steps.min(running.lane.plan().len()) {
            running.handle.step();
        }
    }
}
