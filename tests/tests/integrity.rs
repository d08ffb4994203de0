//! Whatever is killed, and when: the history is readable and true, nothing is left over, nobody is
//! outlived by what they started.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use exuvia_runtime::build::{Project, Selection};
use exuvia_runtime::history::record::ContentHash;
use exuvia_runtime::{history, stage};
use exuvia_tests::cli::Cli;
use exuvia_tests::dice::{Dice, given, seed};
use exuvia_tests::guest::Guest;
use exuvia_tests::process::{Signal, is_alive, processes_in, runners, send};
use exuvia_tests::sources::greeting;
use exuvia_tests::until;

const GREET: &str = "greet(\"World\")";

/// Who is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Victim {
    Shell,
    Runner,
    Cargo,
}

/// Reads the history without taking part in it, and compares each file with what is recorded of it.
fn history_is_true(guest: &Guest) -> usize {
    let project = Project::find(&guest.root, &Selection::default()).unwrap();
    let found = history::read(&project).unwrap();
    assert!(found.unreadable.is_empty(), "{:?}", found.unreadable);
    for row in &found.versions {
        let record = &row.record;
        let folder = history::folder(&project).join(format!("versions/{:05}", record.number.0));
        // A living session prunes: the record goes first.
        let is_pruned = || !folder.join("version.json").exists();
        if let Err(error) = stage::check_kept(&folder.join(&record.artifact.file), &record.artifact) {
            assert!(is_pruned(), "{error}");
            continue;
        }
        for (path, hash) in &record.sources.0 {
            let kept = match path.strip_prefix("/") {
                Ok(outside) => folder.join("sources/outside").join(outside),
                Err(_) => folder.join("sources").join(path),
            };
            match fs::read(&kept) {
                Ok(content) => assert_eq!(ContentHash::of(&content), *hash, "{}", kept.display()),
                Err(error) => assert!(is_pruned(), "{}: {error}", kept.display()),
            }
        }
    }
    found.versions.len()
}

/// After the sweep of a start nothing is there but what belongs there.
fn nothing_is_left_over(history: &Path, own: u32) {
    let names = |folder: &str| -> Vec<String> {
        let entries = fs::read_dir(history.join(folder)).into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    };
    for version in names("versions") {
        let files = names(&format!("versions/{version}"));
        assert!(files.contains(&"version.json".to_owned()), "{version}: {files:?}");
        let libraries = files.iter().filter(|name| name.ends_with(".so")).count();
        assert_eq!(libraries, 1, "{version}: {files:?}");
    }
    for folder in [".", "failures", "versions"].map(str::to_owned).into_iter().chain(versions(&names("versions"))) {
        let unfinished: Vec<_> = names(&folder).into_iter().filter(|name| name.starts_with(".writing")).collect();
        assert!(unfinished.is_empty(), "{folder}: {unfinished:?}");
    }
    let ours = format!("{own}-");
    for folder in ["sessions", "again"] {
        assert!(names(folder).iter().all(|name| name.starts_with(&ours)), "{folder}: {:?}", names(folder));
    }
}

fn versions(names: &[String]) -> Vec<String> {
    names.iter().map(|name| format!("versions/{name}")).collect()
}

fn cargo_of(guest: &Guest) -> Option<u32> {
    let is_cargo = |id: &u32| fs::read_to_string(format!("/proc/{id}/comm")).is_ok_and(|name| name.trim() == "cargo");
    processes_in(&guest.root).into_iter().find(is_cargo)
}

fn watch(guest: &Guest) -> Cli {
    Cli::watch(guest, &["--call", GREET])
}

/// `EXUVIA_TEST_KILLS` says how often (12), `EXUVIA_TEST_SEED` when.
#[test]
fn killed_at_any_instant_of_a_reload() {
    let (kills, seed) = (given("EXUVIA_TEST_KILLS", 12), seed());
    println!("{kills} kills, seed {seed}");
    let mut dice = Dice::new(seed);
    let guest = Guest::new("killed", &greeting("at first"));
    let mut session = watch(&guest);
    let history = session.next("opened")["guest"]["history"].as_str().unwrap().to_owned();
    let history = Path::new(&history);
    session.runs("at first");
    // How long a reload takes here, and a bit: what comes later is a kill at rest.
    let began = Instant::now();
    guest.save(&greeting("measured"));
    session.runs("measured");
    let reload = u64::try_from(began.elapsed().as_micros()).unwrap() * 5 / 4;
    for kill in 0..kills {
        let victim = [Victim::Shell, Victim::Cargo, Victim::Runner][dice.index(3)];
        let instant = Duration::from_micros(dice.below(reload));
        let row = format!("kill {kill} of seed {seed}: {victim:?} after {instant:?}");
        let text = format!("edit {kill}");
        guest.save(&greeting(&text));
        // The instant is what is tested; nothing is waited for by it.
        std::thread::sleep(instant);
        match victim {
            Victim::Shell => {
                session.signal(Signal::KILL);
                session.ended();
                until(&format!("the end of all that it started; {row}"), || {
                    processes_in(&guest.root).is_empty().then_some(())
                });
                history_is_true(&guest);
                session = watch(&guest);
                runs_after_start(&mut session, &text, &row);
            }
            Victim::Cargo | Victim::Runner => {
                let id = match victim {
                    Victim::Cargo => cargo_of(&guest),
                    _ => runners(&guest.root).first().copied(),
                };
                // It may have ended, or not begun, at this instant.
                if let Some(id) = id.filter(|id| is_alive(*id)) {
                    kill_if_there(id);
                }
                // Whatever became of this one, the next save is built and runs.
                let text = format!("{text}, again");
                guest.save(&greeting(&text));
                session.runs(&text);
            }
        }
        history_is_true(&guest);
    }
    session.signal(Signal::KILL);
    session.ended();
    let versions = history_is_true(&guest);
    assert!(versions > 2, "{versions}");
    let mut session = watch(&guest);
    let opened = session.next("opened");
    assert_eq!(opened["versions"].as_array().unwrap().len(), versions);
    nothing_is_left_over_at_rest(&mut session, history);
}

/// What is saved runs after a start, whether as a version of the session that was killed or as a new one.
fn runs_after_start(session: &mut Cli, text: &str, row: &str) {
    session.is_saved();
    session.say(&format!("call {GREET}"));
    let answer = session.next("answered");
    assert_eq!(answer["answer"]["value"], text, "{row}: {answer}");
}

fn nothing_is_left_over_at_rest(session: &mut Cli, history: &Path) {
    while !["nothing_changed", "recorded"]
        .map(|name| session.seen.iter().any(|event| event["event"] == name))
        .contains(&true)
    {
        session.next("status");
    }
    // Answered when the host is done with whatever came before.
    session.say(&format!("call {GREET}"));
    session.next("answered");
    nothing_is_left_over(history, session.id());
}

fn kill_if_there(id: u32) {
    // Between the look and the signal it may end: then there is nothing to kill.
    if let Some(pid) = i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw) {
        let _ = rustix::process::kill_process(pid, Signal::KILL);
    }
}

/// Kills what runs in the guest's folder, so that a test that fails leaves nothing, either.
struct Tidy<'a>(&'a Guest);

impl Drop for Tidy<'_> {
    fn drop(&mut self) {
        processes_in(&self.0.root).into_iter().for_each(kill_if_there);
    }
}

/// Neither a build that never ends nor what a guest has started goes on without the workbench.
#[test]
fn nothing_outlives_a_killed_workbench() {
    let starts = "#[exuvia_guest::export]\nfn start() -> u32 { std::process::Command::new(\"sleep\").arg(\"3600\").spawn().unwrap().id() }\n";
    let guest = Guest::new("outlives", starts);
    let _tidy = Tidy(&guest);
    let mut session = Cli::watch(&guest, &[]);
    session.next("recorded");
    session.say("call start()");
    let started = u32::try_from(session.next("answered")["answer"]["value"].as_u64().unwrap()).unwrap();
    assert!(is_alive(started));
    guest.write("build.rs", "fn main() { std::fs::write(\"running\", \"\").unwrap(); loop { std::thread::park() } }\n");
    // A build script is no input before a build has read it; the manifest names it.
    let manifest = fs::read_to_string(guest.path("Cargo.toml")).unwrap();
    guest.write("Cargo.toml", &manifest.replace("edition =", "build = \"build.rs\"\nedition ="));
    until("the build script", || guest.path("running").exists().then_some(()));
    assert!(processes_in(&guest.root).len() > 3, "{:?}", processes_in(&guest.root));
    session.signal(Signal::KILL);
    session.ended();
    until("the end of all that it started", || processes_in(&guest.root).is_empty().then_some(()));
}

/// A cargo that is killed leaves no compiler that would write into the next build.
#[test]
fn a_killed_cargo_leaves_nothing_running() {
    let guest = Guest::new("cargokill", &greeting("one"));
    let _tidy = Tidy(&guest);
    let mut session = Cli::watch(&guest, &[]);
    session.next("recorded");
    guest.write("build.rs", "fn main() { std::fs::write(\"running\", \"\").unwrap(); loop { std::thread::park() } }\n");
    let manifest = fs::read_to_string(guest.path("Cargo.toml")).unwrap();
    guest.write("Cargo.toml", &manifest.replace("edition =", "build = \"build.rs\"\nedition ="));
    until("the build script", || guest.path("running").exists().then_some(()));
    send(cargo_of(&guest).unwrap(), Signal::KILL);
    let failed = session.next("failed").to_string();
    assert!(failed.contains("SIGKILL"), "{failed}");
    let runner = runners(&guest.root);
    until("the build script's end", || (processes_in(&guest.root) == runner).then_some(()));
    session.say("call greet(\"x\")");
    assert_eq!(session.next("answered")["answer"]["value"], "one");
}

/// What a killed workbench was writing is no record, and is swept.
#[test]
fn unfinished_files_are_swept() {
    let guest = Guest::new("unfinished", &greeting("one"));
    let mut session = Cli::watch(&guest, &[]);
    let history = session.next("opened")["guest"]["history"].as_str().unwrap().to_owned();
    session.next("recorded");
    session.signal(Signal::KILL);
    session.ended();
    let history = Path::new(&history);
    for folder in ["", "failures", "versions/00001"] {
        fs::write(history.join(folder).join(".writing-aBcDeF"), "{ \"cut").unwrap();
    }
    history_is_true(&guest);
    let mut session = Cli::watch(&guest, &[]);
    session.next("opened");
    nothing_is_left_over_at_rest(&mut session, history);
    assert!(!session.seen.iter().any(|event| event["event"] == "notice"), "{:?}", session.seen);
}
