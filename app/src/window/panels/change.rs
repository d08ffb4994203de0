//! What differs between the sources of two versions, or of a version and what is saved.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui::{Button, ComboBox, RichText, ScrollArea, Ui};
use exuvia_runtime::history::compare::{CompareOutcome, Side};
use exuvia_runtime::ids::{Timestamp, VersionNumber};
use exuvia_runtime::session::status::Tone;

use super::super::actions::Action;
use super::super::theme::Palette;
use super::super::view_state::ViewState;
use super::super::widgets::{Offer, empty_state, named_action_button, tooltip, truncated, well};
use super::change_lines::lines_ui;
use crate::model::Model;
use crate::model::change::{Comparison, Rows};
use crate::text::Language;

/// What the selected version (or else the active one) is compared with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Against {
    /// The version before it; after a roll back, of the active one, the version that was left.
    #[default]
    Before,
    /// The files as they are saved.
    Saved,
    /// These two, until another version is selected.
    Pair {
        /// The first side.
        from: Side,
        /// The second side.
        to: Side,
        /// What was selected then.
        selected: Option<VersionNumber>,
    },
}

/// What is compared, and where the reader is.
#[derive(Debug, Default)]
pub(crate) struct ChangeState {
    /// What is compared.
    pub(crate) against: Against,
    /// A wish for the next change (`true`) or the previous one.
    pub(crate) jump: Option<bool>,
    /// The row of the change that was jumped to, in the comparison that is laid out.
    at: Option<usize>,
    /// The rows of the comparison that is shown.
    laid_out: LaidOut,
    /// Whether somebody may have been looking at the panel when it was drawn last.
    was_seen: bool,
}

impl ChangeState {
    /// Whether the panel comes into view now, and did not just stay there.
    pub(crate) fn comes_into_view(&mut self, seen: bool) -> bool {
        !std::mem::replace(&mut self.was_seen, seen) && seen
    }
}

/// The rows of a comparison, which are worked out when it or a fold has changed.
#[derive(Debug, Default)]
pub(super) struct LaidOut {
    of: Option<Arc<Comparison>>,
    /// The files that the user has folded or unfolded.
    toggled: BTreeSet<PathBuf>,
    rows: Rows,
}

impl LaidOut {
    /// Lays a comparison out; says whether it is of another pair than the one before.
    fn follow(&mut self, shown: &Arc<Comparison>) -> bool {
        if self.of.as_ref().is_some_and(|of| Arc::ptr_eq(of, shown)) {
            return false;
        }
        let is_new = self.of.as_ref().is_none_or(|of| (of.from, of.to) != (shown.from, shown.to));
        if is_new {
            self.toggled.clear();
        }
        self.rows = shown.rows(&self.toggled);
        self.of = Some(Arc::clone(shown));
        is_new
    }

    /// Folds a file, or unfolds it.
    fn toggle(&mut self, file: usize) {
        let Some(of) = &self.of else { return };
        let Some(path) = of.files().get(file).map(|file| file.path.clone()) else { return };
        if !self.toggled.remove(&path) {
            self.toggled.insert(path);
        }
        self.rows = of.rows(&self.toggled);
    }

    /// The rows.
    pub(super) fn rows(&self) -> &Rows {
        &self.rows
    }

    /// Whether a file takes one line only.
    pub(super) fn is_folded(&self, file: usize) -> bool {
        self.of.as_ref().is_some_and(|of| of.is_folded(file, &self.toggled))
    }
}

/// The two sides that are to be shown; none before there is a version.
pub(crate) fn pair(model: &Model, view: &ViewState) -> Option<(Side, Side)> {
    if let Against::Pair { from, to, selected } = view.guest.change.against
        && selected == view.guest.selected
    {
        return Some((from, to));
    }
    // A version can be compared when it was recorded, which is after it was activated.
    let recorded = |version: &VersionNumber| model.history.version(*version).is_some();
    let newest = || model.history.numbers().next();
    let of = view.guest.selected.filter(recorded).or(model.active.filter(recorded)).or_else(newest)?;
    Some(match view.guest.change.against {
        Against::Saved => (Side::Version(of), Side::Saved),
        // After a roll back one wants to see what was undone.
        Against::Before | Against::Pair { .. }
            if model.active == Some(of) && model.left.as_ref().is_some_and(recorded) =>
        {
            (model.left.map_or(Side::Nothing, Side::Version), Side::Version(of))
        }
        Against::Before | Against::Pair { .. } => {
            (model.history.below(of).map_or(Side::Nothing, Side::Version), Side::Version(of))
        }
    })
}

/// What stands above the lines, and what is shown.
#[derive(Debug)]
pub(crate) struct ChangeView {
    /// The pair that is to be shown.
    pub(crate) pair: Option<(Side, Side)>,
    /// The comparison that is shown: the last one, while another is waited for.
    pub(crate) shown: Option<Arc<Comparison>>,
    /// Whether that is another one than the one that is to be shown.
    pub(crate) stale: bool,
    /// Whether the pair follows the selection.
    pub(crate) follows: bool,
    /// Files and lines that differ.
    pub(crate) counts: String,
    /// What stands in place of lines.
    pub(crate) empty: Option<(&'static str, String)>,
    /// What is to be known about the pair.
    pub(crate) note: Option<&'static str>,
}

impl ChangeView {
    pub(crate) fn new(model: &Model, view: &ViewState) -> Self {
        let l = view.language;
        let pair = pair(model, view);
        let shown = model.changes.shown().cloned().filter(|_| pair.is_some());
        let of_shown = shown.as_ref().map(|shown| (shown.from, shown.to));
        let (mut counts, mut note) = (String::new(), None);
        let empty = match (&pair, shown.as_deref()) {
            (None, _) => Some((l.change_none(), l.change_none_how().to_owned())),
            (Some(_), None) => Some((l.change_waiting(), String::new())),
            (Some(_), Some(shown)) => match &shown.outcome {
                CompareOutcome::Same => {
                    Some((l.change_same(), l.change_same_how(&l.side(shown.from), &l.side(shown.to))))
                }
                CompareOutcome::Failed { message } => Some((l.change_failed(), message.clone())),
                CompareOutcome::Differs { files } => {
                    let sum = |side: fn(&(usize, usize)) -> usize| shown.counts.iter().map(side).sum::<usize>();
                    counts = l.change_in_files(
                        &l.files(files.len()),
                        sum(|(added, _)| *added),
                        sum(|(_, removed)| *removed),
                    );
                    note = (shown.from == Side::Nothing).then(|| l.change_first());
                    None
                }
            },
        };
        let follows = match view.guest.change.against {
            Against::Before => true,
            Against::Saved => false,
            Against::Pair { selected, .. } => selected != view.guest.selected,
        };
        let stale = model.changes.is_pending() || of_shown != pair;
        Self { pair, stale: stale && shown.is_some(), shown, follows, counts, empty, note }
    }
}

/// Draws the panel.
pub(crate) fn change_ui(ui: &mut Ui, model: &Model, state: &mut ViewState, now: Timestamp) -> Option<Action> {
    let view = ChangeView::new(model, state);
    let l = state.language;
    let mut action = None;
    if let (None, Some((title, how))) = (view.pair, &view.empty) {
        empty_state(ui, title, how);
        return None;
    }
    if let Some(pair) = view.pair {
        action = pair_ui(ui, pair, &view, model, l, now);
        if view.empty.is_none() {
            action = counts_ui(ui, &view, model, l).or(action);
        }
        ui.add_space(2.0);
    }
    well(ui, |ui| {
        if view.stale {
            ui.multiply_opacity(0.55);
        }
        if let Some((title, how)) = &view.empty {
            empty_state(ui, title, how);
        } else if let Some(shown) = &view.shown {
            let change = &mut state.guest.change;
            if change.laid_out.follow(shown) {
                change.at = None;
            }
            let rows = change.laid_out.rows();
            let jump = change.jump.take().and_then(|forward| rows.next_change(change.at, forward));
            change.at = jump.or(change.at).filter(|row| *row < rows.rows.len());
            if let Some(file) = lines_ui(ui, shown, &change.laid_out, change.at, jump, l) {
                change.laid_out.toggle(file);
                // Rows are counted anew.
                change.at = None;
            }
        }
    });
    action
}

/// Both sides, to be chosen, and the ways to the usual pairs.
fn pair_ui(
    ui: &mut Ui,
    (from, to): (Side, Side),
    view: &ChangeView,
    model: &Model,
    l: Language,
    now: Timestamp,
) -> Option<Action> {
    let mut action = None;
    ui.horizontal_wrapped(|ui| {
        let mut choose = |ui: &mut Ui, label: &str, salt: &str, side: Side, pair: &dyn Fn(Side) -> Action| {
            let label = ui.label(RichText::new(label).color(Palette::at(ui).weak));
            let combo = ComboBox::from_id_salt(salt).selected_text(l.side(side)).width(96.0).show_ui(ui, |ui| {
                ui.set_min_width(240.0);
                sides_ui(ui, side, model, l, now)
            });
            combo.response.labelled_by(label.id);
            if let Some(chosen) = combo.inner.flatten() {
                action = Some(pair(chosen));
            }
        };
        choose(ui, l.change_from(), "change-from", from, &|from| Action::Compare(from, to));
        choose(ui, l.change_to(), "change-to", to, &|to| Action::Compare(from, to));
        if ui.button(l.change_swap()).on_hover_text(l.change_swap_hint()).clicked() {
            action = Some(Action::Compare(to, from));
        }
        let usual = if view.follows {
            (Action::CompareWithSaved, l.change_against_saved())
        } else {
            (Action::CompareSelected, l.change_follow())
        };
        let offer = Offer::new(usual.0, model);
        action = named_action_button(ui, &offer, Button::new(usual.1)).or(action.take());
    });
    action
}

/// All sides in the opened list: the saved files, the versions from the newest on, nothing.
fn sides_ui(ui: &mut Ui, selected: Side, model: &Model, l: Language, now: Timestamp) -> Option<Side> {
    let numbers: Vec<_> = model.history.numbers().collect();
    let count = numbers.len() + 2;
    let height = ui.spacing().interact_size.y;
    let mut chosen = None;
    ScrollArea::vertical().max_height(280.0).show_rows(ui, height, count, |ui, seen| {
        for index in seen {
            let (side, text) = match index {
                0 => (Side::Saved, l.change_saved().to_owned()),
                _ => match numbers.get(index - 1).and_then(|number| model.history.version(*number)) {
                    Some(row) => {
                        let (cause, age) = (l.cause(&row.record.cause), l.age(row.record.built_at, now));
                        (Side::Version(row.record.number), format!("{} · {cause} · {age}", row.record.number))
                    }
                    None => (Side::Nothing, l.change_nothing().to_owned()),
                },
            };
            if ui.selectable_label(side == selected, text).clicked() {
                chosen = Some(side);
            }
        }
    });
    chosen
}

fn counts_ui(ui: &mut Ui, view: &ChangeView, model: &Model, l: Language) -> Option<Action> {
    let mut action = None;
    ui.horizontal_wrapped(|ui| {
        let palette = Palette::at(ui);
        ui.label(RichText::new(&view.counts).color(palette.text));
        for (asked, words) in [
            (Action::PreviousChange, l.change_up()),
            (Action::NextChange, l.change_down()),
            (Action::CopyDiff, l.copy_diff()),
        ] {
            let offer = Offer::new(asked, model);
            let hint = tooltip(ui, &offer.action);
            let button = Button::new(RichText::new(words).small()).small();
            if ui.add_enabled(offer.possible, button).on_hover_text(hint).clicked() {
                action = Some(offer.action);
            }
        }
    });
    if let Some(note) = view.note {
        truncated(ui, RichText::new(note).small().color(Palette::at(ui).tone(Tone::Busy))).on_hover_text(note);
    }
    action
}

#[cfg(test)]
#[path = "change_tests.rs"]
mod tests;
