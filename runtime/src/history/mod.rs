//! Versions and failures on disk.

pub mod record;
