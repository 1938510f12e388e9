//! A trainer's parameters and moments as named tensors.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::tensors::NamedTensor;
use super::trainer::Trainer;
use crate::error::Error;

impl Trainer {
    /// All parameters: model, then routers.
    pub fn parameters(&self) -> Vec<NamedTensor> {
        self.named(&self.engine.parameters(), &self.routers.parameters)
    }

    /// Replaces all parameters; moments and steps stay.
    ///
    /// # Errors
    /// Names the first parameter that is missing, unknown or of another
    /// shape, or whose values are not as many as its shape says; nothing is
    /// changed then.
    pub fn set_parameters(&mut self, tensors: &[NamedTensor]) -> Result<(), Error> {
        let (model, router) = self.flat(tensors)?;
        self.engine.set_parameters(&model);
        self.routers.parameters = router;
        Ok(())
    }

    /// Updates that the optimiser has done.
    pub fn updates(&self) -> u64 {
        self.adam.step
    }

    /// All parameters, and the two moments of Adam under the same paths.
    pub(super) fn state(&self) -> [Vec<NamedTensor>; 3] {
        let [model, m, v] = self.engine.state();
        let moments = &self.router_moments;
        [
            self.named(&model, &self.routers.parameters),
            self.named(&m, &moments.m),
            self.named(&v, &moments.v),
        ]
    }

    /// The way back from [`Self::state`]; changes nothing on an error.
    pub(super) fn set_state(
        &mut self,
        [parameters, m, v]: &[Vec<NamedTensor>; 3],
        global_step: u64,
        updates: u64,
    ) -> Result<(), Error> {
        let (parameters, m, v) = (self.flat(parameters)?, self.flat(m)?, self.flat(v)?);
        self.engine.load([&parameters.0, &m.0, &v.0]);
        self.routers.parameters = parameters.1;
        self.router_moments.m = m.1;
        self.router_moments.v = v.1;
        self.adam.step = updates;
        self.global_step = global_step;
        self.computed = None;
        Ok(())
    }

    /// Tensors of the network's paths and shapes as flat vectors: model and
    /// router.
    fn flat(&self, tensors: &[NamedTensor]) -> Result<(Vec<f32>, Vec<f32>), Error> {
        let by_path: HashMap<&str, &NamedTensor> =
            tensors.iter().map(|t| (t.path.as_str(), t)).collect();
        let mut model = vec![0.0; self.plan.parameter_len()];
        let mut router = vec![0.0; self.routers.parameters.len()];
        let mut known = HashSet::new();
        for (path, shape, place) in self.places() {
            let Some(tensor) = by_path.get(path.as_str()) else {
                return Err(Error::MissingParameter { path });
            };
            if tensor.shape != shape {
                return Err(Error::ParameterShape {
                    path,
                    found: tensor.shape.clone(),
                    expected: shape,
                });
            }
            if tensor.values.len() != shape.iter().product::<usize>() {
                return Err(Error::ParameterLength {
                    path,
                    found: tensor.values.len(),
                    shape,
                });
            }
            match place {
                Place::Model(range) => model[range].copy_from_slice(&tensor.values),
                Place::Router(range) => router[range].copy_from_slice(&tensor.values),
            }
            known.insert(path);
        }
        match tensors.iter().find(|t| !known.contains(&t.path)) {
            Some(t) => Err(Error::UnknownParameter {
                path: t.path.clone(),
            }),
            None => Ok((model, router)),
        }
    }

    /// Gradient of task loss and auxiliary losses in the last batch, as
    /// [`Self::update`] is going to apply it; before the first batch that of
    /// the L2 term alone.
    pub fn gradient(&self) -> Vec<NamedTensor> {
        let mut model = self.engine.parameter_gradient();
        let values = self.engine.parameters();
        for decayed in self.plan.parameters.iter().filter(|p| p.decayed) {
            let gradient = &mut model[decayed.range.clone()];
            for (g, v) in gradient.iter_mut().zip(&values[decayed.range.clone()]) {
                *g += self.l2 as f32 * v;
            }
        }
        self.named(&model, &self.buffers.router_gradient)
    }

    fn named(&self, model: &[f32], router: &[f32]) -> Vec<NamedTensor> {
        self.places()
            .map(|(path, shape, place)| NamedTensor {
                path,
                shape,
                values: match place {
                    Place::Model(range) => model[range].to_vec(),
                    Place::Router(range) => router[range].to_vec(),
                },
            })
            .collect()
    }

    fn places(&self) -> impl Iterator<Item = (String, Vec<usize>, Place)> {
        let model = (self.plan.parameters.iter()).map(|p| {
            (
                p.path.clone(),
                p.shape.clone(),
                Place::Model(p.range.clone()),
            )
        });
        let router = (self.routers.parameter_list())
            .map(|p| (p.path, p.shape.to_vec(), Place::Router(p.range)));
        model.chain(router)
    }
}

/// Where a parameter lies.
enum Place {
    Model(Range<usize>),
    Router(Range<usize>),
}
