//! What differs between operating systems on the window's and the terminal's side, each thing behind one
//! function. Only Linux was ever run.

#[cfg(not(unix))]
mod other;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub(crate) use other::{is_executable, isolate, keep_private};
#[cfg(unix)]
pub(crate) use unix::{is_executable, isolate, keep_private};
