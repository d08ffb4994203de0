//! How the notices are drawn: lines across the window above its lowest one, in room that what stands above has
//! left them, so that they cover nothing.

use eframe::egui::accesskit::{Live, Role};
use eframe::egui::{
    Area, Button, Context, FontId, Frame, Id, Margin, Order, Rect, RichText, Sides, Stroke, TextStyle, Ui, Vec2,
    WidgetInfo,
};
use exuvia_runtime::session::status::Tone;

use super::super::actions::Action;
use super::super::dock::Panel;
use super::super::figure::shown;
use super::super::theme::Palette;
use super::super::widgets::{Offer, named_action_button, text_width, truncated};
use super::{Toast, Toasts};
use crate::model::{Model, ansi};
use crate::text::Language;

/// Height of a line of a notice, with the buttons in it.
const LINE: f32 = 26.0;

/// Above and below a notice's lines, and the stripe at its left with the gap beside it.
const MARGIN: f32 = 3.0;
const LEFT: f32 = 14.0;

/// What is taken of the window's height at most, unless the newest alone needs more.
const MOST_HEIGHT: f32 = 0.25;

/// What is drawn, newest first.
#[derive(Debug)]
pub(in super::super) struct ToastsView {
    lines: Vec<ToastLine>,
    height: f32,
}

/// A notice as it is drawn.
#[derive(Debug)]
struct ToastLine {
    id: u64,
    title: String,
    /// The first line of what else is to be known; the tooltip has it all.
    first: String,
    text: String,
    tone: Tone,
    offers: Vec<(Offer, String)>,
    /// Whether all of it stands in one line.
    is_short: bool,
}

impl ToastLine {
    fn new(ui: &Ui, toast: &Toast, model: &Model, seen: &dyn Fn(Panel) -> bool, width: f32) -> Self {
        let l = Language::at(ui);
        let (title, text) = toast.notice.words(l);
        let text = shown(ui, &text).into_owned();
        let first = ansi::plain_line(text.lines().next().unwrap_or_default());
        let mut offers = toast.notice.offers(model, l);
        // A way to where one is already is none.
        offers.retain(|(offer, _)| leads_to(&offer.action).is_none_or(|panel| !seen(panel)));
        let font = |style: TextStyle| -> FontId { style.resolve(ui.style()) };
        let gap = ui.spacing().item_spacing.x;
        let button =
            |words: &str| text_width(ui, words, font(TextStyle::Button)) + 2.0 * ui.spacing().button_padding.x + gap;
        let needed = LEFT
            + text_width(ui, &title, font(TextStyle::Body))
            + gap
            + text_width(ui, &first, font(TextStyle::Small))
            + offers.iter().map(|(_, words)| button(words)).sum::<f32>()
            + button("×")
            + 2.0 * gap;
        let is_short = first.is_empty() || needed <= width;
        Self { id: toast.id, title, first, text, tone: toast.notice.tone(), offers, is_short }
    }

    fn height(&self) -> f32 {
        2.0 * MARGIN + if self.is_short { LINE } else { 2.0 * LINE - 4.0 }
    }
}

impl ToastsView {
    /// What is to be drawn in a place of this size. `seen`: whether a panel can be seen.
    pub(in super::super) fn new(
        ui: &Ui,
        model: &Model,
        toasts: &Toasts,
        place: Vec2,
        seen: &dyn Fn(Panel) -> bool,
    ) -> Self {
        let lines = toasts.shown.iter().rev().map(|toast| ToastLine::new(ui, toast, model, seen, place.x));
        let (mut shown, mut height) = (Vec::new(), 0.0);
        for line in lines {
            let with = height + line.height() + 1.0;
            if !shown.is_empty() && with > place.y * MOST_HEIGHT {
                break;
            }
            height = with;
            shown.push(line);
        }
        Self { lines: shown, height }
    }

    /// How much room they take.
    pub(in super::super) fn height(&self) -> f32 {
        self.height
    }
}

/// Draws the notices into this room, above everything but overlays.
pub(in super::super) fn toasts_ui(ctx: &Context, view: &ToastsView, toasts: &mut Toasts, room: Rect) -> Option<Action> {
    if view.lines.is_empty() {
        return None;
    }
    let (mut action, mut gone, mut held) = (None, None, false);
    let area = Area::new(Id::unique("toasts")).order(Order::Middle).fixed_pos(room.min).constrain(false);
    let response = area.show(ctx, |ui| {
        ui.set_clip_rect(room);
        ui.set_width(room.width());
        ui.spacing_mut().item_spacing.y = 0.0;
        for line in &view.lines {
            match line_ui(ui, line) {
                Pressed::Nothing => {}
                Pressed::Held => held = true,
                Pressed::Close => gone = Some(line.id),
                Pressed::Action(asked) => {
                    gone = Some(line.id);
                    action = Some(asked);
                }
            }
        }
    });
    let pointer = ctx.pointer_latest_pos();
    if toasts.shown.iter().any(|toast| toast.until.is_none()) {
        toasts.resting = pointer;
    }
    // Whoever works elsewhere has left the pointer somewhere, perhaps here.
    held |= response.response.contains_pointer() && pointer != toasts.resting;
    let drawn = toasts.shown.len();
    toasts.shown.retain(|toast| gone != Some(toast.id));
    if let Some(after) = toasts.pass(ctx.input(|input| input.time), held) {
        ctx.request_repaint_after(after);
    }
    if toasts.shown.len() < drawn {
        // What goes was drawn once more in this frame.
        ctx.request_repaint();
    }
    action
}

/// What happened to a notice.
enum Pressed {
    Nothing,
    /// One of its buttons has the keyboard.
    Held,
    Close,
    Action(Action),
}

fn line_ui(ui: &mut Ui, line: &ToastLine) -> Pressed {
    let palette = Palette::at(ui);
    let color = palette.tone(line.tone);
    let mut pressed = Pressed::Nothing;
    let frame = Frame::new().fill(palette.behind(color)).inner_margin(Margin { left: 14, right: 8, top: 3, bottom: 3 });
    let first = |ui: &mut Ui| {
        truncated(ui, RichText::new(&line.first).small().color(palette.strong)).on_hover_text(&line.text);
    };
    ui.painter().hline(ui.max_rect().x_range(), ui.cursor().top() + 0.5, Stroke::new(1.0, palette.line));
    ui.add_space(1.0);
    let response = ui.push_id(line.id, |ui| {
        frame.show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.set_min_height(line.height() - 2.0 * MARGIN);
            Sides::new().height(LINE).shrink_left().truncate().show(
                ui,
                |ui| {
                    truncated(ui, RichText::new(&line.title).strong().color(color)).on_hover_text(&line.text);
                    if line.is_short && !line.first.is_empty() {
                        first(ui);
                    }
                },
                |ui| pressed = buttons_ui(ui, line),
            );
            if !line.is_short {
                first(ui);
            }
        })
    });
    let rect = response.response.rect;
    ui.painter().rect_filled(rect.with_max_x(rect.left() + 4.0), 0.0, color);
    // Told by screen readers when it appears, at once if it is bad.
    let (role, live) = match line.tone {
        Tone::Bad => (Role::Alert, Live::Assertive),
        _ => (Role::Status, Live::Polite),
    };
    let heard = format!("{}. {}", line.title, line.text);
    let response = response.response;
    response.widget_info(|| WidgetInfo::labeled(role, true, heard.trim_end_matches(". ")));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_live(live));
    pressed
}

/// Drawn from right to left.
fn buttons_ui(ui: &mut Ui, line: &ToastLine) -> Pressed {
    let l = Language::at(ui);
    let mut pressed = Pressed::Nothing;
    let close = Button::new("×").frame_when_inactive(false);
    let close = ui.add(close).accessible_name(l.toast_dismiss()).on_hover_text(l.toast_dismiss());
    if close.clicked() {
        pressed = Pressed::Close;
    } else if close.has_focus() {
        pressed = Pressed::Held;
    }
    // On a tinted ground a button is found by its outline.
    let palette = Palette::at(ui);
    ui.visuals_mut().widgets.inactive.bg_stroke = Stroke::new(1.0, palette.weak);
    for (offer, words) in line.offers.iter().rev() {
        if let Some(action) = named_action_button(ui, offer, Button::new(words.as_str())) {
            pressed = Pressed::Action(action);
        }
    }
    pressed
}

/// The panel that an action only shows.
fn leads_to(action: &Action) -> Option<Panel> {
    match action {
        Action::ShowPanel(panel) => Some(*panel),
        Action::ShowFailure(_) => Some(Panel::Problems),
        _ => None,
    }
}
