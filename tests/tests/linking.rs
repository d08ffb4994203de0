//! How replays link: by the linker itself once it is known how, and as cargo would when that does not go well.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

use std::fs;
use std::path::{Path, PathBuf};

use exuvia_runtime::build::BuildPath;
use exuvia_runtime::history::record::VersionRow;
use exuvia_tests::guest::Guest;
use exuvia_tests::program::guests_target;
use exuvia_tests::sources::greeting;
use exuvia_tests::watched::Watched;

/// The script that stands in for the linker of a guest, if there is one.
fn script(guest: &Guest) -> Option<String> {
    fn found(folder: &Path) -> Option<PathBuf> {
        let script = folder.join("linker/cc");
        let below = || fs::read_dir(folder).ok()?.find_map(|entry| found(&entry.ok()?.path()));
        if script.exists() { Some(script) } else { below() }
    }
    let replays = fs::read_dir(guests_target().join("exuvia/replay")).ok()?.flatten();
    let of_guest = format!("{}-", guest.name);
    let mut folders = replays.filter(|entry| entry.file_name().to_string_lossy().starts_with(&of_guest));
    folders.find_map(|entry| fs::read_to_string(found(&entry.path())?).ok())
}

/// Whether that script calls the linker without the compiler driver.
fn is_direct(guest: &Guest) -> bool {
    script(guest).is_some_and(|script| script.contains("rust-lld") && !script.contains("__record-link"))
}

fn is_replay(row: &VersionRow) -> bool {
    matches!(row.record.path, BuildPath::Replay { .. })
}

#[test]
fn the_linker_makes_the_same_without_the_compiler_driver() {
    let guest = Guest::new("direct", &greeting("{name} one"));
    let mut session = Watched::start(&guest);
    session.recorded();
    assert_eq!(script(&guest), None);
    guest.save(&greeting("{name} two"));
    let driver = session.recorded();
    assert!(is_replay(&driver) && !is_direct(&guest), "{:?}", script(&guest));
    guest.save(&greeting("{name} three"));
    let other = session.recorded();
    assert!(is_replay(&other) && is_direct(&guest), "{:?}", script(&guest));
    assert_ne!(other.record.artifact.hash, driver.record.artifact.hash);
    // The same again, by the linker alone.
    guest.save(&greeting("{name} two"));
    let direct = session.recorded();
    assert!(is_replay(&direct) && is_direct(&guest));
    assert_eq!(direct.record.artifact.hash, driver.record.artifact.hash);
    assert_eq!(session.returned("greet(\"World\")"), "World two");
    session.end();
}

#[test]
fn what_cannot_be_linked_is_told_by_cargo_and_costs_no_edit() {
    let with_library = |word: &str| {
        let text = greeting(&format!("{{name}} {word}"));
        format!("{text}\n#[link(name = \"nowhere_at_all\")]\nunsafe extern \"C\" {{}}\n")
    };
    let guest = Guest::new("unlinked", &greeting("{name} one"));
    let mut session = Watched::start(&guest);
    session.recorded();
    for word in ["two", "three"] {
        guest.save(&greeting(&format!("{{name}} {word}")));
        assert!(is_replay(&session.recorded()));
    }
    assert!(is_direct(&guest));
    guest.save(&with_library("broken"));
    let failed = session.failed();
    let said = serde_json::to_string(&failed).unwrap();
    assert!(said.contains("unable to find library -lnowhere_at_all"), "{said}");
    assert_eq!(session.returned("greet(\"World\")"), "World three");
    guest.save(&greeting("{name} four"));
    session.recorded();
    // From here on as cargo would link: whose fault it was is not known.
    guest.save(&greeting("{name} five"));
    assert!(is_replay(&session.recorded()));
    assert_eq!(session.returned("greet(\"World\")"), "World five");
    session.end();
}
