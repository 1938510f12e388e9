//! Data that the program draws itself, so that an experiment runs where the
//! published data cannot be had. They are no substitute: figures on them say
//! nothing about the published data.

mod alphabets;
mod canvas;
mod clothes;
mod digits;
mod pen;
mod random;
mod strokes;
mod textures;

pub use alphabets::{DRAWING_SIDE, DRAWINGS, drawn_characters};
pub use clothes::drawn_clothes;
pub use digits::{DRAWN_TEST_IMAGES, DRAWN_TRAIN_IMAGES, drawn_digits};
pub use textures::{TEXTURE_CLASSES, TEXTURE_SIDE, drawn_textures};
