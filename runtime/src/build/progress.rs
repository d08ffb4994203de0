//! Cargo's progress bar, read from the stderr of a cargo that believes in a terminal. Pure, but for
//! [`pieces`], which reads the stream.
//!
//! The bar is `    Building [=====>      ] 12/45: serde, foo(build.rs)`, followed by blanks and a
//! carriage return (cargo's `util/progress.rs`; asked for by the documented `term.progress`).

use std::io::{BufRead, BufReader, Read};

/// What makes cargo show its bar: the Cargo book, "Configuration", `term.progress`. The width leaves
/// room for the names of all crates that are built at the same time.
pub(super) const ENVIRONMENT: [(&str, &str); 2] =
    [("CARGO_TERM_PROGRESS_WHEN", "always"), ("CARGO_TERM_PROGRESS_WIDTH", "200")];

/// How far cargo is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bar {
    /// Units that are built.
    pub done: u32,
    /// Units that there are.
    pub total: u32,
    /// What is being built, for example `serde, foo`.
    pub text: String,
}

/// Whether the line is a drawing that cargo replaces again and again, of whatever it is doing.
pub(super) fn is_drawn(line: &str) -> bool {
    let counts = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
    // `Downloading 3 crates, remaining bytes: 1.2MiB`; what stays is `Downloading crates ...`.
    drawing(line).is_some() || line.trim().strip_prefix("Downloading ").is_some_and(counts)
}

/// The word in front of a bar, and what stands behind it.
fn drawing(line: &str) -> Option<(&str, &str)> {
    let (word, rest) = line.trim().split_once(" [")?;
    let (drawn, rest) = rest.split_once(']')?;
    let is_bar = word.chars().all(char::is_alphabetic) && drawn.chars().all(|c| matches!(c, '=' | '>' | ' '));
    is_bar.then(|| (word, rest.trim_start()))
}

/// The progress of a build, if the line draws it.
pub(super) fn bar(line: &str) -> Option<Bar> {
    let (_, rest) = drawing(line).filter(|(word, _)| *word == "Building")?;
    let (numbers, names) = rest.split_once(':').unwrap_or((rest, ""));
    let (done, total) = numbers.split_once('/')?;
    let (done, total) = (done.trim().parse().ok()?, total.trim().parse().ok()?);
    (done <= total).then(|| Bar { done, total, text: crates(names) })
}

/// `serde(build), serde, foo(build.rs)` as `serde, foo`: which of a crate's parts is built tells
/// nobody anything.
fn crates(names: &str) -> String {
    let mut crates: Vec<&str> = Vec::new();
    for name in names.split(',').map(str::trim) {
        let name = name.split('(').next().unwrap_or_default().trim_end();
        if !name.is_empty() && !crates.contains(&name) {
            crates.push(name);
        }
    }
    crates.join(", ")
}

/// Bars as they are told: one for each change of the numbers.
#[derive(Debug, Default)]
pub(super) struct Told {
    last: Option<(u32, u32)>,
}

impl Told {
    /// The bar, if its numbers were not told yet.
    pub(super) fn news(&mut self, bar: Bar) -> Option<Bar> {
        let numbers = Some((bar.done, bar.total));
        (self.last != numbers).then(|| {
            self.last = numbers;
            bar
        })
    }
}

/// The lines of a stream to its end. A line ends with a line feed, a carriage return, or both; what
/// is no UTF-8 in it is replaced.
pub(super) fn pieces(stream: impl Read) -> impl Iterator<Item = String> {
    let mut stream = BufReader::new(stream);
    let mut after_return = false;
    std::iter::from_fn(move || {
        let mut piece = Vec::new();
        loop {
            // An error ends the stream: nothing more can be read of it.
            let buffer = stream.fill_buf().ok().filter(|buffer| !buffer.is_empty());
            let Some(buffer) = buffer else {
                return (!piece.is_empty()).then(|| String::from_utf8_lossy(&piece).into_owned());
            };
            // The second half of `\r\n`.
            if std::mem::take(&mut after_return) && buffer[0] == b'\n' {
                stream.consume(1);
                continue;
            }
            let end = buffer.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            piece.extend_from_slice(&buffer[..end.unwrap_or(buffer.len())]);
            let consumed = end.map_or(buffer.len(), |end| end + 1);
            after_return = end.is_some_and(|end| buffer[end] == b'\r');
            stream.consume(consumed);
            if end.is_some() {
                return Some(String::from_utf8_lossy(&piece).into_owned());
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_cargos_bar_is_a_bar() {
        let of = |done, total, text: &str| Some(Bar { done, total, text: text.to_owned() });
        for (line, wanted) in [
            ("    Building [=====>      ] 12/45: serde, foo(build.rs)     ", of(12, 45, "serde, foo")),
            ("    Building [             ] 0/32: proc-macro2(build.rs)", of(0, 32, "proc-macro2")),
            ("    Building [========>    ] 9/10: serde(build), a, serde, ...", of(9, 10, "serde, a, ...")),
            ("    Building [=============] 3/3: ", of(3, 3, "")),
            ("    Building [=============] 3/3", of(3, 3, "")),
            ("   Compiling serde v1.0.229", None),
            ("    Building", None),
            ("    Building [===>", None),
            ("    Building [===>  ]", None),
            ("    Building [===>  ] /: x", None),
            ("    Building [===>  ] 4/3: x", None),
            ("    Building [===>  ] -1/3: x", None),
            ("    Building [===>  ] 1/99999999999: x", None),
            ("    Building [docs] 1/3: x", None),
            (" Downloading [===>  ] 1/3: x", None),
            ("error: Building [=> ] 1/3: x", None),
            ("", None),
        ] {
            assert_eq!(bar(line), wanted, "{line}");
        }
    }

    #[test]
    fn drawings_are_told_from_words() {
        for (line, drawn) in [
            ("    Building [===>  ] 1/3: x", true),
            ("       Fetch [===>            ]  12.50%, 1.20MiB/s", true),
            (" Downloading 3 crates, remaining bytes: 1.2MiB", true),
            (" Downloading 1 crate, extracting serde ...", true),
            (" Downloading crates ...", false),
            ("   Compiling serde v1.0.229", false),
            ("warning: unused [=] sign", false),
            ("error: cannot find [lib]", false),
            ("", false),
        ] {
            assert_eq!(is_drawn(line), drawn, "{line}");
        }
    }

    #[test]
    fn numbers_are_told_once() {
        let mut told = Told::default();
        let bar = |done, text: &str| Bar { done, total: 3, text: text.to_owned() };
        let heard: Vec<bool> = [bar(0, "a"), bar(0, "a, b"), bar(1, "b"), bar(1, "b"), bar(2, "c")]
            .map(|bar| told.news(bar).is_some())
            .into();
        assert_eq!(heard, [true, false, true, false, true]);
    }

    /// Gives the bytes in reads of this size.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let size = self.1.min(self.0.len()).min(buffer.len());
            buffer[..size].copy_from_slice(&self.0[..size]);
            self.0 = &self.0[size..];
            Ok(size)
        }
    }

    #[test]
    fn lines_end_in_every_way() {
        for (stream, wanted) in [
            (&b""[..], &[][..]),
            (b"one\r\ntwo", &["one", "two"]),
            (b"a\xffb\n\nlast\n", &["a\u{fffd}b", "", "last"]),
            (b"bar 1\rbar 2\r\rdone\n", &["bar 1", "bar 2", "", "done"]),
            (b"a\r\n\nb", &["a", "", "b"]),
        ] {
            for size in [1, 2, 1000] {
                assert_eq!(pieces(Slow(stream, size)).collect::<Vec<_>>(), wanted, "{stream:?} by {size}");
            }
        }
    }
}
