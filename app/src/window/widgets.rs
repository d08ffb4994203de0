//! Small pieces that several panels draw.

use eframe::egui::{
    Align, Button, Color32, CornerRadius, CursorIcon, FontId, Frame, Id, Label, Layout, Margin, Response, RichText,
    Sense, Stroke, TextStyle, Ui, Vec2, Widget, WidgetInfo, accesskit::Role,
};
use exuvia_runtime::call::Answer;
use exuvia_runtime::session::status::Tone;

use super::actions::Action;
use super::dock::Panel;
use super::figure::shown;
use super::theme::Palette;
use crate::model::Model;
use crate::text::Language;

/// Whether an action can be done now, found out before drawing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Offer {
    /// The action.
    pub(crate) action: Action,
    /// Whether it can be done.
    pub(crate) possible: bool,
}

impl Offer {
    /// What the model says about the action.
    pub(crate) fn new(action: Action, model: &Model) -> Self {
        Self { possible: action.is_possible(model), action }
    }
}

/// The tooltip of an action, with its shortcut.
pub(crate) fn tooltip(ui: &Ui, action: &Action) -> String {
    let tooltip = shown(ui, &action.tooltip(Language::at(ui))).into_owned();
    match action.shortcuts().first() {
        Some(shortcut) => format!("{tooltip} ({})", shortcut.text(ui.ctx())),
        None => tooltip,
    }
}

/// A button for an action.
pub(crate) fn action_button(ui: &mut Ui, offer: &Offer) -> Option<Action> {
    named_action_button(ui, offer, Button::new(offer.action.label(Language::at(ui))))
}

/// A button for an action that says what it does in other words.
pub(crate) fn named_action_button(ui: &mut Ui, offer: &Offer, button: Button<'_>) -> Option<Action> {
    let hint = tooltip(ui, &offer.action);
    let response = ui.add_enabled(offer.possible, button).on_hover_text(&hint).on_disabled_hover_text(&hint);
    response.clicked().then(|| offer.action.clone())
}

/// Adds an entry field, a checkbox or the like with a line around it, by which it is found on any ground (WCAG
/// 1.4.11).
pub(crate) fn outlined(ui: &mut Ui, widget: impl Widget) -> Response {
    let line = Stroke::new(1.0, Palette::at(ui).weak);
    let usual = std::mem::replace(&mut ui.visuals_mut().widgets.inactive.bg_stroke, line);
    let response = ui.add(widget);
    ui.visuals_mut().widgets.inactive.bg_stroke = usual;
    response
}

/// Begins another row of what wraps, if a thing of this width no longer fits into this one.
pub(crate) fn wrap_before(ui: &mut Ui, width: f32) {
    if ui.available_size_before_wrap().x < width {
        ui.end_row();
    }
}

/// How wide a text is in one line.
pub(crate) fn text_width(ui: &Ui, text: &str, font: FontId) -> f32 {
    ui.painter().layout_no_wrap(text.to_owned(), font, Color32::PLACEHOLDER).size().x
}

/// How wide a [`chip`] is.
pub(crate) fn chip_width(ui: &Ui, text: &str) -> f32 {
    // Its margins, and its line at both sides.
    text_width(ui, text, TextStyle::Small.resolve(ui.style())) + 14.0
}

/// A word on a tinted ground.
pub(crate) fn chip(ui: &mut Ui, text: &str, color: Color32) -> Response {
    framed(
        ui,
        RichText::new(text).text_style(TextStyle::Small).color(color),
        color,
        (Margin::symmetric(6, 1), 8),
        Sense::hover(),
    )
}

/// The status: larger, and cut off where there is no room (the tooltip has it all).
pub(crate) fn pill(ui: &mut Ui, text: &str, tone: Tone, sense: Sense) -> Response {
    let color = Palette::at(ui).tone(tone);
    let text = RichText::new(text).color(color).strong();
    framed(ui, text, color, (Margin::symmetric(10, 3), 12), sense)
}

/// Makes a label that was drawn with [`Sense::click`] a button by which a panel is shown: to whoever listens, and by
/// the pointer.
pub(crate) fn leads_to(ui: &Ui, label: &Response, text: &str, panel: Panel) -> Option<Action> {
    let l = Language::at(ui);
    let name = l.leads_to(text, panel.title(l));
    label.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    if label.hovered() {
        ui.set_cursor_icon(CursorIcon::PointingHand);
    }
    label.clicked().then_some(Action::ShowPanel(panel))
}

fn framed(ui: &mut Ui, text: RichText, color: Color32, (margin, radius): (Margin, u8), sense: Sense) -> Response {
    Frame::new()
        .fill(Palette::at(ui).behind(color))
        .stroke(Stroke::new(1.0, color.gamma_multiply(0.45)))
        .corner_radius(CornerRadius::same(radius))
        .inner_margin(margin)
        .show(ui, |ui| {
            let label = Label::new(text.color(color)).truncate().selectable(false);
            ui.add(if sense == Sense::hover() { label } else { label.sense(sense) })
        })
        .inner
}

/// A panel's heading.
pub(crate) fn heading(ui: &mut Ui, text: &str) {
    let color = Palette::at(ui).strong;
    ui.add(Label::new(RichText::new(text).strong().color(color)).selectable(false));
}

/// A label that is cut off where there is no room; the tooltip then has it all.
pub(crate) fn truncated(ui: &mut Ui, text: RichText) -> Response {
    ui.add(Label::new(text).truncate().selectable(false))
}

/// What stands in a panel as long as it has nothing to show: what will appear, and how to get it.
pub(crate) fn empty_state(ui: &mut Ui, title: &str, how: &str) {
    ui.add_space(10.0);
    ui.with_layout(Layout::top_down(Align::Min), |ui| {
        ui.label(RichText::new(title).color(Palette::at(ui).strong));
        ui.label(RichText::new(shown(ui, how)).weak());
    });
}

/// A darker (or brighter) ground that fills the rest of the panel, for text that others wrote.
pub(crate) fn well<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    let frame = Frame::new().fill(Palette::at(ui).well).corner_radius(CornerRadius::same(4));
    let inner = frame.inner_margin(Margin::symmetric(10, 6)).show(ui, |ui| {
        ui.set_min_size(ui.available_size());
        content(ui)
    });
    inner.inner
}

/// An answer as it is to be shown.
pub(crate) fn answer_text(ui: &Ui, answer: &Answer) -> String {
    shown(ui, &answer.to_string()).into_owned()
}

/// The colour of an answer.
pub(crate) fn answer_color(ui: &Ui, answer: &Answer) -> Color32 {
    let palette = Palette::at(ui);
    match answer {
        Answer::Returned { .. } => palette.text,
        Answer::ReturnedErr { .. } => palette.tone(Tone::Attention),
        Answer::Panicked { .. } | Answer::Refused { .. } | Answer::Faulted { .. } => palette.tone(Tone::Bad),
    }
}

/// Whether what has this name was not drawn in the pass before. What is measured first, unseen, does not count: the
/// keyboard could not go there.
pub(crate) fn is_new(ui: &Ui, id: Id) -> bool {
    if ui.is_sizing_pass() {
        return false;
    }
    let pass = ui.ctx().cumulative_pass_nr();
    let before = ui.data_mut(|data| data.get_temp_mut_or_default::<Option<u64>>(id).replace(pass));
    before.is_none_or(|before| before + 1 < pass)
}

/// A dot of this colour, or an empty place of its size.
pub(crate) fn dot(ui: &mut Ui, color: Option<Color32>) {
    let (rect, _) = ui.allocate_exact_size(Vec2::splat(10.0), Sense::hover());
    if let Some(color) = color {
        ui.painter().circle_filled(rect.center(), 4.5, color);
    }
}
