//! The rows of a state's tree: what is unfolded, with marks for what differs from the last swap.
//! Pure; worked out when the state, the filter or the folding changes, not for each frame.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

/// So many children of a list or map are shown at first.
const FIRST: usize = 100;
/// So many more are shown by each wish for more.
const STEP: usize = 500;
/// A filter finds at most so many rows.
const FOUND: usize = 500;
/// About so many characters of a value are shown.
const PREVIEW: usize = 200;

/// How a value differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StateMark {
    /// Another value than at the last swap.
    Changed,
    /// It was not there at the last swap.
    Added,
    /// It was there at the last swap.
    Removed,
    /// A field that the last swap brought.
    New,
    /// A field that the last swap brought, and that has another value since.
    NewChanged,
    /// A field that the last swap took away.
    Dropped,
}

/// What a row shows of its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Preview {
    /// A text.
    Text(String),
    /// A number, a truth value, or nothing.
    Plain(String),
    /// So many fields, which stand below when it is open.
    Fields(usize),
    /// So many items, which stand below when it is open.
    Items(usize),
    /// So many siblings that are not shown.
    More(usize),
}

/// A row of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateRow {
    /// Where the value stands: `enemies[3].hp`. A row for more has its parent's.
    pub path: String,
    /// How deep it stands.
    pub depth: usize,
    /// The field's name, or the item's number.
    pub key: String,
    /// What is shown of the value.
    pub preview: Preview,
    /// For what has rows below: whether these are shown.
    pub open: Option<bool>,
    /// How it differs.
    pub mark: Option<StateMark>,
}

/// What is unfolded.
#[derive(Debug, Default, Clone)]
pub struct Folding {
    /// Paths that are not as they would be by themselves.
    toggled: HashSet<String>,
    /// How many children are shown of what has many.
    shown: HashMap<String, usize>,
    /// Only what has this in its name or value; case does not count.
    pub filter: String,
    /// Another number for each change.
    pub revision: u64,
}

impl Folding {
    /// Opens what is closed and the other way round.
    pub fn toggle(&mut self, path: &str) {
        if !self.toggled.remove(path) {
            self.toggled.insert(path.to_owned());
        }
        self.revision += 1;
    }

    /// Shows more children of the value at this path.
    pub fn show_more(&mut self, path: &str) {
        *self.shown.entry(path.to_owned()).or_insert(FIRST) += STEP;
        self.revision += 1;
    }
}

/// A place in the tree, with what stood there before.
#[derive(Clone, Copy)]
struct Place<'a> {
    now: Option<&'a Value>,
    /// `None`: there is nothing to compare with.
    at_swap: Option<Option<&'a Value>>,
    before: Option<Option<&'a Value>>,
}

impl<'a> Place<'a> {
    fn mark(self) -> Option<StateMark> {
        match (self.now, self.at_swap, self.before) {
            (None, Some(Some(_)), _) => Some(StateMark::Removed),
            (None, ..) => Some(StateMark::Dropped),
            (Some(_), Some(None), _) => Some(StateMark::Added),
            (Some(now), Some(Some(old)), Some(None)) if now != old => Some(StateMark::NewChanged),
            (Some(now), Some(Some(old)), _) if now != old => Some(StateMark::Changed),
            (Some(_), _, Some(None)) => Some(StateMark::New),
            _ => None,
        }
    }

    /// What is shown: what is there, or else what was there.
    fn value(self) -> &'a Value {
        const NOTHING: &Value = &Value::Null;
        self.now.or(self.at_swap.flatten()).or(self.before.flatten()).unwrap_or(NOTHING)
    }

    /// Children with their names. What is gone itself has none: it is one row.
    fn children(self) -> Vec<(String, Self)> {
        match self.now {
            Some(Value::Object(now)) => {
                let fields = |value: Option<Option<&'a Value>>| value.flatten().and_then(Value::as_object);
                let (at_swap, before) = (fields(self.at_swap), fields(self.before));
                let gone = at_swap.into_iter().flat_map(|old| old.keys()).filter(|key| !now.contains_key(*key));
                let dropped = before.into_iter().flat_map(|old| old.keys());
                let dropped =
                    dropped.filter(|key| !now.contains_key(*key) && !at_swap.is_some_and(|old| old.contains_key(*key)));
                let child = |key: &String| {
                    let was = |old: Option<&'a serde_json::Map<String, Value>>| old.map(|old| old.get(key));
                    (key.clone(), Place { now: now.get(key), at_swap: was(at_swap), before: was(before) })
                };
                now.keys().chain(gone).chain(dropped).map(child).collect()
            }
            Some(Value::Array(now)) => {
                let items = |value: Option<Option<&'a Value>>| value.flatten().and_then(Value::as_array);
                let (at_swap, before) = (items(self.at_swap), items(self.before));
                let len = now.len().max(at_swap.map_or(0, Vec::len));
                let child = |index: usize| {
                    // Only fields come and go by a swap; a list that is longer has more items.
                    let before = before.and_then(|old| old.get(index)).map(Some);
                    let at_swap = at_swap.map(|old| old.get(index));
                    (index.to_string(), Place { now: now.get(index), at_swap, before })
                };
                (0..len).map(child).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// The rows of a state. `at_swap` and `before` are what it was, as far as that is known.
#[must_use]
pub fn rows(now: &Value, at_swap: Option<&Value>, before: Option<&Value>, folding: &Folding) -> Vec<StateRow> {
    let root = Place { now: Some(now), at_swap: at_swap.map(Some), before: before.map(Some) };
    let mut walk = Walk { folding, filter: folding.filter.trim().to_lowercase(), rows: Vec::new(), found: 0 };
    match now {
        Value::Object(_) | Value::Array(_) => {
            walk.children(root, "", 0);
        }
        // A state that is one number is one row.
        _ => {
            walk.place(root, "", String::new(), 0);
        }
    }
    walk.rows
}

struct Walk<'a> {
    folding: &'a Folding,
    filter: String,
    rows: Vec<StateRow>,
    found: usize,
}

impl Walk<'_> {
    /// Whether anything below was found.
    fn children(&mut self, place: Place<'_>, path: &str, depth: usize) -> bool {
        let children = place.children();
        let (count, mut any) = (children.len(), false);
        let shown =
            if self.filter.is_empty() { self.folding.shown.get(path).copied().unwrap_or(FIRST) } else { usize::MAX };
        let is_list = place.now.is_some_and(Value::is_array);
        for (key, child) in children.into_iter().take(shown) {
            if self.found >= FOUND {
                break;
            }
            let path = if is_list { format!("{path}[{key}]") } else { join(path, &key) };
            any |= self.place(child, &path, key, depth);
        }
        if let Some(left) = count.checked_sub(shown).filter(|left| *left > 0) {
            self.rows.push(StateRow {
                path: path.to_owned(),
                depth,
                key: String::new(),
                preview: Preview::More(left),
                open: None,
                mark: None,
            });
        }
        any
    }

    fn place(&mut self, place: Place<'_>, path: &str, key: String, depth: usize) -> bool {
        let value = place.value();
        let (preview, size) = preview(value);
        let has_rows = size > 0 && place.now.is_some();
        let by_itself = depth < 2 && size <= 32;
        let open = by_itself != self.folding.toggled.contains(path);
        let filtering = !self.filter.is_empty();
        let fits = filtering && (self.fits(&key) || self.fits_value(value));
        let at = self.rows.len();
        let row =
            StateRow { path: path.to_owned(), depth, key, preview, open: has_rows.then_some(open), mark: place.mark() };
        self.rows.push(row);
        if !filtering {
            if has_rows && open {
                self.children(place, path, depth + 1);
            }
            return true;
        }
        let found_below = has_rows && self.children(place, path, depth + 1);
        if fits {
            self.found += 1;
        }
        self.rows[at].open = has_rows.then_some(found_below);
        if !fits && !found_below {
            self.rows.truncate(at);
        }
        fits || found_below
    }

    fn fits(&self, text: &str) -> bool {
        text.to_lowercase().contains(&self.filter)
    }

    fn fits_value(&self, value: &Value) -> bool {
        match value {
            Value::Object(_) | Value::Array(_) => false,
            Value::String(text) => self.fits(text),
            other => self.fits(&other.to_string()),
        }
    }
}

/// What is shown of a value, and how many rows it may have below.
fn preview(value: &Value) -> (Preview, usize) {
    match value {
        Value::Object(fields) if fields.is_empty() => (Preview::Plain("{}".to_owned()), 0),
        Value::Array(items) if items.is_empty() => (Preview::Plain("[]".to_owned()), 0),
        Value::Object(fields) => (Preview::Fields(fields.len()), fields.len()),
        Value::Array(items) => (Preview::Items(items.len()), items.len()),
        Value::String(text) => {
            let short: String = text.chars().take(PREVIEW).collect();
            let more = if short.len() < text.len() { "…" } else { "" };
            (Preview::Text(format!("{}{more}", Value::String(short))), 0)
        }
        other => (Preview::Plain(other.to_string()), 0),
    }
}

fn join(path: &str, key: &str) -> String {
    let plain = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || c == '_');
    match (plain, path.is_empty()) {
        (true, true) => key.to_owned(),
        (true, false) => format!("{path}.{key}"),
        (false, _) => format!("{path}[{}]", Value::String(key.to_owned())),
    }
}

/// The value at a path that [`rows`] gave; `None` where it is no longer there.
#[must_use]
pub fn value_at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    let mut at = value;
    let mut rest = path;
    while !rest.is_empty() {
        rest = rest.strip_prefix('.').unwrap_or(rest);
        let key;
        if let Some(inside) = rest.strip_prefix('[') {
            if inside.starts_with('"') {
                // The key is a JSON text, which may hold any bracket.
                let mut texts = serde_json::Deserializer::from_str(inside).into_iter::<String>();
                key = texts.next()?.ok()?;
                rest = inside.get(texts.byte_offset()..)?.strip_prefix(']')?;
            } else {
                let (index, after) = inside.split_once(']')?;
                (key, rest) = (index.to_owned(), after);
            }
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            key = rest[..end].to_owned();
            rest = &rest[end..];
        }
        at = match at {
            Value::Array(items) => items.get(key.parse::<usize>().ok()?)?,
            other => other.get(&key)?,
        };
    }
    Some(at)
}

#[cfg(test)]
#[path = "state_tree_tests.rs"]
mod tests;
