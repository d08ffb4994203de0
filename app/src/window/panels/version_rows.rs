//! What the list of versions shows, as plain data.

use exuvia_runtime::call::Answer;
use exuvia_runtime::history::compare::Side;
use exuvia_runtime::history::record::{Cause, Durations, FailedRecord, PinnedResult, Standing, VersionRow};
use exuvia_runtime::ids::{Timestamp, VersionNumber};
use exuvia_runtime::session::Retirement;
use exuvia_runtime::session::status::Tone;
use exuvia_runtime::swap::verdict::{Verdict, VerdictKind};

use super::super::actions::Action;
use super::super::view_state::{Overlay, ViewState};
use super::super::widgets::Offer;
use super::stage_bar::Scale;
use super::versions_state::failed_words;
use crate::model::timeline::{axis, total};
use crate::model::{FailureKey, Life, Model, Pin, Row, words};
use crate::text::Language;

/// The list of versions.
#[derive(Debug)]
pub(crate) struct VersionsView<'a> {
    model: &'a Model,
    /// The rows that the filter lets pass, newest first.
    pub(super) rows: Vec<Row<'a>>,
    /// What the bars are drawn to.
    pub(super) scale: Scale,
    /// What stands there as long as there are none: a title, and how to get some.
    pub(super) empty: (String, &'static str),
}

/// A row of the list.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ListRow {
    /// A version.
    Version(Box<VersionLine>),
    /// A failed generation.
    Failure(Box<FailureRow>),
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
    pub(crate) durations: Durations,
    /// Pinned calls and its answers, as they are pinned: the same call comes first in each row, answered or not.
    pub(crate) pinned: Vec<(String, Option<Answer>)>,
    /// What the user wrote about it.
    pub(crate) note: String,
    /// Activating it, unless it is active, and what the button for that says.
    pub(crate) activate: Option<(Offer, String)>,
    /// What can be done with it: the words, and the action whose key does that with the selected one.
    pub(crate) menu: Vec<(Offer, String, Action)>,
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
    /// The message, and what a click does.
    pub(crate) hint: String,
    /// How long the stages took that were reached.
    pub(crate) durations: Durations,
    /// The row in words.
    pub(crate) spoken: String,
}

impl<'a> VersionsView<'a> {
    /// What the model says.
    pub(crate) fn new(model: &'a Model, view: &mut ViewState) -> Self {
        let l = view.language;
        let rows = view.guest.versions.shown_rows(model);
        let filter = view.guest.versions.filter.trim();
        let empty = match (&model.life, &model.building) {
            _ if !model.history.is_empty() => (l.versions_no_match(filter), l.versions_no_match_how()),
            (Life::OpenFailed { .. }, _) => (l.versions_no_guest().to_owned(), l.versions_no_guest_how()),
            (_, Some(_)) => (l.versions_none().to_owned(), l.versions_none_building()),
            _ => (l.versions_none().to_owned(), l.versions_none_how()),
        };
        let totals = rows.iter().map(|row| match row {
            Row::Version(row) => total(&row.record.durations, true),
            Row::Failure(_) => 0,
        });
        let scale = Scale { axis: axis(totals), with_build: true };
        Self { model, rows, scale, empty }
    }

    /// The row at this place; made only for those that are in view.
    pub(crate) fn row(&self, index: usize, view: &ViewState, now: Timestamp) -> Option<ListRow> {
        Some(match self.rows.get(index)? {
            Row::Version(row) => ListRow::Version(Box::new(version_line(self.model, view, row, now))),
            Row::Failure(record) => ListRow::Failure(Box::new(failure_row(view, record, now))),
        })
    }

    /// Where a version's row is.
    pub(super) fn place_of(&self, version: VersionNumber) -> Option<usize> {
        self.rows.iter().position(|row| matches!(row, Row::Version(row) if row.record.number == version))
    }
}

fn version_line(model: &Model, view: &ViewState, row: &VersionRow, now: Timestamp) -> VersionLine {
    let (record, l) = (&row.record, view.language);
    let number = record.number;
    let active = model.active == Some(number);
    let age = l.age(record.built_at, now);
    let cause = l.cause(&record.cause);
    let marks = marks(model, row, l, now);
    let words = model.active.map_or_else(|| l.activate(number), |active| l.roll_to(number, active));
    let mut spoken = vec![number.to_string()];
    spoken.extend(active.then(|| l.mark_active().to_owned()));
    spoken.extend(marks.iter().map(|mark| mark.text.clone()));
    spoken.extend([cause.clone(), age.clone()]);
    spoken.extend((!row.marks.note.is_empty()).then(|| l.row_note(&row.marks.note)));
    let entry = |action: Action, keys| (Offer::new(action.clone(), model), action.label(l), keys);
    let before = model.history.below(number).map_or(Side::Nothing, Side::Version);
    let compare = Action::Compare(before, Side::Version(number));
    let menu = vec![
        // The same words as on the row's button.
        (Offer::new(Action::Activate(number), model), words.clone(), Action::ActivateSelected),
        entry(Action::ActivateWithItsState(number), Action::ActivateSelectedWithItsState),
        (Offer::new(compare, model), l.compare_selected().to_owned(), Action::CompareSelected),
        entry(Action::Keep(number, !row.marks.keep), Action::KeepSelected),
        entry(Action::Open(Overlay::EditNote(number)), Action::NoteSelected),
        entry(Action::Open(Overlay::RemoveVersion(number)), Action::RemoveSelected),
    ];
    VersionLine {
        number,
        active,
        selected: view.guest.selected == Some(number),
        age,
        cause_hint: cause_hint(&record.cause, l),
        cause,
        total: words::duration(record.durations.total()),
        durations: record.durations,
        pinned: pinned(&model.calls.pins, &row.marks.pinned_results),
        note: row.marks.note.clone(),
        activate: (!active).then(|| (Offer::new(Action::Activate(number), model), words)),
        menu,
        spoken: spoken.join(", "),
        marks,
    }
}

/// What a version's row says of pinned calls: nothing where it was never asked for one, else first the first that is
/// pinned. Those that are no longer pinned come last.
fn pinned(pins: &[Pin], results: &[PinnedResult]) -> Vec<(String, Option<Answer>)> {
    let mut pinned: Vec<_> = results.iter().map(|result| (result.call.clone(), Some(result.answer.clone()))).collect();
    let place = |call: &String| pins.iter().position(|pin| pin.call == *call).unwrap_or(usize::MAX);
    pinned.sort_by_key(|(call, _)| place(call));
    if let Some(first) = pins.first().filter(|first| pinned.first().is_some_and(|(call, _)| *call != first.call)) {
        pinned.insert(0, (first.call.clone(), None));
    }
    pinned
}

fn marks(model: &Model, row: &VersionRow, l: Language, now: Timestamp) -> Vec<Mark> {
    let number = row.record.number;
    let first = &row.record.verdict;
    let verdict = row.marks.last_verdict.as_ref().unwrap_or(first);
    let mut hint = l.verdict_hint(l.verdict(verdict.kind), l.verdict_means(verdict.kind), &l.reason(verdict));
    if verdict != first {
        hint = format!("{hint}\n{}", l.verdict_at_first(l.verdict(first.kind), &l.reason(first)));
    }
    let mut marks = vec![Mark { text: l.verdict(verdict.kind).to_owned(), tone: Some(verdict_tone(verdict)), hint }];
    let mut add = |text: &str, tone, hint| marks.push(Mark { text: text.to_owned(), tone, hint });
    if row.marks.keep {
        add(l.mark_kept(), None, l.mark_kept_hint().to_owned());
    }
    // What it did in this session says more than what was marked.
    let told = model.faults.of(number).map(|fault| {
        let age = l.age(fault.at, now);
        let once = fault.count == 1;
        if once { l.mark_faulted_once(&fault.text, &age) } else { l.mark_faulted_times(&fault.text, &age, fault.count) }
    });
    match (&row.marks.standing, told) {
        (Standing::Faulted { fault }, told) => {
            add(l.mark_faulted(), Some(Tone::Bad), told.unwrap_or_else(|| fault.clone()));
        }
        (_, Some(told)) => {
            let is_open = model.faults.open().is_some_and(|(version, _)| version == number);
            add(l.mark_faulted(), Some(if is_open { Tone::Bad } else { Tone::Attention }), told);
        }
        (Standing::Probation, None) if model.active == Some(number) => {
            add(l.mark_probation(), Some(Tone::Busy), l.mark_probation_hint().to_owned());
        }
        (Standing::Probation | Standing::Good | Standing::Refused, None) => {}
    }
    let warnings = &row.record.warnings;
    if !warnings.is_empty() {
        let hint = warnings.iter().map(|warning| warning.message.as_str()).collect::<Vec<_>>().join("\n");
        add(&l.warnings(warnings.len()), Some(Tone::Attention), hint);
    }
    if let Some(Retirement::Kept { why, bytes }) = model.history.retirement(number)
        && model.active != Some(number)
    {
        add(l.mark_mapped(), Some(Tone::Attention), l.mark_mapped_hint(&words::bytes(*bytes), why));
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

fn cause_hint(cause: &Cause, l: Language) -> String {
    match cause {
        Cause::Start => l.cause_start_hint().to_owned(),
        Cause::Asked => l.cause_asked_hint().to_owned(),
        Cause::Saved { paths } => {
            let paths: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
            l.cause_saved_hint(&paths.join("\n"))
        }
    }
}

fn failure_row(view: &ViewState, record: &FailedRecord, now: Timestamp) -> FailureRow {
    let l = view.language;
    let key = FailureKey::of(record);
    let what = failed_words(&record.failure, l);
    let (cause, age) = (l.cause(&record.cause), l.age(record.at, now));
    FailureRow {
        key,
        shown: view.guest.shown_failure == Some(key),
        what,
        hint: format!(
            "{}\n{}",
            l.row_failed_build(record.generation.0, record.failure.message()),
            l.row_failed_click()
        ),
        durations: record.durations,
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

    fn rows(model: &Model) -> Vec<ListRow> {
        let mut state = ViewState::default();
        let view = VersionsView::new(model, &mut state);
        (0..view.rows.len()).filter_map(|index| view.row(index, &state, NOW)).collect()
    }

    fn lines(model: &Model) -> Vec<VersionLine> {
        rows(model)
            .into_iter()
            .filter_map(|row| if let ListRow::Version(line) = row { Some(*line) } else { None })
            .collect()
    }

    #[test]
    fn rows_say_what_runs_and_offer_the_others() {
        let mut model = Model::default();
        model.apply(opened(vec![version(1, 120), version(2, 3), version(3, 0)], vec![failure(9, 2)], &[]), NOW);
        model.apply(activated(2), NOW);
        let view = rows(&model);
        assert!(
            matches!(&view[1], ListRow::Failure(row) if row.spoken == "build failed, lib.rs, 2 min ago"),
            "{view:?}"
        );
        let rows = lines(&model);
        let words: Vec<_> = rows.iter().map(|row| row.activate.as_ref().map(|(_, words)| words.as_str())).collect();
        assert_eq!(words, [Some("Roll forward to v3"), None, Some("Roll back to v1")]);
        assert_eq!(rows[1].spoken, "v2, active, Hot, lib.rs, 3 min ago");
        assert_eq!((rows[2].age.as_str(), rows[2].total.as_str()), ("2 h ago", "646 ms"));
    }

    #[test]
    fn each_row_begins_with_the_call_that_was_pinned_first() {
        let pin = |call: &str| Pin { call: call.to_owned(), latest: None };
        let result = |call: &&str| PinnedResult { call: (*call).to_owned(), answer: returned(call) };
        for (pins, results, expected) in [
            (&["a()", "b()"][..], &["a()", "b()"][..], &["a()", "b()"][..]),
            (&["a()", "b()"], &["b()", "a()"], &["a()", "b()"]),
            (&["a()", "b()"], &["b()"], &["a()?", "b()"]),
            (&["a()"], &["gone()", "a()"], &["a()", "gone()"]),
            (&["a()"], &[], &[]),
            (&[], &["gone()"], &["gone()"]),
        ] {
            let pins: Vec<_> = pins.iter().copied().map(pin).collect();
            let results: Vec<_> = results.iter().map(result).collect();
            let found: Vec<_> = pinned(&pins, &results)
                .into_iter()
                .map(|(call, answer)| if answer.is_some() { call } else { format!("{call}?") })
                .collect();
            assert_eq!(found, expected);
        }
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
        model.apply(Event::Fault { version: VersionNumber(2), fault: "SIGABRT".to_owned() }, NOW);
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
        assert!(
            rows[1].marks[0]
                .hint
                .starts_with("Reset: The new code runs; the state started afresh.\nHere: the state's type changed"),
            "{:?}",
            rows[1].marks[0]
        );
        assert!(rows[1].marks[0].hint.contains("when it was built: Hot"), "{:?}", rows[1].marks[0]);
        assert!(rows[1].marks[4].hint.contains("1.5 MiB"));
        // It runs again; what it did is still to be seen.
        let fault = &rows[0].marks[1];
        assert_eq!(
            (fault.text.as_str(), fault.tone, fault.hint.as_str()),
            ("faulted", Some(Tone::Bad), "SIGABRT\njust now")
        );
        model.close_fault();
        assert_eq!(lines(&model)[0].marks[1].tone, attention);
    }
}
