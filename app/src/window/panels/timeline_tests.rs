//! The timeline in the window.

use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};
use exuvia_runtime::ids::VersionNumber;
use exuvia_runtime::session::Event;

use super::super::super::tests::Window;
use crate::model::samples::*;

fn shown(mut window: Window) -> Window {
    window.press(Modifiers::COMMAND, Key::Num3);
    window
}

#[test]
fn it_says_what_will_appear() {
    let window = shown(Window::new());
    assert!(window.shows("No attempt yet") && window.shows("where the time went"));
}

#[test]
fn attempts_are_bars_with_numbers() {
    let mut window = shown(Window::running());
    assert!(window.shows("save to running: median 646 ms, slowest 646 ms (3 saves)"));
    let row =
        "v3, lib.rs, 646 ms, watch 1.2 ms, build 640 ms, stage 2.1 ms, verify 3.0 ms, swap 400 µs, first answer 90 µs";
    assert!(window.shows(row));
    assert!(window.shows("build 2, lib.rs, build failed"));
    for name in ["watch", "lock", "build", "stage", "verify", "swap", "first answer"] {
        window.harness.get_by_label(name);
    }
    window.click("without build");
    assert!(window.shows("Exuvia's own share: median 6.8 ms, slowest 6.8 ms (3 saves)"));
    assert!(window.harness.query_by_label("build").is_none(), "its legend goes along");
}

#[test]
fn a_click_selects_the_version_or_shows_the_problems() {
    let mut window = shown(Window::running());
    let row = window.harness.query_all_by_label_contains("v1, lib.rs, 646 ms").next().unwrap();
    row.click();
    window.harness.run();
    let row = window.harness.get_by_label("v1, Hot, lib.rs, 9 min ago");
    assert_eq!(row.accesskit_node().is_selected(), Some(true));
    window.click("build 2, lib.rs, build failed");
    assert!(window.shows("mismatched types"));
}

#[test]
fn only_bars_in_view_are_drawn() {
    let mut window = shown(Window::new());
    window.hear([opened((1..=1_000).map(|number| version(number, 5)).collect(), vec![], &[]), activated(1_000)]);
    window.hear([Event::Pruned { versions: vec![VersionNumber(1)] }]);
    assert!(window.shows("p95 646 ms (999 saves)"));
    let rows = window.harness.query_all_by_role(Role::ListBoxOption).count();
    assert!(rows < 60, "{rows}");
}

#[test]
fn slow_replays_are_explained() {
    let mut window = shown(Window::new());
    let slow = |number| slow_replay(number, [1_500, 80, 300, 120]);
    window.hear([opened(vec![slow(1), slow(2)], vec![], &[])]);
    assert!(!window.shows("Replays take"), "two may be chance");
    window.hear([Event::Recorded { row: Box::new(slow(3)) }]);
    assert!(window.shows("Replays take 2.00 s, and 81 % of it grows with the crate"));
    assert!(window.shows("exuvia new --split"));
    assert!(window.shows("build 2.00 s (front end 1.50 s, generation 80 ms, link 300 ms, rest 120 ms)"));
    window.speak_chinese();
    assert!(window.shows("重放耗时 2.00 s，其中 81% 取决于整个 crate") && window.shows("前端 1.50 s"));
    // What was made quicker needs no advice.
    window.hear([4, 5].map(|number| Event::Recorded { row: Box::new(slow_replay(number, [90, 9, 50, 1])) }));
    assert!(!window.shows("重放耗时"));
}

#[test]
fn it_speaks_chinese() {
    let mut window = shown(Window::running());
    window.speak_chinese();
    assert!(window.shows("保存到运行：中位数 646 ms，最慢 646 ms（3 次保存）") && window.shows("首次应答"));
}
