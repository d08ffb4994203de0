//! Tests of the explanations.

use super::*;
use crate::experiment::step::{FileFacts, LibraryFacts, MappedFile};

fn finished() -> Facts {
    Facts::of(&[], false, "old", "new")
}

fn ended(end: LaneEnd) -> Facts {
    Facts { end, ..finished() }
}

#[test]
fn an_explanation_is_chosen_from_the_facts() {
    use Lane::{CloseReopen, Overwrite, Reopen, UniqueCopy};
    let (old, new) = (Some(Said::Old), Some(Said::New));
    let garbage = Some(Said::Other { text: "Hel".to_owned() });
    let (yes, no) = (Some(true), Some(false));
    let doing = StepKind::GreetedAgain;
    let ending = || "SIGSEGV".to_owned();
    let base = finished();
    for (lane, facts, expected) in [
        (
            Reopen,
            Facts { said: old.clone(), same_handle: yes, same_inode: no, ..base.clone() },
            Explanation::FoundByName,
        ),
        // Without handles, the address has to do.
        (
            Reopen,
            Facts { said: old.clone(), same_address: yes, same_inode: no, ..base.clone() },
            Explanation::FoundByName,
        ),
        (
            Reopen,
            Facts { said: old.clone(), same_handle: yes, same_inode: yes, ..base.clone() },
            Explanation::FoundOpen,
        ),
        (Reopen, Facts { said: new.clone(), same_handle: no, ..base.clone() }, Explanation::OpenedBeside),
        // The first handle with the new text is nothing that replacing a file explains.
        (Reopen, Facts { said: new.clone(), same_handle: yes, ..base.clone() }, Explanation::NotExplained),
        (Reopen, Facts { said: old.clone(), same_handle: no, ..base.clone() }, Explanation::NotExplained),
        (Overwrite, Facts { same_inode: yes, ..ended(LaneEnd::Died { doing, ending: ending() }) }, {
            Explanation::DiedOverwritten { doing, ending: ending() }
        }),
        // Had it got a new file instead, that would not be the reason.
        (Overwrite, Facts { same_inode: no, ..ended(LaneEnd::Died { doing, ending: ending() }) }, {
            Explanation::Died { doing, ending: ending() }
        }),
        // Before the file was overwritten, that cannot be the reason.
        (Overwrite, ended(LaneEnd::Died { doing: StepKind::Greeted, ending: ending() }), {
            Explanation::Died { doing: StepKind::Greeted, ending: ending() }
        }),
        (Reopen, ended(LaneEnd::Died { doing, ending: ending() }), Explanation::Died { doing, ending: ending() }),
        (Overwrite, Facts { said: old.clone(), ..base.clone() }, Explanation::OverwrittenOld),
        (Overwrite, Facts { said: new.clone(), ..base.clone() }, Explanation::OverwrittenNew),
        (Overwrite, Facts { said: garbage.clone(), ..base.clone() }, {
            Explanation::OverwrittenOther { text: "Hel".to_owned() }
        }),
        (CloseReopen, Facts { said: new.clone(), mapped_after_close: Some(0), ..base.clone() }, Explanation::Unloaded),
        (
            CloseReopen,
            Facts { said: old.clone(), thread_local: true, mapped_after_close: Some(9), ..base.clone() },
            Explanation::PinnedByThreadLocal { bytes: 9 },
        ),
        (
            CloseReopen,
            Facts { said: old.clone(), mapped_after_close: Some(9), ..base.clone() },
            Explanation::StillMapped { bytes: 9 },
        ),
        // That the thread-local pins it is claimed only where it was seen to be mapped.
        (
            CloseReopen,
            Facts { said: old.clone(), thread_local: true, mapped_after_close: Some(0), ..base.clone() },
            Explanation::NotExplained,
        ),
        (
            UniqueCopy,
            Facts { said: new.clone(), same_path: no, same_inode: no, mapped_at_end: Some(0), ..base.clone() },
            Explanation::FreshCopy,
        ),
        (
            UniqueCopy,
            Facts { said: new.clone(), same_path: no, same_inode: no, mapped_at_end: Some(7), ..base.clone() },
            Explanation::FreshCopyOldMapped { bytes: 7 },
        ),
        (
            UniqueCopy,
            Facts { said: new.clone(), same_path: no, same_inode: no, ..base.clone() },
            Explanation::FreshCopyUnchecked,
        ),
        (UniqueCopy, Facts { said: old, same_path: no, same_inode: no, ..base.clone() }, Explanation::NotExplained),
        (UniqueCopy, Facts { said: garbage, ..base.clone() }, Explanation::NotExplained),
        (CloseReopen, ended(LaneEnd::Silent { doing, waited: 5 }), Explanation::Silent { doing, waited: 5 }),
        (CloseReopen, ended(LaneEnd::Refused { doing, message: "no".to_owned() }), {
            Explanation::Refused { doing, message: "no".to_owned() }
        }),
        (CloseReopen, base.clone(), Explanation::NotExplained),
    ] {
        let explanation = explain(lane, &facts);
        assert_eq!(explanation, expected, "{lane:?} {facts:?}");
        assert!(explanation.words().ends_with(['.', 'o']), "{}", explanation.words());
    }
}

fn file(path: &str, inode: u64) -> FileFacts {
    FileFacts { path: path.into(), device: "fe:00".to_owned(), inode, bytes: 100 }
}

fn mapped(path: &str, inode: u64, bytes: u64) -> MappedFile {
    MappedFile { path: path.into(), deleted: false, device: "fe:00".to_owned(), inode, bytes }
}

fn library(path: &str, inode: u64, address: u64, code: u64) -> LibraryFacts {
    let code = Some(mapped(path, code, 1));
    LibraryFacts { path: path.into(), file: file(path, inode), handle: Some(address), address, code }
}

#[test]
fn facts_are_what_counts_of_the_steps() {
    let doing = StepKind::GreetedAgain;
    let steps = [
        Step::Copied { from: file("/c", 1), to: file("/a", 2) },
        Step::Opened { library: library("/a", 2, 10, 2) },
        Step::Greeted { printed: "old\n".to_owned(), address: 10 },
        Step::Replaced { before: file("/a", 2), after: file("/a", 3) },
        Step::Closed { mapped: Some(vec![mapped("/a", 2, 5), mapped("/a", 3, 50), mapped("/a", 2, 6)]) },
        Step::OpenedAgain { library: library("/a", 3, 10, 2), same_handle: Some(true) },
        Step::GreetedAgain { printed: "new\n".to_owned(), address: 10 },
        Step::LookedAtMappings { mapped: Some(Vec::new()) },
    ];
    let facts = Facts::of(&steps, true, "old", "new");
    assert_eq!(
        facts,
        Facts {
            thread_local: true,
            same_path: Some(true),
            same_inode: Some(false),
            same_handle: Some(true),
            same_address: Some(true),
            code_of_first: Some(true),
            said: Some(Said::New),
            mapped_after_close: Some(11),
            mapped_at_end: Some(0),
            end: LaneEnd::Finished,
        }
    );
    let died = Step::Died { doing, ending: "SIGBUS".to_owned(), printed: String::new() };
    let facts = Facts::of(&[&steps[..6], &[died]].concat(), true, "old", "new");
    assert_eq!((facts.said, facts.end), (None, LaneEnd::Died { doing, ending: "SIGBUS".to_owned() }));
    let overwritten = Step::Overwritten { before: file("/a", 2), after: file("/a", 2) };
    assert_eq!(Facts::of(&[overwritten], true, "old", "new").same_inode, Some(true));
    assert_eq!(Facts::of(&steps[..4], true, "old", "new").same_inode, Some(false));
    // What the platform does not tell is not claimed.
    let facts = Facts::of(&[steps[1].clone(), Step::Closed { mapped: None }], true, "old", "new");
    assert_eq!((facts.mapped_after_close, facts.same_handle), (None, None));
}

#[test]
fn every_planned_lane_opens_greets_and_looks() {
    for lane in Lane::ALL {
        let plan = lane.plan();
        let ends = [StepKind::OpenedAgain, StepKind::GreetedAgain].map(|kind| plan.contains(&kind));
        assert_eq!((ends, plan[0]), ([true, true], StepKind::Copied), "{lane:?}");
        assert_eq!(plan.last(), Some(&StepKind::LookedAtMappings), "{lane:?}");
        assert!(!plan.contains(&StepKind::Started), "{lane:?}");
    }
}
