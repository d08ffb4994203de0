//! What lies above everything else: the palette, the shortcut sheet, dialogs. One at a time; Esc,
//! its cross or a click beside it closes it.

use eframe::egui::{
    Align2, Button, Context, Id, Key, LayerId, Modal, Modifiers, Order, RichText, Sides, TextStyle, Ui, Vec2,
};

use super::actions::Action;
use super::new_guest::new_guest_ui;
use super::open_guest::open_guest_ui;
use super::palette::palette_ui;
use super::shortcut_sheet::shortcut_sheet_ui;
use super::theme::Palette;
use super::version_dialogs::{note_ui, remove_ui};
use super::view_state::{Overlay, ViewState};
use crate::model::Model;
use crate::text::Language;

/// Draws the overlay that is open, if one is.
pub(super) fn overlay_ui(ctx: &Context, model: &Model, view: &mut ViewState) -> Option<Action> {
    let overlay = view.guest.overlay?;
    let area = Modal::default_area(Id::unique("overlay")).anchor(Align2::CENTER_TOP, Vec2::new(0.0, 64.0));
    let modal = Modal::new(Id::unique("overlay")).area(area).show(ctx, |ui| {
        let room = ui.ctx().content_rect().size();
        ui.set_width((room.x - 60.0).clamp(240.0, 620.0));
        ui.set_max_height((room.y - 140.0).max(160.0));
        match overlay {
            Overlay::Palette => palette_ui(ui, &mut view.guest.palette, model),
            Overlay::Shortcuts => titled(ui, Language::at(ui).shortcuts_title(), shortcut_sheet_ui),
            Overlay::EditNote(version) => note_ui(ui, &mut view.guest.versions.note, version, model),
            Overlay::RemoveVersion(version) => remove_ui(ui, version, model),
            Overlay::OpenGuest => {
                let name = Action::Open(overlay).label(view.language);
                let (closed, action) = dialog(ui, &name, |ui| open_guest_ui(ui, view));
                action.or(closed)
            }
            Overlay::NewGuest => {
                let name = Action::Open(overlay).label(view.language);
                let (closed, action) = dialog(ui, &name, |ui| new_guest_ui(ui, view));
                action.or(closed)
            }
        }
    });
    let escape = ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
    let closed = modal.should_close() || escape;
    modal.inner.or(closed.then_some(Action::CloseOverlay))
}

/// A heading with a button that closes the overlay, and what is below.
fn titled(ui: &mut Ui, title: &str, content: impl FnOnce(&mut Ui)) -> Option<Action> {
    dialog(ui, title, content).0
}

/// The same; gives whether it is to be closed, and what the content gave.
fn dialog<R>(ui: &mut Ui, title: &str, content: impl FnOnce(&mut Ui) -> R) -> (Option<Action>, R) {
    let (_, closed) = Sides::new().show(
        ui,
        |ui| ui.label(RichText::new(title).heading().color(Palette::at(ui).strong)),
        |ui| {
            let l = Language::at(ui);
            let cross = Button::new(RichText::new("×").heading()).frame_when_inactive(false);
            ui.add(cross).on_hover_text(l.close_hint()).accessible_name(l.close()).clicked()
        },
    );
    ui.separator();
    let inner = content(ui);
    (closed.then_some(Action::CloseOverlay), inner)
}

/// While something is held over the window: what letting it go will do.
pub(super) fn drop_hint_ui(ui: &Ui, view: &ViewState) {
    if ui.input(|input| input.raw.hovered_files.is_empty()) {
        return;
    }
    let palette = Palette::at(ui);
    let painter = ui.ctx().layer_painter(LayerId::new(Order::Foreground, Id::unique("drop")));
    let rect = ui.ctx().content_rect();
    painter.rect_filled(rect, 0.0, palette.gap.gamma_multiply(0.85));
    let font = TextStyle::Heading.resolve(ui.style());
    painter.text(rect.center(), Align2::CENTER_CENTER, view.language.drop_here(), font, palette.strong);
}
