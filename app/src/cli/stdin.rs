//! Lines on stdin as commands.

use std::fmt::Write as _;

use exuvia_runtime::ids::VersionNumber;
use exuvia_runtime::session::Command;

/// What a line asks for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Line {
    /// It is empty.
    Nothing,
    /// The session is asked.
    Ask(Command),
    /// Show the history.
    List,
    /// Show the status.
    Status,
    /// Show the commands.
    Help,
}

/// The commands as they are shown: an example and what it does.
const COMMANDS: [(&str, &str); 17] = [
    ("rollback", "go back to the next older version"),
    ("rollback 3", "go to version 3, older or newer (also: activate 3)"),
    ("rollback 3 with its state", "the same, with the state that it had when it was left"),
    ("forward", "go to the next newer version"),
    ("call greet(\"World\")", "call a function of the running version"),
    ("pin greet(\"World\")", "call it now and after each reload"),
    ("unpin greet(\"World\")", "no longer"),
    ("keep 3", "never prune version 3"),
    ("unkeep 3", "it may be pruned again"),
    ("build", "build now"),
    ("cancel", "stop the running build"),
    ("auto off", "build only when asked (auto on: also when a file changes)"),
    ("restart", "start the running version again, with fresh state"),
    ("list", "print the history"),
    ("status", "print the status"),
    ("help", "print these commands"),
    ("quit", "end"),
];

/// What follows a version that is to have its own state back.
const WITH_ITS_STATE: &str = "with its state";

/// The commands, one a line.
pub(super) fn help() -> String {
    COMMANDS.iter().fold("Commands on stdin, one per line:".to_owned(), |mut text, (example, meaning)| {
        let _ = write!(text, "\n  {example:<26} {meaning}");
        text
    })
}

/// Reads a line. A call gets `call_id`.
///
/// # Errors
/// What is wrong with the line, and what to write instead.
pub(super) fn parse(line: &str, call_id: u64) -> Result<Line, String> {
    let line = line.trim();
    let (word, rest) = line.split_once(char::is_whitespace).map_or((line, ""), |(word, rest)| (word, rest.trim()));
    let version = || number(word, rest);
    let text = || match rest {
        "" => Err(format!("`{word}` needs a call, as in: {word} greet(\"World\")")),
        call => Ok(call.to_owned()),
    };
    let command = match word {
        "" => return Ok(Line::Nothing),
        "list" => return alone(word, rest, Line::List),
        "status" => return alone(word, rest, Line::Status),
        "help" | "?" => return alone(word, rest, Line::Help),
        "rollback" if rest.is_empty() => Command::RollBack,
        "rollback" | "activate" if rest.ends_with(WITH_ITS_STATE) => {
            let version = number(word, rest.trim_end_matches(WITH_ITS_STATE).trim_end())?;
            Command::ActivateWithItsState { version }
        }
        "rollback" | "activate" => Command::Activate { version: version()? },
        "forward" => alone(word, rest, Command::RollForward)?,
        "call" => Command::Call { id: call_id, text: text()? },
        "pin" => Command::Pin { text: text()? },
        "unpin" => Command::Unpin { text: text()? },
        "keep" => Command::Keep { version: version()?, keep: true },
        "unkeep" => Command::Keep { version: version()?, keep: false },
        "build" => alone(word, rest, Command::Build)?,
        "cancel" => alone(word, rest, Command::CancelBuild)?,
        "auto" => match rest {
            "on" => Command::SetAutoReload { on: true },
            "off" => Command::SetAutoReload { on: false },
            _ => return Err("`auto` needs on or off".to_owned()),
        },
        "restart" => alone(word, rest, Command::RestartGuest)?,
        "quit" | "exit" | "q" => alone(word, rest, Command::Quit)?,
        _ if line.contains('(') => {
            return Err(format!("`{line}` is no command; to call a function write: call {line}"));
        }
        _ => return Err(format!("`{word}` is no command; `help` prints them all")),
    };
    Ok(Line::Ask(command))
}

fn number(word: &str, rest: &str) -> Result<VersionNumber, String> {
    let digits = rest.strip_prefix('v').unwrap_or(rest);
    let number = digits.parse().ok().filter(|_| !digits.starts_with('+'));
    number.map(VersionNumber).ok_or_else(|| format!("`{word}` needs the number of a version, as in: {word} 3"))
}

fn alone<T>(word: &str, rest: &str, value: T) -> Result<T, String> {
    if rest.is_empty() { Ok(value) } else { Err(format!("`{word}` stands alone, without `{rest}`")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const V3: VersionNumber = VersionNumber(3);

    #[test]
    fn lines_become_commands() {
        let call = || r#"greet("a  b")"#.to_owned();
        for (line, command) in [
            ("rollback", Command::RollBack),
            ("rollback 3", Command::Activate { version: V3 }),
            ("  rollback   v3 \r", Command::Activate { version: V3 }),
            ("activate 3", Command::Activate { version: V3 }),
            ("rollback 3 with its state", Command::ActivateWithItsState { version: V3 }),
            ("activate v3  with its state ", Command::ActivateWithItsState { version: V3 }),
            ("forward", Command::RollForward),
            (r#"call greet("a  b")"#, Command::Call { id: 7, text: call() }),
            (r#"pin greet("a  b")"#, Command::Pin { text: call() }),
            (r#"unpin greet("a  b")"#, Command::Unpin { text: call() }),
            ("keep 3", Command::Keep { version: V3, keep: true }),
            ("unkeep 3", Command::Keep { version: V3, keep: false }),
            ("build", Command::Build),
            ("cancel", Command::CancelBuild),
            ("auto on", Command::SetAutoReload { on: true }),
            ("auto off", Command::SetAutoReload { on: false }),
            ("restart", Command::RestartGuest),
            ("quit", Command::Quit),
        ] {
            assert_eq!(parse(line, 7), Ok(Line::Ask(command)), "{line}");
        }
        for (line, meaning) in [
            ("", Line::Nothing),
            (" \t", Line::Nothing),
            ("list", Line::List),
            ("status", Line::Status),
            ("help", Line::Help),
        ] {
            assert_eq!(parse(line, 1), Ok(meaning), "{line}");
        }
    }

    #[test]
    fn what_is_no_command_is_named() {
        for (line, part) in [
            ("rol", "`rol` is no command; `help`"),
            ("Build", "`Build` is no command"),
            ("greet(\"World\")", "write: call greet(\"World\")"),
            ("rollback three", "as in: rollback 3"),
            ("rollback 3 4", "as in: rollback 3"),
            ("rollback -1", "as in: rollback 3"),
            ("rollback +1", "as in: rollback 3"),
            ("activate", "as in: activate 3"),
            ("rollback with its state", "as in: rollback 3"),
            ("rollback 3 with state", "as in: rollback 3"),
            ("keep", "as in: keep 3"),
            ("call", "`call` needs a call"),
            ("pin ", "`pin` needs a call"),
            ("auto", "on or off"),
            ("auto maybe", "on or off"),
            ("build now", "`build` stands alone, without `now`"),
            ("list all", "`list` stands alone"),
        ] {
            let message = parse(line, 1).unwrap_err();
            assert!(message.contains(part), "{line}: {message}");
            assert!(!message.contains('\n'));
        }
    }

    #[test]
    fn every_example_of_the_help_is_understood() {
        for (example, _) in COMMANDS {
            assert_ne!(parse(example, 1), Ok(Line::Nothing), "{example}");
        }
        assert_eq!(help().lines().count(), 1 + COMMANDS.len());
    }
}
