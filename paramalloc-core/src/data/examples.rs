//! Examples: inputs with their targets.

use std::fmt;
use std::iter;
use std::sync::Arc;

use super::error::ExamplesError;
use super::inputs::Inputs;
use super::targets::{BatchTargets, OwnedTargets, Targets};

/// Inputs, or some of them, with a target each. A clone shares everything
/// with its original.
///
/// ```
/// use std::sync::Arc;
/// use paramalloc_core::data::{Examples, ExamplesError, FloatInputs};
/// # fn main() -> Result<(), ExamplesError> {
/// let inputs = Arc::new(FloatInputs::new(2, vec![0.0, 1.0, 1.0, 0.0])?);
/// let labels: Vec<u16> = vec![0, 1];
/// let train = Examples::new(inputs.clone(), labels)?;
/// // Another task on the same inputs, of which it has the second only.
/// let other = Examples::of_rows(inputs, vec![1], vec![0.5_f32])?;
/// assert_eq!((train.len(), other.len()), (2, 1));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Examples {
    inputs: Arc<dyn Inputs>,
    /// Indices of the inputs; all of them in order without.
    rows: Option<Arc<[u32]>>,
    targets: Arc<OwnedTargets>,
    weights: Option<Arc<[f32]>>,
    /// Targets of an example, where each pixel has one; else 1.
    pixels: usize,
}

impl Examples {
    /// All of `inputs` in order, with their targets: a class each
    /// (`Vec<u16>`), or the same number of values each (`Vec<f32>`).
    ///
    /// # Errors
    /// If there are not as many targets as inputs, or 2^32 inputs or more.
    pub fn new(
        inputs: Arc<dyn Inputs>,
        targets: impl Into<OwnedTargets>,
    ) -> Result<Self, ExamplesError> {
        let (count, targets) = (inputs.len(), targets.into());
        if u32::try_from(count).is_err() {
            return Err(ExamplesError::TooMany { found: count });
        }
        check_targets(count, targets.borrowed())?;
        Ok(Self {
            inputs,
            rows: None,
            targets: Arc::new(targets),
            weights: None,
            pixels: 1,
        })
    }

    /// All of `inputs` in order, with targets at each of `pixels` pixels, row by
    /// row: `[examples, rows, columns]` classes (`Vec<u16>`), or `[examples, rows,
    /// columns, outputs]` values (`Vec<f32>`). The pixels are those of what a head
    /// per pixel gives.
    ///
    /// # Errors
    /// If there are not as many targets as pixels of all inputs, or 2^32 inputs or
    /// more.
    pub fn per_pixel(
        inputs: Arc<dyn Inputs>,
        pixels: usize,
        targets: impl Into<OwnedTargets>,
    ) -> Result<Self, ExamplesError> {
        let (examples, targets) = (inputs.len(), targets.into());
        if u32::try_from(examples).is_err() {
            return Err(ExamplesError::TooMany { found: examples });
        }
        let found = match &targets {
            OwnedTargets::Classes(classes) => classes.len(),
            OwnedTargets::Values(values) => values.len(),
        };
        let needed = examples.checked_mul(pixels).filter(|_| pixels > 0);
        if needed.is_none_or(|needed| check_targets(needed, targets.borrowed()).is_err()) {
            return Err(ExamplesError::PixelCount {
                found,
                examples,
                pixels,
            });
        }
        Ok(Self {
            inputs,
            rows: None,
            targets: Arc::new(targets),
            weights: None,
            pixels,
        })
    }

    /// The inputs with the indices `rows`, in that order, with a target for
    /// each of the rows. An index may come several times.
    ///
    /// # Errors
    /// If an index is not below the number of inputs, or there are not as
    /// many targets as rows.
    pub fn of_rows(
        inputs: Arc<dyn Inputs>,
        rows: Vec<u32>,
        targets: impl Into<OwnedTargets>,
    ) -> Result<Self, ExamplesError> {
        let (count, targets) = (inputs.len(), targets.into());
        if let Some(&row) = rows.iter().find(|&&row| row as usize >= count) {
            return Err(ExamplesError::Row { row, inputs: count });
        }
        check_targets(rows.len(), targets.borrowed())?;
        Ok(Self {
            inputs,
            rows: Some(rows.into()),
            targets: Arc::new(targets),
            weights: None,
            pixels: 1,
        })
    }

    /// The same examples with a weight each in the mean loss and in metrics;
    /// an example of weight 0 counts nothing. Where pixels have targets, each may
    /// have its weight.
    ///
    /// # Errors
    /// If there are not as many weights as examples, or one is negative or
    /// not finite.
    pub fn weighted(mut self, weights: Vec<f32>) -> Result<Self, ExamplesError> {
        let of_pixels = weights.len() == self.len() * self.pixels;
        if weights.len() != self.len() && !of_pixels {
            return Err(ExamplesError::WeightCount {
                found: weights.len(),
                examples: self.len(),
            });
        }
        let is_wrong = |weight: &f32| !weight.is_finite() || *weight < 0.0;
        if let Some(example) = weights.iter().position(is_wrong) {
            let weight = weights[example];
            return Err(ExamplesError::Weight { example, weight });
        }
        let times = if of_pixels { 1 } else { self.pixels };
        let weights = weights.iter();
        let weights = weights.flat_map(|&weight| iter::repeat_n(weight, times));
        self.weights = Some(weights.collect());
        Ok(self)
    }

    /// The first `count` examples, or all if there are no more.
    pub fn first(&self, count: usize) -> Self {
        let len = self.len();
        if count >= len {
            return self.clone();
        }
        let rows = match &self.rows {
            Some(rows) => rows[..count].into(),
            None => (0..count as u32).collect(),
        };
        let targets = match self.targets() {
            Targets::Classes(classes) => classes[..count * self.pixels].to_vec().into(),
            Targets::Values(values) => values[..count * (values.len() / len)].to_vec().into(),
        };
        Self {
            inputs: self.inputs.clone(),
            rows: Some(rows),
            targets: Arc::new(targets),
            weights: (self.weights.as_ref()).map(|w| w[..count * self.pixels].into()),
            pixels: self.pixels,
        }
    }

    /// The examples with these indices, in that order.
    ///
    /// # Panics
    /// If an index is not below the number of examples.
    #[must_use]
    pub fn select(&self, indices: &[usize]) -> Self {
        let some = |width: usize| {
            let labels = move |&index: &usize| index * width..(index + 1) * width;
            indices.iter().flat_map(labels)
        };
        let targets: OwnedTargets = match self.targets() {
            Targets::Classes(classes) => {
                let classes = some(self.pixels).map(|label| classes[label]);
                classes.collect::<Vec<u16>>().into()
            }
            Targets::Values(values) => {
                let width = values.len() / self.len().max(1);
                let values = some(width).map(|value| values[value]);
                values.collect::<Vec<f32>>().into()
            }
        };
        let weights = self.weights.as_ref();
        let weights =
            weights.map(|weights| some(self.pixels).map(|label| weights[label]).collect());
        Self {
            inputs: self.inputs.clone(),
            rows: Some(
                indices
                    .iter()
                    .map(|&index| self.row(index) as u32)
                    .collect(),
            ),
            targets: Arc::new(targets),
            weights,
            pixels: self.pixels,
        }
    }

    /// Number of examples.
    pub fn len(&self) -> usize {
        match &self.rows {
            Some(rows) => rows.len(),
            None => self.inputs.len(),
        }
    }

    /// True if there are no examples; a trainer refuses such a set.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The inputs that the examples are some of.
    pub fn inputs(&self) -> &Arc<dyn Inputs> {
        &self.inputs
    }

    /// The same examples of other inputs, as many as there are now.
    ///
    /// # Panics
    /// If they are not as many.
    #[must_use]
    pub fn with_inputs(&self, inputs: Arc<dyn Inputs>) -> Self {
        assert_eq!(inputs.len(), self.inputs.len(), "other inputs, as many");
        Self {
            inputs,
            ..self.clone()
        }
    }

    /// Index among [`Examples::inputs`] of example `index`.
    ///
    /// # Panics
    /// If `index` is not below the number of examples.
    pub fn row(&self, index: usize) -> usize {
        match &self.rows {
            Some(rows) => rows[index] as usize,
            None => index,
        }
    }

    /// Pixels of an example that have targets; 1 where each example has its own.
    pub fn pixels(&self) -> usize {
        self.pixels
    }

    /// The targets of all examples, in their order, of each pixel by pixel.
    pub fn targets(&self) -> Targets<'_> {
        self.targets.borrowed()
    }

    /// The targets of all examples with the weights of the examples.
    pub fn weighted_targets(&self) -> BatchTargets<'_> {
        BatchTargets {
            targets: self.targets(),
            weights: self.weights(),
        }
    }

    /// The weight of each example, or of each of its pixels that have targets, in
    /// the mean loss; without, all are equal.
    pub fn weights(&self) -> Option<&[f32]> {
        self.weights.as_deref()
    }

    /// Writes the input of example `index` as [`Inputs::write`] does.
    ///
    /// # Panics
    /// If `index` is not below the number of examples, or `input` does not
    /// have the length of an input.
    #[inline]
    pub fn write_input(&self, index: usize, augmentation: Option<u64>, input: &mut [f32]) {
        self.inputs.write(self.row(index), augmentation, input);
    }
}

impl fmt::Debug for Examples {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.targets() {
            Targets::Classes(_) => "classes",
            Targets::Values(_) => "values",
        };
        f.debug_struct("Examples")
            .field("len", &self.len())
            .field("input_len", &self.inputs.input_len())
            .field("targets", &kind)
            .field("weighted", &self.weights.is_some())
            .finish()
    }
}

/// Checks that there are targets for so many examples.
fn check_targets(examples: usize, targets: Targets<'_>) -> Result<(), ExamplesError> {
    match targets {
        Targets::Classes(classes) if classes.len() != examples => Err(ExamplesError::LabelCount {
            found: classes.len(),
            examples,
        }),
        Targets::Values(values) if !is_shared_evenly(values.len(), examples) => {
            Err(ExamplesError::ValueCount {
                found: values.len(),
                examples,
            })
        }
        _ => Ok(()),
    }
}

/// True if each of `count` examples has the same number of values, at least 1.
fn is_shared_evenly(values: usize, count: usize) -> bool {
    match count {
        0 => values == 0,
        count => values >= count && values.is_multiple_of(count),
    }
}

#[cfg(test)]
mod tests {
    use super::super::inputs::FloatInputs;
    use super::*;

    fn inputs(count: usize) -> Arc<dyn Inputs> {
        let values = (0..2 * count).map(|i| i as f32).collect();
        Arc::new(FloatInputs::new(2, values).unwrap())
    }

    fn input(examples: &Examples, index: usize) -> [f32; 2] {
        let mut input = [-1.0; 2];
        examples.write_input(index, None, &mut input);
        input
    }

    #[test]
    fn rows_choose_among_shared_inputs() {
        let all = inputs(3);
        let some = Examples::of_rows(all.clone(), vec![2, 0, 2], vec![7_u16, 8, 9]).unwrap();
        assert!(Arc::ptr_eq(some.inputs(), &all));
        assert_eq!((some.len(), some.row(0)), (3, 2));
        assert_eq!([input(&some, 0), input(&some, 1)], [[4.0, 5.0], [0.0, 1.0]]);
        assert_eq!(some.targets(), Targets::Classes(&[7, 8, 9]));
        let refused = Examples::of_rows(all, vec![0, 3], vec![0_u16, 0]).unwrap_err();
        assert!(refused.to_string().contains("no input 3"), "{refused}");
    }

    #[test]
    fn the_first_examples_keep_their_targets_and_weights() {
        let all = Examples::new(inputs(3), vec![0.0_f32, 0.1, 1.0, 1.1, 2.0, 2.1]).unwrap();
        let all = all.weighted(vec![1.0, 0.0, 2.0]).unwrap();
        let two = all.first(2);
        assert_eq!(two.len(), 2);
        assert_eq!(input(&two, 1), [2.0, 3.0]);
        assert_eq!(two.targets(), Targets::Values(&[0.0, 0.1, 1.0, 1.1]));
        assert_eq!(two.weights(), Some(&[1.0, 0.0][..]));
        assert_eq!(two.first(1).len(), 1);
        assert_eq!(all.first(9).len(), 3);
        let some = all.select(&[2, 0]).select(&[1]);
        assert_eq!((some.len(), input(&some, 0)), (1, [0.0, 1.0]));
        assert_eq!(some.targets(), Targets::Values(&[0.0, 0.1]));
        assert_eq!(some.weights(), Some(&[1.0][..]));
    }

    #[test]
    fn what_does_not_pair_up_is_refused() {
        let says = |result: Result<Examples, ExamplesError>, part: &str| {
            let sentence = result.unwrap_err().to_string();
            assert!(sentence.contains(part), "no `{part}` in: {sentence}");
        };
        says(
            Examples::new(inputs(3), vec![0_u16; 2]),
            "2 labels for 3 examples",
        );
        let values = |count| Examples::new(inputs(3), vec![0.5_f32; count]);
        says(values(4), "4 target values for 3 examples");
        says(values(0), "0 target values for 3 examples");
        says(
            values(3).unwrap().weighted(vec![1.0]),
            "1 weights for 3 examples",
        );
        for weight in [-1.0, f32::NAN, f32::INFINITY] {
            says(
                values(3).unwrap().weighted(vec![1.0, weight, 1.0]),
                "example 1 has the weight",
            );
        }
        assert!(Examples::new(inputs(0), Vec::<f32>::new()).is_ok());
        says(
            Examples::new(inputs(0), vec![0.5_f32]),
            "1 target values for 0 examples",
        );
    }
}
