//! Seeded random numbers, cases and stacks.

use paramalloc_core::layers::check::check;
use paramalloc_core::layers::{DropoutSpec, GroupNormSpec, LinearSpec, Pool, PoolKind, Spec};
use paramalloc_core::network::plan::Plan;
use paramalloc_core::network::shape::{Dims, Padding};

use super::{conv, sequence};

/// Seeded random numbers (SplitMix64).
pub struct Random(pub u64);

impl Random {
    /// The next word.
    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in `from..=to`.
    pub fn between(&mut self, from: usize, to: usize) -> usize {
        from + (self.word() % (to - from + 1) as u64) as usize
    }

    /// Uniform in `[-1, 1)`.
    pub fn value(&mut self) -> f32 {
        (self.word() >> 40) as f32 / (1 << 23) as f32 - 1.0
    }

    /// `len` values in `[-1, 1)`.
    pub fn values(&mut self, len: usize) -> Vec<f32> {
        (0..len).map(|_| self.value()).collect()
    }

    /// One of these.
    pub fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.between(0, choices.len() - 1)]
    }

    /// A random image of at most `largest` rows and columns.
    pub fn image(&mut self, largest: usize) -> Dims {
        let channels = self.between(1, 6);
        Dims::image(channels, self.between(1, largest), self.between(1, largest))
    }

    /// A stack of random operations that fits `input`.
    pub fn stack(&mut self, input: Dims) -> Spec {
        let (mut specs, mut shape) = (Vec::new(), input);
        for _ in 0..self.between(1, 5) {
            let spec = self.operation(shape);
            let checked = check(&spec, shape);
            if checked.error.is_none() {
                shape = checked.output;
                specs.push(spec);
            }
        }
        if specs.is_empty() {
            specs.push(Spec::Identity);
        }
        sequence(specs)
    }

    /// A random operation, which may not fit an image of shape `shape`.
    fn operation(&mut self, shape: Dims) -> Spec {
        let padding = self.one_of(&[Padding::Valid, Padding::Same]);
        let stride = self.one_of(&[1, 1, 2, 3]);
        match self.between(0, 9) {
            0..=2 => {
                let kernel = self.one_of(&[(1, 1), (3, 3), (5, 5), (1, 7), (7, 1), (2, 4)]);
                let channels = (shape.channels, self.between(1, 6));
                conv(channels, kernel, stride, padding)
            }
            3 => conv(
                (shape.channels, self.between(1, 6)),
                (shape.height, shape.width),
                1,
                Padding::Valid,
            ),
            4 | 5 => Spec::Pool2D(Pool {
                kind: self.one_of(&[PoolKind::Average, PoolKind::Max]),
                kernel: self.between(1, 3),
                stride,
                padding,
            }),
            // A group of few values loses its digits in the normalization.
            6 if shape.len() >= 16 => {
                let channels = shape.channels;
                let fits =
                    |&groups: &usize| channels.is_multiple_of(groups) && shape.len() / groups >= 8;
                let groups: Vec<usize> = (1..=channels).filter(fits).collect();
                let groups = self.one_of(&groups);
                Spec::GroupNorm(GroupNormSpec { channels, groups })
            }
            6 | 7 => Spec::ReLU,
            8 => Spec::Dropout(DropoutSpec::OneIn(self.between(2, 4))),
            _ if shape.is_image => Spec::Flatten2D,
            _ => Spec::Linear(LinearSpec {
                input: shape.channels,
                output: self.between(1, 6),
            }),
        }
    }
}

/// Everything a field's output depends on, for one plan.
#[derive(Clone)]
pub struct Case {
    /// Number of examples.
    pub batch: usize,
    /// The input.
    pub x: Vec<f32>,
    /// All parameters.
    pub parameters: Vec<f32>,
    /// Weights of the components; absent for a shared field.
    pub weights: Option<Vec<f32>>,
    /// Masks of the dropout operations.
    pub masks: Option<Vec<Vec<f32>>>,
    /// Gradient of the output.
    pub output_gradient: Vec<f32>,
}

impl Case {
    /// Random values for field 0 of `plan`.
    pub fn new(plan: &Plan, batch: usize, random: &mut Random) -> Self {
        let field = &plan.fields[0];
        let mut choose = |from: &[f32], len| (0..len).map(|_| random.one_of(from)).collect();
        let components = field.components.len();
        let weights = (field.routed).map(|_| choose(&[0.0, 0.25, 0.5, 1.0], components));
        let masks =
            (plan.dropouts.iter()).map(|dropout| choose(&[0.0, 1.0], batch * dropout.values));
        let masks = Some(masks.collect());
        Self {
            batch,
            x: random.values(batch * field.input.len()),
            weights,
            masks,
            parameters: random.values(plan.parameter_len()),
            output_gradient: random.values(batch * field.output.len()),
        }
    }
}
