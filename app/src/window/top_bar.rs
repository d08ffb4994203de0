//! The bar above: guest, status, and what is done most.

use eframe::egui::{Align, Button, Layout, RichText, Ui, containers::menu::MenuButton};
use exuvia_runtime::session::status::Tone;

use super::actions::{Action, MENU};
use super::theme::Palette;
use super::widgets::{Offer, action_button, named_action_button, pill, tooltip, truncated};
use crate::model::{Model, StatusLine};

/// What the bar shows.
#[derive(Debug)]
pub(crate) struct TopBarView {
    /// The guest's name, and what its tooltip says.
    pub(crate) guest: Option<(String, String)>,
    /// The status.
    pub(crate) status: StatusLine,
    /// The buttons.
    pub(crate) buttons: Vec<Offer>,
    /// Whether auto-reload is on.
    pub(crate) auto_reload: bool,
    /// The menu, in groups.
    pub(crate) menu: Vec<Vec<Offer>>,
}

impl TopBarView {
    /// What the model says.
    pub(crate) fn new(model: &Model) -> Self {
        let guest = model.guest.as_ref().map(|guest| {
            let selection = guest.selection.to_string();
            let built = if selection.is_empty() {
                "with default features, profile dev".to_owned()
            } else {
                format!("with {selection}")
            };
            (
                guest.name.clone(),
                format!("{}\nbuilt {built}\nhistory in {}", guest.manifest.display(), guest.history.display()),
            )
        });
        let build = if model.building.is_some() { Action::CancelBuild } else { Action::Build };
        let buttons = [build, Action::RollBack, Action::RollForward, Action::RestartGuest];
        Self {
            guest,
            status: model.status(),
            buttons: buttons.map(|action| Offer::new(action, model)).into(),
            auto_reload: model.auto_reload,
            menu: MENU
                .iter()
                .map(|group| group.iter().map(|action| Offer::new(action.clone(), model)).collect())
                .collect(),
        }
    }
}

/// Draws the bar.
pub(crate) fn top_bar_ui(ui: &mut Ui, view: &TopBarView) -> Option<Action> {
    let mut action = None;
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            action = buttons_ui(ui, view);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let (name, hint) = match &view.guest {
                    Some((name, hint)) => (name.as_str(), hint.as_str()),
                    None => ("Exuvia", "No guest is open yet"),
                };
                let name = RichText::new(name).heading().color(Palette::at(ui).strong);
                truncated(ui, name).on_hover_text(hint);
                pill(ui, &view.status.text, view.status.tone).on_hover_text(status_hint(&view.status));
            });
        });
    });
    action
}

fn status_hint(status: &StatusLine) -> String {
    let meaning = match status.tone {
        Tone::Good => "What is saved runs.",
        Tone::Busy => "Something is going on.",
        Tone::Attention => "What runs is not what is saved.",
        Tone::Bad => "Something failed; see Problems and Log below.",
    };
    format!("{}\n{meaning}", status.text)
}

/// Below this width only what is done most has a button; the rest is in the menu.
const WIDE: f32 = 920.0;

/// Drawn from right to left.
fn buttons_ui(ui: &mut Ui, view: &TopBarView) -> Option<Action> {
    let wide = ui.available_width() >= WIDE;
    let (response, inner) = MenuButton::new("Menu").ui(ui, |ui| menu_ui(ui, view));
    response.on_hover_text("All actions and their shortcuts");
    let mut action = inner.and_then(|inner| inner.inner);
    if wide {
        let theme = Offer { action: Action::SwitchTheme, possible: true };
        action = named_action_button(ui, &theme, Button::new("Theme")).or(action);
    }
    ui.separator();
    let rarer = |action: &Action| matches!(action, Action::RollForward | Action::RestartGuest);
    for offer in view.buttons.iter().rev().filter(|offer| wide || !rarer(&offer.action)) {
        action = action_button(ui, offer).or(action);
    }
    if wide {
        let toggle = Action::ToggleAutoReload;
        let hint = tooltip(ui, &toggle);
        let mut on = view.auto_reload;
        if ui.checkbox(&mut on, toggle.label()).on_hover_text(hint).clicked() {
            action = Some(toggle);
        }
    }
    action
}

fn menu_ui(ui: &mut Ui, view: &TopBarView) -> Option<Action> {
    let mut action = None;
    ui.set_min_width(290.0);
    for (index, group) in view.menu.iter().enumerate() {
        if index > 0 {
            ui.separator();
        }
        for offer in group {
            let mut button = Button::new(offer.action.label());
            if let Some(shortcut) = offer.action.shortcuts().first() {
                button = button.shortcut_text(ui.ctx().format_shortcut(&shortcut.key));
            }
            action = named_action_button(ui, offer, button).or(action);
        }
    }
    action
}
