//! The dialog that makes a new guest: its folder, and a name that is checked while it is typed.

use std::path::Path;

use eframe::egui::{Button, Checkbox, EventFilter, Grid, Id, Key, Modifiers, RichText, Sides, TextEdit, TextStyle, Ui};
use exuvia_runtime::session::status::Tone;
use exuvia_runtime::template::{NewGuest, TemplateError, name_of};

use super::actions::Action;
use super::figure::{FieldText, shown};
use super::pages::welcome::short_path;
use super::panels::argument_fields::cursor_to_end;
use super::theme::Palette;
use super::view_state::ViewState;
use super::widgets::outlined;
use crate::chores::{Chore, expand};
use crate::text::Language;

/// What the dialog remembers.
#[derive(Debug, Default)]
pub(crate) struct NewState {
    /// The folder that is typed.
    folder: String,
    /// The name, once it was typed and no longer follows the folder's.
    name: Option<String>,
    /// Whether it is to be split.
    split: bool,
    /// The text that folders were asked for, and what came.
    asked: Option<String>,
    folders: Vec<String>,
    /// The folder that was proposed, until it is known whether there is one of that name.
    proposed: Option<String>,
    /// Another text than the one that the cursor stands in is to be shown.
    replaced: bool,
    /// The name that these two come to, and what they were when it was found.
    checked: Option<(String, Option<String>, Result<String, String>)>,
    /// The folder that the guest is being written into, as it was typed.
    writing: Option<String>,
    /// Why it was not.
    error: Option<String>,
    begun: bool,
    /// The folder was given the keyboard.
    focused: bool,
}

impl NewState {
    /// The guest is being written.
    pub(crate) fn begin(&mut self, folder: &str) {
        self.writing = Some(folder.to_owned());
        self.error = None;
    }

    /// Whether what becomes of this folder is waited for.
    pub(crate) fn waits_for(&self, folder: &str) -> bool {
        self.writing.as_deref() == Some(folder)
    }

    /// It was not written.
    pub(crate) fn fail(&mut self, message: String) {
        self.writing = None;
        self.error = Some(message);
    }

    /// The chores have found folders.
    pub(crate) fn take_folders(&mut self, text: &str, result: Result<Vec<String>, String>) {
        if self.asked.as_deref() == Some(text) {
            self.folders = result.unwrap_or_default();
        }
        // What was typed in the meantime is the user's.
        if let Some(proposed) = self.proposed.take_if(|proposed| proposed == text && *proposed == self.folder) {
            let free = free(&proposed, &self.folders);
            self.replaced = free != proposed;
            self.folder = free;
        }
    }

    /// The package's name, or why there is none. Found anew only when something was typed.
    fn check(&mut self, l: Language) -> Result<String, String> {
        match &self.checked {
            Some((folder, name, result)) if *folder == self.folder && *name == self.name => result.clone(),
            _ => {
                let result = name(&self.folder, self.name.as_deref(), l);
                self.checked = Some((self.folder.clone(), self.name.clone(), result.clone()));
                result
            }
        }
    }
}

/// The proposed folder, or the same with the first number for which there is none yet. `taken` are folders that
/// begin as it does, with a separator at their end.
fn free(proposed: &str, taken: &[String]) -> String {
    let is_free =
        |folder: &String| !taken.iter().any(|taken| taken.trim_end_matches(std::path::is_separator) == folder);
    let numbered = (2_u32..).map(|number| format!("{proposed}-{number}"));
    std::iter::once(proposed.to_owned()).chain(numbered).find(is_free).unwrap_or_else(|| proposed.to_owned())
}

fn name(folder: &str, given: Option<&str>, l: Language) -> Result<String, String> {
    let options = NewGuest { name: given.map(str::to_owned), split: false };
    name_of(Path::new(folder.trim()), &options).map_err(|error| match error {
        TemplateError::Name { name, why } => l.new_name_wrong(&name, &why),
        TemplateError::NoName { name, .. } if name.is_empty() => l.new_name_none().to_owned(),
        TemplateError::NoName { name, why, .. } => l.new_name_wrong(&name, &why),
        other => other.to_string(),
    })
}

fn field_id(name: &str) -> Id {
    Id::unique(("new guest", name))
}

/// Draws the dialog's content.
pub(crate) fn new_guest_ui(ui: &mut Ui, view: &mut ViewState) -> Option<Action> {
    let l = view.language;
    let palette = Palette::at(ui);
    let folder_id = field_id("folder");
    if !view.guest.new_guest.begun {
        let begun = beginning(view);
        let state = &mut view.guest.new_guest;
        state.begun = true;
        if state.folder.is_empty() {
            state.proposed = Some(begun.clone());
            state.folder = begun;
        }
        cursor_to_end(ui.ctx(), folder_id, &state.folder);
    }
    if std::mem::take(&mut view.guest.new_guest.replaced) {
        cursor_to_end(ui.ctx(), folder_id, &view.guest.new_guest.folder);
    }
    let full = expand(view.guest.new_guest.folder.trim(), view.places.home.as_deref());
    let home = view.places.home.clone();
    let state = &mut view.guest.new_guest;
    if state.asked.as_ref() != Some(&state.folder) {
        state.asked = Some(state.folder.clone());
        state.folders.clear();
        view.guest.questions.push(Chore::CompletePath { text: state.folder.clone() });
    }
    complete(ui, state, folder_id);
    let checked = state.check(l);
    Grid::new("new guest").num_columns(2).spacing([12.0, 8.0]).show(ui, |ui| {
        let label = ui.label(l.new_folder());
        let mut text = FieldText::new(ui, &mut state.folder);
        let edit = TextEdit::singleline(text.buffer()).id(folder_id).font(TextStyle::Monospace);
        let edit = edit.hint_text(l.new_folder_hint()).desired_width(f32::INFINITY);
        let response = outlined(ui, edit).labelled_by(label.id).on_hover_text(l.new_folder_hint());
        // What is measured first, unseen, would lose the keyboard again.
        if !state.focused && ui.is_enabled() && !ui.is_sizing_pass() {
            state.focused = true;
            response.request_focus();
        }
        if response.changed() {
            state.error = None;
        }
        ui.end_row();
        let label = ui.label(l.new_name());
        let mut typed = state.name.clone().unwrap_or_else(|| checked.clone().unwrap_or_default());
        let edit = TextEdit::singleline(&mut typed).id(field_id("name")).font(TextStyle::Monospace);
        let edit = edit.hint_text(l.new_name_hint()).desired_width(f32::INFINITY);
        let response = outlined(ui, edit).labelled_by(label.id).on_hover_text(l.new_name_hint());
        if response.changed() {
            // An empty field follows the folder again.
            state.name = Some(typed).filter(|typed| !typed.is_empty());
            state.error = None;
        }
        ui.end_row();
    });
    // In a row of its own: it is longer than the names of the fields.
    outlined(ui, Checkbox::new(&mut state.split, l.new_split())).on_hover_text(l.new_split_hint());
    let checked = state.check(l);
    let bad = palette.tone(Tone::Bad);
    match (&state.error, &checked, state.writing.is_some()) {
        (_, _, true) => ui.label(RichText::new(l.new_writing()).color(palette.weak)),
        (Some(error), ..) | (None, Err(error), _) => ui.label(RichText::new(shown(ui, error)).color(bad)),
        (None, Ok(_), _) => {
            let path = short_path(&full, home.as_deref());
            let will = if state.split { l.new_will_split(&path) } else { l.new_will(&path) };
            ui.label(RichText::new(shown(ui, &will)).small().color(palette.weak))
        }
    };
    ui.add_space(6.0);
    let possible = state.writing.is_none() && checked.is_ok() && !state.folder.trim().is_empty();
    let entered = possible && ui.input(|input| input.key_pressed(Key::Enter));
    let (_, pressed) = Sides::new().shrink_left().truncate().show(
        ui,
        |ui| ui.label(RichText::new(l.new_keys()).small().color(palette.weak)),
        |ui| {
            let button = Button::new(RichText::new(l.create_guest()).strong());
            let create = ui.add_enabled(possible, button).on_hover_text(l.create_guest_hint()).clicked();
            let cancel = ui.button(l.cancel()).on_hover_text(l.close_hint()).clicked();
            (create, cancel)
        },
    );
    match (pressed, checked) {
        // Enter on the button that cancels is not meant for the other.
        ((_, true), _) => Some(Action::CloseOverlay),
        ((created, _), Ok(name)) if created || entered => {
            Some(Action::CreateGuest { folder: state.folder.trim().to_owned(), name, split: state.split })
        }
        _ => None,
    }
}

/// Tab goes on with the first folder that fits, if there is one.
fn complete(ui: &Ui, state: &mut NewState, id: Id) {
    if !ui.memory(|memory| memory.has_focus(id)) {
        return;
    }
    let next = state.folders.iter().find(|folder| **folder != state.folder).cloned();
    // A path that ends with a separator is not in the middle of a name.
    let next = next.filter(|_| !state.folder.ends_with(std::path::is_separator));
    let filter =
        EventFilter { tab: next.is_some(), horizontal_arrows: true, vertical_arrows: true, ..Default::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
    if let Some(next) = next.filter(|_| ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Tab))) {
        state.folder = next;
        cursor_to_end(ui.ctx(), id, &state.folder);
    }
}

/// A folder at home, else beside the guest that was open last.
fn beginning(view: &ViewState) -> String {
    let home = view.places.home.as_deref();
    let beside = view.remembered.recent.first().and_then(|guest| guest.manifest.parent()?.parent());
    let folder = home.or(beside).or(view.places.here.as_deref()).unwrap_or(Path::new("."));
    short_path(&folder.join("my-guest"), home)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_proposed_that_is_not_there() {
        for (taken, expected) in [
            (&[][..], "~/my-guest"),
            (&["~/my-guests/"], "~/my-guest"),
            (&["~/my-guest/"], "~/my-guest-2"),
            (&["~/my-guest-2/", "~/my-guest/", "~/my-guest-4/"], "~/my-guest-3"),
        ] {
            let taken: Vec<_> = taken.iter().map(|&folder| folder.to_owned()).collect();
            assert_eq!(free("~/my-guest", &taken), expected, "{taken:?}");
            for typed in ["~/my-guest", "~/other"] {
                let mut state = NewState {
                    folder: typed.to_owned(),
                    proposed: Some("~/my-guest".to_owned()),
                    asked: Some("~/my-guest".to_owned()),
                    ..NewState::default()
                };
                state.take_folders("~/my-guest", Ok(taken.clone()));
                let kept = if typed == "~/other" { typed } else { expected };
                assert_eq!(state.folder, kept, "what was typed stays");
            }
        }
    }

    #[test]
    fn the_name_follows_the_folder_until_it_is_typed() {
        let l = Language::English;
        for (folder, given, expected) in [
            ("~/My Guest", None, Ok("my-guest")),
            ("~/My Guest", Some("other"), Ok("other")),
            ("~/a", Some("1a"), Err("begin with a letter")),
            ("~/2048", None, Err("2048")),
            ("~/汉字", None, Err("Enter a name")),
        ] {
            match (name(folder, given, l), expected) {
                (Ok(name), Ok(expected)) => assert_eq!(name, expected),
                (Err(error), Err(part)) => assert!(error.contains(part) && !error.contains("--name"), "{error}"),
                (result, _) => panic!("{folder}, {given:?}: {result:?}"),
            }
        }
    }
}
