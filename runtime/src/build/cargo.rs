//! One run of cargo: started, heard, cancelled as a whole process group.
//!
//! Threads: one per build, which waits for the [`BuildLock`], runs cargo and reads its messages; and
//! while cargo runs, one more for its stderr. The caller never waits; it hears [`BuildEvent`]s, the
//! last of which is [`BuildEvent::Finished`].

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::built_from::BuiltFrom;
use super::diagnostic::{Diagnostic, Level};
use super::lock::BuildLock;
use super::messages::{Heard, LockWait, Tail, hear, is_progress, summary};
use super::project::{Project, no_cargo};
use super::{dep_info, environment, progress};
use crate::history::record::{Failure, SourceHashes};
use crate::platform;
use crate::warden::Warden;

/// What a build is to do.
#[derive(Debug, Clone)]
pub struct BuildOrder {
    /// The guest, its features and profile.
    pub project: Arc<Project>,
    /// What is about to be built. If cargo calls the artifact fresh although it was made from
    /// other content (it compares times, and an older file may have been moved over a newer
    /// one), what it knows of the local packages is forgotten, and it builds again.
    pub sources: SourceHashes,
    /// Ends cargo if the workbench is killed.
    pub warden: Option<Arc<Warden>>,
}

/// How a build ended.
#[derive(Debug)]
pub enum BuildOutcome {
    /// Cargo ended with success and named the artifact.
    Built {
        /// The file that cargo made.
        artifact: PathBuf,
        /// To be held until the artifact was staged: until then nobody replaces it.
        lock: BuildLock,
        /// Cargo had nothing to do.
        fresh: bool,
        /// The compiler's warnings.
        warnings: Vec<Diagnostic>,
        /// What was read.
        inputs: BTreeSet<PathBuf>,
    },
    /// Cargo said no.
    Failed(Failure),
    /// [`Build::cancel`] was called in time.
    Cancelled,
}

/// What a build tells.
#[derive(Debug)]
pub enum BuildEvent {
    /// Cargo said something on the way.
    Progress(String),
    /// Cargo's bar moved: so many of its units are built, and these crates are on the way.
    Bar {
        /// Units that are built.
        done: u32,
        /// Units that there are.
        total: u32,
        /// The crates.
        text: String,
    },
    /// It has ended.
    Finished {
        /// How.
        outcome: BuildOutcome,
        /// Cargo's time without [`BuildEvent::Finished::lock`].
        took: Duration,
        /// Time waited for locks.
        lock: Duration,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    NotStarted,
    Running(u32),
    Ended,
    Cancelled,
}

/// A build that was started.
#[derive(Debug)]
pub struct Build {
    stage: Arc<Mutex<Stage>>,
}

impl Build {
    /// Starts cargo on a thread of its own. `tell` is called there.
    pub fn start(order: BuildOrder, tell: impl Fn(BuildEvent) + Send + Sync + 'static) -> Self {
        let stage = Arc::new(Mutex::new(Stage::NotStarted));
        let shared = Arc::clone(&stage);
        std::thread::spawn(move || {
            let began = Instant::now();
            let mut lock = Duration::ZERO;
            let outcome = build(&order, &shared, &tell, &mut lock);
            tell(BuildEvent::Finished { outcome, took: began.elapsed().saturating_sub(lock), lock });
        });
        Self { stage }
    }

    /// Kills cargo and all that it started. A build that has ended is left alone.
    pub fn cancel(&self) {
        let mut stage = lock_stage(&self.stage);
        match *stage {
            Stage::NotStarted => *stage = Stage::Cancelled,
            Stage::Running(pid) => {
                platform::kill_tree(pid);
                *stage = Stage::Cancelled;
            }
            Stage::Ended | Stage::Cancelled => {}
        }
    }
}

fn lock_stage(stage: &Mutex<Stage>) -> std::sync::MutexGuard<'_, Stage> {
    // The stage is a plain value; a panic while it was held cannot have left it half-written.
    stage.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What one run of cargo has made.
#[derive(Debug)]
struct Made {
    artifact: PathBuf,
    fresh: bool,
    warnings: Vec<Diagnostic>,
    inputs: BTreeSet<PathBuf>,
}

/// Why one run of cargo has made nothing.
#[derive(Debug)]
enum Nothing {
    Failed(Failure),
    /// Cancelled; whether cargo was started.
    Cancelled {
        started: bool,
    },
}

fn build(
    order: &BuildOrder,
    stage: &Mutex<Stage>,
    tell: &(impl Fn(BuildEvent) + Sync),
    waited: &mut Duration,
) -> BuildOutcome {
    let BuildOrder { project, sources, .. } = order;
    let selection = &project.selection;
    let waits = || tell(BuildEvent::Progress("waiting for another workbench's build".to_owned()));
    // A crate that was renamed or deleted is not to find a target folder in its old place.
    if !project.root.is_dir() {
        return BuildOutcome::Failed(failed(no_cargo(&std::io::ErrorKind::NotFound.into(), &project.root)));
    }
    let lock = match BuildLock::acquire(&project.target, waits) {
        Ok((lock, time)) => {
            *waited += time;
            lock
        }
        Err(error) => {
            return BuildOutcome::Failed(failed(format!(
                "the build folder {} cannot be locked: {error}; is the disk full or read-only?",
                project.target.display()
            )));
        }
    };
    let mut built_from = BuiltFrom::read(project);
    // A build that was cancelled during the wait starts no cargo.
    let mut made = run(order, stage, tell, waited);
    if let Ok(Made { artifact, fresh: true, inputs, .. }) = &made
        && built_from.differs(selection, sources, &inputs.iter().map(|path| project.shown(path)).collect())
    {
        tell(BuildEvent::Progress("a source file is older than the artifact and differs; building again".to_owned()));
        forget_fingerprints(artifact, project);
        made = again(order, stage, tell, waited);
    }
    let noted = match &made {
        Ok(Made { inputs, .. }) => {
            built_from.built(selection, sources, inputs, project);
            built_from.write(project)
        }
        Err(Nothing::Cancelled { started: true }) => {
            built_from.cancelled(selection, sources);
            built_from.write(project)
        }
        // Cargo does not call fresh what has failed.
        Err(_) => Ok(()),
    };
    if let Err(error) = noted {
        tell(BuildEvent::Progress(format!("what was built cannot be noted: {error}; is the disk full or read-only?")));
    }
    match made {
        Ok(Made { artifact, fresh, warnings, inputs }) => {
            BuildOutcome::Built { artifact, lock, fresh, warnings, inputs }
        }
        Err(Nothing::Failed(failure)) => BuildOutcome::Failed(failure),
        Err(Nothing::Cancelled { .. }) => BuildOutcome::Cancelled,
    }
}

/// Runs cargo a second time in the same build.
fn again(
    order: &BuildOrder,
    stage: &Mutex<Stage>,
    tell: &(impl Fn(BuildEvent) + Sync),
    waited: &mut Duration,
) -> Result<Made, Nothing> {
    let mut current = lock_stage(stage);
    if *current == Stage::Cancelled {
        return Err(Nothing::Cancelled { started: true });
    }
    *current = Stage::NotStarted;
    drop(current);
    run(order, stage, tell, waited)
}

fn command(order: &BuildOrder) -> Command {
    let project = &order.project;
    let mut command = Command::new("cargo");
    command
        .current_dir(&project.root)
        .args(["build", "--lib", "--message-format=json-diagnostic-rendered-ansi", "--color=never"])
        .arg("--manifest-path")
        .arg(&project.manifest)
        .arg("--package")
        .arg(&project.id)
        .arg("--target-dir")
        .arg(&project.target)
        .args(project.selection.options())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for name in environment::not_passed_on() {
        command.env_remove(name);
    }
    command.envs(&project.settings.environment).envs(progress::ENVIRONMENT);
    platform::isolate(&mut command);
    command
}

fn run(
    order: &BuildOrder,
    stage: &Mutex<Stage>,
    tell: &(impl Fn(BuildEvent) + Sync),
    waited: &mut Duration,
) -> Result<Made, Nothing> {
    let mut current = lock_stage(stage);
    if *current == Stage::Cancelled {
        return Err(Nothing::Cancelled { started: false });
    }
    let mut child = match command(order).spawn() {
        Ok(child) => child,
        Err(error) => {
            return Err(Nothing::Failed(failed(no_cargo(&error, &order.project.root))));
        }
    };
    let guarded = order.warden.as_ref().map(|warden| warden.guard(child.id()));
    *current = Stage::Running(child.id());
    drop(current);

    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let mut heard = Heard::default();
    let mut tail = Tail::default();
    let mut wait = LockWait::default();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut told = progress::Told::default();
            for line in stderr.into_iter().flat_map(progress::pieces) {
                wait.line(&line, Instant::now());
                if let Some(bar) = progress::bar(&line) {
                    if let Some(progress::Bar { done, total, text }) = told.news(bar) {
                        tell(BuildEvent::Bar { done, total, text });
                    }
                } else if progress::is_drawn(&line) {
                    // Each replaces the one before, and none is the last word.
                } else if is_progress(&line) {
                    tell(BuildEvent::Progress(line.trim().to_owned()));
                } else {
                    tail.push(&line);
                }
            }
            wait.anything(Instant::now());
        });
        if let Some(stdout) = stdout {
            heard = hear(stdout, &order.project.id);
        }
    });
    *waited += wait.total();

    {
        // From here on the process id may be given to another process.
        let mut stage = lock_stage(stage);
        if *stage != Stage::Cancelled {
            *stage = Stage::Ended;
        }
    }
    drop(guarded);
    let status = child.wait();
    if status.as_ref().is_ok_and(|status| status.code().is_none()) {
        // Cargo was killed, and cannot have ended its compilers: they would write into the next build.
        // As long as one of them is alive, nobody else is given the group's id.
        platform::kill_tree(child.id());
    }
    if *lock_stage(stage) == Stage::Cancelled {
        return Err(Nothing::Cancelled { started: true });
    }
    match status {
        Ok(status) if status.success() => made(heard, &tail, &order.project).map_err(Nothing::Failed),
        Ok(status) => {
            let errors: Vec<&Diagnostic> = heard.errors().collect();
            let stderr = tail.text();
            let message = if errors.is_empty() && stderr.trim().is_empty() {
                format!("cargo ended with {}", platform::ending(status))
            } else {
                summary(&errors, &stderr)
            };
            let mut diagnostics = heard.diagnostics;
            diagnostics.sort_by_key(|diagnostic| diagnostic.level);
            Err(Nothing::Failed(Failure::Build { message, diagnostics, stderr }))
        }
        Err(error) => Err(Nothing::Failed(failed(format!("cargo's end cannot be learned: {error}")))),
    }
}

fn made(heard: Heard, tail: &Tail, project: &Project) -> Result<Made, Failure> {
    let Some((artifact, fresh)) = heard.artifact else {
        return Err(Failure::Build {
            message: format!(
                "cargo ended with success and named no cdylib of `{}`; is its crate-type still \"cdylib\"?",
                project.name
            ),
            diagnostics: heard.diagnostics,
            stderr: tail.text(),
        });
    };
    let warnings = heard.diagnostics.into_iter().filter(|diagnostic| diagnostic.level == Level::Warning).collect();
    let inputs = dep_info::inputs(&artifact, &project.workspace_root);
    Ok(Made { artifact, fresh, warnings, inputs })
}

fn failed(message: String) -> Failure {
    Failure::Build { message, diagnostics: Vec::new(), stderr: String::new() }
}

/// Removes cargo's fingerprints of the local packages from our own target folder, so that it
/// builds them whatever the times of their files say.
fn forget_fingerprints(artifact: &Path, project: &Project) {
    let Some(folder) = artifact.parent().map(|profile| profile.join(".fingerprint")) else { return };
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        // A folder is called `<package>-<16 hexadecimal digits>`.
        let package = name.to_str().and_then(|name| name.rsplit_once('-')).map(|(package, _)| package);
        if project.local.iter().any(|local| Some(local.name.as_str()) == package) {
            // What stays because it cannot be removed is at worst found fresh again.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_that_is_cancelled_while_it_waits_starts_no_cargo() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let project = Project::sample(root, Vec::new());
        let (lock, _) = BuildLock::acquire(&project.target, || {}).unwrap();
        let order = BuildOrder { project: Arc::new(project), sources: SourceHashes::default(), warden: None };
        let (say, told) = std::sync::mpsc::channel();
        let build = Build::start(order, move |event| say.send(event).unwrap());
        build.cancel();
        drop(lock);
        // There is no manifest: a cargo that was started would fail.
        let events: Vec<BuildEvent> = told.iter().collect();
        assert!(matches!(events[..], [BuildEvent::Finished { outcome: BuildOutcome::Cancelled, .. }]), "{events:?}");
    }
}
