//! What the hot crate stands on: the bulk of the code, a plain library without the SDK.
//!
//! A save in here is noticed, too. It costs more than one in the hot crate: this crate is compiled,
//! and then the hot one.

/// A greeting for somebody.
pub fn greeting(salutation: &str, name: &str) -> String {
    format!("{salutation}, {name}!")
}
