//! Where no handler for deadly signals has been written: how a runner ended is known, where is not.

use std::fs::File;
use std::io;

fn unsupported() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "crashes are not written down on this platform")
}

/// Not written yet.
pub(crate) fn arm() -> io::Result<i32> {
    Err(unsupported())
}

/// Not written yet.
pub(crate) fn open_notes(_process: u32, _descriptor: i32) -> io::Result<File> {
    Err(unsupported())
}

/// Ends this process with this code.
pub(crate) fn exit_at_once(code: i32) -> ! {
    std::process::exit(code)
}

/// Nothing.
#[derive(Debug)]
pub(crate) struct CrashStack;

/// None here.
pub(crate) fn crash_stack() -> Option<CrashStack> {
    None
}

/// Nobody to tell where it is.
pub(crate) fn abort_thread(_process: u32, _thread: u32) {}
