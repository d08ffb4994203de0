//! From a staged artifact to the active version.

pub mod verdict;
