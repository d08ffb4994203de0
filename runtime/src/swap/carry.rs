//! What became of the state's fields on the way from one version to the next, by comparing the
//! snapshot that went in with the one that comes out. Pure.

use rmpv::Value;

/// How many paths of a kind are named; the rest is counted.
const NAMED: usize = 8;

/// What became of the fields, by path (`enemies[3].hp`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Carried {
    /// Number of values that went over.
    pub kept: usize,
    /// New fields, which have their default.
    pub defaulted: Vec<String>,
    /// Fields that are no more.
    pub dropped: Vec<String>,
    /// Fields that hold another kind of value than before.
    pub changed: Vec<String>,
}

impl Carried {
    /// Whether everything went over as it was.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.defaulted.is_empty() && self.dropped.is_empty() && self.changed.is_empty()
    }

    /// A clause for each kind that is not empty.
    #[must_use]
    pub fn text(&self) -> String {
        let noun = if self.kept == 1 { "value" } else { "values" };
        let mut clauses = vec![format!("{} {noun} kept", self.kept)];
        for (word, paths) in [("defaulted", &self.defaulted), ("dropped", &self.dropped), ("changed", &self.changed)] {
            if paths.is_empty() {
                continue;
            }
            let named = paths.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
            let more = paths.len().saturating_sub(NAMED);
            clauses.push(if more > 0 {
                format!("{word}: {named} and {more} more")
            } else {
                format!("{word}: {named}")
            });
        }
        clauses.join("; ")
    }
}

/// Compares two snapshots; one that is no MessagePack counts as nil.
#[must_use]
pub fn compare(before: &[u8], after: &[u8]) -> Carried {
    let mut carried = Carried::default();
    walk(&read(before), &read(after), "", &mut carried);
    carried
}

/// The old snapshot with the fields that it lacks taken from the default state's: for a type that
/// has new fields without `#[serde(default)]`.
#[must_use]
pub fn fill(before: &[u8], default: &[u8]) -> Vec<u8> {
    let mut filled = read(before);
    fill_value(&mut filled, &read(default));
    let mut bytes = Vec::new();
    // Writing into memory cannot fail.
    let _ = rmpv::encode::write_value(&mut bytes, &filled);
    bytes
}

fn read(mut bytes: &[u8]) -> Value {
    rmpv::decode::read_value(&mut bytes).unwrap_or(Value::Nil)
}

fn get<'a>(map: &'a [(Value, Value)], key: &Value) -> Option<&'a Value> {
    map.iter().find(|(other, _)| other == key).map(|(_, value)| value)
}

fn join(path: &str, key: &Value) -> String {
    let key = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
    if path.is_empty() { key } else { format!("{path}.{key}") }
}

fn walk(before: &Value, after: &Value, path: &str, carried: &mut Carried) {
    match (before, after) {
        (Value::Map(before), Value::Map(after)) => {
            for (key, old) in before {
                match get(after, key) {
                    Some(new) => walk(old, new, &join(path, key), carried),
                    None => carried.dropped.push(join(path, key)),
                }
            }
            let new = after.iter().filter(|(key, _)| get(before, key).is_none());
            carried.defaulted.extend(new.map(|(key, _)| join(path, key)));
        }
        (Value::Array(before), Value::Array(after)) => {
            for (index, (old, new)) in before.iter().zip(after).enumerate() {
                walk(old, new, &format!("{path}[{index}]"), carried);
            }
            let (old, new) = (before.len(), after.len());
            carried.dropped.extend((new..old).map(|index| format!("{path}[{index}]")));
            carried.defaulted.extend((old..new).map(|index| format!("{path}[{index}]")));
        }
        // An `Option` may fill or empty without a change of type.
        (Value::Nil, _) | (_, Value::Nil) => carried.kept += 1,
        (before, after) if kind(before) == kind(after) => carried.kept += 1,
        (before, after) => {
            let path = if path.is_empty() { "the state" } else { path };
            carried.changed.push(format!("{path} (was {}, now {})", kind(before), kind(after)));
        }
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Nil => "nothing",
        Value::Boolean(_) => "truth value",
        Value::Integer(_) | Value::F32(_) | Value::F64(_) => "number",
        Value::String(_) => "text",
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
    fn fields_are_named_by_path() {
        for (before, after, text) in [
            (r#"{"a":1,"b":"x"}"#, r#"{"b":"x","a":1}"#, "2 values kept"),
            (r#"{"a":1}"#, r#"{"a":1,"b":0}"#, "1 value kept; defaulted: b"),
            (r#"{"a":1,"b":2}"#, r#"{"a":1}"#, "1 value kept; dropped: b"),
            (r#"{"a":1}"#, r#"{"a":"1"}"#, "0 values kept; changed: a (was number, now text)"),
            (r#"{"a":null}"#, r#"{"a":3}"#, "1 value kept"),
            (r#"{"p":{"x":1}}"#, r#"{"p":{"x":1,"y":2}}"#, "1 value kept; defaulted: p.y"),
            (
                r#"{"e":[{"hp":1},{"hp":2}]}"#,
                r#"{"e":[{"hp":1,"mp":0},{"hp":2,"mp":0}]}"#,
                "2 values kept; defaulted: e[0].mp, e[1].mp",
            ),
        ] {
            assert_eq!(compare(&packed(before), &packed(after)).text(), text, "{before} → {after}");
        }
    }

    #[test]
    fn missing_fields_are_filled_at_every_level_and_nothing_is_overwritten() {
        let filled = fill(&packed(r#"{"a":1,"p":{"x":1}}"#), &packed(r#"{"a":0,"b":2,"p":{"x":0,"y":3}}"#));
        assert_eq!(unpack(&filled).to_string(), r#"{"a":1,"p":{"x":1,"y":3},"b":2}"#);
    }

    #[test]
    fn many_paths_are_counted() {
        let before: serde_json::Map<_, _> = (0..20).map(|n| (format!("f{n:02}"), n.into())).collect();
        let text = compare(&packed(&serde_json::Value::Object(before).to_string()), &packed("{}")).text();
        assert!(text.ends_with("f07 and 12 more"), "{text}");
    }
}
