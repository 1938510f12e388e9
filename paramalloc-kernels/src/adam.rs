//! An update of Adam. Every parameter is computed by itself, without fused
//! multiply-add, so that all instruction sets give the same bits.

use super::simd::{Simd, dispatch};

/// The constants of one update of a range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Constants {
    /// Decay of the first moment.
    pub beta1: f32,
    /// `1 - beta1`, rounded once.
    pub new1: f32,
    /// Decay of the second moment.
    pub beta2: f32,
    /// `1 - beta2`, rounded once.
    pub new2: f32,
    /// Added to the root of the second moment.
    pub epsilon: f32,
    /// `lr_k`.
    pub learning_rate: f32,
    /// `1 - learning_rate * weight_decay`.
    pub shrink: f32,
}

/// Moments below these are set to 0. Without gradient a first moment would
/// end up between 0 and the smallest normal number and stay there, and
/// arithmetic on such numbers is many times slower. Next to any usual epsilon
/// both are nothing.
const SMALLEST: [f32; 2] = [1e-30, 1e-35];

dispatch! {
    /// Updates parameters and both moments, slices of one length; without
    /// `gradient` it is 0.
    pub fn update / update_body(
        constants: &Constants, parameters: &mut [f32], m: &mut [f32], v: &mut [f32],
        gradient: Option<&[f32]>,
    )
}

#[inline(always)]
fn update_body<S: Simd>(
    constants: &Constants,
    parameters: &mut [f32],
    m: &mut [f32],
    v: &mut [f32],
    gradient: Option<&[f32]>,
) {
    debug_assert_eq!((parameters.len(), m.len()), (m.len(), v.len()));
    if constants.shrink != 1.0 {
        (parameters.iter_mut()).for_each(|p| *p *= constants.shrink);
    }
    let values = parameters.iter_mut().zip(m).zip(v);
    match gradient {
        Some(gradient) => {
            for (((p, m), v), &g) in values.zip(gradient) {
                constants.one(p, m, v, g);
            }
        }
        None => {
            for ((p, m), v) in values {
                constants.one(p, m, v, 0.0);
            }
        }
    }
}

impl Constants {
    #[inline(always)]
    fn one(&self, p: &mut f32, m: &mut f32, v: &mut f32, g: f32) {
        let first = self.beta1 * *m + self.new1 * g;
        let second = self.beta2 * *v + self.new2 * (g * g);
        *m = if first.abs() < SMALLEST[0] {
            0.0
        } else {
            first
        };
        *v = if second < SMALLEST[1] { 0.0 } else { second };
        *p -= self.learning_rate * *m / (v.sqrt() + self.epsilon);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Level;

    #[test]
    fn all_instruction_sets_give_the_same_bits() {
        let constants = Constants {
            beta1: 0.9,
            new1: 0.1,
            beta2: 0.999,
            new2: 0.001,
            epsilon: 1e-8,
            learning_rate: 0.01,
            shrink: 0.99,
        };
        let values = |f: f32| -> Vec<f32> { (0..37).map(|i| (i as f32 * f).sin()).collect() };
        let gradient = values(0.7);
        for gradient in [Some(&*gradient), None] {
            let updated = |&level: &Level| {
                let (mut p, mut m) = (values(0.3), values(0.5));
                let mut v: Vec<f32> = values(0.9).iter().map(|v| v * v).collect();
                // The first are set to 0.
                (m[0], v[0]) = (1e-31, 1e-36);
                update(level, &constants, &mut p, &mut m, &mut v, gradient);
                [p, m, v]
                    .concat()
                    .iter()
                    .map(|v| v.to_bits())
                    .collect::<Vec<u32>>()
            };
            let all: Vec<_> = Level::available().iter().map(updated).collect();
            assert!(all.iter().all(|given| *given == all[0]));
        }
    }
}
