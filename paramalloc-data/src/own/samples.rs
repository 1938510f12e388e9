//! Examples that were read, before they are split and handed on.

use std::fmt::{self, Display};
use std::path::Path;
use std::sync::Arc;

use paramalloc_core::data::{ByteInputs, Examples, FloatInputs, OwnedTargets};

use crate::error::{ContentProblem, DataError};
use crate::split;

/// So many names of classes are shown.
const SHOWN_NAMES: usize = 8;

/// Inputs, one after the other.
#[derive(Debug)]
pub(super) enum Inputs {
    /// 255 stands for 1.0.
    Bytes(Vec<u8>),
    Floats(Vec<f32>),
}

/// Inputs with their targets.
pub(super) struct Samples {
    /// Number of examples, at least 1.
    pub count: usize,
    pub inputs: Inputs,
    pub targets: OwnedTargets,
    /// Width of the head that the targets need.
    pub outputs: usize,
    /// Names of the classes, where they have some.
    pub class_names: Vec<String>,
    /// The largest value in images of 16 bits, of 65535.
    pub max_of_16_bits: Option<u16>,
}

/// Examples to train on and to test on.
pub(super) struct Splits {
    pub train: Samples,
    pub test: Samples,
}

impl Splits {
    /// The splits that the user chose, in `place`.
    pub fn chosen(place: &Path, train: Samples, test: Samples) -> Result<Self, DataError> {
        if train.is_regression() != test.is_regression() {
            return Err(DataError::content(place, ContentProblem::KindsOfParts));
        }
        if train.is_regression() && train.outputs != test.outputs {
            return Err(DataError::content(
                place,
                ContentProblem::OutputsOfParts {
                    train: train.outputs,
                    test: test.outputs,
                },
            ));
        }
        let trained_on = train.members();
        let is_new = |class: usize| trained_on.get(class).is_none_or(Vec::is_empty);
        let of_test = test.members().into_iter().enumerate();
        let mut new = of_test.filter(|(class, members)| !members.is_empty() && is_new(*class));
        if let Some((class, _)) = new.next() {
            return Err(DataError::content(
                place,
                ContentProblem::UntrainedClass { class },
            ));
        }
        Ok(Self { train, test })
    }

    /// The largest value in images of 16 bits.
    pub fn max_of_16_bits(&self) -> Option<u16> {
        self.train.max_of_16_bits.max(self.test.max_of_16_bits)
    }

    /// Width of the task's head.
    pub fn outputs(&self) -> usize {
        self.train.outputs.max(self.test.outputs)
    }
}

/// `2 classes (cat, dog), 16 examples to train on, 4 to test on`
impl Display for Splits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = &self.train.class_names;
        match (self.outputs(), self.train.is_regression()) {
            (1, true) => write!(f, "1 value to predict")?,
            (count, true) => write!(f, "{count} values to predict")?,
            (count, false) => {
                write!(f, "{count} classes")?;
                let found = self.train.classes_found();
                if found < count {
                    write!(f, ", {found} of which have examples to train on")?;
                }
                let tested = self.test.classes_found();
                if tested < found {
                    write!(f, ", {tested} of which have examples to test on")?;
                }
            }
        }
        if !names.is_empty() {
            let shown = &names[..names.len().min(SHOWN_NAMES)];
            let rest = if shown.len() < names.len() {
                ", .."
            } else {
                ""
            };
            write!(f, " ({}{rest})", shown.join(", "))?;
        }
        let [train, test] = [self.train.count, self.test.count];
        write!(f, ", {train} examples to train on, {test} to test on")
    }
}

impl Samples {
    /// Number of different classes that the examples are of.
    fn classes_found(&self) -> usize {
        let members = self.members();
        members
            .iter()
            .filter(|examples| !examples.is_empty())
            .count()
    }

    pub fn is_regression(&self) -> bool {
        matches!(self.targets, OwnedTargets::Values(_))
    }

    /// Parts the examples of each class at random, but alike in every run,
    /// so that about `test_share` of them, and at least one, is for testing.
    pub fn split(self, task: &str, place: &Path, test_share: f64) -> Result<Splits, DataError> {
        let mut is_test = vec![false; self.count];
        for (class, members) in self.members().into_iter().enumerate() {
            if members.is_empty() {
                continue;
            }
            if members.len() == 1 {
                let class = match self.class_names.get(class) {
                    Some(name) => name.clone(),
                    None => class.to_string(),
                };
                return Err(DataError::content(
                    place,
                    ContentProblem::OneExample { class },
                ));
            }
            let share = (members.len() as f64 * test_share).round() as usize;
            let order = split::shuffled(split::named(task), class as u64, members.len());
            for &place in &order[..share.clamp(1, members.len() - 1)] {
                is_test[members[place as usize]] = true;
            }
        }
        let of = |wanted: bool| -> Vec<usize> {
            (0..self.count).filter(|&i| is_test[i] == wanted).collect()
        };
        Ok(Splits {
            train: self.picked(&of(false)),
            test: self.picked(&of(true)),
        })
    }

    /// Numbers of the examples of each class; all in one for regression.
    fn members(&self) -> Vec<Vec<usize>> {
        match &self.targets {
            OwnedTargets::Values(_) => vec![(0..self.count).collect()],
            OwnedTargets::Classes(classes) => {
                let mut members = vec![Vec::new(); self.outputs];
                for (index, &class) in classes.iter().enumerate() {
                    members[usize::from(class)].push(index);
                }
                members
            }
        }
    }

    fn picked(&self, chosen: &[usize]) -> Self {
        Self {
            count: chosen.len(),
            inputs: match &self.inputs {
                Inputs::Bytes(bytes) => Inputs::Bytes(gather(bytes, self.count, chosen)),
                Inputs::Floats(floats) => Inputs::Floats(gather(floats, self.count, chosen)),
            },
            targets: match &self.targets {
                OwnedTargets::Classes(classes) => {
                    OwnedTargets::Classes(gather(classes, self.count, chosen))
                }
                OwnedTargets::Values(values) => {
                    OwnedTargets::Values(gather(values, self.count, chosen))
                }
            },
            outputs: self.outputs,
            class_names: self.class_names.clone(),
            max_of_16_bits: self.max_of_16_bits,
        }
    }

    /// What training reads.
    pub fn into_examples(self, input_len: usize) -> Result<Examples, DataError> {
        let values = match (self.inputs, &self.targets) {
            (Inputs::Bytes(bytes), OwnedTargets::Classes(_)) => {
                let inputs = ByteInputs::new(input_len, bytes)?;
                return Ok(Examples::new(Arc::new(inputs), self.targets)?);
            }
            // Not the values of `ByteInputs`, which multiplies by 1/255.
            (Inputs::Bytes(bytes), OwnedTargets::Values(_)) => {
                let values = bytes.into_iter().map(|byte| f32::from(byte) / 255.0);
                values.collect()
            }
            (Inputs::Floats(values), _) => values,
        };
        let inputs = FloatInputs::new(input_len, values)?;
        Ok(Examples::new(Arc::new(inputs), self.targets)?)
    }
}

/// The chosen of `count` equal parts of `values`.
fn gather<T: Copy>(values: &[T], count: usize, chosen: &[usize]) -> Vec<T> {
    let len = values.len() / count;
    let parts = chosen.iter().map(|&index| &values[index * len..][..len]);
    parts.flatten().copied().collect()
}
