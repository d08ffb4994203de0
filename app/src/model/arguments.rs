//! Arguments of a call as a person enters them: which kind of field a type gets, what is typed as
//! JSON, and a call's text taken apart again. Pure.

use exuvia_runtime::call::Call;
use exuvia_runtime::load::ExportRecord;
use serde_json::Value;

/// How an argument is entered.
#[derive(Debug, Clone, PartialEq)]
pub enum Field {
    /// `true` or `false`.
    Truth,
    /// A whole number within these limits.
    Whole {
        /// The least.
        least: i128,
        /// The greatest.
        most: i128,
    },
    /// A number, of so much at most, be it below zero or above.
    Real {
        /// The greatest.
        most: f64,
    },
    /// One character.
    Letter,
    /// Text, typed without quotes.
    Text,
    /// Anything else, typed as JSON.
    Json {
        /// Something that may fit the type.
        example: String,
    },
}

/// Why what was typed is no value of the type.
#[derive(Debug, Clone, PartialEq)]
pub enum Trouble {
    /// Nothing was typed.
    Empty,
    /// It is no whole number.
    NotWhole,
    /// It is one, and too small or too large.
    OutOfRange {
        /// The least.
        least: i128,
        /// The greatest.
        most: i128,
    },
    /// It is no number.
    NotNumber,
    /// It is a number that the type cannot hold.
    TooLarge {
        /// The greatest.
        most: f64,
    },
    /// It is not exactly one character.
    NotOneLetter,
    /// It is no JSON.
    NotJson {
        /// What the JSON reader said.
        reason: String,
    },
}

impl Field {
    /// The field for a type, by its full name as the compiler writes it.
    #[must_use]
    pub fn of(ty: &str) -> Self {
        let ty = plain(ty);
        let whole = |least: i128, most: i128| Self::Whole { least, most };
        match ty {
            "bool" => Self::Truth,
            "i8" => whole(i8::MIN.into(), i8::MAX.into()),
            "i16" => whole(i16::MIN.into(), i16::MAX.into()),
            "i32" => whole(i32::MIN.into(), i32::MAX.into()),
            "u8" => whole(0, u8::MAX.into()),
            "u16" => whole(0, u16::MAX.into()),
            "u32" => whole(0, u32::MAX.into()),
            // JSON numbers are read as 64 bits; what is larger would lose its last digits.
            "i64" | "isize" => whole(i64::MIN.into(), i64::MAX.into()),
            "u64" | "usize" | "u128" => whole(0, u64::MAX.into()),
            "i128" => whole(i64::MIN.into(), u64::MAX.into()),
            "f32" => Self::Real { most: f32::MAX.into() },
            "f64" => Self::Real { most: f64::MAX },
            "char" => Self::Letter,
            _ if is_text(ty) => Self::Text,
            _ => Self::Json { example: example(ty) },
        }
    }

    /// What the field begins with.
    #[must_use]
    pub fn beginning(&self) -> &str {
        match self {
            Self::Truth => "true",
            Self::Whole { .. } => "1",
            Self::Real { .. } => "1.5",
            Self::Letter => "x",
            Self::Text => "World",
            Self::Json { example } => example,
        }
    }

    /// What was typed as JSON.
    ///
    /// # Errors
    /// If it is no value of the type, as far as that can be seen from the type's name.
    pub fn value(&self, typed: &str) -> Result<Value, Trouble> {
        let trimmed = typed.trim();
        if trimmed.is_empty() && !matches!(self, Self::Text | Self::Letter) {
            return Err(Trouble::Empty);
        }
        match self {
            Self::Truth => {
                trimmed.parse().map(Value::Bool).map_err(|_| Trouble::NotJson { reason: trimmed.to_owned() })
            }
            Self::Whole { least, most } => {
                let digits = trimmed.replace('_', "");
                let number: i128 = digits.parse().map_err(|_| Trouble::NotWhole)?;
                let out = Trouble::OutOfRange { least: *least, most: *most };
                if !(*least..=*most).contains(&number) {
                    return Err(out);
                }
                let value = i64::try_from(number).map(Value::from).or_else(|_| u64::try_from(number).map(Value::from));
                value.map_err(|_| out)
            }
            Self::Real { most } => {
                let number: f64 = trimmed.parse().map_err(|_| Trouble::NotNumber)?;
                // JSON knows neither infinity nor NaN.
                let fits = number.is_finite() && number.abs() <= *most;
                fits.then(|| Value::from(number)).ok_or(Trouble::TooLarge { most: *most })
            }
            Self::Letter => {
                let mut letters = typed.chars();
                match (letters.next(), letters.next()) {
                    (Some(letter), None) => Ok(Value::from(letter.to_string())),
                    _ => Err(Trouble::NotOneLetter),
                }
            }
            Self::Text => Ok(Value::from(typed)),
            Self::Json { .. } => {
                serde_json::from_str(trimmed).map_err(|error| Trouble::NotJson { reason: error.to_string() })
            }
        }
    }

    /// How a value of a call is typed into this field; `None` if it is none for it.
    #[must_use]
    pub fn typed(&self, value: &Value) -> Option<String> {
        let typed = match (self, value) {
            (Self::Text | Self::Letter, Value::String(text)) => text.clone(),
            (Self::Truth, Value::Bool(_)) | (Self::Whole { .. } | Self::Real { .. }, Value::Number(_)) => {
                value.to_string()
            }
            (Self::Json { .. }, _) => value.to_string(),
            _ => return None,
        };
        Some(typed)
    }
}

/// The call that these fields come to. What is in trouble stands in it as it was typed.
#[must_use]
pub fn compose<'a>(export: &str, fields: impl Iterator<Item = (&'a Field, &'a str)>) -> String {
    let arguments: Vec<_> = fields
        .map(|(field, typed)| field.value(typed).map_or_else(|_| typed.trim().to_owned(), |value| value.to_string()))
        .collect();
    format!("{export}({})", arguments.join(", "))
}

/// A call's text taken apart into what the fields of its export hold. `None` if it is no call of
/// one of these, or one that its fields cannot show.
#[must_use]
pub fn take_apart<'a>(text: &str, exports: &'a [ExportRecord]) -> Option<(&'a ExportRecord, Vec<String>)> {
    let call: Call = text.parse().ok()?;
    let export = exports.iter().find(|export| export.name == call.export)?;
    if export.parameters.len() != call.arguments.len() {
        return None;
    }
    let pairs = export.parameters.iter().zip(&call.arguments);
    let typed: Option<Vec<_>> = pairs.map(|(parameter, value)| Field::of(&parameter.ty.name).typed(value)).collect();
    Some((export, typed?))
}

/// A call of an export to begin with.
#[must_use]
pub fn template(export: &ExportRecord) -> String {
    let fields: Vec<_> = export.parameters.iter().map(|parameter| Field::of(&parameter.ty.name)).collect();
    compose(&export.name, fields.iter().map(|field| (field, field.beginning())))
}

/// A type's name as a person writes it: `Option<String>` for `core::option::Option<alloc::string::String>`.
#[must_use]
pub fn short_name(ty: &str) -> String {
    let mut short = String::new();
    let mut word = String::new();
    for letter in ty.chars() {
        if letter.is_alphanumeric() || letter == '_' || letter == ':' {
            word.push(letter);
        } else {
            short.push_str(word.rsplit("::").next().unwrap_or_default());
            word.clear();
            short.push(letter);
        }
    }
    short.push_str(word.rsplit("::").next().unwrap_or_default());
    short
}

/// Without references: what is passed for them is a value all the same.
fn plain(ty: &str) -> &str {
    let mut ty = ty.trim();
    while let Some(rest) = ty.strip_prefix('&') {
        let rest = rest.trim_start();
        ty = rest.strip_prefix("mut ").unwrap_or(rest).trim_start();
    }
    ty
}

fn is_text(ty: &str) -> bool {
    let (outer, inner) = parts(ty);
    match outer {
        "Cow" | "Box" | "Rc" | "Arc" => inner.len() == 1 && plain(inner[0]) == "str",
        // A type of the guest's own may be called `String`, too.
        _ => ["str", "alloc::string::String"].contains(&ty),
    }
}

/// Something that may fit the type. A type of the guest's own has fields that its name does not tell.
fn example(ty: &str) -> String {
    let ty = plain(ty);
    let of = |ty: &str| match Field::of(ty) {
        Field::Json { example } => example,
        field => field.value(field.beginning()).map_or_else(|_| "null".to_owned(), |value| value.to_string()),
    };
    if let Some(tuple) = ty.strip_prefix('(').and_then(|ty| ty.strip_suffix(')')) {
        let examples: Vec<_> = split(tuple).into_iter().map(of).collect();
        return if examples.is_empty() { "null".to_owned() } else { format!("[{}]", examples.join(", ")) };
    }
    if let Some(items) = ty.strip_prefix('[').and_then(|ty| ty.strip_suffix(']')) {
        return match items.rsplit_once(';').map(|(item, count)| (item, count.trim().parse::<usize>())) {
            Some((item, Ok(count @ 0..=4))) => format!("[{}]", vec![of(item); count].join(", ")),
            Some(_) => "[]".to_owned(),
            None => format!("[{}]", of(items)),
        };
    }
    let (outer, inner) = parts(ty);
    match (outer, inner.as_slice()) {
        ("Option", [item, ..]) | ("Box" | "Rc" | "Arc" | "Cow", [item, ..]) => of(item),
        ("Vec" | "VecDeque" | "HashSet" | "BTreeSet" | "LinkedList" | "BinaryHeap", [item, ..]) => {
            format!("[{}]", of(item))
        }
        ("HashMap" | "BTreeMap", [_, item, ..]) => format!("{{\"key\": {}}}", of(item)),
        ("Value", _) => "null".to_owned(),
        _ => "{}".to_owned(),
    }
}

/// `alloc::vec::Vec<A, B>` is `Vec` of `A` and `B`.
fn parts(ty: &str) -> (&str, Vec<&str>) {
    let (path, inner) = match ty.split_once('<') {
        Some((path, rest)) => (path, split(rest.strip_suffix('>').unwrap_or(rest))),
        None => (ty, Vec::new()),
    };
    (path.rsplit("::").next().unwrap_or(path), inner)
}

/// At the commas that stand in no brackets.
fn split(list: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    let parts = list.split(|letter: char| {
        match letter {
            '<' | '(' | '[' => depth += 1,
            '>' | ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == ',' && depth == 0
    });
    parts.map(str::trim).filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::samples::export;

    #[test]
    fn each_type_has_its_field() {
        let json = |example: &str| Field::Json { example: example.to_owned() };
        for (ty, field) in [
            ("bool", Field::Truth),
            ("u8", Field::Whole { least: 0, most: 255 }),
            ("i64", Field::Whole { least: i64::MIN.into(), most: i64::MAX.into() }),
            ("&u16", Field::Whole { least: 0, most: 65_535 }),
            ("f64", Field::Real { most: f64::MAX }),
            ("char", Field::Letter),
            ("&str", Field::Text),
            ("&mut alloc::string::String", Field::Text),
            ("alloc::borrow::Cow<str>", Field::Text),
            ("alloc::boxed::Box<str>", Field::Text),
            ("core::option::Option<alloc::string::String>", json("\"World\"")),
            ("alloc::vec::Vec<alloc::vec::Vec<u8>>", json("[[1]]")),
            ("&[f32]", json("[1.5]")),
            ("[bool; 2]", json("[true, true]")),
            ("[u8; 4096]", json("[]")),
            ("(u8, &str)", json("[1, \"World\"]")),
            ("()", json("null")),
            ("std::collections::hash::map::HashMap<alloc::string::String, (u8, u8)>", json("{\"key\": [1, 1]}")),
            ("greetings::Point", json("{}")),
            ("greetings::bool", json("{}")),
        ] {
            assert_eq!(Field::of(ty), field, "{ty}");
        }
        // An example must be JSON.
        for ty in ["[char; 3]", "alloc::vec::Vec<greetings::Point>", "core::option::Option<(u8, f64)>"] {
            let field = Field::of(ty);
            assert!(field.value(field.beginning()).is_ok(), "{ty}: {field:?}");
        }
    }

    #[test]
    fn what_is_typed_becomes_json_or_says_why_not() {
        for (ty, typed, expected) in [
            ("bool", "false", Ok("false")),
            ("u8", " 255 ", Ok("255")),
            ("u8", "256", Err(Trouble::OutOfRange { least: 0, most: 255 })),
            ("i8", "-129", Err(Trouble::OutOfRange { least: -128, most: 127 })),
            ("u64", "18446744073709551615", Ok("18446744073709551615")),
            ("i64", "-9_000", Ok("-9000")),
            ("i32", "1.5", Err(Trouble::NotWhole)),
            ("i32", "", Err(Trouble::Empty)),
            ("f64", "2", Ok("2.0")),
            ("f64", "two", Err(Trouble::NotNumber)),
            ("f64", "inf", Err(Trouble::TooLarge { most: f64::MAX })),
            ("f32", "1e39", Err(Trouble::TooLarge { most: f32::MAX.into() })),
            ("char", "汉", Ok("\"汉\"")),
            ("char", "ab", Err(Trouble::NotOneLetter)),
            ("&str", "", Ok("\"\"")),
            ("&str", " say \"hi\" ", Ok("\" say \\\"hi\\\" \"")),
            ("core::option::Option<u8>", "null", Ok("null")),
        ] {
            let value = Field::of(ty).value(typed).map(|value| value.to_string());
            assert_eq!(value, expected.map(str::to_owned), "{ty}: {typed}");
        }
        let not_json = Field::of("alloc::vec::Vec<u8>").value("[1,");
        assert!(matches!(not_json, Err(Trouble::NotJson { .. })), "{not_json:?}");
    }

    #[test]
    fn a_call_goes_into_the_fields_and_back() {
        let mut add = export();
        add.name = "add".to_owned();
        add.parameters = ["u8", "&str", "alloc::vec::Vec<u8>"]
            .into_iter()
            .map(|ty| {
                let mut parameter = export().parameters[0].clone();
                parameter.ty.name = ty.to_owned();
                parameter
            })
            .collect();
        let exports = [export(), add];
        for (text, expected) in [
            ("greet(\"a b\")", Some(("greet", vec!["a b"]))),
            ("add(1, \"x\", [1, 2])", Some(("add", vec!["1", "x", "[1,2]"]))),
            ("greet(1)", None),
            ("greet()", None),
            ("other()", None),
            ("greet(World)", None),
        ] {
            let apart = take_apart(text, &exports);
            let apart = apart.map(|(export, typed)| (export.name.clone(), typed));
            let expected = expected
                .map(|(name, typed)| (name.to_owned(), typed.into_iter().map(str::to_owned).collect::<Vec<_>>()));
            assert_eq!(apart, expected, "{text}");
        }
        let (add, typed) = take_apart("add(1, \"x\", [1, 2])", &exports).unwrap();
        let fields: Vec<_> = add.parameters.iter().map(|parameter| Field::of(&parameter.ty.name)).collect();
        let pairs = || fields.iter().zip(typed.iter().map(String::as_str));
        assert_eq!(compose("add", pairs()), "add(1, \"x\", [1,2])");
        assert_eq!(compose("add", [(&fields[0], "300")].into_iter()), "add(300)", "as typed");
        assert_eq!(template(&exports[0]), "greet(\"World\")");
        assert_eq!(template(&exports[1]), "add(1, \"World\", [1])");
    }

    #[test]
    fn names_of_types_are_short() {
        for (ty, short) in [
            ("u8", "u8"),
            ("&alloc::string::String", "&String"),
            ("core::option::Option<(u8, alloc::vec::Vec<greetings::Point>)>", "Option<(u8, Vec<Point>)>"),
        ] {
            assert_eq!(short_name(ty), short);
        }
    }
}
