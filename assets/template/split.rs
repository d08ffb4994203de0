//! The hot crate of a split guest: open this folder with `exuvia`, change something here, save.
//!
//! Keep it small. The compiler works through a crate as a whole, so a save costs what this crate
//! costs, however large `core/` is. What you work on right now is here; what is done goes to `core/`.

use exuvia_guest::{State, export, state};
use serde::{Deserialize, Serialize};
use {core}::greeting;

/// Greets somebody. Any function with `#[export]` can be called by name; arguments and results are
/// any serde types.
#[export]
pub fn greet(name: &str) -> String {
    let text = greeting("Hello", name);
    println!("{text}");
    text
}

/// What is remembered from one version of this code to the next. A new field starts with its
/// default, and so does one whose type changed; a field that is gone is dropped, and the workbench
/// says so.
#[derive(Default, Serialize, Deserialize)]
pub struct Counter {
    clicks: u32,
}

impl State for Counter {}
state!(Counter);

/// Counts on. A first parameter called `state` is the guest's state.
#[export]
pub fn click(state: &mut Counter, by: u32) -> u32 {
    state.clicks += by;
    state.clicks
}

/// Says how far.
#[export]
pub fn clicks(state: &Counter) -> u32 {
    state.clicks
}
