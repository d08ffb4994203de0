//! The list of versions: what there is, what runs, what each change did, and the way back.

use eframe::egui::{
    Align, Button, CornerRadius, EventFilter, Frame, Id, Margin, RichText, ScrollArea, Sense, Sides, Stroke,
    StrokeKind, TextStyle, Ui, UiBuilder, WidgetInfo, accesskit::Role,
};
use exuvia_runtime::ids::{Timestamp, VersionNumber};
use exuvia_runtime::session::status::Tone;

use super::super::actions::Action;
use super::super::theme::Palette;
use super::super::view_state::{FocusWish, ViewState};
use super::super::widgets::{Offer, answer_color, chip, dot, empty_state, named_action_button, truncated};
use super::version_rows::{FailureRow, ListRow, VersionLine, VersionsView};
use crate::model::Model;
use crate::text::Language;

/// The widget of a version's row, which is the same wherever the row stands.
pub(crate) fn row_id(version: VersionNumber) -> Id {
    Id::unique(("version row", version.0))
}

/// Draws the list. A focus wish that it fulfils is taken.
pub(crate) fn versions_ui(ui: &mut Ui, model: &Model, state: &mut ViewState, now: Timestamp) -> Option<Action> {
    let view = VersionsView::new(model, state, now);
    let focus = &mut state.focus;
    if view.rows.is_empty() {
        empty_state(ui, view.empty.0, view.empty.1);
        return None;
    }
    let mut action = None;
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 3.0;
        for row in &view.rows {
            let asked = match row {
                ListRow::Version(line) => version_ui(ui, line, focus),
                ListRow::Failure(row) => failure_ui(ui, row),
            };
            action = asked.or(action.take());
        }
    });
    action
}

fn version_ui(ui: &mut Ui, line: &VersionLine, focus: &mut Option<FocusWish>) -> Option<Action> {
    let palette = Palette::at(ui);
    let id = row_id(line.number);
    let mut action = None;
    let builder = UiBuilder::new().scope_id(id).sense(Sense::click());
    let response = ui
        .scope_builder(builder, |ui| {
            let before = ui.response();
            let fill = match () {
                () if line.selected => palette.selected,
                () if before.hovered() => palette.hovered,
                () => palette.panel,
            };
            Frame::new().fill(fill).corner_radius(CornerRadius::same(5)).inner_margin(Margin::symmetric(8, 5)).show(
                ui,
                |ui| {
                    ui.spacing_mut().item_spacing.y = 2.0;
                    ui.set_width(ui.available_width());
                    action = lines_ui(ui, line);
                },
            );
        })
        .response;
    response.widget_info(|| WidgetInfo::labeled(Role::ListBoxOption, true, &line.spoken));
    ui.ctx().accesskit_node_builder(id, |node| node.set_selected(line.selected));
    if *focus == Some(FocusWish::Version(line.number)) {
        response.request_focus();
        response.scroll_to_me(None);
        *focus = None;
    }
    if response.has_focus() {
        // Arrows walk through the list and not to the nearest widget.
        let filter = EventFilter { vertical_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
        ui.painter().rect_stroke(
            response.rect,
            CornerRadius::same(5),
            Stroke::new(1.0, palette.accent),
            StrokeKind::Inside,
        );
    }
    if response.double_clicked() {
        return Some(Action::Activate(line.number));
    }
    action.or_else(|| response.clicked().then_some(Action::Select(line.number)))
}

fn lines_ui(ui: &mut Ui, line: &VersionLine) -> Option<Action> {
    let palette = Palette::at(ui);
    let mut action = None;
    Sides::new().height(20.0).shrink_left().truncate().show(
        ui,
        |ui| {
            dot(ui, line.active.then_some(palette.accent));
            truncated(ui, RichText::new(line.number.to_string()).strong().color(palette.strong));
            if line.active {
                chip(ui, "active", palette.accent);
            }
            for mark in &line.marks {
                let color = mark.tone.map_or(palette.weak, |tone| palette.tone(tone));
                chip(ui, &mark.text, color).on_hover_text(&mark.hint);
            }
        },
        |ui| {
            // In a narrow list the marks have the room.
            let wide = ui.available_width() >= 300.0;
            let text = if wide { format!("{} · {}", line.age, line.total) } else { line.age.clone() };
            truncated(ui, RichText::new(text).small().weak()).on_hover_text(&line.stages);
        },
    );
    Sides::new().height(20.0).shrink_left().truncate().show(
        ui,
        |ui| {
            dot(ui, None);
            truncated(ui, RichText::new(&line.cause).small()).on_hover_text(&line.cause_hint);
        },
        |ui| {
            if let Some(offer) = &line.activate {
                action = small_button(ui, offer, &line.activate_words);
            }
            if let Some(offer) = &line.keep {
                action = small_button(ui, offer, &offer.action.label(Language::at(ui))).or(action.take());
            }
        },
    );
    for (call, answer) in &line.pinned {
        ui.horizontal(|ui| {
            dot(ui, None);
            let color = answer_color(ui, answer);
            truncated(ui, RichText::new(answer.to_string()).text_style(TextStyle::Monospace).size(12.0).color(color))
                .on_hover_text(format!("{call}\n{answer}"));
        });
    }
    action
}

fn small_button(ui: &mut Ui, offer: &Offer, words: &str) -> Option<Action> {
    let text = RichText::new(words).text_style(TextStyle::Small);
    named_action_button(ui, offer, Button::new(text).small())
}

fn failure_ui(ui: &mut Ui, row: &FailureRow) -> Option<Action> {
    let palette = Palette::at(ui);
    let id = Id::unique(("failure row", row.key));
    let builder = UiBuilder::new().scope_id(id).sense(Sense::click());
    let response = ui
        .scope_builder(builder, |ui| {
            let fill = if row.shown {
                palette.selected
            } else if ui.response().hovered() {
                palette.hovered
            } else {
                palette.panel
            };
            Frame::new().fill(fill).corner_radius(CornerRadius::same(5)).inner_margin(Margin::symmetric(8, 0)).show(
                ui,
                |ui| {
                    Sides::new().height(18.0).shrink_left().truncate().show(
                        ui,
                        |ui| {
                            dot(ui, None);
                            let color = palette.tone(Tone::Bad);
                            truncated(ui, RichText::new(row.what).small().color(color));
                            truncated(ui, RichText::new(&row.cause).small().weak());
                        },
                        |ui| {
                            truncated(ui, RichText::new(&row.age).small().weak());
                        },
                    );
                },
            );
        })
        .response;
    response.widget_info(|| WidgetInfo::labeled(Role::ListBoxOption, true, &row.spoken));
    ui.ctx().accesskit_node_builder(id, |node| node.set_selected(row.shown));
    if response.has_focus() {
        ui.painter().rect_stroke(
            response.rect,
            CornerRadius::same(5),
            Stroke::new(1.0, palette.accent),
            StrokeKind::Inside,
        );
        response.scroll_to_me(Some(Align::Center));
    }
    let response = response.on_hover_text(&row.hint);
    response.clicked().then_some(Action::ShowFailure(row.key))
}
