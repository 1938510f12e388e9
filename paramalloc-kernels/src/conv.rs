//! Convolution with bias and optional ReLU, forward.

use std::ops::Range;

use super::geometry::Geometry;
use super::simd::{
    Lane, Level, Pair, Single, Tile, Values, are_double, channels, dispatch, places, run_tile,
};
use super::work::{Units, Work, Written};

/// A convolution that threads can share: a unit is some rows of the output.
pub struct Forward<'a> {
    level: Level,
    g: &'a Geometry,
    x: &'a [Lane],
    weight: &'a [f32],
    bias: &'a [f32],
    relu: bool,
    y: Written<'a, Lane>,
    units: Units,
}

/// Units of a thread where several share the rows of an image.
pub(super) const PER_THREAD: usize = 2;

/// Units of `rows` rows for so many threads.
pub(super) fn units_of(rows: usize, threads: usize) -> Units {
    Units::new(match threads {
        0 | 1 => 1,
        _ => (PER_THREAD * threads).min(rows),
    })
}

/// `y = conv(x, weight) + bias`, then ReLU if `relu`, in this thread: as
/// [`Forward::new`] takes them.
pub fn forward(
    level: Level,
    g: &Geometry,
    x: &[Lane],
    weight: &[f32],
    bias: &[f32],
    relu: bool,
    y: &mut [Lane],
) {
    Forward::new(level, g, (x, weight, bias), relu, y, 1).work(&mut []);
}

impl<'a> Forward<'a> {
    /// `y = conv(x, weight) + bias`, then ReLU if `relu`, for so many threads. `x` is
    /// `[input, padded rows, padded columns]`, `weight` is `[output, input,
    /// rows, columns]`, `y` is `[output, rows, columns]`.
    ///
    /// # Panics
    /// If a slice is too short.
    pub fn new(
        level: Level,
        g: &'a Geometry,
        (x, weight, bias): (&'a [Lane], &'a [f32], &'a [f32]),
        relu: bool,
        y: &'a mut [Lane],
        threads: usize,
    ) -> Self {
        assert!(x.len() >= g.padded_len() && y.len() >= g.output_len());
        assert!(weight.len() >= g.weights() && bias.len() >= g.output);
        Self {
            level,
            g,
            x,
            weight,
            bias,
            relu,
            y: Written::new(y),
            units: units_of(g.out.0, threads),
        }
    }
}

impl Work for Forward<'_> {
    fn units(&self) -> usize {
        self.units.count
    }

    fn scratch_len(&self) -> usize {
        0
    }

    fn work(&self, _: &mut [Lane]) {
        let place = |unit: usize| self.g.out.0 * unit / self.units.count;
        while let Some(unit) = self.units.take() {
            forward_rows(self.level, self, place(unit)..place(unit + 1));
        }
    }
}

dispatch! {
    /// Some rows, which no other unit writes.
    fn forward_rows / rows_body(call: &Forward<'_>, rows: Range<usize>)
}

#[inline(always)]
fn rows_body<S: Pair>(call: &Forward<'_>, rows: Range<usize>) {
    let g = call.g;
    match (are_double::<S>(g.out.1), g.stride) {
        (true, 1) => tiles_of::<S, S::Next>(call, rows),
        (true, _) => tiles_of::<S, S::Apart>(call, rows),
        _ => tiles_of::<S, Single<S>>(call, rows),
    }
}

/// All outputs of some rows. Strips of columns, then rows, then channels: the input
/// under a strip stays in the second-level cache while all channels pass over it, and
/// most of it until the next row.
#[inline(always)]
fn tiles_of<S: Pair, K: Values>(call: &Forward<'_>, rows: Range<usize>) {
    let (g, most) = (call.g, S::WIDTH * K::COUNT);
    let most = match g.stride {
        1 => most,
        _ => most.min(STRIDED),
    };
    for strip in strips(g.out.1, most) {
        for row in rows.clone() {
            let together = channels::<S>(strip.len());
            for channel in (0..g.output).step_by(together) {
                let channels = (g.output - channel).min(together);
                for (column, columns) in tiles(strip.clone(), most) {
                    let size = (channels, columns.div_ceil(K::COUNT));
                    // SAFETY: the lengths are asserted, and the tile lies inside the
                    // output: `channel + channels <= output`, `column + columns <=
                    // out.1`, in at most `WIDTH` vectors. Where two are one vector,
                    // there are at least two. Only this unit has its row.
                    unsafe { run_tile!(call, S, K, size, (channel, row, column, columns)) };
                }
            }
        }
    }
}

/// Columns of a tile with a stride, at most: each has its own address, and
/// registers for addresses are few.
const STRIDED: usize = 8;

/// Tiles in a strip.
pub(super) const STRIP: usize = 4;

/// Cuts `columns` into strips of a few tiles each.
#[inline(always)]
fn strips(columns: usize, tile: usize) -> impl Iterator<Item = Range<usize>> {
    let strips = columns.div_ceil(STRIP * tile);
    (0..strips).map(move |i| columns * i / strips..columns * (i + 1) / strips)
}

/// Cuts a strip into tiles as even as possible: 10 columns are 5 + 5, not 6 +
/// 4. Gives first column and number of columns.
#[inline(always)]
pub(super) fn tiles(strip: Range<usize>, tile: usize) -> impl Iterator<Item = (usize, usize)> {
    let (len, tiles) = (strip.len(), strip.len().div_ceil(tile));
    let place = move |i: usize| strip.start + len * i / tiles;
    (0..tiles).map(move |i| (place(i), place(i + 1) - place(i)))
}

impl Tile for Forward<'_> {
    /// Channel, row, column and number of columns.
    type Place = (usize, usize, usize, usize);

    /// `C` channels of neighboring columns in `P` vectors, held in registers
    /// over the whole sum. The order of the sum is input channel, row, column.
    #[inline(always)]
    unsafe fn run<K: Values, const C: usize, const P: usize>(
        &self,
        (channel, row, column, columns): Self::Place,
    ) {
        let g = self.g;
        let (rows, width) = g.padded();
        let taps = g.input * g.kernel.0 * g.kernel.1;
        // Rows of the window inside the image; the others are zeros.
        let (top, bottom) = (g.before.0, g.before.0 + g.size.0);
        let first = top.saturating_sub(row * g.stride);
        let real = first..g.kernel.0.min(bottom.saturating_sub(row * g.stride));
        // SAFETY: all reads stay inside `padded_len` and `weights`: the last
        // window ends at `(out - 1) * stride + kernel <= padded`.
        unsafe {
            let places: [usize; P] = places::<K, P>(columns);
            let mut sums = [[K::splat(0.0); P]; C];
            for (c, sums) in sums.iter_mut().enumerate() {
                *sums = [K::splat(*self.bias.get_unchecked(channel + c)); P];
            }
            let first = row * g.stride * width + column * g.stride;
            let skipped = (g.kernel.0 - real.len()) * g.kernel.1;
            let mut w = (self.weight.as_ptr()).add(channel * taps + real.start * g.kernel.1);
            for plane in 0..g.input {
                for kernel_row in real.clone() {
                    let at = plane * rows * width + kernel_row * width + first;
                    let mut x = self.x.as_ptr().add(at);
                    for _ in 0..g.kernel.1 {
                        let mut weights = [K::splat(0.0); C];
                        for (c, weight) in weights.iter_mut().enumerate() {
                            *weight = K::splat(*w.add(c * taps));
                        }
                        for p in 0..P {
                            let value = K::load(x.add(places[p] * g.stride), g.stride);
                            for c in 0..C {
                                sums[c][p] = K::fma(weights[c], value, sums[c][p]);
                            }
                        }
                        x = x.add(1);
                        w = w.add(1);
                    }
                }
                // Past the last weight after the last plane, where it is not read.
                w = w.wrapping_add(skipped);
            }
            let plane = g.out.0 * g.out.1;
            let zero = K::splat(0.0);
            for (c, sums) in sums.iter().enumerate() {
                let at = (channel + c) * plane + row * g.out.1 + column;
                let y = self.y.start.add(at);
                for (&place, &sum) in places.iter().zip(sums) {
                    let value = if self.relu { K::max(zero, sum) } else { sum };
                    K::store(y.add(place), 1, value);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
