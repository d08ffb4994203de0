//! The desktop shell and the command line of Exuvia.

pub mod chores;
pub mod cli;
pub mod editor;
pub mod model;
pub mod text;
pub mod settings;
pub mod window;
