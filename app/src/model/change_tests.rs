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
        DiffLine { kind, old: old.parse().ok(), new: new.parse().ok(), text: text.to_owned() }
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
    let words: String = comparison
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
    assert_eq!(comparison.changes, [2, 6, 9, 10, 13, 15]);
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
        assert_eq!(comparison.next_change(from, forward), next, "{from:?} {forward}");
    }
    for row in &comparison.rows {
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
