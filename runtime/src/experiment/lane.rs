//! The parent's side of a lane: starts its process, lets it take steps, and finds out how it ended.
//!
//! Threads per lane: one that waits for the process (this module's), and one that reads its answers.
//! The last thing that a lane tells is [`LaneNews::Ended`].

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

use super::SUBCOMMAND;
use super::process::{LaneOrder, PRINTED, printed_since};
use super::step::{Step, StepKind};
use crate::build::environment;
use crate::platform;
use crate::runner::{read_frame, write_frame};

/// How long a step may take. None takes more than some milliseconds.
const DEADLINE: Duration = Duration::from_secs(10);

/// How long a process that has closed its channel may take to end by itself.
const LAST_BREATH: Duration = Duration::from_secs(1);

/// Beside the lane's libraries: what the process and its loader complained of.
const COMPLAINTS: &str = "stderr.txt";

/// What a lane tells.
#[derive(Debug)]
pub(super) enum LaneNews {
    /// A step was taken, or the process ended instead.
    Step(Step),
    /// There is nothing left to do.
    Ended,
}

/// A lane that was started. Dropped, its process is killed.
#[derive(Debug)]
pub(super) struct LaneHandle {
    go: mpsc::Sender<()>,
    alive: Alive,
}

/// The process of a lane, between its thread and whoever stops it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    NotStarted,
    Running(u32),
    /// It has ended and was waited for: its number may be another process's by now.
    Ended,
    /// Nobody wants it any more.
    Stopped,
}

#[derive(Debug, Clone)]
struct Alive(Arc<Mutex<Life>>);

impl Alive {
    fn life(&self) -> MutexGuard<'_, Life> {
        // A plain value; a panic while it was held cannot have left it half-written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that the process runs. One that was stopped in the meantime is killed.
    fn started(&self, pid: u32) {
        let mut life = self.life();
        if *life == Life::Stopped {
            platform::kill_tree(pid);
        } else {
            *life = Life::Running(pid);
        }
    }

    /// Kills the process if it runs, and notes what it is then.
    fn end(&self, then: Life) {
        let mut life = self.life();
        if let Life::Running(pid) = *life {
            platform::kill_tree(pid);
        }
        if *life != Life::Stopped {
            *life = then;
        }
    }
}

impl LaneHandle {
    /// Makes a lane ready; its process starts with the first step.
    pub(super) fn start(program: &Path, order: LaneOrder, tell: impl Fn(LaneNews) + Send + 'static) -> Self {
        let (go, steps) = mpsc::channel();
        let alive = Alive(Arc::new(Mutex::new(Life::NotStarted)));
        let (program, shared) = (program.to_owned(), alive.clone());
        std::thread::spawn(move || {
            follow(&program, &order, &steps, &shared, &tell);
            tell(LaneNews::Ended);
        });
        Self { go, alive }
    }

    /// Takes the next step. A lane that has ended takes none.
    pub(super) fn step(&self) {
        let _ = self.go.send(());
    }
}

impl Drop for LaneHandle {
    fn drop(&mut self) {
        self.alive.end(Life::Stopped);
    }
}

fn follow(program: &Path, order: &LaneOrder, go: &mpsc::Receiver<()>, alive: &Alive, tell: &impl Fn(LaneNews)) {
    let mut plan = order.lane.plan().iter().copied();
    let mut process = None;
    // The sender is gone when the lane was dropped.
    while go.recv().is_ok() {
        let Some(kind) = plan.next().filter(|_| *alive.life() != Life::Stopped) else { return };
        let step = match &mut process {
            Some(process) => Process::step(process, kind),
            None => match Process::start(program, order, alive) {
                Ok(started) => process.insert(started).step(kind),
                Err(message) => Step::Refused { doing: StepKind::Started, message },
            },
        };
        let is_last = step.ends_lane() || plan.len() == 0;
        tell(LaneNews::Step(step));
        if is_last {
            return;
        }
    }
}

/// A running process. Dropped, it is killed and waited for.
#[derive(Debug)]
struct Process {
    child: Child,
    channel: platform::Channel,
    answers: mpsc::Receiver<io::Result<Step>>,
    folder: PathBuf,
    alive: Alive,
    /// How much of its output belongs to steps that were told, in bytes.
    seen: u64,
}

impl Process {
    fn start(program: &Path, order: &LaneOrder, alive: &Alive) -> Result<Self, String> {
        let folder = &order.folder;
        let failed = |what: &str, error: &io::Error| format!("the lane's process cannot be started: {what}: {error}");
        platform::create_private_dir(folder).map_err(|error| failed(&folder.display().to_string(), &error))?;
        let file = |name: &str| {
            let path = folder.join(name);
            platform::create_private_file(&path).map_err(|error| failed(&path.display().to_string(), &error))
        };
        let (channel, theirs) = platform::channel().map_err(|error| failed("its channel", &error))?;
        let mut command = Command::new(program);
        // Files rather than pipes: what was printed can be looked at when a step has ended, and nothing is lost
        // when the process dies.
        let (stdout, stderr): (File, File) = (file(PRINTED)?, file(COMPLAINTS)?);
        command
            .arg(SUBCOMMAND)
            .current_dir(folder)
            .stdin(theirs)
            .stdout(Stdio::from(stdout))
            .stderr(Stdio::from(stderr));
        for name in environment::not_passed_on() {
            command.env_remove(name);
        }
        platform::isolate(&mut command);
        let child = command.spawn().map_err(|error| failed(&program.display().to_string(), &error))?;
        alive.started(child.id());
        // The parent's copy of the other end must go, or its end would not close the channel.
        drop(command);
        let (send, answers) = mpsc::channel();
        let mut process = Self { child, channel, answers, folder: folder.clone(), alive: alive.clone(), seen: 0 };
        let mut reading = process.channel.try_clone().map_err(|error| failed("its channel", &error))?;
        std::thread::spawn(move || {
            while let Some(answer) = read_frame(&mut reading).transpose() {
                let last = answer.is_err();
                if send.send(answer).is_err() || last {
                    break;
                }
            }
        });
        platform::set_write_deadline(&process.channel, DEADLINE)
            .and_then(|()| write_frame(&mut process.channel, order))
            .map_err(|error| failed("its channel", &error))?;
        Ok(process)
    }

    fn step(&mut self, kind: StepKind) -> Step {
        // A failed write is that of a process that has gone; so say the answers, too.
        let _ = write_frame(&mut self.channel, &kind);
        match self.answers.recv_timeout(DEADLINE) {
            Ok(Ok(step)) => {
                self.seen = printed_since(&self.folder, self.seen).map_or(self.seen, |(_, seen)| seen);
                step
            }
            Ok(Err(_)) | Err(mpsc::RecvTimeoutError::Disconnected) => self.died(kind),
            Err(mpsc::RecvTimeoutError::Timeout) => {
                self.alive.end(Life::Ended);
                Step::Silent { doing: kind, waited: u64::try_from(DEADLINE.as_millis()).unwrap_or(u64::MAX) }
            }
        }
    }

    fn died(&mut self, doing: StepKind) -> Step {
        let ending = match self.ended() {
            Ok(Some(status)) => platform::ending(status),
            Ok(None) => "a closed channel, alive all the same".to_owned(),
            Err(error) => format!("an end that cannot be learned: {error}"),
        };
        let complaint = std::fs::read(self.folder.join(COMPLAINTS)).unwrap_or_default();
        let complaint = String::from_utf8_lossy(&complaint);
        let ending = match complaint.lines().find(|line| !line.trim().is_empty()) {
            Some(line) => format!("{ending}: {}", line.trim()),
            None => ending,
        };
        let printed = printed_since(&self.folder, self.seen).map(|(text, _)| text).unwrap_or_default();
        Step::Died { doing, ending, printed }
    }

    /// Its end, if it comes soon after that of its channel.
    fn ended(&mut self) -> io::Result<Option<std::process::ExitStatus>> {
        let until = std::time::Instant::now() + LAST_BREATH;
        loop {
            let status = self.child.try_wait()?;
            if status.is_some() {
                *self.alive.life() = Life::Ended;
            }
            if status.is_some() || std::time::Instant::now() > until {
                return Ok(status);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.alive.end(Life::Ended);
        let _ = self.child.wait();
    }
}
