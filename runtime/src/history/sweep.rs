//! What sessions that were killed have left in a history, and how it goes.

use std::path::Path;

use super::sessions::Others;
use super::store::{CLAIM, HistoryError, VERSION, sorted_entries};

/// What a file is called while it is written.
pub(super) const UNFINISHED: &str = ".writing-";

pub(super) fn is_unfinished(file: &Path) -> bool {
    file.file_name().is_some_and(|name| name.to_string_lossy().starts_with(UNFINISHED))
}

/// Removes what dead sessions left: claimed folders without a record, scratch copies, and files that
/// were being written.
pub(super) fn sweep(root: &Path, others: &Others) -> Result<(), HistoryError> {
    for folder in sorted_entries(&root.join("versions"))? {
        if folder.join(VERSION).exists() {
            continue;
        }
        let owner = std::fs::read_to_string(folder.join(CLAIM)).unwrap_or_default();
        // Without a mark it may be another session's that is about to write it.
        if !others.alive.contains(&owner) && (!owner.is_empty() || others.alive.is_empty()) {
            let _ = std::fs::remove_dir_all(&folder);
        }
    }
    // Whose they are cannot be told: they may be a living session's.
    if others.alive.is_empty() {
        let mut folders = sorted_entries(&root.join("versions"))?;
        folders.extend([root.to_owned(), root.join("failures")]);
        for folder in folders.iter().filter(|folder| folder.is_dir()) {
            for file in sorted_entries(folder)?.iter().filter(|file| is_unfinished(file)) {
                let _ = std::fs::remove_file(file);
            }
        }
    }
    for folder in sorted_entries(&root.join("again"))? {
        let owner = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if !others.alive.contains(&owner) {
            let _ = std::fs::remove_dir_all(&folder);
        }
    }
    Ok(())
}
