//! Joins the guest's output, which comes in chunks that may end anywhere, to lines.

use exuvia_runtime::build::diagnostic::strip_ansi;
use exuvia_runtime::ids::VersionNumber;
use exuvia_runtime::session::Stream;

/// A line longer than this is printed in pieces, so that a guest that never ends it costs little.
const LONGEST: usize = 16 << 10;

/// What was begun and not ended, per version and stream.
#[derive(Debug, Default)]
pub(super) struct GuestLines {
    unfinished: Vec<(VersionNumber, Stream, String)>,
}

impl GuestLines {
    /// Takes a chunk; gives the lines that are finished now.
    pub(super) fn take(&mut self, version: VersionNumber, stream: Stream, text: &str, colors: bool) -> Vec<String> {
        let begun = self.unfinished.iter().position(|(v, s, _)| (*v, *s) == (version, stream));
        let mut rest = begun.map(|at| self.unfinished.swap_remove(at).2).unwrap_or_default();
        rest.push_str(text);
        let mut lines = Vec::new();
        let finished = rest.rfind('\n').map_or(0, |end| end + 1);
        lines.extend(rest[..finished].lines().map(|line| shown(version, line, colors)));
        rest.drain(..finished);
        if rest.len() > LONGEST {
            lines.push(shown(version, &std::mem::take(&mut rest), colors));
        }
        if !rest.is_empty() {
            self.unfinished.push((version, stream, rest));
        }
        lines
    }

    /// Whether a line was begun and not ended.
    pub(super) fn is_unfinished(&self) -> bool {
        !self.unfinished.is_empty()
    }

    /// The lines that were begun, as far as they go.
    pub(super) fn rest(&mut self, colors: bool) -> Vec<String> {
        self.unfinished.drain(..).map(|(version, _, text)| shown(version, &text, colors)).collect()
    }
}

fn shown(version: VersionNumber, line: &str, colors: bool) -> String {
    let line = line.trim_end_matches('\r');
    // A colour that the guest left on must not run on into the lines of others.
    if colors && line.contains('\u{1b}') {
        return format!("{version} | {line}\u{1b}[0m");
    }
    format!("{version} | {}", strip_ansi(line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Stream::{Stderr, Stdout};

    const V1: VersionNumber = VersionNumber(1);
    const V2: VersionNumber = VersionNumber(2);

    #[test]
    fn chunks_become_lines() {
        let mut lines = GuestLines::default();
        for (version, stream, text, expected) in [
            (V1, Stdout, "one\ntwo\nth", &["v1 | one", "v1 | two"][..]),
            (V1, Stderr, "err", &[]),
            (V2, Stdout, "\n", &["v2 | "]),
            (V1, Stdout, "ree\r\n", &["v1 | three"]),
            (V1, Stderr, "or\n\u{1b}[31mred\u{1b}[0m\n", &["v1 | error", "v1 | red"]),
            (V2, Stderr, "", &[]),
        ] {
            assert_eq!(lines.take(version, stream, text, false), expected, "{text:?}");
        }
        assert!(!lines.is_unfinished());
    }

    #[test]
    fn what_is_not_finished_is_shown_in_the_end() {
        let mut lines = GuestLines::default();
        assert!(lines.take(V1, Stdout, "name? ", false).is_empty());
        assert!(lines.is_unfinished());
        assert_eq!(lines.rest(false), ["v1 | name? "]);
        assert!(!lines.is_unfinished());
        let long = "x".repeat(LONGEST + 1);
        assert_eq!(lines.take(V1, Stdout, &long, false), [format!("v1 | {long}")]);
    }

    #[test]
    fn colours_end_with_their_line() {
        let line = GuestLines::default().take(V1, Stdout, "\u{1b}[31mred\n", true);
        assert_eq!(line, ["v1 | \u{1b}[31mred\u{1b}[0m"]);
    }
}
