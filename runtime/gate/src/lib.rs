//! The gate: a library for `LD_PRELOAD` that holds rustc in front of its crate's sources. The workbench has
//! the text of this file in it (`runtime/src/build/replay/ahead.rs`) and compiles it where it is needed.
//!
//! When the process first opens the file that `EXUVIA_GATE` names, the crate's root file, spelt as it is there, the gate writes one byte to
//! standard output and reads one from standard input: with it the process goes on, at the end of the stream it
//! ends. Whoever holds the other end of the pipe is not outlived.
//!
//! Where `EXUVIA_GATE_BEHIND` names a folder, rustc's incremental one, the process may read the root file and what lies in
//! that folder, and is held in front of whatever it opens after the root file that is not there.
//!
//! Linux with glibc: Rust's standard library opens files by `open64` there.

#![cfg(all(target_os = "linux", target_env = "gnu"))]
#![expect(unsafe_code, reason = "a function of the C library is stood in for, and others are called")]

use std::env;
use std::ffi::{CStr, CString, c_char, c_int, c_uint};
use std::io::{Read, Write};
use std::os::unix::ffi::OsStringExt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};

/// Names the file.
const NAME: &str = "EXUVIA_GATE";

/// Names the folder.
const BEHIND: &str = "EXUVIA_GATE_BEHIND";

/// Where the loader was told of this library.
const PRELOAD: &str = "LD_PRELOAD";

/// `AT_FDCWD` of Linux: relative to the working directory.
const WORKING_DIRECTORY: c_int = -100;

unsafe extern "C" {
    fn openat64(folder: c_int, path: *const c_char, flags: c_int, ...) -> c_int;
}

/// The file, and the folder if the gate is behind the file.
static HELD: OnceLock<(CString, Option<CString>)> = OnceLock::new();

/// How far the process has come.
static STAGE: AtomicU8 = AtomicU8::new(BEFORE);

const BEFORE: u8 = 0;
/// It has opened the file, and is still to be held.
const BETWEEN: u8 = 1;
const PASSED: u8 = 2;

#[used]
// SAFETY: the section holds pointers to such functions, which the loader calls.
#[unsafe(link_section = ".init_array")]
static BEGIN: extern "C" fn() = begin;

/// Before the program's own code: what is for the gate is neither the compiler's nor for what it starts.
extern "C" fn begin() {
    let named = |name: &str| env::var_os(name).and_then(|value| CString::new(value.into_vec()).ok());
    if let Some(file) = named(NAME) {
        // It is called once.
        let _ = HELD.set((file, named(BEHIND)));
    }
    for name in [NAME, BEHIND, PRELOAD] {
        // SAFETY: the loader calls this before there is a second thread.
        unsafe { env::remove_var(name) };
    }
}

/// The C library's function of that name, with the gate in front of it.
///
/// # Safety
/// As there: `path` is a C string.
// SAFETY: there is one such name in this library, with the C library's types on all systems with one register for
// each argument; what the flags do not ask for is read by nobody.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn open64(path: *const c_char, flags: c_int, mode: c_uint) -> c_int {
    // SAFETY: the caller says so.
    let name = unsafe { CStr::from_ptr(path) };
    if STAGE.load(Ordering::Relaxed) != PASSED {
        arrive(name);
    }
    // SAFETY: as this function was called.
    unsafe { openat64(WORKING_DIRECTORY, path, flags, mode) }
}

/// Holds the process, if this is where.
fn arrive(name: &CStr) {
    let Some((file, folder)) = HELD.get() else { return };
    let is_there = match (STAGE.load(Ordering::Relaxed), folder) {
        (BEFORE, _) if file.as_c_str() != name => false,
        (BEFORE, Some(_)) => {
            STAGE.store(BETWEEN, Ordering::Relaxed);
            false
        }
        (BETWEEN, Some(folder)) => !name.to_bytes().starts_with(folder.to_bytes()),
        _ => true,
    };
    if is_there && STAGE.swap(PASSED, Ordering::Relaxed) != PASSED {
        wait();
    }
}

fn wait() {
    let mut out = std::io::stdout();
    let is_told = out.write_all(b"g").and_then(|()| out.flush()).is_ok();
    if !is_told || std::io::stdin().read_exact(&mut [0]).is_err() {
        std::process::exit(1);
    }
}
