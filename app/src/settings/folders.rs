//! Where the files lie.

use std::ffi::OsString;
use std::path::PathBuf;

use etcetera::BaseStrategy;

/// A variable that names the folder for both, instead of the platform's. Tests use it.
pub const FOLDER_VARIABLE: &str = "EXUVIA_CONFIG_DIR";

/// Where the files lie. The folders need not exist yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folders {
    /// The folder of `settings.toml`.
    pub config: PathBuf,
    /// The folder of `remembered.json`.
    pub state: PathBuf,
}

/// The system names no folder for settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "settings are not kept: the system names no home folder ({reason}); set HOME, or {FOLDER_VARIABLE} to a folder of yours"
)]
pub struct FoldersError {
    reason: String,
}

impl Folders {
    /// Those of this user.
    ///
    /// # Errors
    /// If the system names no home folder, and no other is given.
    pub fn find() -> Result<Self, FoldersError> {
        Self::of(std::env::var_os(FOLDER_VARIABLE), || {
            let base = etcetera::choose_base_strategy().map_err(|error| error.to_string())?;
            // macOS and Windows know no folder for state.
            let state = base.state_dir().unwrap_or_else(|| base.data_dir());
            Ok(Self { config: base.config_dir(), state })
        })
    }

    /// The decision behind [`Folders::find`].
    fn of(named: Option<OsString>, platform: impl FnOnce() -> Result<Self, String>) -> Result<Self, FoldersError> {
        if let Some(named) = named.filter(|named| !named.is_empty()) {
            let folder = PathBuf::from(named);
            return Ok(Self { config: folder.clone(), state: folder });
        }
        let base = platform().map_err(|reason| FoldersError { reason })?;
        Ok(Self { config: base.config.join("exuvia"), state: base.state.join("exuvia") })
    }

    /// The settings file.
    #[must_use]
    pub fn settings_file(&self) -> PathBuf {
        self.config.join("settings.toml")
    }

    /// The file of what the window remembers.
    #[must_use]
    pub fn remembered_file(&self) -> PathBuf {
        self.state.join("remembered.json")
    }

    /// The folder of the sample guest, which is written when somebody first asks for it.
    #[must_use]
    pub fn sample(&self) -> PathBuf {
        self.state.join("sample")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_folder_goes_before_the_platforms() {
        let platform = || Ok(Folders { config: "/h/.config".into(), state: "/h/.local/state".into() });
        let of = |config: &str, state: &str| Ok(Folders { config: config.into(), state: state.into() });
        for (named, expected) in [
            (Some("/mine"), of("/mine", "/mine")),
            (Some(""), of("/h/.config/exuvia", "/h/.local/state/exuvia")),
            (None, of("/h/.config/exuvia", "/h/.local/state/exuvia")),
        ] {
            assert_eq!(Folders::of(named.map(OsString::from), platform), expected, "{named:?}");
        }
        let error = Folders::of(None, || Err("no HOME".to_owned())).unwrap_err().to_string();
        assert!(error.contains("no HOME") && error.contains(FOLDER_VARIABLE), "{error}");
    }
}
