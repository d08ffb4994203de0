//! Facts about this process that `/proc` tells.

use std::collections::BTreeSet;
use std::path::Path;

use super::Mapping;
use super::ProcessSize;

/// Where in a user's home programs keep what can be made again, by the XDG base directory specification.
pub(crate) const CACHES: &str = ".cache";

/// Whether a guest can be linked by a script of ours: by the options of GNU-like linkers.
pub(crate) const LINKS_BY_SCRIPT: bool = cfg!(target_env = "gnu");

/// Whether a process can be held by a library that the loader is told of: the C library's own functions are stood in for.
pub(crate) const HOLDS_PROCESSES: bool = cfg!(target_env = "gnu");

/// Bytes of this process's memory that are mapped from the file; 0 when it is not mapped.
/// `None` when that cannot be found out.
pub(crate) fn mapped_bytes(path: &Path) -> Option<u64> {
    Some(mapped_bytes_in(&mappings()?, path))
}

fn mapped_bytes_in(mappings: &[Mapping], path: &Path) -> u64 {
    mappings.iter().filter(|mapping| mapping.path == path).map(Mapping::bytes).sum()
}

/// The parts of this process's memory that are mapped from files. `None` when that cannot be found out.
pub(crate) fn mappings() -> Option<Vec<Mapping>> {
    std::fs::read("/proc/self/maps").ok().map(|maps| parse_mappings(&String::from_utf8_lossy(&maps)))
}

/// Mappings from files, as the system writes them; other lines are passed over. The format of a line is
/// `start-end perms offset dev inode   path`: proc_pid_maps(5).
pub(crate) fn parse_mappings(maps: &str) -> Vec<Mapping> {
    let mapping = |line: &str| {
        let (head, name) = line.split_at(line.find('/')?);
        let [range, _, offset, device, inode] = head.split_whitespace().collect::<Vec<_>>()[..] else { return None };
        let (start, end) = range.split_once('-')?;
        // The kernel appends this when the file is gone.
        let kept = name.strip_suffix(" (deleted)");
        Some(Mapping {
            start: u64::from_str_radix(start, 16).ok()?,
            end: u64::from_str_radix(end, 16).ok()?,
            offset: u64::from_str_radix(offset, 16).ok()?,
            path: kept.unwrap_or(name).into(),
            deleted: kept.is_some(),
            device: device.to_owned(),
            inode: inode.parse().ok()?,
        })
    };
    maps.lines().filter_map(mapping).collect()
}

/// A device's number as the kernel writes it in `/proc/self/maps`: makedev(3) says which bits are which.
pub(crate) fn device(number: u64) -> String {
    let major = ((number >> 8) & 0xfff) | ((number >> 32) & 0xffff_f000);
    let minor = (number & 0xff) | ((number >> 12) & 0xffff_ff00);
    format!("{major:02x}:{minor:02x}")
}

/// What this process takes up.
pub(crate) fn process_size() -> ProcessSize {
    std::fs::read_to_string("/proc/self/status").map_or_else(|_| ProcessSize::default(), |status| size_in(&status))
}

/// How much memory of its own a process has written to, in bytes: without what it shares with files.
pub(crate) fn own_memory(pid: u32) -> Option<u64> {
    bytes_in(&std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?, "RssAnon")
}

/// How much memory this system can still give without swapping, in bytes.
pub(crate) fn available_memory() -> Option<u64> {
    bytes_in(&std::fs::read_to_string("/proc/meminfo").ok()?, "MemAvailable")
}

/// Lines are `VmRSS:\t    1234 kB` and `Threads:\t5`: proc_pid_status(5).
fn size_in(status: &str) -> ProcessSize {
    ProcessSize {
        resident: bytes_in(status, "VmRSS"),
        threads: value_in(status, "Threads").and_then(|threads| threads.parse().ok()),
    }
}

fn bytes_in(status: &str, name: &str) -> Option<u64> {
    value_in(status, name)?.strip_suffix(" kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

fn value_in<'a>(status: &'a str, name: &str) -> Option<&'a str> {
    status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
}

/// The size of a page of memory, in bytes.
pub(crate) fn page_size() -> u64 {
    rustix::param::page_size() as u64
}

/// The names of these threads of this process, those that have ended left out.
pub(crate) fn thread_names(threads: &BTreeSet<u32>) -> Vec<String> {
    let name = |thread: &u32| std::fs::read_to_string(format!("/proc/self/task/{thread}/comm")).ok();
    threads.iter().filter_map(name).map(|name| name.trim_end().to_owned()).collect()
}

/// The thread of a process that has this name.
pub(crate) fn thread_named(process: u32, name: &str) -> Option<u32> {
    let tasks = std::fs::read_dir(format!("/proc/{process}/task")).ok()?;
    let mut tasks = tasks
        .flatten()
        .filter(|task| std::fs::read_to_string(task.path().join("comm")).is_ok_and(|found| found.trim_end() == name));
    tasks.next()?.file_name().to_str()?.parse().ok()
}

/// What the threads of a process may reach by signals from now on: itself and what it starts. To be
/// called while it has one thread. A kernel that cannot do it (before 6.12) is no error.
pub(crate) fn confine() {
    use landlock::{CompatLevel, Compatible, Ruleset, RulesetAttr, Scope};
    let ruleset = Ruleset::default().set_compatibility(CompatLevel::BestEffort);
    let confined = ruleset.scope(Scope::Signal).and_then(Ruleset::create);
    // What cannot be had is documented; the runner is of use without it.
    drop(confined.map(landlock::RulesetCreated::restrict_self));
}

/// Kills the processes that have this in their environment: what a guest has started in a group of
/// its own. One that has emptied its environment is not found.
pub(crate) fn kill_marked(variable: &str, value: &str) {
    let wanted = format!("{variable}={value}");
    // What is found may have started another one meanwhile.
    for _ in 0..MARKED_ROUNDS {
        let marked = marked(wanted.as_bytes());
        if marked.is_empty() {
            return;
        }
        for process in marked {
            // One that has ended is no error.
            let _ = rustix::process::kill_process(process, rustix::process::Signal::KILL);
        }
    }
}

/// How often strays are looked for, at most.
const MARKED_ROUNDS: usize = 20;

fn marked(wanted: &[u8]) -> Vec<rustix::process::Pid> {
    let own = std::process::id();
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok()).filter(|id| *id != own);
    let is_marked = |id: &u32| {
        std::fs::read(format!("/proc/{id}/environ"))
            .is_ok_and(|all| all.split(|byte| *byte == 0).any(|one| one == wanted))
    };
    ids.filter(is_marked).filter_map(|id| rustix::process::Pid::from_raw(i32::try_from(id).ok()?)).collect()
}

/// Ids of the threads of this process. `None` when that cannot be found out.
pub(crate) fn thread_ids() -> Option<BTreeSet<u32>> {
    let tasks = std::fs::read_dir("/proc/self/task").ok()?;
    Some(tasks.flatten().filter_map(|task| task.file_name().to_str()?.parse().ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mapped_bytes_are_summed_by_file() {
        let maps = "7f00-7f10 r--p 00000000 fe:00 12   /a/lib x.so\n\
                    7f10-7f40 r-xp 00001000 fe:00 12   /a/lib x.so\n\
                    8000-9000 rw-p 00000000 00:00 0 \n\
                    9000-9800 r--p 00000000 fe:00 13   /a/gone.so (deleted)\n\
                    a000-b000 rw-p 00000000 00:00 0    [heap]\n";
        let mappings = parse_mappings(maps);
        for (path, bytes) in [("/a/lib x.so", 0x40), ("/a/gone.so", 0x800), ("/a/none.so", 0)] {
            assert_eq!(mapped_bytes_in(&mappings, Path::new(path)), bytes, "{path}");
        }
        let files: Vec<_> = mappings.iter().map(|it| (it.inode, it.device.as_str(), it.deleted)).collect();
        assert_eq!(files, [(12, "fe:00", false), (12, "fe:00", false), (13, "fe:00", true)]);
    }

    #[test]
    fn devices_are_written_as_the_kernel_does() {
        for (number, text) in
            [(0xfe00, "fe:00"), (0x1_2000_0003_4567, "12345:67"), (0x0010_0803, "08:103"), (0x2d, "00:2d")]
        {
            assert_eq!(device(number), text);
        }
    }

    #[test]
    fn this_process_maps_its_own_executable() {
        let exe = std::fs::read_link("/proc/self/exe").unwrap();
        assert!(mapped_bytes(&exe).unwrap() > 0);
    }

    #[test]
    fn a_process_says_its_size() {
        let size = |resident, threads| ProcessSize { resident, threads };
        for (status, wanted) in [
            (
                "Name:\tx\nVmHWM:\t  900 kB\nVmRSS:\t     812 kB\nRssAnon:\t 1 kB\nThreads:\t5\n",
                size(Some(812 << 10), Some(5)),
            ),
            ("Name:\tVmRSS: 3 kB\nThreads:\t1\n", size(None, Some(1))),
            ("VmRSS:\t 12 pages\nThreads:\tmany", size(None, None)),
            ("", size(None, None)),
        ] {
            assert_eq!(size_in(status), wanted, "{status}");
        }
        let own = process_size();
        assert!(own.resident.unwrap() > 100 << 10 && own.threads.unwrap() >= 1, "{own:?}");
    }

    #[test]
    fn a_new_thread_has_a_new_id() {
        let before = thread_ids().unwrap();
        let during = std::thread::spawn(thread_ids).join().unwrap().unwrap();
        assert!(during.difference(&before).count() >= 1);
    }
}
