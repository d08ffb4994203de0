//! The thread that owns the runner and the history, and its jobs.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use super::cadence::Cadence;
use super::job::{Deadlines, Job, News, RunnerLimits};
use super::keeper::{Keeper, Kept};
use super::pins::PinnedOutcomes;
use super::recovery::FaultRow;
use crate::build::Project;
use crate::call::Call;
use crate::history::record::{Standing, VersionRow};
use crate::history::states::KeptState;
use crate::history::{HistoryError, RetentionPolicy, Store};
use crate::ids::{Timestamp, VersionNumber};
use crate::load::{ExportRecord, StateAccess};
use crate::platform;
use crate::runner::{Fault, OutputSink, Request, Response, Runner, RunnerProgram, Snapshot};
use crate::session::Event;

/// What a host needs.
pub struct HostConfig {
    /// The guest.
    pub project: Arc<Project>,
    /// The history.
    pub store: Store,
    /// What it held.
    pub rows: Vec<VersionRow>,
    /// Pinned calls.
    pub pins: Vec<String>,
    /// What to start as a runner.
    pub runner: RunnerProgram,
    /// How long it may take.
    pub deadlines: Deadlines,
    /// How much it may take up.
    pub limits: RunnerLimits,
    /// How much history is kept.
    pub retention: RetentionPolicy,
    /// Take up the state of the last session, and keep it for the next one.
    pub resume: bool,
    /// Where news go.
    pub tell: Arc<dyn Fn(News) + Send + Sync>,
}

/// What is called now.
#[derive(Debug, Clone)]
pub(super) struct Active {
    pub version: VersionNumber,
    pub exports: Vec<ExportRecord>,
    /// What its pinned calls came to.
    pub pinned: PinnedOutcomes,
}

impl Active {
    /// What the export that a call names does with the state; `None` where there is none, or it is no call.
    pub fn access(&self, text: &str) -> Option<StateAccess> {
        let call = text.parse::<Call>().ok()?;
        self.exports.iter().find(|export| export.name == call.export).map(|export| export.state)
    }
}

/// The host.
pub(super) struct Host {
    pub project: Arc<Project>,
    pub store: Store,
    pub rows: BTreeMap<VersionNumber, VersionRow>,
    pub pins: Vec<String>,
    pub deadlines: Deadlines,
    pub limits: RunnerLimits,
    pub retention: RetentionPolicy,
    pub runner: Option<Runner>,
    /// The runner that no fresh one could take over from.
    pub keeps_runner: Option<u32>,
    pub active: Option<Active>,
    /// The state as it was last taken, for whoever goes on after a fault.
    pub snapshot: Option<Arc<KeptState>>,
    /// How often it is taken, and whether it has changed since.
    pub cadence: Cadence,
    pub is_behind: bool,
    /// When the snapshot was taken, as long as it is the last session's and nothing runs with it yet.
    pub from_last_session: Option<Timestamp>,
    pub resume: bool,
    pub keeper: Keeper,
    pub faults: FaultRow,
    pub last_fault: Option<Instant>,
    /// How often the runner was killed from outside, and when last.
    pub kills: (FaultRow, Option<Instant>),
    /// Why retired versions are still mapped in this runner.
    pub still_mapped: BTreeMap<VersionNumber, String>,
    /// Base libraries that were what was recorded, with the size and time that they had.
    pub checked_bases: BTreeMap<PathBuf, (u64, SystemTime)>,
    program: RunnerProgram,
    output: OutputSink,
    jobs: mpsc::Sender<Job>,
    leash: Arc<Leash>,
    tell: Arc<dyn Fn(News) + Send + Sync>,
}

/// A started host.
#[derive(Debug)]
pub struct HostHandle {
    jobs: mpsc::Sender<Job>,
    thread: JoinHandle<()>,
    /// Disconnected when the thread has ended.
    ended: mpsc::Receiver<()>,
    leash: Arc<Leash>,
}

/// How a host that does not come to its end is brought there.
#[derive(Debug, Default)]
struct Leash {
    quit: AtomicBool,
    /// The runner's process id; 0 when there is none.
    runner: AtomicU32,
}

/// How long jobs that were asked for before the end may still take.
const LAST_JOBS: Duration = Duration::from_secs(5);

impl HostHandle {
    /// Where jobs go.
    #[must_use]
    pub fn jobs(&self) -> mpsc::Sender<Job> {
        self.jobs.clone()
    }

    /// Ends the host after the jobs that it still has; past a while it is not waited for them, but
    /// the runner is killed.
    pub fn end(self) {
        // A host that has panicked needs no message.
        let _ = self.jobs.send(Job::Quit);
        if self.ended.recv_timeout(LAST_JOBS) == Err(mpsc::RecvTimeoutError::Timeout) {
            self.leash.quit.store(true, Ordering::SeqCst);
            match self.leash.runner.load(Ordering::SeqCst) {
                0 => {}
                pid => platform::kill_tree(pid),
            }
        }
        // An error was a panic, which has been shown.
        let _ = self.thread.join();
    }
}

/// Starts the host's thread.
pub fn spawn(config: HostConfig) -> HostHandle {
    let (jobs, inbox) = mpsc::channel();
    let leash = Arc::new(Leash::default());
    let tell = Arc::clone(&config.tell);
    let output: OutputSink =
        Arc::new(move |version, stream, text| tell(News::Event(Box::new(Event::Output { version, stream, text }))));
    let kept = jobs.clone();
    let keeper = Keeper::start(move |outcome| {
        let job = match outcome {
            Kept::Left(version, left) => Job::StateKept(version, left),
            Kept::Failed(message) => Job::StateNotKept(message),
        };
        // At the very end nobody marks it; the next session finds the file.
        let _ = kept.send(job);
    });
    let mut host = Host {
        project: config.project,
        store: config.store,
        rows: config.rows.into_iter().map(|row| (row.record.number, row)).collect(),
        pins: config.pins,
        deadlines: config.deadlines,
        limits: config.limits,
        retention: config.retention,
        runner: None,
        keeps_runner: None,
        active: None,
        snapshot: None,
        cadence: Cadence::default(),
        is_behind: false,
        from_last_session: None,
        resume: config.resume,
        keeper,
        faults: FaultRow::default(),
        last_fault: None,
        kills: (FaultRow::default(), None),
        still_mapped: BTreeMap::new(),
        checked_bases: BTreeMap::new(),
        program: config.runner,
        output,
        jobs: jobs.clone(),
        leash: Arc::clone(&leash),
        tell: config.tell,
    };
    let (ending, ended) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        loop {
            // A state that could not be written down yet, since that takes long, is as soon as it may.
            let job = match host.is_behind.then(|| host.cadence.wait(Instant::now())) {
                Some(wait) => inbox.recv_timeout(wait),
                None => inbox.recv().map_err(|_| mpsc::RecvTimeoutError::Disconnected),
            };
            match job {
                Ok(Job::Quit) | Err(mpsc::RecvTimeoutError::Disconnected) => break,
                _ if host.leash.quit.load(Ordering::SeqCst) => break,
                Ok(job) => {
                    host.run(job);
                    (host.tell)(News::Idle);
                }
                Err(mpsc::RecvTimeoutError::Timeout) => host.catch_up(),
            }
        }
        if !host.leash.quit.load(Ordering::SeqCst) {
            host.keep_at_the_end();
        }
        drop(host);
        drop::<mpsc::Sender<()>>(ending);
    });
    HostHandle { jobs, thread, ended, leash }
}

impl Host {
    fn run(&mut self, job: Job) {
        match job {
            Job::ActivateLastGood => {
                self.take_up_last_state();
                self.activate_last_good();
            }
            Job::Artifact(new) => {
                self.user_acted();
                self.artifact(*new);
            }
            Job::Activate(version) => {
                self.user_acted();
                self.activate_kept(version);
            }
            Job::ActivateWithItsState(version) => {
                self.user_acted();
                self.activate_with_its_state(version);
            }
            Job::StateKept(version, left) => self.kept(Kept::Left(version, left)),
            Job::StateNotKept(message) => self.kept(Kept::Failed(message)),
            Job::Failed(record) => {
                let kept = self.store.fail(&record);
                self.event(Event::Failed { record: *record });
                self.notice_history(kept);
            }
            Job::Call { id, text } => self.call(id, text),
            Job::Pin(text) => self.pin(&text),
            Job::PinAlso(calls) => {
                for call in calls {
                    if !self.pins.contains(&call) {
                        self.pin(&call);
                    }
                }
            }
            Job::Unpin(text) => self.unpin(&text),
            Job::Keep(version, keep) => self.mark(version, |marks| marks.keep = keep),
            Job::Note(version, text) => self.note(version, &text),
            Job::Remove(version) => self.remove(version),
            Job::ReadState => self.read_state(),
            Job::ReadMemory => self.read_memory(),
            Job::Limits(retention, deadlines, limits) => {
                (self.retention, self.deadlines, self.limits) = (retention, deadlines, limits);
                self.program.memory = Some(limits.memory);
                self.prune();
            }
            Job::Restart => {
                self.user_acted();
                self.restart_fresh();
            }
            Job::Project(project) => {
                // The runner that is there keeps what it was started with.
                self.program.with_env.clone_from(&project.settings.environment);
                self.project = project;
            }
            Job::RunnerEnded(pid) => {
                // One that was killed on purpose is no longer ours.
                if let Some(mut runner) = self.runner.take_if(|runner| runner.pid() == pid) {
                    let fault = runner.ended_by_itself();
                    drop(runner);
                    self.recover(&fault);
                }
            }
            Job::Quit => {}
        }
    }

    /// What faults from here on is no loop.
    fn user_acted(&mut self) {
        self.faults.clear();
        self.kills.0.clear();
    }

    pub(super) fn event(&self, event: Event) {
        (self.tell)(News::Event(Box::new(event)));
    }

    pub(super) fn news(&self, news: News) {
        (self.tell)(news);
    }

    /// A history that cannot be written costs nobody the running version.
    pub(super) fn notice_history(&self, result: Result<(), HistoryError>) {
        if let Err(error) = result {
            self.event(Event::Notice { message: error.to_string() });
        }
    }

    /// Asks the runner, which is started if there is none.
    pub(super) fn ask(&mut self, request: &Request) -> Result<Response, Fault> {
        let deadline = match request {
            Request::Open { .. } => self.deadlines.open,
            Request::Start { snapshot: Some(snapshot), .. } => self.deadlines.restore(snapshot.bytes.len()),
            _ => self.deadlines.request,
        };
        let mut runner = match self.runner.take() {
            Some(runner) => runner,
            None if self.leash.quit.load(Ordering::SeqCst) => {
                return Err(Fault::NotStarted { reason: "the workbench is ending".to_owned() });
            }
            None => {
                self.still_mapped.clear();
                let jobs = self.jobs.clone();
                // A host that is gone needs no message.
                let on_end = move |pid| drop(jobs.send(Job::RunnerEnded(pid)));
                Runner::start(&self.program, self.deadlines.open, &self.output, on_end)?
            }
        };
        self.leash.runner.store(runner.pid(), Ordering::SeqCst);
        let response = runner.ask(request, deadline);
        self.leash.runner.store(0, Ordering::SeqCst);
        // On a fault the runner is not put back: it has ended.
        let response = response?;
        self.runner = Some(runner);
        Ok(response)
    }

    /// Ends the runner on purpose.
    pub(super) fn end_runner(&mut self) {
        self.runner = None;
    }

    /// A response of the wrong kind: the runner is ended.
    pub(super) fn broken(&mut self, request: &Request, response: &Response) -> Fault {
        match self.runner.take() {
            Some(mut runner) => runner.broken(&request.doing(), response),
            None => Fault::Broken { what: format!("it answered {response:?}"), doing: request.doing() },
        }
    }

    /// Versions that outlived their probation.
    pub(super) fn good(&self) -> Vec<VersionNumber> {
        let good = self.rows.values().filter(|row| row.marks.standing == Standing::Good);
        good.map(|row| row.record.number).collect()
    }

    /// Takes the state's snapshot, if there is state.
    pub(super) fn take_snapshot(&mut self, version: VersionNumber) -> Result<Result<Option<Snapshot>, String>, Fault> {
        let request = Request::Snapshot { version };
        let began = Instant::now();
        let response = self.ask(&request)?;
        self.cadence.took(began.elapsed());
        self.is_behind = false;
        match response {
            Response::Snapshot(Ok(snapshot)) => Ok(Ok(snapshot)),
            Response::Snapshot(Err(error)) => Ok(Err(error.to_string())),
            other => Err(self.broken(&request, &other)),
        }
    }
}

/// Whole microseconds.
pub(super) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
