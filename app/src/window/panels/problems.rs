//! Problems: what the compiler said about the latest attempt, or why it did not load.

use std::path::Path;

use eframe::egui::{
    CornerRadius, CursorIcon, Event, EventFilter, FontId, Id, Key as KeyboardKey, Label, Modifiers, Pos2, Rect,
    RichText, ScrollArea, Sense, Stroke, StrokeKind, TextStyle, Ui, UiBuilder, Vec2, WidgetInfo, accesskit::Role,
};
use exuvia_runtime::build::diagnostic::Level;
use exuvia_runtime::session::status::Tone;

use super::super::actions::Action;
use super::super::ansi_text;
use super::super::figure::{hides, shown};
use super::super::theme::Palette;
use super::super::view_state::ViewState;
use super::super::widgets::{Offer, action_button, chip, empty_state, well};
use super::lines::{revealing, selected_ui, toggle_ui};
pub(crate) use super::problem_list::ProblemsState;
use super::problem_list::{Block, Key, editor_place, place_text};
use crate::editor;
use crate::model::ansi::Span;
use crate::model::{Counts, Life, Model, Problem, ProblemKind, Problems};
use crate::text::Language;

/// What the problems' panel shows.
#[derive(Debug)]
pub(crate) struct ProblemsView {
    /// Whose problems they are.
    pub(crate) of: Option<String>,
    /// Whether these are of an earlier attempt, chosen in the list of versions.
    pub(crate) chosen: bool,
    /// The problems.
    pub(crate) problems: Problems,
    /// What stands there as long as there are none.
    pub(crate) empty: (&'static str, &'static str),
}

/// The tab's title, and its colour's meaning.
pub(crate) fn title(model: &Model, l: Language) -> (String, Option<Tone>) {
    let counts = model.problems.counts();
    let tone = match counts {
        Counts { errors: 0, warnings: 0 } => None,
        Counts { errors: 0, .. } => Some(Tone::Attention),
        Counts { .. } => Some(Tone::Bad),
    };
    (counted(counts, l), tone)
}

fn counted(counts: Counts, l: Language) -> String {
    let title = l.problems_title();
    let (errors, warnings) = (l.errors(counts.errors), l.warnings(counts.warnings));
    match counts {
        Counts { errors: 0, warnings: 0 } => title.to_owned(),
        Counts { warnings: 0, .. } => format!("{title} ({errors})"),
        Counts { errors: 0, .. } => format!("{title} ({warnings})"),
        Counts { .. } => format!("{title} ({errors}, {warnings})"),
    }
}

impl ProblemsView {
    fn new(model: &Model, view: &mut ViewState) -> Self {
        let l = view.language;
        let problems = view.guest.problems.shown(model, view.guest.shown_failure);
        let chosen = view.guest.shown_failure.is_some_and(|key| model.history.failure(key).is_some());
        let empty = match (&model.life, problems.of, &model.building) {
            (Life::OpenFailed { .. }, ..) => (l.problems_no_guest(), l.problems_no_guest_how()),
            (_, Some(_), _) => (l.problems_none(), l.problems_none_built()),
            (_, None, Some(_)) => (l.problems_not_yet(), l.problems_not_yet_how()),
            (_, None, None) => (l.problems_none(), l.problems_none_how()),
        };
        let built = |version| model.history.version(version).map(|row| row.record.generation);
        Self { of: problems.of.map(|of| l.problems_of(of, built)), chosen, problems, empty }
    }
}

/// Draws the panel.
pub(crate) fn problems_ui(ui: &mut Ui, model: &Model, state: &mut ViewState) -> Option<Action> {
    let view = ProblemsView::new(model, state);
    let root = model.guest.as_ref().map_or(Path::new(""), |guest| guest.workspace_root.as_path());
    let mut action = None;
    if view.of.is_some() {
        action = bar_ui(ui, &view, &mut state.guest.problems);
    }
    let editor = state.settings.editor.as_deref().and_then(editor::name_of);
    let surroundings = Surroundings { root, editor: editor.as_deref() };
    well(ui, |ui| list_ui(ui, &view, &mut state.guest.problems, surroundings)).or(action)
}

fn bar_ui(ui: &mut Ui, view: &ProblemsView, state: &mut ProblemsState) -> Option<Action> {
    let (l, palette) = (Language::at(ui), Palette::at(ui));
    let mut action = None;
    ui.horizontal_wrapped(|ui| {
        let items = &view.problems.items;
        let Counts { errors, warnings } = view.problems.counts();
        let notes = items.iter().any(|problem| problem.level == Level::Note);
        let badge = |ui: &mut Ui, on: &mut bool, text: String, tone, hint| {
            let color = if *on { palette.tone(tone) } else { palette.weak };
            toggle_ui(ui, on, RichText::new(text).color(color)).on_hover_text(hint);
        };
        if errors > 0 {
            badge(ui, &mut state.errors, l.errors(errors), Tone::Bad, l.errors_toggle_hint());
        }
        if warnings > 0 || notes {
            badge(ui, &mut state.warnings, l.warnings(warnings), Tone::Attention, l.warnings_toggle_hint());
        }
        if let Some(of) = &view.of {
            ui.add(Label::new(RichText::new(of).small().weak()).selectable(false));
        }
        if view.chosen {
            action = action_button(ui, &Offer { action: Action::ShowLatestProblems, possible: true });
        }
        if items.is_empty() {
            return;
        }
        let selected = state.selected.and_then(|index| items.get(index));
        if let Some(problem) = selected
            && ui.button(l.copy()).on_hover_text(l.copy_problem_hint()).clicked()
        {
            action = Some(Action::Copy(l.problem_plain(problem)));
        }
        if ui.button(l.copy_all()).on_hover_text(l.copy_problems_hint()).clicked() {
            action = Some(Action::CopyProblems);
        }
    });
    action
}

/// What a place needs to be opened.
#[derive(Debug, Clone, Copy)]
struct Surroundings<'a> {
    root: &'a Path,
    editor: Option<&'a str>,
}

/// Room for the bar beside the selected problem.
const LEFT: f32 = 10.0;

fn list_ui(
    ui: &mut Ui,
    view: &ProblemsView,
    state: &mut ProblemsState,
    surroundings: Surroundings<'_>,
) -> Option<Action> {
    let l = Language::at(ui);
    let items = &view.problems.items;
    if items.is_empty() {
        empty_state(ui, view.empty.0, view.empty.1);
        return None;
    }
    let font = TextStyle::Monospace.resolve(ui.style());
    let line = (ui.fonts_mut(|fonts| fonts.row_height(&font)) + 1.0).ceil();
    let key = Key {
        language: l,
        errors: state.errors,
        warnings: state.warnings,
        line,
        width: ui.available_width(),
        hidden: hides(ui),
    };
    state.laid.update(items, key, |problem| line + 8.0 + prose(ui, problem, key.width).size().y);
    if state.laid.blocks.is_empty() {
        empty_state(ui, l.problems_hidden(), l.problems_hidden_how());
        return None;
    }
    let mut area = ScrollArea::both().id_salt("problems").auto_shrink(false);
    let id = ui.make_persistent_id("problems seen");
    let reveal = std::mem::take(&mut state.reveal).then_some(state.selected).flatten();
    if let Some(block) = reveal.and_then(|index| state.laid.block(index)) {
        let (offset, height) = ui.data(|data| data.get_temp(id)).unwrap_or((0.0, ui.available_height()));
        area = area.vertical_scroll_offset(revealing(offset, height, block.top..block.top + block.height));
    }
    let mut action = None;
    let total = state.laid.total();
    let shown = area.show_viewport(ui, |ui, viewport| {
        ui.set_height(total);
        ui.set_width(state.laid.width.max(viewport.width()));
        let begin = ui.max_rect().min;
        for at in state.laid.seen(viewport.min.y..viewport.max.y) {
            let block = state.laid.blocks[at];
            let problem = &items[block.index];
            let width = ui.available_width();
            let rect = Rect::from_min_size(Pos2::new(begin.x, begin.y + block.top), Vec2::new(width, block.height));
            // The bar and the header are where one can see them, however far the text is scrolled.
            let seen = Rect::from_min_size(
                Pos2::new(begin.x + viewport.min.x, rect.min.y),
                Vec2::new(viewport.width(), block.height),
            );
            if state.selected == Some(block.index) {
                selected_ui(ui, seen);
            }
            let header = Header { index: block.index, problem, surroundings, revealed: reveal == Some(block.index) };
            let lines = if problem.place.is_some() { 2.0 } else { 1.0 };
            let header_rect = Rect::from_min_size(seen.min, Vec2::new(seen.width(), (line * lines).min(seen.height())));
            let (asked, clicked) = header.ui(ui, header_rect);
            action = asked.or(action.take());
            if clicked {
                state.selected = Some(block.index);
            }
            let builder = UiBuilder::new().max_rect(rect).id_salt(block.index);
            let ui = &mut ui.new_child(builder);
            let drawn = match &problem.kind {
                ProblemKind::Compiler => lines_ui(ui, state, problem, block, line, &font, viewport),
                ProblemKind::NotLoaded | ProblemKind::Refused(_) | ProblemKind::Faulted { .. } => {
                    prose_ui(ui, problem, key.width);
                    0.0
                }
            };
            state.laid.width = state.laid.width.max(drawn);
        }
    });
    ui.data_mut(|data| data.insert_temp(id, (shown.state.clamped_offset().y, shown.inner_rect.height())));
    action
}

/// The first lines of a problem: they take the keyboard, and open the place.
struct Header<'a> {
    index: usize,
    problem: &'a Problem,
    surroundings: Surroundings<'a>,
    revealed: bool,
}

impl Header<'_> {
    /// Draws it. Says what is asked for, and whether it was clicked.
    fn ui(&self, ui: &Ui, rect: Rect) -> (Option<Action>, bool) {
        let (l, palette) = (Language::at(ui), Palette::at(ui));
        let Surroundings { root, editor } = self.surroundings;
        let place = self
            .problem
            .place
            .as_ref()
            .map(|place| (shown(ui, &place_text(place, root)).into_owned(), editor_place(place, root)));
        let title = l.problem_title(self.problem);
        let title = &*shown(ui, &title);
        let level = l.level(self.problem.level);
        let (spoken, hint) = match &place {
            Some((text, _)) => (
                l.problem_spoken_at(level, title, text),
                editor.map_or(l.open_place_hint(text), |editor| l.open_place_in(text, editor)),
            ),
            None => (l.problem_spoken(level, title), title.to_owned()),
        };
        let id = Id::unique(("problem", self.index));
        let response = ui.interact(rect, id, Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &spoken));
        if self.revealed {
            response.request_focus();
        }
        if response.hovered() && place.is_some() {
            // An outline and no ground: that would take the contrast from the compiler's colours.
            ui.painter().rect_stroke(rect, CornerRadius::same(3), Stroke::new(1.0, palette.line), StrokeKind::Inside);
        }
        let mut action = None;
        if response.has_focus() {
            ui.painter().rect_stroke(rect, CornerRadius::same(3), Stroke::new(1.0, palette.accent), StrokeKind::Inside);
            // Arrows walk through the problems and not to the nearest widget.
            let filter = EventFilter { vertical_arrows: true, ..EventFilter::default() };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
            action = ui.input_mut(|input| match () {
                () if input.consume_key(Modifiers::NONE, KeyboardKey::ArrowDown) => Some(Action::NextProblem),
                () if input.consume_key(Modifiers::NONE, KeyboardKey::ArrowUp) => Some(Action::PreviousProblem),
                () if input.events.iter().any(|event| matches!(event, Event::Copy)) => {
                    Some(Action::Copy(l.problem_plain(self.problem)))
                }
                () => None,
            });
        }
        let open = place.map(|(_, place)| Action::OpenPlace(place));
        response.context_menu(|ui| {
            if let Some(open) = &open
                && ui.button(&hint).clicked()
            {
                action = Some(open.clone());
            }
            if ui.button(l.copy()).clicked() {
                action = Some(Action::Copy(l.problem_plain(self.problem)));
            }
        });
        let clicked = response.clicked();
        let response = if open.is_some() { response.on_hover_cursor(CursorIcon::PointingHand) } else { response };
        response.on_hover_text(&hint);
        (open.filter(|_| clicked).or(action), clicked)
    }
}

/// Draws the lines that can be seen, and gives the width of the widest.
fn lines_ui(
    ui: &mut Ui,
    state: &ProblemsState,
    problem: &Problem,
    block: Block,
    height: f32,
    font: &FontId,
    viewport: Rect,
) -> f32 {
    let palette = Palette::at(ui);
    let begin = ui.max_rect().min;
    #[expect(clippy::cast_precision_loss, reason = "a number of lines")]
    let top = |line: usize| height * line as f32;
    let mut widest: f32 = 0.0;
    for (number, spans) in state.laid.lines(block.index, problem).iter().enumerate() {
        let y = block.top + top(number);
        if y + height < viewport.min.y || y > viewport.max.y || spans.is_empty() {
            continue;
        }
        let hidden: Vec<_>;
        let spans = if hides(ui) {
            let hide = |span: &Span| Span { text: shown(ui, &span.text).into_owned(), ..span.clone() };
            hidden = spans.iter().map(hide).collect();
            &hidden
        } else {
            spans
        };
        let galley = ui.fonts_mut(|fonts| fonts.layout_job(ansi_text::layout(spans, &[], font, palette)));
        widest = widest.max(galley.size().x + LEFT + 8.0);
        let at = Pos2::new(begin.x + LEFT, begin.y + top(number));
        if number < 2 && (number == 0 || problem.place.is_some()) {
            // The header is said and clicked as a whole.
            ui.painter().galley(at, galley, palette.text);
        } else {
            let rect = Rect::from_min_size(at, galley.size());
            ui.scope_builder(UiBuilder::new().max_rect(rect).id_salt(number), |ui| ui.add(Label::new(galley)));
        }
    }
    widest
}

fn prose(ui: &Ui, problem: &Problem, width: f32) -> std::sync::Arc<eframe::egui::Galley> {
    let font = TextStyle::Body.resolve(ui.style());
    let width = (width - LEFT - 8.0).max(80.0);
    let text = Language::at(ui).problem_text(problem);
    let text = shown(ui, &text).into_owned();
    ui.fonts_mut(|fonts| fonts.layout(text, font, Palette::at(ui).text, width))
}

/// What is no compiler's: a word that says what happened, and the reason, which wraps.
fn prose_ui(ui: &mut Ui, problem: &Problem, width: f32) {
    let (l, palette) = (Language::at(ui), Palette::at(ui));
    ui.horizontal_top(|ui| {
        ui.add_space(LEFT - ui.spacing().item_spacing.x);
        ui.vertical(|ui| {
            if let Some((word, hint)) = l.problem_kind(&problem.kind) {
                ui.horizontal(|ui| chip(ui, word, palette.tone(Tone::Bad)).on_hover_text(hint));
            }
            let galley = prose(ui, problem, width);
            ui.add(Label::new(galley));
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FailureKey;
    use crate::model::samples::*;
    use crate::window::view_state::GuestView;
    use exuvia_runtime::session::Event;

    #[test]
    fn titles_count() {
        for (errors, warnings, title) in [
            (0, 0, "Problems"),
            (1, 0, "Problems (1 error)"),
            (0, 2, "Problems (2 warnings)"),
            (2, 1, "Problems (2 errors, 1 warning)"),
        ] {
            assert_eq!(counted(Counts { errors, warnings }, Language::English), title);
        }
    }

    #[test]
    fn an_earlier_failure_can_be_looked_at_again() {
        let mut model = Model::default();
        let old = failure(3, 60);
        let mut view = ViewState {
            guest: GuestView { shown_failure: Some(FailureKey::of(&old)), ..GuestView::default() },
            ..ViewState::default()
        };
        model.apply(opened(vec![], vec![old], &[]), NOW);
        model.apply(Event::Recorded { row: Box::new(version(1, 0)) }, NOW);
        let latest = ProblemsView::new(&model, &mut ViewState::default());
        assert_eq!(
            (latest.of.as_deref(), latest.chosen, latest.problems.items.len()),
            (Some("of build 1 (v1)"), false, 0)
        );
        let chosen = ProblemsView::new(&model, &mut view);
        assert_eq!((chosen.of.as_deref(), chosen.chosen, chosen.problems.items.len()), (Some("of build 3"), true, 2));
    }
}
