//! Where no private channel has been written yet (Windows): clear errors, and what the standard
//! library offers.

use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, SystemTime};

/// One end of the channel between shell and runner.
pub(crate) type Channel = File;

fn unsupported() -> io::Error {
    io::Error::new(
        io::ErrorKind::Unsupported,
        "this platform has no private channel to the runner yet; Exuvia runs on Linux and macOS",
    )
}

/// Not written yet.
pub(crate) fn channel() -> io::Result<(Channel, Stdio)> {
    Err(unsupported())
}

/// Not written yet.
pub(crate) fn set_write_deadline(_channel: &Channel, _deadline: Duration) -> io::Result<()> {
    Err(unsupported())
}

/// Not written yet.
pub(crate) fn hang_up(_channel: &Channel) {}

/// Not written yet.
pub(crate) fn limit_memory(_bytes: u64) -> io::Result<()> {
    Err(unsupported())
}

/// Not written yet.
pub(crate) fn take_channel() -> io::Result<Channel> {
    Err(unsupported())
}

/// Nothing to do: `taskkill` finds the tree by parents.
pub(crate) fn isolate(_command: &mut Command) {}

/// Kills a process and all that it started.
pub(crate) fn kill_tree(pid: u32) {
    // One that has ended is no error, and what else can go wrong ends with its parent's death.
    let _ = Command::new("taskkill").args(["/F", "/T", "/PID", &pid.to_string()]).output();
}

/// Ends this process at once.
pub(crate) fn end_at_once() -> ! {
    std::process::abort()
}

/// Another program runs in place of this process, which ends as that does. Comes back only if it cannot
/// be started.
pub(crate) fn become_program(command: &mut Command) -> io::Error {
    match command.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => error,
    }
}

/// Not written yet: cargo records nothing, and nothing is replayed.
pub(crate) fn write_script(_path: &Path, _text: &str) -> io::Result<()> {
    Err(unsupported())
}

/// Nothing to do.
pub(crate) fn no_core_files() {}

/// How a process ended.
pub(crate) fn ending(status: ExitStatus) -> String {
    status.to_string()
}

/// Not known here.
pub(crate) fn is_from_outside(_status: ExitStatus) -> bool {
    false
}

/// Makes a folder and its parents; a user's own folders are private on this platform.
pub(crate) fn create_private_dir(path: &Path) -> io::Result<()> {
    std::fs::create_dir_all(path)
}

/// What stays the same as long as it is the same file or folder.
pub(crate) type FileId = (u64, u64);

/// Not known here: a folder that took another's place is noticed only if it was missing in between.
pub(crate) fn file_id(_path: &Path) -> Option<FileId> {
    None
}

/// What is another after each change of a file.
pub(crate) type FileState = (FileId, SystemTime);

/// Not known here.
pub(crate) fn file_state(_path: &Path) -> Option<FileState> {
    None
}

/// Not known here.
pub(crate) fn names(_path: &Path) -> Option<u64> {
    None
}

/// A file that is open cannot be replaced on this platform.
pub(crate) fn is_at(_file: &File, path: &Path) -> bool {
    path.exists()
}

/// Nothing to do: a user's own folders are private on this platform.
pub(crate) fn tighten(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// Nothing to do: a user's own folders are private on this platform.
pub(crate) fn make_private(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// Opens a file to be read.
pub(crate) fn open_at_once(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Creates a new file; one that exists is an error.
pub(crate) fn create_private_file(path: &Path) -> io::Result<File> {
    File::options().write(true).create_new(true).open(path)
}
