//! Forward pass and input gradient.

use std::hint::black_box;
use std::ops::Range;

use super::super::product::tile::{Broadcast, tall_tile};
use super::super::simd::{Lane, Level, Pair};
use super::super::work::{Units, Work, Written};
use super::dispatch_sized;
use super::inputs::{Plane, input_points, of_block};
use super::lines::{both_ways, contract};
use super::products::each_tile;
use super::shape::{PANEL, Tile, Winograd, aligned, with_tile};

/// What happens to an output.
#[derive(Clone, Copy, Debug)]
pub enum Finish<'a> {
    /// It is written with the bias of its channel, after a ReLU if `relu`.
    Write {
        /// One number per channel.
        bias: &'a [f32],
        /// Whether what is below 0 becomes 0.
        relu: bool,
    },
    /// It is added to what is there.
    Add,
}

/// A convolution of a group, which threads can share: a unit is a block of tiles, or some
/// outputs of it.
pub struct Convolution<'a> {
    level: Level,
    w: &'a Winograd,
    x: &'a [Lane],
    transformed: &'a [Lane],
    finish: Finish<'a>,
    y: Written<'a, Lane>,
    /// Parts of a block's outputs.
    splits: usize,
    units: Units,
}

/// Outputs of a unit at least, where a block is split: with fewer, the transform of the
/// inputs outweighs the products.
const OUTPUTS: usize = 16;

impl<'a> Convolution<'a> {
    /// `x` is `[input, rows, columns]` without borders, `transformed` all units of
    /// [`transform_weights`](super::transform_weights), `y` is `[output, rows, columns]`.
    /// Where there are few blocks for so many `threads`, they are split: each unit
    /// transforms the inputs then.
    ///
    /// # Panics
    /// If a slice is too short.
    pub fn new(
        level: Level,
        w: &'a Winograd,
        x: &'a [Lane],
        transformed: &'a [Lane],
        finish: Finish<'a>,
        y: &'a mut [Lane],
        threads: usize,
    ) -> Self {
        assert!(x.len() >= w.input * w.size.0 * w.size.1);
        assert!(y.len() >= w.output * w.out.0 * w.out.1);
        assert!(transformed.len() * super::super::simd::LANES >= w.transformed_len());
        if let Finish::Write { bias, .. } = finish {
            assert!(bias.len() >= w.output);
        }
        let blocks = w.tiles().div_ceil(w.block());
        let splits = (threads / blocks).clamp(1, w.output.div_ceil(OUTPUTS));
        Self {
            level,
            w,
            x,
            transformed,
            finish,
            y: Written::new(y),
            splits,
            units: Units::new(blocks * splits),
        }
    }

    /// Some outputs of a block.
    fn unit(&self, unit: usize, scratch: &mut [Lane]) {
        let (level, w) = (self.level, self.w);
        let (first, split) = (unit / self.splits * w.block(), unit % self.splits);
        let tiles = (first, (w.tiles() - first).min(w.block()));
        let place = |split: usize| w.output * split / self.splits;
        let rows = place(split)..place(split + 1);
        let points = w.tile.points();
        let (v, sums) = aligned(scratch).split_at_mut(points * w.input_plane());
        let (v, sums) = (v.as_mut_ptr(), sums.as_mut_ptr());
        // SAFETY: the lengths are asserted; the tiles are those of `w` and not
        // more than a block. No other unit writes outputs of these channels in
        // these tiles, and none reads any.
        unsafe {
            for part in 0..w.parts() {
                let u = self.transformed.as_ptr().cast::<f32>();
                let u = u.wrapping_add(part * w.panels() * w.unit_len());
                let x = self.x.as_ptr();
                with_tile!(w.tile, |M, R, T| transform_inputs::<T>(
                    level, w, tiles, part, x, v
                ));
                products(level, w, (tiles.1, rows.clone()), part > 0, u, v, sums);
            }
            let y = self.y.start;
            with_tile!(w.tile, |M, R, T| finish_outputs::<M, T>(
                level,
                w,
                (tiles, rows),
                sums,
                self.finish,
                y
            ));
        }
    }
}

impl Work for Convolution<'_> {
    fn units(&self) -> usize {
        self.units.count
    }

    fn scratch_len(&self) -> usize {
        self.w.scratch_len()
    }

    fn work(&self, scratch: &mut [Lane]) {
        assert!(scratch.len() >= self.w.scratch_len());
        while let Some(unit) = self.units.take() {
            self.unit(unit, scratch);
        }
    }
}

dispatch_sized! {
    /// Inputs of some tiles to points.
    unsafe fn transform_inputs / transform_inputs_body [T] (
        w: &Winograd, tiles: (usize, usize), part: usize, x: *const Lane, v: *mut Lane,
    )
}

#[inline(always)]
unsafe fn transform_inputs_body<S: Pair, const T: usize>(
    w: &Winograd,
    tiles: (usize, usize),
    part: usize,
    x: *const Lane,
    v: *mut Lane,
) {
    unsafe { input_points::<S, T>(w, black_box((T, T)), tiles, part, x, v) }
}

dispatch_sized! {
    /// The products of all points for `count` tiles and some outputs, added to `sums` if
    /// `add`.
    unsafe fn products / products_body [] (
        w: &Winograd, of: (usize, Range<usize>), add: bool, u: *const f32, v: *const Lane,
        sums: *mut Lane,
    )
}

#[inline(always)]
unsafe fn products_body<S: Pair>(
    w: &Winograd,
    (count, rows): (usize, Range<usize>),
    add: bool,
    u: *const f32,
    v: *const Lane,
    sums: *mut Lane,
) {
    // SAFETY: pairs of tiles lie inside a block, which is even.
    unsafe {
        for point in 0..w.tile.points() {
            let u = u.wrapping_add(point * w.output * PANEL);
            let v = v.wrapping_add(point * w.input_plane());
            let sums = sums.wrapping_add(point * w.output_plane());
            let mut tile = 0;
            if S::TALL >= 12 {
                while tile + 2 < count {
                    tiles_of_point::<S, 2>(
                        w,
                        rows.clone(),
                        add,
                        u,
                        v.wrapping_add(tile),
                        sums.wrapping_add(tile),
                    );
                    tile += 4;
                }
            }
            while tile < count {
                tiles_of_point::<S, 1>(
                    w,
                    rows.clone(),
                    add,
                    u,
                    v.wrapping_add(tile),
                    sums.wrapping_add(tile),
                );
                tile += 2;
            }
        }
    }
}

/// `N` pairs of tiles at one point.
#[inline(always)]
unsafe fn tiles_of_point<S: Pair, const N: usize>(
    w: &Winograd,
    rows: Range<usize>,
    add: bool,
    u: *const f32,
    v: *const Lane,
    sums: *mut Lane,
) {
    let block = w.block();
    each_tile!(S, rows.len(), |row, R| {
        let row = rows.start + row;
        // SAFETY: `R` rows from `row` on are inside.
        unsafe {
            let to = sums.wrapping_add(row * block);
            let mut acc = [[S::splat_pair(0.0); N]; R];
            if add {
                for (r, acc) in acc.iter_mut().enumerate() {
                    for (n, acc) in acc.iter_mut().enumerate() {
                        *acc = S::load_floats(to.wrapping_add(r * block + 2 * n).cast());
                    }
                }
            }
            for panel in 0..w.panels() {
                let channel = panel * PANEL;
                let start = u.wrapping_add(panel * w.unit_len() + row * PANEL);
                let a = Broadcast {
                    start,
                    stride: PANEL,
                    step: 1,
                };
                let v = v.wrapping_add(channel * block);
                let b = |k: usize| {
                    let at = v.wrapping_add(k * block);
                    std::array::from_fn(|n| S::load_floats(at.wrapping_add(2 * n).cast()))
                };
                let len = PANEL.min(w.input - channel);
                acc = tall_tile::<S, R, N>(a, len, b, acc);
            }
            for (r, acc) in acc.into_iter().enumerate() {
                for (n, acc) in acc.into_iter().enumerate() {
                    S::store_floats(to.wrapping_add(r * block + 2 * n).cast(), acc);
                }
            }
        }
    });
}

dispatch_sized! {
    /// Points to outputs.
    unsafe fn finish_outputs / finish_outputs_body [M, T] (
        w: &Winograd, of: ((usize, usize), Range<usize>), sums: *const Lane, finish: Finish<'_>,
        y: *mut Lane,
    )
}

#[inline(always)]
unsafe fn finish_outputs_body<S: Pair, const M: usize, const T: usize>(
    w: &Winograd,
    (tiles, channels): ((usize, usize), Range<usize>),
    sums: *const Lane,
    finish: Finish<'_>,
    y: *mut Lane,
) {
    let sides = black_box((T, M));
    let (block, plane) = (w.block(), w.output_plane());
    // Where outputs beyond the image go, and those of a tile that is not there.
    let mut nowhere = Lane::ZERO;
    let nowhere = &raw mut nowhere;
    let (add, floor) = match finish {
        Finish::Write { relu: true, .. } => (false, 0.0),
        Finish::Write { .. } => (false, f32::NEG_INFINITY),
        Finish::Add => (true, f32::NEG_INFINITY),
    };
    let of_channel = Plane {
        size: w.out,
        step: 1,
    };
    let places = of_block(w, tiles, (0, 0), (0, 0), (M, of_channel));
    for channel in channels {
        let start = y.wrapping_add(channel * w.out.0 * w.out.1);
        for pair in (0..tiles.1).step_by(2) {
            let (a, b) = (&places[pair], &places[pair + 1]);
            let from = sums.wrapping_add(channel * block + pair);
            // SAFETY: written are places inside the channel's plane, or
            // `nowhere`.
            unsafe {
                let bias = match finish {
                    Finish::Write { bias, .. } => *bias.get_unchecked(channel),
                    Finish::Add => 0.0,
                };
                both_ways!(
                    S, T to M, sides, contract,
                    |i, j| S::load_floats(from.wrapping_add((i * T + j) * plane).cast()),
                    |i, j, v| {
                        let p = a.write(start, i, j, nowhere);
                        let q = b.write(start, i, j, nowhere);
                        let v = match add {
                            true => S::add_pair(S::load_pair(p, q), v),
                            false => {
                                let v = S::add_pair(v, S::splat_pair(bias));
                                S::max_pair(S::splat_pair(floor), v)
                            }
                        };
                        S::store_pair(p, q, v);
                    }
                );
            }
        }
    }
}
