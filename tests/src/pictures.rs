//! The pictures in `assets/` that the docs show: made by `exuvia figure` from its made-up session, so
//! that they are the same on every machine. `cargo xtask pictures` draws them; a test notices when
//! one is stale.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::program;

/// A larger file does not belong into a repository. In bytes.
pub const LARGEST: u64 = 300 * 1024;

/// What a picture shows; it is drawn in both themes.
#[derive(Debug, Clone, Copy)]
struct Subject {
    name: &'static str,
    /// Width and height in points; one pixel each.
    size: &'static str,
    /// The arguments of `exuvia figure`, but for theme, size and file.
    arguments: &'static [&'static str],
}

/// All of them. Add one here, then run `cargo xtask pictures`.
const SUBJECTS: &[Subject] = &[
    Subject { name: "window", size: "1440x900", arguments: &["window", "--sample"] },
    Subject { name: "window-chinese", size: "1440x900", arguments: &["window", "--sample", "--language", "zh"] },
    Subject { name: "welcome", size: "1100x720", arguments: &["welcome", "--sample"] },
    Subject { name: "settings", size: "1280x800", arguments: &["settings", "--sample"] },
    Subject { name: "palette", size: "1280x800", arguments: &["palette", "--sample"] },
    Subject { name: "versions", size: "720x790", arguments: &["versions", "--sample"] },
    Subject { name: "timeline", size: "720x360", arguments: &["timeline", "--sample"] },
    Subject { name: "calls", size: "720x500", arguments: &["calls", "--sample"] },
    Subject { name: "change", size: "720x530", arguments: &["change", "--sample"] },
    Subject { name: "state", size: "720x500", arguments: &["state", "--sample"] },
    Subject { name: "details", size: "720x800", arguments: &["details", "--sample"] },
    Subject { name: "memory", size: "720x300", arguments: &["memory", "--sample"] },
    Subject { name: "problems", size: "860x500", arguments: &["problems", "--sample=failed"] },
    Subject { name: "output", size: "720x340", arguments: &["output", "--sample"] },
    Subject { name: "log", size: "720x420", arguments: &["log", "--sample"] },
    Subject { name: "experiment", size: "1440x900", arguments: &["experiment", "--sample"] },
];

/// A picture: a subject in a theme.
#[derive(Debug, Clone, Copy)]
pub struct Picture {
    subject: Subject,
    theme: &'static str,
}

/// All pictures.
pub fn all() -> impl Iterator<Item = Picture> {
    SUBJECTS.iter().flat_map(|subject| ["light", "dark"].map(|theme| Picture { subject: *subject, theme }))
}

impl Picture {
    /// The name of its file.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}-{}.png", self.subject.name, self.theme)
    }

    /// Its file.
    #[must_use]
    pub fn file(&self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets").join(self.name())
    }

    /// The command that draws it into this file.
    #[must_use]
    pub fn draw(&self, file: &Path) -> Command {
        let Subject { size, arguments, .. } = self.subject;
        let mut command = Command::new(program::exuvia());
        command.arg("figure").args(arguments).args(["--theme", self.theme, "--size", size, "--zoom", "1"]);
        command.args(["--scale", "1", "--output"]).arg(file);
        command
    }
}
