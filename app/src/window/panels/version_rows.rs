//! What the list of versions shows, as plain data.

use exuvia_runtime::call::Answer;
use exuvia_runtime::history::record::{Cause, Durations, FailedRecord, Failure, Standing, VersionRow};
use exuvia_runtime::ids::{Timestamp, VersionNumber};
use exuvia_runtime::session::Retirement;
use exuvia_runtime::session::status::Tone;
use exuvia_runtime::swap::verdict::{Verdict, VerdictKind};

use super::super::actions::Action;
use super::super::view_state::ViewState;
use super::super::widgets::Offer;
use crate::model::{FailureKey, Life, Model, Row, words};

/// The list of versions.
#[derive(Debug)]
pub(crate) struct VersionsView {
    /// Its rows, newest first.
    pub(crate) rows: Vec<ListRow>,
    /// What stands there as long as there are none: a title, and how to get some.
    pub(crate) empty: (&'static str, &'static str),
}

/// A row of the list.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ListRow {
    /// A version.
    Version(Box<VersionLine>),
    /// A failed generation.
    Failure(FailureRow),
}

/// A word about a version, its colour and its reason.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mark {
    /// The word.
    pub(crate) text: String,
    /// Its colour's meaning; `None`: it is just so.
    pub(crate) tone: Option<Tone>,
    /// Its reason.
    pub(crate) hint: String,
}

/// A version.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct VersionLine {
    /// Its number.
    pub(crate) number: VersionNumber,
    /// Whether it is called now.
    pub(crate) active: bool,
    /// Whether it is selected.
    pub(crate) selected: bool,
    /// Its verdict, and whatever else is to be known.
    pub(crate) marks: Vec<Mark>,
    /// How long ago it was built.
    pub(crate) age: String,
    /// Why it was built.
    pub(crate) cause: String,
    /// The whole paths.
    pub(crate) cause_hint: String,
    /// The time from the save to its first answer.
    pub(crate) total: String,
    /// That time, stage by stage.
    pub(crate) stages: String,
    /// Pinned calls and its answers.
    pub(crate) pinned: Vec<(String, Answer)>,
    /// Activating it, unless it is active.
    pub(crate) activate: Option<Offer>,
    /// What the button for that says.
    pub(crate) activate_words: String,
    /// Keeping it, or no longer: on the selected row only, where there is room for it.
    pub(crate) keep: Option<Offer>,
    /// The row in words, for those who hear it.
    pub(crate) spoken: String,
}

/// A failed generation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FailureRow {
    /// Its name.
    pub(crate) key: FailureKey,
    /// Whether its problems are shown.
    pub(crate) shown: bool,
    /// What failed.
    pub(crate) what: &'static str,
    /// Why it was built.
    pub(crate) cause: String,
    /// How long ago it failed.
    pub(crate) age: String,
    /// The message and the stages.
    pub(crate) hint: String,
    /// The row in words.
    pub(crate) spoken: String,
}

impl VersionsView {
    /// What the model says.
    pub(crate) fn new(model: &Model, view: &ViewState, now: Timestamp) -> Self {
        let row = |row: Row<'_>| match row {
            Row::Version(row) => ListRow::Version(Box::new(version_line(model, view, row, now))),
            Row::Failure(record) => ListRow::Failure(failure_row(view, record, now)),
        };
        let empty = match (&model.life, &model.building) {
            (Life::OpenFailed { .. }, _) => ("No guest", "Start Exuvia with the path of a guest: exuvia PATH"),
            (_, Some(_)) => ("No version yet", "The first one appears when cargo is done."),
            _ => (
                "No version yet",
                "Save a file of the guest, or build now. Each build that loads becomes a version; all stay one click away.",
            ),
        };
        Self { rows: model.history.rows().into_iter().map(row).collect(), empty }
    }
}

fn version_line(model: &Model, view: &ViewState, row: &VersionRow, now: Timestamp) -> VersionLine {
    let record = &row.record;
    let number = record.number;
    let active = model.active == Some(number);
    let selected = view.selected == Some(number);
    let age = view.language.age(record.built_at, now);
    let cause = record.cause.text();
    let marks = marks(model, row);
    let older = model.active.is_some_and(|active| number < active);
    let mark_words: Vec<_> = marks.iter().map(|mark| mark.text.as_str()).collect();
    let spoken = format!("{number}{}, {}, {cause}, {age}", if active { ", active" } else { "" }, mark_words.join(", "));
    VersionLine {
        number,
        active,
        selected,
        age,
        cause_hint: cause_hint(&record.cause),
        cause,
        total: words::duration(record.durations.total()),
        stages: stages(&record.durations),
        pinned: row.marks.pinned_results.iter().map(|result| (result.call.clone(), result.answer.clone())).collect(),
        activate: (!active).then(|| Offer::new(Action::Activate(number), model)),
        activate_words: if older { format!("Roll back to {number}") } else { format!("Activate {number}") },
        keep: selected.then(|| Offer::new(Action::Keep(number, !row.marks.keep), model)),
        spoken,
        marks,
    }
}

fn marks(model: &Model, row: &VersionRow) -> Vec<Mark> {
    let first = &row.record.verdict;
    let verdict = row.marks.last_verdict.as_ref().unwrap_or(first);
    let mut hint = verdict.to_string();
    if verdict != first {
        hint = format!("{hint}\nwhen it was built: {first}");
    }
    let mut marks = vec![Mark { text: verdict.kind.word().to_owned(), tone: Some(verdict_tone(verdict)), hint }];
    if row.marks.keep {
        let hint = "It is never removed from the history".to_owned();
        marks.push(Mark { text: "kept".to_owned(), tone: None, hint });
    }
    match &row.marks.standing {
        Standing::Faulted { fault } => {
            marks.push(Mark { text: "faulted".to_owned(), tone: Some(Tone::Bad), hint: fault.clone() });
        }
        Standing::Probation if model.active == Some(row.record.number) => {
            let hint = "It has not outlived its first calls yet".to_owned();
            marks.push(Mark { text: "on probation".to_owned(), tone: Some(Tone::Busy), hint });
        }
        Standing::Probation | Standing::Good | Standing::Refused => {}
    }
    if !row.record.warnings.is_empty() {
        let hint = row.record.warnings.iter().map(|warning| warning.message.as_str()).collect::<Vec<_>>().join("\n");
        marks.push(Mark {
            text: words::count(row.record.warnings.len(), "warning"),
            tone: Some(Tone::Attention),
            hint,
        });
    }
    if let Some(Retirement::Kept { why, bytes }) = model.history.retirement(row.record.number)
        && model.active != Some(row.record.number)
    {
        let hint = format!("{} of it are still in the runner's memory: {why}", words::bytes(*bytes));
        marks.push(Mark { text: "kept mapped".to_owned(), tone: Some(Tone::Attention), hint });
    }
    marks
}

fn verdict_tone(verdict: &Verdict) -> Tone {
    match verdict.kind {
        VerdictKind::Hot => Tone::Good,
        VerdictKind::Reset | VerdictKind::Restarted => Tone::Attention,
        VerdictKind::Refused => Tone::Bad,
        // `Migrated`, and those to come: it runs, and something is to be known about it.
        _ => Tone::Busy,
    }
}

fn cause_hint(cause: &Cause) -> String {
    match cause {
        Cause::Start => "built when the session started".to_owned(),
        Cause::Asked => "built because it was asked for".to_owned(),
        Cause::Saved { paths } => {
            let paths: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
            format!("saved:\n{}", paths.join("\n"))
        }
    }
}

fn stages(durations: &Durations) -> String {
    let stages = durations
        .stages()
        .into_iter()
        .filter_map(|(name, micros)| Some(format!("{name}: {}", words::duration(micros?))));
    stages.chain([format!("total: {}", words::duration(durations.total()))]).collect::<Vec<_>>().join("\n")
}

fn failure_row(view: &ViewState, record: &FailedRecord, now: Timestamp) -> FailureRow {
    let key = FailureKey::of(record);
    let what = match record.failure {
        Failure::Build { .. } => "build failed",
        Failure::Load { .. } => "load failed",
    };
    let (cause, age) = (record.cause.text(), view.language.age(record.at, now));
    FailureRow {
        key,
        shown: view.shown_failure == Some(key),
        what,
        hint: format!("{}\n{}\nClick to see its problems", record.failure.message(), stages(&record.durations)),
        spoken: format!("{what}, {cause}, {age}"),
        cause,
        age,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::samples::*;
    use exuvia_runtime::build::diagnostic::Level;
    use exuvia_runtime::session::Event;

    fn lines(model: &Model) -> Vec<VersionLine> {
        let view = VersionsView::new(model, &ViewState::default(), NOW);
        view.rows
            .into_iter()
            .filter_map(|row| if let ListRow::Version(line) = row { Some(*line) } else { None })
            .collect()
    }

    #[test]
    fn rows_say_what_runs_and_offer_the_others() {
        let mut model = Model::default();
        model.apply(opened(vec![version(1, 120), version(2, 3), version(3, 0)], vec![failure(9, 2)], &[]), NOW);
        model.apply(activated(2), NOW);
        let view = VersionsView::new(&model, &ViewState::default(), NOW);
        assert!(
            matches!(&view.rows[1], ListRow::Failure(row) if row.spoken == "build failed, lib.rs, 2 min ago"),
            "{view:?}"
        );
        let rows = lines(&model);
        let words: Vec<_> = rows.iter().map(|row| row.activate.as_ref().map(|_| row.activate_words.as_str())).collect();
        assert_eq!(words, [Some("Activate v3"), None, Some("Roll back to v1")]);
        assert_eq!(rows[1].spoken, "v2, active, Hot, lib.rs, 3 min ago");
        assert_eq!((rows[2].age.as_str(), rows[2].total.as_str()), ("2 h ago", "646 ms"));
        assert!(rows[2].stages.starts_with("watch: 1.2 ms\nbuild: 640 ms"), "{}", rows[2].stages);
    }

    #[test]
    fn marks_name_what_is_to_be_known() {
        let mut row = version(1, 3);
        row.marks.keep = true;
        row.record.warnings.push(diagnostic(Level::Warning, "unused import"));
        row.marks.last_verdict = Some(Verdict::new(VerdictKind::Reset, "the state's type changed"));
        row.marks.standing = Standing::Faulted { fault: "SIGSEGV during greet".to_owned() };
        let mut model = Model::default();
        model.apply(opened(vec![row, version(2, 1)], vec![], &[]), NOW);
        let kept = Retirement::Kept { why: "2 threads are alive".to_owned(), bytes: 1_572_864 };
        model.apply(Event::Retired { version: VersionNumber(1), retirement: kept }, NOW);
        let rows = lines(&model);
        let marks: Vec<_> = rows[1].marks.iter().map(|mark| (mark.text.as_str(), mark.tone)).collect();
        let attention = Some(Tone::Attention);
        assert_eq!(
            marks,
            [
                ("Reset", attention),
                ("kept", None),
                ("faulted", Some(Tone::Bad)),
                ("1 warning", attention),
                ("kept mapped", attention)
            ]
        );
        assert!(rows[1].marks[0].hint.contains("when it was built: Hot"), "{:?}", rows[1].marks[0]);
        assert!(rows[1].marks[4].hint.contains("1.5 MiB"));
    }
}
