//! The command line: reads arguments, starts sessions, prints what they tell.
//!
//! | module | its job |
//! |---|---|
//! | `args` | arguments, options and their help |
//! | `open` | `exuvia [PATH]`: the window, or `watch` where there is no display |
//! | `watch` | `exuvia watch`: events to stdout, commands from stdin |
//! | `call`, `one_call` | `exuvia call`: build, call once, print |
//! | `list` | `exuvia list`: the history |
//! | `new` | `exuvia new`: a guest from the template |
//! | `experiment` | `exuvia experiment`: ways of loading changed code, for real |
//! | `figure` | `exuvia figure`: pictures without a window |
//! | `stdin` | lines on stdin as commands |
//! | `print`, `text`, `guest_lines`, `table` | events as JSON or as words |
//! | `interrupt` | Ctrl-C ends things in order |
//! | [`Exit`] | exit codes |
//!
//! Nothing here panics on a closed stdout, and nothing prints past the functions of this module.

mod args;
mod call;
mod exit;
mod experiment;
mod figure;
mod guest_lines;
mod interrupt;
mod list;
mod new;
mod one_call;
mod open;
mod print;
mod stdin;
mod table;
mod text;
mod watch;

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use clap::Parser;
use exuvia_runtime::{build, runner, warden};

use args::{Args, Subcommand};
pub use exit::Exit;

/// Runs the command that the process's arguments ask for. Wrong arguments and `--help` end the
/// process here.
#[must_use]
pub fn main() -> Exit {
    // Cargo runs this for each crate: nothing else of the command line is looked at.
    match build::stand_in(std::env::args_os().skip(1)) {
        Some(Ok(())) => return Exit::Done,
        Some(Err(reason)) => {
            error(&format!("this subcommand is for the workbench's own use: {reason}"));
            return Exit::Usage;
        }
        None => {}
    }
    let Args { command, session } = Args::parse();
    match command {
        None => open::run(&session),
        Some(Subcommand::Watch(args)) => watch::run(&args.session, args.json),
        Some(Subcommand::Call(args)) => call::run(&args),
        Some(Subcommand::List(args)) => list::run(&args),
        Some(Subcommand::New(args)) => new::run(&args),
        Some(Subcommand::Experiment(args)) => experiment::run(&args),
        Some(Subcommand::Figure(args)) => figure::run(&args),
        Some(Subcommand::Runner) => serve(runner::serve),
        Some(Subcommand::Warden) => serve(warden::serve),
        Some(Subcommand::ExperimentLane) => serve(exuvia_runtime::experiment::serve),
    }
}

/// The hidden subcommands, which talk to a workbench over standard input.
fn serve(serve: impl FnOnce() -> io::Result<()>) -> Exit {
    if io::stdin().is_terminal() {
        error("this subcommand is for the workbench's own use: it runs guests on its behalf; try `exuvia --help`");
        return Exit::Usage;
    }
    match serve() {
        Ok(()) => Exit::Done,
        Err(reason) => {
            error(&format!(
                "this subcommand is for the workbench's own use; standard input is no channel to one: {reason}"
            ));
            Exit::Usage
        }
    }
}

/// This executable, which is the runner's, too.
fn this_executable() -> Result<PathBuf, Exit> {
    std::env::current_exe().map_err(|reason| {
        error(&format!("the path of this executable, which runs guests, cannot be found: {reason}"));
        Exit::Workbench
    })
}

/// Tells of an error on stderr.
fn error(message: &str) {
    note(&format!("error: {message}"));
}

/// Writes a line to stderr. A closed stderr has no reader who could miss it.
fn note(line: &str) {
    let _ = writeln!(io::stderr(), "{}", line.trim_end());
}

/// Whether a stream gets colours: it is a terminal, and nobody asked for none
/// (<https://no-color.org>).
fn colors(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// What a failed write to stdout means: a reader that has gone has had enough.
fn exit_of_write(result: io::Result<Exit>) -> Exit {
    match result {
        Ok(exit) => exit,
        Err(reason) if reason.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
        Err(reason) => {
            error(&format!("standard output cannot be written: {reason}"));
            Exit::Workbench
        }
    }
}
