//! Generated inputs with something to learn: each is a mix of patterns, and what
//! is to be predicted depends on how much of each pattern is in it.

use paramalloc_core::random::{Purpose, Random, Stream};

/// Inputs and the amounts of the patterns that they are mixed of.
pub struct Mixed {
    /// `[examples, input_len]`.
    pub inputs: Vec<f32>,
    /// `[examples, patterns]`.
    amounts: Vec<f32>,
    patterns: usize,
}

impl Mixed {
    /// `count` inputs of `input_len` values, mixed of `patterns` patterns, with a
    /// little noise.
    pub fn new(count: usize, input_len: usize, patterns: usize) -> Self {
        let pattern = normals(&mut stream(500), patterns * input_len);
        Self::of_patterns(count, input_len, patterns, &pattern)
    }

    /// `count` images of `channels` channels of `size` rows and columns, mixed of
    /// `patterns` patterns of even quarters.
    pub fn images(count: usize, (channels, size): (usize, usize), patterns: usize) -> Self {
        let quarters = normals(&mut stream(500), patterns * channels * 4);
        let cells = (0..patterns * channels * size * size).map(|cell| {
            let (image, row, column) = (cell / (size * size), cell / size % size, cell % size);
            quarters[4 * image + 2 * (2 * row / size) + 2 * column / size]
        });
        let pattern: Vec<f32> = cells.collect();
        Self::of_patterns(count, channels * size * size, patterns, &pattern)
    }

    fn of_patterns(count: usize, input_len: usize, patterns: usize, pattern: &[f32]) -> Self {
        let mut stream = stream(0);
        let amounts = normals(&mut stream, count * patterns);
        let mut inputs: Vec<f32> = normals(&mut stream, count * input_len);
        for (input, amounts) in inputs
            .chunks_exact_mut(input_len)
            .zip(amounts.chunks_exact(patterns))
        {
            for (i, value) in input.iter_mut().enumerate() {
                let mixed = amounts.iter().enumerate();
                let mixed = mixed.map(|(k, amount)| amount * pattern[k * input_len + i]);
                *value = 0.1 * *value + mixed.sum::<f32>() / (patterns as f32).sqrt();
            }
        }
        Self {
            inputs,
            amounts,
            patterns,
        }
    }

    /// `width` directions of the amounts for each input, of deviation about 1:
    /// `[examples, width]`. Those of another `number` are others.
    pub fn values(&self, number: u64, width: usize) -> Vec<f32> {
        let directions = normals(&mut stream(1 + number), width * self.patterns);
        let along = |amounts: &[f32], k: usize| -> f32 {
            let direction = &directions[k * self.patterns..][..self.patterns];
            let sum: f32 = direction.iter().zip(amounts).map(|(d, a)| d * a).sum();
            sum / (self.patterns as f32).sqrt()
        };
        let examples = self.amounts.chunks_exact(self.patterns);
        examples
            .flat_map(|amounts| (0..width).map(move |k| (amounts, k)))
            .map(|(amounts, k)| along(amounts, k))
            .collect()
    }

    /// Labels: 1 where a value is above 0.
    pub fn labels(&self, number: u64, width: usize) -> Vec<f32> {
        let values = self.values(number, width).into_iter();
        values.map(|v| if v > 0.0 { 1.0 } else { 0.0 }).collect()
    }

    /// Classes: the largest of `count` values.
    pub fn classes(&self, number: u64, count: usize) -> Vec<u16> {
        let values = self.values(number, count);
        let largest = |values: &[f32]| {
            let best = (0..count).max_by(|&a, &b| values[a].total_cmp(&values[b]));
            best.expect("a class") as u16
        };
        values.chunks_exact(count).map(largest).collect()
    }
}

/// Makes a share of values missing, of 0 to 1.
pub fn lose(values: &mut [f32], share: f32, number: u64) {
    let mut stream = stream(1000 + number);
    for value in values {
        if stream.uniform_in(0.0, 1.0) < share {
            *value = f32::NAN;
        }
    }
}

/// Random numbers, others for another `number`.
pub fn stream(number: u64) -> Stream {
    Random::new(5).stream(Purpose::Data, number, 0)
}

/// Sums of four uniform numbers, of deviation 1: near enough to normal.
fn normals(stream: &mut Stream, len: usize) -> Vec<f32> {
    let mut value = || stream.uniform_in(-1.0, 1.0);
    let mut sum = || value() + value() + value() + value();
    (0..len).map(|_| sum() * 0.75_f32.sqrt()).collect()
}
