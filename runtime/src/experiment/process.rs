//! A lane's process: it is told one step at a time, takes it with real system calls, and says what
//! it found. It ends when its parent does, or dies of what it does: that is what it is for.
//!
//! Threads: one reads the channel; the main one, which lives as long as the process, calls the
//! guest. In Exuvia's own lane each version has a thread of its own, as in the runner.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use serde::{Deserialize, Serialize};

use super::greeting::{EXPORT, NAME, WHO};
use super::look;
use super::step::{FileFacts, Lane, LibraryFacts, Step, StepKind};
use crate::ids::VersionNumber;
use crate::load::{CallReply, LoadError, LoadedGuest};
use crate::platform;
use crate::runner::threads::VersionThread;
use crate::runner::{read_frame, write_frame};
use crate::stage;
use crate::value;

/// Beside the lane's libraries: what the process has written to its standard output.
pub(super) const PRINTED: &str = "stdout.txt";

/// What a lane's process is told first. After it come [`StepKind`]s, each answered by a [`Step`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct LaneOrder {
    pub lane: Lane,
    /// A folder of the lane's own.
    pub folder: PathBuf,
    /// The artifact of the first build.
    pub old: PathBuf,
    /// The artifact of the second build.
    pub new: PathBuf,
}

/// Serves the parent until it goes away.
///
/// # Errors
/// When standard input is no channel, that is when a person started this by hand.
pub fn serve() -> io::Result<()> {
    platform::no_core_files();
    let mut channel = platform::take_channel()?;
    let mut reading = channel.try_clone()?;
    let order: LaneOrder = read_frame(&mut reading)?.ok_or(io::ErrorKind::UnexpectedEof)?;
    let (send, steps) = mpsc::channel();
    std::thread::Builder::new().name("channel".to_owned()).spawn(move || {
        while let Ok(Some(kind)) = read_frame::<StepKind>(&mut reading) {
            if send.send(kind).is_err() {
                break;
            }
        }
        // The parent has had enough, and the library may be in a state in which nothing polite works.
        platform::end_at_once()
    })?;
    let mut process = Process::new(order);
    for kind in steps {
        let step = process.take(kind).unwrap_or_else(|message| Step::Refused { doing: kind, message });
        write_frame(&mut channel, &step)?;
    }
    Ok(())
}

/// An open version: on this thread, as a plain program has it, or on one of its own.
#[derive(Debug)]
enum Version {
    Here(Box<LoadedGuest>),
    OnItsThread(VersionThread),
}

impl Version {
    fn run<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut LoadedGuest) -> T + Send + 'static,
    ) -> Result<T, String> {
        match self {
            Self::Here(guest) => Ok(work(guest)),
            Self::OnItsThread(thread) => thread.run(work).map_err(|_| "the guest ended its own thread".to_owned()),
        }
    }

    fn close(self) -> Result<(), String> {
        match self {
            Self::Here(guest) => guest.leave().close().map_err(|error| error.to_string()),
            // The greeting starts no threads that could be left.
            Self::OnItsThread(thread) => match thread.retire(Vec::new) {
                Ok(report) => report.drop_error.map_or(Ok(()), Err),
                Err(_) => Err("the guest ended its own thread".to_owned()),
            },
        }
    }
}

#[derive(Debug)]
struct Process {
    order: LaneOrder,
    /// What stands for cargo's artifact: a file that is replaced under its name.
    artifact: PathBuf,
    /// The path that is opened next.
    to_open: PathBuf,
    /// What was opened first: it is compared with, also when it is closed.
    first: Option<LibraryFacts>,
    old: Option<Version>,
    new: Option<Version>,
    copies: u32,
    /// How much of standard output was looked at, in bytes.
    seen: u64,
}

impl Process {
    fn new(order: LaneOrder) -> Self {
        let file = format!("{DLL_PREFIX}{NAME}{DLL_SUFFIX}");
        let artifact = order.folder.join(file);
        let to_open = artifact.clone();
        Self { artifact, to_open, order, first: None, old: None, new: None, copies: 0, seen: 0 }
    }

    fn take(&mut self, kind: StepKind) -> Result<Step, String> {
        let mapped = || look::mapped(&self.order.folder);
        match kind {
            StepKind::Started => Err("this is no step".to_owned()),
            StepKind::Copied => self.copy(),
            StepKind::Replaced => self.replace(),
            StepKind::Overwritten => self.overwrite(),
            StepKind::Opened => {
                let (version, library) = self.open()?;
                (self.old, self.first) = (Some(version), Some(library.clone()));
                Ok(Step::Opened { library })
            }
            StepKind::OpenedAgain => {
                let (version, library) = self.open()?;
                self.new = Some(version);
                let first = self.first.as_ref().and_then(|first| first.handle);
                let same_handle = first.zip(library.handle).map(|(first, now)| first == now);
                Ok(Step::OpenedAgain { library, same_handle })
            }
            StepKind::Greeted => {
                let address = greet(self.old.as_mut())?;
                Ok(Step::Greeted { printed: self.printed()?, address })
            }
            StepKind::GreetedAgain => {
                let address = greet(self.new.as_mut())?;
                Ok(Step::GreetedAgain { printed: self.printed()?, address })
            }
            StepKind::Closed => {
                self.old.take().ok_or("nothing is open")?.close()?;
                Ok(Step::Closed { mapped: mapped() })
            }
            StepKind::LookedAtMappings => Ok(Step::LookedAtMappings { mapped: mapped() }),
        }
    }

    /// The lane's artifact as the next build leaves it; in Exuvia's lane, a staged copy of it.
    fn copy(&mut self) -> Result<Step, String> {
        self.copies += 1;
        if self.copies == 1 {
            fs::copy(&self.order.old, &self.artifact).map_err(at(&self.artifact))?;
        }
        let from = if self.order.lane == Lane::UniqueCopy { &self.artifact } else { &self.order.old };
        let from = facts(from)?;
        if self.order.lane == Lane::UniqueCopy {
            let staged = stage::stage(&self.artifact, &self.order.folder, NAME, VersionNumber(self.copies));
            self.to_open = staged.map_err(|error| error.to_string())?.path;
        }
        Ok(Step::Copied { from, to: facts(&self.to_open)? })
    }

    /// As cargo does it: the linker has written a new file under `deps/`; the old name is removed,
    /// and the new file gets it as a second name.
    fn replace(&self) -> Result<Step, String> {
        let path = &self.artifact;
        let before = facts(path)?;
        let deps = self.order.folder.join("deps");
        let made = deps.join(path.file_name().unwrap_or_default());
        fs::create_dir_all(&deps).map_err(at(&deps))?;
        fs::copy(&self.order.new, &made).map_err(at(&made))?;
        fs::remove_file(path).map_err(at(path))?;
        fs::hard_link(&made, path).map_err(at(path))?;
        Ok(Step::Replaced { before, after: facts(path)? })
    }

    fn overwrite(&self) -> Result<Step, String> {
        let path = &self.artifact;
        let before = facts(path)?;
        let new = fs::read(&self.order.new).map_err(at(&self.order.new))?;
        let mut file = File::options().write(true).truncate(true).open(path).map_err(at(path))?;
        file.write_all(&new).map_err(at(path))?;
        Ok(Step::Overwritten { before, after: facts(path)? })
    }

    fn open(&self) -> Result<(Version, LibraryFacts), String> {
        let path = &self.to_open;
        let said = |error: LoadError| error.to_string();
        let mut version = if self.order.lane == Lane::UniqueCopy {
            let (thread, _) = VersionThread::open(VersionNumber(self.copies), path).map_err(said)?;
            Version::OnItsThread(thread)
        } else {
            Version::Here(Box::new(LoadedGuest::open(path).map_err(said)?))
        };
        let (handle, address) = version.run(|guest| (guest.handle(), guest.address(EXPORT)))?;
        let address = address.ok_or("the library has no greeting")?;
        let library =
            LibraryFacts { path: path.clone(), file: facts(path)?, handle, address, code: look::mapped_at(address) };
        Ok((version, library))
    }

    /// What has appeared on this process's standard output since last time.
    fn printed(&mut self) -> Result<String, String> {
        let (text, seen) = printed_since(&self.order.folder, self.seen).map_err(at(&self.order.folder))?;
        self.seen = seen;
        Ok(text)
    }
}

/// Calls the greeting, and gives the address of the function that was called.
fn greet(version: Option<&mut Version>) -> Result<u64, String> {
    let version = version.ok_or("nothing is open")?;
    let arguments = value::pack_arguments(&[WHO.into()])?;
    let (address, reply) = version.run(move |guest| (guest.address(EXPORT), guest.call(EXPORT, 1, &arguments)))?;
    match reply {
        CallReply::Returned(_) => address.ok_or_else(|| "the library has no greeting".to_owned()),
        CallReply::Refused(why) => Err(why),
        CallReply::Panicked { message, .. } => Err(format!("the greeting panicked: {message}")),
        CallReply::ReturnedErr(value) => Err(format!("the greeting returned an error: {}", value::unpack(&value))),
    }
}

/// What a lane's process wrote to its standard output behind this position, and the new position.
/// A library that runs wild may write anything: no more than a little of it is of interest.
pub(super) fn printed_since(folder: &Path, seen: u64) -> io::Result<(String, u64)> {
    const LONGEST: u64 = 4 << 10;
    let mut file = File::open(folder.join(PRINTED))?;
    let end = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(seen))?;
    let mut bytes = Vec::new();
    file.take(LONGEST).read_to_end(&mut bytes)?;
    Ok((String::from_utf8_lossy(&bytes).into_owned(), end))
}

fn facts(path: &Path) -> Result<FileFacts, String> {
    look::file(path).map_err(at(path))
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> String {
    move |error| format!("{}: {error}", path.display())
}
