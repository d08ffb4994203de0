//! The runner process: reads requests, runs them one after the other, answers each.
//!
//! Threads: one reads the channel (and ends the process as soon as the parent is gone, whatever
//! the guest is doing); this one answers; one per version runs its code.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::mpsc;

use super::output;
use super::protocol::{Mapping, PROTOCOL, Report, Request, Response, Snapshot, read_frame, write_frame};
use super::threads::{ThreadGone, ThreadLedger, VersionThread};
use crate::ids::VersionNumber;
use crate::load::LoadedGuest;
use crate::platform;
use crate::session::status::differing;

/// Serves the parent until it goes away.
///
/// # Errors
/// When standard input is no channel, that is when a person started this by hand.
pub fn serve() -> io::Result<()> {
    // First, while there is one thread: those to come inherit it.
    platform::confine();
    platform::no_core_files();
    let mut channel = platform::take_channel()?;
    let mut reading = channel.try_clone()?;
    let (send, requests) = mpsc::channel();
    std::thread::Builder::new().name("channel".to_owned()).spawn(move || {
        // The guest may be in an endless loop, so that nothing polite would work.
        loop {
            match read_frame::<Request>(&mut reading) {
                Ok(Some(request)) => {
                    if send.send(request).is_err() {
                        platform::end_at_once();
                    }
                }
                Ok(None) => platform::end_at_once(),
                Err(_) => platform::exit_at_once(LOST_CHANNEL),
            }
        }
    })?;
    let mut runner = Runner {
        versions: BTreeMap::new(),
        opened: BTreeMap::new(),
        ledger: ThreadLedger::new(),
        retired: 0,
        foreground: None,
        nonce: String::new(),
        home: std::env::current_dir()?,
        environment: std::env::vars_os().collect(),
    };
    for request in requests {
        let response = runner.answer(request);
        if write_frame(&mut channel, &response).is_err() {
            // Only a guest can have closed it: had the parent gone, this process would have, too.
            platform::exit_at_once(LOST_CHANNEL);
        }
    }
    Ok(())
}

/// The exit code of a runner whose guest has closed the channel.
pub(super) const LOST_CHANNEL: i32 = 97;

struct Runner {
    versions: BTreeMap<VersionNumber, VersionThread>,
    /// Every file that was opened here and is not known to be gone, for the report of what is still mapped.
    opened: BTreeMap<PathBuf, VersionNumber>,
    ledger: ThreadLedger,
    retired: u64,
    foreground: Option<VersionNumber>,
    nonce: String,
    /// The working folder and the environment that guests find.
    home: PathBuf,
    environment: BTreeMap<OsString, OsString>,
}

impl Runner {
    fn answer(&mut self, request: Request) -> Response {
        // What was started between requests is the foreground's doing.
        if let Some(version) = self.foreground {
            self.ledger.attribute(version);
        }
        let response = self.dispatch(request);
        response.unwrap_or_else(|ThreadGone| Response::Broken("the guest ended its own thread".to_owned()))
    }

    fn dispatch(&mut self, request: Request) -> Result<Response, ThreadGone> {
        Ok(match request {
            Request::Hello { protocol, nonce, memory } => {
                self.nonce = nonce;
                if protocol == PROTOCOL {
                    // A limit that the system refuses is one that it keeps itself, and lower.
                    let _ = memory.map(platform::limit_memory);
                    Response::Hello { protocol: PROTOCOL, notes: platform::arm().ok() }
                } else {
                    Response::Broken(format!(
                        "the workbench speaks protocol {protocol}, its executable {PROTOCOL}; it was replaced while it ran: start it again"
                    ))
                }
            }
            Request::Open { version, path } => self.open(version, path),
            Request::Check { version, export, argument_count, arguments } => {
                Response::Checked(self.run(version, move |guest| guest.check(&export, argument_count, &arguments))?)
            }
            Request::Start { version, snapshot } => {
                Response::Started(self.run(version, move |guest| match snapshot {
                    Some(snapshot) => guest.restore(&snapshot.bytes, snapshot.state_version),
                    None => guest.create().map(|()| None),
                })?)
            }
            Request::Snapshot { version } => Response::Snapshot(self.run(version, |guest| {
                let state_version = guest.state_version();
                Ok(guest.snapshot()?.map(|bytes| Snapshot { state_version, bytes }))
            })?),
            Request::Call { version, export, argument_count, arguments } => {
                Response::Called(self.run(version, move |guest| guest.call(&export, argument_count, &arguments))?)
            }
            Request::Foreground { version } => {
                self.foreground = Some(version);
                self.mark_output(version);
                Response::Done
            }
            Request::Retire { version } => self.retire(version)?,
            Request::Report => Response::Report(self.report()),
        })
    }

    fn report(&self) -> Report {
        let size = platform::process_size();
        let mapping = |(path, version): (&PathBuf, &VersionNumber)| Mapping {
            version: *version,
            path: path.clone(),
            mapped: platform::mapped_bytes(path),
            threads: self.ledger.alive(*version).len(),
        };
        Report {
            resident: size.resident,
            threads: size.threads,
            retired: self.retired,
            environment: differing(&self.environment, &std::env::vars_os().collect())
                .into_iter()
                .map(|name| name.to_string_lossy().into_owned())
                .collect(),
            mappings: self.opened.iter().map(mapping).filter(|mapping| mapping.mapped != Some(0)).collect(),
        }
    }

    fn open(&mut self, version: VersionNumber, path: PathBuf) -> Response {
        if self.versions.contains_key(&version) {
            return Response::Broken(format!("{version} is open already"));
        }
        self.mark_output(version);
        // Wherever another version went. A folder that is gone is the guest's to notice.
        let _ = std::env::set_current_dir(&self.home);
        let opened = VersionThread::open(version, &path);
        self.opened.insert(path, version);
        // The version's own thread is the runner's doing; a constructor that starts threads is
        // rare enough to be counted with it.
        self.ledger.own();
        match opened {
            Ok((thread, opened)) => {
                self.versions.insert(version, thread);
                Response::Opened(opened)
            }
            Err(error) => Response::NotOpened(error.to_string()),
        }
    }

    fn run<T: Send + 'static>(
        &mut self,
        version: VersionNumber,
        work: impl FnOnce(&mut LoadedGuest) -> T + Send + 'static,
    ) -> Result<T, ThreadGone> {
        let thread = self.versions.get(&version).ok_or(ThreadGone)?;
        if self.foreground != Some(version) {
            self.mark_output(version);
        }
        let result = thread.run(work);
        self.ledger.attribute(version);
        if let Some(foreground) = self.foreground.filter(|foreground| *foreground != version) {
            self.mark_output(foreground);
        }
        result
    }

    fn retire(&mut self, version: VersionNumber) -> Result<Response, ThreadGone> {
        let thread = self.versions.remove(&version).ok_or(ThreadGone)?;
        self.mark_output(version);
        let report = thread.retire(|| self.ledger.alive(version));
        if let Some(foreground) = self.foreground.filter(|foreground| *foreground != version) {
            self.mark_output(foreground);
        }
        self.ledger.own();
        self.retired += 1;
        // What is gone need not be looked for ever again.
        self.opened.retain(|path, of| *of != version || platform::mapped_bytes(path) != Some(0));
        report.map(Response::Retired)
    }

    /// Says, in both streams, that what follows is this version's.
    fn mark_output(&self, version: VersionNumber) {
        let mark = output::mark(&self.nonce, version);
        // A guest may have closed its streams; then there is nothing to mark.
        let _ = io::stdout().write_all(&mark).and_then(|()| io::stdout().flush());
        let _ = io::stderr().write_all(&mark);
    }
}
