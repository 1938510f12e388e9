//! All routers of a network with their parameters, on the host.

use std::ops::Range;

use super::router::Draw;
use super::settings::{ChosenRouter, RouterSettings, Temperature};
use crate::error::Error;
use crate::network::plan::Plan;

/// The routers of all routed layers. Values of all layers lie one after the
/// other in flat slices; [`RoutedLayer`] says where.
#[derive(Debug)]
pub struct Routers {
    /// The routed layers, in data-flow order.
    pub layers: Vec<RoutedLayer>,
    /// Parameters of all layers, of each `[tasks, components, row_width]`.
    pub parameters: Vec<f32>,
    /// Number of tasks.
    pub tasks: usize,
}

/// One routed layer and the place of its values.
#[derive(Debug)]
pub struct RoutedLayer {
    /// Name of the field.
    pub name: String,
    /// Name of the field whose router this is: draws and parameters are then those of
    /// that field.
    pub router_of: Option<String>,
    /// Its router.
    pub router: ChosenRouter,
    /// Its temperatures.
    pub temperature: Temperature,
    /// Place of its components among those of all routed layers: of weights
    /// and their gradients.
    pub components: Range<usize>,
    /// Place of its uniform draws, `[components, uniforms]`.
    pub uniforms: Range<usize>,
    /// Place of its parameters, `[tasks, components, row_width]`; empty for a
    /// fixed router.
    pub parameters: Range<usize>,
}

/// Parameters of one router, for saving and loading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouterParameter {
    /// Path: `conv1.router.logits`.
    pub path: String,
    /// `[tasks, components, row_width]`.
    pub shape: [usize; 3],
    /// Place in [`Routers::parameters`].
    pub range: Range<usize>,
}

impl RoutedLayer {
    /// True if the layer's router has parameters.
    pub fn is_learned(&self) -> bool {
        !self.parameters.is_empty()
    }

    /// True if gates weigh the components, which then are no choice of a router.
    pub fn is_gated(&self) -> bool {
        matches!(self.router, ChosenRouter::Gate(_))
    }

    /// Path of its parameters, `conv1.router.logits`.
    pub fn path(&self) -> String {
        let field = self.router_of.as_ref().unwrap_or(&self.name);
        format!("{field}.router.logits")
    }

    /// Name of the field, and of that whose router it uses: `conv2 (as conv1)`.
    pub fn heading(&self) -> String {
        layer_heading(&self.name, self.router_of.as_deref())
    }

    /// Place of a task's row in the flat parameters.
    pub fn row(&self, task: usize) -> Range<usize> {
        let len = self.components.len() * self.router.row_width();
        let start = self.parameters.start + task * len;
        start..start + len
    }

    fn draw<'a>(&self, global_step: u64, uniforms: &'a [f32]) -> Draw<'a> {
        Draw {
            uniform: &uniforms[self.uniforms.clone()],
            temperature: self.temperature.at(global_step) as f32,
        }
    }
}

impl Routers {
    /// The routers of the routed layers of `plan` at their initial values.
    ///
    /// # Errors
    /// As [`RouterSettings::routers`].
    pub fn new(settings: &RouterSettings, plan: &Plan) -> Result<Self, Error> {
        let mut routers = Self {
            layers: Vec::new(),
            parameters: Vec::new(),
            tasks: plan.heads.len(),
        };
        for (field, (router, temperature)) in plan.routed().zip(settings.routers(plan)?) {
            let components = field.components.len();
            let (uniforms, parameters) = match field.router_of.map(|of| &routers.layers[of]) {
                Some(owner) => (owner.uniforms.clone(), owner.parameters.clone()),
                None => {
                    let parameters = routers.tasks * components * router.row_width();
                    (
                        after(routers.uniform_len(), components * router.uniforms()),
                        after(routers.parameters.len(), parameters),
                    )
                }
            };
            let router_of = field.router_of.map(|of| routers.layers[of].name.clone());
            let layer = RoutedLayer {
                name: field.name.clone(),
                router_of,
                temperature,
                components: after(routers.component_len(), components),
                uniforms,
                parameters,
                router,
            };
            if layer.router_of.is_some() {
                routers.layers.push(layer);
                continue;
            }
            routers.parameters.resize(layer.parameters.end, 0.0);
            for task in 0..routers.tasks {
                let row = &mut routers.parameters[layer.row(task)];
                layer.router.initial_row(task, row);
            }
            routers.layers.push(layer);
        }
        Ok(routers)
    }

    /// Which routed layers have a router that learns.
    pub fn learned(&self) -> Vec<bool> {
        self.layers.iter().map(RoutedLayer::is_learned).collect()
    }

    /// Components of all routed layers: length of weights and their gradient.
    pub fn component_len(&self) -> usize {
        self.layers.last().map_or(0, |l| l.components.end)
    }

    /// Uniform draws of one training step over all routers.
    pub fn uniform_len(&self) -> usize {
        // The last layer may use a router before it.
        self.layers
            .iter()
            .map(|l| l.uniforms.end)
            .max()
            .unwrap_or(0)
    }

    /// The layers whose router is their own, each router once.
    pub fn own(&self) -> impl Iterator<Item = &RoutedLayer> {
        self.layers.iter().filter(|layer| layer.router_of.is_none())
    }

    /// Paths and shapes of the parameters; a fixed router has none.
    pub fn parameter_list(&self) -> impl Iterator<Item = RouterParameter> + '_ {
        let learned = self.own().filter(|l| l.is_learned());
        learned.map(|layer| RouterParameter {
            path: layer.path(),
            shape: [self.tasks, layer.components.len(), layer.router.row_width()],
            range: layer.parameters.clone(),
        })
    }

    /// Writes the weights of a training step of `task` to `weights`,
    /// [`Self::component_len`] values, from [`Self::uniform_len`] uniform
    /// draws.
    pub fn sample(&self, task: usize, global_step: u64, uniforms: &[f32], weights: &mut [f32]) {
        for layer in &self.layers {
            let row = &self.parameters[layer.row(task)];
            let weights = &mut weights[layer.components.clone()];
            let draw = layer.draw(global_step, uniforms);
            layer.router.sample(task, row, draw, weights);
        }
    }

    /// Adds to `gradient`, of the length of the parameters, what arrives
    /// through the weights that [`Self::sample`] gave for the same arguments.
    /// Only the task's rows are touched. What arrives through several layers of
    /// one router is added up.
    pub fn sample_backward(
        &self,
        task: usize,
        global_step: u64,
        uniforms: &[f32],
        grad_weights: &[f32],
        gradient: &mut [f32],
    ) {
        for layer in self.layers.iter().filter(|l| l.is_learned()) {
            let row = &self.parameters[layer.row(task)];
            let grad_row = &mut gradient[layer.row(task)];
            let grad_weights = &grad_weights[layer.components.clone()];
            let draw = layer.draw(global_step, uniforms);
            (layer.router).sample_backward(row, draw, grad_weights, grad_row);
        }
    }

    /// Writes the weights at evaluation of `task` to `weights`,
    /// [`Self::component_len`] values.
    pub fn evaluate(&self, task: usize, weights: &mut [f32]) {
        for layer in &self.layers {
            let row = &self.parameters[layer.row(task)];
            let weights = &mut weights[layer.components.clone()];
            layer.router.evaluate(task, row, weights);
        }
    }

    /// Writes the connection probabilities of `task` in all layers to
    /// `probabilities`, [`Self::component_len`] values; of a fixed router its
    /// 0/1 connections.
    pub fn task_probabilities(&self, task: usize, probabilities: &mut [f32]) {
        for layer in &self.layers {
            let row = &self.parameters[layer.row(task)];
            let probabilities = &mut probabilities[layer.components.clone()];
            layer.router.probabilities(task, row, probabilities);
        }
    }

    /// Adds to `gradient`, of the length of the parameters, what arrives
    /// through [`Self::task_probabilities`].
    pub fn probabilities_backward(
        &self,
        task: usize,
        grad_probabilities: &[f32],
        gradient: &mut [f32],
    ) {
        for layer in self.layers.iter().filter(|l| l.is_learned()) {
            let row = &self.parameters[layer.row(task)];
            let grad_row = &mut gradient[layer.row(task)];
            let grad = &grad_probabilities[layer.components.clone()];
            layer.router.probabilities_backward(row, grad, grad_row);
        }
    }

    /// Connection probabilities of one routed layer, `[tasks][components]`.
    pub fn probabilities(&self, layer: usize) -> Vec<Vec<f32>> {
        let layer = &self.layers[layer];
        let rows = (0..self.tasks).map(|task| {
            let mut row = vec![0.0; layer.components.len()];
            let parameters = &self.parameters[layer.row(task)];
            layer.router.probabilities(task, parameters, &mut row);
            row
        });
        rows.collect()
    }

    /// Allocation of one routed layer, `[tasks][components]`: 1 where a task
    /// uses the component at evaluation, which it does where a learned
    /// connection probability is 0.5 or more (a tie connects), or where a
    /// fixed router connects.
    pub fn allocation(&self, layer: usize) -> Vec<Vec<u8>> {
        let is_learned = self.layers[layer].is_learned();
        let uses = |&p: &f32| u8::from(if is_learned { p >= 0.5 } else { p > 0.0 });
        let rows = self.probabilities(layer).into_iter();
        rows.map(|row| row.iter().map(uses).collect()).collect()
    }
}

/// Name of a routed field, and of that whose router it uses: `conv2 (as conv1)`.
pub(crate) fn layer_heading(name: &str, router_of: Option<&str>) -> String {
    match router_of {
        Some(of) => format!("{name} (as {of})"),
        None => name.to_owned(),
    }
}

fn after(start: usize, len: usize) -> Range<usize> {
    start..start + len
}

#[cfg(test)]
mod tests;
