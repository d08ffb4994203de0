//! CPU time of a frame of the window, with much in it: 1,000 versions, 10,000 lines of output, 500 problems.
//!
//! ```text
//! cargo bench -p exuvia --bench frames
//! cargo bench --profile dev -p exuvia --bench frames      (as `cargo run` builds Exuvia)
//! ```
//!
//! A frame is what the window's thread does for one: the app's `logic` and `ui` within egui's pass, and the
//! tessellation of what they drew. No window is opened and no GPU is used; accessibility is off, as it is
//! while nothing asks for it. Each of the lower panels is shown in turn in a window of 1440 x 900: as it
//! lies there, and while its list is scrolled by the wheel.
//!
//! Nothing is asserted about times. Without `--bench` (`cargo test --benches`) a few frames are drawn, which
//! only shows that the benchmark works.

use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use eframe::App;
use eframe::egui::{
    Context, Event as Input, Key, Modifiers, MouseWheelSource, MouseWheelUnit, Pos2, RawInput, Rect, TouchPhase, Vec2,
};
use exuvia::settings::{Loaded, Settings, ThemeChoice};
use exuvia::window::{Connection, Desk, ExperimentConnection, Places, Start, WindowApp};
use exuvia_runtime::build::diagnostic::{Diagnostic, Level, Place};
use exuvia_runtime::build::{BuildPath, Selection};
use exuvia_runtime::call::Answer;
use exuvia_runtime::history::record::{
    ArtifactRecord, Cause, ContentHash, Durations, FailedRecord, Failure, Marks, PinnedResult, SourceHashes, Standing,
    VersionRecord, VersionRow,
};
use exuvia_runtime::ids::{Generation, Timestamp, VersionNumber};
use exuvia_runtime::load::StampRecord;
use exuvia_runtime::session::{Event, GuestInfo, Stream};
use exuvia_runtime::swap::verdict::{Verdict, VerdictKind};

const VERSIONS: u32 = 1_000;
const LINES: usize = 10_000;
const PROBLEMS: usize = 500;
const SIZE: Vec2 = Vec2::new(1440.0, 900.0);
const NOW: Timestamp = Timestamp(1_700_000_000_000);

/// The panels below, and the keys that show them.
const PANELS: [(&str, Key); 4] =
    [("Problems", Key::Num1), ("Output", Key::Num2), ("Timeline", Key::Num3), ("Log", Key::Num4)];

fn main() {
    let measured = std::env::args().any(|argument| argument == "--bench");
    let frames = if measured { 400 } else { 3 };
    let mut window = Window::new();
    println!("{VERSIONS} versions, {LINES} lines of output, {PROBLEMS} problems; {} x {}", SIZE.x, SIZE.y);
    println!("CPU time per frame in ms\n");
    println!("{:<10} {:<10} {:>8} {:>8} {:>8}", "panel", "frames", "median", "p95", "slowest");
    for (name, key) in PANELS {
        window.press(key);
        // Fonts, layouts and caches are there after a few frames.
        for _ in 0..10 {
            window.frame(vec![]);
        }
        line(name, "idle", (0..frames).map(|_| window.frame(vec![])).collect());
        // Down and up again, so that the list does not come to its end.
        let wheel = |frame: usize| if (frame / 50).is_multiple_of(2) { 40.0 } else { -40.0 };
        line(name, "scrolling", (0..frames).map(|frame| window.frame(vec![scroll(wheel(frame))])).collect());
        line(name, "new output", (0..frames).map(|frame| window.frame_with_output(frame)).collect());
    }
}

fn line(panel: &str, kind: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: usize| times[(times.len() * share).div_ceil(100).max(1) - 1].as_secs_f64() * 1e3;
    println!("{panel:<10} {kind:<10} {:>8.2} {:>8.2} {:>8.2}", at(50), at(95), at(100));
}

fn scroll(by: f32) -> Input {
    Input::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: Vec2::new(0.0, by),
        phase: TouchPhase::Move,
        source: MouseWheelSource::Wheel,
        modifiers: Modifiers::NONE,
    }
}

struct Window {
    ctx: Context,
    frame: eframe::Frame,
    app: WindowApp,
    events: Sender<Event>,
    time: f64,
}

impl Window {
    fn new() -> Self {
        let (events, received) = channel();
        let ctx = Context::default();
        let none = || Connection { events: channel().1, send: Box::new(|_| ()) };
        let desk = Desk {
            open: Box::new(move |_, _| none()),
            experiment: Box::new(|_| ExperimentConnection { events: channel().1, send: Box::new(|_| ()) }),
            chore: Box::new(|_| ()),
            chores_done: channel().1,
        };
        let settings = Settings { theme: ThemeChoice::Dark, ..Settings::default() };
        let start = Start {
            places: Places::default(),
            desk,
            session: Some(Connection { events: received, send: Box::new(|_| ()) }),
            loaded: Loaded { settings, ..Loaded::default() },
            locale: Some("en-GB".to_owned()),
        };
        let app = WindowApp::new(&ctx, start, || NOW);
        let mut window = Self { ctx, frame: eframe::Frame::_new_kittest(), app, events, time: 0.0 };
        for event in events_of_a_long_day() {
            window.send(event);
        }
        // The pointer is over the list below.
        window.frame(vec![Input::PointerMoved(Pos2::new(900.0, 780.0))]);
        while window.app.model().output.len() < LINES {
            window.frame(vec![]);
        }
        window
    }

    fn send(&self, event: Event) {
        self.events.send(event).expect("the window listens");
    }

    fn press(&mut self, key: Key) {
        let event =
            |pressed| Input::Key { key, physical_key: None, pressed, repeat: false, modifiers: Modifiers::COMMAND };
        self.frame(vec![event(true), event(false)]);
    }

    fn frame_with_output(&mut self, number: usize) -> Duration {
        self.send(output(number));
        self.frame(vec![])
    }

    /// Draws a frame, and gives the time that it took.
    fn frame(&mut self, events: Vec<Input>) -> Duration {
        self.time += 1.0 / 60.0;
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, SIZE)),
            time: Some(self.time),
            events,
            ..RawInput::default()
        };
        let begin = Instant::now();
        let Self { ctx, frame, app, .. } = self;
        let mut output = ctx.run_ui(input, |ui| {
            app.logic(ui.ctx(), frame);
            app.ui(ui, frame);
        });
        let drawn = ctx.tessellate(output.shapes, output.pixels_per_point);
        let took = begin.elapsed();
        // There is nobody to upload the font's pixels.
        output.textures_delta.clear();
        assert!(!drawn.is_empty(), "something was drawn");
        took
    }
}

fn events_of_a_long_day() -> Vec<Event> {
    let pin = "greet(\"World\")".to_owned();
    let guest = GuestInfo {
        name: "greetings".to_owned(),
        manifest: "/w/greetings/Cargo.toml".into(),
        workspace_root: "/w".into(),
        history: "/w/target/exuvia/greetings".into(),
        selection: Selection::default(),
    };
    let versions = (1..=VERSIONS).map(|number| version(number, &pin)).collect();
    let opened = Event::Opened { guest, versions, failures: Vec::new(), pins: vec![pin] };
    let activated = (0..100).map(|_| Event::Activated {
        version: VersionNumber(VERSIONS),
        from: Some(VersionNumber(VERSIONS - 1)),
        verdict: Verdict::new(VerdictKind::Hot, "no state to carry"),
        durations: durations(),
    });
    let mut events = vec![opened];
    events.extend(activated);
    events.push(Event::Failed { record: failed() });
    events.extend((0..LINES).map(output));
    events
}

fn output(number: usize) -> Event {
    let text =
        format!("{number}: \u{1b}[32mHello\u{1b}[0m, World from the plugin, 你好! {}\n", "x".repeat(number % 60));
    let stream = if number.is_multiple_of(7) { Stream::Stderr } else { Stream::Stdout };
    Event::Output { version: VersionNumber(VERSIONS), stream, text }
}

fn durations() -> Durations {
    Durations {
        watch: Some(1_200),
        build: Some(640_000),
        stage: Some(2_100),
        verify: Some(3_000),
        swap: Some(400),
        probation: Some(90),
        lock: None,
        phases: None,
    }
}

fn version(number: u32, pin: &str) -> VersionRow {
    let answer = Answer::Returned { value: format!("Hello, World {number}").into() };
    let record = VersionRecord {
        number: VersionNumber(number),
        generation: Generation(number.into()),
        built_at: Timestamp(NOW.0 - u64::from(VERSIONS - number) * 60_000),
        cause: Cause::Saved { paths: vec!["greetings/src/lib.rs".into()] },
        sources: SourceHashes::default(),
        artifact: ArtifactRecord { file: "greetings.so".into(), bytes: 40_000, hash: ContentHash("0".repeat(64)) },
        selection: Selection::default(),
        path: BuildPath::default(),
        durations: durations(),
        warnings: Vec::new(),
        stamp: StampRecord::default(),
        exports: Vec::new(),
        state_type: None,
        verdict: Verdict::new(VerdictKind::Hot, "no state to carry"),
    };
    let pinned_results = vec![PinnedResult { call: pin.to_owned(), answer }];
    VersionRow { record, marks: Marks { standing: Standing::Good, pinned_results, ..Marks::default() } }
}

fn failed() -> FailedRecord {
    let diagnostics = (0..PROBLEMS).map(problem).collect();
    FailedRecord {
        generation: Generation(u64::from(VERSIONS) + 1),
        at: NOW,
        cause: Cause::Saved { paths: vec!["greetings/src/lib.rs".into()] },
        failure: Failure::Build {
            message: "could not compile `greetings`".to_owned(),
            diagnostics,
            stderr: String::new(),
        },
        path: BuildPath::default(),
        durations: durations(),
    }
}

fn problem(number: usize) -> Diagnostic {
    let (level, word, color) =
        if number.is_multiple_of(3) { (Level::Error, "error[E0308]", 9) } else { (Level::Warning, "warning", 11) };
    let (bold, blue, reset) = ("\u{1b}[1m", "\u{1b}[38;5;12m", "\u{1b}[0m");
    let source: String = (number..number + 8)
        .map(|line| format!("{bold}{blue}{line:<4} |{reset}     let text: u32 = format!(\"Hello, {{name}}\");\n"))
        .collect();
    Diagnostic {
        level,
        message: "mismatched types".to_owned(),
        code: None,
        place: Some(Place { file: "greetings/src/lib.rs".into(), line: number + 1, column: 21 }),
        rendered: format!(
            "{bold}\u{1b}[38;5;{color}m{word}{reset}{bold}: mismatched types{reset}\n    {bold}{blue}--> \
             {reset}greetings/src/lib.rs:{}:21\n{source}     {bold}{blue}|{reset}                     {bold}^^^^ expected \
             `u32`, found `String`{reset}\n",
            number + 1
        ),
    }
}
