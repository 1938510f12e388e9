//! Every random choice of a run as a function of its seed.
//!
//! A choice is named by what it is for and by one or two numbers, such as the
//! step. It does not depend on what was drawn before it, so a resumed run
//! draws what the uninterrupted one would have drawn.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::math::ln;

/// What a stream of random numbers is for. The numbers are part of the key:
/// changing one changes every run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Initial parameters, by the hash of the parameter's path.
    Initialisation = 0,
    /// The order of the tasks in a round, by round.
    TaskOrder = 1,
    /// The order of a task's examples, by task and epoch.
    Shuffle = 2,
    /// The noise of the routers, by step.
    Gumbel = 3,
    /// Dropout masks, by step and dropout operation.
    Dropout = 4,
    /// Random changes of the training examples of a batch, by task and round.
    Augmentation = 5,
    /// Generated data and random splits, by task or group and split.
    Data = 6,
}

/// All random numbers of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Random {
    seed: u64,
}

/// Keeps our keys apart from other uses of the same seed with ChaCha.
const LABEL: [u8; 8] = *b"pmalloc1";

impl Random {
    /// The random numbers that belong to `seed`.
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The stream for `purpose` at `(a, b)`. All of them enter the key and
    /// the nonce of ChaCha8, so that no two streams are parts of one another.
    pub fn stream(&self, purpose: Purpose, a: u64, b: u64) -> Stream {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&LABEL);
        key[8..16].copy_from_slice(&self.seed.to_le_bytes());
        key[16..24].copy_from_slice(&(purpose as u64).to_le_bytes());
        key[24..].copy_from_slice(&a.to_le_bytes());
        let mut generator = ChaCha8Rng::from_seed(key);
        generator.set_stream(b);
        Stream { generator }
    }
}

/// A sequence of random numbers, the same on every machine.
#[derive(Clone, Debug)]
pub struct Stream {
    generator: ChaCha8Rng,
}

impl Stream {
    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.generator.next_u64()
    }

    /// A multiple of `2^-24` in `[0, 1)`.
    pub fn uniform(&mut self) -> f32 {
        // 24 bits are exact in an f32, so that 1 cannot come of rounding.
        (self.generator.next_u32() >> 8) as f32 * (1.0 / (1 << 24) as f32)
    }

    /// A number from `low` to `high`; rounding can give `high` itself.
    pub fn uniform_in(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.uniform()
    }

    /// A normal number of mean 0 and deviation 1 (G. Marsaglia's polar method).
    pub fn normal(&mut self) -> f32 {
        loop {
            let (u, v) = (self.uniform_in(-1.0, 1.0), self.uniform_in(-1.0, 1.0));
            let square = u * u + v * v;
            if square > 0.0 && square < 1.0 {
                return u * (-2.0 * ln(square) / square).sqrt();
            }
        }
    }

    /// A whole number below `n`, all equally likely; 0 if `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        // D. Lemire, "Fast Random Integer Generation in an Interval" (2019):
        // the high half of `bits * n`, refusing the low halves that would
        // make some results likelier.
        let n = n as u64;
        let mut product = u128::from(self.bits()) * u128::from(n);
        if (product as u64) < n {
            let refused = n.wrapping_neg() % n;
            while (product as u64) < refused {
                product = u128::from(self.bits()) * u128::from(n);
            }
        }
        (product >> 64) as usize
    }

    /// The numbers below `n` in random order, all orders equally likely.
    /// Written out (Fisher and Yates), because the order of a run must not
    /// change with a version of a crate.
    pub fn shuffled(&mut self, n: u32) -> Vec<u32> {
        let mut order: Vec<u32> = (0..n).collect();
        for i in (1..order.len()).rev() {
            let j = self.below(i + 1);
            order.swap(i, j);
        }
        order
    }

    /// Fills `values` with what [`Self::uniform`] gives.
    pub fn fill_uniform(&mut self, values: &mut [f32]) {
        for value in values {
            *value = self.uniform();
        }
    }

    /// Fills a dropout mask: 0 with probability `part / of`, else 1.
    pub fn fill_mask(&mut self, mask: &mut [f32], part: usize, of: usize) {
        if (part, of) == (1, 2) {
            for part in mask.chunks_mut(64) {
                let bits = self.bits();
                for (i, value) in part.iter_mut().enumerate() {
                    *value = (bits >> i & 1) as f32;
                }
            }
            return;
        }
        let whole = (part as u64) << 32;
        let drop_below = whole.checked_div(of as u64).unwrap_or(0);
        for value in mask {
            let keep = u64::from(self.generator.next_u32()) >= drop_below;
            *value = f32::from(u8::from(keep));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_generator_does_not_change() {
        let mut stream = Random::new(42).stream(Purpose::Gumbel, 7, 3);
        assert_eq!([stream.bits(), stream.bits()], PINNED_BITS);
        assert_eq!([stream.uniform(), stream.uniform()], PINNED_UNIFORM);
        assert_eq!(stream.uniform_in(-2.0, 3.0), PINNED_UNIFORM_IN);
        assert_eq!([10, 10, 1_000_000].map(|n| stream.below(n)), PINNED_BELOW);
        assert_eq!(stream.shuffled(8), PINNED_ORDER);
        let (mut halves, mut fifths) = ([9.0; 8], [9.0; 8]);
        stream.fill_mask(&mut halves, 1, 2);
        stream.fill_mask(&mut fifths, 1, 5);
        assert_eq!((halves, fifths), PINNED_MASKS);
    }

    /// ChaCha written out in Python (`struct`, 32-bit additions and
    /// rotations) gives the same words for this key, nonce and counter:
    ///
    /// ```python
    /// key = b"pmalloc1" + struct.pack("<QQQ", 42, 3, 7); nonce = 3
    /// state = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574,
    ///          *struct.unpack("<8I", key), 0, 0, nonce, 0]
    /// # 4 double rounds, then add the state; words 0..4 as two u64
    /// ```
    const PINNED_BITS: [u64; 2] = [6_933_889_537_590_641_783, 15_222_946_727_001_049_605];
    const PINNED_UNIFORM: [f32; 2] = [0.294_145_82, 0.676_078_5];
    const PINNED_UNIFORM_IN: f32 = 2.710_416_3;
    const PINNED_BELOW: [usize; 3] = [8, 1, 491_382];
    const PINNED_ORDER: [u32; 8] = [5, 1, 6, 7, 4, 3, 0, 2];
    const PINNED_MASKS: ([f32; 8], [f32; 8]) = (
        [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0],
        [1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0],
    );

    #[test]
    fn a_stream_depends_on_seed_purpose_and_both_numbers() {
        let mut seen = HashSet::new();
        for seed in [0, 1, u64::MAX] {
            for purpose in [Purpose::Initialisation, Purpose::Shuffle, Purpose::Data] {
                for a in [0, 1, 2, u64::MAX] {
                    for b in [0, 1, 2, u64::MAX] {
                        let mut stream = Random::new(seed).stream(purpose, a, b);
                        assert!(seen.insert(stream.bits()), "{seed} {purpose:?} {a} {b}");
                    }
                }
            }
        }
    }

    #[test]
    fn uniform_numbers_fill_the_interval_evenly() {
        let mut values = vec![0.0; 100_000];
        let mut stream = Random::new(1).stream(Purpose::Data, 0, 0);
        stream.fill_uniform(&mut values);
        assert!(values.iter().all(|u| (0.0..1.0).contains(u)));
        let mut bins = [0_i32; 10];
        for u in &values {
            bins[(u * 10.0) as usize] += 1;
        }
        // The deviation of a bin is sqrt(100,000 * 0.1 * 0.9) = 95.
        assert!(bins.iter().all(|n| (n - 10_000).abs() < 500), "{bins:?}");
    }

    #[test]
    fn below_is_even_also_where_a_modulo_would_not_be() {
        // For n = 3/4 of 2^64 a modulo would give the lower third twice as
        // often.
        let mut stream = Random::new(2).stream(Purpose::Data, 0, 0);
        let n = (u64::MAX / 4 * 3) as usize;
        let low = (0..30_000).filter(|_| stream.below(n) < n / 3).count();
        assert!(low.abs_diff(10_000) < 500, "{low}");
        assert_eq!((stream.below(0), stream.below(1)), (0, 0));
    }

    #[test]
    fn a_shuffle_is_a_permutation_and_all_orders_are_equally_likely() {
        let mut order = Random::new(3).stream(Purpose::Shuffle, 0, 0).shuffled(1000);
        order.sort_unstable();
        assert!(order.into_iter().eq(0..1000));
        let mut counts = std::collections::BTreeMap::new();
        for epoch in 0..12_000 {
            let order = Random::new(3)
                .stream(Purpose::Shuffle, 1, epoch)
                .shuffled(3);
            *counts.entry(order).or_insert(0_i32) += 1;
        }
        // The deviation of a count is sqrt(12,000 * 1/6 * 5/6) = 41.
        assert_eq!(counts.len(), 6);
        assert!(
            counts.values().all(|n| (n - 2000).abs() < 200),
            "{counts:?}"
        );
    }

    #[test]
    fn masks_drop_their_share() {
        let mut mask = vec![9.0; 60_001];
        for (part, of) in [(1, 1), (1, 2), (1, 3), (1, 10), (20, 100), (0, 100)] {
            let kept = 1.0 - part as f32 / of as f32;
            Random::new(4)
                .stream(Purpose::Dropout, 5, 0)
                .fill_mask(&mut mask, part, of);
            assert!(mask.iter().all(|&m| m == 0.0 || m == 1.0));
            let share = mask.iter().sum::<f32>() / mask.len() as f32;
            assert!((share - kept).abs() < 0.01, "{part} in {of}: {share}");
        }
    }
}
