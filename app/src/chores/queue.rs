//! What waits to be done: pure.

use std::collections::VecDeque;
use std::mem::discriminant;

use super::Chore;

/// Chores in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: VecDeque<Chore>,
}

impl Queue {
    /// Adds one. The latest of a kind takes the place of the one that waits, where only the latest counts.
    pub(super) fn push(&mut self, chore: Chore) {
        let latest_wins = match &chore {
            Chore::SaveSettings(_)
            | Chore::SaveRemembered(_)
            | Chore::ListGuests { .. }
            | Chore::CompletePath { .. }
            | Chore::FindSample { .. }
            | Chore::DetectEditor => true,
            Chore::OpenInEditor { .. }
            | Chore::WriteFile { .. }
            | Chore::CreateGuest { .. }
            | Chore::SavePicture { .. } => false,
        };
        let same = |waiting: &&mut Chore| discriminant(&**waiting) == discriminant(&chore);
        match self.waiting.iter_mut().find(same).filter(|_| latest_wins) {
            Some(waiting) => *waiting = chore,
            None => self.waiting.push_back(chore),
        }
    }

    /// Adds one again that was interrupted, unless a newer one of its kind waits.
    pub(super) fn put_back(&mut self, chore: Chore) -> bool {
        let newer = self.waiting.iter().any(|waiting| discriminant(waiting) == discriminant(&chore));
        if !newer {
            self.waiting.push_back(chore);
        }
        !newer
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Takes the next one.
    pub(super) fn next(&mut self) -> Option<Chore> {
        self.waiting.pop_front()
    }

    /// Leaves out what only a window wants to know.
    pub(super) fn leave_out_questions(&mut self) {
        self.waiting.retain(|chore| {
            !matches!(
                chore,
                Chore::ListGuests { .. } | Chore::CompletePath { .. } | Chore::FindSample { .. } | Chore::DetectEditor
            )
        });
    }
}
