//! The processes of one build, one after the other, and the word that ends them.

use std::io;
use std::process::{Child, Command};
use std::sync::{Mutex, PoisonError};

use crate::platform;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// No process of the build runs.
    Between,
    Running(u32),
    Cancelled,
}

/// What can be cancelled at any time: a process that runs is killed with all that it started, and
/// no other one is started.
#[derive(Debug)]
pub(super) struct Cancel(Mutex<Stage>);

/// Why no process was started.
#[derive(Debug)]
pub(super) enum NotStarted {
    Cancelled,
    Error(io::Error),
}

impl Cancel {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Stage::Between))
    }

    fn stage(&self) -> std::sync::MutexGuard<'_, Stage> {
        // The stage is a plain value; a panic while it was held cannot have left it half-written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a process in a group of its own. [`Cancel::ends`] is to be called before it is waited for.
    pub(super) fn start(&self, command: &mut Command) -> Result<Child, NotStarted> {
        platform::isolate(command);
        let mut stage = self.stage();
        if *stage == Stage::Cancelled {
            return Err(NotStarted::Cancelled);
        }
        let child = command.spawn().map_err(NotStarted::Error)?;
        *stage = Stage::Running(child.id());
        Ok(child)
    }

    /// The process has closed its streams and will be waited for: from here on its id may be given to
    /// another process.
    pub(super) fn ends(&self) {
        let mut stage = self.stage();
        if *stage != Stage::Cancelled {
            *stage = Stage::Between;
        }
    }

    pub(super) fn cancel(&self) {
        let mut stage = self.stage();
        if let Stage::Running(pid) = *stage {
            platform::kill_tree(pid);
        }
        *stage = Stage::Cancelled;
    }

    pub(super) fn is_cancelled(&self) -> bool {
        *self.stage() == Stage::Cancelled
    }
}
