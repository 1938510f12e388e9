//! The groups of a batch side by side: for each group a row of [`Lane`]s. A
//! product of matrices reads some columns of all rows and writes others, and
//! threads that write different columns share one grid.

use std::marker::PhantomData;
use std::ops::Range;

use super::simd::Lane;

/// Some columns of all rows, to read.
#[derive(Clone, Copy, Debug)]
pub struct Grid<'a> {
    start: *const Lane,
    /// Lanes from a row to the next.
    stride: usize,
    rows: usize,
    columns: usize,
    life: PhantomData<&'a [Lane]>,
}

/// Some columns of all rows, to write.
#[derive(Debug)]
pub struct GridMut<'a> {
    start: *mut Lane,
    stride: usize,
    rows: usize,
    columns: usize,
    life: PhantomData<&'a mut [Lane]>,
}

// SAFETY: a `Grid` is as good as the shared slices of its rows, a `GridMut` as
// the exclusive ones; lanes are plain numbers.
unsafe impl Send for Grid<'_> {}
unsafe impl Sync for Grid<'_> {}
unsafe impl Send for GridMut<'_> {}

impl<'a> Grid<'a> {
    /// Rows of `stride` lanes each.
    ///
    /// # Panics
    /// If `values` has fewer.
    pub fn new(values: &'a [Lane], rows: usize, stride: usize) -> Self {
        assert!(values.len() >= rows * stride);
        Self {
            start: values.as_ptr(),
            stride,
            rows,
            columns: stride,
            life: PhantomData,
        }
    }

    /// Number of rows: groups of the batch.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Lanes of each row.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Some of the columns.
    ///
    /// # Panics
    /// If there are not that many.
    pub fn part(self, columns: Range<usize>) -> Self {
        assert!(columns.start <= columns.end && columns.end <= self.columns);
        Self {
            // Past the last lane where there is no row.
            start: self.start.wrapping_add(columns.start),
            columns: columns.len(),
            ..self
        }
    }

    /// One row.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row(&self, row: usize) -> &'a [Lane] {
        assert!(row < self.rows);
        // SAFETY: inside the values given to `new`, which nobody writes
        // meanwhile.
        unsafe { std::slice::from_raw_parts(self.at(row), self.columns) }
    }

    /// The first lane of a row.
    pub(super) fn at(&self, row: usize) -> *const Lane {
        self.start.wrapping_add(row * self.stride)
    }
}

impl<'a> GridMut<'a> {
    /// Rows of `stride` lanes each.
    ///
    /// # Panics
    /// If `values` has fewer.
    pub fn new(values: &'a mut [Lane], rows: usize, stride: usize) -> Self {
        assert!(values.len() >= rows * stride);
        Self {
            start: values.as_mut_ptr(),
            stride,
            rows,
            columns: stride,
            life: PhantomData,
        }
    }

    /// Number of rows: groups of the batch.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Lanes of each row.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// One row.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row_mut(&mut self, row: usize) -> &mut [Lane] {
        assert!(row < self.rows);
        // SAFETY: inside the values given to `new`, of which these columns are of this
        // grid alone.
        unsafe { std::slice::from_raw_parts_mut(self.at(row), self.columns) }
    }

    /// The same columns again, while `self` is not used.
    pub fn reborrow(&mut self) -> GridMut<'_> {
        GridMut {
            life: PhantomData,
            ..*self
        }
    }

    /// The columns before `at`, and the others.
    ///
    /// # Panics
    /// If there are not that many.
    pub fn split_at(self, at: usize) -> (Self, Self) {
        assert!(at <= self.columns);
        let after = Self {
            // Past the last lane where there is no row.
            start: self.start.wrapping_add(at),
            columns: self.columns - at,
            life: PhantomData,
            ..self
        };
        (
            Self {
                columns: at,
                ..self
            },
            after,
        )
    }

    /// Gives the columns `written` one by one, to be written while the others
    /// are read.
    ///
    /// # Panics
    /// If they overlap, are not in order, or are not there.
    pub fn share(self, written: &'a [Range<usize>]) -> (Others<'a>, Written<'a>) {
        let mut end = 0;
        for range in written {
            assert!(end <= range.start && range.start <= range.end);
            end = range.end;
        }
        assert!(end <= self.columns);
        let all = Grid {
            start: self.start,
            stride: self.stride,
            rows: self.rows,
            columns: self.columns,
            life: PhantomData,
        };
        let written_ones = Written {
            rest: Some(self),
            first: 0,
            ranges: written.iter(),
        };
        (Others { all, written }, written_ones)
    }

    /// The first lane of a row.
    pub(super) fn at(&self, row: usize) -> *mut Lane {
        self.start.wrapping_add(row * self.stride)
    }
}

/// The columns of a grid that [`GridMut::share`] has not given to be written.
#[derive(Clone, Copy, Debug)]
pub struct Others<'a> {
    all: Grid<'a>,
    written: &'a [Range<usize>],
}

impl<'a> Others<'a> {
    /// Some of them.
    ///
    /// # Panics
    /// If one of them is written.
    pub fn part(&self, columns: Range<usize>) -> Grid<'a> {
        let apart = |w: &Range<usize>| w.end <= columns.start || columns.end <= w.start;
        assert!(self.written.iter().all(apart), "columns that are written");
        self.all.part(columns)
    }
}

/// The columns that [`GridMut::share`] gives to be written, range by range.
#[derive(Debug)]
pub struct Written<'a> {
    rest: Option<GridMut<'a>>,
    /// Column of the grid that `rest` begins with.
    first: usize,
    ranges: std::slice::Iter<'a, Range<usize>>,
}

impl<'a> Iterator for Written<'a> {
    type Item = GridMut<'a>;

    fn next(&mut self) -> Option<GridMut<'a>> {
        let range = self.ranges.next()?;
        let (_, rest) = self.rest.take()?.split_at(range.start - self.first);
        let (part, rest) = rest.split_at(range.len());
        self.first = range.end;
        self.rest = Some(rest);
        Some(part)
    }
}
