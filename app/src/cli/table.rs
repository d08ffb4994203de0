//! The history as an aligned table. Pure functions.

use exuvia_runtime::history::record::{FailedRecord, Standing, VersionRow};
use exuvia_runtime::ids::{Timestamp, VersionNumber};
use exuvia_runtime::swap::verdict::VerdictKind;

use crate::model::Row;
use crate::model::words::duration;
use crate::text::Language;

const HEAD: [&str; 6] = ["version", "when", "cause", "verdict", "time", "results and remarks"];

/// The rows as lines, in the order given; the active version is marked with `>`.
pub(super) fn lines(rows: &[Row<'_>], active: Option<VersionNumber>, now: Timestamp) -> Vec<String> {
    let mut cells = vec![HEAD.map(str::to_owned)];
    cells.extend(rows.iter().map(|row| match row {
        Row::Version(row) => version(row, now),
        Row::Failure(record) => failure(record, now),
    }));
    let mut widths = [0; HEAD.len()];
    for row in &cells {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let is_active = |row: Option<&Row<'_>>| matches!(row, Some(Row::Version(row)) if Some(row.record.number) == active);
    let line = |(index, row): (usize, &[String; HEAD.len()])| {
        let mark = if index > 0 && is_active(rows.get(index - 1)) { '>' } else { ' ' };
        let padded = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect::<Vec<_>>();
        format!("{mark} {}", padded.join("  ")).trim_end().to_owned()
    };
    cells.iter().enumerate().map(line).collect()
}

fn version(row: &VersionRow, now: Timestamp) -> [String; HEAD.len()] {
    let (record, marks) = (&row.record, &row.marks);
    let mut remarks: Vec<String> =
        marks.pinned_results.iter().map(|result| format!("{} = {}", result.call, result.answer)).collect();
    if marks.keep {
        remarks.push("kept".to_owned());
    }
    if let Standing::Faulted { fault } = &marks.standing {
        remarks.push(format!("faulted: {fault}"));
    }
    if record.verdict.kind != VerdictKind::Hot {
        remarks.push(record.verdict.reason.clone());
    }
    [
        record.number.to_string(),
        Language::English.age(record.built_at, now),
        record.cause.text(),
        record.verdict.kind.word().to_owned(),
        duration(record.durations.total()),
        one_line(&remarks.join("; ")),
    ]
}

fn failure(record: &FailedRecord, now: Timestamp) -> [String; HEAD.len()] {
    [
        "-".to_owned(),
        Language::English.age(record.at, now),
        record.cause.text(),
        "failed".to_owned(),
        duration(record.durations.total()),
        one_line(record.failure.message()),
    ]
}

fn one_line(text: &str) -> String {
    text.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use exuvia_runtime::call::Answer;
    use exuvia_runtime::history::record::PinnedResult;
    use exuvia_runtime::swap::verdict::Verdict;

    use super::*;
    use crate::model::samples::{self, NOW};

    #[test]
    fn the_table_is_aligned() {
        let mut kept = samples::version(1, 200);
        kept.marks.keep = true;
        kept.marks.pinned_results.push(PinnedResult { call: "greet()".to_owned(), answer: samples::returned("hi") });
        let failure = samples::failure(2, 2);
        let mut last = samples::version(12, 1);
        last.record.verdict = Verdict::new(VerdictKind::Reset, "the state's type\nis another");
        last.marks.standing = Standing::Faulted { fault: "SIGSEGV".to_owned() };
        last.marks
            .pinned_results
            .push(PinnedResult { call: "greet()".to_owned(), answer: Answer::Faulted { fault: "SIGSEGV".to_owned() } });
        let rows = [Row::Version(&kept), Row::Failure(&failure), Row::Version(&last)];
        assert_eq!(
            lines(&rows, Some(VersionNumber(12)), NOW),
            [
                "  version  when       cause   verdict  time    results and remarks",
                "  v1       3 h ago    lib.rs  Hot      646 ms  greet() = \"hi\"; kept",
                "  -        2 min ago  lib.rs  failed   0 µs    could not compile `greetings`",
                "> v12      1 min ago  lib.rs  Reset    646 ms  greet() = faulted: SIGSEGV; faulted: SIGSEGV; \
                 the state's type is another",
            ]
        );
    }
}
