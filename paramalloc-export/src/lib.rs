//! Trained multi-task networks as ONNX files, which other runtimes read:
//! onnxruntime in Python, C++ or a browser, for example.
//!
//! ```no_run
//! use paramalloc::Model;
//! use paramalloc_export::Onnx;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let model = Model::load("runs/table-gumbel_matrix-seed0-001")?;
//! std::fs::write("network.onnx", Onnx::of_model(&model).encode()?)?;
//! # Ok(())
//! # }
//! ```
//!
//! The graph computes what evaluation computes. Its input is `input`, `[batch, channels,
//! rows, columns]` or `[batch, features]`, of any batch, in single precision. A network on
//! a table takes the numbers of the table in double precision; one on normalized images, as
//! those that a table names are, takes their values of 0 to 1. Standardization is part of the
//! graph in both cases. The outputs of a task named
//! `pets` are `pets.logits` and `pets.probabilities`, or `pets.values`, in the units of
//! the table. The file's metadata have, as JSON, `tasks` (for each its `name`, its `kind`,
//! the names of its `outputs` and of its `classes`) and for a table `features` (the names
//! of the values of `input`, `column` or `column=text`).

#![deny(missing_docs, missing_debug_implementations)]

mod command;
mod error;
mod graph;
mod messages;
mod network;
mod operations;
mod standardize;
mod task;

use paramalloc::Model;
use paramalloc::data::Normalization;
use paramalloc::data::table::TableRecord;
use paramalloc_core::data::TargetKind;
use paramalloc_core::train::Trainer;
use prost::Message;

pub use command::ExportArgs;
pub use error::Error;

use graph::{Graph, Port, Value};
use messages::{DataType, Entry, GraphMessage, OperatorSet};
use network::{Parameters, Walk};
use task::{Description, ExportedTask};

/// Version of the operators, of 2021: runtimes older than the newest know it.
const OPERATORS: i64 = 17;
/// Version of the file's format, that of these operators.
const FORMAT: i64 = 8;
/// The most bytes of a protobuf message.
const MAX_BYTES: usize = i32::MAX as usize;

/// An export of some tasks of a network.
#[derive(Clone, Debug)]
#[must_use]
pub struct Onnx<'a> {
    trainer: &'a Trainer,
    table: Option<&'a TableRecord>,
    normalization: Option<&'a Normalization>,
    tasks: Vec<ExportedTask>,
}

impl<'a> Onnx<'a> {
    /// All tasks of a saved run.
    pub fn of_model(model: &'a Model) -> Self {
        let mut onnx = Self::of_tasks(model.trainer(), &model.tasks());
        onnx.table = model.table();
        onnx.normalization = model.normalization();
        for task in &mut onnx.tasks {
            task.classes = model.class_names(task.number).to_vec();
            let target = model
                .table()
                .and_then(|table| table.targets.get(task.number));
            task.units = target
                .filter(|_| task.kind == TargetKind::Values)
                .map(|target| (target.mean, target.deviation));
        }
        onnx
    }

    /// All tasks of a trainer as it stands, called by these names.
    ///
    /// # Errors
    /// [`Error::Names`] if these are not as many as the tasks.
    pub fn of_trainer(trainer: &'a Trainer, names: &[&str]) -> Result<Self, Error> {
        let (found, tasks) = (names.len(), trainer.tasks());
        match found == tasks {
            true => Ok(Self::of_tasks(trainer, names)),
            false => Err(Error::Names { found, tasks }),
        }
    }

    fn of_tasks(trainer: &'a Trainer, names: &[&str]) -> Self {
        let heads = trainer.plan().heads.iter();
        let tasks = heads.zip(names).enumerate().map(|(number, (head, name))| {
            let kind = head.loss.target_kind();
            ExportedTask {
                number,
                name: (*name).to_owned(),
                // As `predict` has it where a loss does not say.
                kind: kind.unwrap_or(TargetKind::Values),
                classes: Vec::new(),
                units: None,
            }
        });
        Self {
            trainer,
            table: None,
            normalization: None,
            tasks: tasks.collect(),
        }
    }

    /// Only this task, with the components that it uses.
    ///
    /// # Errors
    /// [`Error::NoTask`].
    pub fn only(mut self, task: usize) -> Result<Self, Error> {
        let tasks = self.trainer.tasks();
        if task >= tasks {
            return Err(Error::NoTask { task, tasks });
        }
        self.tasks.retain(|exported| exported.number == task);
        Ok(self)
    }

    /// The bytes of the file.
    ///
    /// # Errors
    /// [`Error::OwnLayer`] if the tasks use a layer of a user's own,
    /// [`Error::TooLarge`].
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        Ok(self.file()?.encode_to_vec())
    }

    fn file(&self) -> Result<messages::Model, Error> {
        let plan = self.trainer.plan();
        let mut graph = Graph::default();
        let input = self.input(&mut graph);
        let parameters = Parameters::new(self.trainer);
        let mut walk = Walk::new(plan, &parameters, &mut graph);
        let mut heads = Vec::new();
        for task in &self.tasks {
            let weights = self.trainer.evaluation_weights(task.number);
            heads.push(walk.task(task.number, &weights, &input)?);
        }
        let tasks: Vec<Description> = (self.tasks.iter().zip(&heads))
            .map(|(task, head)| {
                let stack = &plan.heads[task.number].stack;
                let shape = stack
                    .operations
                    .last()
                    .map_or(plan.input, |last| last.output);
                task.outputs(&mut graph, head, shape)
            })
            .collect();
        let file = messages::Model {
            metadata_props: self.metadata(&tasks)?,
            ..model(graph.finish(&plan.name))
        };
        match file.encoded_len() {
            bytes if bytes > MAX_BYTES => Err(Error::TooLarge { bytes }),
            _ => Ok(file),
        }
    }

    /// What the network reads.
    fn input(&self, graph: &mut Graph) -> Value {
        let port = Port {
            name: "input",
            data_type: DataType::Float,
            shape: self.trainer.plan().input,
            about: "what the network reads",
        };
        if let Some(normalization) = self.normalization {
            let input = graph.input(Port {
                about: "images as they are read, of values 0 to 1, which the graph normalizes",
                ..port
            });
            return standardize::images(graph, normalization, &input);
        }
        let Some(table) = self.table else {
            return graph.input(port);
        };
        let table_port = Port {
            data_type: DataType::Double,
            about: "the columns that `features` of the metadata names; for column=text, 1 where the cell is that text, else 0; NaN is missing",
            ..port
        };
        let input = graph.input(table_port);
        standardize::standardized(graph, table, &input)
    }

    fn metadata(&self, tasks: &[Description]) -> Result<Vec<Entry>, Error> {
        let entry = |key: &str, value: String| Entry {
            key: Some(key.to_owned()),
            value: Some(value),
        };
        let mut metadata = vec![entry("tasks", serde_json::to_string(tasks)?)];
        if let Some(table) = self.table.filter(|table| table.images.is_none()) {
            let features = serde_json::to_string(&standardize::names(table))?;
            metadata.push(entry("features", features));
        }
        Ok(metadata)
    }
}

/// A file of this graph.
fn model(graph: GraphMessage) -> messages::Model {
    messages::Model {
        ir_version: Some(FORMAT),
        producer_name: Some("paramalloc".to_owned()),
        producer_version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        graph: Some(graph),
        opset_import: vec![OperatorSet {
            domain: Some(String::new()),
            version: Some(OPERATORS),
        }],
        ..messages::Model::default()
    }
}

/// Compiles the program of the document on exports.
#[cfg(doctest)]
#[doc = include_str!("../../docs/export.md")]
struct Document;
