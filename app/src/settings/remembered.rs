//! What the window remembers by itself, in `remembered.json`. It is a convenience: a file that cannot
//! be used is ignored, and told.

use std::path::PathBuf;

use exuvia_runtime::ids::Timestamp;
use serde::{Deserialize, Serialize};

/// So many guests are remembered.
pub const MOST_RECENT: usize = 12;

/// What the window remembers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Remembered {
    /// Guests that were opened, newest first, each once, at most [`MOST_RECENT`].
    pub recent: Vec<RecentGuest>,
    /// The panels of a wide window, as the window writes them.
    pub layout_wide: Option<serde_json::Value>,
    /// Those of a narrow window.
    pub layout_narrow: Option<serde_json::Value>,
    /// The window's size.
    pub window: Option<WindowSize>,
}

/// A guest that was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecentGuest {
    /// Its package.
    pub name: String,
    /// Its manifest, which tells guests apart.
    pub manifest: PathBuf,
    /// When it was opened last.
    pub at: Timestamp,
}

/// The window's size in points.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct WindowSize {
    /// From left to right.
    pub width: f32,
    /// From top to bottom.
    pub height: f32,
}

impl Remembered {
    /// Notes that a guest was opened.
    pub fn opened(&mut self, guest: RecentGuest) {
        self.recent.push(guest);
        self.tidy();
    }

    /// Makes true what is said about [`Remembered::recent`]: the file may hold anything.
    pub(super) fn tidy(&mut self) {
        self.recent.sort_by_key(|guest| std::cmp::Reverse(guest.at));
        let mut seen = std::collections::HashSet::new();
        self.recent.retain(|guest| seen.insert(guest.manifest.clone()));
        self.recent.truncate(MOST_RECENT);
        self.window =
            self.window.filter(|size| [size.width, size.height].iter().all(|side| side.is_finite() && *side >= 1.0));
    }

    /// The file's text.
    pub(super) fn text(&self) -> Result<String, serde_json::Error> {
        let mut kept = self.clone();
        // JSON has no way to write a path that is no Unicode; one such guest must not cost the rest.
        kept.recent.retain(|guest| guest.manifest.to_str().is_some());
        serde_json::to_string_pretty(&kept).map(|text| text + "\n")
    }
}
