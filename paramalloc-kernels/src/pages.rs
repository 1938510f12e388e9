//! Memory for many lanes.

use super::simd::Lane;

/// Bytes from which on memory is asked for in large pages.
const MANY: usize = 1 << 22;

/// Zeros. Large memory lies in large pages where the system has them (Linux, if
/// `/sys/kernel/mm/transparent_hugepage/enabled` says `madvise` or `always`): the values
/// of a wide image are so far apart that the processor spends a tenth of its time on
/// finding their pages otherwise.
pub fn zeros(len: usize) -> Vec<Lane> {
    let mut lanes: Vec<Lane> = Vec::with_capacity(len);
    let memory = lanes.spare_capacity_mut();
    advise(memory.as_mut_ptr().cast(), size_of_val(memory));
    lanes.resize(len, Lane::ZERO);
    lanes
}

/// Asks for large pages in some memory before it is touched.
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
fn advise(start: *mut u8, bytes: usize) {
    use std::ffi::{c_int, c_void};

    /// The smallest pages, or larger ones: only whole pages can be advised.
    const PAGE: usize = 1 << 16;
    const MADV_HUGEPAGE: c_int = 14;
    unsafe extern "C" {
        fn madvise(start: *mut c_void, bytes: usize, advice: c_int) -> c_int;
    }
    if bytes < MANY {
        return;
    }
    let skipped = start.addr().wrapping_neg() % PAGE;
    let bytes = (bytes - skipped) / PAGE * PAGE;
    // SAFETY: the range lies inside the caller's memory, and the advice does not change
    // what is in it. Without large pages the call fails, and nothing is lost.
    unsafe {
        madvise(start.wrapping_add(skipped).cast(), bytes, MADV_HUGEPAGE);
    }
}

#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
fn advise(_: *mut u8, _: usize) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_are_zeros_in_small_and_large_pages() {
        for len in [0, 1, 1000, MANY / size_of::<Lane>() + 12_345] {
            let mut lanes = zeros(len);
            assert!(lanes.len() == len && lanes.iter().all(|&lane| lane == Lane::ZERO));
            lanes.push(Lane([1.0; 8]));
            assert_eq!(lanes.last(), Some(&Lane([1.0; 8])));
        }
    }
}
