//! Routed layers side by side, with the names of layers and components.

use paramalloc_core::summary::RoutedLayerSummary;

use super::figure::{Align, Figure, LABEL, SMALL};
use super::font;
use super::palette::{INK, MUTED, RULE};

/// Names of components that read upwards are cut at this length.
const COMPONENT_LIMIT: f64 = 190.0;

/// The columns of one routed layer.
pub struct Block<'a> {
    pub layer: &'a RoutedLayerSummary,
    pub x: f64,
    pub width: f64,
}

/// The layers from `left`, with gaps between them.
pub fn place<'a>(layers: &'a [RoutedLayerSummary], left: f64, cell: f64) -> Vec<Block<'a>> {
    let gap = (cell * 0.7).max(10.0);
    let mut x = left;
    let block = |layer: &'a RoutedLayerSummary| {
        let width = cell * layer.components.len() as f64;
        let block = Block { layer, x, width };
        x += width + gap;
        block
    };
    layers.iter().map(block).collect()
}

/// Layer names over the blocks, turned where one is too long; returns the top
/// of the cells.
pub fn draw_layer_names(figure: &mut Figure, blocks: &[Block<'_>], top: f64) -> f64 {
    let level =
        |block: &Block<'_>| font::width(&block.layer.heading(), LABEL) * font::WIDER <= block.width;
    if blocks.iter().all(level) {
        let y = top + LABEL / 2.0;
        for block in blocks {
            let middle = (block.x + block.width / 2.0, y);
            figure.text(&block.layer.heading(), middle, LABEL, INK, Align::Middle);
        }
        return top + LABEL + 7.0;
    }
    let names: Vec<String> = blocks
        .iter()
        .map(|block| font::fit(&block.layer.heading(), LABEL, COMPONENT_LIMIT))
        .collect();
    let longest = names.iter().map(|name| font::width(name, LABEL));
    let bottom = top + longest.fold(0.0, f64::max) * font::WIDER;
    for (block, name) in blocks.iter().zip(&names) {
        let x = block.x + block.width / 2.0;
        figure.turned(name, (x, bottom), LABEL, INK, Align::Start);
    }
    bottom + 7.0
}

/// A run of neighboring components of the same name.
struct Run<'a> {
    name: &'a str,
    x: f64,
    width: f64,
}

/// Numbers and names of the components below the blocks.
pub fn draw_names(figure: &mut Figure, blocks: &[Block<'_>], cell: f64, bottom: f64) {
    let mut y = bottom + 5.0;
    if cell >= 14.0 {
        y += SMALL / 2.0;
        for block in blocks {
            for component in 0..block.layer.components.len() {
                let x = block.x + (component as f64 + 0.5) * cell;
                let label = component.to_string();
                figure.text(&label, (x, y), SMALL, MUTED, Align::Middle);
            }
        }
        y += SMALL / 2.0 + 5.0;
    }
    let runs: Vec<Run<'_>> = blocks.iter().flat_map(|block| runs(block, cell)).collect();
    let level = |run: &Run<'_>| font::width(run.name, LABEL) * font::WIDER <= run.width;
    let all_level = runs.iter().all(level);
    for run in &runs {
        figure.rectangle(run.x + 1.5, y, run.width - 3.0, 1.0, RULE);
        let middle = run.x + run.width / 2.0;
        if all_level {
            let at = (middle, y + 5.0 + LABEL / 2.0);
            figure.text(run.name, at, LABEL, INK, Align::Middle);
        } else if run.width >= SMALL {
            let name = font::fit(run.name, SMALL, COMPONENT_LIMIT);
            figure.turned(&name, (middle, y + 6.0), SMALL, INK, Align::End);
        }
    }
}

fn runs<'a>(block: &Block<'a>, cell: f64) -> Vec<Run<'a>> {
    let mut runs: Vec<Run<'a>> = Vec::new();
    for (component, name) in block.layer.components.iter().enumerate() {
        match runs.last_mut() {
            Some(run) if run.name == name => run.width += cell,
            _ => runs.push(Run {
                name,
                x: block.x + component as f64 * cell,
                width: cell,
            }),
        }
    }
    runs
}
