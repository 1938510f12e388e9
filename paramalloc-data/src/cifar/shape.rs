//! How many classes CIFAR-100 has, and how large its images are.

/// Rows, and columns, of an image.
pub(crate) const SIDE: usize = 32;

/// Color planes of an image.
pub(super) const PLANES: usize = 3;

/// Coarse classes.
pub(super) const COARSE: usize = 20;

/// Fine classes.
pub(super) const FINE: usize = 100;

/// Fine classes of each coarse class.
pub(super) const FINE_OF_EACH: usize = FINE / COARSE;
