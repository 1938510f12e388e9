//! Counts what the program allocates.
//!
//! An allocator cannot be written without `unsafe`; this one hands every call
//! to the system's and counts it.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// The system's allocator with counters. A program names it with
/// `#[global_allocator]`.
pub struct Counting {
    allocations: AtomicU64,
    /// Bytes that are allocated now.
    bytes: AtomicUsize,
    /// The most that they were.
    peak: AtomicUsize,
}

impl Counting {
    /// Starts at 0.
    pub const fn new() -> Self {
        Self {
            allocations: AtomicU64::new(0),
            bytes: AtomicUsize::new(0),
            peak: AtomicUsize::new(0),
        }
    }

    /// Begins a new peak; gives the bytes that are allocated now.
    pub fn begin(&self) -> usize {
        let bytes = self.bytes.load(Ordering::Relaxed);
        self.peak.store(bytes, Ordering::Relaxed);
        bytes
    }

    /// The most bytes that were allocated at once since [`Self::begin`].
    pub fn peak(&self) -> usize {
        self.peak.load(Ordering::Relaxed)
    }

    /// Allocations so far, on all threads; growing an allocation counts too.
    pub fn allocations(&self) -> u64 {
        self.allocations.load(Ordering::Relaxed)
    }

    fn count(&self, pointer: *mut u8, bytes: usize) {
        self.allocations.fetch_add(1, Ordering::Relaxed);
        if pointer.is_null() {
            return;
        }
        let now = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.peak
            .fetch_max(now.wrapping_add(bytes), Ordering::Relaxed);
    }

    fn free(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl Default for Counting {
    fn default() -> Self {
        Self::new()
    }
}

// SAFETY: every call is passed on unchanged to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        let pointer = unsafe { System.alloc(layout) };
        self.count(pointer, layout.size());
        pointer
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        let pointer = unsafe { System.alloc_zeroed(layout) };
        self.count(pointer, layout.size());
        pointer
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let before = layout.size();
        // SAFETY: the caller's promise.
        let pointer = unsafe { System.realloc(pointer, layout, size) };
        // Both may be there for a while.
        self.count(pointer, size);
        if !pointer.is_null() {
            self.free(before);
        }
        pointer
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        self.free(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(pointer, layout) }
    }
}
