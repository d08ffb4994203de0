//! The ways in which editors save. None of them waits between its steps.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

/// A way to save.
pub type Save = fn(&Path, &str);

/// All ways, with their names.
pub const ALL: [(&str, Save); 11] = [
    ("rename over", rename_over),
    ("truncate and write", truncate_and_write),
    ("write in two chunks", write_in_two_chunks),
    ("remove and write", remove_and_write),
    ("vim", vim),
    ("vim with backup", vim_with_backup),
    ("neovim", neovim),
    ("vs code", vs_code),
    ("jetbrains", jetbrains),
    ("emacs", emacs),
    ("sed", sed),
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

/// Removes the old file and writes a new one.
pub fn remove_and_write(path: &Path, text: &str) {
    fs::remove_file(path).expect("a removal");
    fs::write(path, text).expect("a write");
}

/// Probes the folder, renames the old file to a backup, writes a new one, removes the backup
/// (Vim with `backupcopy=no`), beside its swap file.
pub fn vim(path: &Path, text: &str) {
    let (probe, backup) = (path.with_file_name("4913"), beside(path, |name| format!("{name}~")));
    let swap = beside(path, |name| format!(".{name}.swp"));
    fs::write(&swap, "b0VIM").expect("a swap file");
    fs::write(&probe, "").and_then(|()| fs::remove_file(&probe)).expect("a probe");
    fs::rename(path, &backup).expect("a backup");
    write_synced(path, text);
    fs::remove_file(&backup).and_then(|()| fs::remove_file(&swap)).expect("the backup's end");
}

/// Copies the old file to a backup that stays, and writes the file in place (Vim with `backup` and
/// `backupcopy=yes`).
pub fn vim_with_backup(path: &Path, text: &str) {
    fs::copy(path, beside(path, |name| format!("{name}~"))).expect("a backup");
    write_synced(path, text);
}

/// Renames the old file to a backup, writes a new one with the old one's permissions, removes the
/// backup (`:w` in Neovim, whose swap file lies elsewhere).
pub fn neovim(path: &Path, text: &str) {
    let backup = beside(path, |name| format!("{name}~"));
    let permissions = fs::metadata(path).expect("the file").permissions();
    fs::rename(path, &backup).expect("a backup");
    write_synced(path, text);
    fs::set_permissions(path, permissions).and_then(|()| fs::remove_file(&backup)).expect("the backup's end");
}

/// Opens the file, cuts it to nothing, writes it in pieces and flushes it (VS Code).
pub fn vs_code(path: &Path, text: &str) {
    let mut file = File::options().write(true).open(path).expect("the file");
    file.set_len(0).expect("an empty file");
    for chunk in text.as_bytes().chunks(64) {
        file.write_all(chunk).expect("a write");
    }
    file.sync_data().expect("a flush");
}

/// Writes a temporary file, puts the old one aside, renames the new one, removes the old one
/// ("safe write" of JetBrains' editors).
pub fn jetbrains(path: &Path, text: &str) {
    let (new, old) =
        (beside(path, |name| format!("{name}___jb_tmp___")), beside(path, |name| format!("{name}___jb_old___")));
    write_synced(&new, text);
    fs::rename(path, &old).and_then(|()| fs::rename(&new, path)).expect("two renames");
    fs::remove_file(&old).expect("the old file's end");
}

/// Locks the file by a link to nowhere, saves automatically beside it, keeps the old one as a backup
/// and writes a new one (Emacs).
pub fn emacs(path: &Path, text: &str) {
    let (lock, autosave) = (beside(path, |name| format!(".#{name}")), beside(path, |name| format!("#{name}#")));
    std::os::unix::fs::symlink("user@host.4711:1700000000", &lock).expect("a lock");
    fs::write(&autosave, text).expect("an automatic save");
    fs::rename(path, beside(path, |name| format!("{name}~"))).expect("a backup");
    write_synced(path, text);
    fs::remove_file(&autosave).and_then(|()| fs::remove_file(&lock)).expect("the lock's end");
}

/// Writes `sedAbC123`, a name that could be a folder's, and renames it over the old one (`sed -i`).
pub fn sed(path: &Path, text: &str) {
    let temporary = path.with_file_name("sedAbC123");
    fs::write(&temporary, text).and_then(|()| fs::rename(&temporary, path)).expect("a rename");
}

fn write_synced(path: &Path, text: &str) {
    let mut file = File::create(path).expect("a file");
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).expect("a write");
}
