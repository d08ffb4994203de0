//! The folders that a path being typed may go on with.

use std::io;
use std::path::{MAIN_SEPARATOR, Path, PathBuf, is_separator};

/// More than these nobody reads.
const MOST: usize = 50;

/// What a typed path may become: subfolders whose names begin as its last part does. They are given
/// as they would be typed, with a separator at their end.
pub(super) fn complete(text: &str) -> Result<Vec<String>, String> {
    let (typed, begun) = split(text);
    let home = std::env::home_dir();
    // Nothing is the current folder.
    let folder = if typed.is_empty() { PathBuf::from(".") } else { expand(typed, home.as_deref()) };
    match folders_in(&folder) {
        Ok(names) => Ok(matching(typed, begun, names)),
        // Somebody is in the middle of typing: this is no error.
        Err(error) if [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory].contains(&error.kind()) => Ok(Vec::new()),
        Err(error) => Err(format!("{} cannot be looked into: {error}", folder.display())),
    }
}

/// What was typed of the folder, its separator included, and what of the next name.
pub(super) fn split(text: &str) -> (&str, &str) {
    let end = text.rfind(is_separator).map_or(0, |at| at + 1);
    text.split_at(end)
}

/// A typed path with the home folder in place of `~`: what is shown and what is done must mean the same.
pub(crate) fn expand(typed: &str, home: Option<&Path>) -> PathBuf {
    let below = typed.strip_prefix('~').filter(|rest| rest.is_empty() || rest.starts_with(is_separator));
    match (below, home) {
        (Some(rest), Some(home)) => home.join(rest.trim_start_matches(is_separator)),
        _ => PathBuf::from(typed),
    }
}

/// The names that go on with what was begun; hidden ones only if it says so. Those of the same case come first.
pub(super) fn matching(typed: &str, begun: &str, mut names: Vec<String>) -> Vec<String> {
    let lower = begun.to_lowercase();
    names.retain(|name| name.to_lowercase().starts_with(&lower) && (begun.starts_with('.') || !name.starts_with('.')));
    names.sort_by_cached_key(|name| (!name.starts_with(begun), name.clone()));
    names.truncate(MOST);
    names.into_iter().map(|name| format!("{typed}{name}{MAIN_SEPARATOR}")).collect()
}

/// Names that are no Unicode cannot be typed, and are left out.
fn folders_in(folder: &Path) -> io::Result<Vec<String>> {
    let entries = std::fs::read_dir(folder)?.filter_map(Result::ok);
    let folders = entries.filter(|entry| entry.path().is_dir());
    Ok(folders.filter_map(|entry| entry.file_name().into_string().ok()).collect())
}
