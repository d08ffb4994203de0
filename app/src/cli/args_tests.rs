//! Tests of the arguments.

use std::path::Path;

use clap::CommandFactory;
use clap::error::ErrorKind;

use super::*;

fn parse(line: &[&str]) -> Result<Args, clap::Error> {
    Args::try_parse_from(std::iter::once("exuvia").chain(line.iter().copied()))
}

fn session(line: &[&str]) -> SessionConfig {
    let args = parse(line).unwrap();
    match args.command {
        None => args.session.config("runner".into()),
        Some(Subcommand::Watch(watch)) => watch.session.config("runner".into()),
        Some(Subcommand::Call(call)) => call.config("runner".into()),
        Some(other) => panic!("{other:?} has no session"),
    }
}

#[test]
fn the_definition_is_sound() {
    Args::command().debug_assert();
}

#[test]
fn a_session_has_defaults() {
    for line in [&[][..], &["watch"], &["call", "tick()"]] {
        let config = session(line);
        assert_eq!((config.path.as_path(), config.runner.as_path()), (Path::new("."), Path::new("runner")), "{line:?}");
        assert_eq!(config.selection, Selection::default());
        assert_eq!(config.retention, RetentionPolicy::default());
        assert_eq!(config.deadlines.request, Duration::from_secs(2));
        assert!(config.auto_reload && !config.poll && config.pins.is_empty());
    }
}

#[test]
fn options_reach_the_session() {
    let options = "g --call tick() --poll --no-auto-reload --keep-versions 3 --keep-mib 2 --deadline 0.5 -p name -F a,b \
                   --features c/d --no-default-features -r --call x(1)";
    for start in [&[][..], &["watch", "--json"]] {
        let config = session(&start.iter().copied().chain(options.split(' ')).collect::<Vec<_>>());
        assert_eq!(config.path, Path::new("g"));
        assert_eq!(config.pins, ["tick()", "x(1)"]);
        assert!(config.poll && !config.auto_reload);
        assert_eq!(config.retention, RetentionPolicy { versions: 3, bytes: 2 << 20 });
        assert_eq!(config.deadlines.request, Duration::from_millis(500));
        assert_eq!(config.selection.package.as_deref(), Some("name"));
        assert_eq!(config.selection.to_string(), "--features=a,b,c/d --no-default-features --profile=release");
    }
}

#[test]
fn a_call_may_leave_out_the_path() {
    for (line, path) in [(&["call", r#"greet("a b")"#][..], "."), (&["call", "g", r#"greet("a b")"#], "g")] {
        let Some(Subcommand::Call(args)) = parse(line).unwrap().command else { panic!("{line:?}") };
        assert_eq!((args.guest.path(), args.call.as_str()), (Path::new(path), r#"greet("a b")"#));
    }
}

#[test]
fn a_new_guest_has_a_path_and_may_have_a_name() {
    let Some(Subcommand::New(args)) = parse(&["new", "a/b", "--name", "c"]).unwrap().command else { panic!() };
    assert_eq!((args.path.as_path(), args.name.as_deref(), args.split), (Path::new("a/b"), Some("c"), false));
    let Some(Subcommand::New(args)) = parse(&["new", "--split", "a"]).unwrap().command else { panic!() };
    assert_eq!((args.path.as_path(), args.name, args.split), (Path::new("a"), None, true));
}

#[test]
fn an_experiment_needs_nothing() {
    for (line, expected) in [
        (&["experiment"][..], (false, false, None)),
        (&["experiment", "--thread-local", "--json", "--folder", "f"], (true, true, Some(Path::new("f")))),
    ] {
        let Some(Subcommand::Experiment(args)) = parse(line).unwrap().command else { panic!("{line:?}") };
        assert_eq!((args.thread_local, args.json, args.folder.as_deref()), expected);
    }
}

#[test]
fn what_is_wrong_is_named() {
    for (line, kind, part) in [
        (&["--release", "--profile", "dev"][..], ErrorKind::ArgumentConflict, "--profile"),
        (&["list", "--release", "--profile", "dev"], ErrorKind::ArgumentConflict, "--profile"),
        (&["--poll", "watch"], ErrorKind::ValueValidation, "exuvia watch …"),
        (&["new"], ErrorKind::MissingRequiredArgument, "PATH"),
        (&["new", "experiment"], ErrorKind::ValueValidation, "./experiment"),
        (&["experiment", "path"], ErrorKind::UnknownArgument, "path"),
        (&["watch", "--call", "greet(World)"], ErrorKind::ValueValidation, "double quotes"),
        (&["call", "g", "greet"], ErrorKind::ValueValidation, "argument list"),
        (&["call"], ErrorKind::MissingRequiredArgument, "CALL"),
        (&["--keep-versions", "0"], ErrorKind::ValueValidation, "1.."),
        (&["--deadline", "0"], ErrorKind::ValueValidation, "above 0"),
        (&["--deadline", "soon"], ErrorKind::ValueValidation, "number of seconds"),
        (&["a", "b"], ErrorKind::ArgumentConflict, "'b'"),
        (&["-V"], ErrorKind::DisplayVersion, env!("CARGO_PKG_VERSION")),
    ] {
        let error = parse(line).unwrap_err();
        assert_eq!(error.kind(), kind, "{line:?}");
        assert!(error.to_string().contains(part), "{line:?}: {error}");
    }
}

#[test]
fn the_help_shows_what_a_newcomer_needs() {
    let help = |line: &[&str]| parse(line).unwrap_err().to_string();
    let all = help(&["--help"]);
    for part in ["Examples:", "Exit codes:", "watch", "cdylib", "--release"] {
        assert!(all.contains(part), "{part}: {all}");
    }
    for hidden in [runner::SUBCOMMAND, warden::SUBCOMMAND, experiment::SUBCOMMAND] {
        assert!(!all.contains(hidden), "{hidden}");
    }
    assert!(help(&["watch", "--help"]).contains("rollback 3"));
    assert!(help(&["call", "--help"]).contains("stderr"));
}
