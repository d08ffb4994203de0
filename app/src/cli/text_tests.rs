//! A table of all events and their words.

use exuvia_runtime::build::Fallback;
use exuvia_runtime::call::Answer;
use exuvia_runtime::history::record::{ArtifactRecord, Cause, ContentHash, Marks};
use exuvia_runtime::ids::Generation;
use exuvia_runtime::session::Stream;
use exuvia_runtime::session::status::Phase;
use exuvia_runtime::swap::verdict::Verdict;

use super::*;
use crate::model::samples::{activated, diagnostic, failure, opened, returned, slow_replay, status, version};

const V3: VersionNumber = VersionNumber(3);
const G4: Generation = Generation(4);

fn recorded(kind: VerdictKind, warning: bool) -> Event {
    let mut row = version(3, 0);
    row.record.verdict = Verdict::new(kind, "because");
    row.record.durations = Durations { build: Some(640_000), stage: Some(2_100), ..Durations::default() };
    row.record.warnings.extend(warning.then(|| diagnostic(Level::Warning, "unused variable")));
    Event::Recorded { row: Box::new(row) }
}

fn by(path: BuildPath) -> Event {
    let mut event = recorded(VerdictKind::Hot, false);
    if let Event::Recorded { row } = &mut event {
        row.record.path = path;
    }
    event
}

fn slow() -> Event {
    let Durations { build, phases, .. } = slow_replay(3, [1_200, 80, 500, 120]).record.durations;
    let durations = Durations { build, phases, ..Durations::default() };
    Event::Activated { version: V3, from: None, verdict: Verdict::new(VerdictKind::Hot, "because"), durations }
}

fn table() -> Vec<(Event, &'static str)> {
    let files = 12;
    let reason = || "a reason".to_owned();
    let call = || "greet()".to_owned();
    let marked = |keep| Event::Marked { version: V3, marks: Marks { keep, ..Marks::default() } };
    let retired = |retirement| Event::Retired { version: V3, retirement };
    let changed = |from| Event::Activated {
        version: V3,
        from: Some(VersionNumber(from)),
        verdict: Verdict::new(VerdictKind::Reset, "the state is new"),
        durations: Durations { lock: Some(0), swap: Some(400), ..Durations::default() },
    };
    let answered = |version, answer| Event::Answered { id: 1, call: call(), version, answer, micros: 1_234 };
    vec![
        (opened(vec![], vec![], &[]), "opened    greetings: 0 kept versions"),
        (
            opened(vec![version(1, 1)], vec![failure(2, 1)], &["greet()", "tick()"]),
            "opened    greetings: 1 kept version, 1 failed build; pinned: greet(), tick()",
        ),
        (Event::OpenFailed { message: "no crate:\n[lib]".to_owned() }, "no guest  no crate:\n          [lib]"),
        (Event::Watching { mode: WatchMode::Native, files }, "watching  12 files"),
        (
            Event::Watching { mode: WatchMode::Polling { reason: reason() }, files },
            "watching  12 files, by polling: a reason",
        ),
        (
            Event::Watching { mode: WatchMode::Blind { reason: reason() }, files },
            "blind     changes are not noticed: a reason",
        ),
        (Event::BuildStarted { generation: G4, cause: Cause::Start }, "building  build 4 (start)"),
        (
            Event::BuildProgress {
                generation: G4,
                text: "   Compiling serde v1.0.229\n".to_owned(),
                done: None,
                total: None,
            },
            "          Compiling serde v1.0.229",
        ),
        (Event::Superseded { generation: G4, by: Generation(5) }, "stopped   build 4, for build 5"),
        (Event::Cancelled { generation: G4 }, "cancelled build 4"),
        (Event::NothingChanged { generation: G4, reason: reason() }, "unchanged build 4: a reason"),
        (
            Event::Failed { record: failure(4, 0) },
            "failed    build 4 (lib.rs): could not compile `greetings`\n\
             warning: unused variable\n --> src/lib.rs:4:5\n\nerror: mismatched types\n --> src/lib.rs:4:5",
        ),
        (recorded(VerdictKind::Hot, false), "recorded  v3 (lib.rs) in 642 ms"),
        (
            by(BuildPath::Replay { crates: vec!["g".to_owned()], base: None }),
            "recorded  v3 (lib.rs) in 642 ms, by replay of rustc (g)",
        ),
        (
            by(BuildPath::Replay {
                crates: vec!["g".to_owned()],
                base: Some(ArtifactRecord { file: "b.so".into(), bytes: 1, hash: ContentHash::of(b"b") }),
            }),
            "recorded  v3 (lib.rs) in 642 ms, by replay of rustc (g) on the base library",
        ),
        (
            Event::BaseLibrary { crates: 71, bytes: 118 << 20, micros: 1_035_000 },
            "linked    71 crates into a base library of 118 MiB, in 1.03 s",
        ),
        (
            by(BuildPath::Cargo { why: Some(Fallback::LockFile) }),
            "recorded  v3 (lib.rs) in 642 ms, by cargo (Cargo.lock has changed)",
        ),
        (
            recorded(VerdictKind::Reset, true),
            "recorded  v3 (lib.rs) in 642 ms; 1 warning\n\
             warning: unused variable\n --> src/lib.rs:4:5",
        ),
        (recorded(VerdictKind::Refused, false), "refused   v3 (lib.rs) in 642 ms: because"),
        (activated(3), "running   v3: Hot: no state to carry"),
        (changed(2), "running   v3 (was v2): Reset: the state is new, 400 µs: swap 400 µs"),
        (
            slow(),
            "running   v3: Hot: because, 1.90 s: build 1.90 s (front end 1.20 s, generation 80 ms, link 500 ms, rest 120 ms)",
        ),
        (changed(3), "running   v3 runs again: Reset: the state is new, 400 µs: swap 400 µs"),
        (Event::NotActivated { version: V3, message: reason() }, "not done  v3 was not activated: a reason"),
        (marked(true), "kept      v3 is never pruned"),
        (marked(false), "not kept  v3 may be pruned"),
        (Event::PinnedResult { version: V3, call: call(), answer: returned("hi") }, "pinned    v3 greet() = \"hi\""),
        (Event::Pins { pins: vec![] }, "pins      none"),
        (Event::Pins { pins: vec![call(), "tick()".to_owned()] }, "pins      greet(), tick()"),
        (answered(Some(V3), returned("hi")), "answer    v3 greet() = \"hi\" (1.2 ms)"),
        (answered(None, Answer::Refused { message: reason() }), "answer    greet() = refused: a reason (1.2 ms)"),
        (Event::Fault { version: V3, fault: "SIGSEGV".to_owned() }, "fault     v3: SIGSEGV"),
        (retired(Retirement::Unmapped), "retired   v3: closed and unmapped"),
        (retired(Retirement::Kept { why: reason(), bytes: 2_048 }), "retired   v3: kept mapped (2 KiB): a reason"),
        (retired(Retirement::Unchecked), "retired   v3: closed; this system does not tell whether it is unmapped"),
        (
            Event::Killed { version: V3, ending: "SIGTERM".to_owned(), snapshot: true },
            "killed    the runner, from outside: SIGTERM; v3 goes on from its last snapshot",
        ),
        (
            Event::Killed { version: V3, ending: "SIGTERM".to_owned(), snapshot: false },
            "killed    the runner, from outside: SIGTERM; v3 is started again",
        ),
        (
            Event::RunnerReplaced { version: V3, reason: reason(), micros: 1_200 },
            "runner    a fresh one took over with v3 (1.2 ms): a reason",
        ),
        (Event::Pruned { versions: vec![VersionNumber(1), V3] }, "pruned    v1, v3"),
        (Event::AutoReload { on: true }, "auto      on: a change starts a build"),
        (Event::AutoReload { on: false }, "auto      off: `build` starts a build"),
        (Event::CommandRefused { message: reason() }, "not done  a reason"),
        (Event::Notice { message: reason() }, "note      a reason"),
        (status(Phase::Idle, Some(3)), "status    running v3 = saved source"),
        (Event::Ended, "ended"),
    ]
}

#[test]
fn every_event_has_its_words() {
    for (event, words) in table() {
        assert_eq!(describe(&event, false).as_deref(), Some(words));
    }
    let output = Event::Output { version: V3, stream: Stream::Stdout, text: "hi\n".to_owned() };
    assert_eq!(describe(&output, false), None);
    let bar = Event::BuildProgress { generation: G4, text: "serde".to_owned(), done: Some(1), total: Some(9) };
    assert_eq!(describe(&bar, false), None);
}

#[test]
fn the_table_has_every_event() {
    // A new variant does not compile here until it has a row above.
    let name = |event: &Event| match event {
        Event::Opened { .. } => "opened",
        Event::OpenFailed { .. } => "open failed",
        Event::Watching { .. } => "watching",
        Event::BuildStarted { .. } => "build started",
        Event::BuildProgress { .. } => "build progress",
        Event::Superseded { .. } => "superseded",
        Event::Cancelled { .. } => "cancelled",
        Event::NothingChanged { .. } => "nothing changed",
        Event::Failed { .. } => "failed",
        Event::Recorded { .. } => "recorded",
        Event::Activated { .. } => "activated",
        Event::NotActivated { .. } => "not activated",
        Event::Marked { .. } => "marked",
        Event::PinnedResult { .. } => "pinned result",
        Event::Pins { .. } => "pins",
        Event::Answered { .. } => "answered",
        Event::Output { .. } => "output",
        Event::State { .. } => "state",
        Event::Memory { .. } => "memory",
        Event::Saved { .. } => "saved",
        Event::Compared { .. } => "compared",
        Event::Fault { .. } => "fault",
        Event::Retired { .. } => "retired",
        Event::Killed { .. } => "killed",
        Event::RunnerReplaced { .. } => "runner replaced",
        Event::BaseLibrary { .. } => "base library",
        Event::Pruned { .. } => "pruned",
        Event::AutoReload { .. } => "auto reload",
        Event::CommandRefused { .. } => "command refused",
        Event::Notice { .. } => "notice",
        Event::Status { .. } => "status",
        Event::Ended => "ended",
    };
    let names: std::collections::BTreeSet<_> = table().iter().map(|(event, _)| name(event)).collect();
    // All but those that are told as JSON only.
    assert_eq!(names.len(), 27);
}

#[test]
fn colours_only_where_they_are_wanted() {
    for (event, _) in table() {
        assert!(!describe(&event, false).unwrap().contains('\u{1b}'), "{event:?}");
    }
    let failed = describe(&Event::Failed { record: failure(4, 0) }, true).unwrap();
    assert!(failed.starts_with("\u{1b}[31mfailed   \u{1b}[0m build 4"), "{failed}");
    assert!(failed.contains("\u{1b}[38;5;9merror"), "{failed}");
}

#[test]
fn a_failed_build_ends_with_what_cargo_said_beyond_diagnostics() {
    let failure = Failure::Build {
        message: "no".to_owned(),
        diagnostics: vec![],
        stderr: "\u{1b}[1merror\u{1b}[0m: no network".to_owned(),
    };
    assert_eq!(rendering(&failure, false), "error: no network");
    assert_eq!(rendering(&Failure::Load { message: "no".to_owned() }, false), "");
}
