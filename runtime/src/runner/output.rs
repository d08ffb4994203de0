//! Whose output is whose: all guests of a runner share its two streams, so the runner writes a
//! mark into both whenever another version runs from there on, and the parent takes the marks out.
//!
//! A mark cannot be told from the guest's own text but by its nonce, which is drawn afresh for
//! each runner.

use crate::ids::VersionNumber;

/// The byte before and behind a mark: ASCII "record separator".
const EDGE: u8 = 0x1e;

/// The mark that says that this version runs from here on.
pub(super) fn mark(nonce: &str, version: VersionNumber) -> Vec<u8> {
    format!("{}{nonce}:{:010}{}", char::from(EDGE), version.0, char::from(EDGE)).into_bytes()
}

/// Splits a stream at its marks and into valid UTF-8.
#[derive(Debug)]
pub(super) struct Splitter {
    nonce: String,
    version: Option<VersionNumber>,
    rest: Vec<u8>,
}

impl Splitter {
    pub(super) fn new(nonce: &str) -> Self {
        Self { nonce: nonce.to_owned(), version: None, rest: Vec::new() }
    }

    /// Takes in what was read, gives out what is complete. Text before the first mark (the
    /// runner's own, if any) has no version.
    pub(super) fn feed(&mut self, bytes: &[u8], mut out: impl FnMut(Option<VersionNumber>, String)) {
        self.rest.extend_from_slice(bytes);
        let length = mark(&self.nonce, VersionNumber(0)).len();
        let mut from = 0;
        let mut at = 0;
        while let Some(edge) = self.rest[at..].iter().position(|byte| *byte == EDGE).map(|offset| at + offset) {
            let candidate = &self.rest[edge..self.rest.len().min(edge + length)];
            match read_mark(candidate, &self.nonce, length) {
                Mark::Is(version) => {
                    emit(self.version, &self.rest[from..edge], &mut out);
                    self.version = Some(version);
                    from = edge + length;
                    at = from;
                }
                Mark::MayBecome => {
                    emit(self.version, &self.rest[from..edge], &mut out);
                    self.rest.drain(..edge);
                    return;
                }
                Mark::IsNot => at = edge + 1,
            }
        }
        let complete = from + complete_utf8(&self.rest[from..]);
        emit(self.version, &self.rest[from..complete], &mut out);
        self.rest.drain(..complete);
    }

    /// The stream has ended: gives out what is left.
    pub(super) fn end(mut self, mut out: impl FnMut(Option<VersionNumber>, String)) {
        emit(self.version, &std::mem::take(&mut self.rest), &mut out);
    }
}

fn emit(version: Option<VersionNumber>, bytes: &[u8], out: &mut impl FnMut(Option<VersionNumber>, String)) {
    if !bytes.is_empty() {
        out(version, String::from_utf8_lossy(bytes).into_owned());
    }
}

enum Mark {
    Is(VersionNumber),
    MayBecome,
    IsNot,
}

fn read_mark(candidate: &[u8], nonce: &str, length: usize) -> Mark {
    let head = format!("{}{nonce}:", char::from(EDGE)).into_bytes();
    let known = candidate.len().min(head.len());
    if candidate[..known] != head[..known] {
        return Mark::IsNot;
    }
    if candidate.len() < length {
        return Mark::MayBecome;
    }
    let digits = std::str::from_utf8(&candidate[head.len()..length - 1]).ok();
    match digits.and_then(|digits| digits.parse().ok()) {
        Some(number) if candidate[length - 1] == EDGE => Mark::Is(VersionNumber(number)),
        _ => Mark::IsNot,
    }
}

/// How many bytes from the start do not end inside a character.
fn complete_utf8(bytes: &[u8]) -> usize {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        // An invalid sequence somewhere: still leave a cut character at the very end, which is
        // at most three bytes, for the next read.
        Err(_) => (0..=3.min(bytes.len()))
            .map(|cut| bytes.len() - cut)
            .find(|end| {
                let tail = &bytes[*end..];
                tail.first().is_none_or(|byte| *byte >= 0xc0)
                    && std::str::from_utf8(tail).is_err_and(|error| error.error_len().is_none())
            })
            .unwrap_or(bytes.len()),
        Ok(_) => bytes.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The stream cut into pieces of every size gives the same texts.
    #[test]
    fn marks_and_characters_survive_any_cut() {
        let mut stream = b"runner ".to_vec();
        stream.extend(mark("nonce", VersionNumber(7)));
        stream.extend("seven 汉字\u{1e}nonce:x\u{1e}".bytes());
        stream.extend(mark("nonce", VersionNumber(12)));
        stream.extend(b"twelve \xff end \xe6\xb1");
        let whole = |size: usize| {
            let mut texts: Vec<(Option<VersionNumber>, String)> = Vec::new();
            let mut join = |version, text: String| match texts.last_mut() {
                Some((last, joined)) if *last == version => joined.push_str(&text),
                _ => texts.push((version, text)),
            };
            let mut splitter = Splitter::new("nonce");
            for piece in stream.chunks(size) {
                splitter.feed(piece, &mut join);
            }
            splitter.end(&mut join);
            texts
        };
        let expected = vec![
            (None, "runner ".to_owned()),
            (Some(VersionNumber(7)), "seven 汉字\u{1e}nonce:x\u{1e}".to_owned()),
            (Some(VersionNumber(12)), "twelve \u{fffd} end \u{fffd}".to_owned()),
        ];
        for size in 1..=stream.len() {
            assert_eq!(whole(size), expected, "pieces of {size}");
        }
    }

    #[test]
    fn text_without_a_newline_is_given_at_once() {
        let mut texts = Vec::new();
        Splitter::new("n").feed(b"no newline", |_, text| texts.push(text));
        assert_eq!(texts, ["no newline"]);
    }
}
