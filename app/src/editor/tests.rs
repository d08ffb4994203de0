//! Tests of the choice and of the command: tables over made-up surroundings. Starting one is tested
//! with the chores.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::choose::{choose, editor_without_setting};
use super::known::{KNOWN, LOOKED_FOR, known};
use super::*;
use crate::text::Language;

/// Programs lie in `/b`; `/gone.rs` is not there.
#[derive(Default)]
struct MadeUp {
    variables: Vec<(&'static str, &'static str)>,
    programs: Vec<&'static str>,
}

impl Surroundings for MadeUp {
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    }

    fn find(&self, program: &str) -> Option<PathBuf> {
        self.programs.contains(&program).then(|| Path::new("/b").join(program))
    }

    fn is_file(&self, file: &Path) -> bool {
        file != Path::new("/gone.rs")
    }
}

fn place() -> Place {
    Place { file: "/g/src/lib.rs".into(), line: 12, column: 3 }
}

fn line(setting: Option<&str>, surroundings: &MadeUp) -> Result<String, EditorError> {
    let choice = choose(&place(), setting, surroundings)?;
    let words: Vec<_> = choice.words.iter().map(|word| word.to_str().expect("Unicode")).collect();
    Ok(words.join("|"))
}

#[test]
fn each_editor_is_told_the_place_in_its_own_way() {
    for (setting, expected) in [
        ("code", "/b/code|-g|/g/src/lib.rs:12:3"),
        ("codium", "/b/codium|-g|/g/src/lib.rs:12:3"),
        ("cursor", "/b/cursor|-g|/g/src/lib.rs:12:3"),
        ("zed", "/b/zed|/g/src/lib.rs:12:3"),
        ("subl", "/b/subl|/g/src/lib.rs:12:3"),
        ("kate", "/b/kate|--line|12|--column|3|/g/src/lib.rs"),
        ("gedit", "/b/gedit|+12:3|/g/src/lib.rs"),
        ("gnome-text-editor", "/b/gnome-text-editor|+12:3|/g/src/lib.rs"),
        ("rustrover", "/b/rustrover|--line|12|--column|3|/g/src/lib.rs"),
        ("idea", "/b/idea|--line|12|--column|3|/g/src/lib.rs"),
        ("emacsclient", "/b/emacsclient|+12:3|/g/src/lib.rs"),
        ("emacs -nw", "/b/xterm|-e|/b/emacs|-nw|+12:3|/g/src/lib.rs"),
        ("hx", "/b/xterm|-e|/b/hx|/g/src/lib.rs:12:3"),
        ("nvim", "/b/xterm|-e|/b/nvim|+call cursor(12,3)|/g/src/lib.rs"),
        ("vi", "/b/xterm|-e|/b/vi|+12|/g/src/lib.rs"),
        ("nano", "/b/xterm|-e|/b/nano|+12,3|/g/src/lib.rs"),
        ("micro", "/b/xterm|-e|/b/micro|+12:3|/g/src/lib.rs"),
        ("code --wait", "/b/code|-g|/g/src/lib.rs:12:3"),
        ("code --wait --profile 'my own'", "/b/code|--profile|my own|-g|/g/src/lib.rs:12:3"),
        ("strange -x", "/b/strange|-x|/g/src/lib.rs"),
        ("strange --at={line},{column} {file}", "/b/strange|--at=12,3|/g/src/lib.rs"),
        ("code --wait {file}", "/b/code|--wait|/g/src/lib.rs"),
        ("hx {file}", "/b/xterm|-e|/b/hx|/g/src/lib.rs"),
        ("strange '{}{{file}}' {Not}", "/b/strange|{}{/g/src/lib.rs}|{Not}"),
    ] {
        let program = setting.split(' ').next().expect("a program");
        let surroundings = MadeUp { programs: vec![program, "xterm"], ..MadeUp::default() };
        assert_eq!(line(Some(setting), &surroundings).as_deref(), Ok(expected), "{setting}");
    }
}

#[test]
fn the_setting_goes_first_then_the_environment_then_what_is_there() {
    let all = ["code", "hx", "nano", "kate", "xterm"];
    for (setting, variables, programs, expected) in [
        (Some("kate"), vec![("VISUAL", "code")], &all[..], "/b/kate"),
        (None, vec![("VISUAL", "code"), ("EDITOR", "kate")], &all, "/b/code"),
        (None, vec![("EDITOR", "kate")], &all, "/b/kate"),
        (Some("  "), vec![("VISUAL", ""), ("EDITOR", "kate")], &all, "/b/kate"),
        (None, vec![], &all, "/b/code"),
        (None, vec![], &all[1..], "/b/kate"),
        (None, vec![], &["nano", "hx", "xterm"], "/b/xterm|-e|/b/hx"),
    ] {
        let surroundings = MadeUp { variables, programs: programs.to_vec() };
        let line = line(setting, &surroundings).expect("one");
        assert!(line.starts_with(&format!("{expected}|")), "{line} is not {expected}");
    }
}

#[test]
fn an_editor_that_needs_a_terminal_counts_only_where_there_is_one() {
    for (variables, programs, expected) in [
        (vec![], vec!["vim", "code"], Some("/b/code")),
        (vec![], vec!["hx", "vim", "emacs"], Some("/b/emacs")),
        (vec![("EDITOR", "vim")], vec!["vim", "kate"], Some("/b/kate")),
        (vec![("VISUAL", "emacs -nw"), ("EDITOR", "code")], vec!["emacs", "code"], Some("/b/code")),
        (vec![("EDITOR", "vim")], vec!["vim", "kate", "kitty"], Some("/b/kitty")),
        (vec![("EDITOR", "nano")], vec!["nano", "vim"], None),
        (vec![], vec!["vim", "nano"], None),
    ] {
        let surroundings = MadeUp { variables, programs };
        let (line, detected) = (line(None, &surroundings), editor_without_setting(&surroundings));
        assert_eq!(line.as_ref().ok().and_then(|line| line.split('|').next()), expected, "{line:?}");
        assert_eq!(detected.is_ok(), expected.is_some(), "the settings say the same: {detected:?}");
    }
}

#[test]
fn the_terminal_is_the_named_one_or_the_first_that_is_there() {
    for (named, programs, expected) in [
        (None, vec!["xterm", "gnome-terminal"], "/b/gnome-terminal|--"),
        (None, vec!["x-terminal-emulator", "kitty"], "/b/x-terminal-emulator|-e"),
        (None, vec!["kitty", "wezterm"], "/b/kitty"),
        (None, vec!["foot"], "/b/foot"),
        (None, vec!["wezterm"], "/b/wezterm|start|--"),
        (None, vec!["konsole"], "/b/konsole|-e"),
        (Some("alacritty"), vec!["xterm", "alacritty"], "/b/alacritty|-e"),
        (Some("own --big"), vec!["xterm", "own"], "/b/own|--big|-e"),
        (Some("xterm -e"), vec!["xterm"], "/b/xterm|-e"),
        (Some("gone"), vec!["xterm"], "/b/xterm|-e"),
    ] {
        let variables = named.map(|named| ("TERMINAL", named)).into_iter().collect();
        let surroundings = MadeUp { variables, programs: [programs, vec!["hx"]].concat() };
        assert_eq!(line(Some("hx"), &surroundings), Ok(format!("{expected}|/b/hx|/g/src/lib.rs:12:3")), "{named:?}");
    }
}

#[test]
fn an_error_says_which_editor_why_and_what_to_set() {
    for (setting, variables, programs, parts) in [
        (None, vec![], vec![], ["No editor was found", "PATH"]),
        (Some("code"), vec![], vec!["kate"], ["the setting “Editor command” asks for `code`", "not on PATH"]),
        (Some("vim"), vec![], vec!["vim", "code"], ["`vim` (the setting “Editor command”)", "set $TERMINAL"]),
        (None, vec![("VISUAL", "gone --wait")], vec!["kate"], ["$VISUAL asks for `gone`", "not on PATH"]),
        (None, vec![("EDITOR", "nano")], vec!["nano"], ["`nano` ($EDITOR) needs a terminal", "set $TERMINAL"]),
        (None, vec![], vec!["vi"], ["`vi` (the first editor on PATH) needs a terminal", "set $TERMINAL"]),
        (Some("code 'x"), vec![], vec!["code"], ["the setting “Editor command” is `code 'x`", "quotes"]),
        (
            Some("code {path}"),
            vec![],
            vec!["code"],
            ["the setting “Editor command” has {path}", "{file}, {line} and {column}"],
        ),
    ] {
        let error = line(setting, &MadeUp { variables, programs }).unwrap_err();
        let error = Language::English.editor_error(&error);
        let help = "set “Editor command” in Settings, for example: code -g {file}:{line}:{column}";
        for part in parts.into_iter().chain([help]) {
            assert!(error.contains(part), "{part:?} is missing in {error:?}");
        }
    }
    let gone = Place { file: "/gone.rs".into(), line: 1, column: 1 };
    let surroundings = MadeUp { programs: vec!["code"], ..MadeUp::default() };
    assert_eq!(choose(&gone, None, &surroundings), Err(EditorError::NoFile { file: "/gone.rs".into() }));
}

#[test]
fn every_known_editor_takes_the_file_and_every_looked_for_one_is_known() {
    for known in KNOWN {
        assert!(known.arguments.iter().any(|argument| argument.contains("{file}")), "{known:?}");
    }
    for name in LOOKED_FOR {
        assert!(known(name).is_some(), "{name}");
    }
    assert_eq!(known("/usr/bin/hx"), known("hx"));
}

#[test]
fn odd_places_are_put_in_as_they_are() {
    let template = EditorTemplate { words: vec!["e".into(), "{file}:{line}:{column}".into()], needs_terminal: false };
    let at_nought = Place { file: "/{line}/a b.rs".into(), line: 0, column: 0 };
    assert_eq!(command(&template, &at_nought), ["e", "/{line}/a b.rs:1:1"].map(OsString::from));
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStringExt;
        let file = PathBuf::from(OsString::from_vec(b"/\xff.rs".to_vec()));
        let words = command(&template, &Place { file, line: 1, column: 2 });
        assert_eq!(words[1], OsString::from_vec(b"/\xff.rs:1:2".to_vec()));
    }
}
