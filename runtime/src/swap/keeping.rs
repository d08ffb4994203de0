//! What the user says about versions: which are kept, noted and removed. And what is pruned.

use std::collections::BTreeSet;

use super::host::Host;
use crate::history::record::Marks;
use crate::ids::VersionNumber;
use crate::session::Event;

/// What may speak against removing a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ties {
    active: bool,
    kept: bool,
    last_good: bool,
    /// `None`: another workbench cannot be understood, and may use any.
    used_elsewhere: Option<bool>,
}

/// Why a version stays, and what to do; `None` if it may go.
fn why_it_stays(version: VersionNumber, ties: Ties) -> Option<String> {
    let why = match ties {
        Ties { active: true, .. } => "it is active; activate another version first",
        Ties { kept: true, .. } => "it is kept; no longer keep it first",
        Ties { last_good: true, .. } => "it is the last good version; it can go once a newer one is good",
        Ties { used_elsewhere: Some(true), .. } => "another workbench uses it; end that one first",
        Ties { used_elsewhere: None, .. } => {
            "another workbench does not say which versions it uses; end that one first"
        }
        Ties { used_elsewhere: Some(false), .. } => return None,
    };
    Some(format!("{version} is not removed: {why}"))
}

/// A note as it is written down.
fn tidy_note(text: &str) -> Result<String, String> {
    let text = text.trim();
    let length = text.chars().count();
    if length > Marks::NOTE {
        return Err(format!("the note has {length} characters, the most is {}; shorten it", Marks::NOTE));
    }
    Ok(text.to_owned())
}

impl Host {
    /// Changes a version's marks, on disk and for everybody.
    pub(super) fn mark(&mut self, version: VersionNumber, change: impl FnOnce(&mut Marks)) {
        let Some(row) = self.rows.get_mut(&version) else {
            let message = format!("there is no {version} in the history");
            return self.event(Event::CommandRefused { message });
        };
        // Another workbench may have kept the version, or no longer, or noted something.
        if let Some(kept) = self.store.marks(version) {
            row.marks.take_users(kept);
        }
        change(&mut row.marks);
        let marks = row.marks.clone();
        self.notice_history(self.store.mark(version, &marks));
        self.event(Event::Marked { version, marks });
    }

    /// Writes a note about a version.
    pub(super) fn note(&mut self, version: VersionNumber, text: &str) {
        match tidy_note(text) {
            Ok(note) => self.mark(version, |marks| marks.note = note),
            Err(message) => self.event(Event::CommandRefused { message }),
        }
    }

    /// Removes a version that nothing is tied to.
    pub(super) fn remove(&mut self, version: VersionNumber) {
        match self.try_to_remove(version) {
            Ok(()) => {
                self.rows.remove(&version);
                self.event(Event::Pruned { versions: vec![version] });
            }
            Err(message) => self.event(Event::CommandRefused { message }),
        }
    }

    fn try_to_remove(&self, version: VersionNumber) -> Result<(), String> {
        let row = self.rows.get(&version).ok_or_else(|| format!("there is no {version} in the history"))?;
        let used = self.store.used_by_others().map_err(|error| error.to_string())?;
        let ties = Ties {
            active: self.active.as_ref().is_some_and(|active| active.version == version),
            // Another workbench may have kept it.
            kept: self.store.marks(version).map_or(row.marks.keep, |marks| marks.keep),
            last_good: self.good().into_iter().max() == Some(version),
            used_elsewhere: used.map(|used| used.contains(&version)),
        };
        why_it_stays(version, ties).map_or(Ok(()), Err)?;
        self.store.remove(version).map_err(|error| error.to_string())
    }

    /// Removes what the policy no longer keeps.
    pub(super) fn prune(&mut self) {
        let mut protected: BTreeSet<VersionNumber> = self.good().into_iter().max().into_iter().collect();
        protected.extend(self.active.as_ref().map(|active| active.version));
        match self.store.prune(self.retention, &protected) {
            Ok(versions) if versions.is_empty() => {}
            Ok(versions) => {
                self.rows.retain(|number, _| !versions.contains(number));
                self.event(Event::Pruned { versions });
            }
            Err(error) => self.event(Event::Notice { message: error.to_string() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_stays_as_long_as_something_is_tied_to_it() {
        let free = Ties { active: false, kept: false, last_good: false, used_elsewhere: Some(false) };
        for (ties, words) in [
            (free, None),
            (Ties { active: true, last_good: true, ..free }, Some("it is active;")),
            (Ties { kept: true, last_good: true, ..free }, Some("it is kept;")),
            (Ties { last_good: true, ..free }, Some("it is the last good version;")),
            (Ties { used_elsewhere: Some(true), ..free }, Some("another workbench uses it;")),
            (Ties { used_elsewhere: None, ..free }, Some("another workbench does not say")),
        ] {
            let why = why_it_stays(VersionNumber(3), ties);
            let wanted = words.map(|words| format!("v3 is not removed: {words}"));
            assert_eq!(why.is_some(), wanted.is_some(), "{ties:?}");
            assert!(why.unwrap_or_default().starts_with(&wanted.unwrap_or_default()), "{ties:?}");
        }
    }

    #[test]
    fn notes_are_trimmed_and_bounded() {
        let longest = "汉".repeat(Marks::NOTE);
        for (text, note) in [
            (" two\nlines \n", Ok("two\nlines".to_owned())),
            ("  ", Ok(String::new())),
            (&format!(" {longest} "), Ok(longest.clone())),
            (&format!("{longest}x"), Err("the note has 501 characters, the most is 500; shorten it".to_owned())),
        ] {
            assert_eq!(tidy_note(text), note);
        }
    }

    #[test]
    fn what_the_user_marked_elsewhere_survives_our_own_marks() {
        let mut ours = Marks { note: "old".to_owned(), ..Marks::default() };
        let theirs = Marks { keep: true, note: "theirs".to_owned(), ..Marks::default() };
        ours.take_users(theirs);
        assert_eq!((ours.keep, ours.note.as_str()), (true, "theirs"));
    }
}
