//! Which comparison of sources is worked out next: one at a time, and of those that wait the newest.
//! Pure; the threads are [`super::commands`]'.

use crate::history::compare::Side;

/// A comparison that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Comparison {
    pub id: u64,
    pub from: Side,
    pub to: Side,
}

/// What follows from a wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asked {
    /// To be begun now.
    pub begin: Option<Comparison>,
    /// Waited, and will not be begun.
    pub replaced: Option<Comparison>,
}

/// The comparison that is worked out, and the one that waits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Comparisons {
    #[default]
    Idle,
    Running {
        waiting: Option<Comparison>,
    },
}

impl Comparisons {
    /// Another one is wanted.
    pub fn ask(&mut self, comparison: Comparison) -> Asked {
        match self {
            Self::Idle => {
                *self = Self::Running { waiting: None };
                Asked { begin: Some(comparison), replaced: None }
            }
            Self::Running { waiting } => Asked { begin: None, replaced: waiting.replace(comparison) },
        }
    }

    /// The one that was worked out is done; gives the next.
    pub fn done(&mut self) -> Option<Comparison> {
        let next = match self {
            Self::Idle => None,
            Self::Running { waiting } => waiting.take(),
        };
        *self = if next.is_some() { Self::Running { waiting: None } } else { Self::Idle };
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comparison(id: u64) -> Comparison {
        Comparison { id, from: Side::Nothing, to: Side::Saved }
    }

    #[test]
    fn one_is_worked_out_and_the_newest_waits() {
        let mut comparisons = Comparisons::default();
        let begin = |id| Asked { begin: Some(comparison(id)), replaced: None };
        let wait = |replaced: Option<u64>| Asked { begin: None, replaced: replaced.map(comparison) };
        for (id, expected) in [(1, begin(1)), (2, wait(None)), (3, wait(Some(2))), (4, wait(Some(3)))] {
            assert_eq!(comparisons.ask(comparison(id)), expected, "{id}");
        }
        assert_eq!(comparisons.done(), Some(comparison(4)));
        assert_eq!(comparisons.ask(comparison(5)), wait(None), "it is the turn of 4");
        assert_eq!(comparisons.done(), Some(comparison(5)));
        assert_eq!(comparisons.done(), None);
        assert_eq!(comparisons.ask(comparison(6)), begin(6));
    }
}
