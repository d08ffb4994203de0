//! How rustc calls the linker for a guest, and the call that links its base. Pure.

use std::collections::BTreeSet;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::driver::Direct;

/// The crates that each version has for itself, whatever the guest is: the SDK's statics are a
/// version's own, and the compiler's helper functions are nobody's exports.
const VERSIONS_OWN: [&str; 3] = ["exuvia_guest", "exuvia_contract", "compiler_builtins"];

/// A recorded call of the linker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Line {
    /// The linker.
    pub program: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// The name of the object among them that names the standard allocator, and does nothing else, as far as it
    /// stays the same from build to build. `None`: the guest has an allocator of its own.
    pub allocator: Option<String>,
    /// How to call the linker itself, where that is known.
    #[serde(default)]
    pub direct: Option<Direct>,
}

/// The crate whose library this is: its file is called `lib<crate>-<hash>.rlib`.
fn crate_of(library: &str) -> Option<&str> {
    let name = Path::new(library).file_name()?.to_str()?.strip_prefix("lib")?.strip_suffix(".rlib")?;
    Some(name.rsplit_once('-').map_or(name, |(name, _)| name))
}

impl Line {
    /// The libraries that go into the base: all Rust crates but the version's own, and `others`.
    pub(super) fn chosen(&self, others: &BTreeSet<String>) -> Vec<&str> {
        let is_in =
            |arg: &&str| crate_of(arg).is_some_and(|name| !VERSIONS_OWN.contains(&name) && !others.contains(name));
        self.args.iter().map(String::as_str).filter(is_in).collect()
    }

    /// The arguments that link the base of these libraries.
    pub(super) fn base(&self, chosen: &[&str], allocator: &str, out: &str) -> Vec<String> {
        let mut args = Vec::new();
        let mut rest = self.args.iter().map(String::as_str);
        let mut is_first = true;
        while let Some(arg) = rest.next() {
            if chosen.contains(&arg) {
                if std::mem::take(&mut is_first) {
                    args.push(allocator.to_owned());
                    args.push("-Wl,--whole-archive".to_owned());
                    args.extend(chosen.iter().map(|library| (*library).to_owned()));
                    args.push("-Wl,--no-whole-archive".to_owned());
                }
            } else if arg == "-o" {
                args.extend(rest.next().map(|_| [arg.to_owned(), out.to_owned()]).into_iter().flatten());
            } else if !is_guests(arg) {
                args.push(arg.to_owned());
            }
        }
        // Its own symbols are its own, whatever else is loaded; and what is missing is missing now.
        args.extend(["-Wl,-Bsymbolic", "-Wl,-z,defs"].map(str::to_owned));
        args
    }
}

/// Whether an argument is about the guest, and nothing to its base.
fn is_guests(arg: &str) -> bool {
    let is_object = || arg.ends_with(".o");
    let is_versions_own = || crate_of(arg).is_some_and(|name| name != "compiler_builtins");
    let is_option = ["-Wl,--version-script=", "-Wl,--no-undefined-version", "-Wl,--gc-sections", "-Wl,-soname"]
        .iter()
        .any(|option| arg.starts_with(option));
    is_option || is_object() || is_versions_own()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> Line {
        let args = "-Wl,--version-script=/t/rustcX/list -Wl,--no-undefined-version -m64 /t/rustcX/symbols.o \
                    /t/g.1ab.s1.rcgu.o /t/g.2cd.s1.rcgu.o -Wl,--as-needed -Wl,-Bstatic /t/libegui-1.rlib \
                    /t/libexuvia_guest-2.rlib /t/libwith_sdk-3.rlib /s/libstd-4.rlib /s/libcompiler_builtins-5.rlib \
                    -Wl,-Bdynamic -lc -L /s/lib -o /t/libg.so -Wl,--gc-sections -shared";
        Line {
            program: "cc".to_owned(),
            args: args.split_whitespace().map(str::to_owned).collect(),
            allocator: Some("g.2cd.".to_owned()),
            direct: None,
        }
    }

    #[test]
    fn the_base_holds_all_crates_but_the_versions_own() {
        let line = line();
        let others = BTreeSet::from(["with_sdk".to_owned()]);
        let chosen = line.chosen(&others);
        assert_eq!(chosen, ["/t/libegui-1.rlib", "/s/libstd-4.rlib"]);
        let wanted = "-m64 -Wl,--as-needed -Wl,-Bstatic /r/allocator.o -Wl,--whole-archive /t/libegui-1.rlib \
                      /s/libstd-4.rlib -Wl,--no-whole-archive /s/libcompiler_builtins-5.rlib -Wl,-Bdynamic -lc -L /s/lib \
                      -o /b/base.so -shared -Wl,-Bsymbolic -Wl,-z,defs";
        assert_eq!(line.base(&chosen, "/r/allocator.o", "/b/base.so").join(" "), wanted.replace("  ", ""));
    }

    #[test]
    fn a_crate_is_told_by_its_file() {
        for (library, name) in [
            ("/t/deps/libegui-7462e9a00c6b5bfc.rlib", Some("egui")),
            ("/t/libg.rlib", Some("g")),
            ("/t/libg.so", None),
            ("-lc", None),
            ("libno.o", None),
        ] {
            assert_eq!(crate_of(library), name, "{library}");
        }
    }
}
