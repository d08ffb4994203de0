//! Where a replay's time went is kept with the version, as far as it is worth it.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;

use exuvia_runtime::build::BuildPath;
use exuvia_runtime::history::record::VersionRow;
use exuvia_runtime::session::Event;
use exuvia_tests::guest::{Guest, sdk};
use exuvia_tests::sources::greeting;
use exuvia_tests::watched::Watched;

/// How long the compiler waits before it begins, in microseconds: longer than what is not looked into.
const WAITS: u64 = 600_000;

/// A compiler that is slow whatever the machine: it waits first. No test waits for that time to be over.
const SLOW: &str = "#!/bin/sh\nsleep 0.6\nexec \"$@\"\n";

fn is_replayed(row: &VersionRow) -> bool {
    matches!(row.record.path, BuildPath::Replay { .. })
}

#[test]
fn the_phases_of_a_slow_replay_are_kept_with_its_version() {
    let guest = Guest::empty("phases");
    let wrapper = guest.path("slow-rustc");
    guest.write("slow-rustc", SLOW);
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).unwrap();
    let settings = format!("environment = {{ RUSTC_WORKSPACE_WRAPPER = {:?} }}\n", wrapper.display().to_string());
    let dependencies = sdk();
    let sections = [("[dependencies]", dependencies.as_str()), ("[package.metadata.exuvia]", settings.as_str())];
    guest.write("Cargo.toml", &guest.manifest(&sections));
    guest.write("src/lib.rs", &greeting("one"));

    let mut session = Watched::start(&guest);
    assert_eq!(session.recorded().record.durations.phases, None, "of cargo's builds nothing is told");
    guest.save(&greeting("two"));
    let second = session.recorded();
    assert!(is_replayed(&second), "{}", second.record.path);
    let durations = second.record.durations;
    let phases = durations.phases.expect("it was slow");
    let [front_end, generation, link, rest] =
        phases.named().map(|(name, micros)| micros.unwrap_or_else(|| panic!("{name} is not known: {phases:?}")));
    // What comes before the compiler is the front end's, and the whole is no longer than the build.
    assert!(front_end >= WAITS, "{phases:?}");
    assert!(generation > 0 && link > 0, "{phases:?}");
    assert!(front_end + generation + link + rest <= durations.build.unwrap(), "{durations:?}");
    session.end();

    // And it is still there for the next session.
    let mut session = Watched::start(&guest);
    let kept = session.next("the history", |event| match event {
        Event::Opened { versions, .. } => Some(versions.clone()),
        _ => None,
    });
    assert_eq!(kept.iter().map(|row| row.record.durations.phases).collect::<Vec<_>>(), [None, Some(phases)]);
    session.end();
}
