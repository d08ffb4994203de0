//! What a guest's table says, copied out of the guest's memory.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a guest was built with.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StampRecord {
    /// Version of the contract.
    pub contract_version: u32,
    /// First line of `rustc -vV`.
    pub rustc: String,
    /// Target triple.
    pub target: String,
    /// `opt-level` of the profile.
    pub opt_level: String,
    /// `unwind` or `abort`.
    pub panic: String,
    /// Version of the guest SDK.
    pub sdk: String,
}

/// A type of a canonical signature: enough to notice that it is no longer the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeRecord {
    /// Full name.
    pub name: String,
    /// Size in bytes.
    pub size: u64,
    /// Alignment in bytes.
    pub align: u64,
}

impl fmt::Display for TypeRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} bytes, align {})", self.name, self.size, self.align)
    }
}

/// A parameter of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParameterRecord {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: TypeRecord,
}

/// What a guest says of the fields that it was to take over, by path. In this order on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StateReport {
    /// How many single values went over.
    pub kept: usize,
    /// New fields.
    pub defaulted: Vec<String>,
    /// Fields that are no more.
    pub dropped: Vec<String>,
    /// Fields whose value did not fit, and why.
    pub reset: Vec<(String, String)>,
    /// How many paths are not told.
    pub more: usize,
    /// Why nothing could be taken over.
    pub fresh: Option<String>,
    /// What the author's own migration has read.
    pub migrated: Vec<String>,
}

/// Whether and how an export takes the guest's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateAccess {
    /// It does not see the state.
    None,
    /// It reads the state.
    Reads,
    /// It may change the state.
    Changes,
}

/// A function that can be called by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportRecord {
    /// Its name.
    pub name: String,
    /// Its doc comment; may be empty.
    pub docs: String,
    /// The signature as written.
    pub signature: String,
    /// The arguments that a caller passes.
    pub parameters: Vec<ParameterRecord>,
    /// What comes back.
    pub returns: TypeRecord,
    /// Whether it takes the state.
    pub state: StateAccess,
}

impl ExportRecord {
    /// Whether both have the same canonical signature.
    #[must_use]
    pub fn same_types(&self, other: &Self) -> bool {
        self.parameters.iter().map(|p| &p.ty).eq(other.parameters.iter().map(|p| &p.ty))
            && self.returns == other.returns
    }
}
