//! What a replay gives to rustc as its linker: a script at one place for each guest, called as the linker
//! is called that rustc would run, because rustc takes from that name how to speak to it.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use object::{Object, ObjectSymbol};

use super::line::Line;
use super::make::Base;
use crate::build::quoted;
use crate::history::write_json;
use crate::platform;

/// The hidden subcommand that writes down how rustc calls the linker.
pub const SUBCOMMAND: &str = "__record-link";

/// How the name of the function that allocates ends, and what is in the names of all functions beside it:
/// mangled since rustc 1.89, plain before.
const ALLOCATE: (&str, &str) = ("__rust_alloc", "__rust_");

/// What was recorded last.
pub(super) const LINE: &str = "line.json";

/// The object that says which allocator there is.
pub(super) const ALLOCATOR: &str = "allocator.o";

/// A linker that records. `None` where its script cannot be written.
pub(super) fn recording(executable: &Path, folder: &Path, linker: &str) -> Option<PathBuf> {
    let text = |path: &Path| path.to_str().map(quoted);
    let script =
        format!("#!/bin/sh\nexec {} {SUBCOMMAND} {} {} \"$@\"\n", text(executable)?, text(folder)?, quoted(linker));
    // An old recording is not to be taken for a new one.
    let _ = std::fs::remove_file(folder.join(LINE));
    write(folder, linker, &script).ok()
}

/// A linker that links against the base.
pub(super) fn on_base(folder: &Path, linker: &str, base: &Base) -> io::Result<PathBuf> {
    let script = base.script().ok_or_else(|| io::Error::other("a path cannot be written into a script"))?;
    write(folder, linker, &script)
}

fn write(folder: &Path, linker: &str, script: &str) -> io::Result<PathBuf> {
    let name = Path::new(linker).file_name().ok_or_else(|| io::Error::other(format!("`{linker}` names no linker")))?;
    let path = folder.join("linker").join(name);
    if std::fs::read_to_string(&path).is_ok_and(|there| there == script) {
        return Ok(path);
    }
    path.parent().map_or(Ok(()), platform::create_private_dir)?;
    platform::write_script(&path, script)?;
    Ok(path)
}

/// Writes down how the linker is called, keeps the object that says which allocator there is, and becomes
/// the linker. The arguments are: the folder, the linker, its arguments. Comes back only if the
/// linker cannot be started.
pub fn record(arguments: impl IntoIterator<Item = OsString>) -> io::Error {
    let mut arguments = arguments.into_iter();
    let (Some(folder), Some(program)) = (arguments.next(), arguments.next()) else {
        return io::Error::new(io::ErrorKind::InvalidInput, "it wants a folder and a command");
    };
    let args: Vec<OsString> = arguments.collect();
    // Without a recording the guest is linked as ever.
    let _ = keep(Path::new(&folder), &program, &args);
    platform::become_program(Command::new(program).args(args))
}

fn keep(folder: &Path, program: &OsString, args: &[OsString]) -> io::Result<()> {
    let text = |text: &OsString| text.to_str().map(str::to_owned);
    let not_text = || io::Error::other("the linker's call is no text");
    let program = text(program).ok_or_else(not_text)?;
    let args: Vec<String> = args.iter().map(text).collect::<Option<_>>().ok_or_else(not_text)?;
    let mut objects = args.iter().rev().filter(|arg| arg.ends_with(".o"));
    let found = objects.find(|object| is_allocator(Path::new(object)).unwrap_or(false));
    let allocator = found.and_then(|object| stable_name(object));
    if let Some(object) = found {
        std::fs::copy(object, folder.join(ALLOCATOR))?;
    }
    write_json(&folder.join(LINE), &Line { program, args, allocator })
}

/// The part of an object's name that is the same in each build: `<crate>.<unit>.<session>.rcgu.o`.
fn stable_name(object: &str) -> Option<String> {
    let name = Path::new(object).file_name()?.to_str()?.strip_suffix(".rcgu.o")?;
    let (stable, _) = name.rsplit_once('.')?;
    Some(format!("{stable}."))
}

/// Whether an object defines the functions that allocate, and nothing else: rustc's own, for a guest without an
/// allocator of its own.
fn is_allocator(object: &Path) -> io::Result<bool> {
    let data = std::fs::read(object)?;
    let file = object::File::parse(&*data).map_err(io::Error::other)?;
    let defined = file.symbols().filter(|symbol| symbol.is_global() && symbol.is_definition());
    let names: Vec<&str> = defined.filter_map(|symbol| symbol.name().ok()).collect();
    Ok(names.iter().any(|name| name.ends_with(ALLOCATE.0)) && names.iter().all(|name| name.contains(ALLOCATE.1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_objects_name_changes_with_each_session_of_rustc() {
        for (object, name) in [
            ("/t/proto.2czw9el5260p2sibqhhfe68xh.1wuupt9.rcgu.o", Some("proto.2czw9el5260p2sibqhhfe68xh.")),
            ("/t/rustcX/symbols.o", None),
        ] {
            assert_eq!(stable_name(object).as_deref(), name);
        }
    }
}
