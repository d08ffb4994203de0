//! Writes events to stdout, as JSON or as words, each at once.

use std::io::{self, Write};

use exuvia_runtime::ids::Timestamp;
use exuvia_runtime::session::Event;
use serde_json::json;

use super::guest_lines::GuestLines;
use super::{stdin, table, text};
use crate::model::{Advice, Model, Row};

/// How events are written.
#[derive(Debug)]
pub(super) enum Format {
    /// One JSON object per line.
    Json,
    /// Words for people.
    Words {
        /// With ANSI colours.
        colors: bool,
    },
}

/// Writes to one stream.
#[derive(Debug)]
pub(super) struct Printer<W> {
    to: W,
    format: Format,
    guest: GuestLines,
}

impl<W: Write> Printer<W> {
    pub(super) fn new(to: W, format: Format) -> Self {
        Self { to, format, guest: GuestLines::default() }
    }

    pub(super) fn event(&mut self, event: &Event) -> io::Result<()> {
        let Format::Words { colors } = self.format else { return self.line(&as_json(event)) };
        match event {
            Event::Output { version, stream, text } => {
                let lines = self.guest.take(*version, *stream, text, colors);
                self.lines(&lines)
            }
            // It goes to stderr, as every error.
            Event::OpenFailed { .. } => Ok(()),
            // Nothing more will come of it.
            Event::Fault { .. } | Event::Retired { .. } | Event::Ended if self.is_unfinished() => {
                self.finish()?;
                self.event(event)
            }
            _ => text::describe(event, colors).map_or(Ok(()), |line| self.line(&line)),
        }
    }

    /// What would make reloads quicker; for people only, since each event says what it is made from.
    pub(super) fn advice(&mut self, advice: Advice) -> io::Result<()> {
        match self.format {
            Format::Json => Ok(()),
            Format::Words { colors } => self.line(&text::advice(advice, colors)),
        }
    }

    /// Whether the guest has begun a line that is not shown yet.
    pub(super) fn is_unfinished(&self) -> bool {
        self.guest.is_unfinished()
    }

    /// Shows what the guest has begun.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        let Format::Words { colors } = self.format else { return Ok(()) };
        let lines = self.guest.rest(colors);
        self.lines(&lines)
    }

    pub(super) fn history(&mut self, model: &Model, now: Timestamp) -> io::Result<()> {
        match self.format {
            Format::Json => self.line(&history_as_json(model)),
            Format::Words { .. } => {
                let rows = oldest_first(model);
                if rows.is_empty() {
                    return self.line(
                        "no versions yet: `exuvia` and `exuvia watch` make one from each saved change that builds",
                    );
                }
                self.lines(&table::lines(&rows, model.active, now))
            }
        }
    }

    /// The commands that are understood on stdin.
    pub(super) fn help(&mut self) -> io::Result<()> {
        match self.format {
            Format::Json => self.event(&Event::Notice { message: stdin::help() }),
            Format::Words { .. } => self.line(&stdin::help()),
        }
    }

    /// Whether words are written.
    pub(super) fn is_for_people(&self) -> bool {
        matches!(self.format, Format::Words { .. })
    }

    fn lines(&mut self, lines: &[String]) -> io::Result<()> {
        lines.iter().try_for_each(|line| self.line(line))
    }

    /// In one write, so that lines of several writers do not mix.
    fn line(&mut self, line: &str) -> io::Result<()> {
        self.to.write_all(format!("{line}\n").as_bytes())?;
        self.to.flush()
    }
}

fn oldest_first(model: &Model) -> Vec<Row<'_>> {
    let mut rows = model.history.rows();
    rows.reverse();
    rows
}

fn as_json(event: &Event) -> String {
    serde_json::to_string(event).unwrap_or_else(|error| {
        // A path that is no UTF-8 cannot be said in JSON; that ends nothing.
        json!({"event": "notice", "message": format!("an event cannot be written as JSON: {error}")}).to_string()
    })
}

fn history_as_json(model: &Model) -> String {
    let (mut versions, mut failures) = (Vec::new(), Vec::new());
    for row in oldest_first(model) {
        match row {
            Row::Version(row) => versions.push(row),
            Row::Failure(record) => failures.push(record),
        }
    }
    json!({"event": "list", "active": model.active, "versions": versions, "failures": failures}).to_string()
}
