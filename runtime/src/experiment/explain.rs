//! From the steps of a lane to its facts, and from the facts to one sentence. Pure functions.

use serde::{Deserialize, Serialize};

use super::step::{Lane, Mapped, Step, StepKind};

/// What the second greeting printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Said {
    /// What the first build prints.
    Old,
    /// What the second build prints.
    New,
    /// Neither.
    Other {
        /// What it was.
        text: String,
    },
}

impl Said {
    /// Tells the text apart. `old` and `new` are what the two builds print.
    #[must_use]
    pub fn of(printed: &str, old: &str, new: &str) -> Self {
        match printed.trim_end() {
            text if text == old => Self::Old,
            text if text == new => Self::New,
            _ => Self::Other { text: printed.to_owned() },
        }
    }
}

/// How a lane ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LaneEnd {
    /// It took all its steps.
    Finished,
    /// Its process died.
    Died {
        /// What it was doing.
        doing: StepKind,
        /// Signal or exit code.
        ending: String,
    },
    /// It did not answer and was killed.
    Silent {
        /// What it was doing.
        doing: StepKind,
        /// For how long it was waited, in milliseconds.
        waited: u64,
    },
    /// Something said no.
    Refused {
        /// What was tried.
        doing: StepKind,
        /// Why not.
        message: String,
    },
}

/// What counts of a lane's steps. `None`: the step was not reached, or the platform does not tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Whether the guest has a thread-local with a destructor.
    pub thread_local: bool,
    /// Whether the library was opened again under the path that was opened first.
    pub same_path: Option<bool>,
    /// Whether the path that was opened last, or else the one that was written anew, leads to the
    /// inode that was opened first.
    pub same_inode: Option<bool>,
    /// Whether the loader gave the first handle.
    pub same_handle: Option<bool>,
    /// Whether the function lies at the first address.
    pub same_address: Option<bool>,
    /// Whether the code that was called last is mapped from the inode that was opened first.
    pub code_of_first: Option<bool>,
    /// What the second greeting printed.
    pub said: Option<Said>,
    /// Bytes of the first file that were mapped right after it was closed.
    pub mapped_after_close: Option<u64>,
    /// Bytes of the first file that are mapped at the end.
    pub mapped_at_end: Option<u64>,
    /// How the lane ended.
    pub end: LaneEnd,
}

impl Facts {
    /// What counts of these steps. `old` and `new` are what the two builds print.
    #[must_use]
    pub fn of(steps: &[Step], thread_local: bool, old: &str, new: &str) -> Self {
        let mut facts = Self {
            thread_local,
            same_path: None,
            same_inode: None,
            same_handle: None,
            same_address: None,
            code_of_first: None,
            said: None,
            mapped_after_close: None,
            mapped_at_end: None,
            end: LaneEnd::Finished,
        };
        let mut first = None;
        for step in steps {
            let mapped_of_first = |mapped: &Mapped| {
                let (mapped, first) = (mapped.as_ref()?, &first.as_ref()?);
                let library: &super::step::LibraryFacts = first;
                Some(mapped.iter().filter(|file| file.inode == library.file.inode).map(|file| file.bytes).sum())
            };
            match step {
                Step::Opened { library } => first = Some(library.clone()),
                Step::OpenedAgain { library, same_handle } => {
                    let Some(first) = &first else { continue };
                    facts.same_path = Some(library.path == first.path);
                    facts.same_inode = Some(library.file.is_same_file(&first.file));
                    facts.same_handle = *same_handle;
                    facts.same_address = Some(library.address == first.address);
                    facts.code_of_first = library.code.as_ref().map(|code| code.inode == first.file.inode);
                }
                Step::GreetedAgain { printed, .. } => facts.said = Some(Said::of(printed, old, new)),
                Step::Closed { mapped } => facts.mapped_after_close = mapped_of_first(mapped),
                Step::LookedAtMappings { mapped } => facts.mapped_at_end = mapped_of_first(mapped),
                Step::Refused { doing, message } => {
                    facts.end = LaneEnd::Refused { doing: *doing, message: message.clone() };
                }
                Step::Died { doing, ending, .. } => {
                    facts.end = LaneEnd::Died { doing: *doing, ending: ending.clone() };
                }
                Step::Silent { doing, waited } => facts.end = LaneEnd::Silent { doing: *doing, waited: *waited },
                Step::Replaced { before, after } | Step::Overwritten { before, after } => {
                    facts.same_inode = Some(after.is_same_file(before));
                }
                Step::Copied { .. } | Step::Greeted { .. } => {}
            }
        }
        facts
    }
}

/// Why a lane came out as it did. An open list: each variant claims only what the facts carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Explanation {
    /// The path leads to a new file; the loader did not look, and gave the open library.
    FoundByName,
    /// The same file under the same name: the loader gave the open library.
    FoundOpen,
    /// The loader opened the new file beside the old library, although the name was the same.
    OpenedBeside,
    /// The process died with its mapped file overwritten.
    DiedOverwritten {
        /// What it was doing.
        doing: StepKind,
        /// Signal or exit code.
        ending: String,
    },
    /// Its mapped file was overwritten, and the old library printed the new text.
    OverwrittenNew,
    /// Its mapped file was overwritten, and it printed the old text all the same.
    OverwrittenOld,
    /// Its mapped file was overwritten, and it printed what neither build prints.
    OverwrittenOther {
        /// What.
        text: String,
    },
    /// Closing took the old library away, so that the path was read anew.
    Unloaded,
    /// Closed and still mapped because of the thread-local's destructor; the loader found it by name.
    PinnedByThreadLocal {
        /// Bytes still mapped after closing.
        bytes: u64,
    },
    /// Closed and still mapped, although the guest has no thread-local with a destructor.
    StillMapped {
        /// Bytes still mapped after closing.
        bytes: u64,
    },
    /// A new name and a new inode: the new text; the old version is gone from the process.
    FreshCopy,
    /// A new name and a new inode: the new text; the old version is still mapped.
    FreshCopyOldMapped {
        /// Bytes of the old version.
        bytes: u64,
    },
    /// A new name and a new inode: the new text; whether the old version is mapped is not known here.
    FreshCopyUnchecked,
    /// The process died.
    Died {
        /// What it was doing.
        doing: StepKind,
        /// Signal or exit code.
        ending: String,
    },
    /// It did not answer.
    Silent {
        /// What it was doing.
        doing: StepKind,
        /// For how long it was waited, in milliseconds.
        waited: u64,
    },
    /// Something said no.
    Refused {
        /// What was tried.
        doing: StepKind,
        /// Why not.
        message: String,
    },
    /// The facts fit none of the above; see them.
    NotExplained,
}

/// Chooses the sentence that the facts carry.
#[must_use]
pub fn explain(lane: Lane, facts: &Facts) -> Explanation {
    match &facts.end {
        LaneEnd::Finished => {}
        LaneEnd::Died { doing, ending } => {
            let (doing, ending) = (*doing, ending.clone());
            // The same inode under the path after it was written anew: nothing was replaced, all was overwritten.
            return if lane == Lane::Overwrite && facts.same_inode == Some(true) {
                Explanation::DiedOverwritten { doing, ending }
            } else {
                Explanation::Died { doing, ending }
            };
        }
        LaneEnd::Silent { doing, waited } => return Explanation::Silent { doing: *doing, waited: *waited },
        LaneEnd::Refused { doing, message } => {
            return Explanation::Refused { doing: *doing, message: message.clone() };
        }
    }
    let Some(said) = &facts.said else { return Explanation::NotExplained };
    // Where handles cannot be read, the function's address has to do.
    let is_first = facts.same_handle.or(facts.same_address) == Some(true);
    match (lane, said) {
        (Lane::Reopen, Said::Old) if is_first && facts.same_inode == Some(false) => Explanation::FoundByName,
        (Lane::Reopen, Said::Old) if is_first => Explanation::FoundOpen,
        (Lane::Reopen, Said::New) if !is_first => Explanation::OpenedBeside,
        (Lane::Overwrite, Said::New) => Explanation::OverwrittenNew,
        (Lane::Overwrite, Said::Old) => Explanation::OverwrittenOld,
        (Lane::Overwrite, Said::Other { text }) => Explanation::OverwrittenOther { text: text.clone() },
        (Lane::CloseReopen, Said::New) if facts.mapped_after_close.is_none_or(|bytes| bytes == 0) => {
            Explanation::Unloaded
        }
        (Lane::CloseReopen, Said::Old) => match facts.mapped_after_close {
            Some(bytes @ 1..) if facts.thread_local => Explanation::PinnedByThreadLocal { bytes },
            Some(bytes @ 1..) => Explanation::StillMapped { bytes },
            _ => Explanation::NotExplained,
        },
        (Lane::UniqueCopy, Said::New) if facts.same_path == Some(false) && facts.same_inode == Some(false) => {
            match facts.mapped_at_end {
                Some(0) => Explanation::FreshCopy,
                Some(bytes) => Explanation::FreshCopyOldMapped { bytes },
                None => Explanation::FreshCopyUnchecked,
            }
        }
        _ => Explanation::NotExplained,
    }
}

impl Explanation {
    /// The sentence in English.
    #[must_use]
    pub fn words(&self) -> String {
        let fixed = match self {
            Self::FoundByName => {
                "Old text: the loader looks for the name first, found the library that is open under it and gave its \
                 handle; that the path leads to a new file by now, it did not look at."
            }
            Self::FoundOpen => "Old text: the same file under the same name is open, so the loader gave its handle.",
            Self::OpenedBeside => {
                "New text: this loader opened the new file beside the old library although the name was the same."
            }
            Self::DiedOverwritten { doing, ending } => {
                return format!(
                    "The process died while {}, with {ending}: the code it ran and the addresses the loader had filled \
                     in lay in pages of the very file that was overwritten.",
                    doing.doing()
                );
            }
            Self::OverwrittenNew => {
                "New text, by luck: the new bytes appeared under code that was mapped from the old ones, and happened \
                 to fit."
            }
            Self::OverwrittenOld => {
                "Old text: the loader gave the open library, and the pages it needed still held the old bytes."
            }
            Self::OverwrittenOther { text } => {
                return format!(
                    "Neither text but {text:?}: the code that ran and the bytes it read belong to different builds."
                );
            }
            Self::Unloaded => {
                "New text: closing took the old library out of the process, so the loader read the path anew."
            }
            Self::PinnedByThreadLocal { bytes } => {
                return format!(
                    "Old text: a thread-local with a destructor was used on a thread that still lives, so closing \
                     unmapped nothing ({bytes} bytes stayed), and the loader found the old library by its name."
                );
            }
            Self::StillMapped { bytes } => {
                return format!(
                    "Old text: closing unmapped nothing ({bytes} bytes stayed), and the loader found the old library \
                     by its name."
                );
            }
            Self::FreshCopy => {
                "New text: no open library has this name or inode, so the loader read the copy; the old version's \
                 thread had ended before it was closed, and nothing of it is mapped any more."
            }
            Self::FreshCopyOldMapped { bytes } => {
                return format!(
                    "New text: no open library has this name or inode, so the loader read the copy; of the old \
                     version {bytes} bytes are still mapped."
                );
            }
            Self::FreshCopyUnchecked => {
                "New text: no open library has this name or inode, so the loader read the copy; whether the old \
                 version is still mapped cannot be read on this platform."
            }
            Self::Died { doing, ending } => {
                return format!("The process died while {}, with {ending}.", doing.doing());
            }
            Self::Silent { doing, waited } => {
                return format!("The process did not answer for {waited} ms while {} and was killed.", doing.doing());
            }
            Self::Refused { doing, message } => return format!("It ended while {}: {message}", doing.doing()),
            Self::NotExplained => "The facts above fit none of the known outcomes; look at them one by one.",
        };
        fixed.to_owned()
    }
}

#[cfg(test)]
#[path = "explain_tests.rs"]
mod tests;
