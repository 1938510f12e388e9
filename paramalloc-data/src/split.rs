//! Parting data into splits by fixed seeds.

use paramalloc_core::random::{Purpose, Random};
use sha2::{Digest, Sha256};

/// Key of all random splits. Published data are split alike in every run,
/// whatever its seed.
const SPLIT_SEED: u64 = 0x70_61_72_74;

/// The group of CIFAR-100. The alphabets of Omniglot are groups 0 to 49.
pub(super) const CIFAR: u64 = 100;

/// The group of a user's own task: its name alone decides, so that the split
/// of a task stays as it is when others come and go.
pub(super) fn named(task: &str) -> u64 {
    let digest = Sha256::digest(task);
    let first = digest.iter().take(8);
    first.fold(0, |word, &byte| word << 8 | u64::from(byte))
}

/// The numbers below `count` in the random order that belongs to class
/// `class` of group `group` of data; the same on every machine.
pub(super) fn shuffled(group: u64, class: u64, count: usize) -> Vec<u32> {
    let mut stream = Random::new(SPLIT_SEED).stream(Purpose::Data, group, class);
    stream.shuffled(count as u32)
}
