//! Images that a table names: what the flags say of them, and the convolutions over
//! them.

use std::borrow::Cow;

use paramalloc_core::layers::{Conv, GroupNormSpec, Pool, PoolKind, Spec};
use paramalloc_core::network::NetworkBuilder;
use paramalloc_core::network::shape::{Dims, Padding};
use paramalloc_data::table::ImageOptions;

use super::{TableFlags, routed};
use crate::error::Error;

/// Widths of the convolutions where nobody says others.
const FILTERS: [usize; 3] = [16, 32, 32];
/// Rows and columns below which nothing is pooled.
const SMALL: usize = 8;
/// Rows and columns that are left before the dense layers, at most, unless an image
/// is more than so many times as long as wide: squares no longer fit it then.
const PARTS: usize = 4;

/// What the flags say of images.
pub(super) fn options(flags: &TableFlags) -> Result<Option<ImageOptions>, Error> {
    let (directory, column) = match (&flags.images, &flags.image_column) {
        (Some(directory), Some(column)) => (directory, column),
        (None, None) => return Ok(None),
        _ => {
            return Err(Error::refused(
                "images need a directory and the column that names them: --images DIR --image-column COLUMN",
            ));
        }
    };
    let directory = std::path::absolute(directory).unwrap_or(directory.clone());
    let mut options = ImageOptions::new(directory, column);
    options.size = flags.image_size.as_deref().map(size).transpose()?;
    options.channels = match flags.image_channels {
        None | Some(1 | 3) => flags.image_channels,
        Some(channels) => {
            return Err(Error::refused(format!(
                "--image-channels {channels} must be 1 or 3"
            )));
        }
    };
    Ok(Some(options))
}

/// Reads `32` or `32x48`.
fn size(text: &str) -> Result<[usize; 2], Error> {
    let (rows, columns) = text.split_once('x').unwrap_or((text, text));
    match (rows.trim().parse(), columns.trim().parse()) {
        (Ok(rows), Ok(columns)) => Ok([rows, columns]),
        _ => Err(Error::refused(format!(
            "--image-size {text} must be rows and columns, as in 32 or 32x48"
        ))),
    }
}

/// Adds convolutions of these widths over images of the shape `image`, the first
/// shared and the others routed, residual blocks if `is_residual`, then averages over
/// squares; gives the number of features after them.
pub(super) fn convolutions(
    mut builder: NetworkBuilder,
    image: Dims,
    (filters, is_residual): (&[usize], bool),
    components: usize,
) -> (NetworkBuilder, usize) {
    let filters = match filters {
        [] => &FILTERS[..],
        filters => filters,
    };
    let Dims {
        mut channels,
        mut height,
        mut width,
        ..
    } = image;
    for (number, &filters) in (1..).zip(filters) {
        let name = format!("conv{number}");
        let layers = match is_residual && number > 1 {
            true => residual(channels, filters),
            false => convolution(channels, filters),
        };
        let layers = layers.into_iter().chain([Spec::ReLU]).collect();
        let layers = Spec::Sequence(Cow::Owned(layers));
        builder = match number {
            1 => builder.shared(name, layers),
            _ => routed(builder, name, components, layers),
        };
        channels = filters;
        if height >= SMALL && width >= SMALL {
            let pool = pool(PoolKind::Max, 2);
            builder = builder.shared(format!("pool{number}"), pool);
            (height, width) = (height / 2, width / 2);
        }
    }
    let kernel = height.max(width).div_ceil(PARTS).min(height).min(width);
    if kernel > 1 {
        builder = builder.shared("average", pool(PoolKind::Average, kernel));
        (height, width) = (height / kernel, width / kernel);
    }
    let builder = builder.shared("flatten", Spec::Flatten2D);
    (builder, channels * height * width)
}

/// Two such convolutions, to which their input is added.
fn residual(input: usize, output: usize) -> Vec<Spec> {
    let [first, second] = [convolution(input, output), convolution(output, output)];
    let layers = first.into_iter().chain([Spec::ReLU]).chain(second);
    vec![Spec::Residual(Cow::Owned(layers.collect()))]
}

/// 3x3 with group norm, in groups of about eight channels.
fn convolution(input: usize, output: usize) -> Vec<Spec> {
    let layer = Spec::Conv2D(Conv {
        input,
        output,
        kernel_height: 3,
        kernel_width: 3,
        stride: 1,
        padding: Padding::Same,
    });
    let groups = (1..=output.div_ceil(8))
        .rev()
        .find(|&n| output.is_multiple_of(n));
    let norm = Spec::GroupNorm(GroupNormSpec {
        channels: output,
        groups: groups.unwrap_or(1),
    });
    vec![layer, norm]
}

fn pool(kind: PoolKind, kernel: usize) -> Spec {
    Spec::Pool2D(Pool {
        kind,
        kernel,
        stride: kernel,
        padding: Padding::Valid,
    })
}

#[cfg(test)]
mod tests {
    use paramalloc_core::network::Network;

    use super::*;

    #[test]
    fn at_most_4x4_parts_are_left_but_of_elongated_images() {
        let parts = |height, width| {
            let image = Dims::image(1, height, width);
            let builder = Network::builder("Images", image).tasks(1);
            let (builder, features) = convolutions(builder, image, (&[8, 8], false), 2);
            // What follows takes as many.
            builder.head_from_data("head").build().unwrap();
            features / 8
        };
        assert_eq!(parts(64, 64), 4 * 4);
        assert_eq!(parts(64, 20), 4);
        assert_eq!(parts(28, 28), 3 * 3);
        assert_eq!(parts(1, 5), 5);
        // 128x8 is 64x4 after pooling once, then squares of 4x4.
        assert_eq!(parts(128, 8), 16);
    }
}
