//! The gradients of a convolution's weights and biases.

use std::array::from_fn;
use std::ops::Range;
use std::slice;

use super::super::geometry::Geometry;
use super::super::simd::{
    Lane, Level, Pair, Simd, Single, Tile, Values, are_double, channels, dispatch, run_tile,
};
use super::super::work::{Units, Work, Written};

/// The gradients of weight and bias, summed over the images of the group, which threads
/// can share: a unit is eight channels of the output.
pub struct WeightGradient<'a> {
    level: Level,
    g: &'a Geometry,
    x: &'a [Lane],
    gradient: &'a [Lane],
    weight: Written<'a, f32>,
    bias: Written<'a, f32>,
    units: Units,
}

/// Channels of a unit.
const CHANNELS: usize = 8;

/// Adds the gradients of weight and bias in this thread: as [`WeightGradient::new`] takes
/// them. `scratch` has room for [`Geometry::scratch_len`] lanes.
pub fn weight_gradient(
    level: Level,
    g: &Geometry,
    x: &[Lane],
    gradient: &[Lane],
    weight: &mut [f32],
    bias: &mut [f32],
    scratch: &mut [Lane],
) {
    WeightGradient::new(level, g, x, gradient, (weight, bias)).work(scratch);
}

impl<'a> WeightGradient<'a> {
    /// The gradients are added to `weight` and `bias`. `x` is the input with its borders.
    ///
    /// # Panics
    /// If a slice is too short.
    pub fn new(
        level: Level,
        g: &'a Geometry,
        x: &'a [Lane],
        gradient: &'a [Lane],
        (weight, bias): (&'a mut [f32], &'a mut [f32]),
    ) -> Self {
        assert!(x.len() >= g.padded_len() && gradient.len() >= g.output_len());
        assert!(weight.len() >= g.weights() && bias.len() >= g.output);
        Self {
            level,
            g,
            x,
            gradient,
            weight: Written::new(weight),
            bias: Written::new(bias),
            units: Units::new(g.output.div_ceil(CHANNELS)),
        }
    }
}

impl Work for WeightGradient<'_> {
    fn units(&self) -> usize {
        self.units.count
    }

    fn scratch_len(&self) -> usize {
        self.g.scratch_len()
    }

    fn work(&self, scratch: &mut [Lane]) {
        assert!(scratch.len() >= self.g.scratch_len());
        while let Some(unit) = self.units.take() {
            let first = unit * CHANNELS;
            let end = (first + CHANNELS).min(self.g.output);
            weight_channels(self.level, self, first..end, scratch);
        }
    }
}

dispatch! {
    /// The gradients of some channels of the output, which no other unit writes.
    fn weight_channels / weight_body(
        of: &WeightGradient<'_>, channels: Range<usize>, scratch: &mut [Lane],
    )
}

dispatch! {
    /// Adds the gradient of the bias alone, one number per channel of
    /// `gradient`, summed over positions and images.
    pub fn bias_gradient / bias_body(gradient: &[Lane], bias: &mut [f32])
}

/// Lanes of gradient that a block of rows may have, so that it stays in the
/// first-level cache while all taps pass over it.
const BLOCK: usize = 512;

#[inline(always)]
fn weight_body<S: Pair>(of: &WeightGradient<'_>, range: Range<usize>, scratch: &mut [Lane]) {
    let (g, x, gradient) = (of.g, of.x, of.gradient);
    let taps = g.input * g.kernel.0 * g.kernel.1;
    let mut channel = range.start;
    while channel < range.end {
        let left = range.end - channel;
        let channels = match left {
            8.. if are_double::<S>(left) => 8,
            4.. if are_double::<S>(left) => 4,
            _ => left.min(channels::<S>(taps)),
        };
        let sums = &mut scratch[..channels * taps];
        sums.fill(Lane::ZERO);
        match are_double::<S>(channels) {
            true => weight_tiles::<S, S::Apart>(g, x, gradient, channel, channels, sums),
            false => weight_tiles::<S, Single<S>>(g, x, gradient, channel, channels, sums),
        }
        // SAFETY: the lengths are asserted, and only this unit has these channels.
        let (weight, bias) = unsafe {
            let weight = of.weight.start.add(channel * taps);
            let bias = of.bias.start.add(channel);
            (
                slice::from_raw_parts_mut(weight, channels * taps),
                slice::from_raw_parts_mut(bias, channels),
            )
        };
        for (tap, sums) in sums.chunks_exact(channels).enumerate() {
            for (c, sum) in sums.iter().enumerate() {
                weight[c * taps + tap] += sum.sum();
            }
        }
        let plane = g.out.0 * g.out.1;
        let of_own = &gradient[channel * plane..(channel + channels) * plane];
        bias_body::<S>(of_own, bias);
        channel += channels;
    }
}

/// The sums of some channels of the output, block of rows by block.
#[inline(always)]
fn weight_tiles<S: Pair, K: Values>(
    g: &Geometry,
    x: &[Lane],
    gradient: &[Lane],
    channel: usize,
    channels: usize,
    sums: &mut [Lane],
) {
    let taps = g.input * g.kernel.0 * g.kernel.1;
    let rows = (BLOCK / (channels * g.out.1)).clamp(1, g.out.0);
    for row in (0..g.out.0).step_by(rows) {
        let call = WeightCall {
            g,
            x,
            gradient,
            channel,
            rows: row..(row + rows).min(g.out.0),
        };
        let tiles = taps.div_ceil(S::WIDTH);
        let mut tap = 0;
        for tile in 0..tiles {
            let count = (taps - tap).div_ceil(tiles - tile);
            let vectors = channels / K::COUNT;
            // SAFETY: lengths asserted by the caller; `tap + count <= taps`,
            // `count <= WIDTH`, rows inside the output.
            unsafe { run_tile!(&call, S, K, (vectors, count), (tap, sums.as_mut_ptr())) };
            tap += count;
        }
    }
}

/// Adds the sums over positions and images of each channel.
#[inline(always)]
fn bias_body<S: Simd>(gradient: &[Lane], bias: &mut [f32]) {
    let plane = gradient.len() / bias.len();
    for (gradient, bias) in gradient.chunks_exact(plane).zip(bias) {
        let mut sum = Lane::ZERO;
        for value in gradient {
            for (sum, value) in sum.0.iter_mut().zip(value.0) {
                *sum += value;
            }
        }
        *bias += sum.sum();
    }
}

struct WeightCall<'a> {
    g: &'a Geometry,
    x: &'a [Lane],
    gradient: &'a [Lane],
    channel: usize,
    rows: Range<usize>,
}

impl Tile for WeightCall<'_> {
    /// The first tap, and the sums of all.
    type Place = (usize, *mut Lane);

    /// `T` taps of output channels in `C` vectors over a block of rows.
    #[inline(always)]
    unsafe fn run<K: Values, const C: usize, const T: usize>(&self, (tap, sums): Self::Place) {
        let g = self.g;
        let (height, width) = g.padded();
        // Counted on from the first tap: divisions would cost a small image
        // more than its sums.
        let (line, mut column) = (tap / g.kernel.1, tap % g.kernel.1);
        let (mut plane, mut row) = (line / g.kernel.0, line % g.kernel.0);
        let offsets: [usize; T] = from_fn(|_| {
            let offset = (plane * height + row) * width + column;
            column += 1;
            if column == g.kernel.1 {
                (row, column) = (row + 1, 0);
            }
            if row == g.kernel.0 {
                (plane, row) = (plane + 1, 0);
            }
            offset
        });
        let plane = g.out.0 * g.out.1;
        // SAFETY: reads stay inside `padded_len` and `output_len`, writes
        // inside the `channels * taps` sums.
        unsafe {
            let channels = C * K::COUNT;
            let totals = sums.add(tap * channels);
            let mut acc = [[K::splat(0.0); T]; C];
            for (c, acc) in acc.iter_mut().enumerate() {
                for (t, acc) in acc.iter_mut().enumerate() {
                    *acc = K::load_apart(totals.add(t * channels + c * K::COUNT), 1);
                }
            }
            for row in self.rows.clone() {
                let x = self.x.as_ptr().add(row * g.stride * width);
                let mut lines = [x; T];
                for (line, offset) in lines.iter_mut().zip(offsets) {
                    *line = x.add(offset);
                }
                let gradient = (self.gradient.as_ptr()).add(self.channel * plane + row * g.out.1);
                for column in 0..g.out.1 {
                    let mut values = [K::splat(0.0); C];
                    for (c, value) in values.iter_mut().enumerate() {
                        *value = K::load(gradient.add(c * K::COUNT * plane + column), plane);
                    }
                    for t in 0..T {
                        let x = K::repeat(lines[t].add(column * g.stride));
                        for c in 0..C {
                            acc[c][t] = K::fma(x, values[c], acc[c][t]);
                        }
                    }
                }
            }
            for (c, acc) in acc.iter().enumerate() {
                for (t, &acc) in acc.iter().enumerate() {
                    K::store(totals.add(t * channels + c * K::COUNT), 1, acc);
                }
            }
        }
    }
}
