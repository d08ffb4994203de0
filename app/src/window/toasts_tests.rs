//! Which events are noticed, for how long, and what the notices offer.

use std::collections::BTreeSet;

use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers, Pos2, Rect, Theme, ViewportCommand, ViewportId};
use egui_kittest::kittest::{NodeT, Queryable};
use exuvia_runtime::history::record::{Cause, Durations};
use exuvia_runtime::ids::Generation;
use exuvia_runtime::session::Command;

use super::super::tests::Window;
use super::*;
use crate::model::samples::*;

fn took_over(version: u32, from: u32, kind: VerdictKind) -> Event {
    let verdict = Verdict::new(kind, "no state to carry");
    let (version, from) = (VersionNumber(version), Some(VersionNumber(from)));
    Event::Activated { version, from, verdict, durations: Durations::default() }
}

fn fault(version: u32) -> Event {
    Event::Fault { version: VersionNumber(version), fault: "SIGSEGV during greet".to_owned() }
}

#[test]
fn what_a_person_wants_to_know_is_noticed() {
    let mut refused = version(4, 0);
    refused.marks.standing = Standing::Refused;
    let mut fallen = version(4, 0);
    fallen.marks.standing = Standing::Faulted { fault: "SIGABRT".to_owned() };
    let row = |row| Event::Recorded { row: Box::new(row) };
    let kept = Retirement::Kept { why: "2 threads are alive".to_owned(), bytes: 4_096 };
    for (event, expected) in [
        (took_over(2, 1, VerdictKind::Hot), Some("v2 runs: Hot")),
        (took_over(1, 2, VerdictKind::Reset), Some("v1 runs: Reset")),
        // The first one at start, and what the engine starts again.
        (activated(1), None),
        (took_over(2, 2, VerdictKind::Restarted), None),
        (took_over(1, 2, VerdictKind::Restarted), None),
        (Event::Failed { record: failure(3, 0) }, Some("Build failed")),
        (row(version(3, 0)), None),
        (row(refused), Some("v4 was refused")),
        (row(fallen), Some("v4 faulted")),
        (fault(2), Some("v2 faulted")),
        (Event::CommandRefused { message: "no".to_owned() }, Some("Not done")),
        (Event::NotActivated { version: VersionNumber(1), message: "no".to_owned() }, Some("v1 was not activated")),
        (Event::Retired { version: VersionNumber(1), retirement: kept }, Some("v1 is kept mapped")),
        (Event::Retired { version: VersionNumber(1), retirement: Retirement::Unmapped }, None),
        (Event::AutoReload { on: true }, None),
    ] {
        let words = Notice::of(&event).map(|notice| notice.words(Language::English).0);
        assert_eq!(words.as_deref(), expected, "{event:?}");
    }
}

#[test]
fn that_somebody_killed_the_runner_is_said_and_stays_the_newest_word() {
    let mut window = Window::running();
    let killed = Event::Killed { version: VersionNumber(2), ending: "SIGKILL (killed)".to_owned(), snapshot: true };
    assert_eq!(Notice::of(&killed).map(|notice| notice.tone()), Some(Tone::Attention));
    assert!(!is_bad(&killed), "nobody is called to the window for it");
    window.hear([killed, took_over(2, 2, VerdictKind::Restarted)]);
    let toast = "The guest's process was killed. SIGKILL (killed); v2 goes on from its last snapshot";
    assert_eq!(window.harness.get_by_label(toast).accesskit_node().role(), Role::Status);
    let line = "the guest's process was killed: SIGKILL (killed); v2 goes on from its last snapshot";
    assert!(window.shows(line), "the line below");
    assert_eq!(window.harness.state().model().log.newest().and_then(|entry| entry.line.tone()), Some(Tone::Attention));
    window.speak_chinese();
    assert!(window.shows("SIGKILL (killed)；v2 从最近的快照继续运行"));
    // What comes after it is told as ever.
    window.hear([took_over(3, 2, VerdictKind::Hot)]);
    assert_eq!(window.harness.state().model().log.newest().and_then(|entry| entry.line.tone()), Some(Tone::Good));
}

#[test]
fn at_most_three_are_shown_and_the_latest_word_counts() {
    let titles = |events: &[Event]| {
        let mut toasts = Toasts::default();
        events.iter().for_each(|event| toasts.hear(event, Some(VersionNumber(1))));
        toasts.shown.iter().map(|toast| toast.notice.words(Language::English).0).collect::<Vec<_>>()
    };
    let failed = || Event::Failed { record: failure(3, 0) };
    let started = || Event::BuildStarted { generation: Generation(4), cause: Cause::Asked };
    let hot = |version, from| took_over(version, from, VerdictKind::Hot);
    let again = |version, from| took_over(version, from, VerdictKind::Restarted);
    let mut fallen = version(4, 0);
    fallen.marks.standing = Standing::Faulted { fault: "SIGABRT".to_owned() };
    for (events, expected) in [
        (vec![failed()], vec!["Build failed"]),
        (vec![failed(), started()], vec![]),
        (vec![failed(), hot(2, 1)], vec!["v2 runs: Hot"]),
        (vec![hot(2, 1), fault(2)], vec!["v2 faulted"]),
        (vec![fault(2), again(1, 2)], vec!["v2 faulted; back on v1"]),
        (vec![fault(2), again(2, 2)], vec!["v2 faulted and runs again"]),
        // What was said of one fault is not changed by what comes later.
        (vec![fault(2), again(1, 2), hot(3, 1)], vec!["v2 faulted; back on v1", "v3 runs: Hot"]),
        // The old one fell while its state was asked for.
        (vec![fault(2), hot(3, 2)], vec!["v2 faulted; v3 runs", "v3 runs: Hot"]),
        (vec![Event::Recorded { row: Box::new(fallen) }], vec!["v4 faulted; back on v1"]),
        (vec![fault(1), fault(2), fault(2), fault(3), fault(4)], vec!["v2 faulted", "v3 faulted", "v4 faulted"]),
    ] {
        assert_eq!(titles(&events), expected, "{events:?}");
    }
}

#[test]
fn they_go_after_their_time_unless_somebody_reads_them() {
    let mut toasts = Toasts::default();
    toasts.add(Notice::of(&fault(1)).unwrap());
    assert!(toasts.pass(10.0, false).is_some_and(|after| after.as_secs_f64() > 5.9), "counted from when it was seen");
    toasts.add(Notice::of(&fault(2)).unwrap());
    toasts.pass(14.0, false);
    assert_eq!(toasts.shown.len(), 2);
    assert_eq!(toasts.pass(15.9, true), None, "no repaint while it is read");
    toasts.pass(17.0, false);
    assert_eq!(toasts.shown.len(), 2, "the pointer has just left");
    toasts.pass(18.0, false);
    assert_eq!(toasts.shown.len(), 1);
    assert_eq!(toasts.pass(20.5, false), None);
    assert!(toasts.shown.is_empty());
}

#[test]
fn a_reload_can_be_undone_where_it_is_told() {
    let mut window = Window::running();
    window.hear([took_over(3, 2, VerdictKind::Hot), status_running(3)]);
    let toast = window.harness.get_by_label("v3 runs: Hot. no state to carry");
    assert_eq!(toast.accesskit_node().role(), Role::Status);
    let buttons = window.harness.query_all_by_label("Roll back to v2").count();
    assert_eq!(buttons, 2, "in the row and in the notice");
    window.harness.query_all_by_label("Roll back to v2").last().unwrap().click();
    window.harness.run();
    assert_eq!(window.sent(), [Command::Activate { version: VersionNumber(2) }]);
    assert!(!window.shows("v3 runs: Hot"));
}

fn status_running(version: u32) -> Event {
    status(exuvia_runtime::session::status::Phase::Idle, Some(version))
}

#[test]
fn a_notice_goes_by_itself_and_can_be_dismissed() {
    let mut window = Window::running();
    window.hear([took_over(3, 2, VerdictKind::Hot)]);
    assert!(window.shows("v3 runs: Hot."));
    window.harness.run_steps(130);
    assert!(!window.shows("v3 runs: Hot."));
    window.hear([fault(3)]);
    window.click("Dismiss");
    assert!(!window.shows("v3 faulted. SIGSEGV"));
}

#[test]
fn after_a_fault_it_is_said_what_runs_and_how_to_go_on() {
    let mut window = Window::running();
    window.hear([took_over(3, 2, VerdictKind::Hot), fault(3), took_over(2, 3, VerdictKind::Restarted)]);
    let faulted = exuvia_runtime::session::status::Phase::Faulted { faulted: VersionNumber(3) };
    window.hear([status(faulted, Some(2))]);
    assert!(window.shows("v3 faulted; back on v2."));
    assert!(window.shows("v2 runs; v3 faulted"), "the pill");
    assert_eq!(window.harness.state().model().tone(), Tone::Attention);
    window.click("Activate v3 again");
    assert_eq!(window.sent(), [Command::Activate { version: VersionNumber(3) }]);
    window.hear([fault(3), took_over(3, 3, VerdictKind::Restarted), status_running(3)]);
    window.click("Log");
    window.click("Show why");
    assert!(window.shows("SIGSEGV during greet"));
    // Where the reason is in view already, nothing leads to it.
    window.hear([fault(3)]);
    assert!(!window.shows("Show why"));
    window.click("Log");
    window.speak_chinese();
    assert!(window.shows("查看原因"));
}

#[test]
fn a_failure_leads_to_its_problems() {
    let mut window = Window::running();
    window.hear([Event::Failed { record: failure(4, 0) }]);
    window.click("Log");
    assert!(!window.shows("error: mismatched types"));
    window.click("Show problems");
    assert!(window.shows("error: mismatched types"));
}

#[test]
fn nothing_is_noticed_at_start() {
    for theme in [Theme::Dark, Theme::Light] {
        let mut window = Window::sized(800.0, 600.0, theme);
        window.hear(super::super::tests::running());
        assert_eq!(window.harness.query_all_by_label("Dismiss").count(), 0);
    }
}

#[test]
fn a_window_without_focus_asks_for_attention() {
    let commands = |window: &Window| {
        let output = &window.harness.output().viewport_output[&ViewportId::ROOT];
        let asks = |command: &&ViewportCommand| matches!(command, ViewportCommand::RequestUserAttention(_));
        output.commands.iter().filter(asks).count()
    };
    let mut window = Window::running();
    window.events.send(fault(2)).unwrap();
    window.harness.step();
    assert_eq!(commands(&window), 0, "it has the focus");
    window.harness.input_mut().focused = false;
    window.harness.step();
    window.events.send(fault(2)).unwrap();
    window.harness.step();
    assert_eq!(commands(&window), 1);
}

#[test]
fn they_speak_chinese_and_can_be_switched_off() {
    let mut window = Window::running();
    window.speak_chinese();
    window.hear([took_over(3, 2, VerdictKind::Hot)]);
    assert!(window.shows("v3 已运行：热替换"));
    window.harness.state_mut().view.settings.toasts = false;
    window.hear([fault(3)]);
    assert!(window.harness.query_by_role(Role::Alert).is_none());
}

/// What of the texts lies, at least in part, in this place.
fn texts_in(window: &Window, place: Rect) -> BTreeSet<String> {
    let within = place.shrink(0.5);
    let texts = window.painted().into_iter().filter(|(_, seen, _)| seen.intersects(within));
    // What stands on small buttons is everywhere the same.
    texts.map(|(text, ..)| text).filter(|text| text.len() > 3).collect()
}

fn place_of(window: &Window) -> Rect {
    let notices = window.harness.query_all_by(|node| matches!(node.role(), Role::Alert | Role::Status));
    notices.map(|node| node.rect()).reduce(Rect::union).expect("a notice")
}

#[test]
fn they_cover_nothing_that_can_be_read() {
    // The last two are 1280x720 at 150 %, and beside an editor.
    for (width, height) in [(1440.0, 900.0), (1280.0, 720.0), (853.0, 480.0), (640.0, 720.0)] {
        for page in [Page::Workbench, Page::Experiment, Page::Settings, Page::Welcome] {
            let mut window = Window::sized(width, height, Theme::Dark);
            window.hear(super::super::tests::running());
            window.hear((10..90).map(|n| Event::Notice { message: format!("notice number {n}") }));
            window.click("Log");
            let ctx = window.harness.ctx.clone();
            window.harness.state_mut().act(&ctx, Action::ShowPage(page));
            window.harness.run();
            let rest = window.painted();
            window.hear([
                took_over(3, 2, VerdictKind::Hot),
                fault(3),
                Event::CommandRefused { message: "no".to_owned() },
            ]);
            let place = place_of(&window);
            assert!(place.left() < 1.0 && place.right() > width - 1.0 && place.bottom() < height, "{place:?}");
            assert!(place.height() <= (height * 0.25).max(60.0), "{place:?} of {height}");
            let before: BTreeSet<_> = rest
                .into_iter()
                .filter(|(text, seen, _)| text.len() > 3 && seen.intersects(place.shrink(0.5)))
                .map(|(text, ..)| text)
                .collect();
            let covered: Vec<_> = texts_in(&window, place).intersection(&before).cloned().collect();
            assert_eq!(covered, [""; 0], "{width}x{height}, {page:?}");
            if page == Page::Workbench {
                assert!(!before.is_empty(), "something was there that could be covered");
                let tab = window.harness.get_by_label("Output").rect();
                assert!(tab.bottom() <= place.top(), "{tab:?}, {place:?}");
            }
        }
    }
}

#[test]
fn nothing_moves_when_a_notice_comes() {
    let mut window = Window::running();
    let places = |window: &Window| {
        ["Versions", "Calls", "State", "Output", "fn greet(name: &str) -> String"]
            .map(|label| window.harness.get_by_label(label).rect().min)
    };
    let before = places(&window);
    window.hear([Event::CommandRefused { message: "no".to_owned() }]);
    assert!(window.shows("Not done. no"));
    assert_eq!(places(&window), before);
}

#[test]
fn they_offer_no_way_to_what_is_seen() {
    let mut window = Window::running();
    window.hear([Event::Failed { record: failure(4, 0) }]);
    assert!(!window.shows("Show problems"), "they are in view");
    window.press(Modifiers::COMMAND, Key::E);
    assert!(window.shows("Show problems"), "another page is shown");
}

#[test]
fn a_pointer_that_rests_where_they_appear_does_not_hold_them() {
    let mut window = Window::running();
    window.harness.hover_at(Pos2::new(640.0, 680.0));
    window.harness.run();
    window.hear([took_over(3, 2, VerdictKind::Hot)]);
    assert!(place_of(&window).contains(Pos2::new(640.0, 680.0)));
    window.harness.run_steps(130);
    assert!(!window.shows("v3 runs: Hot."), "nobody reads it");
    window.hear([took_over(3, 2, VerdictKind::Hot)]);
    window.harness.hover_at(Pos2::new(650.0, 680.0));
    window.harness.run_steps(130);
    assert!(window.shows("v3 runs: Hot."), "somebody does");
}

#[test]
fn a_notice_that_goes_is_taken_off_the_screen_at_once() {
    let mut window = Window::running();
    window.hear([took_over(3, 2, VerdictKind::Hot)]);
    let left = (0..200).find(|_| {
        window.harness.step();
        window.harness.state().view.guest.toasts.shown.is_empty()
    });
    assert!(left.is_some(), "its time is over");
    // It was drawn in this very step.
    let delay = window.harness.output().viewport_output[&ViewportId::ROOT].repaint_delay;
    assert_eq!(delay, Duration::ZERO);
}
