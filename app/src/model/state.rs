//! The guest's state as it was last told, and what it is compared with: its value when the version
//! became active and, after a swap that migrated it, the old version's.

use std::sync::Arc;

use exuvia_runtime::ids::VersionNumber;
use exuvia_runtime::session::StateMoment;
use exuvia_runtime::swap::verdict::{Verdict, VerdictKind};
use serde_json::Value;

/// A state as it was told.
#[derive(Debug, Clone, PartialEq)]
pub struct ToldState {
    /// The version whose state it is.
    pub version: VersionNumber,
    /// When it was looked at.
    pub moment: StateMoment,
    /// The state; `None` where it is too large to be told.
    pub value: Option<Arc<Value>>,
    /// Size of its snapshot in bytes.
    pub bytes: u64,
}

/// The guest's state, and what it was before.
#[derive(Debug, Default)]
pub struct GuestState {
    /// The latest word on it; none from the moment a version becomes active until it is told.
    pub latest: Option<ToldState>,
    /// As it was when the version became active.
    pub at_swap: Option<Arc<Value>>,
    /// The old version's last value, after a swap that migrated the state.
    pub before_swap: Option<(VersionNumber, Arc<Value>)>,
    /// What the last swap did.
    pub verdict: Option<Verdict>,
    /// Another number for each change, for what is worked out once a change.
    pub revision: u64,
}

impl GuestState {
    pub(super) fn activated(&mut self, verdict: Verdict) {
        let old = self.latest.take().and_then(|told| Some((told.version, told.value?)));
        self.before_swap = old.filter(|_| verdict.kind == VerdictKind::Migrated);
        self.at_swap = None;
        self.verdict = Some(verdict);
        self.revision += 1;
    }

    pub(super) fn told(&mut self, version: VersionNumber, moment: StateMoment, value: Option<Value>, bytes: u64) {
        let value = value.map(Arc::new);
        // A state that could not be told at the swap is compared with the first one that could.
        if moment == StateMoment::Activated || self.at_swap.is_none() {
            self.at_swap.clone_from(&value);
        }
        self.latest = Some(ToldState { version, moment, value, bytes });
        self.revision += 1;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_baseline_is_the_value_at_the_last_swap() {
        let mut state = GuestState::default();
        let (v1, v2) = (VersionNumber(1), VersionNumber(2));
        state.activated(Verdict::new(VerdictKind::Hot, "fresh state"));
        assert_eq!(state.latest, None);
        state.told(v1, StateMoment::Activated, Some(json!({"n": 0})), 3);
        state.told(v1, StateMoment::Called, Some(json!({"n": 1})), 3);
        assert_eq!(state.at_swap.as_deref(), Some(&json!({"n": 0})));
        state.activated(Verdict::new(VerdictKind::Migrated, "state carried over: defaulted: m"));
        assert_eq!(state.before_swap, Some((v1, Arc::new(json!({"n": 1})))));
        assert_eq!((&state.at_swap, &state.latest), (&None, &None));
        state.told(v2, StateMoment::Activated, Some(json!({"n": 1, "m": 0})), 6);
        assert_eq!(state.at_swap.as_deref(), Some(&json!({"n": 1, "m": 0})));
        // Nothing is new or dropped where the state went on as it was, or began afresh.
        state.activated(Verdict::new(VerdictKind::Reset, "the type changed"));
        assert_eq!(state.before_swap, None);
    }
}
