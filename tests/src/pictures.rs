//! The pictures in `assets/` that the docs show: made by `exuvia figure` from its made-up session, so
//! that they are the same on every machine. `cargo xtask pictures` draws them; a test notices when
//! one is stale.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::program;

/// A larger file does not belong into a repository. In bytes.
pub const LARGEST: u64 = 300 * 1024;

/// A picture.
#[derive(Debug, Clone, Copy)]
pub struct Picture {
    /// Its file in `assets/`, without its ending.
    pub name: &'static str,
    /// The arguments of `exuvia figure`, but for the file.
    pub arguments: &'static [&'static str],
}

/// All of them. Add one here, then run `cargo xtask pictures`.
pub const PICTURES: &[Picture] = &[
    Picture { name: "experiment-light", arguments: &["experiment", "--sample", "--zoom", "1"] },
    Picture { name: "experiment-dark", arguments: &["experiment", "--sample", "--zoom", "1", "--theme", "dark"] },
];

impl Picture {
    /// Its file.
    #[must_use]
    pub fn file(&self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets").join(self.name).with_extension("png")
    }

    /// The command that draws it into this file.
    #[must_use]
    pub fn draw(&self, file: &Path) -> Command {
        let mut command = Command::new(program::exuvia());
        command.arg("figure").args(self.arguments).args(["--size", "1440x900", "--scale", "1", "--output"]).arg(file);
        command
    }
}
