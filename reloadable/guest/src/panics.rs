//! Remembers what the latest panic of this thread said and where it was.
//!
//! Each guest library has its own copy of std, hence its own hook, which is installed once when
//! the table is built. The hook before it still runs, so that the text appears on stderr.

use std::any::Any;
use std::cell::RefCell;
use std::mem::{self, ManuallyDrop};
use std::panic::{self, AssertUnwindSafe};

/// What is known of a panic.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Note {
    pub(crate) message: String,
    /// File and line, from 1; none for `resume_unwind`, or when the guest replaced the hook.
    pub(crate) place: Option<(String, u32)>,
}

thread_local! {
    // Never dropped, on purpose: a thread-local with a destructor keeps a library mapped after it
    // was closed for as long as the thread lives. What may leak is one note a thread.
    static LATEST: ManuallyDrop<RefCell<Option<Note>>> = const { ManuallyDrop::new(RefCell::new(None)) };
}

/// Installs the hook. To be called once.
pub(crate) fn install_hook() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let place = info.location().map(|it| (it.file().to_owned(), it.line()));
        let note = Note { message: text(info.payload()), place };
        LATEST.with(|latest| latest.replace(Some(note)));
        before(info);
    }));
}

/// Removes the hook, whoever installed it, and frees it.
pub(crate) fn remove_hook() {
    drop(panic::take_hook());
}

/// Runs `work`, and says what there is to say if it panics. Nothing unwinds out of here.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Note> {
    // The guest may have caught a panic of its own since.
    LATEST.with(|latest| latest.take());
    panic::catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        let message = text(&*payload);
        // `resume_unwind` passes the hook by: then the note, if any, is of another panic.
        let noted = LATEST.with(|latest| latest.take()).filter(|note| note.message == message);
        let note = noted.unwrap_or(Note { message, place: None });
        // A payload may be anything, a type whose `drop` panics included, and so may the payload
        // of that panic: the second one is not dropped any more.
        if let Err(second) = panic::catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            mem::forget(second);
        }
        note
    })
}

fn text(payload: &(dyn Any + Send)) -> String {
    if let Some(text) = payload.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else {
        "(the panic's payload is neither a &str nor a String)".to_owned()
    }
}
