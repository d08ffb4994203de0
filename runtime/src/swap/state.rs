//! The state on its way from one version to the next: as it is, as far as it fits, or afresh. And the
//! state as it is told.

use std::sync::Arc;

use super::carry::{self, Carried};
use super::clause::Clause;
use super::host::Host;
use super::verdict::{Verdict, VerdictKind};
use crate::history::states::KeptState;
use crate::ids::{Timestamp, VersionNumber};
use crate::load::{StateError, StateErrorKind, StateReport};
use crate::runner::{Fault, Opened, Request, Response, Snapshot};
use crate::session::{Event, SHOWN_STATE, StateMoment};
use crate::value;

impl Host {
    /// Makes the candidate's state, from the old one's snapshot as far as it fits. The inner error
    /// is a refusal.
    pub(super) fn start(
        &mut self,
        version: VersionNumber,
        opened: &Opened,
        before: Option<&KeptState>,
    ) -> Result<Result<Verdict, Clause>, Fault> {
        let Some(before) = before else {
            return Ok(match self.make_state(version, None)? {
                Ok(_) if opened.state_type.is_none() => Ok(Verdict::of(VerdictKind::Hot, vec![Clause::NoState])),
                Ok(_) => Ok(Verdict::of(VerdictKind::Hot, vec![Clause::FreshState])),
                Err(error) => Err(said(&error)),
            });
        };
        if opened.state_type.is_none() {
            return Ok(Ok(Verdict::of(VerdictKind::Reset, vec![Clause::StateDropped])));
        }
        let given = Snapshot { state_version: before.state_version, bytes: before.bytes.clone() };
        let why = match self.make_state(version, Some(given.clone()))? {
            Ok(report) => return self.carried(version, before, report),
            Err(error) => match error.kind {
                StateErrorKind::Panicked => return Ok(Err(said(&error))),
                StateErrorKind::Refused => {
                    let from = before.state_version;
                    return Ok(Err(Clause::MigrationRefused { from, why: error.why }));
                }
                StateErrorKind::Unfit => error.why,
            },
        };
        // A guest with an older SDK: perhaps only fields are missing. Take these from a fresh state.
        if let Err(error) = self.make_state(version, None)? {
            return Ok(Err(said(&error)));
        }
        if let Ok(Some(default)) = self.take_snapshot(version)? {
            let filled = Snapshot { bytes: carry::fill(&before.bytes, &default.bytes), ..given };
            match self.make_state(version, Some(filled))? {
                Ok(report) => return self.carried(version, before, report),
                Err(error) if error.kind == StateErrorKind::Unfit => {}
                Err(error) => return Ok(Err(said(&error))),
            }
        }
        Ok(Ok(Verdict::of(VerdictKind::Reset, vec![Clause::Unfit { why: Some(why), kept: 0 }])))
    }

    /// Takes the snapshot of what runs anew. `false`: the guest could not give it, which was told;
    /// the snapshot is the one before.
    pub(super) fn refresh_snapshot(&mut self, version: VersionNumber) -> Result<bool, Fault> {
        match self.take_snapshot(version)? {
            Ok(snapshot) => {
                self.snapshot = taken(version, snapshot);
                self.keep_for_next_session();
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
        let bytes = &snapshot.bytes;
        let value = (bytes.len() <= SHOWN_STATE).then(|| value::unpack(bytes));
        self.event(Event::State { version, moment, value, bytes: bytes.len() as u64 });
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

    fn make_state(
        &mut self,
        version: VersionNumber,
        snapshot: Option<Snapshot>,
    ) -> Result<Result<Option<StateReport>, StateError>, Fault> {
        let request = Request::Start { version, snapshot };
        match self.ask(&request)? {
            Response::Started(result) => Ok(result),
            other => Err(self.broken(&request, &other)),
        }
    }

    fn carried(
        &mut self,
        version: VersionNumber,
        before: &KeptState,
        report: Option<StateReport>,
    ) -> Result<Result<Verdict, Clause>, Fault> {
        let after = match self.take_snapshot(version)? {
            Ok(after) => after.unwrap_or(Snapshot { state_version: 0, bytes: Vec::new() }),
            Err(text) => return Ok(Err(Clause::Said { text })),
        };
        let carried = carry::compare(&before.bytes, &after.bytes, report.as_ref());
        let fresh = report.and_then(|report| report.fresh);
        Ok(Ok(judge((before.state_version, after.state_version), carried, fresh)))
    }
}

/// The verdict on what became of the fields; `fresh`: why nothing could be taken over.
fn judge((from, to): (u32, u32), carried: Carried, fresh: Option<String>) -> Verdict {
    if let Some(why) = fresh {
        return Verdict::of(VerdictKind::Reset, vec![Clause::Unfit { why: Some(why), kept: 0 }]);
    }
    let kept = carried.kept;
    if kept == 0 && !carried.is_whole() {
        return Verdict::of(VerdictKind::Reset, vec![Clause::Unfit { why: None, kept }]).with_fields(carried);
    }
    let migrated = (from != to).then_some(Clause::StateVersions { from, to });
    let kind = if carried.is_whole() && from == to { VerdictKind::Hot } else { VerdictKind::Migrated };
    let verdict = Verdict::of(kind, migrated.into_iter().chain([Clause::CarriedOver { kept }]).collect());
    if carried.is_whole() { verdict } else { verdict.with_fields(carried) }
}

/// Why a state could not be made, as it is told.
fn said(error: &StateError) -> Clause {
    Clause::Said { text: error.to_string() }
}

/// A snapshot with whose it is.
pub(super) fn taken(by: VersionNumber, snapshot: Option<Snapshot>) -> Option<Arc<KeptState>> {
    let Snapshot { state_version, bytes } = snapshot?;
    Some(Arc::new(KeptState { by, at: Timestamp::now(), state_version, bytes }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_follow_from_what_became_of_the_fields() {
        let some = |kept, dropped: &[&str]| Carried {
            kept,
            dropped: dropped.iter().map(ToString::to_string).collect(),
            ..Carried::default()
        };
        let no = || Some("no".to_owned());
        for (versions, carried, fresh, verdict) in [
            ((0, 0), some(2, &[]), None, "Hot: state carried over: 2 values kept"),
            ((0, 0), some(0, &[]), None, "Hot: state carried over: 0 values kept"),
            ((0, 0), some(2, &["a"]), None, "Migrated: state carried over: 2 values kept; dropped: a"),
            (
                (1, 2),
                some(2, &[]),
                None,
                "Migrated: migrated from state version 1 to 2; state carried over: 2 values kept",
            ),
            (
                (0, 0),
                some(0, &["a"]),
                None,
                "Reset: the old state does not fit the new type: 0 values kept; dropped: a",
            ),
            ((0, 0), some(0, &[]), no(), "Reset: the old state does not fit the new type: no"),
        ] {
            assert_eq!(judge(versions, carried, fresh).to_string(), verdict);
        }
    }
}
