//! Whether a retired version is really gone: what guests do to stay, why they stayed, and what becomes
//! of the memory.

use exuvia_runtime::session::{Event, Retirement, RunnerLimits, SessionConfig};
use exuvia_tests::guest::{Guest, sdk};
use exuvia_tests::process::{runner, until_no_runner};
use exuvia_tests::sources::{counter, stateful};
use exuvia_tests::watched::{Watched, config};

/// A guest whose `touch` does this.
fn touching(items: &str, body: &str) -> String {
    counter(&format!("{items}\n/// Touches it.\n#[export]\nfn touch() -> u32 {{ {body} }}\n"))
}

const LEAKED: &str =
    r#"std::thread::Builder::new().name("leaked".to_owned()).spawn(|| loop { std::thread::park() }).unwrap(); 1"#;

/// What became of the first version, once the second runs.
fn retired(name: &str, guest: &Guest, first: &str) -> Retirement {
    let mut session = Watched::start(guest);
    session.recorded();
    session.returned("click(3)");
    session.returned("touch()");
    guest.save(&format!("{first}\n// Another version.\nconst _: u32 = 1;\n#[export]\nfn two() -> u32 {{ 2 }}\n"));
    let row = session.recorded();
    assert_eq!(row.record.number.0, 2, "{name}");
    let retirement = session.retired(1);
    assert_eq!(session.returned("clicks()"), 3, "{name}");
    session.end();
    until_no_runner(&guest.root);
    // The history knows it, too.
    let mut later = Watched::with(SessionConfig { auto_reload: false, ..config(guest) });
    let kept = later.next("the history", |event| match event {
        Event::Opened { versions, .. } => Some(versions[0].marks.retirement.clone()),
        _ => None,
    });
    assert_eq!(kept.as_ref(), Some(&retirement), "{name}");
    later.end();
    retirement
}

#[test]
fn a_retired_version_is_gone_or_says_why_it_is_not() {
    let thread_local = "struct Loud(u32);\nimpl Drop for Loud { fn drop(&mut self) { println!(\"dropped\") } }\nthread_local! { static LOUD: Loud = const { Loud(7) }; }";
    let elsewhere = "std::thread::spawn(|| LOUD.with(|loud| loud.0)).join().unwrap() + LOUD.with(|loud| loud.0)";
    let once = "static ONCE: std::sync::OnceLock<Vec<u32>> = std::sync::OnceLock::new();\nstatic LAZY: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| \"lazy\".to_owned());";
    let itself = r#"
unsafe extern "C" {
    fn dladdr(at: *const u8, found: *mut [*const std::ffi::c_char; 4]) -> i32;
    fn dlopen(path: *const std::ffi::c_char, how: i32) -> *mut u8;
}
fn open_itself() -> u32 {
    let mut found = [std::ptr::null(); 4];
    unsafe {
        dladdr(open_itself as *const u8, &mut found);
        u32::from(!dlopen(found[0], 2).is_null())
    }
}"#;
    // The loader itself keeps a library that threads of the standard library's are in, for their
    // thread-locals; it knows nothing of this one.
    let raw = r#"
unsafe extern "C" {
    fn pthread_create(thread: *mut usize, how: *const u8, start: extern "C" fn(usize) -> usize, with: usize) -> i32;
    fn usleep(micros: u32) -> i32;
}
extern "C" fn forever(_: usize) -> usize {
    loop { unsafe { usleep(1000) }; }
}"#;
    let starts = "let mut thread = 0; unsafe { pthread_create(&mut thread, std::ptr::null(), forever, 0) as u32 }";
    // Whoever opens a library has its threads counted as the runner's own.
    let constructor = r#"
static IS_THERE: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);
extern "C" fn loaded() {
    std::thread::spawn(|| {
        LOUD.with(|loud| std::hint::black_box(loud.0));
        IS_THERE.store(true, std::sync::atomic::Ordering::SeqCst);
        loop { std::thread::park() }
    });
}
#[used]
#[unsafe(link_section = ".init_array")]
static LOADED: extern "C" fn() = loaded;"#;
    let constructor = format!("{thread_local}\n{constructor}");
    let waits = "while !IS_THERE.load(std::sync::atomic::Ordering::SeqCst) { std::thread::yield_now() } 1";
    for (name, items, body, why) in [
        ("plain", "", "1", None),
        ("thread-local", thread_local, elsewhere, None),
        ("statics", once, "ONCE.get_or_init(|| vec![1]).len() as u32 + LAZY.len() as u32", None),
        ("ended-thread", "", "std::thread::spawn(|| 5).join().unwrap()", None),
        ("leaked-thread", "", LEAKED, Some("1 thread is alive (leaked)")),
        ("raw-thread", raw, starts, Some("1 thread is alive (guest v1)")),
        ("itself", itself, "open_itself()", Some("unknown: none of its threads is alive")),
        ("constructor", &constructor, waits, Some("probably a destructor of a thread-local is pending")),
    ] {
        let lib = touching(items, body);
        let guest = Guest::with_state(name, &lib);
        match (retired(name, &guest, &lib), why) {
            (Retirement::Unmapped, None) => {}
            (Retirement::Kept { why, bytes }, Some(wanted)) => {
                assert!(why.starts_with(wanted) && bytes > 100_000, "{name}: {why}, {bytes} bytes");
            }
            (other, wanted) => panic!("{name}: {other:?} instead of {wanted:?}"),
        }
    }
}

#[test]
fn a_library_that_is_linked_to_stay_says_so() {
    let lib = touching("", "1");
    let guest = Guest::with_state("nodelete", &lib);
    guest.write("build.rs", "fn main() { println!(\"cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete\"); }\n");
    let Retirement::Kept { why, .. } = retired("nodelete", &guest, &lib) else { panic!("it was unmapped") };
    assert_eq!(why, "it is linked never to be unloaded (nodelete)");
}

#[test]
fn rayons_threads_are_named_as_what_keeps_a_version() {
    let lib = touching("", "use rayon::prelude::*; (0..100u32).into_par_iter().sum()");
    let dependencies = format!("{}serde = {{ version = \"1\", features = [\"derive\"] }}\nrayon = \"1\"\n", sdk());
    let guest = Guest::with_manifest("rayon", &lib, &[("[dependencies]", &dependencies)]);
    let Retirement::Kept { why, .. } = retired("rayon", &guest, &lib) else { panic!("it was unmapped") };
    let threads = std::thread::available_parallelism().unwrap();
    assert!(why.starts_with(&format!("{threads} thread")), "{why}");
}

/// Beyond the limit a fresh runner takes over with the state, and nobody is told but those who ask.
#[test]
fn a_fresh_runner_takes_over_when_too_much_is_kept() {
    let lib =
        |number: u32| touching(&format!("/// The number.\n#[export]\nfn number() -> u32 {{ {number} }}\n"), LEAKED);
    let guest = Guest::with_state("takes-over", &lib(1));
    let limits = RunnerLimits { kept_mapped: 1 << 20, ..RunnerLimits::default() };
    let mut session = Watched::with(SessionConfig { limits, ..config(&guest) });
    session.recorded();
    let first = runner(&guest.root);
    session.returned("click(3)");
    let mut number = 1;
    // As many as it takes to get over the limit.
    let reason = loop {
        session.returned("touch()");
        number += 1;
        guest.save(&lib(number));
        let row = session.recorded();
        assert_eq!(row.record.verdict.kind, exuvia_runtime::swap::verdict::VerdictKind::Hot, "{}", row.record.verdict);
        assert_eq!(session.returned("number()"), number);
        assert_eq!(session.returned("click(1)"), number + 2);
        let replaced = session.seen.iter().find_map(|event| match event {
            Event::RunnerReplaced { version, reason, .. } => Some((version.0, reason.clone())),
            _ => None,
        });
        if let Some((version, reason)) = replaced {
            assert_eq!(version, number);
            break reason;
        }
        assert_eq!(runner(&guest.root), first);
        assert!(number < 20, "{}", session.story());
    };
    assert!(reason.ends_with("of retired versions were kept mapped, the limit is 1 MiB"), "{reason}");
    assert_ne!(runner(&guest.root), first);
    assert_eq!(session.count(|event| matches!(event, Event::Fault { .. })), 0);
    // What runs there is the version alone.
    session.send(exuvia_runtime::session::Command::ReadMemory);
    let mapped = session.next("the memory", |event| match event {
        Event::Memory { versions, .. } if versions.len() == 1 => Some(versions[0].version.0),
        _ => None,
    });
    assert_eq!(mapped, number);
    session.end();
    until_no_runner(&guest.root);
}

/// A state that does not come whole out of its own snapshot would be lost: then the old runner stays.
#[test]
fn what_would_lose_state_is_not_taken_over() {
    let lib = |number: u32| {
        stateful(
            "clicks: u32, seen: Vec<u32>,",
            "fn restored(&mut self) { self.seen.push(1); }",
            &format!(
                "#[export]\nfn number() -> u32 {{ {number} }}\n#[export]\nfn seen(state: &Counter) -> usize {{ state.seen.len() }}\n#[export]\nfn touch() -> u32 {{ {LEAKED} }}\n"
            ),
        )
    };
    let guest = Guest::with_state("stays", &lib(1));
    let limits = RunnerLimits { kept_mapped: 1, ..RunnerLimits::default() };
    let mut session = Watched::with(SessionConfig { limits, ..config(&guest) });
    session.recorded();
    session.returned("click(3)");
    session.returned("touch()");
    let first = runner(&guest.root);
    guest.save(&lib(2));
    session.recorded();
    let notice = session.next("a notice", |event| match event {
        Event::Notice { message } => Some(message.clone()),
        _ => None,
    });
    assert!(notice.contains("no fresh runner could take over: the state would not stay whole"), "{notice}");
    assert_eq!((session.returned("clicks()"), session.returned("seen()")), (3.into(), 1.into()), "restored once");
    assert_eq!(runner(&guest.root), first);
    session.end();
}
