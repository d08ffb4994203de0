//! From the write of a source file to the first answer of the new code.
//!
//! ```text
//! cargo bench -p exuvia-tests --bench save_to_running -- [--runs N] [--warm-ups N] [--guests small,medium,large]
//!                                                        [--only NAME,…] [--json FILE] [--svg FILE]
//! cargo bench --profile dev -p exuvia-tests --bench save_to_running      (as `cargo run` builds Exuvia)
//! ```
//!
//! Three guests are generated in a temporary folder: one of some 30 lines, one of some 2,000 with
//! serde, one of some 10,000 with egui linked in. One edit changes the number that one function
//! returns, and is saved the way editors do it: a file beside, renamed over. Each edit is made once for
//! each contestant, in turn, there and back, each on a twin of the guest, so that whatever else the machine is doing
//! concerns all of them:
//!
//! - Exuvia, with replays and by cargo alone: a real session, native watching, real runner, until the
//!   pinned call's new answer is received;
//! - bare rustc, by the command that cargo shows, then `dlopen` and a call: what all are compared with;
//! - bare `cargo build`, a copy, `dlopen`, a call;
//! - `cargo build` of the same code as a program, which is started and writes its answer.
//!
//! `rest` is Exuvia's total less all stages: the system's notice of the write, and the hand-over from
//! thread to thread; the stage probation ends a little after the answer, so that rest is a little too
//! small. P95 is by nearest rank: below 20 runs, the slowest.
//!
//! Then one session is taken back to each of its kept versions, with few versions and with many, and its
//! runner is killed and answers again.
//!
//! Nothing is asserted about times. Without `--bench` (`cargo test --benches`) the small guest is
//! edited once, which only shows that the benchmark works.
//!
//! The program is started three times over: what cargo starts makes the folder and a clean
//! environment, and measures in a child; the sessions start it as their runner, and cargo as its wrapper.

mod bare;
mod chart;
mod contest;
mod exuvia;
mod figures;
mod guest;
mod standing;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use exuvia_runtime::build::environment;
use exuvia_tests::benchmark;

use bare::Bare;
use contest::Contestant;
use exuvia::Exuvia;
use figures::{Figures, Machine, Report};
use guest::Guest;

/// The argument that makes this program the measuring child; the folder follows.
const MEASURE: &str = "__measure";

/// The first number that a guest answers. All numbers up to 65,535 are sent in the same form.
pub(crate) const FIRST: u64 = 1_000;

/// What the command line asks for.
#[derive(Debug)]
struct Options {
    /// What `cargo bench` asks for, in contrast to `cargo test`.
    measured: bool,
    /// Instead of each guest's own number.
    runs: Option<u64>,
    warm_ups: u64,
    guests: Vec<String>,
    /// Parts of names of contestants; empty: all of them.
    only: Vec<String>,
    json: Option<PathBuf>,
    svg: Option<PathBuf>,
}

fn main() -> ExitCode {
    benchmark::run(|arguments| match arguments {
        [first, folder, options @ ..] if first == MEASURE => {
            Options::read(options).and_then(|options| measure(Path::new(folder), &options))
        }
        _ => Options::read(arguments).and_then(|_| in_clean_environment(arguments)),
    })
}

impl Options {
    fn read(arguments: &[String]) -> Result<Self, String> {
        let measured = arguments.iter().any(|argument| argument == "--bench");
        let all = if measured { "small,medium,large" } else { "small" };
        let list = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
        let mut options = Self {
            measured,
            runs: (!measured).then_some(1),
            warm_ups: if measured { 2 } else { 0 },
            guests: list(all),
            only: Vec::new(),
            json: None,
            svg: None,
        };
        let mut rest = arguments.iter();
        while let Some(option) = rest.next() {
            let mut value = || rest.next().ok_or_else(|| format!("{option} wants a value"));
            let number = |text: &String| text.parse().map_err(|_| format!("{option} wants a number, not `{text}`"));
            match option.as_str() {
                "--bench" => {}
                "--runs" => options.runs = Some(number(value()?)?),
                "--warm-ups" => options.warm_ups = number(value()?)?,
                "--guests" => options.guests = list(value()?),
                "--only" => options.only = list(value()?),
                "--json" => options.json = Some(PathBuf::from(value()?)),
                "--svg" => options.svg = Some(PathBuf::from(value()?)),
                other => {
                    return Err(format!(
                        "`{other}` is none of --runs N, --warm-ups N, --guests A,B, --only A,B, --json FILE, --svg FILE"
                    ));
                }
            }
        }
        match options.runs {
            Some(0) => Err("--runs wants at least 1".to_owned()),
            _ => Ok(options),
        }
    }
}

/// Starts this program again, without what cargo has set for it: Exuvia would take that out of its
/// own cargo's environment, and the floor's is to be the same.
fn in_clean_environment(arguments: &[String]) -> Result<(), String> {
    let folder = tempfile::Builder::new().prefix("exuvia-bench-").tempdir().map_err(|error| error.to_string())?;
    let mut command = Command::new(std::env::current_exe().map_err(|error| error.to_string())?);
    for name in environment::not_passed_on() {
        command.env_remove(name);
    }
    let status = command
        .arg(MEASURE)
        .arg(folder.path())
        .args(arguments)
        .env("CARGO_NET_OFFLINE", "true")
        // Whatever the user's is: the guests' is in the folder that goes.
        .env("CARGO_TARGET_DIR", folder.path().join("target"))
        .status()
        .map_err(|error| error.to_string())?;
    if status.success() { Ok(()) } else { Err(format!("the measuring process ended with {status}")) }
}

fn measure(folder: &Path, options: &Options) -> Result<(), String> {
    let machine = Machine::here();
    let mut report = Report { machine, warm_ups: options.warm_ups, guests: Vec::new(), standing: None };
    for (guest, runs) in [(guest::small(), 21), (guest::medium(), 15), (guest::large(), 9)] {
        if options.guests.iter().any(|name| name == guest.name) {
            let runs = options.runs.unwrap_or(runs);
            report.guests.push(measure_guest(&guest, folder, options, runs)?);
        }
    }
    if options.only.is_empty() {
        let (versions, rollbacks, kills) = if options.measured { (&[10, 60][..], 100, 5) } else { (&[2][..], 1, 1) };
        eprintln!("kept versions");
        report.standing = Some(standing::measure(folder, versions, rollbacks, kills)?);
    }
    println!("{}", report.text());
    let write = |file: &PathBuf, text: String| {
        std::fs::write(file, text).map_err(|error| format!("{}: {error}", file.display()))
    };
    options.json.as_ref().map_or(Ok(()), |file| write(file, format!("{:#}\n", report.json())))?;
    options.svg.as_ref().map_or(Ok(()), |file| write(file, chart::svg(&report)))
}

/// Writes the twins and builds each for the first time. They share a target folder, and so their
/// dependencies.
fn contestants(guest: &Guest, folder: &Path, options: &Options) -> Result<Vec<Box<dyn Contestant>>, String> {
    let target = folder.join("target").join("exuvia");
    let twin = |ending: &str, is_program: bool| guest.write(folder, ending, is_program, FIRST);
    type Make<'a> = Box<dyn FnOnce() -> Result<Box<dyn Contestant>, String> + 'a>;
    let all: [(&str, Make<'_>); 5] = [
        ("Exuvia, replay", Box::new(|| Ok(Box::new(Exuvia::open(twin("replay", false)?, FIRST, true)?)))),
        ("Exuvia, by cargo", Box::new(|| Ok(Box::new(Exuvia::open(twin("cargo", false)?, FIRST, false)?)))),
        (figures::BASE, Box::new(|| Ok(Box::new(Bare::rustc(twin("rustc", false)?, &target)?)))),
        ("bare cargo build", Box::new(|| Ok(Box::new(Bare::cargo(twin("bare", false)?, &target)?)))),
        ("cargo build, restart", Box::new(|| Ok(Box::new(Bare::restart(twin("restart", true)?, &target)?)))),
    ];
    let wanted = |name: &str| options.only.is_empty() || options.only.iter().any(|part| name.contains(part.as_str()));
    all.into_iter().filter(|(name, _)| wanted(name)).map(|(_, make)| make()).collect()
}

fn measure_guest(guest: &Guest, folder: &Path, options: &Options, runs: u64) -> Result<Figures, String> {
    eprintln!("{}: first builds", guest.name);
    let mut contestants = contestants(guest, folder, options)?;
    let mut figures = Figures::new(guest, contestants.iter().map(|contestant| contestant.name()));
    for run in 1..=options.warm_ups + runs {
        let mut totals = vec![0; contestants.len()];
        // There and back: who comes after whom is nobody's advantage.
        let count = contestants.len();
        let order = (0..count).map(|index| if run % 2 == 0 { count - 1 - index } else { index });
        for index in order {
            let by = contestants[index].edit(FIRST + run)?;
            // What it still has to do belongs to its own edit.
            contestants[index].settle()?;
            totals[index] = by.total;
            if run > options.warm_ups {
                figures.push(index, by);
            }
        }
        let line: String = totals.iter().map(|total| format!("  {:.1}", figures::ms(*total))).collect();
        let word = if run > options.warm_ups { "" } else { " (warm-up)" };
        eprintln!("{}: edit {run}{word}:{line}", guest.name);
    }
    for contestant in contestants {
        contestant.end();
    }
    Ok(figures)
}
