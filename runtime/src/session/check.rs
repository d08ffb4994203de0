//! Now and then, while nothing else is going on, cargo builds what a replay has built, to see whether
//! both make the same. It is no attempt: it has no generation, makes no version, and any build takes
//! its place.

use std::time::{Duration, Instant};

use super::Event;
use super::actor::{Actor, Input};
use crate::build::{Build, BuildEvent, BuildOrder, BuildOutcome, Fallback};
use crate::history::record::{Cause, ContentHash, SourceHashes};
use crate::ids::VersionNumber;
use crate::stage;

/// How many replays there are between two checks, once a first one has agreed.
const BETWEEN: u32 = 10;

/// What is known about replays that nobody has checked.
#[derive(Debug, Default)]
pub(super) struct Unchecked {
    /// Versions by replay since cargo last agreed.
    replays: u32,
    /// Whether cargo has agreed in this session.
    has_agreed: bool,
    latest: Option<Latest>,
    /// When to look, unless something happens before.
    pub at: Option<Instant>,
    running: Option<(u64, Build)>,
    count: u64,
}

/// The latest version, made by a replay.
#[derive(Debug)]
struct Latest {
    version: VersionNumber,
    sources: SourceHashes,
    hash: ContentHash,
    cause: Cause,
    /// Whether it is linked as cargo links, so that both can be compared.
    is_whole: bool,
}

/// What a version was made from by a replay.
#[derive(Debug, Clone)]
pub(super) struct Replayed {
    pub sources: SourceHashes,
    pub hash: ContentHash,
    pub cause: Cause,
    /// Whether it is linked as cargo links.
    pub is_whole: bool,
}

/// What was made of the same sources.
#[derive(Debug)]
pub(super) enum Checked {
    Artifact(ContentHash),
    Failed(String),
    /// Something else was more important.
    Cancelled,
}

/// Whether it is time to let cargo build.
fn is_due(replays: u32, has_agreed: bool) -> bool {
    replays >= if has_agreed { BETWEEN } else { 1 }
}

impl Unchecked {
    /// A version was recorded; `replayed` says what it was made from, if it was by a replay.
    pub(super) fn recorded(&mut self, version: VersionNumber, replayed: Option<Replayed>, idle: Duration) {
        let Some(Replayed { sources, hash, cause, is_whole }) = replayed else {
            self.latest = None;
            self.at = None;
            return;
        };
        self.replays += 1;
        self.latest = Some(Latest { version, sources, hash, cause, is_whole });
        self.at = is_due(self.replays, self.has_agreed).then(|| Instant::now() + idle);
    }

    /// A build begins: the check that runs is stopped.
    pub(super) fn give_way(&mut self) {
        self.at = None;
        if let Some((_, build)) = self.running.take() {
            build.cancel();
        }
    }
}

impl<T: Fn(Event)> Actor<T> {
    /// Lets cargo build, if what was replayed is what is saved and runs.
    pub(super) fn check_replay(&mut self) {
        self.unchecked.at = None;
        let sources = self.sources.hashes().clone();
        let is_latest = |latest: &Latest| {
            latest.sources == sources && Some(latest.version) == self.active && self.running.is_none()
        };
        let Some(latest) = self.unchecked.latest.as_ref().filter(|latest| is_latest(latest)) else { return };
        // What is linked against a base library is no match for what cargo links: the same code is linked whole,
        // by a replay, and that is compared.
        let by_cargo = latest.is_whole.then_some(Fallback::Asked);
        self.unchecked.count += 1;
        let (number, inbox) = (self.unchecked.count, self.inbox.clone());
        let order = BuildOrder {
            project: std::sync::Arc::clone(&self.project),
            sources,
            warden: self.warden.clone(),
            replays: Some(std::sync::Arc::clone(&self.replays)),
            by_cargo,
            is_check: true,
        };
        let build = Build::start(order, move |event| {
            let BuildEvent::Finished { outcome, .. } = event else { return };
            // The lock is held until the artifact was read.
            let checked = match &*outcome {
                BuildOutcome::Built { artifact, .. } => match stage::content_hash(artifact) {
                    Ok(hash) => Checked::Artifact(hash),
                    Err(error) => Checked::Failed(error.to_string()),
                },
                BuildOutcome::Failed { failure, .. } => Checked::Failed(failure.message().to_owned()),
                BuildOutcome::Cancelled => Checked::Cancelled,
            };
            drop(inbox.send(Input::Checked(number, checked)));
        });
        self.unchecked.running = Some((number, build));
    }

    /// Cargo has built what a replay has built before.
    pub(super) fn checked(&mut self, number: u64, checked: Checked) {
        if self.unchecked.running.take_if(|(running, _)| *running == number).is_none() {
            return;
        }
        let Some(mut latest) = self.unchecked.latest.take() else { return };
        if !latest.is_whole {
            if let Checked::Artifact(hash) = checked {
                (latest.hash, latest.is_whole) = (hash, true);
                self.unchecked.latest = Some(latest);
                self.check_replay();
            }
            return;
        }
        let found = match checked {
            Checked::Cancelled => return,
            Checked::Artifact(hash) if hash == latest.hash => {
                (self.unchecked.replays, self.unchecked.has_agreed) = (0, true);
                self.unchecked.latest = Some(latest);
                return;
            }
            Checked::Artifact(hash) => {
                format!("its artifact is {}, that of the replay {}", hash.short(), latest.hash.short())
            }
            Checked::Failed(message) => format!("it fails: {message}"),
        };
        let lasting = match self.replays.turn_off(&self.project) {
            Ok(file) => format!("for this guest; remove {} to try again", file.display()),
            Err(error) => format!("for this session ({error})"),
        };
        let message = format!(
            "cargo does not make of the same sources what the replay of rustc made for {}: {found}. Cargo builds from now on, {lasting}",
            latest.version
        );
        (self.tell)(Event::Notice { message });
        self.build(latest.cause, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_replay_is_checked_and_then_one_in_ten() {
        let mut unchecked = Unchecked::default();
        let version = VersionNumber(1);
        let replayed = || {
            let (sources, hash) = (SourceHashes::default(), ContentHash::of(b"a"));
            Some(Replayed { sources, hash, cause: Cause::Asked, is_whole: true })
        };
        unchecked.recorded(version, None, Duration::ZERO);
        assert!(unchecked.at.is_none());
        unchecked.recorded(version, replayed(), Duration::ZERO);
        assert!(unchecked.at.is_some());
        // A build that begins puts it off until the next version.
        unchecked.give_way();
        assert!(unchecked.at.is_none());
        (unchecked.replays, unchecked.has_agreed) = (0, true);
        for number in 1..=BETWEEN {
            unchecked.recorded(version, replayed(), Duration::ZERO);
            assert_eq!(unchecked.at.is_some(), number == BETWEEN, "{number}");
        }
        // By cargo: there is nothing to check.
        unchecked.recorded(version, None, Duration::ZERO);
        assert!(unchecked.at.is_none());
    }
}
