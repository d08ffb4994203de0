//! The files that a build reads: what the last one has read, and where new ones may appear.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::build::Project;

/// Which files count as sources of a guest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inputs {
    /// Known files, whether or not they exist: manifests, settings, crate roots, and all that
    /// the dep-info of the last build names.
    files: BTreeSet<PathBuf>,
    /// Folders in which every `.rs` file counts, so that a new module is noticed: the folders of
    /// the crate roots.
    folders: BTreeSet<PathBuf>,
    /// Folders to watch, and never to read: packages' and the workspace's.
    roots: BTreeSet<PathBuf>,
}

impl Inputs {
    /// What counts for this project, given what its last build has read (empty before the first).
    #[must_use]
    pub fn new(project: &Project, read: &BTreeSet<PathBuf>) -> Self {
        let mut files = project.settings_files();
        files.extend(read.iter().filter(|path| !path.starts_with(&project.target)).cloned());
        let mut folders = BTreeSet::new();
        let mut roots = BTreeSet::from([project.workspace_root.clone()]);
        for package in &project.local {
            let package_root = package.manifest.parent();
            roots.extend(package_root.map(Path::to_owned));
            files.extend(package.crate_roots.iter().cloned());
            // A crate root beside the manifest does not make the whole package folder (with
            // its target folder, its assets, its other packages) a source folder.
            let folder_of = |root: &'_ PathBuf| root.parent().filter(|f| Some(*f) != package_root).map(Path::to_owned);
            folders.extend(package.crate_roots.iter().filter_map(folder_of));
        }
        Self { files, folders, roots }
    }

    /// Whether a change at this path can change what is built: an input, a `.rs` file in a
    /// source folder, or a folder that holds or may hold such.
    #[must_use]
    pub fn concerns(&self, path: &Path) -> bool {
        if self.files.contains(path) {
            return true;
        }
        let in_sources = self.folders.iter().any(|folder| path.starts_with(folder));
        if in_sources && (is_source(path) || (path.extension().is_none() && !is_editors_own(path))) {
            return true;
        }
        // Something above an input was renamed, removed or came back.
        self.files.iter().chain(&self.folders).any(|input| input.starts_with(path))
    }

    /// All regular files that count and exist.
    #[must_use]
    pub fn existing(&self) -> BTreeSet<PathBuf> {
        let mut found: BTreeSet<PathBuf> = self.files.iter().filter(|file| file.is_file()).cloned().collect();
        let mut open: Vec<PathBuf> = self.folders.iter().cloned().collect();
        let mut seen = BTreeSet::new();
        while let Some(folder) = open.pop() {
            // A link may lead back up; each real folder is read once.
            if !folder.canonicalize().is_ok_and(|real| seen.insert(real)) {
                continue;
            }
            for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    if !is_editors_own(&path) {
                        open.push(path);
                    }
                } else if is_source(&path) && path.is_file() {
                    found.insert(path);
                }
            }
        }
        found
    }

    /// Folders to watch and whether with all that is below. Only existing ones.
    #[must_use]
    pub fn watched_folders(&self) -> BTreeMap<PathBuf, bool> {
        let mut folders: BTreeMap<PathBuf, bool> = BTreeMap::new();
        let recursive: Vec<&PathBuf> = self.folders.iter().filter(|folder| folder.is_dir()).collect();
        for folder in &recursive {
            if !recursive.iter().any(|other| other != folder && folder.starts_with(other)) {
                folders.insert((*folder).clone(), true);
            }
        }
        let parents = self.files.iter().filter(|file| file.is_file()).filter_map(|file| file.parent());
        for folder in parents.chain(self.roots.iter().map(PathBuf::as_path)) {
            let covered = recursive.iter().any(|above| folder.starts_with(above));
            if !covered && folder.is_dir() {
                folders.entry(folder.to_owned()).or_insert(false);
            }
        }
        // Where a folder is missing, whatever is left above it will tell when it comes back.
        for missing in self.roots.iter().chain(&self.folders).filter(|folder| !folder.is_dir()) {
            if let Some(above) = missing.ancestors().find(|above| above.is_dir()) {
                folders.entry(above.to_owned()).or_insert(false);
            }
        }
        folders
    }
}

/// A Rust source file that is not an editor's own.
fn is_source(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs") && !is_editors_own(path)
}

/// Lock, swap and backup files, and hidden folders: Emacs `.#name` and `#name#`, Vim `.name.swp`
/// and its probe `4913`, backups `name~`.
fn is_editors_own(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    name.starts_with(['.', '#']) || name.ends_with('~') || name == "4913"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::LocalPackage;

    fn project() -> Project {
        Project {
            name: "g".to_owned(),
            id: "g".to_owned(),
            manifest: "/w/g/Cargo.toml".into(),
            root: "/w/g".into(),
            workspace_root: "/w".into(),
            target: "/w/target/exuvia".into(),
            local: vec![
                LocalPackage {
                    name: "g".to_owned(),
                    manifest: "/w/g/Cargo.toml".into(),
                    crate_roots: vec!["/w/g/src/lib.rs".into(), "/w/g/build.rs".into()],
                },
                LocalPackage {
                    name: "dep".to_owned(),
                    manifest: "/other/dep/Cargo.toml".into(),
                    crate_roots: vec!["/other/dep/lib.rs".into()],
                },
            ],
        }
    }

    #[test]
    fn what_concerns_a_build() {
        let read = BTreeSet::from(["/data/level.txt".into(), "/w/target/exuvia/debug/build/out/gen.rs".into()]);
        let inputs = Inputs::new(&project(), &read);
        for (path, concerns) in [
            ("/w/g/src/lib.rs", true),
            ("/w/g/src/new/deep.rs", true),
            ("/w/g/src/new", true),
            ("/w/g/src", true),
            ("/w/g", true),
            ("/w/g/build.rs", true),
            ("/w/g/Cargo.toml", true),
            ("/w/Cargo.lock", true),
            ("/w/.cargo/config.toml", true),
            ("/w/g/rust-toolchain.toml", true),
            ("/other/dep/lib.rs", true),
            ("/data/level.txt", true),
            ("/w/g/src/.lib.rs.swp", false),
            ("/w/g/src/lib.rs~", false),
            ("/w/g/src/.#lib.rs", false),
            ("/w/g/src/#lib.rs#", false),
            ("/w/g/src/4913", false),
            ("/w/g/README.md", false),
            ("/other/dep/other.rs", false),
            ("/w/target/exuvia/debug/build/out/gen.rs", false),
            ("/w/target/exuvia/debug/libg.so", false),
        ] {
            assert_eq!(inputs.concerns(Path::new(path)), concerns, "{path}");
        }
    }
}
