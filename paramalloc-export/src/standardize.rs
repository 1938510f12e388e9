//! The input of a network on a table: its columns as they are, standardized in the
//! graph.

use paramalloc::data::Normalization;
use paramalloc::data::table::{Encoding, Feature, TableRecord};

use crate::graph::{Graph, Value, int};
use crate::messages::DataType;

/// The features as the network reads them, of `table`, `[batch, values]` in double
/// precision: numbers as the table has them, and for a text column 1 in the place of the
/// cell's text, else 0. NaN is a missing number.
pub fn standardized(graph: &mut Graph, record: &TableRecord, table: &Value) -> Value {
    let columns = Columns::of(&record.features);
    let width = columns.mean.len();
    let mut x = table.clone();
    let row = |graph: &mut Graph, name: &str, values: &[f64]| {
        graph.doubles(&format!("standardize.{name}"), &[1, width], values)
    };
    if columns.fill.iter().any(|fill| !fill.is_nan()) {
        let fill = row(graph, "fill", &columns.fill);
        // Some runtimes know the question in single precision only.
        let to = vec![int("to", DataType::Float as i64)];
        let single = graph.node_with("standardize.single", "Cast", &[&x], to);
        let missing = graph.node("standardize.is_missing", "IsNaN", &[&single]);
        x = graph.node("standardize.filled", "Where", &[&missing, &fill, &x]);
    }
    if columns.mean.iter().any(|&mean| mean != 0.0) {
        let mean = row(graph, "mean", &columns.mean);
        x = graph.node("standardize.centered", "Sub", &[&x, &mean]);
    }
    if columns.deviation.iter().any(|&deviation| deviation != 1.0) {
        let deviation = row(graph, "deviation", &columns.deviation);
        x = graph.node("standardize.scaled", "Div", &[&x, &deviation]);
    }
    let lowest: Vec<f64> = columns.clip.iter().map(|clip| -clip).collect();
    let lowest = row(graph, "lowest", &lowest);
    let highest = row(graph, "highest", &columns.clip);
    x = graph.node("standardize.not_below", "Max", &[&x, &lowest]);
    x = graph.node("standardize.clipped", "Min", &[&x, &highest]);
    let to = vec![int("to", DataType::Float as i64)];
    graph.node_with("standardize.input", "Cast", &[&x], to)
}

/// Images as the network reads them, of their values.
pub fn images(graph: &mut Graph, normalization: &Normalization, input: &Value) -> Value {
    let channels = normalization.mean.len();
    let of_channels = |graph: &mut Graph, name: &str, values: &[f32]| {
        graph.floats(&format!("standardize.{name}"), &[1, channels, 1, 1], values)
    };
    let mean = of_channels(graph, "mean", &normalization.mean);
    let deviation = of_channels(graph, "deviation", &normalization.deviation);
    let centered = graph.node("standardize.centered", "Sub", &[input, &mean]);
    graph.node("standardize.scaled", "Div", &[&centered, &deviation])
}

/// Names of the values of a table's features: the column, of a text column
/// `column=text`.
pub fn names(record: &TableRecord) -> Vec<String> {
    let names = record.features.iter().flat_map(|feature| {
        let name = &feature.name;
        match &feature.encoding {
            Encoding::Text { categories, .. } => categories
                .iter()
                .map(|category| format!("{name}={category}"))
                .collect(),
            _ => vec![name.clone()],
        }
    });
    names.collect()
}

/// What is done to each value.
#[derive(Default)]
struct Columns {
    /// What takes the place of NaN, or NaN.
    fill: Vec<f64>,
    mean: Vec<f64>,
    deviation: Vec<f64>,
    clip: Vec<f64>,
}

impl Columns {
    fn of(features: &[Feature]) -> Self {
        let mut columns = Self::default();
        for feature in features {
            match &feature.encoding {
                Encoding::Number {
                    mean,
                    deviation,
                    clip,
                    fill,
                } => {
                    // What is divided by infinity is 0, as all of a constant column is.
                    let is_constant = *deviation <= 0.0;
                    let deviation = if is_constant {
                        f64::INFINITY
                    } else {
                        *deviation
                    };
                    let clip = clip.unwrap_or(f32::MAX.into());
                    columns.push(fill.unwrap_or(f64::NAN), *mean, deviation, clip);
                }
                _ => {
                    for _ in 0..feature.width() {
                        columns.push(f64::NAN, 0.0, 1.0, f32::MAX.into());
                    }
                }
            }
        }
        columns
    }

    fn push(&mut self, fill: f64, mean: f64, deviation: f64, clip: f64) {
        self.fill.push(fill);
        self.mean.push(mean);
        self.deviation.push(deviation);
        self.clip.push(clip);
    }
}
