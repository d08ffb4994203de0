//! States on disk: the one that each version had when it was left, and the one that the next session
//! takes up.

use std::path::Path;
use std::sync::Arc;

use super::activation::{Purpose, Stop};
use super::clause::Clause;
use super::host::Host;
use super::keeper::{Kept, Place};
use crate::history::states::{self, KeptState};
use crate::ids::{Timestamp, VersionNumber};
use crate::session::Event;

impl Host {
    /// At the start of a session: the state that the last one ended with.
    pub(super) fn take_up_last_state(&mut self) {
        let path = self.store.last_state();
        match states::read(&path) {
            Ok(Some(state)) => {
                self.from_last_session = Some(state.at);
                self.snapshot = Some(Arc::new(state));
            }
            Ok(None) => {}
            Err(error) => self.put_aside(&format!("{} cannot be used: {error}", path.display())),
        }
    }

    /// Where nothing ran before and the state of the last session was in the way: `true`, it is no longer.
    pub(super) fn drop_last_state(&mut self, stop: &Stop) -> bool {
        let why = match stop {
            Stop::Load(_) | Stop::Fault(None, _) => return false,
            Stop::Refused(..) | Stop::Fault(Some(_), _) => stop.words(),
        };
        if self.from_last_session.take().is_none() {
            return false;
        }
        self.snapshot = None;
        self.put_aside(&format!("nothing starts with it: {why}"));
        true
    }

    /// The file stays, under another name: it would be written over.
    fn put_aside(&self, why: &str) {
        let path = self.store.last_state();
        let aside = path.with_extension("unusable");
        let kept = match std::fs::rename(&path, &aside) {
            Ok(()) => format!("it is kept as {}", aside.display()),
            Err(error) => format!("it cannot be kept as {}: {error}", aside.display()),
        };
        let message = format!("the state of the last session is left out, the guest starts afresh: {why}; {kept}");
        self.event(Event::Notice { message });
    }

    /// Keeps what runs now for the next session.
    pub(super) fn keep_for_next_session(&self) {
        if let (true, Some(state)) = (self.resume, &self.snapshot) {
            self.keeper.keep(Place::Session(self.store.last_state()), Arc::clone(state));
        }
    }

    /// At the end: the state may have changed without a call.
    pub(super) fn keep_at_the_end(&mut self) {
        let Some(version) = self.active.as_ref().map(|active| active.version) else { return };
        if self.resume && self.runner.is_some() {
            // A guest that cannot give it leaves the one before, which is kept already.
            let _ = self.refresh_snapshot(version);
        }
    }

    /// Keeps the state that a version is left with, in the version's folder.
    pub(super) fn keep_left(&self, state: &Arc<KeptState>) {
        if self.rows.contains_key(&state.by) {
            self.keeper.keep(Place::Version(state.by, self.store.state_of(state.by)), Arc::clone(state));
        }
    }

    /// How keeping a state ended.
    pub(super) fn kept(&mut self, kept: Kept) {
        match kept {
            Kept::Left(version, left) => self.mark(version, |marks| marks.left_state = Some(left)),
            Kept::Failed(message) => self.event(Event::Notice { message }),
        }
    }

    /// Rolls back or forward to a version with the state that it had when it was left.
    pub(super) fn activate_with_its_state(&mut self, version: VersionNumber) {
        match own_state(&self.store.state_of(version), version) {
            Ok(state) => self.activate(version, &Purpose::WithItsState(Arc::new(state))),
            Err(message) => self.event(Event::NotActivated { version, message }),
        }
    }

    /// What a verdict begins with, for a state that is not today's.
    pub(super) fn origin(&self, purpose: &Purpose, has_old: bool) -> Option<Clause> {
        // A clock that went back counts as now.
        let seconds = |at: Timestamp| Timestamp::now().0.saturating_sub(at.0) / 1000;
        match (purpose, self.from_last_session) {
            (Purpose::WithItsState(state), _) => Some(Clause::OwnState { seconds: seconds(state.at) }),
            (_, Some(at)) if !has_old => Some(Clause::LastSession { seconds: seconds(at) }),
            _ => None,
        }
    }
}

fn own_state(path: &Path, version: VersionNumber) -> Result<KeptState, String> {
    match states::read(path) {
        Ok(Some(state)) => Ok(state),
        Ok(None) => Err(format!(
            "no state is kept with {version}: it had none, or was never left; activate it with today's state instead"
        )),
        Err(error) => Err(format!(
            "the state that is kept with {version} cannot be used ({}): {error}; activate it with today's state instead",
            path.display()
        )),
    }
}
