//! When the desktop is told that the window wants attention: something went wrong while it had no
//! focus.

use eframe::egui::UserAttentionType;

/// Whether attention was asked for.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Urgency {
    asked: bool,
}

impl Urgency {
    /// What to tell the desktop now. `went_wrong`: a build failed or the guest faulted since it was
    /// last asked.
    pub(super) fn next(&mut self, went_wrong: bool, focused: bool) -> Option<UserAttentionType> {
        match (self.asked, focused, went_wrong) {
            (true, true, _) => {
                self.asked = false;
                Some(UserAttentionType::Reset)
            }
            (false, false, true) => {
                self.asked = true;
                Some(UserAttentionType::Informational)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attention_is_asked_for_once_and_taken_back_on_focus() {
        let (none, asked, reset) = (None, Some(UserAttentionType::Informational), Some(UserAttentionType::Reset));
        let mut urgency = Urgency::default();
        for (went_wrong, focused, expected) in [
            (true, true, none),
            (false, false, none),
            (true, false, asked),
            (true, false, none),
            (false, false, none),
            (false, true, reset),
            (false, true, none),
            (true, false, asked),
        ] {
            assert_eq!(urgency.next(went_wrong, focused), expected, "{went_wrong} {focused}");
        }
    }
}
