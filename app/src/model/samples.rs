//! Records for tests.

use exuvia_runtime::build::diagnostic::{Diagnostic, Level};
use exuvia_runtime::build::{BuildPath, Phases, Selection};
use exuvia_runtime::call::Answer;
use exuvia_runtime::history::record::{
    ArtifactRecord, Cause, ContentHash, Durations, FailedRecord, Failure, Marks, SourceHashes, Standing, VersionRecord,
    VersionRow,
};
use exuvia_runtime::ids::{Generation, Timestamp, VersionNumber};
use exuvia_runtime::load::{ExportRecord, ParameterRecord, StampRecord, StateAccess, TypeRecord};
use exuvia_runtime::session::status::{Phase, Running, SourceState, Status};
use exuvia_runtime::session::{Event, GuestInfo};
use exuvia_runtime::swap::verdict::{Verdict, VerdictKind};

/// The time at which tests take place.
pub(crate) const NOW: Timestamp = Timestamp(1_700_000_000_000);

pub(crate) fn minutes_ago(minutes: u64) -> Timestamp {
    Timestamp(NOW.0 - minutes * 60_000)
}

pub(crate) fn guest() -> GuestInfo {
    GuestInfo {
        name: "greetings".to_owned(),
        manifest: "/w/greetings/Cargo.toml".into(),
        workspace_root: "/w".into(),
        history: "/w/target/exuvia/greetings".into(),
        selection: Selection::default(),
    }
}

pub(crate) fn opened(versions: Vec<VersionRow>, failures: Vec<FailedRecord>, pins: &[&str]) -> Event {
    Event::Opened { guest: guest(), versions, failures, pins: pins.iter().map(|&pin| pin.to_owned()).collect() }
}

pub(crate) fn returned(text: &str) -> Answer {
    Answer::Returned { value: text.into() }
}

pub(crate) fn export() -> ExportRecord {
    let text = TypeRecord { name: "&str".to_owned(), size: 16, align: 8 };
    let string = TypeRecord { name: "alloc::string::String".to_owned(), size: 24, align: 8 };
    ExportRecord {
        name: "greet".to_owned(),
        docs: "Greets somebody.".to_owned(),
        signature: "fn greet(name: &str) -> String".to_owned(),
        parameters: vec![ParameterRecord { name: "name".to_owned(), ty: text }],
        returns: string,
        state: StateAccess::None,
    }
}

pub(crate) fn version(number: u32, minutes: u64) -> VersionRow {
    let durations = Durations {
        watch: Some(1_200),
        build: Some(640_000),
        stage: Some(2_100),
        verify: Some(3_000),
        swap: Some(400),
        probation: Some(90),
        lock: None,
        phases: None,
    };
    let record = VersionRecord {
        number: VersionNumber(number),
        generation: Generation(u64::from(number)),
        built_at: minutes_ago(minutes),
        cause: Cause::Saved { paths: vec!["greetings/src/lib.rs".into()] },
        sources: SourceHashes::default(),
        artifact: ArtifactRecord { file: "greetings.so".into(), bytes: 40_000, hash: ContentHash("0".repeat(64)) },
        selection: Selection::default(),
        path: BuildPath::default(),
        durations,
        warnings: Vec::new(),
        stamp: StampRecord::default(),
        exports: vec![export()],
        state_type: None,
        verdict: Verdict::new(VerdictKind::Hot, "no state to carry"),
    };
    VersionRow { record, marks: Marks { standing: Standing::Good, ..Marks::default() } }
}

pub(crate) fn diagnostic(level: Level, message: &str) -> Diagnostic {
    let word = if level == Level::Error { "error" } else { "warning" };
    Diagnostic {
        level,
        message: message.to_owned(),
        code: None,
        place: None,
        rendered: format!("\u{1b}[1m\u{1b}[38;5;9m{word}\u{1b}[0m\u{1b}[1m: {message}\u{1b}[0m\n --> src/lib.rs:4:5\n"),
    }
}

/// A version that came of a slow replay: front end, generation, link and rest, in milliseconds.
pub(crate) fn slow_replay(number: u32, phases: [u64; 4]) -> VersionRow {
    let [front_end, generation, link, rest] = phases.map(|millis| Some(millis * 1_000));
    let mut row = version(number, 1);
    row.record.path = BuildPath::Replay { crates: vec!["g".to_owned()], base: None };
    row.record.durations.build = Some(phases.iter().sum::<u64>() * 1_000);
    row.record.durations.phases = Some(Phases { front_end, generation, link, rest });
    row
}

pub(crate) fn failure(generation: u64, minutes: u64) -> FailedRecord {
    FailedRecord {
        generation: Generation(generation),
        at: minutes_ago(minutes),
        cause: Cause::Saved { paths: vec!["greetings/src/lib.rs".into()] },
        failure: Failure::Build {
            message: "could not compile `greetings`".to_owned(),
            diagnostics: vec![
                diagnostic(Level::Warning, "unused variable"),
                diagnostic(Level::Error, "mismatched types"),
            ],
            stderr: String::new(),
        },
        path: BuildPath::default(),
        durations: Durations::default(),
    }
}

pub(crate) fn activated(number: u32) -> Event {
    Event::Activated {
        version: VersionNumber(number),
        from: None,
        verdict: Verdict::new(VerdictKind::Hot, "no state to carry"),
        durations: Durations::default(),
    }
}

pub(crate) fn status(phase: Phase, running: Option<u32>) -> Event {
    let running = running.map(|number| Running { version: VersionNumber(number), source: SourceState::Same });
    let status = Status { phase, running };
    let text = status.text();
    Event::Status { status, text }
}
