//! The gradient of the weights: at each point, a sum over tiles and images.

use std::array::from_fn;
use std::hint::black_box;

use super::super::product::tile::{Broadcast, tall_tile};
use super::super::simd::{LANES, Lane, Level, Pair};
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
    /// Lanes of memory that [`weight_gradient`] takes.
    pub fn gradient_scratch_len(&self) -> usize {
        let points = self.tile.points();
        2 + points * (self.turned_plane() + self.output_plane() + self.kept() * SUMS)
    }

    /// Lanes of a point's matrix of turned inputs in a block.
    fn turned_plane(&self) -> usize {
        self.panels() * self.block() * LANES * 2 + 2
    }

    /// Chunks whose sums are kept from block to block.
    fn kept(&self) -> usize {
        match self.tiles() <= self.block() {
            true => 1,
            false => self.parts() * self.part_chunks(),
        }
    }

    /// Chunks of a part of the kernel.
    fn part_chunks(&self) -> usize {
        self.output.div_ceil(ROWS) * self.panels().div_ceil(PANELS)
    }
}

/// Adds the gradient of the weights, `[output, input, rows, columns]`, summed
/// over the images of the group. `x` is the [`turn`](super::turn)ed input,
/// `gradient` that of the output; `scratch` has
/// [`Winograd::gradient_scratch_len`] lanes.
///
/// # Panics
/// If a slice is too short.
pub fn weight_gradient(
    level: Level,
    w: &Winograd,
    x: &[Lane],
    gradient: &[Lane],
    weight: &mut [f32],
    scratch: &mut [Lane],
) {
    assert!(x.len() >= turned_len(w) && gradient.len() >= w.output * w.out.0 * w.out.1);
    assert!(weight.len() >= w.weights() && scratch.len() >= w.gradient_scratch_len());
    let points = w.tile.points();
    let (v, rest) = aligned(scratch).split_at_mut(points * w.turned_plane());
    let (d, sums) = rest.split_at_mut(points * w.output_plane());
    let (v, d, sums) = (v.as_mut_ptr(), d.as_mut_ptr(), sums.as_mut_ptr());
    for first in (0..w.tiles()).step_by(w.block()) {
        let tiles = (first, (w.tiles() - first).min(w.block()));
        let last = first + tiles.1 == w.tiles();
        // SAFETY: the lengths are asserted; the tiles are those of `w` and not
        // more than a block.
        unsafe {
            with_tile!(w.tile, |M, R, T| transform_gradients::<M, T>(
                level,
                w,
                tiles,
                gradient.as_ptr(),
                d
            ));
            for part in 0..w.parts() {
                with_tile!(w.tile, |M, R, T| transform_turned::<T>(
                    level,
                    w,
                    tiles,
                    part,
                    x.as_ptr(),
                    v
                ));
                for (i, chunk) in w.chunks(part).enumerate() {
                    let kept = if last && first == 0 {
                        0
                    } else {
                        part * w.part_chunks() + i
                    };
                    let sums = sums.wrapping_add(kept * points * SUMS);
                    chunk_sums(level, w, tiles.1, chunk, first > 0, v, d, sums);
                    if last {
                        with_tile!(w.tile, |M, R, T| add_weights::<R, T>(
                            level, w, chunk, sums, weight
                        ));
                    }
                }
            }
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
    /// Turned inputs of some tiles to points, `[point, panel, tile, image]`.
    unsafe fn transform_turned / transform_turned_body [T] (
        w: &Winograd, tiles: (usize, usize), part: usize, x: *const Lane, v: *mut Lane,
    )
}

#[inline(always)]
unsafe fn transform_turned_body<S: Pair, const T: usize>(
    w: &Winograd,
    (first, count): (usize, usize),
    part: usize,
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
    let places = of_block(w, (first, count), w.corner(part), w.before, (T, of_panel));
    for panel in 0..w.panels() {
        let start = x.wrapping_add(panel * w.size.0 * w.size.1 * STEP);
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

impl Winograd {
    /// The chunks of a part of the kernel.
    fn chunks(&self, part: usize) -> impl Iterator<Item = Chunk> {
        let (outputs, all) = (self.output, self.panels());
        (0..all).step_by(PANELS).flat_map(move |panel| {
            // As even as possible: few rows leave the processor waiting for its sums.
            let chunks = outputs.div_ceil(ROWS);
            (0..chunks).map(move |i| {
                let row = outputs * i / chunks;
                Chunk {
                    part,
                    row,
                    rows: outputs * (i + 1) / chunks - row,
                    panel,
                    panels: PANELS.min(all - panel),
                }
            })
        })
    }
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
    let both = S::TALL >= 12 && chunk.panels == 2;
    // SAFETY: rows and panels are inside.
    unsafe {
        for panel in (0..chunk.panels).step_by(if both { 2 } else { 1 }) {
            each_tile!(S, chunk.rows, |row, R| {
                let at = (row, panel);
                match both {
                    true => tile::<S, R, 2>(w, count, chunk, at, add, v, d, sums),
                    false => tile::<S, R, 1>(w, count, chunk, at, add, v, d, sums),
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
            let from = (chunk.panel + panel) * block * LANES * 2;
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
        w: &Winograd, chunk: Chunk, sums: *const Lane, weight: &mut [f32],
    )
}

#[inline(always)]
unsafe fn add_body<S: Pair, const R: usize, const T: usize>(
    w: &Winograd,
    chunk: Chunk,
    sums: *const Lane,
    weight: &mut [f32],
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
            scatter(
                w,
                chunk.part,
                (chunk.row + row, chunk.panel + panel),
                &taps,
                weight,
            );
        }
    }
}

/// Adds the gradients of the weights of an output from a panel of inputs.
#[inline(always)]
fn scatter<const R: usize>(
    w: &Winograd,
    part: usize,
    (row, panel): (usize, usize),
    taps: &[[[Lane; 2]; R]; R],
    weight: &mut [f32],
) {
    let (cuts, kernel) = (w.cuts(), w.kernel);
    let corner = (part / cuts * R, part % cuts * R);
    let (rows, columns) = ((kernel - corner.0).min(R), (kernel - corner.1).min(R));
    for lane in 0..PANEL.min(w.input - panel * PANEL) {
        let of = (row * w.input + panel * PANEL + lane) * kernel * kernel;
        let weight = &mut weight[of..][..kernel * kernel];
        for i in 0..rows {
            for j in 0..columns {
                let tap = (corner.0 + i) * kernel + corner.1 + j;
                weight[tap] += taps[i][j][lane / LANES].0[lane % LANES];
            }
        }
    }
}
