//! The window's app: `logic` takes events in and turns keys into actions, `ui` only draws and
//! says which action was asked for. Neither waits for anything.

use std::path::Path;
use std::sync::mpsc::TryRecvError;
use std::time::{Duration, Instant};

use eframe::egui::{
    CentralPanel, Context, FocusDirection, Frame, Key, KeyboardShortcut, Margin, Modifiers, Panel as Bar, Popup,
    RichText, Theme, Ui, ViewportCommand,
};
use exuvia_runtime::experiment::ExperimentEvent;
use exuvia_runtime::ids::Timestamp;
use exuvia_runtime::session::{Command, Deadlines, Event};

use super::actions::{Action, Outcome, Reach, Shortcut, WindowWish, listening, next_press, perform};
use super::dock::{Dock, Panel, Panels};
use super::figure::{self, FigureMode};
use super::lab::Lab;
use super::offscreen::Figure;
use super::overlays::{drop_hint_ui, overlay_ui};
use super::pages::settings::limits_differ;
use super::pages::welcome::{code_ui, welcome_ui};
use super::panels::Workbench;
use super::panels::change;
use super::panels::versions::row_id;
use super::shots::Shots;
use super::status_line::{self, StatusLineView, status_line_ui};
use super::theme::{self, Palette};
use super::toasts::{ToastsView, is_bad, toasts_ui};
use super::top_bar::{TopBarView, top_bar_ui};
use super::urgency::Urgency;
use super::view_state::{Page, ViewState};
use super::{Connection, Desk, Start, pages};
use crate::chores::Chore;
use crate::model::moment::NO_PRESENT;
use crate::model::{Life, LogLine, Model, words};
use crate::settings::{LanguageChoice, Loaded, RecentGuest, WindowSize};
use crate::text::Language;

/// Time that one frame spends on taking events in; the rest waits for the next frame, which
/// follows at once.
const EVENT_BUDGET: Duration = Duration::from_millis(4);

/// The window's app.
pub struct WindowApp {
    pub(super) desk: Desk,
    /// `None` where no guest was opened, and once the session's end was heard of.
    session: Option<Connection>,
    pub(super) clock: fn() -> Timestamp,
    pub(super) model: Model,
    pub(super) view: ViewState,
    pub(super) dock: Dock,
    title: String,
    urgency: Urgency,
    /// Whether a text field had the keyboard when the window was drawn last.
    was_typing: bool,
    lab: Lab,
    shots: Shots,
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
        let Start { desk, session, loaded, locale, places } = start;
        let Loaded { settings, remembered, notices, utc_offset } = loaded;
        let page = if session.is_some() { Page::Workbench } else { Page::Welcome };
        let mut dock = Dock::default();
        dock.take_up(remembered.layout_wide.as_ref(), remembered.layout_narrow.as_ref());
        let mut model = Model::with_short_answers();
        if session.is_none() {
            model.life = Life::NoGuest;
        }
        for message in notices {
            model.apply(Event::Notice { message }, clock());
        }
        let view = ViewState { page, settings, remembered, locale, places, utc_offset, ..ViewState::default() };
        let mut app = Self {
            desk,
            session,
            clock,
            model,
            view,
            dock,
            title: String::new(),
            urgency: Urgency::default(),
            was_typing: false,
            lab: Lab::default(),
            shots: Shots::default(),
        };
        app.apply_settings(ctx);
        app
    }

    /// Shows everything as for a figure, in this language.
    pub(super) fn set_up_figure(&mut self, ctx: &Context, mode: FigureMode, language: Language) {
        self.view.figure = Some(mode);
        self.view.settings.language = match language {
            Language::English => LanguageChoice::English,
            Language::Chinese => LanguageChoice::Chinese,
        };
        self.apply_settings(ctx);
    }

    /// Takes in what a session has told at an earlier time.
    pub(crate) fn tell(&mut self, event: Event, at: Timestamp) {
        self.model.apply(event, at);
    }

    /// Takes in what an experiment has told that somebody else runs.
    pub(crate) fn tell_experiment(&mut self, event: ExperimentEvent) {
        self.model.experiment.apply(event);
    }

    /// What the window knows.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Says whether something went wrong.
    fn take_events(&mut self, ctx: &Context, budget: Duration) -> bool {
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
                ref event if is_bad(event) => {
                    went_wrong = true;
                    self.dock.show(Panel::Problems);
                    self.view.guest.shown_failure = None;
                }
                Event::BuildStarted { .. } => self.view.guest.shown_failure = None,
                Event::Opened { ref guest, .. } => {
                    let (name, manifest) = (guest.name.clone(), guest.manifest.clone());
                    self.view.remembered.opened(RecentGuest { name, manifest, at: (self.clock)() });
                    self.remember();
                }
                _ => {}
            }
            self.hear(event);
            self.view.keep_selection(&self.model);
            if begin.elapsed() > budget {
                ctx.request_repaint();
                return went_wrong;
            }
        }
        went_wrong
    }

    /// Takes an event in, of the session's or of the window's own.
    pub(super) fn hear(&mut self, event: Event) {
        if self.view.settings.toasts {
            self.view.guest.toasts.hear(&event, self.model.active);
        }
        self.model.apply(event, (self.clock)());
    }

    /// Turns keys into actions, in the order in which they were pressed: on a busy machine, several fall into one
    /// frame. A key that means nothing now is left to the widgets.
    fn take_keys(&mut self, ctx: &Context) {
        if let Some(back) = self.leave_page(ctx) {
            self.act(ctx, Action::ShowPage(back));
        }
        let mut left = 0;
        while let Some((index, pressed)) = ctx.input(|input| next_press(&input.events, left)) {
            let Some((shortcut, action)) = self.meaning(ctx, pressed) else {
                left = index + 1;
                continue;
            };
            ctx.input_mut(|input| input.events.remove(index));
            left = index;
            if shortcut.reach == Reach::Versions {
                // egui has already taken the arrow as a wish to move the focus.
                ctx.memory_mut(|memory| memory.move_focus(FocusDirection::None));
            }
            self.act(ctx, action.clone().turned(self.view.page, &self.model));
        }
    }

    /// What a key does now, if anything.
    fn meaning(&self, ctx: &Context, pressed: KeyboardShortcut) -> Option<(&'static Shortcut, &'static Action)> {
        let above = self.view.guest.overlay;
        let is_row = |id| self.model.history.numbers().any(|version| row_id(version) == id);
        listening(ctx, self.view.page, self.was_typing, is_row).into_iter().find(|(shortcut, action)| {
            // What lies above takes the keys; the palette's own key closes it again.
            let closes = above.is_some_and(|overlay| **action == Action::Open(overlay));
            let heard = above.is_none() || closes || shortcut.reach == Reach::Everywhere;
            heard && shortcut.is(pressed) && action.is_possible(&self.model)
        })
    }

    /// Esc leaves a page, before it means anything else there: whoever wants to go back stops no build by it. While
    /// text is typed or a list is open, it ends that.
    fn leave_page(&self, ctx: &Context) -> Option<Page> {
        let busy =
            self.view.guest.overlay.is_some() || self.was_typing || ctx.text_edit_focused() || Popup::is_any_open(ctx);
        let back = self.view.page.back(&self.model).filter(|_| !busy)?;
        ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)).then_some(back)
    }

    /// Asks for the comparison that the Change panel should show, if it can be seen.
    fn ask_for_change(&mut self, focused: bool) {
        let seen = self.view.page == Page::Workbench && self.dock.is_shown(Panel::Change);
        // What nobody looked at meanwhile, or nobody watches, may have been saved otherwise.
        if self.view.guest.change.comes_into_view(seen && focused) {
            self.model.changes.saved();
        }
        if !seen {
            return;
        }
        let pair = change::pair(&self.model, &self.view).filter(|_| self.model.life == Life::Open);
        if let (Some(session), Some(command)) = (&self.session, pair.and_then(|pair| self.model.changes.want(pair))) {
            (session.send)(command);
        }
    }

    pub(super) fn act(&mut self, ctx: &Context, action: Action) {
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
            WindowWish::ShowPanel(panel) => {
                self.view.page = Page::Workbench;
                self.dock.show(panel);
            }
            WindowWish::ResetLayout => self.dock.reset(),
            WindowWish::OpenGuest(path) => self.open(&path),
            WindowWish::Copy(text) => {
                self.model.log.note(LogLine::Copied, (self.clock)());
                ctx.copy_text(text);
            }
            WindowWish::Set(settings) => {
                let old = std::mem::replace(&mut self.view.settings, settings);
                if let Some(session) = self.session.as_ref().filter(|_| limits_differ(&old, &self.view.settings)) {
                    let deadlines = Deadlines { request: self.view.settings.deadline(), ..Deadlines::default() };
                    let retention = self.view.settings.retention.into();
                    let limits = self.view.settings.limits.into();
                    (session.send)(Command::SetLimits { retention, deadlines, limits });
                }
                if old.editor != self.view.settings.editor {
                    // What was said about the old one is no longer true.
                    self.view.guest.toasts.forget_editor();
                }
                let auto = self.view.settings.auto_reload;
                if let Some(session) = self.session.as_ref().filter(|_| old.auto_reload != auto) {
                    (session.send)(Command::SetAutoReload { on: auto });
                }
                self.apply_settings(ctx);
                (self.desk.chore)(Chore::SaveSettings(self.view.settings.clone()));
            }
            WindowWish::Experiment(ask) => self.lab.ask(ask, &mut self.model.experiment, &*self.desk.experiment),
            WindowWish::Screenshot(of) => {
                of.into_iter().for_each(|panel| self.dock.show(panel));
                self.shots.ask(ctx, of);
            }
            WindowWish::ToggleFigureMode => {
                let figure = FigureMode::at((self.clock)());
                self.view.figure = self.view.figure.is_none().then_some(figure);
                self.apply_settings(ctx);
            }
            WindowWish::Close => ctx.send_viewport_cmd(ViewportCommand::Close),
        }
    }

    /// A folder or a file that was dropped onto the window is opened.
    fn take_dropped(&mut self, ctx: &Context) {
        let dropped = ctx.input(|input| input.raw.dropped_files.first().map(|file| file.path().to_owned()));
        if let Some(path) = dropped {
            self.act(ctx, Action::OpenGuest(path));
        }
    }

    /// Ends the session that is open, if one is, and opens another guest in its place.
    fn open(&mut self, path: &Path) {
        if let Some(session) = self.session.take() {
            (session.send)(Command::Quit);
        }
        // The experiment is no guest's.
        let experiment = std::mem::take(&mut self.model.experiment);
        self.model = Model::with_short_answers();
        self.model.experiment = experiment;
        self.view.forget_guest();
        // From now on a guest was named.
        self.view.places.started_with_path = true;
        self.session = Some((self.desk.open)(path, &self.view.settings));
    }

    fn window_ui(&mut self, ui: &mut Ui, now: Timestamp) -> Option<Action> {
        let palette = Palette::at(ui);
        let frame = |x, y| Frame::new().fill(palette.panel).inner_margin(Margin::symmetric(x, y));
        let Self { model, view, dock, .. } = self;
        if view.page != Page::Settings {
            view.guest.settings_page.leave();
        }
        let mut action = None;
        let mut ask = |asked: Option<Action>| action = asked.or(action.take());

        let top = TopBarView::new(model, view);
        ask(Bar::top("top bar").frame(frame(10, 7)).show(ui, |ui| top_bar_ui(ui, &top)).inner);
        if let Some(mode) = view.figure {
            let caption = mode.caption(model);
            Bar::bottom("caption").frame(frame(10, 4)).show(ui, |ui| figure::caption_ui(ui, &caption));
        }
        let line = StatusLineView::new(model, view.language, now);
        ask(Bar::bottom("status line").frame(frame(10, 3)).show(ui, |ui| status_line_ui(ui, &line)).inner);

        let on_dock = view.page == Page::Workbench && !matches!(model.life, Life::OpenFailed { .. } | Life::NoGuest);
        let room = ui.available_rect_before_wrap();
        let seen = |panel| on_dock && dock.is_shown(panel);
        let notices = ToastsView::new(ui, model, &view.guest.toasts, room.size(), &seen);
        let below = room.with_min_y(room.bottom() - notices.height());
        if !on_dock && notices.height() > 0.0 {
            Bar::bottom("room for notices").frame(Frame::new()).exact_size(notices.height()).show(ui, |_| ());
        }

        let page = CentralPanel::default().frame(Frame::new().fill(palette.gap));
        match view.page {
            Page::Workbench => {
                if !on_dock {
                    ask(page.frame(frame(24, 4)).show(ui, |ui| welcome_ui(ui, model, view, now)).inner);
                } else {
                    if view.guest.welcome.code.is_some() {
                        ask(Bar::top("code").frame(frame(10, 4)).show(ui, |ui| code_ui(ui, view)).inner);
                    }
                    let mut workbench = Workbench { model, view, now, palette, action: None };
                    page.show(ui, |ui| dock.ui(ui, &mut workbench, below.top()));
                    ask(workbench.action);
                }
            }
            other => ask(page.frame(frame(24, 4)).show(ui, |ui| pages::page_ui(ui, other, model, view, now)).inner),
        }
        ask(toasts_ui(ui.ctx(), &notices, &mut view.guest.toasts, below));
        drop_hint_ui(ui, view);
        ask(overlay_ui(ui.ctx(), model, view));
        action
    }
}

impl WindowApp {
    /// Takes in what has come, as far as the budget goes, and turns keys into actions.
    pub(super) fn take_all(&mut self, ctx: &Context, budget: Duration) {
        let went_wrong = self.take_events(ctx, budget);
        let focused = ctx.input(|input| input.focused);
        if let Some(attention) = self.urgency.next(went_wrong, focused) {
            ctx.send_viewport_cmd(ViewportCommand::RequestUserAttention(attention));
        }
        self.lab.take_events(&mut self.model.experiment);
        let guest = self.model.guest.as_ref().map(|guest| guest.name.clone());
        for shot in self.shots.take(ctx, &self.dock) {
            match shot {
                Ok(picture) => (self.desk.chore)(picture.chore(guest.as_deref(), (self.clock)(), self.view.language)),
                Err(panel) => {
                    let l = self.view.language;
                    let message = l.screenshot_not_drawn(panel.title(l));
                    self.hear(Event::CommandRefused { message });
                }
            }
        }
        self.take_chores(ctx);
        self.take_dropped(ctx);
        self.take_keys(ctx);
        self.ask_for_change(focused);
        self.view.is_dark = ctx.theme() == Theme::Dark;
        let root = self.model.guest.as_ref().map(|guest| guest.workspace_root.as_path());
        figure::install(ctx, self.view.figure.is_some(), root);
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

    /// What panels count ages from: in a figure nothing may depend on the present.
    fn now(&self) -> Timestamp {
        if self.view.figure.is_some() { NO_PRESENT } else { (self.clock)() }
    }

    /// Draws the window, and does what is asked for.
    pub(super) fn draw(&mut self, ui: &mut Ui) {
        self.notice_zoom(ui.ctx());
        let now = self.now();
        if let Some(action) = self.window_ui(ui, now) {
            // What was chosen in an overlay is done in its place.
            if !matches!(action, Action::Open(_) | Action::CreateGuest { .. }) {
                self.view.guest.overlay = None;
            }
            self.act(ui.ctx(), action);
        }
        self.was_typing = ui.ctx().text_edit_focused();
        self.keep_layout(ui.ctx());
        for question in std::mem::take(&mut self.view.guest.questions) {
            (self.desk.chore)(question);
        }
        if now == NO_PRESENT {
            return;
        }
        if let Some(after) = status_line::next_change(&self.model.log, now) {
            ui.ctx().request_repaint_after(after);
        }
        // The only repaint without a cause from outside that goes on: when an age on the screen reads
        // differently, which is at most once a minute.
        // The log says ages only under the pointer.
        let told = self.model.memory.as_ref().map(|memory| memory.at);
        if let Some(after) = words::next_age_change(self.model.history.times().chain(told), now) {
            ui.ctx().request_repaint_after(after.max(Duration::from_secs(10)));
        }
    }

    /// Draws what a figure shows, and nothing else.
    pub(super) fn draw_figure(&mut self, ui: &mut Ui, of: Figure) {
        let now = self.now();
        let palette = Palette::at(ui);
        let (panel, page) = match of {
            Figure::Panel(panel) => (Some(panel), None),
            Figure::Experiment => (None, Some(Page::Experiment)),
            _ => return self.draw(ui),
        };
        let frame = |x, y| Frame::new().fill(palette.panel).inner_margin(Margin::symmetric(x, y));
        if let Some(mode) = self.view.figure {
            let caption = mode.caption(&self.model);
            Bar::bottom("caption").frame(frame(24, 6)).show(ui, |ui| figure::caption_ui(ui, &caption));
        }
        let Self { model, view, .. } = self;
        let asked = CentralPanel::default().frame(frame(24, 16)).show(ui, |ui| {
            if let Some(page) = page {
                return pages::page_ui(ui, page, model, view, now);
            }
            let mut workbench = Workbench { model, view, now, palette, action: None };
            if let Some(panel) = panel {
                let title = workbench.tab_title(panel);
                ui.label(RichText::new(title.text()).heading().color(palette.strong));
                ui.add_space(6.0);
                workbench.panel_ui(ui, panel);
            }
            workbench.action
        });
        // A panel may ask the engine for what it shows.
        if let Some(action) = asked.inner {
            self.act(ui.ctx(), action);
        }
    }
}

impl eframe::App for WindowApp {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        self.take_all(ctx, EVENT_BUDGET);
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        self.draw(ui);
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
