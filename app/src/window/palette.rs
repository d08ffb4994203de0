//! The command palette: any action by its name, with its shortcut.

use eframe::egui::{Button, Key, Modifiers, RichText, ScrollArea, Sides, TextEdit, TextStyle, Ui};

use super::actions::{Action, all};
use super::figure::shown;
use super::theme::Palette;
use super::widgets::{Offer, outlined};
use crate::model::Model;
use crate::text::Language;

/// What is typed, and which line is selected.
#[derive(Debug, Default)]
pub(crate) struct PaletteState {
    /// What is typed.
    pub(crate) text: String,
    /// The selected line.
    pub(crate) line: usize,
}

/// A line of the palette.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PaletteLine {
    /// The action.
    pub(crate) offer: Offer,
    /// Its name.
    pub(crate) label: String,
}

/// The actions whose names have all the words, in either language; what can be done now first, and
/// what begins with the text before what only contains it.
pub(crate) fn lines(text: &str, model: &Model, language: Language) -> Vec<PaletteLine> {
    let text = text.to_lowercase();
    let words: Vec<_> = text.split_whitespace().collect();
    let begins = |name: &str| words.first().is_some_and(|word| name.to_lowercase().starts_with(word));
    let mut lines: Vec<_> = all()
        .filter(|action| !matches!(action, Action::Open(super::view_state::Overlay::Palette)))
        .filter(|action| {
            let names = [Language::English, Language::Chinese].map(|language| action.label(language).to_lowercase());
            words.iter().all(|word| names.iter().any(|name| name.contains(word)))
        })
        .map(|action| PaletteLine { offer: Offer::new(action.clone(), model), label: action.label(language) })
        .collect();
    lines.sort_by_key(|line| (!line.offer.possible, !begins(&line.label)));
    lines
}

/// Draws the palette's content. Gives the action that was chosen.
pub(crate) fn palette_ui(ui: &mut Ui, state: &mut PaletteState, model: &Model) -> Option<Action> {
    let l = Language::at(ui);
    let palette = Palette::at(ui);
    let keys = ui.input_mut(|input| {
        let mut presses = |key| input.count_and_consume_key(Modifiers::NONE, key);
        (presses(Key::ArrowUp), presses(Key::ArrowDown), presses(Key::Enter) > 0)
    });
    let field = TextEdit::singleline(&mut state.text).hint_text(l.palette_hint()).desired_width(f32::INFINITY);
    let response = outlined(ui, field.font(TextStyle::Heading)).accessible_name(l.palette_label());
    // It has the keyboard as long as the palette is open.
    response.request_focus();
    if response.changed() {
        state.line = 0;
    }
    let lines = lines(&state.text, model, l);
    let (up, down, enter) = keys;
    state.line = (state.line + down).saturating_sub(up).min(lines.len().saturating_sub(1));
    if lines.is_empty() {
        ui.label(RichText::new(l.palette_none(state.text.trim())).weak());
    }
    let mut chosen = None;
    ScrollArea::vertical().max_height(360.0).auto_shrink([false, true]).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 1.0;
        for (index, line) in lines.iter().enumerate() {
            let selected = index == state.line;
            let mut button = Button::selectable(selected, &line.label).min_size([ui.available_width(), 24.0].into());
            if let Some(shortcut) = line.offer.action.shortcuts().first() {
                button = button.shortcut_text(shortcut.text(ui.ctx()));
            }
            let response =
                ui.add_enabled(line.offer.possible, button).on_hover_text(shown(ui, &line.offer.action.tooltip(l)));
            let response = response.on_disabled_hover_text(l.palette_not_now());
            if selected && up + down > 0 {
                response.scroll_to_me(None);
            }
            if response.clicked() || (selected && enter && line.offer.possible) {
                chosen = Some(line.offer.action.clone());
            }
        }
    });
    Sides::new().show(
        ui,
        |ui| ui.label(RichText::new(l.palette_keys()).small().color(palette.weak)),
        |ui| ui.label(RichText::new(format!("{}", lines.len())).small().color(palette.weak)),
    );
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::samples::*;

    #[test]
    fn actions_are_found_by_words_of_either_language() {
        let mut model = Model::default();
        model.apply(opened(vec![version(1, 3), version(2, 1)], vec![], &[]), NOW);
        model.apply(activated(2), NOW);
        for (text, language, first) in [
            ("roll ba", Language::English, Action::RollBack),
            ("BACK", Language::English, Action::RollBack),
            ("back", Language::Chinese, Action::RollBack),
            ("回退", Language::English, Action::RollBack),
            ("build", Language::English, Action::Build),
        ] {
            let lines = lines(text, &model, language);
            assert_eq!(lines.first().map(|line| &line.offer.action), Some(&first), "{text}");
        }
        assert!(lines("no such thing", &model, Language::English).is_empty());
        let all_lines = lines("", &model, Language::English);
        let first_impossible = all_lines.iter().position(|line| !line.offer.possible).expect("cancel is not possible");
        assert!(all_lines[first_impossible..].iter().all(|line| !line.offer.possible));
    }
}
