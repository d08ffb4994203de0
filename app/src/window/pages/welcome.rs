//! How to begin: open a guest, make one, try the sample, or go on with one that was open before.
//! It also says why a guest could not be opened.

use std::path::{Path, PathBuf};

use eframe::egui::{
    Align, Button, CornerRadius, Frame, Id, Layout, Margin, Response, RichText, Sense, Sides, Stroke, TextStyle, Ui,
    UiBuilder, Vec2, WidgetInfo, accesskit::Role,
};
use exuvia_runtime::ids::Timestamp;
use exuvia_runtime::session::status::Tone;

use super::super::actions::Action;
use super::super::figure::shown;
use super::super::theme::Palette;
use super::super::view_state::{Overlay, Page, ViewState};
use super::super::widgets::{is_new, tooltip, truncated};
use super::column_ui;
use crate::chores::Sample;
use crate::model::{Life, Model, words};
use crate::text::Language;

/// What the page remembers.
#[derive(Debug, Default)]
pub(crate) struct WelcomeState {
    /// The sample is being looked for, or written.
    pub(crate) getting_sample: bool,
    /// Why there is none.
    pub(crate) sample_error: Option<String>,
    /// The code of the guest that is open, as long as the window shall say where it lies.
    pub(crate) code: Option<Code>,
}

/// The code of a guest that was just made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Code {
    /// Its `src/lib.rs`.
    pub(crate) source: PathBuf,
    /// Whether it is the sample, or one that the user has named.
    pub(crate) is_sample: bool,
}

impl WelcomeState {
    /// The sample was found or written, or not. Says whether that was still waited for: only then it is to be
    /// opened.
    pub(crate) fn take_sample(&mut self, result: &Result<Sample, String>) -> bool {
        let waited = std::mem::take(&mut self.getting_sample);
        if waited {
            self.sample_error = result.as_ref().err().cloned();
        }
        waited
    }
}

/// What stands above everything else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Above {
    /// Nothing is wrong.
    Greeting,
    /// The folder that the workbench was started in holds no guest, which nobody had claimed.
    NoGuestHere {
        /// What the engine says, if it was asked.
        message: Option<String>,
    },
    /// The guest that was named could not be opened.
    Failed {
        /// What happened and what to do.
        message: String,
    },
}

/// A guest that was open before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RecentLine {
    /// Its name.
    pub(crate) name: String,
    /// Its folder, with `~` for the home folder.
    pub(crate) folder: String,
    /// When it was opened last.
    pub(crate) age: String,
    /// What is opened.
    pub(crate) manifest: PathBuf,
}

/// What the page shows.
#[derive(Debug)]
pub(crate) struct WelcomeView {
    /// What stands above.
    pub(crate) above: Above,
    /// Whether there is a workbench to go back to.
    pub(crate) back: bool,
    /// Guests that were open before, newest first.
    pub(crate) recent: Vec<RecentLine>,
}

impl WelcomeView {
    /// What is known.
    pub(crate) fn new(model: &Model, view: &ViewState, now: Timestamp) -> Self {
        let above = match &model.life {
            Life::OpenFailed { message } if view.places.started_with_path => Above::Failed { message: message.clone() },
            Life::OpenFailed { message } => Above::NoGuestHere { message: Some(message.clone()) },
            Life::NoGuest => Above::NoGuestHere { message: None },
            Life::Starting | Life::Open | Life::Ended => Above::Greeting,
        };
        let recent = view.remembered.recent.iter().map(|guest| RecentLine {
            name: guest.name.clone(),
            folder: short_path(guest.manifest.parent().unwrap_or(&guest.manifest), view.places.home.as_deref()),
            age: view.language.age(guest.at, now),
            manifest: guest.manifest.clone(),
        });
        Self { back: above == Above::Greeting, above, recent: recent.collect() }
    }
}

/// A path with `~` for the home folder.
pub(crate) fn short_path(path: &Path, home: Option<&Path>) -> String {
    let below = home.filter(|home| home.parent().is_some()).and_then(|home| path.strip_prefix(home).ok());
    match below {
        Some(below) => Path::new("~").join(below).display().to_string(),
        None => path.display().to_string(),
    }
}

/// The page is not wider than this, in points.
const WIDEST: f32 = 980.0;

/// Below this, everything stands in one column.
const TWO_COLUMNS: f32 = 680.0;

/// The height of a recent guest's two lines, in points.
const RECENT_LINE: f32 = 44.0;

/// Draws the page.
pub(crate) fn welcome_ui(ui: &mut Ui, model: &Model, view: &ViewState, now: Timestamp) -> Option<Action> {
    // An overlay has the keyboard, and hands it back when it is gone.
    let begin = view.guest.overlay.is_none() && is_new(ui, Id::unique("welcome"));
    let page = WelcomeView::new(model, view, now);
    // The ages on this page; at most once a minute.
    let times = view.remembered.recent.iter().map(|guest| guest.at);
    if let Some(after) = words::next_age_change(times, now) {
        ui.ctx().request_repaint_after(after.max(std::time::Duration::from_secs(10)));
    }
    column_ui(ui, "welcome", WIDEST, |ui| content_ui(ui, &page, view, begin))
}

fn content_ui(ui: &mut Ui, page: &WelcomeView, view: &ViewState, begin: bool) -> Option<Action> {
    let l = view.language;
    let palette = Palette::at(ui);
    let mut action = None;
    ui.add_space(18.0);
    ui.label(RichText::new(l.welcome_title()).size(27.0).color(palette.strong));
    ui.label(RichText::new(l.welcome_sub()).color(palette.weak));
    ui.add_space(6.0);
    match &page.above {
        Above::Greeting => {}
        Above::NoGuestHere { message } => {
            let label = ui.label(RichText::new(l.welcome_mild()).color(palette.text));
            if let Some(message) = message {
                let message = &*shown(ui, message);
                label.on_hover_text(message);
                ui.label(RichText::new(message).small().color(palette.weak));
            }
        }
        Above::Failed { message } => said_ui(ui, l.welcome_failed(), message),
    }
    if let Some(message) = &view.guest.welcome.sample_error {
        said_ui(ui, l.welcome_sample(), message);
    }
    if page.back {
        let back = Action::ShowPage(Page::Workbench);
        let hint = tooltip(ui, &back);
        if ui.button(l.welcome_back()).on_hover_text(hint).clicked() {
            action = Some(back);
        }
    }
    ui.add_space(14.0);
    if ui.available_width() >= TWO_COLUMNS {
        // The gap between columns is the spacing of what is in them.
        ui.spacing_mut().item_spacing.x = 28.0;
        ui.columns(2, |columns| {
            let layout = Layout::top_down(Align::Min);
            columns.iter_mut().for_each(|column| column.spacing_mut().item_spacing.x = 8.0);
            let begun = columns[0].with_layout(layout, |ui| begin_ui(ui, page, view, begin)).inner;
            let recent = columns[1].with_layout(layout, |ui| recent_ui(ui, page, begin)).inner;
            action = begun.or(recent).or(action.take());
        });
    } else {
        let begun = begin_ui(ui, page, view, begin);
        ui.add_space(14.0);
        action = recent_ui(ui, page, begin).or(begun).or(action);
    }
    ui.add_space(20.0);
    steps_ui(ui);
    action
}

/// A message on a tinted ground.
fn said_ui(ui: &mut Ui, title: &str, message: &str) {
    let palette = Palette::at(ui);
    let color = palette.tone(Tone::Bad);
    let frame = Frame::new().fill(palette.behind(color)).stroke(Stroke::new(1.0, color.gamma_multiply(0.45)));
    frame.corner_radius(CornerRadius::same(6)).inner_margin(Margin::symmetric(12, 8)).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        ui.label(RichText::new(title).strong().color(color));
        ui.label(RichText::new(shown(ui, message)).color(palette.strong));
    });
}

fn title(ui: &mut Ui, text: &str) {
    ui.label(RichText::new(text).text_style(TextStyle::Heading).color(Palette::at(ui).strong));
    ui.add_space(4.0);
}

fn begin_ui(ui: &mut Ui, page: &WelcomeView, view: &ViewState, begin: bool) -> Option<Action> {
    let l = view.language;
    title(ui, l.welcome_begin());
    let sample_sub = if view.guest.welcome.getting_sample { l.welcome_sample_busy() } else { l.welcome_sample_sub() };
    let mut action = None;
    for (name, sub, asked, enabled) in [
        (l.welcome_sample(), sample_sub, Action::TrySample, !view.guest.welcome.getting_sample),
        (l.welcome_open(), l.welcome_open_sub(), Action::Open(Overlay::OpenGuest), true),
        (l.welcome_new(), l.welcome_new_sub(), Action::Open(Overlay::NewGuest), true),
    ] {
        let hint = tooltip(ui, &asked);
        let keys = asked.shortcuts().first().map(|shortcut| ui.ctx().format_shortcut(&shortcut.key));
        let card = card_ui(ui, name, sub, keys.as_deref(), enabled).on_hover_text(hint);
        // Whoever has been here before goes on with what is newest.
        if begin && page.recent.is_empty() && asked == Action::TrySample {
            card.request_focus();
        }
        if card.clicked() {
            action = Some(asked);
        }
    }
    ui.add_space(2.0);
    ui.label(RichText::new(l.welcome_drop()).small().weak());
    action
}

/// A large button with a line that explains it.
fn card_ui(ui: &mut Ui, name: &str, sub: &str, keys: Option<&str>, enabled: bool) -> Response {
    let palette = Palette::at(ui);
    let sense = if enabled { Sense::click() } else { Sense::hover() };
    let builder = UiBuilder::new().scope_id(ui.scope_id().with(name)).sense(sense);
    let response = ui
        .scope_builder(builder, |ui| {
            let state = ui.response();
            let (fill, line) = match (state.has_focus(), state.hovered() && enabled) {
                (true, _) => (palette.hovered, palette.accent),
                (false, true) => (palette.hovered, palette.weak),
                (false, false) => (palette.button, palette.line),
            };
            let frame = Frame::new().fill(fill).stroke(Stroke::new(1.0, line)).corner_radius(CornerRadius::same(6));
            frame.inner_margin(Margin::symmetric(14, 9)).show(ui, |ui| {
                ui.set_min_width(ui.available_width());
                Sides::new().height(20.0).shrink_left().truncate().show(
                    ui,
                    |ui| truncated(ui, RichText::new(name).strong().color(palette.strong)),
                    |ui| keys.map(|keys| truncated(ui, RichText::new(keys).small().color(palette.weak))),
                );
                truncated(ui, RichText::new(sub).color(palette.weak));
            });
        })
        .response;
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, name));
    response
}

fn recent_ui(ui: &mut Ui, page: &WelcomeView, begin: bool) -> Option<Action> {
    let l = Language::at(ui);
    title(ui, l.welcome_recent());
    if page.recent.is_empty() {
        ui.label(RichText::new(l.welcome_no_recent()).weak());
    }
    let mut action = None;
    ui.spacing_mut().item_spacing.y = 3.0;
    for (index, line) in page.recent.iter().enumerate() {
        action = recent_line_ui(ui, line, begin && index == 0).or(action);
    }
    action
}

fn recent_line_ui(ui: &mut Ui, line: &RecentLine, begin: bool) -> Option<Action> {
    let l = Language::at(ui);
    let palette = Palette::at(ui);
    let folder = shown(ui, &line.folder).into_owned();
    let mut action = None;
    // Without a height of its own the first row would take the whole page.
    let size = Vec2::new(ui.available_width(), RECENT_LINE);
    ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
        let forget = Button::new(RichText::new("×").color(palette.weak)).frame_when_inactive(false);
        let hint = l.forget_recent_hint();
        let forget = ui.add(forget).on_hover_text(hint).accessible_name(l.welcome_forget(&line.name));
        if forget.clicked() {
            action = Some(Action::ForgetRecent(line.manifest.clone()));
        }
        let builder = UiBuilder::new()
            .scope_id(ui.scope_id().with(&line.manifest))
            .sense(Sense::click())
            .layout(Layout::left_to_right(Align::Center));
        let row = ui
            .scope_builder(builder, |ui| {
                let state = ui.response();
                let fill = if state.hovered() || state.has_focus() { palette.hovered } else { palette.panel };
                let line_color = if state.has_focus() { palette.accent } else { fill };
                let frame = Frame::new().fill(fill).stroke(Stroke::new(1.0, line_color)).corner_radius(4);
                frame.inner_margin(Margin::symmetric(8, 4)).show(ui, |ui| {
                    ui.vertical(|ui| {
                        ui.set_min_width(ui.available_width());
                        ui.spacing_mut().item_spacing.y = 1.0;
                        Sides::new().height(18.0).shrink_left().truncate().show(
                            ui,
                            |ui| truncated(ui, RichText::new(&line.name).color(palette.strong)),
                            |ui| truncated(ui, RichText::new(&line.age).small().color(palette.weak)),
                        );
                        truncated(ui, RichText::new(&folder).small().color(palette.weak));
                    });
                });
            })
            .response;
        row.widget_info(|| WidgetInfo::labeled(Role::Button, true, l.welcome_open_recent(&line.name, &folder)));
        if begin {
            row.request_focus();
        }
        let hint = shown(ui, &line.manifest.display().to_string()).into_owned();
        if row.on_hover_text(hint).clicked() {
            action = Some(Action::OpenGuest(line.manifest.clone()));
        }
    });
    action
}

fn steps_ui(ui: &mut Ui) {
    let l = Language::at(ui);
    title(ui, l.welcome_steps());
    let steps = [
        (l.welcome_step_one(), l.welcome_step_one_sub()),
        (l.welcome_step_two(), l.welcome_step_two_sub()),
        (l.welcome_step_three(), l.welcome_step_three_sub()),
    ];
    let step = |ui: &mut Ui, number: usize| {
        let palette = Palette::at(ui);
        let (name, sub) = steps[number];
        ui.horizontal_top(|ui| {
            let (rect, _) = ui.allocate_exact_size(Vec2::splat(24.0), Sense::hover());
            ui.painter().circle_filled(rect.center(), 12.0, palette.behind(palette.accent));
            let font = TextStyle::Button.resolve(ui.style());
            let center = eframe::egui::Align2::CENTER_CENTER;
            ui.painter().text(rect.center(), center, (number + 1).to_string(), font, palette.accent);
            ui.vertical(|ui| {
                ui.add_space(2.0);
                ui.label(RichText::new(name).color(palette.strong));
                ui.label(RichText::new(sub).small().color(palette.weak));
            });
        });
    };
    if ui.available_width() >= TWO_COLUMNS {
        ui.columns(3, |columns| {
            columns.iter_mut().for_each(|column| column.spacing_mut().item_spacing.x = 8.0);
            for (number, column) in columns.iter_mut().enumerate() {
                column.with_layout(Layout::top_down(Align::Min), |ui| step(ui, number));
            }
        });
    } else {
        (0..steps.len()).for_each(|number| step(ui, number));
    }
}

/// A line above the workbench that says where the code of the sample or of a new guest lies.
pub(crate) fn code_ui(ui: &mut Ui, view: &ViewState) -> Option<Action> {
    let Code { source, is_sample } = view.guest.welcome.code.as_ref()?;
    let l = view.language;
    let path = short_path(source, view.places.home.as_deref());
    let path = shown(ui, &path);
    let lies = if *is_sample { l.sample_lies(&path) } else { l.new_lies(&path) };
    let hint = shown(ui, &source.display().to_string()).into_owned();
    let (_, action) = Sides::new().height(24.0).shrink_left().truncate().show(
        ui,
        |ui| truncated(ui, RichText::new(lies).color(Palette::at(ui).text)).on_hover_text(&hint),
        |ui| {
            let hide = ui.button(l.dismiss()).on_hover_text(l.dismiss_hint()).clicked();
            let edit = ui.button(l.open_lib()).on_hover_text(l.edit_file_hint()).clicked();
            let copy = ui.button(l.copy_path()).on_hover_text(&hint).clicked();
            let copy = copy.then(|| Action::Copy(source.display().to_string()));
            edit.then(|| Action::EditFile(source.clone())).or(copy).or(hide.then_some(Action::DismissCode))
        },
    );
    action
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::samples::*;
    use crate::settings::RecentGuest;

    #[test]
    fn what_stands_above_depends_on_who_chose_the_folder() {
        let failed = || Life::OpenFailed { message: "no crate".to_owned() };
        for (life, named, above) in [
            (failed(), true, Above::Failed { message: "no crate".to_owned() }),
            (failed(), false, Above::NoGuestHere { message: Some("no crate".to_owned()) }),
            (Life::NoGuest, false, Above::NoGuestHere { message: None }),
            (Life::Open, true, Above::Greeting),
        ] {
            let mut model = Model::default();
            model.life = life.clone();
            let mut view = ViewState::default();
            view.places.started_with_path = named;
            view.places.home = Some("/h".into());
            let guest = RecentGuest { name: "g".to_owned(), manifest: "/h/a/g/Cargo.toml".into(), at: minutes_ago(3) };
            view.remembered.opened(guest);
            let shown = WelcomeView::new(&model, &view, NOW);
            assert_eq!(shown.back, above == Above::Greeting);
            assert_eq!(shown.above, above, "{life:?}");
            assert_eq!((shown.recent[0].folder.as_str(), shown.recent[0].age.as_str()), ("~/a/g", "3 min ago"));
        }
    }

    #[test]
    fn paths_below_home_are_short() {
        for (path, home, short) in
            [("/h/a", Some("/h"), "~/a"), ("/hh/a", Some("/h"), "/hh/a"), ("/a", Some("/"), "/a"), ("/a", None, "/a")]
        {
            assert_eq!(short_path(Path::new(path), home.map(Path::new)), short);
        }
    }
}
