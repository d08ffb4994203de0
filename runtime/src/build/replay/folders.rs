//! Where recordings lie: below our private target folder.
//!
//! ```text
//! <target>/exuvia/replay/
//!     recorder                          the script that cargo runs in place of rustc
//!     environment.json                  hashes of the environment that cargo was started with
//!     recorded/<8 digits>/<stem>.json   the latest run of rustc for a crate, by cargo's output folder
//!     <guest>/<8 digits>.json           of a guest, by its features and profile: the run that made the
//!                                       artifact which cargo still has
//!     <guest>/<8 digits>/               the same guest's linker and base library, as `build/link` has them
//! ```

use std::path::{Path, PathBuf};

use crate::build::Project;
use crate::history;
use crate::history::record::ContentHash;

/// The folders of one target folder.
#[derive(Debug, Clone)]
pub(super) struct Folders {
    root: PathBuf,
}

impl Folders {
    pub(super) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    pub(super) fn of(project: &Project) -> Self {
        Self::new(project.target.join("replay"))
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn script(&self) -> PathBuf {
        self.root.join("recorder")
    }

    pub(super) fn base(&self) -> PathBuf {
        self.root.join("environment.json")
    }

    /// The recording of the crate that rustc makes files with this stem of.
    pub(super) fn recording(&self, out_dir: &Path, stem: &str) -> PathBuf {
        let place = ContentHash::of(out_dir.as_os_str().as_encoded_bytes());
        self.root.join("recorded").join(place.short()).join(format!("{stem}.json"))
    }

    /// What is known of the guest's own artifact in cargo's folder.
    pub(super) fn guest(&self, project: &Project) -> PathBuf {
        self.linking(project).with_extension("json")
    }

    /// How the guest is linked.
    pub(super) fn linking(&self, project: &Project) -> PathBuf {
        let guest = history::folder(project);
        let guest = guest.file_name().unwrap_or_default();
        let selection = ContentHash::of(project.selection.to_string().as_bytes());
        self.root.join(guest).join(selection.short())
    }
}
