//! Tells the SDK what it is built with, for the stamp in its table.

use std::env;
use std::process::Command;

fn main() {
    // Another rustc, target or profile makes cargo run this again by itself.
    println!("cargo::rerun-if-changed=build.rs");
    let rustc = env::var_os("RUSTC").expect("cargo sets RUSTC");
    let version = Command::new(rustc).arg("-vV").output().expect("rustc tells its version");
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    println!("cargo::rustc-env=EXUVIA_RUSTC={}", version.lines().next().unwrap_or_default());
    for (ours, cargos) in [("EXUVIA_TARGET", "TARGET"), ("EXUVIA_OPT_LEVEL", "OPT_LEVEL")] {
        println!("cargo::rustc-env={ours}={}", env::var(cargos).unwrap_or_default());
    }
}
