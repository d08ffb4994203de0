//! The experiment: each lane's outcome against the facts that its process has found, and that
//! nothing outlives it.

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError};

use exuvia_runtime::experiment::{
    Experiment, ExperimentCommand, ExperimentConfig, ExperimentEvent, Explanation, Lane, LaneReport, LibraryFacts,
    MappedFile, Report, SUBCOMMAND, Step, StepKind,
};
use exuvia_tests::cli::{command, text};
use exuvia_tests::guest::Guest;
use exuvia_tests::process::{Signal, is_alive, send};
use exuvia_tests::program::{exuvia, guests_target};
use exuvia_tests::sources::greeting;
use exuvia_tests::{deadline, until};
use serde_json::Value;

/// Beside the guests' target folder: the second test run builds the SDK no more. Tests that run at the
/// same time take turns.
fn folder() -> PathBuf {
    guests_target().join("test-experiment")
}

fn start(thread_local: bool) -> (Experiment, Receiver<ExperimentEvent>) {
    let config = ExperimentConfig { program: exuvia().to_owned(), folder: Some(folder()), thread_local };
    Experiment::start(config, || {})
}

fn next(events: &Receiver<ExperimentEvent>) -> ExperimentEvent {
    match events.recv_timeout(deadline()) {
        Ok(event) => event,
        Err(error) => panic!("waited {:?} for an event: {error}", deadline()),
    }
}

/// The events up to the one that `is_last`.
fn up_to(events: &Receiver<ExperimentEvent>, is_last: impl Fn(&ExperimentEvent) -> bool) -> Vec<ExperimentEvent> {
    let mut seen = Vec::new();
    loop {
        let event = next(events);
        let last = is_last(&event);
        assert!(last || !event.is_terminal(), "{event:?} after {seen:?}");
        seen.push(event);
        if last {
            return seen;
        }
    }
}

/// The processes of lanes whose folders lie in that of a run of `parent`'s.
fn lanes_of(parent: u32) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    ids.filter(|id| {
        let line = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        let of = stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(1)?.parse().ok());
        line.split(|byte| *byte == 0).any(|word| word == SUBCOMMAND.as_bytes()) && of == Some(parent) && is_alive(*id)
    })
    .collect()
}

fn report(thread_local: bool) -> Report {
    let (experiment, events) = start(thread_local);
    experiment.send(ExperimentCommand::RunAll);
    let seen = up_to(&events, |event| matches!(event, ExperimentEvent::Done { .. }));
    assert!(matches!(seen[0], ExperimentEvent::Started { thread_local: told } if told == thread_local), "{seen:?}");
    for lane in Lane::ALL {
        let ends =
            seen.iter().filter(|event| matches!(event, ExperimentEvent::LaneEnded { lane: l, .. } if *l == lane));
        assert_eq!(ends.count(), 1, "{lane:?}: {seen:?}");
    }
    experiment.end();
    assert!(events.try_iter().next().is_none(), "nothing comes after the end");
    let Some(ExperimentEvent::Done { report }) = seen.into_iter().last() else { unreachable!("checked above") };
    report
}

fn libraries(lane: &LaneReport) -> (&LibraryFacts, &LibraryFacts) {
    let first = lane.steps.iter().find_map(|step| match step {
        Step::Opened { library } => Some(library),
        _ => None,
    });
    let second = lane.steps.iter().find_map(|step| match step {
        Step::OpenedAgain { library, .. } => Some(library),
        _ => None,
    });
    (first.unwrap_or_else(|| panic!("{lane:?}")), second.unwrap_or_else(|| panic!("{lane:?}")))
}

fn printed(lane: &LaneReport) -> Vec<&str> {
    fn text(step: &Step) -> Option<&str> {
        match step {
            Step::Greeted { printed, .. } | Step::GreetedAgain { printed, .. } => Some(printed.trim_end()),
            _ => None,
        }
    }
    lane.steps.iter().filter_map(text).collect()
}

fn mapped_after(lane: &LaneReport, kind: StepKind) -> &[MappedFile] {
    let found = lane.steps.iter().find_map(|step| match step {
        Step::Closed { mapped } | Step::LookedAtMappings { mapped } if step.kind() == kind => mapped.as_deref(),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("{lane:?}"))
}

fn bytes_of(mapped: &[MappedFile], library: &LibraryFacts) -> u64 {
    mapped.iter().filter(|file| file.inode == library.file.inode).map(|file| file.bytes).sum()
}

/// What the code of an open library was mapped from.
fn code(library: &LibraryFacts) -> (u64, bool) {
    let code = library.code.as_ref().expect("Linux tells");
    (code.inode, code.deleted)
}

#[test]
fn each_lane_comes_out_as_its_facts_say() {
    for thread_local in [false, true] {
        let report = report(thread_local);
        let (old, new) = (report.prepared.old_text.as_str(), report.prepared.new_text.as_str());
        assert_ne!(old, new);
        // Cargo puts a new file, which has a second name under deps/, at the same path.
        let (first, second) = (&report.prepared.first, &report.prepared.second);
        assert_eq!((first.path == second.path, first.is_same_file(second)), (true, false));
        assert_eq!(report.prepared.names, Some(2));
        let [reopen, overwrite, close, unique] = &report.lanes[..] else { panic!("{report:?}") };

        // 1. Another file at the path, the same library in memory.
        let (a, b) = libraries(reopen);
        assert_eq!((&a.path, a.handle, a.address), (&b.path, b.handle, b.address));
        assert!(!a.file.is_same_file(&b.file) && code(b) == (a.file.inode, true), "{reopen:?}");
        assert_eq!(printed(reopen), [old, old]);
        assert_eq!(reopen.explanation, Explanation::FoundByName);

        // 2. The same file with other bytes. What comes of it is the system's affair; that it is told is ours.
        let step = overwrite.steps.iter().find(|step| step.kind() == StepKind::Overwritten);
        let Some(Step::Overwritten { before, after }) = step else { panic!("{overwrite:?}") };
        assert!(before.is_same_file(after), "{overwrite:?}");
        assert_eq!(printed(overwrite)[0], old);
        match overwrite.steps.last() {
            Some(Step::Died { doing, ending, .. }) => {
                assert!(ending.starts_with("SIG") || ending.starts_with("exit code"), "{ending}");
                let (doing, ending) = (*doing, ending.clone());
                assert_eq!(overwrite.explanation, Explanation::DiedOverwritten { doing, ending });
            }
            _ => assert_ne!(overwrite.explanation, Explanation::NotExplained, "{overwrite:?}"),
        }

        // 3. Closed: gone, or kept by the thread-local's destructor.
        let (a, b) = libraries(close);
        assert!(a.path == b.path && !a.file.is_same_file(&b.file), "{close:?}");
        let kept = bytes_of(mapped_after(close, StepKind::Closed), a);
        if thread_local {
            assert!(kept > 0 && a.handle == b.handle && code(b) == (a.file.inode, true), "{close:?}");
            assert_eq!(printed(close), [old, old]);
            assert_eq!(close.explanation, Explanation::PinnedByThreadLocal { bytes: kept });
        } else {
            assert!(kept == 0 && code(b) == (b.file.inode, false), "{close:?}");
            assert_eq!(printed(close), [old, new]);
            assert_eq!(close.explanation, Explanation::Unloaded);
        }

        // 4. Another name, another file, both open for a while; the old one is gone in the end.
        let (a, b) = libraries(unique);
        assert!(a.path != b.path && a.handle != b.handle && a.address != b.address, "{unique:?}");
        assert!(!a.file.is_same_file(&b.file) && code(b) == (b.file.inode, false), "{unique:?}");
        assert_eq!(printed(unique), [old, new]);
        let mapped = mapped_after(unique, StepKind::LookedAtMappings);
        assert_eq!(bytes_of(mapped, a), 0, "{unique:?}");
        assert!(bytes_of(mapped, b) > 0, "{unique:?}");
        assert_eq!(unique.explanation, Explanation::FreshCopy);
        // Nothing of the run is left on disk.
        assert!(!a.path.exists() && !a.path.parent().is_some_and(Path::exists), "{}", a.path.display());
    }
}

#[test]
fn a_run_goes_step_by_step_and_can_be_stopped() {
    let (experiment, events) = start(false);
    up_to(&events, |event| matches!(event, ExperimentEvent::Prepared { .. }));
    for index in 0..3 {
        experiment.send(ExperimentCommand::Step);
        let mut taken: Vec<(Lane, StepKind)> = (0..Lane::ALL.len())
            .map(|_| match next(&events) {
                ExperimentEvent::Step { lane, step } => (lane, step.kind()),
                other => panic!("{other:?}"),
            })
            .collect();
        taken.sort_by_key(|(lane, _)| *lane);
        assert_eq!(taken, Lane::ALL.map(|lane| (lane, lane.plan()[index])));
    }
    let lanes = lanes_of(std::process::id());
    assert!(lanes.len() >= Lane::ALL.len(), "{lanes:?}");
    // One terminal event, and then none.
    experiment.end();
    let rest: Vec<_> = events.iter().collect();
    assert_eq!(rest.iter().filter(|event| event.is_terminal()).count(), 1, "{rest:?}");
    assert_eq!(rest.last(), Some(&ExperimentEvent::Cancelled));
    assert_eq!(events.recv_timeout(deadline()), Err(RecvTimeoutError::Disconnected));
    until("the end of the lanes", || lanes.iter().all(|id| !is_alive(*id)).then_some(()));
}

#[test]
fn a_preparation_can_be_stopped() {
    let (experiment, events) = start(true);
    up_to(&events, |event| matches!(event, ExperimentEvent::Started { thread_local: true }));
    experiment.end();
    let rest: Vec<_> = events.iter().collect();
    assert_eq!(rest.iter().filter(|event| event.is_terminal()).count(), 1, "{rest:?}");
    assert_eq!(rest.last(), Some(&ExperimentEvent::Cancelled));
}

#[test]
fn a_folder_that_cannot_be_used_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = Some(file.path().to_owned());
    let config = ExperimentConfig { program: exuvia().to_owned(), folder: path, thread_local: false };
    let (_experiment, events) = Experiment::start(config, || {});
    assert!(matches!(next(&events), ExperimentEvent::Started { .. }));
    let ExperimentEvent::Failed { message } = next(&events) else { panic!("it cannot be prepared") };
    assert!(message.contains(&file.path().display().to_string()), "{message}");
}

#[test]
fn the_command_prints_the_report() {
    let folder = folder();
    let run = |options: &[&str]| {
        let output = command(&["experiment", "--folder", folder.to_str().unwrap()]).args(options).output().unwrap();
        // That a lane's process dies is a result.
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let report: Value = serde_json::from_str(&run(&["--json", "--thread-local"])).unwrap();
    assert_eq!(report["thread_local"], true);
    let lanes = report["lanes"].as_array().unwrap();
    assert_eq!(
        lanes.iter().map(|lane| lane["lane"].as_str().unwrap()).collect::<Vec<_>>(),
        ["reopen", "overwrite", "close_reopen", "unique_copy"]
    );
    let words = run(&[]);
    for lane in Lane::ALL {
        assert!(words.contains(lane.words()), "{words}");
    }
    assert!(words.contains(report["prepared"]["new_text"].as_str().unwrap()), "{words}");
}

/// Cargo that never comes back from its subcommand `stuck`, but writes down its process id. What it says
/// before that is more than a pipe holds: whoever has started it has come to reading, and is past all that
/// belongs to starting.
fn stuck_cargo(folder: &Path, stuck: &str) -> PathBuf {
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = {stuck} ]; then head -c 200000 /dev/zero; echo $$ > {0}/writing && mv {0}/writing {0}/id; exec sleep 3600; fi\nexec {1} \"$@\"\n",
        folder.display(),
        env!("CARGO")
    );
    let cargo = folder.join("cargo");
    std::fs::write(&cargo, script).unwrap();
    std::fs::set_permissions(&cargo, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    folder.join("id")
}

/// Neither a build nor a question to cargo goes on without whoever wanted to know.
#[test]
fn cargo_does_not_outlive_whoever_has_started_it() {
    let guest = Guest::new("stuck", &greeting("one"));
    let watch = ["watch", guest.root.to_str().unwrap(), "--json"];
    for (arguments, stuck, signal) in [
        (&watch[..], "metadata", Signal::KILL),
        // Asked to end, it does not wait for an answer.
        (&watch[..], "metadata", Signal::INT),
        (&["experiment"][..], "metadata", Signal::KILL),
        (&["experiment"][..], "build", Signal::KILL),
    ] {
        let what = format!("{signal:?} to {} during cargo {stuck}", arguments[0]);
        let folder = tempfile::tempdir().unwrap();
        let id = stuck_cargo(folder.path(), stuck);
        let mut workbench = command(arguments);
        let path = std::env::var("PATH").unwrap();
        workbench.env("PATH", format!("{}:{path}", folder.path().display()));
        workbench.env("XDG_CACHE_HOME", folder.path()).stdin(Stdio::piped()).stdout(Stdio::null());
        let mut started = Started { workbench: workbench.spawn().unwrap(), cargo: None };
        let cargo = until(&format!("cargo: {what}"), || std::fs::read_to_string(&id).ok());
        let cargo: u32 = cargo.trim().parse().unwrap();
        started.cargo = Some(cargo);
        assert!(is_alive(cargo), "{what}");
        send(started.workbench.id(), signal);
        until(&format!("the end of cargo: {what}"), || (!is_alive(cargo)).then_some(()));
        until(&format!("the end: {what}"), || started.workbench.try_wait().unwrap());
    }
}

/// A test that fails leaves nothing, either.
struct Started {
    workbench: Child,
    cargo: Option<u32>,
}

impl Drop for Started {
    fn drop(&mut self) {
        // One that has ended cannot be killed, and need not be.
        let _ = self.workbench.kill();
        let _ = self.workbench.wait();
        if let Some(cargo) = self.cargo.filter(|cargo| is_alive(*cargo)) {
            send(cargo, Signal::KILL);
        }
    }
}
