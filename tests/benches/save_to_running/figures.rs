//! What was measured, as a table for people and as JSON for programs.

use std::fmt::Write as _;
use std::process::Command;

use serde_json::{Value, json};

use crate::exuvia::ExuviaRun;
use crate::floor::FloorRun;
use crate::guest::Guest;

/// What it was measured on.
#[derive(Debug)]
pub(crate) struct Machine {
    cores: usize,
    processor: String,
    rustc: String,
    cargo: String,
    load: String,
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
        }
    }
}

/// How this program, and so the engine in it, was compiled.
fn compiled() -> &'static str {
    if cfg!(debug_assertions) { "dev profile" } else { "optimised" }
}

/// All that was measured of one guest, in pairs.
#[derive(Debug)]
pub(crate) struct Figures {
    name: &'static str,
    lines: usize,
    exuvia: Vec<ExuviaRun>,
    floor: Vec<FloorRun>,
}

/// All that was measured.
#[derive(Debug)]
pub(crate) struct Report {
    /// On what.
    pub machine: Machine,
    /// Measured edits of each guest.
    pub runs: u64,
    /// Edits before these.
    pub warm_ups: u64,
    /// By guest.
    pub guests: Vec<Figures>,
}

impl Figures {
    /// Nothing yet.
    pub(crate) fn new(guest: &Guest) -> Self {
        Self { name: guest.name, lines: guest.lines(), exuvia: Vec::new(), floor: Vec::new() }
    }

    /// One pair of edits.
    pub(crate) fn push(&mut self, exuvia: ExuviaRun, floor: FloorRun) {
        self.exuvia.push(exuvia);
        self.floor.push(floor);
    }

    fn of_exuvia(&self, value: impl Fn(&ExuviaRun) -> u64) -> Vec<f64> {
        self.exuvia.iter().map(|run| ms(value(run))).collect()
    }

    fn of_floor(&self, value: impl Fn(&FloorRun) -> u64) -> Vec<f64> {
        self.floor.iter().map(|run| ms(value(run))).collect()
    }

    fn of_pairs(&self, difference: impl Fn(&ExuviaRun, &FloorRun) -> (u64, u64)) -> Vec<f64> {
        let pairs = self.exuvia.iter().zip(&self.floor);
        pairs.map(|(exuvia, floor)| difference(exuvia, floor)).map(|(more, less)| ms(more) - ms(less)).collect()
    }

    /// Rows of the stage table: name and median in milliseconds.
    fn stage_medians(&self) -> Vec<(&'static str, f64)> {
        let stage = |index: usize| self.of_exuvia(|run| run.stages.stages()[index].1.unwrap_or(0));
        let names = self.exuvia.first().map(|run| run.stages.stages().map(|(name, _)| name));
        let stages = names.into_iter().flatten().enumerate().map(|(index, name)| (name, median(&stage(index))));
        stages.chain([("rest", median(&self.of_exuvia(ExuviaRun::rest)))]).collect()
    }

    /// Rows of the table of moments, which count from just before the write.
    fn moment_medians(&self) -> [(&'static str, f64); 5] {
        [
            ("file written", median(&self.of_exuvia(|run| run.written))),
            ("build started", median(&self.of_exuvia(|run| run.build_started))),
            ("new answer", median(&self.of_exuvia(|run| run.total))),
            ("activated", median(&self.of_exuvia(|run| run.activated))),
            ("in the history", median(&self.of_exuvia(|run| run.recorded))),
        ]
    }

    /// Rows of the table that compares with the floor.
    fn floor_medians(&self) -> [(&'static str, f64); 3] {
        [
            ("cargo", median(&self.of_floor(|run| run.cargo))),
            ("copy, open, call", median(&self.of_floor(|run| run.load))),
            (
                "Exuvia's build - cargo, in pairs",
                median(&self.of_pairs(|exuvia, floor| (exuvia.stages.build.unwrap_or(0), floor.cargo))),
            ),
        ]
    }

    fn json(&self) -> Value {
        let exuvia = self.exuvia.iter().map(|run| {
            json!({
                "total": run.total, "overhead": run.overhead(), "rest": run.rest(), "stages": run.stages,
                "written": run.written, "build_started": run.build_started, "activated": run.activated,
                "recorded": run.recorded,
            })
        });
        let floor = self.floor.iter().map(|run| json!({ "total": run.total, "cargo": run.cargo, "load": run.load }));
        json!({
            "guest": self.name, "lines": self.lines, "unit": "microseconds",
            "exuvia": exuvia.collect::<Vec<_>>(), "floor": floor.collect::<Vec<_>>(),
        })
    }
}

impl Report {
    /// The tables.
    pub(crate) fn text(&self) -> String {
        let Machine { cores, processor, rustc, cargo, load } = &self.machine;
        let mut text = format!(
            "\nsave_to_running: from just before the write to the first answer of the new code, in ms\n\
             {cores} cores of {processor}, load {load} at the start; {rustc}; {cargo}\n\
             engine: {}; guests: dev profile; {} runs after {} warm-ups, Exuvia and floor in turn\n\n",
            compiled(),
            self.runs,
            self.warm_ups
        );
        let _ = writeln!(
            text,
            "{:<22}{:>4}{:>18}{:>18}{:>9}{:>16}{:>16}\n{:<22}{:>4}{:>18}{:>18}{:>9}{:>16}{:>16}",
            "",
            "",
            "Exuvia",
            "floor",
            "ratio of",
            "overhead",
            "Exuvia - floor",
            "guest",
            "n",
            "median    p95",
            "median    p95",
            "medians",
            "without cargo",
            "in pairs"
        );
        for guest in &self.guests {
            let (exuvia, floor) = (guest.of_exuvia(|run| run.total), guest.of_floor(|run| run.total));
            let _ = writeln!(
                text,
                "{:<22}{:>4}{:>18}{:>18}{:>9.3}{:>16.1}{:>16.1}",
                format!("{}, {} lines", guest.name, guest.lines),
                exuvia.len(),
                format!("{:.1} {:>6.1}", median(&exuvia), p95(&exuvia)),
                format!("{:.1} {:>6.1}", median(&floor), p95(&floor)),
                median(&exuvia) / median(&floor),
                median(&guest.of_exuvia(ExuviaRun::overhead)),
                median(&guest.of_pairs(|exuvia, floor| (exuvia.total, floor.total))),
            );
        }
        self.rows(&mut text, "Exuvia's stages", Figures::stage_medians);
        self.rows(&mut text, "since the write", |guest| guest.moment_medians().to_vec());
        self.rows(&mut text, "the floor", |guest| guest.floor_medians().to_vec());
        text
    }

    /// A table with a column for each guest.
    fn rows(&self, text: &mut String, title: &str, rows: impl Fn(&Figures) -> Vec<(&'static str, f64)>) {
        let columns: Vec<Vec<(&'static str, f64)>> = self.guests.iter().map(rows).collect();
        let names: String = self.guests.iter().map(|guest| format!("{:>10}", guest.name)).collect();
        let _ = writeln!(text, "\n{:<34}{names}", format!("{title}, medians"));
        for (index, (name, _)) in columns.first().into_iter().flatten().enumerate() {
            let medians: String = columns.iter().map(|column| format!("{:>10.2}", column[index].1)).collect();
            let _ = writeln!(text, "  {name:<32}{medians}");
        }
    }

    /// All figures, unrounded.
    pub(crate) fn json(&self) -> Value {
        json!({
            "machine": {
                "cores": self.machine.cores, "processor": self.machine.processor, "rustc": self.machine.rustc,
                "cargo": self.machine.cargo, "load_at_start": self.machine.load,
            },
            "engine": compiled(),
            "runs": self.runs, "warm_ups": self.warm_ups,
            "guests": self.guests.iter().map(Figures::json).collect::<Vec<_>>(),
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
fn median(values: &[f64]) -> f64 {
    let sorted = sorted(values);
    match (sorted.len() / 2, sorted.len() % 2) {
        (0, 0) => f64::NAN,
        (middle, 0) => (sorted[middle - 1] + sorted[middle]) / 2.0,
        (middle, _) => sorted[middle],
    }
}

/// The smallest value that 95 % of all do not exceed.
fn p95(values: &[f64]) -> f64 {
    let rank = (values.len() * 95).div_ceil(100);
    sorted(values).get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}
