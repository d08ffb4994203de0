//! Writes files for others to read: a new one, never over one that is there; or a whole one in the place of another.

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

/// Puts a file into the place of one that may be there: readers see either, whole. What is no plain file (a
/// pipe, a device) is written to.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A link stays, and so do the permissions.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let before = fs::metadata(&path).ok();
    if before.as_ref().is_some_and(|before| !before.is_file()) {
        return fs::write(&path, bytes);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    // As any other new file: for whom the user's umask says.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut temporary = builder.prefix(".exuvia-").tempfile_in(folder)?;
    temporary.write_all(bytes)?;
    if let Some(before) = before {
        temporary.as_file().set_permissions(before.permissions())?;
    }
    temporary.persist(&path).map(drop).map_err(|error| error.error)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_file_is_replaced_by_a_whole_one() {
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
        let folder = tempfile::tempdir().unwrap();
        let [file, link] = ["a.png", "link.png"].map(|name| folder.path().join(name));
        replace(&file, b"one").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let inode = || fs::metadata(&file).unwrap().ino();
        let (before, reader) = (inode(), File::open(&file).unwrap());
        replace(&link, b"two").unwrap();
        assert_ne!(inode(), before, "whoever reads the old one goes on with it");
        assert_eq!(io::read_to_string(reader).unwrap(), "one");
        assert_eq!(fs::read(&file).unwrap(), b"two");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left beside them");
        replace(Path::new("/dev/null"), b"three").unwrap();
    }
}
