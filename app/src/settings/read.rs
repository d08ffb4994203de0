//! From the text of `settings.toml` to [`Settings`]: pure. What cannot be used is told, and its field
//! alone has the default.

use std::path::Path;

use toml_edit::{DocumentMut, Item};

use super::Settings;
use super::fields::{FIELDS, Field};

/// The text is no TOML at all.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotToml {
    /// Where and why, in one line.
    pub(super) reason: String,
}

/// The settings that a text holds, and what is to be told about it.
pub(super) fn settings(text: &str, file: &Path) -> Result<(Settings, Vec<String>), NotToml> {
    let document = document(text)?;
    let mut settings = Settings::default();
    let mut notices = Vec::new();
    for field in FIELDS {
        let Some(item) = item_of(&document, field) else { continue };
        if !(field.take)(&mut settings, item) {
            notices.push(unusable(file, field, item));
        }
    }
    for (path, item) in keys(&document) {
        if is_table_of_ours(&path) {
            if item.as_table_like().is_none() {
                notices.push(no_table(file, &path, item));
            }
        } else if !FIELDS.iter().any(|field| field.path() == path) {
            notices.push(unknown(file, &path));
        }
    }
    Ok((settings, notices))
}

/// The text as TOML that can be edited.
pub(super) fn document(text: &str) -> Result<DocumentMut, NotToml> {
    text.parse::<DocumentMut>().map_err(|error| {
        let line = error.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        let message = error.message().lines().collect::<Vec<_>>().join("; ");
        NotToml { reason: line.map_or(message.clone(), |line| format!("line {line}: {message}")) }
    })
}

/// What stands at a field's key.
pub(super) fn item_of<'document>(document: &'document DocumentMut, field: &Field) -> Option<&'document Item> {
    match field.key {
        (None, name) => document.get(name),
        (Some(table), name) => document.get(table)?.as_table_like()?.get(name),
    }
}

/// All keys, those in our tables with the table's name before them.
fn keys(document: &DocumentMut) -> Vec<(String, &Item)> {
    let mut keys = Vec::new();
    for (name, item) in document.iter() {
        keys.push((name.to_owned(), item));
        if let Some(table) = item.as_table_like().filter(|_| is_table_of_ours(name)) {
            keys.extend(table.iter().map(|(inner, item)| (format!("{name}.{inner}"), item)));
        }
    }
    keys
}

fn is_table_of_ours(name: &str) -> bool {
    FIELDS.iter().any(|field| field.key.0 == Some(name))
}

fn unusable(file: &Path, field: &Field, item: &Item) -> String {
    let Field { expected, .. } = field;
    let (key, found, standard) = (field.path(), shown(item), (field.give)(&Settings::default()));
    format!("{}: `{key}` is {found}, and should be {expected}; {standard} is used", file.display())
}

fn no_table(file: &Path, name: &str, item: &Item) -> String {
    let keys: Vec<_> = FIELDS.iter().filter(|field| field.key.0 == Some(name)).map(Field::path).collect();
    let (found, keys) = (shown(item), keys.join("` and `"));
    format!("{}: `{name}` is {found}, and should be a table with `{keys}`; the defaults are used", file.display())
}

fn unknown(file: &Path, path: &str) -> String {
    let hint = match nearest(path) {
        Some(known) => format!("did you mean `{known}`?"),
        None => format!("known are {}", FIELDS.iter().map(Field::path).collect::<Vec<_>>().join(", ")),
    };
    format!("{}: there is no setting `{path}`, and it does nothing; {hint}", file.display())
}

/// The known key that is most like an unknown one, if any is. `mib` outside its table counts as
/// like `retention.mib`.
pub(super) fn nearest(unknown: &str) -> Option<String> {
    let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
    let distance = |known: &str| {
        let whole = strsim::damerau_levenshtein(unknown, known);
        // The same name in another table is nearly the same.
        whole.min(strsim::damerau_levenshtein(&last(unknown), &last(known)))
    };
    let most = (last(unknown).chars().count() / 3).max(1);
    let known = FIELDS.iter().map(Field::path).map(|known| (distance(&known), known));
    known.min_by_key(|(distance, _)| *distance).filter(|(distance, _)| *distance <= most).map(|(_, known)| known)
}

/// What was found, short and in one line.
fn shown(item: &Item) -> String {
    const MOST: usize = 60;
    let text = match item {
        Item::Table(_) | Item::ArrayOfTables(_) => return format!("a {}", item.type_name()),
        item => item.to_string(),
    };
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= MOST { text } else { text.chars().take(MOST).chain(['…']).collect() }
}
