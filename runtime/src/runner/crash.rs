//! What a runner left behind about its end, in words: the note that its signal handler wrote
//! (`platform::crash`), the last lines of its error stream, and how much memory it had. Pure, but for
//! the look into the guest's file for the line.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::lines::{Line, lines};
use crate::platform::{self, Mapping};

/// A fault address this close to the stack's end lies in the guard behind it: whatever is used of a
/// stack is touched page by page.
const GUARD: u64 = 64 << 10;

/// How the standard library begins to say that there was no memory.
const ALLOCATION: &str = "memory allocation of ";

/// Words of the guest are cut to so many characters.
const WORDS: usize = 300;

/// What the handler wrote. Text of a process that was dying: any part may be missing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct CrashNote {
    address: Option<u64>,
    stack: Option<u64>,
    /// Addresses of code: where it happened first, then the calls that led there.
    frames: Vec<u64>,
    /// Memory that was the process's own, in pages.
    pages: Option<u64>,
    maps: Vec<Mapping>,
}

impl CrashNote {
    /// Reads a note; `None` where nothing was written.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut note = Self::default();
        let hex = |rest: &str| u64::from_str_radix(rest.trim(), 16).ok();
        for line in text.lines() {
            match line.split_once(' ') {
                Some(("address", rest)) => note.address = hex(rest),
                Some(("stack", rest)) => note.stack = hex(rest),
                Some(("frame", rest)) => note.frames.extend(hex(rest)),
                // Pages: total, resident, shared, text, 0, data and stack, 0; proc_pid_statm(5).
                Some(("statm", rest)) => {
                    note.pages = rest.split_whitespace().nth(5).and_then(|pages| pages.parse().ok());
                }
                _ => {}
            }
        }
        note.maps = platform::parse_mappings(text);
        (!note.frames.is_empty()).then_some(note)
    }

    /// Whether the stack was used up.
    fn is_overflow(&self) -> bool {
        self.address.zip(self.stack).is_some_and(|(address, stack)| address.abs_diff(stack) <= GUARD)
    }

    /// The nearest line of the guest, as its manifest's folder sees it.
    fn place(&self, guests: &BTreeSet<PathBuf>, folder: &Path) -> Option<String> {
        let of_guests: Vec<(&Path, u64)> = self
            .frames
            .iter()
            .filter_map(|at| {
                let part = self.maps.iter().find(|part| (part.start..part.end).contains(at))?;
                // Whoever prints a backtrace maps the file once more, as a file.
                let parts =
                    self.maps.iter().filter(|it| it.path == part.path && it.offset == 0 && it.start <= part.start);
                let start = parts.map(|it| it.start).max()?;
                guests.contains(&part.path).then_some((part.path.as_path(), at - start))
            })
            .collect();
        // Versions do not call each other: the innermost frame says whose crash it is.
        let (file, _) = *of_guests.first()?;
        let addresses: Vec<u64> = of_guests.iter().filter(|(path, _)| *path == file).map(|(_, at)| *at).collect();
        let own = lines(file, &addresses)?.into_iter().flatten().find(is_the_users)?;
        let file = Path::new(&own.file);
        Some(format!("{}:{}", file.strip_prefix(folder).unwrap_or(file).display(), own.line))
    }
}

/// Whether somebody who works on the guest has written the line: not the standard library's, not the
/// SDK's, not a downloaded crate's.
fn is_the_users(line: &Line) -> bool {
    let others = [
        "/rustc/",
        "/rust/deps/",
        "/rustlib/src/",
        "/registry/src/",
        "/git/checkouts/",
        "reloadable/guest/src/",
        "exuvia-guest",
    ];
    line.line > 0 && !others.iter().any(|part| line.file.contains(part))
}

/// Whether a stack was used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Overflow {
    #[default]
    No,
    Yes,
    /// The handler was there and has not run. Only a version's own thread has a stack for it; where there is
    /// none it runs on the thread's own, and if that is used up, not at all. A guest that has taken the
    /// handler out of its place, or blocks the signal, looks the same.
    Probably,
}

/// What is known of a runner's end besides how the system says it ended.
#[derive(Debug, Default)]
pub(super) struct Traces {
    /// Where it was.
    pub place: Option<String>,
    overflow: Overflow,
    /// What it said last.
    words: Option<LastWords>,
    /// Memory that was its own and may be, in bytes, where that matters: it was asked for more, or had much.
    memory: Option<(u64, u64)>,
}

impl Traces {
    /// Puts together what was left behind. `note`: of a handler; `None` where there was none. `errors`: what
    /// it wrote last to its error stream. `most`: how much memory it may have, in bytes.
    pub(super) fn gather(
        note: Option<Option<&CrashNote>>,
        errors: &str,
        most: Option<u64>,
        guests: &BTreeSet<PathBuf>,
        folder: &Path,
    ) -> Self {
        let words = last_words(errors);
        let asked = words.as_ref().is_some_and(|words| words.text.starts_with(ALLOCATION));
        let overflow = match note {
            Some(None) => Overflow::Probably,
            Some(Some(note)) if note.is_overflow() => Overflow::Yes,
            _ => Overflow::No,
        };
        let note = note.flatten();
        let memory = note.and_then(|note| Some((note.pages?.saturating_mul(platform::page_size()), most?)));
        Self {
            place: note.and_then(|note| note.place(guests, folder)),
            overflow,
            words,
            // What did not fit may have been as large as what was there, or larger.
            memory: memory.filter(|(had, most)| asked || *had >= most / 4 * 3),
        }
    }

    /// How it ended, with what is known besides.
    pub(super) fn words(&self, ending: &str) -> String {
        let mut text = match (ending.split_once(" ("), self.overflow) {
            (Some((signal, _)), Overflow::Yes) => format!("{signal} (stack overflow)"),
            (Some((signal @ "SIGSEGV", _)), Overflow::Probably) => {
                format!("{signal} (probably a stack overflow, on a thread that the guest has started)")
            }
            _ => ending.to_owned(),
        };
        let words = self.words.as_ref().filter(|_| ending.starts_with("SIGABRT"));
        // A panic says itself where it was, also when what called it is no longer on the stack.
        if let Some(place) = words.and_then(|words| words.place.as_ref()).or(self.place.as_ref()) {
            text.push_str(&format!(" at {place}"));
        }
        if let Some(words) = words {
            text.push_str(&format!(": {}", words.text));
        }
        if let Some((had, most)) = self.memory {
            text.push_str(&format!(", with {} of the {} MiB of memory that it may have,", had >> 20, most >> 20));
        }
        text
    }
}

/// What a process says before it aborts.
#[derive(Debug, PartialEq, Eq)]
struct LastWords {
    text: String,
    /// File and line of a panic.
    place: Option<String>,
}

/// The last words in an error stream: of a panic the message, of an allocation how large it was.
fn last_words(errors: &str) -> Option<LastWords> {
    let cut = |words: &str| words.trim().chars().take(WORDS).collect::<String>();
    let panics: Vec<(&str, &str)> = errors
        .split("panicked at ")
        .skip(1)
        .filter_map(|after| after.split_once(":\n"))
        .map(|(place, message)| (place, message.lines().next().unwrap_or_default()))
        .collect();
    // What the standard library adds to a panic that must not happen there says nothing new.
    let own = panics.iter().rev().find(|(place, _)| !place.starts_with("/rustc/") && !place.starts_with("library/"));
    if let Some((place, message)) = own.or(panics.last()) {
        // The column says nothing that the message does not.
        let place = place.rsplit_once(':').map(|(place, _)| place.to_owned()).filter(|_| own.is_some());
        return Some(LastWords { text: format!("panicked: {}", cut(message)), place });
    }
    let allocation = errors.lines().rev().find(|line| line.starts_with(ALLOCATION));
    allocation.map(|line| LastWords { text: cut(line), place: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTE: &str = "signal 000000000000000b\naddress 0000000000000008\nstack 00007f0000001000\n\
        frame 00000000000010ab\nstatm 900 80 70 60 0 50 0\n\
        00001000-00002000 r-xp 00000000 fe:00 12   /g/lib x.so\n\
        7f0000000000-7f0000004000 rw-p 00000000 00:00 0 \nframe 0000000000001fff\nframe zz\n";

    #[test]
    fn a_note_is_read_as_far_as_it_was_written() {
        let note = CrashNote::parse(NOTE).unwrap();
        assert_eq!((note.address, note.frames.as_slice(), note.pages), (Some(8), &[0x10ab, 0x1fff][..], Some(50)));
        let cut = CrashNote::parse(&NOTE[..NOTE.find("statm").unwrap()]).unwrap();
        assert_eq!((cut.frames.len(), cut.pages, cut.maps.len()), (1, None, 0));
        assert_eq!(CrashNote::parse(""), None);
        assert_eq!(CrashNote::parse("signal 0000"), None);
    }

    #[test]
    fn an_overflow_is_a_fault_beside_the_stack() {
        let stack = 0x7f00_0000_1000u64;
        for (address, overflow) in [
            (Some(stack - 8), true),
            (Some(stack - GUARD), true),
            (Some(stack - GUARD - 1), false),
            (Some(0), false),
            (None, false),
        ] {
            let note = CrashNote { address, stack: Some(stack), ..CrashNote::default() };
            assert_eq!(note.is_overflow(), overflow, "{address:x?}");
        }
    }

    #[test]
    fn a_handler_that_has_not_run_is_a_trace_too() {
        let stack = 0x7f00_0000_1000u64;
        let note = |address| CrashNote { address: Some(address), stack: Some(stack), ..CrashNote::default() };
        for (note, overflow) in [
            (None, Overflow::No),
            (Some(None), Overflow::Probably),
            (Some(Some(note(8))), Overflow::No),
            (Some(Some(note(stack - 8))), Overflow::Yes),
        ] {
            let note = note.as_ref().map(Option::as_ref);
            let traces = Traces::gather(note, "", None, &BTreeSet::new(), Path::new("/g"));
            assert_eq!(traces.overflow, overflow, "{note:?}");
        }
    }

    #[test]
    fn the_end_in_words() {
        use Overflow::{No, Probably, Yes};
        let traces = |place: Option<&str>, overflow: Overflow, words: Option<&str>, memory| Traces {
            place: place.map(str::to_owned),
            overflow,
            words: words.map(|text| LastWords {
                text: text.to_owned(),
                place: Some("src/a.rs:7".to_owned()).filter(|_| text.starts_with('p')),
            }),
            memory,
        };
        let (segv, abort) = ("SIGSEGV (invalid memory access)", "SIGABRT (aborted)");
        for (ending, traces, words) in [
            (segv, traces(None, No, None, None), segv),
            (
                segv,
                traces(None, Probably, None, None),
                "SIGSEGV (probably a stack overflow, on a thread that the guest has started)",
            ),
            // That it was killed says why there is no note.
            ("SIGKILL (killed)", traces(None, Probably, None, None), "SIGKILL (killed)"),
            ("exit code 3", traces(None, Probably, None, None), "exit code 3"),
            (
                segv,
                traces(Some("src/lib.rs:3"), No, Some("panicked: earlier"), None),
                "SIGSEGV (invalid memory access) at src/lib.rs:3",
            ),
            (segv, traces(Some("src/lib.rs:3"), Yes, None, None), "SIGSEGV (stack overflow) at src/lib.rs:3"),
            (
                abort,
                traces(Some("src/lib.rs:3"), No, Some("panicked: no"), None),
                "SIGABRT (aborted) at src/a.rs:7: panicked: no",
            ),
            (
                abort,
                traces(None, No, Some("memory allocation of 9 bytes failed"), Some((3 << 30, 4 << 30))),
                "SIGABRT (aborted): memory allocation of 9 bytes failed, with 3072 of the 4096 MiB of memory that it may have,",
            ),
            ("exit code 3", traces(None, No, Some("panicked: no"), None), "exit code 3"),
        ] {
            assert_eq!(traces.words(ending), words);
        }
    }

    #[test]
    fn last_words_are_those_of_the_guest() {
        let panic = |place: &str, text: &str| {
            format!("\nthread 'guest v1' (7) panicked at {place}:\n{text}\nnote: run with `RUST_BACKTRACE=1`\n")
        };
        for (errors, words) in [
            (String::new(), None),
            ("all is well\n".to_owned(), None),
            (panic("src/lib.rs:3:5", "on purpose"), Some(("panicked: on purpose", Some("src/lib.rs:3")))),
            (
                panic("src/lib.rs:3:5", "first")
                    + &panic("/rustc/ab/library/core/src/panicking.rs:225:5", "panic in a function that cannot unwind"),
                Some(("panicked: first", Some("src/lib.rs:3"))),
            ),
            (panic("src/a.rs:1:1", "one") + &panic("src/b.rs:2:2", "two"), Some(("panicked: two", Some("src/b.rs:2")))),
            (
                "memory allocation of 8589934592 bytes failed\n".to_owned(),
                Some(("memory allocation of 8589934592 bytes failed", None)),
            ),
            ("panicked at nowhere".to_owned(), None),
        ] {
            let found = last_words(&errors);
            let found = found.as_ref().map(|found| (found.text.as_str(), found.place.as_deref()));
            assert_eq!(found, words, "{errors}");
        }
    }

    #[test]
    fn only_the_users_own_lines_are_places() {
        for (file, line, own) in [
            ("/home/u/guest/src/lib.rs", 3, true),
            ("src/lib.rs", 3, true),
            ("src/lib.rs", 0, false),
            ("/rustc/abc/library/std/src/process.rs", 3, false),
            ("/home/u/.cargo/registry/src/x/serde-1/src/lib.rs", 3, false),
            ("/w/reloadable/guest/src/shim.rs", 3, false),
            ("/home/u/exuvia-guest/src/shim.rs", 3, false),
        ] {
            assert_eq!(is_the_users(&Line { file: file.to_owned(), line }), own, "{file}:{line}");
        }
    }
}
