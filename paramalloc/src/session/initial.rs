//! The parameters of another run as a start.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use paramalloc_core::summary::{RunManifest, read_whole};
use paramalloc_core::train::{NamedTensor, Trainer};
use paramalloc_plot::format::{count, thousands};

use crate::error::{CheckpointError, Error, InitError};
use crate::run_dir::files::{BEST_PARAMETERS, PARAMETERS};
use crate::run_dir::parameters;

/// Parameters that are named in a message at most.
const NAMED: usize = 6;

/// Trained parameters, and the file that they are from.
#[derive(Debug)]
pub struct Initial {
    file: PathBuf,
    parameters: Vec<NamedTensor>,
}

/// Which parameters of a network were there with the same path and shape.
#[derive(Debug, Default)]
struct Fit {
    /// Those that were, and their values.
    taken: usize,
    values: usize,
    /// Routers of more tasks than there, which have the rows of the first tasks.
    widened: Vec<String>,
    /// Those that have another shape there: path, shape here, shape there.
    reshaped: Vec<String>,
    /// Those that were not there.
    new: Vec<String>,
    /// Those that only the other network has.
    unused: Vec<String>,
}

impl Initial {
    /// The best parameters of the run in the directory `path`, if it keeps these, else its
    /// last; or those in the file `path`.
    ///
    /// # Errors
    /// If there are none, or the file is damaged or of a newer format.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let file = match path.is_dir() {
            false => path.to_owned(),
            true => {
                let files = [BEST_PARAMETERS, PARAMETERS].map(|name| path.join(name));
                let found = files.into_iter().find(|file| file.exists());
                found.ok_or_else(|| InitError::NoParameters {
                    path: path.to_owned(),
                })?
            }
        };
        if path.is_dir()
            && let Some(name) = file.file_name().and_then(|name| name.to_str())
            && RunManifest::is_changed(path, name)
        {
            return Err(Error::Changed { path: file });
        }
        let bytes = read_whole(&file).map_err(Error::io("read", &file))?;
        let read = parameters::from_bytes(&bytes);
        match read {
            Ok(parameters) => Ok(Self { file, parameters }),
            Err(source) => Err(Error::Checkpoint { path: file, source }),
        }
    }

    /// Gives them to `trainer`, as far as its network has parameters of their paths and
    /// shapes; all others stay as they are. Gives what the user is told, line by line.
    ///
    /// # Errors
    /// If there is no such parameter.
    pub fn give(&self, trainer: &mut Trainer) -> Result<Vec<String>, Error> {
        let mut own = trainer.parameters();
        let fit = fit(&mut own, &self.parameters);
        if fit.taken == 0 {
            let path = self.file.clone();
            return Err(InitError::NothingFits { path }.into());
        }
        let set = trainer.set_parameters(&own);
        set.map_err(|source| Error::Checkpoint {
            path: self.file.clone(),
            source: CheckpointError::OtherNetwork(source),
        })?;
        let mut lines = vec![format!(
            "starts with {} of {} ({} parameters) from {}",
            thousands(fit.taken as u64),
            count(own.len(), "tensor"),
            thousands(fit.values as u64),
            self.file.display()
        )];
        let others = [
            ("taken for the first tasks", fit.widened),
            ("not taken, of another shape there", fit.reshaped),
            ("not there", fit.new),
            ("only there", fit.unused),
        ];
        let others = others.into_iter().filter(|(_, paths)| !paths.is_empty());
        lines.extend(others.map(|(what, paths)| format!("{what}: {}", listed(&paths))));
        Ok(lines)
    }
}

/// Takes over the values that fit.
fn fit(own: &mut [NamedTensor], others: &[NamedTensor]) -> Fit {
    let mut there: HashMap<&str, &NamedTensor> = others
        .iter()
        .map(|tensor| (tensor.path.as_str(), tensor))
        .collect();
    let mut fit = Fit::default();
    for tensor in own {
        match there.remove(tensor.path.as_str()) {
            Some(other) if other.shape == tensor.shape => {
                tensor.values.clone_from(&other.values);
                fit.taken += 1;
                fit.values += tensor.values.len();
            }
            Some(other) if is_router_of_fewer(other, tensor) => {
                tensor.values[..other.values.len()].copy_from_slice(&other.values);
                fit.values += other.values.len();
                fit.widened.push(format!(
                    "{} ({} of {})",
                    tensor.path, other.shape[0], tensor.shape[0]
                ));
            }
            Some(other) => fit.reshaped.push(format!(
                "{} ({} here, {} there)",
                tensor.path,
                shape(&tensor.shape),
                shape(&other.shape)
            )),
            None => fit.new.push(tensor.path.clone()),
        }
    }
    let unused = others
        .iter()
        .filter(|tensor| there.contains_key(tensor.path.as_str()));
    fit.unused = unused.map(|tensor| tensor.path.clone()).collect();
    fit
}

/// True if `other` is the same router, of fewer tasks: a row each.
fn is_router_of_fewer(other: &NamedTensor, tensor: &NamedTensor) -> bool {
    let is_router = tensor.path.ends_with(".router.logits");
    is_router
        && other.shape.len() == tensor.shape.len()
        && other.shape[1..] == tensor.shape[1..]
        && other.shape[0] < tensor.shape[0]
}

/// `4x16`.
fn shape(sizes: &[usize]) -> String {
    let sizes: Vec<String> = sizes.iter().map(usize::to_string).collect();
    sizes.join("x")
}

fn listed(paths: &[String]) -> String {
    let shown = paths[..paths.len().min(NAMED)].join(", ");
    match paths.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(path: &str, shape: &[usize], value: f32) -> NamedTensor {
        NamedTensor {
            path: path.to_owned(),
            shape: shape.to_vec(),
            values: vec![value; shape.iter().product()],
        }
    }

    #[test]
    fn what_has_the_same_path_and_shape_is_taken_and_the_rest_named() {
        let mut own = vec![
            tensor("dense.0.weight", &[2, 3], 0.0),
            tensor("head.0.weight", &[4, 2], 0.0),
            tensor("head.1.weight", &[1, 2], 0.0),
            tensor("dense.router.logits", &[2, 4, 1], 0.0),
        ];
        let there = [
            tensor("dense.router.logits", &[1, 4, 1], 1.0),
            tensor("head.0.weight", &[5, 2], 1.0),
            tensor("dense.0.weight", &[2, 3], 1.0),
            tensor("stem.weight", &[2], 1.0),
        ];
        let fit = fit(&mut own, &there);
        assert_eq!((fit.taken, fit.values), (1, 10));
        assert_eq!(own[0].values, [1.0; 6]);
        assert_eq!(own[1].values, [0.0; 8]);
        assert_eq!(own[3].values, [1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(fit.widened, ["dense.router.logits (1 of 2)"]);
        assert_eq!(fit.reshaped, ["head.0.weight (4x2 here, 5x2 there)"]);
        assert_eq!(fit.new, ["head.1.weight"]);
        assert_eq!(fit.unused, ["stem.weight"]);
    }

    #[test]
    fn a_number_is_no_router() {
        let mut own = vec![tensor("dense.router.logits", &[2, 4, 1], 0.0)];
        let fit = fit(&mut own, &[tensor("dense.router.logits", &[], 1.0)]);
        assert_eq!((fit.taken, own[0].values[0]), (0, 0.0));
        assert_eq!(fit.reshaped.len(), 1);
    }

    #[test]
    fn long_lists_are_cut() {
        let paths: Vec<String> = (0..9).map(|i| format!("p{i}")).collect();
        assert_eq!(listed(&paths), "p0, p1, p2, p3, p4, p5 and 3 more");
        assert_eq!(listed(&paths[..2]), "p0, p1");
    }
}
