//! What the guest's own manifest asks of Exuvia: `[package.metadata.exuvia]`, as `cargo metadata`
//! hands it on. Pure.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::dep_info;
use super::selection::Selection;
use crate::call::Call;

/// The table's name, as people write it.
pub const TABLE: &str = "[package.metadata.exuvia]";

/// The keys that it may have.
pub const KEYS: [&str; 8] =
    ["features", "all-features", "no-default-features", "profile", "calls", "watch", "environment", "base-library"];

/// How alike a key must be to be suggested, between 0 and 1 (Jaro).
const ALIKE: f64 = 0.7;

/// The settings of a manifest. All empty where it has none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ManifestSettings {
    /// Features to build with.
    pub features: Vec<String>,
    /// Whether to build with all features.
    pub all_features: bool,
    /// Whether to build without the default features.
    pub no_default_features: bool,
    /// The profile to build with.
    pub profile: Option<String>,
    /// Calls to pin.
    pub calls: Vec<String>,
    /// Files and folders whose change starts a build, besides what a build reads. Absolute.
    pub watch: Vec<PathBuf>,
    /// Environment variables for cargo and for the guest.
    pub environment: BTreeMap<String, String>,
    /// Whether all that the guest depends on is linked once, into a library of its own.
    pub base_library: bool,
    /// What is said about keys that mean nothing.
    pub unknown: Vec<String>,
}

/// A setting that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{key}` in {TABLE} is {found}; expected is {expected}")]
pub struct SettingsError {
    /// The key.
    pub key: String,
    /// What stands there.
    pub found: String,
    /// What should, with an example.
    pub expected: &'static str,
}

const TEXTS: &str = "a list of texts, for example [\"first\", \"second\"]";
const CALLS: &str = "a list of calls, for example calls = ['greet(\"World\")']";
const ENVIRONMENT: &str = "a table of texts, for example environment = { LEVEL = \"3\" }";

impl ManifestSettings {
    /// Reads the package's metadata. `root` is the manifest's folder.
    ///
    /// # Errors
    /// When a value has the wrong type, or a call is none.
    pub(super) fn read(metadata: &Value, root: &Path) -> Result<Self, SettingsError> {
        let mut settings = Self::default();
        let table = match metadata.get("exuvia") {
            None => return Ok(settings),
            Some(Value::Object(table)) => table,
            Some(other) => return Err(wrong("exuvia", describe(other), "a table")),
        };
        for (key, value) in table {
            match key.as_str() {
                "features" => settings.features = texts(key, value, TEXTS)?,
                "all-features" => settings.all_features = truth(key, value)?,
                "no-default-features" => settings.no_default_features = truth(key, value)?,
                "profile" => settings.profile = Some(text(key, value, "a profile's name, for example \"release\"")?),
                "calls" => settings.calls = calls(key, value)?,
                "watch" => {
                    let paths = texts(key, value, "a list of paths, for example [\"assets\", \"levels.json\"]")?;
                    settings.watch = paths.iter().map(|path| dep_info::normal(&root.join(path))).collect();
                }
                "environment" => settings.environment = environment(key, value)?,
                "base-library" => settings.base_library = truth(key, value)?,
                _ => settings.unknown.push(unknown(key)),
            }
        }
        Ok(settings)
    }

    /// What is built: what was given by name, and what the manifest says about the rest. Features,
    /// all features and no default features belong together: who gives one of them decides them all.
    #[must_use]
    pub fn selection(&self, given: &Selection) -> Selection {
        let mut selection = given.clone();
        if given.feature_options().is_empty() {
            selection.features.clone_from(&self.features);
            selection.all_features = self.all_features;
            selection.no_default_features = self.no_default_features;
        }
        selection.profile = given.profile.clone().or_else(|| self.profile.clone());
        selection
    }
}

fn wrong(key: &str, found: String, expected: &'static str) -> SettingsError {
    SettingsError { key: key.to_owned(), found, expected }
}

/// A value as it is named in a message.
fn describe(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) if text.is_empty() => "an empty text".to_owned(),
        Value::String(_) => format!("the text {value}"),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a table".to_owned(),
    }
}

fn text(key: &str, value: &Value, expected: &'static str) -> Result<String, SettingsError> {
    match value {
        Value::String(text) if !text.is_empty() => Ok(text.clone()),
        other => Err(wrong(key, describe(other), expected)),
    }
}

fn truth(key: &str, value: &Value) -> Result<bool, SettingsError> {
    value.as_bool().ok_or_else(|| wrong(key, describe(value), "true or false"))
}

fn texts(key: &str, value: &Value, expected: &'static str) -> Result<Vec<String>, SettingsError> {
    let items = value.as_array().ok_or_else(|| wrong(key, describe(value), expected))?;
    let held = |error: SettingsError| SettingsError { found: format!("a list with {}", error.found), ..error };
    items.iter().map(|item| text(key, item, expected).map_err(held)).collect()
}

fn calls(key: &str, value: &Value) -> Result<Vec<String>, SettingsError> {
    let mut calls = Vec::new();
    for text in texts(key, value, CALLS)? {
        let call: Call =
            text.parse().map_err(|error| wrong(key, format!("a list with no call in it: {error}"), CALLS))?;
        let call = call.to_string();
        if !calls.contains(&call) {
            calls.push(call);
        }
    }
    Ok(calls)
}

fn environment(key: &str, value: &Value) -> Result<BTreeMap<String, String>, SettingsError> {
    let table = value.as_object().ok_or_else(|| wrong(key, describe(value), ENVIRONMENT))?;
    let variable = |(name, value): (&String, &Value)| {
        // What no operating system takes as a name or a value.
        if name.is_empty() || name.contains(['=', '\0']) {
            return Err(wrong(key, format!("a table with the name {name:?}"), "names without `=`"));
        }
        match value {
            Value::String(text) if !text.contains('\0') => Ok((name.clone(), text.clone())),
            other => Err(wrong(key, format!("a table in which {name} is {}", describe(other)), ENVIRONMENT)),
        }
    };
    table.iter().map(variable).collect()
}

fn unknown(key: &str) -> String {
    let likeness = |known: &&str| strsim::jaro(key, known);
    let nearest = KEYS.into_iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    match nearest.filter(|known| likeness(known) > ALIKE) {
        Some(known) => format!("`{key}` in {TABLE} means nothing and is left out; did you mean `{known}`?"),
        None => format!("`{key}` in {TABLE} means nothing and is left out; known are: {}", KEYS.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(table: &str) -> Result<ManifestSettings, SettingsError> {
        let metadata = serde_json::from_str(&format!("{{\"other\": 1, \"exuvia\": {table}}}")).unwrap();
        ManifestSettings::read(&metadata, Path::new("/w/g"))
    }

    #[test]
    fn settings_are_read() {
        assert_eq!(ManifestSettings::read(&Value::Null, Path::new("/w")), Ok(ManifestSettings::default()));
        assert_eq!(read("{}"), Ok(ManifestSettings::default()));
        let all = read(
            r#"{"features": ["a"], "all-features": true, "no-default-features": true, "profile": "fast",
                "calls": ["greet( \"World\" )", "greet(\"World\")"], "watch": ["assets/", "../data.json"],
                "environment": {"LEVEL": "", "X": "1"}, "base-library": true}"#,
        );
        let wanted = ManifestSettings {
            features: vec!["a".to_owned()],
            all_features: true,
            no_default_features: true,
            profile: Some("fast".to_owned()),
            calls: vec!["greet(\"World\")".to_owned()],
            watch: vec!["/w/g/assets".into(), "/w/data.json".into()],
            environment: [("LEVEL", ""), ("X", "1")].map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            base_library: true,
            unknown: Vec::new(),
        };
        assert_eq!(all, Ok(wanted));
    }

    #[test]
    fn what_cannot_be_understood_is_named() {
        for (table, message) in [
            ("[]", "`exuvia` in [package.metadata.exuvia] is a list; expected is a table"),
            (
                r#"{"features": "a"}"#,
                "`features` in [package.metadata.exuvia] is the text \"a\"; expected is a list of",
            ),
            (r#"{"features": ["a", 3]}"#, "is a list with 3; expected is a list of texts"),
            (r#"{"features": [""]}"#, "is a list with an empty text;"),
            (r#"{"all-features": "yes"}"#, "is the text \"yes\"; expected is true or false"),
            (r#"{"base-library": "yes"}"#, "is the text \"yes\"; expected is true or false"),
            (r#"{"profile": true}"#, "is true; expected is a profile's name"),
            (r#"{"watch": {}}"#, "is a table; expected is a list of paths"),
            (r#"{"calls": ["greet(World)"]}"#, "are not JSON values"),
            (r#"{"environment": {"A": 1}}"#, "in which A is 1; expected is a table of texts"),
            (r#"{"environment": {"A=B": "1"}}"#, "the name \"A=B\""),
        ] {
            let error = read(table).unwrap_err().to_string();
            assert!(error.contains(message), "{table}: {error}");
        }
    }

    #[test]
    fn unknown_keys_are_told_with_the_nearest_known_one() {
        for (key, part) in [
            ("fetures", "did you mean `features`?"),
            ("all_features", "did you mean `all-features`?"),
            ("env", "did you mean `environment`?"),
            ("pins", "known are: features, all-features,"),
        ] {
            let settings = read(&format!("{{\"{key}\": [1]}}")).unwrap();
            assert!(settings.unknown[0].contains(part), "{:?}", settings.unknown);
            assert_eq!(ManifestSettings { unknown: Vec::new(), ..settings }, ManifestSettings::default());
        }
    }

    #[test]
    fn what_was_given_by_name_wins() {
        let settings = read(r#"{"features": ["m"], "no-default-features": true, "profile": "fast"}"#).unwrap();
        let given = |options: &[&str], profile: Option<&str>| Selection {
            features: options.iter().map(|feature| (*feature).to_owned()).collect(),
            profile: profile.map(str::to_owned),
            ..Selection::default()
        };
        for (given, effective) in [
            (given(&[], None), "--features=m --no-default-features --profile=fast"),
            (given(&["c"], None), "--features=c --profile=fast"),
            (given(&[], Some("release")), "--features=m --no-default-features --profile=release"),
            (Selection { all_features: true, ..Selection::default() }, "--all-features --profile=fast"),
        ] {
            assert_eq!(settings.selection(&given).to_string(), effective);
            assert_eq!(ManifestSettings::default().selection(&given), given);
        }
    }
}
