//! NumPy arrays `x` and `y` in a `.npz` file.

use std::path::Path;

use super::samples::{Inputs, Samples};
use crate::error::{ArrayProblem, DataError};
use crate::formats::npy::{Header, Kind};
use crate::formats::npz::Npz;
use paramalloc_core::data::OwnedTargets;
use paramalloc_core::network::shape::Dims;

/// The most classes of a task; their number fits 16 bits too.
const MAX_CLASSES: u16 = u16::MAX;

/// The examples in a file, and its SHA-256.
pub(super) fn read(path: &Path, input: Dims) -> Result<(Samples, String), DataError> {
    let (mut npz, sha256) = Npz::open(path)?;
    let x = inputs_header(&mut npz, input)?;
    let y = npz.header("y")?;
    let count = x.shape[0];
    if y.shape.first() != Some(&count) {
        return Err(DataError::TargetCount {
            path: path.to_owned(),
            inputs: count,
            targets: y.shape,
        });
    }
    let (targets, outputs) = npz.targets(&y)?;
    let samples = Samples {
        count,
        inputs: npz.inputs(&x, input.is_image)?,
        targets,
        outputs,
        class_names: Vec::new(),
        max_of_16_bits: None,
    };
    Ok((samples, sha256))
}

/// The inputs in a file, without targets.
pub(super) fn read_inputs(path: &Path, input: Dims) -> Result<Inputs, DataError> {
    let (mut npz, _) = Npz::open(path)?;
    let x = inputs_header(&mut npz, input)?;
    npz.inputs(&x, input.is_image)
}

/// The header of the inputs, which are those of the network.
fn inputs_header(npz: &mut Npz<'_>, input: Dims) -> Result<Header, DataError> {
    let x = npz.header("x")?;
    let fits = match x.shape[..] {
        [_, channels, height, width] => {
            input.is_image
                && [channels, height, width] == [input.channels, input.height, input.width]
        }
        [_, features] => !input.is_image && features == input.channels,
        _ => false,
    };
    if !fits {
        return Err(npz.problem(
            "x",
            ArrayProblem::InputShape {
                found: x.shape,
                input,
            },
        ));
    }
    if x.shape[0] == 0 {
        return Err(DataError::Empty {
            path: npz.path.to_owned(),
            content: "examples",
        });
    }
    Ok(x)
}

impl Npz<'_> {
    fn inputs(&mut self, header: &Header, is_image: bool) -> Result<Inputs, DataError> {
        match header.entry.map(|entry| (entry.kind, entry.bytes)) {
            Some((Kind::Uint, 1)) if is_image => {
                let mut bytes = Vec::new();
                self.entries("x", |[byte]| bytes.push(byte))?;
                Ok(Inputs::Bytes(bytes))
            }
            // Features are numbers as they are; only pixels are 0 to 255.
            Some((Kind::Uint, 1)) => {
                let mut values = Vec::new();
                self.entries("x", |[byte]| values.push(f32::from(byte)))?;
                Ok(Inputs::Floats(values))
            }
            Some((Kind::Float, 4 | 8)) => Ok(Inputs::Floats(self.floats("x", header)?)),
            _ => Err(self.problem(
                "x",
                ArrayProblem::Type {
                    found: header.description.clone(),
                    wanted: "uint8, float32 or float64",
                },
            )),
        }
    }

    /// The targets and the width of the head that they need.
    fn targets(&mut self, header: &Header) -> Result<(OwnedTargets, usize), DataError> {
        match header.entry.map(|entry| (entry.kind, entry.bytes)) {
            Some((Kind::Float, 4 | 8)) => {
                let outputs = match header.shape[..] {
                    [_] => 1,
                    [_, outputs] if outputs > 0 => outputs,
                    _ => {
                        let found = header.shape.clone();
                        return Err(self.problem("y", ArrayProblem::ValueShape { found }));
                    }
                };
                Ok((OwnedTargets::Values(self.floats("y", header)?), outputs))
            }
            Some((kind @ (Kind::Int | Kind::Uint), bytes @ (1 | 2 | 4 | 8))) => {
                if header.shape.len() != 1 {
                    let found = header.shape.clone();
                    return Err(self.problem("y", ArrayProblem::ClassShape { found }));
                }
                self.classes(kind == Kind::Int, bytes)
            }
            _ => Err(self.problem(
                "y",
                ArrayProblem::Type {
                    found: header.description.clone(),
                    wanted: "of integers (classes) or of float32 or float64 (values to predict)",
                },
            )),
        }
    }

    fn classes(
        &mut self,
        is_signed: bool,
        bytes: usize,
    ) -> Result<(OwnedTargets, usize), DataError> {
        let mut classes: Vec<u16> = Vec::new();
        let mut wrong = None;
        let push = |label: i128| match u16::try_from(label) {
            Ok(class) if class < MAX_CLASSES => classes.push(class),
            _ => wrong = wrong.or(Some((classes.len(), label))),
        };
        self.integers("y", is_signed, bytes, push)?;
        if let Some((index, label)) = wrong {
            return Err(self.problem("y", ArrayProblem::Label { index, label }));
        }
        let outputs = classes
            .iter()
            .max()
            .map_or(0, |&class| usize::from(class) + 1);
        Ok((OwnedTargets::Classes(classes), outputs))
    }
}
