//! Finds crates that can be guests, for the dialog that opens one. It reads manifests and asks no
//! cargo: a guess that is quick; what is opened is decided by cargo's own word.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use toml_edit::{Document, Item};

/// So many levels below the folder are looked at.
const DEPTH: usize = 3;

/// So many folders are looked at. A home folder may hold more than anybody wants to wait for.
const MOST_FOLDERS: usize = 20_000;

/// A crate that can be a guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundGuest {
    /// Its package.
    pub name: String,
    /// Its manifest.
    pub manifest: PathBuf,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FoundGuests {
    /// The crates, by their paths.
    pub guests: Vec<FoundGuest>,
    /// Everything was looked at; otherwise there were too many folders, or something else had to be done.
    pub complete: bool,
}

/// The cdylib crates in a folder and below. Folders below that cannot be read are left out.
pub(super) fn list(folder: &Path, stop: &dyn Fn() -> bool) -> io::Result<FoundGuests> {
    let mut guests = Vec::new();
    let mut looked_at = 0;
    // Level by level: where it must stop early, the near ones were seen.
    let mut level = vec![folder.to_owned()];
    let mut below = folders_in(folder)?;
    for depth in 0..=DEPTH {
        if depth > 0 {
            level = std::mem::take(&mut below);
            level.sort();
        }
        for folder in &level {
            if looked_at == MOST_FOLDERS || stop() {
                return Ok(found(guests, false));
            }
            looked_at += 1;
            guests.extend(guest_in(folder));
            if (1..DEPTH).contains(&depth) {
                below.extend(folders_in(folder).unwrap_or_default());
            }
        }
    }
    Ok(found(guests, true))
}

fn found(mut guests: Vec<FoundGuest>, complete: bool) -> FoundGuests {
    guests.sort_by(|a, b| a.manifest.cmp(&b.manifest));
    FoundGuests { guests, complete }
}

/// The folders in which sources may lie. Links are not followed: they may lead in circles.
fn folders_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?.filter_map(Result::ok);
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let sources = folders.filter(|entry| entry.file_name().to_str().is_none_or(may_hold_sources));
    Ok(sources.map(|entry| entry.path()).collect())
}

fn may_hold_sources(name: &str) -> bool {
    !name.starts_with('.') && name != "target" && name != "node_modules"
}

fn guest_in(folder: &Path) -> Option<FoundGuest> {
    let manifest = folder.join("Cargo.toml");
    // Anything but a file, a pipe for one, might never end.
    let text = manifest.is_file().then(|| fs::read_to_string(&manifest).ok())??;
    guest_name(&text).map(|name| FoundGuest { name, manifest })
}

/// The package's name, if a manifest asks for a cdylib.
pub(super) fn guest_name(manifest: &str) -> Option<String> {
    let manifest = Document::parse(manifest).ok()?;
    let name = manifest.get("package")?.get("name")?.as_str()?;
    let library = manifest.get("lib")?;
    let kinds = library.get("crate-type").or_else(|| library.get("crate_type")).and_then(Item::as_array)?;
    kinds.iter().any(|kind| kind.as_str() == Some("cdylib")).then(|| name.to_owned())
}
