//! The window's app: `logic` takes events in and turns keys into actions, `ui` only draws and
//! says which action was asked for. Neither waits for anything.

use std::path::Path;
use std::sync::mpsc::TryRecvError;
use std::time::{Duration, Instant};

use eframe::egui::{
    CentralPanel, Context, FocusDirection, Frame, Margin, Panel as Bar, Theme, Ui, ViewportCommand, WindowLevel,
    gui_zoom,
};
use exuvia_runtime::ids::Timestamp;
use exuvia_runtime::session::{Command, Event};

use super::actions::{Action, Outcome, Reach, WindowWish, listening, perform};
use super::dock::{Dock, Panel};
use super::overlays::overlay_ui;
use super::panels::Workbench;
use super::panels::versions::row_id;
use super::status_line::{StatusLineView, status_line_ui};
use super::theme::{self, Palette};
use super::toasts::toasts_ui;
use super::top_bar::{TopBarView, top_bar_ui};
use super::urgency::Urgency;
use super::view_state::{Page, ViewState};
use super::widgets::empty_state;
use super::{Connection, Desk, pages};
use crate::model::{Life, Model, Row, words};

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
    urgency: Urgency,
    /// Whether a text field had the keyboard when the window was drawn last.
    was_typing: bool,
}

impl std::fmt::Debug for WindowApp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WindowApp").field("model", &self.model).field("view", &self.view).finish_non_exhaustive()
    }
}

impl WindowApp {
    /// An app that shows the guest of `session`, or the welcome page. `clock` is what ages count
    /// from.
    #[must_use]
    pub fn new(ctx: &Context, desk: Desk, session: Option<Connection>, clock: fn() -> Timestamp) -> Self {
        theme::install(ctx);
        let page = if session.is_some() { Page::Workbench } else { Page::Welcome };
        let view = ViewState { page, ..ViewState::default() };
        let (model, dock, title) = (Model::with_short_answers(), Dock::default(), String::new());
        Self { desk, session, clock, model, view, dock, title, urgency: Urgency::default(), was_typing: false }
    }

    /// What the window knows.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Says whether something went wrong.
    fn take_events(&mut self, ctx: &Context) -> bool {
        let begin = Instant::now();
        let mut went_wrong = false;
        while let Some(session) = &self.session {
            let event = match session.events.try_recv() {
                Ok(event) => event,
                Err(TryRecvError::Empty) => return went_wrong,
                // A session that is gone without a word has ended all the same.
                Err(TryRecvError::Disconnected) => Event::Ended,
            };
            match event {
                Event::Ended => self.session = None,
                // What is new and wrong comes into view by itself.
                Event::Failed { .. } | Event::Fault { .. } => {
                    went_wrong = true;
                    self.dock.show(Panel::Problems);
                    self.view.shown_failure = None;
                }
                Event::BuildStarted { .. } => self.view.shown_failure = None,
                _ => {}
            }
            self.view.toasts.hear(&event);
            self.model.apply(event, (self.clock)());
            self.view.keep_selection(&self.model);
            if begin.elapsed() > EVENT_BUDGET {
                ctx.request_repaint();
                return went_wrong;
            }
        }
        went_wrong
    }

    fn take_keys(&mut self, ctx: &Context) {
        // What lies above takes the keys; the palette's own key closes it again.
        let above = self.view.overlay;
        let is_row = |id| self.model.history.numbers().any(|version| row_id(version) == id);
        for (shortcut, action) in listening(ctx, self.was_typing, is_row) {
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

    fn act(&mut self, ctx: &Context, action: Action) {
        match perform(action, &mut self.model, &mut self.view) {
            Outcome::Done => {}
            Outcome::Send(command) => {
                if let Some(session) = &self.session {
                    (session.send)(command);
                }
            }
            Outcome::Window(wish) => self.fulfil(ctx, wish),
        }
        ctx.request_repaint();
    }

    fn fulfil(&mut self, ctx: &Context, wish: WindowWish) {
        match wish {
            WindowWish::ShowPanel(panel) => self.dock.show(panel),
            WindowWish::ResetLayout => self.dock.reset(),
            WindowWish::OpenGuest(path) => self.open(&path),
            WindowWish::SwitchTheme => ctx.set_theme(match ctx.theme() {
                Theme::Dark => Theme::Light,
                Theme::Light => Theme::Dark,
            }),
            WindowWish::AlwaysOnTop(on) => {
                let level = if on { WindowLevel::AlwaysOnTop } else { WindowLevel::Normal };
                ctx.send_viewport_cmd(ViewportCommand::WindowLevel(level));
            }
            WindowWish::ZoomIn => gui_zoom::zoom_in(ctx),
            WindowWish::ZoomOut => gui_zoom::zoom_out(ctx),
            WindowWish::ZoomReset => ctx.set_zoom_factor(1.0),
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
        self.session = Some((self.desk.open)(path));
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
        ask(toasts_ui(ui.ctx(), model, &mut view.toasts));
        ask(overlay_ui(ui.ctx(), model, view));
        action
    }
}

impl eframe::App for WindowApp {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        self.view.language.install(ctx);
        let went_wrong = self.take_events(ctx);
        let focused = ctx.input(|input| input.focused);
        if let Some(attention) = self.urgency.next(went_wrong, focused) {
            ctx.send_viewport_cmd(ViewportCommand::RequestUserAttention(attention));
        }
        self.take_keys(ctx);
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
        self.was_typing = ui.ctx().text_edit_focused();
        // The only repaint without a cause from outside: when an age on the screen reads
        // differently, which is at most once a minute.
        let rows = self.model.history.rows();
        let times = rows.iter().map(|row| match row {
            Row::Version(row) => row.record.built_at,
            Row::Failure(record) => record.at,
        });
        let logged = self.model.log.newest().map(|entry| entry.at);
        if let Some(after) = words::next_age_change(times.chain(logged), now) {
            ui.ctx().request_repaint_after(after.max(Duration::from_secs(10)));
        }
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        if let Some(session) = &self.session {
            (session.send)(Command::Quit);
        }
    }
}
