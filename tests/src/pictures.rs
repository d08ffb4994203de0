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
    /// Width and height in points; one pixel each.
    pub size: &'static str,
    /// The arguments of `exuvia figure`, but for the size and the file.
    pub arguments: &'static [&'static str],
}

/// All of them. Add one here, then run `cargo xtask pictures`.
pub const PICTURES: &[Picture] = &[
    Picture { name: "window-light", size: "1440x900", arguments: &["window", "--sample"] },
    Picture { name: "window-dark", size: "1440x900", arguments: &["window", "--sample", "--theme", "dark"] },
    Picture { name: "window-chinese-light", size: "1440x900", arguments: &["window", "--sample", "--language", "zh"] },
    Picture { name: "welcome-light", size: "1100x720", arguments: &["welcome", "--sample"] },
    Picture { name: "settings-light", size: "1280x800", arguments: &["settings", "--sample"] },
    Picture { name: "palette-dark", size: "1280x800", arguments: &["palette", "--sample", "--theme", "dark"] },
    Picture { name: "versions-light", size: "720x790", arguments: &["versions", "--sample"] },
    Picture { name: "timeline-light", size: "720x360", arguments: &["timeline", "--sample"] },
    Picture { name: "timeline-dark", size: "720x360", arguments: &["timeline", "--sample", "--theme", "dark"] },
    Picture { name: "calls-light", size: "720x500", arguments: &["calls", "--sample"] },
    Picture { name: "change-light", size: "720x530", arguments: &["change", "--sample"] },
    Picture { name: "change-dark", size: "720x530", arguments: &["change", "--sample", "--theme", "dark"] },
    Picture { name: "state-light", size: "720x500", arguments: &["state", "--sample"] },
    Picture { name: "details-light", size: "720x800", arguments: &["details", "--sample"] },
    Picture { name: "memory-light", size: "720x300", arguments: &["memory", "--sample"] },
    Picture { name: "problems-light", size: "860x500", arguments: &["problems", "--sample=failed"] },
    Picture { name: "problems-dark", size: "860x500", arguments: &["problems", "--sample=failed", "--theme", "dark"] },
    Picture { name: "output-light", size: "720x340", arguments: &["output", "--sample"] },
    Picture { name: "log-light", size: "720x420", arguments: &["log", "--sample"] },
    Picture { name: "experiment-light", size: "1440x900", arguments: &["experiment", "--sample"] },
    Picture { name: "experiment-dark", size: "1440x900", arguments: &["experiment", "--sample", "--theme", "dark"] },
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
        command.arg("figure").args(self.arguments).args(["--size", self.size, "--zoom", "1", "--scale", "1"]);
        command.arg("--output").arg(file);
        command
    }
}
