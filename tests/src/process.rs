//! Who runs, by `/proc`, and signals. Linux only, as are the tests.

use std::path::Path;
use std::time::Duration;

pub use rustix::process::Signal;
use rustix::process::{Pid, kill_process};

use crate::until;

/// The process ids of the runners that run the guest in this folder.
#[must_use]
pub fn runners(guest: &Path) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter(|id| is_runner(*id, guest)).collect()
}

fn is_runner(id: u32, guest: &Path) -> bool {
    let is_subcommand = std::fs::read(format!("/proc/{id}/cmdline")).is_ok_and(|line| {
        line.split(|byte| *byte == 0).any(|word| word == exuvia_runtime::runner::SUBCOMMAND.as_bytes())
    });
    is_subcommand && is_alive(id) && std::fs::read_link(format!("/proc/{id}/cwd")).is_ok_and(|folder| folder == guest)
}

/// All processes that run in this folder, whoever has started them.
#[must_use]
pub fn processes_in(folder: &Path) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let runs_here = |id: &u32| {
        is_alive(*id) && std::fs::read_link(format!("/proc/{id}/cwd")).is_ok_and(|current| current == folder)
    };
    ids.filter(runs_here).collect()
}

/// The one runner of this guest.
///
/// # Panics
/// When there is none, or several.
#[must_use]
pub fn runner(guest: &Path) -> u32 {
    let runners = runners(guest);
    assert_eq!(runners.len(), 1, "runners of {}: {runners:?}", guest.display());
    runners[0]
}

/// Waits until no runner of this guest is left.
///
/// # Panics
/// When one is left at the deadline.
pub fn until_no_runner(guest: &Path) {
    until("the runner's end", || runners(guest).is_empty().then_some(()));
}

/// Whether the process runs: one that has ended and whose parent has not asked for its exit code
/// does not.
#[must_use]
pub fn is_alive(id: u32) -> bool {
    // The state stands behind the name in parentheses, which may hold anything: proc_pid_stat(5).
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

/// The CPU time of a process so far: the sum of what its threads that live have run, which the
/// scheduler counts in nanoseconds (Documentation/scheduler/sched-stats.rst).
#[must_use]
pub fn cpu_time(id: u32) -> Duration {
    let threads = std::fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten();
    let run = threads.filter_map(|thread| {
        let stat = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        stat.split_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(run.sum())
}

/// Sends a signal to one process.
///
/// # Panics
/// When there is no such process.
pub fn send(id: u32, signal: Signal) {
    let pid = i32::try_from(id).ok().and_then(Pid::from_raw).expect("a process id");
    kill_process(pid, signal).expect("the process runs");
}
