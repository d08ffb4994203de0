//! The list of versions: what there is, what runs, what each change did, and the way back. Rows
//! that are out of view are neither made nor drawn; what a row shows and how high it is does not
//! depend on the pointer, so that a second click hits what the first one hit.

use eframe::egui::{
    Button, CornerRadius, EventFilter, Frame, Id, Key, Margin, Popup, Rect, Response, RichText, ScrollArea, Sense,
    Sides, Stroke, StrokeKind, TextEdit, TextStyle, Ui, UiBuilder, Vec2, WidgetInfo, accesskit::Role,
    containers::menu::MenuButton,
};
use exuvia_runtime::call::Answer;
use exuvia_runtime::ids::{Timestamp, VersionNumber};
use exuvia_runtime::session::status::Tone;

use super::super::actions::Action;
use super::super::figure::shown;
use super::super::theme::Palette;
use super::super::view_state::{FocusWish, ViewState};
use super::super::widgets::{
    Offer, answer_color, answer_text, chip, chip_width, dot, empty_state, named_action_button, text_width, tooltip,
    truncated,
};
use super::stage_bar::{Scale, scale_words, spoken, stages_table, thin_bar};
use super::version_rows::{FailureRow, ListRow, VersionLine, VersionsView};
use super::versions_state::{Places, sizes};
use crate::model::{Model, Row};
use crate::text::Language;

/// The widget of a version's row, which is the same wherever the row stands.
pub(crate) fn row_id(version: VersionNumber) -> Id {
    Id::unique(("version row", version.0))
}

/// Draws the list. A focus wish that it fulfils is taken.
pub(crate) fn versions_ui(ui: &mut Ui, model: &Model, state: &mut ViewState, now: Timestamp) -> Option<Action> {
    let mut action = None;
    if !model.history.is_empty() {
        action = filter_ui(ui, model, state);
    }
    let view = VersionsView::new(model, state);
    if view.rows.is_empty() {
        empty_state(ui, &view.empty.0, view.empty.1);
        return action;
    }
    let places = Places::new(&view.rows);
    let mut area = ScrollArea::vertical().id_salt("versions").auto_shrink(false);
    let room = ui.available_height();
    let mut to_focus = None;
    if let Some(FocusWish::Version(version)) = state.guest.focus {
        // One that the filter keeps out is not waited for.
        state.guest.focus = None;
        to_focus = Some(version);
        if let Some(index) = view.place_of(version) {
            let offset = places.reveal(index, state.guest.versions.offset, room);
            area = area.vertical_scroll_offset(offset.max(0.0));
        }
    }
    let output = area.show_viewport(ui, |ui, viewport| {
        ui.set_height(places.height());
        let (left, top, width) = (ui.max_rect().left(), ui.max_rect().top(), ui.available_width());
        let shown = places.in_view(viewport.min.y, viewport.max.y);
        let versions = shown.clone().filter(|index| matches!(view.rows.get(*index), Some(Row::Version(_)))).count();
        state.guest.versions.page = versions.saturating_sub(1);
        for index in shown {
            let place = places.of(index);
            let rect = Rect::from_x_y_ranges(left..=left + width, top + place.start..=top + place.end);
            let asked = match view.row(index, state, now) {
                Some(ListRow::Version(line)) => {
                    version_ui(ui, rect, &line, view.scale, to_focus == Some(line.number), (index, view.rows.len()))
                }
                Some(ListRow::Failure(row)) => failure_ui(ui, rect, &row),
                None => None,
            };
            action = asked.or(action.take());
        }
    });
    state.guest.versions.offset = output.state.clamped_offset().y;
    action
}

/// The filter, and how many rows it lets pass.
fn filter_ui(ui: &mut Ui, model: &Model, state: &mut ViewState) -> Option<Action> {
    let l = state.language;
    let (mut action, mut clear) = (None, false);
    let found = state.guest.versions.count(model).map(|found| l.versions_found(found, model.history.len()));
    Sides::new().height(22.0).shrink_left().show(
        ui,
        |ui| {
            let (palette, id) = (Palette::at(ui), Id::unique("version filter"));
            // Before the field is drawn, so that it takes what is typed in this very frame.
            if state.guest.focus == Some(FocusWish::VersionFilter) {
                ui.memory_mut(|memory| memory.request_focus(id));
                state.guest.focus = None;
            }
            let focused = ui.memory(|memory| memory.has_focus(id));
            let stroke = Stroke::new(1.0, if focused { palette.accent } else { palette.weak });
            let frame = Frame::new().fill(palette.well).stroke(stroke).corner_radius(CornerRadius::same(4));
            let hint = RichText::new(l.versions_filter_hint()).color(palette.weak);
            let field = TextEdit::singleline(&mut state.guest.versions.filter).id(id).hint_text(hint);
            let field = field.frame(frame.inner_margin(Margin::symmetric(7, 2))).desired_width(f32::INFINITY);
            let response = ui.add(field).accessible_name(l.versions_filter_label());
            let pressed = |key| ui.input(|input| input.key_pressed(key));
            let had_keyboard = response.has_focus() || response.lost_focus();
            if response.lost_focus() && pressed(Key::Escape) {
                state.guest.versions.filter.clear();
            } else if had_keyboard && (pressed(Key::Enter) || pressed(Key::ArrowDown)) {
                // On into the list.
                action = state.guest.versions.shown_versions(model).last().map(|version| Action::Select(*version));
            }
            response.on_hover_text(l.versions_filter_about());
        },
        |ui| {
            if let Some(found) = found {
                let button = ui.add(Button::new("×").small()).accessible_name(l.versions_clear_filter());
                clear = button.on_hover_text(l.versions_clear_filter()).clicked();
                ui.label(RichText::new(found).small().color(Palette::at(ui).weak));
            }
        },
    );
    if clear {
        state.guest.versions.filter.clear();
    }
    ui.add_space(3.0);
    action
}

/// A row's ground, and its widget: `content` is drawn inside.
fn row_ui(ui: &mut Ui, rect: Rect, id: Id, selected: bool, spoken: &str, content: impl FnOnce(&mut Ui)) -> Response {
    let palette = Palette::at(ui);
    let builder = UiBuilder::new().scope_id(id).max_rect(rect).sense(Sense::click());
    let response = ui
        .scope_builder(builder, |ui| {
            ui.expand_to_include_rect(rect);
            let fill = match () {
                () if selected => palette.selected,
                () if ui.response().contains_pointer() => palette.hovered,
                () => palette.panel,
            };
            ui.painter().rect_filled(rect, CornerRadius::same(5), fill);
            content(ui);
        })
        .response;
    response.widget_info(|| WidgetInfo::labeled(Role::ListBoxOption, true, spoken));
    ui.ctx().accesskit_node_builder(id, |node| node.set_selected(selected));
    if response.has_focus() {
        let stroke = Stroke::new(1.0, palette.accent);
        ui.painter().rect_stroke(rect, CornerRadius::same(5), stroke, StrokeKind::Inside);
    }
    response
}

fn version_ui(
    ui: &mut Ui,
    rect: Rect,
    line: &VersionLine,
    scale: Scale,
    to_focus: bool,
    (index, all): (usize, usize),
) -> Option<Action> {
    let id = row_id(line.number);
    let mut action = None;
    let response = row_ui(ui, rect, id, line.selected, &line.spoken, |ui| {
        let inner = rect.shrink2(Vec2::new(8.0, sizes::MARGIN));
        ui.scope_builder(UiBuilder::new().max_rect(inner), |ui| {
            ui.spacing_mut().item_spacing.y = sizes::GAP;
            action = lines_ui(ui, line, scale);
        });
        let bar = Rect::from_min_max(inner.left_bottom() - Vec2::new(0.0, sizes::BAR), inner.right_bottom());
        thin_bar(ui.painter(), bar, Palette::at(ui), &line.durations, scale);
        // A line is hard to hit.
        let over = ui.interact(bar.expand2(Vec2::new(0.0, 5.0)), id.with("stages"), Sense::hover());
        let stages = spoken(&line.durations, Language::at(ui));
        over.widget_info(|| WidgetInfo::labeled(Role::Label, true, &stages));
        over.on_hover_ui(|ui| stages_ui(ui, line, scale));
    });
    ui.ctx().accesskit_node_builder(id, |node| {
        node.set_position_in_set(index);
        node.set_size_of_set(all);
    });
    if to_focus {
        response.request_focus();
    }
    if response.has_focus() || to_focus {
        // Arrows walk through the list and not to the nearest widget.
        let filter = EventFilter { vertical_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
    }
    let menu = Popup::context_menu(&response).show(|ui| menu_ui(ui, line)).and_then(|shown| shown.inner);
    if response.double_clicked() {
        return Some(Action::Activate(line.number));
    }
    menu.or(action).or_else(|| response.clicked().then_some(Action::Select(line.number)))
}

/// What can be done with a version, each with the key that does it with the selected one.
fn menu_ui(ui: &mut Ui, line: &VersionLine) -> Option<Action> {
    let mut action = None;
    ui.set_min_width(230.0);
    for (offer, words, keys) in &line.menu {
        let mut button = Button::new(words);
        if let Some(shortcut) = keys.shortcuts().first() {
            button = button.shortcut_text(ui.ctx().format_shortcut(&shortcut.key));
        }
        action = named_action_button(ui, offer, button).or(action);
    }
    action
}

/// How wide the first line is with everything in it.
fn words_width(ui: &Ui, line: &VersionLine) -> f32 {
    let small = |text: &str| text_width(ui, text, TextStyle::Small.resolve(ui.style()));
    let active = line.active.then(|| Language::at(ui).mark_active());
    let chips = active.into_iter().chain(line.marks.iter().map(|mark| mark.text.as_str()));
    let (chips, count) = chips.fold((0.0, 0.0), |(sum, count), text| (sum + chip_width(ui, text), count + 1.0));
    let number = text_width(ui, &line.number.to_string(), TextStyle::Body.resolve(ui.style()));
    let more = small("…") + 2.0 * ui.spacing().button_padding.x;
    // The dot, and the spaces: between all, and twice in the middle.
    10.0 + number + chips + small(&line.age) + more + (count + 5.0) * ui.spacing().item_spacing.x
}

/// The tooltip of a version's time: the stages, and how the bar shows them.
fn stages_ui(ui: &mut Ui, line: &VersionLine, scale: Scale) {
    stages_table(ui, &line.durations);
    ui.label(RichText::new(scale_words(&line.durations, scale, Language::at(ui))).small());
}

fn lines_ui(ui: &mut Ui, line: &VersionLine, scale: Scale) -> Option<Action> {
    let palette = Palette::at(ui);
    let l = Language::at(ui);
    let mut action = None;
    let age = || RichText::new(&line.age).small().color(palette.weak);
    // The words about it are not cut for the age: it then stands in the next line.
    let age_above = words_width(ui, line) <= ui.available_width();
    Sides::new().height(sizes::LINE).shrink_left().truncate().show(
        ui,
        |ui| {
            dot(ui, line.active.then_some(palette.accent));
            truncated(ui, RichText::new(line.number.to_string()).strong().color(palette.strong));
            if line.active {
                chip(ui, l.mark_active(), palette.accent);
            }
            for mark in &line.marks {
                let color = mark.tone.map_or(palette.weak, |tone| palette.tone(tone));
                chip(ui, &mark.text, color).on_hover_text(shown(ui, &mark.hint));
            }
        },
        |ui| {
            let more = Button::new("…").small().frame_when_inactive(false);
            let name = l.versions_actions(line.number);
            let (response, shown) = MenuButton::from_button(more).ui(ui, |ui| menu_ui(ui, line));
            response.accessible_name(&name).on_hover_text(name);
            action = shown.and_then(|shown| shown.inner);
            if age_above {
                truncated(ui, age());
            }
        },
    );
    Sides::new().height(sizes::LINE).shrink_left().truncate().show(
        ui,
        |ui| {
            dot(ui, None);
            truncated(ui, RichText::new(&line.cause).small()).on_hover_text(shown(ui, &line.cause_hint));
        },
        |ui| {
            if let Some((offer, words)) = &line.activate {
                action = small_button(ui, offer, words).or(action.take());
            }
            truncated(ui, RichText::new(&line.total).small().color(palette.text))
                .on_hover_ui(|ui| stages_ui(ui, line, scale));
            if !age_above {
                truncated(ui, age());
            }
        },
    );
    if let Some((_, answer)) = line.pinned.first() {
        ui.allocate_ui(Vec2::new(ui.available_width(), sizes::SMALL), |ui| {
            ui.horizontal(|ui| pinned_ui(ui, line, answer.as_ref()));
        });
    }
    if !line.note.is_empty() {
        ui.allocate_ui(Vec2::new(ui.available_width(), sizes::SMALL), |ui| {
            ui.horizontal(|ui| {
                dot(ui, None);
                let text = RichText::new(shown(ui, line.note.lines().next().unwrap_or_default())).small().italics();
                truncated(ui, text.color(palette.text)).on_hover_text(shown(ui, &line.note));
            });
        });
    }
    action
}

fn pinned_ui(ui: &mut Ui, line: &VersionLine, answer: Option<&Answer>) {
    dot(ui, None);
    let l = Language::at(ui);
    let more = line.pinned.len() - 1;
    let said = |answer: Option<&Answer>| answer.map_or(l.pin_not_evaluated().to_owned(), ToString::to_string);
    let text = match answer {
        Some(answer) => RichText::new(answer_text(ui, answer)).text_style(TextStyle::Monospace).size(12.0),
        None => RichText::new(said(answer)).small(),
    };
    let one = |(call, answer): &(String, Option<Answer>)| format!("{call}\n{}", said(answer.as_ref()));
    let all = || line.pinned.iter().map(one).collect::<Vec<_>>().join("\n\n");
    let color = answer.map_or(Palette::at(ui).weak, |answer| answer_color(ui, answer));
    if more == 0 {
        truncated(ui, text.color(color)).on_hover_text(shown(ui, &all()));
        return;
    }
    Sides::new().height(sizes::SMALL).shrink_left().truncate().show(
        ui,
        |ui| truncated(ui, text.color(color)).on_hover_ui(|ui| drop(ui.label(shown(ui, &all())))),
        |ui| {
            let more = RichText::new(l.pinned_more(more)).small().color(Palette::at(ui).weak);
            truncated(ui, more).on_hover_ui(|ui| drop(ui.label(shown(ui, &all()))));
        },
    );
}

/// Its name says which version, and what it shows is short: the row says that already.
fn small_button(ui: &mut Ui, offer: &Offer, words: &str) -> Option<Action> {
    let text = RichText::new(words).text_style(TextStyle::Small);
    named_action_button(ui, offer, Button::new(text).small())
}

fn failure_ui(ui: &mut Ui, rect: Rect, row: &FailureRow) -> Option<Action> {
    let palette = Palette::at(ui);
    let id = Id::unique(("failure row", row.key));
    let response = row_ui(ui, rect, id, row.shown, &row.spoken, |ui| {
        let inner = rect - Margin::symmetric(8, 1);
        ui.scope_builder(UiBuilder::new().max_rect(inner), |ui| {
            Sides::new().height(inner.height()).shrink_left().truncate().show(
                ui,
                |ui| {
                    dot(ui, None);
                    truncated(ui, RichText::new(row.what).small().color(palette.tone(Tone::Bad)));
                    truncated(ui, RichText::new(&row.cause).small().color(palette.weak));
                },
                |ui| truncated(ui, RichText::new(&row.age).small().color(palette.weak)),
            );
        });
    });
    let response = response.on_hover_ui(|ui| {
        ui.label(shown(ui, &row.hint));
        if row.durations.total() > 0 {
            stages_table(ui, &row.durations);
        }
        ui.label(RichText::new(tooltip(ui, &Action::ShowFailure(row.key))).small().weak());
        ui.label(RichText::new(Language::at(ui).build_number_hint()).small().weak());
    });
    response.clicked().then_some(Action::ShowFailure(row.key))
}

#[cfg(test)]
#[path = "versions_tests.rs"]
mod tests;
