//! The tests package's commands.
fn main() {}
