//! What is done to the images of a run's tasks.

use paramalloc_core::data::{InputKind, Task};
use paramalloc_core::network::Network;
use paramalloc_data::{Dataset, ImageChanges, Normalization, prepare_images};

use crate::error::{Error, ImageError};
use crate::settings::Settings;

/// Normalizes the images of the tasks and changes them in training, as the settings say.
/// `known` is the normalization that the run has already; else it is that of the training
/// images. Gives it, if there is one.
///
/// # Errors
/// If a setting does not fit the data.
pub fn prepare(
    dataset: &mut Dataset,
    network: &Network,
    settings: &Settings,
    known: Option<&Normalization>,
) -> Result<Option<Normalization>, Error> {
    if settings.normalize && dataset.table.is_some() {
        return Err(ImageError::OfTable.into());
    }
    check_tasks(&dataset.tasks, settings)?;
    let (tasks, shape) = (&mut dataset.tasks[..], network.input);
    let fitted = || Normalization::fit(tasks, shape);
    let normalization = settings
        .normalize
        .then(|| known.cloned().unwrap_or_else(fitted));
    let changes = changes(settings);
    prepare_images(tasks, shape, normalization.as_ref(), changes);
    Ok(normalization)
}

/// Normalizes the images of tasks that are only evaluated.
pub fn normalize(tasks: &mut [Task], network: &Network, known: Option<&Normalization>) {
    prepare_images(tasks, network.input, known, ImageChanges::default());
}

/// The random changes that the settings say.
fn changes(settings: &Settings) -> ImageChanges {
    let Settings {
        random_crop,
        random_flip,
        random_shift,
        ..
    } = settings;
    ImageChanges::new(*random_crop, *random_flip, *random_shift)
}

/// Refuses what does not fit the inputs or the targets of a task.
fn check_tasks(tasks: &[Task], settings: &Settings) -> Result<(), Error> {
    let Some(setting) = settings.of_images() else {
        return Ok(());
    };
    for task in tasks {
        let task_name = || task.name.clone();
        if task.train.inputs().kind() != InputKind::Numbers {
            let task = task_name();
            return Err(ImageError::Indices { setting, task }.into());
        }
        if task.train.pixels() > 1 && !changes(settings).are_none() {
            let task = task_name();
            return Err(ImageError::PerPixel { setting, task }.into());
        }
    }
    Ok(())
}
