//! The list of versions in the window: by the accessibility tree, the keyboard and the pointer.

use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::{NodeT, Queryable};
use exuvia_runtime::history::record::{Marks, Standing, VersionRow};
use exuvia_runtime::history::states::LeftState;
use exuvia_runtime::ids::VersionNumber;
use exuvia_runtime::session::{Command, Event, MappedVersion, RunnerMemory};
use exuvia_runtime::swap::verdict::{Verdict, VerdictKind};

use super::super::super::tests::Window;
use crate::model::samples::*;

const NONE: Modifiers = Modifiers::NONE;

/// Many versions, of which the newest is active.
fn many(count: u32) -> Window {
    let mut window = Window::new();
    window.hear([opened((1..=count).map(|number| version(number, 5)).collect(), vec![], &[]), activated(count)]);
    window
}

fn rows(window: &Window) -> usize {
    window.harness.query_all_by_role(Role::ListBoxOption).count()
}

fn focused(window: &Window, name: &str) -> bool {
    window.harness.query_all_by_label_contains(name).any(|node| node.is_focused())
}

fn filter(window: &mut Window, text: &str) {
    window.press(Modifiers::COMMAND, Key::F);
    let field = window.harness.get_by_role_and_label(Role::TextInput, "Filter versions");
    assert!(field.is_focused());
    field.type_text(text);
    window.harness.run();
}

fn noted(number: u32, note: &str) -> Event {
    let marks = Marks { note: note.to_owned(), standing: Standing::Good, ..Marks::default() };
    Event::Marked { version: VersionNumber(number), marks }
}

#[test]
fn only_rows_in_view_are_drawn() {
    let window = many(1_000);
    let drawn = rows(&window);
    assert!(drawn > 5 && drawn < 40, "{drawn}");
}

#[test]
fn keys_reach_every_version() {
    let mut window = many(1_000);
    for (key, name) in
        [(Key::End, "v1, Hot"), (Key::ArrowUp, "v2, Hot"), (Key::Home, "v1000, active"), (Key::ArrowDown, "v999, Hot")]
    {
        window.press(NONE, key);
        assert!(focused(&window, name), "{key:?}: {name}");
    }
    window.press(NONE, Key::Home);
    window.press(NONE, Key::PageDown);
    assert!(!focused(&window, "v1000") && !focused(&window, "v999,"), "a page is more than a row");
    window.press(NONE, Key::PageUp);
    assert!(focused(&window, "v1000, active"));
    window.press(NONE, Key::End);
    window.press(NONE, Key::Enter);
    assert_eq!(window.sent(), [Command::Activate { version: VersionNumber(1) }]);
}

#[test]
fn the_filter_narrows_the_list_and_says_how_much() {
    let mut window = Window::running();
    window.hear([noted(3, "with the new parser")]);
    filter(&mut window, "parser");
    assert_eq!(rows(&window), 1);
    assert!(window.shows("1 of 4") && window.shows("with the new parser"));
    window.press(NONE, Key::ArrowDown);
    assert!(focused(&window, "v3, Hot, lib.rs, 1 min ago, note: with the new parser"));
    window.press(NONE, Key::ArrowDown);
    assert!(focused(&window, "v3, Hot"), "the others are filtered out");
    filter(&mut window, " nonsense");
    assert!(window.shows("Nothing matches “parser nonsense”") && window.shows("Esc clears it"));
    window.press(NONE, Key::Escape);
    assert_eq!(rows(&window), 4);
    filter(&mut window, "v2");
    window.click("Clear the filter");
    assert_eq!(rows(&window), 4);
}

#[test]
fn esc_in_the_filter_stops_no_build() {
    use exuvia_runtime::history::record::Cause;
    use exuvia_runtime::ids::Generation;
    let mut window = Window::running();
    window.hear([Event::BuildStarted { generation: Generation(9), cause: Cause::Asked }]);
    filter(&mut window, "v1");
    window.press(NONE, Key::Escape);
    assert_eq!((rows(&window), window.sent()), (4, vec![]));
    window.press(NONE, Key::Escape);
    assert_eq!(window.sent(), [Command::CancelBuild]);
}

#[test]
fn a_note_is_written_and_shown() {
    let mut window = Window::running();
    window.click("v1, Hot, lib.rs, 9 min ago");
    window.press(NONE, Key::F2);
    let field = window.harness.get_by_role_and_label(Role::TextInput, "Note on v1");
    assert!(field.is_focused());
    field.type_text("fast");
    window.harness.run();
    window.press(NONE, Key::Enter);
    let note = |text: &str| Command::Note { version: VersionNumber(1), text: text.to_owned() };
    assert_eq!(window.sent(), [note("fast")]);
    assert!(!window.shows("Note on v1"), "it is closed");
    window.hear([noted(1, "fast")]);
    assert!(window.shows("fast"));
    window.press(NONE, Key::N);
    let field = window.harness.get_by_role_and_label(Role::TextInput, "Note on v1");
    assert_eq!(field.value().as_deref(), Some("fast"), "what was typed to open it is not typed into it");
    window.click("Save");
    assert_eq!(window.sent(), [note("fast")]);
    window.press(NONE, Key::F2);
    window.press(NONE, Key::Escape);
    assert_eq!(window.sent(), []);
}

#[test]
fn removing_asks_first_and_says_why_not() {
    let mut window = Window::running();
    window.press(NONE, Key::ArrowDown);
    window.press(NONE, Key::Delete);
    assert!(window.shows("Remove v1?") && window.shows("This cannot be undone"));
    assert!(window.harness.get_by_label("Cancel").is_focused());
    window.press(NONE, Key::Enter);
    assert_eq!(window.sent(), [], "Enter does no harm");
    window.press(NONE, Key::Delete);
    window.click("Remove v1");
    assert_eq!(window.sent(), [Command::Remove { version: VersionNumber(1) }]);
    window.hear([Event::Pruned { versions: vec![VersionNumber(1)] }]);
    assert!(!window.shows("v1, Hot"));
    // The selection has gone to the next one.
    window.press(NONE, Key::Delete);
    assert!(window.shows("v2 stays") && window.shows("It is active"));
    window.press(NONE, Key::Escape);
    window.press(NONE, Key::ArrowUp);
    window.press(NONE, Key::Delete);
    assert!(window.shows("v3 stays") && window.shows("last good version"));
    let marks = Marks { keep: true, standing: Standing::Good, ..Marks::default() };
    window.hear([Event::Marked { version: VersionNumber(3), marks }]);
    assert!(window.shows("It is kept"));
    assert_eq!(window.sent(), []);
}

#[test]
fn a_version_can_have_the_state_back_that_it_had() {
    let mut window = Window::running();
    let with_state = "Activate v1 with the state it had Shift+Enter";
    window.click("Actions for v1");
    let entry = window.harness.get_by_label(with_state);
    assert!(entry.accesskit_node().is_disabled(), "no state is kept with it");
    window.press(NONE, Key::Escape);

    let left = LeftState { at: NOW, bytes: 12 };
    let marks = Marks { left_state: Some(left), standing: Standing::Good, ..Marks::default() };
    window.hear([Event::Marked { version: VersionNumber(1), marks }]);
    window.click("Actions for v1");
    window.click(with_state);
    assert_eq!(window.sent(), [Command::ActivateWithItsState { version: VersionNumber(1) }]);
}

#[test]
fn a_row_has_a_menu() {
    let mut window = Window::running();
    for open in [true, false] {
        let node = match open {
            true => window.harness.get_by_label("Actions for v1"),
            false => window.harness.get_by_label("v1, Hot, lib.rs, 9 min ago"),
        };
        if open {
            node.click();
        } else {
            node.click_secondary();
        }
        window.harness.run();
        window.click("Keep v1 Ctrl+D");
        let keep = Command::Keep { version: VersionNumber(1), keep: true };
        assert_eq!(window.sent(), [keep]);
    }
    window.click("Actions for v1");
    window.click("Remove v1… Delete");
    assert!(window.shows("Remove v1?"));
}

#[test]
fn a_failed_generation_shows_its_problems() {
    let mut window = Window::running();
    assert!(!window.shows("mismatched types"));
    window.harness.get_by_label("build failed, lib.rs, 5 min ago").focus();
    window.harness.run();
    window.press(NONE, Key::Enter);
    assert!(window.shows("mismatched types"));
}

#[test]
fn faults_and_what_is_kept_mapped_are_marked() {
    let mut window = Window::running();
    let version = VersionNumber(2);
    window.hear([Event::Fault { version, fault: "SIGSEGV during greet".to_owned() }, activated_again(2)]);
    assert!(window.shows("v2, active, Hot, faulted, lib.rs"));
    assert!(window.shows("v2: SIGSEGV during greet"), "among the problems");
    let runner = RunnerMemory { pid: 1, resident: None, threads: None };
    let why = Some("1 thread is alive".to_owned());
    let versions = vec![MappedVersion { version: VersionNumber(1), bytes: 4_096, threads: 1, why }];
    window.hear([Event::Memory { runner, versions }]);
    assert!(window.shows("v1, Hot, kept mapped, lib.rs"));
}

fn activated_again(number: u32) -> Event {
    use exuvia_runtime::swap::verdict::{Verdict, VerdictKind};
    let Event::Activated { version, durations, .. } = activated(number) else { unreachable!() };
    let verdict = Verdict::new(VerdictKind::Restarted, "SIGSEGV; goes on from the last snapshot");
    Event::Activated { version, from: Some(version), verdict, durations }
}

#[test]
fn the_list_speaks_chinese() {
    let mut window = Window::running();
    window.speak_chinese();
    for text in ["v2, 当前, 热替换, lib.rs, 3 分钟前", "构建失败, lib.rs, 5 分钟前", "回退到 v1", "筛选版本"]
    {
        assert!(window.shows(text), "{text}");
    }
    window.click("v1, 热替换, lib.rs, 9 分钟前");
    window.press(NONE, Key::Delete);
    assert!(window.shows("移除 v1？") && window.shows("无法撤销"));
}

#[test]
fn a_narrow_list_keeps_the_way_back() {
    let mut window = Window::sized(480.0, 600.0, Theme::Light);
    let mut first: VersionRow = version(1, 9);
    first.marks.keep = true;
    first.marks.standing = Standing::Faulted { fault: "SIGSEGV".to_owned() };
    first.record.warnings.push(diagnostic(exuvia_runtime::build::diagnostic::Level::Warning, "unused"));
    window.hear([opened(vec![first, version(2, 3)], vec![failure(2, 5)], &[]), activated(2)]);
    let bounds = window.harness.get_by_label("Roll back to v1").accesskit_node().raw_bounds().unwrap();
    assert!(bounds.x1 <= 480.0 && bounds.x0 > 0.0, "{bounds:?}");
    window.click("Roll back to v1");
    assert_eq!(window.sent(), [Command::Activate { version: VersionNumber(1) }]);
}

/// At 1280 x 720 the list is narrow; what is to be known of a version is not cut for its age.
#[test]
fn words_about_a_version_are_whole() {
    let mut window = Window::running();
    let place = |window: &Window, label: &str| {
        window.harness.query_all_by_label(label).next().unwrap_or_else(|| panic!("no {label}")).rect()
    };
    let row = |window: &Window| place(window, "v2, active, Hot, lib.rs, 3 min ago").top();
    let (before, age) = (row(&window), place(&window, "3 min ago"));
    assert!(age.bottom() - before < 26.0, "{age:?} stands in the first line");
    let mut marks = version(2, 3).marks;
    marks.last_verdict = Some(Verdict::new(VerdictKind::Restarted, "the runner was replaced"));
    marks.standing = Standing::Faulted { fault: "SIGSEGV".to_owned() };
    marks.keep = true;
    window.hear([Event::Marked { version: VersionNumber(2), marks }]);
    let (faulted, age, active) = (place(&window, "faulted"), place(&window, "3 min ago"), place(&window, "active"));
    assert!(faulted.width() > 38.0 && (faulted.top() - active.top()).abs() < 1.0, "{faulted:?}");
    assert!(age.top() > active.bottom(), "{age:?} stands below");
}
