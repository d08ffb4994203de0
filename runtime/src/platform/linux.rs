//! Facts about this process that `/proc` tells.

use std::collections::BTreeSet;
use std::path::Path;

use super::Mapping;
use super::ProcessSize;

/// Where in a user's home programs keep what can be made again, by the XDG base directory specification.
pub(crate) const CACHES: &str = ".cache";

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
    std::fs::read("/proc/self/maps").ok().map(|maps| parse(&String::from_utf8_lossy(&maps)))
}

/// The format of a line is `start-end perms offset dev inode   path`: proc_pid_maps(5).
fn parse(maps: &str) -> Vec<Mapping> {
    let mapping = |line: &str| {
        let (head, name) = line.split_at(line.find('/')?);
        let [range, _, _, device, inode] = head.split_whitespace().collect::<Vec<_>>()[..] else { return None };
        let (start, end) = range.split_once('-')?;
        // The kernel appends this when the file is gone.
        let kept = name.strip_suffix(" (deleted)");
        Some(Mapping {
            start: u64::from_str_radix(start, 16).ok()?,
            end: u64::from_str_radix(end, 16).ok()?,
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

/// Lines are `VmRSS:\t    1234 kB` and `Threads:\t5`: proc_pid_status(5).
fn size_in(status: &str) -> ProcessSize {
    let value = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim);
    let kib = value("VmRSS").and_then(|size| size.strip_suffix(" kB")?.trim().parse::<u64>().ok());
    ProcessSize {
        resident: kib.and_then(|kib| kib.checked_mul(1024)),
        threads: value("Threads").and_then(|threads| threads.parse().ok()),
    }
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
        let mappings = parse(maps);
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
