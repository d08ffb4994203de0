//! Arguments, results and snapshots as MessagePack, with messages that a person can act upon.
//!
//! Structs are maps with named fields, and serde is told that a person reads along, so that a path
//! or an address is text. Pure functions over bytes; no `unsafe`, no state.
//!
//! As in JSON, `Some(None)` and `Some(())` come back as `None`.

use std::fmt;

use rmp_serde::decode::Error;
use rmp_serde::{Deserializer, Serializer};
use serde::de::{DeserializeOwned, IgnoredAny, Visitor};
use serde::{Deserialize, Deserializer as _, Serialize};

/// The name and the type of each parameter, as the author wrote them.
pub(crate) type Parameters = &'static [(&'static str, &'static str)];

/// The arguments of one call, to be decoded one at a time so that an error can name the parameter.
#[derive(Debug)]
pub struct Arguments<'a> {
    parameters: Parameters,
    values: Vec<&'a [u8]>,
    next: usize,
}

impl<'a> Arguments<'a> {
    /// Takes the values of a call apart and counts them.
    pub(crate) fn split(function: &str, parameters: Parameters, bytes: &'a [u8]) -> Result<Self, String> {
        let mut values = Vec::with_capacity(parameters.len());
        let mut rest = bytes;
        while !rest.is_empty() {
            let mut after = rest;
            IgnoredAny::deserialize(&mut Deserializer::new(&mut after)).map_err(|error| {
                format!("argument {} of `{function}` is no MessagePack value: {error}", values.len() + 1)
            })?;
            let (value, others) = rest.split_at(rest.len() - after.len());
            values.push(value);
            rest = others;
        }
        if values.len() != parameters.len() {
            let takes = match parameters.len() {
                0 => "no arguments".to_owned(),
                1 => "1 argument".to_owned(),
                more => format!("{more} arguments"),
            };
            let list: Vec<String> = parameters.iter().map(|(name, ty)| format!("{name}: {ty}")).collect();
            let list = if list.is_empty() { String::new() } else { format!(" ({})", list.join(", ")) };
            return Err(match values.len() {
                0 => format!("`{function}` takes {takes}{list}, none was given"),
                1 => format!("`{function}` takes {takes}{list}, 1 was given"),
                given => format!("`{function}` takes {takes}{list}, {given} were given"),
            });
        }
        Ok(Self { parameters, values, next: 0 })
    }

    /// Decodes the next argument.
    ///
    /// # Errors
    ///
    /// The value does not fit the type; the message names the parameter.
    pub fn decode_next<T: Deserialize<'a>>(&mut self) -> Result<T, String> {
        let (name, ty) = self.parameters[self.next];
        let value = self.values[self.next];
        self.next += 1;
        T::deserialize(&mut Deserializer::from_read_ref(value).with_human_readable())
            .map_err(|error| format!("argument `{name}` ({ty}): {}", explain(&error, value, ty)))
    }
}

/// Encodes a result or a snapshot.
pub(crate) fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut serializer = Serializer::new(&mut bytes).with_struct_map().with_human_readable();
    match value.serialize(&mut serializer) {
        Ok(()) => Ok(bytes),
        Err(error) => Err(error.to_string()),
    }
}

/// Decodes a snapshot.
pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    T::deserialize(&mut Deserializer::from_read_ref(bytes).with_human_readable())
        .map_err(|error| explain(&error, bytes, std::any::type_name::<T>()))
}

/// The decoder's message, in serde's words where it speaks of markers.
fn explain(error: &Error, value: &[u8], expected: &str) -> String {
    let marker = match error {
        Error::TypeMismatch(marker) => format!("{marker:?}"),
        Error::OutOfRange => return format!("the number does not fit into {expected}"),
        Error::LengthMismatch(length) => return format!("wrong number of elements, expected {length}"),
        Error::DepthLimitExceeded => return "nested too deeply".to_owned(),
        other => return other.to_string(),
    };
    // Only a list or a map has something inside that may be what did not fit.
    let outer = Deserializer::from_read_ref(value).deserialize_any(Expected(expected));
    match outer {
        Err(Error::Syntax(text)) if !text.contains("type: sequence") && !text.contains("type: map") => text,
        _ => {
            let word = KINDS.iter().find(|(start, _)| marker.starts_with(start)).map_or("value", |(_, word)| word);
            format!("a {word} inside does not fit {expected}")
        }
    }
}

/// How `rmp`'s markers begin, and what a person calls the value.
const KINDS: [(&str, &str); 12] = [
    ("Null", "nil"),
    ("True", "boolean"),
    ("False", "boolean"),
    ("FixStr", "string"),
    ("Str", "string"),
    ("FixArray", "list"),
    ("Array", "list"),
    ("FixMap", "map"),
    ("Map", "map"),
    ("Bin", "run of bytes"),
    ("F", "number"),
    ("", "number"),
];

/// Accepts nothing, so that serde words the refusal.
struct Expected<'a>(&'a str);

impl Visitor<'_> for Expected<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
