//! The gradient of a convolution's input.

use std::ops::Range;

use super::super::conv::{STRIP, tiles, units_of};
use super::super::geometry::Geometry;
use super::super::simd::{
    Lane, Level, Pair, Single, Tile, Values, are_double, channels, dispatch, places, run_tile,
};
use super::super::work::{Units, Work, Written};

/// The gradient of the input, which threads can share: a unit is some of its rows.
pub struct InputGradient<'a> {
    level: Level,
    g: &'a Geometry,
    gradient: &'a [Lane],
    weight: &'a [f32],
    out: Written<'a, Lane>,
    units: Units,
}

/// Adds the gradient of the input in this thread: as [`InputGradient::new`] takes it.
pub fn input_gradient(
    level: Level,
    g: &Geometry,
    gradient: &[Lane],
    weight: &[f32],
    out: &mut [Lane],
) {
    InputGradient::new(level, g, gradient, weight, out, 1).work(&mut []);
}

impl<'a> InputGradient<'a> {
    /// The gradient of the input, `[input, rows, columns]`, is added to `out`, by so many
    /// threads. `gradient` has the border of [`crate::geometry::border_gradient`].
    ///
    /// # Panics
    /// If a slice is too short.
    pub fn new(
        level: Level,
        g: &'a Geometry,
        gradient: &'a [Lane],
        weight: &'a [f32],
        out: &'a mut [Lane],
        threads: usize,
    ) -> Self {
        assert!(gradient.len() >= g.bordered_gradient_len() && out.len() >= g.input_len());
        assert!(weight.len() >= g.weights());
        Self {
            level,
            g,
            gradient,
            weight,
            out: Written::new(out),
            units: units_of(g.size.0, threads),
        }
    }
}

impl Work for InputGradient<'_> {
    fn units(&self) -> usize {
        self.units.count
    }

    fn scratch_len(&self) -> usize {
        0
    }

    fn work(&self, _: &mut [Lane]) {
        let place = |unit: usize| self.g.size.0 * unit / self.units.count;
        while let Some(unit) = self.units.take() {
            input_rows(self.level, self, place(unit)..place(unit + 1));
        }
    }
}

dispatch! {
    /// Some rows of the input, which no other unit writes.
    fn input_rows / input_body(call: &InputGradient<'_>, rows: Range<usize>)
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
fn input_body<S: Pair>(call: &InputGradient<'_>, rows: Range<usize>) {
    let g = call.g;
    // Columns of one residue share their taps; the first has the most of them.
    let columns = |residue: usize| (g.size.1 - residue).div_ceil(g.stride);
    let vector = if are_double::<S>(columns(0)) { 2 } else { 1 };
    let strips = columns(0).div_ceil(STRIP * S::WIDTH * vector);
    // The gradient under a strip stays in the second-level cache from row to row.
    for strip in 0..strips {
        for row in rows.clone() {
            for residue in 0..g.stride.min(g.size.1) {
                let count = columns(residue);
                let strip = count * strip / strips..count * (strip + 1) / strips;
                match are_double::<S>(strip.len()) {
                    true => input_row::<S, S::Next>(call, row, residue, strip),
                    false => input_row::<S, Single<S>>(call, row, residue, strip),
                }
            }
        }
    }
}

/// A strip of the columns of a residue in a row.
#[inline(always)]
fn input_row<S: Pair, K: Values>(
    call: &InputGradient<'_>,
    row: usize,
    residue: usize,
    strip: Range<usize>,
) {
    let (g, most) = (call.g, S::WIDTH * K::COUNT);
    let together = channels::<S>(strip.len());
    for channel in (0..g.input).step_by(together) {
        let channels = (g.input - channel).min(together);
        for (first, columns) in tiles(strip.clone(), most) {
            let column = residue + first * g.stride;
            let size = (channels, columns.div_ceil(K::COUNT));
            // SAFETY: the lengths are asserted; `columns` of step `stride` from `column`
            // lie in the row, in at most `WIDTH` vectors. Where two are one vector, there
            // are at least two. Only this unit has its row.
            unsafe { run_tile!(call, S, K, size, (channel, row, column, columns)) };
        }
    }
}

impl Tile for InputGradient<'_> {
    /// Channel, row, column and number of columns.
    type Place = (usize, usize, usize, usize);

    /// `C` input channels of columns, `stride` apart, in `P` vectors.
    #[inline(always)]
    unsafe fn run<K: Values, const C: usize, const P: usize>(
        &self,
        (channel, row, column, count): Self::Place,
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
                let out = self.out.start.add(at);
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
