//! Calls: what the active version exports, a field for a call, the pinned calls, the answers.

use eframe::egui::{
    Align, Button, Frame, Id, Key, Label, Layout, Margin, RichText, ScrollArea, Sense, Sides, TextEdit, TextStyle, Ui, UiBuilder, WidgetInfo,
    accesskit::Role,
};
use exuvia_runtime::call::Answer;
use exuvia_runtime::load::{ExportRecord, StateAccess};
use exuvia_runtime::session::status::Tone;

use super::actions::Action;
use super::theme::Palette;
use super::view_state::{FocusWish, ViewState};
use super::widgets::{Offer, action_button, answer_color, chip, empty_state, heading, tooltip, truncated};
use crate::model::{CallState, Life, Model, Pin, words};

/// The entry field's widget.
pub(crate) fn field_id() -> Id {
    Id::unique("call entry")
}

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
            (Some(_), _) => ("This version exports nothing", "Put #[export] on a function of the guest and save the file."),
            (None, Life::OpenFailed { .. }) => ("No guest", "There is nothing to call."),
            (None, _) => ("Nothing is loaded yet", "The functions that the guest exports appear here when a version is active."),
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
        _ if matches!(ty.as_bytes(), [b'u' | b'i', rest @ ..] if rest == b"size" || rest.iter().all(u8::is_ascii_digit)) => "1",
        _ if ty.starts_with("alloc::vec::Vec<") || ty.starts_with('[') => "[]",
        _ => "null",
    }
}

/// Draws the panel. Text that is typed goes straight into `state`, and so does a focus wish.
pub(crate) fn calls_ui(ui: &mut Ui, view: &CallsView, state: &mut ViewState) -> Option<Action> {
    heading(ui, "Calls");
    let mut action = entry_ui(ui, view, state);
    if let Some(error) = &state.call_error {
        let color = Palette::at(ui).tone(Tone::Bad);
        ui.label(RichText::new(error).small().color(color));
    }
    action = pins_ui(ui, view).or(action);
    ui.add_space(4.0);
    ui.separator();
    let wide = ui.available_width() >= 560.0;
    let (width, height) = (ui.available_width(), ui.available_height());
    if wide {
        ui.columns(2, |columns| {
            // Columns come justified, which would stretch the words of wrapped text.
            let layout = Layout::top_down(Align::Min);
            let exports = columns[0].with_layout(layout, |ui| exports_ui(ui, view, height)).inner;
            let answers = columns[1].with_layout(layout, |ui| answers_ui(ui, view, height)).inner;
            action = answers.or(exports).or(action.take());
        });
    } else {
        ui.set_max_width(width);
        action = exports_ui(ui, view, height * 0.45).or(action);
        ui.separator();
        action = answers_ui(ui, view, ui.available_height()).or(action);
    }
    action
}

fn entry_ui(ui: &mut Ui, view: &CallsView, state: &mut ViewState) -> Option<Action> {
    let (entered, pressed) = Sides::new().height(26.0).shrink_left().show(
        ui,
        |ui| field_ui(ui, &view.hint, state),
        |ui| {
            let pin = action_button(ui, &view.pin);
            action_button(ui, &view.call).or(pin)
        },
    );
    entered.or(pressed)
}

fn field_ui(ui: &mut Ui, example: &str, state: &mut ViewState) -> Option<Action> {
    let palette = Palette::at(ui);
    let focused = ui.memory(|memory| memory.has_focus(field_id()));
    let field = TextEdit::singleline(&mut state.call_text)
        .id(field_id())
        .font(TextStyle::Monospace)
        .hint_text(RichText::new(example).weak())
        .frame(Frame::new().inner_margin(Margin::symmetric(8, 4)))
        .desired_width(f32::INFINITY);
    let hint = tooltip(ui, &Action::FocusCallField);
    let frame = Frame::new().fill(palette.well).stroke((1.0, if focused { palette.accent } else { palette.weak }));
    let response = frame.corner_radius(4).show(ui, |ui| ui.add(field)).inner.on_hover_text(hint).accessible_name("Call to make");
    if response.changed() {
        state.call_error = None;
    }
    if state.focus == Some(FocusWish::CallField) {
        response.request_focus();
        state.focus = None;
    }
    if response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) {
        // The next call is entered in the same place.
        response.request_focus();
        return Some(Action::Call(state.call_text.clone()));
    }
    None
}

fn pins_ui(ui: &mut Ui, view: &CallsView) -> Option<Action> {
    let mut action = None;
    ui.add_space(4.0);
    if view.pins.is_empty() {
        ui.label(RichText::new("Pinned calls appear here: enter a call and press Pin. They are evaluated after each activation.").weak());
        return None;
    }
    ScrollArea::vertical().id_salt("pins").max_height(132.0).auto_shrink([false, true]).show(ui, |ui| {
        for pin in &view.pins {
            Sides::new().height(22.0).shrink_left().truncate().show(
                ui,
                |ui| {
                    // A long call leaves half of the line to its answer.
                    let half = ui.available_width() * 0.5;
                    ui.scope(|ui| {
                        ui.set_max_width(half);
                        truncated(ui, RichText::new(&pin.call).monospace().weak());
                    });
                    match &pin.latest {
                        Some((version, answer)) => {
                            chip(ui, &version.to_string(), Palette::at(ui).weak).on_hover_text(format!("{version} gave this answer"));
                            let color = answer_color(ui, answer);
                            truncated(ui, RichText::new(answer.to_string()).monospace().color(color));
                        }
                        None => {
                            truncated(ui, RichText::new("not evaluated yet").weak());
                        }
                    }
                },
                |ui| {
                    let unpin = Action::Unpin(pin.call.clone());
                    let hint = tooltip(ui, &unpin);
                    let response = ui.small_button("Unpin").on_hover_text(hint).accessible_name(format!("Unpin {}", pin.call));
                    if response.clicked() {
                        action = Some(unpin);
                    }
                },
            );
        }
    });
    action
}

fn exports_ui(ui: &mut Ui, view: &CallsView, height: f32) -> Option<Action> {
    let mut action = None;
    ui.label(RichText::new("Exports of the active version").small().weak());
    if view.exports.is_empty() {
        empty_state(ui, view.no_exports.0, view.no_exports.1);
        return None;
    }
    let room = height - 24.0;
    ScrollArea::vertical().id_salt("exports").max_height(room).auto_shrink([false, true]).show(ui, |ui| {
        for export in &view.exports {
            let edit = Action::EditCall(export.template.clone());
            let hint = format!("{}\n{}: {}", export.signature, edit.tooltip(), export.template);
            let signature = RichText::new(&export.signature).monospace();
            let offer = Offer { action: edit, possible: true };
            let response = ui.add(Button::new(signature).wrap().frame(false)).on_hover_text(hint);
            if response.clicked() {
                action = Some(offer.action);
            }
            let docs = export.docs.as_str();
            let state = export.state.map(|state| format!("({state})")).unwrap_or_default();
            let below = [docs, &state].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
            if !below.is_empty() {
                ui.indent(("docs", &export.signature), |ui| ui.label(RichText::new(below).small().weak()));
            }
            ui.add_space(4.0);
        }
    });
    action
}

fn answers_ui(ui: &mut Ui, view: &CallsView, height: f32) -> Option<Action> {
    let mut action = None;
    ui.label(RichText::new("Answers").small().weak());
    if view.answers.is_empty() {
        empty_state(ui, "No call yet", "Enter a call above and press Enter, or click an export to begin with. Answers appear here, newest first.");
        return None;
    }
    let room = height - 24.0;
    ScrollArea::vertical().id_salt("answers").max_height(room).auto_shrink([false, true]).show(ui, |ui| {
        for (index, line) in view.answers.iter().enumerate() {
            action = answer_ui(ui, index, line).or(action.take());
        }
    });
    action
}

fn answer_ui(ui: &mut Ui, index: usize, line: &AnswerLine) -> Option<Action> {
    let builder = UiBuilder::new().scope_id(Id::unique(("answer", index))).sense(Sense::click());
    let edit = Action::EditCall(line.call.clone());
    let hint = format!("{}: {}", edit.tooltip(), line.call);
    let head = ui
        .scope_builder(builder, |ui| {
            Sides::new().height(18.0).shrink_left().truncate().show(
                ui,
                |ui| truncated(ui, RichText::new(&line.call).monospace().weak()),
                |ui| truncated(ui, RichText::new(&line.by).small().weak()),
            );
        })
        .response;
    head.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Edit {}", line.call)));
    let clicked = head.on_hover_text(hint).clicked();
    match &line.answer {
        Some(answer) => {
            let color = answer_color(ui, answer);
            ui.add(Label::new(RichText::new(answer.to_string()).monospace().color(color)).wrap());
        }
        None => {
            ui.label(RichText::new("…").weak());
        }
    }
    ui.add_space(4.0);
    clicked.then_some(edit)
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
        assert_eq!(view.answers[0], AnswerLine { call: "greet(\"a\")".to_owned(), answer: Some(returned("Hello")), by: "v1 · 85 µs".to_owned() });
        assert_eq!(view.hint, "greet(\"World\")");
    }
}
