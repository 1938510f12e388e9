//! Draws that are the same for the same seed: SplitMix64.

/// Draws from a seed.
#[derive(Clone, Debug)]
pub struct Draws(u64);

impl Draws {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to `below` - 1; 0 for 0.
    pub fn below(&mut self, below: usize) -> usize {
        match below {
            0 => 0,
            below => (self.next() % below as u64) as usize,
        }
    }

    pub fn byte(&mut self) -> u8 {
        self.next() as u8
    }

    /// One of them, of which there is at least one.
    pub fn of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}
