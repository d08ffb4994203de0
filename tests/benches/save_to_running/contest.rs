//! What all ways from a save to the new answer have in common.

use std::time::Duration;

/// An edit's times, in microseconds.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    /// From just before the write to the new code's answer.
    pub total: u64,
    /// Parts of it, by name.
    pub parts: Vec<(&'static str, u64)>,
}

/// A way from a save to the new answer, on a guest of its own.
pub(crate) trait Contestant {
    /// Its name, in the table.
    fn name(&self) -> &'static str;

    /// Saves the number and waits for it as an answer.
    fn edit(&mut self, number: u64) -> Result<Run, String>;

    /// What it still does because of its last edit is waited for.
    fn settle(&mut self) -> Result<(), String> {
        Ok(())
    }

    /// Its processes end.
    fn end(self: Box<Self>) {}
}

pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
