//! Why a staged artifact cannot be loaded.

use std::path::PathBuf;

/// What opening, probing or verifying said. Every message names both sides and what to do.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The loader said no.
    #[error("the loader cannot open {}: {reason}", path.display())]
    Open {
        /// The staged artifact.
        path: PathBuf,
        /// The loader's own words.
        reason: String,
    },
    /// No entry symbol.
    #[error(
        "{} is no Exuvia guest: it has no symbol `{}`; depend on the crate `exuvia-guest` and mark a function with #[exuvia_guest::export]",
        path.file_name().unwrap_or(path.as_os_str()).display(),
        exuvia_contract::ENTRY_SYMBOL
    )]
    NoEntry {
        /// The staged artifact.
        path: PathBuf,
    },
    /// The entry returned null.
    #[error("the entry of {} returned no table; rebuild the guest with the `exuvia-guest` of this workbench", path.display())]
    NoTable {
        /// The staged artifact.
        path: PathBuf,
    },
    /// Another contract.
    #[error(
        "the guest speaks contract version {guest}, this workbench version {host}; use the `exuvia-guest` that belongs to this workbench"
    )]
    ContractVersion {
        /// The guest's.
        guest: u32,
        /// Ours.
        host: u32,
    },
    /// The table is shorter than its version says.
    #[error(
        "a record of the guest's table has {guest} bytes, this workbench needs {host}; use the `exuvia-guest` that belongs to this workbench"
    )]
    TableSize {
        /// The guest's.
        guest: usize,
        /// Ours.
        host: usize,
    },
    /// Export records are shorter than their version says.
    #[error(
        "the guest's export records have {guest} bytes, this workbench needs {host}; use the `exuvia-guest` that belongs to this workbench"
    )]
    ExportSize {
        /// The guest's.
        guest: usize,
        /// Ours.
        host: usize,
    },
    /// A text of the table is no UTF-8.
    #[error("{what} is not UTF-8 text; rebuild the guest with the `exuvia-guest` of this workbench")]
    NotText {
        /// Which.
        what: &'static str,
    },
    /// An export describes itself in another order than the contract says.
    #[error(
        "the export `{name}` does not describe its types as contract version {} says; rebuild the guest with the `exuvia-guest` of this workbench",
        exuvia_contract::CONTRACT_VERSION
    )]
    BadDescription {
        /// The export.
        name: String,
    },
    /// Two exports of one name.
    #[error("the guest has two exports named `{name}`; rename one of them, since exports are called by name")]
    DuplicateExport {
        /// The name.
        name: String,
    },
    /// More than one state type.
    #[error("the guest names {count} types as its state; name one with `exuvia_guest::state!`")]
    SeveralStates {
        /// How many.
        count: usize,
    },
    /// Closing failed.
    #[error("the loader cannot close the library: {reason}")]
    Close {
        /// The loader's own words.
        reason: String,
    },
}
