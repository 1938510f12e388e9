//! Data that the program draws itself, so that an experiment runs where the
//! published data cannot be had. They are no substitute: results on them say
//! nothing about the published data.

mod alphabets;
mod canvas;
mod clothes;
mod digits;
mod pen;
mod random;
mod strokes;
mod textures;

pub use alphabets::{DRAWING_SIDE, DRAWINGS, generated_characters};
pub use clothes::generated_clothes;
pub use digits::{GENERATED_TEST_IMAGES, GENERATED_TRAIN_IMAGES, generated_digits};
pub use textures::{TEXTURE_CLASSES, TEXTURE_SIDE, generated_textures};
