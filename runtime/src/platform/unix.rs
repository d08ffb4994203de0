//! Processes, signals and the private channel on Unix.

use std::fs::{File, Permissions};
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, SystemTime};

use rustix::process::{Pid, Resource, Rlimit, Signal};

/// One end of the channel between shell and runner.
pub(crate) type Channel = UnixStream;

/// The runner's own descriptors lie here or above.
pub(crate) const HIGH: i32 = 500;

/// Ends the channel for good: what was sent before can still be read. A process that the guest has
/// forked holds the other end open.
pub(crate) fn hang_up(channel: &Channel) {
    // One that is closed already is what was wanted.
    drop(channel.shutdown(std::net::Shutdown::Both));
}

/// This process may have no more memory of its own than this, in bytes: what exceeds it cannot be
/// allocated.
pub(crate) fn limit_memory(bytes: u64) -> io::Result<()> {
    // The address space is no measure: large parts of it may be reserved and never used.
    let limit = Rlimit { current: Some(bytes), maximum: Some(bytes) };
    Ok(rustix::process::setrlimit(Resource::Data, limit)?)
}

/// A pair of connected ends; the second is to be the runner's standard input. Nobody else can
/// reach it: it has no name.
pub(crate) fn channel() -> io::Result<(Channel, Stdio)> {
    let (ours, theirs) = UnixStream::pair()?;
    Ok((ours, Stdio::from(OwnedFd::from(theirs))))
}

/// A write that takes longer fails with `WouldBlock`: the other side no longer reads.
pub(crate) fn set_write_deadline(channel: &Channel, deadline: Duration) -> io::Result<()> {
    channel.set_write_timeout(Some(deadline))
}

/// In the runner: takes the channel away from standard input, so that the guest finds an empty
/// input there, and a descriptor that programs started by the guest do not inherit here.
pub(crate) fn take_channel() -> io::Result<Channel> {
    let stdin = io::stdin();
    // Out of the way of a guest that closes small numbers, and gets them again for its own files.
    // The limit of descriptors may be lower.
    let channel = match rustix::io::fcntl_dupfd_cloexec(stdin.as_fd(), HIGH) {
        Ok(high) => UnixStream::from(high),
        Err(_) => UnixStream::from(stdin.as_fd().try_clone_to_owned()?),
    };
    // Fails on whatever a person may have put there: it is no socket.
    channel.local_addr()?;
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    Ok(channel)
}

/// The process becomes the leader of a group of its own, for [`kill_tree`].
pub(crate) fn isolate(command: &mut Command) {
    command.process_group(0);
}

/// Kills a process that was started with [`isolate`], and all that it started. One that has
/// ended is no error.
pub(crate) fn kill_tree(pid: u32) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        // The only failure is that the group is gone, which is what was wanted.
        let _ = rustix::process::kill_process_group(pid, Signal::KILL);
    }
}

/// Ends this process at once: no destructors, no exit handlers, nothing of the guest's. What the guest
/// has started goes, too, if this process leads a group of its own ([`isolate`]).
pub(crate) fn end_at_once() -> ! {
    let own = rustix::process::getpid();
    if rustix::process::getpgrp() == own {
        let _ = rustix::process::kill_process_group(own, Signal::KILL);
    }
    let _ = rustix::process::kill_process(own, Signal::KILL);
    std::process::abort()
}

/// This process becomes another program. Comes back only if that cannot be started.
pub(crate) fn become_program(command: &mut Command) -> io::Error {
    command.exec()
}

/// Writes a script that only this user may run. A reader finds the old one or the new.
pub(crate) fn write_script(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".writing-").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(Permissions::from_mode(0o700))?;
    // Closed before it gets its name: what is open for writing cannot be run.
    file.into_temp_path().persist(path).map_err(|error| error.error)
}

/// A crash of the guest shall not drop a core file into the user's folder.
pub(crate) fn no_core_files() {
    let _ = rustix::process::setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
}

/// How a process ended: `SIGSEGV (invalid memory access)` or `exit code 3`.
pub(crate) fn ending(status: ExitStatus) -> String {
    match (status.signal(), status.code()) {
        (Some(signal), _) => signal_name(signal),
        (None, Some(code)) => format!("exit code {code}"),
        (None, None) => status.to_string(),
    }
}

/// Whether a process ended by a signal that no code raises by mistake: while it has nothing to do,
/// somebody else has sent it.
pub(crate) fn is_from_outside(status: ExitStatus) -> bool {
    let outside = [Signal::KILL, Signal::TERM, Signal::INT, Signal::HUP].map(Signal::as_raw);
    status.signal().is_some_and(|signal| outside.contains(&signal))
}

fn signal_name(signal: i32) -> String {
    // Names and meanings: signal(7). Numbers differ between systems, so they are asked for.
    for (known, name, meaning) in [
        (Signal::SEGV, "SIGSEGV", "invalid memory access"),
        (Signal::ABORT, "SIGABRT", "aborted"),
        (Signal::BUS, "SIGBUS", "bad memory access"),
        (Signal::FPE, "SIGFPE", "arithmetic error"),
        (Signal::ILL, "SIGILL", "illegal instruction"),
        (Signal::TRAP, "SIGTRAP", "trap"),
        (Signal::KILL, "SIGKILL", "killed"),
        (Signal::TERM, "SIGTERM", "asked to end"),
        (Signal::INT, "SIGINT", "interrupted"),
        (Signal::HUP, "SIGHUP", "hung up"),
        (Signal::PIPE, "SIGPIPE", "broken pipe"),
    ] {
        if known.as_raw() == signal {
            return format!("{name} ({meaning})");
        }
    }
    format!("signal {signal}")
}

/// Makes a folder and its parents that only this user may enter.
pub(crate) fn create_private_dir(path: &Path) -> io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Device and inode: what stays the same as long as it is the same file or folder.
pub(crate) type FileId = (u64, u64);

/// Which file or folder lies at this path now.
pub(crate) fn file_id(path: &Path) -> Option<FileId> {
    std::fs::metadata(path).ok().map(|found| (found.dev(), found.ino()))
}

/// What is another after each change of a file, of whatever kind: which file it is, and the time of its last change (`ctime`, which
/// nobody sets).
pub(crate) type FileState = (FileId, SystemTime);

/// The state of the file at this path now.
pub(crate) fn file_state(path: &Path) -> Option<FileState> {
    let found = std::fs::metadata(path).ok()?;
    let since = Duration::new(found.ctime().try_into().ok()?, found.ctime_nsec().try_into().ok()?);
    Some(((found.dev(), found.ino()), SystemTime::UNIX_EPOCH.checked_add(since)?))
}

/// How many names a file has.
pub(crate) fn names(path: &Path) -> Option<u64> {
    std::fs::metadata(path).ok().map(|found| found.nlink())
}

/// Whether this open file is still the one that lies at this path.
pub(crate) fn is_at(file: &File, path: &Path) -> bool {
    file.metadata().is_ok_and(|found| file_id(path) == Some((found.dev(), found.ino())))
}

/// Takes a folder away from everybody but this user, if others may enter it. A link is left alone.
pub(crate) fn tighten(folder: &Path) -> io::Result<()> {
    let found = std::fs::symlink_metadata(folder)?;
    if found.is_dir() && found.mode() & 0o077 != 0 { make_private(folder) } else { Ok(()) }
}

/// Takes a folder or a library away from everybody but this user.
pub(crate) fn make_private(path: &Path) -> io::Result<()> {
    std::fs::set_permissions(path, Permissions::from_mode(0o700))
}

/// Opens a file to be read, without waiting: a FIFO without a writer would hold up whoever opens it
/// for ever. Whether it is a regular file is for the caller to ask.
pub(crate) fn open_at_once(path: &Path) -> io::Result<File> {
    let at_once = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).map_err(io::Error::other)?;
    File::options().read(true).custom_flags(at_once).open(path)
}

/// Creates a new file that only this user may read; one that exists is an error.
pub(crate) fn create_private_file(path: &Path) -> io::Result<File> {
    File::options().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_are_named() {
        for (raw, words) in [
            (11, "SIGSEGV (invalid memory access)"),
            (6, "SIGABRT (aborted)"),
            (3 << 8, "exit code 3"),
            (0, "exit code 0"),
        ] {
            assert_eq!(ending(ExitStatus::from_raw(raw)), words);
        }
    }

    #[test]
    fn what_is_sent_from_outside() {
        for (raw, outside) in
            [(9, true), (15, true), (2, true), (1, true), (6, false), (11, false), (0, false), (9 << 8, false)]
        {
            assert_eq!(is_from_outside(ExitStatus::from_raw(raw)), outside, "{raw}");
        }
    }
}
