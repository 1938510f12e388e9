//! The products of a step: their units of work, which threads take.

use std::ops::Range;

use super::weights::Waiting;
use super::{Run, WholeBatch};
use crate::engine::cpu::program::{Product, Products};
use crate::engine::cpu::threads::Threads;
use paramalloc_kernels::grid::{Grid, GridMut};
use paramalloc_kernels::product::{self, INPUTS, PANEL, ROWS};
use paramalloc_kernels::{LANES, Lane};

impl WholeBatch {
    /// Products forward.
    pub(super) fn products(&mut self, threads: &mut Threads, run: &Run<'_>, products: &Products) {
        let pass = &run.network.pass;
        let grid = GridMut::new(&mut self.activations, run.groups, run.strides[0]);
        let (others, outputs) = grid.share(&products.outputs);
        let mut units = Vec::new();
        for (layer, output) in products.layers.iter().zip(outputs) {
            if run.runs(layer) {
                units.extend(parts(output, ROWS).map(|(first, y)| (layer, first, y)));
            }
        }
        threads.for_each(
            &mut self.workers,
            units.into_iter(),
            |_, (layer, first, y)| {
                let inputs = layer.input.len();
                let parameters = &pass.parameters[layer.parameters.clone()];
                let (weight, bias) = parameters.split_at(inputs * layer.output.len());
                let (weight, bias) = (&weight[first * inputs..], &bias[first..]);
                let x = others.part(layer.input.clone());
                product::forward(pass.level, weight, bias, x, layer.relu, y);
            },
        );
    }

    /// Products backward: layers that share their input together.
    pub(super) fn products_backward(
        &mut self,
        threads: &mut Threads,
        run: &Run<'_>,
        products: &Products,
    ) {
        for layers in products.layers.chunk_by(|a, b| a.input == b.input) {
            if layers.iter().any(|layer| run.is_active(layer)) {
                self.weight_gradients(threads, run, layers);
                if layers[0].wanted {
                    self.input_gradients(threads, run, layers);
                }
            }
        }
    }

    /// Gradients of the biases, and all that those of the weights take: they
    /// are computed where they are used.
    fn weight_gradients(&mut self, threads: &mut Threads, run: &Run<'_>, layers: &[Product]) {
        let input = layers[0].input.clone();
        let inputs = input.len();
        let place = self.turned_len;
        self.turned_len += product::turned_len(inputs, run.groups);
        if self.turned.len() < self.turned_len {
            self.turned.resize(self.turned_len, Lane::ZERO);
        }
        let turned = &mut self.turned[place..self.turned_len];
        let x = Grid::new(&self.activations, run.groups, run.strides[0]).part(input);
        let level = run.network.pass.level;
        let panels = turned.chunks_exact_mut(run.groups * LANES * 2);
        threads.for_each(&mut self.workers, panels.enumerate(), |_, (i, panel)| {
            product::turn(level, x, i * PANEL, panel);
        });
        let gradients = Grid::new(&self.gradients, run.groups, run.strides[1]);
        for layer in layers.iter().filter(|layer| run.is_active(layer)) {
            let first = run.first_gradient;
            let output = layer.output.start - first..layer.output.end - first;
            let weights = inputs * output.len();
            let bias = layer.parameters.start + weights..layer.parameters.end;
            let to = &mut self.parameter_gradient[bias.clone()];
            product::bias_gradient(gradients.part(output.clone()), to);
            self.waiting.push(Waiting {
                weights: layer.parameters.start..bias.start,
                inputs,
                output,
                turned: place,
            });
        }
    }

    fn input_gradients(&mut self, threads: &mut Threads, run: &Run<'_>, layers: &[Product]) {
        let pass = &run.network.pass;
        let place =
            |range: &Range<usize>| range.start - run.first_gradient..range.end - run.first_gradient;
        let input = [place(&layers[0].input)];
        let inputs = layers[0].input.len();
        let grid = GridMut::new(&mut self.gradients, run.groups, run.strides[1]);
        let (others, mut written) = grid.share(&input);
        let units: Vec<_> = written
            .next()
            .into_iter()
            .flat_map(|out| parts(out, INPUTS))
            .collect();
        threads.for_each(
            &mut self.workers,
            units.into_iter(),
            |worker, (first, mut out)| {
                let mut add = layers[0].shared;
                for layer in layers.iter().filter(|layer| run.is_active(layer)) {
                    let weight = &pass.parameters[layer.parameters.clone()];
                    let gradient = others.part(place(&layer.output));
                    let to = out.reborrow();
                    let scratch = &mut worker.weights;
                    product::input_gradient(
                        pass.level, weight, inputs, first, gradient, add, to, scratch,
                    );
                    add = true;
                }
            },
        );
    }
}

impl Run<'_> {
    fn runs(&self, layer: &Product) -> bool {
        let (plan, pass) = (self.network.plan, &self.network.pass);
        (layer.owner).is_none_or(|(field, component)| pass.runs(&plan.fields[field], component))
    }

    fn is_active(&self, layer: &Product) -> bool {
        let (plan, pass) = (self.network.plan, &self.network.pass);
        let of =
            |(field, component): (usize, usize)| pass.is_active(&plan.fields[field], component);
        layer.owner.is_none_or(of)
    }
}

/// Columns in parts of `len`, the last one smaller, each with its first.
pub(super) fn parts(grid: GridMut<'_>, len: usize) -> impl Iterator<Item = (usize, GridMut<'_>)> {
    let mut rest = Some(grid);
    let mut first = 0;
    std::iter::from_fn(move || {
        let grid = rest.take().filter(|grid| grid.columns() > 0)?;
        let columns = grid.columns().min(len);
        let (part, others) = grid.split_at(columns);
        rest = Some(others);
        first += columns;
        Some((first - columns, part))
    })
}
