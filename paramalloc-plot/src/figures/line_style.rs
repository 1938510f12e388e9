//! Lines that can be told apart without color: dashes and marks.

use super::figure::Figure;
use super::palette::{Category, Color, HUE_COUNT};

/// Lengths of dash and space, in turn; solid when empty.
const DASHES: [&[f64]; 4] = [&[], &[9.0, 4.0], &[2.0, 3.0], &[10.0, 3.0, 2.0, 3.0]];

/// Look of one line.
#[derive(Clone, Copy)]
pub struct LineStyle {
    pub color: Color,
    width: f64,
    dash: usize,
    mark: usize,
}

impl LineStyle {
    /// The look of line `index`: seven colors, then the same with dashes; the
    /// marks change with each, so no two of the first 140 are the same.
    pub fn numbered(index: usize) -> Self {
        Self {
            color: Color::Category(Category::numbered(index)),
            width: 1.8,
            dash: index / HUE_COUNT,
            mark: index,
        }
    }

    /// The same look in another color.
    pub fn colored(self, color: Color) -> Self {
        Self { color, ..self }
    }

    /// The same look at another width.
    pub fn wide(self, width: f64) -> Self {
        Self { width, ..self }
    }

    /// The line through `points`, with about `marks` marks.
    pub fn draw(&self, figure: &mut Figure, points: &[(f64, f64)], marks: usize) {
        for piece in dashed(points, DASHES[self.dash % DASHES.len()]) {
            figure.line(piece, self.width, self.color);
        }
        let every = points.len().div_ceil(marks.max(1)).max(1);
        // Each line starts its marks elsewhere, so that they do not cover
        // each other.
        let first = if every > 1 { self.mark * 3 % every } else { 0 };
        if marks > 0 {
            for &at in points.iter().skip(first).step_by(every) {
                self.draw_mark(figure, at);
            }
        }
    }

    fn draw_mark(&self, figure: &mut Figure, (x, y): (f64, f64)) {
        let corner = |angle: f64, radius: f64| {
            let angle = angle.to_radians();
            (x + radius * angle.cos(), y + radius * angle.sin())
        };
        let regular = |corners: u32, first: f64, radius: f64| {
            let turn = 360.0 / f64::from(corners);
            (0..corners)
                .map(|i| corner(first + turn * f64::from(i), radius))
                .collect()
        };
        let points: Vec<(f64, f64)> = match self.mark % 5 {
            0 => regular(16, 0.0, 3.2),
            1 => regular(4, 45.0, 4.0),
            2 => regular(3, -90.0, 4.4),
            3 => regular(4, 0.0, 4.4),
            _ => regular(3, 90.0, 4.4),
        };
        figure.polygon(points, self.color);
    }
}

/// Cuts a line into dashes; `pattern` has dash and space in turn.
fn dashed(points: &[(f64, f64)], pattern: &[f64]) -> Vec<Vec<(f64, f64)>> {
    let Some((&first, rest)) = points.split_first() else {
        return Vec::new();
    };
    if pattern.is_empty() {
        return vec![points.to_vec()];
    }
    let mut pieces = vec![vec![first]];
    let (mut here, mut part, mut left) = (first, 0, pattern[0]);
    for &next in rest {
        loop {
            let (dx, dy) = (next.0 - here.0, next.1 - here.1);
            let length = dx.hypot(dy);
            let drawn = part % 2 == 0;
            if length <= left {
                left -= length;
                here = next;
                if drawn && let Some(piece) = pieces.last_mut() {
                    piece.push(here);
                }
                break;
            }
            here = (here.0 + dx * left / length, here.1 + dy * left / length);
            match pieces.last_mut() {
                Some(piece) if drawn => piece.push(here),
                _ => pieces.push(vec![here]),
            }
            part = (part + 1) % pattern.len();
            left = pattern[part];
        }
    }
    pieces.retain(|piece| piece.len() > 1);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_go_around_corners() {
        let corner = [(0.0, 0.0), (5.0, 0.0), (5.0, 5.0)];
        let pieces = dashed(&corner, &[3.0, 1.0]);
        assert_eq!(
            pieces,
            [
                vec![(0.0, 0.0), (3.0, 0.0)],
                vec![(4.0, 0.0), (5.0, 0.0), (5.0, 2.0)],
                vec![(5.0, 3.0), (5.0, 5.0)],
            ]
        );
    }
}
