//! A screen of its own, under Xvfb, with the real window on it: keys, clicks, the title, pictures.
//!
//! What the window says is read from its title, whose changes `xprop -spy` tells as they happen.
//! A picture is taken when nothing moves any more: when two in a row are equal.

pub mod picture;

use std::cell::Cell;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::process::{Signal, send};
use crate::program::{exuvia, guests_target};
use crate::{deadline, until};
use picture::{Picture, Region};

/// What must be installed, with what it is for.
const TOOLS: [(&str, &str); 5] = [
    ("Xvfb", "a screen"),
    ("xdotool", "keys and clicks"),
    ("xprop", "titles"),
    ("import", "pictures"),
    ("convert", "pictures of a failure"),
];

/// How long a picture may take at most: what it shows has happened already, and only has to be drawn.
const PAINTED: Duration = Duration::from_secs(30);

/// The size of the screen, if a test does not ask for another; the window is as large when it opens.
const SIZE: (u32, u32) = (1440, 900);

/// A screen, and the pictures that were taken of it.
#[derive(Debug)]
pub struct Desktop {
    server: Child,
    display: String,
    folder: TempDir,
    pictures: Vec<(String, Picture)>,
    /// Whether the pointer lies where something reacts to it.
    pointer_is_over: Cell<bool>,
}

/// The real window, and the titles it has had.
#[derive(Debug)]
pub struct Window {
    child: Child,
    id: String,
    spy: Child,
    titles: Receiver<String>,
    /// Takes the last picture of a test that fails.
    last_picture: Command,
    /// From the start of the process until the window could be seen; it is shown with its first frame.
    pub opened_in: Duration,
    /// All titles so far.
    pub seen: Vec<String>,
}

/// Runs a test on a screen of its own. Where the tools for it are missing, it says so and does
/// not run the test.
///
/// # Panics
/// When the test does: with its words, and the folder in which its pictures are. When the tools
/// are missing and the variable `CI` is `true`.
pub fn on_a_desktop(test: impl FnOnce(&mut Desktop)) {
    on_a_desktop_of(SIZE, test);
}

/// The same on a screen of this size, in pixels; the window fills what it can of it.
///
/// # Panics
/// As [`on_a_desktop`].
pub fn on_a_desktop_of(size: (u32, u32), test: impl FnOnce(&mut Desktop)) {
    let is_missing = |tool: &&(&str, &str)| !std::env::split_paths(&path()).any(|folder| folder.join(tool.0).is_file());
    let missing: Vec<_> = TOOLS.iter().filter(is_missing).map(|(name, what)| format!("{name} ({what})")).collect();
    if !missing.is_empty() {
        let words =
            format!("the window was NOT tested: {} missing; `cargo xtask packages` installs it", missing.join(", "));
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{words}");
        // Past the capture of the test's output: a skipped test looks like a passed one.
        let _ = writeln!(std::io::stderr(), "\n*** {words} ***\n");
        return;
    }
    let mut desktop = Desktop::start(size);
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| test(&mut desktop))) {
        let words =
            panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        let folder = desktop.keep_pictures();
        panic!("{}\npictures and the window's output are in {folder}", words.unwrap_or("a panic without words"));
    }
}

fn path() -> std::ffi::OsString {
    std::env::var_os("PATH").unwrap_or_default()
}

impl Desktop {
    fn start((width, height): (u32, u32)) -> Self {
        let folder = tempfile::Builder::new().prefix("exuvia-window-").tempdir().expect("a temporary folder");
        let log = File::create(folder.path().join("xvfb.log")).expect("a file");
        // The server chooses a free number and writes it to its stdout.
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", &format!("{width}x{height}x24"), "-nolisten", "tcp", "-noreset"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("Xvfb runs");
        let mut number = String::new();
        let stdout = server.stdout.as_mut().expect("a pipe");
        BufReader::new(stdout).read_line(&mut number).expect("the display's number");
        let number = number.trim();
        assert!(!number.is_empty(), "Xvfb ended: {:?}", fs::read_to_string(folder.path().join("xvfb.log")));
        Self { server, display: format!(":{number}"), folder, pictures: Vec::new(), pointer_is_over: Cell::new(false) }
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env("DISPLAY", &self.display).stdin(Stdio::null());
        command
    }

    /// Where the window keeps its settings, and its pictures.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.folder.path().join("config")
    }

    /// Where the window puts screenshots: the user's folder for pictures, as it sees it.
    #[must_use]
    pub fn pictures(&self) -> PathBuf {
        self.folder.path().join("Pictures")
    }

    /// Settings that the window begins with.
    ///
    /// # Panics
    /// When they cannot be written.
    pub fn settings(&self, text: &str) {
        fs::create_dir_all(self.config()).expect("a folder");
        fs::write(self.config().join("settings.toml"), text).expect("a file");
    }

    /// Opens the window on the guest in this folder, and gives it the keyboard.
    ///
    /// # Panics
    /// When there is no window by the deadline.
    #[must_use]
    pub fn open(&self, guest: &Path) -> Window {
        let user = self.folder.path().join("user");
        let pictures = self.pictures();
        for folder in [&user, &pictures] {
            fs::create_dir_all(folder).expect("a folder");
        }
        let named = format!("XDG_PICTURES_DIR={:?}\n", pictures.display().to_string());
        fs::write(user.join("user-dirs.dirs"), named).expect("a file");
        let log = self.folder.path().join("exuvia.log");
        let stdout = File::create(&log).expect("a file");
        let program = exuvia();
        let began = Instant::now();
        let mut child = self
            .command(program)
            .arg(guest)
            // The user's own desktop has no say in what it looks like.
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .envs([("WINIT_X11_SCALE_FACTOR", "1"), ("LIBGL_ALWAYS_SOFTWARE", "1"), ("LANG", "en_GB.UTF-8")])
            .env_remove("LC_ALL")
            .env_remove("LC_MESSAGES")
            // Neither do the user's settings, and nothing is written among them.
            .env("EXUVIA_CONFIG_DIR", self.config())
            .env("XDG_CONFIG_HOME", user)
            // Shared by the tests, which take turns there, so that the experiment builds the SDK once.
            .env("XDG_CACHE_HOME", guests_target().join("test-experiment"))
            .stderr(stdout.try_clone().expect("a file"))
            .stdout(stdout)
            .spawn()
            .expect("exuvia runs");
        let id = until("the window", || {
            if let Some(status) = child.try_wait().expect("a child") {
                panic!("exuvia ended with {status}: {}", fs::read_to_string(&log).unwrap_or_default());
            }
            let output = self.command("xdotool").args(["search", "--onlyvisible", "--class", "^exuvia$"]).output();
            let ids = String::from_utf8(output.expect("xdotool runs").stdout).expect("numbers");
            ids.lines().next().map(str::to_owned)
        });
        let opened_in = began.elapsed();
        let (spy, titles) = self.spy(&id);
        let mut last_picture = self.command("import");
        last_picture.args(["-window", "root"]).arg(self.folder.path().join("at the end.png"));
        let window = Window { child, id, spy, titles, last_picture, opened_in, seen: Vec::new() };
        // There is no window manager that would do it.
        self.xdotool(&["windowfocus", "--sync", &window.id]);
        self.park_pointer();
        window
    }

    /// Tells of a window's titles.
    fn spy(&self, id: &str) -> (Child, Receiver<String>) {
        let mut spy = self.command("xprop");
        spy.args(["-spy", "-notype", "-id", id, "_NET_WM_NAME"]);
        let mut spy = spy.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("xprop runs");
        let stdout = BufReader::new(spy.stdout.take().expect("a pipe"));
        let (send, titles) = mpsc::channel();
        std::thread::spawn(move || {
            for line in stdout.split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line).into_owned();
                let title = line.split_once(" = \"").and_then(|(_, title)| title.strip_suffix('"'));
                if let Some(title) = title
                    && send.send(title.to_owned()).is_err()
                {
                    return;
                }
            }
        });
        (spy, titles)
    }

    fn xdotool(&self, arguments: &[&str]) {
        let status = self.command("xdotool").args(arguments).status().expect("xdotool runs");
        assert!(status.success(), "xdotool {arguments:?}: {status}");
    }

    /// Presses keys, such as `ctrl+l`.
    pub fn key(&self, keys: &str) {
        self.xdotool(&["key", keys]);
    }

    /// Types a text.
    pub fn type_text(&self, text: &str) {
        self.xdotool(&["type", text]);
    }

    /// Clicks into the middle, and moves the pointer out of the way.
    pub fn click(&self, region: &Region) {
        let (x, y) = region.center();
        self.xdotool(&["mousemove", "--sync", &x.to_string(), &y.to_string(), "click", "1"]);
        self.pointer_is_over.set(true);
    }

    /// Clicks twice into the middle, and moves the pointer out of the way.
    pub fn double_click(&self, region: &Region) {
        let (x, y) = region.center();
        let twice = ["click", "--repeat", "2", "--delay", "60", "1"];
        self.xdotool(&[&["mousemove", "--sync", &x.to_string(), &y.to_string()], &twice[..]].concat());
        self.pointer_is_over.set(true);
    }

    /// Moves the pointer to where nothing reacts to it. Not at once after a click: a window that is busy would
    /// see both in one frame, and nobody moves that fast.
    fn park_pointer(&self) {
        self.pointer_is_over.set(false);
        self.xdotool(&["mousemove", "--sync", "1", "1"]);
    }

    fn grab(&self) -> Picture {
        if self.pointer_is_over.get() {
            self.park_pointer();
        }
        let output = self.command("import").args(["-window", "root", "-depth", "8", "ppm:-"]).output();
        let output = output.expect("import runs");
        assert!(output.status.success(), "import: {}", String::from_utf8_lossy(&output.stderr));
        Picture::from_ppm(&output.stdout).unwrap_or_else(|error| panic!("import: {error}"))
    }

    /// A picture of the screen, once nothing moves any more and it is as wanted.
    ///
    /// # Panics
    /// When it is not by the deadline.
    pub fn picture(&mut self, name: &str, is_wanted: impl Fn(&Picture) -> bool) -> Picture {
        self.picture_within(PAINTED.min(deadline()), name, is_wanted)
    }

    /// The same of what has yet to happen, such as a build.
    ///
    /// # Panics
    /// As [`Desktop::picture`].
    pub fn later_picture(&mut self, name: &str, is_wanted: impl Fn(&Picture) -> bool) -> Picture {
        self.picture_within(deadline(), name, is_wanted)
    }

    fn picture_within(&mut self, wait: Duration, name: &str, is_wanted: impl Fn(&Picture) -> bool) -> Picture {
        let mut last = self.grab();
        let until = Instant::now() + wait;
        loop {
            let next = self.grab();
            if next == last && is_wanted(&next) {
                self.pictures.push((name.to_owned(), next.clone()));
                return next;
            }
            if Instant::now() > until {
                self.pictures.push((format!("not {name}"), next));
                panic!("waited {wait:?} for a picture: {name}");
            }
            last = next;
        }
    }

    /// Writes all pictures into a folder that stays.
    fn keep_pictures(&mut self) -> String {
        self.folder.disable_cleanup(true);
        let folder = self.folder.path();
        for (index, (name, picture)) in self.pictures.iter().enumerate() {
            let mut convert = Command::new("convert");
            convert.arg("ppm:-").arg(folder.join(format!("{index:02} {name}.png"))).stdin(Stdio::piped());
            let mut convert = convert.spawn().expect("convert runs");
            // A picture that cannot be kept must not hide why the test failed.
            let _ = convert.stdin.take().expect("a pipe").write_all(&picture.to_ppm());
            let _ = convert.wait();
        }
        folder.display().to_string()
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        // Asked to end, it removes its socket and its lock file.
        send(self.server.id(), Signal::TERM);
        let _ = self.server.wait();
    }
}

impl Window {
    /// Waits until the title begins with these words.
    ///
    /// # Panics
    /// When it does not by the deadline.
    pub fn title(&mut self, words: &str) {
        let until = Instant::now() + deadline();
        while !self.seen.last().is_some_and(|title| title.starts_with(words)) {
            match self.titles.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(title) => self.seen.push(title),
                Err(error) => panic!("waited for the title {words:?}: {error}; titles so far: {:#?}", self.seen),
            }
        }
    }

    /// The process id of the shell.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it does not end.
    pub fn ended(&mut self) -> ExitStatus {
        let child = &mut self.child;
        until("the end of exuvia", || child.try_wait().expect("a child"))
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let _ = self.last_picture.status();
        }
        for child in [&mut self.child, &mut self.spy] {
            // One that has ended cannot be killed, and need not be.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
