//! From [`Settings`] to the text of `settings.toml`: pure. What the user wrote there, comments and keys
//! that nobody knows included, stays; only values that differ are changed.

use toml_edit::{DocumentMut, Item, Table, Value, value};

use super::Settings;
use super::fields::{FIELDS, Field};
use super::read::{document, item_of};

const HEAD: &str = "\
# Settings of Exuvia. A key that is missing has its default. Exuvia reads this file when it starts, and
# changes values here when you change them in its window.

";

/// The new text. `existing` is that of the file as it is; a text that is no TOML counts as none.
pub(super) fn text(existing: Option<&str>, settings: &Settings) -> String {
    let existing = existing.and_then(|text| document(text).ok());
    let new = existing.is_none();
    let mut document = existing.unwrap_or_default();
    for field in FIELDS {
        if new || !says(&document, field, settings) {
            set(&mut document, field, (field.give)(settings));
        }
    }
    if new { format!("{HEAD}{document}") } else { document.to_string() }
}

/// Whether a document gives the field this value already, be it by leaving it out.
fn says(document: &DocumentMut, field: &Field, settings: &Settings) -> bool {
    let mut said = settings.clone();
    match item_of(document, field) {
        Some(item) => (field.take)(&mut said, item) && said == *settings,
        None => (field.give)(settings).to_string() == (field.give)(&Settings::default()).to_string(),
    }
}

fn set(document: &mut DocumentMut, field: &Field, new: Value) {
    let (table, name) = field.key;
    let root = document.as_table_mut();
    let table = match table {
        None => root,
        Some(table) => {
            let item = root.entry(table).or_insert_with(|| Item::Table(Table::new()));
            if item.as_table_like().is_none() {
                *item = Item::Table(Table::new());
            }
            // An inline table has no place for comments.
            if let Item::Value(Value::InlineTable(inline)) = item {
                inline.insert(name, new);
                return;
            }
            let Some(table) = item.as_table_mut() else { return };
            table
        }
    };
    match table.get_mut(name).and_then(Item::as_value_mut) {
        Some(old) => {
            // What stands around a value is the comment behind it.
            let around = old.decor().clone();
            *old = new;
            *old.decor_mut() = around;
        }
        None => {
            table.insert(name, value(new));
            let comment: String = field.about.lines().map(|line| format!("# {line}\n")).collect();
            if let Some(mut key) = table.key_mut(name) {
                key.leaf_decor_mut().set_prefix(comment);
            }
        }
    }
}
