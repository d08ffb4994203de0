//! What was measured, as a table for people and as JSON for programs.

use std::fmt::Write as _;
use std::process::Command;

use serde_json::{Value, json};

use crate::contest::Run;
use crate::dx;
use crate::guest::Guest;
use crate::hot_lib;
use crate::rebuild;
use crate::standing::Standing;

/// What it was measured on.
#[derive(Debug)]
pub(crate) struct Machine {
    cores: usize,
    processor: String,
    rustc: String,
    cargo: String,
    load: String,
    cargo_watch: Option<String>,
    dx: Option<String>,
}

impl Machine {
    /// This machine, now.
    pub(crate) fn here() -> Self {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let of = |program: &str| {
            let output = Command::new(program).arg("--version").output();
            output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
        };
        let processors = read("/proc/cpuinfo");
        let model = processors.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        Self {
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            processor: model.map_or_else(|| "unknown processor".to_owned(), |(_, model)| model.to_owned()),
            rustc: of("rustc"),
            cargo: of("cargo"),
            load: read("/proc/loadavg").split(' ').next().unwrap_or_default().to_owned(),
            cargo_watch: rebuild::cargo_watch(),
            dx: dx::found(),
        }
    }

    /// In words, a line.
    pub(crate) fn text(&self) -> String {
        let Self { cores, processor, rustc, cargo, load, .. } = self;
        format!("{cores} cores of {processor}, load {load} at the start; {rustc}; {cargo}\n")
    }

    pub(crate) fn json(&self) -> Value {
        let Self { cores, processor, rustc, cargo, load, cargo_watch, dx } = self;
        json!({
            "cores": cores, "processor": processor, "rustc": rustc, "cargo": cargo, "load_at_start": load,
            "cargo_watch": cargo_watch, "dx": dx,
        })
    }
}

/// How this program, and so the engine in it, was compiled.
pub(crate) fn compiled() -> &'static str {
    if cfg!(debug_assertions) { "dev profile" } else { "optimised" }
}

/// All edits by one contestant.
#[derive(Debug)]
pub(crate) struct Column {
    /// The contestant.
    pub name: &'static str,
    runs: Vec<Run>,
}

/// All that was measured of one guest, interleaved.
#[derive(Debug)]
pub(crate) struct Figures {
    /// The guest's name.
    pub name: &'static str,
    /// Its lines.
    pub lines: usize,
    /// The contestants; what the others are compared with is [`BASE`].
    columns: Vec<Column>,
}

/// The contestant that the others are compared with.
pub(crate) const BASE: &str = "bare rustc replay";

/// All that was measured.
#[derive(Debug)]
pub(crate) struct Report {
    /// On what.
    pub machine: Machine,
    /// Edits before those that were measured.
    pub warm_ups: u64,
    /// By guest.
    pub guests: Vec<Figures>,
    /// Rolling back, and recovering.
    pub standing: Option<Standing>,
}

impl Column {
    /// The totals, in milliseconds.
    fn totals(&self) -> Vec<f64> {
        self.runs.iter().map(|run| ms(run.total)).collect()
    }

    /// The median of the totals, in milliseconds.
    pub(crate) fn median(&self) -> f64 {
        median(&self.totals())
    }
}

/// Names of the parts and their medians, in milliseconds: over the runs of which a part is known.
pub(crate) fn parts(runs: &[Run]) -> Vec<(&'static str, f64)> {
    let mut names: Vec<&'static str> = Vec::new();
    for (name, _) in runs.iter().flat_map(|run| &run.parts) {
        if !names.contains(name) {
            names.push(name);
        }
    }
    let known = |name: &str| -> Vec<f64> {
        let parts = runs.iter().flat_map(|run| &run.parts);
        parts.filter(|(part, _)| *part == name).map(|(_, micros)| ms(*micros)).collect()
    };
    names.into_iter().map(|name| (name, median(&known(name)))).collect()
}

/// An edit, unrounded.
pub(crate) fn run_json(run: &Run) -> Value {
    let parts = run.parts.iter().map(|(name, micros)| ((*name).to_owned(), json!(micros)));
    json!({ "total": run.total, "parts": Value::Object(parts.collect()), "is_rebuild": run.is_rebuild })
}

impl Figures {
    /// Nothing yet.
    pub(crate) fn new(guest: &Guest, names: impl Iterator<Item = &'static str>) -> Self {
        let columns = names.map(|name| Column { name, runs: Vec::new() }).collect();
        Self { name: guest.name, lines: guest.lines(), columns }
    }

    /// An edit by a contestant.
    pub(crate) fn push(&mut self, contestant: usize, run: Run) {
        self.columns[contestant].runs.push(run);
    }

    /// The contestants that have finished an edit that counts.
    pub(crate) fn measured(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|column| !column.runs.is_empty())
    }

    fn json(&self) -> Value {
        let column = |column: &Column| json!({ "name": column.name, "runs": column.runs.iter().map(run_json).collect::<Vec<_>>() });
        json!({
            "guest": self.name, "lines": self.lines, "unit": "microseconds",
            "contestants": self.columns.iter().map(column).collect::<Vec<_>>(),
        })
    }
}

impl Report {
    /// The tables.
    pub(crate) fn text(&self) -> String {
        let mut text = format!(
            "\nsave_to_running: from just before the write to the first answer of the new code, in ms\n{}\
             engine: {}; guests: dev profile; {} warm-ups; all contestants in turn, edit by edit\n",
            self.machine.text(),
            compiled(),
            self.warm_ups
        );
        for guest in &self.guests {
            let base = guest.columns.iter().find(|column| column.name == BASE).map_or(f64::NAN, Column::median);
            let _ = writeln!(
                text,
                "\n{:<34}{:>10}{:>10}{:>5}{:>24}",
                format!("{}, {} lines", guest.name, guest.lines),
                "median",
                "p95",
                "n",
                "ratio to bare rustc"
            );
            for column in guest.measured() {
                let totals = column.totals();
                let _ = writeln!(
                    text,
                    "  {:<32}{:>10.1}{:>10.1}{:>5}{:>24.3}",
                    column.name,
                    median(&totals),
                    percentile(&totals, 95),
                    totals.len(),
                    median(&totals) / base
                );
            }
            for column in guest.measured() {
                let of = |(name, median): &(&'static str, f64)| format!("{name} {median:.2}");
                let parts: Vec<String> = parts(&column.runs).iter().map(of).collect();
                if !parts.is_empty() {
                    let _ = writeln!(text, "    {}: {}", column.name, parts.join(", "));
                }
                let rebuilds = column.runs.iter().filter(|run| run.is_rebuild).count();
                if rebuilds > 0 {
                    let _ =
                        writeln!(text, "    {}: {rebuilds} of {} are full rebuilds", column.name, column.runs.len());
                }
            }
        }
        let has = |row: &str| self.guests.iter().any(|guest| guest.measured().any(|column| column.name == row));
        if has(hot_lib::DEFAULTS) {
            let by = self.machine.cargo_watch.as_deref().unwrap_or("a loop of this benchmark, for want of cargo-watch");
            let _ = writeln!(text, "\n{}: rebuilt by {by}", hot_lib::DEFAULTS);
        }
        if let (true, Some(dx)) = (has(dx::ROW), &self.machine.dx) {
            let _ = writeln!(text, "\n{}: by {dx}", dx::ROW);
        }
        if let Some(standing) = &self.standing {
            text.push_str(&standing.text());
        }
        text
    }

    /// All figures, unrounded.
    pub(crate) fn json(&self) -> Value {
        json!({
            "machine": self.machine.json(),
            "engine": compiled(),
            "warm_ups": self.warm_ups,
            "guests": self.guests.iter().map(Figures::json).collect::<Vec<_>>(),
            "standing": self.standing.as_ref().map(Standing::json),
        })
    }
}

/// Microseconds as milliseconds.
pub(crate) fn ms(micros: u64) -> f64 {
    micros as f64 / 1_000.0
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// The median; of an even number the mean of the middle two.
pub(crate) fn median(values: &[f64]) -> f64 {
    let sorted = sorted(values);
    match (sorted.len() / 2, sorted.len() % 2) {
        (0, 0) => f64::NAN,
        (middle, 0) => (sorted[middle - 1] + sorted[middle]) / 2.0,
        (middle, _) => sorted[middle],
    }
}

/// The smallest value that so many percent of all do not exceed.
pub(crate) fn percentile(values: &[f64], percent: usize) -> f64 {
    let rank = (values.len() * percent).div_ceil(100);
    sorted(values).get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}
