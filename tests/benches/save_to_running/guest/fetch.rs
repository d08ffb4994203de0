//! The lock files of guests, and the sources of what they depend on.
//!
//! Whatever a guest depends on is in the repository's lock file, where it also is for the guests' sake
//! (`tests/Cargo.toml`), so that a guest is built with the same versions everywhere. Nothing is downloaded
//! while times are taken.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use exuvia_tests::lock_file;

/// This repository's folder.
pub(super) fn repository() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    folder.canonicalize().map_err(|error| format!("{}: {error}", folder.display()))
}

/// Gives a crate a lock file that is a part of the repository's, and sees that all that it names is on this
/// machine: downloaded where it is not.
pub(super) fn fetch(root: &Path) -> Result<(), String> {
    let (ours, theirs) = (repository()?.join("Cargo.lock"), root.join("Cargo.lock"));
    let read = |file: &Path| std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()));
    let known = read(&ours)?;
    std::fs::write(&theirs, &known).map_err(|error| format!("{}: {error}", theirs.display()))?;
    run(root, true).or_else(|_| run(root, false))?;
    match lock_file::strangers(&read(&theirs)?, &known).as_slice() {
        [] => Ok(()),
        strangers => Err(format!(
            "{} has {}, and {} has not: name what needs it as an optional dependency in tests/Cargo.toml",
            theirs.display(),
            strangers.join(", "),
            ours.display()
        )),
    }
}

fn run(root: &Path, is_offline: bool) -> Result<(), String> {
    let mut command = Command::new("cargo");
    command.args(["fetch", "--target", &host()?]).current_dir(root).stdin(Stdio::null());
    let output = command.env("CARGO_NET_OFFLINE", is_offline.to_string()).output();
    let output = output.map_err(|error| format!("{command:?}: {error}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!(
            "what {} depends on is not to be had: {}",
            root.display(),
            String::from_utf8_lossy(&output.stderr)
        )),
    }
}

/// The target that rustc builds for by itself; for others nothing is needed.
fn host() -> Result<String, String> {
    let output = Command::new("rustc").arg("-vV").output().map_err(|error| format!("rustc -vV: {error}"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| format!("rustc -vV does not say for what it builds: {said}"))
}
