//! What is to hold of the Details panel.

use eframe::egui::{Key, Modifiers};
use exuvia_runtime::build::{BuildPath, Fallback};
use exuvia_runtime::history::record::Standing;
use exuvia_runtime::history::states::LeftState;
use exuvia_runtime::ids::VersionNumber;
use exuvia_runtime::session::Command;
use exuvia_runtime::swap::verdict::{Carried, ResetField, Verdict, VerdictKind};

use super::super::super::tests::Window;
use super::*;
use crate::model::samples::*;

fn model() -> Model {
    let mut newer = version(2, 3);
    newer.marks.standing = Standing::Faulted { fault: "SIGSEGV".to_owned() };
    newer.marks.keep = true;
    newer.record.state_type = Some("greetings::Counter".to_owned());
    newer.record.exports[0].returns.size = 32;
    let mut model = Model::default();
    model.apply(opened(vec![version(1, 9), newer], vec![failure(4, 1)], &[]), NOW);
    model.apply(activated(1), NOW);
    model
}

fn text(model: &Model, view: &ViewState) -> String {
    DetailsView::new(model, view, NOW).map_or(String::new(), |view| as_text(&view.title, &view.groups))
}

#[test]
fn the_selected_version_else_the_active_one_is_told() {
    let (mut model, mut view) = (model(), ViewState::default());
    assert!(text(&model, &view).starts_with("v1\n"));
    view.select(VersionNumber(2));
    let v2 = text(&model, &view);
    for line in [
        "v2\n\nOutcome\n  Verdict: Hot: no state to carry\n  Standing: faulted: SIGSEGV\n  kept: never removed",
        "  Saved files: greetings/src/lib.rs\n  Built: 2023-11-14 22:10:20 UTC · 3 min ago\n",
        "  BLAKE3: 0000000000000000000000000000000000000000000000000000000000000000\n",
        "  State type: greetings::Counter\n",
        "  total: 646 ms\n",
        "Exports, compared with v1\n  changed: greet(name: &str (16 bytes, align 8)) -> alloc::string::String (32 bytes, align 8)\n  \
         was: greet(name: &str (16 bytes, align 8)) -> alloc::string::String (24 bytes, align 8)\n",
        "All exports (1)\n  greet: fn greet(name: &str) -> String\n",
    ] {
        assert!(v2.contains(line), "{line}\nnot in\n{v2}");
    }
    model.active = None;
    assert!(text(&model, &ViewState::default()).starts_with("v2\n"), "the newest where nothing runs");
    assert_eq!(text(&Model::default(), &view), "");
}

#[test]
fn what_became_of_the_state_is_listed_by_path() {
    let reset = ResetField { path: "enemies[3].hp".to_owned(), why: "was number, now string".to_owned() };
    let carried = Carried {
        kept: 5,
        defaulted: vec!["lives".to_owned(), "best.mp".to_owned()],
        renamed: vec![("name".to_owned(), "player".to_owned())],
        reset: vec![reset],
        more: 7,
        ..Carried::default()
    };
    let mut row = version(1, 3);
    row.record.verdict = Verdict::new(VerdictKind::Migrated, "state carried over").with_fields(carried);
    row.marks.left_state = Some(LeftState { at: NOW, bytes: 2048 });
    let mut model = Model::default();
    model.apply(opened(vec![row], vec![], &[]), NOW);
    let told = text(&model, &ViewState::default());
    for lines in [
        "  State when left: 2 KiB · just now\n",
        "What became of the state\n  Kept: 5 values\n  Renamed: name → player\n  Defaulted: lives\nbest.mp\n  \
         Reset: enemies[3].hp (was number, now string)\n  Not listed: 7\n",
    ] {
        assert!(told.contains(lines), "{lines}\nnot in\n{told}");
    }
    let chinese = ViewState { language: Language::Chinese, ..ViewState::default() };
    assert!(text(&model, &chinese).contains("状态的去向\n  保留: 5 个值\n  改名: name → player\n"));
}

#[test]
fn the_path_of_the_build_is_told() {
    for (path, chinese, wanted) in [
        (
            BuildPath::Replay { crates: vec!["core".to_owned(), "g".to_owned()], base: None },
            false,
            "Built by: rustc replayed: core, g",
        ),
        (BuildPath::Cargo { why: Some(Fallback::LockFile) }, false, "Built by: cargo: Cargo.lock has changed"),
        (BuildPath::Cargo { why: Some(Fallback::LockFile) }, true, "构建方式: 由 cargo 构建：Cargo.lock 已更改"),
    ] {
        let mut row = version(1, 9);
        row.record.path = path;
        let mut model = Model::default();
        model.apply(opened(vec![row], vec![], &[]), NOW);
        let language = if chinese { Language::Chinese } else { Language::English };
        let told = text(&model, &ViewState { language, ..ViewState::default() });
        assert!(told.contains(wanted), "{wanted}\nnot in\n{told}");
    }
    let mut model = Model::default();
    model.apply(opened(vec![version(1, 9)], vec![], &[]), NOW);
    assert!(!text(&model, &ViewState::default()).contains("Built by"), "an older workbench has not written it down");
}

#[test]
fn a_failed_generation_has_its_facts_until_a_version_is_selected() {
    let (model, mut view) = (model(), ViewState::default());
    view.guest.details.failure = Some(FailureKey::of(&failure(4, 1)));
    let failed = text(&model, &view);
    for line in ["Build 4\n\nBuild failed\n  Message: could not compile `greetings`\n", "  Problems: 2\n"] {
        assert!(failed.contains(line), "{line}\nnot in\n{failed}");
    }
    view.select(VersionNumber(1));
    assert!(text(&model, &view).starts_with("v1\n"));
}

#[test]
fn the_panel_leads_on_and_copies() {
    let mut window = Window::running();
    window.press(Modifiers::COMMAND, Key::Num7);
    assert!(window.shows("Exports, compared with v1") && window.shows("no export was added"));
    window.click("build failed, lib.rs, 5 min ago");
    assert!(window.shows("could not compile `greetings`"));
    window.click("v1, Hot, lib.rs, 9 min ago");
    assert!(!window.shows("Exports, compared with"));
    window.click("Copy BLAKE3");
    window.click("Compare with the version before");
    assert_eq!(
        window.sent(),
        [Command::Compare {
            id: 1,
            from: exuvia_runtime::history::compare::Side::Nothing,
            to: exuvia_runtime::history::compare::Side::Version(VersionNumber(1))
        }]
    );
}
