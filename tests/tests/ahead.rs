//! A rustc that stands ready for the next save, and the linker that stands ready with it: they are the ones that build it, and never one too
//! many.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

use std::fs;

use exuvia_runtime::build::BuildPath;
use exuvia_tests::guest::Guest;
use exuvia_tests::process::{Signal, processes_in, send};
use exuvia_tests::sources::greeting;
use exuvia_tests::until;
use exuvia_tests::watched::Watched;

/// Whether a process was started with this variable.
fn was_given(pid: u32, variable: &str) -> bool {
    let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    environment
        .split(|byte| *byte == 0)
        .any(|it| it.strip_prefix(variable.as_bytes()).is_some_and(|it| it.starts_with(b"=")))
}

/// The processes of this program in this guest's folder that were started ahead.
fn ahead(guest: &Guest, program: &str) -> Vec<u32> {
    let is = |pid: u32| fs::read_link(format!("/proc/{pid}/exe")).is_ok_and(|exe| exe.ends_with(program));
    let processes = processes_in(&guest.root).into_iter();
    processes.filter(|pid| was_given(*pid, "EXUVIA_GATE") && is(*pid)).collect()
}

fn compilers(guest: &Guest) -> Vec<u32> {
    ahead(guest, "rustc")
}

fn linkers(guest: &Guest) -> Vec<u32> {
    ahead(guest, "rust-lld")
}

/// The one that stands ready: there is one, and it waits for the byte that lets it through.
fn waits(what: &str, processes: impl Fn() -> Vec<u32>) -> u32 {
    until(&format!("a {what} stands ready"), || match processes()[..] {
        [pid] => {
            // rustc reads its sources on a thread of its own.
            let mut threads = fs::read_dir(format!("/proc/{pid}/task")).ok()?.flatten();
            let waits = |place: std::io::Result<String>| place.is_ok_and(|place| place.contains("pipe_read"));
            threads.any(|thread| waits(fs::read_to_string(thread.path().join("wchan")))).then_some(pid)
        }
        _ => None,
    })
}

fn ready(guest: &Guest) -> u32 {
    waits("compiler", || compilers(guest))
}

fn says(session: &mut Watched) -> String {
    session.returned("greet(\"World\")").as_str().unwrap().to_owned()
}

#[test]
fn the_next_save_is_built_by_the_compiler_that_stands_ready() {
    let guest = Guest::new("ahead", &greeting("one {name}"));
    let mut session = Watched::start(&guest);
    session.recorded();
    // Nobody knows yet whether this guest is replayed.
    assert_eq!(compilers(&guest).len(), 0);
    guest.save(&greeting("two {name}"));
    session.recorded();
    assert_eq!(says(&mut session), "two World");
    let first = ready(&guest);
    for word in ["three", "four"] {
        guest.save(&greeting(&format!("{word} {{name}}")));
        let row = session.recorded();
        assert!(matches!(row.record.path, BuildPath::Replay { .. }), "{}", row.record.path);
        assert_eq!(says(&mut session), format!("{word} World"));
    }
    let second = ready(&guest);
    assert_ne!(first, second);

    // An error is told as ever, by that one.
    guest.save("pub fn broken( {}");
    session.failed();
    guest.save(&greeting("five {name}"));
    session.recorded();
    assert_eq!(says(&mut session), "five World");

    // One that somebody kills is not missed.
    let third = ready(&guest);
    send(third, Signal::KILL);
    guest.save(&greeting("six {name}"));
    session.recorded();
    assert_eq!(says(&mut session), "six World");
    ready(&guest);
    session.end();
    until("no compiler stays", || compilers(&guest).is_empty().then_some(()));
}

/// Whether what rustc calls as its linker waits for another process' word.
fn is_waited_for(guest: &Guest) -> Option<()> {
    let is_script =
        |pid: u32| fs::read_to_string(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.contains("/linker/cc"));
    let waits =
        |pid: u32| fs::read_to_string(format!("/proc/{pid}/wchan")).is_ok_and(|place| place.contains("pipe_read"));
    processes_in(&guest.root).into_iter().any(|pid| is_script(pid) && waits(pid)).then_some(())
}

#[test]
fn the_next_save_is_linked_by_the_linker_that_stands_ready() {
    let guest = Guest::new("ahead-linker", &greeting("one {name}"));
    let mut session = Watched::start(&guest);
    session.recorded();
    for word in ["two", "three"] {
        guest.save(&greeting(&format!("{word} {{name}}")));
        session.recorded();
    }
    // How the linker is called was learned from the first replay.
    for word in ["four", "five"] {
        let linker = waits("linker", || linkers(&guest));
        // It is this one that is waited for, and no other that does it.
        send(linker, Signal::STOP);
        guest.save(&greeting(&format!("{word} {{name}}")));
        until("the linker is told to go", || is_waited_for(&guest));
        send(linker, Signal::CONT);
        session.recorded();
        assert_eq!(says(&mut session), format!("{word} World"));
        assert!(!linkers(&guest).contains(&linker));
    }

    // One that somebody kills is not missed, and none stays when there is nothing to link.
    send(waits("linker", || linkers(&guest)), Signal::KILL);
    guest.save(&greeting("six {name}"));
    session.recorded();
    assert_eq!(says(&mut session), "six World");
    let linker = waits("linker", || linkers(&guest));
    guest.save("pub fn broken( {}");
    session.failed();
    until("the linker has ended", || (!linkers(&guest).contains(&linker)).then_some(()));
    guest.save(&greeting("seven {name}"));
    session.recorded();
    assert_eq!(says(&mut session), "seven World");
    waits("linker", || linkers(&guest));
    session.end();
    until("nothing stays", || processes_in(&guest.root).is_empty().then_some(()));
}

#[test]
fn what_stands_ready_before_a_build_by_cargo_builds_nothing_after_it() {
    let guest = Guest::new("ahead-of-cargo", &greeting("one {name}"));
    let mut session = Watched::start(&guest);
    session.recorded();
    guest.save(&greeting("two {name}"));
    session.recorded();
    let before = ready(&guest);
    // Another command line.
    let manifest = fs::read_to_string(guest.path("Cargo.toml")).unwrap();
    guest.write(
        "Cargo.toml",
        &manifest.replace("[dependencies]", "[features]\ndefault = [\"extra\"]\nextra = []\n\n[dependencies]"),
    );
    let row = session.recorded();
    assert!(matches!(row.record.path, BuildPath::Cargo { .. }), "{}", row.record.path);
    assert!(!compilers(&guest).contains(&before));
    guest.save(&greeting("{} {name}").replace("name}\")", "name}\", cfg!(feature = \"extra\"))"));
    session.recorded();
    assert_eq!(says(&mut session), "true World");
    session.end();
}

/// A greeting whose words are in another file than the crate's root.
fn in_two_files(guest: &Guest, mark: &str, words: &str) {
    guest.write(
        "src/words.rs",
        &format!("pub fn words(name: &str) -> String {{\n    format!(\"{words} {{name}}\")\n}}\n"),
    );
    guest.save(&format!(
        "mod words;\n\n#[exuvia_guest::export]\npub fn greet(name: &str) -> String {{\n    words::words(name) + {mark:?}\n}}\n"
    ));
}

#[test]
fn after_an_edit_of_another_file_it_stands_behind_the_root_file_and_minds_what_becomes_of_that() {
    let guest = Guest::new("ahead-behind", &greeting("none {name}"));
    in_two_files(&guest, "!", "one");
    let mut session = Watched::start(&guest);
    session.recorded();
    let words = |words: &str| format!("pub fn words(name: &str) -> String {{\n    format!(\"{words} {{name}}\")\n}}\n");
    guest.write("src/words.rs", &words("two"));
    session.recorded();
    assert_eq!(says(&mut session), "two World!");
    let first = ready(&guest);
    assert!(was_given(first, "EXUVIA_GATE_BEHIND"));
    for word in ["three", "four"] {
        guest.write("src/words.rs", &words(word));
        let row = session.recorded();
        assert!(matches!(row.record.path, BuildPath::Replay { .. }), "{}", row.record.path);
        assert_eq!(says(&mut session), format!("{word} World!"));
        assert_ne!(ready(&guest), first);
    }

    // It has read the old root file, which counts for nothing now.
    let behind = ready(&guest);
    let root = fs::read_to_string(guest.path("src/lib.rs")).unwrap();
    guest.save(&root.replace('!', "?"));
    session.recorded();
    assert_eq!(says(&mut session), "four World?");
    let before = ready(&guest);
    assert!(
        before != behind && !was_given(before, "EXUVIA_GATE_BEHIND"),
        "the next edit will be in the root file, too"
    );

    // Both at once, after it stood behind the root file.
    guest.write("src/words.rs", &words("five"));
    session.recorded();
    assert!(was_given(ready(&guest), "EXUVIA_GATE_BEHIND"));
    in_two_files(&guest, ".", "six");
    until("both edits run", || {
        session.recorded();
        (says(&mut session) == "six World.").then_some(())
    });
    session.end();
    until("no compiler stays", || compilers(&guest).is_empty().then_some(()));
}
