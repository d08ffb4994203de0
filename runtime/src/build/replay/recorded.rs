//! What is known of the crates of a guest after a build: how rustc was run for each of them, and what
//! it has read. Nothing is decided here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::folders::Folders;
use super::invocation::{Invocation, stem_of};
use super::reason::Fallback;
use crate::build::diagnostic::Diagnostic;
use crate::build::facts::{FileFacts, micros};
use crate::build::{Project, dep_info, environment};
use crate::history::record::{ContentHash, SourceHashes};
use crate::history::{read_json, write_json};
use crate::platform;

/// What a crate is to the compiler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A library, or the guest itself.
    Library,
    /// Run by the compiler.
    ProcMacro,
}

/// Why a crate cannot be replayed although it is recorded: something depends on it that is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Beneath {
    /// A package outside the workspace.
    Outside(String),
    /// A build script.
    BuildScript,
}

/// A crate, and its latest build.
#[derive(Debug, Clone)]
pub(super) struct Unit {
    /// Its name.
    pub name: String,
    pub kind: Kind,
    pub invocation: Invocation,
    /// The names of its files have this in common.
    pub stem: String,
    /// The file it begins with, as it is shown.
    pub root: PathBuf,
    /// What it was read from, as it is shown.
    pub files: BTreeSet<PathBuf>,
    /// The content of these; `None` when its latest run did not come to its end.
    pub from: Option<SourceHashes>,
    /// Variables that were read, and their values.
    pub variables: Vec<(String, Option<String>)>,
    /// Which replay has built it; 0 is cargo.
    pub built: u64,
    /// The units that it is given, by index.
    pub needs: Vec<usize>,
    pub beneath: Option<Beneath>,
    /// The library that others are given of it, as its latest build has left it. The guest has none.
    pub output: Option<(PathBuf, FileFacts)>,
}

/// A guest and the crates below it, as they are built now.
#[derive(Debug, Clone)]
pub(super) struct Recorded {
    pub project: Arc<Project>,
    /// Dependencies first, the guest last.
    pub units: Vec<Unit>,
    /// What was saved when cargo had built everything.
    pub world: SourceHashes,
    /// When that build was begun.
    pub started: SystemTime,
    /// Manifests, lock file, configuration, as they are shown.
    pub settings: BTreeSet<PathBuf>,
    /// Paths, as they are shown, which mean that a build script is to run when they, or something in
    /// them, change.
    pub scripts: BTreeSet<PathBuf>,
    /// Folders of the packages for which nothing is recorded, as they are shown, and their names.
    pub unrecorded: BTreeMap<PathBuf, String>,
    /// Files that nobody watches, and that decide how rustc is run.
    pub elsewhere: Vec<(PathBuf, Option<FileFacts>)>,
    /// What cargo says that it has read.
    pub read: BTreeSet<PathBuf>,
    /// Cargo's artifact.
    pub artifact: PathBuf,
    /// Warnings by the crate's root file, in cargo's order.
    pub warnings: Vec<(PathBuf, Vec<Diagnostic>)>,
}

/// What a build by cargo has come to.
#[derive(Debug)]
pub(crate) struct Finished<'a> {
    pub project: &'a Arc<Project>,
    pub sources: &'a SourceHashes,
    pub artifact: &'a Path,
    pub fresh: bool,
    pub read: &'a BTreeSet<PathBuf>,
    /// The compiler's messages with the root files of their crates.
    pub told: &'a [(PathBuf, Diagnostic)],
    pub started: SystemTime,
}

/// What is kept of the guest itself: all artifacts of its name have one path, whatever they were
/// made by.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    invocation: Invocation,
    output: FileFacts,
}

/// Puts together what cargo's build has shown.
pub(super) fn gather(folders: &Folders, finished: &Finished<'_>) -> Result<Recorded, Fallback> {
    let Finished { project, sources, artifact, started, .. } = *finished;
    let guest = guest(folders, finished).ok_or(Fallback::NotRecorded)?;
    let mut units = Vec::new();
    add(&mut units, &mut BTreeMap::new(), folders, project, guest).ok_or(Fallback::NotRecorded)?;
    let hashes = Hashes { project, sources, started };
    for unit in &mut units {
        let out_dir = unit.invocation.out_dir().ok_or(Fallback::NotRecorded)?;
        let dep_info = out_dir.join(format!("{}.d", unit.stem));
        hashes.take(unit, &dep_info).ok_or(Fallback::NotRecorded)?;
    }
    let recorded_folders: BTreeSet<&Path> = units.iter().filter_map(|unit| unit.invocation.package_folder()).collect();
    let folder = |manifest: &Path| manifest.parent().unwrap_or(manifest).to_owned();
    let unrecorded: BTreeMap<PathBuf, String> = project
        .local
        .iter()
        .map(|package| (folder(&package.manifest), package.name.clone()))
        .filter(|(folder, _)| !recorded_folders.contains(folder.as_path()))
        .collect();
    let beneath = beneath(project, &unrecorded);
    for unit in &mut units {
        unit.beneath = unit.invocation.package_folder().and_then(|folder| beneath.get(folder)).cloned();
    }
    let mut world = sources.clone();
    let late = finished.read.iter().filter(|path| !path.starts_with(&project.target));
    for path in late {
        let shown = project.shown(path);
        if !world.0.contains_key(&shown) && path.is_file() {
            let hash = hashes.of(&shown);
            world.0.insert(shown, hash);
        }
    }
    Ok(Recorded {
        settings: project.settings_files().iter().map(|path| project.shown(path)).collect(),
        scripts: scripts(project, &units),
        unrecorded: unrecorded.into_iter().map(|(folder, name)| (project.shown(&folder), name)).collect(),
        elsewhere: elsewhere(project, &units),
        read: finished.read.clone(),
        artifact: artifact.to_owned(),
        warnings: by_crate(finished.told),
        project: Arc::clone(project),
        units,
        world,
        started,
    })
}

/// How rustc was run for the guest's artifact, as cargo has it now.
fn guest(folders: &Folders, finished: &Finished<'_>) -> Option<Invocation> {
    let Finished { project, artifact, fresh, started, .. } = *finished;
    let kept = folders.guest(project);
    // Cargo links what rustc makes in `deps` to a name beside that folder.
    let deps = artifact.parent()?.join("deps");
    let made = FileFacts::of(artifact)?;
    if fresh {
        // One that another build has made since is not what the recording makes.
        let kept: Kept = read_json(&kept).ok()?;
        return (kept.output == made).then_some(kept.invocation);
    }
    let invocation: Invocation = read_json(&folders.recording(&deps, &stem_of(artifact)?)).ok()?;
    let is_guests =
        invocation.package_folder() == Some(&project.root) && invocation.crate_types().any(|kind| kind == "cdylib");
    // A recording that is older than the build is older than the artifact.
    if !is_guests || invocation.at < micros(started) {
        return None;
    }
    let keep = Kept { invocation, output: made };
    // What cannot be kept is recorded again by the next build that is not fresh.
    let _ = kept.parent().map_or(Ok(()), platform::create_private_dir).and_then(|()| write_json(&kept, &keep));
    Some(keep.invocation)
}

/// Adds a crate behind those that it needs. Gives its index.
fn add(
    units: &mut Vec<Unit>,
    seen: &mut BTreeMap<String, usize>,
    folders: &Folders,
    project: &Project,
    invocation: Invocation,
) -> Option<usize> {
    let stem = invocation.stem()?;
    // Workspaces that share a target folder may have crates that cargo takes for the same.
    let folder = invocation.package_folder()?;
    if !project.local.iter().any(|local| local.manifest.parent() == Some(folder)) {
        return None;
    }
    if let Some(index) = seen.get(&stem) {
        return Some(*index);
    }
    let out_dir = invocation.out_dir()?.to_owned();
    let mut needs = Vec::new();
    for artifact in invocation.externs() {
        let (Some(folder), Some(stem)) = (artifact.parent(), stem_of(artifact)) else { continue };
        // Crates from registries have no recording.
        let Ok(needed) = read_json::<Invocation>(&folders.recording(folder, &stem)) else { continue };
        needs.push(add(units, seen, folders, project, needed)?);
    }
    let is_proc_macro = invocation.crate_types().any(|kind| kind == "proc-macro");
    let output = output(&out_dir, &stem);
    units.push(Unit {
        name: invocation.crate_name()?.to_owned(),
        kind: if is_proc_macro { Kind::ProcMacro } else { Kind::Library },
        root: PathBuf::new(),
        files: BTreeSet::new(),
        from: None,
        variables: Vec::new(),
        built: 0,
        needs,
        beneath: None,
        output,
        stem: stem.clone(),
        invocation,
    });
    seen.insert(stem, units.len() - 1);
    Some(units.len() - 1)
}

/// The library that rustc has made.
pub(super) fn output(out_dir: &Path, stem: &str) -> Option<(PathBuf, FileFacts)> {
    let library = out_dir.join(format!("lib{stem}.rlib"));
    FileFacts::of(&library).map(|facts| (library, facts))
}

/// What was saved when a build was begun.
pub(super) struct Hashes<'a> {
    pub project: &'a Project,
    pub sources: &'a SourceHashes,
    pub started: SystemTime,
}

impl Hashes<'_> {
    /// Takes from dep-info what a crate was built from.
    pub(super) fn take(&self, unit: &mut Unit, dep_info: &Path) -> Option<()> {
        let text = std::fs::read_to_string(dep_info).ok()?;
        let read = dep_info::parse(&text);
        let read = read.into_iter().map(|path| dep_info::normal(&unit.invocation.folder.join(path)));
        let read = read.filter(|path| !path.starts_with(&self.project.target));
        unit.files = read.map(|path| self.project.shown(&path)).collect();
        unit.from = Some(SourceHashes(unit.files.iter().map(|file| (file.clone(), self.of(file))).collect()));
        unit.variables = dep_info::variables(&text);
        unit.root = self.project.shown(&dep_info::normal(&unit.invocation.root()?));
        Some(())
    }

    /// A file that became known only by the build is taken as it is now, unless it was saved since
    /// the build was begun: then nobody can say, and it is like no content.
    fn of(&self, shown: &Path) -> ContentHash {
        let known = self.sources.0.get(shown).cloned();
        known.or_else(|| self.now(&self.project.absolute(shown))).unwrap_or_else(|| ContentHash(String::new()))
    }

    fn now(&self, path: &Path) -> Option<ContentHash> {
        let modified = std::fs::metadata(path).ok()?.modified().ok()?;
        if modified >= self.started {
            return None;
        }
        Some(ContentHash::of(&std::fs::read(path).ok()?))
    }
}

/// By folder: the local packages that something depends on for which rustc is not recorded.
fn beneath(project: &Project, unrecorded: &BTreeMap<PathBuf, String>) -> BTreeMap<PathBuf, Beneath> {
    let folder = |manifest: &Path| manifest.parent().unwrap_or(manifest).to_owned();
    let mut open = Vec::new();
    for package in &project.local {
        let outside = unrecorded.get(&folder(&package.manifest));
        for need in &package.needs {
            match (need.for_build_script, outside) {
                (true, _) => open.push((need.manifest.clone(), Beneath::BuildScript)),
                (false, Some(name)) => open.push((need.manifest.clone(), Beneath::Outside(name.clone()))),
                (false, None) => {}
            }
        }
    }
    let mut found = BTreeMap::new();
    while let Some((manifest, why)) = open.pop() {
        if found.contains_key(&folder(&manifest)) {
            continue;
        }
        let package = project.local.iter().find(|package| package.manifest == manifest);
        open.extend(
            package.into_iter().flat_map(|package| &package.needs).map(|need| (need.manifest.clone(), why.clone())),
        );
        found.insert(folder(&manifest), why);
    }
    found
}

/// What makes build scripts run: their own sources, and what they ask for. One that asks for nothing
/// runs when anything in its package changes.
fn scripts(project: &Project, units: &[Unit]) -> BTreeSet<PathBuf> {
    let mut paths = BTreeSet::new();
    for unit in units {
        let out = unit.invocation.set.get("OUT_DIR").map(Path::new);
        let (Some(out), Some(folder)) = (out, unit.invocation.package_folder()) else { continue };
        // Cargo keeps what the script has said beside the folder that it gave to it.
        let said = std::fs::read_to_string(out.with_file_name("output")).unwrap_or_default();
        paths.extend(watched(&said, folder).iter().map(|path| project.shown(path)));
        let local = project.local.iter().find(|package| package.manifest.parent() == Some(folder));
        let roots = local.into_iter().flat_map(|local| &local.crate_roots).map(|root| project.shown(root));
        paths.extend(roots.filter(|root| units.iter().all(|unit| unit.root != *root)));
    }
    paths
}

/// The paths for which a build script asks to be run again: the Cargo book, "Build scripts".
fn watched(said: &str, folder: &Path) -> BTreeSet<PathBuf> {
    let asked = |line: &str, what: &str| -> Option<String> {
        let rest = line.strip_prefix("cargo::").or_else(|| line.strip_prefix("cargo:"))?;
        Some(rest.strip_prefix(what)?.strip_prefix('=')?.trim().to_owned())
    };
    let mut paths = BTreeSet::new();
    let mut asks = false;
    for line in said.lines() {
        asks |= asked(line, "rerun-if-env-changed").is_some();
        if let Some(path) = asked(line, "rerun-if-changed") {
            asks = true;
            paths.insert(dep_info::normal(&folder.join(path)));
        }
    }
    if !asks {
        paths.insert(folder.to_owned());
    }
    paths
}

/// The compiler, and configuration outside the folders that are watched.
fn elsewhere(project: &Project, units: &[Unit]) -> Vec<(PathBuf, Option<FileFacts>)> {
    let compilers = units.iter().filter_map(|unit| unit.invocation.compiler()).map(Path::to_owned);
    let mut paths: BTreeSet<PathBuf> = compilers.filter(|path| path.is_absolute()).collect();
    paths.extend(environment::tool_settings(&project.root));
    paths.into_iter().map(|path| (FileFacts::of(&path), path)).map(|(facts, path)| (path, facts)).collect()
}

/// Warnings by crate, in the order in which the crates were first heard of.
fn by_crate(told: &[(PathBuf, Diagnostic)]) -> Vec<(PathBuf, Vec<Diagnostic>)> {
    let mut crates: Vec<(PathBuf, Vec<Diagnostic>)> = Vec::new();
    for (root, diagnostic) in told {
        match crates.iter_mut().find(|(known, _)| known == root) {
            Some((_, warnings)) => warnings.push(diagnostic.clone()),
            None => crates.push((root.clone(), vec![diagnostic.clone()])),
        }
    }
    crates
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::{LocalPackage, Need};

    #[test]
    fn what_a_build_script_asks_for() {
        let folder = Path::new("/w/g");
        for (said, wanted) in [
            ("", &["/w/g"][..]),
            ("cargo:rustc-env=A=1\nhello", &["/w/g"]),
            ("cargo:rerun-if-changed=level.txt", &["/w/g/level.txt"]),
            ("cargo::rerun-if-changed=../assets\ncargo:rerun-if-changed=/etc/x", &["/w/assets", "/etc/x"]),
            ("cargo:rerun-if-env-changed=LEVEL", &[]),
        ] {
            assert_eq!(watched(said, folder), wanted.iter().map(PathBuf::from).collect(), "{said}");
        }
    }

    #[test]
    fn what_lies_beneath_something_unrecorded_is_known() {
        let package = |name: &str, needs: &[(&str, bool)]| LocalPackage {
            name: name.to_owned(),
            manifest: format!("/w/{name}/Cargo.toml").into(),
            crate_roots: Vec::new(),
            needs: needs
                .iter()
                .map(|(name, script)| Need {
                    manifest: format!("/w/{name}/Cargo.toml").into(),
                    for_build_script: *script,
                })
                .collect(),
        };
        let local = vec![
            package("g", &[("core", false), ("gen", true), ("sdk", false)]),
            package("core", &[]),
            package("gen", &[("shared", false)]),
            package("sdk", &[("wire", false)]),
            package("shared", &[]),
            package("wire", &[]),
        ];
        let project = Project::sample(Path::new("/w"), local);
        let unrecorded = BTreeMap::from([("/w/sdk".into(), "sdk".to_owned())]);
        let outside = || Beneath::Outside("sdk".to_owned());
        let wanted = [("/w/gen", Beneath::BuildScript), ("/w/shared", Beneath::BuildScript), ("/w/wire", outside())];
        assert_eq!(beneath(&project, &unrecorded), wanted.map(|(path, why)| (path.into(), why)).into());
    }
}
