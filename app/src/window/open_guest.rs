//! The dialog that opens a guest: a path that is completed while it is typed, the guests that lie
//! below it, and recent ones. What is on disk the chores look up; nothing here does.

use std::path::{MAIN_SEPARATOR_STR, Path, PathBuf};

use eframe::egui::{Button, EventFilter, Id, Key, Modifiers, RichText, ScrollArea, Sides, TextEdit, TextStyle, Ui};

use super::actions::Action;
use super::figure::{FieldText, shown};
use super::pages::welcome::short_path;
use super::panels::argument_fields::cursor_to_end;
use super::theme::Palette;
use super::view_state::ViewState;
use super::widgets::outlined;
use crate::chores::{Chore, FoundGuests, expand};
use crate::text::Language;

/// What the dialog remembers.
#[derive(Debug, Default)]
pub(crate) struct OpenState {
    /// The path that is typed.
    pub(crate) text: String,
    /// Whether the dialog was open in the frame before.
    begun: bool,
    /// The selected line; `None`: the path itself.
    line: Option<usize>,
    /// The text that was last asked about.
    asked: Option<String>,
    /// The folders that the path may go on with.
    folders: Vec<String>,
    /// The folder whose guests were last asked for.
    looked_in: Option<PathBuf>,
    /// Its guests; `None` until they are known.
    found: Option<Result<FoundGuests, String>>,
}

impl OpenState {
    /// The chores have found folders.
    pub(crate) fn take_folders(&mut self, text: &str, result: Result<Vec<String>, String>) {
        // An answer to what is no longer typed is dropped.
        if self.asked.as_deref() == Some(text) {
            self.folders = result.unwrap_or_default();
        }
    }

    /// The chores have found guests.
    pub(crate) fn take_guests(&mut self, folder: &Path, result: Result<FoundGuests, String>) {
        if self.looked_in.as_deref() == Some(folder) {
            self.found = Some(result);
        }
    }

    /// Asks for what belongs to the text, if that was not done yet.
    fn ask(&mut self, questions: &mut Vec<Chore>) {
        if self.asked.as_ref() == Some(&self.text) {
            return;
        }
        self.asked = Some(self.text.clone());
        questions.push(Chore::CompletePath { text: self.text.clone() });
        let folder = PathBuf::from(folder_of(&self.text));
        if self.looked_in.as_ref() != Some(&folder) {
            self.looked_in = Some(folder.clone());
            self.found = None;
            questions.push(Chore::ListGuests { folder });
        }
    }
}

/// The folder of a path that is being typed: up to its last separator.
fn folder_of(text: &str) -> &str {
    match text.rfind(std::path::is_separator) {
        Some(0) => &text[..1],
        Some(end) => &text[..end],
        None if text == "~" => "~",
        None => ".",
    }
}

/// A line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OpenLine {
    /// What follows.
    Title(&'static str),
    /// A guest to open.
    Guest {
        /// Its name.
        name: String,
        /// Its folder, as it is shown.
        folder: String,
        /// What is opened.
        path: PathBuf,
    },
    /// A folder to go into.
    Folder(String),
}

/// The list: recent guests that the text fits, guests that were found, folders to go into.
pub(crate) fn lines(view: &ViewState) -> Vec<OpenLine> {
    let l = view.language;
    let state = &view.guest.open_guest;
    let home = view.places.home.as_deref();
    let guest = |name: &str, manifest: &Path| OpenLine::Guest {
        name: name.to_owned(),
        folder: short_path(manifest.parent().unwrap_or(manifest), home),
        path: manifest.to_owned(),
    };
    let typed = expand(&state.text, home);
    // What was begun of a name counts, too.
    let fits = |manifest: &Path| manifest.to_string_lossy().starts_with(&*typed.to_string_lossy());
    let named = |name: &str| {
        let begun = state.text.rsplit(std::path::is_separator).next().unwrap_or_default();
        !begun.is_empty() && begun != "~" && name.contains(begun)
    };
    let recent = view.remembered.recent.iter();
    let recent = recent.filter(|guest| fits(&guest.manifest) || named(&guest.name) || state.text.is_empty()).take(6);
    let recent: Vec<_> = recent.map(|recent| guest(&recent.name, &recent.manifest)).collect();
    let found = state.found.iter().flatten().flat_map(|found| &found.guests);
    let begun = state.text.rsplit(std::path::is_separator).next().unwrap_or_default();
    let folder = expand(folder_of(&state.text), home);
    let found = found.filter(|guest| {
        let below = guest.manifest.strip_prefix(&folder).unwrap_or(&guest.manifest);
        begun.is_empty() || begun == "~" || below.to_string_lossy().starts_with(begun) || guest.name.contains(begun)
    });
    let found: Vec<_> = found.take(200).map(|found| guest(&found.name, &found.manifest)).collect();
    let folders: Vec<_> = state.folders.iter().cloned().map(OpenLine::Folder).collect();
    let groups = [(l.open_recent(), recent), (l.open_found(), found), (l.open_folders(), folders)];
    let groups = groups.into_iter().filter(|(_, lines)| !lines.is_empty());
    groups.flat_map(|(title, lines)| std::iter::once(OpenLine::Title(title)).chain(lines)).collect()
}

fn field_id() -> Id {
    Id::unique("guest path")
}

/// Draws the dialog's content.
pub(crate) fn open_guest_ui(ui: &mut Ui, view: &mut ViewState) -> Option<Action> {
    let l = view.language;
    if !view.guest.open_guest.begun {
        view.guest.open_guest.begun = true;
        if view.guest.open_guest.text.is_empty() {
            view.guest.open_guest.text = beginning(view);
        }
        cursor_to_end(ui.ctx(), field_id(), &view.guest.open_guest.text);
    }
    view.guest.open_guest.ask(&mut view.guest.questions);
    let list = lines(view);
    let mut action = keys(ui, view, &list);
    let home = view.places.home.clone();
    let state = &mut view.guest.open_guest;
    let typed = expand(state.text.trim(), home.as_deref());
    Sides::new().height(30.0).shrink_left().show(
        ui,
        |ui| {
            let mut text = FieldText::new(ui, &mut state.text);
            let field = TextEdit::singleline(text.buffer()).id(field_id()).hint_text(l.open_path_hint());
            let field = field.desired_width(f32::INFINITY).font(TextStyle::Monospace);
            let response = outlined(ui, field).accessible_name(l.open_path_label());
            if response.changed() {
                state.line = None;
            }
            if !ui.memory(|memory| memory.focused().is_some_and(|id| id != field_id())) {
                response.request_focus();
            }
        },
        |ui| {
            if ui.add_enabled(!typed.as_os_str().is_empty(), Button::new(l.open_button())).clicked() {
                action = Some(Action::OpenGuest(typed));
            }
        },
    );
    let state = &view.guest.open_guest;
    match &state.found {
        None => note(ui, l.open_looking()),
        Some(Err(message)) => note(ui, message),
        Some(Ok(found)) if found.guests.is_empty() => note(ui, l.open_none()),
        Some(Ok(found)) if !found.complete => note(ui, l.open_not_all()),
        Some(Ok(_)) => {}
    }
    let selected = state.line;
    let walked = ui.input(|input| input.key_pressed(Key::ArrowDown) || input.key_pressed(Key::ArrowUp));
    let mut clicked = None;
    let room = (ui.ctx().content_rect().height() - 300.0).clamp(80.0, 380.0);
    ScrollArea::vertical().max_height(room).auto_shrink([false, true]).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 1.0;
        let mut at = 0;
        for line in &list {
            if let OpenLine::Title(title) = line {
                ui.add_space(4.0);
                ui.label(RichText::new(*title).small().color(Palette::at(ui).weak));
                continue;
            }
            let response = line_ui(ui, line, selected == Some(at));
            if response.clicked() {
                clicked = Some(line.clone());
            }
            if selected == Some(at) && walked {
                response.scroll_to_me(None);
            }
            at += 1;
        }
    });
    ui.add_space(4.0);
    ui.label(RichText::new(l.open_keys()).small().color(Palette::at(ui).weak));
    clicked.and_then(|line| choose(ui, &mut view.guest.open_guest, line)).or(action)
}

fn note(ui: &mut Ui, text: &str) {
    ui.label(RichText::new(shown(ui, text)).small().color(Palette::at(ui).weak));
}

fn line_ui(ui: &mut Ui, line: &OpenLine, selected: bool) -> eframe::egui::Response {
    let palette = Palette::at(ui);
    let l = Language::at(ui);
    let width = ui.available_width();
    match line {
        OpenLine::Guest { name, folder, path } => {
            let folder = &*shown(ui, folder);
            let button = Button::selectable(selected, name.as_str())
                .right_text(RichText::new(folder).small().color(palette.weak))
                .truncate()
                .min_size([width, 26.0].into());
            let response = ui.add(button).on_hover_text(shown(ui, &path.display().to_string()));
            response.accessible_name(l.welcome_open_recent(name, folder))
        }
        OpenLine::Folder(path) => {
            let path = &*shown(ui, path);
            let text = RichText::new(path).monospace();
            let button = Button::selectable(selected, text).truncate().min_size([width, 24.0].into());
            ui.add(button).accessible_name(l.open_row_folder(path))
        }
        OpenLine::Title(title) => ui.label(*title),
    }
}

/// Where the dialog begins: beside the guest that was open last, else at home.
fn beginning(view: &ViewState) -> String {
    let home = view.places.home.as_deref();
    let beside = view.remembered.recent.first().and_then(|guest| guest.manifest.parent()?.parent());
    let folder = beside.or(view.places.here.as_deref()).map(|folder| short_path(folder, home));
    let folder = folder.unwrap_or_else(|| "~".to_owned());
    if folder.ends_with(std::path::is_separator) { folder } else { folder + MAIN_SEPARATOR_STR }
}

fn keys(ui: &Ui, view: &mut ViewState, list: &[OpenLine]) -> Option<Action> {
    if !ui.memory(|memory| memory.has_focus(field_id())) {
        return None;
    }
    let home = view.places.home.clone();
    let state = &mut view.guest.open_guest;
    // Tab completes as long as there is something to complete; otherwise it walks on, as ever.
    let completes = state.folders.iter().any(|folder| *folder != state.text);
    let filter = EventFilter { tab: completes, horizontal_arrows: true, vertical_arrows: true, ..Default::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(field_id(), filter));
    let (up, down, enter, tab) = ui.input_mut(|input| {
        let mut pressed = |key| input.consume_key(Modifiers::NONE, key);
        (pressed(Key::ArrowUp), pressed(Key::ArrowDown), pressed(Key::Enter), completes && pressed(Key::Tab))
    });
    let lines: Vec<_> = list.iter().filter(|line| !matches!(line, OpenLine::Title(_))).collect();
    state.line = match state.line {
        Some(line) if up => line.checked_sub(1),
        Some(line) if down => Some((line + 1).min(lines.len().saturating_sub(1))),
        None if down && !lines.is_empty() => Some(0),
        line => line.filter(|line| *line < lines.len()),
    };
    let selected = state.line.and_then(|line| lines.get(line)).map(|line| (*line).clone());
    if tab {
        let selected = selected.clone().filter(|line| matches!(line, OpenLine::Folder(_)));
        let first = state.folders.first().cloned().map(OpenLine::Folder);
        return selected.or(first).and_then(|line| choose(ui, state, line));
    }
    if enter {
        return match selected {
            Some(line) => choose(ui, state, line),
            None if state.text.trim().is_empty() => None,
            None => Some(Action::OpenGuest(expand(state.text.trim(), home.as_deref()))),
        };
    }
    None
}

fn choose(ui: &Ui, state: &mut OpenState, line: OpenLine) -> Option<Action> {
    match line {
        OpenLine::Title(_) => None,
        OpenLine::Guest { path, .. } => Some(Action::OpenGuest(path)),
        OpenLine::Folder(path) => {
            state.text = path;
            state.line = None;
            cursor_to_end(ui.ctx(), field_id(), &state.text);
            ui.memory_mut(|memory| memory.request_focus(field_id()));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chores::FoundGuest;
    use crate::model::samples::NOW;
    use crate::settings::RecentGuest;

    #[test]
    fn the_folder_is_what_stands_before_the_last_separator() {
        for (text, folder) in
            [("/a/b", "/a"), ("/a/b/", "/a/b"), ("/a", "/"), ("~/x", "~"), ("~", "~"), ("x", "."), ("", ".")]
        {
            assert_eq!(folder_of(text), folder, "{text}");
        }
    }

    #[test]
    fn only_what_fits_the_text_is_listed_and_stale_answers_are_dropped() {
        let mut view = ViewState::default();
        let recent = |name: &str| RecentGuest {
            name: name.to_owned(),
            manifest: format!("/w/{name}/Cargo.toml").into(),
            at: NOW,
        };
        view.remembered.recent = vec![recent("hopper"), recent("greetings")];
        view.guest.open_guest.text = "/w/hop".to_owned();
        let mut questions = Vec::new();
        view.guest.open_guest.ask(&mut questions);
        view.guest.open_guest.ask(&mut questions);
        assert_eq!(
            questions,
            [Chore::CompletePath { text: "/w/hop".to_owned() }, Chore::ListGuests { folder: "/w".into() }],
            "asked once"
        );
        view.guest.open_guest.take_folders("/w/h", Ok(vec!["/w/stale/".to_owned()]));
        view.guest.open_guest.take_folders("/w/hop", Ok(vec!["/w/hop2/".to_owned()]));
        let found =
            |name: &str| FoundGuest { name: name.to_owned(), manifest: format!("/w/x/{name}/Cargo.toml").into() };
        let guests = FoundGuests { guests: vec![found("hopscotch"), found("other")], complete: true };
        view.guest.open_guest.take_guests(Path::new("/v"), Err("stale".to_owned()));
        view.guest.open_guest.take_guests(Path::new("/w"), Ok(guests));
        let names: Vec<_> = lines(&view)
            .into_iter()
            .map(|line| match line {
                OpenLine::Title(title) => title.to_owned(),
                OpenLine::Guest { name, .. } => name,
                OpenLine::Folder(path) => path,
            })
            .collect();
        assert_eq!(names, ["Recent", "hopper", "Guests below this folder", "hopscotch", "Folders", "/w/hop2/"]);
    }
}
