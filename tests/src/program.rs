//! The real `exuvia` executable.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The workspace's folder.
#[must_use]
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests' package lies in the workspace")
}

/// The executable: what the variable `EXUVIA_BIN` names, or else built now from this workspace.
///
/// # Panics
/// When it cannot be built.
pub fn exuvia() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| match std::env::var_os("EXUVIA_BIN") {
        Some(given) => PathBuf::from(given).canonicalize().expect("EXUVIA_BIN names an executable"),
        None => build(&[]),
    })
}

/// Builds the executable from this workspace, with these options of cargo's.
///
/// # Panics
/// When it cannot be built.
#[must_use]
pub fn build(options: &[&str]) -> PathBuf {
    let output = Command::new(env!("CARGO"))
        .current_dir(workspace())
        .args(["build", "--package=exuvia", "--bin=exuvia", "--message-format=json-render-diagnostics"])
        .args(options)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo can be run");
    assert!(output.status.success(), "exuvia cannot be built");
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["target"]["name"] == "exuvia")
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .expect("cargo names the executable")
}

/// The folder that all test guests build into, so that the SDK is compiled once: where
/// `CARGO_TARGET_DIR` says, which cargo heeds for guests, too, or else beside the folders of the
/// profiles in this workspace's own target folder.
///
/// # Panics
/// When the test's own executable does not lie in a target folder.
#[must_use]
pub fn guests_target() -> PathBuf {
    if let Some(given) = std::env::var_os("CARGO_TARGET_DIR") {
        return PathBuf::from(given);
    }
    let test = std::env::current_exe().expect("the test's own path");
    let deps = test.ancestors().find(|folder| folder.ends_with("deps")).expect("tests lie in a folder `deps`");
    // <target>/<profile>/deps
    deps.ancestors().nth(2).expect("a profile's folder lies in the target folder").join("test-guests")
}
