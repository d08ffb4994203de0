//! The experiment page: four ways of loading changed code, run for real, side by side.

use eframe::egui::{
    Align, Align2, Checkbox, Color32, CornerRadius, FontId, Frame, Label, Layout, Margin, Pos2, RichText, ScrollArea,
    Sense, Sides, Stroke, TextStyle, Ui, Vec2,
};
use exuvia_runtime::session::status::Tone;

use super::super::actions::Action;
use super::super::figure::shown;
use super::super::theme::Palette;
use super::super::widgets::{Offer, action_button, chip, chip_width, outlined, text_width, tooltip, wrap_before};
use super::experiment_lines::{LaneView, StepLine, number};
use super::{back_ui, back_width};
use crate::model::Model;
use crate::model::experiment::{ExperimentRun, Stage};
use crate::model::words::duration;
use crate::text::Language;

/// What the page shows.
#[derive(Debug)]
pub(crate) struct ExperimentView {
    /// The lanes.
    pub(crate) lanes: [LaneView; 4],
    /// The two builds: what each prints, and its file.
    pub(crate) builds: Option<[(String, String); 2]>,
    /// A word about the run, its colour's meaning, and a sentence.
    pub(crate) state: Option<(String, Tone, String)>,
    /// What stands there before the first run.
    pub(crate) begin: Option<&'static str>,
    /// The buttons.
    pub(crate) buttons: Vec<Offer>,
    /// Whether the guest has a thread-local with a destructor.
    pub(crate) thread_local: bool,
}

impl ExperimentView {
    /// What the model says.
    pub(crate) fn new(model: &Model, l: Language) -> Self {
        let run = &model.experiment;
        // The same ones in the same places always: none comes up under a pointer that is about to click.
        let buttons = [Action::RunExperiment, Action::StepExperiment, Action::ResetExperiment, Action::StopExperiment];
        Self {
            lanes: [0, 1, 2, 3].map(|index| LaneView::new(run, &run.lanes[index], l)),
            builds: run.prepared.as_ref().map(|prepared| {
                [(&prepared.old_text, &prepared.first), (&prepared.new_text, &prepared.second)]
                    .map(|(text, file)| (format!("“{text}”"), number(file)))
            }),
            state: state(run, l),
            begin: (run.stage == Stage::NotStarted).then(|| l.experiment_begin()),
            buttons: buttons.into_iter().map(|action| Offer::new(action, model)).collect(),
            thread_local: run.thread_local,
        }
    }
}

impl ExperimentView {
    /// What the system and cargo say names files; `shown` says it as it may be shown.
    fn hide_paths(&mut self, shown: impl Fn(&str) -> String) {
        if let Some((_, _, sentence)) = &mut self.state {
            *sentence = shown(sentence);
        }
        for lane in &mut self.lanes {
            lane.why = shown(&lane.why);
            for line in lane.steps.iter_mut().flat_map(|step| &mut step.below) {
                *line = shown(line);
            }
        }
    }
}

fn state(run: &ExperimentRun, l: Language) -> Option<(String, Tone, String)> {
    let owned = str::to_owned;
    match (&run.stage, &run.prepared) {
        (Stage::NotStarted, _) => None,
        (Stage::Preparing { text }, _) => {
            let text = if text.is_empty() { l.experiment_asking_cargo() } else { text };
            Some((owned(l.experiment_preparing()), Tone::Busy, owned(text)))
        }
        (Stage::Failed { message }, _) => Some((owned(l.experiment_failed()), Tone::Bad, message.clone())),
        (Stage::Cancelled, _) => {
            let has_found = run.lanes.iter().any(|lane| !lane.steps.is_empty());
            let hint = if has_found { l.experiment_cancelled_hint() } else { l.experiment_cancelled_at_once() };
            Some((owned(l.experiment_cancelled()), Tone::Attention, owned(hint)))
        }
        (Stage::Ready | Stage::Done, Some(prepared)) => {
            let same = prepared.first.is_same_file(&prepared.second);
            let how = if same { l.experiment_same_inode() } else { l.experiment_another_inode() };
            Some((l.experiment_builds(&duration(prepared.build_micros)), Tone::Good, owned(how)))
        }
        (Stage::Ready | Stage::Done, None) => None,
    }
}

/// Where the lanes are narrower than this, fewer stand side by side.
const LANE: f32 = 250.0;
const GAP: f32 = 12.0;
const MARGIN: f32 = 12.0;

/// Sizes, larger where there is room.
#[derive(Clone, Copy)]
struct Sizes {
    title: f32,
    text: f32,
    small: f32,
    mono: f32,
}

const USUAL: Sizes = Sizes { title: 16.0, text: 14.0, small: 12.5, mono: 12.0 };
const ROOMY: Sizes = Sizes { title: 19.0, text: 16.0, small: 14.5, mono: 13.5 };

/// Draws the page; with the way back to where one came from, or without.
pub(crate) fn experiment_ui(ui: &mut Ui, model: &Model, with_back: bool) -> Option<Action> {
    let mut view = ExperimentView::new(model, Language::at(ui));
    view.hide_paths(|text| shown(ui, text).into_owned());
    let mut action = None;
    // The bar stands beside the lanes, not above them.
    let scroll = &mut ui.spacing_mut().scroll;
    scroll.floating_allocated_width = scroll.bar_width + scroll.bar_inner_margin;
    let room = ui.available_size();
    let columns = match room.x {
        width if width >= 4.0 * LANE + 3.0 * GAP => 4,
        width if width >= 2.0 * LANE + GAP => 2,
        _ => 1,
    };
    let sizes = if room.x >= 1300.0 && room.y >= 740.0 { ROOMY } else { USUAL };
    ScrollArea::vertical().id_salt("experiment").auto_shrink(false).show(ui, |ui| {
        action = head_ui(ui, &view, with_back.then_some(model), sizes);
        ui.add_space(4.0);
        builds_ui(ui, &view, sizes);
        ui.add_space(8.0);
        let gaps = GAP * (columns as f32 - 1.0);
        let width = ((ui.available_width() - gaps) / columns as f32).floor();
        // All lanes side by side fill the page; otherwise each is as high as it must be.
        let least = if columns == 4 { ui.available_height() - 2.0 } else { 0.0 };
        for (row, lanes) in view.lanes.chunks(columns).enumerate() {
            let below = lanes.iter().map(|lane| outcome_height(ui, lane, width, sizes)).fold(0.0, f32::max);
            let needed = lanes.iter().map(|lane| steps_height(lane, sizes) + below).fold(0.0, f32::max);
            let height = needed.max(least);
            // Room that is left is spread between the steps, as far as it looks well.
            let most = lanes.iter().map(|lane| lane.steps.len()).max().unwrap_or(1).max(1);
            let gap = ((height - needed) / most as f32).clamp(0.0, 16.0);
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = GAP;
                for (column, lane) in lanes.iter().enumerate() {
                    lane_ui(ui, lane, row * columns + column + 1, Vec2::new(width, height), (below, gap), sizes);
                }
            });
            if row + 1 < view.lanes.len() / columns {
                ui.add_space(GAP);
            }
        }
    });
    action
}

/// The question, and what is done about it; the buttons beside it, or below where it is narrow. `back`: what the way
/// back depends on, where there is one.
fn head_ui(ui: &mut Ui, view: &ExperimentView, back: Option<&Model>, sizes: Sizes) -> Option<Action> {
    let l = Language::at(ui);
    let palette = Palette::at(ui);
    let size = sizes.title + 7.0;
    let wide = ui.available_width()
        >= text_width(ui, l.experiment_question(), FontId::proportional(size))
            + buttons_width(ui, view)
            + back.map_or(0.0, |model| back_width(ui, model));
    let title = RichText::new(l.experiment_question()).size(size).color(palette.strong);
    let mut action = None;
    if wide {
        ui.horizontal(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                action = buttons_ui(ui, view, true);
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    action = back.and_then(|model| back_ui(ui, model)).or(action.take());
                    ui.add(Label::new(title).truncate());
                });
            });
        });
    } else {
        ui.label(title);
        ui.horizontal_wrapped(|ui| {
            action = back.and_then(|model| back_ui(ui, model));
            action = buttons_ui(ui, view, false).or(action.take());
        });
    }
    ui.label(RichText::new(l.experiment_answer()).size(sizes.small).color(palette.weak));
    action
}

/// How wide the buttons and the switch are, with a space before each.
fn buttons_width(ui: &Ui, view: &ExperimentView) -> f32 {
    let l = Language::at(ui);
    let font = TextStyle::Button.resolve(ui.style());
    let spacing = ui.spacing();
    let labels = view.buttons.iter().map(|offer| offer.action.label(l));
    let buttons = labels.map(|label| text_width(ui, &label, font.clone()) + 2.0 * spacing.button_padding.x);
    let switch = text_width(ui, &Action::ToggleThreadLocal.label(l), font.clone());
    let switch = switch + spacing.icon_width + spacing.icon_spacing + 2.0 * spacing.button_padding.x;
    buttons.chain([switch]).map(|width| width + spacing.item_spacing.x).sum::<f32>() + spacing.item_spacing.x
}

fn buttons_ui(ui: &mut Ui, view: &ExperimentView, reversed: bool) -> Option<Action> {
    let l = Language::at(ui);
    let mut action = None;
    let switch = |ui: &mut Ui| {
        let toggle = Action::ToggleThreadLocal;
        let hint = tooltip(ui, &toggle);
        let mut on = view.thread_local;
        let asked = outlined(ui, Checkbox::new(&mut on, toggle.label(l))).on_hover_text(hint).clicked();
        asked.then_some(toggle)
    };
    if reversed {
        for offer in view.buttons.iter().rev() {
            action = action_button(ui, offer).or(action);
        }
        action = switch(ui).or(action);
    } else {
        for offer in &view.buttons {
            action = action_button(ui, offer).or(action);
        }
        action = switch(ui).or(action);
    }
    action
}

/// The two builds that all lanes share, or how to get them.
fn builds_ui(ui: &mut Ui, view: &ExperimentView, sizes: Sizes) {
    let l = Language::at(ui);
    let palette = Palette::at(ui);
    if let Some(begin) = view.begin {
        ui.label(RichText::new(begin).size(sizes.text));
    }
    let narrow = ui.available_width() < 900.0;
    ui.horizontal_wrapped(|ui| {
        if let Some([first, second]) = &view.builds {
            for (index, (name, tone, (prints, file))) in
                [(l.experiment_first(), Tone::Attention, first), (l.experiment_second(), Tone::Good, second)]
                    .into_iter()
                    .enumerate()
            {
                if index > 0 {
                    ui.label(RichText::new("→").size(sizes.text).color(palette.weak));
                }
                ui.label(RichText::new(name).size(sizes.small).color(palette.weak));
                ui.label(RichText::new(prints).size(sizes.text).color(palette.tone(tone)));
                if !narrow {
                    ui.label(RichText::new(file).font(FontId::monospace(sizes.mono)).color(palette.weak));
                }
            }
        }
        if let Some((word, tone, sentence)) = &view.state {
            let width = chip_width(ui, word);
            wrap_before(ui, width);
            chip(ui, word, palette.tone(*tone));
            ui.label(RichText::new(sentence).size(sizes.small).color(palette.weak));
        }
    });
}

/// The space that a lane's title and steps take, and the margins.
fn steps_height(lane: &LaneView, sizes: Sizes) -> f32 {
    let head = sizes.title * 1.4 + sizes.small * 2.8 + 12.0;
    let steps: f32 = lane.steps.iter().map(|step| step_height(step, sizes)).sum();
    2.0 * MARGIN + head + steps + 12.0
}

fn step_height(step: &StepLine, sizes: Sizes) -> f32 {
    let lines = step.below.len() + usize::from(step.printed.is_some());
    (sizes.text * 1.4).round() + lines as f32 * (sizes.mono * 1.35).round() + 5.0
}

/// The space that a lane's outcome takes.
fn outcome_height(ui: &Ui, lane: &LaneView, width: f32, sizes: Sizes) -> f32 {
    let font = FontId::proportional(sizes.small);
    let galley = ui.painter().layout(lane.why.clone(), font, Color32::WHITE, width - 2.0 * MARGIN);
    galley.size().y + sizes.text * 2.2 + 14.0
}

fn lane_ui(ui: &mut Ui, lane: &LaneView, place: usize, size: Vec2, (below, gap): (f32, f32), sizes: Sizes) {
    let palette = Palette::at(ui);
    let frame = Frame::new().fill(palette.well).stroke(Stroke::new(1.0, palette.line)).corner_radius(8);
    // The frame's line lies outside its margin.
    let inner = size - Vec2::splat(2.0 * MARGIN + 2.0);
    ui.allocate_ui_with_layout(size, Layout::top_down(Align::Min), |ui| {
        #[expect(clippy::cast_possible_truncation, reason = "a small constant")]
        frame.inner_margin(Margin::same(MARGIN as i8)).show(ui, |ui| {
            ui.set_min_size(inner);
            ui.set_max_width(inner.x);
            ui.spacing_mut().item_spacing = Vec2::new(6.0, 0.0);
            let top = ui.cursor().top();
            ui.horizontal(|ui| {
                let (disc, _) = ui.allocate_exact_size(Vec2::splat(sizes.title * 1.4), Sense::hover());
                ui.painter().circle_filled(disc.center(), disc.width() / 2.0, palette.behind(palette.accent));
                let font = FontId::proportional(sizes.text);
                ui.painter().text(disc.center(), Align2::CENTER_CENTER, place.to_string(), font, palette.accent);
                let title = RichText::new(lane.title).size(sizes.title).color(palette.strong);
                ui.add(Label::new(title).truncate());
            });
            ui.add_space(3.0);
            let does = RichText::new(lane.does).size(sizes.small).color(palette.weak);
            let begin = ui.cursor().top();
            ui.add(Label::new(does).wrap());
            // Two lines, so that the steps of all lanes begin at the same height.
            ui.add_space((begin + sizes.small * 2.8 - ui.cursor().top()).max(0.0) + 6.0);
            steps_ui(ui, lane, gap, sizes);
            ui.add_space((top + inner.y - below - ui.cursor().top()).max(0.0));
            outcome_ui(ui, lane, sizes);
        });
    });
}

/// The steps along a line: filled dots for those that were taken.
fn steps_ui(ui: &mut Ui, lane: &LaneView, gap: f32, sizes: Sizes) {
    let palette = Palette::at(ui);
    let mut above: Option<Pos2> = None;
    for step in &lane.steps {
        let height = step_height(step, sizes) + gap;
        let top = ui.cursor().top();
        let color = match step.tone {
            _ if !step.done => palette.weak,
            Some(tone) => palette.tone(tone),
            None => palette.accent,
        };
        ui.horizontal_top(|ui| {
            let line = (sizes.text * 1.4).round();
            let (rect, _) = ui.allocate_exact_size(Vec2::new(12.0, line), Sense::hover());
            let center = rect.center();
            if let Some(above) = above {
                let ends = [above + Vec2::new(0.0, 6.0), center - Vec2::new(0.0, 6.0)];
                ui.painter().line_segment(ends, Stroke::new(1.0, palette.line));
            }
            above = Some(center);
            if step.done {
                ui.painter().circle_filled(center, 4.0, color);
            } else {
                ui.painter().circle_stroke(center, 3.5, Stroke::new(1.0, palette.weak));
            }
            ui.vertical(|ui| step_ui(ui, step, lane.hint, sizes, line));
        });
        ui.add_space((top + height - ui.cursor().top()).max(0.0));
    }
}

fn step_ui(ui: &mut Ui, step: &StepLine, hint: Option<&str>, sizes: Sizes, line: f32) {
    let palette = Palette::at(ui);
    let mono = |text: &str| RichText::new(text).font(FontId::monospace(sizes.mono));
    let cut = |ui: &mut Ui, text: RichText| {
        let response = ui.add(Label::new(text).truncate());
        if let Some(hint) = hint {
            response.on_hover_text(hint);
        }
    };
    Sides::new().height(line).shrink_right().truncate().show(
        ui,
        |ui| {
            let color = if step.done { palette.text } else { palette.weak };
            ui.add(Label::new(RichText::new(step.name).size(sizes.text).color(color)).extend());
        },
        |ui| {
            if !step.fact.is_empty() {
                let color = step.tone.map_or(palette.weak, |tone| palette.tone(tone));
                cut(ui, mono(&step.fact).color(color));
            }
        },
    );
    if let Some((printed, tone)) = &step.printed {
        // The texts differ at their ends: they are not cut off.
        let text = RichText::new(format!("“{printed}”")).size(sizes.small).color(palette.tone(*tone));
        ui.add(Label::new(text).wrap());
    }
    for fact in &step.below {
        cut(ui, mono(fact).color(palette.weak));
    }
}

fn outcome_ui(ui: &mut Ui, lane: &LaneView, sizes: Sizes) {
    let palette = Palette::at(ui);
    let (text, tone) = &lane.outcome;
    let color = tone.map_or(palette.weak, |tone| palette.tone(tone));
    Frame::new()
        .fill(palette.behind(color))
        .stroke(Stroke::new(1.0, color.gamma_multiply(0.45)))
        .corner_radius(CornerRadius::same(12))
        .inner_margin(Margin::symmetric(10, 3))
        .show(ui, |ui| {
            ui.add(Label::new(RichText::new(text).size(sizes.text).text_style(TextStyle::Body).color(color)).truncate())
        });
    if !lane.why.is_empty() {
        ui.add_space(5.0);
        ui.add(Label::new(RichText::new(&lane.why).size(sizes.small).color(palette.text)).wrap());
    }
}

#[cfg(test)]
#[path = "experiment_tests.rs"]
mod tests;
