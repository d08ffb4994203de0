//! Runs rustc as it was recorded, crate by crate, and hears its messages.
//!
//! The guest's rustc says when its library is written. What it does after that, tidying up, nobody waits for:
//! the incremental cache is complete before the linker is called.
//!
//! Threads: none of its own; it runs on the build's.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr};
use std::time::{Instant, SystemTime};

use serde::Deserialize;

use super::ahead::{Ahead, Call, Gate};
use super::phases::{self, Phases, Seen};
use super::reason::Fallback;
use super::recorded::{self, Hashes, Recorded, Unit};
use crate::build::Project;
use crate::build::cancel::{Cancel, NotStarted};
use crate::build::diagnostic::{Diagnostic, Level};
use crate::build::link::Linking;
use crate::build::messages::{self, Tail};
use crate::build::progress::pieces;
use crate::history::record::{Failure, SourceHashes};
use crate::platform;

/// Errors that come of artifacts which are not as the compiler expects them, and which cargo builds
/// anew: rustc's error index, E0455 to E0519.
const CARGOS: [&str; 8] = ["E0460", "E0461", "E0462", "E0463", "E0464", "E0514", "E0519", "E0786"];

/// By which make and cargo tell a process where to ask for leave to use a processor: GNU make's manual, "POSIX Jobserver
/// Interaction".
const MAKES_OWN: [&str; 3] = ["MAKEFLAGS", "MFLAGS", "CARGO_MAKEFLAGS"];

/// How a replay ended.
#[derive(Debug)]
pub(crate) enum Replayed {
    /// The guest's artifact is there; it may be moved away.
    Built {
        artifact: PathBuf,
        warnings: Vec<Diagnostic>,
        /// What the guest and the crates below it were read from.
        inputs: BTreeSet<PathBuf>,
        /// The guest's rustc, which has not ended yet.
        rest: Rest,
        /// Where the time went.
        phases: Option<Phases>,
    },
    /// The compiler said no.
    Failed(Failure),
    Cancelled,
    /// Cargo is to build after all.
    Cargo(Fallback),
}

/// A rustc that has made its library and is about to end.
#[derive(Debug)]
pub(crate) struct Rest {
    child: Child,
    stderr: Option<ChildStderr>,
}

impl Rest {
    /// Waits for its end. How it ends says nothing any more: the library is whole.
    pub(crate) fn wait(mut self, cancel: &Cancel) {
        // It must not be left with nobody who reads what it says.
        let _ = self.stderr.take().map(|mut stderr| io::copy(&mut stderr, &mut io::sink()));
        let _ = cancel.wait(&mut self.child);
    }
}

/// What is to be done, and by what.
#[derive(Debug)]
pub(super) struct Task<'a> {
    /// The units.
    pub plan: &'a [usize],
    /// The replay's number.
    pub number: u64,
    /// What the sources are now.
    pub sources: &'a SourceHashes,
    /// What cargo's own environment is.
    pub environment: &'a [(OsString, OsString)],
    /// How the guest is linked.
    pub linking: &'a Linking,
}

/// Runs rustc for these units, and notes in `recorded` what they are built from now.
pub(super) fn run(recorded: &mut Recorded, ahead: &mut Ahead, task: &Task<'_>, cancel: &Cancel) -> Replayed {
    let &Task { plan, number, sources, environment, linking } = task;
    let rustc = |message: String| Replayed::Cargo(Fallback::Rustc { message });
    let started = SystemTime::now();
    let (mut artifact, mut rest) = (None, None);
    let mut runs = Vec::new();
    let guest = recorded.units.len().saturating_sub(1);
    for &index in plan {
        let unit = &mut recorded.units[index];
        let Some(out) = unit.invocation.out_dir().map(Path::to_owned) else {
            return rustc("the recording names no folder".to_owned());
        };
        // From here on the artifact is not what cargo has made.
        if unit.built == 0
            && let Err(error) = forget_fingerprint(&out, unit)
        {
            return rustc(format!("cargo's fingerprint of {} cannot be removed: {error}", unit.name));
        }
        // Until it has come to its end, nobody knows what its artifact is made from.
        let from = unit.from.take();
        let call = call(unit, environment, linking.linker().filter(|_| index == guest));
        let (run_started, began) = (SystemTime::now(), Instant::now());
        let held = if index == guest { ahead.take(&call, cancel) } else { None };
        let mut child = match held.map_or_else(|| cancel.start(&mut call.command()), Ok) {
            Ok(child) => child,
            Err(NotStarted::Cancelled) => return Replayed::Cancelled,
            Err(NotStarted::Error(error)) => return rustc(format!("it cannot be started: {error}")),
        };
        let mut heard = Heard::default();
        let mut stderr = child.stderr.take();
        for line in stderr.as_mut().into_iter().flat_map(pieces) {
            heard.line(&line);
            if index == guest && heard.library.is_some() {
                break;
            }
        }
        if index == guest && heard.library.is_some() {
            let memory = platform::own_memory(child.id());
            rest = Some(Rest { child, stderr });
            let is_elsewhere = from.is_some_and(|from| from.0.get(&unit.root) == sources.0.get(&unit.root));
            let bytes =
                heard.library.as_ref().and_then(|library| std::fs::metadata(library).ok()).map(|found| found.len());
            let linker = linking.standing().map(Path::to_owned).zip(bytes);
            let gate = gate(&recorded.project, unit, is_elsewhere).map(|gate| Gate { memory, linker, ..gate });
            ahead.replayed(call, gate, began.elapsed());
        } else {
            let status = cancel.wait(&mut child);
            if cancel.is_cancelled() {
                return Replayed::Cancelled;
            }
            let status = match status {
                Ok(status) => status,
                Err(error) => return rustc(format!("its end cannot be learned: {error}")),
            };
            if !status.success() {
                return match heard.is_the_codes_fault() {
                    true if status.code() == Some(1) => Replayed::Failed(failure(recorded, index, heard)),
                    _ => rustc(heard.words().unwrap_or_else(|| platform::ending(status))),
                };
            }
        }
        runs.push(Seen {
            incremental: unit.invocation.incremental().zip(unit.invocation.crate_name().map(str::to_owned)),
            started: run_started,
            linked: heard.linked,
            ended: SystemTime::now(),
        });
        let hashes = Hashes { project: &recorded.project, sources, started };
        let dep_info = out.join(format!("{}.d", unit.stem));
        if hashes.take(unit, &dep_info).is_none() {
            return rustc(format!("{} is missing", dep_info.display()));
        }
        unit.built = number;
        unit.output = recorded::output(&out, &unit.stem);
        let root = recorded.project.absolute(&unit.root);
        artifact = heard.library;
        note(&mut recorded.warnings, root, heard.diagnostics);
    }
    let (Some(artifact), Some(rest)) = (artifact, rest) else { return rustc("it has named no library".to_owned()) };
    let mut inputs = recorded.read.clone();
    inputs.extend(recorded.units.iter().flat_map(|unit| &unit.files).map(|file| recorded.project.absolute(file)));
    let warnings = recorded.warnings.iter().flat_map(|(_, warnings)| warnings);
    let warnings = warnings.filter(|diagnostic| diagnostic.level == Level::Warning).cloned().collect();
    Replayed::Built { artifact, warnings, inputs, rest, phases: phases::of_replay(&runs) }
}

fn call(unit: &Unit, environment: &[(OsString, OsString)], linker: Option<&Path>) -> Call {
    let invocation = &unit.invocation;
    let mut all: BTreeMap<OsString, OsString> = environment.iter().cloned().collect();
    all.extend(invocation.set.iter().map(|(name, value)| (name.into(), value.into())));
    for name in &invocation.unset {
        all.remove(OsStr::new(name));
    }
    // What it says of a make that has started the workbench are numbers of streams that are not open here.
    for name in MAKES_OWN {
        all.remove(OsStr::new(name));
    }
    let mut args: Vec<OsString> = invocation.args.iter().map(OsString::from).collect();
    if let Some(linker) = linker {
        let mut option = OsString::from("-Clinker=");
        option.push(linker);
        args.push(option);
    }
    let folder = invocation.folder.clone();
    Call { program: invocation.program.clone(), args, folder, environment: all.into_iter().collect() }
}

/// Where the crate's rustc may be held for its next run. `is_elsewhere`: the last edit was not in its root file.
fn gate(project: &Project, unit: &Unit, is_elsewhere: bool) -> Option<Gate> {
    let invocation = &unit.invocation;
    let root = project.absolute(&unit.root);
    let root = invocation.args.iter().find(|arg| invocation.folder.join(arg) == root).map(OsString::from)?;
    let has_others = unit.files.len() > 1;
    let behind = invocation.incremental_as_written().filter(|_| is_elsewhere && has_others).map(OsString::from);
    Some(Gate { root, behind, memory: None, linker: None })
}

/// Takes back cargo's word that it knows what the crate's artifact was made from. Without it cargo
/// builds the crate, whatever the times of files say.
fn forget_fingerprint(out_dir: &Path, unit: &Unit) -> io::Result<()> {
    let Some(profile) = out_dir.parent() else { return Ok(()) };
    let package = format!("{}-", unit.invocation.package().unwrap_or(&unit.name));
    let entries = match std::fs::read_dir(profile.join(".fingerprint")) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries.flatten() {
        let is_packages = entry.file_name().to_str().is_some_and(|name| name.starts_with(&package));
        // The package's build script has folders of its own, and keeps them.
        if is_packages && entry.path().join(format!("lib-{}", unit.name)).exists() {
            std::fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// In place of what the crate's compiler said before.
fn note(warnings: &mut Vec<(PathBuf, Vec<Diagnostic>)>, root: PathBuf, new: Vec<Diagnostic>) {
    match warnings.iter_mut().find(|(known, _)| *known == root) {
        Some((_, old)) => *old = new,
        None => warnings.push((root, new)),
    }
}

/// What one rustc has said.
#[derive(Debug, Default)]
struct Heard {
    diagnostics: Vec<Diagnostic>,
    library: Option<PathBuf>,
    /// When it last said that something is linked.
    linked: Option<SystemTime>,
    tail: Tail,
}

/// A line of rustc's: <https://doc.rust-lang.org/rustc/json.html>.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", tag = "$message_type")]
enum Line {
    Diagnostic(Box<cargo_metadata::diagnostic::Diagnostic>),
    Artifact {
        artifact: PathBuf,
        emit: String,
    },
    #[serde(other)]
    Other,
}

impl Heard {
    fn line(&mut self, line: &str) {
        match serde_json::from_str(line) {
            Ok(Line::Diagnostic(diagnostic)) => self.diagnostics.extend(messages::diagnostic(*diagnostic)),
            Ok(Line::Artifact { artifact, emit }) if emit == "link" => {
                self.linked = Some(SystemTime::now());
                let is_library = artifact.extension().is_some_and(|is| is == std::env::consts::DLL_EXTENSION);
                self.library = is_library.then_some(artifact).or(self.library.take());
            }
            Ok(Line::Artifact { .. } | Line::Other) => {}
            Err(_) => self.tail.push(line),
        }
    }

    fn errors(&self) -> Vec<&Diagnostic> {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.level == Level::Error).collect()
    }

    /// Whether there is an error in the sources, and none that cargo would get over.
    fn is_the_codes_fault(&self) -> bool {
        let errors = self.errors();
        let is_cargos = |error: &&Diagnostic| error.code.as_deref().is_some_and(|code| CARGOS.contains(&code));
        errors.iter().any(|error| error.place.is_some()) && !errors.iter().any(is_cargos)
    }

    fn words(&self) -> Option<String> {
        let first = self.errors().first().map(|error| error.message.clone());
        let tail = self.tail.text();
        first.or_else(|| tail.lines().find(|line| !line.trim().is_empty()).map(str::to_owned))
    }
}

/// A failed build as cargo tells it: with the warnings of the other crates, but of those that were
/// to be built on this one.
fn failure(recorded: &Recorded, failed: usize, heard: Heard) -> Failure {
    let mut above = vec![false; recorded.units.len()];
    for (index, unit) in recorded.units.iter().enumerate() {
        above[index] = index == failed || unit.needs.iter().any(|needed| above[*needed]);
    }
    let roots: Vec<PathBuf> = recorded
        .units
        .iter()
        .zip(&above)
        .filter(|(_, above)| **above)
        .map(|(unit, _)| recorded.project.absolute(&unit.root))
        .collect();
    let others = recorded.warnings.iter().filter(|(root, _)| !roots.contains(root));
    let errors = heard.errors();
    let message = messages::summary(&errors, "");
    let unit = &recorded.units[failed];
    let package = unit.invocation.package().unwrap_or(&unit.name);
    let warnings = heard.diagnostics.iter().filter(|diagnostic| diagnostic.level == Level::Warning).count();
    let stderr = could_not_compile(package, errors.len(), warnings);
    let mut diagnostics: Vec<Diagnostic> = others.flat_map(|(_, warnings)| warnings.clone()).collect();
    diagnostics.extend(heard.diagnostics);
    diagnostics.sort_by_key(|diagnostic| diagnostic.level);
    Failure::Build { message, diagnostics, stderr }
}

/// Cargo's last word about a crate.
fn could_not_compile(package: &str, errors: usize, warnings: usize) -> String {
    let count = |number: usize, one: &str, many: &str| match number {
        1 => format!("1 {one}"),
        _ => format!("{number} {many}"),
    };
    let mut text = format!(
        "error: could not compile `{package}` (lib) due to {}",
        count(errors, "previous error", "previous errors")
    );
    if warnings > 0 {
        text.push_str(&format!("; {}", count(warnings, "warning emitted", "warnings emitted")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(code: Option<&str>, has_place: bool) -> String {
        let span = r#"{"file_name":"l.rs","byte_start":0,"byte_end":1,"line_start":1,"line_end":1,"column_start":1,
            "column_end":2,"is_primary":true,"text":[],"label":null,"suggested_replacement":null,
            "suggestion_applicability":null,"expansion":null}"#;
        let code = code.map_or("null".to_owned(), |code| format!(r#"{{"code":"{code}","explanation":null}}"#));
        let spans = if has_place { span } else { "" };
        let line = format!(
            r#"{{"$message_type":"diagnostic","message":"no","code":{code},"level":"error","spans":[{spans}],
            "children":[],"rendered":"error: no"}}"#
        );
        line.replace('\n', "")
    }

    #[test]
    fn only_errors_in_the_sources_are_the_codes_fault() {
        for (lines, fault) in [
            (vec![error(Some("E0308"), true)], true),
            (vec![error(None, true)], true),
            (vec![error(None, false)], false),
            (vec![error(Some("E0308"), true), error(Some("E0463"), true)], false),
            (vec!["error: the compiler unexpectedly panicked".to_owned()], false),
            (vec![], false),
        ] {
            let mut heard = Heard::default();
            lines.iter().for_each(|line| heard.line(line));
            assert_eq!(heard.is_the_codes_fault(), fault, "{lines:?}");
        }
    }

    #[test]
    fn the_library_is_what_rustc_names() {
        let mut heard = Heard::default();
        for file in ["g.d", "libg.rlib", "libg.so"] {
            let emit = if file == "g.d" { "dep-info" } else { "link" };
            heard.line(&format!(r#"{{"$message_type":"artifact","artifact":"/o/{file}","emit":"{emit}"}}"#));
        }
        heard.line(r#"{"$message_type":"future_incompat","future_incompat_report":[]}"#);
        let wanted = format!("/o/libg.{}", std::env::consts::DLL_EXTENSION);
        assert_eq!(heard.library.is_some_and(|library| library.to_str() == Some(&wanted)), cfg!(target_os = "linux"));
        assert!(heard.tail.text().is_empty());
    }

    #[test]
    fn the_last_word_is_cargos() {
        assert_eq!(could_not_compile("g", 1, 0), "error: could not compile `g` (lib) due to 1 previous error");
        assert_eq!(
            could_not_compile("g", 2, 1),
            "error: could not compile `g` (lib) due to 2 previous errors; 1 warning emitted"
        );
    }
}
