//! The environment that cargo and the guest are started with: the user's own, as it was when the
//! workbench started, less what another cargo has put into it.
//!
//! Under `cargo run` the workbench inherits variables that describe *its own* package and
//! toolchain. Passed on, they would override the guest's toolchain file, and they differ from
//! start to start, which makes cargo build things anew.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::progress;
use super::project::Project;

/// Names of the variables that are not passed on.
#[must_use]
pub fn not_passed_on() -> Vec<OsString> {
    let under_cargo = std::env::var_os("CARGO").is_some() && std::env::var_os("CARGO_MANIFEST_DIR").is_some();
    std::env::vars_os().map(|(name, _)| name).filter(|name| is_cargos_own(name, under_cargo)).collect()
}

/// The environment that cargo is given for a project.
pub(super) fn given(project: &Project) -> BTreeMap<OsString, OsString> {
    let mut given: BTreeMap<OsString, OsString> = std::env::vars_os().collect();
    for name in not_passed_on() {
        given.remove(&name);
    }
    let settings = project.settings.environment.iter();
    given.extend(settings.map(|(name, value)| (OsString::from(name), OsString::from(value))));
    given.extend(progress::ENVIRONMENT.map(|(name, value)| (name.into(), value.into())));
    given
}

/// Files by which cargo and rustup are configured, and which lie in folders that are not watched,
/// or under names of old: whether or not they exist.
pub(super) fn tool_settings(guest: &Path) -> Vec<PathBuf> {
    let of_home = |variable: &str, folder: &str| {
        let given = std::env::var_os(variable).filter(|given| !given.is_empty()).map(PathBuf::from);
        given.or_else(|| std::env::home_dir().map(|home| home.join(folder)))
    };
    let mut files: Vec<PathBuf> = guest.ancestors().map(|folder| folder.join(".cargo/config")).collect();
    if let Some(cargo) = of_home("CARGO_HOME", ".cargo") {
        files.extend(["config.toml", "config"].map(|name| cargo.join(name)));
    }
    // Names the toolchain where no toolchain file does.
    files.extend(of_home("RUSTUP_HOME", ".rustup").map(|rustup| rustup.join("settings.toml")));
    files
}

/// What cargo sets for the programs that it runs: the Cargo book, "Environment Variables".
fn is_cargos_own(name: &OsStr, under_cargo: bool) -> bool {
    let Some(name) = name.to_str() else { return false };
    under_cargo
        && (name.starts_with("CARGO_PKG_")
            || name.starts_with("CARGO_MANIFEST_")
            || name.starts_with("CARGO_BIN_")
            || ["CARGO", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE", "CARGO_TARGET_TMPDIR", "OUT_DIR"].contains(&name)
            || ["CARGO_MAKEFLAGS", "MAKEFLAGS", "MFLAGS"].contains(&name)
            // Set by rustup's cargo: it would win over the guest's `rust-toolchain.toml`.
            || ["RUSTUP_TOOLCHAIN", "RUST_RECURSION_COUNT"].contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cargo_has_set_goes() {
        for (name, under_cargo, goes) in [
            ("CARGO_PKG_NAME", true, true),
            ("CARGO_MANIFEST_DIR", true, true),
            ("RUSTUP_TOOLCHAIN", true, true),
            ("RUSTUP_TOOLCHAIN", false, false),
            ("CARGO_HOME", true, false),
            ("CARGO_TARGET_DIR", true, false),
            ("RUSTFLAGS", true, false),
            ("PATH", true, false),
        ] {
            assert_eq!(is_cargos_own(OsStr::new(name), under_cargo), goes, "{name}");
        }
    }
}
