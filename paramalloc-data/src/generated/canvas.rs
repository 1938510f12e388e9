//! Square paper to draw on.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use super::strokes::Point;

/// How much ink each pixel has, 0 to 1.
pub(super) struct Canvas {
    side: usize,
    ink: Vec<f32>,
}

impl Canvas {
    /// Blank paper of `side` x `side` pixels.
    pub(super) fn new(side: usize) -> Self {
        Self {
            side,
            ink: vec![0.0; side * side],
        }
    }

    /// Rows, and columns.
    pub(super) fn side(&self) -> usize {
        self.side
    }

    /// The ink of each pixel, row by row.
    pub(super) fn ink(&self) -> &[f32] {
        &self.ink
    }

    /// The same to change it.
    pub(super) fn ink_mut(&mut self) -> &mut [f32] {
        &mut self.ink
    }

    /// Draws a line with round ends and soft edges, from and to points in
    /// pixels; what lies outside the paper is cut off.
    pub(super) fn line(&mut self, from: Point, to: Point, radius: f32) {
        let along = [to[0] - from[0], to[1] - from[1]];
        let length_squared = (along[0] * along[0] + along[1] * along[1]).max(1e-12);
        self.near(from, to, radius, |ink, [x, y]| {
            let offset = [x - from[0], y - from[1]];
            let dot = offset[0] * along[0] + offset[1] * along[1];
            let t = (dot / length_squared).clamp(0.0, 1.0);
            let [dx, dy] = [offset[0] - t * along[0], offset[1] - t * along[1]];
            let cover = (radius + 0.5 - (dx * dx + dy * dy).sqrt()).clamp(0.0, 1.0);
            *ink = ink.max(cover);
        });
    }

    /// Takes the ink off a disc.
    pub(super) fn erase(&mut self, middle: Point, radius: f32) {
        self.near(middle, middle, radius, |ink, [x, y]| {
            let [dx, dy] = [x - middle[0], y - middle[1]];
            let cover = (radius + 0.5 - (dx * dx + dy * dy).sqrt()).clamp(0.0, 1.0);
            *ink *= 1.0 - cover;
        });
    }

    /// Makes full ink weaker, to `level`.
    pub(super) fn set_ink(&mut self, level: f32) {
        for ink in &mut self.ink {
            *ink *= level;
        }
    }

    /// Adds grain of at most `strength`, up or down, to every pixel.
    pub(super) fn add_grain(&mut self, strength: f32, random: &mut ChaCha8Rng) {
        let mut bytes = vec![0; self.ink.len()];
        random.fill_bytes(&mut bytes);
        for (ink, byte) in self.ink.iter_mut().zip(bytes) {
            *ink += strength * (f32::from(byte) / 127.5 - 1.0);
        }
    }

    /// Appends the pixels, row by row.
    pub(super) fn write(&self, pixels: &mut Vec<u8>) {
        pixels.extend(
            self.ink
                .iter()
                .map(|ink| (ink.clamp(0.0, 1.0) * 255.0 + 0.5) as u8),
        );
    }

    /// Visits the pixels that a pen of `radius` can touch between two points,
    /// with the place of each pixel's middle.
    fn near(
        &mut self,
        from: Point,
        to: Point,
        radius: f32,
        mut visit: impl FnMut(&mut f32, Point),
    ) {
        let side = self.side;
        let range = |axis: usize| {
            let low = from[axis].min(to[axis]) - radius - 1.0;
            let high = from[axis].max(to[axis]) + radius + 1.0;
            // Casts of negative numbers give 0.
            (low as usize).min(side)..(high as usize + 1).min(side)
        };
        for row in range(1) {
            for column in range(0) {
                let middle = [column as f32 + 0.5, row as f32 + 0.5];
                visit(&mut self.ink[row * side + column], middle);
            }
        }
    }
}
