//! Convolutions by tiles.

use super::interface::Forward;
use crate::engine::cpu::down::{Down, Target};
use crate::engine::cpu::places::{OperationLayout, Sizes, TiledConv};
use crate::engine::cpu::workspace::{Borders, Tiles};
use crate::network::plan::Operation;
use paramalloc_kernels::conv_backward;
use paramalloc_kernels::winograd::{self, Convolution, Finish, WeightGradient};

/// Makes `sizes` large enough for the scratch memory.
pub fn reserve(tiled: &TiledConv, sizes: &mut Sizes) {
    let (forward, back) = (&tiled.forward, &tiled.back);
    sizes.tiles = (sizes.tiles.max(forward.scratch_len())).max(back.scratch_len());
    sizes.gradient_tiles = sizes.gradient_tiles.max(forward.gradient_scratch_len());
    sizes.turned = sizes.turned.max(winograd::turned_len(forward));
}

/// The way forward.
pub fn forward(tiled: &TiledConv, at: Forward<'_>) {
    let (_, bias) = at.pass.pair(at.operation, tiled.forward.weights());
    let finish = Finish::Write {
        bias,
        relu: at.operation.relu,
    };
    let transformed = &at.pass.transformed[tiled.weights.clone()];
    let (team, scratch) = (&at.borders.team, &mut at.borders.tiles.scratch);
    let (level, tiles, threads) = (at.pass.level, &tiled.forward, team.threads(at.operation));
    let work = Convolution::new(level, tiles, at.x, transformed, finish, at.y, threads);
    team.share(&work, threads, scratch);
}

/// The way back.
pub fn backward(
    tiled: &TiledConv,
    down: &mut Down<'_>,
    operation: &Operation,
    place: &OperationLayout,
    target: Option<Target>,
) {
    parameters(tiled, down, operation, place);
    let (level, transformed) = (down.pass.level, down.pass.transformed);
    down.elsewhere(place, target, |_, borders, gradient, out| {
        let transformed = &transformed[tiled.back_weights.clone()];
        let (team, scratch) = (&borders.team, &mut borders.tiles.scratch);
        let (tiles, add, threads) = (&tiled.back, Finish::Add, team.threads(operation));
        let work = Convolution::new(level, tiles, gradient, transformed, add, out, threads);
        team.share(&work, threads, scratch);
    });
}

/// The gradients of weight and bias.
fn parameters(
    tiled: &TiledConv,
    down: &mut Down<'_>,
    operation: &Operation,
    place: &OperationLayout,
) {
    let (level, tiles) = (down.pass.level, &tiled.forward);
    let x = &down.activations[place.input.clone()];
    let gradient = &down.gradients.stack[..place.output.len()];
    let sums = down.sums.of(&operation.parameters);
    let (weight, bias) = sums.split_at_mut(tiles.weights());
    let Borders {
        tiles: memory,
        team,
        ..
    } = &mut *down.borders;
    let Tiles {
        scratch,
        turned,
        held,
    } = memory;
    // Components that share their input share it turned, too.
    if *held != Some(place.input.start) {
        winograd::turn(level, tiles, x, turned);
        *held = Some(place.input.start);
    }
    let threads = team.threads(operation);
    let work = WeightGradient::new(level, tiles, turned, gradient, weight, threads);
    team.share(&work, threads, scratch);
    conv_backward::bias_gradient(level, gradient, bias);
}
