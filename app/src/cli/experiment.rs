//! `exuvia experiment`: the ways of loading changed code, each run for real, as a table or as JSON.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use exuvia_runtime::experiment::{
    Experiment, ExperimentCommand, ExperimentConfig, ExperimentEvent, FileFacts, LaneReport, LibraryFacts, Mapped,
    MappedFile, Report, Step, StepKind,
};

use super::args::ExperimentArgs;
use super::{Exit, error, exit_of_write, interrupt, note, this_executable};
use crate::model::words::{bytes, duration};

pub(super) fn run(args: &ExperimentArgs) -> Exit {
    let program = match this_executable() {
        Ok(program) => program,
        Err(exit) => return exit,
    };
    let config = ExperimentConfig { program, folder: args.folder.clone(), thread_local: args.thread_local };
    // The loop below waits for the events themselves, so nobody needs to be woken.
    let (experiment, events) = Experiment::start(config, || {});
    let interrupted = Arc::new(AtomicBool::new(false));
    let (flag, commands) = (Arc::clone(&interrupted), experiment.commands());
    interrupt::on_interrupt(move || {
        flag.store(true, Ordering::Relaxed);
        commands.send(ExperimentCommand::Quit);
    });
    experiment.send(ExperimentCommand::RunAll);
    let mut exit = None;
    for event in &events {
        match event {
            // The first build takes a while; whoever watches wants to know what goes on.
            ExperimentEvent::Preparing { text } if io::stderr().is_terminal() => note(&text),
            ExperimentEvent::Done { report } => {
                exit = Some(exit_of_write(print(&report, args.json).map(|()| Exit::Done)));
                break;
            }
            ExperimentEvent::Failed { message } => {
                error(&message);
                exit = Some(Exit::Workbench);
                break;
            }
            ExperimentEvent::Cancelled => break,
            ExperimentEvent::Started { .. }
            | ExperimentEvent::Preparing { .. }
            | ExperimentEvent::Prepared { .. }
            | ExperimentEvent::Step { .. }
            | ExperimentEvent::LaneEnded { .. } => {}
        }
    }
    experiment.end();
    exit.unwrap_or_else(|| {
        if interrupted.load(Ordering::Relaxed) {
            return Exit::Interrupted;
        }
        error("the experiment ended without a result; this is a bug in exuvia");
        Exit::Workbench
    })
}

fn print(report: &Report, json: bool) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    if json {
        serde_json::to_writer(&mut stdout, report)?;
        writeln!(stdout)?;
    } else {
        stdout.write_all(words(report).as_bytes())?;
    }
    stdout.flush()
}

/// The whole report: what was built, and a table per lane with its sentence below.
fn words(report: &Report) -> String {
    let prepared = &report.prepared;
    let mut text = format!(
        "The guest prints {:?}, after the edit {:?}; both built in {}.\n",
        prepared.old_text,
        prepared.new_text,
        duration(prepared.build_micros)
    );
    let (first, second) = (&prepared.first, &prepared.second);
    if first.path == second.path {
        let how = if first.is_same_file(second) { "wrote the same file anew" } else { "put another file there" };
        let names = prepared.names.map_or_else(String::new, |names| format!(", which has {names} names"));
        text.push_str(&format!(
            "Cargo names the same path both times and {how}: inode {}, then {}{names}.\n",
            first.inode, second.inode
        ));
    }
    if report.thread_local {
        text.push_str("The guest has a thread-local with a destructor.\n");
    }
    for (index, lane) in report.lanes.iter().enumerate() {
        text.push_str(&format!("\n{}. {}\n", index + 1, lane.lane.words()));
        for line in table(lane) {
            text.push_str(&format!("   {line}\n"));
        }
        text.push_str(&wrapped(&lane.words, "   => ", "      "));
    }
    text
}

fn table(lane: &LaneReport) -> Vec<String> {
    let rows: Vec<(&str, String)> = lane.steps.iter().flat_map(rows).collect();
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    rows.into_iter().map(|(name, facts)| format!("{name:width$}  {facts}").trim_end().to_owned()).collect()
}

/// What a step is called, and what it found; a fact a row.
fn rows(step: &Step) -> Vec<(&'static str, String)> {
    match step {
        Step::Copied { from, to } => vec![("copied", format!("{} to {}", file(from), file(to)))],
        Step::Opened { library } => vec![("opened", opened(library, None))],
        Step::OpenedAgain { library, same_handle } => vec![("opened again", opened(library, *same_handle))],
        Step::Greeted { printed, address } => vec![("printed", said(printed, *address))],
        Step::GreetedAgain { printed, address } => vec![("printed", said(printed, *address))],
        Step::Replaced { before, after } => vec![("replaced", format!("{} by {}", file(before), file(after)))],
        Step::Overwritten { before, after } => vec![("overwrote", format!("{}, now {}", file(before), file(after)))],
        Step::Closed { mapped } => {
            let mut rows = vec![("closed", "the first handle".to_owned())];
            rows.extend(still_mapped(mapped));
            rows
        }
        Step::LookedAtMappings { mapped } => still_mapped(mapped),
        Step::Refused { doing, message } => vec![("refused", format!("{}: {message}", while_doing(*doing)))],
        Step::Died { doing, ending, printed } => {
            let mut rows = vec![("died", format!("{}: {ending}", while_doing(*doing)))];
            if !printed.is_empty() {
                rows.push(("printed", format!("{printed:?}")));
            }
            rows
        }
        Step::Silent { doing, waited } => {
            vec![("killed", format!("{}: no answer for {waited} ms", while_doing(*doing)))]
        }
    }
}

fn while_doing(step: StepKind) -> String {
    format!("while {}", step.doing())
}

fn name(path: &Path) -> std::path::Display<'_> {
    Path::new(path.file_name().unwrap_or(path.as_os_str())).display()
}

fn file(file: &FileFacts) -> String {
    format!("{} (inode {}, {})", name(&file.path), file.inode, bytes(file.bytes))
}

fn opened(library: &LibraryFacts, same_handle: Option<bool>) -> String {
    let mut text = file(&library.file);
    match (library.handle, same_handle) {
        (Some(handle), Some(true)) => text.push_str(&format!(", handle {handle:#x} as before")),
        (Some(handle), _) => text.push_str(&format!(", handle {handle:#x}")),
        (None, _) => {}
    }
    match &library.code {
        Some(code) => text.push_str(&format!(", code from inode {}{}", code.inode, deleted(code))),
        None => text.push_str(", where its code is mapped from cannot be read on this platform"),
    }
    text
}

fn said(printed: &str, address: u64) -> String {
    format!("{:?}, from {address:#x}", printed.trim_end())
}

fn deleted(file: &MappedFile) -> &'static str {
    if file.deleted { " (deleted)" } else { "" }
}

fn still_mapped(mapped: &Mapped) -> Vec<(&'static str, String)> {
    let Some(files) = mapped else {
        return vec![("mapped", "what is mapped cannot be read on this platform".to_owned())];
    };
    if files.is_empty() {
        return vec![("mapped", "nothing".to_owned())];
    }
    let row = |it: &MappedFile| {
        ("mapped", format!("{}{} (inode {}, {})", name(&it.path), deleted(it), it.inode, bytes(it.bytes)))
    };
    files.iter().map(row).collect()
}

/// The text in lines of at most 100 letters.
fn wrapped(text: &str, first: &str, next: &str) -> String {
    const WIDTH: usize = 100;
    let mut lines = Vec::new();
    let mut line = first.to_owned();
    let mut is_new = true;
    for word in text.split_whitespace() {
        if !is_new && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(std::mem::replace(&mut line, next.to_owned()));
            is_new = true;
        }
        if !is_new {
            line.push(' ');
        }
        line.push_str(word);
        is_new = false;
    }
    lines.push(line);
    lines.join("\n") + "\n"
}

#[cfg(test)]
#[path = "experiment_tests.rs"]
mod tests;
