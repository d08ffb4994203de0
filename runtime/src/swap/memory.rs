//! What of the versions is in the runner's memory: retired ones go, and what is left is looked up.

use std::collections::{BTreeMap, BTreeSet};

use super::host::Host;
use super::job::News;
use crate::ids::VersionNumber;
use crate::runner::{Fault, Mapping, Report, Request, Response};
use crate::session::{Event, MappedVersion, Retirement, RunnerMemory};

impl Host {
    pub(super) fn retire(&mut self, version: VersionNumber) -> Result<(), Fault> {
        let request = Request::Retire { version };
        let report = match self.ask(&request)? {
            Response::Retired(report) => report,
            other => return Err(self.broken(&request, &other)),
        };
        if let Some(error) = report.drop_error {
            self.event(Event::Notice { message: format!("{version}: {error}") });
        }
        let retirement = retirement(report.mapped, &report.threads, report.pinned);
        // Until the runner ends: activated again, the version is opened from another file.
        if let Retirement::Kept { why, .. } = &retirement {
            self.still_mapped.insert(version, why.clone());
        }
        self.note_retirement(version, &retirement);
        self.event(Event::Retired { version, retirement });
        Ok(())
    }

    /// Kept in the history; told by its own event. A candidate that was not let in has no row yet.
    fn note_retirement(&mut self, version: VersionNumber, retirement: &Retirement) {
        let Some(row) = self.rows.get_mut(&version) else { return };
        if let Some(kept) = self.store.marks(version) {
            row.marks.take_users(kept);
        }
        row.marks.retirement = Some(retirement.clone());
        let kept = self.store.mark(version, &row.marks);
        self.notice_history(kept);
    }

    /// Says what the runner has really mapped as the active version.
    pub(super) fn report_active(&mut self) {
        let Some(active) = self.active.as_ref().map(|active| active.version) else {
            return self.news(News::Active(None));
        };
        match self.report() {
            Ok(Some(report)) if self.hand_over_if_due(&report) => return self.report_active(),
            Ok(report) => {
                let mapped = report.iter().flat_map(|report| &report.mappings).any(|mapping| mapping.version == active);
                self.news(News::Active(mapped.then_some(active)));
                self.tell_memory(report);
            }
            // Ends here again with what was recovered, or with nothing.
            Err(fault) => return self.recover(&fault),
        }
        let mut in_use: BTreeSet<VersionNumber> = self.good().into_iter().max().into_iter().collect();
        in_use.insert(active);
        let said = self.store.set_in_use(&in_use);
        self.notice_history(said);
    }

    /// The versions of which anything is mapped, as the runner itself reports. Where the platform
    /// cannot say, those that were opened.
    pub(super) fn mapped(&mut self) -> Result<BTreeSet<VersionNumber>, Fault> {
        let report = self.report()?;
        Ok(report.iter().flat_map(|report| &report.mappings).map(|mapping| mapping.version).collect())
    }

    /// What the runner says of itself; `None` without a runner.
    fn report(&mut self) -> Result<Option<Report>, Fault> {
        if self.runner.is_none() {
            return Ok(None);
        }
        match self.ask(&Request::Report)? {
            Response::Report(report) => Ok(Some(report)),
            other => Err(self.broken(&Request::Report, &other)),
        }
    }

    /// Tells what the runner takes up now.
    pub(super) fn read_memory(&mut self) {
        if self.active.is_none() {
            let message = "nothing is loaded yet; memory is told once a version runs".to_owned();
            return self.event(Event::CommandRefused { message });
        }
        match self.report() {
            Ok(report) => self.tell_memory(report),
            Err(fault) => self.recover(&fault),
        }
    }

    fn tell_memory(&self, report: Option<Report>) {
        let (Some(report), Some(runner)) = (report, &self.runner) else { return };
        let versions = mapped_versions(&report.mappings, &self.still_mapped);
        let runner = RunnerMemory { pid: runner.pid(), resident: report.resident, threads: report.threads };
        self.event(Event::Memory { runner, versions });
    }
}

/// How many of a version's threads are named in a reason.
const NAMED: usize = 3;

/// What became of a library. Pure.
fn retirement(mapped: Option<u64>, threads: &[String], pinned: Option<String>) -> Retirement {
    let named = threads.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    let more = if threads.len() > NAMED { ", …" } else { "" };
    match (mapped, threads.len(), pinned) {
        (Some(0), ..) => Retirement::Unmapped,
        (bytes, 1, _) => Retirement::Kept { why: format!("1 thread is alive ({named})"), bytes: bytes.unwrap_or(0) },
        (bytes, count @ 2.., _) => {
            Retirement::Kept { why: format!("{count} threads are alive ({named}{more})"), bytes: bytes.unwrap_or(0) }
        }
        (Some(bytes), 0, Some(why)) => Retirement::Kept { why, bytes },
        (Some(bytes), 0, None) => Retirement::Kept {
            why: "unknown: none of its threads is alive, and its file does not ask for it (perhaps the guest has opened itself, which it can, or a destructor of a thread-local is pending on a thread that is not known as its own)".to_owned(),
            bytes,
        },
        (None, 0, _) => Retirement::Unchecked,
    }
}

/// The mapped versions by number. One may have been opened from several files.
fn mapped_versions(mappings: &[Mapping], still_mapped: &BTreeMap<VersionNumber, String>) -> Vec<MappedVersion> {
    let mut versions: BTreeMap<VersionNumber, MappedVersion> = BTreeMap::new();
    for Mapping { version, mapped, threads, .. } in mappings {
        let known = versions.entry(*version).or_insert_with(|| MappedVersion {
            version: *version,
            bytes: 0,
            threads: u32::try_from(*threads).unwrap_or(u32::MAX),
            why: still_mapped.get(version).cloned(),
        });
        known.bytes += mapped.unwrap_or(0);
    }
    versions.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_that_stays_says_why() {
        let names = |count: usize| (1..=count).map(|number| format!("w{number}")).collect::<Vec<_>>();
        let nodelete = || Some("nodelete".to_owned());
        for (mapped, threads, pinned, wanted) in [
            (Some(0), 0, None, None),
            (Some(9), 1, None, Some("1 thread is alive (w1)")),
            (Some(9), 2, nodelete(), Some("2 threads are alive (w1, w2)")),
            (Some(9), 5, None, Some("5 threads are alive (w1, w2, w3, …)")),
            (Some(9), 0, nodelete(), Some("nodelete")),
            (Some(9), 0, None, Some("unknown: ")),
        ] {
            match (retirement(mapped, &names(threads), pinned), wanted) {
                (Retirement::Unmapped, None) => {}
                (Retirement::Kept { why, bytes: 9 }, Some(wanted)) => assert!(why.starts_with(wanted), "{why}"),
                (other, _) => panic!("{other:?}"),
            }
        }
        assert_eq!(retirement(None, &[], None), Retirement::Unchecked);
    }

    #[test]
    fn a_version_is_listed_once_with_all_its_files() {
        let mapping = |version, path: &str, mapped, threads| Mapping {
            version: VersionNumber(version),
            path: path.into(),
            mapped,
            threads,
        };
        let mappings = [
            mapping(3, "a", Some(100), 0),
            mapping(1, "b", Some(10), 2),
            mapping(1, "c", Some(5), 2),
            mapping(2, "d", None, 0),
        ];
        let kept = BTreeMap::from([(VersionNumber(1), "2 threads are alive".to_owned())]);
        let versions = mapped_versions(&mappings, &kept);
        let seen: Vec<_> = versions
            .iter()
            .map(|mapped| (mapped.version.0, mapped.bytes, mapped.threads, mapped.why.as_deref()))
            .collect();
        assert_eq!(seen, [(1, 15, 2, Some("2 threads are alive")), (2, 0, 0, None), (3, 100, 0, None)]);
    }
}
