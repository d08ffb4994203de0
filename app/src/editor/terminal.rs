//! Terminal emulators, for editors that need one: pure over [`Surroundings`].

use std::ffi::OsString;

use super::choose::Surroundings;
use super::known::base_name;

/// What stands between a terminal emulator and the command that it runs. From their manuals.
const TERMINALS: &[(&str, &[&str])] = &[
    // Debian's name for the one that the user or the administrator chose.
    ("x-terminal-emulator", &["-e"]),
    ("gnome-terminal", &["--"]),
    ("konsole", &["-e"]),
    ("alacritty", &["-e"]),
    ("kitty", &[]),
    ("foot", &[]),
    ("wezterm", &["start", "--"]),
    ("ptyxis", &["--"]),
    ("kgx", &["--"]),
    ("xfce4-terminal", &["-x"]),
    ("ghostty", &["-e"]),
    ("xterm", &["-e"]),
];

/// Not looked for, but known where `$TERMINAL` names one: it needs a server that runs.
const NAMED: &[(&str, &[&str])] = &[("footclient", &[])];

/// The words to put before a command so that it runs in a terminal, if there is one: `$TERMINAL`,
/// else the first one that is installed.
pub(super) fn terminal(surroundings: &dyn Surroundings) -> Option<Vec<OsString>> {
    named(surroundings).or_else(|| {
        TERMINALS.iter().find_map(|(name, before)| {
            let found = surroundings.find(name)?;
            Some([found.into_os_string()].into_iter().chain(before.iter().map(OsString::from)).collect())
        })
    })
}

fn named(surroundings: &dyn Surroundings) -> Option<Vec<OsString>> {
    let line = surroundings.variable("TERMINAL")?;
    let words = shlex::split(&line)?;
    let (program, arguments) = words.split_first()?;
    let found = surroundings.find(program)?;
    let mut command = vec![found.into_os_string()];
    command.extend(arguments.iter().map(OsString::from));
    let base = base_name(program);
    let before =
        TERMINALS.iter().chain(NAMED).find(|(name, _)| *name == base).map_or(&["-e"][..], |(_, before)| before);
    // Somebody who wrote `kitty -e` has said it already.
    if before.last().is_none_or(|last| arguments.last().map(String::as_str) != Some(*last)) {
        command.extend(before.iter().map(OsString::from));
    }
    Some(command)
}
