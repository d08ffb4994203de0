//! Many swaps in one session, and what its processes take up meanwhile. Linux only, as are the tests.

use std::path::Path;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use exuvia_runtime::call::Answer;
use exuvia_runtime::ids::VersionNumber;
use exuvia_runtime::session::{Command, Event, Session, SessionConfig};
use serde_json::{Value, json};

use crate::deadline;
use crate::guest::Guest;
use crate::process::runner;
use crate::sources::stateful;

/// What a process takes up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Resident memory in KiB.
    pub resident: u64,
    /// Open file descriptors.
    pub descriptors: u64,
    /// Threads.
    pub threads: u64,
    /// Mapped regions of memory.
    pub mappings: u64,
}

impl Size {
    /// Of a process, now.
    ///
    /// # Panics
    /// When it does not run.
    #[must_use]
    pub fn of(process: u32) -> Self {
        let text = |file: &str| std::fs::read_to_string(format!("/proc/{process}/{file}")).expect("the process runs");
        let status = text("status");
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a field of proc_pid_status(5)");
            line.split_whitespace().next().and_then(|number| number.parse().ok()).expect("a number")
        };
        Self {
            resident: field("VmRSS:"),
            descriptors: count(Path::new(&format!("/proc/{process}/fd"))),
            threads: field("Threads:"),
            mappings: text("maps").lines().count() as u64,
        }
    }
}

/// What everything takes up after so many swaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// Activations so far in this session.
    pub activations: u64,
    /// This process, which has the session.
    pub shell: Size,
    /// The process that has the versions.
    pub runner: Size,
    /// Files and folders in the guest's history.
    pub files: u64,
}

impl Sample {
    /// As JSON, with sizes in KiB.
    #[must_use]
    pub fn json(&self) -> Value {
        let size = |size: &Size| json!({ "resident": size.resident, "descriptors": size.descriptors, "threads": size.threads, "mappings": size.mappings });
        json!({ "activations": self.activations, "shell": size(&self.shell), "runner": size(&self.runner), "files": self.files })
    }
}

fn count(folder: &Path) -> u64 {
    std::fs::read_dir(folder).into_iter().flatten().count() as u64
}

fn count_all(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| 1 + if entry.file_type().is_ok_and(|kind| kind.is_dir()) { count_all(&entry.path()) } else { 0 })
        .sum()
}

/// A session with two versions that are activated in turn. Nothing that it says is kept: what grows is not the test.
#[derive(Debug)]
pub struct Soak {
    guest: Guest,
    session: Session,
    events: Receiver<Event>,
    active: VersionNumber,
    pair: [VersionNumber; 2],
    activations: u64,
    edits: u64,
}

/// What the state counts up to before the first swap.
const CLICKS: u32 = 4_711;

/// The guest's source: its state has a number and a list, and `text()` tells the edit.
fn source(edit: u64) -> String {
    let more = format!(
        "/// Which edit this is.\n#[export]\nfn edit(state: &Counter) -> u64 {{ {edit} + state.trail.len() as u64 * 0 }}\n\
         /// Makes the list longer.\n#[export]\nfn lay(state: &mut Counter, length: u64) {{ state.trail = (0..length).collect(); }}"
    );
    stateful("clicks: u32, trail: Vec<u64>,", "", &more)
}

impl Soak {
    /// Builds two versions and keeps both. `program` is what the session starts as its runner.
    ///
    /// # Panics
    /// When anything but two good versions comes of it.
    #[must_use]
    pub fn start(program: &Path) -> Self {
        let guest = Guest::with_state("soak", &source(0));
        let (session, events) = Session::start(SessionConfig::new(&guest.root, program), || {});
        let first = VersionNumber(1);
        let mut soak = Self { guest, session, events, active: first, pair: [first; 2], activations: 0, edits: 0 };
        soak.until_recorded(first);
        soak.call(&format!("click({CLICKS})"), &json!(CLICKS));
        soak.call("lay(1000)", &Value::Null);
        soak.edit();
        soak.pair = [first, soak.active];
        for version in soak.pair {
            soak.session.send(Command::Keep { version, keep: true });
        }
        soak
    }

    /// Activates the other one of the two kept versions: the time from the command to the activation.
    /// What ran before has been retired when this returns.
    ///
    /// # Panics
    /// When it is not activated.
    pub fn swap(&mut self) -> Duration {
        let to = if self.active == self.pair[0] { self.pair[1] } else { self.pair[0] };
        let from = self.active;
        let began = Instant::now();
        self.session.send(Command::Activate { version: to });
        self.until("an activation", |event| matches!(event, Event::Activated { version, .. } if *version == to));
        let taken = began.elapsed();
        self.until("a retirement", |event| matches!(event, Event::Retired { version, .. } if *version == from));
        self.active = to;
        self.activations += 1;
        taken
    }

    /// Saves another source and waits until it is a version: the time from the save to its activation.
    ///
    /// # Panics
    /// When it does not become one.
    pub fn edit(&mut self) -> Duration {
        self.edits += 1;
        let began = Instant::now();
        self.guest.save(&source(self.edits));
        let activated = self.until("an activation", |event| matches!(event, Event::Activated { .. }));
        let taken = began.elapsed();
        let Event::Activated { version, .. } = activated else { unreachable!("just matched") };
        self.until_recorded(version);
        self.active = version;
        self.activations += 1;
        self.call("edit()", &json!(self.edits));
        taken
    }

    /// What everything takes up now.
    #[must_use]
    pub fn sample(&self) -> Sample {
        let history = crate::program::guests_target().join("exuvia/history");
        let ours = std::fs::read_dir(history).into_iter().flatten().flatten();
        let ours = ours.filter(|entry| entry.file_name().to_string_lossy().starts_with(&self.guest.name));
        Sample {
            activations: self.activations,
            shell: Size::of(std::process::id()),
            runner: Size::of(runner(&self.guest.root)),
            files: ours.map(|entry| count_all(&entry.path())).sum(),
        }
    }

    /// Ends it, and sees that the state is what it was before the first swap.
    ///
    /// # Panics
    /// When it is not.
    pub fn end(mut self) {
        self.call("clicks()", &json!(CLICKS));
        self.session.end();
    }

    fn call(&mut self, text: &str, wanted: &Value) {
        self.session.send(Command::Call { id: 0, text: text.to_owned() });
        let answered = self.until("an answer", |event| matches!(event, Event::Answered { .. }));
        let Event::Answered { answer, .. } = answered else { unreachable!("just matched") };
        assert_eq!(answer, Answer::Returned { value: wanted.clone() }, "{text}");
    }

    fn until_recorded(&mut self, version: VersionNumber) {
        self.until(
            "a recorded version",
            |event| matches!(event, Event::Recorded { row } if row.record.number == version),
        );
    }

    fn until(&mut self, what: &str, is_it: impl Fn(&Event) -> bool) -> Event {
        loop {
            let event =
                self.events.recv_timeout(deadline()).unwrap_or_else(|error| panic!("waited for {what}: {error}"));
            let is_bad = matches!(
                event,
                Event::Fault { .. } | Event::NotActivated { .. } | Event::Failed { .. } | Event::CommandRefused { .. }
            );
            assert!(!is_bad, "instead of {what}: {event:?}");
            if is_it(&event) {
                return event;
            }
        }
    }
}

/// The figure that so many of a hundred do not exceed, by nearest rank; zero of nothing.
#[must_use]
pub fn percentile(durations: &[Duration], hundredths: usize) -> Duration {
    let mut sorted = durations.to_vec();
    sorted.sort();
    let rank = (sorted.len() * hundredths).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

/// How much more of something there is per 1,000 activations: the line of least squares through the points
/// (activations, amount). Zero where there are fewer than two.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
pub fn slope(points: &[(u64, u64)]) -> f64 {
    let count = points.len() as f64;
    let mean = |of: fn(&(u64, u64)) -> u64| points.iter().map(|point| of(point) as f64).sum::<f64>() / count;
    let (mean_x, mean_y) = (mean(|point| point.0), mean(|point| point.1));
    let (mut both, mut square) = (0.0, 0.0);
    for (x, y) in points {
        let dx = *x as f64 - mean_x;
        both += dx * (*y as f64 - mean_y);
        square += dx * dx;
    }
    if square > 0.0 { both / square * 1000.0 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let ms = |numbers: &[u64]| numbers.iter().copied().map(Duration::from_millis).collect::<Vec<_>>();
        for (numbers, hundredths, wanted) in [
            (&[][..], 50, 0),
            (&[7], 99, 7),
            (&[3, 1, 2], 50, 2),
            (&[4, 3, 2, 1], 50, 2),
            (&[4, 3, 2, 1], 100, 4),
            (&[4, 3, 2, 1], 99, 4),
        ] {
            assert_eq!(percentile(&ms(numbers), hundredths), Duration::from_millis(wanted), "{numbers:?} {hundredths}");
        }
    }

    #[test]
    fn a_slope_is_per_thousand() {
        for (points, wanted) in [
            (&[][..], 0.0),
            (&[(5, 9)], 0.0),
            (&[(0, 10), (1000, 10)], 0.0),
            (&[(0, 10), (1000, 13)], 3.0),
            (&[(0, 10), (500, 9), (1000, 8)], -2.0),
        ] {
            assert!((slope(points) - wanted).abs() < 1e-9, "{points:?}: {}", slope(points));
        }
    }
}
