//! Calls, the welcome page, the dialogs, the guest's menu and the settings, by what can be read and
//! pressed in them.

use std::path::Path;

use eframe::egui::accesskit::{Role, Toggled};
use eframe::egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::{NodeT, Queryable};
use exuvia_runtime::ids::VersionNumber;
use exuvia_runtime::session::{Command, Event};

use super::actions::Action;
use super::tests::Window;
use super::view_state::Page;
use crate::chores::{Chore, ChoreDone, FoundGuest, FoundGuests, Sample};
use crate::editor::{EditorError, Origin};
use crate::model::samples::*;
use crate::settings::{LanguageChoice, Loaded, RecentGuest, Settings};

fn recent(name: &str) -> RecentGuest {
    RecentGuest { name: name.to_owned(), manifest: format!("/h/{name}/Cargo.toml").into(), at: minutes_ago(3) }
}

fn loaded(language: LanguageChoice) -> Loaded {
    let mut loaded = Loaded { settings: Settings { language, ..Settings::default() }, ..Loaded::default() };
    loaded.remembered.recent = vec![recent("hopper"), recent("clock")];
    loaded
}

fn welcome() -> Window {
    let mut window = Window::started(1280.0, 720.0, Theme::Dark, false, loaded(LanguageChoice::English));
    window.harness.run();
    window
}

fn opened_paths(window: &Window) -> Vec<String> {
    window.opened().iter().map(|path| path.display().to_string()).collect()
}

#[test]
fn the_welcome_page_says_how_to_begin() {
    let window = welcome();
    for text in [
        "There is no guest in this folder",
        "Try the sample",
        "Open a guest…",
        "New guest…",
        "hopper, ~/hopper",
        "What will happen",
    ] {
        assert!(window.shows(text), "{text}");
    }
    assert!(!window.shows("could not be opened"));
}

#[test]
fn the_welcome_page_speaks_chinese() {
    let mut window = Window::started(700.0, 900.0, Theme::Light, false, loaded(LanguageChoice::Chinese));
    window.harness.run();
    for text in ["此文件夹中没有客体", "试用示例", "最近的客体", "3 分钟前"] {
        assert!(window.shows(text), "{text}");
    }
}

#[test]
fn the_keyboard_begins_where_one_would_go_on() {
    let mut window = welcome();
    window.harness.run();
    window.press(Modifiers::NONE, Key::Enter);
    assert_eq!(opened_paths(&window), ["/h/hopper/Cargo.toml"], "the newest");
    let mut window = Window::started(1280.0, 720.0, Theme::Dark, false, Loaded::default());
    window.harness.run();
    window.press(Modifiers::NONE, Key::Enter);
    assert_eq!(window.chores(), [Chore::FindSample { here: Some("/w".into()) }]);
}

#[test]
fn recent_guests_are_opened_and_forgotten() {
    let mut window = welcome();
    window.click("Remove hopper from this list");
    assert!(!window.shows("~/hopper"));
    let saved = window.chores();
    assert!(matches!(&saved[..], [Chore::SaveRemembered(kept)] if kept.recent == [recent("clock")]), "{saved:?}");
    window.click("Open clock, ~/clock");
    assert_eq!(opened_paths(&window), ["/h/clock/Cargo.toml"]);
    assert!(window.shows("No version yet"), "the workbench is shown");
}

#[test]
fn a_recent_guest_is_opened_at_once_before_and_after_the_sample() {
    // While the sample is being got, it is the guest that was asked for last that is opened.
    let mut window = welcome();
    window.click("Try the sample");
    window.click("Open clock, ~/clock");
    window.finish(ChoreDone::FindSample(Ok(Sample { path: "/h/s".into(), source: None })));
    assert_eq!(opened_paths(&window), ["/h/clock/Cargo.toml"]);

    let mut window = welcome();
    window.click("Try the sample");
    window.finish(ChoreDone::FindSample(Ok(Sample { path: "/h/s".into(), source: None })));
    let ctx = window.harness.ctx.clone();
    window.harness.state_mut().act(&ctx, Action::ShowPage(Page::Welcome));
    window.harness.step();
    let row = window.harness.get_by_label("Open clock, ~/clock").rect().center();
    window.harness.hover_at(row);
    window.harness.drag_at(row);
    window.harness.drop_at(row);
    window.harness.run();
    assert_eq!(opened_paths(&window), ["/h/s", "/h/clock/Cargo.toml"], "by the pointer, in the frame after");
}

#[test]
fn the_sample_is_got_and_opened_and_says_where_it_lies() {
    let mut window = welcome();
    window.click("Try the sample");
    assert_eq!(window.chores(), [Chore::FindSample { here: Some("/w".into()) }]);
    assert!(window.shows("Getting the sample…"));
    window.finish(ChoreDone::FindSample(Err("the disk is full".to_owned())));
    assert!(window.shows("the disk is full"));
    window.harness.get_by_role_and_label(Role::Button, "Try the sample").click();
    window.harness.run();
    let sample = Sample { path: "/h/s".into(), source: Some("/h/s/src/lib.rs".into()) };
    window.finish(ChoreDone::FindSample(Ok(sample)));
    assert_eq!(opened_paths(&window), ["/h/s"]);
    assert!(window.shows("~/s/src/lib.rs"));
    window.chores();
    window.click("Open src/lib.rs");
    assert!(
        matches!(&window.chores()[..], [Chore::OpenInEditor { place, .. }] if place.file == Path::new("/h/s/src/lib.rs"))
    );
    window.click("Copy the path");
    assert!(window.shows("~/s/src/lib.rs"), "it stays to be opened, too");
    window.click("Hide this line");
    assert!(!window.shows("~/s/src/lib.rs"));
}

#[test]
fn a_guest_is_chosen_by_keyboard() {
    let mut window = welcome();
    window.press(Modifiers::COMMAND, Key::O);
    assert!(window.shows("Looking for guests…"));
    let field = window.harness.get_by_role_and_label(Role::TextInput, "Folder or Cargo.toml");
    assert!(field.is_focused());
    assert_eq!(field.value().as_deref(), Some("~/"));
    let asked = [Chore::CompletePath { text: "~/".to_owned() }, Chore::ListGuests { folder: "~".into() }];
    assert_eq!(window.chores(), asked);
    let guest = FoundGuest { name: "deep".to_owned(), manifest: "/h/a/deep/Cargo.toml".into() };
    let result = Ok(FoundGuests { guests: vec![guest], complete: true });
    window.finish(ChoreDone::ListGuests { folder: "~".into(), result });
    let folders = vec!["~/a/".to_owned(), "~/b/".to_owned()];
    window.finish(ChoreDone::CompletePath { text: "~/".to_owned(), result: Ok(folders) });
    assert!(window.shows("Open deep, ~/a/deep"));
    window.press(Modifiers::NONE, Key::Tab);
    let field = window.harness.get_by_role_and_label(Role::TextInput, "Folder or Cargo.toml");
    assert_eq!(field.value().as_deref(), Some("~/a/"), "completed");
    assert!(field.is_focused());
    window.press(Modifiers::NONE, Key::Enter);
    assert_eq!(opened_paths(&window), ["/h/a/"], "the path as it is typed");
    window.press(Modifiers::COMMAND, Key::O);
    window.press(Modifiers::NONE, Key::ArrowDown);
    window.press(Modifiers::NONE, Key::Enter);
    assert_eq!(opened_paths(&window), ["/h/hopper/Cargo.toml"], "the first line: a recent guest");
}

#[test]
fn a_new_guest_is_checked_written_and_opened() {
    let mut window = welcome();
    window.press(Modifiers::COMMAND, Key::N);
    let name = |window: &Window| window.harness.get_by_role_and_label(Role::TextInput, "Name").value();
    assert_eq!(name(&window).as_deref(), Some("my-guest"));
    window.harness.get_by_role_and_label(Role::TextInput, "Folder").type_text(" 2");
    window.harness.run();
    assert_eq!(name(&window).as_deref(), Some("my-guest-2"), "it follows the folder");
    window.chores();
    window.press(Modifiers::NONE, Key::Enter);
    let folder = "~/my-guest 2".to_owned();
    let name = "my-guest-2".to_owned();
    assert_eq!(window.chores(), [Chore::CreateGuest { folder: folder.clone(), name, split: false }]);
    assert!(window.shows("Writing…"));
    let message = "it is there already and is not empty".to_owned();
    window.finish(ChoreDone::CreateGuest { folder: folder.clone(), result: Err(message) });
    assert!(window.shows("is not empty") && opened_paths(&window).is_empty(), "told in the dialog");
    let count = |window: &Window, label: &str| window.harness.query_all_by_label(label).count();
    assert_eq!((count(&window, "Cancel"), count(&window, "Close")), (1, 1), "one button, and the cross");
    window.click("Create and open");
    window.finish(ChoreDone::CreateGuest { folder, result: Ok("/h/my-guest 2".into()) });
    assert_eq!(opened_paths(&window), ["/h/my-guest 2"]);
    assert!(!window.shows("Create and open"));
    assert!(window.shows("Change its code and save it: ~/my-guest 2/src/lib.rs"));
    window.chores();
    window.click("Open src/lib.rs");
    let [Chore::OpenInEditor { place, .. }] = &window.chores()[..] else { panic!("the editor is asked") };
    let answer = |result| ChoreDone::OpenInEditor { place: place.clone(), result };
    window.finish(answer(Err(EditorError::NoEditor)));
    assert!(window.shows("Open src/lib.rs"), "it was not opened");
    window.finish(answer(Ok("code".to_owned())));
    assert!(!window.shows("Open src/lib.rs"), "it was used");
}

#[test]
fn a_new_guest_can_be_split() {
    let mut window = welcome();
    window.press(Modifiers::COMMAND, Key::N);
    assert!(window.shows("Writes Cargo.toml"));
    let label = "Split: a library and a small hot crate";
    let switch = window.harness.get_by_role_and_label(Role::CheckBox, label);
    switch.click();
    window.harness.run();
    let switch = window.harness.get_by_role_and_label(Role::CheckBox, label);
    assert_eq!(switch.accesskit_node().toggled(), Some(Toggled::True));
    assert!(window.shows("Writes two crates into ~/my-guest"));
    window.chores();
    window.click("Create and open");
    let (folder, name) = ("~/my-guest".to_owned(), "my-guest".to_owned());
    assert_eq!(window.chores(), [Chore::CreateGuest { folder, name, split: true }]);
    window.press(Modifiers::NONE, Key::Escape);
    window.speak_chinese();
    window.press(Modifiers::COMMAND, Key::N);
    assert!(window.shows("拆分：一个库和一个小的热 crate") && window.shows("SDK 源码写入"), "a new dialog, not split");
}

fn noted(window: &Window) -> String {
    format!("{:?}", window.harness.state().model().log.newest())
}

#[test]
fn late_answers_open_nothing_and_say_where_it_lies() {
    let mut window = Window::running();
    window.press(Modifiers::COMMAND, Key::N);
    window.chores();
    window.press(Modifiers::NONE, Key::Enter);
    let asked = window.chores();
    let [Chore::CreateGuest { folder, .. }] = &asked[..] else { panic!("{asked:?}") };
    window.press(Modifiers::NONE, Key::Escape);
    assert!(!window.shows("Create and open"));
    window.finish(ChoreDone::CreateGuest { folder: folder.clone(), result: Ok("/h/late".into()) });
    assert!(opened_paths(&window).is_empty());
    assert!(noted(&window).contains("/h/late"), "{}", noted(&window));

    let mut window = welcome();
    window.click("Try the sample");
    window.press(Modifiers::COMMAND, Key::O);
    window.press(Modifiers::NONE, Key::ArrowDown);
    window.press(Modifiers::NONE, Key::Enter);
    window.finish(ChoreDone::FindSample(Ok(Sample { path: "/h/s".into(), source: None })));
    assert_eq!(opened_paths(&window), ["/h/hopper/Cargo.toml"]);
    assert!(noted(&window).contains("/h/s"), "{}", noted(&window));
}

#[test]
fn the_guests_name_is_a_menu() {
    let mut window = Window::running();
    window.click("greetings");
    window.click("Copy the guest's path");
    window.click("greetings");
    window.chores();
    window.click("Open Cargo.toml in the editor");
    assert!(
        matches!(&window.chores()[..], [Chore::OpenInEditor { place, .. }] if place.file == Path::new("/w/greetings/Cargo.toml"))
    );
}

#[test]
fn arguments_are_typed_by_their_kind() {
    let mut window = Window::new();
    let mut typed = version(1, 1);
    let export = &mut typed.record.exports[0];
    for (name, ty) in [("count", "u8"), ("loud", "bool"), ("tags", "alloc::vec::Vec<u8>")] {
        let mut parameter = export.parameters[0].clone();
        name.clone_into(&mut parameter.name);
        ty.clone_into(&mut parameter.ty.name);
        export.parameters.push(parameter);
    }
    window.hear([opened(vec![typed], vec![], &[]), activated(1)]);
    window.click("fn greet(name: &str) -> String");
    let call = |window: &Window| window.harness.get_by_role_and_label(Role::TextInput, "Call to make").value().unwrap();
    assert_eq!(call(&window), "greet(\"World\", 1, true, [1])");
    window.harness.get_by_role_and_label(Role::TextInput, "name: &str").type_text("a \"b\"");
    window.harness.run();
    window.harness.get_by_role_and_label(Role::CheckBox, "loud: bool").click();
    window.harness.run();
    assert_eq!(call(&window), "greet(\"a \\\"b\\\"\", 1, false, [1])", "what stood there was selected");
    let count = window.harness.get_by_role_and_label(Role::TextInput, "count: u8");
    count.focus();
    window.harness.run();
    window.harness.get_by_role_and_label(Role::TextInput, "count: u8").type_text("999");
    window.harness.run();
    assert!(window.shows("From 0 to 255"));
    window.press(Modifiers::NONE, Key::Enter);
    let sent = window.sent();
    assert_eq!(sent, [], "{}", call(&window));
}

#[test]
fn a_first_argument_that_is_a_checkbox_gets_the_keyboard() {
    let mut window = Window::new();
    let mut typed = version(1, 1);
    let parameter = &mut typed.record.exports[0].parameters[0];
    "loud".clone_into(&mut parameter.name);
    "bool".clone_into(&mut parameter.ty.name);
    window.hear([opened(vec![typed], vec![], &[]), activated(1)]);
    window.click("fn greet(name: &str) -> String");
    assert!(window.harness.get_by_role_and_label(Role::CheckBox, "loud: bool").is_focused());
}

#[test]
fn earlier_calls_come_back_with_the_arrows() {
    let mut window = Window::running();
    for text in ["greet(\"a\")", "greet(\"b\")"] {
        window.type_call(text);
        window.press(Modifiers::NONE, Key::Enter);
        window.press(Modifiers::COMMAND, Key::A);
        window.press(Modifiers::NONE, Key::Delete);
    }
    let call = |window: &Window| window.harness.get_by_role_and_label(Role::TextInput, "Call to make").value();
    window.type_call("x");
    let mut walked = Vec::new();
    for key in [Key::ArrowUp, Key::ArrowUp, Key::ArrowUp, Key::ArrowDown, Key::ArrowDown] {
        window.press(Modifiers::NONE, key);
        walked.push(call(&window).unwrap());
    }
    assert_eq!(walked, ["greet(\"b\")", "greet(\"a\")", "greet(\"a\")", "greet(\"b\")", "x"]);
    let answer = returned("Hello");
    let (version, call) = (Some(VersionNumber(2)), "greet(\"b\")".to_owned());
    window.hear([Event::Answered { id: 2, call, version, answer, micros: 85 }]);
    assert!(window.shows("v2 · 85 µs") && window.shows("Earlier calls"));
}

#[test]
fn settings_hold_at_once_and_can_be_reset() {
    let mut window = Window::running();
    window.press(Modifiers::COMMAND, Key::Comma);
    assert!(window.chores().contains(&Chore::DetectEditor));
    window.finish(ChoreDone::DetectEditor(Ok(("code".to_owned(), Origin::Path))));
    let no_terminal = EditorError::NoTerminal { origin: Origin::Path, program: "vim".to_owned() };
    window.finish(ChoreDone::DetectEditor(Err(no_terminal)));
    assert!(window.shows("vim needs a terminal; for example: code -g {file}:{line}"));
    window.click("Dark");
    let saved = |window: &Window| match window.chores().pop() {
        Some(Chore::SaveSettings(settings)) => settings,
        other => panic!("{other:?}"),
    };
    assert_eq!(saved(&window).theme, crate::settings::ThemeChoice::Dark);
    window.click("Reset “Theme” to its default");
    assert_eq!(saved(&window), Settings::default());
    window.harness.get_by_role_and_label(Role::CheckBox, "Look at files again and again").click();
    window.harness.run();
    assert!(saved(&window).poll);
    let field = |window: &Window| window.harness.get_by_role_and_label(Role::TextInput, "Deadline of a call").value();
    window.harness.get_by_role_and_label(Role::TextInput, "Deadline of a call").focus();
    window.harness.run();
    window.press(Modifiers::COMMAND, Key::A);
    window.harness.get_by_role_and_label(Role::TextInput, "Deadline of a call").type_text("5");
    window.harness.run();
    assert_eq!((field(&window).as_deref(), window.sent()), (Some("5"), vec![]), "it is still being typed");
    window.press(Modifiers::NONE, Key::Enter);
    assert!(matches!(&window.sent()[..], [Command::SetLimits { deadlines, .. }] if deadlines.request.as_secs() == 5));
    assert!((saved(&window).deadline_seconds - 5.0).abs() < f64::EPSILON);
}

#[test]
fn settings_speak_chinese_and_say_what_manifests_may_hold() {
    let mut window = Window::started(480.0, 900.0, Theme::Light, false, loaded(LanguageChoice::Chinese));
    window.press(Modifiers::COMMAND, Key::Comma);
    for text in ["编辑器命令", "保留的版本数", "no-default-features", "[package.metadata.exuvia]"] {
        assert!(window.shows(text), "{text}");
    }
}

fn number(window: &Window, name: &str) -> Option<String> {
    window.harness.get_by_role_and_label(Role::TextInput, name).value()
}

fn type_number(window: &mut Window, name: &str, text: &str) {
    window.harness.get_by_role_and_label(Role::TextInput, name).focus();
    window.harness.run();
    window.press(Modifiers::COMMAND, Key::A);
    window.harness.get_by_role_and_label(Role::TextInput, name).type_text(text);
    window.harness.run();
}

#[test]
fn a_number_that_was_not_confirmed_is_dropped_with_the_page() {
    let mut window = Window::running();
    window.press(Modifiers::COMMAND, Key::Comma);
    let before = number(&window, "Deadline of a call");
    type_number(&mut window, "Deadline of a call", "7");
    window.press(Modifiers::COMMAND, Key::L);
    window.press(Modifiers::COMMAND, Key::Comma);
    assert_eq!(number(&window, "Deadline of a call"), before);
    assert_eq!(window.sent(), []);
}

#[test]
fn no_version_is_removed_by_a_number_alone() {
    let name = "Versions that stay";
    let limits = |window: &Window| -> Vec<usize> {
        let limits = window.sent().into_iter().map(|command| match command {
            Command::SetLimits { retention, .. } => retention.versions,
            other => panic!("{other:?}"),
        });
        limits.collect()
    };
    let mut window = Window::sized(1280.0, 1400.0, Theme::Dark);
    window.hear([opened((1..=5).map(|number| version(number, 1)).collect(), vec![], &[]), activated(5)]);
    window.press(Modifiers::COMMAND, Key::Comma);
    type_number(&mut window, name, "9");
    window.press(Modifiers::NONE, Key::Enter);
    assert_eq!(limits(&window), [9], "nothing goes: it holds at once");
    type_number(&mut window, name, "2");
    window.press(Modifiers::NONE, Key::Enter);
    assert_eq!((number(&window, name).as_deref(), limits(&window)), (Some("2"), vec![]));
    window.click("Remove up to 3 versions");
    assert_eq!(limits(&window), [2]);
    assert!(!window.shows("Remove up to 3 versions"));
    window.click("Reset “Versions that stay” to its default");
    assert_eq!(limits(&window), [50]);
}

#[test]
fn the_switch_and_the_setting_of_auto_reload_are_one() {
    let mut window = Window::running();
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::A);
    assert_eq!(window.sent(), [Command::SetAutoReload { on: false }]);
    let saved = window.chores();
    assert!(
        saved.iter().any(|chore| matches!(chore, Chore::SaveSettings(settings) if !settings.auto_reload)),
        "{saved:?}"
    );
    window.press(Modifiers::COMMAND, Key::Comma);
    window.click("Reset “Auto-reload” to its default");
    assert_eq!(window.sent(), [Command::SetAutoReload { on: true }]);
}
