//! The overlays about one version: its note, and whether to remove it.

use eframe::egui::{Button, Key, RichText, TextEdit, Ui};
use exuvia_runtime::history::record::Marks;
use exuvia_runtime::ids::VersionNumber;

use super::actions::Action;
use super::panels::versions_state::NoteEntry;
use super::theme::Palette;
use super::widgets::{Offer, heading, named_action_button, outlined};
use crate::model::{Model, Stays};
use crate::text::Language;

/// Draws the field for a note.
pub(super) fn note_ui(ui: &mut Ui, entry: &mut NoteEntry, version: VersionNumber, model: &Model) -> Option<Action> {
    let l = Language::at(ui);
    let mut action = None;
    heading(ui, &l.note_of(version));
    ui.add_space(4.0);
    let hint = RichText::new(l.note_example()).color(Palette::at(ui).weak);
    let field = TextEdit::singleline(&mut entry.text).hint_text(hint).char_limit(Marks::NOTE);
    let response = outlined(ui, field.desired_width(f32::INFINITY)).accessible_name(l.note_of(version));
    if std::mem::take(&mut entry.is_new) {
        response.request_focus();
    }
    let save = Offer::new(Action::Note(version, entry.text.trim().to_owned()), model);
    if response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) && save.possible {
        action = Some(save.action.clone());
    }
    ui.add_space(6.0);
    ui.horizontal(|ui| {
        let button = ui.add_enabled(save.possible, Button::new(l.note_save()));
        if button.on_hover_text(l.note_save_hint()).clicked() {
            action = Some(save.action);
        }
        if ui.button(l.cancel()).on_hover_text(l.close_hint()).clicked() {
            action = Some(Action::CloseOverlay);
        }
    });
    action
}

/// Draws the question, or why there is nothing to ask.
pub(super) fn remove_ui(ui: &mut Ui, version: VersionNumber, model: &Model) -> Option<Action> {
    let l = Language::at(ui);
    let stays = model.why_it_stays(version);
    let (title, text) = match stays {
        None => (l.remove_title(version), l.remove_question()),
        Some(Stays::Active) => (l.remove_no_title(version), l.remove_active()),
        Some(Stays::Kept) => (l.remove_no_title(version), l.remove_kept()),
        Some(Stays::LastGood) => (l.remove_no_title(version), l.remove_last_good()),
        Some(Stays::Gone) => (l.remove_no_title(version), l.remove_gone()),
    };
    heading(ui, &title);
    ui.add_space(4.0);
    ui.label(text);
    ui.add_space(6.0);
    ui.horizontal(|ui| {
        let mut action = None;
        let (words, hint) = if stays.is_none() { (l.cancel(), l.close_hint()) } else { (l.close(), l.close_hint()) };
        if stays.is_none() {
            let offer = Offer::new(Action::Remove(version), model);
            action = named_action_button(ui, &offer, Button::new(l.remove(version)));
        }
        let back = ui.button(words);
        // Enter does no harm; one step further it removes.
        if ui.memory(|memory| memory.focused().is_none()) {
            back.request_focus();
        }
        if back.on_hover_text(hint).clicked() {
            action = Some(Action::CloseOverlay);
        }
        action
    })
    .inner
}
