//! Rust source without its comments and literals: enough to ask whether a keyword occurs.

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
