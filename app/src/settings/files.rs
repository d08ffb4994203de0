//! Reads and writes the files. Each is written whole or not at all, and only this user can read it.

use std::fs::{self, DirBuilder};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::{Folders, Loaded, Remembered, Settings, read, write};

/// A file could not be written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The folder is not there and could not be made.
    #[error("the folder {} cannot be made: {source}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What is there cannot be read, and is therefore not written over.
    #[error("{} cannot be read ({source}) and is therefore not written over; move it away", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It could not be written; what was there is as it was.
    #[error("{} cannot be written: {source}; what was there is as it was", file.display())]
    Write {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Reads both files. What is missing or cannot be used has its default, and is told unless it is
/// merely missing.
#[must_use]
pub fn load(folders: &Folders) -> Loaded {
    let mut loaded = Loaded::default();
    let file = folders.settings_file();
    match fs::read(&file) {
        Ok(bytes) => match text_of(&bytes).and_then(|text| read::settings(text, &file)) {
            Ok((settings, notices)) => {
                loaded.settings = settings;
                loaded.notices.extend(notices);
            }
            Err(read::NotToml { reason }) => loaded.notices.push(format!(
                "{} is not TOML ({reason}); the defaults are used. Mend it, or change a setting in the window: it is \
                 then kept as {}",
                file.display(),
                unreadable_name(&file).display(),
            )),
        },
        Err(error) => loaded.notices.extend(not_read(&file, &error, "the defaults are used")),
    }
    let file = folders.remembered_file();
    let forgotten = "recent guests and the layout of the window start afresh";
    match fs::read(&file) {
        Ok(bytes) => match serde_json::from_slice::<Remembered>(&bytes) {
            Ok(mut remembered) => {
                remembered.tidy();
                loaded.remembered = remembered;
            }
            Err(error) => {
                loaded.notices.push(format!("{} is not as Exuvia writes it ({error}); {forgotten}", file.display()));
            }
        },
        Err(error) => loaded.notices.extend(not_read(&file, &error, forgotten)),
    }
    loaded
}

/// Writes the settings. Comments and unknown keys of the file stay. A file that is no TOML is kept
/// beside it, as `settings.toml.unreadable`.
///
/// # Errors
/// See [`FileError`].
pub fn save_settings(folders: &Folders, settings: &Settings) -> Result<(), FileError> {
    let file = folders.settings_file();
    let existing = match fs::read(&file) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(source) => return Err(FileError::Unreadable { file, source }),
    };
    let text = existing.as_deref().map(|bytes| text_of(bytes).and_then(|text| read::document(text).map(|_| text)));
    let text = match (text, &existing) {
        (Some(Err(_)), Some(bytes)) => {
            keep(&unreadable_name(&file), bytes)?;
            None
        }
        (text, _) => text.and_then(Result::ok),
    };
    let new = write::text(text, settings);
    // Nothing to say: the file's time, and the tools that watch it, are left in peace.
    if text == Some(&new) { Ok(()) } else { replace(&file, new.as_bytes()) }
}

/// Writes what the window remembers.
///
/// # Errors
/// See [`FileError`].
pub fn save_remembered(folders: &Folders, remembered: &Remembered) -> Result<(), FileError> {
    let file = folders.remembered_file();
    let text = remembered.text().map_err(|error| FileError::Write { file: file.clone(), source: error.into() })?;
    replace(&file, text.as_bytes())
}

fn text_of(bytes: &[u8]) -> Result<&str, read::NotToml> {
    std::str::from_utf8(bytes).map_err(|error| read::NotToml { reason: error.to_string() })
}

fn not_read(file: &Path, error: &io::Error, consequence: &str) -> Option<String> {
    (error.kind() != io::ErrorKind::NotFound)
        .then(|| format!("{} cannot be read ({error}); {consequence}", file.display()))
}

fn unreadable_name(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".unreadable");
    name.into()
}

/// Keeps bytes under a name, or one like it that is free.
fn keep(file: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let failed = |source| FileError::Write { file: file.to_owned(), source };
    let parent = file.parent().unwrap_or(Path::new("."));
    let mut temporary = tempfile::NamedTempFile::new_in(parent).map_err(failed)?;
    temporary.write_all(bytes).map_err(failed)?;
    for attempt in 1.. {
        match temporary.persist_noclobber(free_name(file, attempt)) {
            Ok(_) => break,
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => temporary = error.file,
            Err(error) => return Err(failed(error.error)),
        }
    }
    Ok(())
}

/// Puts a new file into the place of an old one: readers see either, whole.
fn replace(file: &Path, bytes: &[u8]) -> Result<(), FileError> {
    // People keep their settings elsewhere and link them here: the link stays.
    let file = &fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let folder = file.parent().unwrap_or(Path::new("."));
    create_private_folder(folder).map_err(|source| FileError::Folder { folder: folder.to_owned(), source })?;
    let failed = |source| FileError::Write { file: file.clone(), source };
    // Temporary files are made with 0600.
    let mut temporary = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    temporary.write_all(bytes).map_err(failed)?;
    // Without it, a power cut may leave the new name with no content.
    temporary.as_file().sync_all().map_err(failed)?;
    temporary.persist(file).map(drop).map_err(|error| failed(error.error))
}

/// Makes a folder that only this user can look into, and those above it that are missing. One that
/// is there stays as it is.
pub(super) fn create_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    crate::platform::keep_private(&mut builder);
    builder.create(folder)
}

/// The name to try at the n-th attempt, from 1, where names may be taken: `a.png`, `a-2.png`, …
pub(crate) fn free_name(file: &Path, attempt: u32) -> PathBuf {
    if attempt <= 1 {
        return file.to_owned();
    }
    let mut name = file.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{attempt}"));
    if let Some(extension) = file.extension() {
        name.push(".");
        name.push(extension);
    }
    file.with_file_name(name)
}
