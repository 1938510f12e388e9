//! Register tiles of the products at a point.

/// Calls `$call` with `$R` rows from `$row` on, for all `$rows`, in as few
/// register tiles of the instruction set as there can be.
macro_rules! each_tile {
    ($S:ident, $rows:expr, |$row:ident, $R:ident| $call:expr) => {{
        let mut $row = 0;
        while $row < $rows {
            let left = $rows - $row;
            $row += match left {
                12.. if $S::TALL >= 12 => each_tile!(@ $R 12 $call),
                8.. if $S::TALL >= 12 => each_tile!(@ $R 8 $call),
                6.. if $S::TALL == 6 => each_tile!(@ $R 6 $call),
                4.. if $S::TALL >= 4 => each_tile!(@ $R 4 $call),
                2.. if $S::TALL == 2 => each_tile!(@ $R 2 $call),
                _ => each_tile!(@ $R 1 $call),
            };
        }
    }};
    (@ $R:ident $r:literal $call:expr) => {{
        const $R: usize = $r;
        $call;
        $R
    }};
}
pub(super) use each_tile;
