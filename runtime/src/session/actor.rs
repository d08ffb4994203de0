//! The actor behind the handle: hears commands, touched files, builds and the host, and decides.
//!
//! It never waits for anything but its inbox: cargo runs on a build's thread, guests and history
//! belong to the host's.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::status::{Facts, Phase, Status, derive};
use super::{Command, Event, GuestInfo, SessionConfig, WatchMode};
use crate::build::{Build, BuildEvent, BuildOrder, BuildOutcome, Project, ProjectError, environment};
use crate::history::record::{Cause, Durations, FailedRecord, SourceHashes, Standing, VersionRow};
use crate::history::{History, Store};
use crate::ids::{Generation, Timestamp, VersionNumber};
use crate::runner::RunnerProgram;
use crate::swap::{self, HostConfig, Job, NewArtifact, News};
use crate::watch::{Decision, Inputs, SourceTree, Touched, Watcher, decide};

/// How long a file may be empty or gone, between two steps of an editor's save, before that counts
/// as what was meant.
const SETTLE: Duration = Duration::from_millis(60);

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
    /// The project was read anew.
    Project(Result<Project, ProjectError>),
}

/// The build that runs.
#[derive(Debug)]
struct Running {
    generation: Generation,
    cause: Cause,
    sources: Arc<SourceTree>,
    watch: Option<u64>,
    build: Build,
}

struct Actor<T> {
    config: SessionConfig,
    project: Arc<Project>,
    inputs: Inputs,
    /// The inputs' content as last looked at.
    saved: SourceTree,
    /// What the latest build attempt was started from.
    attempted: SourceHashes,
    /// What the artifact in cargo's folder was made from, as far as known.
    artifact_from: SourceHashes,
    /// What the last build has read.
    read: BTreeSet<PathBuf>,
    generation: Generation,
    running: Option<Running>,
    phase: Phase,
    active: Option<VersionNumber>,
    rows: BTreeMap<VersionNumber, Standing>,
    built_from: BTreeMap<VersionNumber, Vec<SourceHashes>>,
    auto_reload: bool,
    /// When to look again, and when the change that is waited for began.
    settle: Option<(Instant, Instant)>,
    /// Sources of attempts whose artifact is with the host.
    with_host: BTreeMap<Generation, SourceHashes>,
    watcher: Option<Watcher>,
    host: mpsc::Sender<Job>,
    inbox: mpsc::Sender<Input>,
    tell: T,
    told: Option<Status>,
}

/// Runs a session to its end.
pub(super) fn run(
    config: SessionConfig,
    inputs: mpsc::Sender<Input>,
    inbox: &mpsc::Receiver<Input>,
    tell: impl Fn(Event),
) {
    match open(config, inputs, tell) {
        Ok((mut actor, host)) => {
            actor.run(inbox);
            // The host's thread ends with its runner; an error there was a panic, already shown.
            let _ = host.join();
            // What it told until its end is still told on.
            for input in inbox.try_iter() {
                if let Input::News(News::Event(event)) = input {
                    (actor.tell)(event);
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
    inbox: mpsc::Sender<Input>,
    tell: T,
) -> Result<(Actor<T>, JoinHandle<()>), (String, T)> {
    let status = Status { phase: Phase::Opening, running: None };
    tell(Event::Status { text: status.text(), status });
    let project = match Project::find(&config.path, &config.selection) {
        Ok(project) => Arc::new(project),
        Err(error) => return Err((error.to_string(), tell)),
    };
    let (store, history) = match Store::open(&project) {
        Ok(opened) => opened,
        Err(error) => return Err((error.to_string(), tell)),
    };
    let mut pins = history.pins.clone();
    for pin in &config.pins {
        match pin.parse::<crate::call::Call>() {
            Ok(call) if pins.contains(&call.to_string()) => {}
            Ok(call) => pins.push(call.to_string()),
            Err(error) => return Err((error.to_string(), tell)),
        }
    }
    let guest = GuestInfo {
        name: project.name.clone(),
        manifest: project.manifest.clone(),
        workspace_root: project.workspace_root.clone(),
        history: store.root().to_owned(),
        selection: config.selection.clone(),
    };
    tell(Event::Opened {
        guest,
        versions: history.versions.clone(),
        failures: history.failures.clone(),
        pins: pins.clone(),
    });
    for message in &history.unreadable {
        tell(Event::Notice { message: format!("left out of the history: {message}") });
    }
    let news = inbox.clone();
    let (host, thread) = swap::spawn(HostConfig {
        project: Arc::clone(&project),
        selection: config.selection.clone(),
        store,
        rows: history.versions.clone(),
        pins,
        runner: RunnerProgram {
            program: config.runner.clone(),
            folder: project.root.clone(),
            without_env: environment::not_passed_on(),
        },
        deadlines: config.deadlines,
        retention: config.retention,
        tell: Arc::new(move |told| drop(news.send(Input::News(told)))),
    });
    let actor = Actor::new(config, project, &history, host, inbox, tell);
    Ok((actor, thread))
}

impl<T: Fn(Event)> Actor<T> {
    fn new(
        config: SessionConfig,
        project: Arc<Project>,
        history: &History,
        host: mpsc::Sender<Job>,
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
            saved: SourceTree::default(),
            attempted: SourceHashes::default(),
            artifact_from: newest.cloned().unwrap_or_default(),
            read,
            generation: Generation(0),
            running: None,
            phase: Phase::Opening,
            active: None,
            rows: history.versions.iter().map(|row| (row.record.number, row.marks.standing.clone())).collect(),
            built_from: history
                .versions
                .iter()
                .map(|row| (row.record.number, vec![row.record.sources.clone()]))
                .collect(),
            auto_reload,
            settle: None,
            with_host: BTreeMap::new(),
            watcher: None,
            host,
            inbox,
            config,
            tell,
            told: None,
        }
    }

    fn run(&mut self, inbox: &mpsc::Receiver<Input>) {
        let _ = self.host.send(Job::ActivateLastGood);
        self.start_watcher();
        self.look(&BTreeSet::new());
        self.build(Cause::Start, None);
        self.tell_status();
        loop {
            let input = match self.settle {
                Some((until, _)) => inbox.recv_timeout(until.saturating_duration_since(Instant::now())),
                None => inbox.recv().map_err(|_| mpsc::RecvTimeoutError::Disconnected),
            };
            match input {
                Ok(Input::Command(Command::Quit)) | Err(mpsc::RecvTimeoutError::Disconnected) => break,
                Ok(input) => self.hear(input),
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    let began = self.settle.take().map(|(_, began)| began);
                    self.look(&BTreeSet::new());
                    self.consider(began, true);
                }
            }
            self.tell_status();
        }
        self.watcher = None;
        if let Some(running) = self.running.take() {
            running.build.cancel();
            (self.tell)(Event::Cancelled { generation: running.generation });
        }
        let _ = self.host.send(Job::Quit);
    }

    fn hear(&mut self, input: Input) {
        match input {
            Input::Command(command) => self.command(command),
            Input::Touched(touched) => self.touched(&touched),
            Input::Build(generation, event) => self.build_event(generation, event),
            Input::News(news) => self.news(news),
            Input::Project(project) => self.project_read(project),
        }
    }

    fn start_watcher(&mut self) {
        let inbox = self.inbox.clone();
        let sink = Arc::new(move |touched| drop(inbox.send(Input::Touched(touched))));
        match Watcher::start(self.config.poll, sink) {
            Ok(watcher) => self.watcher = Some(watcher),
            Err(error) => self.blind(&error.to_string()),
        }
        self.arm(true);
    }

    fn blind(&mut self, reason: &str) {
        self.watcher = None;
        let reason = format!("{reason}; build by hand until then");
        (self.tell)(Event::Watching { mode: WatchMode::Blind { reason }, files: 0 });
    }

    /// Watches the folders of the inputs as they are now.
    fn arm(&mut self, tell: bool) {
        let Some(watcher) = &mut self.watcher else { return };
        let before = watcher.mode().clone();
        match watcher.watch(&self.inputs.watched_folders()) {
            Ok(()) => {
                let mode = watcher.mode().clone();
                if tell || mode != before {
                    (self.tell)(Event::Watching { mode, files: self.inputs.existing().len() });
                }
            }
            Err(error) => self.blind(&error.to_string()),
        }
    }

    fn touched(&mut self, touched: &Touched) {
        let concerning: BTreeSet<PathBuf> =
            touched.paths.iter().filter(|path| self.inputs.concerns(path)).cloned().collect();
        if concerning.is_empty() && !touched.paths.is_empty() {
            return;
        }
        // A folder that went or came is to be watched anew, and so is what is in it.
        let folders: Vec<&PathBuf> = concerning.iter().filter(|path| !path.is_file()).collect();
        if let (Some(watcher), false) = (&mut self.watcher, folders.is_empty()) {
            folders.iter().filter(|path| !path.exists()).for_each(|path| watcher.forget(path));
            self.arm(false);
        }
        self.look(&concerning);
        let began = self.settle.map_or(touched.at, |(_, began)| began);
        self.consider(Some(began), false);
    }

    /// Looks at the inputs as they are saved now.
    fn look(&mut self, touched: &BTreeSet<PathBuf>) {
        self.saved = SourceTree::read(&self.inputs, &self.saved, touched);
    }

    /// Starts a build if the saved files ask for one.
    fn consider(&mut self, began: Option<Instant>, settled: bool) {
        let saved = self.saved.hashes(&self.project);
        // Cargo writes its lock file while it builds; that is looked at when it has ended.
        let lock = self.running.is_some().then(|| self.project.shown(&self.project.lock_file()));
        match decide(&saved, &self.attempted, settled, lock.as_ref()) {
            Decision::Nothing => self.settle = None,
            Decision::Wait => {
                let now = Instant::now();
                self.settle = Some((now + SETTLE, began.unwrap_or(now)));
            }
            Decision::Build { paths } => {
                self.settle = None;
                if self.auto_reload {
                    self.build(Cause::Saved { paths }, began);
                }
            }
        }
    }

    fn build(&mut self, cause: Cause, began: Option<Instant>) {
        let generation = self.generation.next();
        self.generation = generation;
        if let Some(old) = self.running.take() {
            old.build.cancel();
            (self.tell)(Event::Superseded { generation: old.generation, by: generation });
        }
        let sources = self.saved.hashes(&self.project);
        let sources_differ = self.read.iter().map(|path| self.project.shown(path)).any(|path| {
            path.extension().is_some_and(|extension| extension == "rs")
                && self.artifact_from.0.get(&path) != sources.0.get(&path)
        }) && !self.artifact_from.0.is_empty();
        self.attempted = sources;
        (self.tell)(Event::BuildStarted { generation, cause: cause.clone() });
        let inbox = self.inbox.clone();
        let order = BuildOrder {
            project: Arc::clone(&self.project),
            selection: self.config.selection.clone(),
            sources_differ,
        };
        let build = Build::start(order, move |event| drop(inbox.send(Input::Build(generation, event))));
        self.running = Some(Running {
            generation,
            cause,
            sources: Arc::new(self.saved.clone()),
            watch: began.map(|began| u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX)),
            build,
        });
        self.phase = Phase::Building { generation };
    }

    fn build_event(&mut self, generation: Generation, event: BuildEvent) {
        // A build that was superseded has had its terminal event.
        if self.running.as_ref().is_none_or(|running| running.generation != generation) {
            return;
        }
        match event {
            BuildEvent::Progress(text) => (self.tell)(Event::BuildProgress { generation, text }),
            BuildEvent::Finished { outcome, took, lock } => {
                if let Some(running) = self.running.take() {
                    let micros = |duration: Duration| u64::try_from(duration.as_micros()).ok();
                    let durations = Durations {
                        watch: running.watch,
                        lock: micros(lock),
                        build: micros(took),
                        ..Durations::default()
                    };
                    self.build_finished(running, outcome, durations);
                }
            }
        }
    }

    fn build_finished(&mut self, running: Running, outcome: BuildOutcome, durations: Durations) {
        let Running { generation, cause, sources, .. } = running;
        let settings_changed = self.settings_changed(&cause);
        match outcome {
            BuildOutcome::Cancelled => {
                (self.tell)(Event::Cancelled { generation });
                self.phase = Phase::Idle;
            }
            BuildOutcome::Failed(failure) => {
                self.phase = Phase::BuildFailed;
                let at = Timestamp::now();
                let _ = self.host.send(Job::Failed(FailedRecord { generation, at, cause, failure, durations }));
            }
            BuildOutcome::Built { artifact, warnings, inputs, .. } => {
                self.phase = Phase::Activating;
                let sources = self.built_sources(&sources, inputs);
                self.artifact_from = sources.hashes(&self.project);
                self.attempted = self.artifact_from.clone();
                self.with_host.insert(generation, self.artifact_from.clone());
                let sources = Arc::new(sources);
                let new = NewArtifact { generation, artifact, cause, sources, warnings, durations };
                let _ = self.host.send(Job::Artifact(Box::new(new)));
            }
        }
        if settings_changed {
            self.read_project_anew();
        }
        // Whatever was saved while cargo ran and did not supersede it: its own lock file.
        self.look(&BTreeSet::from([self.project.lock_file()]));
        self.consider(None, false);
    }

    /// What a build that has ended was made from: the inputs as they were at its start, and, for
    /// files that are known as inputs only now, as they are now.
    fn built_sources(&mut self, at_start: &SourceTree, read: BTreeSet<PathBuf>) -> SourceTree {
        if read != self.read {
            self.read = read;
            self.inputs = Inputs::new(&self.project, &self.read);
            self.arm(true);
            self.look(&BTreeSet::new());
        }
        let of = |(path, now): (&PathBuf, &crate::watch::Source)| {
            let source = at_start.0.get(path).unwrap_or(now);
            (path.clone(), source.clone())
        };
        SourceTree(self.saved.0.iter().map(of).collect())
    }

    fn settings_changed(&self, cause: &Cause) -> bool {
        let Cause::Saved { paths } = cause else { return false };
        let settings = self.project.settings_files();
        paths.iter().any(|path| settings.contains(&self.project.absolute(path)))
    }

    fn read_project_anew(&self) {
        let (path, selection, inbox) =
            (self.project.manifest.clone(), self.config.selection.clone(), self.inbox.clone());
        std::thread::spawn(move || inbox.send(Input::Project(Project::find(&path, &selection))));
    }

    fn project_read(&mut self, project: Result<Project, ProjectError>) {
        match project {
            Ok(project) if project == *self.project => {}
            // Its history lies elsewhere: another guest, as far as we are concerned.
            Ok(project) if project.name != self.project.name => {
                let message = format!("the package is called {} now, its history is that of {}; open it again", project.name, self.project.name);
                (self.tell)(Event::Notice { message });
            }
            Ok(project) => {
                self.project = Arc::new(project);
                let _ = self.host.send(Job::Project(Arc::clone(&self.project)));
                self.inputs = Inputs::new(&self.project, &self.read);
                self.arm(true);
                self.look(&BTreeSet::new());
                self.consider(None, false);
            }
            // The build has failed for the same reason, and that is shown.
            Err(_) => {}
        }
    }

    fn news(&mut self, news: News) {
        match news {
            News::Event(event) => {
                self.observe(&event);
                (self.tell)(event);
            }
            News::SameAs { generation, version } => {
                if let Some(sources) = self.with_host.get(&generation) {
                    self.built_from.entry(version).or_default().push(sources.clone());
                }
            }
            News::Stopped(reason) => self.phase = Phase::Stopped { reason },
            News::Active(active) => self.active = active,
            News::Idle => {
                if matches!(self.phase, Phase::Activating | Phase::Opening) {
                    self.phase = Phase::Idle;
                }
            }
        }
    }

    /// The status follows from what the host tells.
    fn observe(&mut self, event: &Event) {
        let is_building = self.running.is_some();
        let mut phase = None;
        match event {
            Event::Recorded { row } => {
                let VersionRow { record, marks } = &**row;
                self.with_host.remove(&record.generation);
                self.rows.insert(record.number, marks.standing.clone());
                self.built_from.insert(record.number, vec![record.sources.clone()]);
                phase = Some(match marks.standing {
                    Standing::Refused => Phase::Refused { refused: record.number },
                    Standing::Faulted { .. } => Phase::Faulted { faulted: record.number },
                    Standing::Good | Standing::Probation => Phase::Idle,
                });
            }
            Event::Marked { version, marks } => {
                self.rows.insert(*version, marks.standing.clone());
            }
            Event::Failed { record } => {
                self.with_host.remove(&record.generation);
                let is_load = matches!(record.failure, crate::history::record::Failure::Load { .. });
                phase = Some(if is_load { Phase::LoadFailed } else { Phase::BuildFailed });
            }
            Event::NothingChanged { generation, .. } => {
                self.with_host.remove(generation);
                phase = Some(Phase::Idle);
            }
            Event::Activated { version, .. } => {
                self.active = Some(*version);
                // A version just built is recorded after it runs; the host does one at a time.
                if let (false, Some(sources)) = (self.built_from.contains_key(version), self.with_host.values().next()) {
                    self.built_from.insert(*version, vec![sources.clone()]);
                }
                phase = (!matches!(self.phase, Phase::Activating | Phase::Faulted { .. })).then_some(Phase::Idle);
            }
            Event::Fault { version, .. } => phase = Some(Phase::Faulted { faulted: *version }),
            Event::Pruned { versions } => {
                self.rows.retain(|number, _| !versions.contains(number));
                self.built_from.retain(|number, _| !versions.contains(number));
            }
            _ => {}
        }
        if let (Some(phase), false) = (phase, is_building) {
            self.phase = phase;
        }
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Build => {
                self.look(&BTreeSet::new());
                self.build(Cause::Asked, None);
            }
            Command::CancelBuild => match self.running.take() {
                Some(running) => {
                    running.build.cancel();
                    (self.tell)(Event::Cancelled { generation: running.generation });
                    self.phase = Phase::Idle;
                }
                None => self.refuse("no build is running"),
            },
            Command::Activate { version } if self.rows.contains_key(&version) => self.activate(version),
            Command::Activate { version } => self.refuse(&format!("there is no {version}; {}", self.kept())),
            Command::RollBack => self.step(|of, active| of.range(..active).next_back(), "older"),
            Command::RollForward => self.step(
                |of, active| of.range((std::ops::Bound::Excluded(active), std::ops::Bound::Unbounded)).next(),
                "newer",
            ),
            Command::SetAutoReload { on } => {
                self.auto_reload = on;
                (self.tell)(Event::AutoReload { on });
                if on {
                    self.consider(None, false);
                }
            }
            Command::Call { id, text } => self.job(Job::Call { id, text }),
            Command::Pin { text } => self.job(Job::Pin(text)),
            Command::Unpin { text } => self.job(Job::Unpin(text)),
            Command::Keep { version, keep } => self.job(Job::Keep(version, keep)),
            Command::RestartGuest => self.job(Job::Restart),
            // Handled by the loop.
            Command::Quit => {}
        }
    }

    fn job(&self, job: Job) {
        // A host that is gone has panicked; its events have ended, and `Ended` is next.
        let _ = self.host.send(job);
    }

    fn activate(&mut self, version: VersionNumber) {
        if self.running.is_none() {
            self.phase = Phase::Activating;
        }
        self.job(Job::Activate(version));
    }

    /// Activates the next older or newer version that can run.
    fn step(
        &mut self,
        next: impl Fn(&BTreeSet<VersionNumber>, VersionNumber) -> Option<&VersionNumber>,
        word: &str,
    ) {
        let Some(active) = self.active else { return self.refuse("nothing is loaded yet") };
        let runs = |standing: &Standing| matches!(standing, Standing::Good | Standing::Probation);
        let candidates = self.rows.iter().filter(|(_, standing)| runs(standing)).map(|(number, _)| *number).collect();
        match next(&candidates, active).copied() {
            Some(version) => self.activate(version),
            None => self.refuse(&format!("there is no {word} version than {active}")),
        }
    }

    fn kept(&self) -> String {
        match (self.rows.keys().next(), self.rows.keys().next_back()) {
            (Some(first), Some(last)) => format!("kept are {} versions, {first} to {last}", self.rows.len()),
            _ => "no version is kept yet".to_owned(),
        }
    }

    fn refuse(&self, message: &str) {
        (self.tell)(Event::CommandRefused { message: message.to_owned() });
    }

    fn tell_status(&mut self) {
        let saved = self.saved.hashes(&self.project);
        let facts =
            Facts { phase: self.phase.clone(), active: self.active, saved: &saved, built_from: &self.built_from };
        let status = derive(facts);
        if self.told.as_ref() != Some(&status) {
            (self.tell)(Event::Status { text: status.text(), status: status.clone() });
            self.told = Some(status);
        }
    }
}
