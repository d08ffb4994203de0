//! The state on its way from one version to the next: as it is, with fields filled in, or afresh.
//! And the state as it is told.

use super::carry;
use super::host::Host;
use super::verdict::{Verdict, VerdictKind};
use crate::ids::VersionNumber;
use crate::load::StateError;
use crate::runner::{Fault, Opened, Request, Response};
use crate::session::{Event, SHOWN_STATE, StateMoment};
use crate::value;

impl Host {
    /// Makes the candidate's state, from the old one's snapshot as far as it fits. The inner error
    /// is a refusal.
    pub(super) fn start(
        &mut self,
        version: VersionNumber,
        opened: &Opened,
        before: Option<&[u8]>,
    ) -> Result<Result<Verdict, String>, Fault> {
        let Some(before) = before else {
            return Ok(match self.make_state(version, None)? {
                Ok(()) if opened.state_type.is_none() => Ok(Verdict::new(VerdictKind::Hot, "no state to carry")),
                Ok(()) => Ok(Verdict::new(VerdictKind::Hot, "fresh state")),
                Err(error) => Err(error.to_string()),
            });
        };
        if opened.state_type.is_none() {
            return Ok(Ok(Verdict::new(VerdictKind::Reset, "the new version has no state; the old one's was dropped")));
        }
        let why = match self.make_state(version, Some(before))? {
            Ok(()) => return self.carried(version, before),
            Err(error) if error.panicked => return Ok(Err(error.to_string())),
            Err(error) => error.why,
        };
        // Perhaps only fields are missing: take these from a fresh state.
        if let Err(error) = self.make_state(version, None)? {
            return Ok(Err(error.to_string()));
        }
        if let Ok(Some(default)) = self.take_snapshot(version)? {
            let filled = carry::fill(before, &default);
            match self.make_state(version, Some(&filled))? {
                Ok(()) => return self.carried(version, before),
                Err(error) if error.panicked => return Ok(Err(error.to_string())),
                Err(_) => {}
            }
        }
        Ok(Ok(Verdict::new(VerdictKind::Reset, format!("the old state does not fit the new type: {why}"))))
    }

    /// Takes the snapshot of what runs anew. `false`: the guest could not give it, which was told;
    /// the snapshot is the one before.
    pub(super) fn refresh_snapshot(&mut self, version: VersionNumber) -> Result<bool, Fault> {
        match self.take_snapshot(version)? {
            Ok(snapshot) => {
                self.snapshot = snapshot;
                Ok(true)
            }
            Err(message) => {
                self.event(Event::Notice { message: format!("{version}: {message}") });
                Ok(false)
            }
        }
    }

    /// Tells the state as the latest snapshot has it, if there is state.
    pub(super) fn tell_state(&self, version: VersionNumber, moment: StateMoment) {
        let Some(snapshot) = &self.snapshot else { return };
        let value = (snapshot.len() <= SHOWN_STATE).then(|| value::unpack(snapshot));
        self.event(Event::State { version, moment, value, bytes: snapshot.len() as u64 });
    }

    /// Tells the state as it is now.
    pub(super) fn read_state(&mut self) {
        let Some(version) = self.active.as_ref().map(|active| active.version) else {
            let message = "nothing is loaded yet; there is a state once a version runs".to_owned();
            return self.event(Event::CommandRefused { message });
        };
        match self.refresh_snapshot(version) {
            Ok(true) => self.tell_state(version, StateMoment::Read),
            Ok(false) => {}
            Err(fault) => self.recover(&fault),
        }
    }

    fn make_state(&mut self, version: VersionNumber, snapshot: Option<&[u8]>) -> Result<Result<(), StateError>, Fault> {
        let request = Request::Start { version, snapshot: snapshot.map(<[u8]>::to_vec) };
        match self.ask(&request)? {
            Response::Started(result) => Ok(result),
            other => Err(self.broken(&request, &other)),
        }
    }

    fn carried(&mut self, version: VersionNumber, before: &[u8]) -> Result<Result<Verdict, String>, Fault> {
        let after = match self.take_snapshot(version)? {
            Ok(after) => after.unwrap_or_default(),
            Err(message) => return Ok(Err(message)),
        };
        let carried = carry::compare(before, &after);
        let kind = if carried.is_whole() { VerdictKind::Hot } else { VerdictKind::Migrated };
        Ok(Ok(Verdict::new(kind, format!("state carried over: {}", carried.text()))))
    }
}
