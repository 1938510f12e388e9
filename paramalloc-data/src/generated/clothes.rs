//! Clothes that the program draws: ten kinds of filled outlines, in the order
//! of the classes of Fashion-MNIST.

use crate::images::LabeledImages;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::canvas::Canvas;
use super::pen::Pose;
use super::random::{below, chance, uniform};
use super::strokes::Point;

/// Rows, and columns, of an image.
const SIDE: usize = 28;

/// Lines per pixel row along which an outline is filled.
const LINES: usize = 4;

/// Keeps these drawings apart from others with the same numbers.
const SEED: u64 = 0x63_6c_6f_74;

/// One closed outline, `x` to the right and `y` downwards, each 0 to 1. A
/// second outline inside of the first is a hole.
type Garment = &'static [&'static [Point]];

/// T-shirt, trousers, pullover, dress, coat, sandal, shirt, sneaker, bag,
/// boot. Several pairs differ in little, as in the published set.
#[rustfmt::skip]
const GARMENTS: [Garment; 10] = [
    &[&[[0.32, 0.05], [0.5, 0.12], [0.68, 0.05], [0.98, 0.22], [0.88, 0.42], [0.75, 0.36], [0.75, 0.95], [0.25, 0.95], [0.25, 0.36], [0.12, 0.42], [0.02, 0.22]]],
    &[&[[0.3, 0.02], [0.7, 0.02], [0.76, 0.98], [0.57, 0.98], [0.5, 0.35], [0.43, 0.98], [0.24, 0.98]]],
    &[&[[0.35, 0.05], [0.5, 0.1], [0.65, 0.05], [0.85, 0.18], [0.98, 0.9], [0.82, 0.93], [0.74, 0.45], [0.74, 0.95], [0.26, 0.95], [0.26, 0.45], [0.18, 0.93], [0.02, 0.9], [0.15, 0.18]]],
    &[&[[0.38, 0.02], [0.5, 0.1], [0.62, 0.02], [0.66, 0.2], [0.6, 0.42], [0.78, 0.98], [0.22, 0.98], [0.4, 0.42], [0.34, 0.2]]],
    &[&[[0.36, 0.03], [0.5, 0.3], [0.64, 0.03], [0.86, 0.15], [0.97, 0.85], [0.83, 0.88], [0.76, 0.45], [0.8, 0.98], [0.51, 0.98], [0.5, 0.4], [0.49, 0.98], [0.2, 0.98], [0.24, 0.45], [0.17, 0.88], [0.03, 0.85], [0.14, 0.15]]],
    &[&[[0.02, 0.7], [0.25, 0.55], [0.4, 0.35], [0.5, 0.4], [0.42, 0.6], [0.65, 0.6], [0.8, 0.3], [0.9, 0.33], [0.85, 0.6], [0.98, 0.55], [0.98, 0.78], [0.02, 0.82]], &[[0.2, 0.7], [0.36, 0.5], [0.36, 0.7]]],
    &[&[[0.33, 0.04], [0.42, 0.1], [0.5, 0.22], [0.58, 0.1], [0.67, 0.04], [0.9, 0.2], [0.96, 0.62], [0.82, 0.65], [0.75, 0.4], [0.76, 0.97], [0.24, 0.97], [0.25, 0.4], [0.18, 0.65], [0.04, 0.62], [0.1, 0.2]]],
    &[&[[0.02, 0.55], [0.12, 0.42], [0.3, 0.5], [0.55, 0.38], [0.72, 0.5], [0.95, 0.58], [0.99, 0.75], [0.02, 0.78]]],
    &[&[[0.05, 0.35], [0.28, 0.33], [0.35, 0.08], [0.65, 0.08], [0.72, 0.33], [0.95, 0.35], [0.97, 0.92], [0.03, 0.92]], &[[0.36, 0.33], [0.4, 0.16], [0.6, 0.16], [0.64, 0.33]]],
    &[&[[0.15, 0.05], [0.5, 0.05], [0.52, 0.5], [0.75, 0.6], [0.98, 0.68], [0.98, 0.9], [0.12, 0.92], [0.16, 0.5]]],
];

/// Draws `count` gray images of 28 x 28 pixels on black, each of a random
/// class, cut, size, place, shade and cloth.
///
/// Image `i` is a function of `seed` and `i` alone, the same on every machine,
/// so a smaller set is the beginning of a larger one.
pub fn generated_clothes(count: usize, seed: u64) -> LabeledImages {
    let mut pixels = Vec::with_capacity(count * SIDE * SIDE);
    let mut classes = Vec::with_capacity(count);
    let first = ChaCha8Rng::seed_from_u64(SEED + seed);
    for image in 0..count {
        let mut random = first.clone();
        random.set_stream(image as u64);
        let class = below(&mut random, GARMENTS.len());
        classes.push(class as u16);
        draw(GARMENTS[class], &mut random).write(&mut pixels);
    }
    LabeledImages {
        image_len: SIDE * SIDE,
        pixels,
        classes,
    }
}

fn draw(garment: Garment, random: &mut ChaCha8Rng) -> Canvas {
    let side = SIDE as f32;
    let height = side * uniform(random, 0.72, 0.98);
    let width = height * uniform(random, 0.7, 1.05);
    let middle = [(); 2].map(|()| side / 2.0 + uniform(random, -1.5, 1.5));
    let slant = uniform(random, -0.08, 0.08);
    let pose = Pose::new([width, height], slant, uniform(random, -0.05, 0.05), middle);
    let cut = uniform(random, 0.02, 0.07);
    let outlines: Vec<Vec<Point>> = garment
        .iter()
        .map(|outline| {
            let moved = |&[x, y]: &Point| {
                let [dx, dy] = [(); 2].map(|()| uniform(random, -cut, cut));
                pose.place([x + dx, y + dy])
            };
            outline.iter().map(moved).collect()
        })
        .collect();
    let mut canvas = Canvas::new(SIDE);
    fill(&mut canvas, &outlines);
    dye(&mut canvas, random);
    canvas
}

/// Covers what is inside of an odd number of outlines.
fn fill(canvas: &mut Canvas, outlines: &[Vec<Point>]) {
    let side = canvas.side();
    for line in 0..side * LINES {
        let y = (line as f32 + 0.5) / LINES as f32;
        let mut crossings: Vec<f32> = outlines.iter().flat_map(|o| crossings_at(y, o)).collect();
        crossings.sort_by(f32::total_cmp);
        let row = &mut canvas.ink_mut()[line / LINES * side..][..side];
        for span in crossings.chunks_exact(2) {
            for (column, ink) in row.iter_mut().enumerate() {
                let left = span[0].max(column as f32);
                let right = span[1].min(column as f32 + 1.0);
                *ink += (right - left).max(0.0) / LINES as f32;
            }
        }
    }
}

/// Where an outline crosses the horizontal line at `y`.
fn crossings_at(y: f32, outline: &[Point]) -> Vec<f32> {
    let ends = outline.iter().cycle().skip(1);
    let edges = outline.iter().zip(ends);
    edges
        .filter(|(a, b)| (a[1] <= y) != (b[1] <= y))
        .map(|(a, b)| a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]))
        .collect()
}

/// Gives the cloth its shade, light from one side, and perhaps stripes or a
/// print, and the image its grain.
fn dye(canvas: &mut Canvas, random: &mut ChaCha8Rng) {
    let side = canvas.side();
    let shade = uniform(random, 0.3, 0.95);
    let light = [(); 2].map(|()| uniform(random, -0.3, 0.3));
    let stripes = chance(random, 0.3).then(|| {
        let period = uniform(random, 3.0, 8.0);
        let across = below(random, 2);
        (period, across, uniform(random, 0.2, 0.6))
    });
    let print = chance(random, 0.25).then(|| {
        let middle = [(); 2].map(|()| uniform(random, 10.0, 18.0));
        (
            middle,
            uniform(random, 2.0, 4.5),
            uniform(random, -0.4, 0.4),
        )
    });
    for (index, ink) in canvas.ink_mut().iter_mut().enumerate() {
        let at = [(index % side) as f32, (index / side) as f32];
        let [x, y] = at.map(|place| place / side as f32 - 0.5);
        let mut value = shade + light[0] * x + light[1] * y;
        if let Some((period, across, depth)) = stripes {
            let phase = at[across] / period;
            if phase - phase.floor() < 0.5 {
                value *= 1.0 - depth;
            }
        }
        if let Some((middle, radius, change)) = print {
            let [dx, dy] = [at[0] - middle[0], at[1] - middle[1]];
            if dx * dx + dy * dy < radius * radius {
                value += change;
            }
        }
        *ink *= value.clamp(0.12, 1.0);
    }
    let grain = uniform(random, 0.0, 0.1);
    // Grain only on the cloth: the paper of the published set is black.
    let before = canvas.ink().to_vec();
    canvas.add_grain(grain, random);
    for (ink, before) in canvas.ink_mut().iter_mut().zip(before) {
        if before == 0.0 {
            *ink = 0.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::sha256_hex;

    #[test]
    fn the_clothes_are_the_same_on_every_machine() {
        let clothes = generated_clothes(50, 7);
        assert_eq!(
            sha256_hex(&clothes.pixels),
            "a1d8857170c5ebfb31f9c223dca486ef71d77158c2b077371ea1f1c2b52e16ba"
        );
        let [small, large] = [20, 30].map(|count| generated_clothes(count, 3));
        assert_eq!(small.classes, large.classes[..20]);
        assert_eq!(small.pixels, large.pixels[..20 * SIDE * SIDE]);
        assert_ne!(small, generated_clothes(20, 4));
    }

    #[test]
    fn outlines_are_filled_and_holes_are_not() {
        let square = |low: f32, high: f32| vec![[low, low], [high, low], [high, high], [low, high]];
        let mut canvas = Canvas::new(6);
        fill(&mut canvas, &[square(1.0, 5.5), square(2.0, 4.0)]);
        let row = |row: usize| canvas.ink()[row * 6..][..6].to_vec();
        assert_eq!(row(0), [0.0; 6]);
        assert_eq!(row(1), [0.0, 1.0, 1.0, 1.0, 1.0, 0.5]);
        assert_eq!(row(3), [0.0, 1.0, 0.0, 0.0, 1.0, 0.5]);
        assert_eq!(row(5), [0.0, 0.5, 0.5, 0.5, 0.5, 0.25]);
    }

    #[test]
    fn every_class_occurs_and_every_image_shows_something() {
        let clothes = generated_clothes(3000, 5);
        let mut counts = [0; 10];
        for &class in &clothes.classes {
            counts[usize::from(class)] += 1;
        }
        // Five deviations of a count of 300.
        assert!(counts.iter().all(|n| (218..382).contains(n)), "{counts:?}");
        for image in clothes.pixels.chunks(SIDE * SIDE) {
            let cloth = image.iter().filter(|&&pixel| pixel > 20).count();
            assert!((40..SIDE * SIDE * 9 / 10).contains(&cloth), "{cloth}");
        }
    }
}
