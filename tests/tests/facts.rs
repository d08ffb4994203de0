//! What a session tells beyond the way of a change: state, differences, memory, progress; and what
//! the guest's manifest and commands decide.

use std::path::Path;

use exuvia_runtime::call::Answer;
use exuvia_runtime::history::RetentionPolicy;
use exuvia_runtime::history::compare::{CompareOutcome, FileChange, FileDiff, LineKind, Side};
use exuvia_runtime::ids::VersionNumber;
use exuvia_runtime::session::{Command, Deadlines, Event, RunnerLimits, SessionConfig, StateMoment};
use exuvia_tests::guest::{Guest, sdk};
use exuvia_tests::save;
use exuvia_tests::sources::{counter, greeting};
use exuvia_tests::watched::{Watched, config};
use serde_json::{Value, json};

/// The next state that is told.
fn state(session: &mut Watched) -> (u32, StateMoment, Option<Value>, u64) {
    session.next("a state", |event| match event {
        Event::State { version, moment, value, bytes } => Some((version.0, *moment, value.clone(), *bytes)),
        _ => None,
    })
}

fn pruned(session: &mut Watched) -> Vec<u32> {
    session.next("a removal", |event| match event {
        Event::Pruned { versions } => Some(versions.iter().map(|version| version.0).collect()),
        Event::CommandRefused { message } => panic!("{message}"),
        _ => None,
    })
}

fn notice(session: &mut Watched, part: &str) {
    session.next(part, |event| match event {
        Event::Notice { message } if message.contains(part) => Some(()),
        _ => None,
    });
}

#[test]
fn a_pinned_call_that_reads_the_state_follows_it() {
    let guest = Guest::with_state("readers", &counter("/// Reads nothing.\n#[export]\nfn one() -> u32 { 1 }\n"));
    let mut session = Watched::pinned(&guest, &["clicks()", "one()", "click(0)"]);
    session.recorded();
    session.returned("click(3)");
    let (call, answer) = session.next("the pinned call anew", |event| match event {
        Event::PinnedResult { call, answer, .. } => Some((call.clone(), answer.clone())),
        _ => None,
    });
    assert_eq!((call.as_str(), answer), ("clicks()", Answer::Returned { value: json!(3) }));
    let results = session.next("the version's marks", |event| match event {
        Event::Marked { marks, .. } => Some(marks.pinned_results.clone()),
        _ => None,
    });
    let words: Vec<_> = results.iter().map(|result| format!("{} {}", result.call, result.answer)).collect();
    assert_eq!(words, ["clicks() 3", "one() 1", "click(0) 0"], "in the order of the pins, and the others as they were");
    session.returned("clicks()");
    let events = session.end();
    let recorded = events.iter().filter(|event| matches!(event, Event::Recorded { .. })).count();
    assert_eq!(recorded, 1, "no other version");
    let anew = events.iter().filter(|event| matches!(event, Event::PinnedResult { .. })).count();
    assert_eq!(anew, 3 + 1, "three at first, one after the change");
}

#[test]
fn pins_stand_as_they_were_pinned_in_the_next_session_too() {
    let sections = [("[dependencies]", &*sdk()), ("[package.metadata.exuvia]", "calls = [\"greet(\\\"a\\\")\"]\n")];
    let guest = Guest::with_manifest("pin-order", &greeting("one"), &sections);
    let pins = |session: &mut Watched| {
        session.next("the pins", |event| match event {
            Event::Opened { pins, .. } | Event::Pins { pins } => Some(pins.clone()),
            _ => None,
        })
    };
    let mut session = Watched::start(&guest);
    let (manifests, own) = ("greet(\"a\")", "greet(\"b\")");
    assert_eq!(pins(&mut session), [manifests]);
    session.recorded();
    session.send(Command::Pin { text: own.to_owned() });
    assert_eq!(pins(&mut session), [manifests, own]);
    session.end();
    let mut session = Watched::start(&guest);
    assert_eq!(pins(&mut session), [manifests, own]);
    session.end();
}

#[test]
fn the_state_is_told_when_it_may_have_changed_and_when_asked() {
    let guest = Guest::with_state("state", &counter(""));
    let mut session = Watched::start(&guest);
    let (version, moment, value, bytes) = state(&mut session);
    assert_eq!((version, moment, value), (1, StateMoment::Activated, Some(json!({ "clicks": 0 }))));
    assert!(bytes > 0);
    session.returned("click(3)");
    let (_, moment, value, _) = state(&mut session);
    assert_eq!((moment, value), (StateMoment::Called, Some(json!({ "clicks": 3 }))));
    // A call that only reads tells no state: the next one is the one that was asked for.
    session.returned("clicks()");
    session.send(Command::ReadState);
    let (_, moment, value, _) = state(&mut session);
    assert_eq!((moment, value), (StateMoment::Read, Some(json!({ "clicks": 3 }))));
    guest.save(&counter("/// More.\n#[export]\nfn more() -> u32 { 1 }\n"));
    let (version, moment, value, _) = state(&mut session);
    assert_eq!((version, moment, value), (2, StateMoment::Activated, Some(json!({ "clicks": 3 }))));
    session.send(Command::ReadMemory);
    let (pid, versions) = session.next("the memory that was asked for", |event| match event {
        Event::Memory { runner, versions } if versions.len() == 1 && versions[0].version.0 == 2 => {
            assert!(runner.resident > Some(versions[0].bytes / 2) && runner.threads > Some(1), "{event:?}");
            Some((runner.pid, versions.clone()))
        }
        _ => None,
    });
    assert!(pid > 0 && versions[0].bytes > 0 && versions[0].why.is_none(), "{versions:?}");
    session.end();
}

#[test]
fn a_large_state_is_told_without_its_value_and_none_by_a_guest_without_state() {
    let large = counter("").replace("clicks: u32,", "clicks: u32, text: String,");
    let large = large.replace("state.clicks += by;", "state.text = \"x\".repeat(2 << 20); state.clicks += by;");
    let guest = Guest::with_state("large-state", &large);
    let mut session = Watched::start(&guest);
    session.recorded();
    session.returned("click(1)");
    let (moment, value, bytes) = session.next("a large state", |event| match event {
        Event::State { moment, value, bytes, .. } if *bytes > 1 << 20 => Some((*moment, value.clone(), *bytes)),
        _ => None,
    });
    assert_eq!((moment, value), (StateMoment::Called, None));
    assert!(bytes > 2 << 20, "{bytes}");
    session.end();

    let guest = Guest::new("no-state", &greeting("one"));
    let mut session = Watched::start(&guest);
    session.recorded();
    session.send(Command::ReadState);
    session.returned("greet(\"\")");
    assert_eq!(session.count(|event| matches!(event, Event::State { .. } | Event::CommandRefused { .. })), 0);
    session.end();
}

#[test]
fn versions_are_compared_noted_and_removed() {
    let guest = Guest::new("compare", &greeting("one"));
    let mut session = Watched::start(&guest);
    session.recorded();
    guest.save(&greeting("two"));
    session.recorded();
    guest.write("src/added.rs", "//! New.\n");
    guest.save("not Rust");
    session.failed();
    let mut id = 0;
    let mut compare = |session: &mut Watched, from: Side, to: Side| -> CompareOutcome {
        id += 1;
        session.send(Command::Compare { id, from, to });
        session.next("the outcome", |event| match event {
            Event::Compared { id: of, outcome, .. } if *of == id => Some(outcome.clone()),
            _ => None,
        })
    };
    let (v1, v2) = (Side::Version(VersionNumber(1)), Side::Version(VersionNumber(2)));
    let files = |outcome: CompareOutcome| -> Vec<FileDiff> {
        let CompareOutcome::Differs { files } = outcome else { panic!("{outcome:?}") };
        files
    };
    let between = files(compare(&mut session, v1, v2));
    assert_eq!(between.len(), 1, "{between:?}");
    assert_eq!((between[0].path.as_path(), between[0].kind), (Path::new("src/lib.rs"), FileChange::Changed));
    let changed: Vec<_> =
        between[0].hunks.iter().flat_map(|hunk| &hunk.lines).filter(|line| line.kind != LineKind::Same).collect();
    let words: Vec<_> = changed.iter().map(|line| (line.kind, line.text.trim(), line.old, line.new)).collect();
    let at = greeting("one").lines().position(|line| line.contains("one")).map(|line| u32::try_from(line + 1).unwrap());
    assert_eq!(
        words,
        [(LineKind::Removed, "format!(\"one\")", at, None), (LineKind::Added, "format!(\"two\")", None, at)]
    );
    assert_eq!(compare(&mut session, v2, v2), CompareOutcome::Same);
    let saved = files(compare(&mut session, v2, Side::Saved));
    let kinds: Vec<_> = saved.iter().map(|file| (file.path.to_str().unwrap(), file.kind)).collect();
    assert_eq!(kinds, [("src/added.rs", FileChange::Added), ("src/lib.rs", FileChange::Changed)]);
    let all = files(compare(&mut session, Side::Nothing, v1));
    assert!(all.len() > 2 && all.iter().all(|file| file.kind == FileChange::Added && !file.binary), "{all:?}");
    let none = compare(&mut session, v1, Side::Version(VersionNumber(9)));
    assert!(matches!(&none, CompareOutcome::Failed { message } if message.contains("v9")), "{none:?}");

    session.send(Command::Note { version: VersionNumber(1), text: " the first \n".to_owned() });
    let note = session.next("the note", |event| match event {
        Event::Marked { version, marks } if version.0 == 1 => Some(marks.note.clone()),
        _ => None,
    });
    assert_eq!(note, "the first");
    // Another mark leaves it alone.
    session.send(Command::Keep { version: VersionNumber(1), keep: true });
    let note = session.next("the mark", |event| match event {
        Event::Marked { marks, .. } if marks.keep => Some(marks.note.clone()),
        _ => None,
    });
    assert_eq!(note, "the first");

    for (version, why) in [(2, "it is active"), (1, "it is kept"), (9, "there is no v9")] {
        session.send(Command::Remove { version: VersionNumber(version) });
        let message = session.command_refused();
        assert!(message.contains(why), "{message}");
    }
    session.send(Command::Keep { version: VersionNumber(1), keep: false });
    session.send(Command::Remove { version: VersionNumber(1) });
    assert_eq!(pruned(&mut session), [1]);
    assert!(matches!(compare(&mut session, v1, v2), CompareOutcome::Failed { .. }));
    session.end();
}

#[test]
fn a_version_that_another_workbench_uses_is_not_removed() {
    let guest = Guest::new("remove-shared", &greeting("one"));
    let mut one = Watched::start(&guest);
    one.recorded();
    let mut two = Watched::with(SessionConfig { auto_reload: false, ..config(&guest) });
    two.activated();
    two.nothing_changed();
    guest.save(&greeting("two"));
    one.recorded();
    // Said by the other one by now: it has answered a question that came later.
    two.returned("greet(\"\")");
    one.send(Command::Remove { version: VersionNumber(1) });
    let message = one.command_refused();
    assert!(message.contains("another workbench uses it"), "{message}");
    two.end();
    one.send(Command::Remove { version: VersionNumber(1) });
    assert_eq!(pruned(&mut one), [1]);
    one.end();
}

#[test]
fn limits_can_be_changed_while_a_session_runs() {
    let lib = greeting("1")
        + "\n/// Never comes back.\n#[exuvia_guest::export]\npub fn hang() { loop { std::hint::spin_loop() } }\n";
    let guest = Guest::new("limits", &lib);
    let mut session = Watched::start(&guest);
    session.recorded();
    for text in ["2", "3"] {
        guest.save(&lib.replace("\"1\"", &format!("\"{text}\"")));
        session.recorded();
    }
    let deadlines = Deadlines { request: std::time::Duration::from_millis(300), ..Deadlines::default() };
    session.send(Command::SetLimits {
        retention: RetentionPolicy { versions: 1, bytes: u64::MAX },
        deadlines,
        limits: RunnerLimits::default(),
    });
    assert_eq!(pruned(&mut session), [1, 2]);
    session.send(Command::Call { id: 900, text: "hang()".to_owned() });
    let (_, fault) = session.fault();
    assert!(fault.contains("0.3 s"), "{fault}");
    session.end();
}

#[test]
fn a_build_tells_how_far_it_is() {
    // Cargo draws its bar only in builds of more than half a second: this one lasts until the bar was seen.
    let slow = "fn main() {\n    while !std::path::Path::new(\"../go\").exists() { std::thread::yield_now(); }\n}\n";
    let guest = Guest::with_manifest("progress", "not Rust", &[("[dependencies]", &sdk())]);
    guest.write("build.rs", slow);
    let mut session = Watched::start(&guest);
    session.next("a bar that names the guest", |event| match event {
        Event::BuildProgress { done: Some(_), text, .. } => text.contains(&guest.name).then_some(()),
        _ => None,
    });
    guest.write("../go", "");
    let failed = session.failed();
    let bars: Vec<(u32, u32, String)> = session
        .seen
        .iter()
        .filter_map(|event| match event {
            Event::BuildProgress { done: Some(done), total: Some(total), text, .. } => {
                Some((*done, *total, text.clone()))
            }
            _ => None,
        })
        .collect();
    assert!(bars.iter().all(|(done, total, _)| done <= total), "{bars:?}");
    assert!(bars.iter().any(|(_, _, text)| text.contains(&guest.name)), "{bars:?}");
    assert!(bars.windows(2).all(|pair| (pair[0].0, pair[0].1) != (pair[1].0, pair[1].1)), "{bars:?}");
    // The bar is no part of what cargo said about the failure.
    let failure = serde_json::to_string(&failed.failure).unwrap();
    assert!(!failure.contains("Building [") && !failure.contains("[="), "{failure}");
    session.end();
}

#[test]
fn the_manifest_has_settings() {
    const LIB: &str = r#"
/// The level that it was built for.
#[exuvia_guest::export]
pub fn level() -> &'static str { option_env!("LEVEL").unwrap_or("none") }

/// The level that it runs in.
#[exuvia_guest::export]
pub fn runs_in() -> String { std::env::var("LEVEL").unwrap_or_default() }

/// Whether it is fancy.
#[exuvia_guest::export]
pub fn fancy() -> bool { cfg!(feature = "fancy") }

/// What lies beside it.
#[exuvia_guest::export]
pub fn text() -> &'static str { include_str!("../assets/text.txt") }
"#;
    let sections = |settings: &str| {
        [
            ("[dependencies]", sdk()),
            ("[features]", "fancy = []\n".to_owned()),
            ("[package.metadata.exuvia]", settings.to_owned()),
        ]
    };
    let manifest = |guest: &Guest, settings: &str| {
        let sections = sections(settings);
        guest.manifest(&sections.each_ref().map(|(head, body)| (*head, body.as_str())))
    };
    let guest = Guest::with_manifest("settings", LIB, &[("[dependencies]", &sdk())]);
    guest.write("assets/text.txt", "one");
    guest.write("assets/other.txt", "1");
    let plain = "calls = [\"fancy()\"]\nwatch = [\"assets\"]\nenvironment = { LEVEL = \"3\" }\nprofil = \"x\"\n";
    guest.write("Cargo.toml", &manifest(&guest, plain));
    let mut session = Watched::start(&guest);
    notice(&mut session, "did you mean `profile`?");
    let first = session.recorded();
    assert_eq!(
        (first.record.selection.to_string().as_str(), first.marks.pinned_results[0].answer.to_string().as_str()),
        ("", "false")
    );
    assert_eq!((session.returned("level()"), session.returned("runs_in()")), (json!("3"), json!("3")));

    // A watched file that no build reads: cargo has nothing to do.
    save::rename_over(&guest.path("assets/other.txt"), "2");
    let (_, cause) = session.build_started();
    assert_eq!(cause.text(), "other.txt");
    session.nothing_changed();
    session.status("running v1 = saved source");

    let fancy = "features = [\"fancy\"]\ncalls = [\"fancy()\", \"text()\"]\nwatch = [\"assets\"]\nenvironment = { LEVEL = \"4\" }\n";
    save::rename_over(&guest.path("Cargo.toml"), &manifest(&guest, fancy));
    notice(&mut session, "from the next build on: --features=fancy");
    notice(&mut session, "when it is restarted");
    let second = session.recorded();
    assert_eq!(second.record.selection.to_string(), "--features=fancy");
    let answers: Vec<_> =
        second.marks.pinned_results.iter().map(|pin| (pin.call.as_str(), pin.answer.to_string())).collect();
    assert_eq!(answers, [("fancy()", "true".to_owned()), ("text()", "\"one\"".to_owned())]);
    assert_eq!((session.returned("level()"), session.returned("runs_in()")), (json!("4"), json!("3")));
    session.send(Command::RestartGuest);
    session.activated();
    assert_eq!(session.returned("runs_in()"), json!("4"));

    // What makes no sense leaves what was set before.
    save::rename_over(&guest.path("Cargo.toml"), &manifest(&guest, "features = \"fancy\"\n"));
    notice(&mut session, "`features` in [package.metadata.exuvia] is the text \"fancy\"");
    session.end();

    let mut session = Watched::start(&guest);
    let message = session.next("a refusal", |event| match event {
        Event::OpenFailed { message } => Some(message.clone()),
        _ => None,
    });
    assert!(message.contains("Cargo.toml") && message.contains("expected is a list of texts"), "{message}");
    // What is said by name wins over what the manifest says.
    guest.write("Cargo.toml", &manifest(&guest, "features = [\"fancy\"]\nprofile = \"nowhere\"\n"));
    let mut given = config(&guest);
    given.selection.profile = Some("dev".to_owned());
    let mut session = Watched::with(given);
    let selection = session.next("the opening", |event| match event {
        Event::Opened { guest, pins, .. } => {
            assert_eq!(pins, &Vec::<String>::new(), "the manifest's calls are not kept elsewhere");
            Some(guest.selection.to_string())
        }
        _ => None,
    });
    assert_eq!(selection, "--features=fancy --profile=dev");
    session.end();
}
