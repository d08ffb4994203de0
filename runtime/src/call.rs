//! Calls as people write them (`greet("World")`) and the answers that come back.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A call by name: the export and its arguments as JSON values.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Name of the export.
    pub export: String,
    /// One value for each argument.
    pub arguments: Vec<Value>,
}

/// Why a text is not a call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallTextError {
    /// There is no name in front of the parenthesis, or it is not an identifier.
    #[error("`{text}` does not start with a function's name; write a call such as greet(\"World\")")]
    Name {
        /// What was written.
        text: String,
    },
    /// The parentheses are missing.
    #[error("`{text}` has no argument list in parentheses; write a call such as greet(\"World\") or tick()")]
    Parentheses {
        /// What was written.
        text: String,
    },
    /// The parenthesis is not closed.
    #[error("`{text}` does not end with its closing parenthesis; add `)`")]
    Open {
        /// What was written.
        text: String,
    },
    /// The arguments are no JSON values.
    #[error(
        "the arguments of `{text}` are not JSON values separated by commas: {reason}; text stands in double quotes, as in greet(\"World\")"
    )]
    Arguments {
        /// What was written.
        text: String,
        /// What the JSON reader said.
        reason: String,
    },
}

impl std::str::FromStr for Call {
    type Err = CallTextError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let Some((name, rest)) = text.split_once('(') else {
            return Err(CallTextError::Parentheses { text: text.to_owned() });
        };
        let name = name.trim();
        let is_identifier = name.chars().next().is_some_and(|c| c == '_' || c.is_alphabetic())
            && name.chars().all(|c| c == '_' || c.is_alphanumeric());
        if !is_identifier {
            return Err(CallTextError::Name { text: text.to_owned() });
        }
        let Some(arguments) = rest.trim_end().trim_end_matches(';').trim_end().strip_suffix(')') else {
            return Err(CallTextError::Open { text: text.to_owned() });
        };
        let arguments = serde_json::from_str(&format!("[{arguments}]"))
            .map_err(|error| CallTextError::Arguments { text: text.to_owned(), reason: error.to_string() })?;
        Ok(Self { export: name.to_owned(), arguments })
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", self.export)?;
        for (index, argument) in self.arguments.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{argument}")?;
        }
        f.write_str(")")
    }
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Answer {
    /// It returned this value.
    Returned {
        /// The value as JSON.
        value: Value,
    },
    /// It returned `Err` with this value.
    ReturnedErr {
        /// The error as JSON.
        value: Value,
    },
    /// It panicked.
    Panicked {
        /// The panic's message.
        message: String,
        /// Source file, where known.
        file: String,
        /// Line, from 1; 0 where not known.
        line: u32,
    },
    /// It was not called, or its result could not be passed on.
    Refused {
        /// What happened and what to do.
        message: String,
    },
    /// The runner ended or did not answer.
    Faulted {
        /// What happened.
        fault: String,
    },
}

impl Answer {
    /// Whether the function returned and did not return `Err`.
    #[must_use]
    pub fn is_returned(&self) -> bool {
        matches!(self, Self::Returned { .. })
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Returned { value } => write!(f, "{value}"),
            Self::ReturnedErr { value } => write!(f, "Err({value})"),
            Self::Panicked { message, file, line } => write!(f, "panicked at {file}:{line}: {message}"),
            Self::Refused { message } => write!(f, "refused: {message}"),
            Self::Faulted { fault } => write!(f, "faulted: {fault}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_read_and_written_back() {
        for (text, written) in [
            (r#"greet("World")"#, r#"greet("World")"#),
            (r#" greet ( "a)b" ) ; "#, r#"greet("a)b")"#),
            ("tick()", "tick()"),
            (r#"add(1, -2.5, [true, null], {"x": "汉"})"#, r#"add(1, -2.5, [true,null], {"x":"汉"})"#),
        ] {
            let call: Call = text.parse().unwrap();
            assert_eq!(call.to_string(), written);
            assert_eq!(written.parse::<Call>().unwrap(), call);
        }
    }

    #[test]
    fn what_is_no_call_is_named() {
        for (text, part) in [
            ("", "no argument list"),
            ("greet", "no argument list"),
            ("greet(\"World\"", "closing parenthesis"),
            ("(1)", "does not start with"),
            ("1x(1)", "does not start with"),
            ("greet(World)", "not JSON"),
            ("greet('World')", "not JSON"),
            ("greet(1 2)", "not JSON"),
        ] {
            let message = text.parse::<Call>().unwrap_err().to_string();
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}
