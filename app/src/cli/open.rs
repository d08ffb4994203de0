//! `exuvia [PATH]`: the window; where none can be opened, the same in the terminal.
//!
//! The session is started by the window once it is there, so there is never one without an owner.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use exuvia_runtime::session::{Session, SessionConfig};

use super::args::SessionArgs;
use super::{Exit, error, interrupt, note, this_executable, watch};
use crate::window::{self, Connection, Desk, Waker, WindowError};

pub(super) fn run(args: &SessionArgs) -> Exit {
    let runner = match this_executable() {
        Ok(runner) => runner,
        Err(exit) => return exit,
    };
    let sessions = Arc::new(Sessions::default());
    let shown = window::run(|waker| {
        let interrupted = Arc::clone(&sessions);
        interrupt::on_interrupt(move || {
            interrupted.end();
            std::process::exit(i32::from(Exit::Done.code()));
        });
        let first = sessions.open(args.config(runner.clone()), &waker);
        let opened = Arc::clone(&sessions);
        let runner = runner.clone();
        let open = move |path: &Path| opened.open(SessionConfig::new(path, runner.clone()), &waker);
        (Desk { open: Box::new(open) }, Some(first))
    });
    sessions.end();
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

/// The sessions that the window has opened: one after the other, and all are ended in order.
#[derive(Default)]
struct Sessions(Mutex<Vec<Session>>);

impl Sessions {
    fn open(&self, config: SessionConfig, waker: &Waker) -> Connection {
        let waker = Arc::clone(waker);
        let (session, events) = Session::start(config, move || waker());
        let commands = session.commands();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(session);
        Connection { events, send: Box::new(move |command| commands.send(command)) }
    }

    /// Ends them, or waits until the other thread that came here has ended them. One that the
    /// window has asked to end before is gone by now, or nearly so.
    fn end(&self) {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.drain(..).for_each(Session::end);
    }
}
