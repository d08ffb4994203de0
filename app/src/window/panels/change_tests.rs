//! What is to hold of the Change panel.

use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use exuvia_runtime::history::compare::{DiffLine, FileChange, FileDiff, Hunk, LineEnd, LineKind};
use exuvia_runtime::session::{Command, Event};

use super::super::super::tests::Window;
use super::*;
use crate::model::samples::*;
use crate::window::view_state::GuestView;

fn side(number: u32) -> Side {
    Side::Version(VersionNumber(number))
}

fn line(kind: LineKind, old: Option<u32>, new: Option<u32>, text: &str) -> DiffLine {
    DiffLine { kind, old, new, text: text.to_owned(), end: LineEnd::Lf }
}

fn differs() -> CompareOutcome {
    let lines = vec![
        line(LineKind::Same, Some(1), Some(1), "fn greet() {"),
        line(LineKind::Removed, Some(2), None, "    1"),
        line(LineKind::Added, None, Some(2), "    2 // 汉"),
        line(LineKind::Same, Some(3), Some(3), "}"),
    ];
    let file = |path: &str| FileDiff {
        path: path.into(),
        kind: FileChange::Changed,
        hunks: vec![Hunk { lines: lines.clone() }],
        binary: false,
    };
    CompareOutcome::Differs { files: vec![file("src/a.rs"), file("src/b.rs")] }
}

#[test]
fn the_pair_follows_the_selection_until_it_is_chosen() {
    let mut model = Model::default();
    assert_eq!(pair(&model, &ViewState::default()), None);
    model.apply(opened(vec![version(2, 9), version(4, 5), version(5, 1)], vec![], &[]), NOW);
    let chosen = |selected: Option<u32>| Against::Pair {
        from: Side::Nothing,
        to: Side::Saved,
        selected: selected.map(VersionNumber),
    };
    for (active, selected, against, expected) in [
        (None, None, Against::Before, (side(4), side(5))),
        (Some(4), None, Against::Before, (side(2), side(4))),
        (Some(4), Some(5), Against::Before, (side(4), side(5))),
        (Some(4), Some(2), Against::Before, (Side::Nothing, side(2))),
        (Some(6), None, Against::Before, (side(4), side(5))),
        (Some(4), Some(3), Against::Before, (side(2), side(4))),
        (Some(4), Some(5), Against::Saved, (side(5), Side::Saved)),
        (Some(4), Some(5), chosen(Some(5)), (Side::Nothing, Side::Saved)),
        (Some(4), Some(5), chosen(Some(2)), (side(4), side(5))),
        (Some(4), None, chosen(None), (Side::Nothing, Side::Saved)),
    ] {
        model.active = active.map(VersionNumber);
        let mut view = ViewState {
            guest: GuestView { selected: selected.map(VersionNumber), ..GuestView::default() },
            ..ViewState::default()
        };
        view.guest.change.against = against;
        assert_eq!(pair(&model, &view), Some(expected), "{active:?} {selected:?} {against:?}");
    }
}

#[test]
fn after_a_roll_back_the_version_that_was_left_is_compared_with() {
    let went = |version: u32, from: u32| Event::Activated {
        version: VersionNumber(version),
        from: Some(VersionNumber(from)),
        verdict: exuvia_runtime::swap::verdict::Verdict::new(exuvia_runtime::swap::verdict::VerdictKind::Hot, ""),
        durations: exuvia_runtime::history::record::Durations::default(),
    };
    let after = |events: &[Event], selected: Option<u32>| {
        let mut model = Model::default();
        model.apply(opened(vec![version(1, 9), version(2, 5), version(3, 1)], vec![], &[]), NOW);
        events.iter().for_each(|event| model.apply(event.clone(), NOW));
        pair(
            &model,
            &ViewState {
                guest: GuestView { selected: selected.map(VersionNumber), ..GuestView::default() },
                ..ViewState::default()
            },
        )
    };
    for (events, selected, expected) in [
        (vec![went(1, 3)], None, (side(3), side(1))),
        (vec![went(1, 3)], Some(1), (side(3), side(1))),
        (vec![went(1, 3)], Some(3), (side(2), side(3))),
        // Started again, it is still the one that was gone back to.
        (vec![went(1, 3), went(1, 1)], None, (side(3), side(1))),
        (vec![went(1, 3), went(2, 1)], None, (side(1), side(2))),
        (vec![went(1, 3), Event::Pruned { versions: vec![VersionNumber(3)] }], None, (Side::Nothing, side(1))),
    ] {
        assert_eq!(after(&events, selected), Some(expected), "{events:?} {selected:?}");
    }
}

/// The panel in view; v2 is active, v1 before it.
fn window() -> Window {
    let mut window = Window::running();
    window.press(Modifiers::COMMAND, Key::Num6);
    window
}

fn answer(window: &mut Window, id: u64, pair: (Side, Side), outcome: CompareOutcome) {
    window.hear([Event::Compared { id, from: pair.0, to: pair.1, outcome }]);
}

#[test]
fn nothing_is_asked_while_the_panel_is_not_seen() {
    let mut window = Window::running();
    assert_eq!(window.sent(), []);
    window.press(Modifiers::COMMAND, Key::Num6);
    assert_eq!(window.sent(), [Command::Compare { id: 1, from: side(1), to: side(2) }]);
    window.press(Modifiers::NONE, Key::F5);
    assert_eq!(window.sent(), [], "asked once");
    assert!(window.shows("Comparing"));
}

#[test]
fn lines_have_signs_and_numbers_and_can_be_copied() {
    let mut window = window();
    answer(&mut window, 1, (side(1), side(2)), differs());
    assert!(window.shows("2 files, +2 −2"));
    for text in ["src/a.rs +1 −1", "- 2     1", "+ 2     2 // 汉", "  1 fn greet() {"] {
        assert!(window.shows(text), "{text}");
    }
    window.harness.get_by_label("Copy diff").click();
    window.harness.step();
    let copied = |window: &Window| {
        window.harness.output().platform_output.commands.iter().any(
            |command| matches!(command, eframe::egui::OutputCommand::CopyText(text) if text.contains("@@ -1,3 +1,3 @@")),
        )
    };
    let now = copied(&window);
    window.harness.step();
    assert!(now || copied(&window));
}

#[test]
fn the_last_comparison_stays_until_the_next_comes() {
    let mut window = window();
    answer(&mut window, 1, (side(1), side(2)), differs());
    window.click("v3, Hot, lib.rs, 1 min ago");
    window.press(Modifiers::NONE, Key::D);
    assert_eq!(window.sent().last(), Some(&Command::Compare { id: 2, from: side(2), to: side(3) }));
    assert!(window.shows("src/a.rs +1 −1"));
    answer(&mut window, 1, (side(1), side(2)), CompareOutcome::Same);
    assert!(window.shows("src/a.rs +1 −1"), "a stale answer");
    answer(&mut window, 2, (side(2), side(3)), CompareOutcome::Same);
    assert!(window.shows("The sources are the same") && window.shows("v2 and v3 have the same files"));
}

#[test]
fn saved_files_can_be_compared_and_both_sides_swapped() {
    let mut window = window();
    answer(&mut window, 1, (side(1), side(2)), differs());
    window.sent();
    window.click("Against saved");
    assert_eq!(window.sent(), [Command::Compare { id: 2, from: side(2), to: Side::Saved }]);
    let message = "v2 cannot be read".to_owned();
    answer(&mut window, 2, (side(2), Side::Saved), CompareOutcome::Failed { message });
    assert!(window.shows("These two cannot be compared") && window.shows("v2 cannot be read"));
    window.hear([Event::Failed { record: failure(7, 0) }]);
    assert_eq!(window.sent(), [Command::Compare { id: 3, from: side(2), to: Side::Saved }], "files were saved");
    window.click("Swap");
    assert_eq!(window.sent(), [Command::Compare { id: 4, from: Side::Saved, to: side(2) }]);
    window.click("Follow selection");
    assert_eq!(window.sent(), [Command::Compare { id: 5, from: side(1), to: side(2) }]);
}

#[test]
fn a_side_is_chosen_from_all_versions() {
    let mut window = window();
    window.sent();
    window.click("to");
    window.click("v3 · lib.rs · 1 min ago");
    assert_eq!(window.sent(), [Command::Compare { id: 2, from: side(1), to: side(3) }]);
}

#[test]
fn the_first_version_is_compared_with_nothing() {
    let mut window = window();
    window.click("v1, Hot, lib.rs, 9 min ago");
    answer(&mut window, 2, (Side::Nothing, side(1)), differs());
    assert!(window.shows("There is no older version"));
    window.press(Modifiers::NONE, Key::F7);
    window.press(Modifiers::SHIFT, Key::F7);
    assert!(window.shows("src/b.rs +1 −1"));
}

#[test]
fn what_nobody_wrote_is_one_line_until_it_is_opened() {
    let mut window = window();
    let CompareOutcome::Differs { mut files } = differs() else { panic!() };
    files[0].path = "Cargo.lock".into();
    answer(&mut window, 1, (side(1), side(2)), CompareOutcome::Differs { files });
    let lines = |window: &Window| window.harness.query_all_by_label("- 2     1").count();
    assert!(window.shows("src/b.rs +1 −1") && window.shows("Cargo.lock +1 −1"));
    assert_eq!(lines(&window), 1, "of src/b.rs");
    window.click("Cargo.lock +1 −1");
    assert_eq!(lines(&window), 2);
    window.click("src/b.rs +1 −1");
    assert_eq!(lines(&window), 1, "any file can be folded");
}

#[test]
fn saved_files_are_never_those_of_an_earlier_moment() {
    let mut window = window();
    let saved = |id| [Command::Compare { id, from: side(2), to: Side::Saved }];
    window.hear([Event::AutoReload { on: false }]);
    window.click("Against saved");
    window.sent();
    let event = || Event::Saved { paths: vec!["src/lib.rs".into()] };
    window.hear([event()]);
    assert_eq!(window.sent(), saved(3));
    window.hear([event()]);
    assert_eq!(window.sent(), saved(4), "a second save changes no status");
    window.press(Modifiers::COMMAND, Key::Comma);
    window.hear([event()]);
    assert_eq!(window.sent(), [], "the panel is not in view");
    window.press(Modifiers::COMMAND, Key::Comma);
    window.press(Modifiers::COMMAND, Key::Num6);
    assert_eq!(window.sent(), saved(5), "it is compared anew when it is shown");
}
