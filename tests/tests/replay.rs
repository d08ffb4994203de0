//! Builds without cargo: when rustc is replayed and when not, and that both make the same.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use exuvia_runtime::build::{BuildPath, Fallback};
use exuvia_runtime::history::record::{ContentHash, VersionRow};
use exuvia_runtime::session::status::{SourceState, Status};
use exuvia_runtime::session::{Command, Deadlines, Event, SessionConfig};
use exuvia_tests::guest::{Guest, sdk, write};
use exuvia_tests::program::guests_target;
use exuvia_tests::save;
use exuvia_tests::sources::greeting;
use exuvia_tests::until;
use exuvia_tests::watched::{Watched, config};

const GREET: &str = "greet(\"World\")";

/// What the parts of the guest say.
#[derive(Debug, Clone)]
struct Words {
    lib: String,
    core: String,
    text: String,
    macros: String,
    level: String,
    outside: String,
}

impl Words {
    fn new() -> Self {
        let of = |word: &str| word.to_owned();
        Self {
            lib: of("lib"),
            core: of("core"),
            text: of("text"),
            macros: of("macros"),
            level: of("level"),
            outside: of("outside"),
        }
    }

    fn answer(&self) -> String {
        let Self { lib, core, text, macros, level, outside } = self;
        format!("\"{lib} {core} {text} {macros} {level} {outside}\"")
    }

    fn lib(&self) -> String {
        let parts = "core_part::says(), include_str!(\"words.txt\"), macros_part::word!(), env!(\"LEVEL\"), outside_part::says()";
        let greeting = greeting(&format!("{} {{}} {{}} {{}} {{}} {{}}", self.lib));
        greeting.replace("\")\n}", &format!("\", {parts})\n}}"))
    }
}

fn says(word: &str) -> String {
    format!("pub fn says() -> &'static str {{ {word:?} }}\n")
}

fn word_macro(word: &str) -> String {
    format!(
        "use proc_macro::TokenStream;\n#[proc_macro]\npub fn word(_: TokenStream) -> TokenStream {{\n    \"{word:?}\".replace('\\\\', \"\").parse().unwrap()\n}}\n"
    )
    .replace(&format!("\"{word:?}\""), &format!("r#\"{word:?}\"#"))
}

const BUILD_SCRIPT: &str = r#"fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=level.txt");
    println!("cargo::rustc-env=LEVEL={}", std::fs::read_to_string("level.txt").unwrap());
}
"#;

/// The name of a package below the guest. In the target folder that all test guests share, cargo takes
/// packages of one name and place in different workspaces for the same.
fn part(guest: &Guest, name: &str) -> String {
    format!("{}-{name}", guest.name)
}

/// The name of its crate.
fn part_crate(guest: &Guest, name: &str) -> String {
    part(guest, name).replace('-', "_")
}

/// A guest with a library, a proc-macro crate and a build script in its workspace, and a library
/// outside it.
fn guest(test: &str, words: &Words) -> Guest {
    let guest = Guest::empty(test);
    let manifest = |name: &str, more: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{more}")
    };
    let outside = guest.root.with_file_name("outside");
    let dependencies = format!(
        "{}core-part = {{ path = \"core-part\", package = {:?} }}\nmacros-part = {{ path = \"macros-part\", package = {:?} }}\n\
         outside-part = {{ path = {:?}, package = {:?} }}\n",
        sdk(),
        part(&guest, "core"),
        part(&guest, "macros"),
        outside.display().to_string(),
        part(&guest, "outside"),
    );
    guest.write("Cargo.toml", &guest.manifest(&[("[dependencies]", &dependencies)]));
    guest.write("core-part/Cargo.toml", &manifest(&part(&guest, "core"), ""));
    guest.write("core-part/src/lib.rs", &says(&words.core));
    guest.write("macros-part/Cargo.toml", &manifest(&part(&guest, "macros"), "[lib]\nproc-macro = true\n"));
    guest.write("macros-part/src/lib.rs", &word_macro(&words.macros));
    guest.write("src/words.txt", &words.text);
    guest.write("build.rs", BUILD_SCRIPT);
    guest.write("level.txt", &words.level);
    guest.write("src/lib.rs", &words.lib());
    write(&outside.join("Cargo.toml"), &manifest(&part(&guest, "outside"), "[workspace]\n"));
    write(&outside.join("src/lib.rs"), &says(&words.outside));
    guest
}

fn answer(row: &VersionRow) -> String {
    row.marks.pinned_results.first().unwrap_or_else(|| panic!("no answer: {:?}", row.marks)).answer.to_string()
}

fn replayed(crates: &[&str]) -> BuildPath {
    BuildPath::Replay { crates: crates.iter().map(|name| (*name).to_owned()).collect(), base: None }
}

fn by_cargo(why: Fallback) -> BuildPath {
    BuildPath::Cargo { why: Some(why) }
}

/// Cargo makes byte for byte what runs.
fn cargo_agrees(session: &mut Watched) {
    session.send(Command::Build);
    let (_, reason) = session.nothing_changed();
    assert!(reason.contains("byte for byte"), "{reason}");
}

/// Does an edit of so many files, which becomes one version.
fn edited(session: &mut Watched, files: usize, edit: impl FnOnce()) -> VersionRow {
    session.send(Command::SetAutoReload { on: false });
    edit();
    session.next("the changed files", |event| match event {
        Event::Status { status: Status { running: Some(running), .. }, .. } => match &running.source {
            SourceState::Changed { files: changed } => (changed.len() == files).then_some(()),
            _ => None,
        },
        _ => None,
    });
    session.send(Command::SetAutoReload { on: true });
    session.recorded()
}

#[test]
fn each_kind_of_change_takes_its_path_and_cargo_agrees() {
    let mut words = Words::new();
    let guest = guest("paths", &words);
    let outside = guest.root.with_file_name("outside").join("src/lib.rs");
    let crate_name = guest.name.replace('-', "_");
    let (core_crate, macros_crate) = (part_crate(&guest, "core"), part_crate(&guest, "macros"));
    let (g, c) = (crate_name.as_str(), core_crate.as_str());
    let shown = PathBuf::from;
    let mut session = Watched::pinned(&guest, &[GREET]);
    let first = session.recorded();
    assert_eq!((first.record.path.clone(), answer(&first)), (by_cargo(Fallback::Asked), words.answer()));

    let lib = |words: &mut Words, word: &str| {
        word.clone_into(&mut words.lib);
        guest.save(&words.lib());
    };
    let core = |words: &mut Words, word: &str| {
        word.clone_into(&mut words.core);
        save::truncate_and_write(&guest.path("core-part/src/lib.rs"), &says(word));
    };
    let changed = |path: &str, from: &str, to: &str| {
        let text = fs::read_to_string(guest.path(path)).unwrap();
        save::rename_over(&guest.path(path), &text.replace(from, to));
    };
    type Edit<'a> = &'a dyn Fn(&mut Words);
    let edits: [(usize, Edit<'_>, BuildPath); 15] = [
        (1, &|words| lib(words, "lib2"), replayed(&[g])),
        (1, &|words| core(words, "core2"), replayed(&[c, g])),
        (1, &|words| lib(words, "lib3"), replayed(&[g])),
        (
            1,
            &|words| {
                words.text = "text2".to_owned();
                save::rename_over(&guest.path("src/words.txt"), &words.text);
            },
            replayed(&[g]),
        ),
        (
            1,
            &|words| {
                words.macros = "macros2".to_owned();
                save::rename_over(&guest.path("macros-part/src/lib.rs"), &word_macro(&words.macros));
            },
            by_cargo(Fallback::ProcMacro { name: macros_crate.clone() }),
        ),
        (1, &|words| core(words, "core"), replayed(&[c, g])),
        (
            1,
            &|words| {
                words.level = "level2".to_owned();
                save::rename_over(&guest.path("level.txt"), &words.level);
            },
            by_cargo(Fallback::BuildScript { path: shown("level.txt") }),
        ),
        (2, &|words| (core(words, "core3"), lib(words, "lib4")).0, replayed(&[c, g])),
        (
            1,
            &|words| {
                words.level = "level3".to_owned();
                changed("build.rs", "std::fs::read_to_string(\"level.txt\").unwrap()", "\"level3\"");
            },
            by_cargo(Fallback::BuildScript { path: shown("build.rs") }),
        ),
        (
            1,
            &|words| {
                words.outside = "outside2".to_owned();
                save::rename_over(&outside, &says(&words.outside));
            },
            by_cargo(Fallback::Outside { name: part(&guest, "outside") }),
        ),
        (
            2,
            &|words| {
                changed("core-part/Cargo.toml", "edition", "description = \"x\"\nedition");
                core(words, "core4");
            },
            by_cargo(Fallback::Manifest { path: shown("core-part/Cargo.toml") }),
        ),
        (
            2,
            &|words| {
                changed(".cargo/config.toml", "[net]", "[env]\nNOBODY = \"1\"\n[net]");
                lib(words, "lib5");
            },
            by_cargo(Fallback::Configuration { path: shown(".cargo/config.toml") }),
        ),
        (
            2,
            &|words| {
                words.lib = "lib6".to_owned();
                guest.write("src/extra.rs", "pub fn nothing() {}\n");
                guest.save(&format!("{}\npub mod extra;\n", words.lib()));
            },
            by_cargo(Fallback::NotListed { path: shown("src/extra.rs") }),
        ),
        (
            2,
            &|words| {
                lib(words, "lib7");
                fs::remove_file(guest.path("src/extra.rs")).unwrap();
            },
            by_cargo(Fallback::Gone { path: shown("src/extra.rs") }),
        ),
        (1, &|words| lib(words, "lib8"), replayed(&[g])),
    ];
    for (number, (files, edit, path)) in edits.iter().enumerate() {
        let row = edited(&mut session, *files, || edit(&mut words));
        assert_eq!((&row.record.path, answer(&row)), (path, words.answer()), "edit {number}");
        cargo_agrees(&mut session);
    }
    session.end();
}

/// What cargo does not look at, because the file's time says that it is old.
#[test]
fn cargo_builds_what_a_replay_has_overwritten_and_what_is_older_than_its_build() {
    let mut words = Words::new();
    let guest = guest("older-replay", &words);
    let core = guest.path("core-part/src/lib.rs");
    let backup = guest.path("core-part/src/lib.rs.bak");
    let age = |path: &Path| {
        let long_ago = SystemTime::now() - Duration::from_secs(3600);
        File::options().write(true).open(path).unwrap().set_modified(long_ago).unwrap();
    };
    age(&core);
    let mut session = Watched::pinned(&guest, &[GREET]);
    session.recorded();
    words.core = "newer".to_owned();
    let row = edited(&mut session, 1, || {
        fs::rename(&core, &backup).unwrap();
        fs::write(&core, says("newer")).unwrap();
    });
    assert_eq!(row.record.path, replayed(&[&part_crate(&guest, "core"), &guest.name.replace('-', "_")]));
    // The old file comes back as it was when cargo built it, together with a change that is cargo's: the
    // library in cargo's folder is the replay's, and all times say that it is new enough.
    // Then one that is older still, together with the guest, which is not fresh by itself.
    for (word, unread, files) in [("core", "src/one.rs", 2), ("oldest", "src/two.rs", 3)] {
        words.core = word.to_owned();
        let row = edited(&mut session, files, || {
            guest.write(unread, "");
            if word == "oldest" {
                words.lib = "lib2".to_owned();
                guest.save(&words.lib());
                fs::write(&backup, says(word)).unwrap();
                age(&backup);
            }
            fs::rename(&backup, &core).unwrap();
        });
        assert_eq!(row.record.path, by_cargo(Fallback::NotListed { path: unread.into() }));
        assert_eq!(answer(&row), words.answer());
    }
    session.end();
}

#[test]
fn diagnostics_are_those_of_cargo() {
    let mut words = Words::new();
    let guest = guest("diagnostics", &words);
    let mut session = Watched::pinned(&guest, &[GREET]);
    session.recorded();
    let unused = "fn unused() {}\n";
    let broken = "pub fn one() -> u8 { \"a\" }\npub fn two() -> u8 { nothing }\nfn three() { let x = 1; }\n";
    // A warning of a library is kept, whatever is compiled after it.
    let row = edited(&mut session, 1, || {
        save::rename_over(&guest.path("core-part/src/lib.rs"), &format!("{}{unused}", says("core2")));
    });
    assert!(matches!(row.record.path, BuildPath::Replay { .. }));
    words.lib = "lib2".to_owned();
    let lib = format!("{}{unused}", words.lib());
    let replayed = edited(&mut session, 1, || guest.save(&lib)).record;
    assert_eq!(replayed.warnings.len(), 2, "{:?}", replayed.warnings);
    for (file, text) in [("src/lib.rs", format!("{lib}{broken}")), ("core-part/src/lib.rs", broken.to_owned())] {
        save::rename_over(&guest.path(file), &text);
        let by_replay = session.failed();
        assert!(matches!(by_replay.path, BuildPath::Replay { .. }), "{:?}", by_replay.path);
        session.send(Command::Build);
        let by_cargo = session.failed();
        assert_eq!(by_cargo.path, self::by_cargo(Fallback::Asked));
        assert_eq!(by_replay.failure, by_cargo.failure);
        // After cargo has failed, nobody knows what it has built on the way.
        save::rename_over(&guest.path("src/lib.rs"), &lib);
        save::rename_over(&guest.path("core-part/src/lib.rs"), &format!("{}{unused}", says("core2")));
        session.next("a build of what compiles", |event| match event {
            Event::Recorded { .. } | Event::NothingChanged { .. } => Some(()),
            _ => None,
        });
        session.status(&format!("running {} = saved source", replayed.number));
    }
    session.end();
}

/// When nothing happens, cargo builds what was replayed. A macro that makes something else each time
/// stands for whatever might make the two differ.
#[test]
fn what_was_replayed_is_checked_and_a_difference_ends_replays() {
    let mut words = Words::new();
    let guest = guest("checked", &words);
    let at_once =
        || SessionConfig { pins: vec![GREET.to_owned()], check_after: Duration::from_millis(50), ..config(&guest) };
    let mut session = Watched::with(at_once());
    session.recorded();
    words.lib = "lib2".to_owned();
    let replayed = edited(&mut session, 1, || guest.save(&words.lib())).record;
    assert!(matches!(replayed.path, BuildPath::Replay { .. }));
    let artifact = guests_target().join("exuvia/debug").join(format!("lib{}.so", guest.name.replace('-', "_")));
    until("cargo's build of what was replayed", || {
        (ContentHash::of(&fs::read(&artifact).unwrap_or_default()) == replayed.artifact.hash).then_some(())
    });
    let changing = "std::process::id()".to_owned();
    let text = word_macro("x").replace("r#\"\"x\"\"#", &format!("format!(\"{{:?}}\", {changing}.to_string())"));
    assert!(text.contains(&changing));
    edited(&mut session, 1, || save::rename_over(&guest.path("macros-part/src/lib.rs"), &text));
    session.end();
    // A session's first replay is checked.
    let mut session = Watched::with(at_once());
    session.nothing_changed();
    words.lib = "lib3".to_owned();
    edited(&mut session, 1, || guest.save(&words.lib()));
    session.next("cargo's disagreement", |event| match event {
        Event::Notice { message } => message.contains("cargo does not make").then_some(()),
        _ => None,
    });
    let disagreed = by_cargo(Fallback::Disagreed);
    assert_eq!(session.recorded().record.path, disagreed);
    session.end();
    // Later sessions know.
    let mut session = Watched::with(at_once());
    session.nothing_changed();
    words.lib = "lib4".to_owned();
    assert_eq!(edited(&mut session, 1, || guest.save(&words.lib())).record.path, disagreed);
    session.end();
}

#[test]
fn random_edits_end_as_a_clean_build_would() {
    random_edits(false);
}

#[test]
fn random_edits_on_a_base_library_end_as_a_clean_build_would() {
    random_edits(true);
}

/// Edits at random, each of which must lead to what was last saved; cargo agrees with the end.
/// `EXUVIA_RANDOM_EDITS` says how many, `EXUVIA_RANDOM_SEED` which.
fn random_edits(on_base: bool) {
    let given = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let (count, mut seed) = (given("EXUVIA_RANDOM_EDITS").unwrap_or(12), given("EXUVIA_RANDOM_SEED").unwrap_or(7));
    println!("seed {seed}");
    // The guest's own configuration says where it is built; the variable would outdo it, and nothing be built anew.
    assert!(std::env::var_os("CARGO_TARGET_DIR").is_none(), "unset CARGO_TARGET_DIR: there would be no clean build");
    // Constants: Knuth's MMIX generator.
    let mut random = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let mut words = Words::new();
    let guest = guest(if on_base { "random-base" } else { "random" }, &words);
    let mut manifest = fs::read_to_string(guest.path("Cargo.toml")).unwrap();
    if on_base {
        manifest.push_str("\n[package.metadata.exuvia]\nbase-library = true\n");
        guest.write("Cargo.toml", &manifest);
    }
    let outside = guest.root.with_file_name("outside").join("src/lib.rs");
    // For an hour of it on a machine that does other things, too.
    let deadlines = Deadlines { request: Duration::from_secs(60), open: Duration::from_secs(60) };
    let pins = vec![GREET.to_owned()];
    let mut session = Watched::with(SessionConfig { pins, deadlines, ..config(&guest) });
    session.recorded();
    let (mut replays, mut bases) = (0, 0);
    for number in 0..count {
        let word = format!("w{number}");
        let (_, way) = save::ALL[usize::try_from(random(5)).unwrap()];
        // Something that does not compile first, now and then, and not waited for.
        if random(4) == 0 {
            let file = if random(2) == 0 { "src/lib.rs" } else { "core-part/src/lib.rs" };
            let whole = fs::read_to_string(guest.path(file)).unwrap();
            way(&guest.path(file), "pub fn");
            if random(2) == 0 {
                session.next("the end of what does not compile", |event| match event {
                    Event::Failed { .. } => Some(()),
                    _ => None,
                });
            }
            way(&guest.path(file), &whole);
        }
        match random(12) {
            0..4 => {
                words.lib = word;
                way(&guest.path("src/lib.rs"), &words.lib());
            }
            4..7 => {
                words.core = word;
                way(&guest.path("core-part/src/lib.rs"), &says(&words.core));
            }
            7 => {
                words.text = word;
                way(&guest.path("src/words.txt"), &words.text);
            }
            8 => {
                words.macros = word;
                way(&guest.path("macros-part/src/lib.rs"), &word_macro(&words.macros));
            }
            9 => {
                words.level = word;
                way(&guest.path("level.txt"), &words.level);
            }
            // The manifest, and a file that nobody has read before.
            10 => {
                words.lib = word;
                way(&guest.path("Cargo.toml"), &format!("{manifest}# {number}\n"));
                guest.write(&format!("src/part_{number}.rs"), "pub const PART: u32 = 1;\n");
                way(
                    &guest.path("src/lib.rs"),
                    &format!("{}\nmod part_{number};\npub use part_{number}::PART;\n", words.lib()),
                );
            }
            _ => {
                words.outside = word;
                way(&outside, &says(&words.outside));
            }
        }
        // Another one at once, sometimes: it supersedes the first.
        if random(3) == 0 {
            words.core = format!("again{number}");
            way(&guest.path("core-part/src/lib.rs"), &says(&words.core));
        }
        let wanted = words.answer();
        let path = session.next("the last of the edits", |event| match event {
            Event::Recorded { row } => (answer(row) == wanted).then(|| row.record.path.clone()),
            _ => None,
        });
        replays += u64::from(matches!(path, BuildPath::Replay { .. }));
        bases += u64::from(path.base().is_some());
        if number % 5 == 4 {
            if on_base {
                // Cargo links whole: another artifact of the same code.
                session.send(Command::Build);
                session.next("what cargo makes of it", |event| match event {
                    Event::Recorded { row } => (answer(row) == wanted).then_some(()),
                    Event::NothingChanged { .. } => Some(()),
                    _ => None,
                });
            } else {
                cargo_agrees(&mut session);
            }
        }
    }
    assert!(replays * 4 > count, "only {replays} of {count} edits were replayed");
    println!("{count} edits, {replays} by replays, {bases} of these on a base library");
    // Half of the edits are in crates that it holds.
    assert!(!on_base || bases * 50 >= count || count < 50, "only {bases} versions were linked against a base library");
    session.end();
    // As if there had been no build before: what a clean build answers.
    let config = fs::read_to_string(guest.path(".cargo/config.toml")).unwrap();
    let clean = guest.root.with_file_name("clean").display().to_string();
    let elsewhere = config.replace(&guests_target().display().to_string(), &clean);
    assert_ne!(config, elsewhere);
    guest.write(".cargo/config.toml", &elsewhere);
    let mut session = Watched::pinned(&guest, &[GREET]);
    assert_eq!(answer(&session.recorded()), words.answer());
    session.end();
}
