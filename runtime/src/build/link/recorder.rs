//! The hidden subcommand that the script in place of the linker starts first: it writes down how rustc calls
//! the linker.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use object::{Object, ObjectSymbol};

use super::driver::Direct;
use super::line::Line;
use crate::history::write_json;

/// The hidden subcommand that writes down how rustc calls the linker.
pub const SUBCOMMAND: &str = "__record-link";

/// How the name of the function that allocates ends, and what is in the names of all functions beside it:
/// mangled since rustc 1.89, plain before.
const ALLOCATE: (&str, &str) = ("__rust_alloc", "__rust_");

/// What was recorded last.
pub(super) const LINE: &str = "line.json";

/// The object that says which allocator there is.
pub(super) const ALLOCATOR: &str = "allocator.o";

/// Writes down how the linker is called, and keeps the object that says which allocator there is. The arguments
/// are: the folder, the linker, its arguments.
///
/// # Errors
/// When they are not what they should be, or cannot be written.
pub fn record(arguments: impl IntoIterator<Item = OsString>) -> io::Result<()> {
    let mut arguments = arguments.into_iter();
    let (Some(folder), Some(program)) = (arguments.next(), arguments.next()) else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it wants a folder and a command"));
    };
    let folder = Path::new(&folder);
    let text = |text: OsString| text.into_string().map_err(|_| io::Error::other("the linker's call is no text"));
    let program = text(program)?;
    let args = arguments.map(text).collect::<io::Result<Vec<String>>>()?;
    let mut objects = args.iter().rev().filter(|arg| arg.ends_with(".o"));
    let found = objects.find(|object| is_allocator(Path::new(object)).unwrap_or(false));
    let allocator = found.and_then(|object| stable_name(object));
    if let Some(object) = found {
        std::fs::copy(object, folder.join(ALLOCATOR))?;
    }
    let direct = explained(&program, &args).and_then(|said| Direct::of(&args, &said, Path::is_file));
    write_json(&folder.join(LINE), &Line { program, args, allocator, direct })
}

/// What the compiler driver says that it would do with these arguments.
fn explained(program: &str, args: &[String]) -> Option<String> {
    let output = Command::new(program).arg("-###").args(args).stdin(Stdio::null()).output().ok()?;
    String::from_utf8(output.stderr).ok()
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
