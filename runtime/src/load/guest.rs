//! A loaded version, ready to be called: the library, its state, and replies in words.
//!
//! Lives on one thread from [`LoadedGuest::open`] to [`LoadedGuest::leave`].

use std::path::Path;

use exuvia_contract::{Field, Outcome};
use serde::{Deserialize, Serialize};

use super::error::LoadError;
use super::library::{LeftLibrary, OpenExport, OpenLibrary, Reply, StateHandle};
use super::record::{ExportRecord, StampRecord, StateAccess, StateReport};
use crate::stage;

/// How a call into the guest ended, in owned data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum CallReply {
    /// It returned; one MessagePack value.
    Returned(Vec<u8>),
    /// It returned `Err`; one MessagePack value.
    ReturnedErr(Vec<u8>),
    /// It panicked.
    Panicked {
        /// The panic's message.
        message: String,
        /// Source file; empty where not known.
        file: String,
        /// Line, from 1; 0 where not known.
        line: u32,
    },
    /// It was not called, or its result could not be passed on.
    Refused(String),
}

/// A state function failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{what}: {why}")]
pub struct StateError {
    /// Which function.
    pub what: String,
    /// What happened.
    pub why: String,
    /// In which way.
    pub kind: StateErrorKind,
}

/// How a state function failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum StateErrorKind {
    /// Something does not fit, or cannot be read or written.
    Unfit,
    /// The guest panicked, which is a fault and not a mismatch of types.
    Panicked,
    /// The guest's own migration said no.
    Refused,
}

/// A loaded version.
#[derive(Debug)]
pub struct LoadedGuest {
    library: OpenLibrary,
    path: std::path::PathBuf,
    state: Option<StateHandle>,
}

impl LoadedGuest {
    /// Opens and verifies a staged artifact. Runs its static constructors, nothing else.
    ///
    /// # Errors
    /// See [`LoadError`].
    pub fn open(path: &Path) -> Result<Self, LoadError> {
        Ok(Self { library: OpenLibrary::open(path)?, path: path.to_owned(), state: None })
    }

    /// What the guest was built with.
    #[must_use]
    pub fn stamp(&self) -> &StampRecord {
        &self.library.stamp
    }

    /// The exports' records, by name.
    #[must_use]
    pub fn exports(&self) -> Vec<ExportRecord> {
        self.library.exports.iter().map(|export| export.record.clone()).collect()
    }

    /// The loader's handle as a number: two guests with the same one are the same library. `None`
    /// where it cannot be read.
    #[must_use]
    pub fn handle(&self) -> Option<u64> {
        self.library.handle
    }

    /// Address of the function behind an export.
    #[must_use]
    pub fn address(&self, export: &str) -> Option<u64> {
        self.library.exports.iter().find(|found| found.record.name == export).map(OpenExport::address)
    }

    /// Name of the state's type, for a guest with state.
    #[must_use]
    pub fn state_type(&self) -> Option<&str> {
        self.library.state_type.as_deref()
    }

    /// Number of the state's meaning.
    #[must_use]
    pub fn state_version(&self) -> u32 {
        self.library.state_version
    }

    /// Whether the arguments fit the export; `Err` says why not.
    ///
    /// # Errors
    /// What does not fit, in words.
    pub fn check(&self, export: &str, argument_count: usize, arguments: &[u8]) -> Result<(), String> {
        let export = find(&self.library, export, argument_count)?;
        let reply = self.library.check(export, arguments);
        match reply.outcome {
            Outcome::RETURNED => Ok(()),
            _ => Err(format!("{} does not take these arguments: {}", export.record.signature, message(&reply))),
        }
    }

    /// Calls an export with MessagePack arguments, one value behind the other.
    pub fn call(&mut self, export: &str, argument_count: usize, arguments: &[u8]) -> CallReply {
        let export = match find(&self.library, export, argument_count) {
            Ok(export) => export,
            Err(why) => return CallReply::Refused(why),
        };
        let needs_state = export.record.state != StateAccess::None;
        if needs_state && self.state.is_none() {
            return CallReply::Refused(format!(
                "`{}` needs the guest's state and there is none; name its type with `exuvia_guest::state!`",
                export.record.name
            ));
        }
        let reply = self.library.call(export, self.state.as_mut().filter(|_| needs_state), arguments);
        call_reply(&export.record, reply)
    }

    /// Makes a fresh state in place of the one that may be there. Does nothing for a guest
    /// without state.
    ///
    /// # Errors
    /// What the guest's `Default` did.
    pub fn create(&mut self) -> Result<(), StateError> {
        let made = self.library.create();
        self.take_over("making a fresh state", made)
    }

    /// Makes the state from a snapshot of a guest whose state had the version `from`, in place of the
    /// one that may be there; tells what became of the fields, if the guest's SDK can say. Does nothing
    /// for a guest without state; on an error the state that was there stays.
    ///
    /// # Errors
    /// Why the snapshot does not fit.
    pub fn restore(&mut self, snapshot: &[u8], from: u32) -> Result<Option<StateReport>, StateError> {
        let what = "restoring the state";
        let Some((made, reply)) = self.library.carry(snapshot, from) else {
            let made = self.library.restore(snapshot);
            return self.take_over(what, made).map(|()| None);
        };
        let report = reply.fields.iter().find(|(field, _)| *field == Field::Value);
        let report = report.and_then(|(_, bytes)| rmp_serde::from_slice(bytes).ok());
        self.take_over(what, Some((made, reply)))?;
        Ok(report)
    }

    fn take_over(&mut self, what: &str, made: Option<(Option<StateHandle>, Reply)>) -> Result<(), StateError> {
        let Some((made, reply)) = made else { return Ok(()) };
        let Some(made) = made else {
            return Err(state_error(what, &reply));
        };
        let old = self.state.replace(made);
        self.drop_handle(old)
    }

    /// The state as one MessagePack value; `None` without state.
    ///
    /// # Errors
    /// What the guest's `Serialize` did.
    pub fn snapshot(&self) -> Result<Option<Vec<u8>>, StateError> {
        let Some(reply) = self.state.as_ref().and_then(|state| self.library.snapshot(state)) else {
            return Ok(None);
        };
        match reply.outcome {
            Outcome::RETURNED => Ok(take(reply, Field::Value)),
            _ => Err(state_error("taking a snapshot of the state", &reply)),
        }
    }

    /// Drops the state, if there is one.
    ///
    /// # Errors
    /// What the guest's `Drop` did; the state is gone all the same.
    pub fn drop_state(&mut self) -> Result<(), StateError> {
        let state = self.state.take();
        self.drop_handle(state)
    }

    fn drop_handle(&self, state: Option<StateHandle>) -> Result<(), StateError> {
        let Some(reply) = state.and_then(|state| self.library.drop_state(state)) else {
            return Ok(());
        };
        match reply.outcome {
            Outcome::RETURNED => Ok(()),
            _ => Err(state_error("dropping the state", &reply)),
        }
    }

    /// Leaves the guest: to be closed once this thread has ended. A state that is still there is
    /// leaked, not dropped.
    ///
    /// One that is never to be unloaded leaves nothing: its SDK may share the standard library with newer
    /// versions, and would take away their panic hook.
    #[must_use]
    pub fn leave(self) -> LeftLibrary {
        if !stage::is_for_good(&self.path) {
            self.library.leave();
        }
        LeftLibrary::new(self.library, self.path)
    }
}

fn find<'a>(library: &'a OpenLibrary, name: &str, argument_count: usize) -> Result<&'a OpenExport, String> {
    let Some(export) = library.exports.iter().find(|export| export.record.name == name) else {
        let names: Vec<_> = library.exports.iter().map(|export| export.record.name.as_str()).collect();
        let known =
            if names.is_empty() { "there are none".to_owned() } else { format!("there are: {}", names.join(", ")) };
        return Err(format!("there is no export `{name}`; {known}"));
    };
    let wanted = export.record.parameters.len();
    if wanted != argument_count {
        let noun = if wanted == 1 { "argument" } else { "arguments" };
        return Err(format!("{} takes {wanted} {noun}, {argument_count} given", export.record.signature));
    }
    Ok(export)
}

fn call_reply(record: &ExportRecord, reply: Reply) -> CallReply {
    match reply.outcome {
        Outcome::RETURNED => CallReply::Returned(take(reply, Field::Value).unwrap_or_else(nil)),
        Outcome::RETURNED_ERR => CallReply::ReturnedErr(take(reply, Field::Value).unwrap_or_else(nil)),
        Outcome::PANICKED => {
            let (file, line) = place(&reply);
            CallReply::Panicked { message: message(&reply), file, line }
        }
        Outcome::NOT_DECODED => {
            CallReply::Refused(format!("{} does not take these arguments: {}", record.signature, message(&reply)))
        }
        Outcome::NOT_ENCODED => {
            CallReply::Refused(format!("the result of `{}` cannot be passed on: {}", record.name, message(&reply)))
        }
        Outcome(number) => CallReply::Refused(format!(
            "`{}` ended with the unknown outcome {number}; use the `exuvia-guest` that belongs to this workbench",
            record.name
        )),
    }
}

/// MessagePack's nil, for a guest that put no value.
fn nil() -> Vec<u8> {
    vec![0xc0]
}

fn take(reply: Reply, wanted: Field) -> Option<Vec<u8>> {
    reply.fields.into_iter().find(|(field, _)| *field == wanted).map(|(_, bytes)| bytes)
}

fn lossy(reply: &Reply, wanted: Field) -> Option<String> {
    let (_, bytes) = reply.fields.iter().find(|(field, _)| *field == wanted)?;
    Some(String::from_utf8_lossy(bytes).into_owned())
}

fn message(reply: &Reply) -> String {
    lossy(reply, Field::Message).unwrap_or_else(|| format!("outcome {} without a message", reply.outcome.0))
}

fn place(reply: &Reply) -> (String, u32) {
    let line = reply.fields.iter().find(|(field, _)| *field == Field::Line);
    let line = line.and_then(|(_, bytes)| bytes.as_slice().try_into().ok()).map_or(0, u32::from_le_bytes);
    (lossy(reply, Field::File).unwrap_or_default(), line)
}

fn state_error(what: &str, reply: &Reply) -> StateError {
    let message = message(reply);
    let kind = match reply.outcome {
        Outcome::PANICKED => StateErrorKind::Panicked,
        Outcome::REFUSED => StateErrorKind::Refused,
        _ => StateErrorKind::Unfit,
    };
    let why = if kind == StateErrorKind::Panicked {
        let (file, line) = place(reply);
        format!("panicked at {file}:{line}: {message}")
    } else {
        message
    };
    StateError { what: what.to_owned(), why, kind }
}
