//! What editors, git and people do to a tree of files. After each row: what runs is what is saved,
//! or the status says why not. The plain ways to save are in `saves.rs`.
//!
//! One guest and one session for as many rows as possible: the rows are in the order of the table.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use exuvia_runtime::session::status::Phase;
use exuvia_runtime::session::{Event, SessionConfig, WatchMode};
use exuvia_tests::cli::{self, Cli};
use exuvia_tests::dice::{Dice, given, seed};
use exuvia_tests::guest::{Guest, sdk, write};
use exuvia_tests::process::{Signal, cpu_time, until_no_runner};
use exuvia_tests::save;
use exuvia_tests::sources::greeting;
use exuvia_tests::watched::{Watched, config};

const GREET: &str = "greet(\"World\")";

/// What a row is done with.
struct Tree {
    guest: Guest,
    session: Watched,
}

/// A row: what it does to the tree, and the text that the guest is to answer with then.
type Row = fn(&mut Tree) -> &'static str;

const ROWS: [(&str, Row); 18] = [
    ("a source file becomes a link", becomes_a_link),
    ("the file behind a link is written", behind_a_link_written),
    ("the file behind a link is replaced", behind_a_link_replaced),
    ("a link is set to another file", link_to_another),
    ("a link to a link, the last of which is set anew", link_to_a_link),
    ("a link becomes a file again", link_becomes_a_file),
    ("a folder of sources is a link", folder_behind_a_link),
    ("a FIFO and a socket in the tree", fifo_and_socket),
    ("the source file is a FIFO for a while", fifo_for_a_while),
    ("a folder stands where a file is expected", folder_for_a_file),
    ("names that are no UTF-8", names_that_are_no_utf8),
    ("a clock that jumped back", clock_jumped_back),
    ("a clock that jumped ahead", clock_jumped_ahead),
    ("other content of the same length and time", same_length_and_time),
    ("src/ is deleted and comes back", src_comes_back),
    ("the crate's folder is renamed, and back", folder_renamed_and_back),
    ("the crate's folder is renamed, and another comes", folder_replaced),
    ("100,000 unrelated files beside the crate", unrelated_files),
];

impl Tree {
    fn lib(&self) -> PathBuf {
        self.guest.path("src/lib.rs")
    }

    /// The newest version answers with this text, and is what is saved.
    fn runs_what_is_saved(&mut self, row: &str, text: &str) {
        let wanted = format!("{text:?}");
        self.session.next(&format!("{row}: the answer {wanted}"), |event| match event {
            Event::PinnedResult { answer, .. } => (answer.to_string() == wanted).then_some(()),
            _ => None,
        });
        self.session.is_saved(row);
        assert_eq!(self.session.returned(GREET), text, "{row}");
    }

    /// The status says why what runs is not what is saved.
    fn says_that_the_build_failed(&mut self) {
        self.session.next("a failed build", |event| match event {
            Event::Status { status, .. } => (status.phase == Phase::BuildFailed).then_some(()),
            _ => None,
        });
    }
}

#[test]
fn what_runs_is_what_is_saved() {
    let guest = Guest::new("torture", &greeting("at first"));
    let session = Watched::pinned(&guest, &[GREET]);
    let mut tree = Tree { guest, session };
    tree.runs_what_is_saved("at first", "at first");
    for (row, act) in ROWS {
        let text = act(&mut tree);
        tree.runs_what_is_saved(row, text);
    }
    let notices = tree.session.end();
    let notices: Vec<_> = notices.iter().filter(|event| matches!(event, Event::Notice { .. })).collect();
    assert!(notices.is_empty(), "{notices:?}");
}

fn becomes_a_link(tree: &mut Tree) -> &'static str {
    let real = tree.guest.root.with_file_name("elsewhere").join("real.rs");
    write(&real, &greeting("through a link"));
    fs::remove_file(tree.lib()).unwrap();
    symlink(&real, tree.lib()).unwrap();
    "through a link"
}

fn behind_a_link_written(tree: &mut Tree) -> &'static str {
    save::truncate_and_write(&fs::read_link(tree.lib()).unwrap(), &greeting("written behind"));
    "written behind"
}

fn behind_a_link_replaced(tree: &mut Tree) -> &'static str {
    save::rename_over(&fs::read_link(tree.lib()).unwrap(), &greeting("replaced behind"));
    "replaced behind"
}

fn link_to_another(tree: &mut Tree) -> &'static str {
    let other = tree.guest.root.with_file_name("further").join("other.rs");
    write(&other, &greeting("another file"));
    let new = tree.guest.path("src/new-link");
    symlink(&other, &new).unwrap();
    fs::rename(&new, tree.lib()).unwrap();
    "another file"
}

/// As `current -> releases/7`, beside which a release appears.
fn link_to_a_link(tree: &mut Tree) -> &'static str {
    let folder = tree.guest.root.with_file_name("releases");
    write(&folder.join("1.rs"), &greeting("release 1"));
    write(&folder.join("2.rs"), &greeting("release 2"));
    symlink("1.rs", folder.join("current.rs")).unwrap();
    fs::remove_file(tree.lib()).unwrap();
    symlink("../../releases/current.rs", tree.lib()).unwrap();
    tree.runs_what_is_saved("a link to a link", "release 1");
    symlink("2.rs", folder.join("next")).unwrap();
    fs::rename(folder.join("next"), folder.join("current.rs")).unwrap();
    "release 2"
}

fn link_becomes_a_file(tree: &mut Tree) -> &'static str {
    save::rename_over(&tree.lib(), &greeting("a file again"));
    "a file again"
}

fn folder_behind_a_link(tree: &mut Tree) -> &'static str {
    let shared = tree.guest.root.with_file_name("shared");
    write(&shared.join("mod.rs"), "pub const TEXT: &str = \"shared\";\n");
    symlink(&shared, tree.guest.path("src/shared")).unwrap();
    let lib = greeting("{}").replace("\")", "\", shared::TEXT)");
    tree.guest.save(&format!("{lib}\nmod shared;\n"));
    tree.runs_what_is_saved("a linked folder", "shared");
    save::rename_over(&shared.join("mod.rs"), "pub const TEXT: &str = \"shared, edited\";\n");
    "shared, edited"
}

fn fifo(path: &Path) {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    mknodat(CWD, path, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
}

fn fifo_and_socket(tree: &mut Tree) -> &'static str {
    for path in ["src/pipe.rs", "src/pipe", "pipe"] {
        fifo(&tree.guest.path(path));
    }
    for path in ["src/socket.rs", "socket"] {
        drop(UnixListener::bind(tree.guest.path(path)).unwrap());
    }
    tree.guest.save(&greeting("beside a FIFO"));
    "beside a FIFO"
}

fn fifo_for_a_while(tree: &mut Tree) -> &'static str {
    fs::remove_file(tree.lib()).unwrap();
    fifo(&tree.lib());
    // The compiler waits for somebody to write into it; whoever saves takes it out of that.
    tree.session.build_started();
    assert_eq!(tree.session.returned(GREET), "beside a FIFO");
    tree.guest.save(&greeting("no FIFO"));
    "no FIFO"
}

/// Nobody can read it, root neither. For permissions see `a_file_that_may_not_be_read`.
fn folder_for_a_file(tree: &mut Tree) -> &'static str {
    fs::create_dir(tree.guest.path("src/extra.rs")).unwrap();
    tree.guest.save(&format!("{}\nmod extra;\n", greeting("{}").replace("\")", "\", extra::TEXT)")));
    tree.says_that_the_build_failed();
    fs::remove_dir(tree.guest.path("src/extra.rs")).unwrap();
    tree.guest.write("src/extra.rs", "pub const TEXT: &str = \"a file at last\";\n");
    "a file at last"
}

fn names_that_are_no_utf8(tree: &mut Tree) -> &'static str {
    let src = tree.guest.path("src");
    for name in [&b"caf\xe9.rs"[..], b"caf\xe8.rs", b"\xff\xfe"] {
        fs::write(src.join(OsStr::from_bytes(name)), "not read by anybody").unwrap();
    }
    let folder = src.join(OsStr::from_bytes(b"d\xe9p\xf4t"));
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("mod.rs"), "not read by anybody").unwrap();
    tree.guest.save(&greeting("beside strange names"));
    "beside strange names"
}

fn save_at(path: &Path, text: &str, time: SystemTime) {
    let new = path.with_file_name(".new");
    fs::write(&new, text).unwrap();
    File::options().append(true).open(&new).unwrap().set_modified(time).unwrap();
    fs::rename(&new, path).unwrap();
}

fn clock_jumped_back(tree: &mut Tree) -> &'static str {
    save_at(&tree.lib(), &greeting("in 1970"), SystemTime::UNIX_EPOCH + Duration::from_secs(3600));
    "in 1970"
}

fn clock_jumped_ahead(tree: &mut Tree) -> &'static str {
    let in_a_year = SystemTime::now() + Duration::from_secs(365 * 86_400);
    save_at(&tree.lib(), &greeting("in a year"), in_a_year);
    "in a year"
}

fn same_length_and_time(tree: &mut Tree) -> &'static str {
    let time = fs::metadata(tree.lib()).unwrap().modified().unwrap();
    save_at(&tree.lib(), &greeting("in a week"), time);
    "in a week"
}

fn src_comes_back(tree: &mut Tree) -> &'static str {
    fs::remove_dir_all(tree.guest.path("src")).unwrap();
    tree.says_that_the_build_failed();
    assert_eq!(tree.session.returned(GREET), "in a week");
    tree.guest.write("src/lib.rs", &greeting("back again"));
    "back again"
}

fn folder_renamed_and_back(tree: &mut Tree) -> &'static str {
    let away = tree.guest.root.with_file_name("away");
    fs::rename(&tree.guest.root, &away).unwrap();
    tree.says_that_the_build_failed();
    assert_eq!(tree.session.returned(GREET), "back again");
    save::rename_over(&away.join("src/lib.rs"), &greeting("edited while away"));
    moved(&away, &tree.guest.root);
    "edited while away"
}

/// Moves a folder to where another has just been moved away. A cargo that is about to read the lock file then
/// makes the folder anew, with nothing but a `Cargo.lock` in it: seen in 8 of 400 folders that were renamed within
/// 60 ms after a `cargo build` or `cargo metadata` had been started in them.
fn moved(from: &Path, to: &Path) {
    while let Err(error) = fs::rename(from, to) {
        assert_eq!(error.kind(), std::io::ErrorKind::DirectoryNotEmpty, "{}: {error}", to.display());
        let names: Vec<_> = fs::read_dir(to).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["Cargo.lock"], "{}", to.display());
        fs::remove_dir_all(to).unwrap();
    }
}

/// As a checkout beside the old one that takes its place.
fn folder_replaced(tree: &mut Tree) -> &'static str {
    let (root, away) = (tree.guest.root.clone(), tree.guest.root.with_file_name("old"));
    let other = root.with_file_name("other");
    for file in ["Cargo.toml", "Cargo.lock", ".cargo/config.toml"] {
        write(&other.join(file), &fs::read_to_string(tree.guest.path(file)).unwrap());
    }
    write(&other.join("src/lib.rs"), &greeting("another folder"));
    fs::rename(&root, &away).unwrap();
    moved(&other, &root);
    tree.runs_what_is_saved("another folder", "another folder");
    tree.guest.save(&greeting("another folder, edited"));
    "another folder, edited"
}

fn unrelated_files(tree: &mut Tree) -> &'static str {
    litter(&tree.guest.root, 100_000);
    tree.guest.save(&greeting("in a heap"));
    "in a heap"
}

/// So many files in the crate's folder: half of them at its top, half in folders.
fn litter(root: &Path, files: usize) {
    for number in 0..files / 2 {
        File::create(root.join(format!("litter-{number}"))).unwrap();
    }
    for number in 0..files / 2 {
        let folder = root.join(format!("heap/{}", number / 500));
        if number % 500 == 0 {
            fs::create_dir_all(&folder).unwrap();
        }
        File::create(folder.join(number.to_string())).unwrap();
    }
}

/// How many folders a process watches: proc_pid_fdinfo(5).
fn watches(id: u32) -> usize {
    let descriptors = fs::read_dir(format!("/proc/{id}/fdinfo")).unwrap().flatten();
    let texts = descriptors.filter_map(|entry| fs::read_to_string(entry.path()).ok());
    texts.map(|text| text.lines().filter(|line| line.starts_with("inotify ")).count()).sum()
}

/// The system keeps so many notices for a process that does not read them, and then says that it has lost
/// some: inotify(7). Among them is that of a save which leaves neither length nor time to tell it by.
#[test]
fn a_save_whose_notice_is_lost_is_seen() {
    let kept = fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").unwrap();
    let kept: usize = kept.trim().parse().unwrap();
    if kept > 1 << 20 {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{kept} notices are too many to be lost");
        eprintln!("NOT TESTED: {kept} notices are too many to be lost");
        return;
    }
    let guest = Guest::new("overflow", &greeting("one"));
    let mut session = Cli::watch(&guest, &["--call", GREET]);
    session.runs("one");
    session.signal(Signal::STOP);
    let [here, there] = ["src/here", "src/there"].map(|name| guest.path(name));
    fs::write(&here, "read by nobody").unwrap();
    // A rename is two notices, and never the same as the one before. Twice as many as are kept: a few may be
    // read before the process stands still.
    for _ in 0..=kept / 2 {
        fs::rename(&here, &there).unwrap();
        fs::rename(&there, &here).unwrap();
    }
    let lib = guest.path("src/lib.rs");
    let time = fs::metadata(&lib).unwrap().modified().unwrap();
    save_at(&lib, &greeting("two"), time);
    session.signal(Signal::CONT);
    session.runs("two");
}

/// The cost of unrelated files is that of a look at their folder, not one per file.
#[test]
fn unrelated_files_are_not_watched() {
    let guest = Guest::new("heap", &greeting("one"));
    let mut session = Cli::watch(&guest, &[]);
    session.next("recorded");
    let few = watches(session.id());
    litter(&guest.root, 100_000);
    let before = cpu_time(session.id());
    for number in 0..5 {
        guest.save(&greeting(&format!("edit {number}")));
        session.next("recorded");
    }
    println!("CPU time of 5 reloads beside 100,000 files: {:?}", cpu_time(session.id()) - before);
    assert_eq!(watches(session.id()), few);
    assert!(few < 30, "{few}");
}

/// A user without power over permissions: root without it, where the tests run as root.
#[test]
fn a_file_that_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt;
    let guest =
        Guest::new("unreadable", &format!("{}\nmod extra;\n", greeting("{}").replace("\")", "\", extra::TEXT)")));
    guest.write("src/extra.rs", "pub const TEXT: &str = \"readable\";\n");
    let mut command = cli::command(&["watch", guest.root.to_str().unwrap(), "--json", "--call", GREET]);
    if rustix::process::geteuid().is_root() {
        let mut bound = Command::new("setpriv");
        bound.args(["--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"]);
        bound.arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => bound.env(name, value),
                None => bound.env_remove(name),
            };
        }
        command = bound;
    }
    let mut session = Cli::start(command);
    session.next("recorded");
    let extra = guest.path("src/extra.rs");
    let mode = |mode| fs::set_permissions(&extra, fs::Permissions::from_mode(mode)).unwrap();
    mode(0);
    // A change of permissions alone is no change of content; the next save is what finds out.
    guest.save(&format!("{}\nmod extra;\n", greeting("{}!").replace("\")", "\", extra::TEXT)")));
    session.status("build failed, still running v1");
    let failed = session.next("failed").to_string();
    assert!(failed.contains("extra") && failed.contains("ermission denied"), "{failed}");
    mode(0o644);
    guest.write("src/extra.rs", "pub const TEXT: &str = \"readable again\";\n");
    let answer = session.next("pinned_result").to_string();
    assert!(answer.contains("readable again!"), "{answer}");
    session.status("running v2 = saved source");
}

/// The crate's own target folder holds the history, and goes with it.
#[test]
fn a_crate_that_is_renamed_leaves_nothing_in_its_old_place() {
    let guest = Guest::new("renamed", &greeting("one"));
    let config = fs::read_to_string(guest.path(".cargo/config.toml")).unwrap();
    let own = config.lines().filter(|line| !line.starts_with("target-dir")).collect::<Vec<_>>().join("\n");
    guest.write(".cargo/config.toml", &own);
    let mut session = Watched::pinned(&guest, &[GREET]);
    session.recorded();
    let away = guest.root.with_file_name("away");
    fs::rename(&guest.root, &away).unwrap();
    session.failed();
    assert_eq!(session.returned(GREET), "one");
    assert!(!guest.root.exists(), "{:?}", fs::read_dir(&guest.root).unwrap().flatten().collect::<Vec<_>>());
    fs::rename(&away, &guest.root).unwrap();
    session.next("what ran before", |event| match event {
        Event::NothingChanged { .. } => Some(()),
        _ => None,
    });
    guest.save(&greeting("two"));
    assert_eq!(session.recorded().marks.pinned_results[0].answer.to_string(), "\"two\"");
    session.status("running v2 = saved source");
    session.end();
    until_no_runner(&guest.root);
}

/// Each save ends the build of the one before. The last one runs. `EXUVIA_TEST_SAVES` says how many there
/// are; 1,500 are those of 30 s with one every 20 ms.
#[test]
fn saves_without_a_pause() {
    let guest = Guest::new("storm", &greeting("at first"));
    let mut session = Watched::pinned(&guest, &[GREET]);
    session.recorded();
    let mut dice = Dice::new(seed());
    let saves = given("EXUVIA_TEST_SAVES", 1500);
    for number in 0..saves {
        let (_, save) = save::ALL[dice.index(save::ALL.len())];
        save(&guest.path("src/lib.rs"), &greeting(&format!("save {number}")));
        // Half of them come when cargo has just been started, half at once.
        if number % 2 == 0 {
            session.build_started();
        }
    }
    let last = format!("\"save {}\"", saves - 1);
    session.next("the last save", |event| match event {
        Event::PinnedResult { answer, .. } => (answer.to_string() == last).then_some(()),
        _ => None,
    });
    session.is_saved("the last save");
    session.end();
}

/// Where the system gives no notices, unrelated files are not read, either, and links are followed.
#[test]
fn polling_sees_what_matters() {
    let guest = Guest::new("pollheap", &greeting("one"));
    let real = guest.root.with_file_name("real.rs");
    write(&real, &greeting("behind a link"));
    litter(&guest.root, 10_000);
    // Whoever reads it never comes back.
    fifo(&guest.path("pipe"));
    let mut session = Watched::with(SessionConfig { poll: true, pins: vec![GREET.to_owned()], ..config(&guest) });
    session.next("the watcher", |event| match event {
        Event::Watching { mode: WatchMode::Polling { .. }, .. } => Some(()),
        _ => None,
    });
    session.recorded();
    fs::remove_file(guest.path("src/lib.rs")).unwrap();
    symlink(&real, guest.path("src/lib.rs")).unwrap();
    assert_eq!(session.recorded().marks.pinned_results[0].answer.to_string(), "\"behind a link\"");
    save::rename_over(&real, &greeting("behind, edited"));
    assert_eq!(session.recorded().marks.pinned_results[0].answer.to_string(), "\"behind, edited\"");
    session.end();
}

/// The dependency of a guest is renamed: its folder is awaited back.
#[test]
fn a_path_dependency_that_goes_and_comes_back() {
    let guest = Guest::empty("dependency");
    let dependency = guest.root.with_file_name("neighbour-of-rename");
    let manifest = "[package]\nname = \"neighbour-of-rename\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    write(&dependency.join("Cargo.toml"), manifest);
    write(&dependency.join("src/lib.rs"), "pub const TEXT: &str = \"one\";\n");
    let dependencies = format!("{}neighbour-of-rename = {{ path = \"../neighbour-of-rename\" }}\n", sdk());
    guest.write("Cargo.toml", &guest.manifest(&[("[dependencies]", &dependencies)]));
    guest.write("src/lib.rs", &greeting("{}").replace("\")", "\", neighbour_of_rename::TEXT)"));
    let mut session = Watched::pinned(&guest, &[GREET]);
    session.recorded();
    let away = dependency.with_file_name("away");
    fs::rename(&dependency, &away).unwrap();
    session.failed();
    write(&away.join("src/lib.rs"), "pub const TEXT: &str = \"two\";\n");
    fs::rename(&away, &dependency).unwrap();
    assert_eq!(session.recorded().marks.pinned_results[0].answer.to_string(), "\"two\"");
    session.end();
}
