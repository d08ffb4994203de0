//! Sequences of events, and what the panels will know after them.

use exuvia_runtime::build::diagnostic::Level;
use exuvia_runtime::build::diagnostic::strip_ansi;
use exuvia_runtime::call::Answer;
use exuvia_runtime::history::record::{Cause, Durations, Failure, PinnedResult, Standing};
use exuvia_runtime::ids::{Generation, VersionNumber};
use exuvia_runtime::session::status::{Phase, Tone};
use exuvia_runtime::session::{Event, MappedVersion, Retirement, RunnerMemory, Stream};
use exuvia_runtime::swap::verdict::{Verdict, VerdictKind};

use super::samples::*;
use super::*;
use crate::text::Language;

fn after(events: impl IntoIterator<Item = Event>) -> Model {
    let mut model = Model::default();
    for event in events {
        model.apply(event, NOW);
    }
    model
}

fn recorded(row: exuvia_runtime::history::record::VersionRow) -> Event {
    Event::Recorded { row: Box::new(row) }
}

fn started(generation: u64) -> Event {
    Event::BuildStarted { generation: Generation(generation), cause: Cause::Start }
}

fn names(model: &Model) -> Vec<String> {
    let name = |row: &Row<'_>| match row {
        Row::Version(row) => row.record.number.to_string(),
        Row::Failure(record) => format!("g{}", record.generation.0),
    };
    model.history.rows().iter().map(name).collect()
}

#[test]
fn rows_are_newest_first_with_failures_between() {
    for (versions, failures, expected) in [
        (vec![], vec![], vec![]),
        (vec![version(1, 9), version(2, 5)], vec![failure(7, 7)], vec!["v2", "g7", "v1"]),
        (vec![version(1, 9)], vec![failure(2, 8), failure(3, 1)], vec!["g3", "g2", "v1"]),
        (vec![version(1, 5)], vec![failure(1, 9)], vec!["v1", "g1"]),
        // The clock was set back between v1 and v2: the numbers still decide.
        (vec![version(1, 1), version(2, 5)], vec![], vec!["v2", "v1"]),
    ] {
        assert_eq!(names(&after([opened(versions, failures, &[])])), expected);
    }
}

#[test]
fn a_build_is_shown_until_its_terminal_event() {
    let generation = Generation(4);
    let mut failed = failure(4, 0);
    failed.generation = generation;
    for terminal in [
        Event::Superseded { generation, by: Generation(5) },
        Event::Cancelled { generation },
        Event::NothingChanged { generation, reason: "same artifact".to_owned() },
        Event::Failed { record: failed },
        recorded(version(4, 0)),
        status(Phase::Idle, Some(1)),
        Event::Ended,
    ] {
        let progress = |generation, text: &str| Event::BuildProgress {
            generation,
            text: text.to_owned(),
            done: None,
            total: None,
        };
        let mut model = after([started(4), progress(generation, "Compiling serde"), progress(Generation(3), "stale")]);
        assert_eq!(model.building.as_ref().unwrap().progress.as_deref(), Some("Compiling serde"));
        model.apply(terminal.clone(), NOW);
        assert_eq!(model.building, None, "{terminal:?}");
    }
    let late = Event::Superseded { generation: Generation(4), by: Generation(5) };
    assert_eq!(after([started(5), late]).building.unwrap().generation, Generation(5));
}

#[test]
fn problems_are_those_of_the_latest_attempt() {
    let mut warned = version(2, 0);
    warned.record.warnings.push(diagnostic(Level::Warning, "unused import"));
    let mut refused = version(3, 0);
    refused.record.verdict = Verdict::new(VerdictKind::Refused, "the state cannot be read");
    let mut load = failure(2, 0);
    load.failure = Failure::Load { message: "no entry symbol\nbuild it with the SDK".to_owned() };
    let mut no_cargo = failure(2, 0);
    no_cargo.failure =
        Failure::Build { message: "cargo not found".to_owned(), diagnostics: vec![], stderr: String::new() };
    let fail = |record| Event::Failed { record };
    let nothing = Event::NothingChanged { generation: Generation(3), reason: String::new() };
    let counts = |errors, warnings| Counts { errors, warnings };
    for (events, expected) in [
        (vec![], counts(0, 0)),
        (vec![fail(failure(1, 0))], counts(1, 1)),
        (vec![fail(load)], counts(1, 0)),
        (vec![fail(no_cargo)], counts(1, 0)),
        (vec![recorded(warned.clone())], counts(0, 1)),
        (vec![recorded(refused)], counts(1, 0)),
        (vec![fail(failure(1, 0)), recorded(version(1, 0))], counts(0, 0)),
        (vec![fail(failure(1, 0)), started(2)], counts(1, 1)),
        // Back to what runs: the failure is gone, the warning of what runs is true again.
        (vec![recorded(warned), activated(2), fail(failure(3, 0)), nothing.clone()], counts(0, 1)),
        (vec![fail(failure(1, 0)), nothing], counts(0, 0)),
        // A failure of an earlier session says nothing about the files of now.
        (vec![opened(vec![], vec![failure(1, 5)], &[])], counts(0, 0)),
    ] {
        assert_eq!(after(events.clone()).problems.counts(), expected, "{events:?}");
    }
    let problems = after([fail(failure(1, 0))]).problems;
    assert_eq!(problems.items[0].title, "mismatched types", "errors first");
    assert!(strip_ansi(&problems.items[0].rendered).starts_with("error: mismatched types\n"), "no colours");
}

#[test]
fn output_chunks_are_joined_to_lines() {
    let chunk =
        |number, stream, text: &str| Event::Output { version: VersionNumber(number), stream, text: text.to_owned() };
    let (out, err) = (Stream::Stdout, Stream::Stderr);
    let table = [
        (vec![(1, out, "a\nb\n")], vec!["a", "b"]),
        (vec![(1, out, "a"), (1, out, "b\nc")], vec!["ab", "c"]),
        (vec![(1, out, "a"), (1, err, "x\n"), (1, out, "b\n")], vec!["ab", "x"]),
        (vec![(1, out, "a"), (2, out, "b"), (1, out, "c")], vec!["ac", "b"]),
        (vec![(1, out, "a\r"), (1, out, "\nb")], vec!["a", "b"]),
        (vec![(1, out, "\u{1b}[3"), (1, out, "1mred\u{1b}[0m\n")], vec!["red"]),
        (vec![(1, out, "\n\na")], vec!["", "", "a"]),
        (vec![(1, out, "")], vec![]),
    ];
    for (chunks, expected) in table {
        let model = after(chunks.iter().map(|(number, stream, text)| chunk(*number, *stream, text)));
        let lines: Vec<_> = model.output.range(0..100).map(|line| line.text.as_str()).collect();
        assert_eq!(lines, expected, "{chunks:?}");
    }
}

#[test]
fn output_is_bounded_and_can_be_cleared_inside_a_line() {
    let mut output = Output::default();
    for number in 0..output::MAX_LINES + 10 {
        output.add(VersionNumber(1), Stream::Stdout, &format!("{number}\n"), NOW);
    }
    assert_eq!(output.len(), output::MAX_LINES);
    assert_eq!(output.range(0..1).next().unwrap().text, "10");
    output.add(VersionNumber(1), Stream::Stdout, "begun ", NOW);
    output.clear();
    output.add(VersionNumber(1), Stream::Stdout, "ended\n", NOW);
    assert_eq!(output.range(0..9).map(|line| line.text.as_str()).collect::<Vec<_>>(), ["ended"]);
    output.add(VersionNumber(1), Stream::Stdout, &"x".repeat(3_000), NOW);
    output.add(VersionNumber(1), Stream::Stdout, &"x".repeat(3_000), NOW);
    assert_eq!(output.len(), 3, "an endless line is broken");
}

#[test]
fn a_colour_of_the_output_goes_on_until_it_is_taken_back() {
    let mut output = Output::default();
    let (v1, out, err) = (VersionNumber(1), Stream::Stdout, Stream::Stderr);
    let red = ansi::Look { color: Some(ansi::Color::Indexed(1)), bold: false };
    for (stream, text) in [(out, "\u{1b}[31ma\nb"), (err, "x\n"), (out, "c\u{1b}[0md\n"), (out, "e\n")] {
        output.add(v1, stream, text, NOW);
    }
    let seen: Vec<_> = output
        .range(0..9)
        .map(|line| line.spans().into_iter().map(|span| (span.text, span.look == red)).collect::<Vec<_>>())
        .collect();
    let span = |text: &str, is_red| (text.to_owned(), is_red);
    assert_eq!(
        seen,
        [
            vec![span("a", true)],
            vec![span("bc", true), span("d", false)],
            vec![span("x", false)],
            vec![span("e", false)]
        ]
    );
    output.add(v1, out, &format!("\u{1b}[31m{}", "x".repeat(output::MAX_LINE_BYTES)), NOW);
    assert_eq!(output.range(0..9).last().unwrap().spans()[0].look, red, "also in a line that was broken");
}

#[test]
fn a_line_of_the_output_keeps_its_number() {
    let mut output = Output::default();
    for number in 0..output::MAX_LINES + 10 {
        output.add(VersionNumber(1), Stream::Stdout, &format!("{number}\n"), NOW);
    }
    assert_eq!((output.first(), output.line(12).unwrap().text.as_str(), output.line(9)), (10, "12", None));
    assert_eq!(output.versions(), [VersionNumber(1)]);
    let before = output.revision();
    output.clear();
    assert_ne!(output.revision(), before);
    assert_eq!((output.first(), output.versions()), (output::MAX_LINES + 10, vec![]));
}

#[test]
fn the_log_is_bounded_and_its_entries_keep_their_numbers() {
    let mut model = Model::default();
    for number in 0..log::MAX_ENTRIES + 3 {
        model.apply(Event::Notice { message: number.to_string() }, NOW);
    }
    assert_eq!((model.log.entries().len(), model.log.first()), (log::MAX_ENTRIES, 3));
    assert!(model.log.entry(2).is_none() && model.log.entry(3).is_some());
}

#[test]
fn what_happens_again_and_again_is_one_entry() {
    let mut model = Model::default();
    let notices = ["a", "a", "a", "b", "a"];
    for (seconds, message) in notices.iter().enumerate() {
        let later = Timestamp(NOW.0 + 1_000 * seconds as u64);
        model.apply(Event::Notice { message: (*message).to_owned() }, later);
    }
    let entries: Vec<_> = model.log.entries().map(|entry| Language::English.log_entry(entry)).collect();
    assert_eq!(entries, ["a (3 times)", "b", "a"]);
    assert_eq!(model.log.entry(0).map(|entry| entry.at.0 - NOW.0), Some(2_000), "when it happened last");
}

#[test]
fn no_line_of_the_output_is_longer_than_the_limit() {
    let limit = output::MAX_LINE_BYTES;
    let x = |count| "x".repeat(count);
    for (chunks, lengths) in [
        (vec![x(limit)], vec![limit]),
        (vec![x(limit) + "\n"], vec![limit]),
        (vec![x(limit), "\n".to_owned(), x(1)], vec![limit, 1]),
        (vec![x(limit + 1)], vec![limit, 1]),
        (vec![x(10), x(limit)], vec![limit, 10]),
        (vec![x(1 << 20)], vec![limit; (1 << 20) / limit]),
        // A character of three bytes is not cut in two.
        (vec!["汉".repeat(limit)], vec![limit / 3 * 3, limit / 3 * 3, limit / 3 * 3, 3]),
        (vec![x(limit - 1), "汉\ny".to_owned()], vec![limit - 1, 3, 1]),
    ] {
        let mut output = Output::default();
        for chunk in &chunks {
            output.add(VersionNumber(1), Stream::Stdout, chunk, NOW);
        }
        let lines: Vec<_> = output.range(0..usize::MAX).map(|line| line.text.len()).collect();
        assert_eq!(lines, lengths);
    }
}

#[test]
fn long_answers_are_cut_only_where_that_is_wanted() {
    let long = returned(&"x".repeat(100_000));
    let mut row = version(1, 5);
    let pinned = PinnedResult { call: "greet()".to_owned(), answer: long.clone() };
    row.marks.pinned_results.push(pinned);
    let call = || "greet()".to_owned();
    let events = [
        opened(vec![row.clone()], vec![], &["greet()"]),
        Event::Recorded { row: Box::new(row.clone()) },
        Event::Marked { version: VersionNumber(1), marks: row.marks },
        Event::PinnedResult { version: VersionNumber(1), call: call(), answer: long.clone() },
        Event::Answered { id: 1, call: call(), version: Some(VersionNumber(1)), answer: long, micros: 1 },
    ];
    let length = |answer: &Answer| answer.to_string().chars().count();
    for (mut model, expected) in [(Model::default(), 100_002), (Model::with_short_answers(), 4_027)] {
        for (index, event) in events.iter().enumerate() {
            model.apply(event.clone(), NOW);
            let row = model.history.version(VersionNumber(1)).unwrap();
            assert_eq!(length(&row.marks.pinned_results[0].answer), expected, "after event {index}");
        }
        let (_, latest) = model.calls.pins[0].latest.as_ref().unwrap();
        assert_eq!(length(latest), expected);
        let Some(CallState::Answered { answer, .. }) = model.calls.log().next().map(|entry| &entry.state) else {
            panic!("no answer");
        };
        assert_eq!(length(answer), expected);
    }
}

#[test]
fn steps_stop_where_a_version_can_run() {
    let standings = [
        Standing::Good,
        Standing::Refused,
        Standing::Probation,
        Standing::Faulted { fault: "SIGSEGV".to_owned() },
        Standing::Good,
        Standing::Refused,
    ];
    let rows = (1..).zip(standings).map(|(number, standing)| {
        let mut row = version(number, 9);
        row.marks.standing = standing;
        row
    });
    let history = after([opened(rows.collect(), vec![], &[])]).history;
    let v = VersionNumber;
    for (of, older, newer) in [
        (1, None, Some(3)),
        (2, Some(1), Some(3)),
        (3, Some(1), Some(5)),
        (4, Some(3), Some(5)),
        (5, Some(3), None),
        (6, Some(5), None),
    ] {
        assert_eq!((history.older(v(of)), history.newer(v(of))), (older.map(v), newer.map(v)), "v{of}");
    }
    assert_eq!((history.below(v(3)), history.above(v(3))), (Some(v(2)), Some(v(4))));
    assert_eq!((history.below(v(1)), history.above(v(6))), (None, None));
}

#[test]
fn a_switch_is_no_cause_for_concern() {
    for on in [false, true] {
        assert_eq!(after([Event::AutoReload { on }]).log.newest().unwrap().line.tone(), None, "{on}");
    }
}

#[test]
fn pinned_results_reach_the_pin_and_the_row() {
    let result = |number, text| Event::PinnedResult {
        version: VersionNumber(number),
        call: "greet()".to_owned(),
        answer: returned(text),
    };
    let mut model = after([opened(vec![version(1, 5)], vec![], &["greet()"]), activated(1), result(1, "one")]);
    assert_eq!(model.calls.pins[0].latest, Some((VersionNumber(1), returned("one"))));
    assert_eq!(model.history.version(VersionNumber(1)).unwrap().marks.pinned_results[0].answer, returned("one"));
    model.apply(activated(2), NOW);
    assert_eq!(
        model.calls.pins[0].latest,
        Some((VersionNumber(1), returned("one"))),
        "a pending value keeps the last good one"
    );
    model.apply(result(2, "two"), NOW);
    model.apply(Event::Pins { pins: vec!["other()".to_owned(), "greet()".to_owned()] }, NOW);
    assert_eq!(model.calls.pins[0].latest, None);
    assert_eq!(model.calls.pins[1].latest, Some((VersionNumber(2), returned("two"))));
}

#[test]
fn every_call_gets_its_answer_or_the_end() {
    let mut model = Model::default();
    let (first, second) = (model.calls.ask("a()"), model.calls.ask("b()"));
    let answer = returned("x");
    model.apply(
        Event::Answered {
            id: first,
            call: "a()".to_owned(),
            version: Some(VersionNumber(1)),
            answer: answer.clone(),
            micros: 12,
        },
        NOW,
    );
    model.apply(Event::Ended, NOW);
    let entries: Vec<_> = model.calls.log().cloned().collect();
    assert_eq!((entries[0].id, entries[1].id), (second, first), "newest first");
    assert_eq!(entries[1].state, CallState::Answered { version: Some(VersionNumber(1)), answer, micros: 12 });
    assert!(matches!(&entries[0].state, CallState::Answered { answer: Answer::Refused { .. }, .. }));
}

#[test]
fn the_status_decides_what_is_active() {
    let model = after([opened(vec![version(1, 1)], vec![], &[]), activated(1), status(Phase::Idle, Some(1))]);
    assert_eq!(model.active, Some(VersionNumber(1)));
    assert_eq!(
        (model.status_text(Language::English).as_str(), model.tone()),
        ("running v1 = saved source", Tone::Good)
    );
    assert_eq!(model.title(Language::English), "running v1 = saved source - greetings - Exuvia");
    assert_eq!(model.exports().len(), 1);
    let faulted = status(Phase::Faulted { faulted: VersionNumber(1) }, None);
    let model = after([opened(vec![version(1, 1)], vec![], &[]), activated(1), faulted]);
    assert_eq!((model.active, model.exports().len()), (None, 0));
    let failed = after([Event::OpenFailed { message: "no Cargo.toml".to_owned() }, Event::Ended]);
    assert_eq!(failed.status_text(Language::English), "no guest is open");
    assert_eq!(failed.life, Life::OpenFailed { message: "no Cargo.toml".to_owned() });
}

#[test]
fn pruned_versions_go_and_kept_mappings_are_known() {
    let kept = Retirement::Kept { why: "2 threads are alive".to_owned(), bytes: 4_096 };
    let model = after([
        opened(vec![version(1, 3), version(2, 2), version(4, 1)], vec![], &[]),
        Event::Retired { version: VersionNumber(2), retirement: kept.clone() },
        Event::Pruned { versions: vec![VersionNumber(1)] },
    ]);
    assert_eq!(names(&model), ["v4", "v2"]);
    assert_eq!(model.history.retirement(VersionNumber(2)), Some(&kept));
    assert_eq!(model.history.older(VersionNumber(4)), Some(VersionNumber(2)));
    assert_eq!(model.history.newer(VersionNumber(2)), Some(VersionNumber(4)));
    assert_eq!((model.history.older(VersionNumber(2)), model.history.newer(VersionNumber(4))), (None, None));
    assert_eq!(model.log.newest().unwrap().line, LogLine::Pruned { versions: vec![VersionNumber(1)] });
}

#[test]
fn advice_is_logged_once_and_again_in_the_next_session() {
    let slow = |number| Event::Recorded { row: Box::new(slow_replay(number, [200, 80, 900, 120])) };
    let logged =
        |model: &Model| model.log.entries().filter(|entry| matches!(entry.line, LogLine::Advice { .. })).count();
    let mut model = after((1..=2).map(slow));
    assert_eq!((model.advised, logged(&model)), (None, 0));
    for (number, times) in [(3, 1), (4, 1)] {
        model.apply(slow(number), NOW);
        assert_eq!(logged(&model), times);
        assert_eq!(model.advised.map(|advice| advice.remedy), Some(advice::Remedy::BaseLibrary));
    }
    model.apply(
        opened(vec![slow_replay(3, [200, 80, 900, 120]), slow_replay(4, [200, 80, 900, 120])], vec![], &[]),
        NOW,
    );
    assert_eq!(model.advised, None);
    model.apply(slow(5), NOW);
    assert_eq!(logged(&model), 2);
}

#[test]
fn a_fault_is_a_problem_until_something_good_came_after_it() {
    let fault = |number, text: &str| Event::Fault { version: VersionNumber(number), fault: text.to_owned() };
    let restarted = |number: u32, kind| Event::Activated {
        version: VersionNumber(number),
        from: Some(VersionNumber(number)),
        verdict: Verdict::new(kind, "SIGSEGV; goes on from the last snapshot"),
        durations: Durations::default(),
    };
    let fallen = |number| {
        let mut row = version(number, 0);
        row.marks.standing = Standing::Faulted { fault: "SIGABRT".to_owned() };
        row
    };
    let marked = |number| Event::Marked { version: VersionNumber(number), marks: fallen(number).marks };
    let open = || opened(vec![version(1, 5), version(2, 3)], vec![], &[]);
    let v2 = |text: &str, count| Some((2, text.to_owned(), count));
    for (events, expected) in [
        (vec![open()], None),
        (vec![open(), fault(2, "SIGSEGV")], v2("SIGSEGV", 1)),
        (vec![open(), fault(2, "SIGSEGV"), restarted(2, VerdictKind::Restarted)], v2("SIGSEGV", 1)),
        (vec![open(), fault(2, "SIGSEGV"), fault(2, "SIGSEGV")], v2("SIGSEGV", 2)),
        // Told and then marked is one fault; a candidate's is only recorded or marked.
        (vec![open(), fault(2, "SIGABRT"), marked(2)], v2("SIGABRT", 1)),
        (vec![open(), marked(2)], v2("SIGABRT", 1)),
        (vec![open(), recorded(fallen(2))], v2("SIGABRT", 1)),
        // Other marks of a version that faulted in an earlier session are no fault.
        (vec![opened(vec![fallen(2)], vec![], &[]), marked(2)], None),
        (vec![open(), fault(2, "SIGSEGV"), Event::Failed { record: failure(3, 0) }], v2("SIGSEGV", 1)),
        (vec![open(), fault(2, "SIGSEGV"), restarted(1, VerdictKind::Hot)], None),
        (vec![open(), fault(2, "SIGSEGV"), recorded(version(3, 0))], None),
        (vec![open(), fault(2, "SIGSEGV"), Event::Pruned { versions: vec![VersionNumber(2)] }], None),
    ] {
        let model = after(events.clone());
        let open = model.faults.open().map(|(version, fault)| (version.0, fault.text.clone(), fault.count));
        assert_eq!(open, expected, "{events:?}");
        let shown = model
            .problems
            .items
            .first()
            .is_some_and(|item| matches!(item.kind, ProblemKind::Faulted { .. }) && item.title.starts_with("v2: "));
        assert_eq!(shown, expected.is_some(), "{:?}", model.problems);
    }
    let mut model = after([open(), fault(2, "SIGSEGV")]);
    model.close_fault();
    assert!(model.problems.items.is_empty());
    assert_eq!(model.faults.of(VersionNumber(2)).map(|fault| fault.count), Some(1), "its row still knows");
}

#[test]
fn what_the_runner_has_mapped_corrects_what_was_retired() {
    let kept = |why: &str| Retirement::Kept { why: why.to_owned(), bytes: 4_096 };
    let mapped = |number, why: Option<&str>| MappedVersion {
        version: VersionNumber(number),
        bytes: 4_096,
        threads: 0,
        why: why.map(str::to_owned),
    };
    let retired = |number, retirement| Event::Retired { version: VersionNumber(number), retirement };
    let runner = RunnerMemory { pid: 7, resident: None, threads: None };
    let model = after([
        opened(vec![version(1, 3), version(2, 2), version(3, 1), version(4, 0)], vec![], &[]),
        retired(1, kept("2 threads are alive")),
        retired(2, kept("2 threads are alive")),
        retired(3, Retirement::Unmapped),
        Event::Memory { runner, versions: vec![mapped(2, Some("1 thread is alive")), mapped(4, None)] },
    ]);
    let of = |number| model.history.retirement(VersionNumber(number));
    assert_eq!(of(1), None, "it is gone");
    assert_eq!(of(2), Some(&kept("1 thread is alive")));
    assert_eq!(of(3), Some(&Retirement::Unmapped));
    assert_eq!(of(4), None, "it runs");
}

#[test]
fn what_is_active_kept_or_last_good_stays() {
    let mut kept = version(1, 9);
    kept.marks.keep = true;
    let mut refused = version(5, 0);
    refused.marks.standing = Standing::Refused;
    let model =
        after([opened(vec![kept, version(2, 8), version(3, 7), version(4, 6), refused], vec![], &[]), activated(3)]);
    for (number, expected) in [
        (1, Some(Stays::Kept)),
        (2, None),
        (3, Some(Stays::Active)),
        (4, Some(Stays::LastGood)),
        (5, None),
        (6, Some(Stays::Gone)),
    ] {
        assert_eq!(model.why_it_stays(VersionNumber(number)), expected, "v{number}");
    }
}
