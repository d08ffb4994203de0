//! The lock files of guests, and the sources of what they depend on.
//!
//! Whatever a guest depends on is in the repository's lock file, where it also is for the guests' sake
//! (`tests/Cargo.toml`), so that a guest is built with the same versions everywhere. Only dioxus' libraries are not:
//! they have to be those of the dx installed. Nothing is downloaded while times are taken.

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
    fetch_from_ours(root, &["--target", &host()?])?;
    let (ours, theirs) = lock_files(root)?;
    match lock_file::strangers(&read(&theirs)?, &read(&ours)?).as_slice() {
        [] => Ok(()),
        strangers => Err(format!(
            "{} has {}, and {} has not: name what needs it as an optional dependency in tests/Cargo.toml",
            theirs.display(),
            strangers.join(", "),
            ours.display()
        )),
    }
}

/// The same for a crate that dx builds: it may also depend on what the repository's lock file does not name. dx asks
/// `cargo metadata` without a target, which wants the sources for all of them.
pub(super) fn fetch_for_dx(root: &Path) -> Result<(), String> {
    fetch_from_ours(root, &[])
}

/// Fetches what a crate depends on, in the repository's versions where it has one.
fn fetch_from_ours(root: &Path, options: &[&str]) -> Result<(), String> {
    let (ours, theirs) = lock_files(root)?;
    std::fs::write(&theirs, read(&ours)?).map_err(|error| format!("{}: {error}", theirs.display()))?;
    run(root, options, true).or_else(|_| run(root, options, false))
}

/// The repository's lock file and the crate's.
fn lock_files(root: &Path) -> Result<(PathBuf, PathBuf), String> {
    Ok((repository()?.join("Cargo.lock"), root.join("Cargo.lock")))
}

fn read(file: &Path) -> Result<String, String> {
    std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))
}

fn run(root: &Path, options: &[&str], is_offline: bool) -> Result<(), String> {
    let mut command = Command::new("cargo");
    command.arg("fetch").args(options).current_dir(root).stdin(Stdio::null());
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
