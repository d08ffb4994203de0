//! `exuvia new`: writes a guest that builds at once.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use exuvia_runtime::template::{self, Created, NewGuest, TemplateError};

use super::args::NewArgs;
use super::{Exit, error, exit_of_write};

pub(super) fn run(args: &NewArgs) -> Exit {
    match template::create(&args.path, &NewGuest { name: args.name.clone(), split: args.split }) {
        Ok(created) => {
            let mut stdout = io::stdout().lock();
            exit_of_write(write!(stdout, "{}", words(&created, &args.path)).map(|()| Exit::Done))
        }
        Err(reason) => {
            error(&reason.to_string());
            match reason {
                TemplateError::Write { .. } => Exit::Workbench,
                TemplateError::Name { .. }
                | TemplateError::NoName { .. }
                | TemplateError::NotEmpty { .. }
                | TemplateError::IsFile { .. } => Exit::Usage,
            }
        }
    }
}

/// What was written, and the next command, with the path as the user wrote it.
fn words(created: &Created, path: &Path) -> String {
    let sdk = created.sdk.join("");
    let rows = [
        ("Cargo.toml", "the crate"),
        ("src/lib.rs", "its code: change it and save"),
        ("core/Cargo.toml", "the library below it"),
        ("core/src/lib.rs", "the bulk of the code, which is not compiled at each save"),
        ("Cargo.lock", "versions of what it is built with"),
        (".gitignore", "for git"),
    ];
    let note = |file: &PathBuf| {
        let known = rows.iter().find(|(name, _)| Path::new(name) == file);
        (file.display().to_string(), known.map_or("", |(_, note)| note))
    };
    let mut lines: Vec<(String, &str)> = created.files.iter().map(note).collect();
    lines.push((sdk.display().to_string(), "the SDK's sources, which the crate depends on"));
    let width = lines.iter().map(|(file, _)| file.len()).max().unwrap_or_default();
    let mut text = format!("{} is a new guest, `{}`:\n", created.folder.display(), created.name);
    for (file, note) in lines {
        text.push_str(format!("  {file:width$}  {note}").trim_end());
        text.push('\n');
    }
    text.push_str(&format!("\nNext: exuvia {}\n", shell_word(&path.display().to_string())));
    text
}

/// A path as a shell takes it for one word.
fn shell_word(path: &str) -> String {
    let is_plain = |it: char| it.is_alphanumeric() || "/._-+".contains(it);
    match path {
        // The subcommands' own names would not be taken for a path.
        "watch" | "call" | "list" | "new" | "experiment" => format!("./{path}"),
        _ if !path.is_empty() && !path.starts_with('-') && path.chars().all(is_plain) => path.to_owned(),
        _ => {
            let path = if path.starts_with('-') { format!("./{path}") } else { path.to_owned() };
            format!("'{}'", path.replace('\'', r"'\''"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_command_can_be_pasted() {
        for (path, word) in
            [("a/b-c", "a/b-c"), ("my guest", "'my guest'"), ("it's", r"'it'\''s'"), ("new", "./new"), ("-x", "'./-x'")]
        {
            assert_eq!(shell_word(path), word);
        }
    }

    #[test]
    fn every_file_is_named_with_its_use() {
        let files = ["Cargo.toml", "src/lib.rs", "core/src/lib.rs"].map(PathBuf::from).to_vec();
        let created = Created { folder: "/g/hello".into(), name: "hello".to_owned(), files, sdk: "sdk".into() };
        assert_eq!(
            words(&created, Path::new("hello")),
            "/g/hello is a new guest, `hello`:\n  Cargo.toml       the crate\n  src/lib.rs       its code: change it and save\n  \
             core/src/lib.rs  the bulk of the code, which is not compiled at each save\n  \
             sdk/             the SDK's sources, which the crate depends on\n\nNext: exuvia hello\n"
        );
    }
}
