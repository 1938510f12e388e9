//! Where the values of the tiles lie, and the transforms of inputs and of
//! gradients of outputs.

use super::super::simd::{LANES, Lane, Pair};
use super::lines::{both_ways, expand, points};
use super::shape::{MOST_TILES, Winograd};

/// The rows and columns of a tile at most.
const SIDE: usize = 8;

/// The place of a value outside of the plane.
const OUTSIDE: usize = usize::MAX;

/// What is read there, of all images.
static ZEROS: [Lane; 2 * LANES] = [Lane::ZERO; 2 * LANES];

/// The values of an image that belong to each other, as those of a channel.
#[derive(Clone, Copy)]
pub struct Plane {
    /// Rows and columns.
    pub size: (usize, usize),
    /// Lanes from a column to the next.
    pub step: usize,
}

/// Places of a tile's values by row and column, counted from the start of a
/// plane. They are found once for all planes.
#[derive(Clone, Copy)]
pub struct Places([[usize; SIDE]; SIDE]);

impl Places {
    /// No value is inside.
    pub const NONE: Self = Self([[OUTSIDE; SIDE]; SIDE]);

    /// `side` rows and columns from a corner on, counted from `before` rows
    /// and columns before the plane.
    pub fn new(corner: (usize, usize), before: (usize, usize), side: usize, plane: Plane) -> Self {
        let inside = |corner: usize, before: usize, size: usize| {
            let place = (corner).checked_sub(before)?;
            (place < size).then_some(place)
        };
        let mut places = Self::NONE;
        for (i, places) in places.0.iter_mut().enumerate().take(side) {
            let Some(row) = inside(corner.0 + i, before.0, plane.size.0) else {
                continue;
            };
            for (j, place) in places.iter_mut().enumerate().take(side) {
                if let Some(column) = inside(corner.1 + j, before.1, plane.size.1) {
                    *place = (row * plane.size.1 + column) * plane.step;
                }
            }
        }
        places
    }

    /// Where the value of a row and column of the tile is read in the plane at
    /// `start`.
    #[inline(always)]
    pub fn read(&self, start: *const Lane, i: usize, j: usize) -> *const Lane {
        match self.0[i][j] {
            OUTSIDE => ZEROS.as_ptr(),
            place => start.wrapping_add(place),
        }
    }

    /// Where it is written: `nowhere` if it is outside.
    #[inline(always)]
    pub fn write(&self, start: *mut Lane, i: usize, j: usize, nowhere: *mut Lane) -> *mut Lane {
        match self.0[i][j] {
            OUTSIDE => nowhere,
            place => start.wrapping_add(place),
        }
    }
}

/// The places of `count` tiles of a block from `first` on: `side` rows and columns from
/// `corner` on in each, in planes of `size` with `before` rows and columns before them.
/// Behind them there is no tile.
#[inline(always)]
pub fn of_block(
    w: &Winograd,
    (first, count): (usize, usize),
    corner: (usize, usize),
    before: (usize, usize),
    (side, plane): (usize, Plane),
) -> [Places; MOST_TILES] {
    let mut all = [Places::NONE; MOST_TILES];
    for (i, places) in all.iter_mut().enumerate().take(count) {
        let (row, column) = w.place(first + i);
        *places = Places::new((row + corner.0, column + corner.1), before, side, plane);
    }
    all
}

/// The points of inputs: for each channel, two tiles at once. `first` and
/// `count` are the tiles, `part` that of the kernel; `out` gets `[point,
/// channel, tile]`. A channel's tiles come one after the other, so that neighbors are
/// read and written together.
///
/// # Safety
/// `x` must have the values of `w`, `out` the room of a block.
#[inline(always)]
pub unsafe fn input_points<S: Pair, const T: usize>(
    w: &Winograd,
    sides: (usize, usize),
    tiles: (usize, usize),
    part: usize,
    x: *const Lane,
    out: *mut Lane,
) {
    let (block, plane) = (w.block(), w.input_plane());
    let of_channel = Plane {
        size: w.size,
        step: 1,
    };
    let places = of_block(w, tiles, w.corner(part), w.before, (T, of_channel));
    for channel in 0..w.input {
        let start = x.wrapping_add(channel * w.size.0 * w.size.1);
        for pair in (0..tiles.1).step_by(2) {
            let (a, b) = (&places[pair], &places[pair + 1]);
            let to = out.wrapping_add(channel * block + pair);
            // SAFETY: the places are inside the channel's plane, the pair inside
            // the block.
            unsafe {
                both_ways!(
                    S, T to T, sides, points,
                    |i, j| S::load_pair(a.read(start, i, j), b.read(start, i, j)),
                    |i, j, v| S::store_floats(to.wrapping_add((i * T + j) * plane).cast(), v)
                );
            }
        }
    }
}

/// The points of gradients of outputs: as [`input_points`], of `M x M` values.
///
/// # Safety
/// As there.
#[inline(always)]
pub unsafe fn gradient_points<S: Pair, const M: usize, const T: usize>(
    w: &Winograd,
    sides: (usize, usize),
    tiles: (usize, usize),
    gradient: *const Lane,
    out: *mut Lane,
) {
    let (block, plane) = (w.block(), w.output_plane());
    let of_channel = Plane {
        size: w.out,
        step: 1,
    };
    let places = of_block(w, tiles, (0, 0), (0, 0), (M, of_channel));
    for channel in 0..w.output {
        let start = gradient.wrapping_add(channel * w.out.0 * w.out.1);
        for pair in (0..tiles.1).step_by(2) {
            let (a, b) = (&places[pair], &places[pair + 1]);
            let to = out.wrapping_add(channel * block + pair);
            // SAFETY: as above.
            unsafe {
                both_ways!(
                    S, M to T, sides, expand,
                    |i, j| S::load_pair(a.read(start, i, j), b.read(start, i, j)),
                    |i, j, v| S::store_floats(to.wrapping_add((i * T + j) * plane).cast(), v)
                );
            }
        }
    }
}
