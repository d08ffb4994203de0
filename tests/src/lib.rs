//! What the end-to-end tests share. Nothing here sleeps for a fixed time: whatever is waited for
//! is an event, or a fact that is asked for again and again until a deadline.
//!
//! | module | what it does |
//! |---|---|
//! | [`benchmark`] | an executable that is the engine's runner, too |
//! | [`program`] | finds the real `exuvia` executable, which is also the runner |
//! | [`fault_guest`] | a guest that does whatever can go wrong, on order |
//! | [`guest`] | writes guest crates into folders of their own, and tidies up after them |
//! | [`lock_file`] | what one of cargo's lock files names and another does not |
//! | [`sources`] | source texts of guests |
//! | [`save`] | the ways in which editors save |
//! | [`soak`] | many swaps, and what the processes take up meanwhile |
//! | [`watched`] | a session through the engine's handle |
//! | [`cli`] | `exuvia` as a process |
//! | [`dice`] | numbers that look random |
//! | [`desktop`] | a screen of its own with the real window on it |
//! | [`pictures`] | the docs' pictures: what each shows, and how it is made |
//! | [`process`] | who runs, by `/proc`, and signals |
//! | [`tokens`] | Rust source without its comments and literals |

pub mod benchmark;
pub mod cli;
pub mod desktop;
pub mod dice;
pub mod fault_guest;
pub mod guest;
pub mod lock_file;
pub mod pictures;
pub mod process;
pub mod program;
pub mod save;
pub mod soak;
pub mod sources;
pub mod tokens;
pub mod watched;

use std::time::{Duration, Instant};

/// How long anything may take before a test fails: 120 s, or as many as `EXUVIA_TEST_SECONDS` says.
/// Generous, since guests are built by a cargo that may have to wait for other tests, on a machine
/// that may be busy.
#[must_use]
pub fn deadline() -> Duration {
    let given = std::env::var("EXUVIA_TEST_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    Duration::from_secs(given.unwrap_or(120))
}

/// Asks again and again until there is an answer.
///
/// # Panics
/// When there is none by the deadline.
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + deadline();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < until, "waited {:?} for {what}", deadline());
        std::thread::sleep(Duration::from_millis(2));
    }
}
