//! The made-up session's events: a guest that grows from one function to a guestbook in eight
//! versions, with a change of the state, a refusal, a failed build and a warning on the way.

use exuvia_runtime::build::diagnostic::{Diagnostic, Level, Place};
use exuvia_runtime::build::{BuildPath, Selection};
use exuvia_runtime::call::Answer;
use exuvia_runtime::history::record::{
    ArtifactRecord, Cause, ContentHash, Durations, FailedRecord, Failure, Marks, PinnedResult, SourceHashes, Standing,
    VersionRecord, VersionRow,
};
use exuvia_runtime::ids::{Generation, Timestamp, VersionNumber};
use exuvia_runtime::load::{ExportRecord, ParameterRecord, StampRecord, StateAccess, TypeRecord};
use exuvia_runtime::session::status::{Phase, Running, SourceState, Status};
use exuvia_runtime::session::{Event, GuestInfo, Retirement, Stream, WatchMode};
use exuvia_runtime::swap::verdict::{Verdict, VerdictKind};
use serde_json::json;

use super::{NOW, replies};

const ERROR: &str = include_str!("error.txt");
const WARNING: &str = include_str!("warning.txt");
/// The pinned call.
const PIN: &str = "greet(\"World\")";

/// How the sample ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tail {
    /// The newest version runs.
    Runs,
    /// The newest save does not compile, and what ran goes on.
    BuildFailed,
}

/// The sample's events, each with its time.
#[must_use]
pub fn events(tail: Tail) -> Vec<(Timestamp, Event)> {
    let mut events = Vec::new();
    let mut tell = |seconds_ago: u64, event| events.push((ago(seconds_ago), event));
    let earlier = [1, 2, 3, 4].map(row).into();
    tell(780, Event::Opened { guest: guest(), versions: earlier, failures: vec![], pins: vec![PIN.to_owned()] });
    tell(779, Event::Watching { mode: WatchMode::Native, files: 9 });
    for number in 4..=8 {
        let row = row(number);
        let seconds = (NOW.0 - row.record.built_at.0) / 1_000;
        if number == 7 {
            let record = failure(3, seconds + 95);
            tell(seconds + 96, Event::BuildStarted { generation: record.generation, cause: record.cause.clone() });
            tell(seconds + 95, Event::Failed { record });
        }
        activate(&mut tell, seconds, row);
    }
    for (seconds, stream, text) in [
        (118, Stream::Stdout, "👋 Hello, Ada from the plugin v1!\n"),
        (96, Stream::Stdout, "👋 Hello, 小明 from the plugin v1!\n"),
        (95, Stream::Stdout, "你好，小明！欢迎来到客体 🎉\n"),
        (71, Stream::Stderr, "\u{1b}[33mwarning\u{1b}[0m: the guestbook has 128 names, time for a new page\n"),
        (52, Stream::Stdout, "👋 Hello, Grace from the plugin v1!\n"),
    ] {
        tell(seconds, Event::Output { version: VersionNumber(8), stream, text: text.to_owned() });
    }
    for (id, seconds, call, answer, micros) in [
        (1, 118, "greet(\"Ada\")", Answer::Returned { value: json!("👋 Hello, Ada from the plugin v1!") }, 86),
        (2, 96, "greet_zh(\"小明\")", Answer::Returned { value: json!("你好，小明！欢迎来到客体 🎉") }, 41),
        (3, 60, "page(12)", Answer::ReturnedErr { value: json!("the guestbook has 7 pages") }, 12),
        (
            4,
            52,
            "statistics()",
            Answer::Returned { value: json!({"visits": 128, "longest": "Grace", "mean_length": 4.6}) },
            33,
        ),
    ] {
        let version = Some(VersionNumber(8));
        tell(seconds, Event::Answered { id, call: call.to_owned(), version, answer, micros });
    }
    if tail == Tail::BuildFailed {
        let record = failure(9, 20);
        tell(21, Event::BuildStarted { generation: record.generation, cause: record.cause.clone() });
        tell(20, Event::Failed { record });
        tell(20, status(Phase::BuildFailed, 8, changed()));
    }
    events.sort_by_key(|(at, _)| *at);
    events
}

/// What a version's way from its build to being called tells.
fn activate(tell: &mut impl FnMut(u64, Event), seconds: u64, row: VersionRow) {
    let version = row.record.number;
    let before = VersionNumber(if version.0 == 7 { 5 } else { version.0.saturating_sub(1) });
    let generation = row.record.generation;
    if version.0 > 4 {
        tell(seconds + 1, Event::BuildStarted { generation, cause: row.record.cause.clone() });
    }
    if row.marks.standing == Standing::Refused {
        tell(seconds, Event::Recorded { row: Box::new(row) });
        tell(seconds, status(Phase::Refused { refused: version }, before.0, changed()));
        return;
    }
    let from = (version.0 > 4).then_some(before);
    let (verdict, durations) = (row.record.verdict.clone(), row.record.durations);
    tell(seconds, Event::Activated { version, from, verdict, durations });
    if let Some(from) = from {
        let retirement = if from.0 == 5 {
            Retirement::Kept { why: "1 thread is alive".to_owned(), bytes: 647_168 }
        } else {
            Retirement::Unmapped
        };
        tell(seconds, Event::Retired { version: from, retirement });
    }
    for PinnedResult { call, answer } in row.marks.pinned_results.clone() {
        if let Answer::Returned { value } = &answer {
            let text = format!("{}\n", value.as_str().unwrap_or_default());
            tell(seconds, Event::Output { version, stream: Stream::Stdout, text });
        }
        tell(seconds, Event::PinnedResult { version, call, answer });
    }
    tell(seconds, Event::Recorded { row: Box::new(row) });
    tell(seconds, replies::state(version));
    tell(seconds, replies::memory());
    tell(seconds, status(Phase::Idle, version.0, SourceState::Same));
}

fn ago(seconds: u64) -> Timestamp {
    Timestamp(NOW.0 - seconds * 1_000)
}

fn guest() -> GuestInfo {
    GuestInfo {
        name: "greetings".to_owned(),
        manifest: "/home/ada/greetings/Cargo.toml".into(),
        workspace_root: "/home/ada/greetings".into(),
        history: "/home/ada/greetings/target/exuvia/greetings".into(),
        selection: Selection::default(),
    }
}

fn status(phase: Phase, version: u32, source: SourceState) -> Event {
    let status = Status { phase, running: Some(Running { version: VersionNumber(version), source }) };
    let text = status.text();
    Event::Status { status, text }
}

fn changed() -> SourceState {
    SourceState::Changed { files: vec!["src/lib.rs".into()] }
}

fn saved(files: &[&str]) -> Cause {
    Cause::Saved { paths: files.iter().map(Into::into).collect() }
}

/// How long the stages took, from the build's milliseconds.
fn durations(build: u64, number: u64) -> Durations {
    Durations {
        watch: Some(1_300 + 170 * number),
        lock: (number == 2).then_some(310_000),
        build: Some(build * 1_000 + 37 * number),
        stage: Some(2_100 + 90 * number),
        verify: Some(3_900 + 60 * number),
        swap: Some(420 + 15 * number),
        probation: Some(180 + 7 * number),
        phases: None,
    }
}

/// A version of the sample.
fn row(number: u32) -> VersionRow {
    use VerdictKind::{Hot, Migrated, Refused, Reset};
    let old = "Hello, World from the plugin!";
    let new = "👋 Hello, World from the plugin v1!";
    let (seconds, cause, kind, reason, build, text) = match number {
        1 => (2_900, Cause::Start, Hot, "no state to carry", 8_420, old),
        2 => (2_640, saved(&["src/lib.rs"]), Hot, "no state to carry", 236, old),
        3 => (2_100, saved(&["src/lib.rs"]), Hot, "no state to carry", 251, old),
        4 => {
            let reason = "v3 has no state; the guestbook starts afresh";
            (1_500, saved(&["src/lib.rs", "src/guestbook.rs", "Cargo.toml"]), Reset, reason, 1_310, old)
        }
        5 => {
            let reason = "1 field new and at its default: emoji; 2 fields went on as they were: visits, names";
            (650, saved(&["src/guestbook.rs"]), Migrated, reason, 268, old)
        }
        6 => {
            let reason = "the pinned call greet(\"World\") does not fit: v5 takes (name: &str), v6 takes (name: &str, \
                          times: u8); change the call, or unpin it";
            (430, saved(&["src/lib.rs"]), Refused, reason, 257, old)
        }
        7 => (260, saved(&["src/lib.rs"]), Hot, "the state of type Guestbook went on as it was", 244, new),
        _ => (140, saved(&["src/lib.rs"]), Hot, "the state of type Guestbook went on as it was", 239, new),
    };
    let record = VersionRecord {
        number: VersionNumber(number),
        // This session began with v4.
        generation: Generation(u64::from(match number {
            1..=4 => number,
            5 | 6 => number - 4,
            _ => number - 3,
        })),
        built_at: ago(seconds),
        cause,
        sources: sources(number),
        artifact: ArtifactRecord {
            file: "libgreetings.so".into(),
            bytes: 843_712 + 4_096 * u64::from(number),
            hash: ContentHash::of(&number.to_le_bytes()),
        },
        selection: Selection::default(),
        path: BuildPath::default(),
        durations: durations(build, u64::from(number)),
        warnings: if number == 8 { vec![warning()] } else { Vec::new() },
        stamp: StampRecord {
            contract_version: 1,
            rustc: "rustc 1.95.0 (59807616e 2026-04-14)".to_owned(),
            target: "x86_64-unknown-linux-gnu".to_owned(),
            opt_level: "0".to_owned(),
            panic: "unwind".to_owned(),
            sdk: "0.1.0".to_owned(),
        },
        exports: exports(number),
        state_type: (number > 3).then(|| "greetings::Guestbook".to_owned()),
        verdict: Verdict::new(kind, reason),
    };
    let refused = kind == Refused;
    let pinned = PinnedResult { call: PIN.to_owned(), answer: Answer::Returned { value: json!(text) } };
    let marks = Marks {
        keep: number == 2,
        standing: if refused { Standing::Refused } else { Standing::Good },
        last_verdict: None,
        pinned_results: if refused { Vec::new() } else { vec![pinned] },
        left_state: None,
        note: if number == 2 { "as in the article".to_owned() } else { String::new() },
        retirement: None,
    };
    VersionRow { record, marks }
}

fn sources(number: u32) -> SourceHashes {
    let files = ["Cargo.toml", "src/lib.rs", "src/guestbook.rs"];
    let known = files.into_iter().take(if number > 3 { 3 } else { 2 });
    SourceHashes(known.map(|file| (file.into(), ContentHash::of(format!("{file}{number}").as_bytes()))).collect())
}

fn ty(name: &str, size: u64) -> TypeRecord {
    TypeRecord { name: name.to_owned(), size, align: 8 }
}

fn export(
    name: &str,
    docs: &str,
    signature: &str,
    parameters: &[(&str, TypeRecord)],
    state: StateAccess,
) -> ExportRecord {
    ExportRecord {
        name: name.to_owned(),
        docs: docs.to_owned(),
        signature: signature.to_owned(),
        parameters: parameters
            .iter()
            .map(|(name, ty)| ParameterRecord { name: (*name).to_owned(), ty: ty.clone() })
            .collect(),
        returns: ty("alloc::string::String", 24),
        state,
    }
}

fn exports(number: u32) -> Vec<ExportRecord> {
    let name = ("name", ty("&str", 16));
    if number <= 3 {
        let docs = "Greets `name`, on standard output and to the caller.";
        return vec![export("greet", docs, "fn greet(name: &str) -> String", &[name], StateAccess::None)];
    }
    let page = TypeRecord { align: 4, ..ty("u32", 4) };
    vec![
        export(
            "greet",
            "Greets `name` and writes the name into the guestbook.",
            "fn greet(book: &mut Guestbook, name: &str) -> String",
            std::slice::from_ref(&name),
            StateAccess::Changes,
        ),
        export("greet_zh", "Greets in Chinese.", "fn greet_zh(name: &str) -> String", &[name], StateAccess::None),
        export(
            "page",
            "One page of the guestbook, from 1.",
            "fn page(book: &Guestbook, number: u32) -> Result<Vec<String>, String>",
            &[("number", page)],
            StateAccess::Reads,
        ),
        export(
            "statistics",
            "How many visits, and whose name was the longest.",
            "fn statistics(book: &Guestbook) -> Statistics",
            &[],
            StateAccess::Reads,
        ),
    ]
}

fn diagnostic(level: Level, message: &str, code: &str, line: usize, column: usize, rendered: &str) -> Diagnostic {
    Diagnostic {
        level,
        message: message.to_owned(),
        code: Some(code.to_owned()),
        place: Some(Place { file: "src/lib.rs".into(), line, column }),
        rendered: rendered.to_owned(),
    }
}

fn warning() -> Diagnostic {
    diagnostic(Level::Warning, "unused variable: `politeness`", "unused_variables", 21, 9, WARNING)
}

fn failure(generation: u64, seconds: u64) -> FailedRecord {
    let error = diagnostic(Level::Error, "mismatched types", "E0308", 14, 21, ERROR);
    FailedRecord {
        generation: Generation(generation),
        at: ago(seconds),
        cause: saved(&["src/lib.rs"]),
        failure: Failure::Build {
            message: "could not compile `greetings` (lib) due to 1 previous error; 1 warning emitted".to_owned(),
            diagnostics: vec![error, warning()],
            stderr: String::new(),
        },
        path: BuildPath::default(),
        durations: Durations { watch: Some(1_450), build: Some(187_000), ..Durations::default() },
    }
}
