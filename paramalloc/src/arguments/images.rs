//! The flags of what is done to images.

use clap::Args;
use serde::Serialize;

use super::number::number;

/// What is done to images; but for the normalization in training alone.
#[derive(Args, Clone, Debug, Serialize)]
pub struct ImageFlags {
    /// In training, a random part takes the place of an image, stretched, with at least
    /// this share of the rows and of the columns, above 0 to 1
    #[arg(long, value_name = "SHARE", value_parser = number)]
    pub random_crop: Option<f64>,

    /// In training, mirror half of the images, left to right
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub random_flip: bool,

    /// In training, move images by up to so many pixels in each direction
    #[arg(long, value_name = "PIXELS")]
    pub random_shift: Option<usize>,

    /// Subtract the mean of each channel over the training images, and divide by the
    /// deviation; stored in the run, and done to all images that it reads later
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub normalize: bool,
}
