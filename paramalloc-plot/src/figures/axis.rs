//! A panel with two axes, for curves.

use super::figure::{Align, Figure, LABEL, SMALL};
use super::palette::{GRID, INK, MUTED, RULE};
use crate::format;

/// An axis: its range, whether its scale is logarithmic, and its labels.
pub struct Axis {
    low: f64,
    high: f64,
    log: bool,
    ticks: Vec<(f64, String)>,
}

impl Axis {
    /// An axis of task steps from 0 to `last`.
    pub fn steps(last: u64) -> Self {
        let high = last.max(1) as f64;
        let ticks = linear_ticks(0.0, high, 5);
        Self {
            low: 0.0,
            high,
            log: false,
            ticks: label(ticks, |tick, _| format::short(tick, high)),
        }
    }

    /// An axis for these values. `share` labels it as per cent and keeps it
    /// within 0 and 1; `log` asks for a logarithmic scale, which needs
    /// positive values over more than a factor of 20, else is linear.
    pub fn values(values: impl Iterator<Item = f64> + Clone, share: bool, log: bool) -> Self {
        let low = values.clone().fold(f64::INFINITY, f64::min);
        let high = values.fold(f64::NEG_INFINITY, f64::max);
        if low > high {
            return Self::linear(0.0, 1.0, share);
        }
        let range = (low, high);
        if log && low > 0.0 && high / low > 20.0 {
            return Self::logarithmic(low / 1.15, high * 1.15);
        }
        let least = if low == high { 0.2 } else { 0.005 };
        let room = ((high - low) * 0.06).max(high.abs() * least).max(1e-6);
        // A range that nearly reaches 0 is shown from 0.
        let from_zero = low >= 0.0 && low < 0.3 * high;
        let low = if from_zero { 0.0 } else { low - room };
        let high = high + room;
        // The axis of shares ends at 0 and 1; a change in per cent can lie beyond.
        let are_shares = share && range.0 >= 0.0 && range.1 <= 1.0;
        match are_shares {
            true => Self::linear(low.max(0.0), high.min(1.0), share),
            false => Self::linear(low, high, share),
        }
    }

    /// An axis of 0 to 1 without labels.
    pub fn bare() -> Self {
        Self {
            low: 0.0,
            high: 1.0,
            log: false,
            ticks: Vec::new(),
        }
    }

    fn linear(low: f64, high: f64, share: bool) -> Self {
        let ticks = linear_ticks(low, high, 5);
        let write = |tick: f64, step: f64| {
            let step = if share { step * 100.0 } else { step };
            let decimals = (-step.log10().floor()).clamp(0.0, 8.0) as usize;
            match share {
                true => format::percent(tick, decimals),
                false => format!("{tick:.decimals$}"),
            }
        };
        Self {
            low,
            high,
            log: false,
            ticks: label(ticks, write),
        }
    }

    fn logarithmic(low: f64, high: f64) -> Self {
        let decades = low.log10().floor() as i32..=high.log10().ceil() as i32;
        // A short axis has room for more than the powers of ten.
        let steps: &[f64] = if high / low < 300.0 {
            &[1.0, 2.0, 5.0]
        } else {
            &[1.0]
        };
        let every = ((decades.end() - decades.start()) / 7).max(0) as usize + 1;
        let ticks = decades.step_by(every).flat_map(|decade| {
            let power = 10_f64.powi(decade);
            steps.iter().map(move |step| step * power)
        });
        let write = |tick: f64| match tick {
            1e-3..1e5 => format!("{}", (tick * 1e6).round() / 1e6),
            _ => format!("{tick:e}"),
        };
        let inside = ticks.filter(|tick| (low..=high).contains(tick));
        Self {
            low,
            high,
            log: true,
            ticks: inside.map(|tick| (tick, write(tick))).collect(),
        }
    }

    /// Whether the scale is logarithmic.
    pub fn is_log(&self) -> bool {
        self.log
    }

    /// Place of a value along the axis, 0 to 1.
    fn place(&self, value: f64) -> f64 {
        let scale = |v: f64| if self.log { v.max(1e-300).log10() } else { v };
        let (low, high) = (scale(self.low), scale(self.high));
        ((scale(value) - low) / (high - low)).clamp(0.0, 1.0)
    }
}

/// Round numbers within the range, about `count` of them, and their distance.
fn linear_ticks(low: f64, high: f64, count: u32) -> (Vec<f64>, f64) {
    let rough = ((high - low) / f64::from(count)).max(f64::MIN_POSITIVE);
    let power = 10_f64.powf(rough.log10().floor());
    let nice = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
    let step = nice
        .into_iter()
        .find(|&s| s >= rough * 0.999)
        .unwrap_or(rough);
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    // Far from zero the step may be lost in rounding.
    let last = last.min(first.saturating_add(20));
    ((first..=last).map(|i| i as f64 * step).collect(), step)
}

fn label((ticks, step): (Vec<f64>, f64), write: impl Fn(f64, f64) -> String) -> Vec<(f64, String)> {
    let labeled = ticks.into_iter().map(|tick| (tick, write(tick, step)));
    labeled.collect()
}

/// The area that curves are drawn in.
pub struct Panel {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
    pub across: Axis,
    pub up: Axis,
    /// What runs across.
    pub below: &'static str,
}

impl Panel {
    /// Draws the frame: title, grid, labels.
    pub fn draw(&self, figure: &mut Figure, title: &str) {
        let (right, bottom) = (self.x + self.width, self.y + self.height);
        let at = (self.x, self.y - 9.0 - LABEL / 2.0);
        figure.text(title, at, LABEL + 1.0, INK, Align::Start);
        for (tick, label) in &self.up.ticks {
            let y = self.at(0.0, *tick).1;
            figure.line(vec![(self.x, y), (right, y)], 1.0, GRID);
            figure.text(label, (self.x - 6.0, y), SMALL, MUTED, Align::End);
        }
        for (tick, label) in &self.across.ticks {
            let x = self.x + self.across.place(*tick) * self.width;
            figure.line(vec![(x, bottom), (x, bottom + 4.0)], 1.0, RULE);
            figure.text(
                label,
                (x, bottom + 7.0 + SMALL / 2.0),
                SMALL,
                MUTED,
                Align::Middle,
            );
        }
        figure.line(vec![(self.x, bottom), (right, bottom)], 1.0, RULE);
        let at = (right, bottom + 9.0 + SMALL * 2.0);
        figure.text(self.below, at, SMALL, MUTED, Align::End);
    }

    /// Place of a point.
    pub fn at(&self, across: f64, value: f64) -> (f64, f64) {
        (
            self.x + self.across.place(across) * self.width,
            self.y + (1.0 - self.up.place(value)) * self.height,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, label)| label.as_str()).collect()
    }

    #[test]
    fn axes_have_round_labels() {
        let steps = Axis::steps(150_000);
        assert_eq!(labels(&steps), ["0", "50k", "100k", "150k"]);
        let accuracy = Axis::values([0.91, 0.985].into_iter(), true, false);
        assert_eq!(labels(&accuracy), ["92 %", "94 %", "96 %", "98 %"]);
        let gain = Axis::values([-0.039, 0.02].into_iter(), true, false);
        assert!(gain.place(-0.039) > 0.0 && gain.place(-0.039) < gain.place(-0.01));
        assert_eq!(labels(&gain), ["-4 %", "-2 %", "0 %", "2 %"]);
        let loss = Axis::values([0.02, 2.3].into_iter(), false, true);
        assert!(loss.is_log());
        assert_eq!(
            labels(&loss),
            ["0.02", "0.05", "0.1", "0.2", "0.5", "1", "2"]
        );
    }

    #[test]
    fn odd_values_still_give_an_axis() {
        for values in [
            vec![],
            vec![0.0],
            vec![5.0, 5.0],
            vec![-1e300, 1e300],
            vec![1e-300],
        ] {
            let axis = Axis::values(values.iter().copied(), false, true);
            assert!(axis.low < axis.high, "{values:?}");
            assert!(axis.ticks.len() < 30, "{values:?}");
            for value in values {
                assert!((0.0..=1.0).contains(&axis.place(value)));
            }
        }
    }
}
