//! Linux and macOS.

use std::fs::{DirBuilder, Metadata};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Folders that it makes are this user's alone.
pub(crate) fn keep_private(builder: &mut DirBuilder) {
    builder.mode(0o700);
}

/// Ctrl-C in our terminal is not meant for it.
pub(crate) fn isolate(command: &mut Command) {
    command.process_group(0);
}

/// Whether anybody may execute the file.
pub(crate) fn is_executable(metadata: &Metadata) -> bool {
    metadata.permissions().mode() & 0o111 != 0
}
