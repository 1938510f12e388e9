//! Work of one operation that threads share.

use std::marker::PhantomData;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::simd::Lane;

/// Work that any number of threads do together: each takes units until none is left.
/// What a unit computes does not depend on who takes it, nor on the others.
pub trait Work: Sync {
    /// How many units there are.
    fn units(&self) -> usize;

    /// Lanes of memory that a thread takes.
    fn scratch_len(&self) -> usize;

    /// Takes units until none is left.
    fn work(&self, scratch: &mut [Lane]);
}

/// The units of some work.
#[derive(Debug)]
pub(super) struct Units {
    next: AtomicUsize,
    pub count: usize,
}

impl Units {
    pub fn new(count: usize) -> Self {
        let next = AtomicUsize::new(0);
        Self { next, count }
    }

    /// A unit that nobody had: no unit is given twice.
    pub fn take(&self) -> Option<usize> {
        let unit = self.next.fetch_add(1, Relaxed);
        (unit < self.count).then_some(unit)
    }
}

/// Memory of which each unit writes a part of its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written<'a, T> {
    pub start: *mut T,
    life: PhantomData<&'a mut [T]>,
}

impl<'a, T> Written<'a, T> {
    pub fn new(memory: &'a mut [T]) -> Self {
        Self {
            start: memory.as_mut_ptr(),
            life: PhantomData,
        }
    }
}

// SAFETY: it is a pointer to numbers; who writes through it says why no other
// thread writes or reads there.
unsafe impl<T: Send> Send for Written<'_, T> {}
unsafe impl<T: Send> Sync for Written<'_, T> {}
