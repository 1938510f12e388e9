//! The command that exports a run.

use std::path::PathBuf;

use clap::Args;
use paramalloc::commands::check_out;
use paramalloc::core::error::{Error as CoreError, NetworkError};
use paramalloc::core::network::Network;
use paramalloc::core::summary::write_whole;
use paramalloc::{Model, Saving};
use paramalloc_plot::format::thousands;
use prost::Message;

use crate::Onnx;
use crate::error::Error;
use crate::messages::{DataType, Size, TensorType, ValueInfo};

/// Write the network of a run as an ONNX file, for other runtimes
///
/// Without --task all tasks are outputs of one graph. The input is `input`, of any
/// batch; of a run on a table it takes the numbers of the table as they are. A task's
/// outputs are `TASK.logits` and `TASK.probabilities`, or `TASK.values`.
#[derive(Args, Clone, Debug)]
pub struct ExportArgs {
    /// Directory of the run
    run: PathBuf,

    /// Only this task, by name or by number from 0, and what it uses
    #[arg(long, value_name = "TASK", allow_hyphen_values = true)]
    task: Option<String>,

    /// File to write; it must not be there yet
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// A checkpoint of the run, in place of its best or newest
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,

    /// Take the last parameters, of a run that keeps the best too
    #[arg(long, conflicts_with = "checkpoint")]
    last: bool,
}

impl ExportArgs {
    /// Exports, with what the directory of the run says alone.
    ///
    /// # Errors
    /// If the run cannot be used, its network has a part of a user's own, or the file
    /// cannot be written.
    pub fn run(&self) -> Result<(), Error> {
        check_out(&self.out)?;
        let model = Model::load_from(&self.run, self.saving(), "export");
        self.write(&model.map_err(own_layer)?)
    }

    /// Exports a run of `network`, whose router, loss or metric may be a user's own: for
    /// a subcommand of the program that has them.
    ///
    /// # Errors
    /// The same.
    pub fn run_of(&self, network: &Network) -> Result<(), Error> {
        check_out(&self.out)?;
        self.write(&Model::load_of(&self.run, self.saving(), network)?)
    }

    fn saving(&self) -> Saving<'_> {
        match &self.checkpoint {
            Some(path) => Saving::Checkpoint(path),
            None if self.last => Saving::Last,
            None => Saving::Best,
        }
    }

    fn write(&self, model: &Model) -> Result<(), Error> {
        let mut onnx = Onnx::of_model(model);
        if let Some(task) = &self.task {
            onnx = onnx.only(model.find_task(task)?)?;
        }
        let file = onnx.file()?;
        let bytes = file.encode_to_vec();
        write_whole(&self.out, &bytes).map_err(|source| paramalloc::Error::Io {
            action: "write",
            path: self.out.clone(),
            source,
        })?;
        let ports = file.graph.iter();
        let ports = ports.flat_map(|graph| graph.input.iter().chain(&graph.output));
        let shown = format!(
            "from {}\n{}written to {} ({} bytes)\n",
            model.file().display(),
            ports.map(line).collect::<String>(),
            self.out.display(),
            thousands(bytes.len() as u64)
        );
        Ok(paramalloc::print(&shown)?)
    }
}

/// A layer of a user's own has no form in ONNX, so the advice to use the run's own
/// program would be wrong.
fn own_layer(error: paramalloc::Error) -> Error {
    match error {
        paramalloc::Error::UnknownPart {
            source:
                CoreError::Network(NetworkError::Unbound {
                    network,
                    what: "layer",
                    name,
                }),
            ..
        } => Error::OwnLayer {
            network,
            layer: name,
        },
        error => error.into(),
    }
}

/// `pets.logits: float32 [batch, 3]`.
fn line(port: &ValueInfo) -> String {
    let tensor = port.r#type.as_ref().and_then(|t| t.tensor_type.as_ref());
    let sizes = tensor.and_then(|tensor| tensor.shape.as_ref());
    let sizes = sizes.iter().flat_map(|shape| &shape.dim);
    let sizes = sizes.filter_map(|size| match size.value.as_ref()? {
        Size::Value(size) => Some(size.to_string()),
        Size::Parameter(name) => Some(name.clone()),
    });
    let sizes: Vec<String> = sizes.collect();
    let kind = match tensor.map(TensorType::elem_type) {
        Some(DataType::Double) => "float64",
        _ => "float32",
    };
    format!("{}: {kind} [{}]\n", port.name(), sizes.join(", "))
}
