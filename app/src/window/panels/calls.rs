//! Calls: what the active version exports, a field for a call, the pinned calls, the answers.

use eframe::egui::{
    Align, Button, Frame, Id, Key, Label, Layout, Margin, RichText, ScrollArea, Sense, Sides, TextEdit, TextStyle, Ui,
    UiBuilder, WidgetInfo, accesskit::Role,
};
use exuvia_runtime::session::status::Tone;

use super::super::actions::Action;
use super::super::theme::Palette;
use super::super::view_state::{FocusWish, ViewState};
use super::super::widgets::{Offer, action_button, answer_color, chip, empty_state, tooltip, truncated};
use super::call_lines::{AnswerLine, CallsView};
use crate::model::Model;
use crate::text::Language;

/// The entry field's widget.
pub(crate) fn field_id() -> Id {
    Id::unique("call entry")
}

/// Draws the panel. Text that is typed goes straight into `state`, and so does a focus wish.
pub(crate) fn calls_ui(ui: &mut Ui, model: &Model, state: &mut ViewState) -> Option<Action> {
    let view = &CallsView::new(model, state);
    let mut action = entry_ui(ui, view, state);
    if let Some(error) = &state.call_error {
        let color = Palette::at(ui).tone(Tone::Bad);
        ui.label(RichText::new(error).small().color(color));
    }
    action = pins_ui(ui, view).or(action);
    ui.add_space(4.0);
    ui.separator();
    let height = ui.available_height();
    if ui.available_width() >= 560.0 {
        ui.columns(2, |columns| {
            // Columns come justified, which would stretch the words of wrapped text.
            let layout = Layout::top_down(Align::Min);
            let exports = columns[0].with_layout(layout, |ui| exports_ui(ui, view, height)).inner;
            let answers = columns[1].with_layout(layout, |ui| answers_ui(ui, view, height)).inner;
            action = answers.or(exports).or(action.take());
        });
    } else {
        // One below the other; an answer is what one looks for after a call.
        ScrollArea::vertical().id_salt("calls").auto_shrink(false).show(ui, |ui| {
            let answered = !view.answers.is_empty();
            let first =
                if answered { answers_ui(ui, view, f32::INFINITY) } else { exports_ui(ui, view, f32::INFINITY) };
            ui.separator();
            let second =
                if answered { exports_ui(ui, view, f32::INFINITY) } else { answers_ui(ui, view, f32::INFINITY) };
            action = first.or(second).or(action.take());
        });
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
    // Before the field is drawn, so that it takes what is typed in this very frame.
    if state.focus == Some(FocusWish::CallField) {
        ui.memory_mut(|memory| memory.request_focus(field_id()));
        state.focus = None;
    }
    let hint = tooltip(ui, &Action::FocusCallField);
    let frame = Frame::new().fill(palette.well).stroke((1.0, if focused { palette.accent } else { palette.weak }));
    let response =
        frame.corner_radius(4).show(ui, |ui| ui.add(field)).inner.on_hover_text(hint).accessible_name("Call to make");
    if response.changed() {
        state.call_error = None;
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
        ui.label(
            RichText::new(
                "Pinned calls appear here: enter a call and press Pin. They are evaluated after each activation.",
            )
            .weak(),
        );
        return None;
    }
    let room = (ui.available_height() * 0.35).clamp(30.0, 132.0);
    ScrollArea::vertical().id_salt("pins").max_height(room).auto_shrink([false, true]).show(ui, |ui| {
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
                            chip(ui, &version.to_string(), Palette::at(ui).weak)
                                .on_hover_text(format!("{version} gave this answer"));
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
                    let response =
                        ui.small_button("Unpin").on_hover_text(hint).accessible_name(format!("Unpin {}", pin.call));
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
            let hint = format!("{}\n{}: {}", export.signature, edit.tooltip(Language::at(ui)), export.template);
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
        empty_state(
            ui,
            "No call yet",
            "Enter a call above and press Enter, or click an export to begin with. Answers appear here, newest first.",
        );
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
    let hint = format!("{}: {}", edit.tooltip(Language::at(ui)), line.call);
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
