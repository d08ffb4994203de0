//! `exuvia`: see the library.

fn main() -> std::process::ExitCode {
    exuvia::cli::main().into()
}
