//! What stands in front of rustc while cargo builds: it writes down how rustc is called, and becomes
//! rustc.
//!
//! Cargo runs it as `RUSTC_WORKSPACE_WRAPPER`, which is a path without arguments, and part of what
//! cargo tells artifacts apart by: hence a small script in our private folder, whose path is always
//! the same, and which starts the executable with the hidden subcommand [`SUBCOMMAND`]. A recording
//! that cannot be written costs no build: then nothing is replayed.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use super::folders::Folders;
use super::invocation::Invocation;
use crate::build::facts::micros;
use crate::build::quoted;
use crate::history::record::ContentHash;
use crate::history::{read_json, write_json};
use crate::platform;

/// The hidden subcommand that makes the executable a recorder.
pub const SUBCOMMAND: &str = "__record-rustc";

/// Variables that say nothing about the compiler's work: the shell's own, and the way to cargo's job
/// server, which is gone when cargo is.
const LEFT_OUT: [&str; 7] = ["CARGO_MAKEFLAGS", "MAKEFLAGS", "MFLAGS", "PWD", "OLDPWD", "SHLVL", "_"];

/// Records the run of rustc that the arguments name, and becomes it. They are: the folder of our
/// recordings, a wrapper of the user's (empty if there is none), rustc, rustc's arguments. Comes
/// back only if rustc cannot be started.
pub fn record(arguments: impl IntoIterator<Item = OsString>) -> io::Error {
    let mut arguments = arguments.into_iter();
    let (Some(root), Some(wrapper)) = (arguments.next(), arguments.next()) else {
        return io::Error::new(io::ErrorKind::InvalidInput, "it wants a folder, a wrapper and a command");
    };
    let mut program: Vec<OsString> = Some(wrapper).into_iter().filter(|wrapper| !wrapper.is_empty()).collect();
    program.extend(arguments.next());
    let Some(first) = program.first().cloned() else {
        return io::Error::new(io::ErrorKind::InvalidInput, "it wants the compiler's path");
    };
    let args: Vec<OsString> = arguments.collect();
    let folders = Folders::new(PathBuf::from(root));
    if let Some(invocation) = invocation(&program, &args, &folders) {
        let _ = write(&folders, &invocation);
    }
    platform::become_program(Command::new(first).args(&program[1..]).args(args))
}

/// The run, if it is that of a crate, and all in text.
fn invocation(program: &[OsString], args: &[OsString], folders: &Folders) -> Option<Invocation> {
    let texts = |texts: &[OsString]| -> Option<Vec<String>> {
        texts.iter().map(|text| text.to_str().map(str::to_owned)).collect()
    };
    let mut invocation = Invocation {
        at: micros(SystemTime::now()),
        program: texts(program)?,
        args: texts(args)?,
        set: BTreeMap::new(),
        unset: Vec::new(),
        folder: std::env::current_dir().ok()?,
    };
    // Cargo asks rustc about itself, too, and that is to cost nothing.
    if invocation.crate_name().is_none() || invocation.out_dir().is_none() {
        return None;
    }
    let base: Base = read_json(&folders.base()).ok()?;
    let now: Vec<(OsString, OsString)> = std::env::vars_os().collect();
    (invocation.set, invocation.unset) = base.differing(&now)?;
    Some(invocation)
}

fn write(folders: &Folders, invocation: &Invocation) -> io::Result<()> {
    let (Some(out_dir), Some(stem)) = (invocation.out_dir(), invocation.stem()) else { return Ok(()) };
    let file = folders.recording(out_dir, &stem);
    file.parent().map_or(Ok(()), platform::create_private_dir)?;
    write_json(&file, invocation)
}

/// The environment that cargo is started with, as hashes: values that are the user's own, and may be
/// secrets, are not written down with each recording.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub(super) struct Base(BTreeMap<String, ContentHash>);

impl Base {
    pub(super) fn of<'a>(environment: impl IntoIterator<Item = (&'a OsString, &'a OsString)>) -> Self {
        let entry = |(name, value): (&OsString, &OsString)| {
            Some((name.to_str()?.to_owned(), ContentHash::of(value.as_encoded_bytes())))
        };
        Self(environment.into_iter().filter_map(entry).collect())
    }

    /// What has been set and what has been taken out since; `None` where one of the new values is no
    /// text.
    fn differing(&self, now: &[(OsString, OsString)]) -> Option<(BTreeMap<String, String>, Vec<String>)> {
        let mut set = BTreeMap::new();
        let counts = |name: &str| !LEFT_OUT.contains(&name) && name != super::WRAPPER;
        for (name, value) in now {
            // One that we cannot name is the user's: cargo has no such variable.
            let Some(name) = name.to_str().filter(|name| counts(name)) else { continue };
            if self.0.get(name) != Some(&ContentHash::of(value.as_encoded_bytes())) {
                set.insert(name.to_owned(), value.to_str()?.to_owned());
            }
        }
        let is_there = |name: &String| now.iter().any(|(there, _)| there.to_str() == Some(name));
        let unset = self.0.keys().filter(|name| counts(name) && !is_there(name)).cloned().collect();
        Some((set, unset))
    }
}

/// Puts the script for cargo into its place, with this executable behind it.
pub(super) fn prepare(folders: &Folders, executable: &Path, users: Option<&str>, base: &Base) -> io::Result<()> {
    platform::create_private_dir(folders.root())?;
    if read_json::<Base>(&folders.base()).ok().as_ref() != Some(base) {
        write_json(&folders.base(), base)?;
    }
    let text = |path: &Path| {
        let text = path.to_str().ok_or_else(|| io::Error::other(format!("{} is no text", path.display())))?;
        Ok::<String, io::Error>(quoted(text))
    };
    let script = format!(
        "#!/bin/sh\nexec {} {SUBCOMMAND} {} {} \"$@\"\n",
        text(executable)?,
        text(folders.root())?,
        quoted(users.unwrap_or_default())
    );
    let path = folders.script();
    // Cargo asks the compiler anew what it is when the wrapper's time has changed.
    if std::fs::read_to_string(&path).is_ok_and(|there| there == script) {
        return Ok(());
    }
    platform::write_script(&path, &script)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cargo_has_changed_is_written_down() {
        let vars = |vars: &[(&str, &str)]| -> Vec<(OsString, OsString)> {
            vars.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))).collect()
        };
        let before = vars(&[("SECRET", "s"), ("PATH", "/bin"), ("GONE", "x"), ("PWD", "/a")]);
        let base = Base::of(before.iter().map(|(name, value)| (name, value)));
        assert!(!serde_json::to_string(&base).unwrap().contains("/bin"));
        let now = vars(&[
            ("SECRET", "s"),
            ("PATH", "/tools:/bin"),
            ("CARGO_PKG_NAME", "g"),
            ("PWD", "/b"),
            ("CARGO_MAKEFLAGS", "-j"),
            (super::super::WRAPPER, "/script"),
        ]);
        let (set, unset) = base.differing(&now).unwrap();
        let wanted = [("CARGO_PKG_NAME", "g"), ("PATH", "/tools:/bin")];
        assert_eq!(set, wanted.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
        assert_eq!(unset, ["GONE"]);
    }

    #[cfg(unix)]
    #[test]
    fn the_script_stays_as_it_is_as_long_as_nothing_changes() {
        let folder = tempfile::tempdir().unwrap();
        let folders = Folders::new(folder.path().join("it's here"));
        let time = || std::fs::metadata(folders.script()).unwrap().modified().unwrap();
        prepare(&folders, Path::new("/bin/exuvia"), None, &Base::default()).unwrap();
        let first = time();
        prepare(&folders, Path::new("/bin/exuvia"), None, &Base::default()).unwrap();
        assert_eq!(time(), first);
        // What is in the script reaches the program as it was.
        prepare(&folders, Path::new("/bin/echo"), Some("a'b"), &Base::default()).unwrap();
        let said = Command::new(folders.script()).args(["rustc", "x y"]).output().unwrap();
        let said = String::from_utf8(said.stdout).unwrap();
        assert_eq!(said, format!("{SUBCOMMAND} {} a'b rustc x y\n", folders.root().display()));
    }
}
