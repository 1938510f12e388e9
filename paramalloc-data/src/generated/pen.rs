//! Drawing strokes with a pen.

use rand_chacha::ChaCha8Rng;

use super::canvas::Canvas;
use super::random::uniform;
use super::strokes::Point;

/// Straight pieces per span between two points of a stroke.
const PIECES: usize = 5;

/// Draws a Catmull-Rom curve through the points of a stroke, moved a little.
pub(super) fn draw_stroke(
    canvas: &mut Canvas,
    stroke: &[Point],
    pose: &Pose,
    radius: f32,
    wobble: f32,
    random: &mut ChaCha8Rng,
) {
    let mut points: Vec<Point> = Vec::with_capacity(stroke.len());
    for (index, &[x, y]) in stroke.iter().enumerate() {
        // Both points of a corner move together.
        if index > 0 && stroke[index - 1] == stroke[index] {
            points.push(points[index - 1]);
            continue;
        }
        let moved = [
            x + uniform(random, -wobble, wobble),
            y + uniform(random, -wobble, wobble),
        ];
        points.push(pose.place(moved));
    }
    let mut from = points[0];
    for span in 0..points.len() - 1 {
        let [b, c] = [points[span], points[span + 1]];
        if b == c {
            continue;
        }
        let a = points[span.saturating_sub(1)];
        let d = points[(span + 2).min(points.len() - 1)];
        for piece in 1..=PIECES {
            let to = catmull_rom([a, b, c, d], piece as f32 / PIECES as f32);
            canvas.line(from, to, radius);
            from = to;
        }
    }
}

/// The curve from `b` at `t = 0` to `c` at `t = 1`.
fn catmull_rom([a, b, c, d]: [Point; 4], t: f32) -> Point {
    std::array::from_fn(|axis| {
        let [a, b, c, d] = [a[axis], b[axis], c[axis], d[axis]];
        let cubic = -a + 3.0 * b - 3.0 * c + d;
        let square = 2.0 * a - 5.0 * b + 4.0 * c - d;
        b + 0.5 * t * (c - a + t * (square + t * cubic))
    })
}

/// Where and how a drawing stands on the paper: an affine map from its unit
/// square to pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pose {
    x: [f32; 3],
    y: [f32; 3],
}

impl Pose {
    /// `size` and `middle` are in pixels, right and down; `slant` is how far
    /// the foot stands to the right of the top, in heights; `half` is the
    /// tangent of half the angle by which all of it is turned, which gives
    /// sine and cosine without library functions, whose last digit differs
    /// between machines.
    pub(super) fn new([width, height]: Point, slant: f32, half: f32, middle: Point) -> Self {
        let cosine = (1.0 - half * half) / (1.0 + half * half);
        let sine = 2.0 * half / (1.0 + half * half);
        Self {
            x: [cosine * width, (cosine * slant - sine) * height, middle[0]],
            y: [sine * width, (sine * slant + cosine) * height, middle[1]],
        }
    }

    pub(super) fn place(&self, [x, y]: Point) -> Point {
        let [x, y] = [x - 0.5, y - 0.5];
        [self.x, self.y].map(|[by_x, by_y, middle]| by_x * x + by_y * y + middle)
    }
}
