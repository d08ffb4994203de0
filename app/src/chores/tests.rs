//! Tests of the chores: tables over the pure parts, then the thread with real files and a made-up editor.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::*;
use crate::settings::ThemeChoice;

/// A test that waits longer than this for an event has failed.
const PATIENCE: Duration = Duration::from_secs(30);

fn themed(theme: ThemeChoice) -> Settings {
    Settings { theme, ..Settings::default() }
}

fn picture(path: &Path, bytes: &[u8]) -> Chore {
    Chore::WriteFile { path: path.to_owned(), bytes: bytes.to_vec(), what: "the picture".to_owned() }
}

fn complete(text: &str) -> Chore {
    Chore::CompletePath { text: text.to_owned() }
}

#[test]
fn the_latest_takes_the_place_of_the_one_that_waits() {
    let light = || Chore::SaveSettings(themed(ThemeChoice::Light));
    let dark = || Chore::SaveSettings(themed(ThemeChoice::Dark));
    let remembered = || Chore::SaveRemembered(Remembered::default());
    let one = || picture(Path::new("1"), b"");
    for (pushed, expected) in [
        (vec![light(), dark()], vec![dark()]),
        (vec![light(), remembered(), dark(), remembered()], vec![dark(), remembered()]),
        (vec![one(), one()], vec![one(), one()]),
        (vec![complete("a"), one(), complete("ab")], vec![complete("ab"), one()]),
    ] {
        let mut queue = Queue::default();
        pushed.iter().for_each(|chore| queue.push(chore.clone()));
        let done: Vec<_> = std::iter::from_fn(|| queue.next()).collect();
        assert_eq!(done, expected, "{pushed:?}");
    }
    let mut queue = Queue::default();
    for chore in [complete("a"), light(), Chore::ListGuests { folder: "/".into() }, one()] {
        queue.push(chore);
    }
    queue.leave_out_questions();
    assert_eq!(std::iter::from_fn(|| queue.next()).collect::<Vec<_>>(), [light(), one()]);
}

#[test]
fn a_manifest_with_a_cdylib_is_a_guest() {
    for (manifest, expected) in [
        ("[package]\nname = \"a\"\n[lib]\ncrate-type = [\"cdylib\"]", Some("a")),
        ("[package]\nname = \"a\"\n[lib]\ncrate_type = [\"rlib\", \"cdylib\"]", Some("a")),
        ("package.name = \"a\"\nlib = { crate-type = [\"cdylib\"] }", Some("a")),
        ("[package]\nname = \"a\"\n[lib]\ncrate-type = [\"dylib\"]", None),
        ("[package]\nname = \"a\"", None),
        ("[workspace]\nmembers = []", None),
        ("[lib]\ncrate-type = [\"cdylib\"]", None),
        ("no = = toml", None),
    ] {
        assert_eq!(guests::guest_name(manifest).as_deref(), expected, "{manifest}");
    }
}

#[test]
fn guests_are_found_three_levels_down_and_not_where_none_are_kept() {
    let root = tempfile::tempdir().expect("a folder");
    let guest = "[package]\nname = \"g\"\n[lib]\ncrate-type = [\"cdylib\"]\n";
    for folder in [".", "b/c/d", "b/c/d/too-deep", "a", "target/x", ".git/x", "node_modules/x"] {
        let folder = root.path().join(folder);
        fs::create_dir_all(&folder).expect("made");
        fs::write(folder.join("Cargo.toml"), guest).expect("written");
    }
    let found = guests::list(root.path(), &|| false).expect("readable");
    let shown: Vec<_> =
        found.guests.iter().map(|guest| guest.manifest.strip_prefix(root.path()).expect("in it").to_owned()).collect();
    assert_eq!(shown, ["Cargo.toml", "a/Cargo.toml", "b/c/d/Cargo.toml"].map(PathBuf::from));
    assert!(found.complete && found.guests.iter().all(|guest| guest.name == "g"));
    assert_eq!(guests::list(root.path(), &|| true).expect("readable"), FoundGuests::default(), "stopped at once");
    assert!(guests::list(&root.path().join("gone"), &|| false).is_err());
}

#[test]
fn a_typed_path_goes_on_with_folders() {
    for (text, expected) in
        [("", ("", "")), ("a", ("", "a")), ("/", ("/", "")), ("~/pro", ("~/", "pro")), ("a/b/", ("a/b/", ""))]
    {
        assert_eq!(complete::split(text), expected, "{text}");
    }
    for (typed, home, expected) in [
        ("~", Some("/h"), "/h"),
        ("~a", Some("/h"), "~a"),
        ("/~", Some("/h"), "/~"),
        ("~/", Some("/h"), "/h"),
        ("~/a/", Some("/h"), "/h/a/"),
        ("~/", None, "~/"),
        ("~b/", Some("/h"), "~b/"),
        ("", Some("/h"), ""),
        ("a/", Some("/h"), "a/"),
    ] {
        assert_eq!(expand(typed, home.map(Path::new)), PathBuf::from(expected), "{typed}");
    }
    let names = ["alpha", "Alps", "beta", ".alpine"].map(str::to_owned).to_vec();
    for (begun, expected) in [
        ("", vec!["x/Alps/", "x/alpha/", "x/beta/"]),
        ("al", vec!["x/alpha/", "x/Alps/"]),
        ("AL", vec!["x/Alps/", "x/alpha/"]),
        (".", vec!["x/.alpine/"]),
        ("z", vec![]),
    ] {
        assert_eq!(complete::matching("x/", begun, names.clone()), expected, "{begun}");
    }
    let root = tempfile::tempdir().expect("a folder");
    fs::create_dir(root.path().join("guests")).expect("made");
    fs::write(root.path().join("gulp"), "").expect("written");
    let text = |end: &str| format!("{}/{end}", root.path().display());
    assert_eq!(complete::complete(&text("gu")), Ok(vec![text("guests/")]));
    for end in ["gone/x", "gulp/x"] {
        assert_eq!(complete::complete(&text(end)), Ok(Vec::new()), "{end}");
    }
}

#[test]
fn a_new_file_never_takes_the_place_of_another() {
    let root = tempfile::tempdir().expect("a folder");
    let path = root.path().join("pictures/a.png");
    let names = [b"1", b"2", b"3"].map(|bytes| save_as::write_new(&path, bytes).expect("written"));
    assert_eq!(names, ["a.png", "a-2.png", "a-3.png"].map(|name| path.with_file_name(name)));
    for (name, bytes) in names.iter().zip(["1", "2", "3"]) {
        assert_eq!(fs::read_to_string(name).expect("there"), bytes);
    }
    assert!(save_as::write_new(&path.join("below-a-file.png"), b"").is_err());
}

#[test]
fn each_chore_has_one_result_and_wakes_the_window() {
    let root = tempfile::tempdir().expect("a folder");
    let folders = Folders { config: root.path().join("c"), state: root.path().join("s") };
    let (wake, woken) = mpsc::channel();
    let (chores, done) = Chores::start(Some(folders.clone()), move || wake.send(()).expect("read")).expect("a thread");
    let result = |chore| {
        chores.send(chore);
        woken.recv_timeout(PATIENCE).expect("a wake");
        done.try_recv().expect("the result is there before the wake")
    };
    let folder = root.path().to_owned();
    let gone = Place { file: root.path().join("gone.rs"), line: 1, column: 1 };
    assert_eq!(result(Chore::SaveSettings(themed(ThemeChoice::Dark))), ChoreDone::SaveSettings(Ok(())));
    assert_eq!(result(Chore::SaveRemembered(Remembered::default())), ChoreDone::SaveRemembered(Ok(())));
    let path = folder.join("p.png");
    assert_eq!(result(picture(&path, b"p")), ChoreDone::WriteFile { what: "the picture".to_owned(), result: Ok(path) });
    let none = FoundGuests { guests: Vec::new(), complete: true };
    let listed = ChoreDone::ListGuests { folder: folder.clone(), result: Ok(none) };
    assert_eq!(result(Chore::ListGuests { folder }), listed);
    assert!(matches!(result(complete("")), ChoreDone::CompletePath { result: Ok(_), .. }));
    let opened = result(Chore::OpenInEditor { place: gone, setting: None });
    assert!(
        matches!(&opened, ChoreDone::OpenInEditor { result: Err(EditorError::NoFile { file }), .. } if file.ends_with("gone.rs")),
        "{opened:?}"
    );
    assert!(done.try_recv().is_err(), "one result each");
    assert_eq!(settings::load(&folders).settings, themed(ThemeChoice::Dark));
}

/// A scan makes way for what else waits, and is done again afterwards: one result each.
#[test]
fn a_scan_holds_up_nothing() {
    let root = tempfile::tempdir().expect("a folder");
    let (sender, chores) = mpsc::channel();
    let folder = root.path().to_owned();
    let path = folder.join("p.png");
    sender.send(Chore::ListGuests { folder: folder.clone() }).expect("held");
    sender.send(picture(&path, b"p")).expect("held");
    drop(sender);
    let told = RefCell::new(Vec::new());
    let mut worker = Worker { folders: None, ending: Arc::default(), launched: Vec::new() };
    worker.run(&chores, |result| told.borrow_mut().push(result));
    let written = ChoreDone::WriteFile { what: "the picture".to_owned(), result: Ok(path) };
    let found = FoundGuests { guests: Vec::new(), complete: true };
    assert_eq!(told.into_inner(), [written, ChoreDone::ListGuests { folder, result: Ok(found) }]);
}

#[test]
fn an_interrupted_scan_is_not_put_in_the_place_of_a_newer_one() {
    let scan = |folder: &str| Chore::ListGuests { folder: folder.into() };
    for (waiting, again, left) in [
        (vec![], true, vec![scan("old")]),
        (vec![complete("a")], true, vec![complete("a"), scan("old")]),
        (vec![complete("a"), scan("new")], false, vec![complete("a"), scan("new")]),
    ] {
        let mut queue = Queue::default();
        waiting.into_iter().for_each(|chore| queue.push(chore));
        assert_eq!(queue.put_back(scan("old")), again);
        assert_eq!(std::iter::from_fn(|| queue.next()).collect::<Vec<_>>(), left);
    }
}

#[test]
fn what_was_asked_before_the_end_is_saved() {
    let root = tempfile::tempdir().expect("a folder");
    let folders = Folders { config: root.path().into(), state: root.path().into() };
    let (chores, done) = Chores::start(Some(folders.clone()), || {}).expect("a thread");
    drop(done);
    for theme in [ThemeChoice::Light, ThemeChoice::Dark, ThemeChoice::Light] {
        chores.send(Chore::SaveSettings(themed(theme)));
    }
    chores.send(picture(&root.path().join("p.png"), b"p"));
    chores.finish();
    assert_eq!(settings::load(&folders).settings, themed(ThemeChoice::Light));
    assert!(root.path().join("p.png").exists());
}

#[test]
fn without_a_folder_saving_says_so() {
    let (chores, done) = Chores::start(None, || {}).expect("a thread");
    chores.send(Chore::SaveSettings(Settings::default()));
    let result = done.recv_timeout(PATIENCE).expect("a result");
    assert!(
        matches!(&result, ChoreDone::SaveSettings(Err(error)) if error.contains("EXUVIA_CONFIG_DIR")),
        "{result:?}"
    );
    drop(chores);
    assert_eq!(done.recv_timeout(PATIENCE), Err(mpsc::RecvTimeoutError::Disconnected), "the thread ends");
}

/// The "editor" is a shell that writes its arguments into a named pipe, whose reader sees them come.
#[cfg(unix)]
#[test]
fn an_editor_is_started_with_the_place() {
    let root = tempfile::tempdir().expect("a folder");
    let (pipe, file) = (root.path().join("pipe"), root.path().join("a file.rs"));
    fs::write(&file, "").expect("written");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    let (sender, heard) = mpsc::channel();
    let read = pipe.clone();
    std::thread::spawn(move || sender.send(fs::read_to_string(read)));

    let script = "printf '%s\\n' \"$@\" > \"$0\"";
    let setting =
        format!("sh -c {} {} {{file}} {{line}} at:{{column}}", quoted(script), quoted(&pipe.display().to_string()));
    let (chores, done) = Chores::start(None, || {}).expect("a thread");
    let place = Place { file: file.clone(), line: 7, column: 2 };
    chores.send(Chore::OpenInEditor { place: place.clone(), setting: Some(setting) });
    let result = done.recv_timeout(PATIENCE).expect("a result");
    assert_eq!(result, ChoreDone::OpenInEditor { place, result: Ok("sh".to_owned()) });
    let said = heard.recv_timeout(PATIENCE).expect("the editor was started").expect("a pipe");
    assert_eq!(said, format!("{}\n7\nat:2\n", file.display()));
}

#[cfg(unix)]
fn quoted(text: &str) -> String {
    shlex::try_quote(text).expect("no NUL").into_owned()
}

#[test]
fn pictures_go_where_the_desktop_says() {
    let home = Path::new("/home/ada");
    for (user_dirs, there, folder) in [
        ("", &["/home/ada/Pictures"][..], "/home/ada/Pictures"),
        ("", &[], "/home/ada"),
        ("# x\nXDG_PICTURES_DIR=\"$HOME/Bilder\"\n", &["/home/ada/Bilder", "/home/ada/Pictures"], "/home/ada/Bilder"),
        ("XDG_PICTURES_DIR=\"/data/p\"", &["/data/p"], "/data/p"),
        ("XDG_PICTURES_DIR=\"$HOME/gone\"", &["/home/ada/Pictures"], "/home/ada/Pictures"),
        ("XDG_PICTURES_DIR=relative", &["relative"], "/home/ada"),
    ] {
        let chosen = pictures::choose(home, user_dirs, |path| there.iter().any(|it| Path::new(it) == path));
        assert_eq!(chosen, Path::new(folder), "{user_dirs}");
    }
}
