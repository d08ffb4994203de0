//! Which package is the guest, and what belongs to it, by cargo's own word.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId, Target, TargetKind};

use super::cancel::{Cancel, NotStarted};
use super::manifest_settings::{ManifestSettings, SettingsError};
use super::selection::Selection;
use super::{dep_info, environment};

/// A guest's project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// Name of the guest's package.
    pub name: String,
    /// Its id, as cargo writes it.
    pub id: String,
    /// Its manifest.
    pub manifest: PathBuf,
    /// Its folder.
    pub root: PathBuf,
    /// The workspace's folder.
    pub workspace_root: PathBuf,
    /// Our private folder under cargo's target folder.
    pub target: PathBuf,
    /// What is built: what was asked for, and what the guest's manifest says about the rest.
    pub selection: Selection,
    /// What the guest's manifest asks of Exuvia.
    pub settings: ManifestSettings,
    /// The packages that are built from files on this machine: the guest and its path
    /// dependencies, in the workspace or outside it.
    pub local: Vec<LocalPackage>,
}

/// A package that is built from files which the user may edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalPackage {
    /// Its name.
    pub name: String,
    /// Its manifest.
    pub manifest: PathBuf,
    /// The root files of its library and its build script.
    pub crate_roots: Vec<PathBuf>,
    /// The local packages that it depends on.
    pub needs: Vec<Need>,
}

/// A local package that another one depends on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Need {
    /// Its manifest.
    pub manifest: PathBuf,
    /// Whether it is there for the build script.
    pub for_build_script: bool,
}

/// Why a path leads to no guest.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// The path is not there.
    #[error("{} does not exist; give the folder of a cdylib crate, or its Cargo.toml", path.display())]
    NoPath {
        /// The path.
        path: PathBuf,
    },
    /// No manifest at the path or above it.
    #[error("{} is no crate: there is no Cargo.toml in it or above it; give the folder of a cdylib crate", path.display())]
    NoManifest {
        /// The path.
        path: PathBuf,
    },
    /// Cargo could not be started.
    #[error("{reason}")]
    NoCargo {
        /// Why, and what to do.
        reason: String,
    },
    /// Whoever has asked wants no answer any more.
    #[error("it was stopped before cargo had said what belongs to {}", manifest.display())]
    Stopped {
        /// The manifest.
        manifest: PathBuf,
    },
    /// Cargo does not accept the project.
    #[error("cargo does not accept {}:\n{stderr}", manifest.display())]
    Metadata {
        /// The manifest.
        manifest: PathBuf,
        /// Cargo's words.
        stderr: String,
    },
    /// What the guest's manifest asks of Exuvia cannot be understood.
    #[error("{}: {error}", manifest.display())]
    Settings {
        /// The manifest.
        manifest: PathBuf,
        /// What is wrong.
        error: SettingsError,
    },
    /// The package has no cdylib.
    #[error(
        "the package `{package}` has no cdylib target; add to its Cargo.toml:\n[lib]\ncrate-type = [\"cdylib\"]{}",
        others_hint(others)
    )]
    NoCdylib {
        /// The package.
        package: String,
        /// Packages of the workspace that have one.
        others: Vec<String>,
    },
    /// No package of the workspace has a cdylib.
    #[error("no package of the workspace {} has a cdylib target; add to one's Cargo.toml:\n[lib]\ncrate-type = [\"cdylib\"]", root.display())]
    NoGuest {
        /// The workspace.
        root: PathBuf,
    },
    /// Several packages have one.
    #[error("the workspace has several cdylib packages: {}; choose one with --package, or name it in the workspace's Cargo.toml under [workspace.metadata.exuvia] as guest = \"…\"", names.join(", "))]
    SeveralGuests {
        /// Their names.
        names: Vec<String>,
    },
    /// `--package` or the workspace's manifest names a package that is not there.
    #[error("there is no package `{package}` in the workspace; there are: {}", names.join(", "))]
    NoPackage {
        /// The name.
        package: String,
        /// The workspace's packages.
        names: Vec<String>,
    },
}

fn others_hint(others: &[String]) -> String {
    if others.is_empty() {
        return String::new();
    }
    format!("\nor choose another package of the workspace with --package: {}", others.join(", "))
}

impl Project {
    /// Finds the guest at a path: a crate's folder, a folder in it, its manifest or a file in it.
    ///
    /// What the guest's manifest says about features and profile counts where `given` says nothing.
    ///
    /// Runs `cargo metadata` (a second time if the manifest names features), which takes some ten
    /// milliseconds and may write `Cargo.lock`, as every cargo command.
    ///
    /// # Errors
    /// See [`ProjectError`].
    pub fn find(path: &Path, given: &Selection) -> Result<Self, ProjectError> {
        Self::find_until(path, given, None)
    }

    /// The same, as long as nobody cancels. Cargo is in a process group of its own then.
    ///
    /// # Errors
    /// See [`ProjectError`].
    pub(crate) fn find_until(path: &Path, given: &Selection, cancel: Option<&Cancel>) -> Result<Self, ProjectError> {
        let manifest = manifest_at(path)?;
        let found = metadata(&manifest, given, cancel)?;
        let guest = choose(&found, &manifest, given)?;
        let guests_manifest = guest.manifest_path.as_std_path();
        let settings = ManifestSettings::read(&guest.metadata, &folder_of(guests_manifest))
            .map_err(|error| ProjectError::Settings { manifest: guests_manifest.to_owned(), error })?;
        let selection = settings.selection(given);
        if selection.feature_options() == given.feature_options() {
            return Ok(Self::of(&found, guest, selection, settings));
        }
        // Features decide which path dependencies there are.
        let found = metadata(&manifest, &selection, cancel)?;
        let guest = choose(&found, &manifest, &selection)?;
        Ok(Self::of(&found, guest, selection, settings))
    }

    fn of(metadata: &Metadata, guest: &Package, selection: Selection, settings: ManifestSettings) -> Self {
        let manifest = guest.manifest_path.clone().into_std_path_buf();
        Self {
            name: guest.name.to_string(),
            id: guest.id.repr.clone(),
            root: folder_of(&manifest),
            manifest,
            workspace_root: metadata.workspace_root.clone().into_std_path_buf(),
            target: metadata.target_directory.join("exuvia").into_std_path_buf(),
            local: local_packages(metadata, guest),
            selection,
            settings,
        }
    }

    /// The path as it is shown and recorded: relative to the workspace root if it lies in it. Records
    /// are JSON, which holds nothing but UTF-8: bytes that are none become `\xE9`.
    #[must_use]
    pub fn shown(&self, path: &Path) -> PathBuf {
        let shown = path.strip_prefix(&self.workspace_root).unwrap_or(path);
        if shown.to_str().is_some() {
            return shown.to_owned();
        }
        let chunks = shown.as_os_str().as_encoded_bytes().utf8_chunks();
        let text = chunks.flat_map(|chunk| {
            let invalid = chunk.invalid().iter().map(|byte| format!("\\x{byte:02X}"));
            std::iter::once(chunk.valid().to_owned()).chain(invalid)
        });
        text.collect::<String>().into()
    }

    /// The opposite of [`Project::shown`].
    #[must_use]
    pub fn absolute(&self, shown: &Path) -> PathBuf {
        self.workspace_root.join(shown)
    }

    /// Manifests, lock file, and the configuration that cargo and rustup read for this project,
    /// whether or not they exist.
    #[must_use]
    pub fn settings_files(&self) -> BTreeSet<PathBuf> {
        let mut files: BTreeSet<PathBuf> = self.local.iter().map(|package| package.manifest.clone()).collect();
        files.insert(self.workspace_root.join("Cargo.toml"));
        files.insert(self.lock_file());
        // Cargo looks for configuration in the folder it is started in and in all above it; so
        // does rustup for the toolchain file.
        for folder in self.root.ancestors() {
            files.insert(folder.join(".cargo/config.toml"));
            files.insert(folder.join("rust-toolchain.toml"));
            files.insert(folder.join("rust-toolchain"));
        }
        files
    }

    /// The workspace's lock file.
    #[must_use]
    pub fn lock_file(&self) -> PathBuf {
        self.workspace_root.join("Cargo.lock")
    }
}

#[cfg(test)]
impl Project {
    /// A project in this folder, for tests of what uses one.
    pub(crate) fn sample(root: &Path, local: Vec<LocalPackage>) -> Self {
        Self {
            name: "g".to_owned(),
            id: "g".to_owned(),
            manifest: root.join("Cargo.toml"),
            root: root.to_owned(),
            workspace_root: root.to_owned(),
            target: root.join("target/exuvia"),
            selection: Selection::default(),
            settings: ManifestSettings::default(),
            local,
        }
    }
}

fn folder_of(file: &Path) -> PathBuf {
    file.parent().unwrap_or(Path::new("/")).to_owned()
}

fn manifest_at(path: &Path) -> Result<PathBuf, ProjectError> {
    let absolute = std::path::absolute(path).and_then(|path| path.canonicalize());
    let absolute = absolute.map_err(|_| ProjectError::NoPath { path: path.to_owned() })?;
    absolute
        .ancestors()
        .map(|folder| if folder.ends_with("Cargo.toml") { folder.to_owned() } else { folder.join("Cargo.toml") })
        .find(|manifest| manifest.is_file())
        .ok_or_else(|| ProjectError::NoManifest { path: path.to_owned() })
}

fn metadata(manifest: &Path, selection: &Selection, cancel: Option<&Cancel>) -> Result<Metadata, ProjectError> {
    let mut ask = MetadataCommand::new();
    // By name, not by `$CARGO`: rustup's proxy then obeys the guest's toolchain file.
    ask.cargo_path("cargo").manifest_path(manifest).current_dir(folder_of(manifest));
    ask.other_options(selection.feature_options());
    let mut command = ask.cargo_command();
    for name in environment::not_passed_on() {
        command.env_remove(name);
    }
    let answered = match cancel {
        Some(cancel) => answer_of(&mut command, cancel),
        None => command.output().map_err(NotStarted::Error),
    };
    let output = match answered {
        Ok(output) if !cancel.is_some_and(Cancel::is_cancelled) => output,
        Ok(_) | Err(NotStarted::Cancelled) => return Err(ProjectError::Stopped { manifest: manifest.to_owned() }),
        Err(NotStarted::Error(error)) => {
            return Err(ProjectError::NoCargo { reason: no_cargo(&error, &folder_of(manifest)) });
        }
    };
    let refused = |stderr: String| ProjectError::Metadata { manifest: manifest.to_owned(), stderr };
    if !output.status.success() {
        return Err(refused(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    MetadataCommand::parse(String::from_utf8_lossy(&output.stdout)).map_err(|error| refused(error.to_string()))
}

/// What a command answers, unless it is cancelled.
fn answer_of(command: &mut Command, cancel: &Cancel) -> Result<Output, NotStarted> {
    let piped = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = cancel.start(piped)?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let (stdout, stderr) = std::thread::scope(|scope| {
        // Both are read at once, so that it never waits for a reader.
        let err = scope.spawn(|| all_of(err));
        (all_of(out), err.join().unwrap_or_default())
    });
    let status = cancel.wait(&mut child).map_err(NotStarted::Error)?;
    Ok(Output { status, stdout, stderr })
}

fn all_of(stream: Option<impl Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    // What could be read is told; how the process ended says whether that is all.
    let _ = stream.map(|mut stream| stream.read_to_end(&mut bytes));
    bytes
}

/// Why cargo could not be started in a folder, and what to do.
pub(super) fn no_cargo(error: &io::Error, folder: &Path) -> String {
    match error.kind() {
        // The same error stands for a missing program and for a missing folder to start it in.
        io::ErrorKind::NotFound if !folder.is_dir() => {
            format!("`cargo` cannot be run: the folder {} is gone; put it back", folder.display())
        }
        io::ErrorKind::NotFound => {
            "`cargo` cannot be run: it is not on PATH; install Rust (https://rustup.rs) or put cargo's folder on PATH"
                .to_owned()
        }
        _ => format!("`cargo` cannot be run: {error}"),
    }
}

fn is_cdylib(target: &Target) -> bool {
    target.kind.contains(&TargetKind::CDyLib)
}

fn has_cdylib(package: &Package) -> bool {
    package.targets.iter().any(is_cdylib)
}

fn choose<'a>(metadata: &'a Metadata, manifest: &Path, selection: &Selection) -> Result<&'a Package, ProjectError> {
    let members = metadata.workspace_packages();
    let guests = || members.iter().filter(|package| has_cdylib(package)).copied();
    let names = |packages: &mut dyn Iterator<Item = &Package>| -> Vec<String> {
        let mut names: Vec<String> = packages.map(|package| package.name.to_string()).collect();
        names.sort();
        names
    };
    let hint =
        metadata.workspace_metadata.get("exuvia").and_then(|exuvia| exuvia.get("guest")).and_then(|g| g.as_str());
    let at_manifest = members.iter().find(|package| package.manifest_path.as_std_path() == manifest);
    let named = match (&selection.package, at_manifest) {
        (Some(package), _) => Some(package.as_str()),
        (None, Some(_)) => None,
        (None, None) => hint,
    };
    let package = match (named, at_manifest) {
        (Some(name), _) => *members.iter().find(|package| package.name.as_str() == name).ok_or_else(|| {
            ProjectError::NoPackage { package: name.to_owned(), names: names(&mut members.iter().copied()) }
        })?,
        (None, Some(package)) => package,
        (None, None) => {
            let mut all = guests();
            match (all.next(), all.next()) {
                (Some(only), None) => only,
                (None, _) => {
                    return Err(ProjectError::NoGuest { root: metadata.workspace_root.clone().into_std_path_buf() });
                }
                (Some(_), Some(_)) => return Err(ProjectError::SeveralGuests { names: names(&mut guests()) }),
            }
        }
    };
    if !has_cdylib(package) {
        return Err(ProjectError::NoCdylib { package: package.name.to_string(), others: names(&mut guests()) });
    }
    Ok(package)
}

/// The guest and everything it needs that has no registry or git source.
fn local_packages(metadata: &Metadata, guest: &Package) -> Vec<LocalPackage> {
    let nodes: HashMap<&PackageId, &cargo_metadata::Node> =
        metadata.resolve.iter().flat_map(|resolve| &resolve.nodes).map(|node| (&node.id, node)).collect();
    let mut seen: HashSet<&PackageId> = HashSet::new();
    let mut open = vec![&guest.id];
    while let Some(id) = open.pop() {
        if seen.insert(id) {
            open.extend(nodes.get(id).into_iter().flat_map(|node| &node.dependencies));
        }
    }
    let is_built = |kind: &TargetKind| {
        use TargetKind::{CDyLib, CustomBuild, DyLib, Lib, ProcMacro, RLib, StaticLib};
        matches!(kind, CDyLib | CustomBuild | DyLib | Lib | ProcMacro | RLib | StaticLib)
    };
    let is_local = |package: &Package| package.source.is_none() && seen.contains(&package.id);
    let manifests: HashMap<&PackageId, &Path> = metadata
        .packages
        .iter()
        .filter(|package| is_local(package))
        .map(|package| (&package.id, package.manifest_path.as_std_path()))
        .collect();
    let needs = |package: &Package| {
        let on = nodes.get(&package.id).into_iter().flat_map(|node| &node.deps);
        let mut needs: Vec<Need> = on
            .filter_map(|on| Some((manifests.get(&on.pkg)?, &on.dep_kinds)))
            .flat_map(|(manifest, kinds)| kinds.iter().map(|kind| (manifest.to_path_buf(), kind.kind)))
            .filter(|(_, kind)| *kind != DependencyKind::Development)
            .map(|(manifest, kind)| Need { manifest, for_build_script: kind == DependencyKind::Build })
            .collect();
        needs.sort();
        needs.dedup();
        needs
    };
    let mut local: Vec<LocalPackage> = metadata
        .packages
        .iter()
        .filter(|package| is_local(package))
        .map(|package| LocalPackage {
            name: package.name.to_string(),
            manifest: package.manifest_path.clone().into_std_path_buf(),
            crate_roots: package
                .targets
                .iter()
                .filter(|target| target.kind.iter().any(is_built))
                .map(|target| dep_info::normal(target.src_path.as_std_path()))
                .collect(),
            needs: needs(package),
        })
        .collect();
    local.sort_by(|a, b| a.manifest.cmp(&b.manifest));
    local
}
