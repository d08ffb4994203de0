//! One build: by a [replay](super::replay) where that will do, else one run of cargo: started, heard,
//! cancelled as a whole process group.
//!
//! Threads: one per build, which waits for the [`BuildLock`], runs rustc or cargo and reads its
//! messages; and while cargo runs, one more for its stderr. The caller never waits; it hears [`BuildEvent`]s, the
//! last of which is [`BuildEvent::Finished`].

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use super::built_from::BuiltFrom;
use super::cancel::{Cancel, NotStarted};
use super::diagnostic::{Diagnostic, Level};
use super::link::BaseLibrary;
use super::lock::BuildLock;
use super::messages::{Heard, LockWait, Tail, hear, is_progress, summary};
use super::project::{Project, no_cargo};
use super::replay::{BuildPath, Fallback, Finished, Phases, Plan, Replayed, Replays, Rest};
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
    /// What may be done without cargo, and where what cargo does is recorded. `None`: nothing.
    pub replays: Option<Arc<Replays>>,
    /// Why cargo is to build whatever could be replayed.
    pub by_cargo: Option<Fallback>,
    /// Nobody waits for it, and what it makes is only looked at: when it is stopped, that changes nothing. A
    /// replay links the guest as cargo would.
    pub is_check: bool,
}

/// How a build ended.
#[derive(Debug)]
pub enum BuildOutcome {
    /// Cargo ended with success and named the artifact.
    Built {
        /// The file that was made.
        artifact: PathBuf,
        /// By which path. What a replay has made may be moved; what cargo has made is cargo's.
        path: BuildPath,
        /// To be held until the artifact was staged: until then nobody replaces it.
        lock: BuildLock,
        /// Cargo had nothing to do.
        fresh: bool,
        /// The compiler's warnings.
        warnings: Vec<Diagnostic>,
        /// What was read.
        inputs: BTreeSet<PathBuf>,
        /// Where the time of a replay went, if that can be told.
        phases: Option<Phases>,
    },
    /// The compiler or cargo said no.
    Failed {
        /// What they said.
        failure: Failure,
        /// By which path.
        path: BuildPath,
    },
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
    /// After the end: the base library was linked, or why there is none.
    Base(Result<BaseLibrary, String>),
    /// It has ended.
    Finished {
        /// How.
        outcome: Box<BuildOutcome>,
        /// Cargo's time without [`BuildEvent::Finished::lock`].
        took: Duration,
        /// Time waited for locks.
        lock: Duration,
    },
}

/// A build that was started.
#[derive(Debug)]
pub struct Build {
    cancel: Arc<Cancel>,
}

impl Build {
    /// Starts a build on a thread of its own. `tell` is called there.
    pub fn start(order: BuildOrder, tell: impl Fn(BuildEvent) + Send + Sync + 'static) -> Self {
        let cancel = Arc::new(Cancel::new(order.warden.clone()));
        let shared = Arc::clone(&cancel);
        std::thread::spawn(move || {
            let began = Instant::now();
            let mut lock = Duration::ZERO;
            let mut after = None;
            let outcome = Box::new(build(&order, &shared, &tell, &mut lock, &mut after));
            let resting = order.replays.as_deref().filter(|_| after.is_some()).map(Replays::resting);
            tell(BuildEvent::Finished { outcome, took: began.elapsed().saturating_sub(lock), lock });
            if let Some((plan, rest)) = after {
                rest.wait(&shared);
                drop(resting);
                link_base(&order, &plan, &tell);
            }
            if let Some(replays) = order.replays.as_deref() {
                replays.prepare(&order.project, order.warden.as_ref());
            }
        });
        Self { cancel }
    }

    /// Kills what runs, and all that it started. A build that has ended is left alone.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }
}

/// What one run of cargo has made.
#[derive(Debug)]
struct Made {
    artifact: PathBuf,
    fresh: bool,
    /// The compiler's messages, with the root files of their crates.
    told: Vec<(PathBuf, Diagnostic)>,
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

/// Nobody waits for it: the next build may already run.
fn link_base(order: &BuildOrder, plan: &Plan, tell: &impl Fn(BuildEvent)) {
    let Some(replays) = order.replays.as_deref() else { return };
    let Some(due) = replays.base_due(plan) else { return };
    let cancel = Cancel::new(order.warden.clone());
    if let Some(made) = replays.make_base(&due, &cancel) {
        tell(BuildEvent::Base(made));
    }
}

fn build(
    order: &BuildOrder,
    cancel: &Cancel,
    tell: &(impl Fn(BuildEvent) + Sync),
    waited: &mut Duration,
    after: &mut Option<(Plan, Rest)>,
) -> BuildOutcome {
    let project = &order.project;
    let waits = || tell(BuildEvent::Progress("waiting for another workbench's build".to_owned()));
    // A crate that was renamed or deleted is not to find a target folder in its old place.
    if !project.root.is_dir() {
        let failure = failed(no_cargo(&std::io::ErrorKind::NotFound.into(), &project.root));
        return BuildOutcome::Failed { failure, path: BuildPath::default() };
    }
    let lock = match BuildLock::acquire(&project.target, waits) {
        Ok((lock, time)) => {
            *waited += time;
            lock
        }
        Err(error) => {
            let failure = failed(format!(
                "the build folder {} cannot be locked: {error}; is the disk full or read-only?",
                project.target.display()
            ));
            return BuildOutcome::Failed { failure, path: BuildPath::default() };
        }
    };
    let why = match replay(order, cancel, tell) {
        Ok((plan, Replayed::Built { artifact, warnings, inputs, rest, phases })) => {
            let path = plan.path();
            *after = Some((plan, rest));
            return BuildOutcome::Built { artifact, path, lock, fresh: false, warnings, inputs, phases };
        }
        Ok((plan, Replayed::Failed(failure))) => return BuildOutcome::Failed { failure, path: plan.path() },
        Ok((_, Replayed::Cancelled)) => return BuildOutcome::Cancelled,
        Ok((_, Replayed::Cargo(why))) | Err(Some(why)) => {
            if order.by_cargo.is_none() {
                tell(BuildEvent::Progress(format!("by cargo: {why}")));
            }
            Some(why)
        }
        Err(None) => None,
    };
    let path = BuildPath::Cargo { why };
    match by_cargo(order, cancel, tell, waited) {
        Ok(Made { artifact, fresh, told, inputs }) => {
            let warnings = told.into_iter().map(|(_, diagnostic)| diagnostic);
            let warnings = warnings.filter(|diagnostic| diagnostic.level == Level::Warning).collect();
            BuildOutcome::Built { artifact, path, lock, fresh, warnings, inputs, phases: None }
        }
        Err(Nothing::Failed(failure)) => BuildOutcome::Failed { failure, path },
        Err(Nothing::Cancelled { .. }) => BuildOutcome::Cancelled,
    }
}

/// Replays, if that is possible; or why not (`None`: nobody has thought of it).
fn replay(
    order: &BuildOrder,
    cancel: &Cancel,
    tell: &(impl Fn(BuildEvent) + Sync),
) -> Result<(Plan, Replayed), Option<Fallback>> {
    let BuildOrder { project, sources, replays, by_cargo, .. } = order;
    let replays = replays.as_deref().ok_or(None)?;
    if let Some(why) = by_cargo {
        return Err(Some(why.clone()));
    }
    let plan: Plan = replays.plan(project, sources, order.is_check)?;
    tell(BuildEvent::Progress(plan.path().to_string()));
    let outcome = replays.replay(&plan, project, sources, cancel);
    Ok((plan, outcome))
}

fn by_cargo(
    order: &BuildOrder,
    cancel: &Cancel,
    tell: &(impl Fn(BuildEvent) + Sync),
    waited: &mut Duration,
) -> Result<Made, Nothing> {
    let BuildOrder { project, sources, replays, .. } = order;
    let selection = &project.selection;
    let started = SystemTime::now();
    let mut built_from = BuiltFrom::read(project);
    // A replay has taken in a file that cargo would not look at again.
    if let Some(artifact) = replays.as_ref().and_then(|replays| replays.backdated(sources)) {
        forget_fingerprints(&artifact, project);
    }
    // A build that was cancelled during the wait starts no cargo.
    let mut made = run(order, cancel, tell, waited);
    if let Ok(Made { artifact, fresh: true, inputs, .. }) = &made
        && built_from.differs(selection, sources, &inputs.iter().map(|path| project.shown(path)).collect())
    {
        tell(BuildEvent::Progress("a source file is older than the artifact and differs; building again".to_owned()));
        forget_fingerprints(artifact, project);
        made = run(order, cancel, tell, waited).map_err(|nothing| match nothing {
            Nothing::Cancelled { .. } => Nothing::Cancelled { started: true },
            failed @ Nothing::Failed(_) => failed,
        });
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
    match (replays, &made) {
        (None, _) | (_, Err(Nothing::Cancelled { started: false })) => {}
        // What a replay needs of cargo's is looked at before each.
        (_, Err(Nothing::Cancelled { .. })) if order.is_check => {}
        (Some(replays), Ok(Made { artifact, fresh, told, inputs })) => {
            let (fresh, read) = (*fresh, inputs);
            replays.built(&Finished { project, sources, artifact, fresh, read, told, started });
        }
        (Some(replays), Err(_)) => replays.unfinished(),
    }
    made
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
    command.envs(order.replays.as_ref().and_then(|replays| replays.record(project)));
    command
}

fn run(
    order: &BuildOrder,
    cancel: &Cancel,
    tell: &(impl Fn(BuildEvent) + Sync),
    waited: &mut Duration,
) -> Result<Made, Nothing> {
    let mut child = match cancel.start(&mut command(order)) {
        Ok(child) => child,
        Err(NotStarted::Cancelled) => return Err(Nothing::Cancelled { started: false }),
        Err(NotStarted::Error(error)) => {
            return Err(Nothing::Failed(failed(no_cargo(&error, &order.project.root))));
        }
    };
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

    let status = cancel.wait(&mut child);
    if cancel.is_cancelled() {
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
            let mut diagnostics = heard.diagnostics();
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
            diagnostics: heard.diagnostics(),
            stderr: tail.text(),
        });
    };
    let inputs = dep_info::inputs(&artifact, &project.workspace_root);
    Ok(Made { artifact, fresh, told: heard.told, inputs })
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
        let order = BuildOrder {
            project: Arc::new(project),
            sources: SourceHashes::default(),
            warden: None,
            replays: None,
            by_cargo: None,
            is_check: false,
        };
        let (say, told) = std::sync::mpsc::channel();
        let build = Build::start(order, move |event| say.send(event).unwrap());
        build.cancel();
        drop(lock);
        // There is no manifest: a cargo that was started would fail.
        let events: Vec<BuildEvent> = told.iter().collect();
        let [BuildEvent::Finished { outcome, .. }] = &events[..] else { panic!("{events:?}") };
        assert!(matches!(**outcome, BuildOutcome::Cancelled), "{outcome:?}");
    }
}
