//! Everything that is recorded of the selected version (or else the active one), or of a failed
//! generation that was chosen.

use eframe::egui::{Align, Button, Label, Layout, RichText, ScrollArea, TextStyle, TextWrapMode, Ui, Vec2};
use exuvia_runtime::ids::Timestamp;
use exuvia_runtime::session::status::Tone;

use super::super::actions::Action;
use super::super::figure::shown;
use super::super::theme::Palette;
use super::super::view_state::ViewState;
use super::super::widgets::{Offer, action_button, chip, empty_state, heading, text_width, wrap_before};
use super::details_facts::{Fact, Group, as_text, of_failure, of_version};
use crate::model::{FailureKey, Model};
use crate::text::Language;

/// Width of the facts' names, in points.
const NAMES: f32 = 118.0;

/// Whose details are shown, where it is no version.
#[derive(Debug, Default)]
pub(crate) struct DetailsState {
    /// The failed generation that was chosen after the selected version.
    pub(crate) failure: Option<FailureKey>,
}

/// What the panel shows.
#[derive(Debug)]
pub(crate) struct DetailsView {
    /// Whose details they are.
    pub(crate) title: String,
    /// A word about it.
    pub(crate) chip: Option<(&'static str, Option<Tone>)>,
    /// The facts.
    pub(crate) groups: Vec<Group>,
    /// What can be done about it.
    pub(crate) offers: Vec<Offer>,
}

impl DetailsView {
    /// `None`: there is nothing to tell about yet.
    pub(crate) fn new(model: &Model, view: &ViewState, now: Timestamp) -> Option<Self> {
        let l = view.language;
        if let Some(record) = view.guest.details.failure.and_then(|key| model.history.failure(key)) {
            return Some(Self {
                title: format!("{} {}", l.build_number_name(), record.generation.0),
                chip: Some((l.details_build_failed(), Some(Tone::Bad)))
                    .filter(|_| matches!(record.failure, exuvia_runtime::history::record::Failure::Build { .. }))
                    .or(Some((l.details_load_failed(), Some(Tone::Bad)))),
                groups: of_failure(record, l, now),
                offers: vec![Offer::new(Action::ShowFailure(FailureKey::of(record)), model)],
            });
        }
        let newest = || model.history.numbers().next();
        let find = |number| model.history.version(number);
        let row = view
            .guest
            .selected
            .and_then(find)
            .or_else(|| model.active.and_then(find))
            .or_else(|| newest().and_then(find))?;
        let number = row.record.number;
        Some(Self {
            title: number.to_string(),
            chip: (model.active == Some(number)).then(|| (l.details_active(), None)),
            groups: of_version(model, row, l, now),
            offers: vec![Offer::new(Action::CompareSelected, model)],
        })
    }
}

/// Draws the panel.
pub(crate) fn details_ui(ui: &mut Ui, model: &Model, state: &ViewState, now: Timestamp) -> Option<Action> {
    let l = state.language;
    let Some(view) = DetailsView::new(model, state, now) else {
        empty_state(ui, l.details_none(), l.details_none_how());
        return None;
    };
    let palette = Palette::at(ui);
    let mut action = None;
    ui.horizontal_wrapped(|ui| {
        heading(ui, &view.title);
        if let Some((word, tone)) = view.chip {
            chip(ui, word, tone.map_or(palette.accent, |tone| palette.tone(tone)));
        }
        let font = TextStyle::Button.resolve(ui.style());
        let padding = 2.0 * ui.spacing().button_padding.x;
        for offer in &view.offers {
            let width = text_width(ui, &offer.action.label(l), font.clone()) + padding;
            wrap_before(ui, width);
            action = action_button(ui, offer).or(action.take());
        }
        let width = text_width(ui, l.details_copy_all(), font) + padding;
        wrap_before(ui, width);
        if ui.button(l.details_copy_all()).clicked() {
            action = Some(Action::Copy(as_text(&view.title, &view.groups)));
        }
    });
    ui.add_space(2.0);
    ScrollArea::vertical().id_salt("details").auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 3.0;
        for group in &view.groups {
            ui.add_space(4.0);
            heading(ui, &group.title);
            ui.separator();
            for fact in &group.facts {
                action = fact_ui(ui, fact, l).or(action.take());
            }
        }
    });
    action
}

/// The name at the left, what is known beside it, broken where it is long, and its button.
fn fact_ui(ui: &mut Ui, fact: &Fact, l: Language) -> Option<Action> {
    let palette = Palette::at(ui);
    let mut action = None;
    // A narrow panel has the room for what is known.
    let names = NAMES.min(ui.available_width() * 0.36);
    ui.horizontal_top(|ui| {
        ui.allocate_ui_with_layout(Vec2::new(names, 0.0), Layout::top_down(Align::Min), |ui| {
            ui.set_width(names);
            let name = RichText::new(&fact.name).color(palette.weak);
            let name = ui.add(Label::new(name).truncate().selectable(false));
            if let Some(hint) = fact.hint {
                name.on_hover_text(hint);
            }
        });
        let copy = RichText::new(l.copy()).small();
        let button = if fact.copy.is_some() { 52.0 } else { 0.0 };
        let width = (ui.available_width() - button - 8.0).max(40.0);
        ui.allocate_ui_with_layout(Vec2::new(width, 0.0), Layout::top_down(Align::Min), |ui| {
            ui.set_width(width);
            let text =
                RichText::new(shown(ui, &fact.value)).color(fact.tone.map_or(palette.text, |tone| palette.tone(tone)));
            let text = if fact.code { text.monospace() } else { text };
            let value = ui.add(Label::new(text).wrap_mode(TextWrapMode::Wrap).selectable(true));
            if let Some(hint) = fact.hint {
                value.on_hover_text(hint);
            }
        });
        if let Some(text) = &fact.copy {
            let response = ui.add(Button::new(copy).small()).on_hover_text(shown(ui, text));
            let name = l.details_copy(&fact.name);
            response
                .widget_info(|| eframe::egui::WidgetInfo::labeled(eframe::egui::accesskit::Role::Button, true, &name));
            if response.clicked() {
                action = Some(Action::Copy(text.clone()));
            }
        }
    });
    action
}

#[cfg(test)]
#[path = "details_tests.rs"]
mod tests;
