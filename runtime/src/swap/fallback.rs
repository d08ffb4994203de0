//! What goes on when something fell: the same version again, the one before, or nothing.

use std::time::Instant;

use super::activation::{Purpose, Stop};
use super::clause::{self, Clause};
use super::host::{Active, Host};
use super::job::News;
use super::recovery::{self, FaultRow, Stopped};
use super::verdict::{Verdict, VerdictKind};
use crate::history::record::{Durations, Standing};
use crate::ids::VersionNumber;
use crate::runner::Fault;
use crate::session::Event;

impl Host {
    /// The runner is gone while a version was active. It goes on from the last snapshot, or, if
    /// faults come in a row, an older one does, or none.
    pub(super) fn recover(&mut self, fault: &Fault) {
        if let Fault::Killed { ending } = fault {
            return self.replace_killed(fault, ending);
        }
        let Some(faulted) = self.active.take().map(|active| active.version) else { return self.report_active() };
        self.event(Event::Fault { version: faulted, fault: fault.to_string() });
        let is_loop = self.faults.add(self.last_fault.replace(Instant::now()).map(|last| last.elapsed()));
        if is_loop {
            // Not to be the last good one of the next session either.
            self.mark(faulted, |marks| marks.standing = Standing::Faulted { fault: fault.to_string() });
        }
        self.go_on(self.faults, faulted, &fault.into());
    }

    /// Somebody else has ended the runner while it had nothing to do. That is no fault of the version:
    /// it goes on, and it is not counted, unless somebody keeps doing it.
    fn replace_killed(&mut self, fault: &Fault, ending: &str) {
        self.kills.0.add(self.kills.1.replace(Instant::now()).map(|last| last.elapsed()));
        let Some(version) = self.active.as_ref().map(|active| active.version) else { return self.report_active() };
        if self.kills.0.is_loop() {
            let why = format!("{fault}, {} times in a row", recovery::FAULTS_IN_A_ROW + 1);
            self.active = None;
            self.event(Event::Notice { message: why.clone() });
            self.news(News::Active(None));
            return self.news(News::Stopped(format!("{why}; save a file, or activate a version")));
        }
        self.event(Event::Killed { version, ending: ending.to_owned(), snapshot: self.snapshot.is_some() });
        self.go_on(FaultRow::default(), version, &fault.into());
    }

    /// Starts the first of the candidates that does start.
    fn go_on(&mut self, row: FaultRow, gone: VersionNumber, why: &Clause) {
        self.active = None;
        self.end_runner();
        let candidates = match recovery::candidates(row, gone, &self.good()) {
            Ok(candidates) => candidates,
            Err(stopped) => return self.stop(gone, why, stopped),
        };
        for version in candidates {
            let how = if self.snapshot.is_some() { Clause::FromSnapshot } else { Clause::StartedAgain };
            let verdict = Verdict::of(VerdictKind::Restarted, vec![why.clone(), how]);
            match self.start_again(version, verdict, gone) {
                Ok(()) => return self.report_active(),
                Err(fault) => {
                    self.event(Event::Fault { version, fault: fault.clone() });
                    self.mark(version, |marks| marks.standing = Standing::Faulted { fault });
                }
            }
        }
        self.stop(gone, why, Stopped::NoneLeft);
    }

    fn stop(&mut self, gone: VersionNumber, why: &Clause, stopped: Stopped) {
        let why = clause::text(std::slice::from_ref(why), None);
        let because = match stopped {
            Stopped::TooManyInARow => format!("that was fault {} in a row", recovery::FAULTS_IN_A_ROW + 1),
            Stopped::NoneLeft => "no good version is left to go on with".to_owned(),
        };
        let reason = format!("{gone} faulted ({why}) and {because}; save a file, or activate a version");
        self.news(News::Active(None));
        self.news(News::Stopped(reason));
    }

    /// A candidate did not make it: what ran before is put in front again, or started again if it
    /// fell along.
    pub(super) fn back_to(&mut self, old: Option<&Active>, candidate: VersionNumber, stop: &Stop) {
        let stands = self.runner.is_some() && self.active.is_some() == old.is_some();
        if stands {
            let is_open = !matches!(stop, Stop::Load(_));
            let put_back = old.map_or(Ok(()), |old| self.foreground(old.version));
            if put_back.and_then(|()| if is_open { self.retire(candidate) } else { Ok(()) }).is_ok() {
                return;
            }
        }
        match old {
            // It is not the old version's fault, and not counted as one.
            Some(old) => self.go_on(FaultRow::default(), old.version, &Clause::Said { text: stop.words() }),
            None => {
                self.active = None;
                self.end_runner();
            }
        }
    }

    /// The old version's end took the runner with it; the new one goes on elsewhere.
    pub(super) fn retire_old(&mut self, old: Option<VersionNumber>) {
        let Some((old, Err(fault))) = old.map(|old| (old, self.retire(old))) else { return };
        self.event(Event::Fault { version: old, fault: fault.to_string() });
        if let Some(new) = self.active.take() {
            self.go_on(FaultRow::default(), new.version, &(&fault).into());
        }
    }

    /// The active version again, in a new runner, with fresh state.
    pub(super) fn restart_fresh(&mut self) {
        let chosen = self.active.as_ref().map(|active| active.version).or_else(|| self.good().into_iter().max());
        let Some(version) = chosen else {
            let message = "nothing is loaded yet; save a file or build first".to_owned();
            return self.event(Event::CommandRefused { message });
        };
        self.active = None;
        self.snapshot = None;
        self.from_last_session = None;
        self.end_runner();
        match self.start_again(version, Verdict::of(VerdictKind::Restarted, vec![Clause::AskedFor]), version) {
            Ok(()) => self.report_active(),
            Err(fault) => {
                self.event(Event::Fault { version, fault: fault.clone() });
                self.mark(version, |marks| marks.standing = Standing::Faulted { fault: fault.clone() });
                self.go_on(FaultRow::default(), version, &Clause::Said { text: fault });
            }
        }
    }

    /// Starts a kept version in place of one that is gone. The error says why it does not start.
    fn start_again(&mut self, version: VersionNumber, verdict: Verdict, gone: VersionNumber) -> Result<(), String> {
        let path = self.kept_artifact(version)?;
        let purpose = Purpose::Again(verdict, gone);
        let done = self.bring_in(version, &path, &purpose, &mut Durations::default()).map_err(|stop| stop.words())?;
        self.after_activation(version, Ok(done));
        Ok(())
    }
}
