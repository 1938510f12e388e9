//! The program that writes the network of one task of a run alone.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use paramalloc_core::data::{Examples, Task};
use paramalloc_core::network::Multitask;
use paramalloc_core::prune::{Manifest, PrunedNetwork};
use paramalloc_core::summary::write_whole;
use paramalloc_data::{DataError, DataOptions};
use paramalloc_plot::format::thousands;

use crate::arguments::parse;
use crate::commands::saved::{Saved, SavedArgs};
use crate::error::Error;
use crate::experiment::Loaded;
use crate::record::run_record::RunRecord;
use crate::stdio::print;
use crate::study::{AnyStudy, Visitor};

/// Examples of each split that the logits are compared on.
const EXAMPLES: usize = 64;

/// The command line.
#[derive(Args)]
struct PruneArgs {
    /// Folder of the run
    #[arg(long, value_name = "RUN")]
    dir: PathBuf,

    /// The task, by name or by number from 0
    #[arg(long, value_name = "TASK", allow_hyphen_values = true)]
    task: String,

    /// A checkpoint of the run, in place of its newest
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,

    /// File to write; it must not be there yet
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    #[command(flatten)]
    saved: SavedArgs,
}

/// A run of which one task's network is to be written.
pub struct Pruning {
    args: PruneArgs,
    /// The run.
    pub run: RunRecord,
}

/// The program `program`: writes the network of one task of a run, which is of
/// one of `studies`: only the components that the task uses, and its head. It
/// is read back, and its logits must be those of the whole network to the last
/// bit.
///
/// # Errors
/// What is wrong in one sentence.
pub fn prune(program: &'static str, studies: &[AnyStudy]) -> Result<(), Error> {
    let about = "Writes the network of one task of a run: only what the task uses";
    let args: PruneArgs = parse::parse_args(program, about, std::env::args_os())?;
    check_out(&args.out)?;
    let run = RunRecord::read(&args.dir)?;
    let study = AnyStudy::of_run(studies, &run, program)?;
    (study.prune)(Pruning { args, run })
}

/// Checks, before anything is loaded, that `out` can be written.
fn check_out(out: &Path) -> Result<(), Error> {
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

impl Visitor for Pruning {
    type Output = ();

    fn visit<N: Multitask>(
        self,
        load: impl FnOnce(&DataOptions, &mut dyn FnMut(&str)) -> Result<Loaded, DataError>,
    ) -> Result<(), Error> {
        let out = &self.args.out;
        let mut saved = Saved::open::<N>(self.run, &self.args.saved, load)?;
        let task = find_task(&saved.tasks, &self.args.task)?;
        let source = match &self.args.checkpoint {
            Some(path) => saved.take_file(path).map(|()| path.display().to_string())?,
            None => saved.take_newest()?,
        };
        let name = saved.tasks[task].name.clone();
        let pruned = paramalloc_core::prune::prune(&saved.trainer, task, &name);
        let (_, bytes) = pruned?;
        write_whole(out, &bytes).map_err(Error::io("write", out))?;
        let compared = fs::read(out)
            .map_err(Error::io("read", out))
            .and_then(|written| compare::<N>(&mut saved, task, &written));
        let (manifest, examples) = compared.inspect_err(|_| {
            // A file that is not what it says is not to be left.
            let _ = fs::remove_file(out);
        })?;
        let task = format!("--task {task}");
        let compared = (examples, bytes.len() as u64);
        print(&text(&manifest, &task, compared, &source, out))
    }
}

fn find_task(tasks: &[Task], wanted: &str) -> Result<usize, Error> {
    let by_name = tasks.iter().position(|task| task.name == wanted);
    let by_number = || wanted.parse().ok().filter(|&task| task < tasks.len());
    by_name.or_else(by_number).ok_or_else(|| Error::NoTask {
        wanted: wanted.to_owned(),
        tasks: tasks.iter().map(|task| task.name.clone()).collect(),
    })
}

/// Loads what was written and compares its logits on the first examples of
/// each split; gives how many these were.
fn compare<N: Multitask>(
    saved: &mut Saved,
    task: usize,
    bytes: &[u8],
) -> Result<(Manifest, usize), Error> {
    let mut pruned = PrunedNetwork::load(&N::NETWORK, bytes)?;
    let mut compared = 0;
    for (split, examples) in &saved.tasks[task].evaluation {
        let inputs = first_inputs(&**examples, saved.trainer.plan().input.len());
        let whole = saved.trainer.logits(task, &inputs)?;
        let alone = pruned.logits(&inputs)?;
        let bits = |logits: &[f32]| -> Vec<u32> { logits.iter().map(|l| l.to_bits()).collect() };
        if bits(&whole) != bits(&alone) {
            return Err(Error::OtherLogits {
                split: split.clone(),
            });
        }
        compared += examples.len().min(EXAMPLES);
    }
    Ok((pruned.manifest, compared))
}

fn first_inputs(examples: &dyn Examples, input_len: usize) -> Vec<f32> {
    let mut inputs = vec![0.0; examples.len().min(EXAMPLES) * input_len];
    for (index, input) in inputs.chunks_exact_mut(input_len).enumerate() {
        examples.write_input(index, None, input);
    }
    inputs
}

/// The report; `compared` are the examples and the bytes of the file.
fn text(
    manifest: &Manifest,
    task: &str,
    (examples, bytes): (usize, u64),
    source: &str,
    out: &Path,
) -> String {
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
        "{} ({task}) alone, from {source}\n{}parameters     {}\nmultiply-adds  {}\nthe whole network is counted with the head of this task alone\nits logits on {examples} examples are those of the whole network, bit for bit\nwritten to {} ({} bytes)\n",
        manifest.task_name,
        layers.collect::<String>(),
        share(size.parameters, size.whole_parameters),
        share(size.multiply_adds, size.whole_multiply_adds),
        out.display(),
        thousands(bytes),
    )
}
