//! The window's app: `logic` takes events in and turns keys into actions, `ui` only draws and
//! says which action was asked for. Neither waits for anything.

use std::path::Path;
use std::sync::mpsc::TryRecvError;
use std::time::{Duration, Instant};

use eframe::egui::{
    CentralPanel, Context, FocusDirection, Frame, Margin, Panel as Bar, Theme, ThemePreference, Ui, ViewportCommand,
    WindowLevel,
};
use exuvia_runtime::ids::Timestamp;
use exuvia_runtime::session::{Command, Event};

use super::actions::{Action, Outcome, Reach, WindowWish, listening, perform};
use super::dock::{Dock, Panel};
use super::overlays::overlay_ui;
use super::panels::Workbench;
use super::panels::change;
use super::panels::versions::row_id;
use super::status_line::{StatusLineView, status_line_ui};
use super::theme::{self, Palette};
use super::top_bar::{TopBarView, top_bar_ui};
use super::view_state::{Page, ViewState};
use super::widgets::empty_state;
use super::{Connection, Desk, Start, pages};
use crate::chores::{Chore, ChoreDone};
use crate::model::{Life, Model, Row, words};
use crate::settings::{Loaded, RecentGuest, SCALE, ThemeChoice, WindowSize};

/// Time that one frame spends on taking events in; the rest waits for the next frame, which
/// follows at once.
const EVENT_BUDGET: Duration = Duration::from_millis(4);

/// The window's app.
pub struct WindowApp {
    desk: Desk,
    /// `None` where no guest was opened, and once the session's end was heard of.
    session: Option<Connection>,
    clock: fn() -> Timestamp,
    model: Model,
    view: ViewState,
    dock: Dock,
    title: String,
}

impl std::fmt::Debug for WindowApp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WindowApp").field("model", &self.model).field("view", &self.view).finish_non_exhaustive()
    }
}

impl WindowApp {
    /// An app that shows what it is started with. `clock` is what ages count from.
    #[must_use]
    pub fn new(ctx: &Context, start: Start, clock: fn() -> Timestamp) -> Self {
        theme::install(ctx);
        let Start { desk, session, loaded: Loaded { settings, remembered, notices }, locale } = start;
        let page = if session.is_some() { Page::Workbench } else { Page::Welcome };
        let mut dock = Dock::default();
        dock.take_up(remembered.layout_wide.as_ref(), remembered.layout_narrow.as_ref());
        let mut model = Model::with_short_answers();
        for message in notices {
            model.apply(Event::Notice { message }, clock());
        }
        let view = ViewState { page, settings, remembered, locale, ..ViewState::default() };
        let mut app = Self { desk, session, clock, model, view, dock, title: String::new() };
        app.apply_settings(ctx);
        app
    }

    /// What the window knows.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    fn take_events(&mut self, ctx: &Context) {
        let begin = Instant::now();
        while let Some(session) = &self.session {
            let event = match session.events.try_recv() {
                Ok(event) => event,
                Err(TryRecvError::Empty) => return,
                // A session that is gone without a word has ended all the same.
                Err(TryRecvError::Disconnected) => Event::Ended,
            };
            match event {
                Event::Ended => self.session = None,
                // What is new and wrong comes into view by itself.
                Event::Failed { .. } => {
                    self.dock.show(Panel::Problems);
                    self.view.shown_failure = None;
                }
                Event::BuildStarted { .. } => self.view.shown_failure = None,
                Event::Opened { ref guest, .. } => {
                    let (name, manifest) = (guest.name.clone(), guest.manifest.clone());
                    self.view.remembered.opened(RecentGuest { name, manifest, at: (self.clock)() });
                    self.remember();
                }
                _ => {}
            }
            self.model.apply(event, (self.clock)());
            if begin.elapsed() > EVENT_BUDGET {
                ctx.request_repaint();
                return;
            }
        }
    }

    fn take_chores(&mut self) {
        while let Ok(done) = self.desk.chores_done.try_recv() {
            let failed = match done {
                ChoreDone::OpenInEditor { result, .. } => result.err(),
                ChoreDone::SaveSettings(result) | ChoreDone::SaveRemembered(result) => result.err(),
                ChoreDone::WriteFile { result, .. } => result.err(),
                ChoreDone::ListGuests { .. } | ChoreDone::CompletePath { .. } => None,
            };
            if let Some(message) = failed {
                self.model.apply(Event::CommandRefused { message }, (self.clock)());
            }
        }
    }

    /// Brings the window in line with the settings.
    fn apply_settings(&mut self, ctx: &Context) {
        let settings = &self.view.settings;
        ctx.set_theme(match settings.theme {
            ThemeChoice::System => ThemePreference::System,
            ThemeChoice::Light => ThemePreference::Light,
            ThemeChoice::Dark => ThemePreference::Dark,
        });
        ctx.set_zoom_factor(settings.scale);
        let level = if settings.always_on_top { WindowLevel::AlwaysOnTop } else { WindowLevel::Normal };
        ctx.send_viewport_cmd(ViewportCommand::WindowLevel(level));
        self.view.language = settings.language.language(self.view.locale.as_deref());
        self.view.language.install(ctx);
    }

    /// egui itself listens to the keys for larger and smaller text; what they came to is a setting.
    fn notice_zoom(&mut self, ctx: &Context) {
        let (least, most) = SCALE.into_inner();
        let scale = ctx.zoom_factor().max(least).min(most);
        // Until the next frame the old factor stands.
        if scale != ctx.zoom_factor() {
            ctx.set_zoom_factor(scale);
        }
        if (scale - self.view.settings.scale).abs() > 0.001 && self.view.settings_applied {
            self.view.settings.scale = scale;
            (self.desk.chore)(Chore::SaveSettings(self.view.settings.clone()));
        }
        self.view.settings_applied = true;
    }

    /// Has what the window remembers written down.
    fn remember(&self) {
        (self.desk.chore)(Chore::SaveRemembered(self.view.remembered.clone()));
    }

    fn take_keys(&mut self, ctx: &Context) {
        // What lies above takes the keys; the palette's own key closes it again.
        let above = self.view.overlay;
        let is_row = |id| self.model.history.numbers().any(|version| row_id(version) == id);
        for (shortcut, action) in listening(ctx, is_row) {
            let closes = above.is_some_and(|overlay| *action == Action::Open(overlay));
            if above.is_some() && !closes && shortcut.reach != Reach::Everywhere {
                continue;
            }
            // A key that can do nothing now is left to the widgets.
            if action.is_possible(&self.model) && ctx.input_mut(|input| input.consume_shortcut(&shortcut.key)) {
                if shortcut.reach == Reach::Versions {
                    // egui has already taken the arrow as a wish to move the focus.
                    ctx.memory_mut(|memory| memory.move_focus(FocusDirection::None));
                }
                self.act(ctx, action.clone());
            }
        }
    }

    /// Asks for the comparison that the Change panel should show, if it can be seen.
    fn ask_for_change(&mut self) {
        if self.view.page != Page::Workbench || !self.dock.is_shown(Panel::Change) {
            return;
        }
        let pair = change::pair(&self.model, &self.view).filter(|_| self.model.life == Life::Open);
        if let (Some(session), Some(command)) = (&self.session, pair.and_then(|pair| self.model.changes.want(pair))) {
            (session.send)(command);
        }
    }

    fn act(&mut self, ctx: &Context, action: Action) {
        match perform(action, &mut self.model, &mut self.view) {
            Outcome::Done => {}
            Outcome::Send(command) => {
                if let Some(session) = &self.session {
                    (session.send)(command);
                }
            }
            Outcome::Chore(chore) => (self.desk.chore)(chore),
            Outcome::Window(wish) => self.fulfil(ctx, wish),
        }
        ctx.request_repaint();
    }

    fn fulfil(&mut self, ctx: &Context, wish: WindowWish) {
        match wish {
            WindowWish::ShowPanel(panel) => self.dock.show(panel),
            WindowWish::ResetLayout => self.dock.reset(),
            WindowWish::OpenGuest(path) => self.open(&path),
            WindowWish::Copy(text) => ctx.copy_text(text),
            WindowWish::Set(settings) => {
                self.view.settings = settings;
                self.apply_settings(ctx);
                (self.desk.chore)(Chore::SaveSettings(self.view.settings.clone()));
            }
            WindowWish::Close => ctx.send_viewport_cmd(ViewportCommand::Close),
        }
    }

    /// Ends the session that is open, if one is, and opens another guest in its place.
    fn open(&mut self, path: &Path) {
        if let Some(session) = self.session.take() {
            (session.send)(Command::Quit);
        }
        self.model = Model::with_short_answers();
        self.view.forget_guest();
        self.session = Some((self.desk.open)(path, &self.view.settings));
    }

    fn window_ui(&mut self, ui: &mut Ui, now: Timestamp) -> Option<Action> {
        let palette = Palette::at(ui);
        let frame = |x, y| Frame::new().fill(palette.panel).inner_margin(Margin::symmetric(x, y));
        let Self { model, view, dock, .. } = self;
        let mut action = None;
        let mut ask = |asked: Option<Action>| action = asked.or(action.take());

        let top = TopBarView::new(model, view.language);
        ask(Bar::top("top bar").frame(frame(10, 7)).show(ui, |ui| top_bar_ui(ui, &top)).inner);
        let line = StatusLineView::new(model, view.language);
        Bar::bottom("status line").frame(frame(10, 3)).show(ui, |ui| status_line_ui(ui, &line));

        let page = CentralPanel::default().frame(Frame::new().fill(palette.gap));
        match view.page {
            Page::Workbench => {
                if let Life::OpenFailed { message } = &model.life {
                    page.frame(frame(24, 16)).show(ui, |ui| {
                        empty_state(ui, view.language.no_guest_open(), message);
                    });
                } else {
                    let mut workbench = Workbench { model, view, now, palette, action: None };
                    page.show(ui, |ui| dock.ui(ui, &mut workbench));
                    ask(workbench.action);
                }
            }
            other => ask(page.frame(frame(24, 16)).show(ui, |ui| pages::page_ui(ui, other, model, view)).inner),
        }
        ask(overlay_ui(ui.ctx(), model, view));
        action
    }
}

impl eframe::App for WindowApp {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        self.take_events(ctx);
        self.take_chores();
        self.take_keys(ctx);
        self.ask_for_change();
        self.notice_zoom(ctx);
        self.view.is_dark = ctx.theme() == Theme::Dark;
        let size = ctx.input(|input| input.viewport().inner_rect).map(|rect| rect.size() * ctx.zoom_factor());
        if let Some(size) = size {
            self.view.remembered.window = Some(WindowSize { width: size.x, height: size.y });
        }
        let title = self.model.title(self.view.language);
        if title != self.title {
            self.title.clone_from(&title);
            ctx.send_viewport_cmd(ViewportCommand::Title(title));
        }
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        let now = (self.clock)();
        if let Some(action) = self.window_ui(ui, now) {
            // What was chosen in an overlay is done in its place.
            if !matches!(action, Action::Open(_)) {
                self.view.overlay = None;
            }
            self.act(ui.ctx(), action);
        }
        // The only repaint without a cause from outside: when an age on the screen reads
        // differently, which is at most once a minute.
        let rows = self.model.history.rows();
        let times = rows.iter().map(|row| match row {
            Row::Version(row) => row.record.built_at,
            Row::Failure(record) => record.at,
        });
        let logged = self.model.log.newest().map(|entry| entry.at);
        let told = self.model.memory.as_ref().map(|memory| memory.at);
        if let Some(after) = words::next_age_change(times.chain(logged).chain(told), now) {
            ui.ctx().request_repaint_after(after.max(Duration::from_secs(10)));
        }
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        if let Some(session) = &self.session {
            (session.send)(Command::Quit);
        }
        let [wide, narrow] = self.dock.to_json();
        self.view.remembered.layout_wide = Some(wide);
        self.view.remembered.layout_narrow = Some(narrow);
        self.remember();
    }
}
