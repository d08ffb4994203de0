//! Guest crates, each in a folder and a workspace of its own.
//!
//! They share one target folder, so that the SDK is compiled once; what a guest has put there is
//! removed with it. They use the repository's lock file, so that nothing is downloaded.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

use crate::program::{guests_target, workspace};
use crate::save;

/// A crate in a temporary folder. Dropped, it is gone, with all that was built of it.
#[derive(Debug)]
pub struct Guest {
    /// The package's name, which no other guest has.
    pub name: String,
    /// The package's folder, without links in its path.
    pub root: PathBuf,
    _folder: TempDir,
}

impl Guest {
    /// A guest with this `src/lib.rs`, which depends on the SDK.
    #[must_use]
    pub fn new(test: &str, lib: &str) -> Self {
        Self::with_manifest(test, lib, &[("[dependencies]", &sdk())])
    }

    /// A guest that depends on serde, too, for its state.
    #[must_use]
    pub fn with_state(test: &str, lib: &str) -> Self {
        let dependencies = format!("{}serde = {{ version = \"1\", features = [\"derive\"] }}\n", sdk());
        Self::with_manifest(test, lib, &[("[dependencies]", &dependencies)])
    }

    /// A guest that depends on nothing.
    #[must_use]
    pub fn bare(test: &str, lib: &str) -> Self {
        Self::with_manifest(test, lib, &[])
    }

    /// A guest with these sections in its manifest, besides `[package]`, `[lib]` and `[workspace]`.
    #[must_use]
    pub fn with_manifest(test: &str, lib: &str, sections: &[(&str, &str)]) -> Self {
        let guest = Self::empty(test);
        guest.write("Cargo.toml", &guest.manifest(sections));
        guest.write("src/lib.rs", lib);
        guest
    }

    /// A folder that is set up for guests, and is none yet: without a manifest.
    ///
    /// # Panics
    /// When the folder cannot be made.
    #[must_use]
    pub fn empty(test: &str) -> Self {
        // Test runs at the same time must not share artifacts, and neither must two guests.
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("{test}-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = tempfile::Builder::new().prefix("exuvia-test-").tempdir().expect("a temporary folder");
        let root = folder.path().canonicalize().expect("the folder's real path").join("guest");
        let guest = Self { name, root, _folder: folder };
        guest.write("Cargo.lock", &fs::read_to_string(workspace().join("Cargo.lock")).expect("the lock file"));
        // Debug information would only cost time.
        let target = guests_target();
        let config = format!(
            "[build]\ntarget-dir = {target:?}\n[net]\noffline = true\n[profile.dev]\ndebug = false\n[profile.test]\ndebug = false\n",
            target = target.display().to_string()
        );
        guest.write(".cargo/config.toml", &config);
        guest
    }

    /// The text of a manifest with these sections.
    #[must_use]
    pub fn manifest(&self, sections: &[(&str, &str)]) -> String {
        let mut text = format!(
            "[package]\nname = \"{}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[lib]\ncrate-type = [\"cdylib\"]\n\n[workspace]\n",
            self.name
        );
        for (head, body) in sections {
            text.push_str(&format!("\n{head}\n{body}"));
        }
        text
    }

    /// A path in the guest's folder.
    #[must_use]
    pub fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Writes a file of the guest, with the folders above it.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write(&self, path: &str, text: &str) {
        write(&self.path(path), text);
    }

    /// Saves `src/lib.rs`, as an editor does.
    pub fn save(&self, lib: &str) {
        save::rename_over(&self.path("src/lib.rs"), lib);
    }
}

/// Writes a file with the folders above it.
///
/// # Panics
/// When it cannot be written.
pub fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("the file's folder");
    fs::write(path, text).expect("a file");
}

/// The dependency on the SDK.
#[must_use]
pub fn sdk() -> String {
    format!("exuvia-guest = {{ path = {:?} }}\n", workspace().join("reloadable/guest").display().to_string())
}

impl Drop for Guest {
    fn drop(&mut self) {
        let target = guests_target().join("exuvia");
        let library = format!("lib{}", self.name.replace('-', "_"));
        let folders =
            ["history", "replay", "debug", "debug/deps", "debug/.fingerprint", "debug/build", "debug/incremental"];
        let recorded = fs::read_dir(target.join("replay/recorded")).into_iter().flatten().flatten();
        for folder in folders.map(|folder| target.join(folder)).into_iter().chain(recorded.map(|entry| entry.path())) {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let name = entry.file_name();
                let name = name.to_string_lossy();
                let is_ours = [self.name.as_str(), library.as_str(), &library[3..]].iter().any(|ours| {
                    name.strip_prefix(ours).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '.']))
                });
                if is_ours {
                    // What cannot be removed costs disk space, and no test.
                    let _ = fs::remove_dir_all(entry.path()).or_else(|_| fs::remove_file(entry.path()));
                }
            }
        }
    }
}
