//! Writes new guests, and finds the sample.

use std::fs;
use std::path::{Path, PathBuf};

use exuvia_runtime::template::{self, NewGuest};
use toml_edit::Document;

use super::no_folder;
use crate::settings::Folders;

/// The sample guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// What to open.
    pub path: PathBuf,
    /// Its source, if the sample is our own copy, which the user may change.
    pub source: Option<PathBuf>,
}

/// The package's name of the sample that we write.
const NAME: &str = "sample";

/// Writes a new guest, split or in one crate, and gives its folder.
pub(super) fn create(folder: &Path, name: String, split: bool) -> Result<PathBuf, String> {
    let created = template::create(folder, &NewGuest { name: Some(name), split }).map_err(|error| error.to_string())?;
    Ok(created.folder)
}

/// The guest that the workspace around names. Else the one in our own folder, which is written unless it is
/// there: what the user changed in it stays.
pub(super) fn sample(here: Option<&Path>, folders: Option<&Folders>) -> Result<Sample, String> {
    if let Some(manifest) = here.and_then(named_by_workspace) {
        return Ok(Sample { path: manifest, source: None });
    }
    let own = folders.ok_or_else(no_folder)?.sample();
    if !own.join("Cargo.toml").is_file() {
        create(&own, NAME.to_owned(), false).map_err(|error| format!("the sample was not written: {error}"))?;
    }
    let source = own.join("src/lib.rs");
    Ok(Sample { path: own, source: Some(source) })
}

/// The manifest of the workspace around, if it names a guest.
fn named_by_workspace(here: &Path) -> Option<PathBuf> {
    let manifests = here.ancestors().map(|folder| folder.join("Cargo.toml"));
    manifests.filter(|manifest| manifest.is_file()).find(|manifest| {
        let text = fs::read_to_string(manifest).unwrap_or_default();
        names_guest(&text)
    })
}

/// Whether a manifest is that of a workspace which names its guest. In one that is a package, too, the path
/// would stand for that package.
fn names_guest(manifest: &str) -> bool {
    let Ok(manifest) = Document::parse(manifest) else { return false };
    let named = || manifest.get("workspace")?.get("metadata")?.get("exuvia")?.get("guest")?.as_str();
    manifest.get("package").is_none() && named().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_workspace_of_its_own_names_a_guest() {
        for (manifest, names) in [
            ("[workspace.metadata.exuvia]\nguest = \"a\"", true),
            ("[workspace]\nmembers = []", false),
            ("[package]\nname = \"a\"\n[workspace.metadata.exuvia]\nguest = \"a\"", false),
            ("[workspace.metadata.exuvia]\nguest = 3", false),
            ("no = = toml", false),
        ] {
            assert_eq!(names_guest(manifest), names, "{manifest}");
        }
    }

    #[test]
    fn the_sample_is_the_workspaces_or_our_own_and_stays_as_it_was_changed() {
        let root = tempfile::tempdir().expect("a folder");
        let folders = Folders { config: root.path().join("own"), state: root.path().join("own") };
        let (project, own) = (root.path().join("project/a"), folders.sample());
        fs::create_dir_all(&project).expect("made");
        let manifest = root.path().join("project/Cargo.toml");
        fs::write(&manifest, "[workspace.metadata.exuvia]\nguest = \"a\"").expect("written");
        for folders in [None, Some(&folders)] {
            let named = Sample { path: manifest.clone(), source: None };
            assert_eq!(sample(Some(&project), folders), Ok(named), "it needs no folder of ours");
        }
        assert!(sample(None, None).unwrap_err().contains("EXUVIA_CONFIG_DIR"));
        assert!(!own.exists());
        let source = own.join("src/lib.rs");
        for _ in 0..2 {
            assert_eq!(sample(None, Some(&folders)), Ok(Sample { path: own.clone(), source: Some(source.clone()) }));
            if fs::read_to_string(&source).expect("there") != "// mine" {
                fs::write(&source, "// mine").expect("written");
            }
        }
        assert_eq!(fs::read_to_string(&source).expect("there"), "// mine");
        assert!(create(&own, NAME.to_owned(), false).unwrap_err().contains("not empty"));
    }
}
