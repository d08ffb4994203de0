//! `exuvia call`: build the saved code, call once, print, end.
//!
//! What answers is the code as saved: a version that the session takes up from the history
//! while cargo runs is not asked.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use exuvia_runtime::call::Answer;
use exuvia_runtime::session::{Command, Event, Session};

use super::args::CallArgs;
use super::one_call::{Ending, Next, OneCall};
use super::{Exit, colors, error, exit_of_write, interrupt, note, text, this_executable};

pub(super) fn run(args: &CallArgs) -> Exit {
    let runner = match this_executable() {
        Ok(runner) => runner,
        Err(exit) => return exit,
    };
    // The loop below waits for the events themselves, so nobody needs to be woken.
    let (session, events) = Session::start(args.config(runner), || {});
    let interrupted = Arc::new(AtomicBool::new(false));
    let (flag, commands) = (Arc::clone(&interrupted), session.commands());
    interrupt::on_interrupt(move || {
        flag.store(true, Ordering::Relaxed);
        commands.send(Command::Quit);
    });
    let mut one_call = OneCall::default();
    let mut ending = Ending::Lost;
    for event in &events {
        pass_on(&event);
        match one_call.take(&event) {
            Next::Wait => {}
            Next::Ask => session.send(Command::Call { id: OneCall::ID, text: args.call.clone() }),
            Next::End(end) => {
                ending = end;
                break;
            }
        }
    }
    session.end();
    // What the guest wrote may come in later than the answer.
    events.try_iter().for_each(|event| pass_on(&event));
    match ending {
        ending @ Ending::Answered(_) => report(&args.call, ending),
        _ if interrupted.load(Ordering::Relaxed) => Exit::Interrupted,
        ending => report(&args.call, ending),
    }
}

/// The guest's words and cargo's go to stderr, so that stdout holds the result and nothing else.
fn pass_on(event: &Event) {
    let mut stderr = io::stderr().lock();
    // A closed stderr has no reader who could miss it.
    let _ = match event {
        Event::Output { text, .. } => stderr.write_all(text.as_bytes()),
        Event::BuildProgress { text, done: None, .. } if colors(&stderr) => writeln!(stderr, "{}", text.trim_end()),
        _ => Ok(()),
    };
}

fn report(call: &str, ending: Ending) -> Exit {
    let exit = Exit::from(&ending);
    match ending {
        Ending::Answered(Answer::Returned { value }) => {
            let mut stdout = io::stdout().lock();
            return exit_of_write(writeln!(stdout, "{value}").and_then(|()| stdout.flush()).map(|()| exit));
        }
        Ending::Answered(Answer::ReturnedErr { value }) => error(&format!("{call} returned Err({value})")),
        Ending::Answered(panicked @ Answer::Panicked { .. }) => error(&format!("{call} {panicked}")),
        Ending::Answered(Answer::Refused { message: reason } | Answer::Faulted { fault: reason })
        | Ending::NotOpened(reason)
        | Ending::NotRunning(reason)
        | Ending::Faulted(reason) => error(&reason),
        Ending::Failed(failure) => {
            let rendering = text::rendering(&failure, colors(&io::stderr()));
            if !rendering.is_empty() {
                note(&rendering);
            }
            error(failure.message());
        }
        Ending::Lost => error("the session ended without an answer; this is a bug in exuvia"),
    }
    exit
}
