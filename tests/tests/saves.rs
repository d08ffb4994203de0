//! What counts as a change: every editor's way to save, new files, other crates, manifests.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use exuvia_runtime::history::compare::{CompareOutcome, LineKind, Side};
use exuvia_runtime::history::record::{Cause, Failure};
use exuvia_runtime::session::{Command, Event, SessionConfig, WatchMode};
use exuvia_tests::guest::{Guest, sdk, write};
use exuvia_tests::save;
use exuvia_tests::sources::greeting;
use exuvia_tests::watched::{Watched, config};

const GREET: &str = "greet(\"World\")";

fn paths(cause: &Cause) -> Vec<&Path> {
    match cause {
        Cause::Saved { paths } => paths.iter().map(PathBuf::as_path).collect(),
        _ => Vec::new(),
    }
}

/// A library crate beside the guest, outside its workspace.
fn beside(guest: &Guest, name: &str, text: &str) -> PathBuf {
    let folder = guest.root.with_file_name(name);
    write(
        &folder.join("Cargo.toml"),
        &format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n"),
    );
    write(&folder.join("src/lib.rs"), &says(text));
    folder
}

fn says(text: &str) -> String {
    format!("pub fn says() -> &'static str {{ {text:?} }}\n")
}

/// A guest that says what its module `extra` says.
fn with_extra() -> String {
    format!("{}\nmod extra;\n", greeting("{name}: {}").replace("\")", "\", extra::says())"))
}

#[test]
fn every_way_to_save_is_seen() {
    let guest = Guest::new("editors", &greeting("at first"));
    let mut session = Watched::pinned(&guest, &[GREET]);
    session.recorded();
    for (way, save) in save::ALL {
        save(&guest.path("src/lib.rs"), &greeting(way));
        // An attempt with half a text may fail before the whole one supersedes it.
        session.next(way, |event| match event {
            Event::PinnedResult { answer, .. } => (answer.to_string() == format!("\"{way}\"")).then_some(()),
            _ => None,
        });
    }
    session.status(&format!("running v{} = saved source", save::ALL.len() + 1));
    session.end();
}

#[test]
fn saves_are_seen_by_polling_too() {
    let guest = Guest::new("polling", &greeting("one"));
    let mut session = Watched::with(SessionConfig { poll: true, pins: vec![GREET.to_owned()], ..config(&guest) });
    session.next("the watcher", |event| match event {
        Event::Watching { mode: WatchMode::Polling { .. }, .. } => Some(()),
        _ => None,
    });
    session.recorded();
    guest.save(&greeting("two"));
    assert_eq!(session.recorded().marks.pinned_results[0].answer.to_string(), "\"two\"");
    session.end();
}

#[test]
fn an_older_file_with_other_content_is_built() {
    let guest = Guest::new("older", &greeting("backup"));
    let backup = guest.path("src/lib.rs.bak");
    fs::rename(guest.path("src/lib.rs"), &backup).unwrap();
    let long_ago = SystemTime::now() - Duration::from_secs(3600);
    File::options().append(true).open(&backup).unwrap().set_modified(long_ago).unwrap();
    guest.write("src/lib.rs", &greeting("new"));
    let mut session = Watched::pinned(&guest, &[GREET]);
    assert_eq!(session.recorded().marks.pinned_results[0].answer.to_string(), "\"new\"");
    // Cargo goes by times alone, and finds nothing to do here.
    fs::rename(&backup, guest.path("src/lib.rs")).unwrap();
    let row = session.recorded();
    assert_eq!(row.marks.pinned_results[0].answer.to_string(), "\"backup\"");
    session.status("running v2 = saved source");
    session.end();
}

#[test]
fn a_new_module_file_first() {
    let guest = Guest::new("modfile", &greeting("one"));
    let mut session = Watched::pinned(&guest, &[GREET]);
    session.recorded();
    guest.write("src/extra.rs", &says("from the new file"));
    // Nothing reads the file yet: cargo is asked, and makes what is there already.
    let (_, reason) = session.nothing_changed();
    assert!(reason.contains("v1"), "{reason}");
    session.status("running v1 = saved source");
    guest.save(&with_extra());
    let row = session.recorded();
    assert_eq!(row.marks.pinned_results[0].answer.to_string(), "\"World: from the new file\"");
    assert!(row.record.sources.0.contains_key(Path::new("src/extra.rs")));
    save::truncate_and_write(&guest.path("src/extra.rs"), &says("edited"));
    let row = session.recorded();
    assert_eq!(paths(&row.record.cause), [Path::new("src/extra.rs")]);
    assert_eq!(row.marks.pinned_results[0].answer.to_string(), "\"World: edited\"");
    session.end();
}

#[test]
fn a_mod_line_first() {
    let guest = Guest::new("modline", &greeting("one"));
    let mut session = Watched::pinned(&guest, &[GREET]);
    session.recorded();
    guest.save(&with_extra());
    let failed = session.failed();
    assert!(failed.failure.message().contains("extra"), "{failed:?}");
    session.status("build failed, still running v1");
    // In a folder that does not exist yet, which must be seen as well.
    guest.write("src/extra/mod.rs", &says("from the new folder"));
    let row = session.recorded();
    assert_eq!(row.marks.pinned_results[0].answer.to_string(), "\"World: from the new folder\"");
    session.status("running v2 = saved source");
    session.end();
}

#[test]
fn a_path_dependency_outside_the_workspace_is_watched() {
    let guest = Guest::empty("pathdep");
    let dependency = beside(&guest, "neighbour", "one");
    let dependencies = format!("{}neighbour = {{ path = \"../neighbour\" }}\n", sdk());
    guest.write("Cargo.toml", &guest.manifest(&[("[dependencies]", &dependencies)]));
    guest.write("src/lib.rs", &greeting("{name}, {}").replace("\")", "\", neighbour::says())"));
    let mut session = Watched::pinned(&guest, &[GREET]);
    assert_eq!(session.recorded().marks.pinned_results[0].answer.to_string(), "\"World, one\"");
    save::rename_over(&dependency.join("src/lib.rs"), &says("two"));
    let row = session.recorded();
    assert_eq!(row.marks.pinned_results[0].answer.to_string(), "\"World, two\"");
    assert_eq!(paths(&row.record.cause), [dependency.join("src/lib.rs")]);
    session.status("running v2 = saved source");
    session.end();
}

#[test]
fn a_file_that_the_code_includes_is_watched() {
    let guest = Guest::new(
        "include",
        "#[exuvia_guest::export]\nfn level() -> &'static str { include_str!(\"../data/level.txt\") }",
    );
    guest.write("data/level.txt", "one");
    let mut session = Watched::pinned(&guest, &["level()"]);
    session.recorded();
    save::rename_over(&guest.path("data/level.txt"), "two");
    let row = session.recorded();
    assert_eq!(paths(&row.record.cause), [Path::new("data/level.txt")]);
    assert_eq!(row.marks.pinned_results[0].answer.to_string(), "\"two\"");
    // Gone for longer than an editor takes, and back.
    fs::remove_file(guest.path("data/level.txt")).unwrap();
    session.failed();
    guest.write("data/level.txt", "three");
    assert_eq!(session.recorded().marks.pinned_results[0].answer.to_string(), "\"three\"");
    session.end();
}

/// Another folder in the place of the one that was watched, as `git stash` or a script leaves it.
#[test]
fn a_source_folder_that_was_replaced_is_watched() {
    let guest = Guest::new("replaced", &greeting("one"));
    let mut session = Watched::pinned(&guest, &[r#"greet("")"#]);
    session.recorded();
    for (number, text) in [(2, "two"), (3, "three"), (4, "four")] {
        guest.write("other/lib.rs", &greeting(text));
        fs::rename(guest.path("src"), guest.path(&format!("old{number}"))).unwrap();
        fs::rename(guest.path("other"), guest.path("src")).unwrap();
        let row = session.recorded();
        assert_eq!(row.marks.pinned_results[0].answer.to_string(), format!("\"{text}\""));
        guest.save(&greeting(&format!("{text} edited")));
        let row = session.recorded();
        assert_eq!(row.marks.pinned_results[0].answer.to_string(), format!("\"{text} edited\""));
    }
    session.end();
}

#[test]
fn an_edit_of_the_manifest_is_built() {
    let lib = "#[exuvia_guest::export]\nfn loud() -> bool { cfg!(feature = \"loud\") }\n";
    let guest = Guest::empty("manifest");
    let features = |default: &str| {
        guest.manifest(&[("[dependencies]", &sdk()), ("[features]", &format!("default = [{default}]\nloud = []\n"))])
    };
    guest.write("Cargo.toml", &features(""));
    guest.write("src/lib.rs", lib);
    let mut session = Watched::pinned(&guest, &["loud()"]);
    assert_eq!(session.recorded().marks.pinned_results[0].answer.to_string(), "false");
    let manifest = guest.path("Cargo.toml");

    save::rename_over(&manifest, &features("\"loud\""));
    let row = session.recorded();
    assert_eq!(paths(&row.record.cause), [Path::new("Cargo.toml")]);
    assert_eq!(row.marks.pinned_results[0].answer.to_string(), "true");

    save::rename_over(&manifest, &features("\"loud").replace("[lib]", "[lib"));
    let failed = session.failed();
    let Failure::Build { message, stderr, .. } = &failed.failure else { panic!("{failed:?}") };
    assert!(stderr.contains("[lib") && !message.is_empty(), "{failed:?}");
    session.status("build failed, still running v2");
    assert_eq!(session.returned("loud()"), true);

    save::rename_over(&manifest, &features(""));
    assert_eq!(session.recorded().marks.pinned_results[0].answer.to_string(), "false");
    session.status("running v3 = saved source");
    session.end();
}

#[test]
fn a_dependency_that_is_added_is_watched_from_then_on() {
    let guest = Guest::new("adddep", &greeting("alone"));
    let dependency = beside(&guest, "newcomer", "one");
    let mut session = Watched::pinned(&guest, &[GREET]);
    session.recorded();
    let dependencies = format!("{}newcomer = {{ path = \"../newcomer\" }}\n", sdk());
    save::truncate_and_write(&guest.path("Cargo.toml"), &guest.manifest(&[("[dependencies]", &dependencies)]));
    guest.save(&greeting("{name}, {}").replace("\")", "\", newcomer::says())"));
    session.next("the answer with the new dependency", |event| match event {
        Event::PinnedResult { answer, .. } => (answer.to_string() == "\"World, one\"").then_some(()),
        _ => None,
    });
    session.recorded();
    save::rename_over(&dependency.join("src/lib.rs"), &says("two"));
    assert_eq!(session.recorded().marks.pinned_results[0].answer.to_string(), "\"World, two\"");
    // Files that no build has read yet count there, too.
    save::rename_over(&dependency.join("src/lib.rs"), "mod extra;\npub use extra::says;\n");
    session.failed();
    write(&dependency.join("src/extra.rs"), &says("three"));
    assert_eq!(session.recorded().marks.pinned_results[0].answer.to_string(), "\"World, three\"");
    session.end();
}

/// What is compared with the saved files must not be older than they are, also while nothing is built.
#[test]
fn saves_are_told_and_compared_while_none_is_built() {
    let guest = Guest::new("unbuilt", &greeting("one"));
    let mut session = Watched::with(SessionConfig { auto_reload: false, ..config(&guest) });
    let version = session.recorded().record.number;
    for (id, text) in [(1, "two"), (2, "three")] {
        guest.save(&greeting(text));
        session.next(text, |event| match event {
            Event::Saved { paths } => paths.iter().any(|path| path.ends_with("src/lib.rs")).then_some(()),
            _ => None,
        });
        session.send(Command::Compare { id, from: Side::Version(version), to: Side::Saved });
        let outcome = session.next("the comparison", |event| match event {
            Event::Compared { id: of, outcome, .. } if *of == id => Some(outcome.clone()),
            _ => None,
        });
        let CompareOutcome::Differs { files } = outcome else { panic!("{outcome:?}") };
        let mut lines = files.iter().flat_map(|file| &file.hunks).flat_map(|hunk| &hunk.lines);
        assert!(lines.any(|line| line.kind == LineKind::Added && line.text.contains(text)), "{files:?}");
    }
    assert_eq!(session.count(|event| matches!(event, Event::BuildStarted { .. })), 1);
    session.end();
}

/// The compiler may have read it while it was empty, although it is what it was when the build began.
#[test]
fn a_file_that_was_empty_while_a_build_ran_is_built_again() {
    let guest = Guest::new("doubted", &with_extra());
    guest.write("src/extra.rs", &says("extra"));
    let mut session = Watched::pinned(&guest, &[GREET]);
    session.recorded();
    // By cargo, which takes its time.
    let manifest = fs::read_to_string(guest.path("Cargo.toml")).unwrap();
    guest.write("Cargo.toml", &format!("{manifest}# edited\n"));
    session.build_started();
    fs::write(guest.path("src/extra.rs"), "").unwrap();
    session.next("an empty file", |event| match event {
        Event::Saved { paths } => paths.iter().any(|path| path.ends_with("extra.rs")).then_some(()),
        _ => None,
    });
    fs::write(guest.path("src/extra.rs"), says("extra")).unwrap();
    session.build_started();
    session.status("running v1 = saved source");
    assert_eq!(session.returned(GREET), "World: extra");
    session.end();
}
