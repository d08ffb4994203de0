//! Which files a build has read, from the dep-info file beside its artifact.
//!
//! Cargo writes it in the syntax of Makefiles (the Cargo book, "Build cache", "Dep-info files"):
//! it holds the sources of the artifact's crate and of all its path dependencies, and what their
//! build scripts asked to be run again for.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

/// The files that the artifact was made from; empty when the dep-info file is not there.
#[must_use]
pub fn inputs(artifact: &Path, workspace_root: &Path) -> BTreeSet<PathBuf> {
    let text = std::fs::read_to_string(artifact.with_extension("d")).unwrap_or_default();
    // Relative only where the user has set `build.dep-info-basedir`.
    parse(&text).into_iter().map(|path| normal(&workspace_root.join(path))).collect()
}

/// The path without `.` and `..`, by its letters alone: one file is to have one name, and names
/// are compared and kept below a folder.
pub(super) fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                // Above the root is the root.
                normal.pop();
            }
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => normal.push(component),
        }
    }
    normal
}

/// The prerequisites of all rules. Spaces in names are escaped with a backslash.
pub(super) fn parse(text: &str) -> BTreeSet<PathBuf> {
    let mut paths = BTreeSet::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let Some((_, prerequisites)) = line.split_once(": ") else { continue };
        let mut path = String::new();
        let mut chars = prerequisites.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\\' if chars.peek() == Some(&' ') => path.extend(chars.next()),
                ' ' => {
                    paths.insert(PathBuf::from(std::mem::take(&mut path)));
                }
                c => path.push(c),
            }
        }
        paths.insert(PathBuf::from(path));
    }
    paths.remove(Path::new(""));
    paths
}

/// The variables that `env!` and `option_env!` have read, with their values: rustc's own addition to
/// the syntax, `# env-dep:NAME=VALUE`, without `=` for one that was not set.
pub(super) fn variables(text: &str) -> Vec<(String, Option<String>)> {
    let plain = |text: &str| text.replace("\\n", "\n").replace("\\r", "\r").replace("\\\\", "\\");
    let variable = |line: &str| {
        let variable = line.strip_prefix("# env-dep:")?;
        Some(match variable.split_once('=') {
            Some((name, value)) => (plain(name), Some(plain(value))),
            None => (plain(variable), None),
        })
    };
    text.lines().filter_map(variable).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prerequisites_are_found() {
        for (text, expected) in [
            ("", &[][..]),
            ("/t/lib.so: /a/lib.rs /a/b.rs\n", &["/a/b.rs", "/a/lib.rs"]),
            ("/t/l\\ x.so: /a/my\\ crate/lib.rs", &["/a/my crate/lib.rs"]),
            ("/t/lib.so: /a/lib.rs\n\n/a/lib.rs:\n", &["/a/lib.rs"]),
            ("/t/lib.so: /a/lib.rs\n\n# env-dep:A=b: c\n", &["/a/lib.rs"]),
            ("C:\\t\\x.dll: C:\\a\\lib.rs", &["C:\\a\\lib.rs"]),
        ] {
            let expected: BTreeSet<PathBuf> = expected.iter().map(PathBuf::from).collect();
            assert_eq!(parse(text), expected, "{text}");
        }
    }

    #[test]
    fn variables_are_found() {
        let of = |name: &str, value: Option<&str>| (name.to_owned(), value.map(str::to_owned));
        let text = "/t/lib.so: /a/lib.rs\n\n# env-dep:A=b=c\n# env-dep:TWO=1\\n2\n# env-dep:NONE\n";
        assert_eq!(variables(text), [of("A", Some("b=c")), of("TWO", Some("1\n2")), of("NONE", None)]);
    }

    #[test]
    fn one_file_has_one_name() {
        for (path, expected) in [
            ("/w/a/lib.rs", "/w/a/lib.rs"),
            ("/w/a/../b/./lib.rs", "/w/b/lib.rs"),
            ("/w/a/assets/", "/w/a/assets"),
            ("/w/a/.", "/w/a"),
            ("/../../etc", "/etc"),
        ] {
            assert_eq!(normal(Path::new(path)).as_os_str(), expected, "{path}");
        }
        let folder = tempfile::tempdir().unwrap();
        let artifact = folder.path().join("lib.so");
        std::fs::write(folder.path().join("lib.d"), "/t/lib.so: /w/a/../b.rs c/../d.rs").unwrap();
        assert_eq!(inputs(&artifact, Path::new("/w")), BTreeSet::from(["/w/b.rs".into(), "/w/d.rs".into()]));
    }
}
