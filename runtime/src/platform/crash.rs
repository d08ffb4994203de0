//! Where the runner crashed, written down while it dies: signal, addresses, the calls that led
//! there, and the process's mappings. The parent reads it and finds the guest's lines.
//!
//! With `load::library`, the engine's other module with `unsafe` code: a handler for deadly signals
//! cannot be had without. It runs on a stack of its own, so that an overflow of the guest's can be
//! told; it calls only what is safe in a handler, but for the unwinder, which comes last, when all
//! else is written, and which in glibc from 2.35 on takes no lock. It never lets anything go on: the
//! signal's own effect follows.

#![expect(unsafe_code, reason = "a signal handler and its stack; every block says why it holds")]

use std::ffi::{CStr, c_int, c_void};
use std::fs::File;
use std::io;
use std::marker::PhantomData;
use std::os::fd::IntoRawFd;
use std::ptr;
use std::sync::atomic::{AtomicI32, Ordering};

use rustix::fs::MemfdFlags;

use super::HIGH;

/// Where notes go: a descriptor that is never closed; none before [`arm`].
static NOTES: AtomicI32 = AtomicI32::new(-1);

/// Signals by which code shows that it is wrong.
const DEADLY: [c_int; 7] =
    [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL, libc::SIGABRT, libc::SIGTRAP, libc::SIGSYS];

/// What the handler needs, the unwinder included. In bytes.
const STACK: usize = 64 << 10;

/// Calls that are written down at most.
const FRAMES: usize = 64;

/// Makes crashes of this process be written down. Returns the descriptor that [`open_notes`] opens.
///
/// # Errors
/// Those of the system.
pub(crate) fn arm() -> io::Result<i32> {
    let notes = rustix::fs::memfd_create("exuvia-crash", MemfdFlags::CLOEXEC)?;
    let notes = rustix::io::fcntl_dupfd_cloexec(&notes, HIGH).unwrap_or(notes);
    let descriptor = notes.into_raw_fd();
    NOTES.store(descriptor, Ordering::SeqCst);
    for signal in DEADLY {
        // SAFETY: all zeros is a valid `sigaction`; its fields are set as sigaction(2) wants them, and
        // the handler has the signature that SA_SIGINFO asks for.
        let done = unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = on_crash as extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void) as usize;
            action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_RESETHAND;
            libc::sigaction(signal, &raw const action, ptr::null_mut())
        };
        if done != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(descriptor)
}

/// In the parent: what [`arm`] made, readable also when that process has ended.
pub(crate) fn open_notes(process: u32, descriptor: i32) -> io::Result<File> {
    File::open(format!("/proc/{process}/fd/{descriptor}"))
}

/// The stack on which this thread's crash is written down. Dropped on the same thread.
#[derive(Debug)]
pub(crate) struct CrashStack {
    memory: Vec<u8>,
    _thread: PhantomData<*const ()>,
}

/// Gives this thread a stack for the handler. `None`: the system refuses; an overflow of the thread's
/// own stack is then told as a plain signal.
pub(crate) fn crash_stack() -> Option<CrashStack> {
    let mut memory = vec![0u8; STACK];
    let stack = libc::stack_t { ss_sp: memory.as_mut_ptr().cast(), ss_flags: 0, ss_size: STACK };
    // SAFETY: the memory is as large as said, is not moved or freed before `drop` takes it away from
    // the thread again, and nothing else uses it.
    let done = unsafe { libc::sigaltstack(&raw const stack, ptr::null_mut()) };
    (done == 0).then_some(CrashStack { memory, _thread: PhantomData })
}

impl Drop for CrashStack {
    fn drop(&mut self) {
        let none = libc::stack_t { ss_sp: ptr::null_mut(), ss_flags: libc::SS_DISABLE, ss_size: 0 };
        // SAFETY: takes back what `crash_stack` gave to this same thread (the type is not `Send`), which
        // does not run on it now.
        if unsafe { libc::sigaltstack(&raw const none, ptr::null_mut()) } != 0 {
            // Still in use: better lost than freed.
            std::mem::forget(std::mem::take(&mut self.memory));
        }
    }
}

/// Makes a thread of a process that was armed write down where it is, and end its process.
pub(crate) fn abort_thread(process: u32, thread: u32) {
    // SAFETY: a system call that takes three numbers; it reaches only what this user may signal.
    // One that has ended is no error.
    unsafe { libc::syscall(libc::SYS_tgkill, i64::from(process), i64::from(thread), i64::from(libc::SIGABRT)) };
}

/// Ends this process with this code, at once: no destructors, no exit handlers, nothing of the guest's.
pub(crate) fn exit_at_once(code: i32) -> ! {
    // SAFETY: takes a number and does not return; what is not written down or dropped is lost, as is wanted.
    unsafe { libc::_exit(code) }
}

/// A line that is put together without allocating.
struct Line {
    bytes: [u8; 96],
    length: usize,
}

impl Line {
    fn new(word: &str) -> Self {
        let mut line = Self { bytes: [0; 96], length: 0 };
        line.add(word.as_bytes());
        line
    }

    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if let Some(place) = self.bytes.get_mut(self.length) {
                *place = *byte;
                self.length += 1;
            }
        }
    }

    fn hex(mut self, number: u64) -> Self {
        self.add(b" ");
        for digit in (0..16).rev() {
            let value = (number >> (digit * 4)) & 0xf;
            self.add(&[b"0123456789abcdef"[value as usize]]);
        }
        self
    }

    fn write(mut self, to: c_int) {
        self.add(b"\n");
        put(to, &self.bytes[..self.length]);
    }
}

fn put(to: c_int, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        // SAFETY: the pointer and length are those of a slice; write(2) is safe in a handler.
        let written = unsafe { libc::write(to, bytes.as_ptr().cast(), bytes.len()) };
        match usize::try_from(written) {
            Ok(written) if written > 0 => bytes = bytes.get(written..).unwrap_or_default(),
            // The guest has closed it: then nothing is told.
            _ => return,
        }
    }
}

fn copy(file: &CStr, to: c_int) {
    // SAFETY: a text that ends in zero; open(2) is safe in a handler.
    let from = unsafe { libc::open(file.as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC) };
    let mut buffer = [0u8; 4096];
    loop {
        // SAFETY: the buffer is as long as said; read(2) is safe in a handler, and fails on what is no file.
        let read = unsafe { libc::read(from, buffer.as_mut_ptr().cast(), buffer.len()) };
        match usize::try_from(read) {
            Ok(read) if read > 0 => put(to, &buffer[..read]),
            _ => break,
        }
    }
    // SAFETY: nobody else has this descriptor; one that was not opened is refused.
    unsafe { libc::close(from) };
}

#[cfg(target_arch = "x86_64")]
fn registers(context: &libc::ucontext_t) -> (u64, u64) {
    let registers = &context.uc_mcontext.gregs;
    (registers[libc::REG_RIP as usize] as u64, registers[libc::REG_RSP as usize] as u64)
}

#[cfg(target_arch = "aarch64")]
fn registers(context: &libc::ucontext_t) -> (u64, u64) {
    (context.uc_mcontext.pc, context.uc_mcontext.sp)
}

extern "C" fn on_crash(signal: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    let notes = NOTES.load(Ordering::Relaxed);
    // SAFETY: the kernel hands a handler with SA_SIGINFO these two, valid while it runs.
    let (info, context) = unsafe { (&*info, &*context.cast::<libc::ucontext_t>()) };
    let (at, stack) = registers(context);
    Line::new("signal").hex(u64::from(signal.unsigned_abs())).write(notes);
    if info.si_code > 0 {
        // SAFETY: the kernel made this signal (the code is positive), so that it has an address.
        Line::new("address").hex(unsafe { info.si_addr() }.addr() as u64).write(notes);
    }
    Line::new("stack").hex(stack).write(notes);
    Line::new("frame").hex(at).write(notes);
    put(notes, b"statm ");
    copy(c"/proc/self/statm", notes);
    copy(c"/proc/self/maps", notes);
    let mut walk = Walk { notes, left: FRAMES };
    // SAFETY: the function and what it is handed fit together, and both outlive the walk.
    unsafe {
        _Unwind_Backtrace(on_frame, (&raw mut walk).cast());
        // Blocked while this runs, with its own effect restored: it comes upon return.
        libc::raise(signal);
    }
}

struct Walk {
    notes: c_int,
    left: usize,
}

/// The unwinder's context, which only it knows.
#[repr(C)]
struct UnwindContext {
    _opaque: [u8; 0],
}

// The unwinder that the standard library is linked with; its interface is that of the Itanium C++ ABI.
unsafe extern "C" {
    fn _Unwind_Backtrace(each: extern "C" fn(*mut UnwindContext, *mut c_void) -> c_int, argument: *mut c_void)
    -> c_int;
    fn _Unwind_GetIPInfo(context: *mut UnwindContext, is_exact: *mut c_int) -> usize;
}

/// `_URC_NO_REASON`: go on.
const GO_ON: c_int = 0;
/// `_URC_END_OF_STACK`: no further.
const ENOUGH: c_int = 5;

extern "C" fn on_frame(context: *mut UnwindContext, walk: *mut c_void) -> c_int {
    let mut is_exact = 0;
    // SAFETY: `walk` is what `on_crash` passed, used by nobody else meanwhile; the context is the
    // unwinder's own, valid during this call.
    let (walk, at) = unsafe { (&mut *walk.cast::<Walk>(), _Unwind_GetIPInfo(context, &raw mut is_exact)) };
    // A return address lies behind its call, perhaps already in another line.
    let at = if is_exact == 0 { at.saturating_sub(1) } else { at };
    Line::new("frame").hex(at as u64).write(walk.notes);
    walk.left = walk.left.saturating_sub(1);
    if walk.left == 0 { ENOUGH } else { GO_ON }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_made_without_allocating() {
        let line = Line::new("signal").hex(0x0b);
        assert_eq!(&line.bytes[..line.length], b"signal 000000000000000b");
        let mut long = Line::new("x");
        long.add(&[b'y'; 200]);
        assert_eq!(long.length, 96);
    }

    /// This thread's stack for handlers: its first byte and its size; `None` where there is none.
    fn installed() -> Option<(usize, usize)> {
        let mut stack = libc::stack_t { ss_sp: ptr::null_mut(), ss_flags: 0, ss_size: 0 };
        // SAFETY: asks only, and writes what the kernel knows into the structure.
        assert_eq!(unsafe { libc::sigaltstack(ptr::null(), &raw mut stack) }, 0);
        (stack.ss_flags & libc::SS_DISABLE == 0).then(|| (stack.ss_sp.addr(), stack.ss_size))
    }

    /// The standard library gives its threads such a stack, too, of which nobody says how much it holds.
    #[test]
    fn a_stack_is_our_own_and_is_taken_back() {
        std::thread::spawn(|| {
            let stack = crash_stack().expect("a stack");
            assert_eq!(stack.memory.len(), STACK);
            assert_eq!(installed(), Some((stack.memory.as_ptr().addr(), STACK)));
            drop(stack);
            assert_eq!(installed(), None);
        })
        .join()
        .unwrap();
        let file = tempfile::tempfile().unwrap();
        put(std::os::fd::AsRawFd::as_raw_fd(&file), b"note");
        assert_eq!(file.metadata().unwrap().len(), 4);
    }
}
