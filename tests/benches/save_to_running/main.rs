//! From the write of a source file to the first answer of the new code.
//!
//! ```text
//! cargo bench -p exuvia-tests --bench save_to_running -- [--runs N] [--warm-ups N] [--json FILE]
//! cargo bench --profile dev -p exuvia-tests --bench save_to_running      (as `cargo run` builds Exuvia)
//! ```
//!
//! Two guests are generated in a temporary folder: one of some 30 lines, one of some 2,000 with
//! serde. One edit changes the number that one function returns, and is saved the way editors do
//! it: a file beside, renamed over. Each edit is done twice, in turn, so that whatever else the
//! machine is doing concerns both:
//!
//! - by a real session, native watching, real runner: from just before the write until the pinned
//!   call's new answer is received;
//! - the floor: on a twin of the guest with its own target folder, by bare `cargo build` with the
//!   same flags and profile, a copy to a fresh name, `dlopen`, one call.
//!
//! *Overhead without cargo* is Exuvia's total less its build stage, which is cargo's run. *Rest* is
//! the total less all stages: the system's notice of the write, and the hand-over from thread to
//! thread; the stage probation ends a little after the answer, so that rest is a little too small.
//! P95 is by nearest rank: below 20 runs, the slowest.
//!
//! Nothing is asserted about times. Without `--bench` (`cargo test --benches`) each guest is
//! edited once, which only shows that the benchmark works.
//!
//! The program is started three times over: what cargo starts makes the folder and a clean
//! environment, and measures in a child; the sessions start it as their runner.

mod exuvia;
mod figures;
mod floor;
mod guest;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use exuvia_runtime::build::environment;
use exuvia_runtime::{runner, warden};

use exuvia::Exuvia;
use figures::{Figures, Machine, Report};
use floor::Floor;
use guest::Guest;

/// The argument that makes this program the measuring child; the folder follows.
const MEASURE: &str = "__measure";

/// The first number that a guest answers. All numbers up to 65,535 are sent in the same form.
const FIRST: u64 = 1_000;

/// What the command line asks for.
#[derive(Debug)]
struct Options {
    runs: u64,
    warm_ups: u64,
    json: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.first().map(String::as_str) {
        Some(runner::SUBCOMMAND) => runner::serve().map_err(|error| error.to_string()),
        Some(warden::SUBCOMMAND) => warden::serve().map_err(|error| error.to_string()),
        Some(MEASURE) => match &arguments[1..] {
            [folder, options @ ..] => Options::read(options).and_then(|options| measure(Path::new(folder), &options)),
            [] => Err("no folder".to_owned()),
        },
        _ => Options::read(&arguments).and_then(|_| in_clean_environment(&arguments)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

impl Options {
    fn read(arguments: &[String]) -> Result<Self, String> {
        let (mut runs, mut warm_ups, mut json, mut measured) = (None, None, None, false);
        let mut rest = arguments.iter();
        while let Some(option) = rest.next() {
            let mut value = || rest.next().ok_or_else(|| format!("{option} wants a value"));
            let number = |text: &String| text.parse().map_err(|_| format!("{option} wants a number, not `{text}`"));
            match option.as_str() {
                // What `cargo bench` says, and `cargo test` does not.
                "--bench" => measured = true,
                "--runs" => runs = Some(number(value()?)?),
                "--warm-ups" => warm_ups = Some(number(value()?)?),
                "--json" => json = Some(PathBuf::from(value()?)),
                other => return Err(format!("`{other}` is none of --runs N, --warm-ups N, --json FILE")),
            }
        }
        let (default_runs, default_warm_ups) = if measured { (15, 2) } else { (1, 0) };
        let options = Self { runs: runs.unwrap_or(default_runs), warm_ups: warm_ups.unwrap_or(default_warm_ups), json };
        match options.runs {
            0 => Err("--runs wants at least 1".to_owned()),
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
    let mut report = Report { machine, runs: options.runs, warm_ups: options.warm_ups, guests: Vec::new() };
    for guest in [guest::small(), guest::medium()] {
        report.guests.push(measure_guest(&guest, folder, options)?);
    }
    println!("{}", report.text());
    if let Some(file) = &options.json {
        let text = format!("{:#}\n", report.json());
        std::fs::write(file, text).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    Ok(())
}

fn measure_guest(guest: &Guest, folder: &Path, options: &Options) -> Result<Figures, String> {
    eprintln!("{}: first builds", guest.name);
    let floor_place = guest.write(&folder.join("twin"), FIRST)?;
    let mut floor = Floor::open(floor_place, &folder.join("floor"))?;
    let place = guest.write(&folder.join("guest"), FIRST)?;
    let mut exuvia = Exuvia::open(place, FIRST)?;
    let mut figures = Figures::new(guest);
    for run in 1..=options.warm_ups + options.runs {
        let number = FIRST + run;
        let by_exuvia = exuvia.edit(number)?;
        let by_floor = floor.edit(number)?;
        // The session hears nothing of the twin; what it still has to say belongs to its own edit.
        exuvia.wait_until_quiet()?;
        let kept = run > options.warm_ups;
        let word = if kept { "" } else { " (warm-up)" };
        eprintln!(
            "{}: run {run}{word}: {:.1} ms, floor {:.1} ms",
            guest.name,
            figures::ms(by_exuvia.total),
            figures::ms(by_floor.total)
        );
        if kept {
            figures.push(by_exuvia, by_floor);
        }
    }
    exuvia.end();
    Ok(figures)
}
