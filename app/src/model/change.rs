//! Comparisons of sources: which one is asked for, which one is shown, and its rows.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use exuvia_runtime::history::compare::{CompareOutcome, DiffLine, FileChange, FileDiff, LineEnd, LineKind, Side};
use exuvia_runtime::session::Command;
use exuvia_runtime::template::SDK;

use super::highlight::{self, Pieces};
pub use super::patch::{sign, unified};

/// Of a longer hunk only the first part has colours: it is lexed when it comes into view, by the thread
/// that draws. In bytes.
const COLOURED: usize = 64 << 10;

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
    /// What it came to; the files in the order in which they are read.
    pub outcome: CompareOutcome,
    /// Added and removed lines of each file.
    pub counts: Vec<(usize, usize)>,
    /// Width of the longest line, in columns.
    pub columns: usize,
    /// By file and hunk: whether its changed lines end in different ways.
    mixed_ends: Vec<Vec<bool>>,
    /// Colours of each line, by file and hunk; worked out when they are first asked for.
    colours: Vec<Vec<OnceLock<Vec<Pieces>>>>,
}

/// The rows of a comparison.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rows {
    /// What is drawn.
    pub rows: Vec<ChangeRow>,
    /// The rows at which a group of changed lines begins.
    pub changes: Vec<usize>,
}

impl Rows {
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

impl Comparison {
    fn new(from: Side, to: Side, mut outcome: CompareOutcome) -> Self {
        if let CompareOutcome::Differs { files } = &mut outcome {
            // Of one kind they stay as they are: by path.
            files.sort_by_key(Importance::of);
        }
        let files = files(&outcome);
        let lines = files.iter().flat_map(|file| &file.hunks).flat_map(|hunk| &hunk.lines);
        let columns = lines.map(|line| width(&line.text)).max().unwrap_or_default();
        let counts = files.iter().map(counts).collect();
        let mixed_ends = files.iter().map(|file| file.hunks.iter().map(|hunk| mixed_ends(&hunk.lines)).collect());
        let mixed_ends = mixed_ends.collect();
        let colours = files.iter().map(|file| file.hunks.iter().map(|_| OnceLock::new()).collect()).collect();
        Self { counts, columns, mixed_ends, colours, from, to, outcome }
    }

    /// The files that differ.
    #[must_use]
    pub fn files(&self) -> &[FileDiff] {
        files(&self.outcome)
    }

    /// Whether a file takes one line only: what nobody wrote does, unless the user wants it otherwise.
    #[must_use]
    pub fn is_folded(&self, file: usize, toggled: &BTreeSet<PathBuf>) -> bool {
        let Some(file) = self.files().get(file) else { return false };
        // Of a version without one before it, all is new: what was written is to be seen, and not its surroundings.
        let folds_from = if self.from == Side::Nothing { Importance::Other } else { Importance::Lock };
        (Importance::of(file) >= folds_from) != toggled.contains(&file.path)
    }

    /// What is drawn, when the user has folded or unfolded these files.
    #[must_use]
    pub fn rows(&self, toggled: &BTreeSet<PathBuf>) -> Rows {
        let (mut rows, mut changes) = (Vec::new(), Vec::new());
        for (file, diff) in self.files().iter().enumerate() {
            rows.push(ChangeRow::File(file));
            if self.is_folded(file, toggled) {
                changes.push(rows.len() - 1);
                continue;
            }
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
                    rows.push(ChangeRow::Line { file, hunk, line });
                }
            }
        }
        Rows { rows, changes }
    }

    /// A line with its colours; none where the text is long.
    #[must_use]
    pub fn line(&self, file: usize, hunk: usize, line: usize) -> Option<(&DiffLine, &[(usize, highlight::Class)])> {
        let diff = self.files().get(file)?;
        let lines = &diff.hunks.get(hunk)?.lines;
        let colours = self.colours.get(file)?.get(hunk)?.get_or_init(|| colours(&diff.path, lines));
        Some((lines.get(line)?, colours.get(line).map_or(&[], Vec::as_slice)))
    }

    /// How a changed line ends, where that is to be said: another changed line beside it ends otherwise.
    #[must_use]
    pub fn end_to_tell(&self, file: usize, hunk: usize, line: usize) -> Option<LineEnd> {
        let is_mixed = *self.mixed_ends.get(file)?.get(hunk)?;
        let line = self.files().get(file)?.hunks.get(hunk)?.lines.get(line)?;
        (is_mixed && line.kind != LineKind::Same && line.end != LineEnd::Lf).then_some(line.end)
    }
}

/// What a reader wants to see first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Importance {
    /// What lies in a folder `src`.
    Source,
    /// Other files: build scripts, texts that are included.
    Other,
    /// Cargo's and the toolchain's settings.
    Manifest,
    /// What cargo writes by itself.
    Lock,
    /// The SDK's sources beside a new guest, as they were copied.
    Copy,
}

impl Importance {
    fn of(file: &FileDiff) -> Self {
        let has = |folder: &str| file.path.parent().is_some_and(|parent| parent.iter().any(|part| part == folder));
        let name = file.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        match name {
            // A copy that somebody has changed is a source as any other.
            _ if has(SDK) && file.kind != FileChange::Changed => Self::Copy,
            "Cargo.lock" => Self::Lock,
            "Cargo.toml" | "rust-toolchain.toml" | "rust-toolchain" => Self::Manifest,
            _ if has(".cargo") => Self::Manifest,
            _ if has("src") => Self::Source,
            _ => Self::Other,
        }
    }
}

fn mixed_ends(lines: &[DiffLine]) -> bool {
    let mut ends = lines.iter().filter(|line| line.kind != LineKind::Same).map(|line| line.end);
    let first = ends.next();
    ends.any(|end| Some(end) != first)
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
fn colours(path: &Path, lines: &[DiffLine]) -> Vec<Pieces> {
    let mut room = COLOURED;
    let fits = |line: &&DiffLine| {
        let left = room.checked_sub(line.text.len() + 1);
        room = left.unwrap_or_default();
        left.is_some()
    };
    let lines: Vec<_> = lines.iter().take_while(fits).collect();
    let mut colours = vec![Pieces::new(); lines.len()];
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
    pub fn saved(&mut self) {
        self.saved += 1;
    }

    /// No answer will come any more.
    pub(super) fn end(&mut self) {
        if let Some(asked) = &mut self.asked {
            asked.answered = true;
        }
    }
}

#[cfg(test)]
#[path = "change_tests.rs"]
mod tests;
