//! The key to the shades of a heat map.

use super::figure::{Align, Figure, SMALL};
use super::palette::{self, INK, MUTED, RULE};

const WIDTH: f64 = 14.0;
const STEPS: u32 = 64;

/// An upright bar from 0 to 1 at `x`, `y`, at most `length` long, named
/// `name` beside it.
pub fn draw(figure: &mut Figure, (x, y): (f64, f64), length: f64, name: &str) {
    let length = length.clamp(90.0, 220.0);
    let step = length / f64::from(STEPS);
    for index in 0..STEPS {
        let value = 1.0 - (f64::from(index) + 0.5) / f64::from(STEPS);
        let top = y + f64::from(index) * step;
        // Half a step over the next, so that no gap shows.
        let height = if index + 1 < STEPS { step * 1.5 } else { step };
        figure.rectangle(x, top, WIDTH, height, palette::heat(value));
    }
    figure.frame(x, y, WIDTH, length, RULE);
    for (value, label) in [(0.0, "0"), (0.5, "0.5"), (1.0, "1")] {
        let at = y + length * (1.0 - value);
        figure.line(vec![(x + WIDTH, at), (x + WIDTH + 4.0, at)], 1.0, RULE);
        figure.text(label, (x + WIDTH + 8.0, at), SMALL, INK, Align::Start);
    }
    let middle = (x + WIDTH + 38.0, y + length / 2.0);
    figure.turned(name, middle, SMALL, MUTED, Align::Middle);
}
