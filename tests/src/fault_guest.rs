//! A guest that faults on order: the file `order` beside its manifest says at which moment and how
//! (`call null_write`). The order is taken when it is carried out, so that what comes after works again
//! without another build.

use std::path::{Path, PathBuf};

use crate::guest::{Guest, sdk};

/// What the guest can do wrong: how it is ordered, what it is called in the table.
pub const FAULTS: &[(&str, &str)] = &[
    ("panic", "panic"),
    ("panic_in_drop", "panic in a `Drop`"),
    ("panic_while_panicking", "panic in a `Drop` during a panic"),
    ("abort", "`std::process::abort`"),
    ("exit_0", "`exit(0)`"),
    ("exit_3", "`exit(3)`"),
    ("null_write", "null write"),
    ("division", "arithmetic error"),
    ("illegal", "illegal instruction"),
    ("bus", "access behind a file's end"),
    ("overflow", "stack overflow"),
    ("thread_overflows", "a thread that overflows its stack"),
    ("endless_loop", "endless loop"),
    ("deadlock", "deadlock"),
    ("allocate", "endless allocation"),
    ("flood", "endless output"),
    ("close", "closing all descriptors"),
    ("thread_panics", "a thread that panics"),
    ("thread_crashes", "a thread that crashes"),
    ("thread_stays", "a thread that never ends"),
    ("fork", "fork"),
    ("fork_away", "fork into a session of its own"),
    ("fork_exit", "fork, then `exit(3)`"),
    ("leave_folder", "another working folder"),
    ("leave", "another working folder and environment"),
    ("mask", "masking all signals, then an endless loop"),
    ("stop", "stopping itself"),
    ("kill_group", "killing its process group"),
    ("kill_parents", "killing its parent's process group"),
];

/// The state and what the moments are; `NUMBER` tells one version from another.
const MOMENTS: &str = r#"//! Faults on order.

use exuvia_guest::{State, export, state};

mod faults;

/// Takes the order, if there is one for this moment, and carries it out.
fn now(moment: &str) {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/order");
    let Ok(order) = std::fs::read_to_string(file) else { return };
    if let Some((when, fault)) = order.split_once(' ') {
        if when == moment && std::fs::remove_file(file).is_ok() {
            faults::commit(fault);
        }
    }
}

extern "C" fn loaded() {
    now("load");
}

#[used]
#[unsafe(link_section = ".init_array")]
static LOADED: extern "C" fn() = loaded;

#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Counter {
    #[serde(serialize_with = "write")]
    clicks: u32,
}

fn write<S: serde::Serializer>(clicks: &u32, to: S) -> Result<S::Ok, S::Error> {
    now("snapshot");
    to.serialize_u32(*clicks)
}

impl State for Counter {
    fn restored(&mut self) {
        now("restore");
    }
}
state!(Counter);

impl Drop for Counter {
    fn drop(&mut self) {
        now("drop");
    }
}

/// Counts on.
#[export]
fn click(state: &mut Counter, by: u32) -> u32 {
    state.clicks += by;
    state.clicks
}

/// Says how far.
#[export]
fn clicks(state: &Counter) -> u32 {
    state.clicks
}

/// Faults on order.
#[export]
fn act() {
    now("call");
}

/// The number of the source; faults on order.
#[export]
fn probe() -> u32 {
    now("probation");
    NUMBER
}

/// Faults on order, once `go` lies beside the order: when this call is long over.
#[export]
fn later() {
    std::thread::spawn(|| {
        let go = concat!(env!("CARGO_MANIFEST_DIR"), "/go");
        while std::fs::remove_file(go).is_err() {
            std::thread::yield_now();
        }
        now("later");
    });
}

/// Where a version finds itself: the working folder, and a variable that is not set.
#[export]
fn finds() -> (String, bool) {
    (std::env::current_dir().unwrap().display().to_string(), std::env::var("FAULTY").is_ok())
}

const NUMBER: u32 = @;
"#;

/// What can go wrong. Each line on which it does is marked with the order's word.
const DEEDS: &str = r#"//! What can go wrong.

use std::ffi::{c_int, c_void};
use std::hint::black_box;

unsafe extern "C" {
    fn mmap(at: *mut c_void, length: usize, protection: c_int, flags: c_int, file: c_int, offset: i64) -> *mut c_void;
    fn memfd_create(name: *const u8, flags: u32) -> c_int;
    fn close(descriptor: c_int) -> c_int;
    fn fork() -> c_int;
    fn setsid() -> c_int;
    fn pause() -> c_int;
    fn kill(process: c_int, signal: c_int) -> c_int;
    fn getpid() -> c_int;
    fn getppid() -> c_int;
    fn getpgid(process: c_int) -> c_int;
    fn sigfillset(set: *mut [u64; 16]) -> c_int;
    fn pthread_sigmask(how: c_int, set: *const [u64; 16], old: *mut [u64; 16]) -> c_int;
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("on purpose"); // panic_in_drop panic_while_panicking
    }
}

fn deeper(depth: u64) -> u64 { // overflow
    black_box([depth; 64])[1] + if black_box(depth) == u64::MAX { 0 } else { deeper(depth + 1) } // overflow
}

pub fn commit(fault: &str) {
    match fault {
        "panic" => panic!("on purpose"), // panic
        "panic_in_drop" => drop(Bomb),
        "panic_while_panicking" => {
            let _bomb = Bomb;
            panic!("at first");
        }
        "abort" => std::process::abort(), // abort
        "exit_0" => std::process::exit(0),
        "exit_3" => std::process::exit(3),
        "null_write" => unsafe { black_box(std::ptr::null_mut::<u32>()).write_volatile(1) }, // null_write
        #[cfg(target_arch = "x86_64")]
        "division" => unsafe { std::arch::asm!("xor ecx, ecx", "div ecx", out("ecx") _, out("eax") _, out("edx") _) }, // division
        #[cfg(target_arch = "x86_64")]
        "illegal" => unsafe { std::arch::asm!("ud2") }, // illegal
        "bus" => unsafe {
            let file = memfd_create(c"empty".as_ptr().cast(), 0);
            let page = mmap(std::ptr::null_mut(), 4096, 1, 1, file, 0);
            black_box(page.cast::<u8>().read_volatile()); // bus
        },
        "overflow" => drop(black_box(deeper(0))),
        "endless_loop" => loop {
            std::hint::spin_loop(); // endless_loop
        },
        "deadlock" => {
            let lock = std::sync::Mutex::new(());
            let _one = lock.lock();
            let _two = lock.lock(); // deadlock
        }
        "allocate" => {
            let mut all = Vec::new();
            // Nobody is given so much. Where nothing else stops it, the machine is not to suffer.
            while all.len() < (3 << 30) / (8 << 20) {
                all.push(vec![1u8; 8 << 20]); // allocate
            }
            panic!("3 GiB, and there is more");
        }
        "flood" => loop {
            println!("{}", "on and on ".repeat(1000)); // flood
        },
        "close" => (3..4096).for_each(|descriptor| unsafe { drop(close(descriptor)) }),
        "thread_panics" => drop(std::thread::spawn(|| panic!("in a thread")).join()), // thread_panics
        "thread_crashes" => {
            let crash = || unsafe { black_box(std::ptr::null_mut::<u32>()).write_volatile(1) }; // thread_crashes
            drop(std::thread::spawn(crash).join()); // thread_crashes
        }
        "thread_overflows" => drop(std::thread::spawn(|| drop(black_box(deeper(0)))).join()), // thread_overflows
        "thread_stays" => drop(std::thread::spawn(|| loop { std::thread::park() })),
        "fork" | "fork_away" | "fork_exit" => unsafe {
            if fork() == 0 {
                if fault == "fork_away" {
                    setsid();
                }
                loop {
                    pause();
                }
            }
            if fault == "fork_exit" {
                std::process::exit(3);
            }
        },
        "leave_folder" => std::env::set_current_dir("/").unwrap(),
        "leave" => unsafe {
            std::env::set_current_dir("/").unwrap();
            std::env::set_var("FAULTY", "yes");
        },
        "mask" => unsafe {
            let mut all = [0u64; 16];
            sigfillset(&mut all);
            pthread_sigmask(0, &all, std::ptr::null_mut());
            loop {
                std::hint::spin_loop();
            }
        },
        "stop" => unsafe { drop(kill(getpid(), 19)) },
        "kill_group" => unsafe { drop(kill(0, 9)) },
        "kill_parents" => unsafe {
            // Asked first, so that a test does not end whoever runs it.
            assert!(kill(getppid(), 0) != 0, "it could end its parent");
            assert!(kill(-getpgid(getppid()), 9) != 0, "it has ended its parent");
        },
        other => panic!("no fault is called {other}"),
    }
}
"#;

/// The guest in its folder.
#[derive(Debug)]
pub struct FaultGuest {
    /// The crate.
    pub guest: Guest,
    number: u32,
}

impl FaultGuest {
    /// Writes the crate. `sections`: more of its manifest.
    #[must_use]
    pub fn new(test: &str, sections: &[(&str, &str)]) -> Self {
        let guest = Guest::empty(test);
        let dependencies = format!("{}serde = {{ version = \"1\", features = [\"derive\"] }}\n", sdk());
        let environment = format!("environment = {{ {MARK} = \"{}\" }}\n", guest.name);
        let mut all = vec![("[dependencies]", dependencies.as_str()), ("[package.metadata.exuvia]", &environment)];
        all.extend(sections);
        guest.write("Cargo.toml", &guest.manifest(&all));
        // Lines are wanted of the guest itself, not of all that is shared with other tests' guests.
        let config = std::fs::read_to_string(guest.path(".cargo/config.toml")).expect("the guest's settings of cargo");
        let lines = format!("[profile.dev.package.{:?}]\ndebug = \"line-tables-only\"\n", guest.name);
        guest.write(".cargo/config.toml", &(config + &lines));
        guest.write("src/faults.rs", DEEDS);
        guest.write("src/lib.rs", &MOMENTS.replace('@', "1"));
        Self { guest, number: 1 }
    }

    /// Saves another version of the source.
    pub fn save(&mut self) {
        self.number += 1;
        self.guest.save(&MOMENTS.replace('@', &self.number.to_string()));
    }

    /// Orders a fault.
    pub fn order(&self, moment: &str, fault: &str) {
        let new = self.guest.path("order.new");
        std::fs::write(&new, format!("{moment} {fault}")).expect("the order");
        std::fs::rename(new, self.order_file()).expect("the order");
    }

    /// Lets `later` begin.
    pub fn go(&self) {
        std::fs::write(self.guest.path("go"), "").expect("the word");
    }

    /// Where orders lie. Gone: carried out.
    #[must_use]
    pub fn order_file(&self) -> PathBuf {
        self.guest.path("order")
    }

    /// Processes that come from this guest's runners.
    #[must_use]
    pub fn processes(&self) -> Vec<u32> {
        let wanted = format!("{MARK}={}", self.guest.name);
        let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let is_ours = |id: &u32| {
            let environment = std::fs::read(Path::new("/proc").join(id.to_string()).join("environ"));
            environment.is_ok_and(|all| all.split(|byte| *byte == 0).any(|one| one == wanted.as_bytes()))
        };
        ids.filter(is_ours).filter(|id| crate::process::is_alive(*id)).collect()
    }
}

/// The variable that the guest's processes have in their environment.
const MARK: &str = "EXUVIA_TEST_GUEST";

/// The lines of `src/faults.rs` on which this goes wrong.
#[must_use]
pub fn lines_of(fault: &str) -> Vec<usize> {
    let is_marked =
        |line: &str| line.split_once("// ").is_some_and(|(_, words)| words.split(' ').any(|it| it == fault));
    DEEDS.lines().enumerate().filter(|(_, line)| is_marked(line)).map(|(index, _)| index + 1).collect()
}
