//! Problems, output and log.

use std::fmt::Write as _;

use eframe::egui::OutputCommand;
use exuvia_runtime::build::diagnostic::{Diagnostic, Place};
use exuvia_runtime::history::record::{FailedRecord, Failure};
use exuvia_runtime::session::status::Tone;
use exuvia_runtime::swap::verdict::{Verdict, VerdictKind};

use super::*;
use crate::editor;

fn at(line: usize, level: Level, message: &str) -> Diagnostic {
    let place = Place { file: "greetings/src/lib.rs".into(), line, column: 5 };
    let mut diagnostic = diagnostic(level, message);
    diagnostic.rendered = diagnostic.rendered.replace("src/lib.rs:4:5", &format!("greetings/src/lib.rs:{line}:5"));
    Diagnostic { place: Some(place), ..diagnostic }
}

fn failed(diagnostics: Vec<Diagnostic>) -> Event {
    let failure = Failure::Build { message: "no".to_owned(), diagnostics, stderr: String::new() };
    Event::Failed { record: FailedRecord { failure, ..failure_record() } }
}

fn failure_record() -> FailedRecord {
    failure(4, 0)
}

fn two() -> Event {
    failed(vec![at(9, Level::Warning, "unused variable"), at(4, Level::Error, "mismatched types")])
}

fn place(line: u32) -> editor::Place {
    editor::Place { file: "/w/greetings/src/lib.rs".into(), line, column: 5 }
}

const FIRST: &str = "error: mismatched types, greetings/src/lib.rs:4:5";
const SECOND: &str = "warning: unused variable, greetings/src/lib.rs:9:5";

impl Window {
    /// What was put on the clipboard by the next frames.
    fn copied(&mut self) -> Option<String> {
        let copied = |window: &Self| {
            let commands = &window.harness.output().platform_output.commands;
            commands.iter().find_map(|command| match command {
                OutputCommand::CopyText(text) => Some(text.clone()),
                _ => None,
            })
        };
        (0..4).find_map(|_| {
            self.harness.step();
            copied(self)
        })
    }
}

#[test]
fn a_click_on_a_problem_opens_its_place() {
    let mut window = Window::running();
    window.hear([two()]);
    window.chores();
    window.click(SECOND);
    assert_eq!(window.chores(), [Chore::OpenInEditor { place: place(9), setting: None }]);
    window.click("Copy");
    window.harness.get_by_label("Copy").click();
    assert_eq!(window.copied().as_deref(), Some("warning: unused variable\n --> greetings/src/lib.rs:9:5"));
    window.harness.get_by_label("Copy all").click();
    assert!(window.copied().is_some_and(|text| text.contains("mismatched") && text.contains("unused")));
}

#[test]
fn the_keyboard_walks_through_problems_and_opens_them() {
    let mut window = Window::running();
    window.hear([two()]);
    window.chores();
    window.click("Log");
    for (modifiers, key, focused) in [
        (Modifiers::NONE, Key::F8, FIRST),
        (Modifiers::NONE, Key::F8, SECOND),
        (Modifiers::NONE, Key::F8, FIRST),
        (Modifiers::SHIFT, Key::F8, SECOND),
        (Modifiers::NONE, Key::ArrowUp, FIRST),
        (Modifiers::NONE, Key::ArrowDown, SECOND),
    ] {
        window.press(modifiers, key);
        assert!(window.harness.get_by_label(focused).is_focused(), "{modifiers:?} {key:?}");
    }
    window.press(Modifiers::NONE, Key::Enter);
    let chores = window.chores().into_iter().filter(|chore| !matches!(chore, Chore::SaveRemembered(_)));
    assert_eq!(chores.collect::<Vec<_>>(), [Chore::OpenInEditor { place: place(9), setting: None }]);
    assert_eq!(window.sent(), [], "Enter activates no version");
}

#[test]
fn an_editor_that_does_not_open_is_said_in_a_notice_and_in_the_log() {
    let mut window = Window::running();
    window.hear([two()]);
    let answer = |result| ChoreDone::OpenInEditor { place: place(4), result };
    window.done.send(answer(Err(editor::EditorError::NoEditor))).unwrap();
    window.harness.run();
    let said = |window: &Window| window.harness.query_all_by_label_contains("set “Editor command” in Settings").count();
    assert_eq!(said(&window), 3, "the notice, its text and the line below, and not among the problems");
    assert!(window.shows("Not opened in an editor. No editor was found"));
    let of_notice = |window: &Window, label: &str| window.harness.query_by_label(label).is_some();
    assert!(of_notice(&window, "Copy the path") && of_notice(&window, "Settings"));
    window.click("Copy the path");
    assert_eq!(said(&window), 0, "the line below says what was done last");
    assert!(window.shows("copied to the clipboard"));
    window.click("Log");
    window.click("Open Settings");
    assert!(window.harness.query_by_label("Log").is_none(), "another page");
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::W);
    window.done.send(answer(Ok("code".to_owned()))).unwrap();
    window.harness.run();
    assert!(window.shows("greetings/src/lib.rs:4:5 was opened in code"));
    let gone = editor::EditorError::NoFile { file: "/w/greetings/src/lib.rs".into() };
    window.done.send(answer(Err(gone))).unwrap();
    window.harness.run();
    assert!(!of_notice(&window, "Settings"), "no setting brings a file back");
}

#[test]
fn errors_and_warnings_can_be_hidden() {
    let mut window = Window::running();
    window.hear([two()]);
    window.click("1 error");
    assert!(window.harness.query_by_label(FIRST).is_none() && window.harness.query_by_label(SECOND).is_some());
    window.click("1 warning");
    assert!(window.shows("All problems are hidden"));
}

#[test]
fn what_did_not_load_or_was_refused_is_said_in_words() {
    let mut window = Window::running();
    let message = "no entry symbol\nbuild it with the SDK".to_owned();
    let record = FailedRecord { failure: Failure::Load { message }, ..failure_record() };
    window.hear([Event::Failed { record }]);
    assert!(window.shows("not loaded") && window.shows("build it with the SDK"));
    let mut row = version(4, 0);
    row.record.verdict = Verdict::new(VerdictKind::Refused, "the state cannot be read");
    row.record.warnings = vec![at(9, Level::Warning, "unused variable")];
    window.hear([Event::Recorded { row: Box::new(row) }]);
    window.harness.get_by_label("error: the state cannot be read");
    window.harness.get_by_label(SECOND);
    window.harness.get_by_label("refused");
}

#[test]
fn of_many_problems_only_those_that_are_seen_are_drawn() {
    let mut window = Window::running();
    window.hear([failed((1..=500).map(|line| at(line, Level::Error, "mismatched types")).collect())]);
    let drawn = |window: &Window| window.harness.query_all_by_label_contains("error: mismatched types").count();
    assert!((2..40).contains(&drawn(&window)), "{}", drawn(&window));
    window.press(Modifiers::SHIFT, Key::F8);
    let last = "error: mismatched types, greetings/src/lib.rs:500:5";
    assert!(window.harness.get_by_label(last).is_focused(), "it was scrolled to");
    assert!(drawn(&window) < 40);
}

fn line(version: u32, stream: Stream, text: &str) -> Event {
    Event::Output { version: VersionNumber(version), stream, text: format!("{text}\n") }
}

fn written() -> Vec<Event> {
    vec![
        line(1, Stream::Stdout, "one apple"),
        line(1, Stream::Stderr, "two pears"),
        line(2, Stream::Stdout, "three \u{1b}[32mAPPLES\u{1b}[0m, 汉字 🦀"),
    ]
}

#[test]
fn output_is_filtered_by_text_stream_and_version() {
    let mut window = Window::running();
    window.hear(written());
    window.click("Output (3)");
    let seen = |window: &Window| ["apple", "pears", "APPLES, 汉字 🦀"].map(|text| window.shows(text));
    assert_eq!(seen(&window), [true; 3]);
    window.click("stderr");
    assert_eq!(seen(&window), [true, false, true]);
    assert!(window.shows("2 of 3 lines"));
    window.click("stderr");
    window.harness.get_by_role_and_label(Role::TextInput, "Filter the output").focus();
    window.harness.run();
    window.harness.get_by_role_and_label(Role::TextInput, "Filter the output").type_text("three");
    window.harness.run();
    assert_eq!(seen(&window), [false, false, true]);
    assert!(window.shows("1 of 3 lines"));
    window.harness.get_by_label("Copy").click();
    assert_eq!(window.copied().as_deref(), Some("three APPLES, 汉字 🦀\n"));
    window.harness.get_by_role_and_label(Role::TextInput, "Filter the output").focus();
    window.harness.run();
    window.press(Modifiers::NONE, Key::Escape);
    assert_eq!(seen(&window), [true; 3], "Esc empties the filter");
    window.harness.get_by_role_and_label(Role::ComboBox, "Version whose output is shown").click();
    window.harness.run();
    window.harness.get_by_role_and_label(Role::Button, "v1").click();
    window.harness.run();
    assert_eq!(seen(&window), [true, true, false]);
    window.click("stdout");
    window.click("stderr");
    assert!(window.shows("Nothing matches"));
}

#[test]
fn a_line_of_the_output_is_selected_and_copied() {
    let mut window = Window::running();
    window.hear(written());
    window.click("Output (3)");
    window.click("two pears");
    window.harness.get_by_label("Copy").click();
    assert_eq!(window.copied().as_deref(), Some("two pears"));
    window.harness.get_by_label("Lines of the output").focus();
    window.harness.run();
    window.press(Modifiers::NONE, Key::ArrowUp);
    let list = window.harness.get_by_label("Lines of the output");
    assert_eq!(list.accesskit_node().value().as_deref(), Some("one apple"));
    window.harness.event(eframe::egui::Event::Copy);
    assert_eq!(window.copied().as_deref(), Some("one apple"));
}

#[test]
fn output_follows_until_somebody_looks_further_up() {
    let mut window = Window::running();
    let lines = |from: u32, to: u32| {
        let mut text = String::new();
        (from..to).for_each(|number| writeln!(text, "line {number}.").unwrap());
        Event::Output { version: VersionNumber(2), stream: Stream::Stdout, text }
    };
    window.hear([lines(0, 300)]);
    window.click("Output (300)");
    assert!(window.shows("line 299.") && !window.shows("line 0."));
    window.hear([line(2, Stream::Stdout, "higher letters 汉字 🦀")]);
    assert!(window.shows("higher letters"));
    window.hear([lines(300, 301)]);
    assert!(window.shows("line 300."));
    window.harness.get_by_label("Lines of the output").focus();
    window.harness.run();
    window.press(Modifiers::NONE, Key::Home);
    assert!(window.shows("line 0."));
    window.hear([lines(301, 302)]);
    assert!(window.shows("line 0.") && !window.shows("line 301."), "it stays where it was");
    window.click("Follow");
    assert!(window.shows("line 301."));
}

#[test]
fn the_log_has_a_clock_and_a_filter() {
    let mut window = Window::running();
    window.click("Log");
    assert!(window.shows("22:13:20") && window.shows("v2 is active"));
    window.harness.get_by_role_and_label(Role::TextInput, "Filter the log").focus();
    window.harness.run();
    window.harness.get_by_role_and_label(Role::TextInput, "Filter the log").type_text("opened");
    window.harness.run();
    assert!(window.shows("opened greetings") && window.shows("1 of 2 entries"));
    window.harness.get_by_label("Copy").click();
    assert_eq!(window.copied().as_deref(), Some("22:13:20  opened greetings: 3 versions in its history\n"));
}

#[test]
fn the_lower_panels_speak_chinese() {
    let mut window = Window::running();
    window.speak_chinese();
    window.hear([two()]);
    window.hear(written());
    window.harness.get_by_label("错误：mismatched types，greetings/src/lib.rs:4:5");
    assert!(window.shows("属于构建 4") && window.shows("全部复制"));
    window.click("日志");
    assert!(window.shows("v2 已激活") && window.shows("构建 4 失败：no"));
    window.click("输出 (3)");
    window.click("stderr");
    assert!(window.shows("3 行中的 2 行"));
}

#[test]
fn that_a_picture_was_saved_is_no_warning() {
    let mut window = Window::running();
    let written = ChoreDone::WriteFile { what: "the picture".to_owned(), result: Ok("/h/picture.png".into()) };
    window.finish(written);
    assert!(window.shows("the screenshot is in /h/picture.png"));
    let newest = window.harness.state().model().log.newest().expect("an entry");
    assert_eq!(newest.line.tone(), Some(Tone::Good));
}

#[test]
fn what_the_window_says_of_a_fault_or_a_refusal_is_in_its_language() {
    use exuvia_runtime::swap::verdict::{Clause, Verdict, VerdictKind};
    let mut window = Window::running();
    let fault = || Event::Fault { version: VersionNumber(2), fault: "SIGSEGV during greet".to_owned() };
    window.hear([fault(), fault()]);
    window.click("Problems (1 error)");
    assert!(window.shows("v2: SIGSEGV during greet (its fault no. 2 in this session)"));
    window.speak_chinese();
    assert!(window.shows("v2: SIGSEGV during greet（本次会话中的第 2 次故障）"));
    assert!(!window.shows("no. 2 in this session"));
    let mut refused = version(3, 0);
    refused.marks.standing = Standing::Refused;
    let why = vec![Clause::MigrationRefused { from: 1, why: "too old".to_owned() }];
    refused.record.verdict = Verdict::of(VerdictKind::Refused, why);
    refused.marks.last_verdict = None;
    window.hear([Event::Recorded { row: Box::new(refused) }]);
    assert!(window.shows("从状态版本 1 的迁移拒绝：too old"), "in the list, the log and the notice");
    assert!(!window.shows("its migration from state version"));
}
