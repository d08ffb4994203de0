//! Figure mode over the whole window: what it hides, and that no figure of the sample is empty.

use eframe::egui::{Context, Theme};
use egui_kittest::kittest::{NodeT, Queryable};
use exuvia_runtime::experiment::ExperimentEvent;
use exuvia_runtime::history::compare::CompareOutcome;
use exuvia_runtime::history::record::{Cause, Failure};
use exuvia_runtime::ids::VersionNumber;
use exuvia_runtime::session::{Command, Event, GuestInfo, StateMoment, Stream, WatchMode};
use serde_json::json;

use super::actions::Action;
use super::dock::Panel;
use super::tests::Window;
use super::view_state::{Overlay, Page};
use crate::model::samples::*;
use crate::settings::{Folders, Loaded, RecentGuest};

/// What must not be seen.
const HOME: &str = "/home/x";

impl Window {
    fn act(&mut self, action: Action) {
        let ctx: Context = self.harness.ctx.clone();
        self.harness.state_mut().act(&ctx, action);
        self.harness.run();
    }

    /// Every text of the accessibility tree that names the home folder.
    fn leaks(&self) -> Vec<String> {
        let mut leaks = Vec::new();
        let mut nodes = vec![self.harness.root().accesskit_node()];
        while let Some(node) = nodes.pop() {
            let texts = [node.label(), node.value(), node.description()];
            leaks.extend(texts.into_iter().flatten().filter(|text| text.contains(HOME)));
            nodes.extend(node.children());
        }
        leaks
    }
}

fn message() -> String {
    format!("{HOME}/other/libg.so and {HOME}/project/target cannot be read; look at {HOME}/project/Cargo.toml")
}

/// A guest below the home folder, and whatever can name a file told of it.
fn guest_events() -> Vec<Event> {
    let guest = GuestInfo {
        manifest: format!("{HOME}/project/Cargo.toml").into(),
        workspace_root: format!("{HOME}/project").into(),
        history: format!("{HOME}/project/target/exuvia/greetings").into(),
        ..guest()
    };
    let mut row = version(2, 3);
    row.record.artifact.file = format!("{HOME}/project/target/exuvia/greetings/2.so").into();
    row.record.cause = Cause::Saved { paths: vec![format!("{HOME}/project/src/lib.rs").into()] };
    row.record.state_type = Some("greetings::Guestbook".to_owned());
    let mut failed = failure(3, 1);
    failed.failure = Failure::Load { message: message() };
    vec![
        Event::Opened { guest, versions: vec![version(1, 9), row], failures: vec![], pins: vec![] },
        activated(2),
        Event::State {
            version: VersionNumber(2),
            moment: StateMoment::Activated,
            value: Some(json!({ "file": format!("{HOME}/notes.txt") })),
            bytes: 40,
        },
        Event::Output { version: VersionNumber(2), stream: Stream::Stdout, text: format!("reads {HOME}/notes.txt\n") },
        Event::Pins { pins: vec![format!("read(\"{HOME}/b\")")] },
        Event::PinnedResult {
            version: VersionNumber(2),
            call: format!("read(\"{HOME}/b\")"),
            answer: returned(&format!("{HOME}/b is there")),
        },
        Event::Watching { mode: WatchMode::Blind { reason: message() }, files: 0 },
        Event::Notice { message: message() },
        Event::Failed { record: failed },
    ]
}

fn window() -> Window {
    let mut loaded = Loaded::default();
    let manifest = format!("{HOME}/hopper/Cargo.toml").into();
    loaded.remembered.recent = vec![RecentGuest { name: "hopper".to_owned(), manifest, at: minutes_ago(3) }];
    let mut window = Window::started(1600.0, 1000.0, Theme::Light, true, loaded);
    let folders = Folders { config: format!("{HOME}/.config/exuvia").into(), state: format!("{HOME}/.state").into() };
    window.harness.state_mut().view.places.folders = Some(folders);
    window.harness.state_mut().view.settings.editor = Some(format!("{HOME}/bin/edit --wait"));
    window.harness.state_mut().view.guest.call_text = format!("greet(\"{HOME}/c\")");
    window.hear(guest_events());
    let call = format!("greet(\"{HOME}/a\")");
    window.act(Action::Call(call.clone()));
    let answer = returned(&format!("{HOME}/notes.txt"));
    window.hear([Event::Answered { id: 1, call, version: Some(VersionNumber(2)), answer, micros: 90 }]);
    window.sent();
    window
}

/// Shows every panel and page one after the other, and gives the leaks of each.
fn tour(window: &mut Window) -> Vec<(String, Vec<String>)> {
    let mut leaks = Vec::new();
    window.act(Action::ShowPage(Page::Workbench));
    for panel in Panel::ALL {
        window.act(Action::ShowPanel(panel));
        // The comparison that the Change panel asks for does not succeed.
        let asked = window.sent();
        window.hear(asked.into_iter().filter_map(|command| match command {
            Command::Compare { id, from, to } => {
                Some(Event::Compared { id, from, to, outcome: CompareOutcome::Failed { message: message() } })
            }
            _ => None,
        }));
        leaks.push((format!("{panel:?}"), window.leaks()));
    }
    for overlay in [Overlay::OpenGuest, Overlay::NewGuest] {
        window.act(Action::Open(overlay));
        let view = &mut window.harness.state_mut().view;
        view.guest.open_guest.text = format!("{HOME}/typed");
        view.guest.new_guest.fail(message());
        window.harness.run();
        leaks.push((format!("{overlay:?}"), window.leaks()));
        window.act(Action::CloseOverlay);
    }
    for page in [Page::Welcome, Page::Settings, Page::Experiment] {
        window.act(Action::ShowPage(page));
        leaks.push((format!("{page:?}"), window.leaks()));
    }
    let fails = ExperimentEvent::Failed { message: message() };
    window.harness.state_mut().tell_experiment(fails);
    window.harness.run();
    leaks.push(("a failed experiment".to_owned(), window.leaks()));
    let ctx = window.harness.ctx.clone();
    window.harness.state_mut().act(&ctx, Action::ShowPage(Page::Welcome));
    window.hear([Event::OpenFailed { message: message() }]);
    leaks.push(("a guest that does not open".to_owned(), window.leaks()));
    leaks
}

#[test]
fn no_panel_or_page_shows_a_machine_path_in_figure_mode() {
    let mut window = window();
    window.act(Action::ToggleFigureMode);
    for (place, leaks) in tour(&mut window) {
        assert!(leaks.is_empty(), "{place}: {leaks:?}");
    }
}

/// Without this the test above could pass because nothing is looked at.
#[test]
fn outside_figure_mode_the_paths_are_there() {
    let without: Vec<_> = tour(&mut window()).into_iter().filter(|(_, leaks)| leaks.is_empty()).collect();
    let named: Vec<_> = without.iter().map(|(place, _)| place.as_str()).collect();
    for place in [
        "Calls",
        "Output",
        "OpenGuest",
        "NewGuest",
        "Problems",
        "Details",
        "State",
        "Change",
        "Log",
        "Welcome",
        "Settings",
        "a failed experiment",
        "a guest that does not open",
    ] {
        assert!(!named.contains(&place), "{place} names no path: {named:?}");
    }
}

/// Tooltips are drawn only under the pointer.
#[test]
fn no_tooltip_shows_a_machine_path_in_figure_mode() {
    for on in [true, false] {
        let mut window = window();
        if on {
            window.act(Action::ToggleFigureMode);
        }
        window.act(Action::ShowPanel(Panel::Calls));
        let before = window.leaks().len();
        for label in ["load failed, ", "changes are not noticed"] {
            let node = window.harness.query_all_by_label_contains(label).last();
            let place = node.unwrap_or_else(|| panic!("{label} is not there")).rect().center();
            window.harness.hover_at(place);
            window.harness.run_steps(40);
            let leaks = window.leaks();
            // Outside figure mode the tooltip is there, and its path.
            assert_eq!(leaks.len() > before, !on, "{label}: {leaks:?}");
        }
    }
}
