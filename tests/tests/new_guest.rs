//! `exuvia new`: what it writes builds at once, wherever it lies, and nothing that exists is touched.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use exuvia_runtime::build::BuildPath;
use exuvia_runtime::history::record::VersionRow;
use exuvia_runtime::session::{Event, SessionConfig};
use exuvia_tests::cli::{command, text};
use exuvia_tests::guest::Guest;
use exuvia_tests::program::{exuvia, guests_target};
use exuvia_tests::save;
use exuvia_tests::watched::Watched;

/// Every file below the folder with its content.
fn content(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(content(&path));
        } else {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    found
}

/// The lock file is what cargo itself would write.
fn is_locked(root: &Path) {
    let cargo = ["metadata", "--locked", "--offline", "--format-version=1"];
    let output = Command::new(env!("CARGO")).args(cargo).current_dir(root).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
}

#[test]
fn a_new_guest_answers_at_once() {
    // Inside of another workspace, which does not know it.
    let folder = tempfile::Builder::new().prefix("exuvia-test-new-").tempdir().unwrap();
    fs::write(folder.path().join("Cargo.toml"), "[workspace]\nmembers = []\n").unwrap();
    let name = format!("new-guest-{}", std::process::id());
    let root = folder.path().join(&name);
    let run = |arguments: &[&str]| {
        command(arguments)
            .current_dir(folder.path())
            .env("CARGO_TARGET_DIR", guests_target())
            .env("CARGO_NET_OFFLINE", "true")
            .output()
            .unwrap()
    };
    let made = run(&["new", &name]);
    assert_eq!(made.status.code(), Some(0), "{}", text(&made.stderr));
    assert!(text(&made.stdout).ends_with(&format!("Next: exuvia {name}\n")), "{}", text(&made.stdout));

    let written = content(&root);
    is_locked(&root);
    for (call, answer) in [("greet(\"World\")", "\"Hello, World!\"\n"), ("click(2)", "2\n")] {
        let called = run(&["call", &name, call]);
        assert_eq!(text(&called.stdout), answer, "{}", text(&called.stderr));
        assert!(!text(&called.stderr).contains("warning"), "{}", text(&called.stderr));
    }
    let again = run(&["new", &name]);
    assert_eq!((again.status.code(), text(&again.stdout)), (Some(2), String::new()));
    assert!(text(&again.stderr).contains("is not empty"), "{}", text(&again.stderr));
    // Neither the second try nor the builds have changed a file.
    assert_eq!(content(&root), written);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn a_split_guest_takes_on_edits_in_both_of_its_crates() {
    // A folder with cargo's settings for tests, and nothing else of a guest.
    let around = Guest::empty("split");
    let root = around.path("new");
    let folder = root.to_str().unwrap();
    let made = command(&["new", "--split", folder, "--name", &around.name]).output().unwrap();
    assert_eq!(made.status.code(), Some(0), "{}", text(&made.stderr));
    assert!(text(&made.stdout).contains("core/src/lib.rs"), "{}", text(&made.stdout));
    is_locked(&root);
    let written = content(&root);

    let mut session = Watched::with(SessionConfig::new(&root, exuvia()));
    let first = session.recorded();
    assert!(first.record.warnings.is_empty(), "{:?}", first.record.warnings);
    assert_eq!(session.returned("greet(\"you\")"), "Hello, you!");
    assert_eq!(session.returned("click(2)"), 2);
    // What was written is complete: no build adds to it.
    assert_eq!(content(&root), written);

    let edit = |file: &str, from: &str, to: &str| {
        let path = root.join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{text}");
        save::rename_over(&path, &text.replace(from, to));
    };
    let core = format!("{}_core", around.name.replace('-', "_"));
    let hot = around.name.replace('-', "_");
    edit("src/lib.rs", "\"Hello\"", "\"Good morning\"");
    assert_eq!(replayed(&session.recorded()), [hot.as_str()]);
    assert_eq!(session.returned("greet(\"you\")"), "Good morning, you!");
    linked(&mut session, 1);

    edit("core/src/lib.rs", "{name}!", "dear {name}!");
    assert_eq!(replayed(&session.recorded()), [core.as_str(), &hot]);
    assert_eq!(session.returned("greet(\"you\")"), "Good morning, dear you!");
    linked(&mut session, 2);

    edit("src/lib.rs", "\"Good morning\"", "\"Good night\"");
    let last = session.recorded();
    assert_eq!(replayed(&last), [hot.as_str()]);
    assert!(last.record.path.base().is_some(), "{}", last.record.path);
    assert_eq!(session.returned("greet(\"you\")"), "Good night, dear you!");
    // The state went on all the way.
    assert_eq!(session.returned("clicks()"), 2);
    session.end();
}

/// Waits until so many base libraries were linked, before or after the versions that led to them.
fn linked(session: &mut Watched, count: usize) {
    let is_linked = |event: &&Event| matches!(event, Event::BaseLibrary { .. });
    session.eventually("a base library", |seen| (seen.iter().filter(is_linked).count() >= count).then_some(()));
}

/// The crates that were replayed for a version.
fn replayed(row: &VersionRow) -> &[String] {
    match &row.record.path {
        BuildPath::Replay { crates, .. } => crates,
        path @ BuildPath::Cargo { .. } => panic!("not replayed: {path}"),
    }
}
