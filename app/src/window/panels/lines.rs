//! What lists of lines have in common: a filter, staying at the end, and a selection that the
//! keyboard moves.

use std::ops::Range;

use eframe::egui::scroll_area::ScrollAreaOutput;
use eframe::egui::{
    Button, CornerRadius, Event, EventFilter, Id, Key, Modifiers, Rect, Response, RichText, ScrollArea, Sense, Stroke,
    StrokeKind, TextEdit, Ui, WidgetInfo, accesskit::Role,
};

use super::super::theme::Palette;
use super::super::widgets::outlined;
use crate::text::Language;

/// Where a text is found in a line, in bytes. Letters of ASCII are the same in both cases.
pub(super) fn find(line: &str, wanted: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = position(&line[from..], wanted) {
        found.push(from + at..from + at + wanted.len());
        from += at + wanted.len();
    }
    found
}

/// Whether a text is found in a line; nothing is found everywhere.
pub(super) fn contains(line: &str, wanted: &str) -> bool {
    wanted.is_empty() || position(line, wanted).is_some()
}

fn position(line: &str, wanted: &str) -> Option<usize> {
    let (line, wanted) = (line.as_bytes(), wanted.as_bytes());
    let first = wanted.first()?;
    // A text of whole characters is found only where a character begins.
    line.windows(wanted.len()).position(|here| here[0].eq_ignore_ascii_case(first) && here.eq_ignore_ascii_case(wanted))
}

/// Whether a list stays at its end when something new comes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Follow {
    /// Whether it does.
    pub(crate) on: bool,
    /// Whether it did when the list was last drawn.
    was_on: bool,
    /// What was to be seen of the list then, in points.
    height: f32,
    /// How far it was scrolled then.
    offset: f32,
}

impl Default for Follow {
    fn default() -> Self {
        Self { on: true, was_on: true, height: 0.0, offset: 0.0 }
    }
}

impl Follow {
    /// The area, scrolled to where it shall be; `total` is the height of everything in it, and `reveal` a part
    /// that is to be seen.
    pub(super) fn area(&mut self, area: ScrollArea, total: f32, reveal: Option<Range<f32>>) -> ScrollArea {
        let end = (total - self.height).max(0.0);
        if let Some(part) = reveal {
            let offset = revealing(self.offset, self.height, part).min(end);
            // Going up by the keyboard is going up.
            self.on &= offset > end - 0.5;
            area.vertical_scroll_offset(offset)
        } else if self.on && !self.was_on {
            area.stick_to_bottom(true).vertical_scroll_offset(end)
        } else {
            area.stick_to_bottom(self.on)
        }
    }

    /// Looks at what the user did: scrolling up ends the following, and back at the end it begins
    /// again.
    pub(super) fn after<R>(&mut self, ui: &Ui, output: &ScrollAreaOutput<R>) {
        let height = output.inner_rect.height();
        let end = (output.content_size.y - height).max(0.0);
        let offset = output.state.clamped_offset().y;
        let (down, at_end) = (offset > self.offset + 0.5, offset > end - 0.5);
        self.on = at_end && (self.on || down);
        // The end has moved, which egui knows only when everything was drawn.
        if self.on && down {
            ui.ctx().request_repaint();
        }
        (self.was_on, self.height, self.offset) = (self.on, height, offset);
    }
}

/// How far to scroll so that a part is seen, from where the list is now.
pub(super) fn revealing(offset: f32, height: f32, part: Range<f32>) -> f32 {
    offset.min(part.start).max(part.end - height).max(0.0).min(part.start)
}

/// What the keyboard asks of a list that has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    /// Select this many further down; up, if it is negative.
    Move(isize),
    /// Copy.
    Copy,
}

/// How many entries a page of the keyboard has.
const PAGE: isize = 20;

/// The list itself: it has the keyboard, and its entries do not, so that Tab goes past it in one step.
/// It is to be drawn before them.
pub(super) fn list_ui(ui: &mut Ui, id: Id, rect: Rect, name: &str, selected: Option<&str>) -> (Response, Option<Ask>) {
    let response = ui.interact(rect, id, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::ListBox, true, name));
    if let Some(selected) = selected {
        ui.ctx().accesskit_node_builder(id, |node| node.set_value(selected));
    }
    if response.clicked() {
        response.request_focus();
    }
    if !response.has_focus() {
        return (response, None);
    }
    let filter = EventFilter { vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
    ui.painter().rect_stroke(rect, CornerRadius::same(4), Stroke::new(1.0, Palette::at(ui).accent), StrokeKind::Inside);
    let ask = ui.input_mut(|input| {
        let keys = [
            (Key::ArrowDown, 1),
            (Key::ArrowUp, -1),
            (Key::PageDown, PAGE),
            (Key::PageUp, -PAGE),
            (Key::Home, isize::MIN),
            (Key::End, isize::MAX),
        ];
        let moved = keys.into_iter().find(|(key, _)| input.consume_key(Modifiers::NONE, *key));
        let copies = input.events.iter().any(|event| matches!(event, Event::Copy));
        moved.map(|(_, by)| Ask::Move(by)).or(copies.then_some(Ask::Copy))
    });
    (response, ask)
}

/// The next place in a list of `len`, from the one that is selected. Without one it is the last, which is the
/// newest, unless the first is asked for.
pub(super) fn moved(selected: Option<usize>, by: isize, len: usize) -> Option<usize> {
    let last = len.checked_sub(1)?;
    let without = if by == isize::MIN { 0 } else { last };
    Some(selected.map_or(without, |at| at.saturating_add_signed(by).min(last)))
}

/// The field for a filter. Esc empties it.
pub(super) fn filter_ui(ui: &mut Ui, filter: &mut String, name: &str) -> Response {
    let hint = Language::at(ui).filter_hint();
    let field = TextEdit::singleline(filter).hint_text(hint).desired_width(150.0);
    let response = outlined(ui, field).accessible_name(name).on_hover_text(name);
    if response.lost_focus() && ui.input(|input| input.key_pressed(Key::Escape)) {
        filter.clear();
    }
    response
}

/// A button that is on or off, and looks like a button in both.
pub(super) fn toggle_ui(ui: &mut Ui, on: &mut bool, text: impl Into<RichText>) -> Response {
    let mut response = ui.add(Button::selectable(*on, text.into()).frame_when_inactive(true));
    if response.clicked() {
        *on = !*on;
        response.mark_changed();
    }
    response
}

/// The bar at the left of what is selected. A tinted ground would take the contrast from the colours of others.
pub(super) fn selected_ui(ui: &Ui, rect: Rect) {
    let bar = Rect::from_min_size(rect.min, [3.0, rect.height()].into());
    ui.painter().rect_filled(bar, CornerRadius::same(1), Palette::at(ui).accent);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::single_range_in_vec_init, reason = "lists of ranges; clippy does not see an expectation here")]
    fn text_is_found_in_any_case_and_script() {
        for (line, wanted, found) in [
            ("Hello, hello", "HELLO", vec![(0, 5), (7, 12)]),
            ("aaa", "aa", vec![(0, 2)]),
            ("汉字 and 汉", "汉", vec![(0, 3), (11, 14)]),
            ("abc", "x", vec![]),
            ("a", "longer", vec![]),
            ("abc", "", vec![]),
        ] {
            let seen: Vec<_> = find(line, wanted).into_iter().map(|range| (range.start, range.end)).collect();
            assert_eq!(seen, found, "{wanted} in {line}");
            assert_eq!(contains(line, wanted), wanted.is_empty() || !found.is_empty());
        }
    }

    #[test]
    fn a_part_is_revealed_with_as_little_scrolling_as_possible() {
        for (offset, part, expected) in [
            (100.0, 120.0..140.0, 100.0),
            (100.0, 20.0..40.0, 20.0),
            (100.0, 220.0..240.0, 140.0),
            // What is too high for the list is seen from its beginning.
            (100.0, 220.0..420.0, 220.0),
        ] {
            assert_eq!(revealing(offset, 100.0, part.clone()), expected, "{part:?}");
        }
    }

    #[test]
    fn a_selection_stays_inside() {
        for (selected, by, len, expected) in [
            (None, 1, 0, None),
            (None, -1, 5, Some(4)),
            (None, isize::MIN, 5, Some(0)),
            (Some(0), -1, 5, Some(0)),
            (Some(3), 9, 5, Some(4)),
            (Some(3), isize::MIN, 5, Some(0)),
            (Some(1), isize::MAX, 5, Some(4)),
            (Some(9), 1, 5, Some(4)),
        ] {
            assert_eq!(moved(selected, by, len), expected);
        }
    }
}
