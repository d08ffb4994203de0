//! Rust source without its comments and literals, which is enough to ask whether a keyword occurs; and
//! its string literals with what stands before each.

/// The text with comments, strings and character literals replaced by spaces.
#[must_use]
pub fn code_only(source: &str) -> String {
    let chars: Vec<char> = source.chars().collect();
    let mut code = String::with_capacity(source.len());
    let mut at = 0;
    while at < chars.len() {
        let end = literal_end(&chars, at);
        if end > at {
            code.push(' ');
            at = end;
        } else {
            code.push(chars[at]);
            at += 1;
        }
    }
    code
}

/// A string literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StringLiteral {
    /// Its text as it is written, without the quotes.
    pub text: String,
    /// The code before it on its line, or the last code before it where it begins its line.
    pub before: String,
}

/// The string literals of a source, one after the other.
#[must_use]
pub fn string_literals(source: &str) -> Vec<StringLiteral> {
    let chars: Vec<char> = source.chars().collect();
    let mut literals = Vec::new();
    let (mut at, mut before) = (0, String::new());
    while at < chars.len() {
        let end = literal_end(&chars, at);
        if end == at {
            // Of blank lines and indents nothing is kept, so that what is kept is code.
            if chars[at] == '\n' {
                let line = before.rsplit('\n').next().unwrap_or_default().trim().to_owned();
                before = if line.is_empty() { before.trim().to_owned() } else { line };
                before.push('\n');
            } else {
                before.push(chars[at]);
            }
            at += 1;
            continue;
        }
        if matches!(chars[at], '"' | 'r') {
            let literal: String = chars[at..end].iter().collect();
            let text = literal.trim_start_matches('r').trim_matches('#');
            let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
            literals.push(StringLiteral { text: text.to_owned(), before: before.trim().to_owned() });
        }
        at = end;
    }
    literals
}

/// Where the comment or literal ends that starts here; `at` itself if none does.
fn literal_end(chars: &[char], at: usize) -> usize {
    let is = |offset: usize, c: char| chars.get(at + offset) == Some(&c);
    match chars[at] {
        '/' if is(1, '/') => find(chars, at, |rest| rest[0] == '\n'),
        '/' if is(1, '*') => block_comment_end(chars, at),
        '"' => string_end(chars, at + 1),
        'r' if (is(1, '"') || is(1, '#')) && !continues_a_name(chars, at) => raw_string_end(chars, at),
        // A lifetime has no closing quote behind its first character.
        '\'' if is(1, '\\') => find(chars, at + 3, |rest| rest[0] == '\'') + 1,
        '\'' if is(2, '\'') => at + 3,
        _ => at,
    }
}

fn continues_a_name(chars: &[char], at: usize) -> bool {
    // `br"…"` is a literal whose `b` may stay.
    at > 0 && chars[at - 1] != 'b' && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_')
}

fn find(chars: &[char], from: usize, found: impl Fn(&[char]) -> bool) -> usize {
    (from..chars.len()).find(|at| found(&chars[*at..])).unwrap_or(chars.len())
}

fn block_comment_end(chars: &[char], from: usize) -> usize {
    let (mut at, mut depth) = (from, 0_usize);
    while at + 1 < chars.len() {
        match (chars[at], chars[at + 1]) {
            ('/', '*') => (depth, at) = (depth + 1, at + 2),
            ('*', '/') => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    chars.len()
}

fn string_end(chars: &[char], from: usize) -> usize {
    let mut at = from;
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(chars.len())
}

fn raw_string_end(chars: &[char], at: usize) -> usize {
    let hashes = chars[at + 1..].iter().take_while(|c| **c == '#').count();
    // `r#name` is a name.
    if chars.get(at + 1 + hashes) != Some(&'"') {
        return at;
    }
    let is_end = |rest: &[char]| rest[0] == '"' && rest.len() > hashes && rest[1..=hashes].iter().all(|c| *c == '#');
    (find(chars, at + 2 + hashes, is_end) + 1 + hashes).min(chars.len())
}

/// Whether the word occurs in the code.
#[must_use]
pub fn has_word(code: &str, word: &str) -> bool {
    code.split(|c: char| !c.is_alphanumeric() && c != '_').any(|other| other == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn string_literals_are_found_with_what_stands_before_them() {
        let source = "// \"no\"\nlet a = f(\"one \\\" two\");\n\n    g(\n        r#\"three\"#,\n 'x', \"four\")";
        let found: Vec<_> = string_literals(source).into_iter().map(|it| (it.text, it.before)).collect();
        let expected = [("one \\\" two", "let a = f("), ("three", "g("), ("four", ",  ,")];
        let texts: Vec<_> = found.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(texts, expected.map(|(text, _)| text));
        assert_eq!((found[0].1.as_str(), found[1].1.as_str()), (expected[0].1, expected[1].1));
    }

    #[test]
    fn only_code_counts() {
        for (source, has) in [
            ("unsafe { x }", true),
            ("// unsafe\nfn f() {}", false),
            ("/* a /* unsafe */ unsafe */ fn f() {}", false),
            ("/* a */ unsafe fn f() {}", true),
            (r#"let a = "unsafe \" unsafe"; b"#, false),
            (r#"let a = "x"; unsafe { b }"#, true),
            (r##"let a = r#"unsafe " unsafe"#; b"##, false),
            (r##"let a = r#"x"#; unsafe { b }"##, true),
            (r##"let a = br"unsafe"; b"##, false),
            ("let a = '\"'; unsafe { b } // '\"'", true),
            (r"let a = '\''; unsafe { b }", true),
            ("fn f<'a>(x: &'a str) { unsafe {} }", true),
            ("#![expect(unsafe_code)]", false),
        ] {
            assert_eq!(has_word(&code_only(source), "unsafe"), has, "{source}");
        }
    }
}
