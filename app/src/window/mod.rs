//! The window: panels that only draw, one enum of actions, and the app that connects them with a
//! session's events and commands.
//!
//! Everything here runs on the thread that called [`run`]; it reads events without waiting, sends
//! commands, and touches no file, process or guest.

mod actions;
mod ansi_text;
mod answers;
mod app;
mod dock;
mod figure;
mod fonts;
mod kept;
mod lab;
mod leads;
mod menus;
mod new_guest;
pub(crate) mod offscreen;
mod open_guest;
mod overlays;
mod pages;
mod palette;
mod panels;
mod shortcut_sheet;
mod shots;
mod status_line;
mod theme;
mod toasts;
mod top_bar;
mod urgency;
mod version_dialogs;
mod view_state;
mod widgets;

#[cfg(test)]
mod figure_tests;
#[cfg(test)]
mod pages_tests;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;

use eframe::egui::ViewportBuilder;
use exuvia_runtime::experiment::{ExperimentCommand, ExperimentEvent};
use exuvia_runtime::ids::Timestamp;
use exuvia_runtime::session::{Command, Event};

pub use app::WindowApp;

use crate::chores::{Chore, ChoreDone};
use crate::settings::{Folders, Loaded, Settings, WindowSize};

/// Wakes the window. The engine's threads call it after they have sent an event.
pub type Waker = Arc<dyn Fn() + Send + Sync>;

/// The window's side of a session.
pub struct Connection {
    /// What the session tells.
    pub events: Receiver<Event>,
    /// Asks the session. It must not wait.
    pub send: Box<dyn Fn(Command)>,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}

/// The window's side of an experiment.
pub struct ExperimentConnection {
    /// What it tells.
    pub events: Receiver<ExperimentEvent>,
    /// Asks it. It must not wait.
    pub send: Box<dyn Fn(ExperimentCommand)>,
}

impl std::fmt::Debug for ExperimentConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExperimentConnection").finish_non_exhaustive()
    }
}

/// Opens a guest at a path, with the options of the settings.
pub type OpenGuest = dyn Fn(&Path, &Settings) -> Connection;

/// What the window asks of the process around it.
pub struct Desk {
    /// Opens a guest at this path. It must not wait.
    pub open: Box<OpenGuest>,
    /// Starts the experiment, with a guest that has a thread-local with a destructor, or not. It must not wait.
    pub experiment: Box<dyn Fn(bool) -> ExperimentConnection>,
    /// Has a chore done. It must not wait.
    pub chore: Box<dyn Fn(Chore)>,
    /// How the chores ended.
    pub chores_done: Receiver<ChoreDone>,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").finish_non_exhaustive()
    }
}

/// What the window begins with.
#[derive(Debug)]
pub struct Start {
    /// What it asks of the process around it.
    pub desk: Desk,
    /// The guest to show; without one, the welcome page is shown.
    pub session: Option<Connection>,
    /// Settings, and what the window remembered.
    pub loaded: Loaded,
    /// The system's language, such as `zh-CN`.
    pub locale: Option<String>,
    /// Where things lie.
    pub places: Places,
}

/// Where things lie, as it was found at the start.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// Where the settings and the sample are kept.
    pub folders: Option<Folders>,
    /// The user's home folder, which `~` stands for.
    pub home: Option<PathBuf>,
    /// The folder that the workbench was started in.
    pub here: Option<PathBuf>,
    /// Whether the user named a guest at the start. A folder that nobody named may be none.
    pub started_with_path: bool,
}

/// Why there is no window, in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WindowError {
    /// It could not be opened; `start` was not called.
    NotOpened {
        /// Why.
        reason: String,
    },
    /// It was open and went away, as when the display server ends. The session was asked to end.
    Lost {
        /// Why.
        reason: String,
    },
}

impl std::fmt::Display for WindowError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotOpened { reason } => write!(f, "no window can be opened: {reason}"),
            Self::Lost { reason } => write!(f, "the window was lost: {reason}"),
        }
    }
}

impl std::error::Error for WindowError {}

/// Opens the window and shows it until it is closed.
///
/// `size` is how large it was when it was last closed. `start` is called once, on this thread, when the window is
/// there, with what wakes it. When the window is closed, [`Command::Quit`] is sent and this returns; the
/// sessions are then the caller's to join.
///
/// # Errors
/// Where no window can be opened: no display, no OpenGL. A session is then not started.
pub fn run(size: Option<WindowSize>, start: impl FnOnce(Waker) -> Start) -> Result<(), WindowError> {
    let started = AtomicBool::new(false);
    let WindowSize { width, height } = size.unwrap_or(WindowSize { width: 1440.0, height: 900.0 });
    let viewport = ViewportBuilder::default()
        .with_title("Exuvia")
        .with_app_id("exuvia")
        .with_inner_size([width, height])
        .with_min_inner_size([480.0, 360.0]);
    let options = eframe::NativeOptions { viewport, renderer: eframe::Renderer::Glow, ..Default::default() };
    let result = eframe::run_native(
        "exuvia",
        options,
        Box::new(|creation| {
            let ctx = creation.egui_ctx.clone();
            let waker: Waker = Arc::new(move || ctx.request_repaint());
            started.store(true, Ordering::Relaxed);
            Ok(Box::new(WindowApp::new(&creation.egui_ctx, start(waker), Timestamp::now)))
        }),
    );
    result.map_err(|error| {
        let reason = reason(&error);
        if started.load(Ordering::Relaxed) { WindowError::Lost { reason } } else { WindowError::NotOpened { reason } }
    })
}

/// The part of the toolkit's message that a person can use, in one line.
fn reason(error: &eframe::Error) -> String {
    let text = match error {
        eframe::Error::WinitEventLoop(error) => without_place(&error.to_string()).to_owned(),
        eframe::Error::Winit(error) => without_place(&error.to_string()).to_owned(),
        eframe::Error::NoGlutinConfigs(_, error) => {
            format!("OpenGL is missing or has no fitting configuration: {error}")
        }
        eframe::Error::Glutin(error) => format!("OpenGL does not work: {error}"),
        other => other.to_string(),
    };
    // It stands inside a sentence.
    text.split_whitespace().collect::<Vec<_>>().join(" ").trim_end_matches('.').to_owned()
}

/// winit says where in its own sources an error was made: `os error at …/mod.rs:765: message`.
fn without_place(message: &str) -> &str {
    let after = message.rsplit_once(".rs:").and_then(|(_, after)| after.split_once(": "));
    after.map_or(message, |(_, message)| message)
}
