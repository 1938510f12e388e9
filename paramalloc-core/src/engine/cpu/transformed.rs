//! Transformed weights of the convolutions that are computed by tiles: once
//! per pass over a batch, before all groups need them.

use super::pass::Network;
use super::places::{Layout, TiledConv};
use super::threads::Threads;
use crate::network::plan::{FieldPlan, Plan};
use paramalloc_kernels::winograd::{self, Winograd};
use paramalloc_kernels::{LANES, Lane, pages};

/// Transformed weights of all of a network's convolutions by tiles. Those of
/// components that no task of a batch uses are left as they were.
#[derive(Default)]
pub struct Transformed {
    lanes: Vec<Lane>,
}

/// What one thread does at a time.
struct Unit<'a> {
    winograd: &'a Winograd,
    back: bool,
    number: usize,
    weights: &'a [f32],
    out: &'a mut [Lane],
}

impl Transformed {
    /// Transforms the weights of what runs in one of some passes over the same
    /// parameters, and those for the way back in training.
    pub fn compute(
        &mut self,
        threads: &mut Threads,
        plan: &Plan,
        layout: &Layout,
        networks: &[Network<'_>],
    ) {
        let len = layout.sizes.transformed;
        let pass = networks.first().map(|network| &network.pass);
        let (Some(pass), true) = (pass, len > 0) else {
            return;
        };
        if self.lanes.is_empty() {
            self.lanes = pages::zeros(len);
        }
        let mut rest = Rest {
            lanes: &mut self.lanes,
            first: 0,
        };
        let mut units = Vec::new();
        for (f, (field, places)) in plan.fields.iter().zip(&layout.fields).enumerate() {
            let goes_back = layout.wants_gradient_into(f + 1);
            for (component, place) in places.components.iter().enumerate() {
                let operations = &field.components[component].operations;
                let operations = operations.iter().zip(&place.operations);
                for (i, (operation, place)) in operations.enumerate() {
                    // Nobody reads the gradient of the lowest input.
                    let goes_back = goes_back && (i > 0 || places.wants_input_gradient);
                    if let Some(tiled) = &place.tiled {
                        let weights = &pass.parameters[operation.parameters.clone()];
                        for back in ways(networks, field, component, goes_back) {
                            rest.units(tiled, back, weights, &mut units);
                        }
                    }
                }
            }
        }
        let mut memories = vec![(); threads.count()];
        threads.for_each(&mut memories, units.into_iter(), |(), unit| {
            winograd::transform_weights(
                pass.level,
                unit.winograd,
                unit.back,
                unit.number,
                unit.weights,
                unit.out,
            );
        });
    }

    /// What was computed last.
    pub fn lanes(&self) -> &[Lane] {
        &self.lanes
    }
}

/// Whether a component goes forward, and back where that has an effect.
fn ways(
    networks: &[Network<'_>],
    field: &FieldPlan,
    component: usize,
    goes_back: bool,
) -> impl Iterator<Item = bool> {
    let mut passes = networks.iter().map(|network| &network.pass);
    let forward = passes.clone().any(|pass| pass.runs(field, component));
    let backward =
        goes_back && passes.any(|pass| pass.training && pass.is_active(field, component));
    let [forward, backward] = [forward.then_some(false), backward.then_some(true)];
    forward.into_iter().chain(backward)
}

/// The places that no unit has yet: from `first` on.
struct Rest<'a> {
    lanes: &'a mut [Lane],
    first: usize,
}

impl<'a> Rest<'a> {
    /// The units of one way of a convolution; ways come in the order of their
    /// places.
    fn units(
        &mut self,
        tiled: &'a TiledConv,
        back: bool,
        weights: &'a [f32],
        units: &mut Vec<Unit<'a>>,
    ) {
        let (winograd, place) = match back {
            false => (&tiled.forward, &tiled.weights),
            true => (&tiled.back, &tiled.back_weights),
        };
        let (_, lanes) = std::mem::take(&mut self.lanes).split_at_mut(place.start - self.first);
        let (own, others) = lanes.split_at_mut(place.len());
        (self.lanes, self.first) = (others, place.end);
        let parts = own.chunks_exact_mut(winograd.unit_len() / LANES);
        units.extend(parts.enumerate().map(|(number, out)| Unit {
            winograd,
            back,
            number,
            weights,
            out,
        }));
    }
}

#[cfg(test)]
mod tests;
