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
//! Where `EXUVIA_GATE_MEMORY` names a number of MiB, the process takes so much memory while it waits, and gives it back to its
//! own allocator.
//!
//! Where `EXUVIA_GATE_LINKER` names a script, the gate starts that while the process waits, to have a linker stand ready, too,
//! which is held in front of its arguments by this same library. The script reads a pipe whose other end the process' children inherit, and writes to
//! one that they can read: `EXUVIA_LINKER` names the script to them, `EXUVIA_LINKER_GO` and `EXUVIA_LINKER_DONE` are the numbers of the ends. Its
//! stream ends with the process. `EXUVIA_LINKER_GATE` names this library to it. In the linker the gate says how that ends (its exit code and
//! the end of a line, on standard output) before the system takes it apart, which takes some milliseconds.
//!
//! Linux with glibc: Rust's standard library opens files by `open64` there, lld by `open`.

#![cfg(all(target_os = "linux", target_env = "gnu"))]
#![expect(unsafe_code, reason = "a function of the C library is stood in for, and others are called")]

use std::env;
use std::ffi::{CStr, CString, OsString, c_char, c_int, c_short, c_uint, c_ulong, c_void};
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Names the file.
const NAME: &str = "EXUVIA_GATE";

/// Names the folder.
const BEHIND: &str = "EXUVIA_GATE_BEHIND";

/// Names the number.
const MEMORY: &str = "EXUVIA_GATE_MEMORY";

/// Names the script that starts a linker.
const LINKER: &str = "EXUVIA_GATE_LINKER";

/// What the process' children are told of it, and what it is told itself.
const STANDING: &str = "EXUVIA_LINKER";
const GO: &str = "EXUVIA_LINKER_GO";
const DONE: &str = "EXUVIA_LINKER_DONE";
const LIBRARY: &str = "EXUVIA_LINKER_GATE";

/// The highest number that each shell takes for that of a stream.
const HIGHEST: c_int = 9;

/// How rustc's allocator is told that it is to keep what it is given back.
const ALLOCATOR: &str = "MALLOC_CONF";

/// Where the loader was told of this library.
const PRELOAD: &str = "LD_PRELOAD";

/// `AT_FDCWD` of Linux: relative to the working directory.
const WORKING_DIRECTORY: c_int = -100;

/// Linux's names for these numbers.
const STANDARD_INPUT: c_int = 0;
const READABLE: c_short = 1;
const HUGE_PAGES: c_int = 14;
const CLOSED_BY_EXEC: c_int = 0o200_0000;
const SET_FLAGS: c_int = 2;

/// What is taken at a time, in bytes, and the size of a page, which is larger on some systems.
const BLOCK: usize = 1 << 20;
const PAGE: usize = 4096;

/// `struct pollfd`.
#[repr(C)]
struct Poll {
    file: c_int,
    wanted: c_short,
    there: c_short,
}

unsafe extern "C" {
    fn openat64(folder: c_int, path: *const c_char, flags: c_int, ...) -> c_int;
    fn madvise(start: *mut c_void, bytes: usize, advice: c_int) -> c_int;
    fn pipe2(ends: *mut c_int, flags: c_int) -> c_int;
    fn fcntl(file: c_int, command: c_int, ...) -> c_int;
    fn _exit(code: c_int) -> !;
    fn poll(files: *mut Poll, count: c_ulong, milliseconds: c_int) -> c_int;
}

/// The file, and the folder if the gate is behind the file.
static HELD: OnceLock<(CString, Option<CString>)> = OnceLock::new();

/// A linker that is to be started.
static TO_START: Mutex<Option<Linker>> = Mutex::new(None);

/// Whether this process is such a linker.
static IS_LINKER: AtomicBool = AtomicBool::new(false);

/// How many MiB to take.
static TO_TAKE: AtomicUsize = AtomicUsize::new(0);

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
    if let Some(linker) = env::var_os(LINKER).zip(env::var_os(PRELOAD)).and_then(Linker::new) {
        let [go, done] = linker.ours.each_ref().map(|end| end.as_raw_fd().to_string());
        for (name, value) in [(STANDING, linker.script.clone()), (GO, go.into()), (DONE, done.into())] {
            // SAFETY: the loader calls this before there is a second thread.
            unsafe { env::set_var(name, value) };
        }
        *TO_START.lock().unwrap_or_else(PoisonError::into_inner) = Some(linker);
    }
    IS_LINKER.store(env::var_os(LIBRARY).is_some(), Ordering::Relaxed);
    if let Some(mebibytes) = env::var(MEMORY).ok().and_then(|number| number.parse().ok()) {
        TO_TAKE.store(mebibytes, Ordering::Relaxed);
        // It is for this process, whose allocator has read it by now.
        // SAFETY: the loader calls this before there is a second thread.
        unsafe { env::remove_var(ALLOCATOR) };
    }
    for name in [NAME, BEHIND, MEMORY, LINKER, PRELOAD] {
        // SAFETY: the loader calls this before there is a second thread.
        unsafe { env::remove_var(name) };
    }
}

/// A linker, and the ends of the streams between it and the process' children.
struct Linker {
    script: OsString,
    library: OsString,
    /// Where it is told to go, and where it says what came of it.
    ours: [OwnedFd; 2],
    its: [OwnedFd; 2],
}

impl Linker {
    /// `None`: there are no streams to be had that a shell can name.
    fn new((script, library): (OsString, OsString)) -> Option<Self> {
        let ([its_go, our_go], [our_done, its_done]) = (pipe()?, pipe()?);
        let ours = [our_go, our_done];
        let can_be_named = ours.iter().all(|end| end.as_raw_fd() <= HIGHEST);
        can_be_named.then_some(Self { script, library, ours, its: [its_go, its_done] })
    }

    /// Without it, or when it has ended, whoever wants it finds the streams closed.
    fn start(self) {
        let Self { script, library, ours, its: [go, done] } = self;
        let mut command = Command::new(script);
        command.env(LIBRARY, library).stdin(Stdio::from(go)).stdout(Stdio::from(done)).stderr(Stdio::null());
        for name in [STANDING, GO, DONE] {
            command.env_remove(name);
        }
        if command.spawn().is_ok() {
            for end in ours {
                // Not to be closed before the process ends; from here on its children inherit it.
                // SAFETY: the file is open, and the flags are a number.
                unsafe { fcntl(end.into_raw_fd(), SET_FLAGS, 0) };
            }
        }
    }
}

/// Reading and writing end, which no child inherits.
fn pipe() -> Option<[OwnedFd; 2]> {
    let mut ends = [-1; 2];
    // SAFETY: there is room for two numbers.
    let is_made = unsafe { pipe2(ends.as_mut_ptr(), CLOSED_BY_EXEC) } == 0;
    // SAFETY: the system has just opened them, for nobody else.
    is_made.then(|| ends.map(|end| unsafe { OwnedFd::from_raw_fd(end) }))
}

/// The C library's function of that name, with the gate in front of it.
///
/// # Safety
/// As there: `path` is a C string.
// SAFETY: as for `open64`, which does the same where a process has 64 bits.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn open(path: *const c_char, flags: c_int, mode: c_uint) -> c_int {
    // SAFETY: the caller says so.
    unsafe { open64(path, flags, mode) }
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

/// The C library's function of that name, by which lld ends: the gate says how.
///
/// # Safety
/// As there: it is safe.
// SAFETY: there is one such name in this library, with the C library's types.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn _Exit(code: c_int) -> ! {
    if IS_LINKER.load(Ordering::Relaxed) && STAGE.load(Ordering::Relaxed) == PASSED {
        let mut out = std::io::stdout();
        // Without it whoever waits hears it from the script.
        let _ = out.write_all(format!("{code}\n").as_bytes()).and_then(|()| out.flush());
    }
    // SAFETY: the same function by its other name, which is not stood in for.
    unsafe { _exit(code) }
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
    let linker = TO_START.lock().unwrap_or_else(PoisonError::into_inner).take();
    linker.into_iter().for_each(Linker::start);
    take(TO_TAKE.load(Ordering::Relaxed));
    if !is_told || std::io::stdin().read_exact(&mut [0]).is_err() {
        std::process::exit(1);
    }
}

/// Takes memory and gives it back, until somebody wants the process to go on. It is done by the thread that compiles,
/// since each has a part of the allocator to itself.
fn take(mebibytes: usize) {
    let mut blocks: Vec<Vec<u8>> = (0..mebibytes).map(|_| Vec::with_capacity(BLOCK)).collect();
    for block in &mut blocks {
        let start = block.as_mut_ptr().cast::<c_void>();
        let offset = start.addr() % PAGE;
        // Without them the pages are of the usual size.
        // SAFETY: an advice about pages that are this process' own; their content stays as it is.
        unsafe { madvise(start.wrapping_byte_sub(offset), BLOCK + offset, HUGE_PAGES) };
    }
    for block in &mut blocks {
        if is_called() {
            break;
        }
        for byte in block.spare_capacity_mut().iter_mut().step_by(PAGE) {
            byte.write(0);
        }
    }
}

/// Whether there is something on standard input, or its end.
fn is_called() -> bool {
    let mut input = Poll { file: STANDARD_INPUT, wanted: READABLE, there: 0 };
    // SAFETY: one record, which outlives the call.
    unsafe { poll(&raw mut input, 1, 0) != 0 }
}
