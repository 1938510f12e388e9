//! The gradient of the input.

use super::super::grid::{Grid, GridMut};
use super::super::simd::Pair;
use super::PANEL;
use super::few_groups::few_groups;
use super::tile::{
    Broadcast, TALL, four_groups, in_tiles, pair_tile, single_rows, single_tile, tall_tile,
};

/// Groups from which on packed weights, broadcast along the images of four groups, are
/// faster than weights along the vectors, under AVX-512: a tenth at 32 groups of 1,024
/// inputs, while two groups take twice as long. With sixteen registers they always are.
const MANY: usize = 16;

#[inline(always)]
pub fn input_body<S: Pair>(
    weight: &[f32],
    inputs: usize,
    first: usize,
    gradient: Grid<'_>,
    add: bool,
    out: GridMut<'_>,
    scratch: &mut Vec<f32>,
) {
    let (outputs, columns) = (gradient.columns(), out.columns());
    assert!(first + columns <= inputs && weight.len() >= outputs * inputs);
    assert!(gradient.rows() == out.rows());
    if const { S::TALL >= TALL } && out.rows() < MANY && inputs >= PANEL {
        return few_groups::<S>(weight, inputs, first, gradient, add, out);
    }
    if scratch.len() < outputs * columns {
        scratch.resize(outputs * columns, 0.0);
    }
    let lines = weight
        .chunks_exact(inputs)
        .zip(scratch.chunks_exact_mut(columns));
    for (from, to) in lines.take(outputs) {
        to.copy_from_slice(&from[first..first + columns]);
    }
    let a = Broadcast {
        start: scratch.as_ptr(),
        stride: 1,
        step: columns,
    };
    let mut row = 0;
    // SAFETY: all rows of both grids are inside; the lengths are asserted.
    unsafe {
        while const { S::TALL >= TALL } && row + 4 <= out.rows() {
            let b = four_groups::<S>(gradient, row);
            let to: [_; 4] = std::array::from_fn(|i| out.at(row + i));
            in_tiles!(tall columns, |first, R| {
                let zeros = [[S::splat_pair(0.0); 2]; R];
                let sums = tall_tile::<S, R, 2>(a.from(first), outputs, &b, zeros);
                for (r, sums) in sums.into_iter().enumerate() {
                    for (n, sum) in sums.into_iter().enumerate() {
                        let [p, q] = [to[2 * n], to[2 * n + 1]].map(|to| to.add(first + r));
                        let sum = if add {
                            S::add_pair(S::load_pair(p, q), sum)
                        } else {
                            sum
                        };
                        S::store_pair(p, q, sum);
                    }
                }
            });
            row += 4;
        }
        while row + 2 <= out.rows() {
            let b = [gradient.at(row), gradient.at(row + 1)];
            let to = [out.at(row), out.at(row + 1)];
            in_tiles!(columns, S::ROWS, |first, R| {
                let zeros = [S::splat_pair(0.0); R];
                let sums = pair_tile::<S, R>(a.from(first), outputs, b, 1, zeros);
                for (r, sum) in sums.into_iter().enumerate() {
                    let (p, q) = (to[0].add(first + r), to[1].add(first + r));
                    let sum = if add {
                        S::add_pair(S::load_pair(p, q), sum)
                    } else {
                        sum
                    };
                    S::store_pair(p, q, sum);
                }
            });
            row += 2;
        }
        if row < out.rows() {
            let (b, to) = (gradient.at(row), out.at(row));
            in_tiles!(columns, const { single_rows::<S>() }, |first, R| {
                let zeros = [S::splat(0.0); R];
                let sums = single_tile::<S, R>(a.from(first), outputs, b, zeros);
                for (r, sum) in sums.into_iter().enumerate() {
                    let p = to.add(first + r);
                    let sum = if add { S::add(S::load(p), sum) } else { sum };
                    S::store(p, sum);
                }
            });
        }
    }
}
