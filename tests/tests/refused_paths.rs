//! Paths that lead to no guest, and what is said about them.

use exuvia_runtime::build::Selection;
use exuvia_runtime::session::{Event, SessionConfig};
use exuvia_tests::guest::{Guest, sdk};
use exuvia_tests::program::exuvia;
use exuvia_tests::sources::greeting;
use exuvia_tests::watched::Watched;

/// Why a session cannot be opened; it ends by itself then.
fn refusal(config: SessionConfig) -> String {
    let mut session = Watched::with(config);
    let message = session.next("a refusal", |event| match event {
        Event::OpenFailed { message } => Some(message.clone()),
        Event::Opened { .. } => panic!("it was opened: {event:?}"),
        _ => None,
    });
    session.next("the end", |event| (*event == Event::Ended).then_some(()));
    message
}

fn at(guest: &Guest, path: &str) -> SessionConfig {
    SessionConfig::new(guest.path(path), exuvia())
}

fn package(name: &str) -> Selection {
    Selection { package: Some(name.to_owned()), ..Selection::default() }
}

fn assert_says(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "{part:?} is not in: {message}");
    }
}

#[test]
fn a_path_that_is_no_crate() {
    let guest = Guest::empty("nocrate");
    assert_says(&refusal(at(&guest, "missing")), &["missing does not exist", "Cargo.toml"]);
    guest.write("folder/notes.txt", "");
    assert_says(&refusal(at(&guest, "folder")), &["folder is no crate", "no Cargo.toml in it or above it"]);
    guest.write("folder/Cargo.toml", "[package");
    assert_says(&refusal(at(&guest, "folder")), &["cargo does not accept", "Cargo.toml", "unclosed table"]);
}

#[test]
fn a_crate_without_a_cdylib() {
    let guest = Guest::new("norlib", &greeting("one"));
    guest.write("Cargo.toml", &guest.manifest(&[]).replace("[\"cdylib\"]", "[\"rlib\"]"));
    assert_says(&refusal(at(&guest, "")), &[&guest.name, "has no cdylib target", "crate-type = [\"cdylib\"]"]);
    let config = SessionConfig { selection: package("other"), ..at(&guest, "") };
    assert_says(&refusal(config), &["there is no package `other`", &guest.name]);
    let config = SessionConfig { pins: vec!["greet(World)".to_owned()], ..at(&guest, "") };
    refusal(config);
}

#[test]
fn a_workspace_with_several_guests_asks_which() {
    let guest = Guest::empty("several");
    let names = ["first", "second"].map(|name| format!("{}-{name}", guest.name));
    for (folder, name) in ["a", "b"].iter().zip(&names) {
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[lib]\ncrate-type = [\"cdylib\"]\n[dependencies]\n{}",
            sdk()
        );
        guest.write(&format!("{folder}/Cargo.toml"), &manifest);
        guest.write(&format!("{folder}/src/lib.rs"), &greeting(name));
    }
    guest.write("c/Cargo.toml", "[package]\nname = \"plain\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    guest.write("c/src/lib.rs", "");
    let workspace = "[workspace]\nmembers = [\"a\", \"b\", \"c\"]\nresolver = \"3\"\n";
    guest.write("Cargo.toml", workspace);
    assert_says(&refusal(at(&guest, "")), &["several cdylib packages", &names[0], &names[1], "--package"]);
    assert_says(&refusal(at(&guest, "c")), &["`plain` has no cdylib", "--package", &names[0]]);

    let answers = |config: SessionConfig, expected: &str| {
        let mut session = Watched::with(config);
        session.recorded();
        assert_eq!(session.returned("greet(\"x\")"), expected);
        session.end();
    };
    answers(SessionConfig { selection: package(&names[1]), ..at(&guest, "") }, &names[1]);
    let hint = format!("{workspace}\n[workspace.metadata.exuvia]\nguest = \"{}\"\n", names[0]);
    guest.write("Cargo.toml", &hint);
    answers(at(&guest, ""), &names[0]);
    // The path says more than the hint.
    assert_says(&refusal(at(&guest, "c")), &["`plain` has no cdylib"]);
    guest.write("Cargo.toml", &hint.replace("-first", "-third"));
    assert_says(&refusal(at(&guest, "")), &["there is no package", "-third"]);
}

#[test]
fn a_file_in_the_crate_leads_to_it() {
    let guest = Guest::new("filepath", &greeting("one"));
    for path in ["src/lib.rs", "Cargo.toml", "src"] {
        let mut session = Watched::with(at(&guest, path));
        session.next("the opening", |event| match event {
            Event::Opened { guest: found, .. } => {
                assert_eq!(found.name, guest.name);
                Some(())
            }
            _ => None,
        });
        session.end();
    }
}
