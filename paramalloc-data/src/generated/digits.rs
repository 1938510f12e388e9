//! Digits that the program draws itself, so that an experiment runs where
//! MNIST cannot be had. They are no substitute: results on them say nothing
//! about MNIST.
//!
//! The nearest class mean is right on about three quarters of them
//! (`digits/tests.rs`). They must not be thinner, paler or more scattered: with
//! such digits one seed in twelve, 0 among them, lost all of its units in the
//! first steps (`mnist --data generated --budget 0.75 --budget-penalty 1 --steps
//! 2500`, seeds 0 to 11).

use crate::images::LabeledImages;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::canvas::Canvas;
use super::pen::{Pose, draw_stroke};
use super::random::{below, chance, uniform};
use super::strokes::DIGITS;

/// Rows, and columns, of an image.
const SIDE: usize = 28;

/// Images of the generated training set.
pub const GENERATED_TRAIN_IMAGES: usize = 20_000;

/// Images of the generated test set.
pub const GENERATED_TEST_IMAGES: usize = 4_000;

/// Draws `count` digits of 28 x 28 pixels, white on black, each of a random
/// class, way of writing, size, place, slant, pen and paper.
///
/// Image `i` is a function of `seed` and `i` alone, the same on every machine,
/// so a smaller set is the beginning of a larger one.
pub fn generated_digits(count: usize, seed: u64) -> LabeledImages {
    let mut pixels = Vec::with_capacity(count * SIDE * SIDE);
    let mut classes = Vec::with_capacity(count);
    let first = ChaCha8Rng::seed_from_u64(seed);
    for image in 0..count {
        let mut random = first.clone();
        random.set_stream(image as u64);
        let class = below(&mut random, DIGITS.len());
        classes.push(class as u16);
        draw(class, &mut random).write(&mut pixels);
    }
    LabeledImages {
        image_len: SIDE * SIDE,
        pixels,
        classes,
    }
}

fn draw(class: usize, random: &mut ChaCha8Rng) -> Canvas {
    let ways = DIGITS[class];
    let glyph = ways[below(random, ways.len())];
    let pose = random_pose(random);
    let radius = 0.9 + 1.5 * uniform(random, 0.0, 1.0);
    let wobble = uniform(random, 0.01, 0.055);
    let mut canvas = Canvas::new(SIDE);
    for &stroke in glyph {
        draw_stroke(&mut canvas, stroke, &pose, radius, wobble, random);
    }
    soil(&mut canvas, radius, random);
    canvas
}

/// Adds what makes handwriting hard to read: gaps, strayed pen marks, a pale
/// pen and grain.
fn soil(canvas: &mut Canvas, radius: f32, random: &mut ChaCha8Rng) {
    let side = SIDE as f32;
    let mut anywhere = || {
        [
            uniform(random, 4.0, side - 4.0),
            uniform(random, 4.0, side - 4.0),
        ]
    };
    let [gap, mark] = [anywhere(), anywhere()];
    if chance(random, 0.25) {
        canvas.erase(gap, uniform(random, 1.5, 3.5));
    }
    if chance(random, 0.2) {
        let reach = 6.0;
        let end = mark.map(|at| at + uniform(random, -reach, reach));
        canvas.line(mark, end, 0.7 * radius);
    }
    canvas.set_ink(uniform(random, 0.8, 1.0));
    let grain = uniform(random, 0.0, 0.05);
    canvas.add_grain(grain, random);
}

/// How a digit stands on the paper.
fn random_pose(random: &mut ChaCha8Rng) -> Pose {
    let height = uniform(random, 15.5, 21.0);
    let width = height * uniform(random, 0.55, 0.9);
    let slant = uniform(random, -0.35, 0.15);
    let half = uniform(random, -0.16, 0.16);
    let middle = SIDE as f32 / 2.0;
    let x = middle + uniform(random, -1.6, 1.6);
    let y = middle + uniform(random, -1.6, 1.6);
    Pose::new([width, height], slant, half, [x, y])
}

#[cfg(test)]
mod tests;
