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
mod growth;
mod guest;
mod hot_lib;
mod options;
mod rebuild;
mod standing;

use std::path::Path;
use std::process::{Command, ExitCode};

use exuvia_runtime::build::environment;
use exuvia_tests::benchmark;

use figures::{Machine, Report};
use options::Options;

/// The argument that makes this program the measuring child; the folder follows.
const MEASURE: &str = "__measure";

/// The first number that a guest answers. All numbers up to 65,535 are sent in the same form.
pub(crate) const FIRST: u64 = 1_000;

fn main() -> ExitCode {
    benchmark::run(|arguments| match arguments {
        [first, folder, options @ ..] if first == MEASURE => {
            Options::read(options).and_then(|options| measure(Path::new(folder), &options))
        }
        _ => Options::read(arguments).and_then(|options| in_clean_environment(arguments, &options)),
    })
}

/// Starts this program again, without what cargo has set for it: Exuvia would take that out of its
/// own cargo's environment, and the floor's is to be the same.
fn in_clean_environment(arguments: &[String], options: &Options) -> Result<(), String> {
    let folder = tempfile::Builder::new().prefix("exuvia-bench-").tempdir().map_err(|error| error.to_string())?;
    let mut command = Command::new(std::env::current_exe().map_err(|error| error.to_string())?);
    for name in environment::not_passed_on() {
        command.env_remove(name);
    }
    command
        .arg(MEASURE)
        .arg(folder.path())
        .args(arguments)
        .env("CARGO_NET_OFFLINE", "true")
        // Whatever the user's is: the guests' is in the folder that goes.
        .env("CARGO_TARGET_DIR", folder.path().join("target"));
    if options.growth.is_some() {
        // Its guests' own settings say where.
        command.env_remove("CARGO_TARGET_DIR").env_remove("CARGO_BUILD_TARGET_DIR");
    }
    let status = command.status().map_err(|error| error.to_string())?;
    if status.success() { Ok(()) } else { Err(format!("the measuring process ended with {status}")) }
}

fn measure(folder: &Path, options: &Options) -> Result<(), String> {
    if let Some(growth) = &options.growth {
        let grown = growth::measure(folder, growth, options.warm_ups, options.runs.unwrap_or(15))?;
        println!("{}", grown.text());
        return write(options.json.as_deref(), || format!("{:#}\n", grown.json()));
    }
    let machine = Machine::here();
    let mut report = Report { machine, warm_ups: options.warm_ups, guests: Vec::new(), standing: None };
    let guests = [(guest::small(), 21), (guest::medium(), 15), (guest::large(), 9), (guest::split(), 15)];
    if options.measured && options.only.is_empty() {
        eprintln!("{}", dioxus());
    }
    for (guest, runs) in guests {
        if options.guests.iter().any(|name| name == guest.name) {
            let runs = options.runs.unwrap_or(runs);
            report.guests.push(contest::measure(&guest, folder, options, runs)?);
        }
    }
    if options.standing {
        let (versions, rollbacks, kills) = if options.measured { (&[10, 60][..], 100, 5) } else { (&[2][..], 1, 1) };
        eprintln!("kept versions");
        report.standing = Some(standing::measure(folder, versions, rollbacks, kills)?);
    }
    println!("{}", report.text());
    write(options.json.as_deref(), || format!("{:#}\n", report.json()))?;
    write(options.svg.as_deref(), || chart::svg(&report))
}

/// Writes a file, where one is asked for.
fn write(file: Option<&Path>, text: impl FnOnce() -> String) -> Result<(), String> {
    let Some(file) = file else { return Ok(()) };
    std::fs::write(file, text()).map_err(|error| format!("{}: {error}", file.display()))
}

/// Why there is no row for dioxus.
fn dioxus() -> String {
    let asked = Command::new("dx").arg("--version").output();
    let found = match asked {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        _ => "not installed (cargo install dioxus-cli)".to_owned(),
    };
    format!("dx serve --hotpatch: {found}; not measured, see the head of tests/benches/save_to_running/main.rs")
}
