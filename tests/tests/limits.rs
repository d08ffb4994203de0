//! A disk that is full, read-only or gone, and limits of the system: a clear word, nothing lost, and on
//! it goes when the cause is gone.
//!
//! Disks and limits of their own are a matter of namespaces, which go with the process: nothing is to
//! be put back.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use exuvia_runtime::build::{Project, Selection};
use exuvia_runtime::ids::VersionNumber;
use exuvia_runtime::session::{Event, Retirement};
use exuvia_runtime::{history, stage};
use exuvia_tests::cli::{self, Cli};
use exuvia_tests::dice::given;
use exuvia_tests::guest::Guest;
use exuvia_tests::save;
use exuvia_tests::sources::greeting;
use exuvia_tests::watched::Watched;
use serde_json::Value;

const GREET: &str = "greet(\"World\")";

/// `exuvia watch --json` on the guest, by a shell in namespaces of its own that has first done this. `$1`
/// is the folder of the guest's history.
fn watch_after(guest: &Guest, first: &str) -> Option<Cli> {
    let unshare = ["--user", "--map-root-user", "--mount", "--propagation=private"];
    if !Command::new("unshare").args(unshare).arg("true").output().is_ok_and(|output| output.status.success()) {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "there are no namespaces here");
        eprintln!("NOT TESTED: there are no namespaces here");
        return None;
    }
    let project = Project::find(&guest.root, &Selection::default()).unwrap();
    let folder = history::folder(&project);
    fs::create_dir_all(&folder).unwrap();
    let watch = cli::command(&["watch", guest.root.to_str().unwrap(), "--json", "--call", GREET]);
    let mut command = Command::new("unshare");
    command.args(unshare).args(["sh", "-ec", &format!("{first}; shift; exec \"$@\""), "sh"]).arg(&folder);
    command.arg(watch.get_program()).args(watch.get_args());
    command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    Some(Cli::start(command))
}

/// Runs this in the namespaces of a process.
fn inside(id: u32, script: &str) {
    let target = id.to_string();
    let mut command = Command::new("nsenter");
    command.args(["--preserve-credentials", "--user", "--mount", "--target", &target, "sh", "-ec", script]);
    let output = command.output().expect("nsenter runs");
    assert!(output.status.success(), "{script}: {}", cli::text(&output.stderr));
}

fn answer(session: &mut Cli) -> Value {
    session.say(&format!("call {GREET}"));
    session.next("answered")["answer"]["value"].clone()
}

/// The notice or failure that comes next.
fn says(session: &mut Cli, name: &str, parts: &[&str]) {
    let said = session.next(name).to_string();
    for part in parts {
        assert!(said.contains(part), "{part:?} is not in {said}");
    }
}

const SMALL_DISK: &str = "mount -t tmpfs -o size=48m,mode=0700 none \"$1\"";

/// The folder as the process in its namespace sees it.
fn seen_by(id: u32, folder: &str) -> PathBuf {
    Path::new("/proc").join(id.to_string()).join("root").join(folder.trim_start_matches('/'))
}

#[test]
fn the_private_folders_disk_is_full() {
    let guest = Guest::new("full", &greeting("one"));
    let Some(mut session) = watch_after(&guest, SMALL_DISK) else { return };
    let history = session.next("opened")["guest"]["history"].as_str().unwrap().to_owned();
    session.runs("one");
    let disk = seen_by(session.id(), &history);
    assert!(disk.join("versions/00001/version.json").is_file());
    fill(&disk.join("ballast"));
    guest.save(&greeting("two"));
    says(&mut session, "failed", &["cannot be written", "No space left", "is the disk full"]);
    assert_eq!(answer(&mut session), "one");
    // Some room for words, none for a library.
    File::options().write(true).open(disk.join("ballast")).unwrap().set_len(47 << 20).unwrap();
    guest.save(&greeting("three"));
    session.next("failed");
    assert_eq!(answer(&mut session), "one");
    // A candidate that was not kept gives its number back.
    assert!(!disk.join("versions/00002").exists(), "{:#?}", session.seen);
    fs::remove_file(disk.join("ballast")).unwrap();
    session.say("build");
    session.runs("three");
    assert_eq!(fs::read_dir(disk.join("versions")).unwrap().count(), 2);
    let record = disk.join("versions/00002/version.json");
    assert!(serde_json::from_slice::<Value>(&fs::read(record).unwrap()).is_ok());
}

fn fill(path: &Path) {
    let mut file = File::create(path).unwrap();
    for piece in [1 << 20, 4096, 1] {
        while file.write_all(&vec![b'x'; piece]).is_ok() {}
    }
}

#[test]
fn the_private_folder_is_read_only() {
    let guest = Guest::new("readonly", &greeting("one"));
    let Some(mut session) = watch_after(&guest, SMALL_DISK) else { return };
    let history = session.next("opened")["guest"]["history"].as_str().unwrap().to_owned();
    session.runs("one");
    // A mount with a file that is open to be written, as the session's is, cannot be made read-only.
    let versions = format!("{history}/versions");
    inside(session.id(), &format!("mount --bind {versions} {versions}; mount -o remount,bind,ro {versions}"));
    guest.save(&greeting("two"));
    says(&mut session, "failed", &["cannot be written", "Read-only file system", "read-only?"]);
    assert_eq!(answer(&mut session), "one");
    inside(session.id(), &format!("umount {versions}"));
    guest.save(&greeting("three"));
    session.runs("three");
}

#[test]
fn the_private_folder_is_deleted() {
    let guest = Guest::new("deleted", &greeting("one"));
    let mut session = Watched::pinned(&guest, &[GREET]);
    let history = session.next("the opening", |event| match event {
        Event::Opened { guest, .. } => Some(guest.history.clone()),
        _ => None,
    });
    session.recorded();
    // Answered when the host is done with that.
    session.returned(GREET);
    fs::remove_dir_all(&history).unwrap();
    guest.save(&greeting("two"));
    let row = session.recorded();
    assert_eq!(row.record.number.0, 2, "numbers are not given out again");
    assert_eq!(row.marks.pinned_results[0].answer.to_string(), "\"two\"");
    assert_eq!(session.returned(GREET), "two");
    for folder in [history.clone(), history.join("versions"), history.join("versions/00002")] {
        assert_eq!(fs::metadata(&folder).unwrap().mode() & 0o777, 0o700, "{}", folder.display());
    }
    session.send(exuvia_runtime::session::Command::Activate { version: VersionNumber(1) });
    let (_, message) = session.not_activated();
    assert!(message.contains("is gone") && message.contains("choose another version"), "{message}");
    session.end();
    let mut session = Watched::pinned(&guest, &[GREET]);
    assert_eq!(session.activated().version.0, 2);
    session.end();
}

/// How many descriptors a process has open.
fn descriptors(id: u32) -> usize {
    fs::read_dir(format!("/proc/{id}/fd")).unwrap().count()
}

#[test]
fn no_more_files_can_be_opened() {
    let guest = Guest::new("nofile", &greeting("one"));
    let mut session = Cli::watch(&guest, &["--call", GREET]);
    session.runs("one");
    assert_eq!(answer(&mut session), "one");
    let limit = |id: u32, soft: usize| {
        let output =
            Command::new("prlimit").args([format!("--pid={id}"), format!("--nofile={soft}:")]).output().unwrap();
        assert!(output.status.success(), "{}", cli::text(&output.stderr));
    };
    let id = session.id();
    // The one that asks is among those that are counted.
    limit(id, descriptors(id));
    save::truncate_and_write(&guest.path("src/lib.rs"), &greeting("two"));
    let failed = session.next("failed").to_string();
    assert!(failed.contains("oo many open files"), "{failed}");
    assert_eq!(answer(&mut session), "one");
    limit(id, 1024);
    guest.save(&greeting("three"));
    session.runs("three");
}

#[test]
fn no_more_folders_can_be_watched() {
    for (limit, error) in [("max_inotify_watches", "errno 28"), ("max_inotify_instances", "errno 24")] {
        let guest = Guest::new("nowatch", &greeting("one"));
        let Some(mut session) = watch_after(
            &guest,
            &format!(
                "echo 1 > /proc/sys/user/{limit}; {}",
                match limit {
                    "max_inotify_instances" => "echo 0 > /proc/sys/user/max_inotify_instances",
                    _ => "true",
                }
            ),
        ) else {
            return;
        };
        says(&mut session, "watching", &["polling", error, "sysctl"]);
        session.runs("one");
        guest.save(&greeting("two"));
        session.runs("two");
    }
}

/// The limit is reached by folders that come later.
#[test]
fn a_new_folder_cannot_be_watched() {
    let guest = Guest::new("latewatch", &format!("{}\nmod deep;\n", greeting("{}").replace("\")", "\", deep::TEXT)")));
    let text = |text: &str| format!("pub const TEXT: &str = {text:?};\n");
    guest.write("src/deep.rs", &text("one"));
    let Some(mut session) = watch_after(&guest, "true") else { return };
    session.runs("one");
    // No more than there are.
    inside(session.id(), "echo 1 > /proc/sys/user/max_inotify_watches");
    fs::remove_file(guest.path("src/deep.rs")).unwrap();
    guest.write("src/deep/mod.rs", &text("two"));
    says(&mut session, "watching", &["polling", "errno 28"]);
    session.runs("two");
    guest.write("src/deep/mod.rs", &text("three"));
    session.runs("three");
}

/// The most memory that this process has had, in bytes: proc_pid_status(5).
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

/// A guest's library, made larger by what no part of it speaks of.
#[test]
fn an_artifact_of_500_megabytes_goes_through_a_small_buffer() {
    const SIZE: u64 = 500 << 20;
    let guest = Guest::new("large", &greeting("one"));
    let mut session = Watched::start(&guest);
    let history = session.next("the opening", |event| match event {
        Event::Opened { guest, .. } => Some(guest.history.clone()),
        _ => None,
    });
    let row = session.recorded();
    session.end();
    let folder = tempfile::tempdir().unwrap();
    let large = folder.path().join("large.so");
    fs::copy(history.join("versions/00001").join(&row.record.artifact.file), &large).unwrap();
    // A hole: it takes up no disk.
    File::options().write(true).open(&large).unwrap().set_len(SIZE).unwrap();
    let before = peak();
    let staged = stage::stage(&large, folder.path(), "large", VersionNumber(1)).unwrap();
    stage::check_kept(&staged.path, &staged.record).unwrap();
    let more = peak() - before;
    assert_eq!(staged.record.bytes, SIZE);
    assert!(more < 100 << 20, "{} MiB more than before", more >> 20);
}

/// A guest with so many bytes of its own in its library, and what its `number` answers. The assembler makes
/// them: rustc would hold them in memory several times over.
fn heavy(bytes: u64, number: u32) -> String {
    format!(
        r#"//! Heavy.

std::arch::global_asm!(
    ".pushsection .rodata.ballast, \"a\", @progbits",
    ".globl exuvia_test_ballast",
    "exuvia_test_ballast:",
    ".fill {words}, 4, 0x01234567",
    ".popsection",
);

unsafe extern "C" {{
    static exuvia_test_ballast: [u32; {words}];
}}

/// Its number.
#[exuvia_guest::export]
fn number() -> u32 {{
    {number}
}}

/// A piece of what it carries along.
#[exuvia_guest::export]
fn ballast(at: usize) -> u32 {{
    unsafe {{ std::hint::black_box(&exuvia_test_ballast)[at] }}
}}
"#,
        words = bytes / 4
    )
}

/// Loaded, reloaded twice and rolled back; what that takes is told and not judged. `EXUVIA_TEST_MIB` says how
/// large it is (64): with 500 it takes a minute.
#[test]
fn a_heavy_guest_is_reloaded() {
    let bytes = given("EXUVIA_TEST_MIB", 64_u64) << 20;
    let guest = Guest::new("heavy", &heavy(bytes, 1));
    let mut session = Watched::start(&guest);
    for number in 1..=3 {
        let began = Instant::now();
        if number > 1 {
            guest.save(&heavy(bytes, number));
        }
        let row = session.recorded();
        println!("v{number} of {} MiB: {:?}, {:?}", bytes >> 20, began.elapsed(), row.record.durations);
        assert!(row.record.artifact.bytes > bytes, "{:?}", row.record.artifact);
        assert_eq!(session.returned("number()"), number);
        assert_eq!(session.returned(&format!("ballast({})", bytes / 4 - 1)), 0x0123_4567);
        if number > 1 {
            assert_eq!(session.retired(number - 1), Retirement::Unmapped);
        }
    }
    // Of the first one the history may have let go: so much is kept of one guest.
    let began = Instant::now();
    let back = session.activate(2);
    println!("back to v2: {:?}, {:?}", began.elapsed(), back.durations);
    assert_eq!(session.returned("number()"), 2);
    session.send(exuvia_runtime::session::Command::ReadMemory);
    let mapped = session.next("the memory with v2 alone", |event| match event {
        Event::Memory { versions, .. } => match &versions[..] {
            [only] if only.version.0 == 2 => Some(only.bytes),
            _ => None,
        },
        _ => None,
    });
    assert!(mapped > bytes, "{mapped} bytes are mapped");
    assert_eq!(session.count(|event| matches!(event, Event::Fault { .. } | Event::Notice { .. })), 0);
    session.end();
}
