//! NumPy arrays `x` and `y` in a `.npz` file.

use std::io::{Cursor, Read};
use std::path::Path;

use npyz::{DType, NpyFile, Order, TypeChar};
use paramalloc_core::data::OwnedTargets;
use paramalloc_core::network::shape::Dims;
use zip::ZipArchive;
use zip::result::ZipError;

use super::samples::{Inputs, Samples};
use crate::DataError;
use crate::source::LocalFile;

/// The examples in a file, and its SHA-256.
pub(super) fn read(path: &Path, input: Dims) -> Result<(Samples, String), DataError> {
    let LocalFile { bytes, sha256, .. } = LocalFile::read(path.to_owned())?;
    let mut archive = ZipArchive::new(Cursor::new(&bytes))
        .map_err(|problem| DataError::broken(path, "npz", problem))?;
    let x = Array::read(&mut archive, path, "x")?;
    let y = Array::read(&mut archive, path, "y")?;
    let refuse = |problem: String| Err(DataError::content(path, problem));
    let (channels, rows, columns) = (input.channels, input.height, input.width);
    let fits = match x.shape[..] {
        [_, c, h, w] => input.is_image && [c, h, w] == [channels, rows, columns],
        [_, features] => !input.is_image && features == channels,
        _ => false,
    };
    if !fits {
        let wanted = match input.is_image {
            true => format!("[n, {channels}, {rows}, {columns}]"),
            false => format!("[n, {channels}]"),
        };
        return refuse(format!(
            "has an array `x` of shape {:?}, but the network takes {wanted}",
            x.shape
        ));
    }
    let count = x.shape[0];
    if count == 0 {
        return refuse("holds no examples".to_owned());
    }
    if y.shape.first() != Some(&count) {
        return refuse(format!(
            "has {count} inputs, but an array `y` of shape {:?}",
            y.shape
        ));
    }
    let (targets, outputs) = y.targets(path)?;
    let samples = Samples {
        count,
        inputs: x.inputs(path)?,
        targets,
        outputs,
        class_names: Vec::new(),
    };
    Ok((samples, sha256))
}

/// One array, not yet decoded.
struct Array {
    name: &'static str,
    shape: Vec<usize>,
    /// Kind and bytes of an entry; nothing for records of several.
    kind: Option<(TypeChar, usize)>,
    /// The type in the words of NumPy.
    description: String,
    file: Vec<u8>,
}

impl Array {
    fn read(
        archive: &mut ZipArchive<Cursor<&Vec<u8>>>,
        path: &Path,
        name: &'static str,
    ) -> Result<Self, DataError> {
        let mut file = Vec::new();
        match archive.by_name(&format!("{name}.npy")) {
            Ok(mut entry) => entry
                .read_to_end(&mut file)
                .map_err(|problem| DataError::broken(path, "npz", problem))?,
            Err(ZipError::FileNotFound) => {
                return Err(DataError::content(
                    path,
                    format!("has no array `{name}`; write it with numpy.savez(file, x=x, y=y)"),
                ));
            }
            Err(problem) => return Err(DataError::broken(path, "npz", problem)),
        };
        let header = open(&file).map_err(|problem| DataError::broken(path, "npz", problem))?;
        let refuse =
            |problem: &str| DataError::content(path, format!("has an array `{name}` {problem}"));
        let kind = match header.dtype() {
            DType::Plain(plain) => plain.num_bytes().map(|bytes| (plain.type_char(), bytes)),
            _ => None,
        };
        let shape: Vec<usize> = header.shape().iter().map(|&size| size as usize).collect();
        if header.order() != Order::C && shape.len() > 1 {
            return Err(refuse(
                "in Fortran order; write numpy.ascontiguousarray of it",
            ));
        }
        let entries = shape
            .iter()
            .try_fold(1_usize, |product, &size| product.checked_mul(size));
        let bytes = kind.and_then(|(_, bytes)| entries?.checked_mul(bytes));
        // Also keeps a damaged header from asking for all memory.
        if kind.is_some() && bytes.is_none_or(|bytes| bytes > file.len()) {
            return Err(refuse("that breaks off; write the file again"));
        }
        Ok(Self {
            name,
            shape,
            kind,
            description: header.dtype().descr(),
            file,
        })
    }

    /// The entries, of the type that `kind` says.
    fn entries<T: npyz::Deserialize>(&self, path: &Path) -> Result<Vec<T>, DataError> {
        let entries = open(&self.file).and_then(NpyFile::into_vec);
        entries.map_err(|problem| DataError::broken(path, "npz", problem))
    }

    fn refuse<T>(&self, path: &Path, problem: &str) -> Result<T, DataError> {
        let name = self.name;
        Err(DataError::content(
            path,
            format!("has an array `{name}` {problem}"),
        ))
    }

    fn inputs(&self, path: &Path) -> Result<Inputs, DataError> {
        match self.kind {
            Some((TypeChar::Uint, 1)) => Ok(Inputs::Bytes(self.entries(path)?)),
            Some((TypeChar::Float, 4)) => {
                let floats: Vec<f32> = self.entries(path)?;
                self.check_finite(path, floats.iter().map(|&v| f64::from(v)))?;
                Ok(Inputs::Floats(floats))
            }
            Some((TypeChar::Float, 8)) => {
                let floats: Vec<f64> = self.entries(path)?;
                let floats: Vec<f32> = floats.into_iter().map(|value| value as f32).collect();
                self.check_finite(path, floats.iter().map(|&v| f64::from(v)))?;
                Ok(Inputs::Floats(floats))
            }
            _ => self.refuse(
                path,
                &format!(
                    "of type {}, but it must be uint8, float32 or float64",
                    self.description
                ),
            ),
        }
    }

    /// The targets and the width of the head that they need.
    fn targets(&self, path: &Path) -> Result<(OwnedTargets, usize), DataError> {
        let labels = |labels: Vec<i64>| self.classes(path, &labels);
        match self.kind {
            Some((TypeChar::Float, 4)) => self.values(path, self.entries(path)?),
            Some((TypeChar::Float, 8)) => {
                let values: Vec<f64> = self.entries(path)?;
                self.values(path, values.into_iter().map(|value| value as f32).collect())
            }
            Some((TypeChar::Int, 1)) => labels(widened(self.entries::<i8>(path)?)),
            Some((TypeChar::Int, 2)) => labels(widened(self.entries::<i16>(path)?)),
            Some((TypeChar::Int, 4)) => labels(widened(self.entries::<i32>(path)?)),
            Some((TypeChar::Int, 8)) => labels(self.entries::<i64>(path)?),
            Some((TypeChar::Uint, 1)) => labels(widened(self.entries::<u8>(path)?)),
            Some((TypeChar::Uint, 2)) => labels(widened(self.entries::<u16>(path)?)),
            Some((TypeChar::Uint, 4)) => labels(widened(self.entries::<u32>(path)?)),
            Some((TypeChar::Uint, 8)) => {
                let large: Vec<u64> = self.entries(path)?;
                let limited = large.into_iter().map(|v| i64::try_from(v).unwrap_or(i64::MAX));
                labels(limited.collect())
            }
            _ => self.refuse(
                path,
                &format!(
                    "of type {}, but it must be of integers (classes) or of float32 or float64 (values to predict)",
                    self.description
                ),
            ),
        }
    }

    fn classes(&self, path: &Path, labels: &[i64]) -> Result<(OwnedTargets, usize), DataError> {
        if self.shape.len() != 1 {
            return self.refuse(
                path,
                &format!("of shape {:?}, but classes must have shape [n]", self.shape),
            );
        }
        // The number of classes fits 16 bits too.
        let class = |label: i64| u16::try_from(label).ok().filter(|&class| class < u16::MAX);
        let mut classes = Vec::with_capacity(labels.len());
        for (index, &label) in labels.iter().enumerate() {
            let Some(class) = class(label) else {
                return self.refuse(
                    path,
                    &format!("whose entry {index} is {label}, but classes go from 0 to 65534"),
                );
            };
            classes.push(class);
        }
        let outputs = classes
            .iter()
            .max()
            .map_or(0, |&class| usize::from(class) + 1);
        Ok((OwnedTargets::Classes(classes), outputs))
    }

    fn values(&self, path: &Path, values: Vec<f32>) -> Result<(OwnedTargets, usize), DataError> {
        let outputs = match self.shape[..] {
            [_] => 1,
            [_, outputs] if outputs > 0 => outputs,
            _ => {
                return self.refuse(
                    path,
                    &format!(
                        "of shape {:?}, but values to predict must have shape [n] or [n, outputs]",
                        self.shape
                    ),
                );
            }
        };
        self.check_finite(path, values.iter().map(|&value| f64::from(value)))?;
        Ok((OwnedTargets::Values(values), outputs))
    }

    /// The indices of an entry, as NumPy counts them.
    fn place(&self, mut index: usize) -> Vec<usize> {
        let mut place = vec![0; self.shape.len()];
        for (place, &size) in place.iter_mut().zip(&self.shape).rev() {
            *place = index % size;
            index /= size;
        }
        place
    }

    fn check_finite(
        &self,
        path: &Path,
        mut values: impl Iterator<Item = f64>,
    ) -> Result<(), DataError> {
        match values.position(|value| !value.is_finite()) {
            None => Ok(()),
            Some(index) => {
                let place = self.place(index);
                self.refuse(
                    path,
                    &format!("whose entry {place:?} is not a finite number"),
                )
            }
        }
    }
}

fn open(file: &[u8]) -> std::io::Result<NpyFile<&[u8]>> {
    NpyFile::new(file)
}

fn widened<T: Into<i64>>(values: Vec<T>) -> Vec<i64> {
    values.into_iter().map(Into::into).collect()
}
