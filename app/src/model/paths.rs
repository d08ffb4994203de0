//! Paths in texts that leave the machine: figures name files, not the folders that they lie in here.

use std::path::Path;

/// The text without machine paths: what lies in the workspace is named from there, of anything else
/// the last part remains.
#[must_use]
pub fn without_machine(text: &str, root: Option<&Path>) -> String {
    let mut text = text.to_owned();
    if let Some(root) = root.map(|root| root.display().to_string()).filter(|root| root.len() > 1) {
        for separator in ['/', '\\'] {
            text = text.replace(&format!("{root}{separator}"), "");
        }
    }
    let mut out = String::with_capacity(text.len());
    let mut before = None;
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        let length = path_length(rest, before);
        let (taken, after) = rest.split_at(length.unwrap_or(c.len_utf8()));
        match length {
            Some(_) => out.push_str(taken.trim_end_matches('/').rsplit('/').next().unwrap_or(taken)),
            None => out.push_str(taken),
        }
        before = taken.chars().next_back();
        rest = after;
    }
    out
}

/// How long the absolute path is that begins here, if one does: at least `/x/y`.
fn path_length(text: &str, before: Option<char>) -> Option<usize> {
    let inside = |c: char| c.is_alphanumeric() || "._-~+/\\:".contains(c);
    if !text.starts_with('/') || before.is_some_and(inside) {
        return None;
    }
    let end = |c: char| c.is_whitespace() || "\"'`<>()[]{}“”,;:|".contains(c);
    let path = &text[..text.find(end).unwrap_or(text.len())];
    let path = path.trim_end_matches('.');
    (path.trim_matches('/').contains('/') && !path.starts_with("//")).then_some(path.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machine_paths_are_shortened_and_nothing_else() {
        for (text, shown) in [
            ("/home/ada/w/src/lib.rs:4:5", "src/lib.rs:4:5"),
            ("/home/ada/w", "w"),
            ("/home/ada/other/a.rs.", "a.rs."),
            ("opened \"/usr/lib/x.so\" (/tmp/y/z), /a/b/", "opened \"x.so\" (z), b"),
            ("https://example.org/a/b and a/b/c, 1/2 // x", "https://example.org/a/b and a/b/c, 1/2 // x"),
            ("--> src/lib.rs, /proc", "--> src/lib.rs, /proc"),
            ("位于 /home/ada/x/历史", "位于 历史"),
        ] {
            assert_eq!(without_machine(text, Some(Path::new("/home/ada/w"))), shown);
        }
        assert_eq!(without_machine("/home/ada/w/src/lib.rs", None), "lib.rs");
    }
}
