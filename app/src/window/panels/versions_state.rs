//! What the list of versions remembers, and its decisions without a screen: which rows the filter
//! lets pass, where each row stands, how the selection moves.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;

use exuvia_runtime::history::record::{Failure, Standing, VersionRow};
use exuvia_runtime::ids::VersionNumber;

use crate::model::{FailureKey, Model, Row};
use crate::text::Language;

/// What the list remembers.
#[derive(Debug, Default)]
pub(crate) struct VersionsState {
    /// What is typed into the filter.
    pub(crate) filter: String,
    /// What it found.
    found: Option<Found>,
    /// How far the list is scrolled, in points.
    pub(super) offset: f32,
    /// How many versions fill the list's height; 0 as long as it was not drawn.
    pub(crate) page: usize,
    /// The note that is being written.
    pub(crate) note: NoteEntry,
}

/// A note that is being written.
#[derive(Debug, Default)]
pub(crate) struct NoteEntry {
    /// What is typed.
    pub(crate) text: String,
    /// Whether its field has yet to take the keyboard.
    pub(crate) is_new: bool,
}

impl NoteEntry {
    /// The note as it is now, to be changed.
    pub(crate) fn begin(&mut self, text: String) {
        *self = Self { text, is_new: true };
    }
}

/// The rows that a filter lets pass; found anew when the filter or the history has changed, because
/// each row's whole text is looked through.
#[derive(Debug)]
struct Found {
    filter: String,
    revision: u64,
    versions: BTreeSet<VersionNumber>,
    failures: HashSet<FailureKey>,
}

impl VersionsState {
    /// The rows that the filter lets pass, newest first.
    pub(crate) fn shown_rows<'a>(&mut self, model: &'a Model) -> Vec<Row<'a>> {
        let mut rows = model.history.rows();
        if let Some(found) = self.found(model) {
            rows.retain(|row| match row {
                Row::Version(row) => found.versions.contains(&row.record.number),
                Row::Failure(record) => found.failures.contains(&FailureKey::of(record)),
            });
        }
        rows
    }

    /// How many rows the filter lets pass; `None` where nothing is filtered.
    pub(super) fn count(&mut self, model: &Model) -> Option<usize> {
        self.found(model).map(|found| found.versions.len() + found.failures.len())
    }

    /// The versions that the filter lets pass, oldest first.
    pub(crate) fn shown_versions(&mut self, model: &Model) -> Vec<VersionNumber> {
        match self.found(model) {
            Some(found) => found.versions.iter().copied().collect(),
            None => model.history.numbers().rev().collect(),
        }
    }

    fn found(&mut self, model: &Model) -> Option<&Found> {
        let filter = self.filter.trim().to_lowercase();
        if filter.is_empty() {
            self.found = None;
            return None;
        }
        let revision = model.history.revision();
        if self.found.as_ref().is_none_or(|found| found.filter != filter || found.revision != revision) {
            let words: Vec<_> = filter.split_whitespace().collect();
            let mut found =
                Found { filter: filter.clone(), revision, versions: BTreeSet::new(), failures: HashSet::new() };
            for row in model.history.rows() {
                let text = searched(&row);
                if words.iter().all(|word| text.contains(word)) {
                    match row {
                        Row::Version(row) => drop(found.versions.insert(row.record.number)),
                        Row::Failure(record) => drop(found.failures.insert(FailureKey::of(record))),
                    }
                }
            }
            self.found = Some(found);
        }
        self.found.as_ref()
    }
}

/// Everything that can be found in a row, in both languages.
fn searched(row: &Row<'_>) -> String {
    let both = [Language::English, Language::Chinese];
    let text = match row {
        Row::Version(VersionRow { record, marks }) => {
            let mut text = format!("{}\n{}\n{}\n", record.number, record.cause.text(), marks.note);
            let verdict = marks.last_verdict.as_ref().unwrap_or(&record.verdict);
            for l in both {
                text += &format!("{}\n{}\n", l.cause(&record.cause), l.verdict(verdict.kind));
                if marks.keep {
                    text += &format!("{}\n", l.mark_kept());
                }
                if matches!(marks.standing, Standing::Faulted { .. }) {
                    text += &format!("{}\n", l.mark_faulted());
                }
            }
            for result in &marks.pinned_results {
                text += &format!("{}\n{}\n", result.call, result.answer);
            }
            text
        }
        Row::Failure(record) => {
            let mut text = format!("{}\n", record.cause.text());
            for l in both {
                text += &format!("{}\n{}\n", l.cause(&record.cause), failed_words(&record.failure, l));
            }
            text
        }
    };
    text.to_lowercase()
}

/// What failed.
pub(super) fn failed_words(failure: &Failure, l: Language) -> &'static str {
    match failure {
        Failure::Build { .. } => l.row_build_failed(),
        Failure::Load { .. } => l.row_load_failed(),
    }
}

/// How the selection moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// To the next newer one.
    Newer,
    /// To the next older one.
    Older,
    /// A page up.
    PageNewer,
    /// A page down.
    PageOlder,
    /// To the newest.
    Newest,
    /// To the oldest.
    Oldest,
}

/// Where a step from a version leads, among those that are shown (oldest first). At the ends it
/// stays where it is; with nothing to start from it begins at the end it would come from.
pub(crate) fn step(
    shown: &[VersionNumber],
    from: Option<VersionNumber>,
    how: Step,
    page: usize,
) -> Option<VersionNumber> {
    let last = shown.len().checked_sub(1)?;
    let count = match how {
        Step::Newest => return shown.last().copied(),
        Step::Oldest => return shown.first().copied(),
        Step::Newer | Step::Older => 1,
        Step::PageNewer | Step::PageOlder => page.max(1),
    };
    let newer = matches!(how, Step::Newer | Step::PageNewer);
    let Some(from) = from else { return shown.get(if newer { last } else { 0 }).copied() };
    // The version itself may be filtered out: the step then begins between two others.
    let below = shown.partition_point(|version| *version < from);
    let after = shown.partition_point(|version| *version <= from);
    let to = if newer { after + count - 1 } else { (below).saturating_sub(count) };
    shown.get(to.min(last)).copied()
}

/// Between two rows, in points.
const GAP: f32 = 3.0;

/// Parts of a row, in points.
pub(super) mod sizes {
    /// Above and below.
    pub(in super::super) const MARGIN: f32 = 5.0;
    /// The two lines that each version has.
    pub(in super::super) const LINE: f32 = 20.0;
    /// The line of a pinned call's result, and that of a note.
    pub(in super::super) const SMALL: f32 = 18.0;
    /// Between two lines.
    pub(in super::super) const GAP: f32 = 2.0;
    /// The bar of stages.
    pub(in super::super) const BAR: f32 = 3.0;
    /// A failed generation.
    pub(in super::super) const FAILURE: f32 = 20.0;
}

/// How high a row is: it follows from what it shows, never from the pointer.
fn height(row: &Row<'_>) -> f32 {
    match row {
        Row::Failure(_) => sizes::FAILURE,
        Row::Version(VersionRow { marks, .. }) => {
            let small = [!marks.pinned_results.is_empty(), !marks.note.is_empty()];
            let small: f32 = small.iter().filter(|has| **has).map(|_| sizes::SMALL + sizes::GAP).sum();
            2.0 * sizes::MARGIN + 2.0 * sizes::LINE + sizes::GAP + small + sizes::GAP + sizes::BAR
        }
    }
}

/// Where rows stand, in points from the top of the list.
#[derive(Debug)]
pub(super) struct Places(Vec<Range<f32>>);

impl Places {
    /// Of these rows.
    pub(super) fn new(rows: &[Row<'_>]) -> Self {
        let mut top = 0.0;
        let place = |row| {
            let place = top..top + height(row);
            top = place.end + GAP;
            place
        };
        Self(rows.iter().map(place).collect())
    }

    /// How high all of them are.
    pub(super) fn height(&self) -> f32 {
        self.0.last().map_or(0.0, |place| place.end)
    }

    /// Where a row stands.
    pub(super) fn of(&self, index: usize) -> Range<f32> {
        self.0.get(index).cloned().unwrap_or(0.0..0.0)
    }

    /// The rows that lie in a part of the list, at least partly.
    pub(super) fn in_view(&self, top: f32, bottom: f32) -> Range<usize> {
        let begin = self.0.partition_point(|place| place.end <= top);
        let end = self.0.partition_point(|place| place.start < bottom);
        begin..end.max(begin)
    }

    /// How far to scroll so that a row is seen, as little as possible.
    pub(super) fn reveal(&self, index: usize, offset: f32, height: f32) -> f32 {
        let place = self.of(index);
        offset.min(place.start).max(place.end - height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::samples::*;
    use exuvia_runtime::history::record::{Cause, PinnedResult};
    use exuvia_runtime::session::Event;
    use exuvia_runtime::swap::verdict::{Verdict, VerdictKind};

    fn model() -> Model {
        let mut asked = version(1, 9);
        asked.record.cause = Cause::Asked;
        let mut noted = version(2, 5);
        noted.marks.note = "Before the Refactoring 重构".to_owned();
        noted.marks.last_verdict = Some(Verdict::new(VerdictKind::Reset, "no"));
        let mut pinned = version(12, 1);
        let answer = returned("Hello, World");
        pinned.marks.pinned_results = vec![PinnedResult { call: "greet(1)".to_owned(), answer }];
        pinned.marks.keep = true;
        let mut model = Model::default();
        model.apply(opened(vec![asked, noted, pinned], vec![failure(7, 3)], &[]), NOW);
        model
    }

    #[test]
    fn rows_are_found_by_all_that_they_say() {
        let model = model();
        for (filter, expected) in [
            ("", vec!["v12", "g7", "v2", "v1"]),
            ("  ", vec!["v12", "g7", "v2", "v1"]),
            ("v12", vec!["v12"]),
            ("LIB.rs", vec!["v12", "g7", "v2"]),
            ("asked", vec!["v1"]),
            ("手动", vec!["v1"]),
            ("refactoring", vec!["v2"]),
            ("重构", vec!["v2"]),
            ("reset", vec!["v2"]),
            ("重置", vec!["v2"]),
            ("hello", vec!["v12"]),
            ("lib kept", vec!["v12"]),
            ("failed", vec!["g7"]),
            ("nothing of the sort", vec![]),
        ] {
            let mut state = VersionsState { filter: filter.to_owned(), ..VersionsState::default() };
            let rows = state.shown_rows(&model);
            let names: Vec<_> = rows
                .iter()
                .map(|row| match row {
                    Row::Version(row) => row.record.number.to_string(),
                    Row::Failure(record) => format!("g{}", record.generation.0),
                })
                .collect();
            assert_eq!(names, expected, "{filter}");
        }
    }

    #[test]
    fn what_was_found_is_looked_for_again_when_the_history_changes() {
        let mut model = model();
        let mut state = VersionsState { filter: "lib".to_owned(), ..VersionsState::default() };
        assert_eq!(state.shown_rows(&model).len(), 3);
        model.apply(Event::Recorded { row: Box::new(version(13, 0)) }, NOW);
        assert_eq!(state.shown_rows(&model).len(), 4);
        state.filter = "v13".to_owned();
        assert_eq!(state.shown_versions(&model), [VersionNumber(13)]);
    }

    #[test]
    fn steps_stop_at_the_ends() {
        let shown = [1, 3, 4, 7, 9].map(VersionNumber);
        for (from, how, expected) in [
            (Some(4), Step::Newer, 7),
            (Some(4), Step::Older, 3),
            (Some(9), Step::Newer, 9),
            (Some(1), Step::Older, 1),
            (Some(1), Step::PageNewer, 4),
            (Some(3), Step::PageNewer, 7),
            (Some(7), Step::PageNewer, 9),
            (Some(9), Step::PageOlder, 4),
            (Some(3), Step::PageOlder, 1),
            (Some(4), Step::Newest, 9),
            (Some(4), Step::Oldest, 1),
            (None, Step::Newer, 9),
            (None, Step::Older, 1),
            // Filtered out.
            (Some(5), Step::Newer, 7),
            (Some(5), Step::Older, 4),
            (Some(0), Step::Older, 1),
            (Some(12), Step::Newer, 9),
        ] {
            let next = step(&shown, from.map(VersionNumber), how, 2);
            assert_eq!(next, Some(VersionNumber(expected)), "{how:?} from {from:?}");
        }
        assert_eq!(step(&[], None, Step::Newer, 2), None);
    }

    #[test]
    fn rows_have_places_and_are_scrolled_to() {
        let model = model();
        let rows = model.history.rows();
        let places = Places::new(&rows);
        assert!(places.of(0).end - places.of(0).start > places.of(3).end - places.of(3).start, "it has a result");
        let one = |index| places.of(index).end - places.of(index).start;
        assert!((places.height() - (0..4).map(one).sum::<f32>() - 3.0 * GAP).abs() < 0.01);
        for (top, bottom, expected) in [
            (0.0, 1.0, 0..1),
            (0.0, places.of(0).end + GAP, 0..1),
            (0.0, places.of(1).start + 1.0, 0..2),
            (places.of(0).end, places.height(), 1..4),
            (places.of(2).start + 5.0, 9_000.0, 2..4),
        ] {
            assert_eq!(places.in_view(top, bottom), expected, "{top} to {bottom}");
        }
        let end = places.height() - 100.0;
        for (index, offset, expected) in [(0, 0.0, 0.0), (0, 50.0, 0.0), (3, 0.0, end), (3, end, end)] {
            assert!((places.reveal(index, offset, 100.0) - expected).abs() < 0.01, "{index} from {offset}");
        }
    }
}
