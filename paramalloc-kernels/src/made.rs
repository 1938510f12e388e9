//! Numbers that the kernels are tested with.

use crate::simd::{LANES, Lane};

/// Numbers from -1 to 1 without a pattern.
fn noise(seed: usize, i: usize) -> f32 {
    let mut x = (seed * 0x9e37_79b9 + i * 0x85eb_ca6b + 1) as u32;
    for _ in 0..3 {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
    }
    x as f32 / 2_147_483_648.0 - 1.0
}

/// So many of them.
pub fn floats(seed: usize, len: usize) -> Vec<f32> {
    (0..len).map(|i| noise(seed, i)).collect()
}

/// So many lanes of them.
pub fn lanes(seed: usize, len: usize) -> Vec<Lane> {
    let value = |i: usize| std::array::from_fn(|lane| noise(seed, i * LANES + lane));
    (0..len).map(|i| Lane(value(i))).collect()
}
