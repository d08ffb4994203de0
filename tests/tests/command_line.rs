//! The real executable: `watch --json` and its stdin, `call`, `list`, their exit codes, and that
//! nothing outlives them.

use std::process::Output;

use exuvia_tests::cli::{Cli, command, run, text};
use exuvia_tests::guest::Guest;
use exuvia_tests::process::{Signal, is_alive, runner, until_no_runner};
use exuvia_tests::sources::{counter, greeting};
use exuvia_tests::until;
use serde_json::json;

const GREET: &str = "greet(\"World\")";

#[test]
fn watch_does_the_whole_job() {
    let guest = Guest::with_state("watch", &counter("#[export]\nfn text() -> &'static str { \"one\" }"));
    let mut watch = Cli::watch(&guest, &["--call", "text()"]);
    assert_eq!(watch.next("opened")["guest"]["name"], guest.name.as_str());
    assert_eq!(watch.next("build_started")["cause"], json!({"kind": "start"}));
    let result = watch.next("pinned_result");
    assert_eq!((&result["version"], &result["answer"]), (&json!(1), &json!({"kind": "returned", "value": "one"})));
    assert_eq!(watch.next("recorded")["record"]["number"], 1);
    watch.status("running v1 = saved source");
    watch.say("call click(5)");
    assert_eq!(watch.next("answered")["answer"], json!({"kind": "returned", "value": 5}));

    guest.save("fn broken(");
    let failed = watch.next("failed");
    assert_eq!((&failed["generation"], &failed["failure"]["kind"]), (&json!(2), &json!("build")));
    assert_eq!(failed["failure"]["diagnostics"][0]["level"], "error");
    watch.say("call text()");
    assert_eq!(watch.next("answered")["answer"]["value"], "one");

    guest.save(&counter("#[export]\nfn text() -> &'static str { \"two\" }"));
    assert_eq!(watch.next("pinned_result")["answer"]["value"], "two");
    let activated = watch.next("activated");
    assert_eq!((&activated["version"], &activated["from"]), (&json!(2), &json!(1)));
    assert_eq!(
        activated["verdict"],
        json!({"kind": "hot", "reason": "state carried over: 1 value kept", "clauses": [{"is": "carried_over", "kept": 1}]})
    );
    watch.status("running v2 = saved source");

    watch.say("rollback 1");
    assert_eq!(watch.next("activated")["version"], 1);
    watch.status("running v1, source is at v2");
    watch.say("call clicks()");
    assert_eq!(watch.next("answered")["answer"]["value"], 5);
    watch.say("status");
    assert_eq!(watch.next("status")["text"], "running v1, source is at v2");
    watch.say("list");
    let list = watch.next("list");
    assert_eq!((&list["active"], list["versions"].as_array().map(Vec::len)), (&json!(1), Some(2)));
    assert_eq!(list["failures"].as_array().map(Vec::len), Some(1));

    for (line, part) in [("dance", "`dance` is no command"), (GREET, "write: call"), ("rollback 9", "there is no v9")] {
        watch.say(line);
        let refused = watch.next("command_refused");
        assert!(refused["message"].as_str().is_some_and(|message| message.contains(part)), "{refused}");
    }
    watch.say("quit");
    watch.next("ended");
    assert_eq!(watch.ended().code(), Some(0));
    until_no_runner(&guest.root);
}

#[test]
fn words_for_people() {
    let guest = Guest::new("words", &greeting("Hello, {name}!"));
    let root = guest.root.to_str().unwrap();
    let mut watch = Cli::start(command(&["watch", root, "--call", GREET]));
    let mut seen = Vec::new();
    while !seen.iter().any(|line: &String| line.contains("running v1 = saved source")) {
        seen.push(watch.line().unwrap_or_else(|| panic!("{seen:?}")));
    }
    assert!(seen.iter().any(|line| line.contains("Hello, World!")), "{seen:?}");
    watch.say("quit");
    assert_eq!(watch.ended().code(), Some(0));
}

#[test]
fn without_a_display_the_window_goes_on_as_watch() {
    let guest = Guest::new("nodisplay", &greeting("one"));
    let mut command = command(&[guest.root.to_str().unwrap()]);
    command.stderr(std::process::Stdio::piped());
    let mut watch = Cli::start(command);
    let mut seen = Vec::new();
    while !seen.iter().any(|line: &String| line.contains("running v1 = saved source")) {
        seen.push(watch.line().unwrap_or_else(|| panic!("{seen:?}")));
    }
    let id = watch.id();
    watch.say("quit");
    assert_eq!(watch.ended().code(), Some(0));
    assert!(!is_alive(id));
    until_no_runner(&guest.root);
}

#[test]
fn an_interrupt_ends_everything_in_order() {
    for signal in [Signal::INT, Signal::TERM] {
        let guest = Guest::new("interrupt", &greeting("one"));
        let mut watch = Cli::watch(&guest, &[]);
        watch.next("recorded");
        let runner = runner(&guest.root);
        watch.signal(signal);
        watch.next("ended");
        assert_eq!(watch.ended().code(), Some(0));
        assert!(!is_alive(runner));
    }
}

#[test]
fn a_killed_workbench_leaves_no_runner() {
    // The guest hangs in a call: nothing polite would reach it.
    let guest =
        Guest::new("kill9", "#[exuvia_guest::export]\nfn hang() { println!(\"in\"); loop { std::thread::park() } }\n");
    let mut watch = Cli::watch(&guest, &["--deadline", "600"]);
    watch.next("recorded");
    let runner = runner(&guest.root);
    watch.say("call hang()");
    assert_eq!(watch.next("output")["text"], "in\n");
    watch.signal(Signal::KILL);
    watch.ended();
    until("the runner's end", || (!is_alive(runner)).then_some(()));
    // What it left does not disturb the next one.
    let mut watch = Cli::watch(&guest, &[]);
    assert_eq!(watch.next("opened")["versions"].as_array().map(Vec::len), Some(1));
    watch.next("activated");
    watch.next("nothing_changed");
}

#[test]
fn no_cargo_on_path() {
    let guest = Guest::new("nocargo", &greeting("one"));
    let mut command = command(&["watch", guest.root.to_str().unwrap(), "--json"]);
    command.env("PATH", guest.root.join("empty"));
    let mut watch = Cli::start(command);
    let failed = watch.next("open_failed");
    let message = failed["message"].as_str().unwrap();
    for part in ["`cargo` cannot be run", "not on PATH", "https://rustup.rs"] {
        assert!(message.contains(part), "{message}");
    }
    assert_eq!(watch.ended().code(), Some(3));
}

/// Runs `exuvia call`, and gives its exit code and what it wrote.
fn call(guest: &Guest, call: &str, options: &[&str]) -> (Option<i32>, String, String) {
    let mut arguments = vec!["call", guest.root.to_str().unwrap(), call];
    arguments.extend(options);
    let Output { status, stdout, stderr } = run(&arguments);
    (status.code(), text(&stdout), text(&stderr))
}

#[test]
fn call_builds_calls_once_and_says_how_it_went() {
    let lib = r#"
        use exuvia_guest::export;
        #[export] fn add(a: i32, b: i32) -> i32 { println!("adding"); a + b }
        #[export] fn fails() -> Result<u8, String> { Err("too late".to_owned()) }
        #[export] fn panics() { panic!("on purpose") }
        #[export] fn quits() { std::process::exit(9) }
        #[export] fn hangs() { loop { std::thread::park() } }
    "#;
    let guest = Guest::new("call", lib);
    let (code, stdout, stderr) = call(&guest, "add(2, 40)", &[]);
    assert_eq!((code, stdout.as_str()), (Some(0), "42\n"), "{stderr}");
    assert!(stderr.contains("adding"), "{stderr}");
    for (line, options, expected, part) in [
        ("fails()", &[][..], 1, "too late"),
        ("panics()", &[], 1, "on purpose"),
        ("gone()", &[], 1, "there is no export `gone`"),
        ("add(1)", &[], 1, "takes 2 arguments, 1 given"),
        ("add(one)", &[], 2, "double quotes"),
        ("quits()", &[], 5, "exit code 9"),
        ("hangs()", &["--deadline", "1.5"], 5, "no answer for 1.5 s"),
    ] {
        let (code, stdout, stderr) = call(&guest, line, options);
        assert_eq!((code, stdout.as_str()), (Some(expected), ""), "{line}: {stderr}");
        assert!(stderr.contains(part), "{line}: {stderr}");
    }
    // The saved code is what is called, not the last that could be built.
    guest.save("fn broken(");
    let (code, stdout, stderr) = call(&guest, "add(2, 40)", &[]);
    assert_eq!((code, stdout.as_str()), (Some(4), ""), "{stderr}");
    assert!(stderr.contains("src/lib.rs"), "{stderr}");
    std::fs::remove_file(guest.path("Cargo.toml")).unwrap();
    let (code, _, stderr) = call(&guest, "add(2, 40)", &[]);
    assert_eq!(code, Some(3), "{stderr}");
    until_no_runner(&guest.root);
}

#[test]
fn list_prints_the_history() {
    let guest = Guest::new("list", &greeting("one"));
    let root = guest.root.to_str().unwrap();
    let output = run(&["list", root]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).contains("no versions yet"), "{output:?}");

    assert_eq!(call(&guest, GREET, &[]).1, "\"one\"\n");
    guest.save(&greeting("two"));
    assert_eq!(call(&guest, GREET, &[]).1, "\"two\"\n");
    guest.save("fn broken(");
    assert_eq!(call(&guest, GREET, &[]).0, Some(4));

    let output = text(&run(&["list", root]).stdout);
    for part in ["v1", "v2"] {
        assert!(output.contains(part), "{output}");
    }
    let listed: serde_json::Value = serde_json::from_slice(&run(&["list", root, "--json"]).stdout).unwrap();
    let numbers: Vec<_> =
        listed["versions"].as_array().unwrap().iter().map(|row| row["record"]["number"].clone()).collect();
    assert_eq!(numbers, [json!(1), json!(2)]);
    assert_eq!(listed["failures"].as_array().map(Vec::len), Some(1));
    assert_eq!(run(&["list", guest.path("missing").to_str().unwrap()]).status.code(), Some(3));
}
