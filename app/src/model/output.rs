//! What the guest wrote, in lines.
//!
//! Text comes in chunks that may end anywhere, also inside a line, an escape sequence or between
//! `\r` and `\n`. Each version and stream has at most one line that is not finished.

use std::collections::{BTreeSet, HashMap, VecDeque};

use exuvia_runtime::ids::{Timestamp, VersionNumber};
use exuvia_runtime::session::Stream;

use super::ansi::{self, Look, Span};

/// More lines than this are not kept.
pub(super) const MAX_LINES: usize = 10_000;

/// A longer line goes on in the next one, so that a guest that never ends its line costs little.
pub(super) const MAX_LINE_BYTES: usize = 4_096;

/// A line that the guest wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputLine {
    /// The version that ran.
    pub version: VersionNumber,
    /// Which stream.
    pub stream: Stream,
    /// When the window heard of its beginning.
    pub at: Timestamp,
    /// The line without colours and control characters.
    pub text: String,
    /// The line as it came.
    raw: String,
    /// How the line before it ended: a colour goes on until it is taken back.
    begins: Look,
}

impl OutputLine {
    /// The line with its colours; together these are its text.
    #[must_use]
    pub fn spans(&self) -> Vec<Span> {
        ansi::terminal_line(&self.raw, self.begins).0
    }

    fn ends(&self) -> Look {
        if self.raw.contains('\u{1b}') { ansi::terminal_line(&self.raw, self.begins).1 } else { self.begins }
    }

    /// Takes in what there is room for, and gives what is left.
    fn fill<'a>(&mut self, piece: &'a str) -> &'a str {
        let room = MAX_LINE_BYTES.saturating_sub(self.raw.len());
        let (here, rest) = piece.split_at(piece.floor_char_boundary(room));
        self.raw.push_str(here);
        self.text = ansi::plain_line(&self.raw);
        rest
    }
}

/// What the guest wrote in this session, oldest first.
#[derive(Debug, Default)]
pub struct Output {
    lines: VecDeque<OutputLine>,
    /// Number of lines that were dropped or cleared; a line's number never changes.
    dropped: usize,
    /// Numbers of the lines that are not finished.
    unfinished: HashMap<(VersionNumber, Stream), usize>,
    /// How the last line of each stream ended, where that is not as usual.
    looks: HashMap<(VersionNumber, Stream), Look>,
    /// Counts the changes.
    revision: u64,
}

impl Output {
    pub(super) fn add(&mut self, version: VersionNumber, stream: Stream, text: &str, now: Timestamp) {
        self.revision += 1;
        let mut rest = text;
        while !rest.is_empty() {
            let (piece, ends, after) = match rest.split_once('\n') {
                Some((piece, after)) => (piece, true, after),
                None => (rest, false, ""),
            };
            rest = after;
            self.add_piece(version, stream, piece, now);
            if ends {
                self.end_line(version, stream);
            }
        }
    }

    /// Adds text without a line's end: to the line that is not finished, as far as there is room,
    /// and then to new ones.
    fn add_piece(&mut self, version: VersionNumber, stream: Stream, piece: &str, now: Timestamp) {
        let mut rest = match self.open_line(version, stream) {
            Some(line) => match line.fill(piece) {
                "" => return,
                rest => rest,
            },
            None => piece,
        };
        loop {
            rest = self.begin_line(version, stream, now).fill(rest);
            if rest.is_empty() {
                return;
            }
        }
    }

    /// The line that is not finished.
    fn open_line(&mut self, version: VersionNumber, stream: Stream) -> Option<&mut OutputLine> {
        let index = self.unfinished.get(&(version, stream))?.checked_sub(self.dropped)?;
        self.lines.get_mut(index)
    }

    fn end_line(&mut self, version: VersionNumber, stream: Stream) {
        let Some(look) = self.open_line(version, stream).map(|line| line.ends()) else { return };
        self.unfinished.remove(&(version, stream));
        if look == Look::default() {
            self.looks.remove(&(version, stream));
        } else {
            self.looks.insert((version, stream), look);
        }
    }

    fn begin_line(&mut self, version: VersionNumber, stream: Stream, at: Timestamp) -> &mut OutputLine {
        // A line that was too long goes on as it looked.
        self.end_line(version, stream);
        let begins = self.looks.get(&(version, stream)).copied().unwrap_or_default();
        if self.lines.len() == MAX_LINES {
            self.lines.pop_front();
            self.dropped += 1;
        }
        self.unfinished.insert((version, stream), self.dropped + self.lines.len());
        self.lines.push_back(OutputLine { version, stream, at, text: String::new(), raw: String::new(), begins });
        self.lines.back_mut().expect("a line was just added")
    }

    /// Forgets all lines.
    pub fn clear(&mut self) {
        self.revision += 1;
        self.dropped += self.lines.len();
        self.lines.clear();
    }

    /// Another number after each change.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The number of the first line that is still there. A line's number never changes.
    #[must_use]
    pub fn first(&self) -> usize {
        self.dropped
    }

    /// The line with this number.
    #[must_use]
    pub fn line(&self, number: usize) -> Option<&OutputLine> {
        self.lines.get(number.checked_sub(self.dropped)?)
    }

    /// The versions that wrote a line that is still there, oldest first.
    #[must_use]
    pub fn versions(&self) -> Vec<VersionNumber> {
        let versions: BTreeSet<_> = self.lines.iter().map(|line| line.version).collect();
        versions.into_iter().collect()
    }

    /// Number of lines.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Some of the lines.
    pub fn range(&self, range: std::ops::Range<usize>) -> impl Iterator<Item = &OutputLine> {
        let end = range.end.min(self.lines.len());
        self.lines.range(range.start.min(end)..end)
    }
}
