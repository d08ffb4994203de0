//! Writes states to disk on a thread of its own, so that no call and no swap waits for it. Of several
//! for one file only the latest is written.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::history::states::{self, KeptState, LeftState};
use crate::ids::VersionNumber;

/// At most so often a file is written: a call that changes the state may be made a thousand times a second.
const PAUSE: Duration = Duration::from_millis(250);

/// What a keeper is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// The state that this version had when it was left.
    Version(VersionNumber, PathBuf),
    /// The state that the next session takes up.
    Session(PathBuf),
}

/// How keeping a state ended.
#[derive(Debug)]
pub(super) enum Kept {
    /// It is kept with the version.
    Left(VersionNumber, LeftState),
    /// It is not kept.
    Failed(String),
}

/// The thread's handle; dropped, it ends when everything is written.
#[derive(Debug)]
pub(super) struct Keeper {
    states: Option<mpsc::Sender<(Place, Arc<KeptState>)>>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    /// Starts the thread, which says of each state how it ended.
    pub(super) fn start(tell: impl Fn(Kept) + Send + 'static) -> Self {
        let (states, inbox) = mpsc::channel();
        let thread = std::thread::spawn(move || run(&inbox, tell));
        Self { states: Some(states), thread: Some(thread) }
    }

    /// Keeps a state, soon.
    pub(super) fn keep(&self, place: Place, state: Arc<KeptState>) {
        if let Some(states) = &self.states {
            // The thread ends only after this handle.
            let _ = states.send((place, state));
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.states = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(inbox: &mpsc::Receiver<(Place, Arc<KeptState>)>, tell: impl Fn(Kept)) {
    let mut told = None;
    let mut next = BTreeMap::new();
    while let Ok((place, state)) = inbox.recv() {
        next.insert(place, state);
        next.extend(inbox.try_iter());
        let mut is_open = true;
        while is_open || !next.is_empty() {
            if next.is_empty() {
                break;
            }
            for (place, state) in std::mem::take(&mut next) {
                match (keep(&place, &state), place) {
                    (Ok(()), Place::Version(version, _)) => {
                        tell(Kept::Left(version, LeftState { at: state.at, bytes: state.bytes.len() as u64 }));
                    }
                    (Ok(()), Place::Session(_)) => told = None,
                    // A full disk would be told with each call. The words name another file each time.
                    (Err((kind, _)), _) if told == Some(kind) => {}
                    (Err((kind, why)), _) => {
                        told = Some(kind);
                        tell(Kept::Failed(why));
                    }
                }
            }
            let until = Instant::now() + PAUSE;
            while is_open {
                match inbox.recv_timeout(until.saturating_duration_since(Instant::now())) {
                    Ok((place, state)) => drop(next.insert(place, state)),
                    Err(mpsc::RecvTimeoutError::Timeout) => break,
                    Err(mpsc::RecvTimeoutError::Disconnected) => is_open = false,
                }
            }
        }
    }
}

fn keep(place: &Place, state: &KeptState) -> Result<(), (ErrorKind, String)> {
    let (path, whose) = match place {
        Place::Version(version, path) => (path, format!("the state that {version} had when it was left")),
        Place::Session(path) => (path, "the state for the next session".to_owned()),
    };
    match states::write(path, state) {
        // The version was removed meanwhile.
        Err(error) if error.kind() == ErrorKind::NotFound && matches!(place, Place::Version(..)) => Ok(()),
        Err(error) => Err((error.kind(), format!("{whose} is not kept in {}: {error}", path.display()))),
        Ok(()) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Timestamp;

    fn state(byte: u8) -> Arc<KeptState> {
        Arc::new(KeptState { by: VersionNumber(1), at: Timestamp(1), state_version: 0, bytes: vec![byte] })
    }

    #[test]
    fn the_latest_state_is_written_before_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("last");
        let keeper = Keeper::start(|kept| assert!(!matches!(kept, Kept::Failed(_)), "{kept:?}"));
        for byte in 0..100 {
            keeper.keep(Place::Session(path.clone()), state(byte));
        }
        drop(keeper);
        assert_eq!(states::read(&path).unwrap().unwrap().bytes, [99]);
    }

    #[test]
    fn what_cannot_be_kept_is_said_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("no/such/folder/last");
        let (tell, told) = mpsc::channel();
        let keeper = Keeper::start(move |kept| tell.send(kept).unwrap());
        keeper.keep(Place::Session(path.clone()), state(0));
        assert!(matches!(told.recv(), Ok(Kept::Failed(_))));
        // One after the other.
        for byte in 1..3 {
            keeper.keep(Place::Session(path.clone()), state(byte));
            keeper.keep(Place::Version(VersionNumber(1), path.clone()), state(byte));
            assert!(matches!(told.recv(), Ok(Kept::Left(..))), "it was said again");
        }
        drop(keeper);
        assert_eq!(told.iter().count(), 0);
    }
}
