//! What the runner takes up, what of each version is mapped in it, and why.

use eframe::egui::{Align2, Button, CornerRadius, Pos2, Rect, RichText, ScrollArea, Sense, Sides, TextStyle, Ui, Vec2};
use exuvia_runtime::ids::{Timestamp, VersionNumber};
use exuvia_runtime::session::status::Tone;

use super::super::actions::Action;
use super::super::figure::shown;
use super::super::theme::Palette;
use super::super::widgets::{Offer, action_button, chip, empty_state, heading, named_action_button, truncated};
use crate::model::{Model, words};
use crate::text::Language;

/// A version whose library is mapped.
#[derive(Debug, PartialEq)]
pub(crate) struct MemoryRow {
    /// The version.
    pub(crate) version: VersionNumber,
    /// Whether it runs.
    pub(crate) active: bool,
    /// Whether it was retired and is still there.
    pub(crate) kept: bool,
    /// What is mapped of it.
    pub(crate) size: String,
    /// As a share of what is mapped most, from 0 to 1.
    pub(crate) share: f32,
    /// Its threads.
    pub(crate) threads: String,
    /// Why it is still there.
    pub(crate) why: Option<String>,
    /// All of this, for a screen reader.
    pub(crate) spoken: String,
}

/// What the panel shows.
#[derive(Debug, PartialEq)]
pub(crate) struct MemoryView {
    /// Facts about the runner: a name and what is known.
    pub(crate) runner: Vec<(&'static str, String)>,
    /// The versions, newest first.
    pub(crate) rows: Vec<MemoryRow>,
    /// What that means, in a sentence.
    pub(crate) explanation: &'static str,
    /// Whether the platform can say how much is mapped.
    pub(crate) known: bool,
    /// When it was told.
    pub(crate) told: String,
    /// Ask again.
    pub(crate) read: Offer,
    /// What frees the memory of retired versions, where there are any.
    pub(crate) restart: Option<Offer>,
}

impl MemoryView {
    /// `None`: nothing was told yet, or the runner is gone.
    pub(crate) fn new(model: &Model, l: Language, now: Timestamp) -> Option<Self> {
        let memory = model.memory.as_ref()?;
        let unknown = || l.memory_unknown().to_owned();
        let known = memory.runner.resident.is_some() || memory.mapped() > 0;
        let size = |bytes: u64| if known { words::bytes(bytes) } else { unknown() };
        let largest = memory.versions.iter().map(|mapped| mapped.bytes).max().unwrap_or(0);
        let row = |mapped: &exuvia_runtime::session::MappedVersion| {
            let active = model.active == Some(mapped.version);
            let kept = mapped.why.is_some() && !active;
            let standing = match () {
                () if active => l.memory_active(),
                () if kept => l.memory_kept(),
                () => l.memory_open(),
            };
            let threads = match mapped.threads {
                0 => l.memory_no_threads().to_owned(),
                threads => l.threads(threads as usize),
            };
            let size = size(mapped.bytes);
            #[expect(clippy::cast_precision_loss, reason = "the length of a bar")]
            let share = if largest == 0 { 0.0 } else { mapped.bytes as f32 / largest as f32 };
            let spoken = l.memory_spoken(mapped.version, standing, &size, &threads);
            let why = mapped.why.clone().filter(|_| kept);
            MemoryRow { version: mapped.version, active, kept, share, spoken, size, threads, why }
        };
        let rows: Vec<_> = memory.versions.iter().rev().map(row).collect();
        let any_kept = rows.iter().any(|row| row.kept);
        Some(Self {
            runner: vec![
                (l.memory_pid(), memory.runner.pid.to_string()),
                (l.memory_resident(), memory.runner.resident.map_or_else(unknown, words::bytes)),
                (l.memory_threads(), memory.runner.threads.map_or_else(unknown, |threads| threads.to_string())),
                (l.memory_mapped(), size(memory.mapped())),
            ],
            rows,
            explanation: match (known, any_kept) {
                (_, true) => l.memory_why_kept(),
                (true, false) => l.memory_all_gone(),
                (false, false) => l.memory_unknown_here(),
            },
            known,
            told: l.memory_told(&l.age(memory.at, now)),
            read: Offer::new(Action::ReadMemory, model),
            restart: any_kept.then(|| Offer::new(Action::RestartGuest, model)),
        })
    }
}

/// Draws the panel.
pub(crate) fn memory_ui(ui: &mut Ui, model: &Model, l: Language, now: Timestamp) -> Option<Action> {
    let Some(view) = MemoryView::new(model, l, now) else {
        empty_state(ui, l.memory_none(), l.memory_none_how());
        return None;
    };
    let palette = Palette::at(ui);
    let mut action = None;
    Sides::new().shrink_left().truncate().show(
        ui,
        |ui| {
            heading(ui, l.memory_runner());
            truncated(ui, RichText::new(&view.told).small().color(palette.weak));
        },
        |ui| action = named_action_button(ui, &view.read, Button::new(l.read_again())),
    );
    ScrollArea::vertical().id_salt("memory").auto_shrink(false).show(ui, |ui| {
        figures_ui(ui, &view.runner);
        ui.add_space(8.0);
        heading(ui, l.memory_versions());
        ui.separator();
        for row in &view.rows {
            row_ui(ui, row, view.known, l);
        }
        ui.add_space(6.0);
        ui.label(RichText::new(view.explanation).color(palette.weak));
        if !view.known && view.restart.is_some() {
            ui.label(RichText::new(l.memory_unknown_here()).color(palette.weak));
        }
        if let Some(restart) = &view.restart {
            ui.add_space(2.0);
            action = action_button(ui, restart).or(action.take());
        }
    });
    action
}

/// The runner's numbers, side by side: large, with their names below.
fn figures_ui(ui: &mut Ui, figures: &[(&'static str, String)]) {
    let palette = Palette::at(ui);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 20.0;
        for (name, value) in figures {
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                ui.label(RichText::new(value).heading().color(palette.strong));
                ui.label(RichText::new(*name).small().color(palette.weak));
            });
        }
    });
}

fn row_ui(ui: &mut Ui, row: &MemoryRow, known: bool, l: Language) {
    let palette = Palette::at(ui);
    let color = match () {
        () if row.active => palette.accent,
        () if row.kept => palette.tone(Tone::Attention),
        () => palette.tone(Tone::Busy),
    };
    ui.horizontal(|ui| {
        ui.label(RichText::new(row.version.to_string()).strong().color(palette.strong));
        let word = match () {
            () if row.active => l.memory_active(),
            () if row.kept => l.memory_kept(),
            () => l.memory_open(),
        };
        chip(ui, word, color);
        truncated(ui, RichText::new(&row.threads).small().color(palette.weak)).on_hover_text(&row.threads);
    });
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 18.0), Sense::hover());
    response.widget_info(|| eframe::egui::WidgetInfo::labeled(eframe::egui::accesskit::Role::Meter, true, &row.spoken));
    let numbers = 84.0;
    let bar =
        Rect::from_min_max(rect.min + Vec2::new(0.0, 5.0), Pos2::new(rect.right() - numbers, rect.bottom() - 5.0));
    if known {
        ui.painter().rect_filled(bar, CornerRadius::same(4), palette.button);
        let mut filled = bar;
        filled.set_width((bar.width() * row.share).max(3.0));
        ui.painter().rect_filled(filled, CornerRadius::same(4), color);
    }
    let font = TextStyle::Body.resolve(ui.style());
    ui.painter().text(rect.right_center(), Align2::RIGHT_CENTER, &row.size, font, palette.text);
    if let Some(why) = &row.why {
        let why = &*shown(ui, why);
        truncated(ui, RichText::new(why).small().color(palette.tone(Tone::Attention))).on_hover_text(why);
    }
    ui.add_space(4.0);
}

#[cfg(test)]
#[path = "memory_tests.rs"]
mod tests;
