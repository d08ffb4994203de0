//! A crate's name from a folder's name. Pure.

use super::TemplateError;

/// Names that cargo or rustc refuses, or that would stand for something else.
const RESERVED: [&str; 60] = [
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "build",
    "const",
    "continue",
    "core",
    "crate",
    "deps",
    "do",
    "dyn",
    "else",
    "enum",
    "examples",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "incremental",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "proc_macro",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
];

/// A name that was given is taken as it is, or refused. `used` says which packages the new
/// crate is built with.
pub(super) fn given(name: &str, used: impl Fn(&str) -> bool) -> Result<String, TemplateError> {
    let wrong = |why: &str| Err(TemplateError::Name { name: name.to_owned(), why: why.to_owned() });
    let Some(first) = name.chars().next() else { return wrong("it is empty") };
    if !first.is_ascii_alphabetic() {
        return wrong("it must begin with a letter from a to z");
    }
    if let Some(strange) = name.chars().find(|it| !it.is_ascii_alphanumeric() && *it != '-' && *it != '_') {
        return wrong(&format!("{strange:?} is neither a letter from a to z, nor a digit, nor `-` or `_`"));
    }
    if name.len() > 64 {
        return wrong("it has more than 64 letters");
    }
    if RESERVED.contains(&name.replace('-', "_").as_str()) {
        return wrong("the word is reserved by Rust or cargo");
    }
    if used(name) {
        return wrong("a crate that it would depend on has this name");
    }
    Ok(name.to_owned())
}

/// A folder may have any name: small letters, and `-` in place of what a crate's name cannot hold.
pub(super) fn from_folder(folder: &str, used: impl Fn(&str) -> bool) -> Result<String, TemplateError> {
    let mut name = String::new();
    for letter in folder.trim().chars() {
        match letter {
            'a'..='z' | '0'..='9' | '_' => name.push(letter),
            'A'..='Z' => name.push(letter.to_ascii_lowercase()),
            _ if name.is_empty() || name.ends_with('-') => {}
            _ => name.push('-'),
        }
    }
    let name = name.trim_end_matches('-');
    given(name, used).map_err(|error| match error {
        TemplateError::Name { why, .. } => {
            TemplateError::NoName { folder: folder.to_owned(), name: name.to_owned(), why }
        }
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_from_folders() {
        let used = |name: &str| name == "serde";
        for (folder, name) in [
            ("hello", Some("hello")),
            ("My Guest (2)", Some("my-guest-2")),
            (".hidden", Some("hidden")),
            ("snake_case", Some("snake_case")),
            ("über", Some("ber")),
            ("2048", None),
            ("汉字", None),
            ("test", None),
            ("proc-macro", None),
            ("serde", None),
            ("", None),
        ] {
            assert_eq!(from_folder(folder, used).ok().as_deref(), name, "{folder}");
        }
        let error = from_folder("2048", used).unwrap_err().to_string();
        assert!(error.contains("2048") && error.contains("--name"), "{error}");
    }

    #[test]
    fn a_given_name_is_taken_as_it_is() {
        let used = |name: &str| name == "serde";
        for (name, part) in [
            ("Hello-2_x", None),
            ("my guest", Some("' '")),
            ("a.b", Some("'.'")),
            ("-a", Some("begin")),
            ("", Some("empty")),
            ("unsafe", Some("reserved")),
            ("serde", Some("depend")),
        ] {
            match (given(name, used), part) {
                (Ok(taken), None) => assert_eq!(taken, name),
                (Err(error), Some(part)) => assert!(error.to_string().contains(part), "{name}: {error}"),
                (result, _) => panic!("{name}: {result:?}"),
            }
        }
    }
}
