//! Gradients of a convolution. `gradient` is that of the output before the
//! ReLU, `[output, rows, columns]`.

use std::array::from_fn;
use std::ops::Range;

use super::conv::{STRIP, tiles};
use super::geometry::Geometry;
use super::simd::{
    Lane, Pair, Simd, Single, Values, are_double, channels, dispatch, places, run_tile,
};

dispatch! {
    /// Adds the gradient of the input, `[input, rows, columns]`, to `out`.
    /// `gradient` has the border of [`super::geometry::border_gradient`].
    pub fn input_gradient / input_body(
        g: &Geometry, gradient: &[Lane], weight: &[f32], out: &mut [Lane],
    )
}

dispatch! {
    /// Adds the gradients of weight and bias, summed over the images of the
    /// group. `x` is the input with its borders; `scratch` has room for
    /// [`Geometry::scratch_len`] lanes.
    pub fn weight_gradient / weight_body(
        g: &Geometry, x: &[Lane], gradient: &[Lane],
        weight: &mut [f32], bias: &mut [f32], scratch: &mut [Lane],
    )
}

dispatch! {
    /// Adds the gradient of the bias alone, one number per channel of
    /// `gradient`, summed over positions and images.
    pub fn bias_gradient / bias_body(gradient: &[Lane], bias: &mut [f32])
}

/// The taps of a window that reach an input row (or column) `position`, and
/// the output row that the first of them belongs to.
#[derive(Clone, Copy)]
struct Reach {
    first_tap: usize,
    /// Output index of `first_tap`, counted from the start of the border.
    index: usize,
    taps: usize,
}

impl Reach {
    /// Taps `k` with `(position + before - k)` a multiple of the stride, in
    /// rising order; the output index falls by one from each to the next.
    #[inline(always)]
    fn new(position: usize, before: usize, kernel: usize, stride: usize, border: usize) -> Self {
        let at = position + before;
        let first_tap = at % stride;
        let taps = if first_tap < kernel {
            (kernel - first_tap).div_ceil(stride)
        } else {
            0
        };
        Self {
            first_tap,
            index: at / stride + border,
            taps,
        }
    }
}

#[inline(always)]
fn input_body<S: Pair>(g: &Geometry, gradient: &[Lane], weight: &[f32], out: &mut [Lane]) {
    assert!(gradient.len() >= g.bordered_gradient_len() && out.len() >= g.input_len());
    assert!(weight.len() >= g.weights());
    let call = InputCall {
        g,
        gradient,
        weight,
    };
    // Columns of one residue share their taps; the first has the most of them.
    let columns = |residue: usize| (g.size.1 - residue).div_ceil(g.stride);
    let vector = if are_double::<S>(columns(0)) { 2 } else { 1 };
    let strips = columns(0).div_ceil(STRIP * S::WIDTH * vector);
    // The gradient under a strip stays in the second-level cache from row to row.
    for strip in 0..strips {
        for row in 0..g.size.0 {
            for residue in 0..g.stride.min(g.size.1) {
                let count = columns(residue);
                let strip = count * strip / strips..count * (strip + 1) / strips;
                match are_double::<S>(strip.len()) {
                    true => input_row::<S, S::Next>(&call, row, residue, strip, out),
                    false => input_row::<S, Single<S>>(&call, row, residue, strip, out),
                }
            }
        }
    }
}

/// A strip of the columns of a residue in a row.
#[inline(always)]
fn input_row<S: Pair, K: Values>(
    call: &InputCall<'_>,
    row: usize,
    residue: usize,
    strip: Range<usize>,
    out: &mut [Lane],
) {
    let (g, most) = (call.g, S::WIDTH * K::COUNT);
    let together = channels::<S>(strip.len());
    for channel in (0..g.input).step_by(together) {
        let channels = (g.input - channel).min(together);
        for (first, columns) in tiles(strip.clone(), most) {
            let column = residue + first * g.stride;
            let size = (channels, columns.div_ceil(K::COUNT));
            // SAFETY: lengths asserted by the caller; `columns` of step
            // `stride` from `column` lie in the row, in at most `WIDTH`
            // vectors. Where two are one vector, there are at least two.
            unsafe { run_tile!(call, S, K, size, (channel, row, column, columns, out)) };
        }
    }
}

struct InputCall<'a> {
    g: &'a Geometry,
    gradient: &'a [Lane],
    weight: &'a [f32],
}

impl InputCall<'_> {
    /// `C` input channels of columns, `stride` apart, in `P` vectors.
    #[inline(always)]
    unsafe fn run<K: Values, const C: usize, const P: usize>(
        &self,
        channel: usize,
        row: usize,
        column: usize,
        count: usize,
        out: &mut [Lane],
    ) {
        let g = self.g;
        let border = g.gradient_border();
        let (height, width) = (g.out.0, g.out.1 + 2 * border);
        let window = g.kernel.0 * g.kernel.1;
        let rows = Reach::new(row, g.before.0, g.kernel.0, g.stride, 0);
        let columns = Reach::new(column, g.before.1, g.kernel.1, g.stride, border);
        // Taps whose output row exists.
        let (first, end) = ((rows.index + 1).saturating_sub(height), rows.index + 1);
        let real = first..end.min(rows.taps);
        if real.is_empty() || columns.taps == 0 {
            // No window reaches these pixels, and there is no weight to point
            // to: a stride can be larger than the kernel.
            return;
        }
        // SAFETY: `rows.index - i` is below `height` for the real taps. The
        // index of the columns is at least their number of taps less one (the
        // border has room for all taps) and below `width` for the columns of all `P` vectors,
        // because `position + before < padded`.
        unsafe {
            let places: [usize; P] = places::<K, P>(count);
            let mut sums = [[K::splat(0.0); P]; C];
            for output in 0..g.output {
                let plane = self.gradient.as_ptr().add(output * height * width);
                let weights = (self.weight.as_ptr()).add((output * g.input + channel) * window);
                for i in real.clone() {
                    let line = plane.add((rows.index - i) * width);
                    let kernel_row = (rows.first_tap + i * g.stride) * g.kernel.1;
                    let mut x = line.add(columns.index);
                    let mut w = weights.add(kernel_row + columns.first_tap);
                    for _ in 0..columns.taps {
                        let mut weights = [K::splat(0.0); C];
                        for (c, weight) in weights.iter_mut().enumerate() {
                            *weight = K::splat(*w.add(c * window));
                        }
                        for p in 0..P {
                            let value = K::load(x.add(places[p]), 1);
                            for c in 0..C {
                                sums[c][p] = K::fma(weights[c], value, sums[c][p]);
                            }
                        }
                        // One step past the last tap is never read.
                        x = x.wrapping_sub(1);
                        w = w.wrapping_add(g.stride);
                    }
                }
            }
            let plane = g.size.0 * g.size.1;
            for (c, sums) in sums.iter().enumerate() {
                let at = (channel + c) * plane + row * g.size.1 + column;
                let out = out.as_mut_ptr().add(at);
                for (p, (&place, &sum)) in places.iter().zip(sums).enumerate() {
                    let out = out.add(place * g.stride);
                    let sum = K::add(K::load_apart(out, g.stride), sum);
                    // The vector before may have added to the first column.
                    match p * K::COUNT == place {
                        true => K::store(out, g.stride, sum),
                        false => K::store_last(out, g.stride, sum),
                    }
                }
            }
        }
    }
}

/// Lanes of gradient that a block of rows may have, so that it stays in the
/// first-level cache while all taps pass over it.
const BLOCK: usize = 512;

#[inline(always)]
fn weight_body<S: Pair>(
    g: &Geometry,
    x: &[Lane],
    gradient: &[Lane],
    weight: &mut [f32],
    bias: &mut [f32],
    scratch: &mut [Lane],
) {
    let taps = g.input * g.kernel.0 * g.kernel.1;
    assert!(x.len() >= g.padded_len() && gradient.len() >= g.output_len());
    assert!(weight.len() >= g.weights() && bias.len() >= g.output);
    assert!(scratch.len() >= g.scratch_len());
    let mut channel = 0;
    while channel < g.output {
        let left = g.output - channel;
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
        for (tap, sums) in sums.chunks_exact(channels).enumerate() {
            for (c, sum) in sums.iter().enumerate() {
                weight[(channel + c) * taps + tap] += sum.sum();
            }
        }
        let plane = g.out.0 * g.out.1;
        let own = channel..channel + channels;
        let of_own = &gradient[own.start * plane..own.end * plane];
        bias_body::<S>(of_own, &mut bias[own]);
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
            unsafe { run_tile!(call, S, K, (vectors, count), (tap, sums)) };
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

impl WeightCall<'_> {
    /// `T` taps of output channels in `C` vectors over a block of rows.
    #[inline(always)]
    unsafe fn run<K: Values, const C: usize, const T: usize>(&self, tap: usize, sums: &mut [Lane]) {
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
            let totals = sums.as_mut_ptr().add(tap * channels);
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
