//! Stage, verify, swap, probation: how an artifact becomes the active version, and what happens
//! when one of the steps says no. Until the new version is proven, the old one stays open beside it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use super::clause::{self, Clause};
use super::exports::export_changes;
use super::host::{Active, Host, micros};
use super::job::{NewArtifact, News};
use super::pins::PinnedOutcomes;
use super::state::taken;
use super::verdict::{Verdict, VerdictKind};
use crate::build::BuildPath;
use crate::history::Claim;
use crate::history::record::{
    ArtifactRecord, ContentHash, Durations, FailedRecord, Failure, Marks, PinnedResult, Standing, VersionRecord,
    VersionRow,
};
use crate::history::states::KeptState;
use crate::ids::{Generation, Timestamp, VersionNumber};
use crate::runner::{Fault, Opened, Request, Response};
use crate::session::{Event, StateMoment};
use crate::stage::{self, StageError, StagedArtifact, Taken};

/// What an activation is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A new version on probation: it must fit the pinned calls and not panic in them.
    New,
    /// The user wants just this version.
    Chosen,
    /// The user wants just this version, with this state instead of today's.
    WithItsState(Arc<KeptState>),
    /// It goes on after a fault, with this verdict, in place of a version that is gone.
    Again(Verdict, VersionNumber),
}

/// Why a version did not become active. What ran before runs again, if anything did.
#[derive(Debug)]
pub(super) enum Stop {
    /// It could not be opened or did not verify.
    Load(String),
    /// It opened and was not let in.
    Refused(Box<Opened>, Vec<Clause>),
    /// It faulted. `None`: before it was opened.
    Fault(Option<Box<Opened>>, String),
}

impl Stop {
    fn fault(opened: Option<&Opened>, fault: &Fault) -> Self {
        Self::Fault(opened.cloned().map(Box::new), fault.to_string())
    }

    /// What happened.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Load(words) | Self::Fault(_, words) => words.clone(),
            Self::Refused(_, clauses) => clause::text(clauses, None),
        }
    }
}

/// A version that became active.
#[derive(Debug)]
pub(super) struct Done {
    opened: Box<Opened>,
    verdict: Verdict,
    results: Vec<PinnedResult>,
    /// What ran before, still open: to be retired once this is written down.
    old: Option<VersionNumber>,
}

/// A staged artifact. One that was not copied has no hash yet: nobody is to wait for it before the version runs.
enum Staged {
    Hashed(StagedArtifact),
    Unhashed(Taken),
}

impl Staged {
    fn path(&self) -> &Path {
        match self {
            Self::Hashed(staged) => &staged.path,
            Self::Unhashed(taken) => &taken.path,
        }
    }

    /// What is recorded of it. With an error the hash is one that nothing has: it could not be read.
    fn record(self) -> (ArtifactRecord, Option<StageError>) {
        let taken = match self {
            Self::Hashed(staged) => return (staged.record, None),
            Self::Unhashed(taken) => taken,
        };
        let file = taken.path.file_name().map(PathBuf::from).unwrap_or_default();
        let record = |hash| ArtifactRecord { file: file.clone(), bytes: taken.bytes, hash };
        match stage::content_hash(&taken.path) {
            Ok(hash) => (record(hash), None),
            Err(error) => (record(ContentHash(String::new())), Some(error)),
        }
    }
}

impl Host {
    /// The way of a change from cargo's artifact on.
    pub(super) fn artifact(&mut self, mut new: NewArtifact) {
        let began = Instant::now();
        let claim = match self.store.claim() {
            Ok(claim) => claim,
            Err(error) => return self.failed(new, error.to_string()),
        };
        let staged = match self.stage(&new, &claim) {
            Ok(staged) => staged,
            Err(error) => return self.failed(new, error.to_string()),
        };
        new.lock = None;
        if let Some((version, activate)) = self.same_as(&staged) {
            let by = if matches!(new.path, BuildPath::Replay { .. }) { "rustc" } else { "cargo" };
            return self.nothing_changed(new.generation, version, activate, by);
        }
        if let Err(message) = self.check_base(&new.path) {
            return self.failed(new, message);
        }
        new.durations.stage = Some(micros(began.elapsed()));
        let mut durations = new.durations;
        let outcome = self.bring_in(claim.number, staged.path(), &Purpose::New, &mut durations);
        new.durations = durations;
        let (opened, verdict, standing, results, old) = match outcome {
            Ok(done) => (done.opened, done.verdict, Standing::Good, done.results, done.old),
            Err(Stop::Load(message)) => return self.failed(new, message),
            Err(Stop::Fault(None, fault)) => {
                let generation = new.generation;
                self.failed(new, fault.clone());
                return self.news(News::FaultedAtLoad { generation, fault });
            }
            Err(Stop::Refused(opened, why)) => {
                (opened, Verdict::of(VerdictKind::Refused, why), Standing::Refused, Vec::new(), None)
            }
            Err(Stop::Fault(Some(opened), fault)) => {
                let verdict = Verdict::of(VerdictKind::Refused, vec![Clause::Faulted { fault: fault.clone() }]);
                (opened, verdict, Standing::Faulted { fault }, Vec::new(), None)
            }
        };
        let (artifact, unread) = staged.record();
        if let Some(error) = unread {
            let message = format!("{error}; without a hash, {} cannot be activated again", claim.number);
            self.event(Event::Notice { message });
        }
        let row = VersionRow {
            record: VersionRecord {
                number: claim.number,
                generation: new.generation,
                built_at: Timestamp::now(),
                cause: new.cause,
                sources: new.sources.hashes(&self.project),
                artifact,
                selection: new.selection,
                path: new.path,
                durations,
                warnings: new.warnings,
                stamp: opened.stamp,
                exports: opened.exports,
                state_type: opened.state_type,
                verdict: verdict.clone(),
            },
            marks: Marks { standing, last_verdict: Some(verdict), pinned_results: results, ..Marks::default() },
        };
        let kept = self.store.record(claim, &row, &new.sources, &self.project);
        self.notice_history(kept);
        self.rows.insert(row.record.number, row.clone());
        self.event(Event::Recorded { row: Box::new(row) });
        self.retire_old(old);
        self.report_active();
        self.prune();
    }

    fn failed(&mut self, new: NewArtifact, message: String) {
        let record = FailedRecord {
            generation: new.generation,
            at: Timestamp::now(),
            cause: new.cause,
            failure: Failure::Load { message },
            path: new.path,
            durations: new.durations,
        };
        let kept = self.store.fail(&record);
        self.event(Event::Failed { record });
        self.notice_history(kept);
        self.report_active();
    }

    /// What cargo has made is copied. What a replay has made gets its new name.
    fn stage(&self, new: &NewArtifact, claim: &Claim) -> Result<Staged, StageError> {
        let name = &self.project.name;
        if !matches!(new.path, BuildPath::Replay { .. }) {
            return stage::stage(&new.artifact, &claim.folder, name, claim.number).map(Staged::Hashed);
        }
        stage::take(&new.artifact, &claim.folder, name, claim.number).map(Staged::Unhashed)
    }

    /// The version that this artifact is, if it need not become another one: the active one, or
    /// (`true`: to be activated) any good one while nothing runs, as after a restart.
    fn same_as(&self, staged: &Staged) -> Option<(VersionNumber, bool)> {
        let same = |row: &VersionRow| {
            let hash = match staged {
                // Bytes tell sooner than a hash whether two files differ.
                Staged::Unhashed(taken) => match stage::is_same(&self.store.artifact(&row.record), &taken.path) {
                    Ok(is_same) => return is_same,
                    Err(_) => stage::content_hash(&taken.path).ok(),
                },
                Staged::Hashed(staged) => Some(staged.record.hash.clone()),
            };
            hash.as_ref() == Some(&row.record.artifact.hash)
        };
        match &self.active {
            Some(active) => {
                self.rows.get(&active.version).filter(|row| same(row)).map(|row| (row.record.number, false))
            }
            None => {
                let good = self.rows.values().rev().filter(|row| row.marks.standing == Standing::Good);
                good.into_iter().find(|row| same(row)).map(|row| (row.record.number, true))
            }
        }
    }

    fn nothing_changed(&mut self, generation: Generation, version: VersionNumber, activate: bool, by: &str) {
        self.news(News::SameAs { generation, version });
        if activate {
            self.activate_kept(version);
        }
        let reason = format!("{by} built what {version} is, byte for byte");
        self.event(Event::NothingChanged { generation, reason });
        self.report_active();
    }

    /// At the start of a session: the newest version that was good, while the first build runs.
    pub(super) fn activate_last_good(&mut self) {
        if let Some(version) = self.good().into_iter().max() {
            self.activate_kept(version);
        }
    }

    /// Rolls back or forward to a kept version.
    pub(super) fn activate_kept(&mut self, version: VersionNumber) {
        self.activate(version, &Purpose::Chosen);
    }

    /// Activates a kept version.
    pub(super) fn activate(&mut self, version: VersionNumber, purpose: &Purpose) {
        if self.active.as_ref().is_some_and(|active| active.version == version) {
            let message = format!("{version} is active already");
            return self.event(Event::NotActivated { version, message });
        }
        let mut durations = Durations::default();
        let began = Instant::now();
        let path = match self.kept_artifact(version) {
            Ok(path) => path,
            Err(message) => return self.event(Event::NotActivated { version, message }),
        };
        durations.stage = Some(micros(began.elapsed()));
        let outcome = self.bring_in(version, &path, purpose, &mut durations);
        self.after_activation(version, outcome);
        self.report_active();
    }

    pub(super) fn after_activation(&mut self, version: VersionNumber, outcome: Result<Done, Stop>) {
        match outcome {
            Ok(done) => {
                self.mark(version, |marks| {
                    marks.standing = Standing::Good;
                    marks.last_verdict = Some(done.verdict);
                    marks.pinned_results = done.results;
                    marks.retirement = None;
                });
                self.retire_old(done.old);
            }
            Err(stop @ (Stop::Load(_) | Stop::Refused(..))) => {
                self.event(Event::NotActivated { version, message: stop.words() });
            }
            Err(Stop::Fault(_, fault)) => {
                self.mark(version, |marks| marks.standing = Standing::Faulted { fault: fault.clone() });
                self.event(Event::NotActivated { version, message: format!("it faulted: {fault}") });
            }
        }
    }

    /// The artifact of a kept version, checked against its record. Where the runner still has the
    /// file mapped from an earlier activation, a fresh copy: the loader would give back the old
    /// mapping, with its statics.
    pub(super) fn kept_artifact(&mut self, version: VersionNumber) -> Result<PathBuf, String> {
        let row = self.rows.get(&version).ok_or_else(|| format!("there is no {version} in the history"))?;
        let path = self.store.artifact(&row.record);
        stage::check_kept(&path, &row.record.artifact).map_err(|error| error.to_string())?;
        let built_by = row.record.path.clone();
        self.check_base(&built_by)?;
        let is_mapped = match self.mapped() {
            Ok(mapped) => mapped.contains(&version),
            Err(fault) => {
                self.recover(&fault);
                false
            }
        };
        if is_mapped {
            return stage::copy_again(&path, &self.store.scratch()).map_err(|error| error.to_string());
        }
        Ok(path)
    }

    /// Whether the base library that an artifact needs is what was recorded. It is read whole only once,
    /// as long as its size and time stay the same.
    fn check_base(&mut self, path: &BuildPath) -> Result<(), String> {
        let Some(base) = path.base() else { return Ok(()) };
        let file = self.store.base(base);
        let facts = std::fs::metadata(&file).and_then(|found| Ok((found.len(), found.modified()?))).ok();
        if facts.is_some() && self.checked_bases.get(&file).copied() == facts {
            return Ok(());
        }
        stage::check_kept(&file, base).map_err(|error| match error {
            StageError::Gone { path, source } => format!(
                "the base library {} is gone or cannot be read ({source}); save a source file to build anew",
                path.display()
            ),
            other => other.to_string(),
        })?;
        self.checked_bases.extend(facts.map(|facts| (file, facts)));
        Ok(())
    }

    /// Opens beside the active version, verifies, swaps, and lets the pinned calls try it. Where that
    /// fails, what ran before runs again afterwards.
    pub(super) fn bring_in(
        &mut self,
        version: VersionNumber,
        path: &Path,
        purpose: &Purpose,
        durations: &mut Durations,
    ) -> Result<Done, Stop> {
        let old = self.active.clone();
        let outcome = self.try_in(version, path, purpose, durations, old.as_ref());
        if let Err(stop) = &outcome {
            self.back_to(old.as_ref(), version, stop);
            if old.is_none() && self.drop_last_state(stop) {
                // It is not to be the reason why a guest can never be started again. It can be dropped once.
                return self.bring_in(version, path, purpose, durations);
            }
        }
        outcome
    }

    fn try_in(
        &mut self,
        version: VersionNumber,
        path: &Path,
        purpose: &Purpose,
        durations: &mut Durations,
        old: Option<&Active>,
    ) -> Result<Done, Stop> {
        let began = Instant::now();
        let opened = self.open(version, path)?;
        let fell = |fault: Fault| Stop::fault(Some(&opened), &fault);
        if *purpose == Purpose::New {
            let mut unfit = self.unfit_pins(version).map_err(fell)?;
            if !unfit.is_empty() {
                unfit.push(Clause::UnpinOr { version: version.to_string() });
                return Err(Stop::Refused(Box::new(opened), unfit));
            }
        }
        durations.verify = Some(micros(began.elapsed()));

        let began = Instant::now();
        let (old_is_open, stale) = self.snapshot_for_swap(version, path, old)?;
        let left = self.snapshot.clone();
        let before = match purpose {
            Purpose::WithItsState(own) => Some(Arc::clone(own)),
            _ => left.clone(),
        };
        let mut verdict = match self.start(version, &opened, before.as_deref()).map_err(fell)? {
            Ok(verdict) => verdict,
            Err(why) => return Err(Stop::Refused(Box::new(opened), vec![why])),
        };
        if let Some(origin) = before.as_ref().and_then(|_| self.origin(purpose, old.is_some())) {
            verdict.begin_with([origin]);
        }
        if let Some(old) = old {
            verdict.add(export_changes(&old.exports, &opened.exports));
        }
        if let Some(why) = stale {
            verdict.kind = if before.is_some() { VerdictKind::Migrated } else { VerdictKind::Reset };
            verdict.add([Clause::StateNotTaken { why, earlier: before.is_some() }]);
        }
        if let Purpose::Again(given, _) = purpose {
            verdict.kind = given.kind;
            verdict.begin_with(given.clauses.iter().cloned());
        }
        durations.swap = Some(micros(began.elapsed()));

        let began = Instant::now();
        let results = self.probation(version).map_err(fell)?;
        let pinned = PinnedOutcomes::of(&results);
        if let (Purpose::New, Some(old)) = (purpose, old) {
            // A call that panicked before, too, says nothing against the new version.
            if let Some(call) = pinned.panicking.difference(&old.pinned.panicking).next() {
                let answer = results.iter().find(|result| result.call == *call).map(|result| result.answer.to_string());
                let fault = format!("{call} {}", answer.unwrap_or_default());
                return Err(Stop::Fault(Some(Box::new(opened)), fault));
            }
        }
        let is_taken = self.refresh_snapshot(version).map_err(fell)?;
        durations.probation = Some(micros(began.elapsed()));

        self.from_last_session = None;
        self.active = Some(Active { version, exports: opened.exports.clone(), pinned });
        let from = match purpose {
            Purpose::Again(_, gone) => Some(*gone),
            _ => old.map(|old| old.version),
        };
        self.event(Event::Activated { version, from, verdict: verdict.clone(), durations: *durations });
        if is_taken {
            self.tell_state(version, StateMoment::Activated);
        }
        if let Some(left) = left.filter(|left| left.by != version) {
            self.keep_left(&left);
        }
        let old = old.filter(|_| old_is_open).map(|old| old.version);
        Ok(Done { opened: Box::new(opened), verdict, results, old })
    }

    /// Brings the snapshot of what runs up to date. If the old version cannot give it, it is the last
    /// one that could be taken, and why. If that took the runner with it, the candidate is opened
    /// again in another one (`false`: the old version is no longer there): a fault of the old version
    /// must not keep the new one out.
    fn snapshot_for_swap(
        &mut self,
        version: VersionNumber,
        path: &Path,
        old: Option<&Active>,
    ) -> Result<(bool, Option<String>), Stop> {
        let Some(old) = old else { return Ok((true, None)) };
        match self.take_snapshot(old.version) {
            Ok(Ok(snapshot)) => {
                self.snapshot = taken(old.version, snapshot);
                Ok((true, None))
            }
            Ok(Err(message)) => Ok((true, Some(message))),
            Err(fault) => {
                self.event(Event::Fault { version: old.version, fault: fault.to_string() });
                self.active = None;
                self.open(version, path)?;
                Ok((false, Some(fault.to_string())))
            }
        }
    }

    fn open(&mut self, version: VersionNumber, path: &Path) -> Result<Opened, Stop> {
        let request = Request::Open { version, path: path.to_owned() };
        match self.ask(&request) {
            Ok(Response::Opened(opened)) => Ok(opened),
            Ok(Response::NotOpened(message)) => Err(Stop::Load(message)),
            Ok(other) => Err(Stop::fault(None, &self.broken(&request, &other))),
            // That says nothing against the version.
            Err(fault @ Fault::NotStarted { .. }) => Err(Stop::Load(fault.to_string())),
            Err(fault) => Err(Stop::fault(None, &fault)),
        }
    }

    pub(super) fn foreground(&mut self, version: VersionNumber) -> Result<(), Fault> {
        let request = Request::Foreground { version };
        match self.ask(&request)? {
            Response::Done => Ok(()),
            other => Err(self.broken(&request, &other)),
        }
    }

    fn probation(&mut self, version: VersionNumber) -> Result<Vec<PinnedResult>, Fault> {
        self.foreground(version)?;
        self.evaluate_pins(version)
    }
}
