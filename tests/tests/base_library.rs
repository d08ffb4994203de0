//! Guests that are linked against a library of all that they depend on.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use exuvia_runtime::build::BuildPath;
use exuvia_runtime::history::record::{ArtifactRecord, ContentHash, VersionRow};
use exuvia_runtime::session::{Event, Retirement, SessionConfig};
use exuvia_tests::guest::{Guest, sdk};
use exuvia_tests::program::guests_target;
use exuvia_tests::save;
use exuvia_tests::until;
use exuvia_tests::watched::{Watched, config};

const ON_BASE: (&str, &str) = ("[package.metadata.exuvia]", "base-library = true\n");

/// A library below the guest: it counts, and runs what it is given.
fn core(word: &str) -> String {
    format!(
        r#"use std::sync::atomic::{{AtomicU32, Ordering}};
static CALLS: AtomicU32 = AtomicU32::new(0);
pub fn says() -> &'static str {{ {word:?} }}
pub fn count() -> u32 {{ CALLS.fetch_add(1, Ordering::Relaxed) + 1 }}
pub fn caught(work: fn()) -> String {{
    std::panic::catch_unwind(work).map_or_else(|_| "caught".to_owned(), |()| "fine".to_owned())
}}
pub fn run<T: Send>(work: impl FnOnce() -> T + Send) -> T {{
    std::thread::scope(|scope| scope.spawn(work).join().unwrap())
}}
"#
    )
}

/// The guest itself, with this word.
fn lib(word: &str) -> String {
    format!(
        r#"//! A hot crate on a library.

/// What both say, and how often the library was asked.
#[exuvia_guest::export]
pub fn says() -> (String, String, u32) {{
    ({word:?}.to_owned(), core_part::says().to_owned(), core_part::count())
}}

/// A panic that the library catches.
#[exuvia_guest::export]
pub fn catches() -> String {{
    core_part::caught(|| panic!("inside"))
}}

/// A panic that nobody catches.
#[exuvia_guest::export]
pub fn panics() {{
    panic!("{word} on purpose")
}}

thread_local! {{
    static WORDS: std::cell::RefCell<Vec<String>> = const {{ std::cell::RefCell::new(Vec::new()) }};
}}

/// A thread-local with a destructor, on a thread that the library starts and ends.
#[exuvia_guest::export]
pub fn remembers() -> usize {{
    core_part::run(|| WORDS.with_borrow_mut(|words| {{ words.push({word:?}.to_owned()); words.len() }}))
}}
"#
    )
}

fn guest(test: &str, sections: &[(&str, &str)]) -> Guest {
    let guest = Guest::empty(test);
    let core_name = format!("{}-core", guest.name);
    let dependencies = format!("{}core-part = {{ path = \"core-part\", package = {core_name:?} }}\n", sdk());
    let mut all = vec![("[dependencies]", dependencies.as_str())];
    all.extend(sections);
    guest.write("Cargo.toml", &guest.manifest(&all));
    guest.write(
        "core-part/Cargo.toml",
        &format!("[package]\nname = {core_name:?}\nversion = \"0.1.0\"\nedition = \"2024\"\n"),
    );
    guest.write("core-part/src/lib.rs", &core("core"));
    guest.write("src/lib.rs", &lib("one"));
    guest
}

fn base(row: &VersionRow) -> Option<&ArtifactRecord> {
    assert!(matches!(row.record.path, BuildPath::Replay { .. }), "{}", row.record.path);
    row.record.path.base()
}

/// Where the guest's base libraries lie.
fn bases(guest: &Guest) -> PathBuf {
    let histories = fs::read_dir(guests_target().join("exuvia/history")).unwrap();
    let mut histories = histories.map(|entry| entry.unwrap().path());
    let is_guests =
        |path: &PathBuf| path.file_name().unwrap().to_string_lossy().starts_with(&format!("{}-", guest.name));
    histories.find(is_guests).unwrap().join("bases")
}

/// The next version, and the base library that is linked because of it: in either order.
fn recorded_and_linked(session: &mut Watched) -> VersionRow {
    let (mut row, mut crates) = (None, None);
    while row.is_none() || crates.is_none() {
        session.next("a version and a base library", |event| match event {
            Event::Recorded { row: recorded } => {
                row = Some((**recorded).clone());
                Some(())
            }
            Event::BaseLibrary { crates: linked, .. } => {
                crates = Some(*linked);
                Some(())
            }
            Event::Notice { message } => panic!("{message}"),
            _ => None,
        });
    }
    assert!(crates.is_some_and(|crates| crates > 20), "{crates:?}");
    row.expect("a version")
}

fn says(session: &mut Watched) -> (String, String, u64) {
    let value = session.returned("says()");
    let text = |index: usize| value[index].as_str().unwrap().to_owned();
    (text(0), text(1), value[2].as_u64().unwrap())
}

fn of(hot: &str, core: &str, count: u64) -> (String, String, u64) {
    (hot.to_owned(), core.to_owned(), count)
}

/// The way of a guest with a base library, from its first build on.
#[test]
fn versions_are_linked_against_the_base_library_once_there_is_one() {
    let guest = guest("on-base", &[ON_BASE]);
    let mut session = Watched::start(&guest);
    session.recorded();
    assert_eq!(says(&mut session), of("one", "core", 1));

    // The first replay shows how the linker is called, and is linked whole.
    guest.save(&lib("two"));
    let whole = recorded_and_linked(&mut session);
    assert_eq!(base(&whole), None);
    assert_eq!(says(&mut session), of("two", "core", 1));

    guest.save(&lib("three"));
    let third = session.recorded();
    let first_base = base(&third).expect("it is linked against the base library").clone();
    let (small, large) = (third.record.artifact.bytes, whole.record.artifact.bytes);
    assert!(small * 2 < large, "{small} bytes against {large}");
    assert_eq!(says(&mut session), of("three", "core", 1));
    assert_eq!(session.returned("catches()"), "caught");
    assert_eq!(session.returned("remembers()"), 1);

    guest.save(&lib("four"));
    let fourth = session.recorded();
    assert_eq!(base(&fourth), Some(&first_base));
    // What the library has counted outlives the version that had it count.
    assert_eq!(says(&mut session), of("four", "core", 2));
    let Retirement::Kept { why, .. } = session.retired(3) else { panic!("v3 is to stay mapped") };
    assert!(why.contains("base library"), "{why}");

    // A panic is told with its line by each version, also after others have come and gone.
    for (version, word) in [(3, "three"), (4, "four"), (2, "two"), (4, "four")] {
        session.activate(version);
        let told = session.call("panics()").to_string();
        assert!(told.contains(&format!("{word} on purpose")) && told.contains("src/lib.rs:18"), "{told}");
        assert_eq!(session.returned("catches()"), "caught");
    }

    // Another library: the guest is linked whole, and then against a new base.
    save::rename_over(&guest.path("core-part/src/lib.rs"), &core("other"));
    assert_eq!(base(&recorded_and_linked(&mut session)), None);
    assert_eq!(says(&mut session), of("four", "other", 1));
    guest.save(&lib("five"));
    let fifth = session.recorded();
    let second_base = base(&fifth).expect("it is linked against the new base library").clone();
    assert_ne!(second_base, first_base);
    assert_eq!(says(&mut session), of("five", "other", 1));
    // Each on its own base, at the same time.
    session.activate(4);
    assert_eq!(says(&mut session).1, "core");
    session.end();

    // In the next session cargo builds anew what was replayed, the library too.
    let mut session = Watched::start(&guest);
    session.is_saved("the first build");
    guest.save(&lib("six"));
    assert_eq!(base(&recorded_and_linked(&mut session)), None);
    guest.save(&lib("seven"));
    let third_base = base(&session.recorded()).expect("it is linked against a base library").clone();
    assert_eq!(says(&mut session), of("seven", "other", 1));
    session.end();
    // This one finds all as it was.
    let mut session = Watched::start(&guest);
    session.is_saved("the first build");
    guest.save(&lib("eight"));
    assert_eq!(base(&session.recorded()), Some(&third_base));
    assert_eq!(says(&mut session).0, "eight");
    session.end();
}

/// Its own crates are all as they were; the guest is given one more.
#[test]
fn a_base_library_without_a_new_dependency_is_out_of_date() {
    let guest = guest("more-base", &[ON_BASE]);
    let mut session = Watched::start(&guest);
    session.recorded();
    guest.save(&lib("two"));
    recorded_and_linked(&mut session);
    guest.save(&lib("three"));
    let first = base(&session.recorded()).expect("it is linked against the base library").clone();
    session.end();

    let more = format!("{}-more", guest.name);
    let package = format!("[package]\nname = {more:?}\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    guest.write("more-part/Cargo.toml", &package);
    guest.write("more-part/src/lib.rs", "pub fn more() -> &'static str { \"more\" }\n");
    let manifest = fs::read_to_string(guest.path("Cargo.toml")).unwrap();
    let needs = format!("[dependencies]\nmore-part = {{ path = \"more-part\", package = {more:?} }}\n");
    guest.write("Cargo.toml", &manifest.replace("[dependencies]\n", &needs));
    let with_more = |word: &str| {
        format!(
            "{}\n/// Asks it.\n#[exuvia_guest::export]\npub fn more() -> String {{\n    more_part::more().to_owned()\n}}\n",
            lib(word)
        )
    };
    guest.save(&with_more("four"));
    let mut session = Watched::start(&guest);
    session.recorded();
    guest.save(&with_more("five"));
    assert_eq!(base(&recorded_and_linked(&mut session)), None);
    guest.save(&with_more("six"));
    let second = base(&session.recorded()).expect("it is linked against the new base library").clone();
    assert_ne!(first, second);
    assert_eq!(session.returned("more()"), "more");
    assert_eq!(says(&mut session), of("six", "core", 1));
    session.end();
}

#[test]
fn a_base_library_that_is_gone_or_damaged_is_noticed() {
    let guest = guest("lost-base", &[ON_BASE]);
    let mut session = Watched::start(&guest);
    session.recorded();
    guest.save(&lib("two"));
    recorded_and_linked(&mut session);
    guest.save(&lib("three"));
    let on_base = session.recorded();
    let file = base(&on_base).unwrap().file.clone();
    session.end();

    let bases = bases(&guest);
    let path = bases.join(&file);
    let mut content = fs::read(&path).unwrap();
    let middle = content.len() / 2;
    content[middle] ^= 1;
    fs::write(&path, &content).unwrap();
    // It is not opened; cargo's build of the same sources is another version.
    let mut session = Watched::start(&guest);
    let (version, why) = session.not_activated();
    assert_eq!(version, on_base.record.number);
    assert!(why.contains("damaged or replaced"), "{why}");
    session.recorded();
    session.is_saved("cargo's build");
    guest.save(&lib("four"));
    assert_eq!(base(&recorded_and_linked(&mut session)), None);
    guest.save(&lib("five"));
    let row = session.recorded();
    let file = base(&row).unwrap().file.clone();
    fs::remove_file(bases.join(file)).unwrap();
    guest.save(&lib("six"));
    assert_eq!(base(&recorded_and_linked(&mut session)), None);
    assert_eq!(says(&mut session), of("six", "core", 1));
    session.end();
}

/// What cannot be linked once is linked with each version, and that is said.
#[test]
fn a_guest_that_cannot_have_a_base_library_goes_on_without() {
    let guest = guest("no-base", &[ON_BASE]);
    let own = |word: &str| {
        format!("{}#[global_allocator]\nstatic OURS: std::alloc::System = std::alloc::System;\n", lib(word))
    };
    guest.save(&own("one"));
    let mut session = Watched::start(&guest);
    session.recorded();
    for word in ["two", "three"] {
        guest.save(&own(word));
        assert_eq!(base(&session.recorded()), None);
        assert_eq!(says(&mut session).0, word);
    }
    let said =
        session.count(|event| matches!(event, Event::Notice { message } if message.contains("allocator of its own")));
    assert_eq!(said, 1, "{}", session.story());
    session.end();
}

/// Exports of a library below the guest are the guest's, base library or not.
#[test]
fn what_depends_on_the_sdk_stays_with_each_version() {
    let guest = guest("sdk-below", &[ON_BASE]);
    let core_name = format!("{}-core", guest.name);
    guest.write(
        "core-part/Cargo.toml",
        &format!(
            "[package]\nname = {core_name:?}\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n{}",
            sdk()
        ),
    );
    guest.write(
        "core-part/src/lib.rs",
        &format!("{}\n/// Says where it is.\n#[exuvia_guest::export]\npub fn below() -> u32 {{ 7 }}\n", core("core")),
    );
    let mut session = Watched::start(&guest);
    session.recorded();
    assert_eq!(session.returned("below()"), 7);
    guest.save(&lib("two"));
    recorded_and_linked(&mut session);
    guest.save(&lib("three"));
    assert!(base(&session.recorded()).is_some());
    assert_eq!(session.returned("below()"), 7);
    // It is no part of the base: its statics are each version's own.
    assert_eq!(says(&mut session), of("three", "core", 1));
    guest.save(&lib("four"));
    assert!(base(&session.recorded()).is_some());
    assert_eq!(says(&mut session), of("four", "core", 1));
    session.end();
}

/// When nothing happens, the same code is linked whole and compared with what cargo makes.
#[test]
fn a_version_on_the_base_library_is_checked_against_cargos() {
    let guest = guest("checked-base", &[ON_BASE]);
    let mut session = Watched::start(&guest);
    session.recorded();
    guest.save(&lib("two"));
    recorded_and_linked(&mut session);
    session.end();
    let artifact = guests_target().join("exuvia/debug").join(format!("lib{}.so", guest.name.replace('-', "_")));
    let hash = || ContentHash::of(&fs::read(&artifact).unwrap_or_default());
    let mut session = Watched::with(SessionConfig { check_after: Duration::from_millis(50), ..config(&guest) });
    session.is_saved("the first build");
    let cargos = hash();
    guest.save(&lib("three"));
    let row = session.recorded();
    assert!(base(&row).is_some());
    until("cargo's build of what was replayed", || {
        let found = hash();
        (found != cargos && found != row.record.artifact.hash && artifact.exists()).then_some(())
    });
    // Had they not agreed, cargo would build from now on.
    guest.save(&lib("four"));
    assert!(base(&session.recorded()).is_some());
    assert_eq!(session.count(|event| matches!(event, Event::Notice { .. })), 0, "{}", session.story());
    session.end();
}
