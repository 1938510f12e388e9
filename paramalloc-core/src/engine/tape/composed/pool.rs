//! Average and maximum over windows.

use dfdx::prelude::*;

use super::reshape::reshape;
use super::windows::{Border, Windows};
use crate::engine::tape::layer_device::LayerDevice;
use crate::layers::Activations;
use crate::layers::operation::{PoolKind, PoolOperation};
use crate::network::plan::Operation;

/// What windows see: `[planes, cells, windows]`.
type Cells<D, T> = Tensor<(usize, usize, usize), f32, D, T>;

/// Pooling.
pub(super) fn pool<D: LayerDevice, T: Tape<f32, D>>(
    x: Activations<D, T>,
    pool: &PoolOperation,
    operation: &Operation,
) -> Activations<D, T> {
    let windows = Windows::new(operation.input, pool.window);
    let y = match pool.kind {
        PoolKind::Average => average(windows.gather(x, Border::Zero), windows.real_cells()),
        PoolKind::Max => maximum(windows.gather(x, Border::FirstCell)),
    };
    reshape(y, operation.output)
}

/// The sum of each window divided by the number of its real cells.
fn average<D: LayerDevice, T: Tape<f32, D>>(
    cells: Cells<D, T>,
    real: Vec<f32>,
) -> Tensor<(usize, usize), f32, D, T> {
    let (planes, _, count) = *cells.shape();
    let share = real.into_iter().map(|n| 1.0 / n).collect::<Vec<f32>>();
    let share: Tensor<(usize,), f32, D> = cells.device().tensor_from_vec(share, (count,));
    let sum = cells.sum::<(usize, usize), Axis<1>>();
    sum * share.broadcast_like::<_, Axis<0>>(&(planes, count))
}

/// The maximum of each window; its gradient goes to the first cell that has
/// it (dfdx's own maximum sends it to all of them).
fn maximum<D: LayerDevice, T: Tape<f32, D>>(
    cells: Cells<D, T>,
) -> Tensor<(usize, usize), f32, D, T> {
    let first = first_maximum(cells.retaped::<NoneTape>());
    let zeros: Cells<D, NoneTape> = cells.device().zeros_like(cells.shape());
    first.choose(cells, zeros).sum::<(usize, usize), Axis<1>>()
}

/// True for the first largest cell of each window. NaN counts as infinity, so
/// that it is chosen and the loss shows it; dfdx's maximum drops it.
fn first_maximum<D: LayerDevice>(
    cells: Cells<D, NoneTape>,
) -> Tensor<(usize, usize, usize), bool, D> {
    let shape = *cells.shape();
    let zeros: Cells<D, NoneTape> = cells.device().zeros_like(&shape);
    let cells = eq(&cells, &cells).choose(cells, zeros + f32::INFINITY);
    let largest = eq(&cells, &largest_of_window(&cells));
    let ranks = (1..=shape.1).rev().map(|rank| rank as f32).collect();
    let ranks: Tensor<(usize,), f32, D> = cells.device().tensor_from_vec(ranks, (shape.1,));
    let ranks = ranks.broadcast_like::<_, Axes2<0, 2>>(&shape);
    let ranks = largest.choose(ranks, cells.device().zeros_like(&shape));
    eq(&ranks, &largest_of_window(&ranks))
}

fn largest_of_window<D: LayerDevice>(values: &Cells<D, NoneTape>) -> Cells<D, NoneTape> {
    let largest = values.clone().max::<(usize, usize), Axis<1>>();
    largest.broadcast_like::<_, Axis<1>>(values.shape())
}
