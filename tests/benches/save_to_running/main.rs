//! From the write of a source file to the first answer of the new code.
//!
//! ```text
//! cargo bench -p exuvia-tests --bench save_to_running -- [--runs N] [--warm-ups N] [--guests small,medium,large,split]
//!                                                        [--only NAME,…] [--json FILE] [--svg FILE]
//! cargo bench -p exuvia-tests --bench save_to_running -- --growth [--versions 1,100,1000] [--files 100,100000]
//!                                                        [--packages 1,50] [--runs N] [--warm-ups N] [--json FILE]
//! cargo bench --profile dev -p exuvia-tests --bench save_to_running      (as `cargo run` builds Exuvia)
//! ```
//!
//! # The guests
//!
//! They are generated in a temporary folder, in the dev profile, each with one function whose number is edited:
//!
//! | guest | what it is |
//! |---|---|
//! | `small` | some 30 lines |
//! | `medium` | some 2,000 lines with serde, rand and glam |
//! | `large` | some 10,000 lines, and egui linked in |
//! | `split` | the large one's lines as a library without the SDK, below a hot crate of some 30 lines with the edit |
//!
//! An edit is saved the way editors do it: a file beside, renamed over. Each edit is made once by each contestant, in
//! turn, there and back, each on a twin of the guest, so that whatever else the machine is doing concerns all
//! of them. What a contestant still does because of its edit is waited for before the next one's turn.
//!
//! # The contestants
//!
//! - *Exuvia* with replays, with replays on a base library (Linux), and by cargo alone: a real session, native
//!   watching, real runner, until the pinned call's new answer is received. An edit that went another way than the
//!   row says is an error.
//! - *bare rustc replay*, by the command that cargo shows, then `dlopen` and a call: what all are compared with.
//! - *bare cargo build*: the build, a copy, `dlopen`, a call.
//! - *cargo build, restart*: the same code as a program, which is started and writes its answer.
//! - *hot-lib-reloader* 0.8, in the shape of its README: a workspace of a program and a library (`rlib` and `dylib`, a
//!   `#[unsafe(no_mangle)]` function, the same modules without the SDK). The program calls the function, waits
//!   for a reload and calls again, and writes each new answer at once; a thread of the benchmark reads it, which ends
//!   the time. The rebuild loop beside it is `cargo watch -w lib -x 'build -p lib'`; where cargo-watch is not
//!   installed, a thread of ours with cargo-watch's delay of 0.5 s (`--delay` in its README). *Defaults* is that, with
//!   `file_watch_debounce` at its 500 ms. *No waits* has no delay before cargo (always our loop) and
//!   `file_watch_debounce = 20`, the least that its README names and faster than less (`hot_lib.rs` says why). In
//!   one respect it is given more than the README has: `lib_dir` names a shared target folder, so that
//!   dependencies are compiled once. A row that cannot be had, or an edit that it misses, is told on standard
//!   error, and the row is left out from there on. It has none for the split guest.
//! - *dx serve --hotpatch* 0.7 (dioxus-cli): the same modules as a program without the SDK, which calls
//!   `dioxus_devtools::connect_subsecond()`, and then the function by `subsecond::call`, once and again after each
//!   patch (`subsecond::register_handler`), and writes each new answer at once to a socket; a thread of the benchmark
//!   reads it, which ends the time. dx has built the program, has started it and runs beside it for all of the guest's
//!   edits, without its interface (`--interactive false --open false`), and has telemetry and downloads turned off and
//!   its files in the benchmark's folder. The target folder is the twin's own, as it is by default: what dx links as a
//!   whole it looks for below the workspace. A patch has the crate's own code only: what it depends on is not linked
//!   again, so that this row, too, can be below bare rustc's. An edit for which dx builds everything anew instead of a
//!   patch counts, is told on standard error, and the table says how many there were. The row takes the `dx` in the
//!   `PATH` (`cargo install dioxus-cli@^0.7 --locked`). Where there is none or one of another version, or where an edit
//!   is missed, that is told on standard error, and the row is left out from there on.
//!
//! Nothing is downloaded while times are taken: each twin is fetched first, from the network only where this machine
//! lacks something. All versions are those of the repository's `Cargo.lock`, but for dioxus' libraries and what only
//! they depend on: they have to be of the version of the dx that is installed, and the rest is what cargo chooses, from
//! what is on this machine if that is enough.
//!
//! # What is told
//!
//! `rest` is Exuvia's total less all stages: the system's notice of the write, and the hand-over from
//! thread to thread; the stage probation ends a little after the answer, so that rest is a little too
//! small. Of replays of more than half a second the phases of rustc are told, too, which are parts of `build`. P95 is by nearest rank: below 20 runs, the slowest.
//!
//! Then one session is taken back to each of its kept versions, with few versions and with many, and its
//! runner is killed and answers again.
//!
//! `--growth` measures something else instead: Exuvia's overhead, the total less rustc's own run, for the small guest by
//! replay, with 1, 100 and 1,000 kept versions (each made by an edit), with 100 and 100,000 files of no concern (half
//! in a folder `data` of the package, half beside its target folder), and with 1 and 50 path packages that it depends
//! on. All sessions are there at once and are edited in turn. 1,000 versions take minutes to make and some gigabytes.
//!
//! Nothing is asserted about times. Without `--bench` (`cargo test --benches`) the small guest is edited once
//! by each but others' tools and the restart, which only shows that the benchmark works.
//!
//! The program is started three times over: what cargo starts makes the folder and a clean
//! environment, and measures in a child; the sessions start it as their runner, and cargo as its wrapper.

mod bare;
mod chart;
mod contest;
mod dx;
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
