//! Writes the network of one task of a run alone.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use paramalloc_core::network::Network;
use paramalloc_core::prune::{Manifest, PrunedNetwork};
use paramalloc_core::random::{Purpose, Random};
use paramalloc_core::summary::write_whole;
use paramalloc_plot::format::thousands;

use crate::commands::saved::{Saved, ThreadsArg};
use crate::commands::stored;
use crate::error::Error;
use crate::record::run_record::RunRecord;
use crate::settings::config::TaskConfig;
use crate::stdio::print;

/// Generated inputs that the logits are compared on.
const INPUTS: usize = 64;

/// Write the network of one task: only what the task uses
#[derive(Args, Clone, Debug)]
pub struct PruneArgs {
    /// Directory of the run
    run: PathBuf,

    /// The task, by name or by number from 0
    #[arg(long, value_name = "TASK", allow_hyphen_values = true)]
    task: String,

    /// File to write; it must not be there yet
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// A checkpoint of the run, in place of its best or newest
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,

    /// Take the last parameters, of a run that keeps the best too
    #[arg(long, conflicts_with = "checkpoint")]
    last: bool,

    #[command(flatten)]
    threads: ThreadsArg,
}

impl PruneArgs {
    /// Writes the network of a task, with what the directory of the run says
    /// alone.
    ///
    /// # Errors
    /// If the run cannot be used, its network has a layer that this program
    /// does not know, or the file cannot be written.
    pub fn run(&self) -> Result<(), Error> {
        prune(self, |run| stored::network(run, "prune"))
    }
}

/// Writes the network of a task: only the components that the task uses, and
/// its head. It is read back, and its logits must be those of the whole
/// network to the last bit. `network` gives the network of a run.
///
/// # Errors
/// If the run or its network cannot be used, or the file cannot be written.
pub fn prune(
    args: &PruneArgs,
    network: impl FnOnce(&mut RunRecord) -> Result<Network, Error>,
) -> Result<(), Error> {
    let out = &args.out;
    check_out(out)?;
    let mut run = RunRecord::read(&args.run)?;
    let task = find_task(&run.config.tasks, &args.task)?;
    let name = run.config.tasks[task].name.clone();
    let network = network(&mut run)?;
    let mut saved = Saved::new(run, &network, &args.threads)?;
    let source = match &args.checkpoint {
        Some(path) => saved.take_file(path).map(|()| path.clone())?,
        None => saved.take(args.last)?,
    };
    let (_, bytes) = paramalloc_core::prune::prune(&saved.trainer, task, &name)?;
    write_whole(out, &bytes).map_err(Error::io("write", out))?;
    let compared = fs::read(out)
        .map_err(Error::io("read", out))
        .and_then(|written| compare(&mut saved, &network, task, &written));
    let manifest = compared.inspect_err(|_| {
        // A file that is not what it says is not to be left.
        let _ = fs::remove_file(out);
    })?;
    print(&text(&manifest, task, bytes.len() as u64, &source, out))
}

/// Checks, before anything is loaded, that `out` can be written.
///
/// # Errors
/// If it is there already, or there is no directory for it.
pub fn check_out(out: &Path) -> Result<(), Error> {
    let refused = |problem| Error::Out {
        path: out.to_owned(),
        problem,
    };
    if out.is_dir() {
        return Err(refused("is a directory; give --out the name of a file"));
    }
    if out.exists() {
        return Err(refused("is there already; give another --out"));
    }
    let parent = out.parent().filter(|p| !p.as_os_str().is_empty());
    match parent.filter(|parent| !parent.is_dir()) {
        Some(parent) => Err(Error::NoParent {
            path: parent.to_owned(),
        }),
        None => Ok(()),
    }
}

/// The task of this name, or of this number.
pub fn find_task(tasks: &[TaskConfig], wanted: &str) -> Result<usize, Error> {
    let by_name = tasks.iter().position(|task| task.name == wanted);
    let by_number = || wanted.parse().ok().filter(|&task| task < tasks.len());
    by_name.or_else(by_number).ok_or_else(|| Error::NoTask {
        wanted: wanted.to_owned(),
        tasks: tasks.iter().map(|task| task.name.clone()).collect(),
    })
}

/// Loads what was written and compares its logits with those of the whole
/// network on generated inputs, uniform from 0 to 1.
fn compare(
    saved: &mut Saved,
    network: &Network,
    task: usize,
    bytes: &[u8],
) -> Result<Manifest, Error> {
    let mut pruned = PrunedNetwork::load(network, bytes)?;
    let mut inputs = vec![0.0; INPUTS * network.input.len()];
    let mut stream = Random::new(0).stream(Purpose::Data, task as u64, 0);
    stream.fill_uniform(&mut inputs);
    let whole = saved.trainer.logits(task, &inputs)?;
    let alone = pruned.logits(&inputs)?;
    let bits = |logits: &[f32]| -> Vec<u32> { logits.iter().map(|l| l.to_bits()).collect() };
    match bits(&whole) == bits(&alone) {
        true => Ok(pruned.manifest),
        false => Err(Error::OtherLogits),
    }
}

/// The report; `bytes` are those of the file.
fn text(manifest: &Manifest, task: usize, bytes: u64, source: &Path, out: &Path) -> String {
    let size = manifest.size;
    let share = |part: u64, whole: u64| {
        let percent = 100.0 * part as f64 / whole.max(1) as f64;
        format!(
            "{} of {} ({percent:.1} %)",
            thousands(part),
            thousands(whole)
        )
    };
    let layers = manifest.routed_layers.iter().map(|layer| {
        let kept: Vec<String> = (layer.components.iter())
            .map(|component| component.index.to_string())
            .collect();
        let kept = match kept.is_empty() {
            true => "none".to_owned(),
            false => kept.join(", "),
        };
        format!("{}: components {kept} of {}\n", layer.name, layer.of)
    });
    format!(
        "{} (--task {task}) alone, from {}\n{}parameters     {}\nmultiply-adds  {}\nthe whole network is counted with the head of this task alone\nits logits on {INPUTS} generated inputs are those of the whole network, bit for bit\nwritten to {} ({} bytes)\n",
        manifest.task_name,
        source.display(),
        layers.collect::<String>(),
        share(size.parameters, size.whole_parameters),
        share(size.multiply_adds, size.whole_multiply_adds),
        out.display(),
        thousands(bytes),
    )
}
