use super::*;
use crate::conv;
use crate::shape::{Axis, Dims};
use crate::{Geometry, Level};

/// Sizes that leave rows, columns and images over.
const SIZES: [(usize, usize, usize); 12] = [
    (1, 1, 1),
    (7, 5, 1),
    (16, 6, 2),
    (33, 13, 2),
    (40, 49, 3),
    (17, 12, 4),
    (64, 14, 5),
    (100, 29, 1),
    (31, 97, 2),
    (50, 26, 7),
    (35, 12, 9),
    (49, 11, 17),
];

struct Layer {
    inputs: usize,
    outputs: usize,
    groups: usize,
    weight: Vec<f32>,
    bias: Vec<f32>,
    /// `[group, inputs]`.
    x: Vec<Lane>,
    /// `[group, outputs]`.
    gradient: Vec<Lane>,
}

impl Layer {
    fn new((inputs, outputs, groups): (usize, usize, usize)) -> Self {
        let value = |i: usize, f: f32| (i as f32 * f + 0.3).sin();
        let lanes = |len: usize, f: f32| {
            let lane = |i: usize| Lane(std::array::from_fn(|l| value(i * LANES + l, f)));
            (0..len).map(lane).collect()
        };
        Self {
            inputs,
            outputs,
            groups,
            weight: (0..inputs * outputs).map(|i| value(i, 0.71)).collect(),
            bias: (0..outputs).map(|i| value(i, 1.3)).collect(),
            x: lanes(groups * inputs, 0.37),
            gradient: lanes(groups * outputs, 0.53),
        }
    }

    fn x(&self) -> Grid<'_> {
        Grid::new(&self.x, self.groups, self.inputs)
    }

    fn gradient(&self) -> Grid<'_> {
        Grid::new(&self.gradient, self.groups, self.outputs)
    }

    fn turned(&self, level: Level) -> Vec<Lane> {
        let mut turned = vec![Lane([f32::NAN; LANES]); turned_len(self.inputs, self.groups)];
        for (i, panel) in turned.chunks_exact_mut(self.groups * LANES * 2).enumerate() {
            turn(level, self.x(), i * PANEL, panel);
        }
        turned
    }
}

/// One step of a sum as the level does it.
fn fma(level: Level, a: f32, b: f32, c: f32) -> f32 {
    match format!("{level:?}").as_str() {
        "Portable" => a * b + c,
        _ => a.mul_add(b, c),
    }
}

fn for_all(check: impl Fn(Level, Layer)) {
    for &level in Level::available() {
        SIZES
            .iter()
            .for_each(|&sizes| check(level, Layer::new(sizes)));
    }
}

#[test]
fn forward_is_that_of_groups_to_the_last_bit() {
    for_all(|level, layer| {
        let (inputs, outputs, groups) = (layer.inputs, layer.outputs, layer.groups);
        let axis = Axis {
            output: 1,
            before: 0,
        };
        let (from, to) = (Dims::features(inputs), Dims::features(outputs));
        let g = Geometry::new(from, to, (1, 1), 1, (axis, axis));
        for relu in [false, true] {
            let mut expected = vec![Lane::ZERO; groups * outputs];
            for group in 0..groups {
                let y = &mut expected[group * outputs..][..outputs];
                let x = &layer.x[group * inputs..];
                conv::forward(level, &g, x, &layer.weight, &layer.bias, relu, y);
            }
            let mut y = vec![Lane::ZERO; groups * outputs];
            // In two parts, as threads would.
            let cut = outputs / 3;
            let (a, b) = GridMut::new(&mut y, groups, outputs).split_at(cut);
            forward(level, &layer.weight, &layer.bias, layer.x(), relu, a);
            let rest = &layer.weight[cut * inputs..];
            forward(level, rest, &layer.bias[cut..], layer.x(), relu, b);
            assert!(
                y == expected,
                "{level:?} {inputs} {outputs} {groups} {relu}"
            );
        }
    });
}

#[test]
fn the_gradient_of_the_input_sums_over_outputs_in_order() {
    for_all(|level, layer| {
        let (inputs, outputs, groups) = (layer.inputs, layer.outputs, layer.groups);
        for add in [false, true] {
            let mut expected = vec![Lane([0.5; LANES]); groups * inputs];
            for (i, value) in expected.iter_mut().enumerate() {
                let (group, input) = (i / inputs, i % inputs);
                for lane in 0..LANES {
                    let sum = (0..outputs).fold(0.0, |sum, o| {
                        let g = layer.gradient[group * outputs + o].0[lane];
                        fma(level, layer.weight[o * inputs + input], g, sum)
                    });
                    value.0[lane] = if add { 0.5 + sum } else { sum };
                }
            }
            let mut out = vec![Lane([0.5; LANES]); groups * inputs];
            let mut scratch = Vec::new();
            let cut = inputs / 2;
            let (a, b) = GridMut::new(&mut out, groups, inputs).split_at(cut);
            for (first, out) in [(0, a), (cut, b)] {
                if out.columns() > 0 {
                    let (w, g) = (&layer.weight, layer.gradient());
                    input_gradient(level, w, inputs, first, g, add, out, &mut scratch);
                }
            }
            assert!(
                out == expected,
                "{level:?} {inputs} {outputs} {groups} {add}"
            );
        }
    });
}

#[test]
fn the_gradient_of_weights_sums_over_images_in_order() {
    for_all(|level, layer| {
        let (inputs, outputs, groups) = (layer.inputs, layer.outputs, layer.groups);
        for images in [groups * LANES, groups * LANES - 5] {
            let of = |values: &[Lane], columns: usize, image: usize, column: usize| {
                values[image / LANES * columns + column].0[image % LANES]
            };
            let expected = |i: usize| {
                (0..images).fold(0.0, |sum, image| {
                    let g = of(&layer.gradient, outputs, image, i / inputs);
                    let x = of(&layer.x, inputs, image, i % inputs);
                    fma(level, g, x, sum)
                })
            };
            let expected: Vec<f32> = (0..outputs * inputs).map(expected).collect();
            let mut weight = vec![f32::NAN; outputs * inputs];
            let (turned, gradient) = (layer.turned(level), layer.gradient());
            weight_gradient(level, &turned, inputs, gradient, images, &mut weight);
            assert!(weight == expected, "{level:?} {inputs} {outputs} {images}");
        }
    });
}

#[test]
fn the_gradient_of_a_bias_is_the_sum_over_images() {
    let layer = Layer::new((3, 13, 3));
    let mut bias = vec![f32::NAN; 13];
    bias_gradient(layer.gradient(), &mut bias);
    for (output, &given) in bias.iter().enumerate() {
        let values = (0..3).flat_map(|g| layer.gradient[g * 13 + output].0);
        let expected: f64 = values.map(f64::from).sum();
        assert!((f64::from(given) - expected).abs() < 1e-5, "{output}");
    }
}
