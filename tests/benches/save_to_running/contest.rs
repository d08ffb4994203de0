//! The ways from a save to the new answer, and how they take turns.

use std::path::Path;
use std::time::Duration;

use crate::FIRST;
use crate::bare::Bare;
use crate::dx::{self, Dx};
use crate::exuvia::{By, Exuvia};
use crate::figures::{self, Figures};
use crate::guest::{Guest, Shape};
use crate::hot_lib::{self, HotLib};
use crate::options::Options;

/// An edit's times, in microseconds.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    /// From just before the write to the new code's answer.
    pub total: u64,
    /// Parts of it, by name.
    pub parts: Vec<(&'static str, u64)>,
    /// Whether a contestant that patches what runs has built everything anew and started it again instead.
    pub is_rebuild: bool,
}

/// A way from a save to the new answer, on a guest of its own.
pub(crate) trait Contestant {
    /// Its name, in the table.
    fn name(&self) -> &'static str;

    /// Whether it is of this repository. What is not is left out where it cannot be measured, or fails.
    fn is_ours(&self) -> bool {
        true
    }

    /// Saves the number and waits for it as an answer.
    fn edit(&mut self, number: u64) -> Result<Run, String>;

    /// What it still does because of its last edit is waited for.
    fn settle(&mut self) -> Result<(), String> {
        Ok(())
    }

    /// Its processes end.
    fn end(self: Box<Self>) {}
}

pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// A contestant before its first build.
type Entry<'a> = (&'static str, Box<dyn FnOnce() -> Result<Box<dyn Contestant>, String> + 'a>);

/// Who can take part with a guest: its row, and how its twin is written and built for the first time. Twins share a
/// target folder, and so their dependencies.
fn entries<'a>(guest: &'a Guest, folder: &'a Path, target: &'a Path) -> Vec<Entry<'a>> {
    let twin = move |ending: &str, shape: Shape<'_>| guest.write(folder, ending, shape, FIRST);
    let exuvia = move |by: By, ending: &'static str, shape: Shape<'static>| -> Entry<'a> {
        let open = move || Exuvia::open(twin(ending, shape)?, FIRST, by, usize::MAX);
        (by.name(), Box::new(move || Ok(Box::new(open()?))))
    };
    let hot_lib = move |name: &'static str, is_tuned: bool| -> Entry<'a> {
        (name, Box::new(move || Ok(Box::new(HotLib::open(guest, folder, is_tuned, FIRST)?))))
    };
    let mut entries = vec![exuvia(By::Replay, "replay", Shape::Guest)];
    // Where a base library can be had.
    if cfg!(all(target_os = "linux", target_env = "gnu")) {
        entries.push(exuvia(By::Base, "base", Shape::OnBase));
    }
    entries.push(exuvia(By::Cargo, "cargo", Shape::Guest));
    entries.push((figures::BASE, Box::new(move || Ok(Box::new(Bare::rustc(twin("rustc", Shape::Guest)?, target)?)))));
    entries
        .push(("bare cargo build", Box::new(move || Ok(Box::new(Bare::cargo(twin("bare", Shape::Guest)?, target)?)))));
    // The split guest is there for what is next to rustc's own time.
    if !guest.is_split() {
        entries.push((
            "cargo build, restart",
            Box::new(move || Ok(Box::new(Bare::restart(twin("restart", Shape::Program)?, target)?))),
        ));
        entries.push(hot_lib(hot_lib::DEFAULTS, false));
        entries.push(hot_lib(hot_lib::TUNED, true));
    }
    entries.push((dx::ROW, Box::new(move || Ok(Box::new(Dx::open(guest, folder, FIRST)?)))));
    entries
}

/// Writes and builds those that take part. Others' tools that cannot be had are told and left out.
fn contestants(guest: &Guest, folder: &Path, options: &Options) -> Result<Vec<Box<dyn Contestant>>, String> {
    let target = folder.join("target").join("exuvia");
    let mut contestants = Vec::new();
    for (name, make) in entries(guest, folder, &target) {
        if options.wants(name) {
            match make() {
                Ok(contestant) => contestants.push(contestant),
                Err(why) if name == dx::ROW || hot_lib::ROWS.contains(&name) => {
                    eprintln!("{}: {name} is left out: {why}", guest.name);
                }
                Err(why) => return Err(why),
            }
        }
    }
    Ok(contestants)
}

/// Measures so many edits of a guest by each.
pub(crate) fn measure(guest: &Guest, folder: &Path, options: &Options, runs: u64) -> Result<Figures, String> {
    eprintln!("{}: first builds", guest.name);
    let contestants = contestants(guest, folder, options)?;
    let mut figures = Figures::new(guest, contestants.iter().map(|contestant| contestant.name()));
    let mut contestants: Vec<Option<Box<dyn Contestant>>> = contestants.into_iter().map(Some).collect();
    for run in 1..=options.warm_ups + runs {
        let mut totals = vec![None; contestants.len()];
        // There and back: who comes after whom is nobody's advantage.
        let count = contestants.len();
        let order = (0..count).map(|index| if run % 2 == 0 { count - 1 - index } else { index });
        for index in order {
            let Some(contestant) = &mut contestants[index] else { continue };
            // What it still has to do belongs to its own edit.
            let by = contestant.edit(FIRST + run).and_then(|by| contestant.settle().map(|()| by));
            match by {
                Ok(by) => {
                    totals[index] = Some(by.total);
                    if run > options.warm_ups {
                        figures.push(index, by);
                    }
                }
                Err(why) if !contestant.is_ours() => {
                    eprintln!("{}: {} is left out from edit {run} on: {why}", guest.name, contestant.name());
                    contestants[index] = None;
                }
                Err(why) => return Err(why),
            }
        }
        let shown =
            |total: &Option<u64>| total.map_or("  -".to_owned(), |total| format!("  {:.1}", figures::ms(total)));
        let line: String = totals.iter().map(shown).collect();
        let word = if run > options.warm_ups { "" } else { " (warm-up)" };
        eprintln!("{}: edit {run}{word}:{line}", guest.name);
    }
    for contestant in contestants.into_iter().flatten() {
        contestant.end();
    }
    Ok(figures)
}
