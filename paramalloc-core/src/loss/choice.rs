//! Which loss a head has.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::absolute_error::MeanAbsoluteError;
use super::binary_cross_entropy::BinaryCrossEntropy;
use super::cross_entropy::SoftmaxCrossEntropy;
use super::focal::Focal;
use super::huber::Huber;
use super::interface::TaskLoss;
use super::squared_error::MeanSquaredError;
use crate::data::TargetKind;

/// The task loss: a mean over the labels of a batch that are present.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Loss {
    /// [`SoftmaxCrossEntropy`] of a class per example
    /// ([`Targets::Classes`](crate::data::Targets::Classes)), in nats.
    SoftmaxCrossEntropy,
    /// [`Focal`] of a class per example, in nats.
    Focal,
    /// [`BinaryCrossEntropy`] of independent labels, 0 or 1 each
    /// ([`Targets::Values`](crate::data::Targets::Values)), in nats.
    BinaryCrossEntropy,
    /// [`MeanSquaredError`] of values.
    MeanSquaredError,
    /// [`MeanAbsoluteError`] of values.
    MeanAbsoluteError,
    /// [`Huber`] of values.
    Huber,
    /// A loss of the user's own.
    Own(OwnLoss),
}

impl Loss {
    /// A loss of the user's own.
    pub const fn own(loss: &'static dyn TaskLoss) -> Self {
        Self::Own(OwnLoss::new(loss))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::Own(own) => own.name(),
            _ => self.task_loss().map_or("", TaskLoss::name),
        }
    }

    /// The loss; none if only the name of a user's own is known.
    pub fn task_loss(&self) -> Option<&'static dyn TaskLoss> {
        Some(match self {
            Self::SoftmaxCrossEntropy => &SoftmaxCrossEntropy,
            Self::Focal => &Focal,
            Self::BinaryCrossEntropy => &BinaryCrossEntropy,
            Self::MeanSquaredError => &MeanSquaredError,
            Self::MeanAbsoluteError => &MeanAbsoluteError,
            Self::Huber => &Huber,
            Self::Own(own) => return own.loss(),
        })
    }

    /// The same for a loss of this crate, while compiling; none for a user's
    /// own.
    pub(crate) const fn built_in_kind(&self) -> Option<TargetKind> {
        match self {
            Self::SoftmaxCrossEntropy | Self::Focal => Some(TargetKind::Classes),
            Self::BinaryCrossEntropy => Some(TargetKind::Labels),
            Self::MeanSquaredError | Self::MeanAbsoluteError | Self::Huber => {
                Some(TargetKind::Values)
            }
            Self::Own(_) => None,
        }
    }

    /// Which targets it takes; none if only the name of a user's own is known.
    pub fn target_kind(&self) -> Option<TargetKind> {
        self.task_loss().map(TaskLoss::target_kind)
    }
}

/// A loss of the user's own. It is stored and compared by its name; a network
/// that was read from a file has the name alone until
/// [`Network::bind`](crate::network::Network::bind) finds the loss.
#[derive(Clone)]
pub struct OwnLoss(State);

#[derive(Clone)]
enum State {
    Bound(&'static dyn TaskLoss),
    Named(String),
}

impl OwnLoss {
    /// This loss.
    pub const fn new(loss: &'static dyn TaskLoss) -> Self {
        Self(State::Bound(loss))
    }

    /// Name of the loss, as [`TaskLoss::name`] gives it.
    pub fn name(&self) -> &str {
        match &self.0 {
            State::Bound(loss) => loss.name(),
            State::Named(name) => name,
        }
    }

    /// The loss; none if only its name is known.
    pub fn loss(&self) -> Option<&'static dyn TaskLoss> {
        match self.0 {
            State::Bound(loss) => Some(loss),
            State::Named(_) => None,
        }
    }
}

impl fmt::Debug for OwnLoss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bound = self.loss().is_some();
        (f.debug_struct("OwnLoss").field("name", &self.name()))
            .field("bound", &bound)
            .finish()
    }
}

impl PartialEq for OwnLoss {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Serialize for OwnLoss {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.name().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for OwnLoss {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|name| Self(State::Named(name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Target;
    use crate::loss::Share;

    const OF_VALUES: [Loss; 4] = [
        Loss::BinaryCrossEntropy,
        Loss::MeanSquaredError,
        Loss::MeanAbsoluteError,
        Loss::Huber,
    ];

    /// The largest difference between a gradient and central differences of
    /// the loss.
    fn gradient_error(loss: &dyn TaskLoss, outputs: &[f32], target: Target<'_>) -> f64 {
        let share = Share {
            weight: 1.5,
            total: 4.0,
        };
        let value = |outputs: &[f32]| loss.example(outputs, target, share, None);
        let mut gradient = vec![0.0; outputs.len()];
        loss.example(outputs, target, share, Some(&mut gradient));
        let step = 1.0 / 512.0;
        let error = |k: usize| {
            let moved = |by: f32| {
                let mut outputs = outputs.to_vec();
                outputs[k] += by;
                value(&outputs)
            };
            let slope = (moved(step) - moved(-step)) / (2.0 * f64::from(step));
            (slope - f64::from(gradient[k])).abs()
        };
        (0..outputs.len()).map(error).fold(0.0, f64::max)
    }

    #[test]
    fn gradients_are_slopes() {
        let outputs = [0.3, -1.7, 2.5, 0.25];
        for loss in OF_VALUES {
            let targets = [1.0, 0.0, f32::NAN, 1.0];
            let loss = loss.task_loss().unwrap();
            let error = gradient_error(loss, &outputs, Target::Values(&targets));
            assert!(error < 1e-5, "{}: {error}", loss.name());
        }
        for loss in [&SoftmaxCrossEntropy as &dyn TaskLoss, &Focal] {
            let error = gradient_error(loss, &outputs, Target::Class(2));
            assert!(error < 1e-4, "{}: {error}", loss.name());
        }
    }

    #[test]
    fn values_are_those_of_the_formulas() {
        let share = Share {
            weight: 1.0,
            total: 2.0,
        };
        let of = |loss: Loss| {
            let target = Target::Values(&[1.0, 0.0]);
            let loss = loss.task_loss().unwrap();
            loss.example(&[1.5, -3.0], target, share, None)
        };
        assert_eq!(of(Loss::MeanSquaredError), (0.25 + 9.0) / 2.0);
        assert_eq!(of(Loss::MeanAbsoluteError), (0.5 + 3.0) / 2.0);
        assert_eq!(of(Loss::Huber), (0.125 + 2.5) / 2.0);
        // ln(1 + e^-1.5) and ln(1 + e^-3).
        let wanted = (0.201_413_277_982_752_3 + 0.048_587_351_573_742_06) / 2.0;
        assert!((of(Loss::BinaryCrossEntropy) - wanted).abs() < 1e-15);
    }

    #[test]
    fn the_kinds_while_compiling_are_those_at_run_time() {
        for loss in OF_VALUES
            .iter()
            .chain(&[Loss::SoftmaxCrossEntropy, Loss::Focal])
        {
            assert_eq!(loss.built_in_kind(), loss.target_kind());
        }
    }

    #[test]
    fn a_loss_is_stored_by_its_name() {
        let json = |loss: &Loss| serde_json::to_string(loss).unwrap();
        assert_eq!(
            json(&Loss::SoftmaxCrossEntropy),
            "\"softmax_cross_entropy\""
        );
        let own = Loss::own(&Huber);
        assert_eq!(json(&own), r#"{"own":"huber"}"#);
        let read: Loss = serde_json::from_str(&json(&own)).unwrap();
        assert_eq!(read, own);
        assert!(read.task_loss().is_none() && own.task_loss().is_some());
    }
}
