//! Convolution with bias and optional ReLU, forward.

use super::geometry::Geometry;
use super::simd::{Lane, Simd, dispatch};

dispatch! {
    /// `y = conv(x, weight) + bias`, then ReLU if `relu`. `x` is
    /// `[input, padded rows, padded columns]`, `weight` is `[output, input,
    /// rows, columns]`, `y` is `[output, rows, columns]`.
    pub fn forward / forward_body(
        g: &Geometry, x: &[Lane], weight: &[f32], bias: &[f32], relu: bool, y: &mut [Lane],
    )
}

#[inline(always)]
fn forward_body<S: Simd, const TILE: usize>(
    g: &Geometry,
    x: &[Lane],
    weight: &[f32],
    bias: &[f32],
    relu: bool,
    y: &mut [Lane],
) {
    assert!(x.len() >= g.padded_len() && y.len() >= g.output_len());
    assert!(weight.len() >= g.weights() && bias.len() >= g.output);
    let call = Call {
        g,
        x,
        weight,
        bias,
        relu,
    };
    let mut channel = 0;
    while channel < g.output {
        let channels = (g.output - channel).min(4);
        for row in 0..g.out.0 {
            // Tiles as even as possible: 10 columns are 5 + 5, not 6 + 4.
            let tiles = g.out.1.div_ceil(TILE);
            let mut column = 0;
            for tile in 0..tiles {
                let columns = (g.out.1 - column).div_ceil(tiles - tile);
                // SAFETY: the lengths are asserted above, and the tile lies
                // inside the output: `channel + channels <= output`,
                // `column + columns <= out.1`, `columns <= TILE`.
                unsafe { call.tile::<S>(channel, channels, row, column, columns, y) };
                column += columns;
            }
        }
        channel += channels;
    }
}

struct Call<'a> {
    g: &'a Geometry,
    x: &'a [Lane],
    weight: &'a [f32],
    bias: &'a [f32],
    relu: bool,
}

impl Call<'_> {
    #[inline(always)]
    unsafe fn tile<S: Simd>(
        &self,
        channel: usize,
        channels: usize,
        row: usize,
        column: usize,
        columns: usize,
        y: &mut [Lane],
    ) {
        macro_rules! tiles {
            ($($channels:literal $columns:literal),*) => {
                match (channels, columns) {
                    // SAFETY: passed on from the caller.
                    $(($channels, $columns) => unsafe {
                        self.run::<S, $channels, $columns>(channel, row, column, y)
                    },)*
                    _ => unreachable!("a tile of {channels} x {columns}"),
                }
            };
        }
        tiles!(4 1, 4 2, 4 3, 4 4, 4 5, 4 6, 3 1, 3 2, 3 3, 3 4, 3 5, 3 6,
               2 1, 2 2, 2 3, 2 4, 2 5, 2 6, 1 1, 1 2, 1 3, 1 4, 1 5, 1 6)
    }

    /// `C` channels of `P` neighbouring columns, held in registers over the
    /// whole sum. The order of the sum is input channel, row, column.
    #[inline(always)]
    unsafe fn run<S: Simd, const C: usize, const P: usize>(
        &self,
        channel: usize,
        row: usize,
        column: usize,
        y: &mut [Lane],
    ) {
        let g = self.g;
        let (rows, width) = g.padded();
        let taps = g.input * g.kernel.0 * g.kernel.1;
        // SAFETY: all reads stay inside `padded_len` and `weights`: the last
        // window ends at `(out - 1) * stride + kernel <= padded`.
        unsafe {
            let mut sums = [[S::splat(0.0); P]; C];
            for (c, sums) in sums.iter_mut().enumerate() {
                *sums = [S::splat(*self.bias.get_unchecked(channel + c)); P];
            }
            let mut w = self.weight.as_ptr().add(channel * taps);
            let first = row * g.stride * width + column * g.stride;
            for plane in 0..g.input {
                for kernel_row in 0..g.kernel.0 {
                    let at = plane * rows * width + kernel_row * width + first;
                    let mut x = self.x.as_ptr().add(at);
                    for _ in 0..g.kernel.1 {
                        let mut values = [S::splat(0.0); P];
                        for (p, value) in values.iter_mut().enumerate() {
                            *value = S::load(x.add(p * g.stride));
                        }
                        for (c, sums) in sums.iter_mut().enumerate() {
                            let weight = S::splat(*w.add(c * taps));
                            for (sum, &value) in sums.iter_mut().zip(&values) {
                                *sum = S::fma(weight, value, *sum);
                            }
                        }
                        x = x.add(1);
                        w = w.add(1);
                    }
                }
            }
            let plane = g.out.0 * g.out.1;
            let zero = S::splat(0.0);
            for (c, sums) in sums.iter().enumerate() {
                let at = (channel + c) * plane + row * g.out.1 + column;
                let y = y.as_mut_ptr().add(at);
                for (p, &sum) in sums.iter().enumerate() {
                    let value = if self.relu { S::max(zero, sum) } else { sum };
                    S::store(y.add(p), value);
                }
            }
        }
    }
}
