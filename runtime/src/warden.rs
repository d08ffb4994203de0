//! Sees to it that nothing of ours outlives the workbench, however that ends: a small process that is
//! told which process groups the workbench has started, and kills them when the workbench is gone.
//!
//! A runner sees its parent's end by itself; cargo and the compiler do not, and would go on building.
//!
//! The warden is this same executable, started with the hidden subcommand [`SUBCOMMAND`]. It reads its
//! standard input, one line for each start and end, and ends when that ends. The parent's side has no
//! thread and never waits but for its end, when it is dropped.

use std::collections::BTreeSet;
use std::io::{self, BufRead, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use crate::platform;

/// The hidden subcommand that makes the executable a warden.
pub const SUBCOMMAND: &str = "__warden";

/// The workbench's side. Dropped, the warden ends.
#[derive(Debug)]
pub struct Warden {
    child: Child,
    lines: Mutex<Option<ChildStdin>>,
}

impl Warden {
    /// Starts a warden; `program` serves [`SUBCOMMAND`].
    ///
    /// # Errors
    /// When the program cannot be run.
    pub fn start(program: &Path) -> io::Result<Self> {
        let mut command = Command::new(program);
        // What it writes is a last word that nobody would miss.
        command.arg(SUBCOMMAND).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        // Ctrl-C at a terminal is for the workbench.
        platform::isolate(&mut command);
        let mut child = command.spawn()?;
        let lines = Mutex::new(child.stdin.take());
        Ok(Self { child, lines })
    }

    /// This process, which leads a group of its own, is not to outlive the workbench. To be dropped
    /// before it is waited for: from then on its id may be another process's.
    #[must_use]
    pub fn guard(warden: &Arc<Self>, pid: u32) -> Guarded {
        warden.say('+', pid);
        Guarded { warden: Arc::clone(warden), pid }
    }

    fn say(&self, sign: char, pid: u32) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        // Somebody may have killed it; the workbench goes on without.
        let _ = lines.as_mut().map(|lines| lines.write_all(format!("{sign}{pid}\n").as_bytes()));
    }
}

impl Drop for Warden {
    fn drop(&mut self) {
        *self.lines.get_mut().unwrap_or_else(PoisonError::into_inner) = None;
        let _ = self.child.wait();
    }
}

/// A process that goes with the workbench until this is dropped.
#[derive(Debug)]
pub struct Guarded {
    warden: Arc<Warden>,
    pid: u32,
}

impl Drop for Guarded {
    fn drop(&mut self) {
        self.warden.say('-', self.pid);
    }
}

/// Serves the parent until it is gone, and kills what it has left.
///
/// # Errors
/// Those of standard input.
pub fn serve() -> io::Result<()> {
    left_behind(io::stdin().lock()).map(|left| left.into_iter().for_each(platform::kill_tree))
}

/// The processes whose start was told, and not their end.
fn left_behind(lines: impl BufRead) -> io::Result<BTreeSet<u32>> {
    let mut running = BTreeSet::new();
    for line in lines.lines() {
        let line = line?;
        let Some((sign, pid)) = line.split_at_checked(1) else { continue };
        match (sign, pid.parse()) {
            ("+", Ok(pid)) => drop(running.insert(pid)),
            ("-", Ok(pid)) => drop(running.remove(&pid)),
            // Nobody but the workbench writes here.
            _ => {}
        }
    }
    Ok(running)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_started_and_has_not_ended_is_left() {
        for (lines, left) in [
            ("", &[][..]),
            ("+7\n+8\n", &[7, 8]),
            ("+7\n-7\n+8\n", &[8]),
            ("+7\n-7\n+7\n", &[7]),
            // The workbench was killed while it wrote.
            ("+7\n+", &[7]),
            ("+7\n-", &[7]),
            ("7\n\nä\n+x\n", &[]),
        ] {
            assert_eq!(left_behind(lines.as_bytes()).unwrap(), left.iter().copied().collect(), "{lines:?}");
        }
    }
}
