//! A comparison as text that other programs read.

use std::fmt::Write as _;

use exuvia_runtime::history::compare::{DiffLine, FileChange, FileDiff, LineEnd, LineKind};

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
                let end = match line.end {
                    LineEnd::Lf => "",
                    LineEnd::CrLf => "\r",
                    LineEnd::None => "\n\\ No newline at end of file",
                };
                let _ = writeln!(text, "{}{}{end}", sign(line.kind), line.text);
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
