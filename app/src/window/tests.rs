//! The whole window, without a screen: events go in through the channel, people act through the
//! accessibility tree and the keyboard, commands come out.

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

use eframe::egui::accesskit::Role;
use eframe::egui::{Color32, ColorImage, Key, Modifiers, Rect, Shape, Theme, ViewportCommand};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use exuvia_runtime::build::diagnostic::Level;
use exuvia_runtime::experiment::{ExperimentCommand, ExperimentEvent};
use exuvia_runtime::history::record::{Cause, Marks, Standing};
use exuvia_runtime::ids::{Generation, VersionNumber};
use exuvia_runtime::session::status::Phase;
use exuvia_runtime::session::{Command, Event, Stream, WatchMode};

use super::actions::Action;
use super::{Connection, Desk, ExperimentConnection, Start, WindowApp};
use crate::chores::{Chore, ChoreDone};
use crate::model::samples::*;
use crate::settings::{LanguageChoice, Loaded, Settings};

mod calls;
mod keys;
mod lower;
mod menus;
mod palette;
mod ways;

pub(super) struct Window {
    pub(super) harness: Harness<'static, WindowApp>,
    pub(super) events: Sender<Event>,
    sent: Rc<RefCell<Vec<Command>>>,
    chores: Rc<RefCell<Vec<Chore>>>,
    done: Sender<ChoreDone>,
    opened: Rc<RefCell<Vec<PathBuf>>>,
    /// Tells of the latest experiment.
    pub(super) experiment: Rc<RefCell<Option<Sender<ExperimentEvent>>>>,
    /// The experiments that were started: with a thread-local, or not.
    pub(super) started: Rc<RefCell<Vec<bool>>>,
    asked: Rc<RefCell<Vec<ExperimentCommand>>>,
}

impl Window {
    pub(super) fn sized(width: f32, height: f32, theme: Theme) -> Self {
        Self::with(width, height, theme, LanguageChoice::System)
    }

    pub(super) fn with(width: f32, height: f32, theme: Theme, language: LanguageChoice) -> Self {
        let loaded = Loaded { settings: Settings { language, ..Settings::default() }, ..Loaded::default() };
        Self::started(width, height, theme, true, loaded)
    }

    /// Guests that are opened later tell nothing; chores are done by the tests.
    pub(super) fn started(width: f32, height: f32, theme: Theme, with_guest: bool, loaded: Loaded) -> Self {
        let (events, received) = channel();
        let (done, chores_done) = channel();
        let sent: Rc<RefCell<Vec<Command>>> = Rc::default();
        let chores: Rc<RefCell<Vec<Chore>>> = Rc::default();
        let opened: Rc<RefCell<Vec<PathBuf>>> = Rc::default();
        let log = Rc::clone(&sent);
        let connection = Connection { events: received, send: Box::new(move |command| log.borrow_mut().push(command)) };
        let (noted, paths) = (Rc::clone(&chores), Rc::clone(&opened));
        let experiment: Rc<RefCell<Option<Sender<ExperimentEvent>>>> = Rc::default();
        let started: Rc<RefCell<Vec<bool>>> = Rc::default();
        let asked: Rc<RefCell<Vec<ExperimentCommand>>> = Rc::default();
        let (tells, begun, heard) = (Rc::clone(&experiment), Rc::clone(&started), Rc::clone(&asked));
        let experiment_of = move |thread_local| {
            let (sender, events) = channel();
            *tells.borrow_mut() = Some(sender);
            begun.borrow_mut().push(thread_local);
            let heard = Rc::clone(&heard);
            ExperimentConnection { events, send: Box::new(move |command| heard.borrow_mut().push(command)) }
        };
        let desk = Desk {
            experiment: Box::new(experiment_of),
            open: Box::new(move |path, _| {
                paths.borrow_mut().push(path.to_owned());
                Connection { events: channel().1, send: Box::new(|_| ()) }
            }),
            chore: Box::new(move |chore| noted.borrow_mut().push(chore)),
            chores_done,
        };
        let places = super::Places { home: Some("/h".into()), here: Some("/w".into()), ..super::Places::default() };
        let session = with_guest.then_some(connection);
        let start = Start { desk, session, loaded, locale: Some("en-GB".to_owned()), places };
        let harness = Harness::builder()
            .with_size([width, height])
            .with_theme(theme)
            // Fast enough for a double click.
            .with_step_dt(0.05)
            .build_eframe(|creation| WindowApp::new(&creation.egui_ctx, start, || NOW));
        Self { harness, events, sent, chores, done, opened, experiment, started, asked }
    }

    /// Each text that is drawn: what can be seen of its place, and its colour.
    pub(super) fn painted(&self) -> Vec<(String, Rect, Color32)> {
        fn texts(shape: &Shape, clip: Rect, found: &mut Vec<(String, Rect, Color32)>) {
            match shape {
                Shape::Vec(shapes) => shapes.iter().for_each(|shape| texts(shape, clip, found)),
                Shape::Text(text) => {
                    let place = text.galley.rect.translate(text.pos.to_vec2()).intersect(clip);
                    let color = text.galley.job.sections.first().map_or(text.fallback_color, |part| part.format.color);
                    let color = text.override_text_color.unwrap_or(color);
                    found.push((text.galley.text().to_owned(), place, color));
                }
                _ => {}
            }
        }
        let mut found = Vec::new();
        for clipped in &self.harness.output().shapes {
            texts(&clipped.shape, clipped.clip_rect, &mut found);
        }
        found.retain(|(_, place, _)| place.is_positive());
        found
    }

    /// What was asked of the experiment.
    pub(super) fn asked(&self) -> Vec<ExperimentCommand> {
        self.asked.take()
    }

    /// A chore has ended so.
    pub(super) fn finish(&mut self, done: ChoreDone) {
        self.done.send(done).unwrap();
        self.harness.run();
    }

    /// The chores that were asked for since this was last called.
    pub(super) fn chores(&self) -> Vec<Chore> {
        self.chores.take()
    }

    /// The paths that were opened since this was last called.
    pub(super) fn opened(&self) -> Vec<PathBuf> {
        self.opened.take()
    }

    pub(super) fn new() -> Self {
        Self::sized(1280.0, 720.0, Theme::Dark)
    }

    /// Three versions, of which v2 is active; one pinned call.
    pub(super) fn running() -> Self {
        let mut window = Self::new();
        window.hear(running());
        window
    }

    pub(super) fn hear(&mut self, events: impl IntoIterator<Item = Event>) {
        for event in events {
            self.events.send(event).unwrap();
        }
        self.harness.run();
    }

    pub(super) fn click(&mut self, label: &str) {
        self.harness.get_by_label(label).click();
        self.harness.run();
    }

    pub(super) fn press(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.harness.run();
    }

    /// By way of the palette.
    pub(super) fn speak_chinese(&mut self) {
        self.press(Modifiers::COMMAND, Key::K);
        self.harness.get_by_role_and_label(Role::TextInput, "Find an action").type_text("Chinese");
        self.harness.run();
        self.press(Modifiers::NONE, Key::Enter);
    }

    pub(super) fn type_call(&mut self, text: &str) {
        self.press(Modifiers::COMMAND, Key::L);
        let field = self.harness.get_by_role_and_label(Role::TextInput, "Call to make");
        assert!(field.is_focused());
        field.type_text(text);
        self.harness.run();
    }

    pub(super) fn shows(&self, text: &str) -> bool {
        self.harness.query_all_by_label_contains(text).next().is_some()
    }

    pub(super) fn sent(&self) -> Vec<Command> {
        self.sent.take()
    }
}

pub(super) fn running() -> Vec<Event> {
    let pin = "greet(\"World\")";
    let mut first = version(1, 9);
    first.marks.pinned_results = vec![exuvia_runtime::history::record::PinnedResult {
        call: pin.to_owned(),
        answer: returned("Hello, World from the plugin!"),
    }];
    vec![
        opened(vec![first, version(2, 3), version(3, 1)], vec![failure(2, 5)], &[pin]),
        activated(2),
        status(Phase::Idle, Some(2)),
        Event::Watching { mode: WatchMode::Native, files: 7 },
        Event::PinnedResult { version: VersionNumber(2), call: pin.to_owned(), answer: returned("Hello v2") },
    ]
}

#[test]
fn reasons_leave_the_toolkits_sources_out() {
    for (message, reason) in [
        (
            "os error at /r/winit/mod.rs:765: neither DISPLAY nor: WAYLAND_DISPLAY",
            "neither DISPLAY nor: WAYLAND_DISPLAY",
        ),
        ("plain", "plain"),
    ] {
        assert_eq!(super::without_place(message), reason);
    }
}

#[test]
fn before_anything_each_panel_says_what_will_appear() {
    let mut window = Window::new();
    for text in
        ["opening", "No version yet", "Nothing is loaded yet", "No call yet", "Pinned calls appear here", "No problems"]
    {
        assert!(window.shows(text), "{text}");
    }
    window.click("Output");
    assert!(window.shows("No output yet"));
    window.click("Log");
    assert!(window.shows("Nothing happened yet"));
}

#[test]
fn the_status_and_the_versions_are_shown() {
    let window = Window::running();
    let label = |text| window.harness.get_by_label(text);
    label("running v2 = saved source");
    label("greetings");
    let active = label("v2, active, Hot, lib.rs, 3 min ago");
    assert_eq!(active.accesskit_node().role(), Role::ListBoxOption);
    label("v1, Hot, lib.rs, 9 min ago");
    label("build failed, lib.rs, 5 min ago");
    label("\"Hello, World from the plugin!\"");
    label("watching 7 files");
    let active = window.harness.query_all_by_label("active").count();
    assert_eq!(active, 1, "one version is active");
    assert_eq!(
        window.harness.query_all_by_label("\"Hello v2\"").count(),
        2,
        "in its row and as the pin's latest result"
    );
}

#[test]
fn a_click_rolls_back() {
    let mut window = Window::running();
    window.click("Roll back to v1");
    assert_eq!(window.sent(), [Command::Activate { version: VersionNumber(1) }]);
    window.click("Roll forward to v3");
    assert_eq!(window.sent(), [Command::Activate { version: VersionNumber(3) }]);
    window.click("Roll back");
    window.click("Roll forward");
    assert_eq!(window.sent(), [Command::RollBack, Command::RollForward]);
}

#[test]
fn a_click_on_a_row_selects_it_and_enter_activates_it() {
    let mut window = Window::running();
    window.click("v1, Hot, lib.rs, 9 min ago");
    assert_eq!(window.sent(), []);
    window.press(Modifiers::NONE, Key::Enter);
    assert_eq!(window.sent(), [Command::Activate { version: VersionNumber(1) }]);
}

#[test]
fn a_double_click_on_a_row_activates_it() {
    let mut window = Window::running();
    let row = window.harness.get_by_label("v1, Hot, lib.rs, 9 min ago");
    row.click();
    row.click();
    window.harness.run();
    assert_eq!(window.sent(), [Command::Activate { version: VersionNumber(1) }]);
}

#[test]
fn a_version_is_kept_and_released() {
    let mut window = Window::running();
    let keep = |version, keep| Command::Keep { version: VersionNumber(version), keep };
    let marks = |keep| Marks { keep, standing: Standing::Good, ..Marks::default() };
    window.press(Modifiers::COMMAND, Key::D);
    assert_eq!(window.sent(), [keep(2, true)], "nothing is selected: the active one");
    window.click("v1, Hot, lib.rs, 9 min ago");
    window.press(Modifiers::COMMAND, Key::D);
    window.click("Actions for v1");
    window.click("Keep v1 Ctrl+D");
    assert_eq!(window.sent(), [keep(1, true), keep(1, true)]);
    window.hear([Event::Marked { version: VersionNumber(1), marks: marks(true) }]);
    window.harness.get_by_label("kept");
    window.harness.get_by_label("v1, Hot, kept, lib.rs, 9 min ago");
    window.press(Modifiers::COMMAND, Key::D);
    window.click("Actions for v1");
    window.click("Release v1 Ctrl+D");
    window.click("Menu");
    window.click("Keep or release the selected version Ctrl+D");
    assert_eq!(window.sent(), [keep(1, false), keep(1, false), keep(1, false)]);
    window.hear([Event::Marked { version: VersionNumber(1), marks: marks(false) }]);
    assert!(window.harness.query_by_label("kept").is_none());
}

#[test]
fn a_step_is_offered_where_the_engine_takes_one() {
    let mut window = Window::running();
    let mut first = version(1, 9);
    first.marks.standing = Standing::Refused;
    window.hear([
        Event::Marked { version: VersionNumber(1), marks: first.marks },
        Event::Marked {
            version: VersionNumber(3),
            marks: Marks { standing: Standing::Faulted { fault: "SIGSEGV".to_owned() }, ..Marks::default() },
        },
    ]);
    for label in ["Roll back", "Roll forward"] {
        assert!(window.harness.get_by_label(label).accesskit_node().is_disabled(), "{label}");
    }
    window.press(Modifiers::NONE, Key::ArrowDown);
    assert!(window.harness.get_by_label("v1, Hot, lib.rs, 9 min ago").is_focused(), "it can be selected all the same");
}

#[test]
fn a_build_can_be_cancelled_and_says_what_it_does() {
    let mut window = Window::running();
    window.press(Modifiers::NONE, Key::Escape);
    assert_eq!(window.sent(), [], "nothing is built");
    let generation = Generation(8);
    window.hear([
        Event::BuildStarted { generation, cause: Cause::Asked },
        Event::BuildProgress { generation, text: "Compiling serde v1.0.229".to_owned(), done: None, total: None },
        status(Phase::Building { generation }, Some(2)),
    ]);
    assert!(window.shows("building, running v2"));
    assert!(window.shows("build 8 (asked): Compiling serde v1.0.229"));
    window.press(Modifiers::NONE, Key::Escape);
    window.click("Cancel build");
    assert_eq!(window.sent(), [Command::CancelBuild, Command::CancelBuild]);
}

#[test]
fn problems_come_into_view_with_their_count_and_go_when_mended() {
    let mut window = Window::running();
    window.click("Log");
    window.hear([Event::Failed { record: failure(4, 0) }, status(Phase::BuildFailed, Some(2))]);
    assert!(window.shows("Problems (1 error, 1 warning)"));
    assert!(window.shows("error: mismatched types") && window.shows("build failed, still running v2"));
    let mut warned = version(4, 0);
    warned.record.warnings.push(diagnostic(Level::Warning, "unused import"));
    window.hear([activated(4), Event::Recorded { row: Box::new(warned) }, status(Phase::Idle, Some(4))]);
    assert!(window.shows("Problems (1 warning)") && !window.shows("mismatched types"));
    window.click("build failed, lib.rs, 5 min ago");
    assert!(window.shows("mismatched types") && window.shows("of build 2"));
    window.click("Show the latest attempt");
    assert!(!window.shows("mismatched types"));
}

#[test]
fn output_says_who_wrote_it_and_can_be_cleared() {
    let mut window = Window::running();
    let output = |stream, text: &str| Event::Output { version: VersionNumber(2), stream, text: text.to_owned() };
    window.hear([
        output(Stream::Stdout, "Hello, "),
        output(Stream::Stdout, "World\n"),
        output(Stream::Stderr, "\u{1b}[31moh\u{1b}[0m\n"),
    ]);
    window.click("Output (2)");
    assert!(window.shows("Hello, World") && window.shows("oh"));
    assert!(window.shows("v2 out") && window.shows("v2 err"));
    window.click("Clear output");
    assert!(window.shows("No output yet"));
}

#[test]
fn what_was_refused_is_shown() {
    let mut window = Window::running();
    window.hear([Event::CommandRefused { message: "there is no older version".to_owned() }]);
    assert!(window.shows("there is no older version"));
}

#[test]
fn a_path_that_is_no_guest_is_explained() {
    let mut window = Window::new();
    window.hear([
        Event::OpenFailed { message: "/tmp has no Cargo.toml; name a crate's folder".to_owned() },
        Event::Ended,
    ]);
    assert!(window.shows("/tmp has no Cargo.toml; name a crate's folder") && window.shows("no guest is open"));
}

#[test]
fn a_session_that_is_gone_is_said_to_be_gone() {
    let mut window = Window::running();
    let (events, _) = channel();
    window.events = events;
    window.harness.run();
    assert!(window.shows("the session has ended"));
    window.press(Modifiers::COMMAND, Key::B);
    assert_eq!(window.sent(), []);
}

#[test]
fn everything_lies_inside_the_window() {
    for (width, height, theme) in
        [(1280.0, 720.0, Theme::Light), (1440.0, 900.0, Theme::Dark), (760.0, 600.0, Theme::Light)]
    {
        let mut window = Window::sized(width, height, theme);
        window.hear(running());
        window.press(Modifiers::NONE, Key::ArrowDown);
        for node in window.harness.root().children_recursive() {
            let Some(bounds) = node.accesskit_node().raw_bounds() else { continue };
            let role = node.accesskit_node().role();
            if matches!(role, Role::Button | Role::TextInput | Role::CheckBox) {
                assert!(
                    bounds.x0 >= 0.0
                        && bounds.y0 >= 0.0
                        && bounds.x1 <= f64::from(width)
                        && bounds.y1 <= f64::from(height),
                    "{:?} at {bounds:?} in {width} x {height}",
                    node.accesskit_node().label()
                );
            }
        }
    }
}

#[test]
fn figure_mode_shows_no_machine_path_and_no_age_and_can_be_left() {
    let mut window = Window::running();
    window.hear([Event::CommandRefused { message: "/w/greetings/src/lib.rs is gone from /opt/x/y".to_owned() }]);
    assert!(window.shows("/w/greetings") && window.shows("3 min ago"));
    let theme = window.harness.ctx.theme();
    window.chores.take();
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::F);
    window.harness.get_by_label("greetings v2 · Exuvia 0.1.0 · 2023-11-14 22:13 UTC");
    assert!(window.shows("greetings/src/lib.rs is gone from y") && !window.shows("/w/"));
    assert!(window.shows("11-14 22:10") && !window.shows("min ago"));
    assert_eq!((window.harness.ctx.theme(), window.harness.ctx.zoom_factor()), (Theme::Light, 1.25));
    assert_eq!(window.chores.take(), [], "nothing of it is a setting");
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::T);
    assert_eq!(window.harness.ctx.theme(), Theme::Dark, "a figure may be dark");
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::F);
    assert_eq!((window.harness.ctx.theme(), window.harness.ctx.zoom_factor()), (theme, 1.0));
    assert!(window.shows("3 min ago") && !window.shows("Exuvia 0.1.0"));
}

#[test]
fn a_screenshot_is_asked_of_the_toolkit_and_written() {
    let mut window = Window::running();
    // A key would be pressed in one frame and released in another, of which the last is kept.
    let ctx = window.harness.ctx.clone();
    window.harness.state_mut().act(&ctx, Action::Screenshot);
    let commands = |window: &Window| {
        let output = window.harness.output().viewport_output.values();
        output.flat_map(|viewport| viewport.commands.clone()).collect::<Vec<_>>()
    };
    window.harness.step();
    let screenshot = commands(&window).into_iter().find_map(|command| match command {
        ViewportCommand::Screenshot(callback) => Some(callback),
        _ => None,
    });
    let image = ColorImage::filled([1280, 720], Color32::RED);
    screenshot.expect("it was asked for").complete(Arc::new(image));
    window.harness.run();
    let mut chores = window.chores.take();
    chores.retain(|chore| matches!(chore, Chore::SavePicture { .. }));
    let [Chore::SavePicture { name, picture, title, .. }] = chores.as_slice() else { panic!("{chores:?}") };
    assert_eq!((name.as_str(), picture.width), ("exuvia-greetings-2023-11-14", 1280));
    assert_eq!(title, "greetings, window, 2023-11-14 22:13 UTC");
}

/// Whatever ends the window, the layout is not lost.
#[test]
fn the_layout_is_written_when_it_changes() {
    let mut window = Window::running();
    let layouts = |window: &Window| {
        let kept = window.chores().into_iter().filter_map(|chore| match chore {
            Chore::SaveRemembered(remembered) => remembered.layout_wide,
            _ => None,
        });
        kept.collect::<Vec<_>>()
    };
    assert_eq!(layouts(&window), [] as [serde_json::Value; 0], "nothing has changed");
    window.click("Timeline");
    let [kept] = &layouts(&window)[..] else { panic!("not written once") };
    let mut dock = super::dock::Dock::default();
    dock.take_up(Some(kept), None);
    assert!(dock.is_shown(super::dock::Panel::Timeline));
    window.click("Timeline");
    assert_eq!(layouts(&window).len(), 0, "it was there already");
}
