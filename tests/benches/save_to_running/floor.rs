//! The same edit without Exuvia: bare cargo, a copy, `dlopen`, one call. Nothing can be faster that
//! builds with cargo.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use exuvia_runtime::load::{CallReply, LoadedGuest};

use crate::exuvia::micros;
use crate::guest::{EDITED, Place};

/// An edit's times, in microseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FloorRun {
    /// From just before the write to the answer.
    pub total: u64,
    /// From cargo's start to its end.
    pub cargo: u64,
    /// Copy, open, call.
    pub load: u64,
}

/// The twin of a guest.
#[derive(Debug)]
pub(crate) struct Floor {
    place: Place,
    target: PathBuf,
    copies: PathBuf,
}

impl Floor {
    /// Builds the twin for the first time.
    pub(crate) fn open(place: Place, target: &Path) -> Result<Self, String> {
        let copies = place.root.join("copies");
        std::fs::create_dir_all(&copies).map_err(|error| format!("{}: {error}", copies.display()))?;
        let floor = Self { place, target: target.to_owned(), copies };
        floor.build()?;
        Ok(floor)
    }

    /// Saves the number and waits for it as an answer.
    pub(crate) fn edit(&mut self, number: u64) -> Result<FloorRun, String> {
        let text = self.place.text(number);
        let began = Instant::now();
        self.place.save(&text)?;
        let cargo_began = Instant::now();
        self.build()?;
        let cargo = micros(cargo_began.elapsed());
        let load_began = Instant::now();
        let copy = self.copies.join(self.library(&format!("{}_{number}", self.place.name)));
        std::fs::copy(self.target.join("debug").join(self.library(self.place.name)), &copy)
            .map_err(|error| format!("{}: {error}", copy.display()))?;
        // As in the runner: a thread of its own, and the library is closed after that has ended.
        let thread = std::thread::spawn(move || {
            LoadedGuest::open(&copy).map(|mut guest| (guest.call(EDITED, 0, &[]), Instant::now(), guest.leave()))
        });
        let opened = thread.join().map_err(|_| "the guest's thread panicked")?;
        let (reply, answered, left) = opened.map_err(|error| error.to_string())?;
        let (total, load) = (answered.duration_since(began), answered.duration_since(load_began));
        if reply != CallReply::Returned(packed(number)?) {
            return Err(format!("the floor's guest answered {reply:?} instead of {number}"));
        }
        left.close().map_err(|error| error.to_string())?;
        Ok(FloorRun { total: micros(total), cargo, load: micros(load) })
    }

    fn library(&self, name: &str) -> String {
        format!("{}{name}{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX)
    }

    fn build(&self) -> Result<(), String> {
        let output = Command::new("cargo")
            .args(["build", "--lib", "--quiet", "--target-dir"])
            .arg(&self.target)
            .current_dir(&self.place.root)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .output()
            .map_err(|error| format!("cargo: {error}"))?;
        if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
    }
}

/// The number as MessagePack's 16-bit form, which all of ours take.
fn packed(number: u64) -> Result<Vec<u8>, String> {
    let number = u16::try_from(number).ok().filter(|number| *number > u16::from(u8::MAX));
    let [high, low] = number.ok_or("a number of another form")?.to_be_bytes();
    Ok(vec![0xcd, high, low])
}
