//! Back and forward between kept versions, what becomes of the state, and of what is left behind.

use exuvia_runtime::ids::VersionNumber;
use exuvia_runtime::session::{Command, Event, Retirement};
use exuvia_runtime::swap::verdict::VerdictKind;
use exuvia_tests::guest::Guest;
use exuvia_tests::sources::{counter, greeting, stateful};
use exuvia_tests::watched::{Watched, pinned_results};

fn named(name: &str) -> String {
    counter(&format!("#[export]\nfn name() -> &'static str {{ {name:?} }}"))
}

#[test]
fn back_and_forward_carry_the_state_along() {
    let guest = Guest::with_state("rollback", &named("one"));
    let mut session = Watched::pinned(&guest, &["name()"]);
    session.recorded();
    assert_eq!(session.returned("click(1)"), 1);
    guest.save(&named("two"));
    let row = session.recorded();
    assert_eq!(
        (row.record.verdict.kind, row.record.verdict.reason.as_str()),
        (VerdictKind::Hot, "state carried over: 1 value kept")
    );
    assert_eq!(session.returned("click(10)"), 11);

    let activation = session.activate(1);
    assert_eq!(
        (activation.version.0, activation.from, activation.verdict.kind),
        (1, Some(VersionNumber(2)), VerdictKind::Hot)
    );
    assert_eq!((activation.durations.build, activation.durations.stage.is_some()), (None, true));
    session.status("running v1, source is at v2");
    assert_eq!(session.returned("name()"), "one");
    assert_eq!(session.returned("click(100)"), 111);

    session.send(Command::RollForward);
    assert_eq!(session.activated().version.0, 2);
    session.status("running v2 = saved source");
    assert_eq!(session.returned("name()"), "two");
    assert_eq!(session.returned("clicks()"), 111);

    session.send(Command::RollBack);
    assert_eq!(session.activated().version.0, 1);
    session.send(Command::Activate { version: VersionNumber(1) });
    let (version, message) = session.not_activated();
    assert_eq!((version.0, message.as_str()), (1, "v1 is active already"));
    assert_eq!(session.count(|event| matches!(event, Event::BuildStarted { .. })), 2);

    // Saving after a rollback builds and activates as usual.
    guest.save(&named("three"));
    let row = session.recorded();
    assert_eq!(row.record.number.0, 3);
    session.status("running v3 = saved source");
    assert_eq!(session.returned("clicks()"), 111);
    let answers: Vec<u32> = pinned_results(&session.end()).into_iter().map(|(version, _)| version).collect();
    assert_eq!(answers, [1, 2, 1, 2, 1, 3]);
}

#[test]
fn saving_after_a_rollback_to_what_runs_is_said() {
    let guest = Guest::new("same", &greeting("one"));
    let mut session = Watched::start(&guest);
    session.recorded();
    guest.save(&greeting("two"));
    session.recorded();
    session.activate(1);
    session.status("running v1, source is at v2");
    guest.save(&greeting("one"));
    let (_, reason) = session.nothing_changed();
    assert!(reason.contains("v1"), "{reason}");
    session.status("running v1 = saved source");
    guest.save(&greeting("two"));
    assert_eq!(session.recorded().record.number.0, 3);
    session.end();
}

#[test]
fn fields_that_come_and_go_are_named() {
    let guest = Guest::with_state("fields", &counter(""));
    let mut session = Watched::start(&guest);
    session.recorded();
    session.returned("click(5)");

    // Without #[serde(default)]: it is the engine that fills the new field in.
    guest.save(&stateful("clicks: u32, label: String,", "", ""));
    let verdict = session.recorded().record.verdict;
    assert_eq!(
        (verdict.kind, verdict.reason.as_str()),
        (VerdictKind::Migrated, "state carried over: 1 value kept; defaulted: label")
    );
    assert_eq!(session.returned("clicks()"), 5);

    let verdict = session.activate(1).verdict;
    assert_eq!(
        (verdict.kind, verdict.reason.as_str()),
        (VerdictKind::Migrated, "state carried over: 1 value kept; dropped: label")
    );
    assert_eq!(session.returned("clicks()"), 5);

    guest.save(
        &counter("")
            .replace("clicks: u32,", "clicks: Clicks,")
            .replace("state.clicks += by;\n    state.clicks", "state.clicks.number += by;\n    state.clicks.number")
            .replace("&Counter) -> u32 {\n    state.clicks", "&Counter) -> u32 {\n    state.clicks.number")
            .replace(
                "impl State",
                "#[derive(Default, serde::Serialize, serde::Deserialize)]\nstruct Clicks { number: u32 }\n\nimpl State",
            ),
    );
    let verdict = session.recorded().record.verdict;
    assert_eq!(verdict.kind, VerdictKind::Reset);
    assert!(verdict.reason.starts_with("the old state does not fit the new type: "), "{verdict}");
    assert!(verdict.reason.contains("clicks") || verdict.reason.contains("Clicks"), "{verdict}");
    assert_eq!(session.returned("clicks()"), 0);
    session.end();
}

#[test]
fn a_restart_starts_the_state_afresh() {
    let guest = Guest::with_state("fresh", &counter(""));
    let mut session = Watched::start(&guest);
    session.recorded();
    session.returned("click(5)");
    session.send(Command::RestartGuest);
    let activation = session.activated();
    assert_eq!((activation.version.0, activation.verdict.kind), (1, VerdictKind::Restarted));
    assert_eq!(session.returned("clicks()"), 0);
    session.status("running v1 = saved source");
    session.end();
}

#[test]
fn a_retired_version_is_unmapped() {
    // A thread-local with a destructor keeps a library mapped unless its thread ends first.
    let lib = |text: &str| {
        format!(
            "thread_local! {{ static SAID: std::cell::RefCell<Vec<String>> = const {{ std::cell::RefCell::new(Vec::new()) }}; }}\n\
             {}\n#[exuvia_guest::export]\nfn remember() -> usize {{ SAID.with_borrow_mut(|said| {{ said.push(greet(\"x\")); said.len() }}) }}\n",
            greeting(text).replace("//! ", "// ")
        )
    };
    let guest = Guest::new("unmapped", &lib("one"));
    let mut session = Watched::pinned(&guest, &["remember()"]);
    session.recorded();
    guest.save(&lib("two"));
    session.recorded();
    assert_eq!(session.retired(1), Retirement::Unmapped);
    // Its statics are new when it comes back.
    session.activate(1);
    assert_eq!(session.returned("remember()"), 2);
    session.end();
}

#[test]
fn a_version_whose_thread_runs_on_stays_mapped() {
    let lib = |n: u32| {
        format!(
            "#[exuvia_guest::export]\nfn leave_a_thread() {{ std::thread::spawn(|| loop {{ std::thread::park() }}); }}\n\
             #[exuvia_guest::export]\nfn version() -> u32 {{ static N: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new({n}); N.fetch_add(100, std::sync::atomic::Ordering::Relaxed) }}\n"
        )
    };
    let guest = Guest::new("thread", &lib(1));
    let mut session = Watched::start(&guest);
    session.recorded();
    session.call("leave_a_thread()");
    assert_eq!(session.returned("version()"), 1);
    guest.save(&lib(2));
    session.recorded();
    let Retirement::Kept { why, bytes } = session.retired(1) else { panic!("{}", session.story()) };
    assert!(why.starts_with("1 thread "), "{why}");
    assert!(bytes > 10_000, "{bytes}");
    assert_eq!(session.returned("version()"), 2);
    // Opened again beside its old self it is a copy of its own, with its own statics.
    session.activate(1);
    assert_eq!(session.returned("version()"), 1);
    session.end();
}
