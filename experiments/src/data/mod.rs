//! Data sets: where their files are looked for and downloaded, their formats,
//! the built-in stand-in, and the tasks made from them.

mod drawn;
mod error;
mod idx;
mod mnist;
mod options;
mod rotate;
pub mod source;

pub use drawn::{DRAWN_TEST_IMAGES, DRAWN_TRAIN_IMAGES, drawn_digits};
pub use error::DataError;
pub use idx::{IdxShape, labelled_images};
pub use mnist::{MNIST, mnist_tasks, mnist_tasks_from};
pub use options::{DataChoice, DataOptions};
pub use rotate::rotate90;
