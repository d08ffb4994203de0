//! The processes of one build, or of one question to cargo, one after the other, and the word that ends them.

use std::io;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::platform;
use crate::warden::{Guarded, Warden};

#[derive(Debug)]
enum Stage {
    /// No process runs.
    Between,
    /// One runs, and goes with the workbench if there is a warden.
    Running {
        pid: u32,
        guarded: Option<Guarded>,
    },
    Cancelled,
}

/// What can be cancelled at any time: a process that runs is killed with all that it started, and
/// no other one is started.
#[derive(Debug)]
pub(crate) struct Cancel {
    stage: Mutex<Stage>,
    warden: OnceLock<Arc<Warden>>,
}

/// Why no process was started.
#[derive(Debug)]
pub(crate) enum NotStarted {
    Cancelled,
    Error(io::Error),
}

impl Cancel {
    /// The warden, if there is one, ends the processes if the workbench is killed.
    pub(crate) fn new(warden: Option<Arc<Warden>>) -> Self {
        let warden = warden.map(OnceLock::from).unwrap_or_default();
        Self { stage: Mutex::new(Stage::Between), warden }
    }

    /// From here on a warden is there. The first one stays.
    pub(crate) fn guard_with(&self, warden: &Arc<Warden>) {
        let _ = self.warden.set(Arc::clone(warden));
    }

    fn stage(&self) -> std::sync::MutexGuard<'_, Stage> {
        // The stage is a plain value; a panic while it was held cannot have left it half-written.
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a process in a group of its own. It is waited for with [`Cancel::wait`], once it has closed its
    /// streams.
    pub(super) fn start(&self, command: &mut Command) -> Result<Child, NotStarted> {
        platform::isolate(command);
        let mut stage = self.stage();
        if matches!(*stage, Stage::Cancelled) {
            return Err(NotStarted::Cancelled);
        }
        let child = command.spawn().map_err(NotStarted::Error)?;
        let guarded = self.warden.get().map(|warden| Warden::guard(warden, child.id()));
        *stage = Stage::Running { pid: child.id(), guarded };
        Ok(child)
    }

    /// Gives up the process that runs, and what guards it, to somebody else. `None`: it is cancelled.
    pub(super) fn give_up(&self) -> Option<Option<Guarded>> {
        let mut stage = self.stage();
        match std::mem::replace(&mut *stage, Stage::Between) {
            Stage::Running { guarded, .. } => Some(guarded),
            Stage::Between => Some(None),
            Stage::Cancelled => {
                *stage = Stage::Cancelled;
                None
            }
        }
    }

    /// Takes over a process that was started before in a group of its own. `false`: it is cancelled.
    pub(super) fn adopt(&self, pid: u32, guarded: Option<Guarded>) -> bool {
        let mut stage = self.stage();
        let is_cancelled = matches!(*stage, Stage::Cancelled);
        if !is_cancelled {
            *stage = Stage::Running { pid, guarded };
        }
        !is_cancelled
    }

    /// Waits for the process's end.
    pub(super) fn wait(&self, child: &mut Child) -> io::Result<ExitStatus> {
        let mut stage = self.stage();
        if matches!(*stage, Stage::Running { .. }) {
            // From here on the process id may be given to another process.
            *stage = Stage::Between;
        }
        drop(stage);
        let status = child.wait()?;
        if status.code().is_none() {
            // It was killed, and cannot have ended what it had started: compilers and linkers would write
            // into the next build. As long as one of them is alive, nobody else is given the group's id.
            platform::kill_tree(child.id());
        }
        Ok(status)
    }

    pub(crate) fn cancel(&self) {
        let mut stage = self.stage();
        if let Stage::Running { pid, .. } = *stage {
            platform::kill_tree(pid);
        }
        *stage = Stage::Cancelled;
    }

    pub(super) fn is_cancelled(&self) -> bool {
        matches!(*self.stage(), Stage::Cancelled)
    }
}
