//! Gradients that groups of a batch add up.

use std::ops::Range;

/// Sums over some groups.
#[derive(Default)]
pub struct Sums {
    /// Of the parameters, without those in `skipped`; meaningful only where
    /// the pass reaches.
    pub parameters: Vec<f32>,
    /// Of the weights of the components of all routed layers.
    pub weights: Vec<f32>,
    /// Parameters whose gradient is not summed over groups, in order.
    skipped: Vec<Range<usize>>,
}

impl Sums {
    /// Zeros for this many parameters, less those in `skipped`, which are in
    /// order, and component weights.
    pub fn new(parameters: usize, weights: usize, skipped: &[Range<usize>]) -> Self {
        let left = parameters - skipped.iter().map(ExactSizeIterator::len).sum::<usize>();
        Self {
            parameters: vec![0.0; left],
            weights: vec![0.0; weights],
            skipped: skipped.to_vec(),
        }
    }

    /// The sums of some parameters, none of which is skipped.
    pub fn of(&mut self, parameters: &Range<usize>) -> &mut [f32] {
        let place = self.place(parameters);
        &mut self.parameters[place]
    }

    /// [`Self::of`], to read.
    pub fn get(&self, parameters: &Range<usize>) -> &[f32] {
        &self.parameters[self.place(parameters)]
    }

    fn place(&self, parameters: &Range<usize>) -> Range<usize> {
        let before = (self.skipped.iter()).take_while(|skipped| skipped.end <= parameters.start);
        let less: usize = before.map(ExactSizeIterator::len).sum();
        parameters.start - less..parameters.end - less
    }
}
