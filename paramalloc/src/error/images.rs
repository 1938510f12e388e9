//! What is wrong with settings about images.

use paramalloc_core::text::escaped;

/// What is wrong with settings about images.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// There are no images.
    #[error(
        "{setting} is for images, but the network reads features, {features} of them; leave it out"
    )]
    Features {
        /// The setting.
        setting: &'static str,
        /// Features of an input.
        features: usize,
    },
    /// The inputs are indices, which stand for something else.
    #[error("{setting} is for images, but the inputs of {task} are indices; leave it out")]
    Indices {
        /// The setting.
        setting: &'static str,
        /// The task.
        task: String,
    },
    /// Targets at each pixel would stay where they are.
    #[error("{setting} would change the images of {} and not their targets, which they have at each pixel; leave it out", escaped(.task))]
    PerPixel {
        /// The setting.
        setting: &'static str,
        /// The task.
        task: String,
    },
    /// Images of a table are normalized anyway.
    #[error(
        "normalize has no effect on images that a table names: they are standardized without it; leave it out"
    )]
    OfTable,
}
