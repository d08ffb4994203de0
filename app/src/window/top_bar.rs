//! The bar above: guest, status, and what is done most.

use std::path::PathBuf;

use eframe::egui::{
    Align, Button, Checkbox, Id, Layout, RichText, Sense, Separator, TextStyle, Ui, WidgetInfo, accesskit::Role,
    containers::menu::MenuButton,
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
use super::widgets::{Offer, action_button, leads_to, named_action_button, outlined, pill, text_width, tooltip};
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
    /// What is done with the guest: building, and the way back and on.
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

/// Something in the bar that can be pressed.
#[derive(Debug, Clone, PartialEq)]
enum Item {
    /// The switch.
    AutoReload,
    /// One of the buttons that act on the guest.
    Act(Offer),
    /// A line between what acts on the guest and what does not.
    Line,
    /// Light or dark.
    Theme,
    /// The experiment, or the way back from it.
    Experiment,
    /// All actions by name.
    Palette,
    /// All actions in groups.
    Menu,
}

impl Item {
    /// All of them, from left to right.
    fn all(view: &TopBarView) -> Vec<Self> {
        let acts = view.buttons.iter().cloned().map(Self::Act);
        let rest = [Self::Line, Self::Theme, Self::Experiment, Self::Palette, Self::Menu];
        std::iter::once(Self::AutoReload).chain(acts).chain(rest).collect()
    }

    /// Who stays in the bar when there is no room for all: the least first.
    fn rank(&self) -> u8 {
        match self {
            Self::Menu => 0,
            Self::Line => 1,
            Self::Act(offer) => match offer.action {
                Action::RollBack => 3,
                Action::RollForward => 7,
                Action::RestartGuest => 8,
                // Building, or stopping that.
                _ => 2,
            },
            Self::Palette => 4,
            Self::AutoReload => 5,
            Self::Experiment => 6,
            Self::Theme => 9,
        }
    }

    /// What is written on it. A button that says one thing or another is as wide as the longer.
    fn words(&self, l: Language) -> Vec<String> {
        match self {
            Self::AutoReload => vec![Action::ToggleAutoReload.label(l)],
            Self::Act(Offer { action: Action::Build | Action::CancelBuild, .. }) => {
                [Action::Build, Action::CancelBuild].map(|action| action.label(l)).into()
            }
            Self::Act(offer) => vec![offer.action.label(l)],
            Self::Line => vec![],
            Self::Theme => vec![l.theme().to_owned()],
            Self::Experiment => vec![Action::ShowPage(Page::Experiment).label(l)],
            Self::Palette => vec![Action::Open(Overlay::Palette).label(l)],
            Self::Menu => vec![l.menu().to_owned()],
        }
    }

    /// How much of the bar it takes, with the gap beside it.
    fn width(&self, ui: &Ui) -> f32 {
        let font = TextStyle::Button.resolve(ui.style());
        let words = self.words(Language::at(ui));
        let words = words.iter().map(|words| text_width(ui, words, font.clone())).fold(0.0, f32::max);
        let spacing = ui.spacing();
        let around = match self {
            Self::AutoReload => spacing.icon_width + spacing.icon_spacing,
            Self::Line => LINE,
            _ => 2.0 * spacing.button_padding.x,
        };
        words + around + spacing.item_spacing.x
    }
}

/// How wide a line between buttons is.
const LINE: f32 = 6.0;

/// What the guest's name and the status are left of a bar of this width. It does not depend on what they say: a button
/// stays where it is while one is about to press it.
fn room_at_left(width: f32) -> f32 {
    (width * 0.36).clamp(150.0, 380.0)
}

/// Which of the items stay in the bar: all, if they fit, else by rank as many as fit beside `more`, behind which the
/// others are. Each has its rank and its width; the first in rank always stays.
fn staying(items: &[(u8, f32)], room: f32, more: f32) -> Vec<bool> {
    if items.iter().map(|(_, width)| width).sum::<f32>() <= room {
        return vec![true; items.len()];
    }
    let mut by_rank: Vec<usize> = (0..items.len()).collect();
    by_rank.sort_by_key(|index| items[*index].0);
    let (mut stays, mut taken) = (vec![false; items.len()], more);
    for (place, index) in by_rank.into_iter().enumerate() {
        taken += items[index].1;
        if taken > room && place > 0 {
            break;
        }
        stays[index] = true;
    }
    stays
}

/// Drawn from right to left.
fn buttons_ui(ui: &mut Ui, view: &TopBarView) -> Option<Action> {
    let l = Language::at(ui);
    let items = Item::all(view);
    let widths: Vec<_> = items.iter().map(|item| (item.rank(), item.width(ui))).collect();
    let width = ui.available_width();
    let font = TextStyle::Button.resolve(ui.style());
    let more = text_width(ui, MORE, font) + 2.0 * ui.spacing().button_padding.x + ui.spacing().item_spacing.x;
    let stays = staying(&widths, width - room_at_left(width), more);
    let mut action = None;
    let hidden: Vec<_> = items.iter().zip(&stays).filter(|(_, stays)| !**stays).map(|(item, _)| item).collect();
    if !hidden.is_empty() {
        let (response, inner) = MenuButton::new(MORE).ui(ui, |ui| more_ui(ui, view, &hidden));
        response.accessible_name(l.more_actions()).on_hover_text(l.more_actions_hint());
        action = inner.and_then(|inner| inner.inner);
    }
    for (item, _) in items.iter().zip(stays).rev().filter(|(_, stays)| *stays) {
        action = item_ui(ui, view, item).or(action);
    }
    action
}

/// What stands on the button of the menu with what has no room.
const MORE: &str = "…";

fn item_ui(ui: &mut Ui, view: &TopBarView, item: &Item) -> Option<Action> {
    let l = Language::at(ui);
    match item {
        Item::Menu => {
            let (response, inner) = MenuButton::new(l.menu()).ui(ui, |ui| menu_ui(ui, view));
            response.on_hover_text(l.menu_hint());
            inner.and_then(|inner| inner.inner)
        }
        Item::Palette => action_button(ui, &Offer { action: Action::Open(Overlay::Palette), possible: true }),
        Item::Experiment => {
            let show = Action::ShowPage(Page::Experiment);
            let (label, is_there) = (show.label(l), view.experiment != show);
            let button = ui.add(Button::new(&*label).selected(is_there)).on_hover_text(tooltip(ui, &show));
            button.widget_info(|| WidgetInfo::selected(Role::Button, true, is_there, &label));
            button.clicked().then(|| view.experiment.clone())
        }
        Item::Theme => {
            let theme = Offer { action: Action::SwitchTheme, possible: true };
            named_action_button(ui, &theme, Button::new(l.theme()))
        }
        Item::Line => {
            ui.add(Separator::default().spacing(LINE));
            None
        }
        Item::Act(offer) => action_button(ui, offer),
        Item::AutoReload => {
            let toggle = Action::ToggleAutoReload;
            let hint = tooltip(ui, &toggle);
            let mut on = view.auto_reload;
            outlined(ui, Checkbox::new(&mut on, toggle.label(l))).on_hover_text(hint).clicked().then_some(toggle)
        }
    }
}

/// What has no room in the bar, in the same order.
fn more_ui(ui: &mut Ui, view: &TopBarView, items: &[&Item]) -> Option<Action> {
    entries_ui(ui, Id::unique("more"), |ui, entries| {
        let mut action = None;
        ui.set_min_width(220.0);
        let possible = |action| Offer { action, possible: true };
        for item in items {
            let (offer, selected) = match item {
                Item::Act(offer) => (offer.clone(), false),
                Item::AutoReload => (possible(Action::ToggleAutoReload), view.auto_reload),
                Item::Theme => (possible(Action::SwitchTheme), false),
                Item::Experiment => (possible(view.experiment.clone()), false),
                Item::Palette => (possible(Action::Open(Overlay::Palette)), false),
                Item::Line | Item::Menu => continue,
            };
            action = marked_entry_ui(ui, entries, &offer, selected).or(action);
        }
        action
    })
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
    marked_entry_ui(ui, entries, offer, false)
}

/// The same; one that is switched on is marked.
fn marked_entry_ui(ui: &mut Ui, entries: &mut Entries, offer: &Offer, selected: bool) -> Option<Action> {
    let mut button = Button::new(offer.action.label(Language::at(ui))).selected(selected);
    if let Some(shortcut) = offer.action.shortcuts().first() {
        button = button.shortcut_text(shortcut.text(ui.ctx()));
    }
    let hint = tooltip(ui, &offer.action);
    entries.entry(ui, offer.possible, button, &hint).clicked().then(|| offer.action.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_goes_by_rank() {
        let items = [(2, 50.0), (1, 30.0), (3, 20.0), (0, 40.0)];
        for (room, stays) in [
            (140.0, [true, true, true, true]),
            // The menu for the others takes its place, too.
            (139.0, [true, true, false, true]),
            (130.0, [true, true, false, true]),
            (129.0, [false, true, false, true]),
            (80.0, [false, true, false, true]),
            (79.0, [false, false, false, true]),
            (5.0, [false, false, false, true]),
        ] {
            assert_eq!(staying(&items, room, 10.0), stays, "{room}");
        }
    }
}
