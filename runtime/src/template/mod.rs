//! `exuvia new`: writes a small guest that builds at once, with the SDK's sources beside it; one crate, or
//! two (a split guest: a library, and the small hot crate that is edited).
//!
//! The crate is made whole in a temporary folder beside its place and then moved there: either all
//! of it appears, or nothing. No file that exists is ever written.
//!
//! | module | its job |
//! |---|---|
//! | `name` | a crate's name from a folder's name |
//! | `sdk` | the SDK's sources, carried inside the executable |
//! | `lock` | the lock file |

mod lock;
mod name;
mod sdk;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub(crate) use lock::lock_file;

/// Folder of the SDK in a new crate.
pub const SDK: &str = "exuvia-sdk";

/// What a guest with state depends on.
const DEPENDENCIES: [&str; 2] = ["exuvia-guest", "serde"];

/// What a new guest is to be.
#[derive(Debug, Clone, Default)]
pub struct NewGuest {
    /// The package's name; `None` for one made of the folder's.
    pub name: Option<String>,
    /// Two crates: a plain library with the bulk of the code, in the folder `core`, and the guest, a small
    /// hot crate on top of it.
    pub split: bool,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// The crate's folder.
    pub folder: PathBuf,
    /// The package's name.
    pub name: String,
    /// The user's own files, relative to the folder.
    pub files: Vec<PathBuf>,
    /// The folder with the SDK's sources, relative to the crate's.
    pub sdk: PathBuf,
}

/// Why no guest was written.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The name is no crate's name.
    #[error("`{name}` cannot be the name of a crate: {why}; give another one with --name")]
    Name {
        /// The name.
        name: String,
        /// Why not.
        why: String,
    },
    /// The folder's name does not make one.
    #[error("the folder's name `{folder}` makes no name for a crate (`{name}`: {why}); give one with --name")]
    NoName {
        /// The folder's name.
        folder: String,
        /// What it was made into.
        name: String,
        /// Why that is none.
        why: String,
    },
    /// There is something already.
    #[error("{} is there already and is not empty (it has `{found}`); give a path that does not exist yet", folder.display())]
    NotEmpty {
        /// The folder.
        folder: PathBuf,
        /// One of the things in it.
        found: String,
    },
    /// A file is there.
    #[error("{} is a file; give the path of a folder that does not exist yet", path.display())]
    IsFile {
        /// The file.
        path: PathBuf,
    },
    /// It cannot be written.
    #[error("{} cannot be written: {source}; is the disk full or read-only?", path.display())]
    Write {
        /// What.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Writes a new guest into a folder that does not exist or is empty.
///
/// # Errors
/// See [`TemplateError`]; nothing was written then.
pub fn create(folder: &Path, options: &NewGuest) -> Result<Created, TemplateError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| TemplateError::Write { path, source }
    };
    let folder = without_dots(&std::path::absolute(folder).map_err(failed(folder))?);
    let name = name_of(&folder, options)?;
    let exists = look(&folder)?;
    // The temporary folder must lie on the same disk, so that the crate can be moved.
    let beside = folder.parent().unwrap_or(&folder);
    let above = Parents::make(beside).map_err(failed(beside))?;
    let temporary = tempfile::Builder::new().prefix(".exuvia-new-").tempdir_in(beside).map_err(failed(beside))?;
    // A folder inside: the temporary one is private, and a crate's has the user's own rights.
    let made = temporary.path().join("guest");
    let own = own_files(&name, options.split);
    let files: Vec<_> = own.iter().cloned().chain(sdk_files()).collect();
    write_all(&made, &files).map_err(failed(&folder))?;
    if exists { move_into(&made, &folder) } else { fs::rename(&made, &folder) }.map_err(failed(&folder))?;
    above.keep();
    let files = own.into_iter().map(|(path, _)| path).collect();
    Ok(Created { folder, name, files, sdk: SDK.into() })
}

/// The user's own files of a new guest.
fn own_files(name: &str, split: bool) -> Vec<(PathBuf, String)> {
    let core = format!("{name}-core");
    let files = if split {
        vec![
            ("Cargo.toml", include_str!("../../../assets/template/split.toml").replace("{name}", name)),
            (
                "src/lib.rs",
                include_str!("../../../assets/template/split.rs").replace("{core}", &core.replace('-', "_")),
            ),
            ("core/Cargo.toml", include_str!("../../../assets/template/core.toml").replace("{name}", name)),
            ("core/src/lib.rs", include_str!("../../../assets/template/core.rs").to_owned()),
            ("Cargo.lock", lock_file(&[(name, &[&DEPENDENCIES[..], &[&core]].concat()), (&core, &[])])),
        ]
    } else {
        vec![
            ("Cargo.toml", include_str!("../../../assets/template/guest.toml").replace("{name}", name)),
            ("src/lib.rs", include_str!("../../../assets/template/guest.rs").to_owned()),
            ("Cargo.lock", lock_file(&[(name, &DEPENDENCIES)])),
        ]
    };
    let ignore = (".gitignore", include_str!("../../../assets/template/gitignore").to_owned());
    files.into_iter().chain([ignore]).map(|(path, text)| (path.into(), text)).collect()
}

/// The SDK's files, relative to the crate that uses them.
pub(crate) fn sdk_files() -> impl Iterator<Item = (PathBuf, String)> {
    sdk::files().map(|(path, text)| (Path::new(SDK).join(path), text.to_owned()))
}

/// Writes files with the folders above them.
pub(crate) fn write_all(folder: &Path, files: &[(PathBuf, String)]) -> io::Result<()> {
    for (path, text) in files {
        let path = folder.join(path);
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(path, text)?;
    }
    Ok(())
}

/// The name that a new guest in this folder gets. Pure: nothing is looked at on disk.
///
/// # Errors
/// [`TemplateError::Name`] or [`TemplateError::NoName`].
pub fn name_of(folder: &Path, options: &NewGuest) -> Result<String, TemplateError> {
    let in_use = lock::names_in_use(&DEPENDENCIES);
    let used = |name: &str| in_use.contains(name);
    match &options.name {
        Some(name) => name::given(name, used),
        None => {
            let folder = folder.file_name().map(|name| name.to_string_lossy().into_owned());
            name::from_folder(&folder.unwrap_or_default(), used)
        }
    }
}

/// Whether the folder exists; something in it is an error.
fn look(folder: &Path) -> Result<bool, TemplateError> {
    match fs::read_dir(folder) {
        Ok(mut entries) => match entries.next() {
            None => Ok(true),
            Some(Ok(found)) => Err(TemplateError::NotEmpty {
                folder: folder.to_owned(),
                found: found.file_name().to_string_lossy().into_owned(),
            }),
            Some(Err(source)) => Err(TemplateError::Write { path: folder.to_owned(), source }),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(_) if fs::symlink_metadata(folder).is_ok_and(|found| !found.is_dir()) => {
            Err(TemplateError::IsFile { path: folder.to_owned() })
        }
        Err(source) => Err(TemplateError::Write { path: folder.to_owned(), source }),
    }
}

/// `a/b/.` and `a/b/c/..` end in no name; a path that exists has a real one.
fn without_dots(path: &Path) -> PathBuf {
    match path.canonicalize() {
        Ok(real) => real,
        Err(_) => path.components().collect(),
    }
}

/// Moves what lies in one folder into another, which is empty and stays the folder it is: somebody
/// may be standing in it. What was moved is taken away again if the rest cannot be.
fn move_into(from: &Path, to: &Path) -> io::Result<()> {
    let mut moved = Vec::new();
    let all = fs::read_dir(from)?.try_for_each(|entry| {
        let name = entry?.file_name();
        fs::rename(from.join(&name), to.join(&name))?;
        moved.push(to.join(&name));
        Ok(())
    });
    if all.is_err() {
        for path in moved {
            // The first error is the one to tell.
            let _ = fs::remove_dir_all(&path).or_else(|_| fs::remove_file(&path));
        }
    }
    all
}

/// Folders above the new one that had to be made; gone again unless they are kept.
#[derive(Debug)]
struct Parents(Vec<PathBuf>);

impl Parents {
    fn make(folder: &Path) -> io::Result<Self> {
        let missing = folder.ancestors().take_while(|folder| !folder.exists()).map(Path::to_owned).collect();
        let parents = Self(missing);
        fs::create_dir_all(folder)?;
        Ok(parents)
    }

    fn keep(mut self) {
        self.0.clear();
    }
}

impl Drop for Parents {
    fn drop(&mut self) {
        for folder in &self.0 {
            // One that is not empty is not ours alone any more.
            let _ = fs::remove_dir(folder);
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
