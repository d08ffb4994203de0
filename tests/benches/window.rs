//! The real window under Xvfb: time from its launch to its first frame, and the CPU time that it and
//! its runner take in 30 seconds in which nothing happens.
//!
//! `cargo bench -p exuvia-tests --bench window` builds `exuvia` in release first, unless `EXUVIA_BIN` names
//! an executable. A launch is measured from the start of the process until the window can be seen: it is
//! shown together with its first frame.

use std::process::Command;
use std::time::Duration;

use exuvia_tests::desktop::on_a_desktop;
use exuvia_tests::guest::Guest;
use exuvia_tests::process::{cpu_time, runner};
use exuvia_tests::program::build;
use exuvia_tests::sources::greeting;

/// Launches that are measured, after one that is not.
const LAUNCHES: usize = 9;

/// How long nothing happens.
const IDLE: Duration = Duration::from_secs(30);

fn main() {
    if std::env::var_os("EXUVIA_BIN").is_none() {
        // The variable is read by the harness; nothing else runs yet.
        let executable = build(&["--release"]);
        let status = Command::new(std::env::current_exe().expect("the benchmark's own path"))
            .env("EXUVIA_BIN", executable)
            .status();
        std::process::exit(status.ok().and_then(|status| status.code()).unwrap_or(1));
    }
    on_a_desktop(|desktop| {
        let guest = Guest::new("benchwindow", &greeting("Hello, {name}"));
        let mut launches = Vec::new();
        for launch in 0..=LAUNCHES {
            let mut window = desktop.open(&guest.root);
            window.title("running v1 = saved source");
            if launch > 0 {
                launches.push(window.opened_in);
            }
            if launch == LAUNCHES {
                desktop.picture("all is drawn", |_| true);
                idle("shell", window.pid());
                idle("runner", runner(&guest.root));
            }
            desktop.key("ctrl+q");
            window.ended();
        }
        launches.sort();
        let ms = |duration: Duration| duration.as_secs_f64() * 1e3;
        println!(
            "launch to first frame: median {:.0} ms, slowest {:.0} ms of {LAUNCHES}",
            ms(launches[launches.len() / 2]),
            ms(launches[launches.len() - 1])
        );
    });
}

/// What a process takes while nothing happens. Waiting is what is measured here.
fn idle(name: &str, pid: u32) {
    let before = cpu_time(pid);
    std::thread::sleep(IDLE);
    let taken = cpu_time(pid).saturating_sub(before);
    let share = taken.as_secs_f64() / IDLE.as_secs_f64() * 100.0;
    println!("{name}: {} ms of CPU in {} s idle, {share:.2} % of one core", taken.as_millis(), IDLE.as_secs());
}
