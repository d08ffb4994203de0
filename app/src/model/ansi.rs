//! The colours in what rustc and guests write: SGR sequences, read into spans.

use std::iter::Peekable;
use std::str::Chars;

use exuvia_runtime::build::diagnostic::strip_ansi;

/// A colour as the text names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// One of the 256 of the terminal's palette.
    Indexed(u8),
    /// Red, green, blue.
    Rgb(u8, u8, u8),
}

/// How a span looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Look {
    /// Foreground; `None`: as other text.
    pub color: Option<Color>,
    /// Bold.
    pub bold: bool,
}

/// A piece of text that looks the same from end to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The text, without escape sequences.
    pub text: String,
    /// How it looks.
    pub look: Look,
}

/// Reads text with ANSI colours. Sequences that set no colour or boldness are left out.
#[must_use]
pub fn spans(text: &str) -> Vec<Span> {
    read(text, Look::default(), false).0
}

/// Reads text of several lines, one list a line: a colour goes on in the next line.
#[must_use]
pub fn lines(text: &str) -> Vec<Vec<Span>> {
    let mut look = Look::default();
    let line = |line| {
        let (spans, after) = read(line, look, false);
        look = after;
        spans
    };
    text.lines().map(line).collect()
}

/// Reads one line as a person sees it in a terminal (see [`plain_line`]). `look` is how the line
/// before it ended; gives how this one ends, too.
#[must_use]
pub fn terminal_line(text: &str, look: Look) -> (Vec<Span>, Look) {
    read(text.trim_end_matches('\r'), look, true)
}

/// `anew`: after a carriage return the text begins anew.
fn read(text: &str, mut look: Look, anew: bool) -> (Vec<Span>, Look) {
    let mut spans = Vec::new();
    let mut piece = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\u{1b}' {
            if anew && c == '\r' {
                spans.clear();
                piece.clear();
            } else if c == '\n' || c == '\t' || !c.is_control() {
                piece.push(c);
            }
            continue;
        }
        let Some(parameters) = sgr(&mut chars) else { continue };
        if !piece.is_empty() {
            spans.push(Span { text: std::mem::take(&mut piece), look });
        }
        change(&mut look, &parameters);
    }
    if !piece.is_empty() {
        spans.push(Span { text: piece, look });
    }
    (spans, look)
}

/// Reads a CSI sequence to its end; gives the numbers if it is an SGR sequence.
fn sgr(chars: &mut Peekable<Chars<'_>>) -> Option<Vec<u8>> {
    chars.next_if_eq(&'[')?;
    let mut parameters = String::new();
    let last = loop {
        let c = chars.next()?;
        // A CSI sequence ends with the first character from '@' to '~' (ECMA-48, 5.4).
        if ('@'..='~').contains(&c) {
            break c;
        }
        parameters.push(c);
    };
    // An empty or unreadable number counts as 0 (ECMA-48, 8.3.117: reset).
    (last == 'm').then(|| parameters.split([';', ':']).map(|number| number.parse().unwrap_or(0)).collect())
}

fn change(look: &mut Look, parameters: &[u8]) {
    let mut numbers = parameters.iter().copied();
    while let Some(number) = numbers.next() {
        match number {
            0 => *look = Look::default(),
            1 => look.bold = true,
            22 => look.bold = false,
            30..=37 => look.color = Some(Color::Indexed(number - 30)),
            90..=97 => look.color = Some(Color::Indexed(number - 90 + 8)),
            39 => look.color = None,
            38 | 48 => {
                let color = match numbers.next() {
                    Some(5) => numbers.next().map(Color::Indexed),
                    Some(2) => match (numbers.next(), numbers.next(), numbers.next()) {
                        (Some(r), Some(g), Some(b)) => Some(Color::Rgb(r, g, b)),
                        _ => None,
                    },
                    _ => None,
                };
                if number == 38 && color.is_some() {
                    look.color = color;
                }
            }
            _ => {}
        }
    }
}

/// One line as a person sees it: no colours, no control characters, and after a carriage return
/// the text begins anew, as in a terminal.
#[must_use]
pub fn plain_line(text: &str) -> String {
    let plain = strip_ansi(text);
    let line = plain.trim_end_matches('\r');
    let line = line.rsplit_once('\r').map_or(line, |(_, after)| after);
    line.chars().filter(|c| *c == '\t' || !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(text: &str, color: Option<Color>, bold: bool) -> Span {
        Span { text: text.to_owned(), look: Look { color, bold } }
    }

    #[test]
    fn sgr_sequences_become_looks() {
        let indexed = |index| Some(Color::Indexed(index));
        for (text, expected) in [
            ("plain", vec![span("plain", None, false)]),
            ("", vec![]),
            (
                "\u{1b}[1m\u{1b}[38;5;9merror\u{1b}[0m: no",
                vec![span("error", indexed(9), true), span(": no", None, false)],
            ),
            ("\u{1b}[1;31ma\u{1b}[mb", vec![span("a", indexed(1), true), span("b", None, false)]),
            ("\u{1b}[94ma\u{1b}[22;39mb", vec![span("a", indexed(12), false), span("b", None, false)]),
            ("\u{1b}[38;2;1;2;3ma", vec![span("a", Some(Color::Rgb(1, 2, 3)), false)]),
            ("\u{1b}[48;5;1ma", vec![span("a", None, false)]),
            ("\u{1b}[2Ka\u{7}b", vec![span("ab", None, false)]),
            ("cut \u{1b}[3", vec![span("cut ", None, false)]),
            ("\u{1b}[38;5m\u{1b}[999mx", vec![span("x", None, false)]),
        ] {
            assert_eq!(spans(text), expected, "{text:?}");
        }
    }

    #[test]
    fn lines_read_as_in_a_terminal() {
        for (raw, seen) in [
            ("text\r", "text"),
            ("10%\r20%", "20%"),
            ("\u{1b}[32mgreen\u{1b}[0m", "green"),
            ("a\u{8}\u{0}b\tc", "ab\tc"),
        ] {
            assert_eq!(plain_line(raw), seen);
            let (spans, _) = terminal_line(raw, Look::default());
            assert_eq!(spans.iter().map(|span| span.text.as_str()).collect::<String>(), seen);
        }
    }

    #[test]
    fn a_colour_goes_on_in_the_next_line() {
        let red = Some(Color::Indexed(1));
        assert_eq!(
            lines("\u{1b}[31ma\n\nb\u{1b}[0mc\n"),
            [vec![span("a", red, false)], vec![], vec![span("b", red, false), span("c", None, false)]]
        );
        let (spans, look) = terminal_line("a\u{1b}[31mb\rc\r", Look { color: None, bold: true });
        assert_eq!((spans, look), (vec![span("c", red, true)], Look { color: red, bold: true }));
    }
}
