//! The same edit without Exuvia: bare rustc or bare cargo, `dlopen`, one call; or cargo and a new start
//! of the program. Nothing that has rustc build and link all of it can be faster than the first.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use exuvia_runtime::load::{CallReply, LoadedGuest};

use crate::contest::{Contestant, Run, micros};
use crate::guest::{EDITED, Place};

/// How the code is built and taken on.
#[derive(Debug)]
enum Way {
    /// rustc by the command that cargo has shown, `dlopen` under a new name.
    Rustc { variables: Vec<(String, String)>, command: Vec<String> },
    /// Cargo, a copy, `dlopen`.
    Cargo,
    /// Cargo, and the program is started again.
    Restart,
}

/// A twin of a guest.
#[derive(Debug)]
pub(crate) struct Bare {
    place: Place,
    target: PathBuf,
    copies: PathBuf,
    way: Way,
}

impl Bare {
    fn new(place: Place, target: &Path, way: Way) -> Result<Self, String> {
        let copies = place.root.join("copies");
        std::fs::create_dir_all(&copies).map_err(|error| format!("{}: {error}", copies.display()))?;
        Ok(Self { place, target: target.to_owned(), copies, way })
    }

    /// Builds the twin for the first time.
    pub(crate) fn cargo(place: Place, target: &Path) -> Result<Self, String> {
        let bare = Self::new(place, target, Way::Cargo)?;
        bare.build(&["--lib", "--quiet"])?;
        Ok(bare)
    }

    /// Builds the twin, a program, for the first time.
    pub(crate) fn restart(place: Place, target: &Path) -> Result<Self, String> {
        let bare = Self::new(place, target, Way::Restart)?;
        bare.build(&["--quiet"])?;
        Ok(bare)
    }

    /// Builds the twin for the first time, and takes rustc's command from what cargo says.
    pub(crate) fn rustc(place: Place, target: &Path) -> Result<Self, String> {
        let mut bare = Self::new(place, target, Way::Cargo)?;
        let said = bare.build(&["--lib", "-vv"])?;
        let name = format!("--crate-name {} ", bare.place.name);
        let shown = |line: &str| Some(line.trim().strip_prefix("Running `")?.strip_suffix('`')?.to_owned());
        let command = said.lines().filter(|line| line.contains(&name)).find_map(shown);
        let command = command.ok_or_else(|| format!("cargo has not shown how it runs rustc:\n{said}"))?;
        let mut words = shlex::split(&command).ok_or_else(|| format!("no command: {command}"))?;
        let is_variable = |word: &String| word.split_once('=').is_some_and(|(name, _)| !name.contains(['/', '-']));
        let command = words.split_off(words.iter().take_while(|word| is_variable(word)).count());
        let pair = |word: &String| word.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
        bare.way = Way::Rustc { variables: words.iter().filter_map(pair).collect(), command };
        Ok(bare)
    }

    fn library(&self, name: &str) -> String {
        format!("{}{name}{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX)
    }

    fn build(&self, options: &[&str]) -> Result<String, String> {
        let mut command = Command::new("cargo");
        command.arg("build").args(options).arg("--target-dir").arg(&self.target).current_dir(&self.place.root);
        self.run(&mut command)
    }

    /// Runs a compiler. Gives what it has written.
    fn run(&self, command: &mut Command) -> Result<String, String> {
        let output = command.stdin(Stdio::null()).stdout(Stdio::null()).output();
        let output = output.map_err(|error| format!("{command:?}: {error}"))?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() { Ok(said) } else { Err(said) }
    }

    fn compile(&self) -> Result<(), String> {
        match &self.way {
            Way::Cargo => self.build(&["--lib", "--quiet"]),
            Way::Restart => self.build(&["--quiet"]),
            Way::Rustc { variables, command } => {
                let (program, args) = command.split_first().ok_or("an empty command")?;
                let mut rustc = Command::new(program);
                rustc.args(args).envs(variables.iter().cloned()).current_dir(&self.place.root);
                self.run(&mut rustc)
            }
        }
        .map(drop)
    }

    /// The first line that the program writes.
    fn started(&self) -> Result<u64, String> {
        let program = self.target.join("debug").join(&self.place.name);
        let output = Command::new(&program).output().map_err(|error| format!("{}: {error}", program.display()))?;
        let text = String::from_utf8_lossy(&output.stdout);
        text.trim().parse().map_err(|_| format!("{} has written {text:?}", program.display()))
    }

    /// Opens the library, and calls.
    fn opened(&self, number: u64) -> Result<Instant, String> {
        let copy = self.copies.join(self.library(&format!("{}_{number}", self.place.name)));
        let failed = |error: std::io::Error| format!("{}: {error}", copy.display());
        let folder = self.target.join("debug");
        match self.way {
            // In the folder that rustc itself writes to; a new inode by a new link.
            Way::Rustc { .. } => {
                std::fs::rename(folder.join("deps").join(self.library(&self.place.name)), &copy).map_err(failed)?;
            }
            Way::Cargo | Way::Restart => {
                std::fs::copy(folder.join(self.library(&self.place.name)), &copy).map_err(failed)?;
            }
        }
        // As in the runner: a thread of its own, and the library is closed after that has ended.
        let thread = std::thread::spawn(move || {
            LoadedGuest::open(&copy).map(|mut guest| (guest.call(EDITED, 0, &[]), Instant::now(), guest.leave()))
        });
        let opened = thread.join().map_err(|_| "the guest's thread panicked")?;
        let (reply, answered, left) = opened.map_err(|error| error.to_string())?;
        if reply != CallReply::Returned(packed(number)?) {
            return Err(format!("the {} guest answered {reply:?} instead of {number}", self.name()));
        }
        left.close().map_err(|error| error.to_string())?;
        Ok(answered)
    }
}

impl Contestant for Bare {
    fn name(&self) -> &'static str {
        match self.way {
            Way::Rustc { .. } => "bare rustc replay",
            Way::Cargo => "bare cargo build",
            Way::Restart => "cargo build, restart",
        }
    }

    fn edit(&mut self, number: u64) -> Result<Run, String> {
        let text = self.place.text(number);
        let began = Instant::now();
        self.place.save(&text)?;
        let build_began = Instant::now();
        self.compile()?;
        let build = micros(build_began.elapsed());
        let load_began = Instant::now();
        let answered = match self.way {
            Way::Restart => match self.started()? {
                found if found == number => Instant::now(),
                found => return Err(format!("the program wrote {found} instead of {number}")),
            },
            Way::Rustc { .. } | Way::Cargo => self.opened(number)?,
        };
        let load = micros(answered.duration_since(load_began));
        let total = micros(answered.duration_since(began));
        Ok(Run { total, parts: vec![("build", build), ("load", load)], is_rebuild: false })
    }
}

/// The number as MessagePack's 16-bit form, which all of ours take.
fn packed(number: u64) -> Result<Vec<u8>, String> {
    let number = u16::try_from(number).ok().filter(|number| *number > u16::from(u8::MAX));
    let [high, low] = number.ok_or("a number of another form")?.to_be_bytes();
    Ok(vec![0xcd, high, low])
}
