//! Why a value could not be encoded or decoded, in words.

use std::fmt::{self, Display};

use super::token::Broken;

/// The message. Boxed, so that what is returned beside it stays small.
#[derive(Debug)]
pub(crate) struct Error(Box<str>);

impl Error {
    pub(super) fn new(message: &str) -> Self {
        Self(message.into())
    }
}

impl From<Broken> for Error {
    fn from(broken: Broken) -> Self {
        Self(broken.to_string().into())
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

impl serde::de::Error for Error {
    fn custom<T: Display>(message: T) -> Self {
        Self(message.to_string().into())
    }
}

impl serde::ser::Error for Error {
    fn custom<T: Display>(message: T) -> Self {
        Self(message.to_string().into())
    }
}
