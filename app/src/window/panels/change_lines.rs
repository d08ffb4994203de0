//! The lines of a comparison: drawn where they can be seen, with both sides' numbers, signs and the
//! language's colours.

use std::collections::HashMap;

use eframe::egui::text::{LayoutJob, TextFormat};
use eframe::egui::{
    Align, Align2, Color32, CornerRadius, EventFilter, FontId, Id, Key, Modifiers, Pos2, Rect, ScrollArea, Sense,
    Shape, Stroke, StrokeKind, TextStyle, Ui, Vec2, WidgetInfo, accesskit::Role, style::ScrollAnimation,
};
use exuvia_runtime::history::compare::{DiffLine, FileChange, FileDiff, LineEnd, LineKind};
use exuvia_runtime::session::status::Tone;

use super::super::figure::shown as shown_text;
use super::super::theme::{Palette, readable};
use super::change::LaidOut;
use crate::model::change::{ChangeRow, Comparison, sign};
use crate::model::highlight::Class;
use crate::text::Language;

/// No more of a line is laid out, in bytes.
const LAID_OUT: usize = 2_000;

/// Draws the lines. `at` is the row of the change that was jumped to; `jump` scrolls to it. Gives the file that
/// is to be folded or unfolded.
pub(super) fn lines_ui(
    ui: &mut Ui,
    shown: &Comparison,
    laid_out: &LaidOut,
    at: Option<usize>,
    jump: Option<usize>,
    l: Language,
) -> Option<usize> {
    let rows = &laid_out.rows().rows;
    let mut toggled = None;
    let font = TextStyle::Monospace.resolve(ui.style());
    let (row_height, column) = ui.fonts_mut(|fonts| (fonts.row_height(&font), fonts.glyph_width(&font, 'm')));
    let height = row_height + 2.0;
    let colors = Colors::new(Palette::at(ui));
    let digits = shown.files().iter().flat_map(|file| file.hunks.last()).flat_map(|hunk| hunk.lines.iter());
    let highest = digits.filter_map(|line| line.old.max(line.new)).max().unwrap_or(1);
    #[expect(clippy::cast_precision_loss, reason = "columns of a window")]
    let numbers = (highest.to_string().len() as f32).max(2.0) * column;
    let room = ui.available_rect_before_wrap();
    let keys = ui.interact(room, Id::unique("changed lines"), Sense::click());
    keys.widget_info(|| WidgetInfo::labeled(Role::Document, true, l.change_lines()));
    let scroll = keys.has_focus().then(|| scroll_keys(ui, keys.id, height, room.height())).flatten();
    ui.spacing_mut().item_spacing.y = 0.0;
    ScrollArea::both().id_salt("changed lines").auto_shrink(false).show_viewport(ui, |ui, viewport| {
        #[expect(clippy::cast_precision_loss, reason = "positions in a window")]
        let size = Vec2::new(
            2.0 * numbers + 4.0 * column + shown.columns.min(LAID_OUT) as f32 * column,
            rows.len() as f32 * height,
        );
        ui.set_min_size(size.max(Vec2::new(viewport.width(), 0.0)));
        let origin = ui.max_rect().min;
        let width = size.x.max(viewport.width());
        #[expect(clippy::cast_precision_loss, reason = "positions in a window")]
        let place =
            |row: usize| Rect::from_min_size(origin + Vec2::new(0.0, row as f32 * height), Vec2::new(width, height));
        if let Some(row) = jump {
            let target = Rect::from_min_size(place(row).min + Vec2::new(viewport.min.x, 0.0), Vec2::new(1.0, height));
            ui.scroll_to_rect_animation(target, Some(Align::Center), ScrollAnimation::none());
        }
        if let Some(delta) = scroll {
            ui.scroll_with_delta_animation(delta, ScrollAnimation::none());
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positions in a list")]
        let index = |y: f32| (y / height).floor().max(0.0) as usize;
        let seen = index(viewport.min.y)..(index(viewport.max.y) + 1).min(rows.len());
        let pen = Pen { font: &font, colors: &colors, numbers, column, left: viewport.min.x, l };
        for row in seen {
            let rect = place(row);
            let file = if let ChangeRow::File(file) = rows[row] { Some(file) } else { None };
            let is_folded = file.is_some_and(|file| laid_out.is_folded(file));
            let text = pen.row(ui, shown, rows[row], rect, is_folded);
            if at == Some(row) {
                let bar = Rect::from_min_size(rect.min + Vec2::new(viewport.min.x, 0.0), Vec2::new(3.0, height));
                ui.painter().rect_filled(bar, CornerRadius::ZERO, colors.palette.accent);
            }
            let Some(file) = file else {
                let response = ui.interact(rect, Id::unique(("changed line", row)), Sense::hover());
                response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &text));
                continue;
            };
            let response = ui.interact(rect, Id::unique(("changed file", file)), Sense::click());
            response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &text));
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_expanded(!is_folded));
            if response.has_focus() || response.hovered() {
                let stroke = Stroke::new(1.0, colors.palette.accent);
                ui.painter().rect_stroke(rect, CornerRadius::same(2), stroke, StrokeKind::Inside);
            }
            let hint = if is_folded { l.change_unfold() } else { l.change_fold() };
            if response.on_hover_text_at_pointer(hint).clicked() {
                toggled = Some(file);
            }
        }
    });
    if keys.has_focus() {
        ui.painter().rect_stroke(
            room.expand(2.0),
            CornerRadius::same(3),
            Stroke::new(1.0, colors.palette.accent),
            StrokeKind::Inside,
        );
    }
    toggled
}

/// How far the keys scroll.
fn scroll_keys(ui: &Ui, id: Id, row: f32, page: f32) -> Option<Vec2> {
    let filter = EventFilter { vertical_arrows: true, horizontal_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
    let far = 1e6;
    let page = (page - 2.0 * row).max(row);
    let keys = [
        (Key::ArrowDown, Vec2::new(0.0, -row)),
        (Key::ArrowUp, Vec2::new(0.0, row)),
        (Key::ArrowLeft, Vec2::new(4.0 * row, 0.0)),
        (Key::ArrowRight, Vec2::new(-4.0 * row, 0.0)),
        (Key::PageDown, Vec2::new(0.0, -page)),
        (Key::PageUp, Vec2::new(0.0, page)),
        (Key::Home, Vec2::new(0.0, far)),
        (Key::End, Vec2::new(0.0, -far)),
    ];
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    keys.into_iter().find(|(key, _)| pressed(*key)).map(|(_, delta)| delta)
}

/// The colours of each class on each ground.
struct Colors {
    palette: &'static Palette,
    grounds: HashMap<LineKind, Color32>,
    classes: HashMap<(LineKind, Class), Color32>,
}

impl Colors {
    fn new(palette: &'static Palette) -> Self {
        let grounds = HashMap::from([
            (LineKind::Same, palette.well),
            (LineKind::Added, palette.behind_in_well(palette.tone(Tone::Good))),
            (LineKind::Removed, palette.behind_in_well(palette.tone(Tone::Bad))),
        ]);
        let mut classes = HashMap::new();
        for (kind, ground) in &grounds {
            for (class, color) in [
                (Class::Plain, palette.text),
                (Class::Keyword, palette.ansi[5]),
                (Class::Type, palette.ansi[4]),
                (Class::Macro, palette.ansi[6]),
                (Class::Text, palette.ansi[2]),
                (Class::Number, palette.ansi[3]),
                (Class::Comment, palette.weak),
                (Class::Lifetime, palette.ansi[3]),
            ] {
                classes.insert((*kind, class), readable(color, palette.strong, *ground));
            }
        }
        Self { palette, grounds, classes }
    }

    fn ground(&self, kind: LineKind) -> Color32 {
        self.grounds.get(&kind).copied().unwrap_or(self.palette.well)
    }

    fn class(&self, kind: LineKind, class: Class) -> Color32 {
        self.classes.get(&(kind, class)).copied().unwrap_or(self.palette.text)
    }
}

/// What all rows are drawn with.
struct Pen<'a> {
    font: &'a FontId,
    colors: &'a Colors,
    /// Width of a line number.
    numbers: f32,
    /// Width of a character.
    column: f32,
    /// How far is scrolled to the right.
    left: f32,
    l: Language,
}

impl Pen<'_> {
    /// Draws a row and says what it says.
    fn row(&self, ui: &Ui, shown: &Comparison, row: ChangeRow, rect: Rect, is_folded: bool) -> String {
        let palette = self.colors.palette;
        // Names stay in sight when the lines are scrolled to the right.
        let left = rect.left() + self.left + 6.0;
        match row {
            ChangeRow::File(file) => {
                let counts = shown.counts.get(file).copied().unwrap_or_default();
                ui.painter().rect_filled(rect, CornerRadius::same(2), palette.selected);
                shown.files().get(file).map_or(String::new(), |file| {
                    self.fold_mark(ui, Pos2::new(left, rect.center().y), is_folded);
                    self.file(ui, file, counts, rect, left + 2.0 * self.column)
                })
            }
            ChangeRow::NoLines(file) => {
                let binary = shown.files().get(file).is_some_and(|file| file.binary);
                let text = if binary { self.l.change_binary() } else { self.l.change_empty_file() };
                self.text(ui, text, Pos2::new(left, rect.center().y), palette.weak);
                text.to_owned()
            }
            ChangeRow::Gap => {
                let y = rect.center().y;
                ui.painter().hline(rect.x_range(), y, Stroke::new(1.0, palette.line));
                self.l.change_gap().to_owned()
            }
            ChangeRow::Line { file, hunk, line } => {
                let end = match shown.end_to_tell(file, hunk, line) {
                    None | Some(LineEnd::Lf) => "",
                    Some(LineEnd::CrLf) => self.l.change_end_crlf(),
                    Some(LineEnd::None) => self.l.change_end_none(),
                };
                let found = shown.line(file, hunk, line);
                found.map_or(String::new(), |(line, pieces)| self.line(ui, line, pieces, end, rect))
            }
        }
    }

    /// A triangle: to the right where the file is folded, else downwards.
    fn fold_mark(&self, ui: &Ui, left: Pos2, is_folded: bool) {
        let (r, center) = (self.column * 0.5, left + Vec2::new(self.column * 0.5, 0.0));
        let points = if is_folded {
            [Vec2::new(-r * 0.6, -r), Vec2::new(r * 0.9, 0.0), Vec2::new(-r * 0.6, r)]
        } else {
            [Vec2::new(-r, -r * 0.6), Vec2::new(r, -r * 0.6), Vec2::new(0.0, r * 0.9)]
        };
        let points = points.into_iter().map(|offset| center + offset).collect();
        ui.painter().add(Shape::convex_polygon(points, self.colors.palette.text, Stroke::NONE));
    }

    fn file(&self, ui: &Ui, file: &FileDiff, (added, removed): (usize, usize), rect: Rect, left: f32) -> String {
        let palette = self.colors.palette;
        let path = file.path.display().to_string();
        let path = shown_text(ui, &path);
        let kind = match file.kind {
            FileChange::Added => self.l.change_file_added(),
            FileChange::Removed => self.l.change_file_removed(),
            FileChange::Changed => "",
        };
        let y = rect.center().y;
        let mut x = self.text(ui, &path, Pos2::new(left, y), palette.strong) + 2.0 * self.column;
        if !kind.is_empty() {
            x = self.text(ui, kind, Pos2::new(x, y), palette.text) + self.column;
        }
        x = self.text(ui, &format!("+{added}"), Pos2::new(x, y), palette.tone(Tone::Good)) + self.column;
        self.text(ui, &format!("−{removed}"), Pos2::new(x, y), palette.tone(Tone::Bad));
        format!("{path} {kind} +{added} −{removed}").replace("  ", " ")
    }

    fn line(&self, ui: &Ui, line: &DiffLine, pieces: &[(usize, Class)], end: &str, rect: Rect) -> String {
        let palette = self.colors.palette;
        let ground = self.colors.ground(line.kind);
        if line.kind != LineKind::Same {
            ui.painter().rect_filled(rect, CornerRadius::ZERO, ground);
        }
        let y = rect.center().y;
        let number = |number: Option<u32>, right: f32| {
            if let Some(number) = number {
                let color = readable(palette.weak, palette.strong, ground);
                let at = Pos2::new(right, y);
                ui.painter().text(at, Align2::RIGHT_CENTER, number.to_string(), self.font.clone(), color);
            }
        };
        number(line.old, rect.left() + 4.0 + self.numbers);
        number(line.new, rect.left() + 4.0 + 2.0 * self.numbers + self.column);
        let sign = sign(line.kind);
        let begin = rect.left() + 4.0 + 2.0 * self.numbers + 2.0 * self.column;
        let mark = match line.kind {
            LineKind::Same => palette.weak,
            LineKind::Added => readable(palette.tone(Tone::Good), palette.strong, ground),
            LineKind::Removed => readable(palette.tone(Tone::Bad), palette.strong, ground),
        };
        self.text(ui, &sign.to_string(), Pos2::new(begin, y), mark);
        let galley = ui.painter().layout_job(self.job(line, pieces, end));
        let at = Pos2::new(begin + 1.5 * self.column, y - galley.size().y / 2.0);
        ui.painter().galley(at, galley, palette.text);
        let number = line.new.or(line.old).map_or(String::new(), |number| number.to_string());
        format!("{sign} {number} {} {end}", line.text).trim_end().to_owned()
    }

    fn job(&self, line: &DiffLine, pieces: &[(usize, Class)], line_end: &str) -> LayoutJob {
        let format = |class| TextFormat::simple(self.font.clone(), self.colors.class(line.kind, class));
        let mut job = LayoutJob::default();
        job.wrap.max_width = f32::INFINITY;
        let end = line.text.floor_char_boundary(LAID_OUT);
        let plain = [(line.text.len(), Class::Plain)];
        let mut begin = 0;
        for (to, class) in if pieces.is_empty() { &plain[..] } else { pieces } {
            let to = (*to).min(end);
            if let Some(piece) = line.text.get(begin..to) {
                job.append(&piece.replace('\t', "    "), 0.0, format(*class));
            }
            begin = to;
        }
        if end < line.text.len() {
            job.append("…", 0.0, format(Class::Comment));
        }
        if !line_end.is_empty() {
            job.append(line_end, 1.5 * self.column, format(Class::Comment));
        }
        job
    }

    /// Draws a text and says where it ends.
    fn text(&self, ui: &Ui, text: &str, at: Pos2, color: Color32) -> f32 {
        ui.painter().text(at, Align2::LEFT_CENTER, text, self.font.clone(), color).right()
    }
}
