//! The actor behind the handle: hears commands, touched files, builds and the host, and decides.
//! Its halves are [`super::changes`] (until cargo's artifact), [`super::news`] (from there on) and
//! [`super::commands`].
//!
//! It looks at and hashes source files, and asks `cargo metadata` at the start; otherwise it waits for
//! nothing but its inbox: cargo runs on a build's thread, guests and history belong to the host's.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::time::{Instant, SystemTime};

use super::check::{Checked, Unchecked};
use super::comparisons::Comparisons;
use super::pause::ProbationRow;
use super::sources::Sources;
use super::status::{self, Phase, Status};
use super::{Command, Event, GuestInfo, SessionConfig, settings};
use crate::build::{Build, BuildEvent, Cancel, Fallback, Project, ProjectError, Replays, Selection, environment};
use crate::history::record::{Cause, SourceHashes, Standing};
use crate::history::{History, Store};
use crate::ids::{Generation, VersionNumber};
use crate::runner::RunnerProgram;
use crate::swap::{self, HostConfig, HostHandle, Job, News};
use crate::warden::Warden;
use crate::watch::{Inputs, SourceTree, Touched, Watcher};

/// What the actor hears.
#[derive(Debug)]
pub(super) enum Input {
    /// From the handle.
    Command(Command),
    /// From the watcher.
    Touched(Touched),
    /// From a build.
    Build(Generation, BuildEvent),
    /// From the host.
    News(News),
    /// A comparison is done.
    Compared(Box<Event>),
    /// The project was read anew.
    Project(Box<Result<Project, ProjectError>>),
    /// Cargo has built what was replayed.
    Checked(u64, Checked),
}

/// The build that runs.
#[derive(Debug)]
pub(super) struct Running {
    pub generation: Generation,
    pub cause: Cause,
    pub sources: Arc<SourceTree>,
    pub selection: Selection,
    pub watch: Option<u64>,
    pub started: SystemTime,
    pub build: Build,
}

pub(super) struct Actor<T> {
    pub config: SessionConfig,
    pub project: Arc<Project>,
    /// Whether one of its settings files has changed since it was read.
    pub is_stale: bool,
    /// What is known for builds without cargo.
    pub replays: Arc<Replays>,
    /// What cargo has not confirmed of them.
    pub unchecked: Unchecked,
    pub inputs: Inputs,
    pub sources: Sources,
    /// What the latest build attempt was started from.
    pub attempted: SourceHashes,
    /// What the last build has read.
    pub read: BTreeSet<PathBuf>,
    pub generation: Generation,
    pub running: Option<Running>,
    pub phase: Phase,
    pub active: Option<VersionNumber>,
    pub rows: BTreeMap<VersionNumber, Standing>,
    pub auto_reload: bool,
    pub probations: ProbationRow,
    /// When to look again, and when the change that is waited for began.
    pub settle: Option<(Instant, Instant)>,
    /// Files that were empty or gone while a build ran that may have read them.
    pub doubted: BTreeSet<PathBuf>,
    /// Sources of attempts whose artifact is with the host.
    pub with_host: BTreeMap<Generation, SourceHashes>,
    /// When the host is done with what was built, see [`Actor::look_around`].
    pub owes_a_look: bool,
    pub watcher: Option<Watcher>,
    /// Ends builds if this process is killed.
    pub warden: Option<Arc<Warden>>,
    pub comparisons: Comparisons,
    pub host: mpsc::Sender<Job>,
    pub inbox: mpsc::Sender<Input>,
    pub tell: T,
    pub told: Option<Status>,
}

/// Runs a session to its end.
pub(super) fn run(
    config: SessionConfig,
    opening: &Cancel,
    inputs: mpsc::Sender<Input>,
    inbox: &mpsc::Receiver<Input>,
    tell: impl Fn(Event),
) {
    match open(config, opening, inputs, tell) {
        Ok((mut actor, host)) => {
            actor.run(inbox);
            host.end();
            // What it told until its end is still told on.
            for input in inbox.try_iter() {
                if let Input::News(News::Event(event)) = input {
                    (actor.tell)(*event);
                }
            }
            (actor.tell)(Event::Ended);
        }
        Err((message, tell)) => {
            tell(Event::OpenFailed { message });
            tell(Event::Ended);
        }
    }
}

fn open<T: Fn(Event)>(
    config: SessionConfig,
    opening: &Cancel,
    inbox: mpsc::Sender<Input>,
    tell: T,
) -> Result<(Actor<T>, HostHandle), (String, T)> {
    let status = Status { phase: Phase::Opening, running: None };
    tell(Event::Status { text: status.text(), status });
    let warden = Warden::start(&config.runner).map(Arc::new);
    if let Ok(warden) = &warden {
        opening.guard_with(warden);
    }
    let project = match Project::find_until(&config.path, &config.selection, Some(opening)) {
        Ok(project) => Arc::new(project),
        Err(error) => return Err((error.to_string(), tell)),
    };
    let (store, history) = match Store::open(&project) {
        Ok(opened) => opened,
        Err(error) => return Err((error.to_string(), tell)),
    };
    let mut pins = if config.resume { history.pins.clone() } else { Vec::new() };
    let manifests: &[String] = if config.resume { &project.settings.calls } else { &[] };
    for pin in config.pins.iter().chain(manifests) {
        match pin.parse::<crate::call::Call>() {
            Ok(call) if pins.contains(&call.to_string()) => {}
            Ok(call) => pins.push(call.to_string()),
            Err(error) => return Err((error.to_string(), tell)),
        }
    }
    // As they stood; those that are new come last.
    pins.sort_by_key(|pin| history.pin_order.iter().position(|call| call == pin).unwrap_or(usize::MAX));
    let guest = GuestInfo {
        name: project.name.clone(),
        manifest: project.manifest.clone(),
        workspace_root: project.workspace_root.clone(),
        history: store.root().to_owned(),
        selection: project.selection.clone(),
    };
    tell(Event::Opened {
        guest,
        versions: history.versions.clone(),
        failures: history.failures.clone(),
        pins: pins.clone(),
    });
    if !config.auto_reload {
        tell(Event::AutoReload { on: false });
    }
    for message in &history.unreadable {
        tell(Event::Notice { message: format!("left out of the history: {message}") });
    }
    for message in settings::doubts(&project) {
        tell(Event::Notice { message });
    }
    if let Err(error) = &warden {
        let message = format!("a build will go on if this workbench is killed: its warden cannot be started ({error})");
        tell(Event::Notice { message });
    }
    let news = inbox.clone();
    let host = swap::spawn(HostConfig {
        project: Arc::clone(&project),
        store,
        rows: history.versions.clone(),
        pins,
        runner: RunnerProgram {
            program: config.runner.clone(),
            folder: project.root.clone(),
            without_env: environment::not_passed_on(),
            with_env: project.settings.environment.clone(),
            memory: Some(config.limits.memory),
        },
        deadlines: config.deadlines,
        limits: config.limits,
        retention: config.retention,
        resume: config.resume,
        tell: Arc::new(move |told| drop(news.send(Input::News(told)))),
    });
    let actor = Actor::new(config, project, &history, (host.jobs(), warden.ok()), inbox, tell);
    Ok((actor, host))
}

impl<T: Fn(Event)> Actor<T> {
    fn new(
        config: SessionConfig,
        project: Arc<Project>,
        history: &History,
        (host, warden): (mpsc::Sender<Job>, Option<Arc<Warden>>),
        inbox: mpsc::Sender<Input>,
        tell: T,
    ) -> Self {
        let newest = history.versions.last().map(|row| &row.record.sources);
        // What the newest version was built from is the best guess at what the next build reads.
        let read: BTreeSet<PathBuf> =
            newest.iter().flat_map(|sources| sources.0.keys()).map(|path| project.absolute(path)).collect();
        let auto_reload = config.auto_reload;
        Self {
            inputs: Inputs::new(&project, &read),
            project,
            is_stale: false,
            unchecked: Unchecked::default(),
            replays: Arc::new(Replays::new(config.runner.clone(), (!config.replay).then_some(Fallback::Off))),
            sources: Sources::new(history.versions.iter().map(|row| (row.record.number, row.record.sources.clone()))),
            attempted: SourceHashes::default(),
            read,
            generation: Generation(0),
            running: None,
            phase: Phase::Opening,
            active: None,
            rows: history.versions.iter().map(|row| (row.record.number, row.marks.standing.clone())).collect(),
            auto_reload,
            probations: ProbationRow::default(),
            settle: None,
            with_host: BTreeMap::new(),
            doubted: BTreeSet::new(),
            owes_a_look: false,
            watcher: None,
            warden,
            comparisons: Comparisons::default(),
            host,
            inbox,
            config,
            tell,
            told: None,
        }
    }

    fn run(&mut self, inbox: &mpsc::Receiver<Input>) {
        if self.config.resume {
            let _ = self.host.send(Job::ActivateLastGood);
        }
        self.start_watcher();
        self.look(&BTreeSet::new());
        self.build(Cause::Start, None);
        self.tell_status();
        loop {
            let settle = self.settle.map(|(until, _)| until);
            let until = [settle, self.unchecked.at].into_iter().flatten().min();
            let input = match until {
                Some(until) => inbox.recv_timeout(until.saturating_duration_since(Instant::now())),
                None => inbox.recv().map_err(|_| mpsc::RecvTimeoutError::Disconnected),
            };
            match input {
                Ok(Input::Command(Command::Quit)) | Err(mpsc::RecvTimeoutError::Disconnected) => break,
                Ok(Input::Touched(touched)) => {
                    // A checkout touches a thousand files: one look is enough for all of them.
                    let next = self.touched_at_once(touched, inbox);
                    match next {
                        Some(Input::Command(Command::Quit)) => break,
                        Some(next) => self.hear(next),
                        None => {}
                    }
                }
                Ok(input) => self.hear(input),
                Err(mpsc::RecvTimeoutError::Timeout) if until != settle => self.check_replay(),
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    let began = self.settle.take().map(|(_, began)| began);
                    self.look(&BTreeSet::new());
                    self.consider(began, true);
                }
            }
            self.tell_status();
        }
        self.watcher = None;
        self.unchecked.give_way();
        if let Some(running) = self.running.take() {
            running.build.cancel();
            (self.tell)(Event::Cancelled { generation: running.generation });
        }
        self.replays.end();
    }

    /// Takes in this notice and those that are waiting behind it. Gives back the first other input
    /// that it came across.
    fn touched_at_once(&mut self, mut touched: Touched, inbox: &mpsc::Receiver<Input>) -> Option<Input> {
        let mut next = None;
        for input in inbox.try_iter() {
            match input {
                Input::Touched(more) => touched.join(more),
                other => {
                    next = Some(other);
                    break;
                }
            }
        }
        self.touched(&touched);
        next
    }

    fn hear(&mut self, input: Input) {
        match input {
            Input::Command(command) => self.command(command),
            Input::Touched(touched) => self.touched(&touched),
            Input::Build(generation, event) => self.build_event(generation, event),
            Input::News(news) => self.news(news),
            Input::Compared(event) => self.compared(*event),
            Input::Project(project) => self.project_read(*project),
            Input::Checked(number, checked) => self.checked(number, checked),
        }
    }

    fn tell_status(&mut self) {
        let running = self.active.map(|version| status::Running { version, source: self.sources.state(version) });
        let status = Status { phase: self.phase.clone(), running };
        if self.told.as_ref() != Some(&status) {
            (self.tell)(Event::Status { text: status.text(), status: status.clone() });
            self.told = Some(status);
        }
    }
}
