//! The experiment page in the window: what it says in each state, and what its buttons and keys ask for.

use eframe::egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::{NodeT, Queryable};
use exuvia_runtime::experiment::{ExperimentCommand, ExperimentEvent};

use super::super::super::tests::Window;
use crate::model::demo;
use crate::settings::LanguageChoice;

fn open() -> Window {
    let mut window = Window::sized(1440.0, 900.0, Theme::Dark);
    window.press(Modifiers::COMMAND, Key::E);
    window
}

fn hear(window: &mut Window, events: impl IntoIterator<Item = ExperimentEvent>) {
    let sender = window.experiment.borrow().clone().expect("an experiment was started");
    events.into_iter().for_each(|event| sender.send(event).unwrap());
    window.harness.run();
}

#[test]
fn before_a_run_the_page_says_what_will_happen() {
    let window = open();
    for text in ["Go's plugin.Open kept printing the old text. Why?", "Nothing was run yet", "Open the same path again"]
    {
        assert!(window.shows(text), "{text}");
    }
    assert_eq!(window.harness.query_all_by_label("not run yet").count(), 4);
    assert_eq!(window.asked(), []);
}

#[test]
fn a_run_is_asked_for_followed_and_explained() {
    let mut window = open();
    window.click("Run all");
    assert_eq!(window.asked(), [ExperimentCommand::RunAll]);
    assert!(window.harness.get_by_label("Run all").accesskit_node().is_disabled(), "all was asked for");
    hear(&mut window, [ExperimentEvent::Preparing { text: "Compiling greeting v0.1.0".to_owned() }]);
    assert!(window.shows("preparing") && window.shows("Compiling greeting v0.1.0"));
    hear(&mut window, demo::experiment());
    for text in ["old text", "died: SIG", "The loader looks for the name first", "the same handle", "another handle"] {
        assert!(window.shows(text), "{text}");
    }
    assert_eq!(window.harness.query_all_by_label("new text").count(), 2);
    assert!(!window.harness.get_by_label("Run all").accesskit_node().is_disabled(), "another run can be begun");
}

#[test]
fn the_keys_do_what_the_buttons_do_and_only_here() {
    let mut window = open();
    window.press(Modifiers::NONE, Key::F10);
    window.press(Modifiers::NONE, Key::F10);
    assert_eq!(window.asked(), [ExperimentCommand::Step, ExperimentCommand::Step]);
    window.press(Modifiers::SHIFT, Key::F5);
    assert_eq!(window.asked(), [ExperimentCommand::Quit]);
    assert!(window.shows("The run was stopped"));
    window.press(Modifiers::NONE, Key::F9);
    window.click("Reset");
    assert_eq!(window.started.take(), [false, true], "once with each kind of guest");
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::W);
    window.press(Modifiers::NONE, Key::F5);
    assert_eq!(window.asked(), []);
}

#[test]
fn a_failure_is_explained() {
    let mut window = open();
    window.click("Step");
    hear(&mut window, [ExperimentEvent::Failed { message: "cargo cannot be started; install Rust".to_owned() }]);
    assert!(window.shows("not prepared") && window.shows("cargo cannot be started; install Rust"));
}

#[test]
fn the_page_speaks_chinese_and_fits_a_narrow_window() {
    for width in [1280.0, 760.0, 480.0] {
        let mut window = Window::with(width, 720.0, Theme::Light, LanguageChoice::Chinese);
        window.press(Modifiers::COMMAND, Key::E);
        window.click("全部运行");
        hear(&mut window, demo::experiment());
        for text in ["旧文本", "进程终止：SIG", "句柄相同", "加载器先按名字查找"] {
            assert!(window.shows(text), "{text} at {width}");
        }
        for node in window.harness.query_all_by_label_contains("文本") {
            let bounds = node.accesskit_node().raw_bounds().unwrap();
            assert!(bounds.x0 >= 0.0 && bounds.x1 <= f64::from(width), "{bounds:?} in {width}");
        }
    }
}
