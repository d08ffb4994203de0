//! What is to hold of the Memory panel.

use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use exuvia_runtime::session::{Command, Event, MappedVersion, RunnerMemory};

use super::super::super::tests::Window;
use super::*;
use crate::model::samples::*;

fn told(known: bool, versions: &[(u32, u64, u32, Option<&str>)]) -> Event {
    let runner = RunnerMemory { pid: 4_711, resident: known.then_some(12 << 20), threads: known.then_some(9) };
    let mapped = |(version, bytes, threads, why): &(u32, u64, u32, Option<&str>)| MappedVersion {
        version: VersionNumber(*version),
        bytes: *bytes,
        threads: *threads,
        why: why.map(str::to_owned),
    };
    Event::Memory { runner, versions: versions.iter().map(mapped).collect() }
}

#[test]
fn kept_versions_are_explained_and_can_be_freed() {
    let mut window = Window::running();
    window.press(Modifiers::COMMAND, Key::Num8);
    assert!(window.shows("Nothing is mapped yet"));
    window.hear([told(true, &[(1, 3 << 20, 2, Some("2 threads are alive")), (2, 6 << 20, 0, None)])]);
    for text in [
        "4711",
        "12.0 MiB",
        "9.0 MiB",
        "v2, active, 6.0 MiB, no threads of its own",
        "v1, kept mapped, 3.0 MiB, 2 threads",
        "2 threads are alive",
        "“Kept mapped” means",
    ] {
        assert!(window.shows(text), "{text}");
    }
    window.click("Read again");
    assert_eq!(window.sent(), [Command::ReadMemory]);
    assert!(window.harness.query_all_by_label("Restart guest").count() >= 1);
    window.hear([told(true, &[(2, 6 << 20, 0, None)])]);
    assert!(window.shows("Only what runs is mapped") && !window.shows("means that"));
    let fault = "SIGSEGV".to_owned();
    window.hear([Event::Fault { version: VersionNumber(2), fault }]);
    assert!(window.shows("Nothing is mapped yet"), "the runner is gone");
}

#[test]
fn a_platform_that_cannot_say_is_said_to() {
    let mut model = Model::default();
    model.apply(activated(2), NOW);
    model.apply(told(false, &[(1, 0, 1, Some("1 thread is alive")), (2, 0, 0, None)]), NOW);
    let l = Language::Chinese;
    let view = MemoryView::new(&model, l, NOW).unwrap();
    assert!(!view.known && view.restart.is_some());
    assert_eq!(view.runner[1].1, "未知");
    assert_eq!((view.rows[0].active, view.rows[0].size.as_str()), (true, "未知"));
    assert_eq!(view.rows[1].spoken, "v1（仍被映射）占用 未知，1 个线程");
    model.apply(told(false, &[(2, 0, 0, None)]), NOW);
    assert_eq!(MemoryView::new(&model, l, NOW).unwrap().explanation, l.memory_unknown_here());
}
