//! Thousands of swaps in one session, and what its processes take up meanwhile.
//!
//! ```text
//! cargo bench -p exuvia-tests --bench soak -- [--record FILE] [--steps N] [--activations N] [--edits N]
//! ```
//!
//! A step is 1,000 activations of two kept versions in turn and 20 edits of the source, each built by cargo;
//! ten steps make 10,000 and 200. Every 50 activations a sample is taken: resident memory, descriptors,
//! threads and mappings of this process (which has the session) and of the runner, and the files in the
//! guest's history. Each finished step is a line of JSON in the record (`target/soak.jsonl`), so that a
//! soak can be stopped with Ctrl+C and goes on later with the steps that are missing; what is a session's own is
//! then told by session. To begin anew, remove the record.
//!
//! Nothing is asserted about times. `cargo test` runs the short form, `tests/soak.rs`.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use exuvia_tests::benchmark;
use exuvia_tests::program::guests_target;
use exuvia_tests::soak::{Soak, percentile, slope};
use serde_json::{Value, json};

/// Activations between two samples.
const SAMPLED: u64 = 50;

/// What the command line asks for.
#[derive(Debug)]
struct Options {
    record: PathBuf,
    steps: u64,
    activations: u64,
    edits: u64,
}

fn main() -> ExitCode {
    benchmark::run(|arguments| Options::read(arguments).and_then(|options| soak(&options)))
}

impl Options {
    fn read(arguments: &[String]) -> Result<Self, String> {
        let is_measured = arguments.iter().any(|argument| argument == "--bench");
        let target = guests_target();
        let mut options = Self {
            record: target.parent().unwrap_or(&target).join("soak.jsonl"),
            steps: 10,
            activations: 1_000,
            edits: 20,
        };
        if !is_measured {
            // Only shows that the benchmark works, and leaves no record.
            options = Self { record: PathBuf::from("/dev/null"), steps: 1, activations: 4, edits: 1 };
        }
        let mut rest = arguments.iter().filter(|argument| *argument != "--bench");
        while let Some(option) = rest.next() {
            let value = rest.next().ok_or_else(|| format!("{option} wants a value"))?;
            let number = || value.parse().map_err(|_| format!("{option} wants a number, not `{value}`"));
            match option.as_str() {
                "--record" => options.record = PathBuf::from(value),
                "--steps" => options.steps = number()?,
                "--activations" => options.activations = number()?,
                "--edits" => options.edits = number()?,
                other => {
                    return Err(format!("`{other}` is none of --record FILE, --steps N, --activations N, --edits N"));
                }
            }
        }
        Ok(options)
    }
}

fn soak(options: &Options) -> Result<(), String> {
    let mut steps = read_record(&options.record)?;
    if (steps.len() as u64) < options.steps {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let session = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let mut soak = Soak::start(&program);
        while (steps.len() as u64) < options.steps {
            let step = run_step(&mut soak, session, options);
            append(&options.record, &step)?;
            eprintln!("step {} of {}: {}", steps.len() + 1, options.steps, times(&step, "swaps"));
            steps.push(step);
        }
        soak.end();
    }
    println!("{}", report(&steps));
    Ok(())
}

fn run_step(soak: &mut Soak, session: u64, options: &Options) -> Value {
    let (mut swaps, mut edits, mut samples) = (Vec::new(), Vec::new(), vec![soak.sample().json()]);
    for swap in 1..=options.activations {
        swaps.push(soak.swap());
        // The edits are spread over the step.
        if swap * options.edits / options.activations > edits.len() as u64 {
            edits.push(soak.edit());
        }
        if swap % SAMPLED == 0 {
            samples.push(soak.sample().json());
        }
    }
    let figures = |durations: &[Duration]| {
        let ms = |hundredths| percentile(durations, hundredths).as_secs_f64() * 1e3;
        json!({ "n": durations.len(), "p50": ms(50), "p99": ms(99), "max": ms(100) })
    };
    json!({ "session": session, "swaps": figures(&swaps), "edits": figures(&edits), "samples": samples })
}

fn read_record(record: &Path) -> Result<Vec<Value>, String> {
    let named = |error: String| format!("{}: {error}; remove it to begin anew", record.display());
    match fs::read_to_string(record) {
        Ok(text) => {
            text.lines().map(|line| serde_json::from_str(line).map_err(|error| named(error.to_string()))).collect()
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(named(error.to_string())),
    }
}

fn append(record: &Path, step: &Value) -> Result<(), String> {
    let written =
        OpenOptions::new().create(true).append(true).open(record).and_then(|mut file| writeln!(file, "{step}"));
    written.map_err(|error| format!("{}: {error}", record.display()))
}

fn times(step: &Value, of: &str) -> String {
    let figure = |name: &str| step[of][name].as_f64().unwrap_or_default();
    format!("p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms", figure("p50"), figure("p99"), figure("max"))
}

/// The steps as a table, then each session's memory, and what else must not grow.
fn report(steps: &[Value]) -> String {
    let mut text = String::from("| step | swap | edit |\n|---|---|---|\n");
    for (index, step) in steps.iter().enumerate() {
        // Writing into a string cannot fail.
        _ = writeln!(text, "| {} | {} | {} |", index + 1, times(step, "swaps"), times(step, "edits"));
    }
    text.push_str("\n| session | of | what | first | max | last | per 1,000 |\n|---|---|---|---|---|---|---|\n");
    let mut sessions: Vec<u64> = steps.iter().filter_map(|step| step["session"].as_u64()).collect();
    sessions.dedup();
    for (index, session) in sessions.iter().enumerate() {
        let of_session = steps.iter().filter(|step| step["session"].as_u64() == Some(*session));
        let samples: Vec<&Value> = of_session.filter_map(|step| step["samples"].as_array()).flatten().collect();
        for (who, what, unit) in [
            ("shell", "resident", " KiB"),
            ("runner", "resident", " KiB"),
            ("shell", "descriptors", ""),
            ("runner", "descriptors", ""),
            ("shell", "threads", ""),
            ("runner", "threads", ""),
            ("shell", "mappings", ""),
            ("runner", "mappings", ""),
            ("history", "files", ""),
        ] {
            let amount = |sample: &Value| if who == "history" { &sample[what] } else { &sample[who][what] }.as_u64();
            let points: Vec<(u64, u64)> =
                samples.iter().filter_map(|sample| Some((sample["activations"].as_u64()?, amount(sample)?))).collect();
            let (Some(first), Some(last)) = (points.first(), points.last()) else { continue };
            let max = points.iter().map(|point| point.1).max().unwrap_or_default();
            let slope = slope(&points);
            let session = index + 1;
            _ = writeln!(
                text,
                "| {session} | {who} | {what} | {}{unit} | {max}{unit} | {}{unit} | {slope:+.1}{unit} |",
                first.1, last.1
            );
        }
    }
    text
}
