//! Every fault at every moment, with a real guest: what the history says, and what goes on. The
//! outcomes are the table `tests/fault_matrix.md`, which `EXUVIA_WRITE_FAULT_MATRIX=1` writes anew.

use std::fmt::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use exuvia_runtime::call::Answer;
use exuvia_runtime::history::record::Standing;
use exuvia_runtime::session::{Command, Event, RunnerLimits};
use exuvia_tests::fault_guest::{FAULTS, FaultGuest, lines_of};
use exuvia_tests::process::until_no_runner;
use exuvia_tests::program::workspace;
use exuvia_tests::until;
use exuvia_tests::watched::{SHORT, Watched, config};

const MOMENTS: [&str; 7] = ["first load", "call", "probation", "restore", "snapshot", "drop", "long after"];

/// How many guests at once: a build waits for another one's, and a hang for its deadline.
const AT_ONCE: usize = 4;

/// A guest that hangs is given little time, one that allocates little memory.
fn start(faulty: &FaultGuest) -> Watched {
    let mut session = config(&faulty.guest);
    // A panic that may not leave a function prints a backtrace, for which a busy machine needs long.
    (session.deadlines.request, session.deadlines.open) = (SHORT * 2, SHORT * 4);
    session.limits = RunnerLimits { memory: 256 << 20, ..RunnerLimits::default() };
    session.pins = vec!["probe()".to_owned()];
    Watched::with(session)
}

/// What the history says of what happened in these events; empty if nothing did.
fn said(events: &[Event]) -> String {
    let words = events.iter().find_map(|event| match event {
        Event::Fault { fault, .. } => Some(fault.clone()),
        Event::Failed { record } => Some(record.failure.message().to_owned()),
        Event::Recorded { row } if row.marks.standing != Standing::Good => Some(row.record.verdict.reason.clone()),
        Event::Answered { answer: answer @ Answer::Panicked { .. }, .. } => Some(answer.to_string()),
        Event::Killed { version, ending, .. } => {
            Some(format!("the runner was killed from outside: {ending}; {version} goes on in a new one"))
        }
        Event::Notice { message } if message.contains("panicked") || message.contains("killed") => {
            Some(message.clone())
        }
        _ => None,
    });
    words.unwrap_or_default()
}

/// The words as they stand in the table: without what differs from run to run.
fn in_table(words: &str, fault: &str) -> String {
    let mut words = words.to_owned();
    for (from, to, by) in [
        (", with ", " may have,", ", for want of memory"),
        ("memory allocation of ", " failed", "an allocation failed"),
        (" (", " bytes left out)", ""),
    ] {
        if let Some(start) = words.find(from)
            && let Some(length) = words[start..].find(to)
        {
            words.replace_range(start..start + length + to.len(), by);
        }
    }
    if let Some(start) = words.find("src/faults.rs:") {
        let digits = words[start + 14..].chars().take_while(char::is_ascii_digit).count();
        let end = start + 14 + digits;
        let line: usize = words[start + 14..end].parse().unwrap();
        // Panics have a column, too.
        let column =
            words[end..].strip_prefix(':').map_or(0, |rest| 1 + rest.chars().take_while(char::is_ascii_digit).count());
        let is_its = lines_of(fault).contains(&line);
        let column = if column > 1 { column } else { 0 };
        words.replace_range(start..end + column, if is_its { "its line" } else { "another line" });
    }
    let words = words.replace("the runner ended with ", "").replace("it faulted in its probation: ", "");
    let doing =
        [" of v1", " of v2", " of v3", " of v4", " of v5"].iter().fold(words, |words, of| words.replace(of, ""));
    doing.lines().next().unwrap_or_default().replace('|', "\\|")
}

/// Calls until an answer comes: the first call may be the one that finds a runner that is of no use.
fn clicks(session: &mut Watched) -> serde_json::Value {
    for _ in 0..2 {
        if let Answer::Returned { value } = session.call("clicks()") {
            return value;
        }
    }
    session.returned("clicks()")
}

/// One fault at all moments.
fn row(fault: &str, sections: &[(&str, &str)]) -> Vec<String> {
    let mut faulty = FaultGuest::new(&format!("fault-{}", fault.replace('_', "-")), sections);
    let mut cells = Vec::new();
    let root = faulty.guest.root.clone();
    let files = || {
        let entries = std::fs::read_dir(&root).unwrap().flatten();
        let mut names: Vec<_> = entries.map(|entry| entry.file_name()).collect();
        names.sort();
        names
    };
    let files_before = files();

    faulty.order("load", fault);
    let mut session = start(&faulty);
    let is_up = session.next("the first load", |event| match event {
        Event::Recorded { .. } => Some(true),
        Event::Failed { .. } => Some(false),
        _ => None,
    });
    cells.push(in_table(&said(&session.seen), fault));
    if !is_up {
        session.send(Command::Build);
        session.recorded();
    }
    assert!(!faulty.order_file().exists(), "{fault} at load was not carried out");
    assert_eq!(clicks(&mut session), 0, "{fault} at load; {}", session.story());
    session.returned("click(7)");

    for moment in &MOMENTS[1..] {
        let begin = session.seen.len();
        let word = if *moment == "long after" { "later" } else { moment };
        faulty.order(word, fault);
        match *moment {
            "call" => drop(session.call("act()")),
            "snapshot" => session.send(Command::ReadState),
            "long after" => {
                session.call("later()");
                // Behind all that follows from the call: nothing is asked of the runner any more.
                session.call("clicks()");
                faulty.go();
                until("the order", || (!faulty.order_file().exists()).then_some(()));
                if ends_from_a_thread(fault) || !sections.is_empty() {
                    session.activated();
                }
            }
            _ => {
                faulty.save();
                let row = session.recorded();
                let is_good = row.marks.standing == Standing::Good;
                assert!(is_good || *moment != "drop", "the old version's end kept the new one out: {row:?}");
            }
        }
        assert_eq!(clicks(&mut session), 7, "{fault} at {moment}; {}", session.story());
        assert!(!faulty.order_file().exists(), "{fault} at {moment} was not carried out; {}", session.story());
        cells.push(in_table(&said(&session.seen[begin..]), fault));
    }

    // A version that comes after finds everything as the first one did.
    faulty.save();
    session.recorded();
    let home = faulty.guest.root.display().to_string();
    assert_eq!(session.returned("finds()"), serde_json::json!([home, false]), "after {fault}");
    let events = session.end();
    let output: usize =
        events.iter().map(|event| if let Event::Output { text, .. } = event { text.len() } else { 0 }).sum();
    assert!(output < 32 << 20, "{output} bytes of output after {fault}");
    if fault == "flood" {
        let is_marked =
            |event: &Event| matches!(event, Event::Output { text, .. } if text.contains("left out: too much"));
        assert!(events.iter().any(is_marked), "what was left out is said");
    }
    until_no_runner(&faulty.guest.root);
    assert_eq!(faulty.processes(), Vec::<u32>::new(), "processes after {fault}");
    assert_eq!(files(), files_before, "files after {fault}");
    cells
}

/// Whether the fault ends the runner when a thread of the guest's commits it while nothing is asked.
fn ends_from_a_thread(fault: &str) -> bool {
    let stays = [
        "panic",
        "panic_in_drop",
        "endless_loop",
        "deadlock",
        "flood",
        "close",
        "thread_panics",
        "thread_stays",
        "fork",
        "fork_away",
        "leave",
        "leave_folder",
        "mask",
        "stop",
        "kill_parents",
    ];
    !stays.contains(&fault)
}

/// A fault, its name in the table, and sections of the manifest.
type Row = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

#[test]
fn every_fault_at_every_moment_is_survived() {
    let aborting = &[("[profile.dev]", "panic = \"abort\"\n")];
    let mut rows: Vec<Row> = FAULTS.iter().map(|(fault, name)| (*fault, *name, &[][..])).collect();
    rows.insert(1, ("panic", "panic with `panic = \"abort\"`", aborting));
    if let Ok(only) = std::env::var("EXUVIA_FAULTS") {
        rows.retain(|(fault, ..)| only.split(',').any(|one| one == *fault));
    }
    let (next, done) = (AtomicUsize::new(0), Mutex::new(vec![None; rows.len()]));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some((fault, _, sections)) = rows.get(index) else { return };
                    let cells = row(fault, sections);
                    done.lock().unwrap()[index] = Some(cells);
                }
            });
        }
    });
    let mut table = String::from(
        "# Faults, and what became of them\n\nWritten by `tests/tests/fault_matrix.rs` from what it saw (`EXUVIA_WRITE_FAULT_MATRIX=1`); compared whenever it runs.\nIn every case the workbench went on, the state was as before the fault, the versions that came after\nwere not disturbed, and neither a process nor a file was left. A cell says what the history and the events say of the fault;\n\"nothing\" means that it did no harm.\n\n",
    );
    writeln!(table, "| fault | {} |\n|---|{}", MOMENTS.join(" | "), "---|".repeat(MOMENTS.len())).unwrap();
    for ((_, name, _), cells) in rows.iter().zip(done.into_inner().unwrap()) {
        let cells = cells.expect("a row");
        let cells: Vec<_> = cells.iter().map(|cell| if cell.is_empty() { "nothing" } else { cell.as_str() }).collect();
        writeln!(table, "| {name} | {} |", cells.join(" | ")).unwrap();
    }
    let file = workspace().join("tests/fault_matrix.md");
    if std::env::var_os("EXUVIA_WRITE_FAULT_MATRIX").is_some() {
        std::fs::write(&file, &table).unwrap();
    }
    let known = std::fs::read_to_string(&file).unwrap_or_default();
    let missing: Vec<_> = table.lines().filter(|line| !known.lines().any(|known| known == *line)).collect();
    assert!(missing.is_empty(), "{} does not have:\n{}", file.display(), missing.join("\n"));
}
