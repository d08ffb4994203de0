//! Figures: the window, or a part of it, drawn into a picture without a screen or an adapter.
//!
//! The same app as in a window takes the same events; only the pixels go elsewhere.

use std::time::Duration;

use eframe::egui::{Theme, Vec2};
use exuvia_raster::{Offscreen, Picture};
use exuvia_runtime::ids::Timestamp;

use super::actions::Action;
use super::dock::Panel;
use super::figure::FigureMode;
use super::view_state::{Overlay, Page};
use super::{Start, WindowApp};
use crate::text::Language;

/// What a figure shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Figure {
    /// The experiment page.
    Experiment,
    /// The window with the welcome page.
    Welcome,
    /// The window with the settings.
    Settings,
    /// The window with the palette open.
    Palette,
    /// The window with all panels.
    Window,
    /// One panel.
    Panel(Panel),
}

/// Each figure's name on the command line.
const NAMES: &[(&str, Figure)] = &[
    ("experiment", Figure::Experiment),
    ("welcome", Figure::Welcome),
    ("settings", Figure::Settings),
    ("palette", Figure::Palette),
    ("window", Figure::Window),
    ("versions", Figure::Panel(Panel::Versions)),
    ("timeline", Figure::Panel(Panel::Timeline)),
    ("calls", Figure::Panel(Panel::Calls)),
    ("state", Figure::Panel(Panel::State)),
    ("change", Figure::Panel(Panel::Change)),
    ("details", Figure::Panel(Panel::Details)),
    ("memory", Figure::Panel(Panel::Memory)),
    ("problems", Figure::Panel(Panel::Problems)),
    ("output", Figure::Panel(Panel::Output)),
    ("log", Figure::Panel(Panel::Log)),
];

impl Figure {
    /// All names.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(name, _)| *name)
    }

    /// The figure of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, figure)| *figure)
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        NAMES.iter().find(|(_, figure)| *figure == self).map_or("window", |(name, _)| name)
    }

    /// Whether a guest's session is shown.
    pub(crate) fn shows_guest(self) -> bool {
        matches!(self, Self::Window | Self::Palette | Self::Panel(_))
    }
}

/// How a figure is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Drawing {
    /// What it shows.
    pub(crate) figure: Figure,
    /// Width and height in points.
    pub(crate) size: [f32; 2],
    /// Pixels for each point.
    pub(crate) scale: f32,
    /// How much larger everything is than in a window.
    pub(crate) zoom: f32,
    /// Light or dark.
    pub(crate) theme: Theme,
    /// What it speaks.
    pub(crate) language: Language,
}

/// A window without a screen.
pub(crate) struct Studio {
    app: WindowApp,
    offscreen: Offscreen,
    figure: Figure,
}

impl std::fmt::Debug for Studio {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Studio").field("figure", &self.figure).finish_non_exhaustive()
    }
}

impl Studio {
    /// A window that shows what it is started with, in figure mode. `clock` is also the caption's date.
    pub(crate) fn new(drawing: Drawing, start: Start, clock: fn() -> Timestamp) -> Self {
        let [width, height] = drawing.size;
        let offscreen = Offscreen::new(Vec2::new(width, height), drawing.scale, drawing.theme);
        let ctx = offscreen.context();
        let mut app = WindowApp::new(ctx, start, clock);
        let mode = FigureMode { at: clock(), theme: drawing.theme, zoom: drawing.zoom };
        app.set_up_figure(ctx, mode, drawing.language);
        for action in match drawing.figure {
            Figure::Experiment => &[Action::ShowPage(Page::Experiment)][..],
            Figure::Welcome => &[Action::ShowPage(Page::Welcome)],
            Figure::Settings => &[Action::ShowPage(Page::Settings)],
            Figure::Palette => &[Action::ShowPage(Page::Workbench), Action::Open(Overlay::Palette)],
            Figure::Window | Figure::Panel(_) => &[Action::ShowPage(Page::Workbench)],
        } {
            app.act(ctx, action.clone());
        }
        if let Figure::Panel(panel) = drawing.figure {
            // Some panels are told what they show only while they are in view.
            app.act(ctx, Action::ShowPanel(panel));
        }
        Self { app, offscreen, figure: drawing.figure }
    }

    /// The app, to be told of the experiment.
    pub(crate) fn app(&mut self) -> &mut WindowApp {
        &mut self.app
    }

    /// What can be read in it.
    #[cfg(test)]
    pub(crate) fn texts(&mut self) -> Vec<String> {
        let Self { app, offscreen, figure } = self;
        let ctx = offscreen.context();
        ctx.enable_accesskit();
        let size = ctx.content_rect();
        let input = eframe::egui::RawInput { screen_rect: Some(size), ..Default::default() };
        let mut output = ctx.run_ui(input, |ui| {
            app.take_all(ui.ctx(), Duration::MAX);
            app.draw_figure(ui, *figure);
        });
        // Nobody paints this pass.
        output.textures_delta.clear();
        let nodes = output.platform_output.accesskit_update.map(|update| update.nodes).unwrap_or_default();
        let texts = nodes.iter().flat_map(|(_, node)| [node.label(), node.value()]).flatten();
        texts.map(str::to_owned).collect()
    }

    /// Takes in what has come, and draws it when the layout has settled.
    pub(crate) fn draw(&mut self) -> Picture {
        let Self { app, offscreen, figure } = self;
        offscreen.draw(|ui| {
            // A picture shows all that was told, however long that takes.
            app.take_all(ui.ctx(), Duration::MAX);
            app.draw_figure(ui, *figure);
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_panel_and_page_has_one_name() {
        let mut names: Vec<_> = Figure::names().collect();
        assert!(names.iter().all(|name| Figure::named(name).is_some_and(|figure| figure.name() == *name)));
        for panel in Panel::ALL {
            assert_ne!(Figure::Panel(panel).name(), "window", "{panel:?} has no name");
        }
        assert_eq!(Figure::named("nothing"), None);
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
