//! What must cost nothing: Exuvia's overhead, which is the time from a save to the new answer less rustc's own
//! run, with few versions and with many, with few files near the crate and with many, on few packages and on many.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::FIRST;
use crate::contest::{Contestant, Run};
use crate::exuvia::{By, Exuvia};
use crate::figures::{self, Machine, median, ms, percentile};
use crate::guest::{self, Place, Shape};
use crate::options::Growth;

/// All that was measured.
#[derive(Debug)]
pub(crate) struct Grown {
    machine: Machine,
    warm_ups: u64,
    cases: Vec<Measured>,
}

/// One size of one thing.
#[derive(Debug)]
struct Measured {
    what: &'static str,
    count: u64,
    runs: Vec<Run>,
}

/// A session on a guest with so much of something.
#[derive(Debug)]
struct Case {
    what: &'static str,
    count: u64,
    exuvia: Exuvia,
    number: u64,
}

const VERSIONS: &str = "kept versions";
const FILES: &str = "files near the crate";
const PACKAGES: &str = "path packages";

impl Case {
    /// Writes the guest, whose target folder this is to be, and starts a session on it.
    fn open(what: &'static str, count: u64, place: Place, target: &Path, versions: u64) -> Result<Self, String> {
        eprintln!("{count} {what}");
        let folder = place.root.join(".cargo");
        let config = format!("[build]\ntarget-dir = {target:?}\n");
        let written =
            std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(folder.join("config.toml"), config));
        written.map_err(|error| format!("{}: {error}", folder.display()))?;
        let versions = usize::try_from(versions).map_err(|error| error.to_string())?;
        Ok(Self { what, count, exuvia: Exuvia::open(place, FIRST, By::Replay, versions)?, number: FIRST })
    }

    fn edit(&mut self) -> Result<Run, String> {
        self.number += 1;
        let run = self.exuvia.edit(self.number)?;
        self.exuvia.settle()?;
        Ok(run)
    }
}

/// Sessions with everything in all sizes, all at once: whatever else the machine does concerns all of them.
fn cases(folder: &Path, growth: &Growth) -> Result<Vec<Case>, String> {
    let mut cases = Vec::new();
    let target = folder.join("target");
    for versions in &growth.versions {
        let place = guest::small().write(folder, &format!("versions_{versions}"), Shape::Guest, FIRST)?;
        let mut case = Case::open(VERSIONS, *versions, place, &target, *versions)?;
        for version in 2..=*versions {
            case.edit()?;
            if version % 100 == 0 {
                eprintln!("  {version}");
            }
        }
        cases.push(case);
    }
    for files in &growth.files {
        // With a target folder of its own, so that only its own files are beside it.
        let home = folder.join(format!("files_{files}"));
        let place = guest::small().write(&home, "files", Shape::Guest, FIRST)?;
        scatter(&place.root.join("data"), files / 2)?;
        scatter(&home.join("beside"), files - files / 2)?;
        cases.push(Case::open(FILES, *files, place, &home.join("target"), KEPT)?);
    }
    for packages in &growth.packages {
        let guest = guest::small_on(usize::try_from(*packages).map_err(|error| error.to_string())?);
        let place = guest.write(folder, &format!("packages_{packages}"), Shape::Guest, FIRST)?;
        cases.push(Case::open(PACKAGES, *packages, place, &target, KEPT)?);
    }
    Ok(cases)
}

/// How many versions are kept where that is not what is measured.
const KEPT: u64 = 50;

/// Files in a folder.
const FILES_PER_FOLDER: u64 = 1_000;

/// Writes so many files below a folder.
fn scatter(folder: &Path, files: u64) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    for file in 0..files {
        let below = folder.join((file / FILES_PER_FOLDER).to_string());
        if file % FILES_PER_FOLDER == 0 {
            std::fs::create_dir_all(&below).map_err(failed)?;
        }
        std::fs::write(below.join(format!("file_{file}.txt")), "nothing of the guest's\n").map_err(failed)?;
    }
    Ok(())
}

/// Measures so many edits of each.
pub(crate) fn measure(folder: &Path, growth: &Growth, warm_ups: u64, runs: u64) -> Result<Grown, String> {
    let machine = Machine::here();
    let mut cases = cases(folder, growth)?;
    let mut all: Vec<Vec<Run>> = cases.iter().map(|_| Vec::new()).collect();
    for run in 1..=warm_ups + runs {
        // There and back: who comes after whom is nobody's advantage.
        let count = cases.len();
        let mut line = String::new();
        for index in (0..count).map(|index| if run % 2 == 0 { count - 1 - index } else { index }) {
            let by = cases[index].edit()?;
            // Writing to a string cannot fail.
            let _ = write!(line, "  {:.1}", overhead(&by));
            if run > warm_ups {
                all[index].push(by);
            }
        }
        eprintln!("edit {run}{}:{line}", if run > warm_ups { "" } else { " (warm-up)" });
    }
    let measured = |(case, runs): (Case, Vec<Run>)| {
        Box::new(case.exuvia).end();
        Measured { what: case.what, count: case.count, runs }
    };
    Ok(Grown { machine, warm_ups, cases: cases.into_iter().zip(all).map(measured).collect() })
}

/// In milliseconds: the total less the compiler's run.
fn overhead(run: &Run) -> f64 {
    let build = run.parts.iter().find(|(name, _)| *name == "build").map_or(0, |(_, micros)| *micros);
    ms(run.total.saturating_sub(build))
}

impl Measured {
    fn overheads(&self) -> Vec<f64> {
        self.runs.iter().map(overhead).collect()
    }
}

impl Grown {
    /// The table.
    pub(crate) fn text(&self) -> String {
        let mut text = format!(
            "\nwhat must not grow: Exuvia's overhead, the time from just before the write to the first answer of the new \
             code\nless rustc's own run, in ms; small guest, by replay\n{}engine: {}; {} warm-ups; all in turn, edit by edit\n",
            self.machine.text(),
            figures::compiled(),
            self.warm_ups
        );
        let mut first: Option<(&'static str, f64)> = None;
        for case in &self.cases {
            let (overheads, totals) = (case.overheads(), case.runs.iter().map(|run| ms(run.total)).collect::<Vec<_>>());
            let middle = median(&overheads);
            // Writing to a string cannot fail.
            let _ = match first {
                Some((what, _)) if what == case.what => Ok(()),
                _ => {
                    first = Some((case.what, middle));
                    writeln!(
                        text,
                        "\n{:<24}{:>10}{:>10}{:>10}{:>12}{:>5}",
                        case.what, "median", "p95", "more", "with rustc", "n"
                    )
                }
            };
            let more = first.map_or(0.0, |(_, first)| middle - first);
            let _ = writeln!(
                text,
                "{:>24}{middle:>10.2}{:>10.2}{more:>+10.2}{:>12.1}{:>5}",
                case.count,
                percentile(&overheads, 95),
                median(&totals),
                case.runs.len()
            );
        }
        text.push('\n');
        for case in &self.cases {
            let parts: Vec<String> =
                figures::parts(&case.runs).iter().map(|(name, median)| format!("{name} {median:.2}")).collect();
            let _ = writeln!(text, "    {} {}: {}", case.count, case.what, parts.join(", "));
        }
        text
    }

    /// All figures, unrounded.
    pub(crate) fn json(&self) -> Value {
        let case = |case: &Measured| {
            json!({
                "what": case.what, "count": case.count, "unit": "microseconds",
                "runs": case.runs.iter().map(figures::run_json).collect::<Vec<_>>(),
            })
        };
        json!({
            "machine": self.machine.json(),
            "engine": figures::compiled(),
            "warm_ups": self.warm_ups,
            "growth": self.cases.iter().map(case).collect::<Vec<_>>(),
        })
    }
}
