//! The bar above: guest, status, and what is done most.

use std::path::PathBuf;

use eframe::egui::{
    Align, Button, Id, Layout, RichText, Sense, Ui, WidgetInfo, accesskit::Role, containers::menu::MenuButton,
};
use exuvia_runtime::session::status::Tone;

use super::actions::{Action, MENU};
use super::dock::Panel;
use super::figure::shown;
use super::leads;
use super::menus::{Entries, entries_ui};
use super::pages::welcome::short_path;
use super::theme::Palette;
use super::view_state::{Overlay, Page, ViewState};
use super::widgets::{Offer, action_button, leads_to, named_action_button, pill, tooltip};
use crate::model::Model;
use crate::settings::RecentGuest;
use crate::text::Language;

/// What the bar shows.
#[derive(Debug)]
pub(crate) struct TopBarView {
    /// The guest's name, and what its tooltip says.
    pub(crate) guest: Option<(String, String)>,
    /// The status in words.
    pub(crate) status: String,
    /// Its colour's meaning.
    pub(crate) tone: Tone,
    /// The panel that says more about it.
    pub(crate) leads_to: Option<Panel>,
    /// The buttons.
    pub(crate) buttons: Vec<Offer>,
    /// Whether auto-reload is on.
    pub(crate) auto_reload: bool,
    /// What the experiment's button does: it shows the page, or leaves it again.
    pub(crate) experiment: Action,
    /// The menu, in groups.
    pub(crate) menu: Vec<Vec<Offer>>,
    /// Guests that were open before: name, folder, manifest.
    pub(crate) recent: Vec<(String, String, PathBuf)>,
    /// What can be done about guests.
    pub(crate) guest_actions: Vec<Offer>,
}

/// So many recent guests the menu lists; the dialog has them all.
const MENU_RECENT: usize = 6;

impl TopBarView {
    /// What the model says.
    pub(crate) fn new(model: &Model, view: &ViewState) -> Self {
        let l = view.language;
        let is_other =
            |recent: &&RecentGuest| model.guest.as_ref().is_none_or(|guest| guest.manifest != recent.manifest);
        let recent = view.remembered.recent.iter().filter(is_other).take(MENU_RECENT).map(|recent| {
            let folder = recent.manifest.parent().unwrap_or(&recent.manifest);
            let folder = short_path(folder, view.places.home.as_deref());
            (recent.name.clone(), folder, recent.manifest.clone())
        });
        let guest_actions = [
            Action::Open(Overlay::OpenGuest),
            Action::Open(Overlay::NewGuest),
            Action::EditManifest,
            Action::CopyGuestPath,
        ];
        let guest = model.guest.as_ref().map(|guest| {
            let selection = guest.selection.to_string();
            let built = if selection.is_empty() { l.built_by_default().to_owned() } else { l.built_with(&selection) };
            let history = l.history_in(&guest.history.display().to_string());
            (guest.name.clone(), format!("{}\n{built}\n{history}", guest.manifest.display()))
        });
        let build = if model.building.is_some() { Action::CancelBuild } else { Action::Build };
        let buttons = [build, Action::RollBack, Action::RollForward, Action::RestartGuest];
        Self {
            guest,
            status: model.status_text(l),
            tone: model.tone(),
            leads_to: leads::of_status(model),
            buttons: buttons.map(|action| Offer::new(action, model)).into(),
            auto_reload: model.auto_reload,
            experiment: Action::ShowPage(Page::Experiment).turned(view.page, model),
            menu: MENU
                .iter()
                .map(|group| group.iter().map(|action| Offer::new(action.clone(), model)).collect())
                .collect(),
            recent: recent.collect(),
            guest_actions: guest_actions.map(|action| Offer::new(action, model)).into(),
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
                    None => ("Exuvia", Language::at(ui).no_guest_yet()),
                };
                let name = RichText::new(name).heading().color(Palette::at(ui).strong);
                let hint = shown(ui, hint);
                action = guest_menu_ui(ui, view, name, &hint).or(action.take());
                let hint = format!("{}\n{}", view.status, Language::at(ui).meaning(view.tone));
                let sense = if view.leads_to.is_some() { Sense::click() } else { Sense::hover() };
                let label = pill(ui, &view.status, view.tone, sense).on_hover_text(hint);
                let asked = view.leads_to.and_then(|panel| leads_to(ui, &label, &view.status, panel));
                action = asked.or(action.take());
            });
        });
    });
    action
}

/// The guest's name; what can be done about guests drops down from it.
fn guest_menu_ui(ui: &mut Ui, view: &TopBarView, name: RichText, hint: &str) -> Option<Action> {
    let l = Language::at(ui);
    let label = name.text().to_owned();
    let button = Button::new(name).right_text("⏷").truncate().frame_when_inactive(false);
    let room = (ui.available_width() * 0.45).clamp(80.0, 300.0);
    ui.scope(|ui| {
        ui.set_max_width(room);
        let (response, inner) = MenuButton::from_button(button).ui(ui, |ui| {
            let mut action = None;
            ui.set_min_width(280.0);
            ui.set_max_width(460.0);
            entries_ui(ui, Id::unique("guest menu"), |ui, entries| {
                for offer in &view.guest_actions {
                    action = entry_ui(ui, entries, offer).or(action.take());
                }
                if !view.recent.is_empty() {
                    ui.separator();
                    ui.label(RichText::new(l.guest_menu_other()).small().weak());
                }
                for (name, folder, path) in &view.recent {
                    let folder = shown(ui, folder).into_owned();
                    let hint = shown(ui, &path.display().to_string()).into_owned();
                    let folder_text = RichText::new(&folder).small().color(Palette::at(ui).weak);
                    let button = Button::new(name.as_str()).right_text(folder_text).truncate();
                    let response = entries.entry(ui, true, button, &hint);
                    if response.accessible_name(l.welcome_open_recent(name, &folder)).clicked() {
                        action = Some(Action::OpenGuest(path.clone()));
                    }
                }
            });
            action
        });
        response.accessible_name(label).on_hover_text(format!("{hint}\n{}", l.guest_menu_hint()));
        inner.and_then(|inner| inner.inner)
    })
    .inner
}

/// Below this width only what is done most has a button; the rest is in the menu.
const WIDE: f32 = 1130.0;

/// Drawn from right to left.
fn buttons_ui(ui: &mut Ui, view: &TopBarView) -> Option<Action> {
    let l = Language::at(ui);
    let wide = ui.available_width() >= WIDE;
    let (response, inner) = MenuButton::new(l.menu()).ui(ui, |ui| menu_ui(ui, view));
    response.on_hover_text(l.menu_hint());
    let mut action = inner.and_then(|inner| inner.inner);
    let palette = Offer { action: Action::Open(Overlay::Palette), possible: true };
    action = action_button(ui, &palette).or(action);
    if wide {
        let show = Action::ShowPage(Page::Experiment);
        let (label, is_there) = (show.label(l), view.experiment != show);
        let button = ui.add(Button::new(&*label).selected(is_there)).on_hover_text(tooltip(ui, &show));
        button.widget_info(|| WidgetInfo::selected(Role::Button, true, is_there, &label));
        action = button.clicked().then(|| view.experiment.clone()).or(action);
        let theme = Offer { action: Action::SwitchTheme, possible: true };
        action = named_action_button(ui, &theme, Button::new(l.theme())).or(action);
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
        if ui.checkbox(&mut on, toggle.label(l)).on_hover_text(hint).clicked() {
            action = Some(toggle);
        }
    }
    action
}

fn menu_ui(ui: &mut Ui, view: &TopBarView) -> Option<Action> {
    entries_ui(ui, Id::unique("menu"), |ui, entries| {
        let mut action = None;
        ui.set_min_width(290.0);
        for (index, group) in view.menu.iter().enumerate() {
            if index > 0 {
                ui.separator();
            }
            for offer in group {
                action = entry_ui(ui, entries, offer).or(action);
            }
        }
        action
    })
}

/// An action with its shortcut.
fn entry_ui(ui: &mut Ui, entries: &mut Entries, offer: &Offer) -> Option<Action> {
    let mut button = Button::new(offer.action.label(Language::at(ui)));
    if let Some(shortcut) = offer.action.shortcuts().first() {
        button = button.shortcut_text(shortcut.text(ui.ctx()));
    }
    let hint = tooltip(ui, &offer.action);
    entries.entry(ui, offer.possible, button, &hint).clicked().then(|| offer.action.clone())
}
