//! Calls: what the active version exports, a field for a call and one for each of its arguments,
//! the pinned calls, the answers.

use eframe::egui::{
    Align, Button, Color32, Frame, Id, Key, Label, Layout, Margin, Modifiers, RichText, ScrollArea, Sense, Sides,
    TextEdit, TextStyle, Ui, UiBuilder, Vec2, WidgetInfo, accesskit::Role,
};
use exuvia_runtime::call::Answer;
use exuvia_runtime::session::status::Tone;

use super::super::actions::Action;
use super::super::figure::{FieldText, shown};
use super::super::theme::Palette;
use super::super::view_state::{FocusWish, ViewState};
use super::super::widgets::{action_button, answer_color, answer_text, chip, empty_state, tooltip, truncated};
pub(crate) use super::argument_fields::CallsState;
use super::argument_fields::{argument_fields_ui, cursor_to_end, select_all};
use super::call_lines::{AnswerLine, CallsView, ExportLine, answer_line, changes_state, earlier, pin_results};
use crate::model::{Model, Pin};
use crate::text::Language;

/// Below this width (in points) everything stands in one column.
const WIDE: f32 = 560.0;

/// Height of a line between two parts, with the gaps around it.
const SEPARATOR: f32 = 20.0;

/// Height of a pinned call's row.
const PIN_ROW: f32 = 22.0;

/// Height of an earlier call with the first line of its answer.
const CALL_ROW: f32 = 42.0;

/// Of a pin's results, so many are listed in its tooltip.
const LISTED_RESULTS: usize = 12;

/// The entry field's widget.
pub(crate) fn field_id() -> Id {
    Id::unique("call entry")
}

/// A panel that is lower than this (in points) is scrolled as a whole: field, pins, an answer and exports need
/// this much, each with a line or two.
const LOW: f32 = 260.0;

/// Draws the panel. Text that is typed goes straight into `state`, and so does a focus wish.
pub(crate) fn calls_ui(ui: &mut Ui, model: &Model, state: &mut ViewState) -> Option<Action> {
    if ui.available_height() >= LOW {
        return parts_ui(ui, model, state);
    }
    // Its bar stands beside the buttons, not on them.
    let scroll = &mut ui.spacing_mut().scroll;
    scroll.floating_allocated_width = scroll.bar_width + scroll.bar_inner_margin;
    let whole = ScrollArea::vertical().id_salt("calls").auto_shrink(false).min_scrolled_height(0.0);
    let shown = whole.show(ui, |ui| {
        let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), LOW), Sense::hover());
        parts_ui(&mut ui.new_child(UiBuilder::new().max_rect(rect)), model, state)
    });
    shown.inner
}

fn parts_ui(ui: &mut Ui, model: &Model, state: &mut ViewState) -> Option<Action> {
    state.guest.calls.follow(&state.guest.call_text, model.exports());
    let view = &CallsView::new(model, state);
    let mut action = entry_ui(ui, view, model, state);
    if let Some(error) = &state.guest.call_error {
        let color = Palette::at(ui).tone(Tone::Bad);
        ui.label(RichText::new(error).small().color(color));
    }
    let room = (ui.available_height() * 0.4).max(60.0);
    ScrollArea::vertical().id_salt("arguments").max_height(room).auto_shrink([false, true]).show(ui, |ui| {
        let before = state.guest.call_text.clone();
        let entered = argument_fields_ui(ui, model.exports(), &mut state.guest.calls, &mut state.guest.call_text);
        if before != state.guest.call_text {
            state.guest.call_error = None;
        }
        action = entered.or(action.take());
    });
    action = pins_ui(ui, model).or(action);
    ui.add_space(4.0);
    ui.separator();
    if ui.available_width() >= WIDE {
        ui.columns(2, |columns| {
            // Columns come justified, which would stretch the words of wrapped text.
            let layout = Layout::top_down(Align::Min);
            let exports = columns[0].with_layout(layout, |ui| exports_ui(ui, view)).inner;
            let answers = columns[1].with_layout(layout, |ui| answers_ui(ui, model)).inner;
            action = answers.or(exports).or(action.take());
        });
    } else {
        // One below the other, and always so: what one is about to press stays where it is. An answer is what
        // one looks for after a call, so it is next to the field.
        let half = Vec2::new(ui.available_width(), ((ui.available_height() - SEPARATOR) * 0.5).max(0.0));
        let mut part = |ui: &mut Ui, content: &mut dyn FnMut(&mut Ui) -> Option<Action>| {
            let (rect, _) = ui.allocate_exact_size(half, Sense::hover());
            let mut part = ui.new_child(UiBuilder::new().max_rect(rect));
            // What has no room is scrolled to, and never lies over the other part.
            part.shrink_clip_rect(rect);
            action = content(&mut part).or(action.take());
        };
        part(ui, &mut |ui| answers_ui(ui, model));
        ui.separator();
        part(ui, &mut |ui| exports_ui(ui, view));
    }
    action
}

fn entry_ui(ui: &mut Ui, view: &CallsView, model: &Model, state: &mut ViewState) -> Option<Action> {
    let (entered, pressed) = Sides::new().height(26.0).shrink_left().show(
        ui,
        |ui| field_ui(ui, &view.hint, model, state),
        |ui| {
            let pin = pin_button(ui, view);
            action_button(ui, &view.call).or(pin)
        },
    );
    entered.or(pressed)
}

/// Pins what is entered, or unpins it where it is pinned; where neither can be done, it says why.
fn pin_button(ui: &mut Ui, view: &CallsView) -> Option<Action> {
    let l = Language::at(ui);
    let words = if matches!(view.pin.action, Action::Unpin(_)) { l.unpin() } else { l.pin() };
    let mut hint = tooltip(ui, &view.pin.action);
    if view.pin_changes && matches!(view.pin.action, Action::Pin(_)) {
        hint = format!("{hint}\n{}", l.pin_would_change());
    }
    let button = ui.add_enabled(view.pin.possible, Button::new(words));
    let response = button.on_hover_text(hint).on_disabled_hover_text(view.why_not.unwrap_or_default());
    response.clicked().then(|| view.pin.action.clone())
}

fn field_ui(ui: &mut Ui, example: &str, model: &Model, state: &mut ViewState) -> Option<Action> {
    let palette = Palette::at(ui);
    let l = Language::at(ui);
    // Before the field is drawn, so that it takes what is typed in this very frame.
    if let Some(wish @ (FocusWish::CallField | FocusWish::WholeCallField)) = state.guest.focus {
        ui.memory_mut(|memory| memory.request_focus(field_id()));
        match wish {
            FocusWish::WholeCallField => select_all(ui.ctx(), field_id(), &state.guest.call_text),
            _ => cursor_to_end(ui.ctx(), field_id(), &state.guest.call_text),
        }
        state.guest.focus = None;
    }
    let focused = ui.memory(|memory| memory.has_focus(field_id()));
    if focused {
        walk(ui, model, state);
    }
    let mut text = FieldText::new(ui, &mut state.guest.call_text);
    let field = TextEdit::singleline(text.buffer())
        .id(field_id())
        .font(TextStyle::Monospace)
        .hint_text(RichText::new(l.call_example(example)).weak())
        .frame(Frame::new().inner_margin(Margin::symmetric(8, 4)))
        .desired_width(f32::INFINITY);
    let hint = format!("{}\n{}", tooltip(ui, &Action::FocusCallField), l.call_field_hint());
    let frame = Frame::new().fill(palette.well).stroke((1.0, if focused { palette.accent } else { palette.weak }));
    let response =
        frame.corner_radius(4).show(ui, |ui| ui.add(field)).inner.on_hover_text(hint).accessible_name(l.call_field());
    if response.changed() {
        state.guest.call_error = None;
        state.guest.calls.walk = None;
    }
    if response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) {
        // The next call is entered in the same place.
        response.request_focus();
        state.guest.calls.walk = None;
        return Some(Action::Call(state.guest.call_text.clone()));
    }
    None
}

/// The arrows up and down bring earlier calls into the field, and at last back what was being typed.
fn walk(ui: &Ui, model: &Model, state: &mut ViewState) {
    let (up, down) = ui.input_mut(|input| {
        let mut pressed = |key| input.consume_key(Modifiers::NONE, key);
        (pressed(Key::ArrowUp), pressed(Key::ArrowDown))
    });
    let at = state.guest.calls.walk.take();
    let next = match (&at, up, down) {
        (None, true, _) => Some(0),
        (Some((steps, _)), true, _) => Some(steps + 1),
        (Some((steps, _)), _, true) => steps.checked_sub(1),
        (_, false, false) | (None, _, true) => {
            state.guest.calls.walk = at;
            return;
        }
    };
    let typed = at.as_ref().map_or_else(|| state.guest.call_text.clone(), |(_, typed)| typed.clone());
    match next {
        None => state.guest.call_text = typed,
        Some(steps) => match earlier(model, steps) {
            Some(call) => {
                state.guest.call_text = call;
                state.guest.calls.walk = Some((steps, typed));
            }
            // There is no earlier one.
            None => {
                state.guest.calls.walk = at;
                return;
            }
        },
    }
    state.guest.call_error = None;
    cursor_to_end(ui.ctx(), field_id(), &state.guest.call_text);
}

fn pins_ui(ui: &mut Ui, model: &Model) -> Option<Action> {
    let mut action = None;
    let pins = &model.calls.pins;
    ui.add_space(4.0);
    if pins.is_empty() {
        ui.label(RichText::new(Language::at(ui).pins_none()).weak());
        return None;
    }
    ui.label(RichText::new(Language::at(ui).pins_title()).small().weak());
    let room = (ui.available_height() * 0.35).clamp(30.0, 132.0);
    let area = ScrollArea::vertical().id_salt("pins").max_height(room).auto_shrink([false, true]);
    area.show_rows(ui, PIN_ROW, pins.len(), |ui, rows| {
        for pin in &pins[rows] {
            action = pin_ui(ui, model, pin).or(action.take());
        }
    });
    action
}

fn pin_ui(ui: &mut Ui, model: &Model, pin: &Pin) -> Option<Action> {
    let l = Language::at(ui);
    let is_wide = ui.available_width() >= WIDE;
    let (_, action) = Sides::new().height(PIN_ROW).shrink_left().truncate().show(
        ui,
        |ui| {
            // A long call leaves half of the line to its answer.
            let half = ui.available_width() * 0.5;
            let call = ui.scope(|ui| {
                ui.set_max_width(half);
                truncated(ui, RichText::new(shown(ui, &pin.call)).monospace().weak())
            });
            call.inner.on_hover_ui(|ui| pin_results_ui(ui, model, &pin.call));
            match &pin.latest {
                Some((version, answer)) => {
                    chip(ui, &version.to_string(), Palette::at(ui).weak).on_hover_text(l.pin_by(*version));
                    let color = color_of(ui, answer, Some(*version) != model.active);
                    let answer = truncated(ui, RichText::new(answer_text(ui, answer)).monospace().color(color));
                    answer.on_hover_ui(|ui| pin_results_ui(ui, model, &pin.call));
                }
                None => {
                    truncated(ui, RichText::new(l.pin_not_evaluated()).weak());
                }
            }
        },
        |ui| {
            let unpin = Action::Unpin(pin.call.clone());
            let hint = tooltip(ui, &unpin);
            let button =
                ui.small_button(l.unpin()).on_hover_text(hint).accessible_name(l.unpin_named(&shown(ui, &pin.call)));
            if changes_state(model, &pin.call) {
                let words = if is_wide { l.pin_changes() } else { l.pin_changes_short() };
                let color = Palette::at(ui).tone(Tone::Attention);
                ui.label(RichText::new(words).small().color(color)).on_hover_text(l.pin_changes_hint());
            }
            button.clicked().then_some(unpin)
        },
    );
    action
}

fn pin_results_ui(ui: &mut Ui, model: &Model, call: &str) {
    let l = Language::at(ui);
    let results = pin_results(model, call);
    ui.label(RichText::new(shown(ui, call)).monospace().strong());
    ui.label(RichText::new(if results.is_empty() { l.pin_no_results() } else { l.pin_results() }).small().weak());
    for (version, answer) in results.iter().take(LISTED_RESULTS) {
        ui.horizontal(|ui| {
            ui.label(RichText::new(version.to_string()).small());
            let color = answer_color(ui, answer);
            truncated(ui, RichText::new(answer_text(ui, answer)).monospace().color(color));
        });
    }
    if let Some(more) = results.len().checked_sub(LISTED_RESULTS + 1) {
        ui.label(RichText::new(l.pin_more(more + 1)).small().weak());
    }
}

fn exports_ui(ui: &mut Ui, view: &CallsView) -> Option<Action> {
    let mut action = None;
    ui.label(RichText::new(Language::at(ui).exports_of_active()).small().weak());
    if view.exports.is_empty() {
        empty_state(ui, view.no_exports.0, view.no_exports.1);
        return None;
    }
    let area = ScrollArea::vertical().id_salt("exports").auto_shrink([false, true]).min_scrolled_height(0.0);
    area.show(ui, |ui| {
        for export in &view.exports {
            action = export_ui(ui, export).or(action.take());
        }
    });
    action
}

fn export_ui(ui: &mut Ui, export: &ExportLine) -> Option<Action> {
    let begin = Action::BeginCall(export.template.clone());
    let hint = format!("{}\n{}", Language::at(ui).export_named(&export.name), export.template);
    // It can be pressed, so it must not look greyed.
    let signature = RichText::new(&export.signature).monospace().color(Palette::at(ui).strong);
    let button = Button::selectable(export.chosen, signature).wrap().frame(export.chosen);
    let response = ui.add(button).on_hover_text(hint);
    if !export.about.is_empty() {
        let about = RichText::new(&export.about).small().color(Palette::at(ui).text);
        ui.indent(("docs", &export.signature), |ui| ui.label(about));
    }
    ui.add_space(4.0);
    response.clicked().then_some(begin)
}

fn answers_ui(ui: &mut Ui, model: &Model) -> Option<Action> {
    let l = Language::at(ui);
    let mut log = model.calls.log();
    let Some(newest) = log.next() else {
        ui.label(RichText::new(l.answer_title()).small().weak());
        empty_state(ui, l.answers_none(), l.answers_none_how());
        return None;
    };
    ui.label(RichText::new(l.answer_title()).small().weak());
    let mut action = newest_ui(ui, &answer_line(newest, model.active, l));
    if log.len() == 0 {
        return action;
    }
    ui.add_space(4.0);
    ui.label(RichText::new(l.answers_earlier()).small().weak());
    let area = ScrollArea::vertical().id_salt("answers").auto_shrink([false, true]).min_scrolled_height(0.0);
    area.show_rows(ui, CALL_ROW, log.len(), |ui, rows| {
        let (skipped, shown) = (rows.start, rows.len());
        for (index, entry) in model.calls.log().enumerate().skip(skipped + 1).take(shown) {
            action = earlier_ui(ui, index, &answer_line(entry, model.active, l)).or(action.take());
        }
    });
    action
}

/// What another version than the active one returned is no longer what a call would give now. Trouble keeps its colour,
/// which says what it is.
fn color_of(ui: &Ui, answer: &Answer, is_others: bool) -> Color32 {
    match answer {
        Answer::Returned { .. } if is_others => Palette::at(ui).weak,
        _ => answer_color(ui, answer),
    }
}

/// The call that was made last, with the whole of its answer.
fn newest_ui(ui: &mut Ui, line: &AnswerLine) -> Option<Action> {
    let frame = Frame::new().fill(Palette::at(ui).well).corner_radius(4).inner_margin(Margin::symmetric(8, 6));
    frame
        .show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            let action = call_ui(ui, 0, line);
            let room = (ui.available_height() * 0.6).max(40.0);
            let area = ScrollArea::vertical().id_salt("answer").max_height(room).auto_shrink([false, true]);
            area.show(ui, |ui| match &line.answer {
                Some(answer) => {
                    let color = color_of(ui, answer, line.is_others);
                    ui.add(Label::new(RichText::new(answer_text(ui, answer)).monospace().color(color)).wrap());
                }
                None => {
                    ui.label(RichText::new("…").weak());
                }
            });
            action
        })
        .inner
}

/// A call that was made before, with the first line of its answer.
fn earlier_ui(ui: &mut Ui, index: usize, line: &AnswerLine) -> Option<Action> {
    let size = Vec2::new(ui.available_width(), CALL_ROW);
    ui.allocate_ui_with_layout(size, Layout::top_down(Align::Min), |ui| {
        ui.set_min_height(CALL_ROW);
        ui.spacing_mut().item_spacing.y = 1.0;
        let action = call_ui(ui, index, line);
        match &line.answer {
            Some(answer) => {
                let color = color_of(ui, answer, line.is_others);
                truncated(ui, RichText::new(answer_text(ui, answer)).monospace().color(color));
            }
            None => {
                ui.label(RichText::new("…").weak());
            }
        }
        action
    })
    .inner
}

/// The call and who answered it; a click puts it back into the entry field.
fn call_ui(ui: &mut Ui, index: usize, line: &AnswerLine) -> Option<Action> {
    let builder = UiBuilder::new().scope_id(Id::unique(("answer", index))).sense(Sense::click());
    let edit = Action::EditCall(line.call.clone());
    let l = Language::at(ui);
    let call = shown(ui, &line.call).into_owned();
    let hint = format!("{}: {call}", edit.tooltip(l));
    let head = ui
        .scope_builder(builder, |ui| {
            Sides::new().height(18.0).shrink_left().truncate().show(
                ui,
                |ui| truncated(ui, RichText::new(&call).monospace().weak()),
                |ui| truncated(ui, RichText::new(&line.by).small().weak()),
            );
        })
        .response;
    head.widget_info(|| WidgetInfo::labeled(Role::Button, true, l.answer_edit(&call)));
    head.on_hover_text(hint).clicked().then_some(edit)
}
