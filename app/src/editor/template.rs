//! A command line with room for the place: pure.

use std::ffi::OsString;
use std::path::Path;

use super::choose::Origin;
use super::known::known;
use super::{EditorError, Place};

/// How an editor is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditorTemplate {
    /// The program, then its arguments; these may have `{file}`, `{line}` and `{column}` in them.
    pub words: Vec<String>,
    /// It shows itself in a terminal.
    pub needs_terminal: bool,
}

const PLACEHOLDERS: [&str; 3] = ["file", "line", "column"];

impl EditorTemplate {
    /// From a command line as the user writes it. One that does not say where the file goes is
    /// completed: as the editor wants it if we know the editor, else with the file alone.
    ///
    /// `None` if the line is empty.
    ///
    /// # Errors
    /// If its quotes do not match, or it has an unknown placeholder.
    pub(super) fn of_line(line: &str, origin: Origin) -> Result<Option<Self>, EditorError> {
        let words = shlex::split(line).ok_or_else(|| EditorError::Quotes { origin, line: line.to_owned() })?;
        let Some(program) = words.first().filter(|program| !program.is_empty()) else { return Ok(None) };
        let known = known(program);
        let needs_terminal = known.is_some_and(|known| known.needs_terminal(&words[1..]));
        if let Some(name) = words.iter().find_map(|word| unknown_placeholder(word)) {
            return Err(EditorError::Placeholder { origin, name });
        }
        if words.iter().any(|word| word.contains("{file}")) {
            return Ok(Some(Self { words, needs_terminal }));
        }
        let arguments = known.map_or(&["{file}"][..], |known| known.arguments);
        // Others wait for the editor to close; we do not, and some editors would hold their window for it.
        let mut words: Vec<_> = words.into_iter().filter(|word| word != "--wait").collect();
        words.extend(arguments.iter().map(|&argument| argument.to_owned()));
        Ok(Some(Self { words, needs_terminal }))
    }
}

/// A name in braces that is none of ours. Braces around anything but a name are the user's business.
fn unknown_placeholder(word: &str) -> Option<String> {
    let names = word.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name);
    let mut names = names.filter(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase()));
    names.find(|name| !PLACEHOLDERS.contains(name)).map(str::to_owned)
}

/// The words of the command that opens a place. Lines and columns count from 1 in all editors; a 0
/// is taken for 1.
#[must_use]
pub fn command(template: &EditorTemplate, place: &Place) -> Vec<OsString> {
    template.words.iter().map(|word| filled(word, place)).collect()
}

/// A file's name need not be Unicode, so it is put in as it is.
fn filled(word: &str, place: &Place) -> OsString {
    let mut filled = OsString::new();
    let mut rest = word;
    // One pass: a file called `{line}` stays what it is.
    while let Some((before, (name, after))) = rest.split_once('{').and_then(|(b, a)| Some((b, a.split_once('}')?))) {
        filled.push(before);
        match name {
            "file" => filled.push::<&Path>(&place.file),
            "line" => filled.push(place.line.max(1).to_string()),
            "column" => filled.push(place.column.max(1).to_string()),
            _ => {
                // The brace may stand before another one that is ours.
                filled.push("{");
                rest = &rest[before.len() + 1..];
                continue;
            }
        }
        rest = after;
    }
    filled.push(rest);
    filled
}
