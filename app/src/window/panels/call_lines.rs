//! What the calls' panel shows, as plain data.

use exuvia_runtime::call::{Answer, Call};
use exuvia_runtime::ids::VersionNumber;
use exuvia_runtime::load::{ExportRecord, StateAccess};

use super::super::actions::Action;
use super::super::view_state::ViewState;
use super::super::widgets::Offer;
use crate::model::{CallEntry, CallState, Life, Model, arguments, words};
use crate::text::Language;

/// What the panel shows besides pins and answers, of which only those in view are made.
#[derive(Debug)]
pub(crate) struct CallsView {
    /// A call that fits the guest, as a hint.
    pub(crate) hint: String,
    /// Making the call that stands in the field.
    pub(crate) call: Offer,
    /// Pinning it, or unpinning it where it is pinned.
    pub(crate) pin: Offer,
    /// Whether the pinned call would change the state each time that it is evaluated.
    pub(crate) pin_changes: bool,
    /// Why neither it nor pinning it is possible.
    pub(crate) why_not: Option<&'static str>,
    /// What can be called.
    pub(crate) exports: Vec<ExportLine>,
    /// What stands there as long as nothing can.
    pub(crate) no_exports: (&'static str, &'static str),
}

/// An export.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ExportLine {
    /// Its name.
    pub(crate) name: String,
    /// The signature as written.
    pub(crate) signature: String,
    /// Its doc comment, and what it does with the state.
    pub(crate) about: String,
    /// A call to begin with.
    pub(crate) template: String,
    /// Whether its fields are shown.
    pub(crate) chosen: bool,
}

/// A call and its answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AnswerLine {
    /// The call.
    pub(crate) call: String,
    /// Its answer, if there is one.
    pub(crate) answer: Option<Answer>,
    /// By whom, and how fast.
    pub(crate) by: String,
    /// Whether another version gave it than the one that is active.
    pub(crate) is_others: bool,
}

impl CallsView {
    /// What the model says.
    pub(crate) fn new(model: &Model, view: &ViewState) -> Self {
        let l = view.language;
        let chosen = view.guest.calls.export();
        let exports: Vec<_> = model.exports().iter().map(|export| export_line(export, chosen, l)).collect();
        let no_exports = match (model.active, &model.life) {
            (Some(_), _) => (l.exports_none(), l.exports_none_how()),
            (None, Life::OpenFailed { .. } | Life::NoGuest) => (l.exports_no_guest(), l.exports_no_guest_how()),
            (None, _) => (l.exports_not_yet(), l.exports_not_yet_how()),
        };
        let text = view.guest.call_text.trim();
        let why_not = if model.life != Life::Open {
            Some(l.pin_not_open())
        } else if text.is_empty() {
            Some(l.pin_empty())
        } else {
            view.guest.calls.in_trouble(model.exports()).then(|| l.pin_in_trouble())
        };
        let offer = |action| Offer { possible: why_not.is_none() && Action::is_possible(&action, model), action };
        let pin_changes = changes_state(model, text);
        let (is_pinned, text) = (model.calls.is_pinned(text), text.to_owned());
        Self {
            hint: exports.first().map_or_else(|| "greet(\"World\")".to_owned(), |export| export.template.clone()),
            call: offer(Action::Call(text.clone())),
            pin: offer(if is_pinned { Action::Unpin(text) } else { Action::Pin(text) }),
            pin_changes,
            why_not,
            exports,
            no_exports,
        }
    }
}

fn export_line(export: &ExportRecord, chosen: Option<&str>, l: Language) -> ExportLine {
    let state = match export.state {
        StateAccess::None => None,
        StateAccess::Reads => Some(l.reads_state()),
        StateAccess::Changes => Some(l.changes_state()),
    };
    let docs = Some(export.docs.trim().to_owned()).filter(|docs| !docs.is_empty());
    let about: Vec<_> = docs.into_iter().chain(state.map(|state| format!("({state})"))).collect();
    ExportLine {
        name: export.name.clone(),
        signature: export.signature.clone(),
        about: about.join(" "),
        template: arguments::template(export),
        chosen: chosen == Some(export.name.as_str()),
    }
}

/// Whether a call changes the state of the version that runs.
pub(crate) fn changes_state(model: &Model, call: &str) -> bool {
    let Ok(call) = call.parse::<Call>() else { return false };
    let mut exports = model.exports().iter();
    exports.any(|export| export.name == call.export && export.state == StateAccess::Changes)
}

/// A call as it is shown.
pub(crate) fn answer_line(entry: &CallEntry, active: Option<VersionNumber>, l: Language) -> AnswerLine {
    let call = entry.call.clone();
    match &entry.state {
        CallState::Waiting => AnswerLine { call, answer: None, by: l.answer_waiting().to_owned(), is_others: false },
        CallState::Answered { version, answer, micros } => {
            let by = version.map(|version| l.answer_by(version, &words::duration(*micros))).unwrap_or_default();
            AnswerLine { call, answer: Some(answer.clone()), by, is_others: *version != active }
        }
    }
}

/// What each version gave for a pinned call, newest first; asked for only when somebody looks.
pub(crate) fn pin_results<'a>(model: &'a Model, call: &str) -> Vec<(VersionNumber, &'a Answer)> {
    let versions = model.history.numbers().filter_map(|number| model.history.version(number));
    let mut results: Vec<_> = versions
        .filter_map(|row| {
            let result = row.marks.pinned_results.iter().find(|result| result.call == call)?;
            Some((row.record.number, &result.answer))
        })
        .collect();
    results.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    results
}

/// The call that a walk through those made before comes to, each text once, the newest first.
pub(crate) fn earlier(model: &Model, steps: usize) -> Option<String> {
    let mut seen = Vec::new();
    for entry in model.calls.log() {
        if !seen.contains(&entry.call.as_str()) {
            seen.push(&entry.call);
            if seen.len() > steps {
                return Some(entry.call.clone());
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::samples::*;
    use crate::window::view_state::GuestView;

    fn asked(calls: &[&str]) -> Model {
        let mut model = Model::default();
        model.apply(opened(vec![version(1, 1)], vec![], &[]), NOW);
        model.apply(activated(1), NOW);
        for call in calls {
            model.calls.ask(call);
        }
        model
    }

    #[test]
    fn answers_say_who_gave_them() {
        let mut model = asked(&["greet(\"a\")"]);
        let line = |model: &Model, l| answer_line(model.calls.log().next().unwrap(), model.active, l);
        assert_eq!(line(&model, Language::English).by, "waiting for the answer");
        let event = exuvia_runtime::session::Event::Answered {
            id: 1,
            call: "greet(\"a\")".to_owned(),
            version: Some(VersionNumber(1)),
            answer: returned("Hello"),
            micros: 85,
        };
        model.apply(event, NOW);
        assert_eq!(line(&model, Language::English).by, "v1 · 85 µs");
        assert_eq!(line(&model, Language::Chinese).by, "v1，用时 85 µs");
        assert!(!line(&model, Language::English).is_others);
        model.apply(activated(2), NOW);
        assert!(line(&model, Language::English).is_others, "v2 might answer otherwise");
        assert_eq!(CallsView::new(&model, &ViewState::default()).hint, "greet(\"World\")");
    }

    #[test]
    fn what_is_pinned_can_be_unpinned_and_a_greyed_button_says_why() {
        let mut model = Model::default();
        let view = |model: &Model, text: &str| {
            let view = CallsView::new(
                model,
                &ViewState {
                    guest: GuestView { call_text: text.to_owned(), ..GuestView::default() },
                    ..ViewState::default()
                },
            );
            (view.pin.action, view.pin.possible, view.why_not)
        };
        let pin = |text: &str| Action::Pin(text.to_owned());
        assert_eq!(view(&model, "a()"), (pin("a()"), false, Some("No guest is open")));
        model.apply(opened(vec![version(1, 1)], vec![], &["b(\"x\")"]), NOW);
        model.apply(activated(1), NOW);
        for (text, expected) in [
            ("", (pin(""), false, Some("Enter a call first"))),
            ("a()", (pin("a()"), true, None)),
            ("b( \"x\" )", (Action::Unpin("b( \"x\" )".to_owned()), true, None)),
        ] {
            assert_eq!(view(&model, text), expected, "{text}");
        }
    }

    #[test]
    fn a_pin_that_changes_the_state_is_told_from_one_that_does_not() {
        use exuvia_runtime::history::record::VersionRow;
        let with = |state| {
            let mut row: VersionRow = version(1, 1);
            row.record.exports = vec![ExportRecord { state, ..export() }];
            let mut model = Model::default();
            model.apply(opened(vec![row], vec![], &[]), NOW);
            model.apply(activated(1), NOW);
            model
        };
        for (state, call, expected) in [
            (StateAccess::Changes, "greet(\"a\")", true),
            (StateAccess::Changes, "other(\"a\")", false),
            (StateAccess::Changes, "greet(", false),
            (StateAccess::Reads, "greet(\"a\")", false),
            (StateAccess::None, "greet(\"a\")", false),
        ] {
            assert_eq!(changes_state(&with(state), call), expected, "{state:?} {call}");
        }
    }

    #[test]
    fn earlier_calls_come_once_each() {
        let model = asked(&["a()", "b()", "a()", "a()", "c()"]);
        let walked: Vec<_> = (0..4).map(|steps| earlier(&model, steps)).collect();
        assert_eq!(walked, [Some("c()"), Some("a()"), Some("b()"), None].map(|call| call.map(str::to_owned)));
    }

    #[test]
    fn each_versions_result_of_a_pin_is_found() {
        let mut first = version(1, 9);
        let result = |call: &str| exuvia_runtime::history::record::PinnedResult {
            call: call.to_owned(),
            answer: returned(call),
        };
        first.marks.pinned_results = vec![result("a()"), result("b()")];
        let mut third = version(3, 1);
        third.marks.pinned_results = vec![result("b()")];
        let mut model = Model::default();
        model.apply(opened(vec![first, version(2, 5), third], vec![], &[]), NOW);
        let numbers = |call| pin_results(&model, call).iter().map(|(version, _)| version.0).collect::<Vec<_>>();
        assert_eq!((numbers("b()"), numbers("a()"), numbers("c()")), (vec![3, 1], vec![1], vec![]));
    }
}
