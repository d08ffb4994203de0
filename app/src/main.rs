//! `exuvia`: see the library.

fn main() {}
