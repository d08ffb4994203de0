//! What drops down from the bar above: entries that can be walked through with the arrow keys, each
//! with its explanation beside it. egui moves the focus; what has it is made to be seen here.

use eframe::egui::style::ScrollStyle;
use eframe::egui::{Button, Id, RectAlign, Response, ScrollArea, Stroke, Tooltip, Ui};

use super::theme::Palette;
use super::widgets::is_new;

/// Room for the menu's frame, between the window's edges and its entries.
const MARGIN: f32 = 24.0;

/// Where an explanation stands: beside the entry, so that it covers no other one.
const BESIDE: &[RectAlign] =
    &[RectAlign::LEFT, RectAlign::LEFT_START, RectAlign::RIGHT, RectAlign::RIGHT_START, RectAlign::LEFT_END];

/// The entries of a menu while they are drawn.
pub(super) struct Entries {
    /// The next entry that can be chosen is given the keyboard.
    begin: bool,
}

/// Draws a menu's entries, which are as many as the window is high; the rest is scrolled to.
pub(super) fn entries_ui<R>(ui: &mut Ui, id: Id, content: impl FnOnce(&mut Ui, &mut Entries) -> R) -> R {
    let is_new = is_new(ui, id);
    let palette = Palette::at(ui);
    let style = ui.style_mut();
    let focused = &mut style.visuals.widgets.active;
    focused.weak_bg_fill = palette.selected;
    focused.bg_stroke = Stroke::new(1.0, palette.accent);
    // A bar with a place of its own lies over no shortcut.
    style.spacing.scroll =
        ScrollStyle { bar_inner_margin: 8.0, fade: style.spacing.scroll.fade, ..ScrollStyle::solid() };
    let room = (ui.ctx().content_rect().bottom() - ui.max_rect().top() - MARGIN).max(120.0);
    let mut area = ScrollArea::vertical().id_salt(id).max_height(room).min_scrolled_height(room);
    if is_new {
        area = area.vertical_scroll_offset(0.0);
    }
    area.show(ui, |ui| content(ui, &mut Entries { begin: is_new })).inner
}

impl Entries {
    /// An entry.
    pub(super) fn entry(&mut self, ui: &mut Ui, possible: bool, button: Button<'_>, hint: &str) -> Response {
        let response = ui.add_enabled(possible, button);
        if possible && std::mem::take(&mut self.begin) {
            response.request_focus();
        }
        if response.gained_focus() {
            response.scroll_to_me(None);
        }
        let beside = |mut tooltip: Tooltip<'_>| {
            tooltip.popup = tooltip.popup.align(RectAlign::LEFT).align_alternatives(BESIDE);
            tooltip.gap(12.0).show(|ui| ui.label(hint));
        };
        beside(Tooltip::for_enabled(&response));
        beside(Tooltip::for_disabled(&response));
        response
    }
}
