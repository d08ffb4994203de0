//! What cannot become the running version is refused with a reason, and what ran goes on.

use exuvia_runtime::history::record::{FailedRecord, Failure, Standing};
use exuvia_runtime::ids::VersionNumber;
use exuvia_runtime::session::Command;
use exuvia_runtime::swap::verdict::VerdictKind;
use exuvia_tests::guest::{Guest, sdk};
use exuvia_tests::sources::{greeting, with_contract_version};
use exuvia_tests::watched::Watched;

const GREET: &str = "greet(\"World\")";

fn load_message(failed: &FailedRecord) -> &str {
    match &failed.failure {
        Failure::Load { message } => message,
        Failure::Build { .. } => panic!("{failed:?}"),
    }
}

#[test]
fn a_library_without_an_entry_is_refused() {
    let guest = Guest::bare("noentry", "pub fn nobody_calls_this() {}\n");
    let mut session = Watched::start(&guest);
    let failed = session.failed();
    let message = load_message(&failed);
    assert!(message.contains("has no symbol `exuvia_entry`") && message.contains("exuvia-guest"), "{message}");
    session.status("load failed, nothing loaded yet");
    // What the message asks for helps.
    guest.write("Cargo.toml", &guest.manifest(&[("[dependencies]", &sdk())]));
    guest.save(&greeting("one"));
    session.status("running v1 = saved source");
    assert_eq!(session.returned(GREET), "one");
    session.end();
}

#[test]
fn another_contract_version_is_refused() {
    let guest = Guest::new("contract", &greeting("one"));
    let mut session = Watched::start(&guest);
    session.recorded();
    // Without the SDK, whose own entry would be in the way.
    guest.write("Cargo.toml", &guest.manifest(&[]));
    guest.save(&with_contract_version(999));
    session.status("load failed, still running v1");
    let failed = session.eventually("the load error", |seen| {
        seen.iter().find_map(|event| match event {
            exuvia_runtime::session::Event::Failed { record } if matches!(record.failure, Failure::Load { .. }) => {
                Some(record.clone())
            }
            _ => None,
        })
    });
    let message = load_message(&failed);
    assert!(message.contains("contract version 999") && message.contains("version 1;"), "{message}");
    assert_eq!(session.returned(GREET), "one");
    session.end();
}

#[test]
fn a_changed_signature_is_refused_for_a_pinned_call() {
    let guest = Guest::new("pinned", &greeting("one"));
    let mut session = Watched::pinned(&guest, &[GREET]);
    session.recorded();
    guest.save(&greeting("{name} times two").replace("name: &str", "name: u32"));
    let row = session.recorded();
    assert_eq!((row.record.verdict.kind, &row.marks.standing), (VerdictKind::Refused, &Standing::Refused));
    let reason = &row.record.verdict.reason;
    for part in ["fn greet(name: u32) -> String", "greet(\"World\")"] {
        assert!(reason.contains(part), "{part}: {reason}");
    }
    session.status("v2 refused, still running v1");
    assert_eq!(session.returned(GREET), "one");
    // The user may want it all the same.
    session.send(Command::Unpin { text: GREET.to_owned() });
    let activation = session.activate(2);
    let wanted = "`fn greet(name: &str) -> String` is now `fn greet(name: u32) -> String`";
    assert!(activation.verdict.reason.contains(wanted), "{}", activation.verdict);
    assert_eq!(session.returned("greet(2)"), "2 times two");
    session.end();
}

#[test]
fn a_changed_signature_is_named_where_nothing_is_pinned() {
    let guest = Guest::new("unpinned", &greeting("one"));
    let mut session = Watched::start(&guest);
    session.recorded();
    guest.save(&greeting("two").replace("name: &str", "name: &str, times: u32"));
    let row = session.recorded();
    assert_eq!(row.record.verdict.kind, VerdictKind::Hot);
    let wanted = "`fn greet(name: &str) -> String` is now `fn greet(name: &str, times: u32) -> String`";
    assert!(row.record.verdict.reason.contains(wanted), "{}", row.record.verdict);
    let answer = session.call(GREET).to_string();
    assert!(answer.contains("takes 2 arguments, 1 given"), "{answer}");
    session.end();
}

/// Makes the linker a script that cuts what it has linked while the file `cut` exists. Only the
/// guest's own library is linked so; the SDK's artifacts are those of all tests.
const CUTTING_BUILD_SCRIPT: &str = r#"fn main() {
    let folder = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    println!("cargo::rustc-link-arg-cdylib=-B{folder}/linker");
    println!("cargo::rustc-link-arg-cdylib=-fuse-ld=bfd");
    println!("cargo::rerun-if-changed=build.rs");
}
"#;

const CUTTING_LINKER: &str = r#"#!/bin/sh
PATH=/usr/local/bin:/usr/bin:/bin
ld.bfd "$@" || exit $?
[ -e "$(dirname "$0")/cut" ] || exit 0
while [ $# -gt 0 ]; do [ "$1" = -o ] && out=$2; shift; done
truncate -s 5000 "$out"
"#;

#[test]
fn a_truncated_artifact_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let guest = Guest::new("truncated", &greeting("one"));
    guest.write("build.rs", CUTTING_BUILD_SCRIPT);
    guest.write("linker/ld.bfd", CUTTING_LINKER);
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(guest.path("linker/ld.bfd"), executable).unwrap();
    let mut session = Watched::pinned(&guest, &[GREET]);
    let row = session.recorded();
    guest.write("linker/cut", "");
    guest.save(&greeting("two"));
    let failed = session.failed();
    let message = load_message(&failed);
    assert!(message.contains("cut short") && message.contains("there are 5000"), "{message}");
    let needed = message.split_once("speak of ").and_then(|(_, rest)| rest.split(' ').next()?.parse::<u64>().ok());
    let size = row.record.artifact.bytes;
    assert!(needed.is_some_and(|needed| needed.abs_diff(size) < size / 2), "{message}, v1 has {size} bytes");
    session.status("load failed, still running v1");
    assert_eq!(session.returned(GREET), "one");
    std::fs::remove_file(guest.path("linker/cut")).unwrap();
    guest.save(&greeting("three"));
    // The number of a version that never was is not used up.
    assert_eq!(session.recorded().record.number.0, 2);
    assert_eq!(session.returned(GREET), "three");
    session.end();
}

#[test]
fn a_damaged_kept_artifact_is_not_opened() {
    let guest = Guest::new("damaged", &greeting("one"));
    let mut session = Watched::start(&guest);
    let history = session.next("the opening", |event| match event {
        exuvia_runtime::session::Event::Opened { guest, .. } => Some(guest.history.clone()),
        _ => None,
    });
    let first = session.recorded().record.artifact;
    guest.save(&greeting("two"));
    session.recorded();
    session.retired(1);
    let file = std::fs::File::options().write(true).open(history.join("versions/00001").join(&first.file)).unwrap();
    file.set_len(first.bytes / 2).unwrap();
    session.send(Command::Activate { version: VersionNumber(1) });
    let (version, message) = session.not_activated();
    assert_eq!(version.0, 1);
    let found = exuvia_runtime::history::record::ContentHash::of(
        &std::fs::read(history.join("versions/00001").join(&first.file)).unwrap(),
    );
    for part in [first.hash.short(), found.short(), &first.bytes.to_string(), &(first.bytes / 2).to_string()] {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert_eq!(session.returned(GREET), "two");
    session.status("running v2 = saved source");
    session.end();
}

#[test]
fn an_unknown_version_and_a_wrong_call_are_refused_in_words() {
    let guest = Guest::new("refused", &greeting("one"));
    let mut session = Watched::start(&guest);
    session.recorded();
    session.send(Command::Activate { version: VersionNumber(7) });
    let message = session.command_refused();
    assert!(message.contains("there is no v7"), "{message}");
    for (command, part) in [(Command::RollBack, "no older version"), (Command::RollForward, "no newer version")] {
        session.send(command);
        let message = session.command_refused();
        assert!(message.contains(part), "{message}");
    }
    for (call, part) in [
        ("meet(\"World\")", "there is no export `meet`; there are: greet"),
        ("greet()", "takes 1 argument, 0 given"),
        ("greet(5)", "does not take these arguments"),
        ("greet(World)", "double quotes"),
    ] {
        let answer = session.call(call).to_string();
        assert!(answer.starts_with("refused: ") && answer.contains(part), "{call}: {answer}");
    }
    assert_eq!(session.returned(GREET), "one");
    session.end();
}

/// A slip of the pen in a pinned call must not keep every version out.
#[test]
fn a_pinned_call_that_never_fitted_refuses_nothing() {
    let guest = Guest::new("mistyped_pin", &greeting("Hello, {name}!"));
    let mut session = Watched::pinned(&guest, &["gret(1)"]);
    let first = session.recorded();
    assert_eq!(first.marks.standing, Standing::Good);
    assert!(first.marks.pinned_results[0].answer.to_string().contains("no export `gret`"), "{first:?}");
    guest.save(&greeting("Hi, {name}!"));
    assert_eq!(session.recorded().marks.standing, Standing::Good);
    session.status("running v2 = saved source");
    session.end();
}
