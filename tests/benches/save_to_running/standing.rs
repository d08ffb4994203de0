//! What a kept version costs to go back to, and how soon a runner that was killed answers again.

use std::path::Path;
use std::time::Instant;

use exuvia_runtime::ids::VersionNumber;
use exuvia_runtime::session::{Command, Event};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::contest::{Contestant, micros};
use crate::exuvia::{By, Exuvia};
use crate::figures::{median, ms, percentile};
use crate::guest::{self, Shape};

/// The figures.
#[derive(Debug)]
pub(crate) struct Standing {
    /// With so many kept versions: from the command to the new answer, in microseconds.
    rollbacks: Vec<(u64, Vec<u64>)>,
    /// From the kill to the answer of the last good version, in microseconds.
    recoveries: Vec<u64>,
}

/// Measures with these numbers of versions, going back so many times with each, and so many kills.
pub(crate) fn measure(folder: &Path, versions: &[u64], rollbacks: u64, kills: u64) -> Result<Standing, String> {
    let first = crate::FIRST;
    let place = guest::small().write(folder, "standing", Shape::Guest, first)?;
    let mut exuvia = Exuvia::open(place, first, By::Replay, usize::MAX)?;
    let mut standing = Standing { rollbacks: Vec::new(), recoveries: Vec::new() };
    let mut newest = 1;
    for versions in versions {
        while newest < *versions {
            newest += 1;
            exuvia.edit(first + newest)?;
            exuvia.settle()?;
        }
        let mut times = Vec::new();
        for turn in 0..rollbacks {
            // Each of them in turn, oldest first, never the one that runs.
            let version = turn % (newest - 1) + 1;
            let number = if version == 1 { first } else { first + version };
            let began = Instant::now();
            exuvia.send(Command::Activate { version: VersionNumber(version as u32) });
            let (_, at) = exuvia.until(|event| exuvia.is_answer(event, number))?;
            times.push(micros(at.duration_since(began)));
            exuvia.settle()?;
        }
        standing.rollbacks.push((newest, times));
    }
    for _ in 0..kills {
        // A new version each time: one that faults again and again would be left.
        newest += 1;
        let number = first + newest;
        exuvia.edit(number)?;
        exuvia.settle()?;
        exuvia.send(Command::ReadMemory);
        let (memory, _) = exuvia.until(|event| matches!(event, Event::Memory { .. }))?;
        let Event::Memory { runner, .. } = memory else { return Err("no process".to_owned()) };
        let pid = i32::try_from(runner.pid).ok().and_then(Pid::from_raw).ok_or("no process id")?;
        let began = Instant::now();
        kill_process(pid, Signal::KILL).map_err(|error| error.to_string())?;
        let at = exuvia.recovered(number)?;
        standing.recoveries.push(micros(at.duration_since(began)));
        exuvia.settle()?;
    }
    Box::new(exuvia).end();
    Ok(standing)
}

impl Standing {
    /// The tables.
    pub(crate) fn text(&self) -> String {
        let mut text = "\nback to a kept version, ms         versions    median       p99    n\n".to_owned();
        let of = |times: &[u64]| times.iter().map(|micros| ms(*micros)).collect::<Vec<f64>>();
        for (versions, times) in &self.rollbacks {
            let times = of(times);
            let (median, p99) = (median(&times), percentile(&times, 99));
            text.push_str(&format!("{versions:>43}{median:>10.1}{p99:>10.1}{:>5}\n", times.len()));
        }
        let times = of(&self.recoveries);
        let (median, slowest) = (median(&times), percentile(&times, 100));
        text.push_str(&format!(
            "runner killed -> last good answers, ms: median {median:.1}, slowest {slowest:.1}, n {}\n",
            times.len()
        ));
        text
    }

    /// All figures.
    pub(crate) fn json(&self) -> Value {
        let rollbacks = self.rollbacks.iter().map(|(versions, times)| json!({ "versions": versions, "times": times }));
        json!({ "rollbacks": rollbacks.collect::<Vec<_>>(), "recoveries": self.recoveries, "unit": "microseconds" })
    }
}
