//! What is to hold of comparisons.

use exuvia_runtime::history::compare::Hunk;
use exuvia_runtime::ids::VersionNumber;

use super::*;

const V1: Side = Side::Version(VersionNumber(1));
const V2: Side = Side::Version(VersionNumber(2));

/// ` 3:3 text`, `-4: text`, `+:4 text`.
fn hunk(lines: &[&str]) -> Hunk {
    let line = |line: &&str| {
        let (numbers, text) = line[1..].split_once(' ').unwrap();
        let (old, new) = numbers.split_once(':').unwrap();
        let kind = match &line[..1] {
            "+" => LineKind::Added,
            "-" => LineKind::Removed,
            _ => LineKind::Same,
        };
        DiffLine { kind, old: old.parse().ok(), new: new.parse().ok(), text: text.to_owned(), end: LineEnd::Lf }
    };
    Hunk { lines: lines.iter().map(line).collect() }
}

fn file(path: &str, kind: FileChange, hunks: Vec<Hunk>) -> FileDiff {
    FileDiff { path: path.into(), kind, binary: hunks.is_empty(), hunks }
}

fn files_of_all_kinds() -> Vec<FileDiff> {
    vec![
        file(
            "src/a.rs",
            FileChange::Changed,
            vec![
                hunk(&[" 1:1 fn a() {", "-2: \t1", "-3: 2", "+:2 3", " 4:3 }", "+:4 // end"]),
                hunk(&[" 10:10 x", "-11: y"]),
            ],
        ),
        file("b.png", FileChange::Changed, Vec::new()),
        file("c.rs", FileChange::Added, vec![hunk(&["+:1 new"])]),
        file("d.rs", FileChange::Removed, vec![hunk(&["-1: old", "-2: older"])]),
    ]
}

#[test]
fn a_comparison_has_its_rows_and_the_way_from_change_to_change() {
    let outcome = CompareOutcome::Differs { files: files_of_all_kinds() };
    let comparison = Comparison::new(V1, V2, outcome);
    let all = comparison.rows(&BTreeSet::new());
    let words: String = all
        .rows
        .iter()
        .map(|row| match row {
            ChangeRow::File(_) => 'F',
            ChangeRow::NoLines(_) => 'n',
            ChangeRow::Gap => '.',
            ChangeRow::Line { .. } => 'l',
        })
        .collect();
    assert_eq!(words, "Fllllll.llFnFlFll");
    assert_eq!(all.changes, [2, 6, 9, 10, 13, 15]);
    assert_eq!(comparison.counts, [(2, 3), (0, 0), (1, 0), (0, 2)]);
    assert_eq!(comparison.columns, 8);
    for (from, forward, next) in [
        (None, true, Some(2)),
        (None, false, Some(15)),
        (Some(2), true, Some(6)),
        (Some(6), false, Some(2)),
        (Some(7), true, Some(9)),
        (Some(15), true, None),
        (Some(2), false, None),
    ] {
        assert_eq!(all.next_change(from, forward), next, "{from:?} {forward}");
    }
    for row in &all.rows {
        if let ChangeRow::Line { file, hunk, line } = *row {
            let (text, pieces) = comparison.line(file, hunk, line).unwrap();
            assert_eq!(pieces.last().map_or(0, |(end, _)| *end), text.text.len(), "{text:?}");
        }
    }
}

#[test]
fn a_patch_can_be_read_by_others() {
    assert_eq!(
        unified(&files_of_all_kinds()),
        "--- a/src/a.rs\n+++ b/src/a.rs\n\
         @@ -1,4 +1,4 @@\n fn a() {\n-\t1\n-2\n+3\n }\n+// end\n\
         @@ -10,2 +10,1 @@\n x\n-y\n\
         Binary files a/b.png and b/b.png differ\n\
         --- /dev/null\n+++ b/c.rs\n@@ -0,0 +1,1 @@\n+new\n\
         --- a/d.rs\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-old\n-older\n"
    );
}

#[test]
fn a_patch_says_how_lines_end() {
    let mut lines = hunk(&["-1: a", "+:1 a", " 2:2 b", "-3: c", "+:3 c"]);
    lines.lines[0].end = LineEnd::CrLf;
    lines.lines[3].end = LineEnd::None;
    let files = [file("a.txt", FileChange::Changed, vec![lines])];
    assert_eq!(
        unified(&files),
        "--- a/a.txt\n+++ b/a.txt\n@@ -1,3 +1,3 @@\n-a\r\n+a\n b\n-c\n\\ No newline at end of file\n+c\n"
    );
    let comparison = Comparison::new(V1, V2, CompareOutcome::Differs { files: files.to_vec() });
    let told: Vec<_> = (0..5).map(|line| comparison.end_to_tell(0, 0, line)).collect();
    assert_eq!(told, [Some(LineEnd::CrLf), None, None, Some(LineEnd::None), None]);
}

#[test]
fn what_was_written_comes_first_and_what_was_not_is_folded() {
    use FileChange::{Added, Changed};
    let one = |(path, kind)| file(path, kind, vec![hunk(&["+:1 x"])]);
    let files = [
        ("Cargo.lock", Changed),
        ("Cargo.toml", Changed),
        (".cargo/config.toml", Added),
        ("build.rs", Added),
        ("exuvia-sdk/guest/src/lib.rs", Added),
        ("exuvia-sdk/contract/src/lib.rs", Changed),
        ("g/src/a.rs", Added),
        ("src/lib.rs", Changed),
    ];
    let comparison = Comparison::new(V1, V2, CompareOutcome::Differs { files: files.map(one).to_vec() });
    let paths: Vec<_> = comparison.files().iter().map(|file| file.path.to_str().unwrap()).collect();
    let expected = [
        "exuvia-sdk/contract/src/lib.rs",
        "g/src/a.rs",
        "src/lib.rs",
        "build.rs",
        "Cargo.toml",
        ".cargo/config.toml",
        "Cargo.lock",
        "exuvia-sdk/guest/src/lib.rs",
    ];
    assert_eq!(paths, expected);
    let rows = |toggled: &[&str]| comparison.rows(&toggled.iter().map(PathBuf::from).collect());
    let (folded, all) = (rows(&[]), rows(&["Cargo.lock", "exuvia-sdk/guest/src/lib.rs"]));
    assert_eq!((folded.rows.len(), all.rows.len(), rows(&["src/lib.rs"]).rows.len()), (14, 16, 13));
    assert_eq!(folded.rows[12..], [ChangeRow::File(6), ChangeRow::File(7)]);
    assert_eq!(folded.changes, [1, 3, 5, 7, 9, 11, 12, 13], "no change is passed over");
    let fresh = Comparison::new(Side::Nothing, V1, CompareOutcome::Differs { files: files.map(one).to_vec() });
    let open: Vec<_> = (0..8).filter(|file| !fresh.is_folded(*file, &BTreeSet::new())).collect();
    assert_eq!(open, [0, 1, 2], "of a first version only what lies in src");
}

#[test]
fn of_a_long_hunk_the_beginning_has_colours() {
    let text = format!("+:1 let a = \"{}\";", "x".repeat(1_000));
    let lines = vec![text.as_str(); 200];
    let files = vec![file("src/a.rs", FileChange::Added, vec![hunk(&lines)])];
    let comparison = Comparison::new(V1, V2, CompareOutcome::Differs { files });
    let coloured = (0..200).filter(|line| !comparison.line(0, 0, *line).unwrap().1.is_empty()).count();
    assert_eq!(coloured, COLOURED / (lines[0].len() - 4 + 1));
}

#[test]
fn a_pair_is_asked_for_once_and_what_is_saved_again() {
    let mut changes = Changes::default();
    let ask = |id, from, to| Some(Command::Compare { id, from, to });
    assert_eq!(changes.want((V1, V2)), ask(1, V1, V2));
    assert_eq!(changes.want((V1, V2)), None);
    changes.saved();
    assert_eq!(changes.want((V1, V2)), None, "recorded sources never change");
    assert_eq!(changes.want((V2, Side::Saved)), ask(2, V2, Side::Saved));
    assert!(changes.is_pending());
    changes.compared(1, V1, V2, CompareOutcome::Same);
    assert!(changes.is_pending() && changes.shown().is_none(), "the answer to an older question");
    changes.compared(2, V2, Side::Saved, CompareOutcome::Same);
    assert!(!changes.is_pending());
    assert_eq!(changes.want((V2, Side::Saved)), None);
    changes.saved();
    assert_eq!(changes.want((V2, Side::Saved)), ask(3, V2, Side::Saved));
    assert_eq!(changes.shown().map(|shown| (shown.from, shown.to)), Some((V2, Side::Saved)), "it stays meanwhile");
    changes.end();
    assert!(!changes.is_pending());
}
