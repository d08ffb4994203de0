//! What is to hold of the State panel.

use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};
use exuvia_runtime::ids::VersionNumber;
use exuvia_runtime::session::{Command, Event, StateMoment};
use exuvia_runtime::swap::verdict::{Verdict, VerdictKind};
use serde_json::{Value, json};

use super::super::super::tests::Window;
use super::*;
use crate::model::samples::*;

fn told(version: u32, moment: StateMoment, value: Option<Value>) -> Event {
    Event::State { version: VersionNumber(version), moment, value, bytes: 1_234_567 }
}

fn stateful(number: u32) -> exuvia_runtime::history::record::VersionRow {
    let mut row = version(number, 3);
    row.record.state_type = Some("greetings::Counter".to_owned());
    row
}

#[test]
fn each_empty_state_says_how_to_get_one() {
    let l = Language::English;
    let mut model = Model::default();
    let title = |model: &Model| StateView::new(model, l).empty.map(|(title, _)| title);
    assert_eq!(title(&model), Some("No state yet"));
    model.apply(opened(vec![version(1, 3), stateful(2)], vec![], &[]), NOW);
    model.apply(activated(1), NOW);
    assert_eq!(title(&model), Some("This guest has no state"));
    assert_eq!(StateView::new(&model, l).read, None);
    model.apply(activated(2), NOW);
    assert_eq!(title(&model), Some("The state is not known"));
    assert!(StateView::new(&model, l).read.is_some_and(|offer| offer.possible));
    model.apply(told(2, StateMoment::Activated, None), NOW);
    let (title_now, how) = StateView::new(&model, l).empty.unwrap();
    assert_eq!(title_now, "The state is too large to be shown");
    assert_eq!(how.split("; ").next(), Some("Its snapshot has 1.2 MiB"));
    model.apply(told(2, StateMoment::Read, Some(json!({}))), NOW);
    let view = StateView::new(&model, l);
    assert_eq!((view.empty, view.type_name.as_str()), (None, "greetings::Counter"));
}

fn window(value: Value) -> Window {
    let mut window = Window::running();
    window.hear([
        opened(vec![version(1, 9), stateful(2)], vec![], &[]),
        activated(2),
        status(exuvia_runtime::session::status::Phase::Idle, Some(2)),
        told(2, StateMoment::Activated, Some(value)),
    ]);
    window.press(Modifiers::COMMAND, Key::Num5);
    window
}

#[test]
fn changed_values_are_marked_and_the_state_is_read_again() {
    let mut window = window(json!({"count": 1, "names": ["Ann"]}));
    assert!(
        window.shows("count: 1")
            && window.shows("greetings::Counter")
            && window.shows("[0]") | window.shows("0: \"Ann\"")
    );
    assert!(!window.shows("changed"));
    window.hear([told(2, StateMoment::Called, Some(json!({"count": 2, "names": ["Ann", "Bob"]})))]);
    assert!(window.shows("count: 2, changed") && window.shows("names: 2 items, changed"));
    assert!(window.shows("1: \"Bob\", added"));
    window.click("Read again");
    assert_eq!(window.sent(), [Command::ReadState]);
}

#[test]
fn a_migrated_swap_names_what_it_brought_and_took() {
    let mut window = window(json!({"count": 1, "old": true}));
    window.hear([
        Event::Activated {
            version: VersionNumber(3),
            from: Some(VersionNumber(2)),
            verdict: Verdict::new(
                VerdictKind::Migrated,
                "state carried over: 1 value kept; defaulted: new; dropped: old",
            ),
            durations: exuvia_runtime::history::record::Durations::default(),
        },
        told(3, StateMoment::Activated, Some(json!({"count": 1, "new": 0}))),
        Event::Recorded { row: Box::new(stateful(3)) },
    ]);
    assert!(window.shows("new: 0, new field") && window.shows("old: true, dropped field"));
    assert!(window.shows("Migrated: state carried over"));
}

#[test]
fn the_tree_is_walked_and_folded_with_the_keyboard() {
    let mut window = window(json!({"point": {"x": 1, "y": 2}, "z": 3}));
    window.harness.get_by_label("point: 2 fields").focus();
    window.harness.run();
    window.press(Modifiers::NONE, Key::ArrowLeft);
    assert!(!window.shows("x: 1"), "closed");
    window.press(Modifiers::NONE, Key::ArrowRight);
    assert!(window.shows("x: 1"), "open again");
    window.press(Modifiers::NONE, Key::ArrowRight);
    assert!(window.harness.get_by_label("x: 1").is_focused());
    window.press(Modifiers::NONE, Key::ArrowDown);
    assert!(window.harness.get_by_label("y: 2").is_focused());
    assert_eq!(window.harness.get_by_label("y: 2").accesskit_node().is_selected(), Some(true));
    window.press(Modifiers::NONE, Key::ArrowLeft);
    assert!(window.harness.get_by_label("point: 2 fields").is_focused(), "to its parent");
    window.press(Modifiers::NONE, Key::End);
    assert!(window.harness.get_by_label("z: 3").is_focused());
    window.press(Modifiers::NONE, Key::Enter);
    assert_eq!(window.sent(), []);
}

#[test]
fn what_is_selected_can_be_copied() {
    let mut window = window(json!({"point": {"x": 1}, "z": "汉"}));
    let copied = |window: &Window| {
        window.harness.output().platform_output.commands.iter().find_map(|command| match command {
            eframe::egui::OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        })
    };
    window.harness.get_by_label("x: 1").focus();
    window.harness.run();
    for (button, text) in [("Copy path", "point.x"), ("Copy value", "1")] {
        window.harness.get_by_label(button).click();
        window.harness.step();
        // The click is seen in one frame, the action done in it or in the next.
        let now = copied(&window);
        window.harness.step();
        assert_eq!(now.or_else(|| copied(&window)).as_deref(), Some(text), "{button}");
    }
}

#[test]
fn long_lists_are_shown_in_steps() {
    let mut window = window(json!({"cells": vec![0; 10_000]}));
    window.click("cells: 10000 items");
    window.harness.get_by_label("0: 0").focus();
    window.harness.run();
    window.press(Modifiers::NONE, Key::End);
    assert!(window.harness.get_by_label("… 9,900 more").is_focused());
    window.press(Modifiers::NONE, Key::Enter);
    assert!(window.harness.get_by_label("100: 0").is_focused(), "the first of those that came");
    window.press(Modifiers::NONE, Key::End);
    assert!(window.shows("… 9,400 more"));
}

#[test]
fn a_filter_that_finds_nothing_says_so_in_chinese_too() {
    let mut window = window(json!({"count": 1}));
    window.harness.get_by_label("Filter the state").focus();
    window.harness.run();
    window.harness.get_by_label("Filter the state").type_text("zzz");
    window.harness.run();
    assert!(window.shows("Nothing in the state has “zzz”"));
    window.press(Modifiers::COMMAND, Key::K);
    window.harness.get_by_label("Find an action").type_text("Chinese");
    window.harness.run();
    window.press(Modifiers::NONE, Key::Enter);
    assert!(window.shows("状态中没有名称或值包含“zzz”的内容"));
}
