//! Comparisons of sources: which one is asked for, which one is shown, and its rows.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use exuvia_runtime::history::compare::{CompareOutcome, DiffLine, FileChange, FileDiff, LineKind, Side};
use exuvia_runtime::session::Command;

use super::highlight::{self, Pieces};

/// Of more text than this only the first part has colours. In bytes.
const COLOURED: usize = 1 << 20;

/// A row of a comparison; all are of one height.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeRow {
    /// A file's name, by its place in the list of files.
    File(usize),
    /// The file has no lines to show.
    NoLines(usize),
    /// Lines that both sides have are left out here.
    Gap,
    /// A line.
    Line {
        /// The file.
        file: usize,
        /// Its hunk.
        hunk: usize,
        /// The line in it.
        line: usize,
    },
}

/// A comparison that was answered.
#[derive(Debug)]
pub struct Comparison {
    /// The first side.
    pub from: Side,
    /// The second side.
    pub to: Side,
    /// What it came to.
    pub outcome: CompareOutcome,
    /// What is drawn.
    pub rows: Vec<ChangeRow>,
    /// The rows at which a group of changed lines begins.
    pub changes: Vec<usize>,
    /// Added and removed lines of each file.
    pub counts: Vec<(usize, usize)>,
    /// Width of the longest line, in columns.
    pub columns: usize,
    /// Colours of each line, by file and hunk.
    colours: Vec<Vec<Vec<Pieces>>>,
}

impl Comparison {
    fn new(from: Side, to: Side, outcome: CompareOutcome) -> Self {
        let files = files(&outcome);
        let (mut rows, mut changes, mut columns) = (Vec::new(), Vec::new(), 0);
        for (file, diff) in files.iter().enumerate() {
            rows.push(ChangeRow::File(file));
            if diff.hunks.is_empty() {
                changes.push(rows.len() - 1);
                rows.push(ChangeRow::NoLines(file));
            }
            for (hunk, lines) in diff.hunks.iter().enumerate() {
                if hunk > 0 {
                    rows.push(ChangeRow::Gap);
                }
                let mut before = LineKind::Same;
                for (line, diff) in lines.lines.iter().enumerate() {
                    if diff.kind != LineKind::Same && before == LineKind::Same {
                        changes.push(rows.len());
                    }
                    before = diff.kind;
                    columns = columns.max(width(&diff.text));
                    rows.push(ChangeRow::Line { file, hunk, line });
                }
            }
        }
        let counts = files.iter().map(counts).collect();
        let colours = colours(files);
        Self { rows, changes, counts, columns, colours, from, to, outcome }
    }

    /// The files that differ.
    #[must_use]
    pub fn files(&self) -> &[FileDiff] {
        files(&self.outcome)
    }

    /// A line with its colours.
    #[must_use]
    pub fn line(&self, file: usize, hunk: usize, line: usize) -> Option<(&DiffLine, &Pieces)> {
        let text = self.files().get(file)?.hunks.get(hunk)?.lines.get(line)?;
        Some((text, self.colours.get(file)?.get(hunk)?.get(line)?))
    }

    /// Where the next (or previous) group of changed lines begins, seen from this row.
    #[must_use]
    pub fn next_change(&self, from: Option<usize>, forward: bool) -> Option<usize> {
        match (from, forward) {
            (None, true) => self.changes.first(),
            (None, false) => self.changes.last(),
            (Some(from), true) => self.changes.iter().find(|row| **row > from),
            (Some(from), false) => self.changes.iter().rev().find(|row| **row < from),
        }
        .copied()
    }
}

fn files(outcome: &CompareOutcome) -> &[FileDiff] {
    match outcome {
        CompareOutcome::Differs { files } => files,
        CompareOutcome::Same | CompareOutcome::Failed { .. } => &[],
    }
}

fn counts(file: &FileDiff) -> (usize, usize) {
    let count = |kind| file.hunks.iter().flat_map(|hunk| &hunk.lines).filter(|line| line.kind == kind).count();
    (count(LineKind::Added), count(LineKind::Removed))
}

/// Columns that a line takes: tabs are drawn as four, and what is no ASCII as at most two.
fn width(text: &str) -> usize {
    text.chars()
        .map(|c| {
            if c == '\t' {
                4
            } else if c.is_ascii() {
                1
            } else {
                2
            }
        })
        .sum()
}

/// Each side of a hunk is lexed as the piece of a file that it is.
fn colours(files: &[FileDiff]) -> Vec<Vec<Vec<Pieces>>> {
    let mut room = COLOURED;
    let of_hunk = |path: &Path, lines: &[DiffLine], room: &mut usize| {
        let mut colours = vec![Pieces::new(); lines.len()];
        let size = lines.iter().map(|line| line.text.len() + 1).sum::<usize>();
        let Some(left) = room.checked_sub(size) else { return colours };
        *room = left;
        for side in [LineKind::Removed, LineKind::Added] {
            let of_side = |line: &DiffLine| line.kind == side || line.kind == LineKind::Same;
            let (places, texts): (Vec<_>, Vec<_>) = lines
                .iter()
                .enumerate()
                .filter(|(_, line)| of_side(line))
                .map(|(at, line)| (at, line.text.as_str()))
                .unzip();
            for (at, pieces) in places.into_iter().zip(highlight::lines(path, &texts)) {
                colours[at] = pieces;
            }
        }
        colours
    };
    let of_file = |file: &FileDiff| file.hunks.iter().map(|hunk| of_hunk(&file.path, &hunk.lines, &mut room)).collect();
    files.iter().map(of_file).collect()
}

/// A comparison that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Asked {
    id: u64,
    pair: (Side, Side),
    /// Which of the saved files it is about.
    saved: u64,
    answered: bool,
}

/// The comparison that is shown, and the one that is waited for.
#[derive(Debug, Default)]
pub struct Changes {
    shown: Option<Arc<Comparison>>,
    asked: Option<Asked>,
    last_id: u64,
    saved: u64,
}

impl Changes {
    /// The latest answer.
    #[must_use]
    pub fn shown(&self) -> Option<&Arc<Comparison>> {
        self.shown.as_ref()
    }

    /// Whether an answer is on its way.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.asked.is_some_and(|asked| !asked.answered)
    }

    /// What is to be asked so that this pair is shown: nothing, if it was the last that was asked
    /// and nothing was saved since.
    pub fn want(&mut self, pair: (Side, Side)) -> Option<Command> {
        let about_saved = [pair.0, pair.1].contains(&Side::Saved);
        let is_asked = |asked: Asked| asked.pair == pair && (!about_saved || asked.saved == self.saved);
        if self.asked.is_some_and(is_asked) {
            return None;
        }
        self.last_id += 1;
        self.asked = Some(Asked { id: self.last_id, pair, saved: self.saved, answered: false });
        Some(Command::Compare { id: self.last_id, from: pair.0, to: pair.1 })
    }

    pub(super) fn compared(&mut self, id: u64, from: Side, to: Side, outcome: CompareOutcome) {
        // Another pair was asked for since.
        let Some(asked) = self.asked.as_mut().filter(|asked| asked.id == id) else { return };
        asked.answered = true;
        self.shown = Some(Arc::new(Comparison::new(from, to, outcome)));
    }

    /// Files may have been saved, or watched ones become others.
    pub(super) fn saved(&mut self) {
        self.saved += 1;
    }

    /// No answer will come any more.
    pub(super) fn end(&mut self) {
        if let Some(asked) = &mut self.asked {
            asked.answered = true;
        }
    }
}

/// The files as a patch that `git apply` and `patch` read.
#[must_use]
pub fn unified(files: &[FileDiff]) -> String {
    let mut text = String::new();
    for FileDiff { path, kind, hunks, binary } in files {
        // Paths in a patch have slashes on every system.
        let path = path.to_string_lossy().replace('\\', "/");
        let old = if *kind == FileChange::Added { "/dev/null".to_owned() } else { format!("a/{path}") };
        let new = if *kind == FileChange::Removed { "/dev/null".to_owned() } else { format!("b/{path}") };
        // Writing into memory cannot fail.
        if *binary {
            let _ = writeln!(text, "Binary files {old} and {new} differ");
            continue;
        }
        let _ = writeln!(text, "--- {old}\n+++ {new}");
        for hunk in hunks {
            let range = |number: fn(&DiffLine) -> Option<u32>| {
                let mut numbers = hunk.lines.iter().filter_map(number);
                match numbers.next() {
                    Some(first) => format!("{first},{}", numbers.count() + 1),
                    None => "0,0".to_owned(),
                }
            };
            let _ = writeln!(text, "@@ -{} +{} @@", range(|line| line.old), range(|line| line.new));
            for line in &hunk.lines {
                let _ = writeln!(text, "{}{}", sign(line.kind), line.text);
            }
        }
    }
    text
}

/// The sign before a line.
#[must_use]
pub fn sign(kind: LineKind) -> char {
    match kind {
        LineKind::Same => ' ',
        LineKind::Added => '+',
        LineKind::Removed => '-',
    }
}

#[cfg(test)]
#[path = "change_tests.rs"]
mod tests;
