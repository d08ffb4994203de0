//! What became of the state's fields on the way from one version to the next: what the guest says of
//! it, completed by comparing the snapshot that went in with the one that comes out. Pure.

use std::collections::{BTreeSet, HashMap};

use rmpv::Value;
use serde::{Deserialize, Serialize};

use crate::load::StateReport;

/// How many paths of a kind are named in a sentence; the rest is counted.
const NAMED: usize = 8;

/// How many paths of a kind are listed at all.
const LISTED: usize = 250;

/// A field whose value did not fit its type any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResetField {
    /// Its path.
    pub path: String,
    /// Why, for example `was number, now string`.
    pub why: String,
}

/// What became of the fields, by path (`enemies[3].hp`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Carried {
    /// Number of values that went over.
    pub kept: usize,
    /// Fields that go by another name now: the old path and the new one.
    pub renamed: Vec<(String, String)>,
    /// Old fields that the author's own migration has read.
    pub migrated: Vec<String>,
    /// New fields, which have their default.
    pub defaulted: Vec<String>,
    /// Fields that are no more.
    pub dropped: Vec<String>,
    /// Fields whose value does not fit any more; they have their default.
    pub reset: Vec<ResetField>,
    /// Fields that took their value over and hold another kind of value now.
    pub changed: Vec<String>,
    /// Paths that are not listed.
    pub more: usize,
}

impl Carried {
    /// Whether everything went over as it was.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let Self { kept: _, renamed, migrated, defaulted, dropped, reset, changed, more } = self;
        renamed.is_empty()
            && migrated.is_empty()
            && defaulted.is_empty()
            && dropped.is_empty()
            && reset.is_empty()
            && changed.is_empty()
            && *more == 0
    }

    /// Each kind of change that is there, with a line for each path.
    #[must_use]
    pub fn lines(&self) -> Vec<(&'static str, Vec<String>)> {
        let renamed = self.renamed.iter().map(|(old, new)| format!("{old} → {new}")).collect();
        let reset = self.reset.iter().map(|field| format!("{} ({})", field.path, field.why)).collect();
        let (defaulted, dropped) = (self.defaulted.clone(), self.dropped.clone());
        let mut lines = vec![
            ("renamed", renamed),
            ("migrated", self.migrated.clone()),
            ("defaulted", defaulted),
            ("dropped", dropped),
            ("reset", reset),
            ("changed", self.changed.clone()),
        ];
        lines.retain(|(_, lines)| !lines.is_empty());
        lines
    }

    /// A clause for each kind that is not empty.
    #[must_use]
    pub fn text(&self) -> String {
        let noun = if self.kept == 1 { "value" } else { "values" };
        let mut clauses = vec![format!("{} {noun} kept", self.kept)];
        for (word, paths) in self.lines() {
            let named = paths.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
            let more = paths.len().saturating_sub(NAMED);
            clauses.push(if more > 0 {
                format!("{word}: {named} and {more} more")
            } else {
                format!("{word}: {named}")
            });
        }
        if self.more > 0 {
            clauses.push(format!("and {} more", self.more));
        }
        clauses.join("; ")
    }

    fn bounded(mut self) -> Self {
        fn cut<T>(list: &mut Vec<T>) -> usize {
            let over = list.len().saturating_sub(LISTED);
            list.truncate(LISTED);
            over
        }
        self.more += cut(&mut self.renamed)
            + cut(&mut self.migrated)
            + cut(&mut self.defaulted)
            + cut(&mut self.dropped)
            + cut(&mut self.reset)
            + cut(&mut self.changed);
        self
    }
}

/// Compares two snapshots; one that is no MessagePack counts as nil. `report`: what the guest says of
/// it. A guest with an older SDK says nothing.
#[must_use]
pub fn compare(before: &[u8], after: &[u8], report: Option<&StateReport>) -> Carried {
    let mut walk = Walk { said: report.map(Said::new), carried: Carried::default() };
    if let Some(report) = report {
        let reset = |(path, why): &(String, String)| ResetField { path: shown(path), why: why.clone() };
        walk.carried.migrated.clone_from(&report.migrated);
        walk.carried.defaulted.clone_from(&report.defaulted);
        walk.carried.dropped.clone_from(&report.dropped);
        walk.carried.reset = report.reset.iter().map(reset).collect();
        walk.carried.more = report.more;
    }
    walk.walk(&read(before), &read(after), "");
    if let Some(report) = report {
        walk.carried.kept = report.kept;
    }
    walk.carried.bounded()
}

/// The old snapshot with the fields that it lacks taken from the default state's: for a guest whose
/// SDK does not know how to do without.
#[must_use]
pub fn fill(before: &[u8], default: &[u8]) -> Vec<u8> {
    let mut filled = read(before);
    fill_value(&mut filled, &read(default));
    let mut bytes = Vec::new();
    // Writing into memory cannot fail.
    let _ = rmpv::encode::write_value(&mut bytes, &filled);
    bytes
}

/// Whether two snapshots hold the same values, in whatever order maps and sets wrote them.
#[must_use]
pub fn is_same(before: &[u8], after: &[u8]) -> bool {
    before == after || in_order(read(before)) == in_order(read(after))
}

/// With the entries of maps and lists sorted: which list was a set cannot be told.
fn in_order(value: Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.into_iter().map(in_order).collect();
            items.sort_by_cached_key(Value::to_string);
            Value::Array(items)
        }
        Value::Map(entries) => {
            let mut entries: Vec<_> = entries.into_iter().map(|(key, value)| (key, in_order(value))).collect();
            entries.sort_by_cached_key(|(key, _)| key.to_string());
            Value::Map(entries)
        }
        plain => plain,
    }
}

fn read(mut bytes: &[u8]) -> Value {
    rmpv::decode::read_value(&mut bytes).unwrap_or(Value::Nil)
}

fn shown(path: &str) -> String {
    if path.is_empty() { "the state".to_owned() } else { path.to_owned() }
}

fn text(key: &Value) -> String {
    key.as_str().map_or_else(|| key.to_string(), str::to_owned)
}

fn join(path: &str, key: &Value) -> String {
    if path.is_empty() { text(key) } else { format!("{path}.{}", text(key)) }
}

/// The paths of a report, to be found.
struct Said<'a> {
    defaulted: BTreeSet<&'a str>,
    dropped: BTreeSet<&'a str>,
    reset: BTreeSet<&'a str>,
    migrated: BTreeSet<&'a str>,
    is_cut: bool,
}

impl<'a> Said<'a> {
    fn new(report: &'a StateReport) -> Self {
        Self {
            defaulted: report.defaulted.iter().map(String::as_str).collect(),
            dropped: report.dropped.iter().map(String::as_str).collect(),
            reset: report.reset.iter().map(|(path, _)| path.as_str()).collect(),
            migrated: report.migrated.iter().map(String::as_str).collect(),
            is_cut: report.more > 0,
        }
    }
}

/// A map's values by their keys, in whatever order.
struct Index<'a> {
    entries: &'a [(Value, Value)],
    /// Made when the order differs: a search for each key would take the square of their number.
    by_key: Option<HashMap<String, &'a Value>>,
}

impl<'a> Index<'a> {
    fn get(&mut self, position: usize, key: &Value) -> Option<&'a Value> {
        if let Some((_, value)) = self.entries.get(position).filter(|(other, _)| other == key) {
            return Some(value);
        }
        let entries = self.entries;
        let index =
            self.by_key.get_or_insert_with(|| entries.iter().map(|(key, value)| (key.to_string(), value)).collect());
        index.get(&key.to_string()).copied()
    }
}

struct Walk<'a> {
    said: Option<Said<'a>>,
    carried: Carried,
}

impl Walk<'_> {
    fn walk(&mut self, before: &Value, after: &Value, path: &str) {
        if self.said.as_ref().is_some_and(|said| said.reset.contains(path)) {
            return;
        }
        match (before, after) {
            (Value::Map(before), Value::Map(after)) => self.maps(before, after, path),
            (Value::Array(before), Value::Array(after)) => {
                for (index, (old, new)) in before.iter().zip(after).enumerate() {
                    self.walk(old, new, &format!("{path}[{index}]"));
                }
                if self.said.is_none() {
                    let (old, new) = (before.len(), after.len());
                    self.carried.dropped.extend((new..old).map(|index| format!("{path}[{index}]")));
                    self.carried.defaulted.extend((old..new).map(|index| format!("{path}[{index}]")));
                }
            }
            // An `Option` may fill or empty without a change of type.
            (Value::Nil, _) | (_, Value::Nil) => self.carried.kept += 1,
            (before, after) if kind(before) == kind(after) => self.carried.kept += 1,
            (before, after) => {
                self.carried.changed.push(format!("{} (was {}, now {})", shown(path), kind(before), kind(after)));
            }
        }
    }

    fn maps(&mut self, before: &[(Value, Value)], after: &[(Value, Value)], path: &str) {
        let mut index = Index { entries: after, by_key: None };
        let mut gone = Vec::new();
        for (position, (key, old)) in before.iter().enumerate() {
            match index.get(position, key) {
                Some(new) => self.walk(old, new, &join(path, key)),
                None => gone.push((join(path, key), old)),
            }
        }
        let mut index = Index { entries: before, by_key: None };
        let is_new = |(position, (key, _)): &(usize, &(Value, Value))| index.get(*position, key).is_none();
        let new: Vec<_> = after.iter().enumerate().filter(is_new).collect();
        let mut new: Vec<(String, &Value)> = new.iter().map(|(_, (key, value))| (join(path, key), value)).collect();
        if let Some(said) = &self.said {
            gone.retain(|(path, _)| !said.dropped.contains(path.as_str()) && !said.migrated.contains(path.as_str()));
            new.retain(|(path, _)| !said.defaulted.contains(path.as_str()));
            if !said.migrated.is_empty() {
                // What is new and not said to be defaulted was made by the author.
                new.clear();
            }
            // Where the guest's list is cut, what is not on it may still be dropped or new.
            if !said.is_cut {
                self.pair(&mut gone, &mut new);
            }
        }
        self.carried.dropped.extend(gone.into_iter().map(|(path, _)| path));
        self.carried.defaulted.extend(new.into_iter().map(|(path, _)| path));
    }

    /// A field that was taken over and is not there under its name goes by another one: the one with
    /// the same value, or the only one that is left.
    fn pair(&mut self, gone: &mut Vec<(String, &Value)>, new: &mut Vec<(String, &Value)>) {
        // Fields of a struct; maps of data have no such pairs.
        if gone.is_empty() || new.is_empty() || gone.len().max(new.len()) > LISTED {
            return;
        }
        let mut pairs = Vec::new();
        gone.retain(|(old, value)| {
            let Some(position) = new.iter().position(|(_, other)| other == value) else { return true };
            pairs.push((old.clone(), new.remove(position).0));
            false
        });
        if let ([(old, before)], [(name, after)]) = (gone.as_slice(), new.as_slice()) {
            pairs.push((old.clone(), name.clone()));
            let (before, after, old) = (*before, *after, old.clone());
            gone.clear();
            new.clear();
            self.walk(before, after, &old);
        }
        self.carried.renamed.append(&mut pairs);
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Nil => "nothing",
        Value::Boolean(_) => "boolean",
        Value::Integer(_) | Value::F32(_) | Value::F64(_) => "number",
        Value::String(_) => "string",
        Value::Binary(_) => "bytes",
        Value::Array(_) => "list",
        Value::Map(_) => "fields",
        Value::Ext(..) => "extension",
    }
}

fn fill_value(value: &mut Value, default: &Value) {
    if let (Value::Map(entries), Value::Map(defaults)) = (value, default) {
        for (key, default) in defaults {
            match entries.iter_mut().find(|(other, _)| other == key) {
                Some((_, value)) => fill_value(value, default),
                None => entries.push((key.clone(), default.clone())),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{pack_arguments, unpack};

    fn packed(json: &str) -> Vec<u8> {
        pack_arguments(&[serde_json::from_str(json).unwrap()]).unwrap()
    }

    #[test]
    fn without_a_report_fields_are_compared_by_path() {
        for (before, after, text) in [
            (r#"{"a":1,"b":"x"}"#, r#"{"b":"x","a":1}"#, "2 values kept"),
            (r#"{"a":1}"#, r#"{"a":1,"b":0}"#, "1 value kept; defaulted: b"),
            (r#"{"a":1,"b":2}"#, r#"{"a":1}"#, "1 value kept; dropped: b"),
            (r#"{"a":1}"#, r#"{"a":"1"}"#, "0 values kept; changed: a (was number, now string)"),
            (r#"{"a":null}"#, r#"{"a":3}"#, "1 value kept"),
            (r#"{"p":{"x":1}}"#, r#"{"p":{"x":1,"y":2}}"#, "1 value kept; defaulted: p.y"),
            (
                r#"{"e":[{"hp":1},{"hp":2}]}"#,
                r#"{"e":[{"hp":1,"mp":0},{"hp":2,"mp":0}]}"#,
                "2 values kept; defaulted: e[0].mp, e[1].mp",
            ),
        ] {
            assert_eq!(compare(&packed(before), &packed(after), None).text(), text, "{before} → {after}");
        }
    }

    #[test]
    fn a_report_is_completed_by_the_comparison() {
        let report = |kept, defaulted: &[&str], dropped: &[&str], reset: &[(&str, &str)]| StateReport {
            kept,
            defaulted: defaulted.iter().map(ToString::to_string).collect(),
            dropped: dropped.iter().map(ToString::to_string).collect(),
            reset: reset.iter().map(|(path, why)| (path.to_string(), why.to_string())).collect(),
            ..StateReport::default()
        };
        for (before, after, report, text) in [
            // The guest cannot see what `#[serde(default)]` and aliases do.
            (r#"{"a":1}"#, r#"{"a":1,"b":0}"#, report(1, &[], &[], &[]), "1 value kept; defaulted: b"),
            (r#"{"a":7,"c":1}"#, r#"{"b":7,"c":1}"#, report(2, &[], &[], &[]), "2 values kept; renamed: a → b"),
            (
                r#"{"a":{"x":1}}"#,
                r#"{"b":{"x":1,"y":0}}"#,
                report(1, &["a.y"], &[], &[]),
                "1 value kept; renamed: a → b; defaulted: a.y",
            ),
            (r#"{"a":0}"#, r#"{"b":0}"#, report(0, &["b"], &["a"], &[]), "0 values kept; defaulted: b; dropped: a"),
            (
                r#"{"a":[{"x":1}]}"#,
                r#"{"a":{"y":0}}"#,
                report(0, &[], &[], &[("a", "was list, now fields")]),
                "0 values kept; reset: a (was list, now fields)",
            ),
        ] {
            assert_eq!(compare(&packed(before), &packed(after), Some(&report)).text(), text, "{before} → {after}");
        }
    }

    #[test]
    fn missing_fields_are_filled_at_every_level_and_nothing_is_overwritten() {
        let filled = fill(&packed(r#"{"a":1,"p":{"x":1}}"#), &packed(r#"{"a":0,"b":2,"p":{"x":0,"y":3}}"#));
        assert_eq!(unpack(&filled).to_string(), r#"{"a":1,"p":{"x":1,"y":3},"b":2}"#);
    }

    #[test]
    fn the_same_values_in_another_order_are_the_same() {
        for (before, after, same) in [
            (r#"{"a":1,"b":[{"x":1},{"x":2}]}"#, r#"{"b":[{"x":2},{"x":1}],"a":1}"#, true),
            (r#"{"a":[1]}"#, r#"{"a":[1,1]}"#, false),
            (r#"{"a":1}"#, r#"{"a":2}"#, false),
            (r#"{"a":1}"#, r#"{"a":1,"b":null}"#, false),
        ] {
            assert_eq!(is_same(&packed(before), &packed(after)), same, "{before} {after}");
        }
    }

    #[test]
    fn many_paths_are_counted_and_their_list_is_bounded() {
        let before: serde_json::Map<_, _> = (0..300).map(|n| (format!("f{n:03}"), n.into())).collect();
        let carried = compare(&packed(&serde_json::Value::Object(before).to_string()), &packed("{}"), None);
        let text = carried.text();
        assert!(text.ends_with("f007 and 242 more; and 50 more"), "{text}");
        assert_eq!(carried.dropped.len(), LISTED);
    }
}
