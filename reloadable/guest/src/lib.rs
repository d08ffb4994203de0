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
//! A panic in an exported function is caught, and shown with its message, file and line; the
//! version goes on. In a profile with `panic = "abort"` it ends the runner, which Exuvia replaces.
//!
//! | module | what it does |
//! |---|---|
//! | `export` | the records that the macros write, and how a result is told apart |
//! | `codec` | arguments, results and snapshots as MessagePack, with messages a person can use |
//! | `panics` | remembers where the latest panic of this thread was |
//! | `shim` | the `extern "C"` border; the only module with `unsafe` |

mod codec;
mod export;
mod panics;
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

/// What a guest remembers from one version of its code to the next.
///
/// Name the type once with [`state!`].
pub trait State: Default + Serialize + DeserializeOwned + 'static {
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
        Answer, Describe, EXPORTS, ExportDef, Glue, NamedState, Returned, ReturnsText, ReturnsValue, ReturnsValues,
        STATES, StateDef, check_state,
    };
    pub use crate::shim::{Access, Exclusive, NoState, Shared};
}
