//! The tree's rows: drawn where they can be seen, walked through with the arrows.

use eframe::egui::text::{LayoutJob, TextFormat};
use eframe::egui::{
    Align, Color32, CornerRadius, Event, EventFilter, FontId, Id, Key, Modifiers, Pos2, Rect, ScrollArea, Sense, Shape,
    Stroke, StrokeKind, TextStyle, Ui, Vec2, WidgetInfo, accesskit::Role, style::ScrollAnimation,
};
use exuvia_runtime::session::status::Tone;

use super::super::figure::shown;
use super::super::theme::{Palette, readable};
use crate::model::state_tree::{Preview, StateMark, StateRow};
use crate::text::Language;

/// Width of one step in, in points.
const STEP: f32 = 16.0;

/// What was asked for, with the path of the row.
#[derive(Debug, PartialEq)]
pub(super) enum Asked {
    /// Open or close it.
    Toggle(String),
    /// Show more of its siblings; the path is the parent's.
    More(String),
    /// Copy where it stands.
    CopyPath(String),
    /// Copy what it holds.
    CopyValue(String),
}

/// Where somebody is in the tree.
#[derive(Debug, Default)]
pub(super) struct Here {
    /// The path of the selected row.
    pub(super) selected: Option<String>,
    /// The row that is to have the keyboard as soon as it is scrolled to: what is not drawn cannot
    /// keep it.
    focus: Option<usize>,
}

/// The widget of a row, which is the same wherever the row stands.
fn row_id(row: &StateRow) -> Id {
    let more = matches!(row.preview, Preview::More(_));
    Id::unique(("state row", &row.path, more))
}

/// Draws the tree.
pub(super) fn tree_ui(ui: &mut Ui, rows: &[StateRow], here: &mut Here, l: Language) -> Option<Asked> {
    let Here { selected, focus } = here;
    let font = TextStyle::Monospace.resolve(ui.style());
    let height = ui.fonts_mut(|fonts| fonts.row_height(&font)) + 6.0;
    ui.spacing_mut().item_spacing.y = 0.0;
    let mut asked = None;
    ScrollArea::vertical().id_salt("state tree").auto_shrink(false).show_viewport(ui, |ui, viewport| {
        #[expect(clippy::cast_precision_loss, reason = "there are no millions of rows")]
        let top = |index: usize| index as f32 * height;
        ui.set_height(top(rows.len()));
        let (origin, width) = (ui.max_rect().min, ui.available_width());
        let place = |index: usize| Rect::from_min_size(origin + Vec2::new(0.0, top(index)), Vec2::new(width, height));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positions in a list")]
        let at = |y: f32| (y / height).floor().max(0.0) as usize;
        // One more at either end, so that the arrows find it there.
        let seen = at(viewport.min.y).saturating_sub(1)..(at(viewport.max.y) + 2).min(rows.len());
        for index in seen {
            let row = &rows[index];
            if *focus == Some(index) {
                ui.memory_mut(|memory| memory.request_focus(row_id(row)));
                *focus = None;
            }
            let drawn = row_ui(ui, row, place(index), &font, selected.as_deref() == Some(&row.path), l);
            if drawn.asked.is_some() {
                *selected = Some(row.path.clone());
                // The first of those that come stands where the row for more stood.
                *focus = matches!(drawn.asked, Some(Asked::More(_))).then_some(index);
                asked = drawn.asked;
            }
            if drawn.is_focused {
                *selected = Some(row.path.clone());
                if let Some(to) = step(ui, rows, index, &mut asked) {
                    *focus = Some(to);
                    ui.ctx().request_repaint();
                    ui.scroll_to_rect_animation(place(to), None, ScrollAnimation::none());
                }
            }
        }
    });
    asked
}

/// Where the arrows lead to from a row; what they open or close is asked for.
fn step(ui: &Ui, rows: &[StateRow], index: usize, asked: &mut Option<Asked>) -> Option<usize> {
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    let row = &rows[index];
    let last = rows.len().saturating_sub(1);
    if pressed(Key::ArrowDown) {
        return Some((index + 1).min(last));
    }
    if pressed(Key::ArrowUp) {
        return Some(index.saturating_sub(1));
    }
    if pressed(Key::Home) {
        return Some(0);
    }
    if pressed(Key::End) {
        return Some(last);
    }
    if pressed(Key::ArrowRight) {
        match row.open {
            Some(false) => *asked = Some(Asked::Toggle(row.path.clone())),
            Some(true) => return Some((index + 1).min(last)),
            None => {}
        }
    }
    if pressed(Key::ArrowLeft) {
        if row.open == Some(true) {
            *asked = Some(Asked::Toggle(row.path.clone()));
        } else {
            return rows[..index].iter().rposition(|other| other.depth < row.depth);
        }
    }
    if ui.input(|input| input.events.contains(&Event::Copy)) {
        *asked = Some(Asked::CopyValue(row.path.clone()));
    }
    None
}

struct Drawn {
    asked: Option<Asked>,
    is_focused: bool,
}

fn row_ui(ui: &mut Ui, row: &StateRow, rect: Rect, font: &FontId, selected: bool, l: Language) -> Drawn {
    let palette = Palette::at(ui);
    let id = row_id(row);
    let response = ui.interact(rect, id, Sense::click());
    let value = shown(ui, &value_text(&row.preview, l)).into_owned();
    let mark = row.mark.map(|mark| Mark::of(mark, palette, l));
    let mark_text = mark.as_ref().map_or("", |mark| mark.text);
    response.widget_info(|| WidgetInfo::labeled(Role::TreeItem, true, spoken(&row.key, &value, mark_text)));
    ui.ctx().accesskit_node_builder(id, |node| {
        node.set_selected(selected);
        node.set_level(row.depth + 1);
        if let Some(open) = row.open {
            node.set_expanded(open);
        }
    });

    let ground = match () {
        () if selected => palette.selected,
        () if response.hovered() => palette.hovered,
        () => palette.well,
    };
    let painter = ui.painter();
    painter.rect_filled(rect, CornerRadius::same(3), ground);
    if response.has_focus() {
        painter.rect_stroke(rect, CornerRadius::same(3), Stroke::new(1.0, palette.accent), StrokeKind::Inside);
        let filter = EventFilter { vertical_arrows: true, horizontal_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
    }
    #[expect(clippy::cast_precision_loss, reason = "nobody nests that deep")]
    let left = rect.left() + 4.0 + row.depth as f32 * STEP;
    if let Some(open) = row.open {
        ui.painter().add(triangle(Pos2::new(left + 5.0, rect.center().y), open, palette.weak));
    }

    let mut right = rect.right() - 6.0;
    if let Some(mark) = &mark {
        let small = TextStyle::Small.resolve(ui.style());
        let color = readable(mark.color, palette.text, ground);
        let galley = ui.painter().layout_no_wrap(mark.text.to_owned(), small, color);
        right -= galley.size().x;
        ui.painter().galley(Pos2::new(right, rect.center().y - galley.size().y / 2.0), galley, color);
        ui.painter().rect_filled(
            Rect::from_min_max(rect.min, Pos2::new(rect.left() + 2.0, rect.bottom())),
            CornerRadius::ZERO,
            mark.color,
        );
        right -= 10.0;
    }
    let begin = left + STEP;
    let gone = matches!(row.mark, Some(StateMark::Removed | StateMark::Dropped));
    let mut job = text_job(row, &value, font, palette, ground, gone);
    job.wrap.max_width = (right - begin).max(8.0);
    job.wrap.max_rows = 1;
    job.wrap.break_anywhere = true;
    let galley = ui.painter().layout_job(job);
    ui.painter().galley(Pos2::new(begin, rect.center().y - galley.size().y / 2.0), galley, palette.text);

    let mut asked = None;
    if response.clicked() {
        asked = click(row);
        response.request_focus();
    }
    let is_focused = response.has_focus();
    response.context_menu(|ui| {
        for (words, copy) in [
            (l.state_copy_value(), Asked::CopyValue(row.path.clone())),
            (l.state_copy_path(), Asked::CopyPath(row.path.clone())),
        ] {
            if ui.button(words).clicked() {
                asked = Some(copy);
                ui.close();
            }
        }
    });
    response.on_hover_ui(|ui| {
        let hint = mark.as_ref().map_or("", |mark| mark.hint);
        let more = matches!(row.preview, Preview::More(_));
        let path = if row.path.is_empty() { row.key.as_str() } else { row.path.as_str() };
        let lines = if more { vec![l.state_more_hint()] } else { vec![path, value.as_str(), hint] };
        for line in lines.into_iter().filter(|line| !line.is_empty()) {
            ui.label(shown(ui, line));
        }
    });
    Drawn { asked, is_focused }
}

/// What a click, Enter or Space on a row asks for.
fn click(row: &StateRow) -> Option<Asked> {
    match (&row.preview, row.open) {
        (Preview::More(_), _) => Some(Asked::More(row.path.clone())),
        (_, Some(_)) => Some(Asked::Toggle(row.path.clone())),
        (_, None) => None,
    }
}

fn text_job(row: &StateRow, value: &str, font: &FontId, palette: &Palette, ground: Color32, gone: bool) -> LayoutJob {
    let strikethrough = if gone { Stroke::new(1.0, palette.weak) } else { Stroke::NONE };
    let format = |color: Color32| TextFormat {
        font_id: font.clone(),
        color: readable(color, palette.text, ground),
        strikethrough,
        valign: Align::Center,
        ..TextFormat::default()
    };
    let mut job = LayoutJob::default();
    if !row.key.is_empty() {
        job.append(&row.key, 0.0, format(palette.strong));
        job.append("  ", 0.0, TextFormat { strikethrough: Stroke::NONE, ..format(palette.weak) });
    }
    let color = match row.preview {
        Preview::Text(_) => palette.ansi[2],
        Preview::Plain(_) => palette.ansi[4],
        Preview::Fields(_) | Preview::Items(_) => palette.weak,
        Preview::More(_) => palette.tone(Tone::Busy),
    };
    job.append(value, 0.0, format(color));
    job
}

fn value_text(preview: &Preview, l: Language) -> String {
    match preview {
        Preview::Text(text) | Preview::Plain(text) => text.clone(),
        Preview::Fields(1) => l.state_one_field().to_owned(),
        Preview::Fields(n) => l.state_fields(*n),
        Preview::Items(1) => l.state_one_item().to_owned(),
        Preview::Items(n) => l.state_items(*n),
        Preview::More(n) => l.state_more(&grouped(*n)),
    }
}

fn spoken(key: &str, value: &str, mark: &str) -> String {
    let mut text = if key.is_empty() { value.to_owned() } else { format!("{key}: {value}") };
    if !mark.is_empty() {
        text.push_str(", ");
        text.push_str(mark);
    }
    text
}

/// `9,900`
fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

struct Mark {
    text: &'static str,
    hint: &'static str,
    color: Color32,
}

impl Mark {
    fn of(mark: StateMark, palette: &Palette, l: Language) -> Self {
        let (text, hint, tone) = match mark {
            StateMark::Changed => (l.state_changed(), l.state_changed_hint(), Tone::Attention),
            StateMark::Added => (l.state_added(), l.state_added_hint(), Tone::Good),
            StateMark::Removed => (l.state_removed(), l.state_removed_hint(), Tone::Bad),
            StateMark::New => (l.state_new(), l.state_new_hint(), Tone::Good),
            StateMark::NewChanged => (l.state_new_changed(), l.state_new_changed_hint(), Tone::Attention),
            StateMark::Dropped => (l.state_dropped(), l.state_dropped_hint(), Tone::Bad),
        };
        Self { text, hint, color: palette.tone(tone) }
    }
}

fn triangle(center: Pos2, open: bool, color: Color32) -> Shape {
    let (a, b) = (3.0, 4.0);
    let points = if open {
        [Vec2::new(-b, -a), Vec2::new(b, -a), Vec2::new(0.0, b)]
    } else {
        [Vec2::new(-a, -b), Vec2::new(b, 0.0), Vec2::new(-a, b)]
    };
    Shape::convex_polygon(points.map(|point| center + point).to_vec(), color, Stroke::NONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([0, 999, 1_000, 9_900, 1_234_567].map(grouped), ["0", "999", "1,000", "9,900", "1,234,567"]);
    }
}
