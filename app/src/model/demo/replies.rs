//! What the made-up session answers when a panel asks for something.

use exuvia_runtime::history::compare::{CompareOutcome, DiffLine, FileChange, FileDiff, Hunk, LineEnd, LineKind, Side};
use exuvia_runtime::ids::VersionNumber;
use exuvia_runtime::session::{Command, Event, MappedVersion, RunnerMemory, StateMoment};
use serde_json::json;

/// The events that answer a command; none for what a figure does not need.
#[must_use]
pub fn replies(command: &Command) -> Vec<Event> {
    match command {
        Command::ReadState => vec![state(VersionNumber(8))],
        Command::ReadMemory => vec![memory()],
        Command::Compare { id, from, to } => {
            let outcome = compare(*from, *to);
            vec![Event::Compared { id: *id, from: *from, to: *to, outcome }]
        }
        _ => Vec::new(),
    }
}

/// The guestbook; it had no emoji before v5.
pub(super) fn state(version: VersionNumber) -> Event {
    let mut value = json!({
        "visits": 120 + version.0,
        "names": ["Ada", "小明", "Grace", "Linus", "Ferris 🦀"],
        "languages": {"en": 97, "zh": 31},
        "last": {"name": if version.0 < 8 { "Ada" } else { "Grace" }, "length": 5, "polite": true},
    });
    if version.0 >= 5 {
        value["emoji"] = json!(version.0 >= 7);
    }
    let bytes = 148 + u64::from(version.0 >= 5) * 7;
    Event::State { version, moment: StateMoment::Activated, value: Some(value), bytes }
}

/// Two mapped versions: the one that runs, and one whose thread is alive.
pub(super) fn memory() -> Event {
    let versions = vec![
        MappedVersion {
            version: VersionNumber(5),
            bytes: 647_168,
            threads: 1,
            why: Some("1 thread is alive".to_owned()),
        },
        MappedVersion { version: VersionNumber(8), bytes: 651_264, threads: 0, why: None },
    ];
    Event::Memory { runner: RunnerMemory { pid: 4_711, resident: Some(7_340_032), threads: Some(5) }, versions }
}

fn compare(from: Side, to: Side) -> CompareOutcome {
    if from == to {
        return CompareOutcome::Same;
    }
    let lines = [
        (LineKind::Same, "/// Greets `name` and writes the name into the guestbook."),
        (LineKind::Same, "#[exuvia_guest::export]"),
        (LineKind::Same, "pub fn greet(book: &mut Guestbook, name: &str) -> String {"),
        (LineKind::Same, "    book.visits += 1;"),
        (LineKind::Same, "    book.names.push(name.to_owned());"),
        (LineKind::Removed, "    let text = format!(\"Hello, {name} from the plugin!\");"),
        (LineKind::Added, "    let wave = if book.emoji { \"👋 \" } else { \"\" };"),
        (LineKind::Added, "    let text = format!(\"{wave}Hello, {name} from the plugin v1!\");"),
        (LineKind::Same, "    println!(\"{text}\");"),
        (LineKind::Same, "    text"),
        (LineKind::Same, "}"),
    ];
    let chinese = [
        (LineKind::Same, "/// Greets in Chinese."),
        (LineKind::Same, "#[exuvia_guest::export]"),
        (LineKind::Same, "pub fn greet_zh(name: &str) -> String {"),
        (LineKind::Removed, "    format!(\"你好，{name}！\")"),
        (LineKind::Added, "    let politeness = 3;"),
        (LineKind::Added, "    format!(\"你好，{name}！欢迎来到客体 🎉\")"),
        (LineKind::Same, "}"),
    ];
    let hunks = vec![hunk(11, 11, &lines), hunk(24, 25, &chinese)];
    let file = FileDiff { path: "src/lib.rs".into(), kind: FileChange::Changed, hunks, binary: false };
    CompareOutcome::Differs { files: vec![file] }
}

/// Numbers the lines, from these.
fn hunk(mut old: u32, mut new: u32, lines: &[(LineKind, &str)]) -> Hunk {
    let lines = lines.iter().map(|(kind, text)| {
        let line = DiffLine {
            kind: *kind,
            old: (*kind != LineKind::Added).then_some(old),
            new: (*kind != LineKind::Removed).then_some(new),
            text: (*text).to_owned(),
            end: LineEnd::Lf,
        };
        old += u32::from(line.old.is_some());
        new += u32::from(line.new.is_some());
        line
    });
    Hunk { lines: lines.collect() }
}
