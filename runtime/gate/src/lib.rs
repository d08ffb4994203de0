//! The gate: a library for `LD_PRELOAD` that holds rustc in front of its crate's root file. The workbench has
//! the text of this file in it (`runtime/src/build/replay/ahead.rs`) and compiles it where it is needed.
//!
//! When the process first opens the file that `EXUVIA_GATE` names, spelt as it is there, the gate writes one byte to
//! standard output and reads one from standard input: with it the process goes on, at the end of the stream it
//! ends. Whoever holds the other end of the pipe is not outlived.
//!
//! Linux with glibc: Rust's standard library opens files by `open64` there.

#![cfg(all(target_os = "linux", target_env = "gnu"))]
#![expect(unsafe_code, reason = "a function of the C library is stood in for, and others are called")]

use std::env;
use std::ffi::{CStr, CString, c_char, c_int, c_uint};
use std::io::{Read, Write};
use std::os::unix::ffi::OsStringExt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// Names the file.
const NAME: &str = "EXUVIA_GATE";

/// Where the loader was told of this library.
const PRELOAD: &str = "LD_PRELOAD";

/// `AT_FDCWD` of Linux: relative to the working directory.
const WORKING_DIRECTORY: c_int = -100;

unsafe extern "C" {
    fn openat64(folder: c_int, path: *const c_char, flags: c_int, ...) -> c_int;
}

static FILE: OnceLock<CString> = OnceLock::new();

static IS_PASSED: AtomicBool = AtomicBool::new(false);

#[used]
// SAFETY: the section holds pointers to such functions, which the loader calls.
#[unsafe(link_section = ".init_array")]
static BEGIN: extern "C" fn() = begin;

/// Before the program's own code: what is for the gate is neither the compiler's nor for what it starts.
extern "C" fn begin() {
    if let Some(file) = env::var_os(NAME).and_then(|file| CString::new(file.into_vec()).ok()) {
        // It is called once.
        let _ = FILE.set(file);
    }
    for name in [NAME, PRELOAD] {
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
    if FILE.get().is_some_and(|file| file.as_c_str() == name) && !IS_PASSED.swap(true, Ordering::Relaxed) {
        wait();
    }
    // SAFETY: as this function was called.
    unsafe { openat64(WORKING_DIRECTORY, path, flags, mode) }
}

fn wait() {
    let mut out = std::io::stdout();
    let is_told = out.write_all(b"g").and_then(|()| out.flush()).is_ok();
    if !is_told || std::io::stdin().read_exact(&mut [0]).is_err() {
        std::process::exit(1);
    }
}
