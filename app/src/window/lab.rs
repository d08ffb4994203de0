//! The window's side of the experiment: starts it when it is first asked for, and takes in what it
//! tells. It never waits.

use std::sync::mpsc::TryRecvError;

use exuvia_runtime::experiment::{ExperimentCommand, ExperimentEvent};

use super::ExperimentConnection;
use crate::model::experiment::ExperimentRun;

/// What a user wants of the experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    /// All steps that are left; after a run, another run.
    RunAll,
    /// One step in each lane; after a run, the first of another.
    Step,
    /// A new run, which waits for its first step.
    Reset,
    /// The end of what is under way.
    Stop,
    /// The other kind of guest.
    ToggleThreadLocal,
}

/// The experiment, if one was started.
#[derive(Debug, Default)]
pub(super) struct Lab {
    connection: Option<ExperimentConnection>,
}

impl Lab {
    /// Takes in what was told.
    pub(super) fn take_events(&mut self, run: &mut ExperimentRun) {
        while let Some(connection) = &self.connection {
            match connection.events.try_recv() {
                Ok(event) => run.apply(event),
                Err(TryRecvError::Empty) => return,
                Err(TryRecvError::Disconnected) => {
                    self.connection = None;
                    // One that is gone without a word has stopped all the same.
                    if run.is_under_way() {
                        run.apply(ExperimentEvent::Cancelled);
                    }
                }
            }
        }
    }

    /// Does what a user wants.
    pub(super) fn ask(&mut self, ask: Ask, run: &mut ExperimentRun, start: &dyn Fn(bool) -> ExperimentConnection) {
        let goes_on = run.is_under_way() && self.connection.is_some();
        match ask {
            Ask::RunAll | Ask::Step if !goes_on => self.begin(run, start),
            Ask::Reset => self.begin(run, start),
            Ask::ToggleThreadLocal => {
                self.end();
                // What lies there was found with the other guest. Nothing is begun: a click on a switch starts no build.
                *run = ExperimentRun { thread_local: !run.thread_local, ..ExperimentRun::default() };
            }
            Ask::RunAll | Ask::Step | Ask::Stop => {}
        }
        let Some(connection) = &self.connection else { return };
        match ask {
            Ask::RunAll => {
                run.asked_all = true;
                (connection.send)(ExperimentCommand::RunAll);
            }
            Ask::Step => (connection.send)(ExperimentCommand::Step),
            Ask::Stop => {
                (connection.send)(ExperimentCommand::Quit);
                // It ends by itself, and the next run has another.
                self.connection = None;
                run.apply(ExperimentEvent::Cancelled);
            }
            Ask::Reset | Ask::ToggleThreadLocal => {}
        }
    }

    /// A new run, in place of the one that is under way. The old one's last words are not heard.
    fn begin(&mut self, run: &mut ExperimentRun, start: &dyn Fn(bool) -> ExperimentConnection) {
        self.end();
        run.asked_all = false;
        run.apply(ExperimentEvent::Started { thread_local: run.thread_local });
        self.connection = Some(start(run.thread_local));
    }

    fn end(&mut self) {
        if let Some(old) = self.connection.take() {
            (old.send)(ExperimentCommand::Quit);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;
    use std::sync::mpsc::channel;

    use super::*;
    use crate::model::demo;
    use crate::model::experiment::Stage;

    #[test]
    fn what_is_asked_becomes_commands_and_runs() {
        let log = Rc::new(RefCell::new(Vec::new()));
        let start = |thread_local| {
            let (sender, events) = channel();
            log.borrow_mut().push(format!("start {thread_local}"));
            let log = Rc::clone(&log);
            let send = move |command: ExperimentCommand| {
                log.borrow_mut().push(format!("{command:?}"));
                if command == ExperimentCommand::RunAll {
                    demo::experiment().into_iter().for_each(|event| sender.send(event).unwrap());
                }
            };
            ExperimentConnection { events, send: Box::new(send) }
        };
        let (mut lab, mut run) = (Lab::default(), ExperimentRun::default());
        let ask = |ask, lab: &mut Lab, run: &mut ExperimentRun| {
            lab.ask(ask, run, &start);
            lab.take_events(run);
            log.take()
        };
        assert_eq!(ask(Ask::ToggleThreadLocal, &mut lab, &mut run), Vec::<String>::new(), "nothing runs yet");
        assert_eq!(ask(Ask::Step, &mut lab, &mut run), ["start true", "Step"]);
        assert!(matches!(run.stage, Stage::Preparing { .. }));
        assert_eq!(ask(Ask::Stop, &mut lab, &mut run), ["Quit"]);
        assert_eq!(run.stage, Stage::Cancelled);
        assert_eq!(ask(Ask::ToggleThreadLocal, &mut lab, &mut run), Vec::<String>::new());
        assert_eq!(ask(Ask::RunAll, &mut lab, &mut run), ["start false", "RunAll"]);
        assert!(run.stage == Stage::Done && run.lanes.iter().all(|lane| lane.end.is_some()));
        assert_eq!(ask(Ask::ToggleThreadLocal, &mut lab, &mut run), ["Quit"], "other facts will hold");
        assert!(run.thread_local && run.stage == Stage::NotStarted);
        assert!(run.lanes.iter().all(|lane| lane.steps.is_empty()));
        assert_eq!(ask(Ask::Reset, &mut lab, &mut run), ["start true"]);
    }
}
