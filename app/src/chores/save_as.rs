//! Writes a new file, and never over one that is there.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::settings::free_name;

/// Writes a file under this name, or one with a number if it is taken. Gives the name. Missing folders are made.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let (mut file, name) = create(path)?;
    if let Err(error) = file.write_all(bytes) {
        // Half a picture helps nobody. If it cannot be removed either, the first error is the one to tell.
        let _ = fs::remove_file(&name);
        return Err(error);
    }
    Ok(name)
}

/// Two writers never get the same name: the system decides who was first.
fn create(path: &Path) -> io::Result<(File, PathBuf)> {
    const MOST: u32 = 10_000;
    for attempt in 1..=MOST {
        let name = free_name(path, attempt);
        match File::create_new(&name) {
            Ok(file) => return Ok((file, name)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("{MOST} names like it are taken; move some away")))
}
