//! Windows: what the standard library offers.

use std::fs::{DirBuilder, Metadata};
use std::process::Command;

/// Nothing to do: a user's own folders are private on this platform.
pub(crate) fn keep_private(_builder: &mut DirBuilder) {}

/// Nothing to do: Ctrl-C is sent to consoles, and editors of the terminal want it.
pub(crate) fn isolate(_command: &mut Command) {}

/// By its name alone, which whoever looks for programs has chosen.
pub(crate) fn is_executable(_metadata: &Metadata) -> bool {
    true
}
