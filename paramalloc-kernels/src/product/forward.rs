//! `y = w x + bias`.

use super::super::grid::{Grid, GridMut};
use super::super::simd::Pair;
use super::tile::{
    Broadcast, TALL, four_groups, in_tiles, pair_tile, single_rows, single_tile, tall_tile,
};

#[inline(always)]
pub fn forward_body<S: Pair>(
    weight: &[f32],
    bias: &[f32],
    x: Grid<'_>,
    relu: bool,
    y: GridMut<'_>,
) {
    let (inputs, outputs) = (x.columns(), y.columns());
    assert!(weight.len() >= inputs * outputs && bias.len() >= outputs);
    assert_eq!(x.rows(), y.rows());
    let a = Broadcast {
        start: weight.as_ptr(),
        stride: inputs,
        step: 1,
    };
    let mut row = 0;
    // SAFETY: all rows of both grids are inside; the lengths are asserted.
    unsafe {
        while const { S::TALL >= TALL } && row + 4 <= x.rows() {
            let b = four_groups::<S>(x, row);
            let to: [_; 4] = std::array::from_fn(|i| y.at(row + i));
            in_tiles!(tall outputs, |first, R| {
                let bias: [_; R] =
                    std::array::from_fn(|r| [S::splat_pair(*bias.get_unchecked(first + r)); 2]);
                let sums = tall_tile::<S, R, 2>(a.from(first), inputs, &b, bias);
                for (r, sums) in sums.into_iter().enumerate() {
                    for (n, sum) in sums.into_iter().enumerate() {
                        let sum = if relu {
                            S::max_pair(S::splat_pair(0.0), sum)
                        } else {
                            sum
                        };
                        let [p, q] = [to[2 * n], to[2 * n + 1]].map(|to| to.add(first + r));
                        S::store_pair(p, q, sum);
                    }
                }
            });
            row += 4;
        }
        while row + 2 <= x.rows() {
            let b = [x.at(row), x.at(row + 1)];
            let to = [y.at(row), y.at(row + 1)];
            in_tiles!(outputs, S::ROWS, |first, R| {
                let bias: [S::P; R] =
                    std::array::from_fn(|r| S::splat_pair(*bias.get_unchecked(first + r)));
                let sums = pair_tile::<S, R>(a.from(first), inputs, b, 1, bias);
                for (r, sum) in sums.into_iter().enumerate() {
                    let sum = if relu {
                        S::max_pair(S::splat_pair(0.0), sum)
                    } else {
                        sum
                    };
                    S::store_pair(to[0].add(first + r), to[1].add(first + r), sum);
                }
            });
            row += 2;
        }
        if row < x.rows() {
            let (b, to) = (x.at(row), y.at(row));
            in_tiles!(outputs, const { single_rows::<S>() }, |first, R| {
                let bias: [S::V; R] =
                    std::array::from_fn(|r| S::splat(*bias.get_unchecked(first + r)));
                let sums = single_tile::<S, R>(a.from(first), inputs, b, bias);
                for (r, sum) in sums.into_iter().enumerate() {
                    let sum = if relu {
                        S::max(S::splat(0.0), sum)
                    } else {
                        sum
                    };
                    S::store(to.add(first + r), sum);
                }
            });
        }
    }
}
