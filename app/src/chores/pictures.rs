//! Where pictures are put.

use std::fs;
use std::path::{Path, PathBuf};

/// Who made a picture, as the file says it.
pub(crate) const SOFTWARE: &str = concat!("Exuvia ", env!("CARGO_PKG_VERSION"));

/// The user's folder for pictures, if there is one; else the home folder.
pub(super) fn folder() -> Option<PathBuf> {
    let home = std::env::home_dir().filter(|home| !home.as_os_str().is_empty())?;
    let config = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let config = config.unwrap_or_else(|| home.join(".config"));
    let user_dirs = fs::read_to_string(config.join("user-dirs.dirs")).unwrap_or_default();
    Some(choose(&home, &user_dirs, Path::is_dir))
}

/// The decision behind [`folder`]: what the desktop's file names, then what most systems call it.
/// The file is `xdg-user-dirs`': lines such as `XDG_PICTURES_DIR="$HOME/Bilder"`.
pub(super) fn choose(home: &Path, user_dirs: &str, is_folder: impl Fn(&Path) -> bool) -> PathBuf {
    let named = user_dirs.lines().filter_map(|line| line.trim().strip_prefix("XDG_PICTURES_DIR=")).next_back();
    let named = named.and_then(|value| value.trim().strip_prefix('"')?.strip_suffix('"')).and_then(|value| {
        match value.strip_prefix("$HOME/") {
            Some(below) => Some(home.join(below)),
            // Nothing else may stand there but an absolute path.
            None => Some(PathBuf::from(value)).filter(|path| path.is_absolute()),
        }
    });
    let found = named.into_iter().chain([home.join("Pictures")]).find(|folder| is_folder(folder));
    found.unwrap_or_else(|| home.to_owned())
}
