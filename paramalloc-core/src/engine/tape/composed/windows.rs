//! The cells that the windows of a convolution or pooling see.

use dfdx::prelude::*;

use crate::engine::tape::layer_device::LayerDevice;
use crate::layers::Activations;
use crate::layers::Window;
use crate::network::shape::Axis as Line;
use crate::network::shape::Dims;

/// What a window sees outside the image.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Border {
    /// Zeros.
    Zero,
    /// Its own first cell inside the image, once more: this changes no
    /// maximum, and no gradient goes elsewhere than to that cell.
    FirstCell,
}

/// The windows over one channel of an image.
pub(super) struct Windows {
    /// Shape of one example.
    pub input: Dims,
    /// Rows and columns of a window.
    pub kernel: (usize, usize),
    /// Step between windows.
    pub stride: usize,
    /// Distance of neighboring cells of a window.
    pub dilation: usize,
    /// Positions of the windows: rows, columns.
    pub positions: (Line, Line),
}

impl Windows {
    /// The windows of an operation whose examples have the shape `input`.
    pub fn new(input: Dims, window: Window) -> Self {
        Self {
            input,
            kernel: window.kernel,
            stride: window.stride,
            dilation: 1,
            positions: (window.rows, window.columns),
        }
    }

    /// Cells of a window.
    pub fn cells(&self) -> usize {
        self.kernel.0 * self.kernel.1
    }

    /// Number of windows.
    pub fn count(&self) -> usize {
        self.positions.0.output * self.positions.1.output
    }

    /// What every window sees: `[batch * channels, cells, windows]`, both in
    /// row order.
    pub fn gather<D: LayerDevice, T: Tape<f32, D>>(
        &self,
        x: Activations<D, T>,
        border: Border,
    ) -> Tensor<(usize, usize, usize), f32, D, T> {
        let (batch, channels, height, width) = *x.shape();
        let (planes, plane) = (batch * channels, height * width);
        let seen = (planes, self.cells(), self.count());
        if self.see_every_cell_once() {
            return x.reshape_like(&seen);
        }
        let x = x.reshape_like(&(planes, plane));
        let index = self.index(border);
        let x = if index.contains(&plane) {
            let zero: Tensor<(usize, usize), f32, D> = x.device().zeros_like(&(planes, 1));
            (x, zero).concat_along(Axis::<1>)
        } else {
            x
        };
        let len = index.len();
        let index: Tensor<(usize,), usize, D> = x.device().tensor_from_vec(index, (len,));
        let index = index.broadcast_like::<_, Axis<0>>(&(planes, len));
        let cells: Tensor<(usize, usize), f32, D, T> = x.gather(index);
        cells.reshape_like(&seen)
    }

    /// How many cells of each window lie inside the image.
    pub fn real_cells(&self) -> Vec<f32> {
        let mut real = vec![0.0; self.count()];
        for (i, cell) in self.seen().enumerate() {
            real[i % self.count()] += if cell.is_some() { 1.0 } else { 0.0 };
        }
        real
    }

    fn see_every_cell_once(&self) -> bool {
        self.cells() == 1 && self.stride == 1
    }

    /// Places in a channel, which is followed by a zero.
    fn index(&self, border: Border) -> Vec<usize> {
        match border {
            Border::Zero => {
                let zero = self.input.plane();
                self.seen().map(|cell| cell.unwrap_or(zero)).collect()
            }
            Border::FirstCell => {
                let first = self.first_cells();
                (self.seen().enumerate())
                    .map(|(i, cell)| cell.unwrap_or(first[i % first.len()]))
                    .collect()
            }
        }
    }

    /// The first cell of each window inside the image, in row order.
    fn first_cells(&self) -> Vec<usize> {
        let mut first = vec![usize::MAX; self.count()];
        for (i, cell) in self.seen().enumerate() {
            let first = &mut first[i % self.count()];
            *first = (*first).min(cell.unwrap_or(usize::MAX));
        }
        first
    }

    /// The place that each cell of each window sees: windows inside cells,
    /// both in row order; `None` outside the image.
    fn seen(&self) -> impl Iterator<Item = Option<usize>> + '_ {
        let (rows, columns) = self.positions;
        let (height, width) = (self.input.height, self.input.width);
        let place = move |cell: usize, window: usize, line: Line, size: usize| {
            let place = (window * self.stride + cell * self.dilation).checked_sub(line.before)?;
            (place < size).then_some(place)
        };
        (0..self.kernel.0).flat_map(move |i| {
            (0..self.kernel.1).flat_map(move |j| {
                (0..rows.output).flat_map(move |r| {
                    (0..columns.output).map(move |c| {
                        let row = place(i, r, rows, height)?;
                        Some(row * width + place(j, c, columns, width)?)
                    })
                })
            })
        })
    }
}
