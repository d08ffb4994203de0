//! The main job: a saved edit becomes the running version, and nothing of it is lost.

use std::path::{Path, PathBuf};

use exuvia_runtime::history::record::{Cause, Failure, Standing};
use exuvia_runtime::ids::Generation;
use exuvia_runtime::session::Event;
use exuvia_runtime::swap::verdict::VerdictKind;
use exuvia_tests::guest::{Guest, sdk};
use exuvia_tests::process::is_alive;
use exuvia_tests::sources::greeting;
use exuvia_tests::until;
use exuvia_tests::watched::{Watched, pinned_results};

const GREET: &str = "greet(\"World\")";

fn is_build(event: &Event) -> bool {
    matches!(event, Event::BuildStarted { .. })
}

fn saved(paths: &[&str]) -> Cause {
    Cause::Saved { paths: paths.iter().map(PathBuf::from).collect() }
}

#[test]
fn the_first_build_runs() {
    let guest = Guest::new("first", &greeting("Hello, {name}!"));
    let mut session = Watched::pinned(&guest, &[GREET]);
    let (name, versions) = session.next("the opening", |event| match event {
        Event::Opened { guest, versions, .. } => Some((guest.name.clone(), versions.len())),
        _ => None,
    });
    assert_eq!((name, versions), (guest.name.clone(), 0));
    session.status("building, nothing loaded yet");
    let activation = session.activated();
    assert_eq!((activation.version.0, activation.from), (1, None));
    let row = session.recorded();
    assert_eq!((row.record.number.0, row.record.generation, &row.record.cause), (1, Generation(1), &Cause::Start));
    assert_eq!((row.record.verdict.kind, &row.marks.standing), (VerdictKind::Hot, &Standing::Good));
    assert_eq!(row.marks.pinned_results[0].answer.to_string(), "\"Hello, World!\"");
    assert_eq!(row.record.exports[0].signature, "fn greet(name: &str) -> String");
    assert_eq!(row.record.exports[0].docs.trim(), "Greets.");
    let sources: Vec<_> = row.record.sources.0.keys().cloned().collect();
    for file in ["src/lib.rs", "Cargo.toml", "Cargo.lock", ".cargo/config.toml"] {
        assert!(sources.contains(&PathBuf::from(file)), "{file}: {sources:?}");
    }
    let stages: Vec<_> =
        row.record.durations.stages().iter().filter(|(_, took)| took.is_some()).map(|(s, _)| *s).collect();
    assert_eq!(stages, ["lock", "build", "stage", "verify", "swap", "probation"]);
    session.status("running v1 = saved source");
    assert_eq!(session.returned("greet(\"you\")"), "Hello, you!");
    session.end();
}

#[test]
fn ten_saves_in_a_row_are_each_shown() {
    let guest = Guest::new("ten", &greeting("text 0 for {name}"));
    let mut session = Watched::pinned(&guest, &[GREET]);
    session.recorded();
    for save in 1..=10 {
        guest.save(&greeting(&format!("text {save} for {{name}}")));
        let row = session.recorded();
        assert_eq!(row.record.number.0, save + 1);
        assert_eq!(row.record.cause, saved(&["src/lib.rs"]));
        assert_eq!(row.marks.pinned_results[0].answer.to_string(), format!("\"text {save} for World\""));
        session.status(&format!("running v{} = saved source", save + 1));
    }
    let expected: Vec<_> = (0..=10).map(|save| (save + 1, format!("\"text {save} for World\""))).collect();
    assert_eq!(pinned_results(&session.end()), expected);
}

#[test]
fn a_compile_error_leaves_the_old_version_running_until_it_is_fixed() {
    let guest = Guest::new("broken", &greeting("one"));
    let mut session = Watched::pinned(&guest, &[GREET]);
    session.recorded();
    guest.save(&greeting("one").replace("name: &str", "nam: &Str"));
    let failed = session.failed();
    let Failure::Build { diagnostics, .. } = &failed.failure else { panic!("{failed:?}") };
    let place = diagnostics[0].place.as_ref().expect("a place");
    assert_eq!((place.file.as_path(), place.line, place.column), (Path::new("src/lib.rs"), 5, 20));
    assert_eq!(diagnostics[0].code.as_deref(), Some("E0425"));
    assert!(diagnostics[0].plain().starts_with("error[E0425]: cannot find type `Str`"), "{diagnostics:?}");
    session.status("build failed, still running v1");
    assert_eq!(session.returned(GREET), "one");
    guest.save(&greeting("two"));
    let row = session.recorded();
    assert_eq!((row.record.number.0, row.record.generation), (2, Generation(3)));
    session.status("running v2 = saved source");
    assert_eq!(session.returned(GREET), "two");
    session.end();
}

#[test]
fn two_edits_in_a_burst_become_one_version() {
    let guest = Guest::new("burst", &greeting("zero"));
    let mut session = Watched::pinned(&guest, &[GREET]);
    session.recorded();
    guest.save(&greeting("one"));
    guest.save(&greeting("two"));
    let row = session.recorded();
    assert_eq!(row.record.number.0, 2);
    assert_eq!(row.marks.pinned_results[0].answer.to_string(), "\"two\"");
    session.status("running v2 = saved source");
    // What follows a real edit is heard in order, so nothing was built in between.
    guest.save(&greeting("three"));
    assert_eq!(session.recorded().record.number.0, 3);
    let events = session.end();
    let builds = events.iter().filter(|event| is_build(event)).count();
    let superseded = events.iter().filter(|event| matches!(event, Event::Superseded { .. })).count();
    assert_eq!(builds - superseded, 3);
    assert!(superseded <= 1, "{superseded}");
}

/// A build script that says that it runs and, while a file called `hold` exists, does not end.
const HOLDING: &str = r#"fn main() {
    println!("cargo::rerun-if-changed=src/lib.rs");
    if std::fs::exists("hold").unwrap() {
        std::fs::write("held.new", std::process::id().to_string()).unwrap();
        std::fs::rename("held.new", "held").unwrap();
        loop {
            std::thread::park();
        }
    }
}
"#;

/// A session whose first version runs and whose second build does not come to its end.
fn hold_a_build(test: &str) -> (Guest, Watched, Generation) {
    let guest = Guest::new(test, &greeting("zero"));
    guest.write("build.rs", HOLDING);
    let mut session = Watched::pinned(&guest, &[GREET]);
    session.recorded();
    guest.write("hold", "");
    guest.save(&greeting("one"));
    let (held, _) = session.build_started();
    (guest, session, held)
}

#[test]
fn an_edit_during_a_build_supersedes_it() {
    let (guest, mut session, held) = hold_a_build("during");
    let script = until("the build script", || std::fs::read_to_string(guest.path("held")).ok()?.parse().ok());
    assert!(is_alive(script));
    guest.save(&greeting("two"));
    let by = session.next("the end of the held build", |event| match event {
        Event::Superseded { generation, by } if *generation == held => Some(*by),
        _ => None,
    });
    assert_eq!(by, held.next());
    // The whole process group was ended, not cargo alone.
    until("the end of the held build script", || (!is_alive(script)).then_some(()));
    std::fs::remove_file(guest.path("hold")).unwrap();
    // If the second build was held, too, an edit of its own lets it go.
    guest.save(&greeting("three"));
    let row = session.recorded();
    assert_eq!(row.record.number.0, 2);
    assert_eq!(row.marks.pinned_results[0].answer.to_string(), "\"three\"");
    session.status("running v2 = saved source");
    assert!(pinned_results(&session.end()).iter().all(|(_, answer)| answer != "\"one\"" && answer != "\"two\""));
}

#[test]
fn a_build_can_be_cancelled_and_asked_for() {
    use exuvia_runtime::session::Command;
    let (guest, mut session, held) = hold_a_build("cancel");
    session.send(Command::CancelBuild);
    session.next("the end of the held build", |event| match event {
        Event::Cancelled { generation } => {
            assert_eq!(*generation, held);
            Some(())
        }
        _ => None,
    });
    session.status("running v1, 1 file changed since");
    assert_eq!(session.returned(GREET), "zero");
    session.send(Command::CancelBuild);
    assert_eq!(session.command_refused(), "no build is running");
    std::fs::remove_file(guest.path("hold")).unwrap();
    session.send(Command::Build);
    assert_eq!(session.build_started(), (held.next(), Cause::Asked));
    assert_eq!(session.recorded().marks.pinned_results[0].answer.to_string(), "\"one\"");
    session.end();
}

#[test]
fn a_save_without_a_change_builds_nothing() {
    let guest = Guest::new("nochange", &greeting("one"));
    let mut session = Watched::pinned(&guest, &[GREET]);
    session.recorded();
    session.status("running v1 = saved source");
    guest.save(&greeting("one"));
    exuvia_tests::save::truncate_and_write(&guest.path("src/lib.rs"), &greeting("one"));
    let file = std::fs::File::options().append(true).open(guest.path("src/lib.rs")).unwrap();
    file.set_modified(std::time::SystemTime::now()).unwrap();
    guest.write("README.md", "No input of the build.");
    // Changes are heard in order: had one of the saves above been taken for a change, its build
    // would have come before this one's.
    guest.save(&greeting("two"));
    assert_eq!(session.build_started(), (Generation(2), saved(&["src/lib.rs"])));
    assert_eq!(session.recorded().record.number.0, 2);
    assert_eq!(session.end().iter().filter(|event| is_build(event)).count(), 2);
}

#[test]
fn saving_back_to_the_original_text_brings_the_original_answer() {
    let guest = Guest::new("back", &greeting("one"));
    let mut session = Watched::pinned(&guest, &[GREET]);
    let first = session.recorded();
    guest.save(&greeting("two"));
    assert_eq!(session.recorded().marks.pinned_results[0].answer.to_string(), "\"two\"");
    guest.save(&greeting("one"));
    let row = session.recorded();
    assert_eq!((row.record.number.0, row.record.sources), (3, first.record.sources));
    assert_eq!(row.marks.pinned_results[0].answer.to_string(), "\"one\"");
    session.status("running v3 = saved source");
    session.end();
}

#[test]
fn a_change_that_compiles_to_the_same_is_no_version() {
    let guest = Guest::new("comment", &greeting("one"));
    let mut session = Watched::start(&guest);
    session.recorded();
    // The comment stands behind all code, so that no line number in it moves.
    guest.save(&format!("{}// The end.\n", greeting("one")));
    let (generation, reason) = session.nothing_changed();
    assert_eq!(generation, Generation(2));
    assert!(reason.contains("v1"), "{reason}");
    session.status("running v1 = saved source");
    session.end();
}

#[test]
fn features_and_profile_reach_the_guest() {
    let lib = r#"
        #[exuvia_guest::export]
        fn facts() -> (bool, bool, bool) {
            (cfg!(feature = "plain"), cfg!(feature = "loud"), cfg!(debug_assertions))
        }
    "#;
    let guest = Guest::empty("select");
    // The profile `test` builds all but the guest as `dev` does, so the SDK need not be built anew.
    let profile = format!("[profile.test.package.{}]", guest.name);
    let manifest = guest.manifest(&[
        ("[dependencies]", &sdk()),
        ("[features]", "default = [\"plain\"]\nplain = []\nloud = []\n"),
        (&profile, "debug-assertions = false\n"),
    ]);
    guest.write("Cargo.toml", &manifest);
    guest.write("src/lib.rs", lib);
    for (features, no_default_features, profile, facts) in [
        (&[][..], false, None, "[true,false,true]"),
        (&["loud".to_owned()], false, None, "[true,true,true]"),
        (&["loud".to_owned()], true, Some("test".to_owned()), "[false,true,false]"),
    ] {
        let mut config = exuvia_tests::watched::config(&guest);
        config.selection.features = features.to_vec();
        config.selection.no_default_features = no_default_features;
        config.selection.profile = profile;
        let selection = config.selection.clone();
        let mut session = Watched::with(config);
        assert_eq!(session.recorded().record.selection, selection);
        assert_eq!(session.returned("facts()").to_string(), facts);
        session.end();
    }
}
