//! A fresh runner takes over from one in which too much was left behind: libraries that cannot be
//! unloaded, the little that each version leaves, or an environment that a version has changed. Between two requests, with the state;
//! prepared fully before the old runner goes, so that nobody notices.

use std::time::Instant;

use super::carry;
use super::clause;
use super::host::{Active, Host, micros};
use super::state::taken;
use super::verdict::VerdictKind;
use crate::history::states::KeptState;
use crate::ids::VersionNumber;
use crate::runner::{Mapping, Report, Request, Response, Runner};
use crate::session::Event;

/// After so many versions a fresh runner takes over in any case. The buffer of a version's stdout, 1 KiB, is in a
/// static of the version's own copy of std, and so may be what other statics of the guest hold.
const RETIRED: u64 = 1_000;

/// Why a fresh runner should take over; `None`: it need not. Pure. `most` in bytes.
fn why(report: &Report, active: VersionNumber, most: u64) -> Option<String> {
    if !report.environment.is_empty() {
        return Some(format!("a version before had changed the environment ({})", report.environment.join(", ")));
    }
    let left = report.mappings.iter().filter(|mapping| mapping.version != active);
    let kept: u64 = left.filter_map(|Mapping { mapped, .. }| *mapped).sum();
    if kept > most {
        return Some(format!(
            "{} MiB of retired versions were kept mapped, the limit is {} MiB",
            kept >> 20,
            most >> 20
        ));
    }
    (report.retired >= RETIRED)
        .then(|| format!("{} versions had been retired in the one before, and each leaves a little", report.retired))
}

impl Host {
    /// Lets a fresh runner take over if there is a reason. To be called when a version was swapped in
    /// and what was before it is gone. Where it does not work out, the old runner stays.
    pub(super) fn hand_over_if_due(&mut self, report: &Report) -> bool {
        let Some(active) = self.active.clone() else { return false };
        // Once tried in vain, what is left behind does not get less.
        let refused = self.runner.as_ref().is_some_and(|runner| self.keeps_runner == Some(runner.pid()));
        let Some(why) = why(report, active.version, self.limits.kept_mapped).filter(|_| !refused) else { return false };
        let began = Instant::now();
        match self.hand_over(&active) {
            Ok(()) => {
                let version = active.version;
                self.event(Event::RunnerReplaced { version, reason: why, micros: micros(began.elapsed()) });
                true
            }
            Err(reason) => {
                self.keeps_runner = self.runner.as_ref().map(Runner::pid);
                self.event(Event::Notice { message: format!("{why}; no fresh runner could take over: {reason}") });
                false
            }
        }
    }

    /// The active version in a fresh runner, with its state. The error says why the old one stays.
    fn hand_over(&mut self, active: &Active) -> Result<(), String> {
        let version = active.version;
        let row = self.rows.get(&version).ok_or_else(|| format!("{version} is not in the history"))?;
        let path = self.store.artifact(&row.record);
        crate::stage::check_kept(&path, &row.record.artifact).map_err(|error| error.to_string())?;
        self.snapshot = taken(version, self.take_snapshot(version).map_err(|fault| fault.to_string())??);
        let old = self.runner.take();
        let snapshot = self.snapshot.clone();
        match self.start_elsewhere(version, path, snapshot.as_deref()) {
            // The old one ends here, with all that was left in it.
            Ok(()) => {
                drop(old);
                Ok(())
            }
            Err(reason) => {
                self.runner = old;
                Err(reason)
            }
        }
    }

    fn start_elsewhere(
        &mut self,
        version: VersionNumber,
        path: std::path::PathBuf,
        snapshot: Option<&KeptState>,
    ) -> Result<(), String> {
        let still_mapped = self.still_mapped.clone();
        let request = Request::Open { version, path };
        let opened = match self.ask(&request).map_err(|fault| fault.to_string())? {
            Response::Opened(opened) => opened,
            Response::NotOpened(message) => return Err(message),
            other => return Err(format!("it answered {other:?}")),
        };
        let started = self.start(version, &opened, snapshot).map_err(|fault| fault.to_string())?;
        let verdict = started.map_err(|why| clause::text(&[why], None))?;
        // A guest may change its state in `restored`, which is no matter where the code changes, too.
        let after = taken(version, self.take_snapshot(version).map_err(|fault| fault.to_string())??);
        let bytes = |state: Option<&KeptState>| state.map_or(Vec::new(), |state| state.bytes.clone());
        let is_same = carry::is_same(&bytes(snapshot), &bytes(after.as_deref()));
        if verdict.kind != VerdictKind::Hot || !is_same {
            self.still_mapped = still_mapped;
            return Err(format!("the state would not stay whole ({})", verdict.reason));
        }
        self.foreground(version).map_err(|fault| fault.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_behind_is_counted_without_the_active_version() {
        let mapping = |version, mapped| Mapping {
            version: VersionNumber(version),
            path: format!("{version}").into(),
            mapped,
            threads: 0,
        };
        let report = |environment: &[&str], mappings: &[(u32, Option<u64>)]| Report {
            resident: None,
            threads: None,
            retired: 0,
            environment: environment.iter().map(|name| (*name).to_owned()).collect(),
            mappings: mappings.iter().map(|(version, mapped)| mapping(*version, *mapped)).collect(),
        };
        let mib = |number: u64| Some(number << 20);
        for (report, words) in [
            (report(&[], &[(3, mib(900))]), None),
            (report(&[], &[(1, mib(60)), (2, mib(40)), (3, mib(9))]), None),
            (
                report(&[], &[(1, mib(61)), (2, mib(40)), (3, mib(9))]),
                Some("101 MiB of retired versions were kept mapped, the limit is 100 MiB"),
            ),
            (report(&[], &[(1, None), (3, None)]), None),
            (report(&["A", "B"], &[(3, mib(1))]), Some("a version before had changed the environment (A, B)")),
        ] {
            assert_eq!(why(&report, VersionNumber(3), 100 << 20).as_deref(), words);
        }
        for (retired, is_due) in [(999, false), (1_000, true)] {
            let report = Report { retired, ..report(&[], &[(3, mib(1))]) };
            assert_eq!(why(&report, VersionNumber(3), 100 << 20).is_some(), is_due, "{retired}");
        }
    }
}
