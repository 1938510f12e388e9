//! A trainer's parameters and optimizer state as named tensors.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::tensors::NamedTensor;
use super::trainer::Trainer;
use crate::error::{Error, ParameterError};
use crate::optim::State;

impl Trainer {
    /// All parameters: model, then routers.
    pub fn parameters(&self) -> Vec<NamedTensor> {
        self.named(&self.engine.parameters(), &self.routers.parameters)
    }

    /// Replaces all parameters; optimizer state and steps stay.
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

    /// Updates that the optimizer has done.
    pub fn updates(&self) -> u64 {
        self.optimization.updates
    }

    /// What the optimizer remembers: the name of each state slot, and its
    /// values under the paths of the parameters.
    pub fn optimizer_state(&self) -> Vec<(String, Vec<NamedTensor>)> {
        let slots = self.optimization.optimizer.slots();
        let model = self.engine.state();
        let values = model.slots().iter().zip(self.router_state.slots());
        (slots.iter().zip(values))
            .map(|(slot, (model, router))| (slot.to_string(), self.named(model, router)))
            .collect()
    }

    /// Replaces parameters and the optimizer's state, a list of tensors for
    /// each of its slots; changes nothing on an error.
    pub(super) fn set_state(
        &mut self,
        parameters: &[NamedTensor],
        slots: &[Vec<NamedTensor>],
        global_step: u64,
        updates: u64,
    ) -> Result<(), Error> {
        let (model, router) = self.flat(parameters)?;
        let (mut model_state, mut router_state) = (Vec::new(), Vec::new());
        for slot in slots {
            let (model, router) = self.flat(slot)?;
            model_state.push(model);
            router_state.push(router);
        }
        self.engine.set_parameters(&model);
        self.engine.set_state(State::new(model_state));
        self.routers.parameters = router;
        self.router_state = State::new(router_state);
        self.optimization.updates = updates;
        self.global_step = global_step;
        self.computed = None;
        Ok(())
    }

    /// Tensors of the network's paths and shapes as flat vectors: model and
    /// router.
    fn flat(&self, tensors: &[NamedTensor]) -> Result<(Vec<f32>, Vec<f32>), ParameterError> {
        let by_path: HashMap<&str, &NamedTensor> =
            tensors.iter().map(|t| (t.path.as_str(), t)).collect();
        let mut model = vec![0.0; self.plan.parameter_len()];
        let mut router = vec![0.0; self.routers.parameters.len()];
        let mut known = HashSet::new();
        for (path, shape, location) in self.tensors() {
            let Some(tensor) = by_path.get(path.as_str()) else {
                return Err(ParameterError::Missing { path });
            };
            if tensor.shape != shape {
                return Err(ParameterError::Shape {
                    path,
                    found: tensor.shape.clone(),
                    expected: shape,
                });
            }
            if tensor.values.len() != shape.iter().product::<usize>() {
                return Err(ParameterError::Length {
                    path,
                    found: tensor.values.len(),
                    shape,
                });
            }
            match location {
                Location::Model(range) => model[range].copy_from_slice(&tensor.values),
                Location::Router(range) => router[range].copy_from_slice(&tensor.values),
            }
            known.insert(path);
        }
        match tensors.iter().find(|t| !known.contains(&t.path)) {
            Some(t) => Err(ParameterError::Unknown {
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
        if let Some(extra) = self.penalties.parameter_gradient() {
            model.iter_mut().zip(extra).for_each(|(g, e)| *g += e);
        }
        self.named(&model, &self.buffers.router_gradient)
    }

    fn named(&self, model: &[f32], router: &[f32]) -> Vec<NamedTensor> {
        self.tensors()
            .map(|(path, shape, location)| NamedTensor {
                path,
                shape,
                values: match location {
                    Location::Model(range) => model[range].to_vec(),
                    Location::Router(range) => router[range].to_vec(),
                },
            })
            .collect()
    }

    fn tensors(&self) -> impl Iterator<Item = (String, Vec<usize>, Location)> {
        let model = (self.plan.parameters.iter()).map(|p| {
            (
                p.path.clone(),
                p.shape.clone(),
                Location::Model(p.range.clone()),
            )
        });
        let router = (self.routers.parameter_list())
            .map(|p| (p.path, p.shape.to_vec(), Location::Router(p.range)));
        model.chain(router)
    }
}

/// Where a parameter lies.
enum Location {
    Model(Range<usize>),
    Router(Range<usize>),
}
