//! Which changes are replayed, and why the others are left to cargo.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::SystemTime;

use super::super::invocation::Invocation;
use super::*;
use crate::build::Project;
use crate::history::record::ContentHash;

fn hashes(files: &[(&str, &str)]) -> SourceHashes {
    SourceHashes(files.iter().map(|(path, text)| (path.into(), ContentHash::of(text.as_bytes()))).collect())
}

/// What is saved when nothing has changed.
const SAVED: [(&str, &str); 12] = [
    ("Cargo.toml", "1"),
    ("Cargo.lock", "1"),
    (".cargo/config.toml", "1"),
    ("rust-toolchain.toml", "1"),
    ("core/src/lib.rs", "1"),
    ("macros/src/lib.rs", "1"),
    ("wire/src/lib.rs", "1"),
    ("gen/src/lib.rs", "1"),
    ("g/src/lib.rs", "1"),
    ("g/build.rs", "1"),
    ("g/level.txt", "1"),
    ("/sdk/src/lib.rs", "1"),
];

fn unit(name: &str, needs: &[usize], files: &[&str]) -> Unit {
    let of = |file: &&str| SAVED.iter().find(|(path, _)| path == file).copied();
    Unit {
        name: name.to_owned(),
        kind: if name == "macros" { Kind::ProcMacro } else { Kind::Library },
        invocation: Invocation {
            at: 0,
            program: vec!["/bin/rustc".to_owned()],
            args: Vec::new(),
            set: BTreeMap::new(),
            unset: Vec::new(),
            folder: "/w".into(),
        },
        stem: name.to_owned(),
        root: format!("{name}/src/lib.rs").into(),
        files: files.iter().map(PathBuf::from).collect(),
        from: Some(hashes(&files.iter().filter_map(of).collect::<Vec<_>>())),
        variables: Vec::new(),
        built: 0,
        needs: needs.to_vec(),
        beneath: match name {
            "wire" => Some(Beneath::Outside("sdk".to_owned())),
            "gen" => Some(Beneath::BuildScript),
            _ => None,
        },
        output: None,
    }
}

/// A guest on a library and a proc-macro crate, in a workspace with a build script and an SDK outside.
fn recorded() -> Recorded {
    Recorded {
        project: Arc::new(Project::sample(Path::new("/w"), Vec::new())),
        units: vec![
            unit("core", &[], &["core/src/lib.rs"]),
            unit("macros", &[], &["macros/src/lib.rs"]),
            unit("wire", &[], &["wire/src/lib.rs"]),
            unit("gen", &[], &["gen/src/lib.rs"]),
            unit("g", &[0, 1, 2, 3], &["g/src/lib.rs"]),
        ],
        world: hashes(&SAVED),
        started: SystemTime::UNIX_EPOCH,
        settings: ["Cargo.toml", "Cargo.lock", ".cargo/config.toml", "rust-toolchain.toml"].map(PathBuf::from).into(),
        scripts: ["g/build.rs", "g/level.txt"].map(PathBuf::from).into(),
        unrecorded: BTreeMap::from([("/sdk".into(), "sdk".to_owned())]),
        elsewhere: Vec::new(),
        read: BTreeSet::new(),
        artifact: PathBuf::new(),
        warnings: Vec::new(),
    }
}

/// The changed files: a text of `None` is a file that is gone.
fn saved(changes: &[(&str, Option<&str>)]) -> SourceHashes {
    let mut saved = hashes(&SAVED);
    for (path, text) in changes {
        match text {
            Some(text) => saved.0.insert(path.into(), ContentHash::of(text.as_bytes())),
            None => saved.0.remove(Path::new(path)),
        };
    }
    saved
}

fn quiet(recorded: &Recorded, now: &SourceHashes) -> Result<Vec<usize>, Fallback> {
    decide(recorded, &Facts { now, elsewhere: &[], is_newer: &|_| false, variable: &|_, _| None })
}

#[test]
fn each_kind_of_change_has_its_path() {
    let path = |path: &str| PathBuf::from(path);
    let edit = |path: &'static str| vec![(path, Some("2"))];
    for (changes, wanted) in [
        (edit("g/src/lib.rs"), Ok(vec![4])),
        (edit("core/src/lib.rs"), Ok(vec![0, 4])),
        ([edit("core/src/lib.rs"), edit("g/src/lib.rs")].concat(), Ok(vec![0, 4])),
        (vec![], Err(Fallback::Nothing)),
        (edit("Cargo.toml"), Err(Fallback::Manifest { path: path("Cargo.toml") })),
        (edit("Cargo.lock"), Err(Fallback::LockFile)),
        (vec![("Cargo.lock", None)], Err(Fallback::LockFile)),
        (edit(".cargo/config.toml"), Err(Fallback::Configuration { path: path(".cargo/config.toml") })),
        (edit("rust-toolchain.toml"), Err(Fallback::Configuration { path: path("rust-toolchain.toml") })),
        (edit("g/build.rs"), Err(Fallback::BuildScript { path: path("g/build.rs") })),
        (edit("g/level.txt"), Err(Fallback::BuildScript { path: path("g/level.txt") })),
        (edit("gen/src/lib.rs"), Err(Fallback::BuildScript { path: path("gen/src/lib.rs") })),
        (edit("macros/src/lib.rs"), Err(Fallback::ProcMacro { name: "macros".to_owned() })),
        (edit("wire/src/lib.rs"), Err(Fallback::Outside { name: "sdk".to_owned() })),
        (edit("/sdk/src/lib.rs"), Err(Fallback::Outside { name: "sdk".to_owned() })),
        (edit("g/src/new.rs"), Err(Fallback::NotListed { path: path("g/src/new.rs") })),
        (vec![("core/src/lib.rs", None)], Err(Fallback::Gone { path: path("core/src/lib.rs") })),
        // One change that is cargo's makes all of them cargo's.
        ([edit("g/src/lib.rs"), edit("Cargo.toml")].concat(), Err(Fallback::Manifest { path: path("Cargo.toml") })),
    ] {
        assert_eq!(quiet(&recorded(), &saved(&changes)), wanted, "{changes:?}");
    }
}

#[test]
fn what_else_could_matter_is_cargos() {
    let now = saved(&[("g/src/lib.rs", Some("2"))]);
    let newer = |name: &'static str| move |unit: &Unit| unit.name == name;
    let with = |change: &dyn Fn(&mut Recorded), elsewhere: &[PathBuf], is_newer: &dyn Fn(&Unit) -> bool| {
        let mut recorded = recorded();
        change(&mut recorded);
        let variable = |_: &Unit, name: &str| (name == "SET").then(|| "1".to_owned());
        decide(&recorded, &Facts { now: &now, elsewhere, is_newer, variable: &variable })
    };
    let as_it_is = |_: &mut Recorded| {};
    let reads = |name: &'static str, value: Option<&'static str>| {
        move |recorded: &mut Recorded| recorded.units[4].variables = vec![(name.to_owned(), value.map(str::to_owned))]
    };
    let config = PathBuf::from("/home/.cargo/config.toml");
    assert_eq!(with(&as_it_is, &["/bin/rustc".into()], &|_| false), Err(Fallback::Compiler));
    assert_eq!(
        with(&as_it_is, std::slice::from_ref(&config), &|_| false),
        Err(Fallback::Configuration { path: config })
    );
    assert_eq!(with(&as_it_is, &[], &newer("core")), Err(Fallback::Newer { name: "core".to_owned() }));
    // What is built anyway may have been built by somebody else.
    assert_eq!(with(&as_it_is, &[], &newer("g")), Ok(vec![4]));
    assert_eq!(with(&reads("SET", Some("1")), &[], &|_| false), Ok(vec![4]));
    assert_eq!(with(&reads("NONE", None), &[], &|_| false), Ok(vec![4]));
    for (name, value) in [("SET", Some("0")), ("SET", None), ("NONE", Some(""))] {
        let why = Fallback::Environment { name: name.to_owned() };
        assert_eq!(with(&reads(name, value), &[], &|_| false), Err(why), "{value:?}");
    }
}

#[test]
fn what_was_replayed_counts_from_then_on() {
    // `core` was replayed with an edit, and its artifact is ours.
    let mut after = recorded();
    after.units[0].from = Some(hashes(&[("core/src/lib.rs", "2")]));
    after.units[0].built = 1;
    let now = saved(&[("core/src/lib.rs", Some("2"))]);
    // The guest failed on it, or was cancelled: it is older than what it needs.
    assert_eq!(quiet(&after, &now), Ok(vec![4]));
    after.units[4].built = 1;
    assert_eq!(quiet(&after, &now), Err(Fallback::Nothing));
    after.units[4].from = None;
    assert_eq!(quiet(&after, &now), Ok(vec![4]));
    // Edited back: both are to be built again, although all is as it was for cargo.
    after.units[4].from = Some(hashes(&[("g/src/lib.rs", "1")]));
    assert_eq!(quiet(&after, &saved(&[])), Ok(vec![0, 4]));
    // What is not built is looked at, whoever has built it.
    let asked = RefCell::new(Vec::new());
    let is_newer = |unit: &Unit| {
        asked.borrow_mut().push(unit.name.clone());
        false
    };
    let now = saved(&[("core/src/lib.rs", Some("2")), ("g/src/lib.rs", Some("2"))]);
    let facts = Facts { now: &now, elsewhere: &[], is_newer: &is_newer, variable: &|_, _| None };
    assert_eq!(decide(&after, &facts), Ok(vec![4]));
    assert_eq!(*asked.borrow(), ["core", "macros", "wire", "gen"]);
    // A file that a replay was the first to read.
    after.units[4].files.insert("g/src/new.rs".into());
    assert_eq!(quiet(&after, &saved(&[("core/src/lib.rs", Some("2")), ("g/src/new.rs", Some("1"))])), Ok(vec![4]));
}
