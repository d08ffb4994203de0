//! What the benchmarks share that have an engine in them: their own executable serves all of the engine's
//! hidden subcommands, so that what is measured was compiled as they are.

use std::process::ExitCode;

use exuvia_runtime::{build, runner, warden};

/// Serves a hidden subcommand, or else does the work, which is given the arguments.
pub fn run(work: impl FnOnce(&[String]) -> Result<(), String>) -> ExitCode {
    // Its arguments are the compiler's, which need not be text.
    let stood_in =
        build::stand_in(std::env::args_os().skip(1)).map(|outcome| outcome.map_err(|error| error.to_string()));
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = stood_in.unwrap_or_else(|| match arguments.first().map(String::as_str) {
        Some(runner::SUBCOMMAND) => runner::serve().map_err(|error| error.to_string()),
        Some(warden::SUBCOMMAND) => warden::serve().map_err(|error| error.to_string()),
        _ => work(&arguments),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}
