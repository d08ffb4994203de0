//! The scratch copy of the greeting guest: its sources before and after the edit. Pure.

use std::path::PathBuf;

use crate::template;

/// The package, which is also the library's name.
pub(super) const NAME: &str = "greeting";

/// The export that is called, and with whom.
pub(super) const EXPORT: &str = "greet";
/// The argument.
pub(super) const WHO: &str = "World";

/// The article's plugin, as it lies in the repository.
const SOURCE: &str = include_str!("../../../reloadable/greetings/src/lib.rs");

/// The edit: what stands in the source before and after.
const EDIT: (&str, &str) = ("from the plugin!", "from the plugin v1!");

/// Where the thread-local is used, and what is added there.
const USE: (&str, &str) =
    ("println!(\"{text}\");", "println!(\"{text}\");\n    GREETED.with(|greeted| greeted.0.set(true));");

/// A thread-local whose value has a destructor: registered for the calling thread by its first use.
const THREAD_LOCAL: &str = "
struct Greeted(std::cell::Cell<bool>);

impl Drop for Greeted {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

thread_local! {
    static GREETED: Greeted = const { Greeted(std::cell::Cell::new(false)) };
}
";

/// Which of the two builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edition {
    /// As it lies in the repository.
    Old,
    /// After the edit.
    New,
}

impl Edition {
    /// The whole `src/lib.rs`.
    pub(super) fn source(self, thread_local: bool) -> String {
        let mut source = match self {
            Self::Old => SOURCE.to_owned(),
            Self::New => SOURCE.replace(EDIT.0, EDIT.1),
        };
        if thread_local {
            source = source.replace(USE.0, USE.1) + THREAD_LOCAL;
        }
        source
    }

    /// What it prints.
    pub(super) fn text(self) -> String {
        let end = match self {
            Self::Old => EDIT.0,
            Self::New => EDIT.1,
        };
        format!("Hello, {WHO} {end}")
    }
}

/// All files of the scratch copy but `src/lib.rs`, by path in it.
pub(super) fn files() -> Vec<(PathBuf, String)> {
    let manifest = format!(
        "[package]\nname = \"{NAME}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[lib]\ncrate-type = [\"cdylib\"]\n\n\
         [dependencies]\nexuvia-guest = {{ path = \"exuvia-sdk/guest\" }}\n\n\
         # Nobody debugs it, and it is copied often.\n[profile.dev]\ndebug = false\n\n\
         [workspace]\nexclude = [\"exuvia-sdk\"]\n"
    );
    let mut files = vec![
        (PathBuf::from("Cargo.toml"), manifest),
        (PathBuf::from("Cargo.lock"), template::lock_file(&[(NAME, &["exuvia-guest"])])),
    ];
    files.extend(template::sdk_files());
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_edit_changes_what_is_printed_and_nothing_else() {
        for thread_local in [false, true] {
            let (old, new) = (Edition::Old.source(thread_local), Edition::New.source(thread_local));
            assert_ne!(old, new);
            assert_eq!(old.replace(EDIT.0, EDIT.1), new);
            assert_eq!(old.contains("thread_local!") && old.contains("GREETED.with"), thread_local);
            // The texts that are expected are those of the source.
            assert!(old.contains("\"Hello, {name} from the plugin!\""), "{old}");
        }
        assert_eq!(Edition::Old.text(), "Hello, World from the plugin!");
        assert_eq!(Edition::New.text(), "Hello, World from the plugin v1!");
    }
}
