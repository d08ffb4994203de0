//! Source texts of guests.

/// A guest whose `greet(name)` returns this text, in which `{name}` stands for the name.
#[must_use]
pub fn greeting(text: &str) -> String {
    format!(
        r#"//! A greeting.

/// Greets.
#[exuvia_guest::export]
pub fn greet(name: &str) -> String {{
    let _ = name;
    format!("{text}")
}}
"#
    )
}

/// A guest that counts, with further items. Needs [`Guest::with_state`](crate::guest::Guest::with_state).
#[must_use]
pub fn counter(more: &str) -> String {
    stateful("clicks: u32,", "", more)
}

/// A guest with these fields in its state `Counter`, and what its `impl State` holds.
#[must_use]
pub fn stateful(fields: &str, hooks: &str, more: &str) -> String {
    format!(
        r"//! A counter.

use exuvia_guest::{{State, export, state}};

#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Counter {{ {fields} }}

impl State for Counter {{ {hooks} }}
state!(Counter);

/// Counts on.
#[export]
fn click(state: &mut Counter, by: u32) -> u32 {{
    state.clicks += by;
    state.clicks
}}

/// Says how far.
#[export]
fn clicks(state: &Counter) -> u32 {{
    state.clicks
}}

{more}
"
    )
}

/// A library with an entry that speaks this version of the contract, written without the SDK.
#[must_use]
pub fn with_contract_version(version: u32) -> String {
    format!(
        r#"//! Of another time.

#[repr(C)]
pub struct Header {{
    size: u32,
    contract_version: u32,
}}

static HEADER: Header = Header {{ size: 8, contract_version: {version} }};

#[unsafe(no_mangle)]
pub extern "C" fn exuvia_entry() -> *const Header {{
    &HEADER
}}
"#
    )
}
