//! The state of a real guest through edits of its type, back again, and from one session to the next.

use std::path::PathBuf;

use exuvia_runtime::history::{self, record::VersionRow};
use exuvia_runtime::ids::VersionNumber;
use exuvia_runtime::session::{Command, Event};
use exuvia_runtime::swap::verdict::VerdictKind::{self, Hot, Migrated, Refused, Reset, Restarted};
use exuvia_tests::guest::{Guest, write};
use exuvia_tests::program::{guests_target, workspace};
use exuvia_tests::sources::{counter, stateful};
use exuvia_tests::watched::{Activation, Watched};
use serde_json::{Value, json};

/// A guest whose state is `Game`, with these types and this `impl State`.
fn game(types: &str, hooks: &str) -> String {
    let types = types.replace("struct", "#[derive(Default, serde::Serialize, serde::Deserialize)]\nstruct");
    let types = types.replace("enum", "#[derive(Default, serde::Serialize, serde::Deserialize)]\nenum");
    format!(
        "use exuvia_guest::{{MigrateError, OldState, State, export, state}};\n\
         use std::collections::HashMap;\n\
         {types}\n\
         impl State for Game {{ {hooks} }}\n\
         state!(Game);\n\
         #[export]\nfn show(state: &Game) -> &Game {{ state }}\n\
         #[export]\nfn set(state: &mut Game, game: Game) {{ *state = game; }}\n\
         #[allow(unused)]\ntype Unused = (HashMap<u8, u8>, fn(OldState<'_>) -> MigrateError);\n"
    )
}

/// The engine writes maps in the guest's own order.
fn shown(session: &mut Watched) -> Value {
    session.returned("show()")
}

fn its_state(session: &mut Watched, version: u32) -> Activation {
    session.send(Command::ActivateWithItsState { version: VersionNumber(version) });
    session.activated()
}

/// Waits until a state is kept with the version.
fn left(session: &mut Watched, version: u32) {
    session.eventually(&format!("the state kept with v{version}"), |seen| {
        let is_marked = |event: &Event| {
            matches!(event, Event::Marked { version: of, marks } if of.0 == version && marks.left_state.is_some())
        };
        seen.iter().any(is_marked).then_some(())
    });
}

/// One guest, one edit after the other: each begins with what the one before has left.
#[test]
fn edits_of_the_types_cost_only_what_does_not_fit() {
    let steps: &[(&str, &str, VerdictKind, &str, Value)] = &[
        (
            "the same shape",
            "struct Game { score: u32, name: String, enemies: Vec<Enemy>, bag: HashMap<String, Enemy>, best: Option<Enemy>, mode: Mode }
             struct Enemy { hp: i32, kind: String }
             enum Mode { #[default] Menu, Level(u32), Pause { since: f64 } }",
            Hot,
            "state carried over: 10 values kept",
            json!({"score": 7, "name": "Ada", "enemies": [{"hp": 3, "kind": "bat"}, {"hp": 4, "kind": "rat"}],
                   "bag": {"key": {"hp": 1, "kind": "cat"}}, "best": null, "mode": {"Level": 2}}),
        ),
        (
            "another order",
            "struct Game { mode: Mode, best: Option<Enemy>, bag: HashMap<String, Enemy>, enemies: Vec<Enemy>, name: String, score: u32 }
             struct Enemy { kind: String, hp: i32 }
             enum Mode { Pause { since: f64 }, Level(u32), #[default] Menu }",
            Hot,
            "state carried over: 11 values kept",
            json!({"score": 7, "name": "Ada", "enemies": [{"hp": 3, "kind": "bat"}, {"hp": 4, "kind": "rat"}],
                   "bag": {"key": {"hp": 1, "kind": "cat"}}, "best": {"hp": 9, "kind": "dog"}, "mode": {"Level": 2}}),
        ),
        (
            "fields added and removed, nested",
            "struct Game { name: String, lives: u8, enemies: Vec<Enemy>, bag: HashMap<String, Enemy>, best: Option<Enemy>, mode: Mode }
             struct Enemy { hp: i32, kind: String, mp: u8 }
             enum Mode { #[default] Menu, Level(u32), Pause { since: f64 } }",
            Migrated,
            "dropped: score",
            json!({"name": "Ada", "lives": 0,
                   "enemies": [{"hp": 3, "kind": "bat", "mp": 0}, {"hp": 4, "kind": "rat", "mp": 0}],
                   "bag": {"key": {"hp": 1, "kind": "cat", "mp": 0}}, "best": {"hp": 9, "kind": "dog", "mp": 0}, "mode": {"Level": 2}}),
        ),
        (
            "renamed, with an alias",
            "struct Game { #[serde(alias = \"name\")] player: String, lives: u8, enemies: Vec<Enemy>, bag: HashMap<String, Enemy>, best: Option<Enemy>, mode: Mode }
             struct Enemy { #[serde(alias = \"hp\")] health: i32, kind: String, mp: u8 }
             enum Mode { #[default] Menu, Level(u32), Pause { since: f64 } }",
            Migrated,
            "name → player",
            json!({"player": "Ada", "lives": 0,
                   "enemies": [{"health": 3, "kind": "bat", "mp": 0}, {"health": 4, "kind": "rat", "mp": 0}],
                   "bag": {"key": {"health": 1, "kind": "cat", "mp": 0}}, "best": {"health": 9, "kind": "dog", "mp": 0},
                   "mode": {"Level": 2}}),
        ),
        (
            "other types, at every depth",
            "struct Game { player: u64, lives: u8, enemies: Vec<Enemy>, bag: HashMap<String, Enemy>, best: Option<Enemy>, mode: Mode }
             struct Enemy { health: String, kind: String, mp: u8 }
             enum Mode { #[default] Menu, Level(String), Pause { since: f64 } }",
            Migrated,
            "reset: player (was string, now number), enemies[0].health (was number, now string), enemies[1].health (was number, now string)",
            json!({"player": 0, "lives": 0,
                   "enemies": [{"health": "", "kind": "bat", "mp": 0}, {"health": "", "kind": "rat", "mp": 0}],
                   "bag": {"key": {"health": "", "kind": "cat", "mp": 0}}, "best": {"health": "", "kind": "dog", "mp": 0},
                   "mode": {"Level": ""}}),
        ),
        (
            "a variant that is no more",
            "struct Game { player: u64, lives: u8, enemies: Vec<Enemy>, bag: HashMap<String, Enemy>, best: Option<Enemy>, mode: Mode }
             struct Enemy { health: String, kind: String, mp: u8 }
             enum Mode { #[default] Menu, Pause { since: f64 } }",
            Migrated,
            "reset: mode (the variant `Level` is no more)",
            json!({"player": 0, "lives": 0,
                   "enemies": [{"health": "", "kind": "bat", "mp": 0}, {"health": "", "kind": "rat", "mp": 0}],
                   "bag": {"key": {"health": "", "kind": "cat", "mp": 0}}, "best": {"health": "", "kind": "dog", "mp": 0},
                   "mode": "Menu"}),
        ),
        (
            "nothing that fits",
            "struct Game { other: Vec<u8> }",
            Reset,
            "the old state does not fit the new type",
            json!({"other": []}),
        ),
    ];
    let first = game(
        "struct Game { score: u32, name: String, enemies: Vec<Enemy>, bag: HashMap<String, Enemy>, best: Option<Enemy>, mode: Mode }
         struct Enemy { hp: i32, kind: String }
         enum Mode { #[default] Menu, Level(u32), Pause { since: f64 } }",
        "",
    );
    let guest = Guest::with_state("edits", &first);
    let mut session = Watched::start(&guest);
    session.recorded();
    for (number, (edit, types, kind, words, wanted)) in steps.iter().enumerate() {
        let start = match number {
            0 => {
                Some(json!({"score": 7, "name": "Ada", "enemies": [{"hp": 3, "kind": "bat"}, {"hp": 4, "kind": "rat"}],
                             "bag": {"key": {"hp": 1, "kind": "cat"}}, "best": null, "mode": {"Level": 2}}))
            }
            1 => {
                Some(json!({"score": 7, "name": "Ada", "enemies": [{"hp": 3, "kind": "bat"}, {"hp": 4, "kind": "rat"}],
                             "bag": {"key": {"hp": 1, "kind": "cat"}}, "best": {"hp": 9, "kind": "dog"}, "mode": {"Level": 2}}))
            }
            _ => None,
        };
        if let Some(start) = start {
            session.call(&format!("set({start})"));
        }
        guest.save(&format!("// {edit}\n{}", game(types, "")));
        let verdict = session.recorded().record.verdict;
        assert_eq!(verdict.kind, *kind, "{edit}: {verdict}");
        assert!(verdict.reason.contains(words), "{edit}: {verdict}");
        assert_eq!(shown(&mut session), *wanted, "{edit}: {verdict}");
        if let Some(carried) = &verdict.carried {
            let paths: usize = carried.lines().iter().map(|(_, paths)| paths.len()).sum();
            assert!(paths > 0 && carried.more == 0, "{edit}: {carried:?}");
        }
    }

    // What did not fit is not lost: it is with the version that it belongs to.
    left(&mut session, 7);
    let activation = its_state(&mut session, 7);
    assert_eq!(activation.verdict.kind, Hot, "{:?}", activation.verdict);
    assert!(
        activation.verdict.reason.starts_with("the state that it had when it was left, "),
        "{:?}",
        activation.verdict
    );
    assert_eq!(shown(&mut session)["enemies"][1]["kind"], "rat");
    // And that state goes on by the usual rules.
    let verdict = session.activate(4).verdict;
    assert_eq!(shown(&mut session)["enemies"][1], json!({"hp": 0, "kind": "rat", "mp": 0}), "{verdict}");
    session.end();
}

#[test]
fn going_back_takes_todays_state_or_the_one_of_then() {
    let guest = Guest::with_state("then", &counter(""));
    let mut session = Watched::start(&guest);
    session.recorded();
    session.returned("click(5)");
    guest.save(&counter("// two"));
    let none = "// nothing of it ends up in the library";
    guest.save(&stateful("clicks: u32, more: u8,", "", none));
    session.recorded();
    session.returned("click(10)");
    left(&mut session, 1);

    assert_eq!(session.activate(1).verdict.reason, "state carried over: 1 value kept; dropped: more");
    assert_eq!(session.returned("clicks()"), 15);
    session.returned("click(100)");
    left(&mut session, 2);
    let verdict = its_state(&mut session, 2).verdict;
    assert!(verdict.reason.contains("when it was left") && verdict.reason.ends_with("2 values kept"), "{verdict}");
    assert_eq!(session.returned("clicks()"), 15);

    session.send(Command::ActivateWithItsState { version: VersionNumber(9) });
    let refused = session.command_refused();
    assert!(refused.starts_with("there is no v9"), "{refused}");
    session.send(Command::ActivateWithItsState { version: VersionNumber(2) });
    assert_eq!(session.not_activated().1, "v2 is active already");

    // A file that somebody changed is no state.
    let version = history_of(&session).join("versions/00001/state");
    let mut bytes = std::fs::read(&version).expect("the kept state");
    bytes.push(0);
    std::fs::write(&version, bytes).expect("written");
    session.send(Command::ActivateWithItsState { version: VersionNumber(1) });
    let (_, message) = session.not_activated();
    assert!(message.starts_with("the state that is kept with v1 cannot be used"), "{message}");
    assert_eq!(session.returned("clicks()"), 15);
    session.end();
}

fn history_of(session: &Watched) -> PathBuf {
    let opened = session.seen.iter().find_map(|event| match event {
        Event::Opened { guest, .. } => Some(guest.history.clone()),
        _ => None,
    });
    opened.expect("the session was opened")
}

#[test]
fn an_author_may_migrate_and_refuse() {
    let guest = Guest::with_state("migrate", &game("struct Game { feet: f64, name: String }", ""));
    let mut session = Watched::start(&guest);
    session.recorded();
    session.call(r#"set({"feet": 100.0, "name": "Ada"})"#);
    let metres = "struct Game { metres: f64, name: String }";
    let migrate = |body: &str| {
        format!(
            "const STATE_VERSION: u32 = 3;\n\
             fn migrate(from: u32, old: &OldState<'_>) -> Result<Self, MigrateError> {{ {body} }}"
        )
    };
    let refusing = migrate(r#"Err(format!("no way from {from} to metres, {}", old.has("feet")).into())"#);
    guest.save(&game(metres, &refusing));
    let verdict = session.recorded().record.verdict;
    assert_eq!(verdict.kind, Refused);
    assert_eq!(verdict.reason, "its migration from state version 0 says no: no way from 0 to metres, true");
    assert_eq!(shown(&mut session), json!({"feet": 100.0, "name": "Ada"}), "the old version goes on");

    let migrating = migrate(
        "let mut game: Self = old.carry();
         if from == 0 { game.metres = old.get::<f64>(\"feet\")? * 0.25; }
         Ok(game)",
    );
    guest.save(&game(metres, &migrating));
    let verdict = session.recorded().record.verdict;
    assert_eq!(verdict.kind, Migrated);
    assert_eq!(verdict.reason, "migrated from state version 0 to 3; state carried over: 2 values kept; migrated: feet");
    assert_eq!(shown(&mut session), json!({"metres": 25.0, "name": "Ada"}));

    // Back: the older code has no migration, and takes what fits by name.
    let verdict = session.activate(1).verdict;
    assert_eq!(verdict.kind, Migrated);
    assert!(verdict.reason.starts_with("migrated from state version 3 to 0; "), "{verdict}");
    assert_eq!(shown(&mut session), json!({"feet": 0.0, "name": "Ada"}));
    session.end();
}

#[test]
fn a_guest_that_is_opened_again_goes_on_where_it_was() {
    let guest = Guest::with_state("again", &counter(""));
    let mut session = Watched::start(&guest);
    assert_eq!(session.recorded().record.verdict.reason, "fresh state");
    session.returned("click(5)");
    session.end();

    let mut session = Watched::start(&guest);
    let verdict = session.activated().verdict;
    assert_eq!(verdict.kind, Hot);
    assert!(verdict.reason.starts_with("state of the last session, "), "{verdict}");
    assert_eq!(session.returned("clicks()"), 5);
    // Only an earlier session's state is one.
    session.nothing_changed();
    session.send(Command::RestartGuest);
    let verdict = session.activated().verdict;
    assert_eq!((verdict.kind, verdict.reason.as_str()), (Restarted, "asked for; fresh state"));
    assert_eq!(session.returned("clicks()"), 0);
    session.returned("click(3)");
    session.end();

    // The code was changed meanwhile.
    guest.save(&stateful("clicks: u32, more: u8,", "", ""));
    let mut session = Watched::start(&guest);
    session.activated();
    assert_eq!(session.returned("clicks()"), 3);
    assert_eq!(session.recorded().record.verdict.kind, Migrated);
    assert_eq!(session.returned("clicks()"), 3);
    let last = history_of(&session).join("last-state");
    session.end();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&last).expect("the state").permissions().mode() & 0o777, 0o600);
    }

    // A broken file costs the state, and says so.
    std::fs::write(&last, "no state").expect("written");
    let mut session = Watched::start(&guest);
    let notice = notice(&mut session);
    assert!(notice.starts_with("the state of the last session is left out, the guest starts afresh: "), "{notice}");
    assert_eq!(session.activated().verdict.reason, "fresh state");
    assert_eq!(std::fs::read(last.with_extension("unusable")).expect("put aside"), b"no state");
    session.end();
}

fn notice(session: &mut Watched) -> String {
    session.next("a notice", |event| match event {
        Event::Notice { message } => Some(message.clone()),
        _ => None,
    })
}

#[test]
fn a_state_that_kills_its_guest_does_not_do_so_for_ever() {
    let lib = stateful("clicks: u32,", "fn restored(&mut self) { if self.clicks == 13 { std::process::abort() } }", "");
    let guest = Guest::with_state("kills", &lib);
    let mut session = Watched::start(&guest);
    session.recorded();
    session.returned("click(13)");
    session.end();
    let mut session = Watched::start(&guest);
    let notice = notice(&mut session);
    assert!(notice.contains("nothing starts with it: ") && notice.contains("SIGABRT"), "{notice}");
    assert_eq!(session.activated().verdict.reason, "fresh state");
    assert_eq!(session.returned("clicks()"), 0);
    session.end();
}

#[test]
fn one_call_from_the_command_line_has_a_state_of_its_own() {
    let guest = Guest::with_state("one-call", &counter(""));
    for _ in 0..2 {
        let output = std::process::Command::new(exuvia_tests::program::exuvia())
            .arg("call")
            .arg(&guest.root)
            .arg("click(5)")
            .output()
            .expect("exuvia can be run");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.contains('5') && !text.contains("10"), "{output:?}");
    }
}

/// What the history says of a version, read without a session.
#[test]
fn a_kept_state_is_found_again_by_the_next_session() {
    let guest = Guest::with_state("found", &counter(""));
    let mut session = Watched::start(&guest);
    session.recorded();
    session.returned("click(5)");
    guest.save(&counter("#[export]\nfn two() {}"));
    session.recorded();
    left(&mut session, 1);
    session.end();
    let project = exuvia_runtime::build::Project::find(&guest.root, &Default::default()).expect("a guest");
    let rows: Vec<VersionRow> = history::read(&project).expect("a history").versions;
    assert!(rows[0].marks.left_state.is_some_and(|left| left.bytes > 5), "{:?}", rows[0].marks);
    assert_eq!(rows[1].marks.left_state, None, "it was never left");
    let mut session = Watched::start(&guest);
    session.activated();
    session.returned("click(1)");
    let activation = its_state(&mut session, 1);
    assert_eq!((activation.version.0, session.returned("clicks()")), (1, json!(5)));
    session.end();
}

/// The SDK as it was before its record of state functions grew: what lies behind the record's end is
/// none of the host's business, and ends the process here. In one place, so that it is built once.
fn older_sdk() -> PathBuf {
    let (ours, theirs) = (workspace().join("reloadable"), guests_target().join("older-sdk"));
    let mut left = vec![PathBuf::from("contract"), PathBuf::from("guest")];
    let mut files = vec![(PathBuf::from("Cargo.toml"), workspace().join("assets/template/sdk.toml"))];
    // What another test run, of another state of the SDK, has left there.
    let _ = std::fs::remove_dir_all(theirs.join("guest/src"));
    while let Some(path) = left.pop() {
        match std::fs::read_dir(ours.join(&path)) {
            Ok(entries) => left.extend(entries.map(|entry| path.join(entry.unwrap().file_name()))),
            Err(_) => files.push((path.clone(), ours.join(path))),
        }
    }
    for (path, from) in files {
        let mut text = std::fs::read_to_string(from).unwrap();
        if path.ends_with("shim.rs") {
            for (now, then) in [
                ("size: size_of::<StateFns>(),", "size: std::mem::offset_of!(StateFns, version),"),
                ("carry: carry::<T>,", "carry: { let _ = carry::<T>; behind_the_end },"),
                (
                    "/// Whether and how an export takes",
                    "extern \"C\" fn behind_the_end(_: Bytes<'_>, _: u32, _: &mut StatePtr, _: Sink<'_>) -> Outcome {\n    \
                     std::process::abort()\n}\n\n/// Whether and how an export takes",
                ),
            ] {
                assert_eq!(text.matches(now).count(), 1, "{now} in {}", path.display());
                text = text.replace(now, then);
            }
        }
        let to = theirs.join(path);
        if std::fs::read_to_string(&to).ok().as_ref() != Some(&text) {
            write(&to, &text);
        }
    }
    theirs.join("guest")
}

/// What it cannot do is done without: the snapshot as it is, then with what is missing, then afresh.
#[test]
fn a_guest_with_an_older_sdk_keeps_what_fits_as_a_whole() {
    let guest = Guest::with_state("older-sdk", &counter(""));
    let manifest = std::fs::read_to_string(guest.path("Cargo.toml")).unwrap();
    let ours = workspace().join("reloadable/guest").display().to_string();
    guest.write("Cargo.toml", &manifest.replace(&ours, &older_sdk().display().to_string()));
    let mut session = Watched::start(&guest);
    session.recorded();
    session.returned("click(5)");
    for (fields, hooks, kind, clicks) in [
        ("clicks: u32,", "const STATE_VERSION: u32 = 3;", Hot, json!(5)),
        ("clicks: u32, lives: u8,", "", Migrated, json!(5)),
        ("clicks: u32, lives: Vec<u8>,", "", Reset, json!(0)),
    ] {
        guest.save(&stateful(fields, hooks, ""));
        let row = session.recorded();
        assert_eq!(row.record.verdict.kind, kind, "{fields}: {}", row.record.verdict);
        assert_eq!(session.returned("clicks()"), clicks, "{fields}");
    }
    assert_eq!(session.count(|event| matches!(event, Event::Fault { .. })), 0);
    session.end();
}
