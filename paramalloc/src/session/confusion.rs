//! What the tasks of a run take for what, at its end.

use std::collections::BTreeMap;

use paramalloc_core::data::{TargetKind, Task};
use paramalloc_core::metric::ConfusionMatrix;
use paramalloc_core::summary::{Confusion, TaskConfusion};
use paramalloc_core::train::Trainer;

use crate::error::Error;

/// The confusion matrices of these tasks, by the parameters as they are at task step
/// `global_step`; nothing if none has classes or labels. Tasks whose counts would make
/// the file too large are named in it.
///
/// # Errors
/// If an evaluation fails.
pub fn confusion(
    trainer: &mut Trainer,
    tasks: &[Task],
    global_step: u64,
) -> Result<Option<Confusion>, Error> {
    let mut all = Confusion {
        global_step,
        ..Confusion::default()
    };
    let mut room = Confusion::MOST;
    for (index, task) in tasks.iter().enumerate() {
        let kind = trainer.target_kind(index);
        let cells = match kind {
            TargetKind::Classes => task.outputs.saturating_mul(task.outputs),
            TargetKind::Labels => 4 * task.outputs,
            _ => continue,
        };
        let cells = cells.saturating_mul(task.evaluation.len());
        if cells > room {
            all.left_out.push(task.name.clone());
            continue;
        }
        room -= cells;
        all.tasks.extend(of_task(trainer, index, task, kind)?);
    }
    let has_any = !all.tasks.is_empty() || !all.left_out.is_empty();
    Ok(Some(all).filter(|_| has_any))
}

/// The counts of a task, or of each of its labels, on every split.
fn of_task(
    trainer: &mut Trainer,
    index: usize,
    task: &Task,
    kind: TargetKind,
) -> Result<Vec<TaskConfusion>, Error> {
    let named = task.class_names.len() == task.outputs;
    let name = |output: usize| match named {
        true => task.class_names[output].clone(),
        false => output.to_string(),
    };
    let of = |label: Option<String>, classes: Vec<String>| TaskConfusion {
        name: task.name.clone(),
        label,
        classes,
        counts: BTreeMap::new(),
    };
    let of_label = |output| {
        let label = (task.outputs > 1).then(|| name(output));
        of(label, vec!["0".to_owned(), "1".to_owned()])
    };
    let mut found: Vec<TaskConfusion> = match kind {
        TargetKind::Classes => vec![of(None, (0..task.outputs).map(name).collect())],
        _ => (0..task.outputs).map(of_label).collect(),
    };
    for (split, examples) in &task.evaluation {
        let matrices = trainer.confusion(index, examples);
        let matrices = matrices.map_err(|source| Error::Evaluation {
            task: task.name.clone(),
            split: split.clone(),
            source,
        })?;
        let rows = |matrix: &ConfusionMatrix| matrix.rows().map(<[u64]>::to_vec).collect();
        for (of, matrix) in found.iter_mut().zip(&matrices) {
            of.counts.insert(split.clone(), rows(matrix));
        }
    }
    Ok(found)
}
