//! The desktop shell and the command line of Exuvia.

pub mod chores;
pub mod cli;
pub mod editor;
pub mod model;
mod platform;
pub mod settings;
pub mod text;
pub mod window;
