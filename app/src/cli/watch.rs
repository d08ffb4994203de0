//! `exuvia watch`: the whole job in a terminal.
//!
//! Threads: this one prints and decides; one hands on the session's events, one reads stdin, one
//! waits for Ctrl-C. All of them send [`Input`]s.

use std::io::{self, BufRead, IsTerminal, Write};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use exuvia_runtime::ids::Timestamp;
use exuvia_runtime::session::status::{Phase, Status, Tone};
use exuvia_runtime::session::{Command, Event, Session};

use super::args::SessionArgs;
use super::print::{Format, Printer};
use super::stdin::{self, Line};
use super::{Exit, colors, error, exit_of_write, interrupt, this_executable};
use crate::model::Model;

/// A line that the guest has begun is shown after this time without its end.
const PATIENCE: Duration = Duration::from_millis(200);

/// Something to react to.
#[derive(Debug)]
enum Input {
    /// The session tells something.
    Event(Box<Event>),
    /// The session will tell nothing more.
    SessionGone,
    /// A line of stdin.
    Line(String),
    /// Ctrl-C, or Ctrl-D at a terminal.
    AskedToEnd,
}

pub(super) fn run(args: &SessionArgs, json: bool) -> Exit {
    let runner = match this_executable() {
        Ok(runner) => runner,
        Err(exit) => return exit,
    };
    let (send, inputs) = mpsc::channel();
    let interrupted = send.clone();
    interrupt::on_interrupt(move || drop(interrupted.send(Input::AskedToEnd)));
    // The loop below waits for its own channel, so nobody needs to be woken.
    let (session, events) = Session::start(args.config(runner), || {});
    let sink = send.clone();
    thread::spawn(move || hand_on(&events, &sink));
    if !json && io::stdin().is_terminal() {
        let message = "`help` prints the commands; `quit` or Ctrl-C ends".to_owned();
        let _ = send.send(Input::Event(Box::new(Event::Notice { message })));
    }
    thread::spawn(move || read_stdin(&send));
    let format = if json { Format::Json } else { Format::Words { colors: colors(&io::stdout()) } };
    let mut watch = Watch::new(Printer::new(io::stdout().lock(), format), |command| session.send(command));
    let exit = exit_of_write(watch.follow(&inputs));
    session.end();
    exit
}

fn hand_on(events: &Receiver<Event>, to: &Sender<Input>) {
    for event in events {
        if to.send(Input::Event(Box::new(event))).is_err() {
            return;
        }
    }
    let _ = to.send(Input::SessionGone);
}

fn read_stdin(to: &Sender<Input>) {
    let stdin = io::stdin();
    let at_a_terminal = stdin.is_terminal();
    for line in stdin.lock().split(b'\n') {
        let Ok(line) = line else { break };
        if to.send(Input::Line(String::from_utf8_lossy(&line).into_owned())).is_err() {
            return;
        }
    }
    // Other ends mean nothing: `exuvia watch </dev/null &` is how it is run in the background.
    if at_a_terminal {
        let _ = to.send(Input::AskedToEnd);
    }
}

/// What a running `exuvia watch` knows.
struct Watch<W, S> {
    printer: Printer<W>,
    /// Asks the session.
    ask: S,
    model: Model,
    status: Event,
    calls: u64,
    exit: Exit,
}

impl<W: Write, S: Fn(Command)> Watch<W, S> {
    fn new(printer: Printer<W>, ask: S) -> Self {
        let opening = Status { phase: Phase::Opening, running: None };
        let status = Event::Status { text: opening.text(), status: opening };
        Self { printer, ask, model: Model::default(), status, calls: 0, exit: Exit::Done }
    }

    /// Goes on until the session has ended.
    fn follow(&mut self, inputs: &Receiver<Input>) -> io::Result<Exit> {
        loop {
            let input = if self.printer.is_unfinished() {
                inputs.recv_timeout(PATIENCE)
            } else {
                inputs.recv().map_err(RecvTimeoutError::from)
            };
            match input {
                Ok(Input::Event(event)) => {
                    if self.take(*event)? {
                        self.printer.finish()?;
                        return Ok(self.exit);
                    }
                }
                Ok(Input::Line(line)) => self.obey(&line)?,
                Ok(Input::AskedToEnd) => (self.ask)(Command::Quit),
                Err(RecvTimeoutError::Timeout) => self.printer.finish()?,
                Ok(Input::SessionGone) | Err(RecvTimeoutError::Disconnected) => {
                    self.printer.finish()?;
                    if self.exit == Exit::Done {
                        error("the session ended without a word; this is a bug in exuvia");
                        self.exit = Exit::Workbench;
                    }
                    return Ok(self.exit);
                }
            }
        }
    }

    /// Takes an event in; says whether it was the last.
    fn take(&mut self, event: Event) -> io::Result<bool> {
        let is_news = match &event {
            // People hear of it only when they have switched it; the rest is in the other lines.
            Event::Marked { version, marks } if self.printer.is_for_people() => {
                self.model.history.version(*version).is_some_and(|row| row.marks.keep != marks.keep)
            }
            // What is going on has lines of its own; where it leads to is said here.
            Event::Status { status, .. } if self.printer.is_for_people() => {
                status.tone() != Tone::Busy && event != self.status
            }
            _ => true,
        };
        if is_news {
            self.printer.event(&event)?;
        }
        match &event {
            Event::OpenFailed { message } => {
                error(message);
                self.exit = Exit::NotOpened;
            }
            Event::Status { .. } => self.status = event.clone(),
            _ => {}
        }
        let is_last = matches!(event, Event::Ended | Event::OpenFailed { .. });
        let advised = self.model.advised;
        self.model.apply(event, Timestamp::now());
        if let (None, Some(advice)) = (advised, self.model.advised) {
            self.printer.advice(advice)?;
        }
        Ok(is_last)
    }

    fn obey(&mut self, line: &str) -> io::Result<()> {
        match stdin::parse(line, self.calls + 1) {
            Ok(Line::Nothing) => {}
            Ok(Line::Ask(command)) => {
                self.calls += u64::from(matches!(command, Command::Call { .. }));
                (self.ask)(command);
            }
            Ok(Line::List) => self.printer.history(&self.model, Timestamp::now())?,
            Ok(Line::Status) => self.printer.event(&self.status)?,
            Ok(Line::Help) => self.printer.help()?,
            Err(message) => self.printer.event(&Event::CommandRefused { message })?,
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "watch_tests.rs"]
mod tests;
