//! The settings: each with its name, what it does, and the way back to its default. What is chosen
//! here holds at once; a number when it is complete, and one that removes versions when that was said yes to.

use eframe::egui::{
    Align, Button, Checkbox, ComboBox, Grid, Layout, RadioButton, RichText, Slider, TextEdit, TextStyle, Ui, Vec2,
};
use exuvia_runtime::build::{SETTINGS_KEYS, SETTINGS_TABLE};
use exuvia_runtime::session::status::Tone;

use super::super::actions::Action;
use super::super::figure::{FieldText, shown};
use super::super::theme::Palette;
use super::super::view_state::ViewState;
use super::super::widgets::{Offer, action_button, named_action_button, outlined};
use super::numbers::{Number, number_ui};
use super::welcome::short_path;
use super::{back_ui, column_ui};
use crate::chores::Chore;
use crate::editor::{EditorError, Origin};
use crate::model::Model;
use crate::settings::{LanguageChoice, Limits, Retention, SCALE, Settings, ThemeChoice};
use crate::text::Language;

/// What the page remembers.
#[derive(Debug, Default)]
pub(crate) struct SettingsState {
    /// Whether the chores were asked which editor there is.
    asked: bool,
    /// The editor that is used where none is set.
    pub(crate) detected: Option<Result<(String, Origin), EditorError>>,
    /// The number that is being typed: of which setting, and the text.
    typing: Option<(Number, String)>,
    /// The scale while the slider is dragged.
    scale: Option<f32>,
}

impl SettingsState {
    /// What was not confirmed is dropped when the page is left.
    pub(crate) fn leave(&mut self) {
        self.typing = None;
        self.scale = None;
    }
}

/// The page is not wider than this, in points.
const WIDEST: f32 = 860.0;

/// Below this, a setting stands below its name.
const BESIDE: f32 = 620.0;

/// Draws the page.
pub(crate) fn settings_ui(ui: &mut Ui, model: &Model, view: &mut ViewState) -> Option<Action> {
    if !view.guest.settings_page.asked {
        view.guest.settings_page.asked = true;
        view.guest.questions.push(Chore::DetectEditor);
    }
    column_ui(ui, "settings", WIDEST, |ui| {
        let mut settings = view.settings.clone();
        let action = content_ui(ui, model, view, &mut settings);
        ui.add_space(20.0);
        if settings == view.settings { action } else { Some(Action::Set(Box::new(settings))) }
    })
}

fn content_ui(ui: &mut Ui, model: &Model, view: &mut ViewState, settings: &mut Settings) -> Option<Action> {
    let l = view.language;
    let palette = Palette::at(ui);
    ui.add_space(14.0);
    let name = Action::ShowPage(super::super::view_state::Page::Settings).label(l);
    let mut action = None;
    ui.horizontal(|ui| {
        ui.label(RichText::new(name).size(24.0).color(palette.strong));
        // A figure shows what is there, not how one got there.
        if view.figure.is_none() {
            ui.add_space(12.0);
            action = back_ui(ui, model);
        }
    });
    action = file_ui(ui, view).or(action);
    let default = Settings::default();

    section(ui, l.settings_editing());
    let found = match &view.guest.settings_page.detected {
        Some(Ok((editor, origin))) => l.set_editor_found(&l.editor_by(&shown(ui, editor), &l.origin(*origin))),
        Some(Err(error)) => l.editor_error_at_setting(error),
        None => String::new(),
    };
    let is_wrong = matches!(view.guest.settings_page.detected, Some(Err(_)));
    row(ui, l.set_editor(), l.set_editor_about(), settings.editor.is_some(), |ui, reset| {
        let mut line = settings.editor.clone().unwrap_or_default();
        ui.vertical(|ui| {
            ui.horizontal(|ui| {
                let room = (ui.available_width() - 76.0).max(120.0);
                let hint = match &view.guest.settings_page.detected {
                    None | Some(Ok(_) | Err(EditorError::NoEditor | EditorError::NoTerminal { .. })) => found.as_str(),
                    // Too long for a field; it stands below.
                    Some(Err(_)) => l.set_editor_example(),
                };
                let mut text = FieldText::new(ui, &mut line);
                let edit = TextEdit::singleline(text.buffer()).font(TextStyle::Monospace).desired_width(room);
                let edit = outlined(ui, edit.hint_text(hint)).on_hover_text(&found);
                if edit.accessible_name(l.set_editor()).changed() {
                    settings.editor = Some(line.clone()).filter(|line| !line.trim().is_empty());
                }
                let offer = Offer::new(Action::EditManifest, model);
                let button = Button::new(l.set_editor_try());
                action = named_action_button(ui, &offer, button).or(action.take());
            });
            if (settings.editor.is_some() || is_wrong) && !found.is_empty() {
                let tone = is_wrong && settings.editor.is_none();
                let color = if tone { palette.tone(Tone::Attention) } else { palette.weak };
                ui.label(RichText::new(&found).small().color(color));
            }
        });
        if reset {
            settings.editor = None;
        }
    });

    section(ui, l.settings_looks());
    row(ui, l.set_theme(), l.set_theme_about(), settings.theme != default.theme, |ui, reset| {
        ui.horizontal(|ui| {
            for (choice, name) in [
                (ThemeChoice::System, l.as_system()),
                (ThemeChoice::Light, l.theme_light()),
                (ThemeChoice::Dark, l.theme_dark()),
            ] {
                if outlined(ui, RadioButton::new(settings.theme == choice, name)).clicked() {
                    settings.theme = choice;
                }
            }
        });
        if reset {
            settings.theme = default.theme;
        }
    });
    row(ui, l.set_language(), l.set_language_about(), settings.language != default.language, |ui, reset| {
        let choices = [
            (LanguageChoice::System, l.as_system()),
            (LanguageChoice::English, Language::English.own_name()),
            (LanguageChoice::Chinese, Language::Chinese.own_name()),
        ];
        let now = choices.iter().find(|(choice, _)| *choice == settings.language).map_or("", |(_, name)| name);
        let combo = ComboBox::from_id_salt("language").selected_text(now).width(160.0).show_ui(ui, |ui| {
            for (choice, name) in choices {
                ui.selectable_value(&mut settings.language, choice, name);
            }
        });
        combo.response.accessible_name(l.set_language());
        if reset {
            settings.language = default.language;
        }
    });
    row(ui, l.set_scale(), l.set_scale_about(), (settings.scale - 1.0).abs() > 0.001, |ui, reset| {
        scale_ui(ui, l, &mut view.guest.settings_page.scale, &mut settings.scale);
        if reset {
            settings.scale = default.scale;
        }
    });
    let switch = |ui: &mut Ui, name: &str, about: &str, on: &mut bool, default: bool| {
        row(ui, name, about, *on != default, |ui, reset| {
            outlined(ui, Checkbox::new(on, "")).accessible_name(name);
            if reset {
                *on = default;
            }
        });
    };
    switch(ui, l.set_on_top(), l.set_on_top_about(), &mut settings.always_on_top, default.always_on_top);
    switch(ui, l.set_toasts(), l.set_toasts_about(), &mut settings.toasts, default.toasts);

    section(ui, l.settings_reloading());
    let next = |about: &str| format!("{about} {}", l.settings_from_next());
    switch(ui, l.set_auto(), l.set_auto_about(), &mut settings.auto_reload, default.auto_reload);
    switch(ui, l.set_poll(), &next(l.set_poll_about()), &mut settings.poll, default.poll);
    let typing = &mut view.guest.settings_page.typing;
    let mut number = |ui: &mut Ui, name: &str, about: &str, unit: &str, number: Number| {
        row(ui, name, about, number.of(settings).to_bits() != number.of(&default).to_bits(), |ui, reset| {
            if reset {
                // It is asked about like one that is typed.
                *typing = Some((number, number.of(&default).to_string()));
            }
            number_ui(ui, (name, unit), number, typing, settings, model, reset);
        });
    };
    number(ui, l.set_deadline(), l.set_deadline_about(), l.unit_seconds(), Number::Deadline);
    number(ui, l.set_memory(), l.set_memory_about(), l.unit_mib(), Number::Memory);
    number(ui, l.set_kept_mapped(), l.set_kept_mapped_about(), l.unit_mib(), Number::KeptMapped);
    section(ui, l.settings_history());
    number(ui, l.set_versions(), l.set_versions_about(), l.unit_versions(), Number::Versions);
    number(ui, l.set_mib(), l.set_mib_about(), l.unit_mib(), Number::Mib);
    manifest_ui(ui, model, l).or(action)
}

fn file_ui(ui: &mut Ui, view: &ViewState) -> Option<Action> {
    let l = view.language;
    let palette = Palette::at(ui);
    let weak = |text: &str| RichText::new(text).color(palette.weak);
    if view.figure.is_some() && view.places.folders.is_none() {
        // Where a figure was made says nothing about the reader's machine.
        ui.label(weak(l.settings_saved_figure()));
        return None;
    }
    let Some(folders) = &view.places.folders else {
        ui.label(weak(l.settings_no_file()));
        return None;
    };
    let file = folders.settings_file();
    ui.label(weak(l.settings_saved()));
    ui.horizontal_wrapped(|ui| {
        let short = short_path(&file, view.places.home.as_deref());
        let hint = shown(ui, &file.display().to_string()).into_owned();
        ui.label(weak(&l.settings_file(&shown(ui, &short)))).on_hover_text(hint);
        let open = ui.button(l.settings_open_file()).on_hover_text(l.edit_file_hint());
        open.clicked().then(|| Action::EditFile(file.clone()))
    })
    .inner
}

fn section(ui: &mut Ui, name: &str) {
    ui.add_space(14.0);
    ui.label(RichText::new(name).heading().color(Palette::at(ui).strong));
    ui.separator();
}

/// A setting: its name and what it does at the left, the widget and the way back at the right.
fn row(ui: &mut Ui, name: &str, about: &str, differs: bool, content: impl FnOnce(&mut Ui, bool)) {
    let l = Language::at(ui);
    let palette = Palette::at(ui);
    let words = |ui: &mut Ui| {
        ui.spacing_mut().item_spacing.y = 1.0;
        ui.label(RichText::new(name).color(palette.strong));
        ui.label(RichText::new(about).small().color(palette.weak));
    };
    let widgets = |ui: &mut Ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let button = Button::new(RichText::new(l.settings_reset()).small());
            let reset = ui.add_enabled(differs, button).accessible_name(l.settings_reset_named(name)).clicked();
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| content(ui, reset));
        });
    };
    let width = ui.available_width();
    if width >= BESIDE {
        let left = (width * 0.46).floor();
        ui.horizontal(|ui| {
            ui.allocate_ui_with_layout(Vec2::new(left, 38.0), Layout::top_down(Align::Min), |ui| {
                ui.set_width(left);
                words(ui);
            });
            ui.allocate_ui_with_layout(
                Vec2::new(ui.available_width(), 38.0),
                Layout::right_to_left(Align::Center),
                widgets,
            );
        });
    } else {
        words(ui);
        ui.allocate_ui_with_layout(Vec2::new(width, 30.0), Layout::right_to_left(Align::Center), widgets);
    }
    ui.add_space(5.0);
}

/// The slider's value holds when it is let go: everything moves with it.
fn scale_ui(ui: &mut Ui, l: Language, dragged: &mut Option<f32>, scale: &mut f32) {
    let mut percent = dragged.unwrap_or(*scale) * 100.0;
    let (least, most) = SCALE.into_inner();
    let slider = Slider::new(&mut percent, least * 100.0..=most * 100.0).step_by(5.0).suffix(" %").fixed_decimals(0);
    let response = ui.add(slider).accessible_name(l.set_scale());
    let chosen = (percent.round() / 100.0).max(least).min(most);
    if response.dragged() {
        *dragged = Some(chosen);
    } else if let Some(chosen) = dragged.take() {
        *scale = chosen;
    } else if response.changed() {
        *scale = chosen;
    }
}

fn manifest_ui(ui: &mut Ui, model: &Model, l: Language) -> Option<Action> {
    let palette = Palette::at(ui);
    section(ui, l.settings_manifest());
    ui.label(RichText::new(l.settings_manifest_about()).small().color(palette.weak));
    ui.add_space(4.0);
    ui.label(RichText::new(SETTINGS_TABLE).monospace().color(palette.text));
    Grid::new("manifest").num_columns(2).spacing([16.0, 3.0]).show(ui, |ui| {
        for (key, about) in SETTINGS_KEYS.iter().zip(abouts(l)) {
            ui.label(RichText::new(*key).monospace().color(palette.strong));
            ui.label(RichText::new(about).small().color(palette.weak));
            ui.end_row();
        }
    });
    let guest = model.guest.as_ref()?;
    let selection = guest.selection.to_string();
    let now =
        if selection.is_empty() { l.settings_selection_none().to_owned() } else { l.settings_selection(&selection) };
    ui.add_space(4.0);
    ui.label(RichText::new(now).color(palette.text));
    action_button(ui, &Offer::new(Action::EditManifest, model))
}

/// What each of [`SETTINGS_KEYS`] does.
fn abouts(l: Language) -> [&'static str; SETTINGS_KEYS.len()] {
    [
        l.manifest_features(),
        l.manifest_all(),
        l.manifest_no_default(),
        l.manifest_profile(),
        l.manifest_calls(),
        l.manifest_watch(),
        l.manifest_environment(),
        l.manifest_base_library(),
    ]
}

/// Whether the engine must hear of it: how much is kept, how long a call may take, and how much memory.
pub(crate) fn limits_differ(old: &Settings, new: &Settings) -> bool {
    let limits = |settings: &Settings| -> (Retention, Limits, u64) {
        (settings.retention, settings.limits, settings.deadline_seconds.to_bits())
    };
    limits(old) != limits(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engine_hears_of_its_limits_only() {
        let mut settings = Settings::default();
        settings.limits.memory_mib += 1;
        assert!(limits_differ(&settings, &Settings::default()));
        let themed = Settings { theme: ThemeChoice::Dark, ..Settings::default() };
        assert!(!limits_differ(&themed, &Settings::default()));
    }

    #[test]
    fn each_key_of_the_manifest_is_explained_in_its_place() {
        let words =
            ["features to", "all", "without the default", "profile", "calls", "files", "variables", "linked once"];
        for ((key, about), word) in SETTINGS_KEYS.iter().zip(abouts(Language::English)).zip(words) {
            assert!(about.contains(word), "{key}: {about}");
        }
        let keys = [
            "features",
            "all-features",
            "no-default-features",
            "profile",
            "calls",
            "watch",
            "environment",
            "base-library",
        ];
        assert_eq!(SETTINGS_KEYS, keys, "a new key needs its words in `abouts`, in the same place");
    }
}
