//! The lanes, their steps, and the facts that each step found. Data only.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A way to get new code into a process that runs the old one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// Opens the same path again while the first handle is held: what the article did.
    Reopen,
    /// Overwrites the mapped file in place, then opens it.
    Overwrite,
    /// Closes the library, then opens the same path.
    CloseReopen,
    /// Opens a uniquely named private copy, then retires the old version: Exuvia's way.
    UniqueCopy,
}

impl Lane {
    /// All lanes, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Reopen, Self::Overwrite, Self::CloseReopen, Self::UniqueCopy];

    /// The steps that the lane takes, unless its process ends on the way.
    #[must_use]
    pub fn plan(self) -> &'static [StepKind] {
        use StepKind::{
            Closed, Copied, Greeted, GreetedAgain, LookedAtMappings, Opened, OpenedAgain, Overwritten, Replaced,
        };
        match self {
            Self::Reopen => &[Copied, Opened, Greeted, Replaced, OpenedAgain, GreetedAgain, LookedAtMappings],
            Self::Overwrite => &[Copied, Opened, Greeted, Overwritten, OpenedAgain, GreetedAgain, LookedAtMappings],
            Self::CloseReopen => {
                &[Copied, Opened, Greeted, Closed, Replaced, OpenedAgain, GreetedAgain, LookedAtMappings]
            }
            Self::UniqueCopy => {
                &[Copied, Opened, Greeted, Replaced, Copied, OpenedAgain, GreetedAgain, Closed, LookedAtMappings]
            }
        }
    }

    /// Name of its folder in a run's.
    pub(super) fn folder(self) -> &'static str {
        match self {
            Self::Reopen => "reopen",
            Self::Overwrite => "overwrite",
            Self::CloseReopen => "close-reopen",
            Self::UniqueCopy => "unique-copy",
        }
    }

    /// The lane in a few English words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Reopen => "open the same path again",
            Self::Overwrite => "overwrite the open file in place",
            Self::CloseReopen => "close, then open the same path",
            Self::UniqueCopy => "open a copy of its own (Exuvia's way)",
        }
    }
}

/// A kind of step. See [`Step`] for what each finds out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// Starting the lane's process: no step of its own, but something may go wrong with it.
    Started,
    /// A file was copied.
    Copied,
    /// The old library was opened.
    Opened,
    /// It greeted.
    Greeted,
    /// The file at the path was replaced as cargo does it.
    Replaced,
    /// The file was overwritten in place.
    Overwritten,
    /// The old library was closed.
    Closed,
    /// A library was opened again.
    OpenedAgain,
    /// It greeted.
    GreetedAgain,
    /// What is mapped was looked at.
    LookedAtMappings,
}

impl StepKind {
    /// What is being done, for "it died while …".
    #[must_use]
    pub fn doing(self) -> &'static str {
        match self {
            Self::Started => "starting",
            Self::Copied => "copying the file",
            Self::Opened => "opening the old library",
            Self::Greeted => "calling the old greeting",
            Self::Replaced => "replacing the file",
            Self::Overwritten => "overwriting the file",
            Self::Closed => "closing the old library",
            Self::OpenedAgain => "opening the library again",
            Self::GreetedAgain => "calling the greeting again",
            Self::LookedAtMappings => "looking at the mappings",
        }
    }
}

/// A file as it lay on disk at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// Where.
    pub path: PathBuf,
    /// Device, as `/proc/self/maps` writes it on Linux (`fe:00`).
    pub device: String,
    /// Inode: another number on the same device is another file.
    pub inode: u64,
    /// Length in bytes.
    pub bytes: u64,
}

impl FileFacts {
    /// Whether both are one file, under whatever names.
    #[must_use]
    pub fn is_same_file(&self, other: &Self) -> bool {
        (self.inode, &self.device) == (other.inode, &other.device)
    }
}

/// A file that is mapped into the lane's process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappedFile {
    /// The path by which it was opened.
    pub path: PathBuf,
    /// Whether no name leads to it any more; the kernel writes `(deleted)` behind it.
    pub deleted: bool,
    /// Device, as `/proc/self/maps` writes it.
    pub device: String,
    /// Inode.
    pub inode: u64,
    /// Bytes of address space.
    pub bytes: u64,
}

/// What the process maps from the lane's folder; `None` where the platform does not tell
/// (anywhere but on Linux).
pub type Mapped = Option<Vec<MappedFile>>;

/// An open library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LibraryFacts {
    /// The path that was handed to the loader.
    pub path: PathBuf,
    /// What lies at that path at this moment.
    pub file: FileFacts,
    /// The loader's handle, as a number; `None` where it cannot be read.
    pub handle: Option<u64>,
    /// Address of the function that is called.
    pub address: u64,
    /// The file that the function's code is mapped from, by the kernel's word; `None` where it does not tell.
    pub code: Option<MappedFile>,
}

/// One step of a lane, with what it found. The last three end the lane in place of a planned one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Step {
    /// A file was copied to a place of the lane's own.
    Copied {
        /// What was copied.
        from: FileFacts,
        /// The copy.
        to: FileFacts,
    },
    /// The old library was opened.
    Opened {
        /// The library.
        library: LibraryFacts,
    },
    /// The old library greeted.
    Greeted {
        /// What appeared on the process's standard output.
        printed: String,
        /// Address of the function that was called.
        address: u64,
    },
    /// The file at the path was replaced as cargo does it: the old name is removed, the new file gets it.
    Replaced {
        /// What lay there.
        before: FileFacts,
        /// What lies there.
        after: FileFacts,
    },
    /// The file was opened, cut to nothing and written anew: same inode, other bytes.
    Overwritten {
        /// What lay there.
        before: FileFacts,
        /// What lies there.
        after: FileFacts,
    },
    /// The old library was closed.
    Closed {
        /// What the process maps after that.
        mapped: Mapped,
    },
    /// A library was opened while or after the old one was open.
    OpenedAgain {
        /// The library.
        library: LibraryFacts,
        /// Whether the loader gave the first handle; `None` where handles cannot be read.
        same_handle: Option<bool>,
    },
    /// What was opened last greeted.
    GreetedAgain {
        /// What appeared on the process's standard output.
        printed: String,
        /// Address of the function that was called.
        address: u64,
    },
    /// What the process maps at the end.
    LookedAtMappings {
        /// The files.
        mapped: Mapped,
    },
    /// Something said no, and the lane ends there.
    Refused {
        /// What was tried.
        doing: StepKind,
        /// Why not.
        message: String,
    },
    /// The lane's process died.
    Died {
        /// What it was doing.
        doing: StepKind,
        /// Signal or exit code: `SIGSEGV (invalid memory access)`.
        ending: String,
        /// What it had printed since the step before.
        printed: String,
    },
    /// The lane's process did not answer in time and was killed.
    Silent {
        /// What it was doing.
        doing: StepKind,
        /// For how long it was waited, in milliseconds.
        waited: u64,
    },
}

impl Step {
    /// What was done, or tried.
    #[must_use]
    pub fn kind(&self) -> StepKind {
        match self {
            Self::Copied { .. } => StepKind::Copied,
            Self::Opened { .. } => StepKind::Opened,
            Self::Greeted { .. } => StepKind::Greeted,
            Self::Replaced { .. } => StepKind::Replaced,
            Self::Overwritten { .. } => StepKind::Overwritten,
            Self::Closed { .. } => StepKind::Closed,
            Self::OpenedAgain { .. } => StepKind::OpenedAgain,
            Self::GreetedAgain { .. } => StepKind::GreetedAgain,
            Self::LookedAtMappings { .. } => StepKind::LookedAtMappings,
            Self::Refused { doing, .. } | Self::Died { doing, .. } | Self::Silent { doing, .. } => *doing,
        }
    }

    /// Whether the lane ends with this step although its plan goes on.
    #[must_use]
    pub fn ends_lane(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::Died { .. } | Self::Silent { .. })
    }
}
