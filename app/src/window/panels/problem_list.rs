//! Which problems are shown and where each stands, as plain data: the list is drawn from this.

use std::cell::OnceCell;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use exuvia_runtime::build::diagnostic::{Level, Place};

use crate::editor;
use crate::model::ansi::{self, Span};
use crate::model::{FailureKey, Model, Problem, ProblemKind, Problems};
use crate::text::Language;

/// What the list of problems shows and has selected.
#[derive(Debug)]
pub(crate) struct ProblemsState {
    /// Whether errors are shown.
    pub(crate) errors: bool,
    /// Whether warnings and notes are shown.
    pub(crate) warnings: bool,
    /// Of which problems the selection and the layout are.
    items: Arc<[Problem]>,
    /// The problems of an earlier failure, read when it was chosen.
    chosen: Option<(FailureKey, Problems)>,
    /// The index of the selected problem.
    pub(super) selected: Option<usize>,
    /// Whether it is to be scrolled to and to have the keyboard.
    pub(super) reveal: bool,
    /// Where the problems stand.
    pub(super) laid: Laid,
}

impl Default for ProblemsState {
    fn default() -> Self {
        Self {
            errors: true,
            warnings: true,
            items: Arc::default(),
            chosen: None,
            selected: None,
            reveal: false,
            laid: Laid::default(),
        }
    }
}

impl ProblemsState {
    /// The problems of the failure that was chosen, or else the latest ones. A selection among others
    /// is forgotten.
    pub(crate) fn shown(&mut self, model: &Model, chosen: Option<FailureKey>) -> Problems {
        let failure = chosen.and_then(|key| model.history.failure(key).map(|record| (key, record)));
        let problems = match (failure, &self.chosen) {
            (Some((key, _)), Some((known, problems))) if key == *known => problems.clone(),
            (Some((key, record)), _) => {
                let problems = Problems::of_failure(record);
                self.chosen = Some((key, problems.clone()));
                problems
            }
            (None, _) => {
                self.chosen = None;
                model.problems.clone()
            }
        };
        if !Arc::ptr_eq(&self.items, &problems.items) {
            self.items = Arc::clone(&problems.items);
            self.selected = None;
            self.laid = Laid::default();
        }
        problems
    }

    /// Whether problems of this level are shown.
    pub(crate) fn shows(&self, level: Level) -> bool {
        if level == Level::Error { self.errors } else { self.warnings }
    }

    /// Selects a problem, scrolls to it and gives it the keyboard.
    pub(crate) fn select(&mut self, index: usize) {
        self.selected = Some(index);
        self.reveal = true;
    }

    /// Selects the next problem that is shown, or the one before; after the last comes the first.
    /// Whether there is one.
    pub(crate) fn step(&mut self, problems: &Problems, forward: bool) -> bool {
        let shown: Vec<_> =
            (0..problems.items.len()).filter(|index| self.shows(problems.items[*index].level)).collect();
        let (Some(first), Some(last)) = (shown.first(), shown.last()) else { return false };
        let next = match (self.selected, forward) {
            (None, true) => *first,
            (None, false) => *last,
            (Some(at), true) => *shown.iter().find(|index| **index > at).unwrap_or(first),
            (Some(at), false) => *shown.iter().rev().find(|index| **index < at).unwrap_or(last),
        };
        self.select(next);
        true
    }

    /// The problems that are shown, as plain text.
    pub(crate) fn text(&self, problems: &Problems, l: Language) -> String {
        let shown = problems.items.iter().filter(|problem| self.shows(problem.level));
        shown.map(|problem| format!("{}\n", l.problem_plain(problem))).collect::<Vec<_>>().join("\n")
    }
}

/// Where the problems stand that are shown.
#[derive(Debug, Default)]
pub(super) struct Laid {
    key: Option<Key>,
    pub(super) blocks: Vec<Block>,
    /// The lines of each problem, read when it is first drawn.
    lines: Vec<OnceCell<Vec<Vec<Span>>>>,
    /// The widest line that was drawn, in points.
    pub(super) width: f32,
}

/// What the heights depend on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Key {
    /// The language of what is not the compiler's.
    pub(super) language: Language,
    /// Whether errors are shown.
    pub(super) errors: bool,
    /// Whether warnings are.
    pub(super) warnings: bool,
    /// The height of a line.
    pub(super) line: f32,
    /// The width for text that wraps.
    pub(super) width: f32,
    /// Whether machine paths are shortened.
    pub(super) hidden: bool,
}

/// Space between two problems, in points.
const GAP: f32 = 10.0;

/// A problem in its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Block {
    /// Its index.
    pub(super) index: usize,
    /// Where it begins, in points from the top of the list.
    pub(super) top: f32,
    /// Its height without the space below.
    pub(super) height: f32,
}

impl Laid {
    /// Finds out where the problems stand, if that may have changed. What the compiler said has a
    /// height by its lines; `prose` lays out what wraps.
    pub(super) fn update(&mut self, items: &[Problem], key: Key, mut prose: impl FnMut(&Problem) -> f32) {
        if self.key == Some(key) && self.lines.len() == items.len() {
            return;
        }
        if self.lines.len() != items.len() {
            self.lines = vec![OnceCell::new(); items.len()];
        }
        self.key = Some(key);
        self.width = 0.0;
        self.blocks.clear();
        let mut top = 0.0;
        for (index, problem) in items.iter().enumerate() {
            if !(if problem.level == Level::Error { key.errors } else { key.warnings }) {
                continue;
            }
            #[expect(clippy::cast_precision_loss, reason = "a number of lines")]
            let height = match &problem.kind {
                ProblemKind::Compiler => key.line * problem.rendered.lines().count().max(1) as f32,
                ProblemKind::NotLoaded | ProblemKind::Refused(_) | ProblemKind::Faulted { .. } => prose(problem),
            };
            self.blocks.push(Block { index, top, height });
            top += height + GAP;
        }
    }

    /// The height of all.
    pub(super) fn total(&self) -> f32 {
        self.blocks.last().map_or(0.0, |block| block.top + block.height)
    }

    /// The problems between these heights.
    pub(super) fn seen(&self, part: Range<f32>) -> Range<usize> {
        let first = self.blocks.partition_point(|block| block.top + block.height < part.start);
        let end = self.blocks.partition_point(|block| block.top < part.end);
        first.min(end)..end
    }

    /// The lines of a problem with their colours.
    pub(super) fn lines(&self, index: usize, problem: &Problem) -> &[Vec<Span>] {
        self.lines[index].get_or_init(|| ansi::lines(&problem.rendered))
    }

    /// Where a problem stands.
    pub(super) fn block(&self, index: usize) -> Option<Block> {
        self.blocks.iter().find(|block| block.index == index).copied()
    }
}

/// `src/lib.rs:4:5`.
pub(super) fn place_text(place: &Place, root: &Path) -> String {
    let file = place.file.strip_prefix(root).unwrap_or(&place.file);
    format!("{}:{}:{}", file.display(), place.line, place.column)
}

/// The place as an editor takes it: the compiler's paths may be relative to the workspace's root.
pub(super) fn editor_place(place: &Place, root: &Path) -> editor::Place {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    editor::Place { file: root.join(&place.file), line: number(place.line), column: number(place.column) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::samples::*;
    use exuvia_runtime::session::Event;

    fn model() -> Model {
        let mut model = Model::default();
        let mut failed = failure(4, 0);
        if let exuvia_runtime::history::record::Failure::Build { diagnostics, .. } = &mut failed.failure {
            diagnostics.push(diagnostic(Level::Error, "unresolved import"));
        }
        model.apply(opened(vec![], vec![failure(2, 9)], &[]), NOW);
        model.apply(Event::Failed { record: failed }, NOW);
        model
    }

    #[test]
    fn the_selection_walks_through_what_is_shown_and_round() {
        for (errors, warnings, from, forward, to) in [
            (true, true, None, true, Some(0)),
            (true, true, None, false, Some(2)),
            (true, true, Some(0), true, Some(1)),
            (true, true, Some(2), true, Some(0)),
            (true, true, Some(0), false, Some(2)),
            (true, false, Some(1), true, Some(0)),
            (false, true, Some(0), true, Some(2)),
            (false, false, None, true, None),
        ] {
            let mut state = ProblemsState { errors, warnings, ..ProblemsState::default() };
            let problems = state.shown(&model(), None);
            state.selected = from;
            assert_eq!(state.step(&problems, forward), to.is_some());
            assert_eq!(state.selected, to, "from {from:?}");
        }
    }

    #[test]
    fn other_problems_have_no_selection_and_the_same_ones_keep_it() {
        let (mut model, mut state) = (model(), ProblemsState::default());
        state.shown(&model, None);
        state.select(1);
        state.shown(&model, None);
        assert_eq!(state.selected, Some(1));
        let old = FailureKey::of(&failure(2, 9));
        assert_eq!(state.shown(&model, Some(old)).items.len(), 2);
        assert_eq!(state.selected, None);
        state.select(1);
        state.shown(&model, Some(old));
        assert_eq!(state.selected, Some(1), "they were not read anew");
        model.apply(Event::Recorded { row: Box::new(version(1, 0)) }, NOW);
        state.shown(&model, None);
        assert_eq!(state.selected, None);
    }

    #[test]
    fn problems_stand_below_each_other() {
        let mut state = ProblemsState::default();
        let problems = state.shown(&model(), None);
        let key = |errors, warnings| Key {
            language: Language::English,
            errors,
            warnings,
            line: 10.0,
            width: 100.0,
            hidden: false,
        };
        let laid = &mut state.laid;
        laid.update(&problems.items, key(true, true), |_| 0.0);
        assert_eq!(laid.blocks.iter().map(|block| block.top).collect::<Vec<_>>(), [0.0, 30.0, 60.0]);
        assert_eq!((laid.total(), laid.seen(25.0..55.0), laid.seen(15.0..70.0)), (80.0, 1..2, 0..3));
        laid.update(&problems.items, key(false, true), |_| 0.0);
        assert_eq!(laid.blocks, [Block { index: 2, top: 0.0, height: 20.0 }]);
        assert_eq!((laid.block(2), laid.block(0)), (Some(laid.blocks[0]), None));
        assert_eq!(laid.lines(2, &problems.items[2]).len(), 2);
    }

    #[test]
    fn text_is_what_is_shown_without_colours() {
        let mut state = ProblemsState { warnings: false, ..ProblemsState::default() };
        let problems = state.shown(&model(), None);
        assert_eq!(
            state.text(&problems, Language::English),
            "error: mismatched types\n --> src/lib.rs:4:5\n\nerror: unresolved import\n --> src/lib.rs:4:5\n"
        );
    }

    #[test]
    fn places_are_below_the_workspaces_root_unless_they_are_absolute() {
        let place = |file: &str| Place { file: file.into(), line: 4, column: 5 };
        for (file, text, absolute) in [
            ("src/lib.rs", "src/lib.rs:4:5", "/w/src/lib.rs"),
            ("/w/src/lib.rs", "src/lib.rs:4:5", "/w/src/lib.rs"),
            ("/rustc/core.rs", "/rustc/core.rs:4:5", "/rustc/core.rs"),
        ] {
            assert_eq!(place_text(&place(file), Path::new("/w")), text);
            let expected = editor::Place { file: absolute.into(), line: 4, column: 5 };
            assert_eq!(editor_place(&place(file), Path::new("/w")), expected);
        }
    }
}
