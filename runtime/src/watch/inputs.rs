//! The files that a build reads: what the last one has read, and where new ones may appear.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::build::Project;

/// Which files count as sources of a guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inputs {
    /// Known files, whether or not they exist: manifests, settings, crate roots, and all that
    /// the dep-info of the last build names. One that is a folder (a build script may ask for a
    /// whole folder) stands for every file in it.
    files: BTreeSet<PathBuf>,
    /// Those of them that a build has read: they may be gone, and are awaited back.
    read: BTreeSet<PathBuf>,
    /// Folders in which every `.rs` file counts, so that a new module is noticed: the folders of
    /// the crate roots.
    folders: BTreeSet<PathBuf>,
    /// Folders to watch, and never to read: packages' and the workspace's.
    roots: BTreeSet<PathBuf>,
    /// Cargo's target folder, which is never looked into.
    target: PathBuf,
    /// Where links lead, step by step, and the inputs and folders of inputs that are reached that
    /// way: what is written there may be heard of under the name that it has there.
    links: BTreeMap<PathBuf, BTreeSet<PathBuf>>,
}

impl Inputs {
    /// What counts for this project, given what its last build has read (empty before the first).
    #[must_use]
    pub fn new(project: &Project, read: &BTreeSet<PathBuf>) -> Self {
        let mut files = project.settings_files();
        // What the manifest wants watched is taken for read: it is awaited where it is missing.
        let read = read.iter().chain(&project.settings.watch);
        let read: BTreeSet<PathBuf> = read.filter(|path| !path.starts_with(&project.target)).cloned().collect();
        files.extend(read.iter().cloned());
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
        let target = project.target.parent().unwrap_or(&project.target).to_owned();
        Self { files, read, folders, roots, target, links: BTreeMap::new() }
    }

    /// Finds out anew where links lead that are inputs, or folders of inputs.
    pub fn follow_links(&mut self) {
        let mut named = self.existing();
        named.extend(self.files.iter().chain(&self.folders).cloned());
        walk(self.folders.iter().chain(self.whole_folders()).cloned(), |path, is_dir| {
            let counts = is_dir && !is_editors_own(path) && path != self.target;
            if counts && path.is_symlink() {
                named.insert(path.to_owned());
            }
            counts
        });
        self.links.clear();
        for name in named {
            for step in steps(&name) {
                self.links.entry(step).or_default().insert(name.clone());
            }
        }
    }

    /// The names under which this path is reached through links.
    pub fn through_links(&self, path: &Path) -> Vec<PathBuf> {
        let mut names = Vec::new();
        for above in path.ancestors() {
            let below = path.strip_prefix(above).ok().filter(|below| !below.as_os_str().is_empty());
            let named = self.links.get(above).into_iter().flatten();
            names.extend(named.map(|name| below.map_or_else(|| name.clone(), |below| name.join(below))));
        }
        names
    }

    /// Whether a change at this path can change what is built: an input, a `.rs` file in a
    /// source folder, or a folder that holds or may hold such.
    #[must_use]
    pub fn concerns(&self, path: &Path) -> bool {
        self.counts(path)
            || self.links.keys().any(|step| step.starts_with(path))
            || self.through_links(path).iter().any(|name| self.counts(name))
    }

    fn counts(&self, path: &Path) -> bool {
        if self.files.contains(path) {
            return true;
        }
        let in_sources = self.folders.iter().any(|folder| path.starts_with(folder));
        if in_sources && (is_source(path) || (path.extension().is_none() && !is_editors_own(path))) {
            return true;
        }
        // No path leads through a file: what is above this one is a folder that counts as a whole.
        let whole = |above: &Path| self.files.contains(above) && !self.is_left_out(path, above);
        if path.ancestors().skip(1).any(whole) {
            return true;
        }
        // Something above an input was renamed, removed or came back.
        self.files.iter().chain(&self.folders).any(|input| input.starts_with(path))
    }

    /// All regular files that count and exist.
    #[must_use]
    pub fn existing(&self) -> BTreeSet<PathBuf> {
        let mut found: BTreeSet<PathBuf> = self.files.iter().filter(|file| file.is_file()).cloned().collect();
        walk(self.folders.iter().cloned(), |path, is_dir| {
            if is_dir {
                return !is_editors_own(path);
            }
            if is_source(path) && path.is_file() {
                found.insert(path.to_owned());
            }
            false
        });
        walk(self.whole_folders().cloned(), |path, is_dir| {
            let counts = !is_editors_own(path) && path != self.target;
            if counts && path.is_file() {
                found.insert(path.to_owned());
            }
            counts && is_dir
        });
        found
    }

    /// Inputs that are folders.
    fn whole_folders(&self) -> impl Iterator<Item = &PathBuf> {
        self.files.iter().filter(|file| file.is_dir())
    }

    /// Whether a path does not count although it lies in a folder that counts as a whole.
    fn is_left_out(&self, path: &Path, whole: &Path) -> bool {
        let below = path.strip_prefix(whole).unwrap_or(path);
        path.starts_with(&self.target) || below.iter().any(|name| is_editors_own(Path::new(name)))
    }

    /// Folders to watch and whether with all that is below. Only existing ones.
    #[must_use]
    pub fn watched_folders(&self) -> BTreeMap<PathBuf, bool> {
        let mut folders: BTreeMap<PathBuf, bool> = BTreeMap::new();
        let mut recursive: BTreeSet<PathBuf> = self.folders.iter().filter(|folder| folder.is_dir()).cloned().collect();
        // A link that comes into a watched folder is not followed by the system.
        recursive.extend(self.links.keys().filter(|step| step.is_dir() && !self.target.starts_with(step)).cloned());
        // What holds the target folder is watched piece by piece: cargo writes much there.
        let holds_target = |folder: &Path| self.target.starts_with(folder);
        recursive.extend(self.whole_folders().filter(|folder| !holds_target(folder)).cloned());
        let pieces: Vec<PathBuf> = self.whole_folders().filter(|folder| holds_target(folder)).cloned().collect();
        folders.extend(pieces.iter().map(|folder| (folder.clone(), false)));
        walk(pieces.into_iter(), |path, is_dir| {
            if !is_dir || is_editors_own(path) || path == self.target {
                return false;
            }
            let go_on = holds_target(path);
            if go_on {
                folders.insert(path.to_owned(), false);
            } else {
                recursive.insert(path.to_owned());
            }
            go_on
        });
        for folder in &recursive {
            if !recursive.iter().any(|other| other != folder && folder.starts_with(other)) {
                folders.insert(folder.clone(), true);
            }
        }
        let files = self.files.iter().filter(|file| file.is_file()).chain(self.links.keys());
        let parents = files.filter_map(|file| file.parent());
        for folder in parents.chain(self.roots.iter().map(PathBuf::as_path)) {
            let covered = recursive.iter().any(|above| folder.starts_with(above));
            if !covered && folder.is_dir() {
                folders.entry(folder.to_owned()).or_insert(false);
            }
        }
        // Where something is missing, whatever is left above it will tell when it comes back.
        let awaited = self.roots.iter().chain(&self.folders).chain(&self.read).chain(self.links.keys());
        for missing in awaited.filter(|path| !path.exists()) {
            let covered = recursive.iter().any(|above| missing.starts_with(above));
            if let (false, Some(above)) = (covered, missing.ancestors().find(|above| above.is_dir())) {
                folders.entry(above.to_owned()).or_insert(false);
            }
        }
        folders
    }
}

/// Goes through folders. `enter` is told each path in them and whether it is a folder, and says
/// whether to go on in it.
fn walk(folders: impl Iterator<Item = PathBuf>, mut enter: impl FnMut(&Path, bool) -> bool) {
    let mut open: Vec<PathBuf> = folders.collect();
    let mut seen = BTreeSet::new();
    while let Some(folder) = open.pop() {
        // A link may lead back up; each real folder is read once.
        if !folder.canonicalize().is_ok_and(|real| seen.insert(real)) {
            continue;
        }
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if enter(&path, path.is_dir()) {
                open.push(path);
            }
        }
    }
}

/// Where a link leads, and where that leads if it is a link, too; nothing for what is none.
fn steps(file: &Path) -> Vec<PathBuf> {
    // The system's own limit: path_resolution(7).
    const MOST: usize = 40;
    let mut steps: Vec<PathBuf> = Vec::new();
    while steps.len() < MOST {
        let at = steps.last().map_or(file, PathBuf::as_path);
        let (Ok(to), Some(folder)) = (std::fs::read_link(at), at.parent()) else { break };
        let to = folder.join(to);
        let (Some(folder), Some(name)) = (to.parent(), to.file_name()) else { break };
        // By the folder's real name: what is watched is told under the name by which it is watched.
        steps.push(folder.canonicalize().unwrap_or_else(|_| folder.to_owned()).join(name));
    }
    steps
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
    use crate::build::{LocalPackage, ManifestSettings, Selection};

    fn project() -> Project {
        Project {
            name: "g".to_owned(),
            id: "g".to_owned(),
            manifest: "/w/g/Cargo.toml".into(),
            root: "/w/g".into(),
            workspace_root: "/w".into(),
            target: "/w/target/exuvia".into(),
            selection: Selection::default(),
            settings: ManifestSettings::default(),
            local: vec![
                LocalPackage {
                    name: "g".to_owned(),
                    manifest: "/w/g/Cargo.toml".into(),
                    crate_roots: vec!["/w/g/src/lib.rs".into(), "/w/g/build.rs".into()],
                    needs: Vec::new(),
                },
                LocalPackage {
                    name: "dep".to_owned(),
                    manifest: "/other/dep/Cargo.toml".into(),
                    crate_roots: vec!["/other/dep/lib.rs".into()],
                    needs: Vec::new(),
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

    #[test]
    fn what_the_manifest_wants_watched_counts() {
        let settings = ManifestSettings {
            watch: vec!["/w/g/level.json".into(), "/w/target/exuvia/x".into()],
            ..ManifestSettings::default()
        };
        let inputs = Inputs::new(&Project { settings, ..project() }, &BTreeSet::new());
        for (path, concerns) in [("/w/g/level.json", true), ("/w/g/other.json", false), ("/w/target/exuvia/x", false)] {
            assert_eq!(inputs.concerns(Path::new(path)), concerns, "{path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_to_their_ends() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().canonicalize().unwrap().join(path);
        for path in ["g/src", "real", "releases/1"] {
            std::fs::create_dir_all(at(path)).unwrap();
        }
        std::fs::write(at("releases/1/lib.rs"), "1").unwrap();
        symlink("../releases/1", at("real/current")).unwrap();
        symlink("current/lib.rs", at("real/lib.rs")).unwrap();
        symlink("../../real/lib.rs", at("g/src/lib.rs")).unwrap();
        // In a circle, and to nowhere.
        symlink("b.rs", at("g/src/a.rs")).unwrap();
        symlink("a.rs", at("g/src/b.rs")).unwrap();
        symlink("../../gone/c.rs", at("g/build.rs")).unwrap();
        let guest = LocalPackage {
            name: "g".to_owned(),
            manifest: at("g/Cargo.toml"),
            crate_roots: vec![at("g/src/lib.rs"), at("g/build.rs")],
            needs: Vec::new(),
        };
        let mut inputs = Inputs::new(&Project::sample(&at("g"), vec![guest]), &BTreeSet::new());
        let ends = ["real/lib.rs", "releases/1/lib.rs"];
        for path in ends {
            assert!(!inputs.concerns(&at(path)), "{path}, not followed yet");
        }
        inputs.follow_links();
        for path in ends {
            assert!(inputs.concerns(&at(path)), "{path}");
            assert_eq!(inputs.through_links(&at(path)), [at("g/src/lib.rs")], "{path}");
            assert!(inputs.watched_folders().contains_key(at(path).parent().unwrap()), "{path}");
        }
        assert!(!inputs.concerns(&at("real/other.rs")));
        assert_eq!(inputs.existing(), BTreeSet::from([at("g/src/lib.rs")]));

        // A folder: what comes into it counts, too.
        symlink("../../real/current", at("g/src/sub")).unwrap();
        inputs.follow_links();
        assert_eq!(inputs.through_links(&at("releases/1/new/mod.rs")), [at("g/src/sub/new/mod.rs")]);
        for (path, concerns) in [
            ("releases/1/new.rs", true),
            ("real/current", true),
            ("releases/1/notes.md", false),
            ("real/new.rs", false),
        ] {
            assert_eq!(inputs.concerns(&at(path)), concerns, "{path}");
        }
        assert_eq!(inputs.watched_folders().get(&at("releases/1")), Some(&true));
    }

    /// `cargo:rerun-if-changed` may name a folder.
    #[test]
    fn a_folder_that_was_read_counts_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let at = |path: &str| root.join(path);
        for path in ["assets/deep/.git", "src/sub", "target/exuvia/debug", "docs"] {
            std::fs::create_dir_all(at(path)).unwrap();
        }
        let files = ["assets/level.txt", "assets/deep/map.bin", "src/lib.rs", "src/notes.md", "README.md", "docs/a.md"];
        let not_ours = ["assets/level.txt~", "assets/deep/.git/HEAD", "target/exuvia/debug/x.d", "target/x"];
        for path in files.iter().chain(&not_ours) {
            std::fs::write(at(path), "x").unwrap();
        }
        let project = Project {
            root: root.to_owned(),
            workspace_root: root.to_owned(),
            manifest: at("Cargo.toml"),
            target: at("target/exuvia"),
            local: vec![LocalPackage {
                name: "g".to_owned(),
                manifest: at("Cargo.toml"),
                crate_roots: vec![at("src/lib.rs")],
                needs: Vec::new(),
            }],
            ..project()
        };
        let watched = |folders: &[(&str, bool)]| folders.iter().map(|(path, deep)| (at(path), *deep)).collect();
        let existing = |files: &[&str]| files.iter().map(|path| at(path)).collect::<BTreeSet<_>>();
        for (read, concerning, not, counted, folders) in [
            (
                "assets",
                &["assets", "assets/level.txt", "assets/new/new.bin", "assets/deep"][..],
                &["README.md", "docs/a.md", "assets/level.txt~", "assets/deep/.git/HEAD", "target/x"][..],
                &["assets/level.txt", "assets/deep/map.bin", "src/lib.rs"][..],
                &[("", false), ("assets", true), ("src", true)][..],
            ),
            // The package's own folder holds the target folder.
            (
                "",
                &["assets/level.txt", "README.md", "docs/new.md", "src/notes.md"],
                &["target/x", "target/exuvia/debug/x.d", ".git/HEAD", "assets/deep/.git/HEAD"],
                &files,
                &[("", false), ("assets", true), ("docs", true), ("src", true)],
            ),
            (
                "assets/gone",
                &["assets/gone/again"],
                &["assets/level.txt"],
                &["src/lib.rs"],
                &[("", false), ("assets", false), ("src", true)],
            ),
            ("src/sub/gone.rs", &["src/sub/gone.rs"], &[], &["src/lib.rs"], &[("", false), ("src", true)]),
        ] {
            let inputs = Inputs::new(&project, &BTreeSet::from([at(read)]));
            for (paths, concerns) in [(concerning, true), (not, false)] {
                for path in paths {
                    assert_eq!(inputs.concerns(&at(path)), concerns, "{path}, read: {read:?}");
                }
            }
            assert_eq!(inputs.existing(), existing(counted), "read: {read:?}");
            assert_eq!(inputs.watched_folders(), watched(folders), "read: {read:?}");
        }
    }
}
