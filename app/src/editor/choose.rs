//! Which editor, and the whole command: pure over [`Surroundings`].

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::known::{LOOKED_FOR, base_name};
use super::template::{EditorTemplate, command};
use super::{EditorError, Place, terminal};

/// What a decision needs to know of the system.
pub trait Surroundings {
    /// A variable of the environment, if it is set to something.
    fn variable(&self, name: &str) -> Option<String>;
    /// Where a program is, by PATH unless it is a path itself; `None` if it is not there or cannot be run.
    fn find(&self, program: &str) -> Option<PathBuf>;
    /// Whether a file is there.
    fn is_file(&self, file: &Path) -> bool;
}

/// Who chose the editor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The user, in the settings.
    Setting,
    /// `$VISUAL`.
    Visual,
    /// `$EDITOR`.
    Editor,
    /// It was the first one on PATH.
    Path,
}

/// A command that opens a place.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Choice {
    /// Who chose the editor.
    pub(super) origin: Origin,
    /// The editor's base name.
    pub(super) editor: String,
    /// The program and its arguments.
    pub(super) words: Vec<OsString>,
}

/// The command that opens a place.
pub(super) fn choose(
    place: &Place,
    setting: Option<&str>,
    surroundings: &dyn Surroundings,
) -> Result<Choice, EditorError> {
    if !surroundings.is_file(&place.file) {
        return Err(EditorError::NoFile { file: place.file.clone() });
    }
    let (origin, template) = template(setting, surroundings)?;
    let program = template.words[0].clone();
    let Some(found) = surroundings.find(&program) else { return Err(EditorError::NotFound { origin, program }) };
    let mut words = command(&template, place);
    words[0] = found.into_os_string();
    let editor = base_name(&program).to_owned();
    if template.needs_terminal {
        let Some(mut terminal) = terminal::terminal(surroundings) else {
            return Err(EditorError::NoTerminal { origin, program });
        };
        terminal.extend(words);
        words = terminal;
    }
    Ok(Choice { origin, editor, words })
}

/// The editor's base name where the setting names none, and who chose it.
pub(super) fn editor_without_setting(surroundings: &dyn Surroundings) -> Result<(String, Origin), EditorError> {
    let (origin, template) = template(None, surroundings)?;
    Ok((base_name(&template.words[0]).to_owned(), origin))
}

/// The setting, else `$VISUAL`, else `$EDITOR`, else the first one that is installed. What the user set here is
/// never passed over because it does not work: it is told. The environment is meant for shells, too: an editor
/// that it names and that needs a terminal counts only where there is one, as one that is found does.
fn template(setting: Option<&str>, surroundings: &dyn Surroundings) -> Result<(Origin, EditorTemplate), EditorError> {
    let chosen = [
        (Origin::Setting, setting.map(str::to_owned)),
        (Origin::Visual, surroundings.variable("VISUAL")),
        (Origin::Editor, surroundings.variable("EDITOR")),
    ];
    let chosen = chosen.into_iter().filter_map(|(origin, line)| Some((origin, line?)));
    let found = LOOKED_FOR.iter().filter(|name| surroundings.find(name).is_some());
    let has_terminal = terminal::terminal(surroundings).is_some();
    let mut passed_over = None;
    for (origin, line) in chosen.chain(found.map(|&name| (Origin::Path, name.to_owned()))) {
        let Some(template) = EditorTemplate::of_line(&line, origin)? else { continue };
        if has_terminal || !template.needs_terminal || origin == Origin::Setting {
            return Ok((origin, template));
        }
        passed_over.get_or_insert(EditorError::NoTerminal { origin, program: template.words[0].clone() });
    }
    Err(passed_over.unwrap_or(EditorError::NoEditor))
}
