//! Whatever a guest does to its process, it goes on: from the last snapshot, in a new runner.

use exuvia_runtime::call::Answer;
use exuvia_runtime::history::record::{Marks, Standing};
use exuvia_runtime::session::{Command, Event, SessionConfig, StateMoment, Stream};
use exuvia_runtime::swap::verdict::VerdictKind;
use exuvia_tests::guest::Guest;
use exuvia_tests::process::{Signal, is_alive, runner, send, until_no_runner};
use exuvia_tests::sources::{counter, greeting, stateful};
use exuvia_tests::watched::{SHORT, Watched, config};

const DEADLY: &str = r#"
#[export]
fn quit(code: i32) {
    println!("leaving with {code}");
    std::process::exit(code);
}

#[export]
fn abort() {
    std::process::abort();
}

#[export]
fn overflow(depth: u64) -> u64 {
    if depth == u64::MAX { 0 } else { std::hint::black_box(overflow(std::hint::black_box(depth + 1)) + 1) }
}

#[export]
fn hang() {
    loop {
        std::thread::park();
    }
}

#[export]
fn panics(state: &mut Counter) -> u32 {
    state.clicks += 1;
    panic!("on purpose, at {}", state.clicks);
}
"#;

#[test]
fn a_panic_in_a_call_is_shown_and_the_version_goes_on() {
    let lib = counter(DEADLY);
    let line = 1 + lib.lines().position(|line| line.contains("panic!")).unwrap();
    let guest = Guest::with_state("panics", &lib);
    let mut session = Watched::start(&guest);
    session.recorded();
    session.returned("click(2)");
    let before = runner(&guest.root);
    let Answer::Panicked { message, file, line: at } = session.call("panics()") else { panic!("{}", session.story()) };
    assert_eq!((message.as_str(), at as usize), ("on purpose, at 3", line));
    assert!(file.ends_with("src/lib.rs"), "{file}");
    assert_eq!(session.returned("clicks()"), 3);
    assert_eq!(runner(&guest.root), before);
    session.status("running v1 = saved source");
    session.end();
}

#[test]
fn the_last_snapshot_goes_on_after_every_kind_of_end() {
    let guest = Guest::with_state("deadly", &counter(DEADLY));
    let mut session_config = config(&guest);
    session_config.deadlines.request = SHORT;
    let mut session = Watched::with(session_config);
    session.recorded();
    session.returned("click(40)");
    for (clicks, (call, words, doing)) in (41..).zip([
        ("quit(7)", "the runner ended with exit code 7", "the call of `quit` of v1"),
        ("abort()", "the runner ended with SIGABRT (aborted)", "the call of `abort` of v1"),
        ("overflow(0)", "the runner ended with SIGSEGV (stack overflow)", "the call of `overflow` of v1"),
        ("hang()", "no answer for 1.5 s", "the call of `hang` of v1"),
    ]) {
        session.returned("click(1)");
        let before = runner(&guest.root);
        let fault_words = format!("{words} during {doing}");
        assert_eq!(session.call(call), Answer::Faulted { fault: fault_words.clone() });
        assert_eq!(session.fault(), (exuvia_runtime::ids::VersionNumber(1), fault_words.clone()));
        let activation = session.activated();
        assert_eq!((activation.version.0, activation.verdict.kind), (1, VerdictKind::Restarted));
        let reason = format!("{fault_words}; goes on from the last snapshot; state carried over: 1 value kept");
        assert_eq!(activation.verdict.reason, reason);
        session.status("v1 faulted, started again");
        assert_eq!(session.returned("clicks()"), clicks, "after {call}");
        assert!(!is_alive(before), "after {call}");
    }
    // What was written before the end is not lost.
    session.output(1, Stream::Stdout, "leaving with 7\n");
    session.end();
    until_no_runner(&guest.root);
}

#[test]
fn a_version_that_faults_in_its_probation_is_rolled_back() {
    let probe = |body: &str| counter(&format!("#[export]\nfn probe(state: &mut Counter) -> u32 {{ {body} }}"));
    let guest = Guest::with_state("probation", &probe("state.clicks"));
    let mut session = Watched::pinned(&guest, &["probe()"]);
    session.recorded();
    session.returned("click(5)");

    guest.save(&probe("state.clicks = 999; std::process::abort()"));
    let row = session.recorded();
    assert_eq!(row.record.verdict.kind, VerdictKind::Refused);
    assert!(row.record.verdict.reason.contains("SIGABRT"), "{}", row.record.verdict);
    assert!(matches!(&row.marks.standing, Standing::Faulted { fault } if fault.contains("SIGABRT")), "{row:?}");
    session.status("v1 runs; v2 faulted");
    assert_eq!(session.returned("clicks()"), 5);

    guest.save(&probe("state.clicks = 999; panic!(\"new\")"));
    let row = session.recorded();
    assert_eq!(row.record.verdict.kind, VerdictKind::Refused);
    assert!(row.record.verdict.reason.contains("new"), "{}", row.record.verdict);
    session.status("v1 runs; v3 faulted");
    assert_eq!(session.returned("clicks()"), 5);

    guest.save(&probe("state.clicks + 100"));
    let row = session.recorded();
    assert_eq!((row.record.number.0, row.record.verdict.kind), (4, VerdictKind::Hot));
    assert_eq!(row.marks.pinned_results[0].answer.to_string(), "105");
    session.status("running v4 = saved source");
    session.end();
}

#[test]
fn a_panic_in_restore_is_refused() {
    let guest = Guest::with_state("restore", &counter(""));
    let mut session = Watched::start(&guest);
    session.recorded();
    session.returned("click(5)");
    guest.save(&stateful("clicks: u32,", "fn restored(&mut self) { panic!(\"no way back\") }", ""));
    let row = session.recorded();
    assert_eq!((row.record.verdict.kind, &row.marks.standing), (VerdictKind::Refused, &Standing::Refused));
    assert!(row.record.verdict.reason.contains("no way back"), "{}", row.record.verdict);
    session.status("v2 refused, still running v1");
    assert_eq!(session.returned("click(1)"), 6);
    session.end();
}

#[test]
fn a_runner_killed_from_outside_is_replaced() {
    let guest = Guest::with_state("killed", &counter(""));
    let mut session = Watched::start(&guest);
    session.recorded();
    session.returned("click(5)");
    // Answered once the snapshot behind the call before has been taken.
    session.returned("clicks()");
    let killed = runner(&guest.root);
    send(killed, Signal::KILL);
    let activation = session.activated();
    assert_eq!((activation.version.0, activation.verdict.kind), (1, VerdictKind::Restarted));
    let words = "the runner was killed from outside: SIGKILL (killed); goes on from the last snapshot";
    assert!(activation.verdict.reason.starts_with(words), "{}", activation.verdict);
    assert_eq!(session.returned("clicks()"), 5);
    assert_ne!(runner(&guest.root), killed);
    session.status("running v1 = saved source");

    // Nor is it a fault of the version, however often; but somebody who keeps doing it is not fought.
    // None that a process may have been told to ignore by whoever started the tests, as `nohup` does.
    for signal in [Signal::TERM, Signal::KILL] {
        send(runner(&guest.root), signal);
        assert_eq!(session.activated().version.0, 1);
        assert_eq!(session.returned("clicks()"), 5);
    }
    send(runner(&guest.root), Signal::KILL);
    let reason = stopped(&mut session);
    assert!(reason.contains("killed from outside") && reason.contains("4 times in a row"), "{reason}");
    assert_eq!(
        session.count(|event| matches!(
            event,
            Event::Fault { .. } | Event::Marked { marks: Marks { standing: Standing::Faulted { .. }, .. }, .. }
        )),
        0
    );
    session.activate(1);
    assert_eq!(session.returned("clicks()"), 5);
    session.end();
}

/// Why nothing is started again by itself.
fn stopped(session: &mut Watched) -> String {
    session.next("the end of trying", |event| match event {
        Event::Status { text, .. } => text.strip_prefix("stopped: ").map(str::to_owned),
        _ => None,
    })
}

#[test]
fn crashes_in_a_row_walk_back_and_then_stop() {
    let guest = Guest::new("row", &greeting("one"));
    let mut session = Watched::start(&guest);
    session.recorded();
    guest.save(&greeting("two"));
    session.recorded();
    let kill = |session: &mut Watched| {
        // Answered once the host is done with whatever came before.
        session.call("greet(\"x\")");
        send(runner(&guest.root), Signal::ABORT);
        session.fault();
    };
    for (version, answer) in [(2, "two"), (1, "one")] {
        kill(&mut session);
        assert_eq!(session.activated().version.0, version);
        assert_eq!(session.returned("greet(\"x\")"), answer);
    }
    kill(&mut session);
    let reason = stopped(&mut session);
    assert!(reason.contains("SIGABRT") && reason.contains("no good version is left"), "{reason}");
    let answer = session.call("greet(\"x\")").to_string();
    assert!(answer.contains("nothing is loaded"), "{answer}");
    // A save starts it again.
    guest.save(&greeting("three"));
    session.recorded();
    assert_eq!(session.returned("greet(\"x\")"), "three");
    session.end();
}

/// A generator that runs wild, or a person who does not look: neither is built for ever.
#[test]
fn versions_that_only_fault_end_the_reloading_until_somebody_asks() {
    let probe = |body: &str| counter(&format!("#[export]\nfn probe() -> u32 {{ {body} }}\n"));
    let guest = Guest::with_state("row-of-probations", &probe("1"));
    let mut session = Watched::pinned(&guest, &["probe()"]);
    session.recorded();
    let auto = |session: &mut Watched| {
        session.next("auto-reload's switch", |event| match event {
            Event::AutoReload { on } => Some(*on),
            _ => None,
        })
    };
    for code in 2..7 {
        guest.save(&probe(&format!("std::process::exit({code})")));
        let row = session.recorded();
        assert!(matches!(row.marks.standing, Standing::Faulted { .. }), "{row:?}");
    }
    assert!(!auto(&mut session));
    let reason = stopped(&mut session);
    assert!(reason.starts_with("5 versions in a row faulted when they were opened or tried (v2 to v6)"), "{reason}");
    assert_eq!(session.returned("probe()"), 1);
    // The next save waits for somebody to ask.
    guest.save(&probe("7"));
    session.send(Command::Build);
    let row = session.recorded();
    assert_eq!((row.record.number.0, row.record.cause.text().as_str()), (7, "asked"));
    assert!(auto(&mut session));
    guest.save(&probe("8"));
    let row = session.recorded();
    assert_eq!((row.record.number.0, row.record.cause.text().as_str()), (8, "lib.rs"));
    session.end();
}

/// What crashes while it is opened becomes no version, and counts all the same.
#[test]
fn libraries_that_only_crash_when_they_are_opened_end_the_reloading_too() {
    let guest = Guest::new("row-of-loads", &greeting("one"));
    let mut session = Watched::start(&guest);
    session.recorded();
    for number in 1..=5 {
        guest.save(&format!(
            "{}\nextern \"C\" fn loaded() {{ if {number} > 0 {{ std::process::abort() }} }}\n#[used]\n\
             #[unsafe(link_section = \".init_array\")]\nstatic LOADED: extern \"C\" fn() = loaded;\n",
            greeting("{}").replace("\")", &format!("\", {number})"))
        ));
        let failed = session.failed();
        assert!(failed.failure.message().contains("SIGABRT"), "{failed:?}");
    }
    let reason = stopped(&mut session);
    let words = "5 versions in a row faulted when they were opened or tried (build 2 to build 6)";
    assert!(reason.starts_with(words), "{reason}");
    assert_eq!(session.returned("greet(\"x\")"), "one");
    // The next save waits for somebody to ask.
    guest.save(&greeting("seven"));
    session.send(Command::Build);
    let row = session.recorded();
    assert_eq!((row.record.number.0, row.record.cause.text().as_str()), (2, "asked"));
    session.end();
}

/// A state that takes long to write down is written down less often; never is it lost in a swap.
#[test]
fn a_slow_snapshot_is_not_taken_after_every_call() {
    let slow = |number: u32| {
        stateful(
            "#[serde(serialize_with = \"writes\")] clicks: u32,",
            "",
            &format!(
                "#[export]\nfn number() -> u32 {{ {number} }}\nfn writes<S: serde::Serializer>(clicks: &u32, to: S) -> Result<S::Ok, S::Error> {{ std::thread::sleep(std::time::Duration::from_millis(300)); to.serialize_u32(*clicks) }}\n"
            ),
        )
    };
    let guest = Guest::with_state("slow-snapshot", &slow(1));
    let mut session = Watched::start(&guest);
    session.recorded();
    for clicks in 1..=4 {
        assert_eq!(session.returned("click(1)"), clicks);
    }
    guest.save(&slow(2));
    session.recorded();
    assert_eq!(session.returned("clicks()"), 4);
    let taken = session.count(|event| matches!(event, Event::State { moment: StateMoment::Called, .. }));
    assert!(taken <= 1, "{taken} snapshots after 4 calls");
    session.end();
}

#[test]
fn a_call_that_kills_cannot_be_pinned() {
    let guest = Guest::new("deadlypin", "#[exuvia_guest::export]\nfn start() { std::process::exit(3) }\n");
    let mut session = Watched::start(&guest);
    session.recorded();
    // It would end each version from then on.
    session.send(Command::Pin { text: "start()".to_owned() });
    let message = session.command_refused();
    assert!(message.contains("exit code 3"), "{message}");
    session.status("v1 faulted, started again");
    let pins = session.eventually("the pins", |seen| {
        seen.iter().rev().find_map(|event| match event {
            Event::Pins { pins } => Some(pins.len()),
            _ => None,
        })
    });
    assert_eq!(pins, 0);
    session.end();
}

#[test]
fn what_is_printed_is_shown_with_its_version() {
    let says = |n: u32| {
        format!(
            "#[exuvia_guest::export]\nfn say() {{ println!(\"line {n}\"); eprintln!(\"error {n}\"); print!(\"rest {n} ä\"); }}\n"
        )
    };
    let guest = Guest::new("output", &says(1));
    let mut session = Watched::with(SessionConfig { pins: vec!["say()".to_owned()], ..config(&guest) });
    session.recorded();
    session.output(1, Stream::Stdout, "line 1\nrest 1 ä");
    session.output(1, Stream::Stderr, "error 1\n");
    guest.save(&says(2));
    session.recorded();
    session.output(2, Stream::Stdout, "line 2\nrest 2 ä");
    session.output(2, Stream::Stderr, "error 2\n");
    session.output(1, Stream::Stdout, "line 1\nrest 1 ä");
    session.end();
}

/// What the old version does when its state is asked for must not keep the new one out: the repair
/// could never get in.
#[test]
fn an_old_version_that_dies_of_its_snapshot_lets_the_new_one_in() {
    let field = |options: &str| format!("{options} clicks: u32,");
    let deadly = stateful(
        &field("#[serde(serialize_with = \"writes\")]"),
        "",
        r#"
static ARMED: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);

#[export]
fn arm() { ARMED.store(true, std::sync::atomic::Ordering::SeqCst); }

fn writes<S: serde::Serializer>(clicks: &u32, to: S) -> Result<S::Ok, S::Error> {
    if ARMED.load(std::sync::atomic::Ordering::SeqCst) { std::process::abort() }
    to.serialize_u32(*clicks)
}
"#,
    );
    let guest = Guest::with_state("deadly_snapshot", &deadly);
    let mut session = Watched::start(&guest);
    session.recorded();
    assert_eq!(session.returned("click(5)"), 5);
    session.returned("arm()");
    guest.save(&stateful(&field(""), "", ""));
    let (version, fault) = session.fault();
    assert_eq!(version.0, 1);
    assert!(fault.contains("SIGABRT") && fault.contains("snapshot of v1"), "{fault}");
    let row = session.recorded();
    assert_eq!((row.record.number.0, &row.marks.standing), (2, &Standing::Good));
    assert!(row.record.verdict.reason.contains("an earlier snapshot was used"), "{}", row.record.verdict);
    session.status("running v2 = saved source");
    assert_eq!(session.returned("clicks()"), 5);
    session.end();
}

/// A kept version that cannot be started again is not the end: the one before is tried.
#[test]
fn a_damaged_version_is_passed_over_on_the_way_back() {
    let text = |number: u32| counter(&format!("#[export]\nfn number() -> u32 {{ {number} }}"));
    let guest = Guest::with_state("passed_over", &text(1));
    let mut session = Watched::start(&guest);
    let history = session.next("opened", |event| match event {
        Event::Opened { guest, .. } => Some(guest.history.clone()),
        _ => None,
    });
    session.recorded();
    guest.save(&text(2));
    let row = session.recorded();
    std::fs::write(history.join("versions/00002").join(&row.record.artifact.file), "damaged").unwrap();
    send(runner(&guest.root), Signal::KILL);
    let activation = session.activated();
    assert_eq!((activation.version.0, activation.verdict.kind), (1, VerdictKind::Restarted));
    assert_eq!(session.returned("number()"), 1);
    session.end();
}
