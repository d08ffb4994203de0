//! The article's experiment as the page shows it: its events folded into plain data.

use exuvia_runtime::experiment::{ExperimentEvent, Explanation, Facts, Lane, Prepared, Step};

/// How far a run has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Stage {
    /// None was started yet.
    #[default]
    NotStarted,
    /// The two builds are being made.
    Preparing {
        /// What cargo is at; empty as long as it said nothing.
        text: String,
    },
    /// Steps can be taken.
    Ready,
    /// All lanes have ended.
    Done,
    /// It could not be prepared.
    Failed {
        /// Why, and what to do.
        message: String,
    },
    /// The user stopped it.
    Cancelled,
}

/// A lane, as far as it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaneRun {
    /// Which.
    pub lane: Lane,
    /// The steps that it took.
    pub steps: Vec<Step>,
    /// What came of it, once it has ended.
    pub end: Option<(Facts, Explanation)>,
}

/// The latest run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExperimentRun {
    /// Whether the guest has, or will have, a thread-local with a destructor.
    pub thread_local: bool,
    /// How far it has come.
    pub stage: Stage,
    /// Whether all steps were asked for.
    pub asked_all: bool,
    /// The two builds, once they are there.
    pub prepared: Option<Prepared>,
    /// The lanes, in the order of [`Lane::ALL`].
    pub lanes: [LaneRun; 4],
}

impl Default for ExperimentRun {
    fn default() -> Self {
        Self {
            thread_local: false,
            stage: Stage::NotStarted,
            asked_all: false,
            prepared: None,
            lanes: Lane::ALL.map(|lane| LaneRun { lane, steps: Vec::new(), end: None }),
        }
    }
}

impl ExperimentRun {
    /// Takes an event in.
    pub fn apply(&mut self, event: ExperimentEvent) {
        match event {
            ExperimentEvent::Started { thread_local } => {
                let asked_all = self.asked_all;
                let stage = Stage::Preparing { text: String::new() };
                *self = Self { thread_local, asked_all, stage, ..Self::default() };
            }
            ExperimentEvent::Preparing { text } => self.stage = Stage::Preparing { text },
            ExperimentEvent::Prepared { prepared } => {
                self.prepared = Some(prepared);
                self.stage = Stage::Ready;
            }
            ExperimentEvent::Step { lane, step } => self.lane(lane).steps.push(step),
            ExperimentEvent::LaneEnded { lane, facts, explanation } => {
                self.lane(lane).end = Some((facts, explanation));
            }
            // The report repeats what was told step by step.
            ExperimentEvent::Done { .. } => self.end(Stage::Done),
            ExperimentEvent::Failed { message } => self.end(Stage::Failed { message }),
            ExperimentEvent::Cancelled => self.end(Stage::Cancelled),
        }
    }

    fn end(&mut self, stage: Stage) {
        self.stage = stage;
        self.asked_all = false;
    }

    fn lane(&mut self, lane: Lane) -> &mut LaneRun {
        let index = Lane::ALL.iter().position(|it| *it == lane).unwrap_or_default();
        &mut self.lanes[index]
    }

    /// Whether something goes on that can be stopped.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        matches!(self.stage, Stage::Preparing { .. } | Stage::Ready)
    }

    /// Whether another step, or all that are left, can be asked for. After a run that begins the next one.
    #[must_use]
    pub fn takes_steps(&self) -> bool {
        !self.asked_all
    }
}

#[cfg(test)]
mod tests {
    use exuvia_runtime::experiment::{FileFacts, LaneEnd, Said};

    use super::*;

    pub(crate) fn file(inode: u64) -> FileFacts {
        FileFacts { path: "/x/libgreet.so".into(), device: "fe:00".to_owned(), inode, bytes: 40_000 }
    }

    fn facts() -> Facts {
        Facts {
            thread_local: false,
            same_path: Some(true),
            same_inode: Some(false),
            same_handle: Some(true),
            same_address: Some(true),
            code_of_first: Some(true),
            said: Some(Said::Old),
            mapped_after_close: None,
            mapped_at_end: Some(4096),
            end: LaneEnd::Finished,
        }
    }

    #[test]
    fn a_run_is_followed_from_its_start_to_its_end() {
        let mut run = ExperimentRun { asked_all: true, ..ExperimentRun::default() };
        run.apply(ExperimentEvent::Started { thread_local: true });
        run.apply(ExperimentEvent::Preparing { text: "Compiling greet".to_owned() });
        assert!(run.thread_local && run.is_under_way() && !run.takes_steps(), "{run:?}");
        let prepared = Prepared {
            old_text: "old".to_owned(),
            new_text: "new".to_owned(),
            first: file(1),
            second: file(2),
            names: Some(2),
            build_micros: 1,
        };
        run.apply(ExperimentEvent::Prepared { prepared });
        assert_eq!(run.stage, Stage::Ready);
        let step = Step::Copied { from: file(1), to: file(3) };
        run.apply(ExperimentEvent::Step { lane: Lane::UniqueCopy, step: step.clone() });
        let explanation = Explanation::FoundByName;
        run.apply(ExperimentEvent::LaneEnded { lane: Lane::Reopen, facts: facts(), explanation: explanation.clone() });
        assert_eq!(run.lanes[3].steps, [step]);
        assert_eq!(run.lanes[0].end, Some((facts(), explanation)));
        run.apply(ExperimentEvent::Cancelled);
        assert!(run.stage == Stage::Cancelled && run.takes_steps() && run.lanes[3].steps.len() == 1);
        // The next one begins with nothing of the last.
        run.apply(ExperimentEvent::Started { thread_local: false });
        assert_eq!(run.stage, Stage::Preparing { text: String::new() });
        assert!(run.prepared.is_none() && run.lanes.iter().all(|lane| lane.steps.is_empty() && lane.end.is_none()));
        run.apply(ExperimentEvent::Failed { message: "no cargo".to_owned() });
        assert_eq!(run.stage, Stage::Failed { message: "no cargo".to_owned() });
    }
}
