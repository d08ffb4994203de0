//! What the compiler said, in the form that is shown and kept.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// How grave a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The build fails.
    Error,
    /// The build goes on.
    Warning,
    /// A note, a help text or anything else.
    Note,
}

/// A place in a source file. Line and column count from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// As the compiler names it: relative to the workspace root, or absolute.
    pub file: PathBuf,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// One message of the compiler.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// How grave it is.
    pub level: Level,
    /// The message in one line.
    pub message: String,
    /// The error code, such as `E0308`.
    pub code: Option<String>,
    /// The primary place.
    pub place: Option<Place>,
    /// rustc's own rendering, with ANSI colours.
    pub rendered: String,
}

impl Diagnostic {
    /// [`Diagnostic::rendered`] without its colours.
    #[must_use]
    pub fn plain(&self) -> String {
        strip_ansi(&self.rendered)
    }
}

/// Removes ANSI CSI sequences (the only kind that rustc and cargo write).
#[must_use]
pub fn strip_ansi(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\u{1b}' {
            plain.push(c);
        } else if chars.next() == Some('[') {
            // A CSI sequence ends with the first character from '@' to '~' (ECMA-48, 5.4).
            chars.by_ref().find(|c| ('@'..='~').contains(c));
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_go_and_text_stays() {
        for (with, without) in [
            ("plain", "plain"),
            ("\u{1b}[1m\u{1b}[38;5;9merror\u{1b}[0m: no", "error: no"),
            ("汉\u{1b}[0m字", "汉字"),
            ("cut \u{1b}[3", "cut "),
        ] {
            assert_eq!(strip_ansi(with), without);
        }
    }
}
