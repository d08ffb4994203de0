//! Output: what the guest wrote, with the version that wrote it.

use eframe::egui::{Button, ComboBox, Id, Label, Pos2, Rect, RichText, ScrollArea, TextStyle, Ui, UiBuilder, Vec2};
use exuvia_runtime::ids::VersionNumber;
use exuvia_runtime::session::Stream;
use exuvia_runtime::session::status::Tone;

use super::super::actions::Action;
use super::super::ansi_text;
use super::super::figure::{hides, shown};
use super::super::theme::Palette;
use super::super::view_state::ViewState;
use super::super::widgets::{Offer, empty_state, named_action_button, well};
use super::lines::{Ask, Follow, contains, filter_ui, find, list_ui, moved, selected_ui, toggle_ui};
use crate::model::ansi::Span;
use crate::model::{Model, Output, OutputLine, words};
use crate::text::Language;

/// Which lines are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Filter {
    version: Option<VersionNumber>,
    stdout: bool,
    stderr: bool,
    text: String,
}

impl Filter {
    fn hides_nothing(&self) -> bool {
        self.version.is_none() && self.stdout && self.stderr && self.text.is_empty()
    }

    fn shows(&self, line: &OutputLine) -> bool {
        let stream = match line.stream {
            Stream::Stdout => self.stdout,
            Stream::Stderr => self.stderr,
        };
        stream && self.version.is_none_or(|version| version == line.version) && contains(&line.text, &self.text)
    }
}

/// What the filter lets through: numbers of lines, and of which filter and output they are.
#[derive(Debug)]
struct Shown {
    filter: Filter,
    revision: u64,
    numbers: Vec<usize>,
}

/// What of the output is shown.
#[derive(Debug)]
pub(crate) struct OutputState {
    filter: Filter,
    follow: Follow,
    /// The selected line's number.
    selected: Option<usize>,
    /// Whether it is to be scrolled to.
    reveal: bool,
    shown: Option<Shown>,
    /// The widest line that was drawn, in points: others are not known before they are.
    width: f32,
}

impl Default for OutputState {
    fn default() -> Self {
        let filter = Filter { version: None, stdout: true, stderr: true, text: String::new() };
        Self { filter, follow: Follow::default(), selected: None, reveal: false, shown: None, width: 0.0 }
    }
}

impl OutputState {
    /// The lines that are shown, as text.
    pub(crate) fn text(&self, output: &Output) -> String {
        let lines = output.range(0..output.len()).filter(|line| self.filter.shows(line));
        lines.map(|line| format!("{}\n", line.text)).collect()
    }

    /// Brings the numbers of the lines that are shown up to date.
    fn update(&mut self, output: &Output) {
        let current = |shown: &Shown| shown.revision == output.revision() && shown.filter == self.filter;
        if self.filter.hides_nothing() {
            self.shown = None;
        } else if !self.shown.as_ref().is_some_and(current) {
            let lines = output.range(0..output.len()).zip(output.first()..);
            let numbers = lines.filter(|(line, _)| self.filter.shows(line)).map(|(_, number)| number).collect();
            self.shown = Some(Shown { filter: self.filter.clone(), revision: output.revision(), numbers });
        }
        if self.selected.is_some_and(|number| output.line(number).is_none()) {
            self.selected = None;
        }
    }

    fn len(&self, output: &Output) -> usize {
        self.shown.as_ref().map_or(output.len(), |shown| shown.numbers.len())
    }

    /// The number of the line in a row.
    fn number(&self, row: usize, output: &Output) -> usize {
        self.shown.as_ref().map_or(output.first() + row, |shown| shown.numbers[row])
    }

    /// The row of the selected line, if it is shown.
    fn row(&self, output: &Output) -> Option<usize> {
        let number = self.selected?;
        match &self.shown {
            Some(shown) => shown.numbers.binary_search(&number).ok(),
            None => number.checked_sub(output.first()),
        }
    }
}

/// Draws the panel.
pub(crate) fn output_ui(ui: &mut Ui, model: &Model, view: &mut ViewState) -> Option<Action> {
    let (output, state) = (&model.output, &mut view.guest.output);
    if output.is_empty() {
        *state = OutputState { follow: state.follow, ..OutputState::default() };
        let l = view.language;
        well(ui, |ui| empty_state(ui, l.output_none(), l.output_none_how()));
        return None;
    }
    let action = bar_ui(ui, model, state);
    state.update(output);
    let asked = well(ui, |ui| lines_ui(ui, output, state, view.utc_offset));
    asked.or(action)
}

fn bar_ui(ui: &mut Ui, model: &Model, state: &mut OutputState) -> Option<Action> {
    let l = Language::at(ui);
    let output = &model.output;
    let mut action = None;
    ui.horizontal_wrapped(|ui| {
        let filter = &mut state.filter;
        let chosen = filter.version.map_or(l.output_all_versions().to_owned(), |version| version.to_string());
        let combo = ComboBox::from_id_salt("version").selected_text(chosen).show_ui(ui, |ui| {
            ui.selectable_value(&mut filter.version, None, l.output_all_versions());
            for version in output.versions() {
                ui.selectable_value(&mut filter.version, Some(version), version.to_string());
            }
        });
        combo.response.accessible_name(l.output_version_label()).on_hover_text(l.output_version_label());
        toggle_ui(ui, &mut filter.stdout, "stdout").on_hover_text(l.output_stdout_hint());
        toggle_ui(ui, &mut filter.stderr, "stderr").on_hover_text(l.output_stderr_hint());
        filter_ui(ui, &mut filter.text, l.output_filter());
        state.update(output);
        if state.shown.is_some() {
            let text = l.lines_of(state.len(output), &l.lines(output.len()));
            ui.add(Label::new(RichText::new(text).small().weak()).selectable(false));
        }
        toggle_ui(ui, &mut state.follow.on, l.follow()).on_hover_text(l.follow_hint());
        if ui.button(l.copy()).on_hover_text(l.copy_shown_hint()).clicked() {
            let selected = state.selected.and_then(|number| output.line(number));
            action = Some(selected.map_or(Action::CopyOutput, |line| Action::Copy(line.text.clone())));
        }
        let clear = Offer::new(Action::ClearOutput, model);
        action = named_action_button(ui, &clear, Button::new(l.clear_output())).or(action.take());
    });
    action
}

fn lines_ui(ui: &mut Ui, output: &Output, state: &mut OutputState, utc_offset: i32) -> Option<Action> {
    let l = Language::at(ui);
    let len = state.len(output);
    if len == 0 {
        empty_state(ui, l.nothing_matches(), l.nothing_matches_how());
        return None;
    }
    let id = Id::unique("lines of the output");
    let selected = state.selected.and_then(|number| output.line(number));
    let rect = ui.max_rect().expand2(Vec2::new(8.0, 4.0));
    let (list, ask) = list_ui(ui, id, rect, l.output_list(), selected.map(|line| line.text.as_str()));
    let action = match ask {
        Some(Ask::Move(by)) => {
            state.selected = moved(state.row(output), by, len).map(|row| state.number(row, output));
            state.reveal = true;
            None
        }
        Some(Ask::Copy) => selected.map(|line| Action::Copy(line.text.clone())),
        None => None,
    };
    let font = TextStyle::Monospace.resolve(ui.style());
    let height = ui.fonts_mut(|fonts| fonts.row_height(&font)).ceil() + 2.0;
    #[expect(clippy::cast_precision_loss, reason = "10,000 rows")]
    let top = |row: usize| height * row as f32;
    let reveal = std::mem::take(&mut state.reveal).then(|| state.row(output)).flatten();
    let reveal = reveal.map(|row| top(row)..top(row + 1));
    let area = ScrollArea::both().id_salt("output").auto_shrink(false);
    let area = state.follow.area(area, top(len), reveal);
    let before = state.selected;
    let shown = area.show_viewport(ui, |ui, viewport| {
        ui.set_height(top(len));
        ui.set_width(state.width.max(viewport.width()));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a row of the list")]
        let row_at = |y: f32| (y / height).max(0.0) as usize;
        let begin = ui.max_rect().min;
        for row in row_at(viewport.min.y)..(row_at(viewport.max.y) + 1).min(len) {
            let number = state.number(row, output);
            let Some(line) = output.line(number) else { continue };
            let at = Pos2::new(begin.x, begin.y + top(row));
            let rect = Rect::from_min_size(at, Vec2::new(ui.available_width(), height));
            if state.selected == Some(number) {
                selected_ui(ui, rect.translate(Vec2::new(viewport.min.x, 0.0)));
            }
            let wanted = &state.filter.text;
            let builder = UiBuilder::new().max_rect(rect).id_salt(number);
            // A child of its own: a line with higher letters does not make the list longer.
            let (width, clicked) = line_ui(&mut ui.new_child(builder), line, wanted, utc_offset, viewport.width());
            state.width = state.width.max(width);
            if clicked {
                state.selected = Some(number);
                list.request_focus();
            }
        }
    });
    state.follow.after(ui, &shown);
    // A click on the selected line, or below all lines, takes the selection away.
    if list.clicked() && before == state.selected {
        state.selected = None;
    }
    action
}

/// Draws a line. Gives its width, and whether it was clicked.
fn line_ui(ui: &mut Ui, line: &OutputLine, wanted: &str, utc_offset: i32, room: f32) -> (f32, bool) {
    let palette = Palette::at(ui);
    let font = TextStyle::Monospace.resolve(ui.style());
    let row = ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 10.0;
        ui.add_space(8.0);
        // In a narrow column the text has the room.
        if room >= 420.0 {
            let clock = RichText::new(words::clock(line.at, utc_offset)).monospace().color(palette.weak);
            ui.add(Label::new(clock).selectable(false));
        }
        let (stream, color) = match line.stream {
            Stream::Stdout => ("out", palette.weak),
            Stream::Stderr => ("err", palette.tone(Tone::Attention)),
        };
        let mark = format!("{:>4} {stream}", line.version.to_string());
        ui.add(Label::new(RichText::new(mark).monospace().color(color)).selectable(false));
        let job = if hides(ui) {
            let hide = |span: Span| Span { text: shown(ui, &span.text).into_owned(), ..span };
            let spans: Vec<_> = line.spans().into_iter().map(hide).collect();
            let text: String = spans.iter().map(|span| span.text.as_str()).collect();
            ansi_text::layout(&spans, &find(&text, wanted), &font, palette)
        } else {
            ansi_text::layout(&line.spans(), &find(&line.text, wanted), &font, palette)
        };
        ui.add(Label::new(job).extend()).clicked()
    });
    (row.response.rect.width() + 8.0, row.inner)
}
