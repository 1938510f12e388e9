//! Random numbers for drawings.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

/// A number from `low` to `high`.
pub(super) fn uniform(random: &mut ChaCha8Rng, low: f32, high: f32) -> f32 {
    let unit = (random.next_u32() >> 8) as f32 / (1 << 24) as f32;
    low + (high - low) * unit
}

pub(super) fn chance(random: &mut ChaCha8Rng, probability: f32) -> bool {
    uniform(random, 0.0, 1.0) < probability
}

/// A whole number below `bound`, which is small.
pub(super) fn below(random: &mut ChaCha8Rng, bound: usize) -> usize {
    ((u64::from(random.next_u32()) * bound as u64) >> 32) as usize
}
