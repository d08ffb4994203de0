//! The guest's state as a tree: what it holds, and what differs since the last swap.

use std::rc::Rc;

use eframe::egui::text::LayoutJob;
use eframe::egui::{Button, Label, RichText, Sides, TextEdit, TextStyle, Ui};
use exuvia_runtime::ids::VersionNumber;
use exuvia_runtime::session::SHOWN_STATE;
use exuvia_runtime::session::status::Tone;
use exuvia_runtime::swap::verdict::VerdictKind;

use super::super::actions::Action;
use super::super::figure::shown;
use super::super::theme::Palette;
use super::super::view_state::ViewState;
use super::super::widgets::{Offer, chip, empty_state, named_action_button, outlined, truncated, well};
use super::call_lines::changes_state;
use super::state_rows::{Asked, Here, tree_ui};
use crate::model::state_tree::{Folding, StateRow, rows, value_at};
use crate::model::{Model, words};
use crate::text::Language;

/// What of the state is unfolded, filtered and selected.
#[derive(Debug, Default)]
pub(crate) struct StateState {
    folding: Folding,
    here: Here,
    /// The rows, for this state and this folding: they are worked out when one of both changes.
    rows: Option<(u64, u64, Rc<Vec<StateRow>>)>,
}

impl StateState {
    fn rows(&mut self, model: &Model) -> Rc<Vec<StateRow>> {
        let key = (model.state.revision, self.folding.revision);
        if let Some((state, folding, rows)) = &self.rows
            && (*state, *folding) == key
        {
            return Rc::clone(rows);
        }
        let state = &model.state;
        let now = state.latest.as_ref().and_then(|told| told.value.as_deref());
        let before = state.before_swap.as_ref().map(|(_, value)| &**value);
        let rows = Rc::new(now.map_or_else(Vec::new, |now| rows(now, state.at_swap.as_deref(), before, &self.folding)));
        self.rows = Some((key.0, key.1, Rc::clone(&rows)));
        rows
    }
}

/// What the panel shows above the tree, or in its place.
#[derive(Debug, PartialEq)]
pub(crate) struct StateView {
    /// The version whose state it is.
    pub(crate) version: Option<VersionNumber>,
    /// The state's type.
    pub(crate) type_name: String,
    /// Size of its snapshot.
    pub(crate) size: String,
    /// What the last swap did to it, where there is something to be known, and its tone.
    pub(crate) swap: Option<(String, Tone)>,
    /// What stands in the tree's place.
    pub(crate) empty: Option<(&'static str, String)>,
    /// Ask for it again.
    pub(crate) read: Option<Offer>,
}

impl StateView {
    pub(crate) fn new(model: &Model, l: Language) -> Self {
        let told = model.state.latest.as_ref();
        let version = told.map(|told| told.version).or(model.active);
        let row = version.and_then(|version| model.history.version(version));
        let of_type = row.and_then(|row| row.record.state_type.clone());
        let empty = match (told, model.active) {
            (Some(told), _) if told.value.is_some() => None,
            (Some(told), _) => {
                let (size, limit) = (words::bytes(told.bytes), words::bytes(SHOWN_STATE as u64));
                Some((l.state_too_large(), l.state_too_large_how(&size, &limit)))
            }
            (None, None) => Some((l.state_none_yet(), l.state_none_yet_how().to_owned())),
            // What is just activated is recorded a moment later.
            (None, Some(_)) if row.is_none() => Some((l.state_none_yet(), l.state_none_yet_how().to_owned())),
            (None, Some(_)) if of_type.is_none() => Some((l.state_without(), l.state_without_how().to_owned())),
            (None, Some(version)) => Some((l.state_not_told(), l.state_not_told_how(version))),
        };
        let swap = model.state.verdict.as_ref().filter(|_| told.is_some()).and_then(|verdict| {
            let tone = match verdict.kind {
                VerdictKind::Migrated => Tone::Busy,
                VerdictKind::Reset | VerdictKind::Restarted => Tone::Attention,
                _ => return None,
            };
            Some((l.verdict_said(verdict), tone))
        });
        let swap = match model.active {
            None if told.is_some() => Some((l.state_last_known().to_owned(), Tone::Attention)),
            _ => swap,
        };
        // What was carried over is not what stands here then.
        let pins: Vec<&str> = model.calls.pins.iter().map(|pin| pin.call.as_str()).collect();
        let changing: Vec<&str> = pins.into_iter().filter(|call| changes_state(model, call)).collect();
        let swap = match swap {
            swap if changing.is_empty() || told.is_none() => swap,
            None => Some((l.state_changed_by_pins(&changing.join(", ")), Tone::Attention)),
            Some((words, tone)) => Some((format!("{words}; {}", l.state_changed_by_pins(&changing.join(", "))), tone)),
        };
        let has_state = told.is_some() || of_type.is_some();
        Self {
            version: version.filter(|_| has_state),
            type_name: of_type.unwrap_or_default(),
            size: told.map(|told| l.state_size(&words::bytes(told.bytes))).unwrap_or_default(),
            swap,
            empty,
            read: has_state.then(|| Offer::new(Action::ReadState, model)),
        }
    }
}

/// Draws the panel.
pub(crate) fn state_ui(ui: &mut Ui, model: &Model, state: &mut ViewState) -> Option<Action> {
    let l = state.language;
    let view = StateView::new(model, l);
    let mut action = head_ui(ui, &view, l);
    if let Some((title, how)) = &view.empty {
        empty_state(ui, title, how);
        return action;
    }
    let value = model.state.latest.as_ref().and_then(|told| told.value.as_deref());
    let tree = &mut state.guest.state;
    let copied = |path: &str| {
        let value = value.and_then(|value| value_at(value, path));
        // What is gone has a path, and no value to copy.
        value.and_then(|value| match value {
            serde_json::Value::String(text) => Some(text.clone()),
            other => serde_json::to_string_pretty(other).ok(),
        })
    };
    let narrow = ui.available_width() < 330.0;
    Sides::new().shrink_left().show(
        ui,
        |ui| {
            let field = TextEdit::singleline(&mut tree.folding.filter)
                .hint_text(l.state_filter_hint())
                .desired_width(ui.available_width().min(260.0));
            let response = outlined(ui, field);
            response.widget_info(|| {
                let mut info =
                    eframe::egui::WidgetInfo::text_edit(true, "", &tree.folding.filter, l.state_filter_hint());
                info.label = Some(l.state_filter().to_owned());
                info
            });
            if response.changed() {
                tree.folding.revision += 1;
            }
        },
        |ui| {
            let selected = tree.here.selected.clone().filter(|_| !narrow);
            let value = selected.as_deref().and_then(&copied);
            if let (Some(path), false) = (selected, narrow) {
                action = copy_button(ui, Some(path), l.state_copy_path()).or(action.take());
                action = copy_button(ui, value, l.state_copy_value()).or(action.take());
            }
        },
    );
    let rows = tree.rows(model);
    well(ui, |ui| {
        if rows.is_empty() {
            let filter = tree.folding.filter.trim();
            let nothing = l.state_nothing_fits(filter);
            empty_state(ui, if filter.is_empty() { l.state_empty() } else { &nothing }, "");
            return;
        }
        let asked = tree_ui(ui, &rows, &mut tree.here, l);
        if asked.is_some() {
            // What is folded or selected now is drawn in the next frame.
            ui.ctx().request_repaint();
        }
        match asked {
            Some(Asked::Toggle(path)) => tree.folding.toggle(&path),
            Some(Asked::More(path)) => tree.folding.show_more(&path),
            Some(Asked::CopyPath(path)) => action = Some(Action::Copy(path)),
            Some(Asked::CopyValue(path)) => action = copied(&path).map(Action::Copy),
            None => {}
        }
    });
    action
}

fn head_ui(ui: &mut Ui, view: &StateView, l: Language) -> Option<Action> {
    let palette = Palette::at(ui);
    let mut action = None;
    let Some(read) = &view.read else { return None };
    Sides::new().shrink_left().truncate().show(
        ui,
        |ui| {
            if let Some(version) = view.version {
                chip(ui, &version.to_string(), palette.accent);
            }
            truncated(ui, RichText::new(&view.type_name).monospace().color(palette.strong))
                .on_hover_text(&view.type_name);
            // Dots alone say nothing.
            if ui.available_width() > 60.0 {
                truncated(ui, RichText::new(&view.size).small().color(palette.weak));
            }
        },
        |ui| action = named_action_button(ui, read, Button::new(l.read_again())),
    );
    if let Some((text, tone)) = &view.swap {
        let text = &*shown(ui, text);
        // Two lines: why a version runs again is rarely said in one.
        let mut job = LayoutJob::simple(
            text.to_owned(),
            TextStyle::Small.resolve(ui.style()),
            palette.tone(*tone),
            ui.available_width(),
        );
        job.wrap.max_rows = 2;
        ui.add(Label::new(job)).on_hover_text(text);
    }
    action
}

fn copy_button(ui: &mut Ui, text: Option<String>, words: &str) -> Option<Action> {
    let button = Button::new(RichText::new(words).small()).small();
    ui.add_enabled(text.is_some(), button).clicked().then_some(text.map(Action::Copy)).flatten()
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
