//! An edit by hot-lib-reloader: a program that has the library reloaded, and the rebuild loop beside it, as its
//! README has them.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use crate::contest::{Contestant, Run, micros};
use crate::guest::{self, Guest, Place, Shape};
use crate::rebuild::{Order, Rebuilds};

/// No answer for this long after a save: the change was missed.
const LOST: Duration = Duration::from_secs(120);

/// Nothing said for this long, waits not counted: it has done all that an edit gives it to do. Longer than the hash
/// of a large library, which hot-lib-reloader computes for every notice.
const QUIET: Duration = Duration::from_millis(500);

/// The least that its README names for `file_watch_debounce`, in milliseconds, and the best. With 1 it often looks
/// between cargo's removing the library and its putting the new one there, and then waits for 500 ms; with 0, which
/// it takes, too, it looks without a pause and so occupies a core, which rustc then lacks.
const LEAST: u32 = 20;

/// Its `file_watch_debounce` where nothing is said, in its README.
const DEBOUNCE: Duration = Duration::from_millis(500);

/// What is heard while an edit is on its way.
#[derive(Debug)]
pub(crate) enum Said {
    /// The library was built; in so many microseconds, where that is known.
    Built(Result<Option<u64>, String>),
    /// The program has an answer that it did not have before.
    Answer(u64),
    /// The program has ended.
    Ended,
}

/// A program with a reloaded library.
#[derive(Debug)]
pub(crate) struct HotLib {
    place: Place,
    is_tuned: bool,
    // Ends first: nothing is to be built for a program that is gone.
    rebuilds: Option<Rebuilds>,
    host: Child,
    /// Open as long as the program is to run.
    _stdin: Option<ChildStdin>,
    said: Receiver<Said>,
}

impl HotLib {
    /// Builds the twin for the first time and starts it; tuned: without any wait that can be left out.
    pub(crate) fn open(guest: &Guest, folder: &Path, is_tuned: bool, number: u64) -> Result<Self, String> {
        let target = folder.join("target").join("hot-lib-reloader");
        let libraries = target.join("debug");
        let told = guest::HotLib { libraries: &libraries, debounce: is_tuned.then_some(LEAST) };
        let ending = if is_tuned { "tuned" } else { "defaults" };
        let place = guest.write(folder, ending, Shape::HotLib(told), number)?;
        let order =
            |package: String| Order { root: place.root.clone(), package, target: target.clone(), is_at_once: is_tuned };
        order(place.name.clone()).build()?;
        let library = order(format!("{}_lib", place.name));
        library.build()?;

        // By cargo, which also says where the standard library lies: the library shares the compiler's.
        let mut command = Command::new("cargo");
        command.args(["run", "--quiet"]).current_dir(&place.root).env("CARGO_TARGET_DIR", &target);
        let mut host = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{command:?}: {error}"))?;
        let (tell, said) = mpsc::channel();
        let lines = BufReader::new(host.stdout.take().ok_or("no output of the program")?).lines();
        std::thread::spawn({
            let tell = tell.clone();
            move || listen(lines.map_while(Result::ok), &tell)
        });
        let stdin = host.stdin.take();
        let mut hot_lib = Self { place, is_tuned, rebuilds: None, host, _stdin: stdin, said };
        hot_lib.until(|said| matches!(said, Said::Answer(found) if *found == number))?;
        hot_lib.rebuilds = Some(library.start(tell)?);
        Ok(hot_lib)
    }

    fn until(&self, is_it: impl Fn(&Said) -> bool) -> Result<(Said, Instant), String> {
        loop {
            let said = self.said.recv_timeout(LOST).map_err(|_| format!("no answer within {LOST:?}"))?;
            let at = Instant::now();
            match said {
                said if is_it(&said) => return Ok((said, at)),
                Said::Built(Err(error)) => return Err(error),
                Said::Ended => return Err("its program has ended".to_owned()),
                Said::Built(Ok(_)) | Said::Answer(_) => {}
            }
        }
    }
}

/// Tells the numbers that the program writes.
fn listen(lines: impl Iterator<Item = String>, tell: &Sender<Said>) {
    for answer in lines.filter_map(|line| line.parse().ok()) {
        if tell.send(Said::Answer(answer)).is_err() {
            return;
        }
    }
    // Nobody is there to hear it where the benchmark has ended it.
    let _ = tell.send(Said::Ended);
}

impl Contestant for HotLib {
    fn name(&self) -> &'static str {
        if self.is_tuned { TUNED } else { DEFAULTS }
    }

    fn is_ours(&self) -> bool {
        false
    }

    fn edit(&mut self, number: u64) -> Result<Run, String> {
        let text = self.place.text(number);
        let (mut built, mut answered) = (None, None);
        let began = Instant::now();
        self.place.save(&text)?;
        while built.is_none() || answered.is_none() {
            let of_interest = |said: &Said| matches!(said, Said::Built(Ok(_)) | Said::Answer(_));
            match self.until(of_interest)? {
                (Said::Answer(found), at) if found == number => answered = Some(at),
                (Said::Built(Ok(took)), _) => built = Some(took),
                _ => {}
            }
        }
        let total = micros(answered.ok_or("no answer")?.duration_since(began));
        let build = built.flatten();
        let parts = build.map(|build| vec![("build", build), ("waits and load", total.saturating_sub(build))]);
        Ok(Run { total, parts: parts.unwrap_or_default(), is_rebuild: false })
    }

    fn settle(&mut self) -> Result<(), String> {
        let waits = if self.is_tuned { Duration::ZERO } else { DEBOUNCE };
        loop {
            match self.said.recv_timeout(QUIET + waits) {
                Ok(Said::Ended) | Err(RecvTimeoutError::Disconnected) => {
                    return Err("its program has ended".to_owned());
                }
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => return Ok(()),
            }
        }
    }
}

impl Drop for HotLib {
    fn drop(&mut self) {
        drop(self.rebuilds.take());
        // Either it has ended already, or it ends now.
        let _ = self.host.kill();
        let _ = self.host.wait();
    }
}

/// Its row with what it does by itself.
pub(crate) const DEFAULTS: &str = "hot-lib-reloader, defaults";

/// Its row with every wait turned down.
pub(crate) const TUNED: &str = "hot-lib-reloader, no waits";

/// Both rows.
pub(crate) const ROWS: [&str; 2] = [DEFAULTS, TUNED];
