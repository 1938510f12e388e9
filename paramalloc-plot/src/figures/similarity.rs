//! The task similarity matrix, clustered, with its tree.

use paramalloc_core::summary::Summary;
use paramalloc_core::summary::similarity::{group_similarity, similarity};

use super::figure::{Align, Figure, MARGIN};
use super::palette::{self, MUTED};
use super::scale_bar;
use super::task_labels::{self, Track};
use super::{font, heading};
use crate::cluster::{self, Tree};
use crate::task_order::TaskOrder;

/// Smallest font size of the numbers in the cells.
const SMALLEST: f64 = 11.0;

/// Height of the tree.
const TREE: f64 = 70.0;

/// Tasks down and across, those that are alike together, with the tree that
/// says so on top; numbers in the cells where they can be read.
pub fn draw(summary: &Summary) -> Figure {
    let values = similarity(summary);
    let mut figure = Figure::default();
    let layers = match summary.routed_layers.iter().any(|layer| layer.gated) {
        true => "all routed layers without gates",
        false => "all routed layers",
    };
    let mut captions = vec![format!(
        "Cosine of two tasks' rows of the 0/1 allocation, over {layers}."
    )];
    let tree = cluster::tree(&values);
    let farthest = farthest(&tree);
    if values.len() > 2 {
        captions.push(format!(
            "The higher two branches of the tree meet, the less alike they are (average linkage); at its top {:.2}.",
            1.0 - farthest
        ));
    }
    captions.extend(group_caption(summary, &values));
    let top = heading::draw(&mut figure, "Task similarity", summary, &captions);
    let tasks = TaskOrder::of_leaves(summary, &tree.leaves);
    let count = tasks.order.len();
    let cell = (1000.0 / count as f64).clamp(4.0, 48.0);
    let track = Track::plain(count, cell);
    let left = MARGIN + task_labels::rows_width(summary, &tasks, &track);
    let top = match count {
        0..=2 => top,
        _ => {
            draw_tree(&mut figure, (&tree, farthest), cell, (left, top));
            top + TREE + 4.0
        }
    };
    task_labels::draw_rows(&mut figure, summary, &tasks, &track, (left, top));
    let bottom = top + track.length;
    task_labels::draw_columns(&mut figure, summary, &tasks, &track, (left, bottom));
    draw_cells(
        &mut figure,
        summary,
        (&tasks.order, &values),
        cell,
        (left, top),
    );
    scale_bar::draw(
        &mut figure,
        (left + track.length + 28.0, top),
        track.length,
        "similarity",
    );
    figure
}

fn draw_cells(
    figure: &mut Figure,
    summary: &Summary,
    (order, values): (&[usize], &[Vec<f64>]),
    cell: f64,
    (left, top): (f64, f64),
) {
    let size = (cell * 0.36).min(13.0);
    let digits = size >= SMALLEST && font::width("0.00", size) <= cell * 0.86;
    let inset = (cell * 0.02).clamp(0.0, 0.5);
    let side = cell - 2.0 * inset;
    for (row, &task) in order.iter().enumerate() {
        for (column, &other) in order.iter().enumerate() {
            let value = values[task][other];
            let (x, y) = (left + column as f64 * cell, top + row as f64 * cell);
            figure.rectangle(x + inset, y + inset, side, side, palette::heat(value));
            let [name, other] = [task, other].map(|task| &summary.tasks[task].name);
            figure.hint(format!("{name} and {other}: {value:.3}"));
            if digits {
                let middle = (x + cell / 2.0, y + cell / 2.0);
                let color = palette::on_heat(value);
                figure.text(&format!("{value:.2}"), middle, size, color, Align::Middle);
            }
        }
    }
}

/// The largest distance of the tree.
fn farthest(tree: &Tree) -> f64 {
    let distances = tree.joints.iter().map(|joint| joint.distance);
    distances.fold(0.0, f64::max)
}

/// The tree over columns of `cell`, its leaves below.
fn draw_tree(
    figure: &mut Figure,
    (tree, farthest): (&Tree, f64),
    cell: f64,
    (left, top): (f64, f64),
) {
    // Without any difference it is flat.
    let scale = TREE / farthest.max(0.05);
    let tasks = tree.leaves.len();
    let mut nodes = vec![(0.0, top + TREE); tasks];
    for (place, &task) in tree.leaves.iter().enumerate() {
        nodes[task].0 = left + (place as f64 + 0.5) * cell;
    }
    for joint in &tree.joints {
        let [a, b] = joint.nodes.map(|node| nodes[node]);
        let y = top + TREE - scale * joint.distance;
        figure.line(vec![a, (a.0, y), (b.0, y), b], 1.2, MUTED);
        figure.hint(format!("mean similarity {:.3}", 1.0 - joint.distance));
        nodes.push(((a.0 + b.0) / 2.0, y));
    }
}

/// The means within and between groups, where there are such pairs.
fn group_caption(summary: &Summary, values: &[Vec<f64>]) -> Option<String> {
    let groups = group_similarity(summary, values);
    if groups.groups.len() < 2 {
        return None;
    }
    let within = groups.within.map(|mean| format!("{mean:.2} within groups"));
    let between = groups
        .between
        .map(|mean| format!("{mean:.2} between groups"));
    let means: Vec<String> = within.into_iter().chain(between).collect();
    (!means.is_empty()).then(|| format!("Mean over pairs of tasks: {}.", means.join(", ")))
}
