//! `exuvia [PATH]`: the window; where none can be opened, the same in the terminal.
//!
//! The session is started by the window once it is there, so there is never one without an owner.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};

use exuvia_runtime::experiment::{Experiment, ExperimentConfig};
use exuvia_runtime::session::{Session, SessionConfig};

use super::args::SessionArgs;
use super::{Exit, error, interrupt, note, this_executable, watch};
use crate::chores::{ChoreSender, Chores};
use crate::settings::{self, Folders, Loaded, Settings};
use crate::window::{self, Connection, Desk, ExperimentConnection, Places, Start, Waker, WindowError};

pub(super) fn run(args: &SessionArgs) -> Exit {
    let runner = match this_executable() {
        Ok(runner) => runner,
        Err(exit) => return exit,
    };
    let (folders, mut loaded) = match Folders::find() {
        Ok(folders) => (Some(folders.clone()), settings::load(&folders)),
        Err(reason) => (None, Loaded { notices: vec![reason.to_string()], ..Loaded::default() }),
    };
    loaded.utc_offset = settings::utc_offset();
    let places = Places {
        folders: folders.clone(),
        home: std::env::home_dir(),
        here: std::env::current_dir().ok(),
        started_with_path: args.guest.path.is_some(),
    };
    let sessions = Arc::new(Sessions::default());
    let chores = Arc::new(Mutex::new(None));
    let to_finish = Arc::clone(&chores);
    let shown = window::run(loaded.remembered.window, |waker| {
        let (interrupted, to_save) = (Arc::clone(&sessions), Arc::clone(&chores));
        interrupt::on_interrupt(move || {
            interrupted.end();
            finish(&to_save);
            std::process::exit(i32::from(Exit::Done.code()));
        });
        let woken = Arc::clone(&waker);
        let chores_done = match Chores::start(folders, move || woken()) {
            Ok((sender, done)) => {
                *lock(&chores) = Some(sender);
                done
            }
            Err(reason) => {
                loaded.notices.push(format!(
                    "settings are not kept and no editor is opened: the system gives no thread: {reason}"
                ));
                mpsc::channel().1
            }
        };
        let has_guest = args.guest.path.is_some() || places.here.as_deref().is_none_or(has_manifest);
        // Without a path, in a folder that is in no crate, there is nothing to fail with.
        let first = has_guest.then(|| sessions.open(args.config_with(runner.clone(), &loaded.settings), &waker));
        let opened = Arc::clone(&sessions);
        let runner = runner.clone();
        let (started, program, awake) = (Arc::clone(&sessions), runner.clone(), Arc::clone(&waker));
        let experiment = move |thread_local| started.experiment(program.clone(), thread_local, &awake);
        let open = move |path: &Path, settings: &Settings| {
            let args = SessionArgs::at(path);
            opened.open(args.config_with(runner.clone(), settings), &waker)
        };
        let chore = move |chore| {
            if let Some(sender) = &*lock(&chores) {
                sender.send(chore);
            }
        };
        Start {
            desk: Desk { open: Box::new(open), experiment: Box::new(experiment), chore: Box::new(chore), chores_done },
            session: first,
            loaded,
            locale: settings::system_locale(),
            places,
        }
    });
    sessions.end();
    finish(&to_finish);
    match shown {
        Ok(()) => Exit::Done,
        Err(WindowError::NotOpened { reason }) => {
            note(&format!("no window: {reason}; going on in the terminal, as `exuvia watch`"));
            watch::run(args, false)
        }
        Err(lost @ WindowError::Lost { .. }) => {
            error(&lost.to_string());
            Exit::Workbench
        }
    }
}

/// Waits until what is to be saved was saved.
fn finish(chores: &Mutex<Option<ChoreSender>>) {
    let sender = lock(chores).take();
    if let Some(sender) = sender {
        sender.finish();
    }
}

/// Whether a folder is in a crate or a workspace.
fn has_manifest(folder: &Path) -> bool {
    folder.ancestors().any(|folder: &Path| folder.join("Cargo.toml").is_file())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The sessions that the window has opened, one after the other, and the experiment's runs; all are ended in
/// order.
#[derive(Default)]
struct Sessions(Mutex<Vec<Session>>, Mutex<Vec<Experiment>>);

impl Sessions {
    fn open(&self, config: SessionConfig, waker: &Waker) -> Connection {
        let waker = Arc::clone(waker);
        let (session, events) = Session::start(config, move || waker());
        let commands = session.commands();
        lock(&self.0).push(session);
        Connection { events, send: Box::new(move |command| commands.send(command)) }
    }

    fn experiment(&self, program: PathBuf, thread_local: bool, waker: &Waker) -> ExperimentConnection {
        let waker = Arc::clone(waker);
        let config = ExperimentConfig { program, folder: None, thread_local };
        let (experiment, events) = Experiment::start(config, move || waker());
        let commands = experiment.commands();
        // An earlier run was asked to end; that it has is seen to at the end.
        lock(&self.1).push(experiment);
        ExperimentConnection { events, send: Box::new(move |command| commands.send(command)) }
    }

    /// Ends them, or waits until the other thread that came here has ended them. One that the
    /// window has asked to end before is gone by now, or nearly so.
    fn end(&self) {
        lock(&self.1).drain(..).for_each(Experiment::end);
        lock(&self.0).drain(..).for_each(Session::end);
    }
}
