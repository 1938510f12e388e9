//! The numbers of a convolution by tiles.

use super::super::geometry::Geometry;
use super::super::simd::{LANES, Lane};

/// Outputs and taps of a tile, in each direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tile {
    /// 4 outputs of 3 taps from 6 points.
    F4x3,
    /// 6 outputs of 3 taps from 8 points.
    F6x3,
    /// 4 outputs of 5 taps from 8 points.
    F4x5,
    /// 5 outputs of 4 taps from 8 points: a quarter of a kernel of 7.
    F5x4,
}

impl Tile {
    /// Outputs of a tile in each direction.
    pub fn outputs(self) -> usize {
        match self {
            Self::F6x3 => 6,
            Self::F4x3 | Self::F4x5 => 4,
            Self::F5x4 => 5,
        }
    }

    /// Taps of a part of the kernel in each direction.
    pub fn taps(self) -> usize {
        match self {
            Self::F6x3 | Self::F4x3 => 3,
            Self::F4x5 => 5,
            Self::F5x4 => 4,
        }
    }

    /// Points in each direction.
    pub fn side(self) -> usize {
        self.outputs() + self.taps() - 1
    }

    /// Points of a tile.
    pub fn points(self) -> usize {
        self.side() * self.side()
    }
}

/// `$call` with the tile's outputs `$M`, taps `$R` and points `$T` in each
/// direction as constants.
macro_rules! with_tile {
    ($tile:expr, |$M:ident, $R:ident, $T:ident| $call:expr) => {
        match $tile {
            Tile::F4x3 => with_tile!(@ $M 4 $R 3 $T 6 $call),
            Tile::F6x3 => with_tile!(@ $M 6 $R 3 $T 8 $call),
            Tile::F4x5 => with_tile!(@ $M 4 $R 5 $T 8 $call),
            Tile::F5x4 => with_tile!(@ $M 5 $R 4 $T 8 $call),
        }
    };
    (@ $M:ident $m:literal $R:ident $r:literal $T:ident $t:literal $call:expr) => {{
        #[allow(dead_code)]
        const $M: usize = $m;
        #[allow(dead_code)]
        const $R: usize = $r;
        #[allow(dead_code)]
        const $T: usize = $t;
        $call
    }};
}
pub(super) use with_tile;

/// A convolution that is done by tiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Winograd {
    pub(super) tile: Tile,
    /// Channels in and out.
    pub(super) input: usize,
    pub(super) output: usize,
    /// Rows and columns in and out.
    pub(super) size: (usize, usize),
    pub(super) out: (usize, usize),
    /// Zero rows and columns before the image.
    pub(super) before: (usize, usize),
    /// Rows, and columns, of the kernel.
    pub(super) kernel: usize,
}

/// Channels whose weights lie side by side.
pub(super) const PANEL: usize = 2 * LANES;

/// Tiles of a block at most, a multiple of four.
pub(super) const MOST_TILES: usize = 16;

/// Lanes that the matrices of a block may have together, so that they stay in
/// the second-level cache.
const BLOCK_LANES: usize = 1 << 14;

impl Winograd {
    /// Whether a window has tiles: not with a stride, and kernels of 3x3, 5x5
    /// and 7x7 only.
    pub fn is_possible(kernel: (usize, usize), stride: usize) -> bool {
        kernel.0 == kernel.1 && stride == 1 && [3, 5, 7].contains(&kernel.0)
    }

    /// The tiles of a window that has some.
    pub fn new(g: &Geometry) -> Option<Self> {
        let kernel = g.kernel.0;
        Self::is_possible(g.kernel, g.stride).then(|| Self {
            tile: tile(kernel, g.out),
            input: g.input,
            output: g.output,
            size: g.size,
            out: g.out,
            before: g.before,
            kernel,
        })
    }

    /// The convolution that makes the gradient of the input from that of the
    /// output, with turned weights.
    pub fn back(&self) -> Self {
        let before = |before: usize| self.kernel - 1 - before;
        Self {
            tile: tile(self.kernel, self.size),
            input: self.output,
            output: self.input,
            size: self.out,
            out: self.size,
            before: (before(self.before.0), before(self.before.1)),
            kernel: self.kernel,
        }
    }

    /// The size of its tiles.
    pub fn tile(&self) -> Tile {
        self.tile
    }

    /// Multiplications of the products for an image; the transforms are not
    /// counted.
    pub fn multiplications(&self) -> usize {
        self.parts() * self.tiles() * self.tile.points() * self.input * self.output
    }

    /// Weights of the layer.
    pub fn weights(&self) -> usize {
        self.output * self.input * self.kernel * self.kernel
    }

    /// Transformed weights fall into units, which can be computed by
    /// different threads: a panel of the input's channels in a part of the
    /// kernel.
    pub fn units(&self) -> usize {
        self.parts() * self.panels()
    }

    /// Floats of a unit: `[point, output, channel of the panel]`.
    pub fn unit_len(&self) -> usize {
        self.tile.points() * self.output * PANEL
    }

    /// Floats of all units: `[part of the kernel, panel]`.
    pub fn transformed_len(&self) -> usize {
        self.units() * self.unit_len()
    }

    /// Parts of the kernel in each direction.
    pub(super) fn cuts(&self) -> usize {
        self.kernel.div_ceil(self.tile.taps())
    }

    /// Parts of the kernel.
    pub(super) fn parts(&self) -> usize {
        self.cuts() * self.cuts()
    }

    pub(super) fn panels(&self) -> usize {
        self.input.div_ceil(PANEL)
    }

    /// Tiles in a row, and all of them.
    pub(super) fn across(&self) -> usize {
        self.out.1.div_ceil(self.tile.outputs())
    }

    pub(super) fn tiles(&self) -> usize {
        self.out.0.div_ceil(self.tile.outputs()) * self.across()
    }

    /// First output row and column of a tile.
    pub(super) fn place(&self, tile: usize) -> (usize, usize) {
        let (across, m) = (self.across(), self.tile.outputs());
        (tile / across * m, tile % across * m)
    }

    /// First row and column of a part of the kernel.
    pub(super) fn corner(&self, part: usize) -> (usize, usize) {
        let (cuts, taps) = (self.cuts(), self.tile.taps());
        (part / cuts * taps, part % cuts * taps)
    }

    /// Tiles that are worked on together: an even number.
    pub(super) fn block(&self) -> usize {
        let lanes = self.tile.points() * (self.input + self.output);
        (BLOCK_LANES / lanes)
            .clamp(4, MOST_TILES)
            .min(self.tiles())
            .next_multiple_of(4)
    }

    /// Lanes of a point's matrix of inputs in a block; not a multiple of a
    /// page, else the points would compete for few places of the cache.
    pub(super) fn input_plane(&self) -> usize {
        self.input * self.block() + 2
    }

    /// The same of the outputs.
    pub(super) fn output_plane(&self) -> usize {
        self.output * self.block() + 2
    }

    /// Lanes of memory that [`Convolution`](super::Convolution) takes.
    pub fn scratch_len(&self) -> usize {
        2 + self.tile.points() * (self.input_plane() + self.output_plane())
    }
}

/// The tiles for a kernel by what has to be computed: larger ones take fewer
/// multiplications, but more of them outside of a small image, and more for
/// the transforms.
fn tile(kernel: usize, out: (usize, usize)) -> Tile {
    let cost = |tile: Tile| {
        let m = tile.outputs();
        out.0.div_ceil(m) * out.1.div_ceil(m) * tile.points()
    };
    match kernel {
        3 if cost(Tile::F6x3) * 115 < cost(Tile::F4x3) * 100 => Tile::F6x3,
        3 => Tile::F4x3,
        5 => Tile::F4x5,
        _ => Tile::F5x4,
    }
}

/// Scratch memory from its first place on that is a multiple of a cache line.
pub(super) fn aligned(scratch: &mut [Lane]) -> &mut [Lane] {
    let odd = scratch.as_ptr().addr() / size_of::<Lane>() % 2;
    &mut scratch[odd..]
}
