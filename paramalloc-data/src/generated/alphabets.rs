//! Alphabets that nobody writes: random strokes on a grid, in a style that
//! the characters of one alphabet share.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::canvas::Canvas;
use super::pen::{Pose, draw_stroke};
use super::random::{below, chance, uniform};
use super::strokes::Point;

/// Rows, and columns, of a drawing.
pub const DRAWING_SIDE: usize = 105;

/// Drawings of each character, each as by another hand.
pub const DRAWINGS: usize = 20;

/// Keeps these drawings apart from others with the same numbers.
const SEED: u64 = 0x61_6c_70_68;

/// The shape of a character: strokes through points of the unit square.
type Shape = Vec<Vec<Point>>;

/// Draws the first `count` characters of alphabet number `alphabet`: for each
/// in turn 20 drawings of 105 x 105 pixels, true where there is ink.
///
/// A drawing is a function of its three numbers alone, the same on every
/// machine.
pub fn generated_characters(alphabet: u64, count: usize) -> Vec<bool> {
    let first = ChaCha8Rng::seed_from_u64(SEED + alphabet);
    let mut style_numbers = first.clone();
    style_numbers.set_stream(u64::MAX);
    let style = Style::random(&mut style_numbers);
    let mut ink = Vec::with_capacity(count * DRAWINGS * DRAWING_SIDE * DRAWING_SIDE);
    for character in 0..count {
        let mut random = first.clone();
        random.set_stream(character as u64 * (DRAWINGS as u64 + 1));
        let shape = style.character(&mut random);
        for drawing in 0..DRAWINGS {
            let mut random = first.clone();
            let stream = character * (DRAWINGS + 1) + drawing + 1;
            random.set_stream(stream as u64);
            let canvas = draw(&shape, &mut random);
            ink.extend(canvas.ink().iter().map(|&ink| ink > 0.5));
        }
    }
    ink
}

/// What the characters of an alphabet have in common.
struct Style {
    /// Strokes start and turn on a grid of so many points a side.
    grid: usize,
    strokes: [usize; 2],
    points: [usize; 2],
    /// How often a stroke turns sharply.
    corners: f32,
    /// How often a stroke starts on one before it.
    joined: f32,
    /// How often a dot is added.
    dots: f32,
}

impl Style {
    fn random(random: &mut ChaCha8Rng) -> Self {
        // Shorter strokes would often give two characters one shape.
        let shortest = 3;
        let fewest = 1;
        Self {
            grid: 3 + below(random, 2),
            strokes: [fewest, fewest + 1 + below(random, 2)],
            points: [shortest, shortest + 1 + below(random, 2)],
            corners: uniform(random, 0.0, 0.8),
            joined: uniform(random, 0.2, 0.9),
            dots: uniform(random, 0.0, 0.3),
        }
    }

    fn character(&self, random: &mut ChaCha8Rng) -> Shape {
        let mut shape = Shape::new();
        for _ in 0..between(self.strokes, random) {
            let start = match shape.last() {
                Some(last) if chance(random, self.joined) => last[below(random, last.len())],
                _ => self.anchor(random),
            };
            shape.push(self.stroke(start, random));
        }
        if chance(random, self.dots) {
            let [x, y] = self.anchor(random);
            shape.push(vec![[x - 0.02, y], [x + 0.02, y]]);
        }
        shape
    }

    fn stroke(&self, start: Point, random: &mut ChaCha8Rng) -> Vec<Point> {
        let mut points = vec![start];
        let mut at = start;
        for _ in 1..between(self.points, random) {
            let mut next = self.anchor(random);
            while next == at {
                next = self.anchor(random);
            }
            points.push(next);
            // A point given twice is a corner.
            if chance(random, self.corners) {
                points.push(next);
            }
            at = next;
        }
        points
    }

    fn anchor(&self, random: &mut ChaCha8Rng) -> Point {
        let step = 1.0 / (self.grid - 1) as f32;
        [below(random, self.grid), below(random, self.grid)].map(|place| place as f32 * step)
    }
}

fn between([low, high]: [usize; 2], random: &mut ChaCha8Rng) -> usize {
    low + below(random, high - low + 1)
}

fn draw(shape: &Shape, random: &mut ChaCha8Rng) -> Canvas {
    let side = DRAWING_SIDE as f32;
    let height = side * uniform(random, 0.42, 0.68);
    let width = height * uniform(random, 0.75, 1.25);
    let slant = uniform(random, -0.25, 0.25);
    let turned = uniform(random, -0.12, 0.12);
    let middle = [(); 2].map(|()| side * uniform(random, 0.42, 0.58));
    let pose = Pose::new([width, height], slant, turned, middle);
    let wobble = uniform(random, 0.03, 0.09);
    let mut canvas = Canvas::new(DRAWING_SIDE);
    for stroke in shape {
        draw_stroke(&mut canvas, stroke, &pose, 1.5, wobble, random);
    }
    canvas
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::sha256_hex;

    const AREA: usize = DRAWING_SIDE * DRAWING_SIDE;

    #[test]
    fn the_characters_are_the_same_on_every_machine() {
        let ink: Vec<u8> = generated_characters(3, 2)
            .into_iter()
            .map(u8::from)
            .collect();
        assert_eq!(ink.len(), 2 * DRAWINGS * AREA);
        assert_eq!(
            sha256_hex(&ink),
            "76745111c6cdad2c92f34c21934578d5453651430cc8843802572270b8c21b66"
        );
    }

    #[test]
    fn fewer_characters_begin_the_larger_alphabet_and_alphabets_differ() {
        let [one, two] = [1, 2].map(|count| generated_characters(0, count));
        assert_eq!(one, two[..one.len()]);
        assert_ne!(one, generated_characters(1, 1));
    }

    #[test]
    fn every_drawing_has_some_ink() {
        for drawing in generated_characters(5, 30).chunks(AREA) {
            let ink = drawing.iter().filter(|&&ink| ink).count();
            assert!((20..AREA / 4).contains(&ink), "{ink} pixels");
        }
    }

    /// A drawing is often, but not always, nearest to one of its own
    /// character, by pixels.
    #[test]
    fn drawings_of_a_character_are_alike_but_not_the_same() {
        let ink = generated_characters(2, 20);
        let drawings: Vec<&[bool]> = ink.chunks(AREA).collect();
        let distance = |a: usize, b: usize| {
            let pairs = drawings[a].iter().zip(drawings[b]);
            pairs.filter(|(a, b)| a != b).count()
        };
        let right = (0..drawings.len())
            .filter(|&a| {
                let others = (0..drawings.len()).filter(|&b| b != a);
                let nearest = others.min_by_key(|&b| distance(a, b));
                nearest.is_some_and(|b| b / DRAWINGS == a / DRAWINGS)
            })
            .count();
        assert!((40..360).contains(&right), "{right} of 400");
    }
}
