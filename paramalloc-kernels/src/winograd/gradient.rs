//! The gradient of the weights: at each point, a sum over tiles and images.

use std::array::from_fn;
use std::hint::black_box;
use std::slice;

use super::super::product::tile::{Broadcast, TALL, tall_tile};
use super::super::simd::{LANES, Lane, Level, Pair};
use super::super::work::{Units, Work, Written};
use super::dispatch_sized;
use super::inputs::{Plane, gradient_points, of_block};
use super::lines::{both_ways, contract, factors, points};
use super::products::each_tile;
use super::shape::{PANEL, Tile, Winograd, aligned, with_tile};
use super::turn::turned_len;

/// Outputs whose sums are computed together, at most, and panels of inputs.
const ROWS: usize = 12;
const PANELS: usize = 2;

/// Lanes of their sums at one point.
const SUMS: usize = ROWS * PANELS * 2;

impl Winograd {
    /// Lanes of memory that [`WeightGradient`] takes.
    pub fn gradient_scratch_len(&self) -> usize {
        let points = self.tile.points();
        2 + points * (self.turned_plane() + self.output_plane() + self.kept() * SUMS)
    }

    /// Lanes of a point's matrix of turned inputs of some panels in a block.
    fn turned_plane(&self) -> usize {
        PANELS.min(self.panels()) * self.block() * LANES * 2 + 2
    }

    /// Chunks whose sums are kept from block to block.
    fn kept(&self) -> usize {
        match self.tiles() <= self.block() {
            true => 1,
            false => self.chunks(),
        }
    }

    /// Chunks of the outputs.
    fn row_chunks(&self) -> usize {
        self.output.div_ceil(ROWS)
    }

    /// All chunks.
    fn chunks(&self) -> usize {
        self.parts() * self.panels().div_ceil(PANELS) * self.row_chunks()
    }

    /// A chunk: outputs first, then panels, then parts of the kernel. Outputs are cut as
    /// evenly as can be, because with few rows the processor waits for its own sums.
    fn chunk(&self, number: usize) -> Chunk {
        let (rows, pairs) = (self.row_chunks(), self.panels().div_ceil(PANELS));
        let (of_rows, panel) = (number % rows, number / rows % pairs * PANELS);
        let row = self.output * of_rows / rows;
        Chunk {
            part: number / rows / pairs,
            row,
            rows: self.output * (of_rows + 1) / rows - row,
            panel,
            panels: PANELS.min(self.panels() - panel),
        }
    }
}

/// The gradient of the weights, `[output, input, rows, columns]`, summed over the images
/// of the group, which threads can share: a unit is some chunks of the weights.
pub struct WeightGradient<'a> {
    level: Level,
    w: &'a Winograd,
    x: &'a [Lane],
    gradient: &'a [Lane],
    weight: Written<'a, f32>,
    units: Units,
}

impl<'a> WeightGradient<'a> {
    /// The gradient is added to `weight`. `x` is the [`turn`](super::turn)ed input,
    /// `gradient` that of the output. For several `threads` there are as many units,
    /// each of which transforms the gradients that it needs.
    ///
    /// # Panics
    /// If a slice is too short.
    pub fn new(
        level: Level,
        w: &'a Winograd,
        x: &'a [Lane],
        gradient: &'a [Lane],
        weight: &'a mut [f32],
        threads: usize,
    ) -> Self {
        assert!(x.len() >= turned_len(w) && gradient.len() >= w.output * w.out.0 * w.out.1);
        assert!(weight.len() >= w.weights());
        Self {
            level,
            w,
            x,
            gradient,
            weight: Written::new(weight),
            units: Units::new(threads.clamp(1, w.chunks())),
        }
    }

    /// Some chunks, block by block.
    fn unit(&self, unit: usize, scratch: &mut [Lane]) {
        let (level, w) = (self.level, self.w);
        let points = w.tile.points();
        let (v, rest) = aligned(scratch).split_at_mut(points * w.turned_plane());
        let (d, sums) = rest.split_at_mut(points * w.output_plane());
        let (v, d, sums) = (v.as_mut_ptr(), d.as_mut_ptr(), sums.as_mut_ptr());
        let place = |unit: usize| w.chunks() * unit / self.units.count;
        let chunks = place(unit)..place(unit + 1);
        for first in (0..w.tiles()).step_by(w.block()) {
            let tiles = (first, (w.tiles() - first).min(w.block()));
            let last = first + tiles.1 == w.tiles();
            // What `v` holds.
            let mut held = None;
            // SAFETY: the lengths are asserted; the tiles are those of `w` and not
            // more than a block. No other unit writes the weights of these chunks,
            // and none reads any.
            unsafe {
                let gradient = self.gradient.as_ptr();
                with_tile!(w.tile, |M, R, T| transform_gradients::<M, T>(
                    level, w, tiles, gradient, d
                ));
                for (i, chunk) in chunks.clone().map(|number| w.chunk(number)).enumerate() {
                    if held != Some((chunk.part, chunk.panel)) {
                        held = Some((chunk.part, chunk.panel));
                        let x = self.x.as_ptr();
                        with_tile!(w.tile, |M, R, T| transform_turned::<T>(
                            level, w, tiles, chunk, x, v
                        ));
                    }
                    let kept = if last && first == 0 { 0 } else { i };
                    let sums = sums.wrapping_add(kept * points * SUMS);
                    chunk_sums(level, w, tiles.1, chunk, first > 0, v, d, sums);
                    if last {
                        let weight = self.weight.start;
                        with_tile!(w.tile, |M, R, T| add_weights::<R, T>(
                            level, w, chunk, sums, weight
                        ));
                    }
                }
            }
        }
    }
}

impl Work for WeightGradient<'_> {
    fn units(&self) -> usize {
        self.units.count
    }

    fn scratch_len(&self) -> usize {
        self.w.gradient_scratch_len()
    }

    fn work(&self, scratch: &mut [Lane]) {
        assert!(scratch.len() >= self.w.gradient_scratch_len());
        while let Some(unit) = self.units.take() {
            self.unit(unit, scratch);
        }
    }
}

dispatch_sized! {
    /// Gradients of the outputs of some tiles to points.
    unsafe fn transform_gradients / transform_gradients_body [M, T] (
        w: &Winograd, tiles: (usize, usize), gradient: *const Lane, d: *mut Lane,
    )
}

#[inline(always)]
unsafe fn transform_gradients_body<S: Pair, const M: usize, const T: usize>(
    w: &Winograd,
    tiles: (usize, usize),
    gradient: *const Lane,
    d: *mut Lane,
) {
    unsafe { gradient_points::<S, M, T>(w, black_box((M, T)), tiles, gradient, d) }
}

dispatch_sized! {
    /// Turned inputs of a chunk's panels in some tiles to points, `[point, panel, tile,
    /// image]`.
    unsafe fn transform_turned / transform_turned_body [T] (
        w: &Winograd, tiles: (usize, usize), chunk: Chunk, x: *const Lane, v: *mut Lane,
    )
}

#[inline(always)]
unsafe fn transform_turned_body<S: Pair, const T: usize>(
    w: &Winograd,
    (first, count): (usize, usize),
    chunk: Chunk,
    x: *const Lane,
    v: *mut Lane,
) {
    const STEP: usize = LANES * 2;
    let sides = black_box((T, T));
    let plane = w.turned_plane();
    let of_panel = Plane {
        size: w.size,
        step: STEP,
    };
    let places = of_block(
        w,
        (first, count),
        w.corner(chunk.part),
        w.before,
        (T, of_panel),
    );
    for panel in 0..chunk.panels {
        let start = x.wrapping_add((chunk.panel + panel) * w.size.0 * w.size.1 * STEP);
        for (tile, places) in places.iter().enumerate().take(count) {
            let to = v.wrapping_add((panel * w.block() + tile) * STEP);
            let at: [[*const Lane; T]; T] = from_fn(|i| from_fn(|j| places.read(start, i, j)));
            for image in 0..LANES {
                let to = to.wrapping_add(2 * image);
                // SAFETY: the places are inside the panel's plane or have as many zeros,
                // the tile is inside the block.
                unsafe {
                    both_ways!(
                        S, T to T, sides, points,
                        |i, j| S::load_floats(at[i][j].wrapping_add(2 * image).cast()),
                        |i, j, v| S::store_floats(to.wrapping_add((i * T + j) * plane).cast(), v)
                    );
                }
            }
        }
    }
}

/// A part of the weights whose sums are computed together: of the kernel,
/// outputs and panels of inputs.
#[derive(Clone, Copy)]
struct Chunk {
    part: usize,
    row: usize,
    rows: usize,
    panel: usize,
    panels: usize,
}

dispatch_sized! {
    /// The sums of a chunk at all points, `[point, output, panel]`; added to
    /// what is there if `add`.
    unsafe fn chunk_sums / chunk_body [] (
        w: &Winograd, count: usize, chunk: Chunk, add: bool, v: *const Lane, d: *const Lane,
        sums: *mut Lane,
    )
}

#[inline(always)]
unsafe fn chunk_body<S: Pair>(
    w: &Winograd,
    count: usize,
    chunk: Chunk,
    add: bool,
    v: *const Lane,
    d: *const Lane,
    sums: *mut Lane,
) {
    let both = S::TALL >= TALL && chunk.panels == 2;
    // SAFETY: rows and panels are inside.
    unsafe {
        for panel in (0..chunk.panels).step_by(if both { 2 } else { 1 }) {
            each_tile!(S, chunk.rows, |row, R| {
                let at = (row, panel);
                // Known to the compiler: no code where two panels have no registers.
                if const { S::TALL >= TALL } && both {
                    tile::<S, R, 2>(w, count, chunk, at, add, v, d, sums);
                } else {
                    tile::<S, R, 1>(w, count, chunk, at, add, v, d, sums);
                }
            });
        }
    }
}

/// `R` outputs and `N` panels of a chunk at all points.
#[inline(always)]
unsafe fn tile<S: Pair, const R: usize, const N: usize>(
    w: &Winograd,
    count: usize,
    chunk: Chunk,
    (row, panel): (usize, usize),
    add: bool,
    v: *const Lane,
    d: *const Lane,
    sums: *mut Lane,
) {
    let block = w.block();
    // SAFETY: as for the caller.
    unsafe {
        for point in 0..w.tile.points() {
            let from = d.wrapping_add(point * w.output_plane() + (chunk.row + row) * block);
            let a = Broadcast {
                start: from.cast(),
                stride: block * LANES,
                step: 1,
            };
            let from = panel * block * LANES * 2;
            let v = v.wrapping_add(point * w.turned_plane() + from);
            let b = |k: usize| {
                let at = v.wrapping_add(2 * k);
                from_fn(|n| S::load_floats(at.wrapping_add(n * block * LANES * 2).cast()))
            };
            let to = sums.wrapping_add(point * SUMS + (row * PANELS + panel) * 2);
            let at = |r: usize, n: usize| to.wrapping_add((r * PANELS + n) * 2).cast();
            let mut acc = [[S::splat_pair(0.0); N]; R];
            if add {
                for (r, acc) in acc.iter_mut().enumerate() {
                    for (n, acc) in acc.iter_mut().enumerate() {
                        *acc = S::load_floats(at(r, n));
                    }
                }
            }
            acc = tall_tile::<S, R, N>(a, count * LANES, b, acc);
            for (r, acc) in acc.into_iter().enumerate() {
                for (n, acc) in acc.into_iter().enumerate() {
                    S::store_floats(at(r, n), acc);
                }
            }
        }
    }
}

dispatch_sized! {
    /// Adds the gradient of the weights of a chunk.
    unsafe fn add_weights / add_body [R, T] (
        w: &Winograd, chunk: Chunk, sums: *const Lane, weight: *mut f32,
    )
}

#[inline(always)]
unsafe fn add_body<S: Pair, const R: usize, const T: usize>(
    w: &Winograd,
    chunk: Chunk,
    sums: *const Lane,
    weight: *mut f32,
) {
    let sides = black_box((T, R));
    let factors = const { factors::<T>() };
    for row in 0..chunk.rows {
        for panel in 0..chunk.panels {
            let mut taps = [[[Lane::ZERO; 2]; R]; R];
            // SAFETY: the sums of a chunk.
            unsafe {
                let sums = sums.wrapping_add((row * PANELS + panel) * 2);
                both_ways!(
                    S, T to R, sides, contract,
                    |i, j| {
                        let sum = S::load_floats(sums.wrapping_add((i * T + j) * SUMS).cast());
                        S::mul_pair(S::splat_pair(factors[i] * factors[j]), sum)
                    },
                    |i, j, v| S::store_floats(taps[i][j].as_mut_ptr().cast(), v)
                );
            }
            let place = (chunk.row + row, chunk.panel + panel);
            // SAFETY: as for the caller.
            unsafe { scatter(w, chunk.part, place, &taps, weight) };
        }
    }
}

/// Adds the gradients of the weights of an output from a panel of inputs.
///
/// # Safety
/// All weights of `w` are there, and no other thread reads or writes these.
#[inline(always)]
unsafe fn scatter<const R: usize>(
    w: &Winograd,
    part: usize,
    (row, panel): (usize, usize),
    taps: &[[[Lane; 2]; R]; R],
    weight: *mut f32,
) {
    let (corner, kernel) = (w.corner(part), w.kernel);
    let (rows, columns) = ((kernel - corner.0).min(R), (kernel - corner.1).min(R));
    for lane in 0..PANEL.min(w.input - panel * PANEL) {
        let of = (row * w.input + panel * PANEL + lane) * kernel * kernel;
        // Taken first: what is added could be among the taps, for all that is known of
        // the pointer.
        let mut own = [[0.0; R]; R];
        for (own, taps) in own.iter_mut().zip(taps) {
            for (own, tap) in own.iter_mut().zip(taps) {
                *own = tap[lane / LANES].0[lane % LANES];
            }
        }
        for (i, own) in own.iter().enumerate().take(rows) {
            let line = of + (corner.0 + i) * kernel + corner.1;
            // SAFETY: weights of `w`, which only this thread reads and writes.
            unsafe {
                let line = weight.add(line);
                if columns == R {
                    let line = &mut *line.cast::<[f32; R]>();
                    line.iter_mut().zip(own).for_each(|(w, tap)| *w += tap);
                } else {
                    let line = slice::from_raw_parts_mut(line, columns);
                    line.iter_mut().zip(own).for_each(|(w, tap)| *w += tap);
                }
            }
        }
    }
}
