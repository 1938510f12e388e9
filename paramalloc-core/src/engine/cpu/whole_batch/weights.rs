//! Gradients of the weights of products. They are as many as the weights, so
//! an update computes them part by part where it uses them, and does not write
//! them to memory and read them again. Only a norm needs all of them before.

use std::ops::Range;

use super::{WholeBatch, cut};
use crate::engine::cpu::segments::Segment;
use crate::engine::cpu::threads::Threads;
use crate::optim::{Pieces, Update};
use paramalloc_kernels::grid::Grid;
use paramalloc_kernels::product::{self, ROWS};
use paramalloc_kernels::{Lane, Level};

/// A gradient of weights `[outputs, inputs]` that waits to be computed.
pub struct Waiting {
    /// Place of the weights among the parameters.
    pub weights: Range<usize>,
    pub inputs: usize,
    /// Columns of the gradients of activations.
    pub output: Range<usize>,
    /// Place of the turned input.
    pub turned: usize,
}

/// What gradients of weights are computed from.
struct Source<'a> {
    level: Level,
    images: usize,
    turned: &'a [Lane],
    gradients: Grid<'a>,
}

impl Source<'_> {
    /// The gradient of the weights of some outputs.
    fn compute(&self, waiting: &Waiting, outputs: Range<usize>, to: &mut [f32]) {
        let first = waiting.output.start;
        let columns = first + outputs.start..first + outputs.end;
        let gradient = self.gradients.part(columns);
        let x = &self.turned[waiting.turned..];
        product::weight_gradient(self.level, x, waiting.inputs, gradient, self.images, to);
    }
}

/// Parameters that one thread updates before it takes more: few enough that
/// they, their state and their gradient stay in its second-level cache.
const PIECE: usize = 1 << 14;

impl WholeBatch {
    /// Writes the gradients of weights that wait to their place among `all`.
    pub fn write_waiting(&self, all: &mut [f32]) {
        for waiting in &self.waiting {
            let outputs = 0..waiting.output.len();
            let to = &mut all[waiting.weights.clone()];
            self.source().compute(waiting, outputs, to);
        }
    }

    /// Leaves out the gradients of weights that wait: another batch comes first.
    pub fn forget_waiting(&mut self) {
        self.waiting.clear();
    }

    /// Computes the gradients of weights that wait, with `threads`.
    pub fn compute_waiting(&mut self, threads: &mut Threads) {
        let mut all = std::mem::take(&mut self.parameter_gradient);
        let source = self.source();
        let (mut rest, mut at) = (&mut *all, 0);
        let mut units = Vec::new();
        for waiting in &self.waiting {
            cut(&mut rest, waiting.weights.start - at);
            at = waiting.weights.end;
            let parts = cut(&mut rest, waiting.weights.len()).chunks_mut(waiting.inputs * ROWS);
            units.extend(parts.enumerate().map(|(i, part)| (waiting, i * ROWS, part)));
        }
        let mut memories = vec![(); threads.count()];
        threads.for_each(
            &mut memories,
            units.into_iter(),
            |(), (waiting, first, to)| {
                let outputs = first..first + to.len() / waiting.inputs;
                source.compute(waiting, outputs, to);
            },
        );
        self.parameter_gradient = all;
        self.waiting.clear();
    }

    /// Updates `segments`, which are in order; those that `reached` says with
    /// the gradient of the last batch, the others with zeros. Threads have
    /// their parts of a gradient in `parts`.
    pub fn update<'a>(
        &'a self,
        (threads, parts): (&mut Threads, &mut Vec<Vec<f32>>),
        update: &Update<'_>,
        mut pieces: Pieces<'a>,
        segments: &[Segment],
        reached: impl Fn(&Segment) -> bool,
    ) {
        parts.resize_with(threads.count(), Vec::new);
        let source = self.source();
        let mut units = Vec::new();
        for segment in segments.iter().filter(|segment| segment.learns()) {
            let range = segment.range.clone();
            let find = |waiting: &&Waiting| waiting.weights == range;
            let waiting = self.waiting.iter().find(find);
            let step = waiting.map_or(PIECE, |waiting| rows(waiting.inputs) * waiting.inputs);
            let stored = waiting.is_none() && reached(segment);
            for start in range.clone().step_by(step) {
                let end = (start + step).min(range.end);
                let gradient = stored.then(|| &self.parameter_gradient[start..end]);
                let piece = pieces.take(start..end, gradient, segment.decayed);
                units.push((
                    piece.at_rate(segment.rate),
                    waiting.map(|w| (w, start - range.start..end - range.start)),
                ));
            }
        }
        threads.for_each(parts, units.into_iter(), |part, (piece, product)| {
            let Some((waiting, weights)) = product else {
                return piece.apply(update);
            };
            part.resize(weights.len(), 0.0);
            let outputs = weights.start / waiting.inputs..weights.end / waiting.inputs;
            source.compute(waiting, outputs, part);
            piece.with_gradient(part).apply(update);
        });
    }

    fn source(&self) -> Source<'_> {
        Source {
            level: self.level,
            images: self.images,
            turned: &self.turned,
            gradients: Grid::new(&self.gradients, self.groups, self.gradient_stride),
        }
    }
}

/// Outputs of a layer whose weights make a piece: whole register tiles.
fn rows(inputs: usize) -> usize {
    (PIECE / inputs / 6 * 6).max(6)
}
