//! What the guest wrote, in lines.
//!
//! Text comes in chunks that may end anywhere, also inside a line, an escape sequence or between
//! `\r` and `\n`. Each version and stream has at most one line that is not finished.

use std::collections::{HashMap, VecDeque};

use exuvia_runtime::ids::VersionNumber;
use exuvia_runtime::session::Stream;

use super::ansi;

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
    /// The line without colours and control characters.
    pub text: String,
    /// The line as it came.
    raw: String,
}

impl OutputLine {
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
}

impl Output {
    pub(super) fn add(&mut self, version: VersionNumber, stream: Stream, text: &str) {
        let mut rest = text;
        while !rest.is_empty() {
            let (piece, ends, after) = match rest.split_once('\n') {
                Some((piece, after)) => (piece, true, after),
                None => (rest, false, ""),
            };
            rest = after;
            self.add_piece(version, stream, piece);
            if ends {
                self.unfinished.remove(&(version, stream));
            }
        }
    }

    /// Adds text without a line's end: to the line that is not finished, as far as there is room,
    /// and then to new ones.
    fn add_piece(&mut self, version: VersionNumber, stream: Stream, piece: &str) {
        let open = self.unfinished.get(&(version, stream)).and_then(|number| number.checked_sub(self.dropped));
        let mut rest = match open.and_then(|index| self.lines.get_mut(index)) {
            Some(line) => match line.fill(piece) {
                "" => return,
                rest => rest,
            },
            None => piece,
        };
        loop {
            rest = self.begin_line(version, stream).fill(rest);
            if rest.is_empty() {
                return;
            }
        }
    }

    fn begin_line(&mut self, version: VersionNumber, stream: Stream) -> &mut OutputLine {
        if self.lines.len() == MAX_LINES {
            self.lines.pop_front();
            self.dropped += 1;
        }
        self.unfinished.insert((version, stream), self.dropped + self.lines.len());
        self.lines.push_back(OutputLine { version, stream, text: String::new(), raw: String::new() });
        self.lines.back_mut().expect("a line was just added")
    }

    /// Forgets all lines.
    pub fn clear(&mut self) {
        self.dropped += self.lines.len();
        self.lines.clear();
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
