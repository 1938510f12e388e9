//! What examples are to be told from or predicted: classes or values.

/// The class of an example whose class is not known: it weighs nothing in a
/// loss or a metric.
pub const MISSING_CLASS: u16 = u16::MAX;

/// Which targets a loss or a metric takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TargetKind {
    /// A class per example: [`Targets::Classes`].
    Classes,
    /// Independent labels, one per output, 0 to 1: [`Targets::Values`].
    Labels,
    /// Values, one per output: [`Targets::Values`].
    Values,
}

/// The targets of some examples, borrowed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Targets<'a> {
    /// One class per example, or per pixel of it, `0..outputs` of the task, or
    /// [`MISSING_CLASS`].
    Classes(&'a [u16]),
    /// `outputs` values or labels per example, or per pixel of it, one after the
    /// other. NaN marks one that is missing.
    Values(&'a [f32]),
}

/// The target of one example.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target<'a> {
    /// The class is not known.
    Missing,
    /// A class, below the number of outputs.
    Class(usize),
    /// A value or label per output; NaN marks one that is missing.
    Values(&'a [f32]),
}

/// The targets of a batch of examples and what the examples weigh.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchTargets<'a> {
    /// The targets.
    pub targets: Targets<'a>,
    /// Weight of each example in the mean loss, finite and at least 0;
    /// without, each weighs 1.
    pub weights: Option<&'a [f32]>,
}

/// The targets of some examples, owned: [`Examples`](super::Examples) are made
/// from them, or from one of the two vectors.
#[derive(Clone, Debug, PartialEq)]
pub enum OwnedTargets {
    /// As [`Targets::Classes`].
    Classes(Vec<u16>),
    /// As [`Targets::Values`].
    Values(Vec<f32>),
}

impl<'a> Targets<'a> {
    /// The accuracy of always predicting the most frequent class, if these
    /// are classes of which at least one is known.
    pub fn majority_class(&self) -> Option<f64> {
        let counts = self.counts()?;
        let all: u64 = counts.iter().sum();
        let most = counts.into_iter().max()?;
        Some(most as f64 / all as f64)
    }

    /// How many different classes there are, if these are classes of which at least
    /// one is known.
    pub fn classes(&self) -> Option<usize> {
        let counts = self.counts()?;
        Some(counts.iter().filter(|&&count| count > 0).count())
    }

    /// Examples of each class.
    fn counts(&self) -> Option<Vec<u64>> {
        let Targets::Classes(classes) = self else {
            return None;
        };
        let known = || classes.iter().filter(|&&class| class != MISSING_CLASS);
        let largest = usize::from(*known().max()?);
        let mut counts = vec![0; largest + 1];
        for &class in known() {
            counts[usize::from(class)] += 1;
        }
        Some(counts)
    }

    /// The target of example (or pixel) `index` of a task with this number of outputs.
    ///
    /// # Panics
    /// If there is no such example.
    #[inline]
    pub fn target(self, index: usize, outputs: usize) -> Target<'a> {
        match self {
            Self::Classes(classes) => match classes[index] {
                MISSING_CLASS => Target::Missing,
                class => Target::Class(usize::from(class)),
            },
            Self::Values(values) => Target::Values(&values[index * outputs..][..outputs]),
        }
    }
}

impl<'a> Target<'a> {
    /// Number of its labels that are present.
    pub fn present(self) -> usize {
        match self {
            Self::Missing => 0,
            Self::Class(_) => 1,
            Self::Values(values) => values.iter().filter(|value| !value.is_nan()).count(),
        }
    }

    /// The values or labels that are present, each with its output.
    pub fn values_present(self) -> impl Iterator<Item = (usize, f32)> + use<'a> {
        let values = match self {
            Self::Values(values) => values,
            Self::Missing | Self::Class(_) => &[],
        };
        let all = values.iter().copied().enumerate();
        all.filter(|(_, value)| !value.is_nan())
    }

    /// For each value that is present its output and `outputs[k] - value`.
    pub fn differences(self, outputs: &[f32]) -> impl Iterator<Item = (usize, f64)> {
        let values = self.values_present();
        values.map(|(k, value)| (k, f64::from(outputs[k]) - f64::from(value)))
    }
}

impl<'a> BatchTargets<'a> {
    /// The weight of example `index`.
    ///
    /// # Panics
    /// If there is no such example.
    #[inline]
    pub fn weight(&self, index: usize) -> f32 {
        self.weights.map_or(1.0, |weights| weights[index])
    }

    /// As [`Targets::target`].
    ///
    /// # Panics
    /// If there is no such example.
    #[inline]
    pub fn target(&self, index: usize, outputs: usize) -> Target<'a> {
        self.targets.target(index, outputs)
    }
}

impl<'a> From<Targets<'a>> for BatchTargets<'a> {
    fn from(targets: Targets<'a>) -> Self {
        Self {
            targets,
            weights: None,
        }
    }
}

impl OwnedTargets {
    /// The same targets, borrowed.
    pub fn borrowed(&self) -> Targets<'_> {
        match self {
            Self::Classes(classes) => Targets::Classes(classes),
            Self::Values(values) => Targets::Values(values),
        }
    }
}

impl From<Vec<u16>> for OwnedTargets {
    fn from(classes: Vec<u16>) -> Self {
        Self::Classes(classes)
    }
}

impl From<Targets<'_>> for OwnedTargets {
    fn from(targets: Targets<'_>) -> Self {
        match targets {
            Targets::Classes(classes) => Self::Classes(classes.to_vec()),
            Targets::Values(values) => Self::Values(values.to_vec()),
        }
    }
}

impl From<Vec<f32>> for OwnedTargets {
    fn from(values: Vec<f32>) -> Self {
        Self::Values(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_majority_class_is_the_most_frequent_one() {
        let majority = |classes: &[u16]| Targets::Classes(classes).majority_class();
        assert_eq!(majority(&[3, 0, 3, 1]), Some(0.5));
        assert_eq!(
            majority(&[3, 3, MISSING_CLASS, 1, MISSING_CLASS]),
            Some(2.0 / 3.0)
        );
        assert_eq!(majority(&[7]), Some(1.0));
        assert_eq!(majority(&[]), None);
        assert_eq!(majority(&[MISSING_CLASS]), None);
        assert_eq!(Targets::Values(&[0.5]).majority_class(), None);
        assert_eq!(
            Targets::Classes(&[3, MISSING_CLASS, 1, 3]).classes(),
            Some(2)
        );
        assert_eq!(Targets::Classes(&[]).classes(), None);
    }

    #[test]
    fn a_target_knows_what_is_present() {
        let classes = Targets::Classes(&[2, MISSING_CLASS]);
        assert_eq!(classes.target(0, 3), Target::Class(2));
        assert_eq!(classes.target(1, 3), Target::Missing);
        assert_eq!(classes.target(1, 3).present(), 0);
        let values = Targets::Values(&[0.0, 1.0, f32::NAN, 4.0]).target(1, 2);
        assert_eq!(values.present(), 1);
        let differences: Vec<_> = values.differences(&[9.0, 1.0]).collect();
        assert_eq!(differences, [(1, -3.0)]);
    }
}
