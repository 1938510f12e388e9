//! Error and overlap against the relatedness of pairs of tasks.

use super::axis::{Axis, Panel};
use super::curves::draw_legend;
use super::figure::{Figure, MARGIN};
use super::heading;
use super::line_style::LineStyle;
use super::palette::RULE;
use crate::compare::Relatedness;
use crate::compare::relatedness::{Pair, Series};
use crate::format::mean;

const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 240.0;
/// Room for the labels left of a panel and above it.
const LEFT: f64 = 56.0;
const ABOVE: f64 = 30.0;
/// Between the marks of two methods at the same relatedness.
const APART: f64 = 9.0;

/// Two panels, side by side: the test errors of the pairs, and how alike the
/// two tasks of a pair are.
pub fn draw(found: &Relatedness) -> Figure {
    let mut figure = Figure::default();
    let mut captions = vec![
        found.caption.clone(),
        "A mark is a pair of tasks; a line goes through the means.".to_owned(),
    ];
    let all: Vec<(usize, &Series)> = found.methods.iter().enumerate().collect();
    let mut learned = all.clone();
    learned.retain(|(_, method)| method.is_learned);
    let between = mean(learned.iter().filter_map(|(_, method)| method.between()));
    if let Some(between) = between {
        captions.push(format!(
            "Gray line: mean similarity of tasks of different pairs, {between:.2}."
        ));
    }
    if all.len() > 1 {
        captions.push(
                "Methods stand side by side at each relatedness; on the right those that learn the allocation."
                    .to_owned(),
            );
    }
    let title = "Error and overlap against relatedness";
    let top = heading::draw_lines(&mut figure, title, &captions) + ABOVE;
    let pairs = || found.methods.iter().flat_map(Series::pairs);
    let panel = |place: usize, up: Axis| Panel {
        x: MARGIN + LEFT + place as f64 * (WIDTH + LEFT + 12.0),
        y: top,
        width: WIDTH,
        height: HEIGHT,
        across: across(pairs().map(|p| p.relatedness)),
        up,
        below: "relatedness",
    };
    let error = panel(0, Axis::values(pairs().map(|p| p.test), false, false));
    error.draw(&mut figure, "Test error (mean squared)");
    draw_marks(&mut figure, &error, &all, |pair| pair.test);
    if !learned.is_empty() {
        let overlap = panel(1, Axis::values([0.0, 1.0].into_iter(), false, false));
        overlap.draw(&mut figure, "Similarity of the allocations within a pair");
        if let Some(between) = between {
            let y = overlap.at(0.0, between).1;
            let right = overlap.x + overlap.width;
            figure.line(vec![(overlap.x, y), (right, y)], 1.5, RULE);
        }
        draw_marks(&mut figure, &overlap, &learned, |pair| pair.similarity);
    }
    if found.methods.len() > 1 {
        let entries = found.methods.iter().enumerate();
        let entries: Vec<(String, LineStyle)> =
            (entries.map(|(i, m)| (m.label.clone(), LineStyle::numbered(i)))).collect();
        let place = (MARGIN + LEFT, top + HEIGHT + 54.0);
        draw_legend(&mut figure, &entries, place, (0.0, 440.0));
    }
    figure
}

/// The marks of each method, beside those of the others.
fn draw_marks(
    figure: &mut Figure,
    panel: &Panel,
    methods: &[(usize, &Series)],
    value: fn(&Pair) -> f64,
) {
    let middle = (methods.len() as f64 - 1.0) / 2.0;
    for (place, (index, method)) in methods.iter().enumerate() {
        let style = LineStyle::numbered(*index);
        let aside = (place as f64 - middle) * APART;
        let at = |relatedness: f64, value: f64| {
            let (x, y) = panel.at(relatedness, value);
            (x + aside, y)
        };
        let means = method.relatednesses().into_iter();
        let means = means.filter_map(|r| Some(at(r, method.estimate(r, value)?.mean)));
        style.draw(figure, &means.collect::<Vec<_>>(), 0);
        for pair in method.pairs() {
            style.draw(figure, &[at(pair.relatedness, value(pair))], 1);
        }
    }
}

/// An axis with room for the marks at both ends.
fn across(relatedness: impl Iterator<Item = f64> + Clone) -> Axis {
    let low = relatedness.clone().fold(f64::INFINITY, f64::min);
    let high = relatedness.clone().fold(f64::NEG_INFINITY, f64::max);
    // Of one relatedness alone the axis still has a width.
    let room = if low < high { 0.04 * (high - low) } else { 0.1 };
    let ends = [low - room, high + room];
    Axis::values(
        relatedness.chain(ends.into_iter().filter(|e| e.is_finite())),
        false,
        false,
    )
}

#[cfg(test)]
mod tests {
    use super::super::figure::Shape;
    use super::*;
    use crate::compare::relatedness::tests;

    fn marks(found: &Relatedness) -> usize {
        let shapes = draw(found).shapes.into_iter();
        let marks = shapes.filter(|shape| matches!(shape, Shape::Polygon { .. }));
        marks.count()
    }

    #[test]
    fn each_pair_has_a_mark_in_both_panels() {
        assert_eq!(marks(&tests::of_run(&[-1.0, 1.0, 1.0])), 6);
    }

    #[test]
    fn only_learned_allocations_have_an_overlap() {
        // Errors of 6 + 3 pairs, overlaps of the 6 of the method that learns,
        // and the key.
        assert_eq!(marks(&tests::of_two_methods()), 6 + 3 + 6 + 2);
    }
}
