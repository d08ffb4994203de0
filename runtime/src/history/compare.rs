//! What differs between two sets of source files, line by line. `diff` is pure; `of_version`
//! reads what a version was built from.
//!
//! Runs on a thread of its own for each request: nobody waits for it but who asked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::Serialize;
use similar::{Algorithm, ChangeTag, TextDiff};

use super::record::{ContentHash, SourceHashes, VersionRecord};
use super::store::{SOURCES, VERSION, folder_of, kept_as, read_json};
use crate::ids::VersionNumber;
use crate::watch::SourceTree;

/// Larger files are compared as a whole only. In bytes.
const SHOWN: usize = 2 << 20;

/// Unchanged lines that are shown around a change.
const CONTEXT: usize = 3;

/// One side of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "version")]
pub enum Side {
    /// No files: everything on the other side was added or removed.
    Nothing,
    /// What this version was built from.
    Version(VersionNumber),
    /// The watched files as they are saved now.
    Saved,
}

/// What a comparison came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum CompareOutcome {
    /// Both sides have the same files with the same content.
    Same,
    /// These files differ, by path.
    Differs {
        /// The files.
        files: Vec<FileDiff>,
    },
    /// One side could not be read.
    Failed {
        /// What happened and what to do.
        message: String,
    },
}

/// What became of a file on the way from one side to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FileChange {
    /// Only the second side has it.
    Added,
    /// Only the first side has it.
    Removed,
    /// Its content differs.
    Changed,
}

/// A file that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileDiff {
    /// Its path, relative to the workspace root where it lies in it.
    pub path: PathBuf,
    /// What became of it.
    pub kind: FileChange,
    /// Where its lines differ; none for a binary file and for an empty one.
    pub hunks: Vec<Hunk>,
    /// One side is no UTF-8, is larger than 2 MiB, or is not kept: there are no lines to show.
    pub binary: bool,
}

/// Lines that differ, and the unchanged ones around them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hunk {
    /// The lines in order; of a change the removed ones come first.
    pub lines: Vec<DiffLine>,
}

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// Both sides have it.
    Same,
    /// Only the second side has it.
    Added,
    /// Only the first side has it.
    Removed,
}

/// One line of a hunk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DiffLine {
    /// What became of it.
    pub kind: LineKind,
    /// Its number in the first side, from 1.
    pub old: Option<u32>,
    /// Its number in the second side, from 1.
    pub new: Option<u32>,
    /// The line without its end.
    pub text: String,
    /// How it ends: what alone may tell two lines apart.
    pub end: LineEnd,
}

/// How a line ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LineEnd {
    /// With a line feed.
    #[default]
    Lf,
    /// With a carriage return and a line feed.
    CrLf,
    /// The file ends with it, without a line end.
    None,
}

impl LineEnd {
    /// The line without its end, and the end. A carriage return alone ends no line.
    fn cut(line: &str) -> (&str, Self) {
        match (line.strip_suffix("\r\n"), line.strip_suffix('\n')) {
            (Some(text), _) => (text, Self::CrLf),
            (None, Some(text)) => (text, Self::Lf),
            (None, None) => (line, Self::None),
        }
    }
}

/// One file on one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SideFile {
    hash: ContentHash,
    /// `None` where there is no text to show.
    text: Option<String>,
}

/// The files of one side, by the paths that are shown.
pub(crate) type SideFiles = BTreeMap<PathBuf, SideFile>;

impl SideFile {
    fn of(hash: ContentHash, content: Option<&[u8]>) -> Self {
        let text = content.filter(|content| content.len() <= SHOWN).and_then(|content| str::from_utf8(content).ok());
        Self { hash, text: text.map(str::to_owned) }
    }
}

/// Compares two sides. Past the deadline the rest is compared coarsely: what differs is still all
/// there, and more lines than need be count as changed.
pub(crate) fn diff(from: &SideFiles, to: &SideFiles, deadline: Instant) -> CompareOutcome {
    let empty = SideFile { hash: ContentHash::of(b""), text: Some(String::new()) };
    let mut files: Vec<FileDiff> = Vec::new();
    for (path, old) in from {
        match to.get(path) {
            None => files.push(file_diff(path, FileChange::Removed, old, &empty, deadline)),
            Some(new) if new.hash != old.hash => {
                files.push(file_diff(path, FileChange::Changed, old, new, deadline));
            }
            Some(_) => {}
        }
    }
    let added = to.iter().filter(|(path, _)| !from.contains_key(*path));
    files.extend(added.map(|(path, new)| file_diff(path, FileChange::Added, &empty, new, deadline)));
    files.sort_by(|a, b| a.path.cmp(&b.path));
    if files.is_empty() { CompareOutcome::Same } else { CompareOutcome::Differs { files } }
}

fn file_diff(path: &Path, kind: FileChange, old: &SideFile, new: &SideFile, deadline: Instant) -> FileDiff {
    let path = path.to_owned();
    match (&old.text, &new.text) {
        (Some(old), Some(new)) => FileDiff { path, kind, hunks: hunks(old, new, deadline), binary: false },
        _ => FileDiff { path, kind, hunks: Vec::new(), binary: true },
    }
}

fn hunks(old: &str, new: &str, deadline: Instant) -> Vec<Hunk> {
    // Patience keeps functions whole where lines such as `}` abound.
    // Lines are those of `git` and `patch`: a carriage return alone ends none.
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    let diff = TextDiff::configure().algorithm(Algorithm::Patience).deadline(deadline).diff_slices(&old, &new);
    let line = |change: similar::Change<&str>| {
        let number = |index: Option<usize>| index.and_then(|index| u32::try_from(index + 1).ok());
        let (text, end) = LineEnd::cut(change.value());
        DiffLine {
            kind: match change.tag() {
                ChangeTag::Equal => LineKind::Same,
                ChangeTag::Insert => LineKind::Added,
                ChangeTag::Delete => LineKind::Removed,
            },
            old: number(change.old_index()),
            new: number(change.new_index()),
            text: text.to_owned(),
            end,
        }
    };
    let groups = diff.grouped_ops(CONTEXT);
    groups
        .iter()
        .map(|ops| Hunk { lines: ops.iter().flat_map(|op| diff.iter_changes(op)).map(line).collect() })
        .collect()
}

/// What a version was built from, as its folder keeps it.
///
/// # Errors
/// When the history has no such version.
pub(crate) fn of_version(history: &Path, version: VersionNumber) -> Result<SideFiles, String> {
    let folder = folder_of(history, version);
    let record: VersionRecord = read_json(&folder.join(VERSION)).map_err(|error| {
        format!("the sources of {version} cannot be read ({error}); it may have been removed, choose another version")
    })?;
    let SourceHashes(sources) = record.sources;
    let file = |(path, hash): (PathBuf, ContentHash)| {
        // A file that was not kept, or that somebody has changed since, has no text to show.
        let content = kept_as(&path).and_then(|below| std::fs::read(folder.join(SOURCES).join(below)).ok());
        let content = content.filter(|content| ContentHash::of(content) == hash);
        let file = SideFile::of(hash, content.as_deref());
        (path, file)
    };
    Ok(sources.into_iter().map(file).collect())
}

/// Files as they are saved; `shown` gives the path that is shown for a file.
pub(crate) fn of_saved(saved: &SourceTree, shown: impl Fn(&Path) -> PathBuf) -> SideFiles {
    let file = |(path, source): (&PathBuf, &crate::watch::Source)| {
        (shown(path), SideFile::of(source.hash.clone(), source.content.as_deref()))
    };
    saved.0.iter().map(file).collect()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::time::Duration;

    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    fn side(files: &[(&str, &[u8])]) -> SideFiles {
        let file = |(path, content): &(&str, &[u8])| {
            (PathBuf::from(path), SideFile::of(ContentHash::of(content), Some(content)))
        };
        files.iter().map(file).collect()
    }

    /// ` 3:3 text`, `-4: text`, `+:4 text`, an end that is no line feed behind it; hunks are divided by `@`,
    /// files begin with their kind.
    fn words(outcome: &CompareOutcome) -> String {
        let CompareOutcome::Differs { files } = outcome else { return format!("{outcome:?}") };
        let mut text = String::new();
        let number = |number: Option<u32>| number.map_or(String::new(), |number| number.to_string());
        for file in files {
            let _ =
                writeln!(text, "{:?} {}{}", file.kind, file.path.display(), if file.binary { " binary" } else { "" });
            for hunk in &file.hunks {
                text.push_str("@\n");
                for line in &hunk.lines {
                    let sign = match line.kind {
                        LineKind::Same => ' ',
                        LineKind::Added => '+',
                        LineKind::Removed => '-',
                    };
                    let end = match line.end {
                        LineEnd::Lf => "",
                        LineEnd::CrLf => "\\r\\n",
                        LineEnd::None => "\\",
                    };
                    let _ = writeln!(text, "{sign}{}:{} {}{end}", number(line.old), number(line.new), line.text);
                }
            }
        }
        text
    }

    #[test]
    fn lines_are_numbered_on_both_sides_with_context_around() {
        let large = vec![b'x'; SHOWN + 1];
        let many = (1..=20).map(|n| format!("line {n}\n")).collect::<String>();
        let twice = many.replace("line 5\n", "five\n").replace("line 17\n", "");
        for (from, to, expected) in [
            (&[][..], &[][..], "Same"),
            (&[("a", &b"x\n"[..])], &[("a", &b"x\n"[..])], "Same"),
            (&[], &[("b", b"1\n2"), ("a", b"")], "Added a\nAdded b\n@\n+:1 1\n+:2 2\\\n"),
            (&[("a", b"1\n")], &[], "Removed a\n@\n-1: 1\n"),
            (&[("a", b"1\n2\n")], &[("a", b"1\nb\n")], "Changed a\n@\n 1:1 1\n-2: 2\n+:2 b\n"),
            (&[("a", b"1\r\n")], &[("a", b"1\n")], "Changed a\n@\n-1: 1\\r\\n\n+:1 1\n"),
            (&[("a", b"1\n2")], &[("a", b"1\n2\n")], "Changed a\n@\n 1:1 1\n-2: 2\\\n+:2 2\n"),
            (&[("a", b"1\r2\n")], &[("a", b"1\r3\n")], "Changed a\n@\n-1: 1\r2\n+:1 1\r3\n"),
            (&[("a", b"\xff")], &[("a", b"1")], "Changed a binary\n"),
            (&[], &[("a", &large)], "Added a binary\n"),
            (
                &[("a", many.as_bytes())],
                &[("a", twice.as_bytes())],
                "Changed a\n\
                 @\n 2:2 line 2\n 3:3 line 3\n 4:4 line 4\n-5: line 5\n+:5 five\n 6:6 line 6\n 7:7 line 7\n 8:8 line 8\n\
                 @\n 14:14 line 14\n 15:15 line 15\n 16:16 line 16\n-17: line 17\n 18:17 line 18\n 19:18 line 19\n 20:19 line 20\n",
            ),
        ] {
            assert_eq!(words(&diff(&side(from), &side(to), soon())), expected);
        }
    }

    #[test]
    fn a_file_that_is_not_kept_is_compared_by_its_hash() {
        let kept = |text: &[u8]| SideFiles::from([("a".into(), SideFile::of(ContentHash::of(text), None))]);
        assert_eq!(diff(&kept(b"1"), &side(&[("a", b"1")]), soon()), CompareOutcome::Same);
        assert_eq!(words(&diff(&kept(b"1"), &side(&[("a", b"2")]), soon())), "Changed a binary\n");
    }

    /// Nothing is lost when time is up.
    #[test]
    fn past_the_deadline_the_difference_is_coarse_and_whole() {
        let numbers = |step: u32| (0..30_000u32).map(|n| format!("{}\n", n * step % 7919)).collect::<String>();
        let (old, new) = (numbers(3), numbers(5));
        let outcome = diff(&side(&[("a", old.as_bytes())]), &side(&[("a", new.as_bytes())]), Instant::now());
        let CompareOutcome::Differs { files } = outcome else { panic!("{outcome:?}") };
        let lines = files[0].hunks.iter().flat_map(|hunk| &hunk.lines);
        let (mut removed, mut added) = (0, 0);
        for line in lines {
            match line.kind {
                LineKind::Removed => removed += 1,
                LineKind::Added => added += 1,
                LineKind::Same => {}
            }
        }
        assert!(removed > 0 && removed == added, "{removed} {added}");
    }
}
