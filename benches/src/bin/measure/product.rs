//! Speed of the three products of a dense layer on one core.

use std::hint::black_box;

use benches::case::Times;
use paramalloc_core::error::Error;
use paramalloc_kernels::grid::{Grid, GridMut};
use paramalloc_kernels::{LANES, Lane, Level, product};
use serde_json::json;

/// How often each product is computed.
const TIMES: usize = 300;

/// A dense layer and the examples that pass through it.
#[derive(Clone, Copy)]
pub struct Layer {
    pub examples: usize,
    pub inputs: usize,
    pub outputs: usize,
}

/// GFLOP/s of the best run, one line of JSON.
pub fn print(layer: Layer) -> Result<(), Error> {
    let Layer {
        examples,
        inputs,
        outputs,
    } = layer;
    let groups = examples.div_ceil(LANES);
    let level = Level::detect();
    let (mut weight, bias) = (vec![0.5; inputs * outputs], vec![0.5; outputs]);
    let mut x = vec![Lane::ZERO; groups * inputs];
    let mut y = vec![Lane::ZERO; groups * outputs];
    let mut scratch = Vec::new();
    let mut turned = vec![Lane::ZERO; product::turned_len(inputs, groups)];
    let of = |times: Times| {
        let operations = 2 * inputs * outputs * examples;
        (operations as f64 / times.best() / 1e9 * 10.0).round() / 10.0
    };
    let forward = Times::of(TIMES, || {
        let (x, y) = (
            Grid::new(&x, groups, inputs),
            GridMut::new(&mut y, groups, outputs),
        );
        product::forward(level, &weight, &bias, x, false, y);
        Ok(())
    })?;
    let input_gradient = Times::of(TIMES, || {
        let y = Grid::new(&y, groups, outputs);
        let mut rest = GridMut::new(&mut x, groups, inputs);
        // In the parts that threads share.
        for first in (0..inputs).step_by(product::INPUTS) {
            let (part, others) = rest.split_at(product::INPUTS.min(inputs - first));
            product::input_gradient(level, &weight, inputs, first, y, false, part, &mut scratch);
            rest = others;
        }
        Ok(())
    })?;
    let weight_gradient = Times::of(TIMES, || {
        let rows = product::PANEL * groups;
        for (panel, to) in turned.chunks_exact_mut(rows).enumerate() {
            let x = Grid::new(&x, groups, inputs);
            product::turn(level, x, panel * product::PANEL, to);
        }
        let y = Grid::new(&y, groups, outputs);
        product::weight_gradient(level, &turned, inputs, y, examples, &mut weight);
        Ok(())
    })?;
    black_box((&x, &y, &weight));
    let line = json!({
        "forward": of(forward),
        "input_gradient": of(input_gradient),
        "weight_gradient": of(weight_gradient),
    });
    println!("{line}");
    Ok(())
}
