//! The panels and where they stand: tiles that can be dragged, tabbed and resized, one layout for
//! a wide window and one for a narrow one beside an editor.

use eframe::egui::{Frame, Id, Margin, Rect, Stroke, Style, Ui, UiBuilder, Visuals, WidgetText};
use egui_tiles::UiResponse;
use egui_tiles::{Behavior, Container, Linear, LinearDir, SimplificationOptions, TabState, Tile, TileId, Tiles, Tree};
use serde::{Deserialize, Serialize};

use super::theme::Palette;
use crate::text::Language;

/// A panel of the workbench.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Panel {
    /// What was built, what runs, and the way back.
    Versions,
    /// The guest's exports and their answers.
    Calls,
    /// The guest's state.
    State,
    /// What differs between two versions' sources.
    Change,
    /// The selected version's artifact, stamp and exports.
    Details,
    /// What is mapped in the runner.
    Memory,
    /// What the compiler said.
    Problems,
    /// What the guest wrote.
    Output,
    /// How long each stage took.
    Timeline,
    /// What happened.
    Log,
}

impl Panel {
    /// All of them.
    pub(crate) const ALL: [Self; 10] = [
        Self::Versions,
        Self::Calls,
        Self::State,
        Self::Change,
        Self::Details,
        Self::Memory,
        Self::Problems,
        Self::Output,
        Self::Timeline,
        Self::Log,
    ];

    /// Its name.
    pub(crate) fn title(self, l: Language) -> &'static str {
        match self {
            Self::Versions => l.versions_title(),
            Self::Calls => l.calls_title(),
            Self::State => l.state_title(),
            Self::Change => l.change_title(),
            Self::Details => l.details_title(),
            Self::Memory => l.memory_title(),
            Self::Problems => l.problems_title(),
            Self::Output => l.output_title(),
            Self::Timeline => l.timeline_title(),
            Self::Log => l.log_title(),
        }
    }
}

/// A window narrower than this (in points) gets the narrow layout.
const WIDE: f32 = 1000.0;

/// Both layouts; the width of the window chooses.
#[derive(Debug, Clone)]
pub(crate) struct Dock {
    wide: Tree<Panel>,
    narrow: Tree<Panel>,
    is_wide: bool,
    /// The layouts as they were last known to be kept: the wide one first. None before the first look.
    kept: Option<(Tree<Panel>, Tree<Panel>)>,
}

impl Default for Dock {
    fn default() -> Self {
        Self { wide: wide(), narrow: narrow(), is_wide: true, kept: None }
    }
}

/// What draws the panels.
pub(crate) trait Panels {
    /// Draws a panel.
    fn panel_ui(&mut self, ui: &mut Ui, panel: Panel);
    /// What its tab says: its name, and perhaps a count, in a colour of its own.
    fn tab_title(&self, panel: Panel) -> WidgetText;
}

impl Dock {
    /// Draws the layout that fits the width. Panels end at `floor` at the latest, where what lies below has its
    /// room: their places stay, so that nothing moves away from under the pointer.
    pub(crate) fn ui(&mut self, ui: &mut Ui, panels: &mut dyn Panels, floor: f32) {
        self.is_wide = ui.available_width() >= WIDE;
        self.tree().ui(&mut Drawing { panels, floor }, ui);
    }

    /// Brings a panel into view, wherever it stands.
    pub(crate) fn show(&mut self, panel: Panel) {
        self.tree().make_active(|_, tile| matches!(tile, Tile::Pane(pane) if *pane == panel));
    }

    /// Whether a panel can be seen now, or stands behind another's tab.
    pub(crate) fn is_shown(&self, panel: Panel) -> bool {
        let tree = if self.is_wide { &self.wide } else { &self.narrow };
        tree.active_tiles().iter().any(|tile| tree.tiles.get_pane(tile) == Some(&panel))
    }

    /// Where a panel was drawn last, its margins included; `None` if it is not drawn.
    pub(crate) fn rect(&self, panel: Panel) -> Option<Rect> {
        let tree = if self.is_wide { &self.wide } else { &self.narrow };
        tree.tiles.find_pane(&panel).and_then(|tile| tree.tiles.rect(tile))
    }

    /// All panels where they were at first, in the layout that is shown.
    pub(crate) fn reset(&mut self) {
        *self.tree() = if self.is_wide { wide() } else { narrow() };
    }

    /// Both layouts, if they have changed since the last look; the first look is at what was there.
    pub(crate) fn changed(&mut self) -> Option<[serde_json::Value; 2]> {
        if self.kept.as_ref().is_some_and(|(wide, narrow)| *wide == self.wide && *narrow == self.narrow) {
            return None;
        }
        let first = self.kept.replace((self.wide.clone(), self.narrow.clone())).is_none();
        (!first).then(|| self.to_json())
    }

    /// Both layouts, to be kept: the wide one first.
    pub(crate) fn to_json(&self) -> [serde_json::Value; 2] {
        // A tree of plain enums and numbers can always be written.
        [&self.wide, &self.narrow].map(|tree| serde_json::to_value(tree).unwrap_or_default())
    }

    /// Takes up kept layouts. One that does not hold each panel exactly once (written by another
    /// version of the workbench) is left out.
    pub(crate) fn take_up(&mut self, wide: Option<&serde_json::Value>, narrow: Option<&serde_json::Value>) {
        for (kept, tree) in [(wide, &mut self.wide), (narrow, &mut self.narrow)] {
            let read = kept.and_then(|kept| serde_json::from_value::<Tree<Panel>>(kept.clone()).ok());
            if let Some(read) = read.filter(is_complete) {
                *tree = read;
            }
        }
    }

    fn tree(&mut self) -> &mut Tree<Panel> {
        if self.is_wide { &mut self.wide } else { &mut self.narrow }
    }
}

fn is_complete(tree: &Tree<Panel>) -> bool {
    let reachable = |panel: Panel| {
        let found = tree.tiles.iter().filter(|(_, tile)| matches!(tile, Tile::Pane(pane) if *pane == panel));
        let mut ids = found.map(|(id, _)| *id);
        let (Some(mut tile), None) = (ids.next(), ids.next()) else { return false };
        // A damaged tree may be a ring.
        for _ in 0..tree.tiles.len() {
            let Some(parent) = tree.tiles.parent_of(tile) else { break };
            tile = parent;
        }
        tree.is_root(tile)
    };
    Panel::ALL.into_iter().all(reachable)
}

fn split(tiles: &mut Tiles<Panel>, dir: LinearDir, children: &[(TileId, f32)]) -> TileId {
    let mut linear = Linear::new(dir, children.iter().map(|(id, _)| *id).collect());
    for (id, share) in children {
        linear.shares.set_share(*id, *share);
    }
    tiles.insert_container(Container::Linear(linear))
}

fn tabs(tiles: &mut Tiles<Panel>, panels: &[Panel]) -> TileId {
    let ids = panels.iter().map(|panel| tiles.insert_pane(*panel)).collect();
    tiles.insert_tab_tile(ids)
}

/// Which panels stand together, in both layouts.
const LEFT: &[Panel] = &[Panel::Versions];
const CENTER: &[Panel] = &[Panel::Calls];
const RIGHT: &[Panel] = &[Panel::State, Panel::Change, Panel::Details, Panel::Memory];
const LOWER: &[Panel] = &[Panel::Problems, Panel::Output, Panel::Timeline, Panel::Log];

/// For 1440 x 900: versions left, calls in the middle, the rest at the right and below.
fn wide() -> Tree<Panel> {
    let mut tiles = Tiles::default();
    let [left, center, right, lower] = [LEFT, CENTER, RIGHT, LOWER].map(|panels| tabs(&mut tiles, panels));
    let upper = split(&mut tiles, LinearDir::Horizontal, &[(center, 0.54), (right, 0.46)]);
    let main = split(&mut tiles, LinearDir::Vertical, &[(upper, 0.6), (lower, 0.4)]);
    let root = split(&mut tiles, LinearDir::Horizontal, &[(left, 0.27), (main, 0.73)]);
    Tree::new(Id::unique("wide layout"), root, tiles)
}

/// To sit beside an editor: one column, problems below.
fn narrow() -> Tree<Panel> {
    let mut tiles = Tiles::default();
    let upper = tabs(&mut tiles, &[LEFT, CENTER, RIGHT].concat());
    let lower = tabs(&mut tiles, LOWER);
    let root = split(&mut tiles, LinearDir::Vertical, &[(upper, 0.55), (lower, 0.45)]);
    Tree::new(Id::unique("narrow layout"), root, tiles)
}

/// How tiles look and behave.
struct Drawing<'a> {
    panels: &'a mut dyn Panels,
    floor: f32,
}

impl Behavior<Panel> for Drawing<'_> {
    fn pane_ui(&mut self, ui: &mut Ui, _tile: TileId, panel: &mut Panel) -> UiResponse {
        let palette = Palette::at(ui);
        let place = ui.max_rect();
        let seen = place.with_max_y(place.bottom().min(self.floor).max(place.top()));
        let ui = &mut ui.new_child(UiBuilder::new().max_rect(seen));
        ui.shrink_clip_rect(seen);
        Frame::new().fill(palette.panel).inner_margin(Margin::symmetric(10, 8)).show(ui, |ui| {
            ui.set_min_size(ui.available_size());
            self.panels.panel_ui(ui, *panel);
        });
        UiResponse::None
    }

    fn tab_title_for_pane(&mut self, panel: &Panel) -> WidgetText {
        self.panels.tab_title(*panel)
    }

    fn tab_bar_height(&self, _style: &Style) -> f32 {
        28.0
    }

    fn tab_title_spacing(&self, _visuals: &Visuals) -> f32 {
        10.0
    }

    fn gap_width(&self, _style: &Style) -> f32 {
        4.0
    }

    fn min_size(&self) -> f32 {
        96.0
    }

    fn tab_bar_color(&self, visuals: &Visuals) -> eframe::egui::Color32 {
        Palette::of_visuals(visuals).gap
    }

    fn tab_bg_color(
        &self,
        visuals: &Visuals,
        _tiles: &Tiles<Panel>,
        _tile: TileId,
        state: &TabState,
    ) -> eframe::egui::Color32 {
        let palette = Palette::of_visuals(visuals);
        if state.active { palette.panel } else { palette.gap }
    }

    fn tab_text_color(
        &self,
        visuals: &Visuals,
        _tiles: &Tiles<Panel>,
        _tile: TileId,
        state: &TabState,
    ) -> eframe::egui::Color32 {
        let palette = Palette::of_visuals(visuals);
        if state.active { palette.strong } else { palette.weak }
    }

    fn tab_outline_stroke(
        &self,
        _visuals: &Visuals,
        _tiles: &Tiles<Panel>,
        _tile: TileId,
        _state: &TabState,
    ) -> Stroke {
        Stroke::NONE
    }

    fn tab_bar_hline_stroke(&self, _visuals: &Visuals) -> Stroke {
        Stroke::NONE
    }

    fn simplification_options(&self) -> SimplificationOptions {
        // Each panel keeps its tab: it names the panel, and is what one drags.
        SimplificationOptions { all_panes_must_have_tabs: true, ..SimplificationOptions::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_layouts_hold_each_panel_once() {
        for tree in [wide(), narrow()] {
            assert!(is_complete(&tree), "{tree:?}");
        }
        let mut incomplete = wide();
        let log = incomplete.tiles.find_pane(&Panel::Log).unwrap();
        incomplete.remove_recursively(log);
        assert!(!is_complete(&incomplete));
    }

    #[test]
    fn kept_layouts_are_taken_up_and_damaged_ones_are_not() {
        let mut dock = Dock::default();
        dock.show(Panel::Timeline);
        assert!(dock.is_shown(Panel::Timeline) && !dock.is_shown(Panel::Problems));
        let [wide, narrow] = dock.to_json();
        let mut next = Dock::default();
        next.take_up(Some(&wide), Some(&narrow));
        assert!(next.is_shown(Panel::Timeline));
        let mut damaged = Dock::default();
        damaged.take_up(Some(&serde_json::json!({"root": 3})), None);
        assert!(damaged.is_shown(Panel::Problems));
    }

    #[test]
    fn a_layout_is_to_be_kept_when_it_has_changed() {
        let mut dock = Dock::default();
        assert_eq!(dock.changed(), None, "what was there is kept");
        dock.show(Panel::Timeline);
        assert_eq!(dock.changed(), Some(dock.to_json()));
        assert_eq!(dock.changed(), None);
        dock.show(Panel::Timeline);
        assert_eq!(dock.changed(), None, "it was shown");
    }

    #[test]
    fn the_layout_can_be_reset() {
        let mut dock = Dock::default();
        dock.show(Panel::Log);
        dock.reset();
        assert!(dock.is_shown(Panel::Problems) && !dock.is_shown(Panel::Log));
    }
}
