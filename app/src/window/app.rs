//! The window's app: `logic` takes events in and turns keys into actions, `ui` only draws and
//! says which action was asked for. Neither waits for anything.

use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};

use eframe::egui::{
    CentralPanel, Context, FocusDirection, Frame, Margin, Memory, Panel, Popup, Theme, Ui, ViewportCommand, gui_zoom,
};
use exuvia_runtime::ids::Timestamp;
use exuvia_runtime::session::{Command, Event};

use super::Connection;
use super::actions::{Action, MENU, Reach, Shortcut};
use super::call_lines::CallsView;
use super::calls::calls_ui;
use super::lower::{LowerView, lower_ui};
use super::status_line::{StatusLineView, status_line_ui};
use super::theme::{self, Palette};
use super::top_bar::{TopBarView, top_bar_ui};
use super::version_rows::VersionsView;
use super::versions::{row_id, versions_ui};
use super::view_state::{Outcome, Tab, Toolkit, ViewState, perform};
use super::widgets::empty_state;
use crate::model::{Life, Model, Row, words};

/// Time that one frame spends on taking events in; the rest waits for the next frame, which
/// follows at once.
const EVENT_BUDGET: Duration = Duration::from_millis(4);

/// The window's app.
pub struct WindowApp {
    /// `None` once the session's end was heard of.
    events: Option<Receiver<Event>>,
    send: Box<dyn Fn(Command)>,
    clock: fn() -> Timestamp,
    model: Model,
    view: ViewState,
    title: String,
}

impl std::fmt::Debug for WindowApp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WindowApp").field("model", &self.model).field("view", &self.view).finish_non_exhaustive()
    }
}

impl WindowApp {
    /// An app that shows one session. `clock` is what ages count from.
    #[must_use]
    pub fn new(ctx: &Context, connection: Connection, clock: fn() -> Timestamp) -> Self {
        theme::install(ctx);
        let Connection { events, send } = connection;
        let (model, view, title) = (Model::with_short_answers(), ViewState::default(), String::new());
        Self { events: Some(events), send, clock, model, view, title }
    }

    /// What the window knows.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    fn take_events(&mut self, ctx: &Context) {
        let begin = Instant::now();
        while let Some(events) = &self.events {
            let event = match events.try_recv() {
                Ok(event) => event,
                Err(TryRecvError::Empty) => return,
                // A session that is gone without a word has ended all the same.
                Err(TryRecvError::Disconnected) => Event::Ended,
            };
            match event {
                Event::Ended => self.events = None,
                // What is new and wrong comes into view by itself.
                Event::Failed { .. } => {
                    self.view.tab = Tab::Problems;
                    self.view.shown_failure = None;
                }
                Event::BuildStarted { .. } => self.view.shown_failure = None,
                _ => {}
            }
            self.model.apply(event, (self.clock)());
            if begin.elapsed() > EVENT_BUDGET {
                ctx.request_repaint();
                return;
            }
        }
    }

    fn take_keys(&mut self, ctx: &Context) {
        let focused = ctx.memory(Memory::focused);
        let on_list = focused.is_none_or(|id| self.model.history.numbers().any(|version| row_id(version) == id));
        let typing = ctx.text_edit_focused();
        let menu = Popup::is_any_open(ctx);
        let listens = |shortcut: &Shortcut| match shortcut.reach {
            Reach::Everywhere => true,
            Reach::Versions => on_list && !menu,
            Reach::NoMenu => !menu,
            Reach::NotTyping => !typing && !menu,
            Reach::Egui => false,
        };
        let mut shortcuts: Vec<_> = MENU
            .iter()
            .copied()
            .flatten()
            .flat_map(|action| action.shortcuts().iter().map(move |shortcut| (shortcut, action)))
            .filter(|(shortcut, _)| listens(shortcut))
            .collect();
        // egui lets extra Shift and Alt pass, so what asks for more keys is asked first.
        shortcuts.sort_by_key(|(Shortcut { key, .. }, _)| {
            let modifiers = key.modifiers;
            std::cmp::Reverse(u8::from(modifiers.shift) + u8::from(modifiers.alt) + u8::from(modifiers.command))
        });
        for (shortcut, action) in shortcuts {
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
            Outcome::Send(command) => (self.send)(command),
            Outcome::Toolkit(Toolkit::SwitchTheme) => ctx.set_theme(match ctx.theme() {
                Theme::Dark => Theme::Light,
                Theme::Light => Theme::Dark,
            }),
            Outcome::Toolkit(Toolkit::ZoomIn) => gui_zoom::zoom_in(ctx),
            Outcome::Toolkit(Toolkit::ZoomOut) => gui_zoom::zoom_out(ctx),
            Outcome::Toolkit(Toolkit::ZoomReset) => ctx.set_zoom_factor(1.0),
            Outcome::Toolkit(Toolkit::Close) => ctx.send_viewport_cmd(ViewportCommand::Close),
        }
        ctx.request_repaint();
    }

    fn panels_ui(&mut self, ui: &mut Ui, now: Timestamp) -> Option<Action> {
        let palette = Palette::at(ui);
        let frame = |x, y| Frame::new().fill(palette.panel).inner_margin(Margin::symmetric(x, y));
        let Self { model, view, .. } = self;
        let mut action = None;
        let mut ask = |asked: Option<Action>| action = asked.or(action.take());

        let top = TopBarView::new(model);
        ask(Panel::top("top bar").frame(frame(10, 7)).show(ui, |ui| top_bar_ui(ui, &top)).inner);
        let line = StatusLineView::new(model);
        Panel::bottom("status line").frame(frame(10, 3)).show(ui, |ui| status_line_ui(ui, &line));

        if let Life::OpenFailed { message } = &model.life {
            CentralPanel::default().frame(frame(24, 16)).show(ui, |ui| {
                empty_state(ui, "No guest is open", message);
            });
            return action;
        }

        let width = ui.available_width();
        let list = VersionsView::new(model, view, now);
        let left = Panel::left("versions").frame(frame(8, 8)).default_size((width * 0.32).clamp(290.0, 460.0));
        let left = left.size_range(220.0..=(width * 0.5).max(220.0));
        ask(left.show(ui, |ui| versions_ui(ui, &list, &mut view.focus)).inner);

        let lower = LowerView::new(model, view, now);
        let height = ui.available_height();
        let bottom = Panel::bottom("lower").frame(frame(10, 6)).resizable(true);
        let bottom = bottom.default_size(height * 0.4).size_range(90.0..=(height * 0.65).max(90.0));
        ask(bottom.show(ui, |ui| lower_ui(ui, &lower)).inner);

        let calls = CallsView::new(model, view);
        ask(CentralPanel::default().frame(frame(10, 8)).show(ui, |ui| calls_ui(ui, &calls, view)).inner);
        action
    }
}

impl eframe::App for WindowApp {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        self.take_events(ctx);
        self.take_keys(ctx);
        let title = self.model.title();
        if title != self.title {
            self.title.clone_from(&title);
            ctx.send_viewport_cmd(ViewportCommand::Title(title));
        }
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        let now = (self.clock)();
        if let Some(action) = self.panels_ui(ui, now) {
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
        if let Some(after) = words::next_age_change(times.chain(logged), now) {
            ui.ctx().request_repaint_after(after.max(Duration::from_secs(10)));
        }
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        (self.send)(Command::Quit);
    }
}
