//! Links the base library from a recorded call of the linker, and tells whether it still is what its
//! crates are.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use object::read::ReadCache;
use object::{Object, ObjectSection};
use serde::{Deserialize, Serialize};

use super::line::Line;
use super::recorder::{ALLOCATOR, LINE};
use super::script::{OnBase, Script, Texts};
use super::{BaseLibrary, Library, Places};
use crate::build::cancel::{Cancel, NotStarted};
use crate::build::environment;
use crate::build::facts::FileFacts;
use crate::build::project::Project;
use crate::history::record::ArtifactRecord;
use crate::history::{read_json, write_json};
use crate::{platform, stage};

/// A base library's description, in the folder of the recordings.
const BASE: &str = "base.json";

/// The sections in which the SDK's attributes leave exports and state: <https://docs.rs/linkme>.
const SDKS: [&[u8]; 2] = [b"linkme_EXPORTS", b"linkme_STATES"];

/// What of the linker's error text is told.
const WORDS: usize = 400;

/// A base library.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::build) struct Base {
    path: PathBuf,
    facts: FileFacts,
    /// What versions record of it.
    pub record: ArtifactRecord,
    libraries: Vec<Library>,
    /// How the linker was called when it was made.
    line: Line,
}

impl Base {
    /// Forgets the one that was linked last.
    pub(super) fn forget(places: &Places) {
        // What stays is tried once more by the next session.
        let _ = std::fs::remove_file(places.folder.join(BASE));
    }

    /// The one that was linked last.
    pub(super) fn read(places: &Places) -> Option<Self> {
        read_json(&places.folder.join(BASE)).ok()
    }

    /// The texts of a script that links against it and else is as this one. `None` where a name cannot be
    /// written into one.
    pub(super) fn texts(&self, script: Script<'_>) -> Option<Texts> {
        let libraries: Vec<&str> = self.libraries.iter().filter_map(|(path, _)| path.to_str()).collect();
        let allocator = self.line.allocator.as_deref()?;
        let base = OnBase { base: self.path.to_str()?, libraries: &libraries, allocator };
        Script { base: Some(base), ..script }.texts()
    }

    /// Whether it is there, and holds what is needed, as its crates are now and will be when these were built.
    pub(super) fn holds(&self, needed: &[PathBuf], anew: &[PathBuf]) -> bool {
        let is_in = |library: &PathBuf| self.libraries.iter().any(|(held, _)| held == library);
        FileFacts::of(&self.path) == Some(self.facts)
            && needed.iter().all(is_in)
            && self
                .libraries
                .iter()
                .all(|(library, facts)| FileFacts::of(library) == Some(*facts) && !anew.contains(library))
    }
}

/// What a base library is to be made of.
#[derive(Debug)]
pub(in crate::build) struct Order {
    pub project: Arc<Project>,
    pub places: Places,
    /// The crates that stay with each version because they depend on the SDK.
    pub with_sdk: BTreeSet<String>,
    /// Where the linker was called.
    pub folder: PathBuf,
    pub recording: Recording,
}

/// How rustc was seen to call the linker.
#[derive(Debug)]
pub(in crate::build) struct Recording {
    line: Result<Line, String>,
    /// What is known of the file: another one comes in its place when the call is recorded anew.
    facts: Option<FileFacts>,
}

impl Recording {
    /// What was written down last.
    pub(super) fn read(places: &Places) -> Self {
        let path = places.folder.join(LINE);
        let facts = FileFacts::of(&path);
        let line =
            read_json(&path).map_err(|error| format!("how rustc calls the linker could not be recorded: {error}"));
        Self { line, facts }
    }
}

impl Order {
    /// Links it. The error says what stands in the way; `None`: what it is made of was changed meanwhile, and
    /// the next replay leads to another one.
    pub(in crate::build) fn make(&self, cancel: &Cancel) -> Result<Option<(Base, BaseLibrary)>, String> {
        let began = Instant::now();
        let Places { folder, kept } = &self.places;
        let line = self.recording.line.clone()?;
        let chosen = line.chosen(&self.with_sdk);
        if chosen.is_empty() {
            return Err("the linker is given no crates (is `lto` on in the guest's profile?)".to_owned());
        }
        if line.allocator.is_none() {
            return Err("the guest has an allocator of its own".to_owned());
        }
        let facts = || -> Option<Vec<Library>> {
            chosen.iter().map(|path| Some((PathBuf::from(path), FileFacts::of(Path::new(path))?))).collect()
        };
        let Some(libraries) = facts() else { return Ok(None) };
        let unwritten = |error: std::io::Error| format!("{} cannot be written: {error}", kept.display());
        platform::create_private_dir(kept).map_err(unwritten)?;
        // A name that no library ever had: one that is loaded is never written over.
        let name = format!("{}{}-base-", std::env::consts::DLL_PREFIX, self.project.name.replace('-', "_"));
        let mut unfinished = tempfile::Builder::new();
        let unfinished = unfinished.prefix(&name).suffix(std::env::consts::DLL_SUFFIX);
        let unfinished = unfinished.tempfile_in(kept).map_err(unwritten)?;
        let text =
            |path: &Path| path.to_str().map(str::to_owned).ok_or_else(|| format!("{} is no text", path.display()));
        let object = text(&folder.join(ALLOCATOR))?;
        let linked = self.link(&line, &line.base(&chosen, &object, &text(unfinished.path())?), cancel);
        // Whatever the linker made of crates that were just being built, or of an object that was being written.
        let is_anew = FileFacts::of(&folder.join(LINE)) != self.recording.facts;
        if facts().as_ref() != Some(&libraries) || (linked.is_err() && is_anew) {
            return Ok(None);
        }
        linked?;
        if let Some(section) = sdks_section(unfinished.path()) {
            return Err(format!(
                "a crate that is not the guest itself uses the attributes of exuvia-guest (section {section}); its exports would be missing"
            ));
        }
        let hash = stage::content_hash(unfinished.path()).map_err(|error| error.to_string())?;
        platform::make_private(unfinished.path()).map_err(unwritten)?;
        let (_, path) = unfinished.keep().map_err(|error| unwritten(error.error))?;
        let facts = FileFacts::of(&path).ok_or("it is gone")?;
        let bytes = std::fs::metadata(&path).map_err(unwritten)?.len();
        let file = path.file_name().map(PathBuf::from).unwrap_or_default();
        let told = BaseLibrary { crates: libraries.len(), bytes, took: began.elapsed() };
        let base = Base { facts, record: ArtifactRecord { file, bytes, hash }, libraries, line: line.clone(), path };
        if base.texts(Script { program: &line.program, recorder: None, base: None, direct: None }).is_none() {
            return Err("a path has a quotation mark or a backslash in it".to_owned());
        }
        // One that is not written down is linked again in the next session.
        let _ = write_json(&folder.join(BASE), &base);
        Ok(Some((base, told)))
    }

    fn link(&self, line: &Line, args: &[String], cancel: &Cancel) -> Result<(), String> {
        let mut command = Command::new(&line.program);
        command
            .args(args)
            .current_dir(&self.folder)
            .env_clear()
            .envs(environment::given(&self.project))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = match cancel.start(&mut command) {
            Ok(child) => child,
            Err(NotStarted::Cancelled) => return Err("it was stopped".to_owned()),
            Err(NotStarted::Error(error)) => return Err(format!("{} cannot be started: {error}", line.program)),
        };
        let mut said = String::new();
        // What is no text is not told.
        let _ = child.stderr.take().map(|mut stderr| stderr.read_to_string(&mut said));
        match cancel.wait(&mut child) {
            Ok(status) if status.success() => Ok(()),
            Ok(_) => Err(format!("the linker says: {}", said.trim().chars().take(WORDS).collect::<String>())),
            Err(error) => Err(format!("the linker's end cannot be learned: {error}")),
        }
    }
}

/// A section of the SDK's attributes, if the library has one.
fn sdks_section(library: &Path) -> Option<String> {
    let data = ReadCache::new(std::fs::File::open(library).ok()?);
    let file = object::File::parse(&data).ok()?;
    let name = |section: object::Section<'_, '_, _>| section.name_bytes().map(<[u8]>::to_owned).unwrap_or_default();
    let found = file.sections().map(name).find(|name| SDKS.contains(&name.as_slice()));
    found.map(|name| String::from_utf8_lossy(&name).into_owned())
}
