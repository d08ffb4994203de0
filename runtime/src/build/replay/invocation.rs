//! One run of rustc as cargo does it: what is recorded of it, and what can be read from it. Pure.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// One run of rustc for one crate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::build) struct Invocation {
    /// When it was run, in microseconds since 1970.
    pub at: u64,
    /// The program and what stands in front of it: a wrapper of the user's.
    pub program: Vec<String>,
    /// The arguments.
    pub args: Vec<String>,
    /// What cargo has set in its environment.
    pub set: BTreeMap<String, String>,
    /// What cargo has taken out of it.
    pub unset: Vec<String>,
    /// The folder it was run in.
    pub folder: PathBuf,
}

impl Invocation {
    /// The values of an option, written as `--name value`, `--name=value`.
    fn values<'a>(&'a self, option: &'a str) -> impl Iterator<Item = &'a str> {
        let joined = format!("{option}=");
        self.args.iter().enumerate().filter_map(move |(index, arg)| {
            let before = index.checked_sub(1).map(|before| self.args[before].as_str());
            match arg.strip_prefix(&joined) {
                Some(value) => Some(value),
                None => (before == Some(option)).then_some(arg.as_str()),
            }
        })
    }

    /// The value of one of rustc's `-C` options.
    fn codegen<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.values("-C").find_map(|value| value.strip_prefix(name)?.strip_prefix('='))
    }

    /// Whether it is the same run, at another time.
    pub(in crate::build) fn is_as(&self, other: &Self) -> bool {
        *self == Self { at: self.at, ..other.clone() }
    }

    /// The linker that it is told to call; the last word counts.
    pub(in crate::build) fn linker(&self) -> Option<&str> {
        self.values("-C").filter_map(|value| value.strip_prefix("linker=")).last()
    }

    /// The crate's name; `None` for rustc asked about itself.
    pub(super) fn crate_name(&self) -> Option<&str> {
        self.values("--crate-name").next().filter(|name| *name != "___")
    }

    /// Where it keeps what it needs not do again.
    pub(super) fn incremental(&self) -> Option<PathBuf> {
        Some(self.folder.join(self.incremental_as_written()?))
    }

    /// The same, spelt as it was.
    pub(super) fn incremental_as_written(&self) -> Option<&str> {
        self.codegen("incremental")
    }

    /// Where it writes to.
    pub(super) fn out_dir(&self) -> Option<&Path> {
        self.values("--out-dir").next().map(Path::new)
    }

    /// The crate's name with what cargo adds to it, which is in the names of all files that it makes.
    pub(super) fn stem(&self) -> Option<String> {
        Some(format!("{}{}", self.crate_name()?, self.codegen("extra-filename").unwrap_or_default()))
    }

    /// Its crate types.
    pub(super) fn crate_types(&self) -> impl Iterator<Item = &str> {
        self.values("--crate-type")
    }

    /// The artifacts of other crates that it is given by name.
    pub(super) fn externs(&self) -> impl Iterator<Item = &Path> {
        self.values("--extern").filter_map(|value| value.split_once('=')).map(|(_, path)| Path::new(path))
    }

    /// The crates of these artifacts.
    pub(super) fn extern_names(&self) -> Vec<String> {
        self.externs().filter_map(crate_of).collect()
    }

    /// The file that the crate begins with.
    pub(super) fn root(&self) -> Option<PathBuf> {
        let root = self.args.iter().find(|arg| arg.ends_with(".rs") && !arg.starts_with('-'))?;
        Some(self.folder.join(root))
    }

    /// The folder of its package.
    pub(super) fn package_folder(&self) -> Option<&Path> {
        self.set.get("CARGO_MANIFEST_DIR").map(Path::new)
    }

    /// The name of its package.
    pub(super) fn package(&self) -> Option<&str> {
        self.set.get("CARGO_PKG_NAME").map(String::as_str)
    }

    /// The compiler.
    pub(super) fn compiler(&self) -> Option<&Path> {
        self.program.last().map(Path::new)
    }
}

/// The crate whose library this is.
pub(super) fn crate_of(library: &Path) -> Option<String> {
    let stem = stem_of(library)?;
    Some(stem.rsplit_once('-').map_or(stem.clone(), |(name, _)| name.to_owned()))
}

/// The stem of a library's file: its name without `lib` and the extension.
pub(super) fn stem_of(library: &Path) -> Option<String> {
    let stem = library.file_stem()?.to_str()?;
    Some(stem.strip_prefix("lib").unwrap_or(stem).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Invocation {
        let args = "--crate-name g --edition=2024 g/src/lib.rs --error-format=json --crate-type cdylib --crate-type rlib \
                    --emit=dep-info,link -C embed-bitcode=no -C metadata=ff -C extra-filename=-12 --out-dir /t/deps \
                    -C incremental=/t/inc -L dependency=/t/deps --extern sdk=/t/deps/libsdk-1.rlib \
                    --extern noprelude:core=/t/deps/libcore-2.rmeta --extern proc_macro";
        Invocation {
            at: 0,
            program: vec!["wrap".to_owned(), "/bin/rustc".to_owned()],
            args: args.split_whitespace().map(str::to_owned).collect(),
            set: BTreeMap::from([("CARGO_PKG_NAME".to_owned(), "my-g".to_owned())]),
            unset: Vec::new(),
            folder: "/w".into(),
        }
    }

    #[test]
    fn an_invocation_can_be_read() {
        let invocation = sample();
        assert_eq!(invocation.crate_name(), Some("g"));
        assert_eq!(invocation.stem().as_deref(), Some("g-12"));
        assert_eq!(invocation.out_dir(), Some(Path::new("/t/deps")));
        assert_eq!(invocation.incremental(), Some("/t/inc".into()));
        assert_eq!(invocation.crate_types().collect::<Vec<_>>(), ["cdylib", "rlib"]);
        assert_eq!(invocation.root(), Some("/w/g/src/lib.rs".into()));
        assert_eq!(invocation.compiler(), Some(Path::new("/bin/rustc")));
        let externs: Vec<&str> = invocation.externs().map(|path| path.to_str().unwrap()).collect();
        assert_eq!(externs, ["/t/deps/libsdk-1.rlib", "/t/deps/libcore-2.rmeta"]);
        assert_eq!(invocation.extern_names(), ["sdk", "core"]);
        assert_eq!(invocation.linker(), None);
        let args = ["-C", "linker=a", "-C", "linker=/b/clang"].map(str::to_owned).to_vec();
        assert_eq!(Invocation { args, ..sample() }.linker(), Some("/b/clang"));
        let probe = Invocation { args: vec!["--crate-name".to_owned(), "___".to_owned()], ..sample() };
        assert_eq!(probe.crate_name(), None);
    }
}
