//! The ways in which editors save. None of them waits between its steps.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

/// A way to save.
pub type Save = fn(&Path, &str);

/// All ways, with their names.
pub const ALL: [(&str, Save); 5] = [
    ("rename over", rename_over),
    ("truncate and write", truncate_and_write),
    ("write in two chunks", write_in_two_chunks),
    ("backup and write", backup_and_write),
    ("remove and write", remove_and_write),
];

fn beside(path: &Path, name: impl FnOnce(&str) -> String) -> PathBuf {
    let old = path.file_name().expect("a file's name").to_string_lossy();
    path.with_file_name(name(&old))
}

/// Writes a temporary file in the same folder and renames it over the old one (VS Code's atomic
/// saves, Helix, sed -i).
pub fn rename_over(path: &Path, text: &str) {
    let temporary = beside(path, |name| format!(".{name}.tmp{}", std::process::id()));
    fs::write(&temporary, text).expect("a temporary file");
    fs::rename(&temporary, path).expect("a rename");
}

/// Truncates the file and writes it again (most editors by default, `echo >`).
pub fn truncate_and_write(path: &Path, text: &str) {
    fs::write(path, text).expect("a write");
}

/// Truncates the file and writes it in two pieces, between which the file holds half a text.
pub fn write_in_two_chunks(path: &Path, text: &str) {
    let (first, second) = text.split_at(text.floor_char_boundary(text.len() / 2));
    let mut file = File::create(path).expect("a file");
    for chunk in [first, second] {
        file.write_all(chunk.as_bytes()).and_then(|()| file.sync_all()).expect("a write");
    }
}

/// Probes the folder, renames the old file to a backup, writes a new one, removes the backup
/// (Vim with `backupcopy=no`).
pub fn backup_and_write(path: &Path, text: &str) {
    let (probe, backup) = (path.with_file_name("4913"), beside(path, |name| format!("{name}~")));
    fs::write(&probe, "").and_then(|()| fs::remove_file(&probe)).expect("a probe");
    fs::rename(path, &backup).expect("a backup");
    fs::write(path, text).expect("a write");
    fs::remove_file(&backup).expect("the backup's end");
}

/// Removes the old file and writes a new one.
pub fn remove_and_write(path: &Path, text: &str) {
    fs::remove_file(path).expect("a removal");
    fs::write(path, text).expect("a write");
}
