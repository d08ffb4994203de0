//! What a verdict's reason consists of: facts, so that a window can say them in its own language, and the English
//! words for each. Pure.

use serde::{Deserialize, Serialize};

use super::carry::Carried;
use crate::runner::Fault;

/// A part of a reason. What a guest or the system says is quoted as it was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Clause {
    /// Neither version has state.
    NoState,
    /// There was no state to go on with.
    FreshState,
    /// The new version has no state.
    StateDropped,
    /// The old state does not fit the new type.
    Unfit {
        /// The guest's words; `None`: what became of the fields says it.
        why: Option<String>,
        /// How many values went over all the same.
        kept: usize,
    },
    /// The author's own migration was asked.
    StateVersions {
        /// The old state's version.
        from: u32,
        /// The new one's.
        to: u32,
    },
    /// State went over.
    CarriedOver {
        /// How many values did.
        kept: usize,
    },
    /// The state is the one that the version had when it was left.
    OwnState {
        /// How long ago that was.
        seconds: u64,
    },
    /// The state is the last session's.
    LastSession {
        /// How old it is.
        seconds: u64,
    },
    /// The old version could not give its state.
    StateNotTaken {
        /// Why.
        why: String,
        /// Whether there was an earlier snapshot, which was used.
        earlier: bool,
    },
    /// An export that the old version did not have.
    ExportNew {
        /// Its signature.
        signature: String,
    },
    /// An export that is no more.
    ExportGone {
        /// Its signature.
        signature: String,
    },
    /// An export with another signature.
    ExportChanged {
        /// What it was.
        before: String,
        /// What it is.
        after: String,
    },
    /// An export with the same signature, one of whose types is another one.
    ExportLayout {
        /// The signature.
        signature: String,
    },
    /// Somebody else has ended the runner while it had nothing to do.
    RunnerKilled {
        /// The signal.
        ending: String,
    },
    /// It goes on from the last snapshot in a new process.
    FromSnapshot,
    /// It is started again in a new process, without state.
    StartedAgain,
    /// The user wanted it so.
    AskedFor,
    /// It faulted before it counted as good.
    Faulted {
        /// How.
        fault: String,
    },
    /// The author's own migration said no.
    MigrationRefused {
        /// The old state's version.
        from: u32,
        /// The guest's words.
        why: String,
    },
    /// A pinned call could not be made any more.
    PinUnfit {
        /// The call.
        call: String,
        /// Why.
        why: String,
        /// The version that ran, and the export's signature there.
        before: Option<String>,
    },
    /// What can be done about pinned calls that do not fit.
    UnpinOr {
        /// The version that was refused.
        version: String,
    },
    /// What the guest or the system says.
    Said {
        /// Its words.
        text: String,
    },
    /// Something that a newer workbench has written down. The reason has it in words.
    #[serde(other)]
    Unknown,
}

impl From<&Fault> for Clause {
    fn from(fault: &Fault) -> Self {
        match fault {
            Fault::Killed { ending } => Self::RunnerKilled { ending: ending.clone() },
            fault => Self::Said { text: fault.to_string() },
        }
    }
}

impl Clause {
    /// In English. `carried`: what became of the fields.
    fn text(&self, carried: Option<&Carried>) -> String {
        let fields = |kept| carried.map_or_else(|| Carried { kept, ..Carried::default() }.text(), Carried::text);
        match self {
            Self::NoState => "no state to carry".to_owned(),
            Self::FreshState => "fresh state".to_owned(),
            Self::StateDropped => "the new version has no state; the old one's was dropped".to_owned(),
            Self::Unfit { why, kept } => {
                let why = why.clone().unwrap_or_else(|| fields(*kept));
                format!("the old state does not fit the new type: {why}")
            }
            Self::StateVersions { from, to } => format!("migrated from state version {from} to {to}"),
            Self::CarriedOver { kept } => format!("state carried over: {}", fields(*kept)),
            Self::OwnState { seconds } => format!("the state that it had when it was left, {}", ago(*seconds)),
            Self::LastSession { seconds } => format!("state of the last session, {}", ago(*seconds)),
            Self::StateNotTaken { why, earlier } => {
                let instead = if *earlier { "an earlier snapshot was used" } else { "there was no earlier snapshot" };
                format!("the old version's state could not be taken ({why}), {instead}")
            }
            Self::ExportNew { signature } => format!("new: `{signature}`"),
            Self::ExportGone { signature } => format!("gone: `{signature}`"),
            Self::ExportChanged { before, after } => format!("`{before}` is now `{after}`"),
            Self::ExportLayout { signature } => format!("a type of `{signature}` has another size or layout"),
            Self::RunnerKilled { ending } => Fault::Killed { ending: ending.clone() }.to_string(),
            Self::FromSnapshot => "goes on from the last snapshot".to_owned(),
            Self::StartedAgain => "started again".to_owned(),
            Self::AskedFor => "asked for".to_owned(),
            Self::Faulted { fault } => format!("it faulted in its probation: {fault}"),
            Self::MigrationRefused { from, why } => format!("its migration from state version {from} says no: {why}"),
            Self::PinUnfit { call, why, before } => {
                let before = before.as_ref().map(|before| format!(" (in {before})")).unwrap_or_default();
                format!("the pinned call {call} does not fit: {why}{before}")
            }
            Self::UnpinOr { version } => format!("unpin it, or activate {version} all the same"),
            Self::Said { text } => text.clone(),
            Self::Unknown => String::new(),
        }
    }
}

/// A reason in English. `carried`: what became of the fields.
pub(super) fn text(clauses: &[Clause], carried: Option<&Carried>) -> String {
    clauses.iter().map(|clause| clause.text(carried)).collect::<Vec<_>>().join("; ")
}

/// How long ago, in words.
fn ago(seconds: u64) -> String {
    match (seconds, seconds / 60, seconds / 3600, seconds / 86400) {
        (0, ..) => "just now".to_owned(),
        (seconds, 0, ..) => format!("{seconds} s ago"),
        (_, minutes, 0, _) => format!("{minutes} min ago"),
        (_, _, hours, 0) => format!("{hours} h ago"),
        (_, _, _, 1) => "1 day ago".to_owned(),
        (_, _, _, days) => format!("{days} days ago"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_rounded_down() {
        for (seconds, words) in [
            (0, "just now"),
            (59, "59 s ago"),
            (60, "1 min ago"),
            (3599, "59 min ago"),
            (7200, "2 h ago"),
            (86_400, "1 day ago"),
            (200_000, "2 days ago"),
        ] {
            assert_eq!(ago(seconds), words);
        }
    }

    #[test]
    fn clauses_of_a_newer_workbench_are_read_as_unknown() {
        let read = |text| serde_json::from_str::<Vec<Clause>>(text).unwrap();
        let written = [Clause::NoState, Clause::StateVersions { from: 1, to: 2 }];
        let text = serde_json::to_string(&written).unwrap();
        assert_eq!(text, r#"[{"is":"no_state"},{"is":"state_versions","from":1,"to":2}]"#);
        assert_eq!(read(&text), written);
        assert_eq!(read(r#"[{"is":"moved_house","to":"there"}]"#), [Clause::Unknown]);
    }
}
