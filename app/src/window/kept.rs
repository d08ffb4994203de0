//! What outlasts the window: settings are applied to it, and what it remembers is written down.

use eframe::egui::{Context, ThemePreference, ViewportCommand, WindowLevel};

use super::app::WindowApp;
use super::figure::FigureMode;
use crate::chores::Chore;
use crate::settings::{SCALE, ThemeChoice};

impl WindowApp {
    /// Brings the window in line with the settings.
    pub(super) fn apply_settings(&mut self, ctx: &Context) {
        let settings = &self.view.settings;
        let figure = self.view.figure;
        ctx.set_theme(match figure.map_or(settings.theme, FigureMode::theme) {
            ThemeChoice::System => ThemePreference::System,
            ThemeChoice::Light => ThemePreference::Light,
            ThemeChoice::Dark => ThemePreference::Dark,
        });
        ctx.set_zoom_factor(settings.scale * figure.map_or(1.0, |figure| figure.zoom));
        // Until the toolkit had a frame for it, the old factor stands, which is nobody's wish.
        self.view.settings_applied = false;
        let level = if settings.always_on_top { WindowLevel::AlwaysOnTop } else { WindowLevel::Normal };
        ctx.send_viewport_cmd(ViewportCommand::WindowLevel(level));
        self.view.language = settings.language.language(self.view.locale.as_deref());
        self.view.language.install(ctx);
    }

    /// egui itself listens to the keys for larger and smaller text; what they came to is a setting.
    pub(super) fn notice_zoom(&mut self, ctx: &Context) {
        // Until the toolkit had a pass for a new setting, the old factor stands; and in figure mode the factor
        // is not the setting's.
        if !std::mem::replace(&mut self.view.settings_applied, true) || self.view.figure.is_some() {
            return;
        }
        let (least, most) = SCALE.into_inner();
        let scale = ctx.zoom_factor().max(least).min(most);
        if scale != ctx.zoom_factor() {
            ctx.set_zoom_factor(scale);
        }
        if (scale - self.view.settings.scale).abs() > 0.001 {
            self.view.settings.scale = scale;
            (self.desk.chore)(Chore::SaveSettings(self.view.settings.clone()));
        }
    }

    /// Has the layout written down when it has changed: whatever ends the window, it is not lost. While something
    /// is dragged it changes with each frame, and is looked at when it was let go.
    pub(super) fn keep_layout(&mut self, ctx: &Context) {
        if ctx.input(|input| input.pointer.any_down()) {
            return;
        }
        if let Some([wide, narrow]) = self.dock.changed() {
            self.view.remembered.layout_wide = Some(wide);
            self.view.remembered.layout_narrow = Some(narrow);
            self.remember();
        }
    }

    /// Has what the window remembers written down.
    pub(super) fn remember(&self) {
        (self.desk.chore)(Chore::SaveRemembered(self.view.remembered.clone()));
    }
}
