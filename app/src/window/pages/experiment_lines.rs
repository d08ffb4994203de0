//! What the experiment page shows, as plain data: a line per step, and what came of each lane.

use exuvia_runtime::experiment::{
    Explanation, Facts, FileFacts, Lane, LibraryFacts, MappedFile, Prepared, Said, Step, StepKind,
};
use exuvia_runtime::session::status::Tone;

use crate::model::experiment::{ExperimentRun, LaneRun, Stage};
use crate::model::words::bytes;
use crate::text::Language;

/// A step of a lane.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct StepLine {
    /// What was done, or will be.
    pub(crate) name: &'static str,
    /// The fact that counts most.
    pub(crate) fact: String,
    /// Its colour's meaning.
    pub(crate) tone: Option<Tone>,
    /// What was printed.
    pub(crate) printed: Option<(String, Tone)>,
    /// More facts, a line each.
    pub(crate) below: Vec<String>,
    /// Whether it was taken.
    pub(crate) done: bool,
}

/// A lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LaneView {
    /// Its title.
    pub(crate) title: &'static str,
    /// What it does, in one line.
    pub(crate) does: &'static str,
    /// Its steps: those that were taken, and those of its plan.
    pub(crate) steps: Vec<StepLine>,
    /// What came of it, in few words.
    pub(crate) outcome: (String, Option<Tone>),
    /// Why, in a sentence or two; empty as long as it is not known.
    pub(crate) why: String,
    /// What is to be known about its facts.
    pub(crate) hint: Option<&'static str>,
}

impl LaneView {
    /// What is known of a lane.
    pub(crate) fn new(run: &ExperimentRun, lane: &LaneRun, l: Language) -> Self {
        let (title, does) = l.lane(lane.lane);
        let said = |printed: &str| said(run.prepared.as_ref(), printed);
        let mut first = lane.steps.iter().find_map(|step| match step {
            Step::Opened { library } => Some(library.file.inode),
            _ => None,
        });
        let mut steps = Vec::new();
        let (mut earlier, mut again): (Vec<&FileFacts>, Option<&FileFacts>) = (Vec::new(), None);
        for step in &lane.steps {
            if let Some(file) = made(step, &mut earlier) {
                // A number is free once nothing of its file is mapped: whatever has it now is no longer the old one.
                (first, again) = (None, Some(file));
            }
            let mut line = step_line(step, first, &said, l);
            if file_of(step).is_some_and(|file| again.is_some_and(|again| file.is_same_file(again))) {
                line.below.push(l.fact_number_again().to_owned());
            }
            steps.push(line);
        }
        // A lane that has died takes no more steps.
        if lane.end.is_none() {
            let planned = lane.lane.plan().iter().skip(steps.len());
            steps.extend(planned.map(|step| StepLine { name: l.step(*step), ..StepLine::default() }));
        }
        let (outcome, why) = match &lane.end {
            Some((facts, explanation)) => (outcome(lane.lane, facts, explanation, l), l.why(explanation)),
            None if lane.steps.is_empty() => ((l.outcome_waiting().to_owned(), None), String::new()),
            None if run.stage == Stage::Ready => ((l.outcome_running().to_owned(), Some(Tone::Busy)), String::new()),
            None => ((l.experiment_cancelled().to_owned(), None), String::new()),
        };
        // Its first file is gone when the second one is copied.
        let hint = (lane.lane == Lane::UniqueCopy).then(|| l.lane_unique_copy_hint());
        Self { title, does, steps, outcome, why, hint }
    }
}

/// The file that a step makes or opens.
fn file_of(step: &Step) -> Option<&FileFacts> {
    match step {
        Step::Copied { to: file, .. } | Step::Replaced { after: file, .. } => Some(file),
        Step::OpenedAgain { library, .. } => Some(&library.file),
        _ => None,
    }
}

/// The new file that a step makes, if it got the number of an `earlier` one, which is then gone.
fn made<'a>(step: &'a Step, earlier: &mut Vec<&'a FileFacts>) -> Option<&'a FileFacts> {
    if let Step::Replaced { before, .. } = step {
        earlier.push(before);
    }
    let (Step::Copied { to: file, .. } | Step::Replaced { after: file, .. }) = step else { return None };
    let is_again = earlier.iter().any(|one| one.is_same_file(file));
    earlier.push(file);
    is_again.then_some(file)
}

/// The meaning of a printed text.
fn said(prepared: Option<&Prepared>, printed: &str) -> Tone {
    match prepared.map(|prepared| Said::of(printed, &prepared.old_text, &prepared.new_text)) {
        Some(Said::Old) => Tone::Attention,
        Some(Said::New) => Tone::Good,
        Some(Said::Other { .. }) => Tone::Bad,
        None => Tone::Busy,
    }
}

/// What came of a lane, in few words, from its facts.
fn outcome(lane: Lane, facts: &Facts, explanation: &Explanation, l: Language) -> (String, Option<Tone>) {
    let (text, tone) = match explanation {
        Explanation::DiedOverwritten { ending, .. } | Explanation::Died { ending, .. } => {
            return (l.outcome_died(short(ending)), Some(Tone::Bad));
        }
        Explanation::Silent { .. } => (l.outcome_silent(), Tone::Bad),
        Explanation::Refused { .. } => (l.outcome_refused(), Tone::Bad),
        Explanation::OverwrittenNew => (l.outcome_new_by_luck(), Tone::Attention),
        _ => match &facts.said {
            Some(Said::Old) => (l.outcome_old(), Tone::Attention),
            // The old version is to be gone as well, where it is meant to be.
            Some(Said::New) if lane == Lane::UniqueCopy && facts.mapped_at_end.is_some_and(|bytes| bytes > 0) => {
                (l.outcome_new(), Tone::Attention)
            }
            Some(Said::New) => (l.outcome_new(), Tone::Good),
            Some(Said::Other { .. }) => (l.outcome_neither(), Tone::Bad),
            None => (l.outcome_open(), Tone::Attention),
        },
    };
    (text.to_owned(), Some(tone))
}

/// The signal's name without its meaning, which is in the sentence; an exit code is as it is.
fn short(ending: &str) -> &str {
    ending.split_once(" (").map_or(ending, |(name, _)| name)
}

/// Device and inode, which name a file whatever its path is.
pub(crate) fn number(file: &FileFacts) -> String {
    format!("{}:{}", file.device, file.inode)
}

fn mapped_number(file: &MappedFile, l: Language) -> String {
    let deleted = if file.deleted { format!(" {}", l.fact_deleted()) } else { String::new() };
    format!("{}:{}{deleted}", file.device, file.inode)
}

/// `first` is the inode that was opened first.
fn step_line(step: &Step, first: Option<u64>, said: &dyn Fn(&str) -> Tone, l: Language) -> StepLine {
    let is_first = |file: &&MappedFile| Some(file.inode) == first;
    let mut line = StepLine { name: l.step(step.kind()), done: true, ..StepLine::default() };
    match step {
        Step::Copied { to, .. } => line.fact = number(to),
        Step::Replaced { before, after } => line.fact = format!("{} → {}", before.inode, after.inode),
        Step::Overwritten { after, .. } => line.fact = number(after),
        Step::Opened { library } => {
            line.fact = handle(library.handle, l);
            line.below = library_lines(library, l);
        }
        Step::OpenedAgain { library, same_handle } => {
            (line.fact, line.tone) = match same_handle {
                Some(true) => (l.fact_same_handle().to_owned(), Some(Tone::Attention)),
                Some(false) => (l.fact_other_handle().to_owned(), Some(Tone::Good)),
                None => (String::new(), None),
            };
            line.below = library_lines(library, l);
        }
        Step::Greeted { printed, address } | Step::GreetedAgain { printed, address } => {
            line.fact = l.fact_function_at(&format!("{address:#x}"));
            line.printed = Some((printed.trim_end().to_owned(), said(printed)));
        }
        Step::Closed { mapped } => {
            let left = mapped.as_ref().map(|files| files.iter().filter(is_first).map(|file| file.bytes).sum());
            (line.fact, line.tone) = match left {
                None => (l.fact_unknown().to_owned(), None),
                Some(0) => (l.fact_unmapped().to_owned(), Some(Tone::Good)),
                Some(size) => (l.fact_mapped(&bytes(size)), Some(Tone::Attention)),
            };
        }
        Step::LookedAtMappings { mapped } => match mapped {
            None => line.fact = l.fact_unknown().to_owned(),
            Some(files) if files.is_empty() => line.fact = l.fact_nothing().to_owned(),
            Some(files) => {
                line.fact = bytes(files.iter().map(|file| file.bytes).sum());
                let names = files.iter().map(|file| (is_first(&file), mapped_number(file, l)));
                let names = names.map(|(old, file)| if old { l.fact_old(&file) } else { l.fact_new(&file) });
                line.below = names.collect();
            }
        },
        Step::Refused { doing, message } => {
            line.name = l.step_refused();
            (line.fact, line.tone) = (l.fact_while(l.doing(*doing)), Some(Tone::Bad));
            line.below = vec![message.clone()];
        }
        Step::Died { doing, ending, printed } => {
            line.name = l.step_died();
            (line.fact, line.tone) = (short(ending).to_owned(), Some(Tone::Bad));
            line.below = vec![l.fact_while(l.doing(*doing))];
            if !printed.is_empty() {
                line.below.push(l.fact_printed_before(printed.trim_end()));
            }
        }
        Step::Silent { doing, waited } => {
            line.name = l.step_silent();
            (line.fact, line.tone) = (l.fact_waited(*waited), Some(Tone::Bad));
            line.below = vec![l.fact_while(l.doing(*doing))];
        }
    }
    debug_assert!(step.ends_lane() || step.kind() != StepKind::Started, "starting is no step of its own");
    line
}

fn handle(handle: Option<u64>, l: Language) -> String {
    handle.map_or_else(String::new, |handle| l.fact_handle(&format!("{handle:#x}")))
}

/// Where the path leads, and where the code really comes from.
fn library_lines(library: &LibraryFacts, l: Language) -> Vec<String> {
    let code = match &library.code {
        Some(code) => mapped_number(code, l),
        None => l.fact_unknown().to_owned(),
    };
    vec![l.fact_file(&number(&library.file)), l.fact_code(&code)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::demo;

    fn sample() -> ExperimentRun {
        let mut run = ExperimentRun::default();
        demo::experiment().into_iter().for_each(|event| run.apply(event));
        run
    }

    #[test]
    fn each_lane_says_what_came_of_it() {
        let run = sample();
        let [reopen, overwrite, close, copy] =
            [0, 1, 2, 3].map(|index| LaneView::new(&run, &run.lanes[index], Language::English));
        assert_eq!(reopen.outcome, ("old text".to_owned(), Some(Tone::Attention)));
        assert!(overwrite.outcome.0.starts_with("died: SIG"), "{:?}", overwrite.outcome);
        assert_eq!(close.outcome, ("new text".to_owned(), Some(Tone::Good)));
        assert_eq!(copy.outcome, ("new text".to_owned(), Some(Tone::Good)));
        assert!(copy.why.contains("nothing of it is mapped any more"), "{}", copy.why);
        let facts = |lane: &LaneView, name| lane.steps.iter().rev().find(|step| step.name == name).cloned().unwrap();
        assert_eq!(facts(&reopen, "Opened again").fact, "the same handle");
        assert_eq!(facts(&reopen, "Greeted again").printed, facts(&reopen, "Greeted").printed);
        assert_eq!(facts(&copy, "Closed").fact, "unmapped");
        assert!(facts(&reopen, "Mapped at the end").below[0].starts_with("old fe:"), "{reopen:?}");
        assert!(facts(&copy, "Mapped at the end").below[0].starts_with("new fe:"), "{copy:?}");
        assert_eq!(facts(&copy, "Opened again").fact, "another handle");
        assert_eq!(facts(&copy, "Greeted again").printed.map(|(_, tone)| tone), Some(Tone::Good));
        let code = &facts(&reopen, "Opened again").below[1];
        assert!(code.ends_with("(deleted)"), "{code}");
    }

    #[test]
    fn a_number_that_a_gone_file_had_is_said_to_be_used_again() {
        let file = |inode| FileFacts { path: "/l/a.so".into(), device: "fe:00".to_owned(), inode, bytes: 9 };
        let library =
            |inode| LibraryFacts { path: "/l/a.so".into(), file: file(inode), handle: None, address: 1, code: None };
        let mapped = |inode| Step::LookedAtMappings {
            mapped: Some(vec![MappedFile {
                path: "/l/a.so".into(),
                deleted: false,
                device: "fe:00".to_owned(),
                inode,
                bytes: 4_096,
            }]),
        };
        let opened = |inode| Step::OpenedAgain { library: library(inode), same_handle: Some(false) };
        let copied = |inode| Step::Copied { from: file(1), to: file(inode) };
        let replaced = |before, after| Step::Replaced { before: file(before), after: file(after) };
        let first = || Step::Opened { library: library(7) };
        for (lane, steps, again, end) in [
            (3, vec![copied(7), first(), copied(7), opened(7), mapped(7)], vec![2, 3], "new fe:00:7"),
            (3, vec![copied(7), first(), copied(8), opened(8), mapped(8)], vec![], "new fe:00:8"),
            (2, vec![first(), replaced(7, 7), opened(7), mapped(7)], vec![1, 2], "new fe:00:7"),
            (2, vec![first(), replaced(7, 8), opened(8), mapped(7)], vec![], "old fe:00:7"),
        ] {
            let mut run = ExperimentRun::default();
            run.lanes[lane].steps = steps.clone();
            let view = LaneView::new(&run, &run.lanes[lane], Language::English);
            let says = |line: &StepLine| line.below.iter().any(|text| text == "(number used again)");
            let said: Vec<_> = view.steps.iter().enumerate().filter(|(_, line)| says(line)).map(|(at, _)| at).collect();
            assert_eq!(said, again, "{steps:?}");
            assert_eq!(view.steps[steps.len() - 1].below, [end], "{steps:?}");
        }
    }

    #[test]
    fn steps_to_come_are_shown_and_a_dead_lane_has_none() {
        let run = ExperimentRun::default();
        let lane = LaneView::new(&run, &run.lanes[3], Language::English);
        assert!(lane.steps.len() == 9 && lane.steps.iter().all(|step| !step.done), "{lane:?}");
        assert_eq!(lane.outcome, ("not run yet".to_owned(), None));
        let run = sample();
        let lane = LaneView::new(&run, &run.lanes[1], Language::English);
        assert!(lane.steps.iter().all(|step| step.done), "{lane:?}");
    }

    #[test]
    fn outcomes_follow_the_facts() {
        let run = sample();
        let (facts, _) = run.lanes[3].end.clone().unwrap();
        let l = Language::English;
        for (lane, facts, explanation, text, tone) in [
            (
                Lane::UniqueCopy,
                Facts { mapped_at_end: Some(5), ..facts.clone() },
                Explanation::FreshCopyOldMapped { bytes: 5 },
                "new text",
                Tone::Attention,
            ),
            (
                Lane::CloseReopen,
                Facts { said: Some(Said::Old), ..facts.clone() },
                Explanation::PinnedByThreadLocal { bytes: 5 },
                "old text",
                Tone::Attention,
            ),
            (
                Lane::Overwrite,
                Facts { said: Some(Said::Other { text: "x".to_owned() }), ..facts.clone() },
                Explanation::OverwrittenOther { text: "x".to_owned() },
                "neither text",
                Tone::Bad,
            ),
            (
                Lane::Overwrite,
                facts.clone(),
                Explanation::Silent { doing: StepKind::Opened, waited: 9 },
                "no answer",
                Tone::Bad,
            ),
            (
                Lane::Reopen,
                Facts { said: None, ..facts.clone() },
                Explanation::NotExplained,
                "not explained",
                Tone::Attention,
            ),
        ] {
            assert_eq!(outcome(lane, &facts, &explanation, l), (text.to_owned(), Some(tone)), "{explanation:?}");
        }
    }
}
