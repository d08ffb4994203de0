//! What the author of a guest depends on: a crate whose code the running Exuvia replaces.
//!
//! A guest is a `cdylib` with exported functions. Nothing else is needed:
//!
//! ```
//! /// Adds two numbers.
//! #[exuvia_guest::export]
//! pub fn add(a: i32, b: i32) -> i32 {
//!     a + b
//! }
//!
//! /// Parses a number; what fails is shown as an error.
//! #[exuvia_guest::export]
//! fn parse(text: &str) -> Result<f64, std::num::ParseFloatError> {
//!     text.trim().parse()
//! }
//! ```
//!
//! A guest that wants to remember something from one version of its code to the next names one
//! type as its state. Exuvia makes it by `Default`, hands it to the functions whose first parameter
//! is called `state`, and carries it along as named fields when the code is replaced: a field that
//! stays keeps its value, a new one has that of a fresh state.
//!
//! ```
//! use exuvia_guest::{State, export, state};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Default, Serialize, Deserialize)]
//! struct Counter {
//!     clicks: u32,
//! }
//!
//! impl State for Counter {}
//! state!(Counter);
//!
//! /// Counts on.
//! #[export]
//! fn click(state: &mut Counter, by: u32) -> u32 {
//!     state.clicks += by;
//!     state.clicks
//! }
//! ```
//!
//! Where names and types do not tell what a change means, the author does:
//!
//! ```
//! use exuvia_guest::{MigrateError, OldState, State, state};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Default, Serialize, Deserialize)]
//! struct Trip {
//!     name: String,
//!     metres: f64,
//! }
//!
//! impl State for Trip {
//!     // Version 0 measured in feet.
//!     const STATE_VERSION: u32 = 1;
//!
//!     fn migrate(from: u32, old: &OldState<'_>) -> Result<Self, MigrateError> {
//!         // What stayed as it was comes over by itself.
//!         let mut trip: Self = old.carry();
//!         match from {
//!             0 => trip.metres = old.get::<f64>("feet")? * 0.3048,
//!             _ => return Err(format!("no way from version {from} is known").into()),
//!         }
//!         Ok(trip)
//!     }
//! }
//! state!(Trip);
//! ```
//!
//! A panic in an exported function is caught, and shown with its message, file and line; the
//! version goes on. In a profile with `panic = "abort"` it ends the runner, which Exuvia replaces.
//!
//! | module | what it does |
//! |---|---|
//! | `export` | the records that the macros write, and how a result is told apart |
//! | `codec` | arguments, results and snapshots as MessagePack, with messages a person can use |
//! | `migrate` | the old state, for a guest that says itself how it becomes the new one |
//! | `panics` | remembers where the latest panic of this thread was |
//! | `salvage` | takes an old state over into a type that may have changed |
//! | `shim` | the `extern "C"` border; the only module with `unsafe` |

mod codec;
mod export;
mod migrate;
mod panics;
mod salvage;
#[expect(unsafe_code, reason = "the border: the entry symbol, the host's bytes, the state's pointer")]
mod shim;
#[cfg(test)]
#[expect(unsafe_code, reason = "in the macros' output, which the lint spares in other crates")]
mod tests;

// The macros' output names this crate from outside.
#[cfg(test)]
extern crate self as exuvia_guest;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use exuvia_macros::export;
pub use migrate::{MigrateError, OldState};

/// What a guest remembers from one version of its code to the next.
///
/// Name the type once with [`state!`].
pub trait State: Default + Serialize + DeserializeOwned + 'static {
    /// Raise it when the state's meaning changes in a way that names and types do not tell: a unit, a
    /// split field. [`State::migrate`] is then asked for each state that has another number.
    const STATE_VERSION: u32 = 0;

    /// Makes the state from that of a guest whose [`State::STATE_VERSION`] was `from`: an older one, or
    /// a newer one when the user rolls back. Not called where both are the same. As it stands here, it
    /// takes over what fits by name.
    ///
    /// # Errors
    ///
    /// The new version is refused with this message, and the old one goes on with its state.
    fn migrate(from: u32, old: &OldState<'_>) -> Result<Self, MigrateError> {
        _ = from;
        Ok(old.carry())
    }

    /// Called after the state was restored from another version's snapshot, on the version's own
    /// thread: rebuild `#[serde(skip)]` fields here.
    fn restored(&mut self) {}
}

/// Names the type of the guest's state, once in the crate: `state!(Counter);`.
///
/// A guest that names more than one is refused by the host.
#[macro_export]
macro_rules! state {
    ($state:ty) => {
        const _: () = {
            impl $crate::__private::NamedState for $state {}

            #[$crate::__private::linkme::distributed_slice($crate::__private::STATES)]
            #[linkme(crate = $crate::__private::linkme)]
            static __EXUVIA_STATE: $crate::__private::StateDef = $crate::__private::StateDef::new::<$state>();
        };
    };
}

/// What the macros' output names. No part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use std::borrow::{Borrow, ToOwned};
    pub use std::string::String;

    pub use linkme;

    pub use crate::codec::Arguments;
    pub use crate::export::{
        Answer, Described, EXPORTS, ExportDef, Glue, NamedState, Returned, ReturnsText, ReturnsValue, ReturnsValues,
        STATES, StateDef, check_state,
    };
    pub use crate::shim::{Access, Exclusive, NoState, Shared};
}
