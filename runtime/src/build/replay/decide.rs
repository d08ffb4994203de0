//! Whether what has changed can be built by running rustc as cargo ran it, and for which crates. Pure.

use std::path::{Path, PathBuf};

use super::reason::Fallback;
use super::recorded::{Beneath, Kind, Recorded, Unit};
use crate::history::record::SourceHashes;
use crate::session::status::differing;

/// What the decision is made from, besides what is recorded.
pub(super) struct Facts<'a> {
    /// What is saved.
    pub now: &'a SourceHashes,
    /// The files outside all watched folders that are not as they were.
    pub elsewhere: &'a [PathBuf],
    /// Whether what was made of a crate is no longer what it was.
    pub is_newer: &'a dyn Fn(&Unit) -> bool,
    /// A variable, as the crate's rustc would find it.
    pub variable: &'a dyn Fn(&Unit, &str) -> Option<String>,
}

/// The crates to build, dependencies first, the guest last; or why cargo is to do it.
///
/// Whatever is not known to be harmless is cargo's.
pub(super) fn decide(recorded: &Recorded, facts: &Facts<'_>) -> Result<Vec<usize>, Fallback> {
    let Recorded { units, world, .. } = recorded;
    let compiler = |path: &Path| units.iter().any(|unit| unit.invocation.compiler() == Some(path));
    match facts.elsewhere.first() {
        Some(path) if compiler(path) => return Err(Fallback::Compiler),
        Some(path) => return Err(Fallback::Configuration { path: path.clone() }),
        None => {}
    }
    for path in differing(&world.0, &facts.now.0) {
        is_harmless(recorded, facts.now, &path)?;
    }
    let mut to_build = vec![false; units.len()];
    for (index, unit) in units.iter().enumerate() {
        let differs = |file: &PathBuf, from: &SourceHashes| from.0.get(file) != facts.now.0.get(file);
        let has_changed = unit.from.as_ref().is_none_or(|from| unit.files.iter().any(|file| differs(file, from)));
        let is_older = |needed: &usize| to_build[*needed] || units[*needed].built > unit.built;
        to_build[index] = has_changed || unit.needs.iter().any(is_older);
    }
    for (unit, to_build) in units.iter().zip(&to_build) {
        if *to_build {
            can_be_replayed(unit, facts)?;
        } else if (facts.is_newer)(unit) {
            return Err(Fallback::Newer { name: unit.name.clone() });
        }
    }
    let plan: Vec<usize> = (0..units.len()).filter(|index| to_build[*index]).collect();
    if plan.is_empty() { Err(Fallback::Nothing) } else { Ok(plan) }
}

/// Whether a changed file is one that only recorded crates read.
fn is_harmless(recorded: &Recorded, now: &SourceHashes, path: &Path) -> Result<(), Fallback> {
    let owned = || path.to_owned();
    if recorded.settings.contains(path) {
        return Err(match path.file_name().and_then(|name| name.to_str()) {
            Some("Cargo.toml") => Fallback::Manifest { path: owned() },
            Some("Cargo.lock") => Fallback::LockFile,
            _ => Fallback::Configuration { path: owned() },
        });
    }
    if recorded.scripts.iter().any(|watched| path.starts_with(watched)) {
        return Err(Fallback::BuildScript { path: owned() });
    }
    if !now.0.contains_key(path) {
        return Err(Fallback::Gone { path: owned() });
    }
    if recorded.units.iter().any(|unit| unit.files.contains(path)) {
        return Ok(());
    }
    let package = recorded.unrecorded.iter().find(|(folder, _)| path.starts_with(folder));
    Err(match package {
        Some((_, name)) => Fallback::Outside { name: name.clone() },
        None => Fallback::NotListed { path: owned() },
    })
}

fn can_be_replayed(unit: &Unit, facts: &Facts<'_>) -> Result<(), Fallback> {
    if unit.kind == Kind::ProcMacro {
        return Err(Fallback::ProcMacro { name: unit.name.clone() });
    }
    match &unit.beneath {
        Some(Beneath::Outside(name)) => return Err(Fallback::Outside { name: name.clone() }),
        Some(Beneath::BuildScript) => return Err(Fallback::BuildScript { path: unit.root.clone() }),
        None => {}
    }
    match unit.variables.iter().find(|(name, value)| (facts.variable)(unit, name) != *value) {
        Some((name, _)) => Err(Fallback::Environment { name: name.clone() }),
        None => Ok(()),
    }
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
