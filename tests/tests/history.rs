//! What is kept: over restarts of the workbench, between two of them, and within limits.

use std::path::{Path, PathBuf};

use exuvia_runtime::history::RetentionPolicy;
use exuvia_runtime::history::record::{Standing, VersionRow};
use exuvia_runtime::ids::VersionNumber;
use exuvia_runtime::session::{Command, Event, SessionConfig};
use exuvia_tests::guest::Guest;
use exuvia_tests::sources::greeting;
use exuvia_tests::watched::{Watched, config};

const GREET: &str = "greet(\"World\")";

struct Opened {
    history: PathBuf,
    versions: Vec<VersionRow>,
    failures: usize,
    pins: Vec<String>,
}

fn opened(session: &mut Watched) -> Opened {
    session.next("the opening", |event| match event {
        Event::Opened { guest, versions, failures, pins } => Some(Opened {
            history: guest.history.clone(),
            versions: versions.clone(),
            failures: failures.len(),
            pins: pins.clone(),
        }),
        _ => None,
    })
}

fn numbers(versions: &[VersionRow]) -> Vec<u32> {
    versions.iter().map(|row| row.record.number.0).collect()
}

fn keeping(guest: &Guest, versions: usize) -> SessionConfig {
    SessionConfig { retention: RetentionPolicy { versions, bytes: u64::MAX }, ..config(guest) }
}

/// Pins a call for this session and those after it.
fn pin(session: &mut Watched) {
    session.send(Command::Pin { text: GREET.to_owned() });
    session.next("the pin", |event| matches!(event, Event::Pins { .. }).then_some(()));
}

#[test]
fn a_restart_of_the_workbench_goes_on_where_it_was() {
    let guest = Guest::new("restart", &greeting("one"));
    let mut session = Watched::start(&guest);
    pin(&mut session);
    let first = session.recorded();
    guest.save(&greeting("two"));
    let second = session.recorded();
    guest.save("not Rust");
    session.failed();
    guest.save(&greeting("two"));
    session.nothing_changed();
    session.end();

    let mut session = Watched::start(&guest);
    let found = opened(&mut session);
    assert_eq!((found.failures, found.pins.as_slice()), (1, &[GREET.to_owned()][..]));
    assert_eq!(found.versions.iter().map(|row| &row.record).collect::<Vec<_>>(), [&first.record, &second.record]);
    assert_eq!(found.versions[1].marks.pinned_results, second.marks.pinned_results);
    // The last good version runs without waiting for the build.
    let activation = session.activated();
    assert_eq!((activation.version.0, activation.from, activation.durations.build), (2, None, None));
    let (_, reason) = session.nothing_changed();
    assert!(reason.contains("v2"), "{reason}");
    session.status("running v2 = saved source");
    guest.save(&greeting("three"));
    assert_eq!(session.recorded().record.number.0, 3);
    session.activate(1);
    assert_eq!(session.returned(GREET), "one");
    session.end();
}

#[test]
fn an_edit_while_no_workbench_ran_is_built_at_the_start() {
    let guest = Guest::new("offline", &greeting("one"));
    let mut session = Watched::start(&guest);
    pin(&mut session);
    session.recorded();
    session.end();
    guest.save(&greeting("two"));
    let mut session = Watched::start(&guest);
    assert_eq!(session.activated().version.0, 1);
    let row = session.recorded();
    assert_eq!((row.record.number.0, row.marks.pinned_results[0].answer.to_string()), (2, "\"two\"".to_owned()));
    session.status("running v2 = saved source");
    session.end();
}

#[test]
fn private_files_are_private_and_hold_the_sources() {
    use std::os::unix::fs::PermissionsExt;
    let guest = Guest::new("private", &greeting("one"));
    let mut session = Watched::start(&guest);
    let history = opened(&mut session).history;
    let row = session.recorded();
    let version = history.join("versions/00001");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&version) & 0o077, 0);
    assert_eq!(mode(&version.join(&row.record.artifact.file)) & 0o077, 0);
    assert_eq!(std::fs::read_to_string(version.join("sources/src/lib.rs")).unwrap(), greeting("one"));
    session.end();
    assert!(std::fs::read_dir(history.join("sessions")).unwrap().next().is_none());
}

#[test]
fn versions_beyond_the_limit_are_removed_except_those_in_use() {
    let guest = Guest::new("retention", &greeting("1"));
    let mut session = Watched::with(keeping(&guest, 2));
    let history = opened(&mut session).history;
    session.recorded();
    session.send(Command::Keep { version: VersionNumber(1), keep: true });
    for text in ["2", "3", "4"] {
        guest.save(&greeting(text));
        session.recorded();
    }
    let pruned = session.eventually("two prunings", |seen| {
        let pruned: Vec<u32> = seen
            .iter()
            .filter_map(|event| match event {
                Event::Pruned { versions } => Some(versions.iter().map(|version| version.0)),
                _ => None,
            })
            .flatten()
            .collect();
        (pruned.len() == 2).then_some(pruned)
    });
    assert_eq!(pruned, [2, 3]);
    session.send(Command::Activate { version: VersionNumber(2) });
    assert!(session.command_refused().contains("there is no v2"));
    session.activate(1);
    session.end();
    let kept: Vec<_> =
        ["00001", "00002", "00003", "00004"].map(|name| history.join("versions").join(name).exists()).into();
    assert_eq!(kept, [true, false, false, true]);
    // Numbers are not given out again.
    guest.save(&greeting("5"));
    let mut session = Watched::with(keeping(&guest, 2));
    assert_eq!(session.recorded().record.number.0, 5);
    session.end();
}

#[test]
fn the_number_of_a_pruned_version_is_not_given_out_again() {
    let guest = Guest::new("numbers", &greeting("one"));
    let mut session = Watched::with(SessionConfig { pins: vec![GREET.to_owned()], ..keeping(&guest, 1) });
    session.recorded();
    // Refused, hence not protected, and at once beyond the limit.
    guest.save(&greeting("two").replace("name: &str", "name: u32"));
    let row = session.recorded();
    assert_eq!((row.record.number.0, &row.marks.standing), (2, &Standing::Refused));
    session.end();
    guest.save(&greeting("three"));
    let mut session = Watched::with(keeping(&guest, 1));
    assert_eq!(session.recorded().record.number.0, 3);
    session.end();
}

#[test]
fn two_workbenches_on_one_guest_do_not_harm_each_other() {
    let guest = Guest::new("two", &greeting("1"));
    let mut one = Watched::with(keeping(&guest, 1));
    let history = opened(&mut one).history;
    pin(&mut one);
    one.recorded();
    let mut two = Watched::with(keeping(&guest, 1));
    // What the first has made is the last good version of the second.
    assert_eq!(two.activated().version.0, 1);
    two.nothing_changed();

    let mut taken = vec![1];
    for text in ["2", "3", "4"] {
        guest.save(&greeting(text));
        for session in [&mut one, &mut two] {
            let row = session.recorded();
            assert_eq!(row.marks.pinned_results[0].answer.to_string(), format!("\"{text}\""));
            taken.push(row.record.number.0);
        }
        // Answered once each has pruned. Neither has removed what the other runs.
        for (active, answer) in [&mut one, &mut two].map(|session| session.call_of(GREET)) {
            assert_eq!(answer.to_string(), format!("\"{text}\""));
            let folder = history.join(format!("versions/{:05}", active.unwrap().0));
            assert!(folder.join("version.json").is_file(), "{}", folder.display());
        }
    }
    let mut unique = taken.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), taken.len(), "{taken:?}");
    one.end();
    // What is left behind is still whole for the other.
    guest.save(&greeting("5"));
    assert_eq!(two.recorded().marks.pinned_results[0].answer.to_string(), "\"5\"");
    two.end();
    let mut third = Watched::start(&guest);
    let found = numbers(&opened(&mut third).versions);
    assert!(found.last() > taken.iter().max(), "{found:?} after {taken:?}");
    third.nothing_changed();
    third.end();
}

#[test]
fn what_a_crash_left_is_swept() {
    let guest = Guest::new("sweep", &greeting("one"));
    let mut session = Watched::start(&guest);
    let history = opened(&mut session).history;
    session.recorded();
    session.end();
    let orphan = history.join("versions/00002");
    std::fs::create_dir(&orphan).unwrap();
    std::fs::write(orphan.join("claimed-by"), "4000000-gone").unwrap();
    std::fs::write(history.join("versions/00001/marks.json"), "{ cut").unwrap();
    let mut session = Watched::start(&guest);
    assert_eq!(numbers(&opened(&mut session).versions), [1]);
    assert!(!orphan.exists());
    session.end();
}
