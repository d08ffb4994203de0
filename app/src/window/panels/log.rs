//! Log: what happened in this session.

use std::ops::Range;

use eframe::egui::text::{LayoutJob, TextFormat};
use eframe::egui::{Id, Label, Pos2, Rect, RichText, ScrollArea, TextStyle, Ui, UiBuilder, Vec2};
use exuvia_runtime::ids::Timestamp;

use super::super::actions::Action;
use super::super::figure::{hides, shown};
use super::super::theme::Palette;
use super::super::view_state::{Page, ViewState};
use super::super::widgets::{empty_state, well};
use super::lines::{Ask, Follow, contains, filter_ui, find, list_ui, moved, selected_ui, toggle_ui};
use crate::model::{Log, LogEntry, LogLine, Model, words};
use crate::text::Language;

/// What of the log is shown.
#[derive(Debug, Default)]
pub(crate) struct LogState {
    filter: String,
    follow: Follow,
    /// The selected entry's number.
    selected: Option<usize>,
    /// Whether it is to be scrolled to.
    reveal: bool,
    laid: Laid,
}

/// Where each entry that is shown stands. An entry that wraps is higher, and to know how high, it must be laid
/// out; so that is kept.
#[derive(Debug, Default)]
struct Laid {
    key: Option<Key>,
    rows: Vec<Row>,
    /// The number of the first entry that was not looked at yet.
    next: usize,
}

/// What the heights depend on.
#[derive(Debug, Clone, PartialEq)]
struct Key {
    filter: String,
    language: Language,
    width: f32,
    scale: f32,
    hidden: bool,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    number: usize,
    /// How often the entry had happened when it was laid out.
    times: u32,
    top: f32,
    height: f32,
}

impl LogState {
    /// The entries that are shown, as text.
    pub(crate) fn text(&self, log: &Log, l: Language, utc_offset: i32) -> String {
        let lines = log.entries().map(|entry| (entry, l.log_entry(entry)));
        lines
            .filter(|(_, text)| contains(text, &self.filter))
            .map(|(entry, text)| format!("{}  {text}\n", words::clock(entry.at, utc_offset)))
            .collect()
    }
}

impl Laid {
    /// Takes in new entries, and lets dropped ones go. `height` lays an entry out, if it is to be shown.
    fn update(&mut self, key: Key, log: &Log, mut height: impl FnMut(&LogEntry) -> Option<f32>) {
        if self.key.as_ref() != Some(&key) || self.next < log.first() {
            *self = Self { key: Some(key), rows: Vec::new(), next: log.first() };
        }
        let gone = self.rows.partition_point(|row| row.number < log.first());
        self.rows.drain(..gone);
        // Only the newest entry can have happened once more, and reads differently then.
        if let Some(row) = self.rows.pop_if(|row| log.entry(row.number).is_some_and(|entry| entry.times != row.times)) {
            self.next = row.number;
        }
        while let Some(entry) = log.entry(self.next) {
            if let Some(height) = height(entry) {
                let top = self.rows.last().map_or(0.0, |row| row.top + row.height);
                self.rows.push(Row { number: self.next, times: entry.times, top, height });
            }
            self.next += 1;
        }
    }

    /// The top of the first row: rows that went leave the others where they are.
    fn begin(&self) -> f32 {
        self.rows.first().map_or(0.0, |row| row.top)
    }

    fn total(&self) -> f32 {
        self.rows.last().map_or(0.0, |row| row.top + row.height) - self.begin()
    }

    fn row(&self, number: Option<usize>) -> Option<usize> {
        self.rows.binary_search_by_key(&number?, |row| row.number).ok()
    }

    /// The rows between these heights.
    fn seen(&self, part: Range<f32>) -> &[Row] {
        let begin = self.begin();
        let first = self.rows.partition_point(|row| row.top + row.height - begin < part.start);
        let end = self.rows.partition_point(|row| row.top - begin < part.end);
        &self.rows[first.min(end)..end]
    }
}

/// Draws the panel.
pub(crate) fn log_ui(ui: &mut Ui, model: &Model, view: &mut ViewState, now: Timestamp) -> Option<Action> {
    let l = view.language;
    let (log, state) = (&model.log, &mut view.guest.log);
    if log.newest().is_none() {
        well(ui, |ui| empty_state(ui, l.log_none(), l.log_none_how()));
        return None;
    }
    let mut action = None;
    ui.horizontal_wrapped(|ui| {
        filter_ui(ui, &mut state.filter, l.log_filter());
        if !state.filter.is_empty() {
            let shown = log.entries().filter(|entry| contains(&l.log_entry(entry), &state.filter)).count();
            let text = l.lines_of(shown, &l.log_entries(log.entries().len()));
            ui.add(Label::new(RichText::new(text).small().weak()).selectable(false));
        }
        toggle_ui(ui, &mut state.follow.on, l.follow()).on_hover_text(l.follow_hint());
        if ui.button(l.copy()).on_hover_text(l.copy_log_hint()).clicked() {
            action = Some(Action::CopyLog);
        }
    });
    let place = Times { now, utc_offset: view.utc_offset };
    well(ui, |ui| entries_ui(ui, log, state, place)).or(action)
}

/// What times are told by.
#[derive(Debug, Clone, Copy)]
struct Times {
    now: Timestamp,
    utc_offset: i32,
}

/// The column for the time, in points at the usual size.
const TIME: f32 = 72.0;

fn entries_ui(ui: &mut Ui, log: &Log, state: &mut LogState, times: Times) -> Option<Action> {
    let l = Language::at(ui);
    let width = (ui.available_width() - TIME - 16.0).max(80.0);
    let key = Key { filter: state.filter.clone(), language: l, width, scale: ui.pixels_per_point(), hidden: hides(ui) };
    let button = ui.spacing().interact_size.y + 4.0;
    let least = ui.text_style_height(&TextStyle::Body);
    state.laid.update(key, log, |entry| {
        let text = l.log_entry(entry);
        let galley = contains(&text, &state.filter)
            .then(|| ui.fonts_mut(|fonts| fonts.layout_job(job(ui, &text, "", entry, width))));
        let extra = if matches!(entry.line, LogLine::EditorFailed { .. }) { button } else { 0.0 };
        galley.map(|galley| galley.size().y.max(least) + extra + 4.0)
    });
    if state.laid.rows.is_empty() {
        empty_state(ui, l.nothing_matches(), l.nothing_matches_how());
        return None;
    }
    let id = Id::unique("entries of the log");
    let said = |number: Option<usize>| number.and_then(|number| log.entry(number)).map(|entry| l.log_entry(entry));
    let selected = said(state.selected);
    let rect = ui.max_rect().expand2(Vec2::new(8.0, 4.0));
    let (list, ask) = list_ui(ui, id, rect, l.log_list(), selected.as_deref());
    let mut action = match ask {
        Some(Ask::Move(by)) => {
            let row = moved(state.laid.row(state.selected), by, state.laid.rows.len());
            state.selected = row.map(|row| state.laid.rows[row].number);
            state.reveal = true;
            None
        }
        Some(Ask::Copy) => selected.map(Action::Copy),
        None => None,
    };
    let laid = &state.laid;
    let (begin, total) = (laid.begin(), laid.total());
    let reveal = std::mem::take(&mut state.reveal).then(|| laid.row(state.selected)).flatten();
    let reveal = reveal.map(|row| laid.rows[row]).map(|row| row.top - begin..row.top - begin + row.height);
    let area = state.follow.area(ScrollArea::vertical().id_salt("log").auto_shrink(false), total, reveal);
    let mut clicked = None;
    let shown = area.show_viewport(ui, |ui, viewport| {
        ui.set_height(total);
        let left_top = ui.max_rect().min;
        for row in laid.seen(viewport.min.y..viewport.max.y) {
            let Some(entry) = log.entry(row.number) else { continue };
            let at = Pos2::new(left_top.x, left_top.y + row.top - begin);
            let rect = Rect::from_min_size(at, Vec2::new(ui.available_width(), row.height));
            if state.selected == Some(row.number) {
                selected_ui(ui, rect);
            }
            let builder = UiBuilder::new().max_rect(rect).id_salt(row.number);
            let (asked, was_clicked) = entry_ui(&mut ui.new_child(builder), entry, &state.filter, times, width);
            action = asked.or(action.take());
            if was_clicked {
                clicked = Some(row.number);
            }
        }
    });
    state.follow.after(ui, &shown);
    if clicked.is_some() || list.clicked() {
        state.selected = clicked;
        list.request_focus();
    }
    action
}

fn entry_ui(ui: &mut Ui, entry: &LogEntry, wanted: &str, times: Times, width: f32) -> (Option<Action>, bool) {
    let l = Language::at(ui);
    let text = shown(ui, &l.log_entry(entry)).into_owned();
    let mut action = None;
    let clicked = ui
        .horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            ui.add_space(8.0);
            let begin = ui.cursor().min.x;
            let clock = RichText::new(words::clock(entry.at, times.utc_offset)).monospace().color(Palette::at(ui).weak);
            let hint = l.log_time_hint(&l.age(entry.at, times.now), &words::clock(entry.at, 0));
            ui.add(Label::new(clock).selectable(false)).on_hover_text(hint);
            ui.add_space((begin + TIME - ui.cursor().min.x).max(0.0));
            ui.vertical(|ui| {
                let job = job(ui, &text, wanted, entry, width);
                let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
                let clicked = ui.add(Label::new(galley)).clicked();
                if matches!(entry.line, LogLine::EditorFailed { .. }) && ui.button(l.to_settings()).clicked() {
                    action = Some(Action::ShowPage(Page::Settings));
                }
                clicked
            })
            .inner
        })
        .inner;
    (action, clicked)
}

fn job(ui: &Ui, text: &str, wanted: &str, entry: &LogEntry, width: f32) -> LayoutJob {
    let palette = Palette::at(ui);
    let color = entry.line.tone().map_or(palette.text, |tone| palette.tone(tone));
    let plain = TextFormat { font_id: TextStyle::Body.resolve(ui.style()), color, ..TextFormat::default() };
    let found = TextFormat { color: palette.strong, background: palette.selected, ..plain.clone() };
    let mut job = LayoutJob::default();
    job.wrap.max_width = width;
    let mut at = 0;
    for range in find(text, wanted) {
        job.append(&text[at..range.start], 0.0, plain.clone());
        job.append(&text[range.clone()], 0.0, found.clone());
        at = range.end;
    }
    job.append(&text[at..], 0.0, plain);
    job
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::samples::NOW;

    #[test]
    fn only_what_is_new_is_laid_out() {
        let mut model = Model::default();
        let mut noted = 0;
        let mut note = |model: &mut Model| {
            noted += 1;
            model.log.note(LogLine::Notice { message: noted.to_string() }, NOW);
        };
        let key = |filter: &str| Key {
            filter: filter.to_owned(),
            language: Language::English,
            width: 9.0,
            scale: 1.0,
            hidden: false,
        };
        let mut laid = Laid::default();
        let mut asked = 0;
        let mut update = |laid: &mut Laid, filter, log: &Log| {
            asked = 0;
            laid.update(key(filter), log, |_| {
                asked += 1;
                Some(10.0)
            });
            asked
        };
        for (new, filter, expected, rows, total) in [
            (3, "", 3, 3, 30.0),
            (0, "", 0, 3, 30.0),
            (2, "", 2, 5, 50.0),
            (0, "a", 5, 5, 50.0),
            // Five of these drop the oldest ones.
            (500, "a", 500, 500, 5_000.0),
        ] {
            (0..new).for_each(|_| note(&mut model));
            assert_eq!(update(&mut laid, filter, &model.log), expected);
            assert_eq!((laid.rows.len(), laid.total()), (rows, total));
        }
        let last = model.log.newest().map(|entry| entry.line.clone()).unwrap();
        model.log.note(last, NOW);
        assert_eq!((update(&mut laid, "a", &model.log), laid.rows.len()), (1, 500), "the newest, which happened again");
        let seen: Vec<_> = laid.seen(10.5..29.0).iter().map(|row| row.number).collect();
        assert_eq!(seen, [6, 7], "counted from the first that is left");
        assert_eq!(laid.row(Some(5)), Some(0));
        assert_eq!(laid.row(Some(4)), None);
    }
}
