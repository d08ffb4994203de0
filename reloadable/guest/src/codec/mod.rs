//! Arguments, results and snapshots as MessagePack, with messages that a person can use.
//!
//! Structs are maps with named fields, and serde is told that a person reads along, so that a path
//! or an address is text. Pure functions over bytes; no `unsafe`, no state. Our own, not `rmp-serde`: what a
//! format's code costs is paid in each reload of each guest, because serde's code is generic over it (`decode` has figures).
//!
//! As in JSON, `Some(None)` and `Some(())` come back as `None`.
//!
//! | module | what it does |
//! |---|---|
//! | `token` | bytes to tokens |
//! | `decode` | tokens to serde's data model, as the value's type asks for it |
//! | `encode` | serde's data model to bytes |
//! | `error` | why not |

mod decode;
mod encode;
mod error;
#[cfg(test)]
mod tests;
mod token;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use decode::Decoder;
pub(crate) use encode::Encoder;
use error::Error;
pub(crate) use token::{Reader, Token};

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
        let mut reader = Reader { rest: bytes };
        while !reader.rest.is_empty() {
            let from = reader.rest;
            reader.skip().map_err(|error| {
                format!("argument {} of `{function}` is no MessagePack value: {error}", values.len() + 1)
            })?;
            values.push(&from[..from.len() - reader.rest.len()]);
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
        match T::deserialize(&mut self.advance()) {
            Ok(value) => Ok(value),
            Err(error) => Err(self.unfit(&error)),
        }
    }

    fn advance(&mut self) -> Decoder<'a> {
        self.next += 1;
        Decoder::new(self.values[self.next - 1])
    }

    /// Why the value last decoded does not fit.
    fn unfit(&self, error: &Error) -> String {
        let (name, ty) = self.parameters[self.next - 1];
        format!("argument `{name}` ({ty}): {error}")
    }
}

/// Encodes a result or a snapshot.
pub(crate) fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, String> {
    let mut encoder = Encoder::default();
    let done = value.serialize(&mut encoder);
    encoder.finish(done)
}

/// Decodes a snapshot.
pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    match T::deserialize(&mut Decoder::new(bytes)) {
        Ok(value) => Ok(value),
        Err(error) => Err(error.to_string()),
    }
}
