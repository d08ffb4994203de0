//! Timeline: what each attempt cost, stage by stage, newest above.

use eframe::egui::{
    Align2, Checkbox, CornerRadius, Label, Pos2, Rect, RichText, ScrollArea, Sense, Stroke, StrokeKind, TextStyle, Ui,
    UiBuilder, Vec2, WidgetInfo, accesskit::Role,
};
use exuvia_runtime::session::status::Tone;

use super::super::actions::Action;
use super::super::theme::Palette;
use super::super::view_state::ViewState;
use super::super::widgets::{empty_state, outlined, text_width};
use super::stage_bar::{Scale, full_bar, legend, spoken, stages_table};
use crate::model::timeline::{Attempt, AttemptEnd, AttemptOf, ENOUGH, Slow, axis, save_to_running, tick, total};
use crate::model::{Model, words};

/// What the timeline remembers.
#[derive(Debug, Default)]
pub(crate) struct TimelineState {
    /// Whether cargo's time is left out.
    pub(crate) without_build: bool,
}

/// What the timeline shows.
#[derive(Debug)]
pub(crate) struct TimelineView<'a> {
    /// The attempts, newest first.
    attempts: Vec<Attempt<'a>>,
    /// What the bars are drawn to.
    scale: Scale,
    /// What a save costs, in words.
    summary: String,
    /// What would make it cheaper.
    advice: Option<String>,
}

impl<'a> TimelineView<'a> {
    /// What the model says.
    pub(crate) fn new(model: &'a Model, view: &ViewState) -> Self {
        let (l, with_build) = (view.language, !view.guest.timeline.without_build);
        let attempts: Vec<_> = model.history.rows().into_iter().map(Attempt::of).collect();
        let scale = Scale { axis: axis(attempts.iter().map(|one| total(one.durations, with_build))), with_build };
        let summary = match save_to_running(attempts.iter(), with_build) {
            None => l.timeline_no_saves().to_owned(),
            Some(saves) => {
                let median = words::duration(saves.median);
                let slow = match saves.slow {
                    Slow::Slowest(slowest) => l.timeline_slowest(&words::duration(slowest)),
                    Slow::P95(p95) => l.timeline_p95(&words::duration(p95)),
                };
                let counted = l.saves(saves.counted);
                if with_build {
                    l.timeline_saves(&median, &slow, &counted)
                } else {
                    l.timeline_own(&median, &slow, &counted)
                }
            }
        };
        Self { attempts, scale, summary, advice: model.advice().map(|advice| l.advice(advice)) }
    }
}

/// The name's column, and the total's.
const NAME: f32 = 70.0;
const TOTAL: f32 = 74.0;
/// A row, and its bar.
const ROW: f32 = 22.0;
const BAR: f32 = 16.0;

/// Draws the panel.
pub(crate) fn timeline_ui(ui: &mut Ui, model: &Model, state: &mut ViewState) -> Option<Action> {
    let l = state.language;
    if model.history.is_empty() {
        empty_state(ui, l.timeline_none(), l.timeline_none_how());
        return None;
    }
    let view = TimelineView::new(model, state);
    let mut action = None;
    ui.horizontal_wrapped(|ui| {
        let button = TextStyle::Button.resolve(ui.style());
        let words = text_width(ui, &view.summary, TextStyle::Body.resolve(ui.style()));
        let switch = text_width(ui, l.timeline_without_build(), button) + 40.0;
        ui.label(RichText::new(&view.summary)).on_hover_text(l.timeline_saves_hint(ENOUGH));
        // At the right where there is room, else in the next row.
        ui.add_space((ui.available_size_before_wrap().x - switch).max(0.0));
        if words + switch > ui.max_rect().width() {
            ui.end_row();
        }
        outlined(ui, Checkbox::new(&mut state.guest.timeline.without_build, l.timeline_without_build()))
            .on_hover_text(l.timeline_without_build_hint());
    });
    if let Some(advice) = &view.advice {
        ui.label(RichText::new(advice).small().color(Palette::at(ui).weak));
    }
    legend(ui, view.scale.with_build);
    axis_ui(ui, view.scale);
    ui.spacing_mut().item_spacing.y = 0.0;
    ScrollArea::vertical().id_salt("timeline").auto_shrink(false).show_rows(
        ui,
        ROW,
        view.attempts.len(),
        |ui, rows| {
            ticks(ui, view.scale.axis, bars(ui.max_rect()), false);
            for attempt in view.attempts.get(rows).unwrap_or_default() {
                action = attempt_ui(ui, attempt, view.scale, state).or(action.take());
            }
        },
    );
    action
}

/// The part of a row where bars are.
fn bars(row: Rect) -> Rect {
    Rect::from_x_y_ranges(row.left() + NAME..=(row.right() - TOTAL).max(row.left() + NAME + 20.0), row.y_range())
}

/// The numbers above the bars.
fn axis_ui(ui: &mut Ui, scale: Scale) {
    let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 14.0), Sense::hover());
    ticks(ui, scale.axis, bars(rect), true);
}

/// Lines at round numbers; with the numbers, where there is room.
fn ticks(ui: &Ui, axis: u64, rect: Rect, with_words: bool) {
    let palette = Palette::at(ui);
    let step = tick(axis.max(1));
    let font = TextStyle::Small.resolve(ui.style());
    let mut free_from = f32::NEG_INFINITY;
    for at in (0..=axis / step).map(|count| count * step) {
        #[expect(clippy::cast_precision_loss, reason = "points on a screen")]
        let x = rect.left() + rect.width() * (at as f32 / axis.max(1) as f32);
        if with_words {
            let words = if at == 0 { "0".to_owned() } else { words::duration(at) };
            let galley = ui.painter().layout_no_wrap(words, font.clone(), palette.weak);
            let place = Align2::CENTER_TOP.anchor_size(Pos2::new(x, rect.top()), galley.size());
            if place.left() >= free_from {
                free_from = place.right() + 8.0;
                ui.painter().galley(place.min, galley, palette.weak);
            }
        } else {
            ui.painter().vline(x, rect.y_range(), Stroke::new(1.0, palette.line.gamma_multiply(0.6)));
        }
    }
}

fn attempt_ui(ui: &mut Ui, attempt: &Attempt<'_>, scale: Scale, state: &ViewState) -> Option<Action> {
    let (palette, l) = (Palette::at(ui), state.language);
    let (name, selected, action) = match attempt.of {
        AttemptOf::Version(version) => {
            (version.to_string(), state.guest.selected == Some(version), Action::Select(version))
        }
        AttemptOf::Failure(key) => {
            (l.build_number(key.generation.0), state.guest.shown_failure == Some(key), Action::ShowFailure(key))
        }
    };
    let micros = total(attempt.durations, scale.with_build);
    let took = if micros > 0 { words::duration(micros) } else { String::new() };
    let ended = match attempt.end {
        AttemptEnd::Ran => None,
        AttemptEnd::Refused => Some(l.timeline_refused()),
        AttemptEnd::Faulted => Some(l.mark_faulted()),
        AttemptEnd::NotBuilt => Some(l.row_build_failed()),
        AttemptEnd::NotLoaded => Some(l.row_load_failed()),
    };
    let cause = l.cause(attempt.cause);
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), ROW), Sense::click());
    let stages = spoken(attempt.durations, l);
    let heard = [name.as_str(), &cause, ended.unwrap_or_default(), &took, &stages];
    let heard = heard.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(", ");
    response.widget_info(|| WidgetInfo::labeled(Role::ListBoxOption, true, &heard));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_selected(selected));
    let fill = match () {
        () if selected => Some(palette.selected),
        () if response.hovered() => Some(palette.hovered),
        () => None,
    };
    if let Some(fill) = fill {
        ui.painter().rect_filled(rect, CornerRadius::same(4), fill);
    }
    if response.has_focus() {
        ui.painter().rect_stroke(rect, CornerRadius::same(4), Stroke::new(1.0, palette.accent), StrokeKind::Inside);
    }
    let font = TextStyle::Body.resolve(ui.style());
    let failed = matches!(attempt.of, AttemptOf::Failure(_));
    let color = if failed { palette.tone(Tone::Bad) } else { palette.strong };
    ui.painter().text(rect.left_center() + Vec2::new(6.0, 0.0), Align2::LEFT_CENTER, name, font, color);
    let room = bars(rect);
    let bar = Rect::from_center_size(room.center(), Vec2::new(room.width(), BAR));
    let end = full_bar(ui, bar, attempt.durations, scale);
    if let Some(ended) = ended {
        ended_ui(ui, room, end, ended, if micros > 0 { None } else { Some(l.timeline_unmeasured()) });
    }
    let small = TextStyle::Small.resolve(ui.style());
    ui.painter().text(rect.right_center() - Vec2::new(6.0, 0.0), Align2::RIGHT_CENTER, took, small, palette.text);
    let response = response.on_hover_ui(|ui| {
        ui.label(RichText::new(&cause).color(Palette::at(ui).strong));
        if let Some(ended) = ended {
            ui.label(RichText::new(ended).color(Palette::at(ui).tone(Tone::Bad)));
        }
        if let Some(path) = l.build_path(attempt.path) {
            ui.label(path);
        }
        if failed {
            ui.label(RichText::new(l.build_number_hint()).small().color(Palette::at(ui).weak));
        }
        stages_table(ui, attempt.durations);
    });
    response.clicked().then_some(action)
}

/// Where it ended: a cross, and in words as far as there is room.
fn ended_ui(ui: &mut Ui, room: Rect, end: f32, words: &str, why_empty: Option<&str>) {
    let bad = Palette::at(ui).tone(Tone::Bad);
    let center = Pos2::new((end + 9.0).min(room.right() - 6.0), room.center().y);
    for diagonal in [Vec2::splat(3.5), Vec2::new(3.5, -3.5)] {
        ui.painter().line_segment([center - diagonal, center + diagonal], Stroke::new(1.8, bad));
    }
    let place = Rect::from_min_max(Pos2::new(center.x + 9.0, room.top()), room.right_bottom());
    if place.width() > 30.0 {
        let words = why_empty.map_or_else(|| words.to_owned(), |why| format!("{words}, {why}"));
        ui.scope_builder(UiBuilder::new().max_rect(place), |ui| {
            ui.horizontal_centered(|ui| {
                ui.add(Label::new(RichText::new(words).small().color(bad)).truncate().selectable(false));
            });
        });
    }
}

#[cfg(test)]
#[path = "timeline_tests.rs"]
mod tests;
