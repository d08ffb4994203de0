//! What others can reach, what is believed of the files of the history, and what is written into them.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use exuvia_runtime::history::compare::{CompareOutcome, Side};
use exuvia_runtime::history::record::ContentHash;
use exuvia_runtime::ids::VersionNumber;
use exuvia_runtime::session::{Command as Ask, Event};
use exuvia_tests::cli::{self, Cli};
use exuvia_tests::guest::Guest;
use exuvia_tests::process::{processes_in, runner};
use exuvia_tests::program::guests_target;
use exuvia_tests::sources::greeting;
use exuvia_tests::watched::Watched;
use serde_json::{Value, json};

const GREET: &str = "greet(\"World\")";

/// From however deep a folder: above the top is the top.
const TO_THE_TOP: &str = "../../../../../../../../../../../../../../../../../../../../../../../../";

/// All files and folders below this one, and it.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_owned()];
    let mut at = 0;
    while at < found.len() {
        if fs::symlink_metadata(&found[at]).unwrap().is_dir() {
            let entries = fs::read_dir(&found[at]).unwrap();
            found.extend(entries.map(|entry| entry.unwrap().path()));
        }
        at += 1;
    }
    found
}

fn history_of(session: &mut Watched) -> PathBuf {
    session.next("the opening", |event| match event {
        Event::Opened { guest, .. } => Some(guest.history.clone()),
        _ => None,
    })
}

/// What a shell of the user `nobody` says; `None` where tests do not run as root.
fn as_nobody(script: &str) -> Option<String> {
    if !rustix::process::geteuid().is_root() {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "only root can be another user");
        eprintln!("NOT TESTED: only root can be another user");
        return None;
    }
    let output = Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups", "sh", "-c", script])
        .current_dir("/")
        .output()
        .expect("setpriv runs");
    Some(cli::text(&output.stdout))
}

#[test]
fn another_user_reaches_nothing() {
    let guest = Guest::new("nobody", &greeting("one"));
    let mut session = Cli::watch(&guest, &["--call", GREET]);
    let history = session.next("opened")["guest"]["history"].as_str().unwrap().to_owned();
    let history = Path::new(&history);
    session.next("recorded");
    guest.save("not Rust");
    session.next("failed");
    guest.save(&greeting("two"));
    session.next("recorded");
    // A library that is mapped when it is chosen is copied once more.
    session.say("activate 1");
    session.next("activated");
    session.say(&format!("call {GREET}"));
    session.next("answered");
    let files = below(history);
    assert!(files.len() > 20, "{files:?}");
    for path in &files {
        let found = fs::symlink_metadata(path).unwrap();
        let wanted = if found.is_dir() { 0o700 } else { 0o600 };
        let executable = path.extension().is_some_and(|extension| extension == "so");
        let mode = found.mode() & 0o777;
        assert!(mode == wanted || (executable && mode == 0o700), "{mode:o} {}", path.display());
    }
    // Not even if the folders above were open; and neither the channel nor the memory of a process.
    let runner = runner(&guest.root);
    let ours = [session.id(), runner];
    let mut script = format!("ls {0} && echo LISTED; cat {0}/pins.json && echo READ\n", history.display());
    for id in ours {
        script.push_str(&format!("ls /proc/{id}/fd && echo FD; cat /proc/{id}/environ && echo ENV\n"));
        script.push_str(&format!("kill -0 {id} && echo SIGNALLED\n"));
    }
    if let Some(said) = as_nobody(&format!("echo here; {script}")) {
        assert_eq!(said.trim(), "here");
    }
}

/// The inodes of the sockets that a process has open.
fn sockets(id: u32) -> BTreeSet<u64> {
    let descriptors = fs::read_dir(format!("/proc/{id}/fd")).unwrap().flatten();
    let links = descriptors.filter_map(|entry| fs::read_link(entry.path()).ok());
    links.filter_map(|link| link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()).collect()
}

/// proc_pid_net(5): the columns of `unix` end with the inode and the path, those of the others have
/// the inode as their tenth.
#[test]
fn no_socket_has_a_name_or_an_address() {
    let guest = Guest::new("sockets", &greeting("one"));
    let mut session = Cli::watch(&guest, &[]);
    session.next("recorded");
    let mut ours = sockets(session.id());
    for id in processes_in(&guest.root) {
        ours.extend(sockets(id));
    }
    assert!(!ours.is_empty(), "the channel is a socket");
    for line in fs::read_to_string("/proc/net/unix").unwrap().lines().skip(1) {
        let columns: Vec<_> = line.split_whitespace().collect();
        if columns[6].parse().is_ok_and(|inode| ours.contains(&inode)) {
            assert_eq!(columns.len(), 7, "it has a path: {line}");
        }
    }
    for table in ["tcp", "tcp6", "udp", "udp6"] {
        for line in fs::read_to_string(format!("/proc/net/{table}")).unwrap_or_default().lines().skip(1) {
            let inode = line.split_whitespace().nth(9).and_then(|inode| inode.parse().ok());
            assert!(inode.is_none_or(|inode| !ours.contains(&inode)), "{table}: {line}");
        }
    }
}

/// Two versions, of which the first was tampered with: what a session says of it.
struct Tampered {
    guest: Guest,
    history: PathBuf,
}

impl Tampered {
    fn new(test: &str) -> Self {
        let guest = Guest::new(test, &greeting("one"));
        let mut session = Watched::start(&guest);
        let history = history_of(&mut session);
        session.recorded();
        guest.save(&greeting("two"));
        session.recorded();
        session.end();
        Self { guest, history }
    }

    fn record(&self, version: u32) -> (PathBuf, Value) {
        let path = self.history.join(format!("versions/{version:05}/version.json"));
        let record = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        (path, record)
    }

    fn library(&self, version: u32) -> PathBuf {
        let (path, record) = self.record(version);
        path.with_file_name(record["artifact"]["file"].as_str().unwrap())
    }
}

#[test]
fn a_planted_library_is_not_opened() {
    let it = Tampered::new("planted");
    // A whole guest, only another one: nothing but its hash tells.
    let evil = fs::read(it.library(2)).unwrap();
    fs::write(it.library(1), &evil).unwrap();
    let mut session = Watched::start(&it.guest);
    session.nothing_changed();
    session.send(Ask::Activate { version: VersionNumber(1) });
    let (version, message) = session.not_activated();
    assert_eq!(version.0, 1);
    assert!(message.contains("damaged or replaced and is not opened"), "{message}");
    assert_eq!(session.returned(GREET), "two");
    // A link to it is no better.
    let elsewhere = it.guest.root.with_file_name("evil.so");
    fs::write(&elsewhere, &evil).unwrap();
    fs::remove_file(it.library(1)).unwrap();
    std::os::unix::fs::symlink(&elsewhere, it.library(1)).unwrap();
    session.send(Ask::Activate { version: VersionNumber(1) });
    let (_, message) = session.not_activated();
    assert!(message.contains("damaged or replaced and is not opened"), "{message}");
    session.end();
}

#[test]
fn a_planted_record_is_left_out() {
    let it = Tampered::new("records");
    let (path, honest) = it.record(1);
    let evil = it.guest.root.with_file_name("evil.so");
    fs::copy(it.library(1), &evil).unwrap();
    let up = Path::new(TO_THE_TOP).join(evil.strip_prefix("/").unwrap());
    for (what, file) in [
        ("goes up", up.to_str().unwrap()),
        ("is absolute", evil.to_str().unwrap()),
        ("is a folder", "."),
        ("is empty", ""),
    ] {
        let mut record = honest.clone();
        record["artifact"]["file"] = json!(file);
        fs::write(&path, record.to_string()).unwrap();
        left_out(&it, what);
    }
    // A record of another version, with its library beside.
    fs::copy(it.record(2).0, &path).unwrap();
    left_out(&it, "belongs elsewhere");
    fs::write(&path, "{ \"number\": 1").unwrap();
    left_out(&it, "is cut");
    // Whoever reads a FIFO waits for ever.
    fs::remove_file(&path).unwrap();
    fs::write(&path, honest.to_string()).unwrap();
    let marks = path.with_file_name("marks.json");
    fs::remove_file(&marks).unwrap();
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    mknodat(CWD, &marks, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    // A process: it could be killed.
    Cli::watch(&it.guest, &[]).next("opened");
}

/// The session says so, does not list the version, and runs the other one.
fn left_out(it: &Tampered, what: &str) {
    let mut session = Watched::start(&it.guest);
    let listed = session.next(what, |event| match event {
        Event::Opened { versions, .. } => Some(versions.iter().map(|row| row.record.number.0).collect::<Vec<_>>()),
        _ => None,
    });
    assert_eq!(listed, [2], "{what}");
    let notice = session.next(what, |event| match event {
        Event::Notice { message } => Some(message.clone()),
        _ => None,
    });
    assert!(notice.contains("left out of the history") && notice.contains("00001"), "{what}: {notice}");
    assert_eq!(session.activated().version.0, 2, "{what}");
    session.end();
}

/// Recorded sources are paths: one that leads out of the version's folder is not read.
#[test]
fn recorded_paths_lead_nowhere_else() {
    let it = Tampered::new("paths");
    let secret = it.guest.root.with_file_name("secret.txt");
    fs::write(&secret, "the secret\n").unwrap();
    let (path, mut record) = it.record(1);
    let up = format!("{TO_THE_TOP}{}", secret.strip_prefix("/").unwrap().display());
    let hash = ContentHash::of(b"the secret\n").0;
    record["sources"] = json!({ up: hash });
    fs::write(&path, record.to_string()).unwrap();
    let mut session = Watched::start(&it.guest);
    session.nothing_changed();
    session.send(Ask::Compare { id: 7, from: Side::Nothing, to: Side::Version(VersionNumber(1)) });
    let outcome = session.next("the comparison", |event| match event {
        Event::Compared { id: 7, outcome, .. } => Some(outcome.clone()),
        _ => None,
    });
    let CompareOutcome::Differs { files } = &outcome else { panic!("{outcome:?}") };
    assert!(files.len() == 1 && files[0].binary && files[0].hunks.is_empty(), "{files:?}");
    session.end();
}

/// Whatever is in the environment reaches cargo and the guest, and is written down nowhere.
#[test]
fn secrets_of_the_environment_are_not_written_down() {
    let secret = format!("s3cret-{:016x}", u64::from(std::process::id()).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let hash = ContentHash::of(secret.as_bytes());
    let lib = "#[exuvia_guest::export]\nfn length() -> usize { std::env::var(\"EXUVIA_TEST_TOKEN\").unwrap().len() }\n\
               #[exuvia_guest::export]\nfn die() { std::process::abort() }\n";
    let guest = Guest::new("secrets", lib);
    // Cargo has it, or the build fails.
    guest.write(
        "build.rs",
        &format!(
            "fn main() {{ assert_eq!(std::env::var(\"EXUVIA_TEST_TOKEN\").unwrap().len(), {}); }}\n",
            secret.len()
        ),
    );
    let mut command = cli::command(&["watch", guest.root.to_str().unwrap(), "--json", "--call", "length()"]);
    command.env("EXUVIA_TEST_TOKEN", &secret);
    let mut session = Cli::start(command);
    let history = session.next("opened")["guest"]["history"].as_str().unwrap().to_owned();
    session.next("recorded");
    session.say("call length()");
    assert_eq!(session.next("answered")["answer"]["value"], secret.len());
    for broken in ["fn main() { std::process::exit(3) }", "not Rust"] {
        guest.write("build.rs", broken);
        session.next("failed");
    }
    // A fault is recorded, too.
    session.say("call die()");
    session.next("fault");
    session.next("activated");
    session.say("call length()");
    session.next("answered");
    let has = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    let files: Vec<_> = below(Path::new(&history)).into_iter().filter(|path| path.is_file()).collect();
    assert!(files.len() > 5, "{files:?}");
    for path in files {
        let content = fs::read(&path).unwrap();
        assert!(!has(&content, &secret) && !has(&content, &hash.0), "{}", path.display());
    }
    // How cargo calls rustc is recorded for the next build, with the variables that cargo has set.
    let replay = guests_target().join("exuvia/replay");
    let entries = |folder: &Path| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    let named = |path: &PathBuf, name: &str| path.file_name().unwrap().to_str().unwrap().starts_with(name);
    let mut recorded: Vec<_> = entries(&replay.join("recorded")).iter().flat_map(|folder| entries(folder)).collect();
    recorded.retain(|path| named(path, &guest.name.replace('-', "_")));
    recorded.extend(entries(&replay).into_iter().filter(|path| named(path, &guest.name)).flat_map(|path| below(&path)));
    recorded.retain(|path| path.is_file());
    assert!(recorded.len() >= 2, "{recorded:?}");
    for path in recorded {
        let content = fs::read(&path).unwrap();
        assert!(!has(&content, &secret) && !has(&content, &hash.0), "{}", path.display());
    }
    for event in &session.seen {
        assert!(!event.to_string().contains(&secret), "{event}");
    }
}

/// Files that an earlier hand left open are closed when the history is opened.
#[test]
fn what_was_left_open_is_closed() {
    let it = Tampered::new("leftopen");
    for path in below(&it.history) {
        let open = if path.is_dir() { 0o755 } else { 0o644 };
        fs::set_permissions(&path, fs::Permissions::from_mode(open)).unwrap();
    }
    let mut session = Watched::start(&it.guest);
    session.nothing_changed();
    session.end();
    // A folder that nobody else enters protects what is in it.
    for path in [it.history.clone(), it.history.join("versions"), it.history.join("versions/00001")] {
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o700, "{}", path.display());
    }
}
