//! What the calls' panel shows, as plain data.

use exuvia_runtime::call::Answer;
use exuvia_runtime::load::{ExportRecord, StateAccess};

use super::super::actions::Action;
use super::super::view_state::ViewState;
use super::super::widgets::Offer;
use crate::model::{CallState, Life, Model, Pin, words};

/// What the panel shows.
#[derive(Debug)]
pub(crate) struct CallsView {
    /// A call that fits the guest, as a hint.
    pub(crate) hint: String,
    /// Making the call that stands in the field.
    pub(crate) call: Offer,
    /// Pinning it.
    pub(crate) pin: Offer,
    /// The pinned calls.
    pub(crate) pins: Vec<Pin>,
    /// What can be called.
    pub(crate) exports: Vec<ExportLine>,
    /// What stands there as long as nothing can.
    pub(crate) no_exports: (&'static str, &'static str),
    /// The calls, newest first.
    pub(crate) answers: Vec<AnswerLine>,
}

/// An export.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ExportLine {
    /// The signature as written.
    pub(crate) signature: String,
    /// Its doc comment.
    pub(crate) docs: String,
    /// What it does with the state.
    pub(crate) state: Option<&'static str>,
    /// A call to begin with.
    pub(crate) template: String,
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
}

impl CallsView {
    /// What the model says.
    pub(crate) fn new(model: &Model, view: &ViewState) -> Self {
        let exports: Vec<_> = model.exports().iter().map(export_line).collect();
        let answers = model.calls.log().map(|entry| match &entry.state {
            CallState::Waiting => AnswerLine { call: entry.call.clone(), answer: None, by: "waiting".to_owned() },
            CallState::Answered { version, answer, micros } => {
                let by = version.map(|version| format!("{version} · {}", words::duration(*micros))).unwrap_or_default();
                AnswerLine { call: entry.call.clone(), answer: Some(answer.clone()), by }
            }
        });
        let no_exports = match (model.active, &model.life) {
            (Some(_), _) => {
                ("This version exports nothing", "Put #[export] on a function of the guest and save the file.")
            }
            (None, Life::OpenFailed { .. }) => ("No guest", "There is nothing to call."),
            (None, _) => {
                ("Nothing is loaded yet", "The functions that the guest exports appear here when a version is active.")
            }
        };
        let text = view.call_text.trim();
        let offer = |action| Offer { possible: !text.is_empty() && Action::is_possible(&action, model), action };
        Self {
            hint: exports.first().map_or_else(|| "greet(\"World\")".to_owned(), |export| export.template.clone()),
            call: offer(Action::Call(text.to_owned())),
            pin: offer(Action::Pin(text.to_owned())),
            pins: model.calls.pins.clone(),
            exports,
            no_exports,
            answers: answers.collect(),
        }
    }
}

fn export_line(export: &ExportRecord) -> ExportLine {
    let state = match export.state {
        StateAccess::None => None,
        StateAccess::Reads => Some("reads the state"),
        StateAccess::Changes => Some("changes the state"),
    };
    let arguments: Vec<_> = export.parameters.iter().map(|parameter| example(&parameter.ty.name)).collect();
    ExportLine {
        signature: export.signature.clone(),
        docs: export.docs.trim().to_owned(),
        state,
        template: format!("{}({})", export.name, arguments.join(", ")),
    }
}

/// A value to begin with; what fits no pattern is `null`, to be replaced.
fn example(ty: &str) -> &'static str {
    let ty = ty.trim_start_matches('&');
    match ty {
        "bool" => "true",
        "f32" | "f64" => "1.5",
        "char" => "\"x\"",
        _ if ty == "str" || ty.ends_with("string::String") || ty.ends_with("::str") => "\"World\"",
        _ if matches!(ty.as_bytes(), [b'u' | b'i', rest @ ..] if rest == b"size" || rest.iter().all(u8::is_ascii_digit)) => {
            "1"
        }
        _ if ty.starts_with("alloc::vec::Vec<") || ty.starts_with('[') => "[]",
        _ => "null",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::samples::*;

    #[test]
    fn templates_begin_a_call() {
        for (ty, value) in [
            ("&str", "\"World\""),
            ("alloc::string::String", "\"World\""),
            ("u32", "1"),
            ("usize", "1"),
            ("i128", "1"),
            ("f64", "1.5"),
            ("bool", "true"),
            ("alloc::vec::Vec<u8>", "[]"),
            ("greetings::Point", "null"),
            ("u", "1"),
            ("unit", "null"),
        ] {
            assert_eq!(example(ty), value, "{ty}");
        }
        assert_eq!(export_line(&export()).template, "greet(\"World\")");
    }

    #[test]
    fn answers_say_who_gave_them() {
        let mut model = Model::default();
        model.apply(opened(vec![version(1, 1)], vec![], &[]), NOW);
        model.apply(activated(1), NOW);
        let id = model.calls.ask("greet(\"a\")");
        let view = CallsView::new(&model, &ViewState::default());
        assert_eq!(view.answers[0].by, "waiting");
        let event = exuvia_runtime::session::Event::Answered {
            id,
            call: "greet(\"a\")".to_owned(),
            version: Some(exuvia_runtime::ids::VersionNumber(1)),
            answer: returned("Hello"),
            micros: 85,
        };
        model.apply(event, NOW);
        let view = CallsView::new(&model, &ViewState::default());
        assert_eq!(
            view.answers[0],
            AnswerLine {
                call: "greet(\"a\")".to_owned(),
                answer: Some(returned("Hello")),
                by: "v1 · 85 µs".to_owned()
            }
        );
        assert_eq!(view.hint, "greet(\"World\")");
    }
}
