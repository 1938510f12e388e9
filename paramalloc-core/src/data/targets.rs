//! What examples are to be told from or predicted: classes or values.

/// The targets of some examples, borrowed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Targets<'a> {
    /// Classification: one class per example, `0..outputs` of the task.
    Classes(&'a [u16]),
    /// Regression: `outputs` values per example, one example after the other.
    /// NaN marks a value that is missing.
    Values(&'a [f32]),
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

impl Targets<'_> {
    /// The accuracy of always predicting the most frequent class, if these
    /// are classes of at least one example.
    pub fn majority_class(&self) -> Option<f64> {
        let Targets::Classes(classes) = self else {
            return None;
        };
        let largest = usize::from(*classes.iter().max()?);
        let mut counts = vec![0_u64; largest + 1];
        for &class in *classes {
            counts[usize::from(class)] += 1;
        }
        let most = counts.into_iter().max()?;
        Some(most as f64 / classes.len() as f64)
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
        assert_eq!(majority(&[7]), Some(1.0));
        assert_eq!(majority(&[]), None);
        assert_eq!(Targets::Values(&[0.5]).majority_class(), None);
    }
}
