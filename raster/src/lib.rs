//! Draws egui's output to pixels on the CPU, so that pictures need no window and no graphics
//! adapter, and are the same on every machine.
//!
//! - [`Offscreen`] runs a user interface until its layout has settled, and draws it.
//! - [`Raster`] draws what some other egui has tessellated.
//! - [`Picture`] is the result: written and read as PNG, and compared with another.
//!
//! What is drawn is what egui's OpenGL backend (`egui_glow`) draws: colours are multiplied and
//! blended in gamma space, with premultiplied alpha; without its dithering. All is done on the
//! caller's thread. Paint callbacks are left out: they draw with an adapter. Mipmaps are not made.

mod offscreen;
mod paint;
mod picture;
mod raster;
mod texture;
mod triangle;

pub use offscreen::Offscreen;
pub use picture::{Difference, Picture, PictureError, difference, text_in_png};
pub use raster::Raster;
