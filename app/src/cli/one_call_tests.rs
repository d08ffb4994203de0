//! Tests of the one call.

use exuvia_runtime::history::record::Cause;
use exuvia_runtime::swap::verdict::Verdict;

use super::*;
use crate::model::samples::{activated, failure, returned, version};

fn started(generation: u64) -> Event {
    Event::BuildStarted { generation: Generation(generation), cause: Cause::Start }
}

/// Samples have a generation that equals their number.
fn recorded(number: u32) -> Event {
    Event::Recorded { row: Box::new(version(number, 0)) }
}

fn refused(number: u32) -> Event {
    let mut row = version(number, 0);
    row.record.verdict = Verdict::new(VerdictKind::Refused, "greet changed");
    Event::Recorded { row: Box::new(row) }
}

fn superseded(generation: u64, by: u64) -> Event {
    Event::Superseded { generation: Generation(generation), by: Generation(by) }
}

fn unchanged(generation: u64) -> Event {
    Event::NothingChanged { generation: Generation(generation), reason: "same artifact".to_owned() }
}

fn failed(generation: u64) -> Event {
    Event::Failed { record: failure(generation, 0) }
}

fn fault(number: u32) -> Event {
    Event::Fault { version: VersionNumber(number), fault: "SIGSEGV".to_owned() }
}

fn answered(id: u64, by: u32) -> Event {
    let version = Some(VersionNumber(by));
    Event::Answered { id, call: "greet()".to_owned(), version, answer: returned("hi"), micros: 1 }
}

/// What came of the events: whether it asked at the event with that index, and the end.
fn follow(events: &[Event]) -> (Option<usize>, Option<Ending>) {
    let mut one_call = OneCall::default();
    let mut asked = None;
    for (index, event) in events.iter().enumerate() {
        match one_call.take(event) {
            Next::Wait => {}
            Next::Ask => assert_eq!(asked.replace(index), None, "asked twice"),
            Next::End(ending) => return (asked, Some(ending)),
        }
    }
    (asked, None)
}

#[test]
fn it_asks_once_and_only_the_saved_code() {
    let cancelled = Event::Cancelled { generation: Generation(1) };
    let answer = || Some(Ending::Answered(returned("hi")));
    for (events, asked, ending) in [
        (vec![started(1), activated(1), recorded(1), answered(1, 1)], Some(2), answer()),
        // An older version runs already.
        (vec![activated(4), started(1), unchanged(1), answered(1, 4)], Some(2), answer()),
        (vec![activated(4), started(5)], None, None),
        (vec![activated(4), started(1), failed(1)], None, Some(Ending::Failed(failure(1, 0).failure))),
        // A save in the middle.
        (vec![started(4), superseded(4, 5), failed(4), started(5), activated(5), recorded(5)], Some(5), None),
        // Saves after the call was sent change nothing.
        (vec![started(1), activated(1), recorded(1), started(2), failed(2), answered(1, 1)], Some(2), answer()),
        (vec![started(1), activated(1), recorded(1), activated(2), answered(1, 2)], Some(2), answer()),
        // Somebody else's call.
        (vec![started(1), activated(1), recorded(1), answered(9, 1)], Some(2), None),
        (
            vec![Event::OpenFailed { message: "no crate".to_owned() }],
            None,
            Some(Ending::NotOpened("no crate".to_owned())),
        ),
        (vec![started(1), Event::Ended], None, Some(Ending::Lost)),
        (vec![started(1), cancelled], None, Some(Ending::NotRunning("the build was cancelled".to_owned()))),
    ] {
        assert_eq!(follow(&events), (asked, ending), "{events:?}");
    }
}

#[test]
fn an_older_version_does_not_answer_for_the_saved_code() {
    for (events, part) in [
        (vec![activated(4), started(5), refused(5)], "v5 was refused: greet changed"),
        (vec![started(5), unchanged(5)], "nothing runs"),
        (vec![activated(4), started(5), recorded(5)], "v5 was built and does not run"),
        (vec![activated(4), started(5), activated(5), fault(5), activated(4), recorded(5)], "SIGSEGV"),
        (vec![activated(4), started(5), activated(5), recorded(5), fault(5), activated(4), answered(1, 4)], "SIGSEGV"),
    ] {
        match follow(&events).1 {
            Some(Ending::NotRunning(message) | Ending::Faulted(message)) => {
                assert!(message.contains(part), "{message}");
            }
            other => panic!("{part}: {other:?}"),
        }
    }
}

#[test]
fn endings_have_codes() {
    let text = || "text".to_owned();
    for (ending, code) in [
        (Ending::Answered(returned("hi")), 0),
        (Ending::Answered(Answer::Refused { message: text() }), 1),
        (Ending::Answered(Answer::Faulted { fault: text() }), 5),
        (Ending::NotOpened(text()), 3),
        (Ending::Failed(failure(1, 0).failure), 4),
        (Ending::NotRunning(text()), 4),
        (Ending::Faulted(text()), 5),
        (Ending::Lost, 6),
    ] {
        assert_eq!(Exit::from(&ending).code(), code, "{ending:?}");
    }
}
