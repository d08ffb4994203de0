//! `exuvia [PATH]`: the window; where none can be opened, the same in the terminal.
//!
//! The session is started by the window once it is there, so there is never one without an owner.

use std::sync::{Arc, Mutex, PoisonError};

use exuvia_runtime::session::Session;

use super::args::SessionArgs;
use super::{Exit, error, interrupt, note, this_executable, watch};
use crate::window::{self, Connection, WindowError};

pub(super) fn run(args: &SessionArgs) -> Exit {
    let runner = match this_executable() {
        Ok(runner) => runner,
        Err(exit) => return exit,
    };
    let config = args.config(runner);
    let slot = Arc::new(Mutex::new(None));
    let shown = window::run(|waker| {
        let (session, events) = Session::start(config, move || waker());
        let commands = session.commands();
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(session);
        let interrupted = Arc::clone(&slot);
        interrupt::on_interrupt(move || {
            end(&interrupted);
            std::process::exit(i32::from(Exit::Done.code()));
        });
        Connection { events, send: Box::new(move |command| commands.send(command)) }
    });
    end(&slot);
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

/// Ends the session if there is one, or waits until the other thread that came here has ended it.
fn end(slot: &Mutex<Option<Session>>) {
    let mut session = slot.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(session) = session.take() {
        session.end();
    }
}
