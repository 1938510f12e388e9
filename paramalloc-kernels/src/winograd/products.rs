//! Register tiles of the products at a point.

/// Calls `$call` with `$R` rows from `$row` on, for all `$rows`, in as few
/// register tiles of the instruction set as there can be, and as even ones: with few
/// rows the processor waits for its own sums.
macro_rules! each_tile {
    ($S:ident, $rows:expr, |$row:ident, $R:ident| $call:expr) => {
        each_tile!(@ $S, $rows, $row, $R, $call, 1 2 3 4 5 6 7 8 9 10 11 12)
    };
    (@ $S:ident, $rows:expr, $row:ident, $R:ident, $call:expr, $($size:literal)*) => {{
        let tiles = $rows.div_ceil($S::TALL);
        for i in 0..tiles {
            let $row = $rows * i / tiles;
            match $rows * (i + 1) / tiles - $row {
                $($size if const { $size <= $S::TALL } => {
                    const $R: usize = $size;
                    $call
                })*
                n => unreachable!("a tile of {n} rows"),
            }
        }
    }};
}
pub(super) use each_tile;
