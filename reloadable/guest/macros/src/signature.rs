//! Prints tokens the way a person writes them: in one line, with tidy spacing.
//!
//! A macro on stable Rust cannot ask for the source text of several tokens at once, and the text
//! would hold the author's line breaks; so the spacing is made here.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// The tokens of a type or a header, in one line.
pub(crate) fn tidy(tokens: TokenStream) -> String {
    let mut text = String::new();
    print(tokens, &mut Last::Nothing, &mut text);
    text
}

/// What was printed last, as far as it matters for the space in front of the next token.
enum Last {
    /// Nothing yet, or something that wants no space behind it.
    Nothing,
    /// A word that a bracket follows directly: `Vec` in `Vec<u8>`, `fn` in `fn(u8)`.
    Name,
    /// A word that stands apart from whatever follows: `mut`, `dyn`, a lifetime.
    Apart,
    /// A closing bracket.
    Close,
    /// Punctuation that is to be followed by a space.
    Spaced,
    /// The `'` of a lifetime.
    Quote,
    /// The first characters of an operator that goes on.
    Joint(String),
}

fn print(tokens: TokenStream, last: &mut Last, text: &mut String) {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{", "}"),
                    // Left by a `macro_rules` variable: the author wrote no bracket there.
                    Delimiter::None => {
                        print(group.stream(), last, text);
                        continue;
                    }
                };
                space(matches!(last, Last::Apart | Last::Spaced), text);
                text.push_str(open);
                *last = Last::Nothing;
                print(group.stream(), last, text);
                text.truncate(text.trim_end().len());
                text.push_str(close);
                *last = Last::Close;
            }
            TokenTree::Ident(ident) => {
                let word = ident.to_string();
                let lifetime = matches!(last, Last::Quote);
                space(!lifetime && !matches!(last, Last::Nothing), text);
                let apart = lifetime || matches!(&*word, "mut" | "const" | "dyn" | "impl" | "as" | "where");
                text.push_str(&word);
                *last = if apart { Last::Apart } else { Last::Name };
            }
            TokenTree::Literal(literal) => {
                space(!matches!(last, Last::Nothing), text);
                text.push_str(&literal.to_string());
                *last = Last::Name;
            }
            TokenTree::Punct(punct) => {
                let mut operator = match last {
                    Last::Joint(first) => std::mem::take(first),
                    _ => String::new(),
                };
                operator.push(punct.as_char());
                // `&'a` comes as joint tokens too, but is no operator; `>>` is two brackets.
                let goes_on = punct.spacing() == Spacing::Joint
                    && !matches!(punct.as_char(), '\'' | '>' | ',' | '<')
                    && matches!(tokens.peek(), Some(TokenTree::Punct(next)) if next.as_char() != '\'' && next.as_char() != '&');
                *last = if goes_on { Last::Joint(operator) } else { operator_end(&operator, last, text) };
            }
        }
    }
}

/// Prints an operator with the space that it wants in front.
fn operator_end(operator: &str, last: &Last, text: &mut String) -> Last {
    let (before, after) = match operator {
        "," | ";" | ":" => (false, Last::Spaced),
        "->" | "=" | "+" | "==" | "|" | "/" | "-" => (true, Last::Spaced),
        ">" => (false, Last::Close),
        "'" => (matches!(last, Last::Apart | Last::Spaced | Last::Close), Last::Quote),
        "*" if matches!(last, Last::Name | Last::Close) => (true, Last::Spaced),
        "&" | "*" | "?" | "!" | "#" => (matches!(last, Last::Apart | Last::Spaced), Last::Nothing),
        _ => (matches!(last, Last::Spaced), Last::Nothing),
    };
    space(before, text);
    text.push_str(operator);
    after
}

/// Writes a space where there is none yet and something stands in front.
fn space(wanted: bool, text: &mut String) {
    if wanted && !text.is_empty() && !text.ends_with(' ') {
        text.push(' ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spacing_is_a_persons() {
        for text in [
            "fn greet(name: &str) -> String",
            "fn step<'a, 'b: 'a>(state: &'a mut Counter, by: &'b [i32]) -> &'a Counter",
            "Result<Vec<Option<u8>>, Box<dyn Error + Send + Sync + 'static>>",
            "std::collections::HashMap<(i32, char), [f32; 3]>",
            "::core::primitive::u8",
            "fn nothing()",
            "fn unit() -> ()",
            "&'static [&'static str]",
            "Cow<'_, str>",
            "*const u8",
            "&mut [u8]",
            "&dyn Fn(u8) -> u8",
            "for<'a> fn(&'a str) -> bool",
            "<Vec<u8> as ToOwned>::Owned",
            "[u8; LEN * 2]",
            "(u8,)",
            "Box<dyn Iterator<Item = u8>>",
            "&&str",
            "r#type::r#match",
        ] {
            let squeezed: TokenStream = text.parse().expect("tokens");
            assert_eq!(tidy(squeezed), text);
        }
        let wide: TokenStream = "fn  add (\n a :i32 ,b: Vec < u8 >\n)->i32".parse().expect("tokens");
        assert_eq!(tidy(wide), "fn add(a: i32, b: Vec<u8>) -> i32");
    }
}
