//! The files of the history. One owner per workbench; several workbenches may share a folder.

use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::bases::{self, BASES};
use super::record::{ArtifactRecord, ContentHash, FailedRecord, Marks, VersionRecord, VersionRow};
use super::sessions::{SessionEntry, others};
use super::states;
use super::sweep::{UNFINISHED, is_unfinished, sweep};
use crate::build::Project;
use crate::ids::VersionNumber;
use crate::platform;
use crate::watch::SourceTree;

pub(super) const VERSION: &str = "version.json";
pub(super) const SOURCES: &str = "sources";
const STATE: &str = "state";
const MARKS: &str = "marks.json";
pub(super) const CLAIM: &str = "claimed-by";
const PINS: &str = "pins.json";
const PIN_ORDER: &str = "pin-order.json";

/// How many failed generations are kept.
const FAILURES: usize = 50;

/// Why the history cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The operating system says no.
    #[error("the history in {} cannot be {doing}: {source}; is the disk full or read-only?", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was to be done with it.
        doing: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// A source file would have to be kept outside the version's folder.
    #[error("the source file {} is not kept with the version: its path goes up or nowhere; name it by a plain path", path.display())]
    SourcePath {
        /// The file.
        path: PathBuf,
    },
}

pub(super) fn failed(path: &Path, doing: &'static str) -> impl FnOnce(io::Error) -> HistoryError {
    let path = path.to_owned();
    move |source| HistoryError::Io { path, doing, source }
}

/// What was kept of earlier sessions.
#[derive(Debug, Default)]
pub struct History {
    /// Versions, oldest first.
    pub versions: Vec<VersionRow>,
    /// Failed generations, oldest first.
    pub failures: Vec<FailedRecord>,
    /// Pinned calls.
    pub pins: Vec<String>,
    /// The order in which all pinned calls stood, the manifest's among them.
    pub pin_order: Vec<String>,
    /// Files that could not be read, and why. They are left alone.
    pub unreadable: Vec<String>,
}

/// Where a guest's history lies.
#[must_use]
pub fn folder(project: &Project) -> PathBuf {
    let place = ContentHash::of(project.manifest.as_os_str().as_encoded_bytes());
    project.target.join("history").join(format!("{}-{}", project.name, place.short()))
}

/// Reads a guest's history without taking part in it. A guest that was never built has an empty
/// one.
///
/// # Errors
/// When the folder is there and cannot be read.
pub fn read(project: &Project) -> Result<History, HistoryError> {
    read_folder(&folder(project))
}

pub(crate) fn read_folder(root: &Path) -> Result<History, HistoryError> {
    let mut history = History::default();
    for folder in sorted_entries(&root.join("versions"))? {
        if !folder.join(VERSION).is_file() {
            continue;
        }
        match read_json::<VersionRecord>(&folder.join(VERSION)) {
            // The folder's name is the number; a record that was moved or edited lies.
            Ok(record) if folder.ends_with(folder_name(record.number)) && is_plain(&record.artifact.file) => {
                // What lies there counts: a session may have ended before it could mark it.
                let left_state = states::glance(&folder.join(STATE));
                let marks = Marks { left_state, ..read_json(&folder.join(MARKS)).unwrap_or_default() };
                history.versions.push(VersionRow { record, marks });
            }
            Ok(_) => {
                history.unreadable.push(format!("{} does not belong where it lies", folder.join(VERSION).display()));
            }
            Err(error) => history.unreadable.push(format!("{}: {error}", folder.join(VERSION).display())),
        }
    }
    for file in sorted_entries(&root.join("failures"))?.iter().filter(|file| !is_unfinished(file)) {
        match read_json(file) {
            Ok(failure) => history.failures.push(failure),
            Err(error) => history.unreadable.push(format!("{}: {error}", file.display())),
        }
    }
    history.pins = read_json(&root.join(PINS)).unwrap_or_default();
    history.pin_order = read_json(&root.join(PIN_ORDER)).unwrap_or_default();
    Ok(history)
}

fn is_plain(file: &Path) -> bool {
    let mut components = file.components();
    matches!((components.next(), components.next()), (Some(Component::Normal(_)), None))
}

pub(super) fn sorted_entries(folder: &Path) -> Result<Vec<PathBuf>, HistoryError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(folder, "read")(error)),
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}

fn folder_name(number: VersionNumber) -> String {
    format!("{:05}", number.0)
}

/// Where a version lies in a history.
pub(super) fn folder_of(history: &Path, number: VersionNumber) -> PathBuf {
    history.join("versions").join(folder_name(number))
}

fn number_of(folder: &Path) -> Option<u32> {
    folder.file_name()?.to_str()?.parse().ok()
}

pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> io::Result<T> {
    // A FIFO in a record's place holds nobody up, and is no record.
    let mut file = platform::open_at_once(path)?;
    let mut text = Vec::new();
    if file.metadata()?.is_file() {
        file.read_to_end(&mut text)?;
    }
    Ok(serde_json::from_slice(&text)?)
}

/// Writes beside the target and renames: a reader finds the old content or the new. Only this user
/// may read it.
pub(crate) fn write_json<T: Serialize>(path: &Path, value: &T) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder)?;
    file.write_all(&serde_json::to_vec_pretty(value)?)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// A version's number and folder, taken and not yet recorded. Dropped before it is handed to
/// [`Store::record`], the folder goes and the number is free again: it was never a version's.
#[derive(Debug)]
pub struct Claim {
    /// The number.
    pub number: VersionNumber,
    /// The folder.
    pub folder: PathBuf,
    recorded: bool,
}

impl Drop for Claim {
    fn drop(&mut self) {
        if !self.recorded {
            // What cannot be removed now is swept at the next start.
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

/// A guest's history, in use by this workbench.
#[derive(Debug)]
pub struct Store {
    root: PathBuf,
    /// Our folder below cargo's target folder.
    target: PathBuf,
    /// The crate's folder.
    guest: PathBuf,
    entry: SessionEntry,
    next: VersionNumber,
    /// When the folder of versions was last changed before `next` was right.
    counted: Option<SystemTime>,
}

impl Store {
    /// Opens the history, makes its folders, sweeps what crashed sessions left, and reads it.
    ///
    /// # Errors
    /// When the folders cannot be made, made private or read.
    pub fn open(project: &Project) -> Result<(Self, History), HistoryError> {
        let root = folder(project);
        make_folders(&project.target, &root)?;
        let sessions = root.join("sessions");
        let entry = SessionEntry::create(&sessions).map_err(failed(&sessions, "written"))?;
        let others = others(&sessions, Some(&entry)).map_err(failed(&sessions, "read"))?;
        sweep(&root, &others)?;
        let history = read_folder(&root)?;
        let newest = history.versions.last().map_or(0, |row| row.record.number.0);
        let (target, guest) = (project.target.clone(), project.root.clone());
        Ok((Self { root, target, guest, entry, next: VersionNumber(newest + 1), counted: None }, history))
    }

    /// Where it lies.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where a version's state is kept when it is left.
    #[must_use]
    pub fn state_of(&self, version: VersionNumber) -> PathBuf {
        folder_of(&self.root, version).join(STATE)
    }

    /// Where the state is kept that the next session takes up.
    #[must_use]
    pub fn last_state(&self) -> PathBuf {
        self.root.join("last-state")
    }

    /// A folder for copies that live no longer than this workbench.
    #[must_use]
    pub fn scratch(&self) -> PathBuf {
        self.root.join("again").join(self.entry.name())
    }

    /// Takes the next free number. Making the folder is what takes it, so two workbenches never
    /// take the same.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn claim(&mut self) -> Result<Claim, HistoryError> {
        self.put_back()?;
        let versions = self.root.join("versions");
        self.count()?;
        loop {
            let number = self.next;
            let folder = versions.join(folder_name(number));
            match create_one_private_dir(&folder) {
                Ok(()) => {
                    self.counted = modified(&versions);
                    // Made before the mark is: what cannot be marked is given back at once.
                    let claim = Claim { number, folder, recorded: false };
                    let mark = claim.folder.join(CLAIM);
                    platform::create_private_file(&mark)
                        .and_then(|mut file| file.write_all(self.entry.name().as_bytes()))
                        .map_err(failed(&mark, "written"))?;
                    return Ok(claim);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => self.next = VersionNumber(number.0 + 1),
                Err(error) => return Err(failed(&folder, "written")(error)),
            }
        }
    }

    /// Brings the next number up to date: another workbench may have made versions since, and pruned some of them. Then
    /// the folder has changed: nobody need read a thousand names for each version. (A folder's time has steps, of
    /// milliseconds on Linux. A version that comes in the same step as one of ours is found when its number is to be
    /// taken; it doesn't go in that step.)
    pub(super) fn count(&mut self) -> Result<(), HistoryError> {
        let versions = self.root.join("versions");
        let at = modified(&versions);
        if at.is_none() || self.counted != at {
            let newest = sorted_entries(&versions)?.iter().rev().find_map(|folder| number_of(folder));
            self.next = self.next.max(VersionNumber(newest.unwrap_or(0) + 1));
            self.counted = at;
        }
        self.next = self.next.max(VersionNumber(self.highest_removed() + 1));
        Ok(())
    }

    /// Makes the folders again if somebody has removed them while this workbench runs (`cargo clean`
    /// does): what was kept is lost, what comes is not.
    fn put_back(&mut self) -> Result<(), HistoryError> {
        let folders = ["versions", "failures", "sessions"].map(|folder| self.root.join(folder));
        // A crate that was renamed has taken them along, and is to find nothing in its old place.
        if folders.iter().all(|folder| folder.is_dir()) || !self.guest.is_dir() {
            return Ok(());
        }
        make_folders(&self.target, &self.root)?;
        let sessions = self.root.join("sessions");
        self.entry = SessionEntry::create(&sessions).map_err(failed(&sessions, "written"))?;
        Ok(())
    }

    /// Records a version for good: its sources, then the record itself, which makes it one.
    ///
    /// # Errors
    /// When a file cannot be written. The folder stays until the next start all the same: the
    /// version runs from it. [`HistoryError::SourcePath`] when a source was left out, and everything
    /// else is recorded.
    pub fn record(
        &mut self,
        mut claim: Claim,
        row: &VersionRow,
        sources: &SourceTree,
        project: &Project,
    ) -> Result<(), HistoryError> {
        claim.recorded = true;
        let kept = claim.folder.join(SOURCES);
        let mut left_out = None;
        for (path, source) in &sources.0 {
            let Some(below) = kept_as(&project.shown(path)) else {
                left_out.get_or_insert_with(|| path.clone());
                continue;
            };
            let to = kept.join(below);
            let folder = to.parent().unwrap_or(&kept);
            platform::create_private_dir(folder).map_err(failed(folder, "made"))?;
            match &source.content {
                Some(content) => platform::create_private_file(&to)
                    .and_then(|mut file| file.write_all(content))
                    .map_err(failed(&to, "written"))?,
                // Too large to be held in memory: copied if it still is what was built from.
                None => copy_if_same(path, &to, &source.hash).map_err(failed(&to, "written"))?,
            }
        }
        let marks = claim.folder.join(MARKS);
        write_json(&marks, &row.marks).map_err(failed(&marks, "written"))?;
        let record = claim.folder.join(VERSION);
        write_json(&record, &row.record).map_err(failed(&record, "written"))?;
        // Nothing is lost if the mark stays: a folder with a record is a version.
        let _ = std::fs::remove_file(claim.folder.join(CLAIM));
        self.next = VersionNumber(claim.number.0 + 1);
        left_out.map_or(Ok(()), |path| Err(HistoryError::SourcePath { path }))
    }

    /// The staged artifact of a recorded version.
    #[must_use]
    pub fn artifact(&self, record: &VersionRecord) -> PathBuf {
        folder_of(&self.root, record.number).join(&record.artifact.file)
    }

    /// The file of a base library.
    #[must_use]
    pub fn base(&self, base: &ArtifactRecord) -> PathBuf {
        bases::file(&self.root, base)
    }

    /// A version's marks as they are kept now, perhaps by another workbench. `None` when they
    /// cannot be read.
    #[must_use]
    pub fn marks(&self, version: VersionNumber) -> Option<Marks> {
        read_json(&folder_of(&self.root, version).join(MARKS)).ok()
    }

    /// Writes a version's marks, all of them: what another workbench may have marked is in
    /// [`Store::marks`].
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn mark(&self, version: VersionNumber, marks: &Marks) -> Result<(), HistoryError> {
        let path = folder_of(&self.root, version).join(MARKS);
        write_json(&path, marks).map_err(failed(&path, "written"))
    }

    /// Keeps a failed generation, and drops the oldest beyond the limit.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn fail(&mut self, record: &FailedRecord) -> Result<(), HistoryError> {
        self.put_back()?;
        let folder = self.root.join("failures");
        // Two workbenches may fail in the same millisecond with the same generation.
        let name = format!("{:013}-{:05}-{}.json", record.at.0, record.generation.0, self.entry.name());
        write_json(&folder.join(&name), record).map_err(failed(&folder, "written"))?;
        let kept = sorted_entries(&folder)?;
        for old in kept.iter().take(kept.len().saturating_sub(FAILURES)) {
            let _ = std::fs::remove_file(old);
        }
        Ok(())
    }

    /// Keeps the pinned calls, and the order in which these and the manifest's stand.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn set_pins(&self, pins: &[String], order: &[String]) -> Result<(), HistoryError> {
        for (name, calls) in [(PINS, pins), (PIN_ORDER, order)] {
            let path = self.root.join(name);
            write_json(&path, &calls).map_err(failed(&path, "written"))?;
        }
        Ok(())
    }

    /// Says to other workbenches which versions this one uses.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn set_in_use(&mut self, versions: &BTreeSet<VersionNumber>) -> Result<(), HistoryError> {
        self.entry.set_in_use(versions).map_err(failed(&self.root, "written"))
    }

    /// The versions that other workbenches use; `None` if one of them cannot be understood, and may
    /// use any.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn used_by_others(&self) -> Result<Option<BTreeSet<VersionNumber>>, HistoryError> {
        let sessions = self.root.join("sessions");
        Ok(others(&sessions, Some(&self.entry)).map_err(failed(&sessions, "read"))?.in_use)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(self.scratch());
    }
}

/// Makes the history's folders. Cargo's target folder is made as cargo would; everything below
/// `history` is for this user alone, also where an earlier hand left it open.
fn make_folders(private: &Path, root: &Path) -> Result<(), HistoryError> {
    if let Some(target) = private.parent() {
        std::fs::create_dir_all(target).map_err(failed(target, "made"))?;
    }
    let folders = ["versions", "failures", "sessions", "again", BASES].map(|folder| root.join(folder));
    for folder in &folders {
        platform::create_private_dir(folder).map_err(failed(folder, "made"))?;
    }
    let above = root.ancestors().take_while(|folder| *folder != private);
    for folder in above.chain(folders.iter().map(PathBuf::as_path)) {
        platform::tighten(folder).map_err(failed(folder, "made private"))?;
    }
    for folder in sorted_entries(&folders[0])?.iter().chain(&sorted_entries(&folders[3])?) {
        // Others cannot reach it anyway, and another workbench may just be removing it.
        let _ = platform::tighten(folder);
    }
    Ok(())
}

/// Where a source file is kept below `sources`, by the path that is shown: one outside the
/// workspace under its full path below `outside`. `None` for a path that would lead elsewhere.
pub(crate) fn kept_as(shown: &Path) -> Option<PathBuf> {
    let mut below = PathBuf::new();
    if shown.is_absolute() {
        below.push("outside");
    }
    for component in shown.components() {
        match component {
            Component::Prefix(_) | Component::RootDir => {}
            Component::Normal(name) => below.push(name),
            Component::CurDir | Component::ParentDir => return None,
        }
    }
    (!below.as_os_str().is_empty()).then_some(below)
}

fn modified(folder: &Path) -> Option<SystemTime> {
    std::fs::metadata(folder).and_then(|found| found.modified()).ok()
}

fn create_one_private_dir(folder: &Path) -> io::Result<()> {
    // Recursive creation does not tell whether the folder was there.
    std::fs::create_dir(folder)?;
    platform::make_private(folder)
}

fn copy_if_same(from: &Path, to: &Path, hash: &ContentHash) -> io::Result<()> {
    let content = std::fs::read(from)?;
    if ContentHash::of(&content) == *hash {
        platform::create_private_file(to)?.write_all(&content)?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
