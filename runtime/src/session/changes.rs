//! The first half of the way of a change: touched files, what they ask for, and the build.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use super::actor::{Actor, Input, Running};
use super::status::Phase;
use super::{Event, WatchMode};
use crate::build::{BaseLibrary, Build, BuildEvent, BuildOrder, BuildOutcome, Fallback};
use crate::history::record::{Cause, Durations, FailedRecord};
use crate::ids::{Generation, Timestamp};
use crate::swap::{Job, NewArtifact};
use crate::watch::{Decision, Inputs, Source, SourceTree, Touched, Watcher, decide};

/// How long a file may be empty or gone, between two steps of an editor's save, before that counts
/// as what was meant.
const SETTLE: Duration = Duration::from_millis(60);

impl<T: Fn(Event)> Actor<T> {
    pub(super) fn start_watcher(&mut self) {
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
    pub(super) fn arm(&mut self, tell: bool) {
        self.inputs.follow_links();
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

    pub(super) fn touched(&mut self, touched: &Touched) {
        let lost = touched.paths.is_empty();
        let mut concerning: BTreeSet<PathBuf> =
            touched.paths.iter().filter(|path| self.inputs.concerns(path)).cloned().collect();
        if concerning.is_empty() && !lost {
            return;
        }
        // A folder that went or came is to be watched anew, and so is what is in it; a link, too, and
        // what it leads to.
        let anew: Vec<&PathBuf> = concerning.iter().filter(|path| !path.is_file() || path.is_symlink()).collect();
        let is_anew = lost || !anew.is_empty();
        if let Some(watcher) = &mut self.watcher {
            anew.iter().filter(|path| !path.exists()).for_each(|path| watcher.forget(path));
        }
        if is_anew {
            self.arm(false);
        }
        if lost {
            // Whatever was written may have the length and time that it had.
            concerning.extend(self.sources.saved().0.keys().cloned());
        }
        concerning.extend(touched.paths.iter().flat_map(|path| self.inputs.through_links(path)));
        let began = self.settle.map_or(touched.at, |(_, began)| began);
        // The files that are known, and nothing else: what else there is can be looked for while the compiler runs.
        if !is_anew && concerning.iter().all(|path| self.sources.saved().0.contains_key(path)) {
            self.looked(self.sources.saved().read_again(&concerning));
            self.consider(Some(began), false);
            concerning.clear();
        }
        self.look(&concerning);
        self.consider(Some(began), false);
    }

    /// Looks at the inputs as they are saved now.
    pub(super) fn look(&mut self, touched: &BTreeSet<PathBuf>) {
        self.looked(SourceTree::read(&self.inputs, self.sources.saved(), touched));
    }

    /// This is what is saved now. Says what differs from the last look.
    fn looked(&mut self, saved: SourceTree) {
        let before = self.sources.look(saved, &self.project);
        // At the first look everything is new.
        if before.0.is_empty() {
            return;
        }
        let paths = self.sources.saved().differing(&before).into_iter().map(|path| self.project.shown(path));
        let paths: Vec<_> = paths.collect();
        if !paths.is_empty() {
            (self.tell)(Event::Saved { paths });
        }
    }

    /// Starts a build if the saved files ask for one.
    pub(super) fn consider(&mut self, began: Option<Instant>, settled: bool) {
        // Cargo writes its lock file while it builds; that is looked at when it has ended.
        let lock = self.running.is_some().then(|| self.project.shown(&self.project.lock_file()));
        match decide(self.sources.hashes(), &self.attempted, settled, lock.as_ref()) {
            Decision::Nothing => {
                self.settle = None;
                // They are what they were; what the compiler has read of them meanwhile nobody knows.
                let paths: Vec<PathBuf> = std::mem::take(&mut self.doubted).into_iter().collect();
                if !paths.is_empty() && self.auto_reload {
                    self.build(Cause::Saved { paths }, began);
                }
            }
            Decision::Wait { paths } => {
                if self.running.is_some() {
                    self.doubted.extend(paths);
                }
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

    pub(super) fn build(&mut self, cause: Cause, began: Option<Instant>) {
        let generation = self.generation.next();
        self.generation = generation;
        self.doubted.clear();
        self.unchecked.give_way();
        if let Some(old) = self.running.take() {
            old.build.cancel();
            (self.tell)(Event::Superseded { generation: old.generation, by: generation });
        }
        let sources = self.sources.hashes().clone();
        self.attempted = sources.clone();
        (self.tell)(Event::BuildStarted { generation, cause: cause.clone() });
        let inbox = self.inbox.clone();
        self.is_stale |= self.changes_settings(&cause);
        let by_cargo = matches!(cause, Cause::Start | Cause::Asked).then_some(Fallback::Asked);
        let order = BuildOrder {
            project: Arc::clone(&self.project),
            sources,
            warden: self.warden.clone(),
            replays: Some(Arc::clone(&self.replays)),
            by_cargo,
            is_check: false,
        };
        let build = Build::start(order, move |event| drop(inbox.send(Input::Build(generation, event))));
        self.running = Some(Running {
            started: SystemTime::now(),
            generation,
            cause,
            sources: Arc::clone(self.sources.saved()),
            selection: self.project.selection.clone(),
            watch: began.map(|began| u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX)),
            build,
        });
        self.phase = Phase::Building { generation };
    }

    pub(super) fn build_event(&mut self, generation: Generation, event: BuildEvent) {
        // This comes after the end.
        let event = match event {
            BuildEvent::Base(linked) => return self.base_linked(linked),
            event => event,
        };
        // A build that was superseded has had its terminal event.
        if self.running.as_ref().is_none_or(|running| running.generation != generation) {
            return;
        }
        match event {
            BuildEvent::Progress(text) => {
                (self.tell)(Event::BuildProgress { generation, text, done: None, total: None });
            }
            BuildEvent::Bar { done, total, text } => {
                let (done, total) = (Some(done), Some(total));
                (self.tell)(Event::BuildProgress { generation, text, done, total });
            }
            BuildEvent::Base(_) => {}
            BuildEvent::Finished { outcome, took, lock } => {
                if let Some(running) = self.running.take() {
                    let micros = |duration: Duration| u64::try_from(duration.as_micros()).ok();
                    let durations = Durations {
                        watch: running.watch,
                        lock: micros(lock),
                        build: micros(took),
                        ..Durations::default()
                    };
                    self.build_finished(running, *outcome, durations);
                }
            }
        }
    }

    fn base_linked(&self, linked: Result<BaseLibrary, String>) {
        (self.tell)(match linked {
            Ok(BaseLibrary { crates, bytes, took }) => {
                Event::BaseLibrary { crates, bytes, micros: u64::try_from(took.as_micros()).unwrap_or(u64::MAX) }
            }
            Err(why) => Event::Notice {
                message: format!("no base library: {why}. Versions are linked whole, until the next session"),
            },
        });
    }

    fn build_finished(&mut self, running: Running, outcome: BuildOutcome, durations: Durations) {
        let Running { generation, cause, sources, selection, started, .. } = running;
        match outcome {
            BuildOutcome::Cancelled => {
                (self.tell)(Event::Cancelled { generation });
                self.phase = Phase::Idle;
            }
            BuildOutcome::Failed { failure, path } => {
                self.phase = Phase::BuildFailed;
                let at = Timestamp::now();
                let record = FailedRecord { generation, at, cause, failure, path, durations };
                let _ = self.host.send(Job::Failed(Box::new(record)));
            }
            BuildOutcome::Built { artifact, path, lock, warnings, inputs, phases, .. } => {
                let durations = Durations { phases, ..durations };
                self.phase = Phase::Activating;
                self.owes_a_look = true;
                let at_start = sources;
                let sources = self.built_sources(&at_start, inputs);
                let hashes = sources.hashes(&self.project);
                self.attempted = hashes.clone();
                // A file that became known by this build, and was saved while it ran: nobody can say
                // which content was built. It counts as changed, and is built again.
                let late =
                    sources.0.iter().filter(|(path, now)| !at_start.0.contains_key(*path) && now.is_since(started));
                let late: Vec<PathBuf> = late.map(|(path, _)| self.project.shown(path)).collect();
                self.attempted.0.retain(|path, _| !late.contains(path));
                self.with_host.insert(generation, hashes);
                let sources = Arc::new(sources);
                let lock = Some(lock);
                let new =
                    NewArtifact { generation, artifact, path, lock, cause, sources, selection, warnings, durations };
                let _ = self.host.send(Job::Artifact(Box::new(new)));
            }
        }
        if std::mem::take(&mut self.is_stale) {
            self.read_project_anew();
        }
        if !self.owes_a_look {
            self.look_around();
        }
    }

    /// Looks for what nobody may have told of: a folder that has come back, and cargo's lock file, which was saved
    /// while cargo ran and did not supersede it. After a build that made something, the host's work comes first, which
    /// somebody waits for.
    pub(super) fn look_around(&mut self) {
        self.arm(false);
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
        let of = |(path, now): (&PathBuf, &Source)| {
            let source = at_start.0.get(path).unwrap_or(now);
            (path.clone(), source.clone())
        };
        SourceTree(self.sources.saved().0.iter().map(of).collect())
    }
}
