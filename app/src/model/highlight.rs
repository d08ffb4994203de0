//! Which colour a piece of source text has: Rust by the compiler's own lexer, TOML by a few rules.
//! Pure; worked out once a comparison.

use std::path::Path;

use ra_ap_rustc_lexer::{FrontmatterAllowed, LiteralKind, TokenKind, tokenize};

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Names, signs and white space.
    Plain,
    /// A word of the language, or a table's name.
    Keyword,
    /// A type, by its capital letter or because it is the language's own.
    Type,
    /// A macro or an attribute.
    Macro,
    /// A text or a character.
    Text,
    /// A number or a truth value.
    Number,
    /// A comment.
    Comment,
    /// A lifetime.
    Lifetime,
}

/// Pieces of a line: each reaches from the end of the one before to this byte.
pub type Pieces = Vec<(usize, Class)>;

/// The language of a file, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    Rust,
    Toml,
}

fn language(path: &Path) -> Option<Language> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("rs") => Some(Language::Rust),
        Some("toml" | "lock") => Some(Language::Toml),
        _ => None,
    }
}

/// The pieces of each of these lines, which follow one another in a file; an empty list of pieces
/// where the language is not known.
#[must_use]
pub fn lines(path: &Path, lines: &[&str]) -> Vec<Pieces> {
    match language(path) {
        Some(Language::Rust) => rust(lines),
        Some(Language::Toml) => lines.iter().map(|line| toml(line)).collect(),
        None => vec![Pieces::new(); lines.len()],
    }
}

const KEYWORDS: &[&str] = &[
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern", "fn", "for", "if",
    "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "self", "static", "struct",
    "super", "trait", "type", "union", "unsafe", "use", "where", "while",
];
const TYPES: &[&str] = &[
    "bool", "char", "f32", "f64", "i128", "i16", "i32", "i64", "i8", "isize", "str", "u128", "u16", "u32", "u64", "u8",
    "usize",
];

/// Lexed as one text: a comment or a text may reach over several lines.
fn rust(lines: &[&str]) -> Vec<Pieces> {
    let text = lines.join("\n");
    let mut split = Split { lines: vec![Pieces::new()], column: 0 };
    let (mut begin, mut attribute) = (0, 0_usize);
    // Attributes are told by `#[` and end with their bracket.
    let mut tokens = tokenize(&text, FrontmatterAllowed::No).peekable();
    let mut after_hash = false;
    while let Some(token) = tokens.next() {
        let end = begin + token.len as usize;
        let piece = &text[begin..end];
        begin = end;
        let next_is_bang = tokens.peek().is_some_and(|next| next.kind == TokenKind::Bang);
        match token.kind {
            TokenKind::OpenBracket if after_hash || attribute > 0 => attribute += 1,
            _ => {}
        }
        let class = match token.kind {
            TokenKind::LineComment { .. } | TokenKind::BlockComment { .. } => Class::Comment,
            TokenKind::Literal { kind, .. } => match kind {
                LiteralKind::Int { .. } | LiteralKind::Float { .. } => Class::Number,
                _ => Class::Text,
            },
            TokenKind::Pound
                if tokens.peek().is_some_and(|next| matches!(next.kind, TokenKind::OpenBracket | TokenKind::Bang)) =>
            {
                Class::Macro
            }
            _ if attribute > 0 => Class::Macro,
            TokenKind::Lifetime { .. } | TokenKind::RawLifetime => Class::Lifetime,
            TokenKind::Ident => word(piece, next_is_bang),
            TokenKind::Bang => split.after_macro(),
            _ => Class::Plain,
        };
        after_hash = token.kind == TokenKind::Pound || (after_hash && token.kind == TokenKind::Bang);
        if token.kind == TokenKind::CloseBracket {
            attribute = attribute.saturating_sub(1);
        }
        split.push(piece, class);
    }
    // A last line that is empty has no token of its own.
    split.lines.resize(lines.len(), Pieces::new());
    split.lines
}

fn word(word: &str, next_is_bang: bool) -> Class {
    match word {
        _ if next_is_bang && !KEYWORDS.contains(&word) => Class::Macro,
        "true" | "false" => Class::Number,
        _ if KEYWORDS.contains(&word) => Class::Keyword,
        _ if TYPES.contains(&word) => Class::Type,
        // Constants have no small letter; they read as names.
        _ if word.starts_with(char::is_uppercase) && (word.len() == 1 || word.contains(char::is_lowercase)) => {
            Class::Type
        }
        _ => Class::Plain,
    }
}

/// Tokens on their way to the lines that they lie on.
struct Split {
    lines: Vec<Pieces>,
    column: usize,
}

impl Split {
    fn push(&mut self, piece: &str, class: Class) {
        for (index, part) in piece.split('\n').enumerate() {
            if index > 0 {
                self.lines.push(Pieces::new());
                self.column = 0;
            }
            self.column += part.len();
            let Some(line) = self.lines.last_mut() else { return };
            match line.last_mut() {
                // Fewer pieces are drawn faster.
                Some((end, last)) if *last == class => *end = self.column,
                _ if part.is_empty() => {}
                _ => line.push((self.column, class)),
            }
        }
    }

    /// The `!` of `println!` belongs to the name.
    fn after_macro(&self) -> Class {
        match self.lines.last().and_then(|line| line.last()) {
            Some((_, Class::Macro)) => Class::Macro,
            _ => Class::Plain,
        }
    }
}

/// One line, which is where nearly all of TOML ends.
fn toml(line: &str) -> Pieces {
    let mut pieces = Pieces::new();
    let mut at = line.len() - line.trim_start().len();
    if at > 0 {
        pieces.push((at, Class::Plain));
    }
    if line[at..].starts_with('[') && line.trim_end().ends_with(']') && !line.contains('=') {
        pieces.push((line.len(), Class::Keyword));
        return pieces;
    }
    while at < line.len() {
        let rest = &line[at..];
        let first = rest.chars().next().unwrap_or_default();
        let (len, class) = match first {
            '#' => (rest.len(), Class::Comment),
            '"' | '\'' => (text_end(rest, first), Class::Text),
            _ if first.is_ascii_alphanumeric() || matches!(first, '_' | '-' | '+') => {
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"_-+.:".contains(c)).unwrap_or(rest.len());
                let is_key = rest[end..].trim_start().starts_with(['=', '.']);
                let class = match &rest[..end] {
                    _ if is_key => Class::Type,
                    "true" | "false" => Class::Number,
                    _ if first.is_ascii_digit() || matches!(first, '-' | '+') => Class::Number,
                    _ => Class::Plain,
                };
                (end, class)
            }
            other => (other.len_utf8(), Class::Plain),
        };
        at += len;
        match pieces.last_mut() {
            Some((end, last)) if *last == class => *end = at,
            _ => pieces.push((at, class)),
        }
    }
    pieces
}

/// Where a text ends, its quotes counted; at the line's end where it is open.
fn text_end(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' if quote == '"' => escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each piece with the first letter of its class; plain ones as they are.
    fn words(path: &str, text: &str) -> String {
        let all: Vec<_> = text.split('\n').collect();
        let pieces = lines(Path::new(path), &all);
        assert_eq!(pieces.len(), all.len());
        let line = |(line, pieces): (&&str, &Pieces)| {
            let mut begin = 0;
            let mut text = String::new();
            for (end, class) in pieces {
                let piece = &line[begin..*end];
                match class {
                    Class::Plain => text.push_str(piece),
                    class => text.push_str(&format!("‹{class:?} {piece}›")),
                }
                begin = *end;
            }
            assert!(pieces.is_empty() || begin == line.len(), "{line:?} {pieces:?}");
            if pieces.is_empty() { (*line).to_owned() } else { text }
        };
        all.iter().zip(&pieces).map(line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn rust_has_its_colours_even_in_fragments() {
        for (text, expected) in [
            ("let n: u32 = 1.5;", "‹Keyword let› n: ‹Type u32› = ‹Number 1.5›;"),
            ("println!(\"汉 {}\", 'x')", "‹Macro println!›(‹Text \"汉 {}\"›, ‹Text 'x'›)"),
            ("if a != b && !c {", "‹Keyword if› a != b && !c {"),
            (
                "#[export(a = [1])] fn f<'a>()",
                "‹Macro #[export(a = [›‹Number 1›‹Macro ])]› ‹Keyword fn› f<‹Lifetime 'a›>()",
            ),
            ("Some(MAX) // x", "‹Type Some›(MAX) ‹Comment // x›"),
            ("/* a\nb */ fn\n", "‹Comment /* a›\n‹Comment b */› ‹Keyword fn›\n"),
            ("\"open\n}", "‹Text \"open›\n‹Text }›"),
            ("", ""),
            ("}\n\nfn", "}\n\n‹Keyword fn›"),
        ] {
            assert_eq!(words("a.rs", text), expected);
        }
    }

    #[test]
    fn toml_has_its_colours() {
        for (text, expected) in [
            ("[package]", "‹Keyword [package]›"),
            ("a-b = \"x # y\" # z", "‹Type a-b› = ‹Text \"x # y\"› ‹Comment # z›"),
            ("  n = [1, true, 'a']", "  ‹Type n› = [‹Number 1›, ‹Number true›, ‹Text 'a'›]"),
            ("x = \"open", "‹Type x› = ‹Text \"open›"),
        ] {
            assert_eq!(words("Cargo.toml", text), expected);
        }
        assert_eq!(words("notes.txt", "let x"), "let x");
    }
}
