//! From a table in memory to tasks.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use paramalloc_core::data::{Examples, FloatInputs, Inputs, Task};
use paramalloc_core::loss::Loss;

use super::cell::Cell;
use super::columns::{Column, Columns};
use super::encode::{Feature, Refused};
use super::image_options::ImageRecord;
use super::images;
use super::messages::{features_message, messages};
use super::options::{SplitBy, TableOptions, TargetColumn};
use super::record::{TABLE_FORMAT, TableRecord};
use super::roles::{Roles, roles};
use super::splits::{Rows, SPLITS, split};
use super::target::{TargetInfo, scale, targets};
use crate::error::{AddedProblem, DataError, TableProblem};

/// Tasks of a table, and how they were made.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    /// What a run stores.
    pub record: TableRecord,
    /// The tasks; all share their inputs.
    pub tasks: Vec<Task>,
    /// SHA-256 of the images that the table names, if it does.
    pub images_sha256: Option<String>,
    /// What the user is told, a line each.
    pub messages: Vec<String>,
}

/// The tasks of a table. `given` are the targets of a file that says them itself;
/// where the record of a run is `known`, the features are those of that.
///
/// # Errors
/// If the options do not fit the table, or a cell is not what its column needs.
pub(crate) fn prepare(
    path: &Path,
    table: &Columns,
    options: &TableOptions,
    (given, known): (&[usize], Option<&TableRecord>),
) -> Result<Prepared, DataError> {
    let options = &match known {
        Some(record) if record.images.is_some() => return Err(AddedProblem::OnImages.into()),
        Some(record) => options_like(path, table, options, (given, record))?,
        None => options.clone(),
    };
    let roles = roles(path, table, options, given)?;
    let column = |&index: &usize| &table.columns[index];
    let mut infos = Vec::new();
    for target in roles.targets.iter().map(column) {
        let asked = options.kinds.get(&target.name).copied();
        infos.push(TargetInfo::of(path, target, &table.lines, asked)?);
    }
    let kinds = infos.iter().map(|info| info.kind);
    let kinds: Vec<(&Column, TargetColumn)> = roles.targets.iter().map(column).zip(kinds).collect();
    let rows = match known {
        // The strata would be those of the new targets: rows for test in the run would
        // become rows for training.
        Some(record) if options.split.by == SplitBy::Stratified && record.rows == table.rows() => {
            record.split_rows()
        }
        _ => split(
            path,
            table,
            roles.split.as_ref().map(column),
            &kinds,
            &options.split,
        )?,
    };
    let made = match (&options.images, roles.image.as_ref().map(column)) {
        (Some(images), Some(column)) => {
            let mut read = images::read(path, images, column, &table.lines)?;
            let (messages, sha256) = (std::mem::take(&mut read.messages), read.sha256.clone());
            let (inputs, record) = read.into_inputs(&rows[0]);
            Made {
                inputs: Arc::new(inputs),
                features: Vec::new(),
                images: Some((record, sha256)),
                messages,
            }
        }
        _ => of_features(path, table, (&roles, &rows[0]), options, known)?,
    };
    let weights = roles.weights.as_ref().map(column);
    let weights = weights.map(|column| weights_of(path, column, &table.lines));
    let weights = weights.transpose()?;
    let mut tasks = Vec::new();
    for (info, column) in infos.iter_mut().zip(roles.targets.iter().map(column)) {
        scale(info, column, &rows[0]);
        tasks.push(task(
            path,
            info,
            column,
            (&made.inputs, weights.as_deref()),
            &rows,
        )?);
    }
    let ignored = roles.ignored.iter().map(|index| column(index).name.clone());
    let ignored: Vec<String> = ignored.collect();
    let of_inputs = &made.messages;
    let messages = messages(table, &roles, of_inputs, (&infos, &tasks), &rows, &ignored);
    let (images, images_sha256) = made.images.unzip();
    let record = TableRecord {
        format: if images.is_some() { TABLE_FORMAT } else { 1 },
        features: made.features,
        images,
        targets: infos,
        ignored,
        rows: table.rows(),
        splits: (1..3)
            .filter(|&split| !rows[split].is_empty())
            .map(|split| (SPLITS[split].to_owned(), rows[split].clone()))
            .collect(),
    };
    Ok(Prepared {
        record,
        tasks,
        images_sha256,
        messages,
    })
}

/// The same options with the features of a run, which must all be there.
fn options_like(
    path: &Path,
    table: &Columns,
    options: &TableOptions,
    (given, record): (&[usize], &TableRecord),
) -> Result<TableOptions, DataError> {
    let mut options = options.clone();
    let names = record.features.iter().map(|feature| feature.name.clone());
    options.features = names.collect();
    let mut features = options.features.iter();
    if let Some(name) = features.find(|name| table.find(name).is_none()) {
        let (name, columns) = (name.clone(), table.names());
        return Err(DataError::table(
            path,
            TableProblem::NoFeature { name, columns },
        ));
    }
    if options.targets.is_empty() {
        let given = given.iter().map(|&index| table.columns[index].name.clone());
        let is_new = |name: &String| record.targets.iter().all(|target| target.name != *name);
        options.targets = given.filter(is_new).collect();
    }
    let mut targets = options.targets.iter();
    match targets.find(|name| options.features.contains(name)) {
        Some(name) => {
            let name = name.clone();
            Err(DataError::table(
                path,
                TableProblem::TargetIsFeature { name },
            ))
        }
        None => Ok(options),
    }
}

/// The features of columns, by the training rows.
fn fitted(
    path: &Path,
    table: &Columns,
    (columns, train): (&[&Column], &[usize]),
    options: &TableOptions,
) -> Result<Vec<Feature>, DataError> {
    let fit = |column: &&Column| Feature::fit(path, column, &table.lines, train, options);
    let features: Result<Vec<Feature>, DataError> = columns.iter().map(fit).collect();
    let mut features = features?;
    // Of texts that are all missing nothing is left.
    features.retain(|feature| feature.width() > 0);
    match features.is_empty() {
        true => Err(DataError::table(path, TableProblem::NoFeatures)),
        false => Ok(features),
    }
}

/// What is learned from.
struct Made {
    inputs: Arc<dyn Inputs>,
    features: Vec<Feature>,
    /// With the SHA-256 of their files.
    images: Option<(ImageRecord, String)>,
    /// What the user is told of them.
    messages: Vec<String>,
}

/// Columns as inputs, by the rows `train` where they are not `known`.
fn of_features(
    path: &Path,
    table: &Columns,
    (roles, train): (&Roles, &[usize]),
    options: &TableOptions,
    known: Option<&TableRecord>,
) -> Result<Made, DataError> {
    let features = match known {
        Some(record) => record.features.clone(),
        None => {
            let columns = roles.features.iter().map(|&index| &table.columns[index]);
            let columns: Vec<&Column> = columns.collect();
            fitted(path, table, (&columns, train), options)?
        }
    };
    Ok(Made {
        inputs: Arc::new(inputs(path, table, &features)?),
        messages: vec![features_message(&features)],
        features,
        images: None,
    })
}

/// The inputs of all rows.
fn inputs(path: &Path, table: &Columns, features: &[Feature]) -> Result<FloatInputs, DataError> {
    let columns: BTreeMap<&str, &Column> = (table.columns.iter())
        .map(|column| (column.name.as_str(), column))
        .collect();
    let columns: Vec<&Column> = features.iter().map(|f| columns[f.name.as_str()]).collect();
    let width: usize = features.iter().map(Feature::width).sum();
    let mut values = vec![0.0; width * table.rows()];
    for (row, input) in values.chunks_exact_mut(width).enumerate() {
        let mut rest = input;
        for (feature, column) in features.iter().zip(&columns) {
            let (out, after) = rest.split_at_mut(feature.width());
            let cell = column.cell(row);
            let text = match cell {
                Cell::Text(text) => text,
                _ => "",
            };
            feature
                .write(cell, text, out)
                .map_err(|refused| wrong(path, refused, table.lines[row], column, row))?;
            rest = after;
        }
    }
    Ok(FloatInputs::new(width, values)?)
}

fn wrong(path: &Path, refused: Refused, line: u64, column: &Column, row: usize) -> DataError {
    DataError::cell(path, refused, line, &column.name, &column.shown(row))
}

/// What each row counts.
fn weights_of(path: &Path, column: &Column, lines: &[u64]) -> Result<Vec<f32>, DataError> {
    let weights = lines
        .iter()
        .enumerate()
        .map(|(row, &line)| match column.cell(row) {
            Cell::Number(weight) if (0.0..=f64::from(f32::MAX)).contains(&weight) => {
                Ok(weight as f32)
            }
            _ => {
                let cell = column.shown(row);
                Err(DataError::table(path, TableProblem::Weight { line, cell }))
            }
        });
    weights.collect()
}

fn task(
    path: &Path,
    info: &TargetInfo,
    column: &Column,
    (inputs, weights): (&Arc<dyn Inputs>, Option<&[f32]>),
    rows: &Rows,
) -> Result<Task, DataError> {
    let examples = |split: usize| -> Result<Examples, DataError> {
        let known = rows[split].iter().copied();
        let known: Vec<usize> = known
            .filter(|&row| column.cell(row) != Cell::Missing)
            .collect();
        let lacking = |problem| Err(DataError::table(path, problem));
        let (name, split) = (column.name.clone(), SPLITS[split]);
        if known.is_empty() {
            return lacking(TableProblem::EmptySplit {
                column: name,
                split,
            });
        }
        let first = column.cell(known[0]);
        let is_one = split == SPLITS[0]
            && info.kind != TargetColumn::Value
            && known.iter().all(|&row| column.cell(row) == first);
        if is_one {
            return lacking(TableProblem::OneClassToTrain { column: name });
        }
        let targets = targets(info, column, &known);
        let of_rows = known.iter().map(|&row| row as u32).collect();
        let examples = Examples::of_rows(inputs.clone(), of_rows, targets)?;
        match weights {
            Some(weights) => {
                let weights = known.iter().map(|&row| weights[row]);
                Ok(examples.weighted(weights.collect())?)
            }
            None => Ok(examples),
        }
    };
    let train = examples(0)?;
    let mut task = Task::new(&info.name, info.outputs(), train.clone())
        .class_names(&info.classes)
        .unit(info.deviation)
        .loss(match info.kind {
            TargetColumn::Label => Loss::BinaryCrossEntropy,
            TargetColumn::Classes => Loss::SoftmaxCrossEntropy,
            TargetColumn::Value => Loss::MeanSquaredError,
        })
        .evaluated_on(SPLITS[0], train);
    for split in (1..3).filter(|&split| !rows[split].is_empty()) {
        task = task.evaluated_on(SPLITS[split], examples(split)?);
    }
    Ok(task)
}
