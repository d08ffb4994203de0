//! `exuvia new`: what it writes builds at once, wherever it lies, and nothing that exists is touched.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use exuvia_tests::cli::{command, text};
use exuvia_tests::program::guests_target;

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

    // The lock file is what cargo itself would write.
    let written = content(&root);
    let cargo = ["metadata", "--locked", "--offline", "--format-version=1"];
    let output = Command::new(env!("CARGO")).args(cargo).current_dir(&root).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));

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
