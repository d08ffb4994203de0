//! One run of cargo: started, heard, cancelled as a whole process group.
//!
//! Threads: one per build, which reads cargo's messages, and one for its stderr. The caller never
//! waits; it hears [`BuildEvent`]s, the last of which is [`BuildEvent::Finished`].

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use cargo_metadata::Message;

use super::diagnostic::{Diagnostic, Level};
use super::messages::{Heard, LockWait, Tail, is_progress, summary};
use super::project::{Project, no_cargo};
use super::selection::Selection;
use super::{dep_info, environment};
use crate::history::record::Failure;
use crate::platform;

/// What a build is to do.
#[derive(Debug, Clone)]
pub struct BuildOrder {
    /// The guest.
    pub project: Arc<Project>,
    /// Features and profile.
    pub selection: Selection,
    /// A file that the last artifact was made from has other content now. If cargo calls the
    /// artifact fresh all the same (it compares times, and an older file may have been moved
    /// over a newer one), what it knows of the local packages is forgotten, and it builds again.
    pub sources_differ: bool,
}

/// How a build ended.
#[derive(Debug)]
pub enum BuildOutcome {
    /// Cargo ended with success and named the artifact.
    Built {
        /// The file that cargo made.
        artifact: PathBuf,
        /// Cargo had nothing to do.
        fresh: bool,
        /// The compiler's warnings.
        warnings: Vec<Diagnostic>,
        /// What was read.
        inputs: std::collections::BTreeSet<PathBuf>,
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

fn build(
    order: &BuildOrder,
    stage: &Mutex<Stage>,
    tell: &(impl Fn(BuildEvent) + Sync),
    lock: &mut Duration,
) -> BuildOutcome {
    let outcome = run(order, stage, tell, lock);
    match &outcome {
        BuildOutcome::Built { artifact, fresh: true, .. } if order.sources_differ => {
            tell(BuildEvent::Progress(
                "a source file is older than the artifact and differs; building again".to_owned(),
            ));
            forget_fingerprints(artifact, &order.project);
            let mut again = lock_stage(stage);
            if *again == Stage::Cancelled {
                return BuildOutcome::Cancelled;
            }
            *again = Stage::NotStarted;
            drop(again);
            run(order, stage, tell, lock)
        }
        _ => outcome,
    }
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
        .args(order.selection.options())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for name in environment::not_passed_on() {
        command.env_remove(name);
    }
    platform::isolate(&mut command);
    command
}

fn run(
    order: &BuildOrder,
    stage: &Mutex<Stage>,
    tell: &(impl Fn(BuildEvent) + Sync),
    lock: &mut Duration,
) -> BuildOutcome {
    let mut current = lock_stage(stage);
    if *current == Stage::Cancelled {
        return BuildOutcome::Cancelled;
    }
    let mut child = match command(order).spawn() {
        Ok(child) => child,
        Err(error) => {
            return failed(no_cargo(&error, &order.project.root));
        }
    };
    *current = Stage::Running(child.id());
    drop(current);

    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let mut heard = Heard::default();
    let (say, words) = mpsc::channel::<String>();
    let mut tail = Tail::default();
    let mut wait = LockWait::default();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for line in stderr.into_iter().flat_map(|stderr| BufReader::new(stderr).lines()).map_while(Result::ok) {
                if say.send(line).is_err() {
                    return;
                }
            }
        });
        let listen = scope.spawn(|| {
            for line in words {
                wait.line(&line, Instant::now());
                if is_progress(&line) {
                    tell(BuildEvent::Progress(line.trim().to_owned()));
                } else {
                    tail.push(&line);
                }
            }
            wait.anything(Instant::now());
        });
        for line in stdout.into_iter().flat_map(|stdout| BufReader::new(stdout).lines()).map_while(Result::ok) {
            // A line that is no message was printed by something that cargo ran.
            if let Ok(message) = serde_json::from_str::<Message>(&line) {
                heard.take(message, &order.project.id);
            }
        }
        let _ = listen.join();
    });
    *lock += wait.total();

    {
        // From here on the process id may be given to another process.
        let mut stage = lock_stage(stage);
        if *stage != Stage::Cancelled {
            *stage = Stage::Ended;
        }
    }
    let status = child.wait();
    if *lock_stage(stage) == Stage::Cancelled {
        return BuildOutcome::Cancelled;
    }
    match status {
        Ok(status) if status.success() => built(heard, &tail, &order.project),
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
            BuildOutcome::Failed(Failure::Build { message, diagnostics, stderr })
        }
        Err(error) => failed(format!("cargo's end cannot be learned: {error}")),
    }
}

fn built(heard: Heard, tail: &Tail, project: &Project) -> BuildOutcome {
    let Some((artifact, fresh)) = heard.artifact else {
        return BuildOutcome::Failed(Failure::Build {
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
    BuildOutcome::Built { artifact, fresh, warnings, inputs }
}

fn failed(message: String) -> BuildOutcome {
    BuildOutcome::Failed(Failure::Build { message, diagnostics: Vec::new(), stderr: String::new() })
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
