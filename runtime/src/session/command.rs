//! What a user can ask of a session.

use super::{Deadlines, RunnerLimits};
use crate::history::RetentionPolicy;
use crate::history::compare::Side;
use crate::ids::VersionNumber;

/// A request to a session. Each is answered by events; one that cannot be done is answered by
/// [`Event::CommandRefused`](super::Event::CommandRefused).
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Build now, whether or not a file has changed.
    Build,
    /// Stop the running build; what runs goes on.
    CancelBuild,
    /// Activate a kept version, older or newer, without a build.
    Activate {
        /// Its number.
        version: VersionNumber,
    },
    /// Activate a kept version with the state that it had when it was last left, instead of today's.
    /// Today's is kept with the version that is left.
    ActivateWithItsState {
        /// Its number.
        version: VersionNumber,
    },
    /// Activate the next older version that can run: not one that faulted or was refused.
    RollBack,
    /// Activate the next newer version that can run.
    RollForward,
    /// Call an export of the active version.
    Call {
        /// Comes back with the answer.
        id: u64,
        /// The call, for example `greet("World")`.
        text: String,
    },
    /// Evaluate this call after each activation, and now.
    Pin {
        /// The call.
        text: String,
    },
    /// No longer evaluate this call.
    Unpin {
        /// The call.
        text: String,
    },
    /// Keep a version from being pruned, or no longer.
    Keep {
        /// Its number.
        version: VersionNumber,
        /// Whether to keep it.
        keep: bool,
    },
    /// Compare two sets of sources. Each is answered by exactly one
    /// [`Event::Compared`](super::Event::Compared), unless the session ends first. One is worked out at a
    /// time; of those that wait only the newest is, the others are answered as failed.
    Compare {
        /// Comes back with the outcome.
        id: u64,
        /// The first side.
        from: Side,
        /// The second side.
        to: Side,
    },
    /// Write a note about a version, in place of the one that is there; an empty text takes it away.
    /// Answered by [`Event::Marked`](super::Event::Marked).
    Note {
        /// Its number.
        version: VersionNumber,
        /// The note: at most [`Marks::NOTE`] characters, without the white space around it.
        ///
        /// [`Marks::NOTE`]: crate::history::record::Marks::NOTE
        text: String,
    },
    /// Remove a version and its files from the history. Answered by
    /// [`Event::Pruned`](super::Event::Pruned); refused for a version that is active, kept, the last
    /// good one, or in use by another workbench.
    Remove {
        /// Its number.
        version: VersionNumber,
    },
    /// Build when a file changes, or only when asked.
    SetAutoReload {
        /// Whether to.
        on: bool,
    },
    /// Tell the active version's state as it is now: [`Event::State`](super::Event::State), or
    /// nothing where the guest has no state.
    ReadState,
    /// Tell what the runner takes up: [`Event::Memory`](super::Event::Memory).
    ReadMemory,
    /// Other limits from now on. Versions beyond the new ones are removed at once.
    SetLimits {
        /// How much history is kept.
        retention: RetentionPolicy,
        /// How long the runner may take.
        deadlines: Deadlines,
        /// How much of the machine it may take up.
        limits: RunnerLimits,
    },
    /// Start the active version again in a new runner, with fresh state.
    RestartGuest,
    /// End the session: stop builds, end the runner.
    Quit,
}
