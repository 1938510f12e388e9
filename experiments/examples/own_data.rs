//! Learns the tasks in a folder of your own: a folder of images per class and
//! task, or `.npz` arrays. `docs/own-data.md` says how to lay it out.
//!
//! ```text
//! cargo run --release -p experiments --example own_data -- FOLDER [ROUNDS]
//! ```

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use experiments::data::{OwnOptions, own_tasks};
use paramalloc_core::prelude::*;
use paramalloc_core::random::Random;
use paramalloc_core::train::{Sampler, TrainSettings, Trainer};

/// Two routed layers of four components each; any number of tasks, each with
/// as many classes as its data have.
#[multitask(input = (3, 32, 32))]
pub struct OwnNet {
    stem: (Conv2D<3, 8, 3, 1, Same>, ReLU),
    pool1: MaxPool2D<2>,
    #[routed(4)]
    block1: (Conv2D<8, 8, 3, 1, Same>, ReLU),
    pool2: MaxPool2D<2>,
    #[routed(4)]
    block2: (Conv2D<8, 8, 3, 1, Same>, ReLU),
    pool3: AvgPool2D<2>,
    flatten: Flatten2D,
    #[head(classes_from_data)]
    head: PerTaskLinear<128>,
}

fn main() -> ExitCode {
    match learn() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn learn() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("name the folder with your tasks")?;
    let rounds = arguments.next().map_or(Ok(500), |rounds| rounds.parse())?;

    let (tasks, _) = own_tasks(Path::new(&folder), &OwnOptions::new(OwnNet::INPUT))?;
    let outputs: Vec<usize> = tasks.iter().map(|task| task.outputs).collect();
    let settings = TrainSettings {
        steps_per_task: rounds,
        ..TrainSettings::default()
    };
    let threads = std::thread::available_parallelism()?.get();
    let mut trainer = Trainer::new::<OwnNet>(&settings, &outputs, threads)?;

    let mut sampler = Sampler::new(Random::new(settings.seed), settings.batch_size);
    for step in 0..trainer.total_task_steps() {
        let task = sampler.task(step, tasks.len());
        let round = step / tasks.len() as u64;
        let batch = sampler.batch(task, &tasks[task], round, OwnNet::INPUT.len());
        trainer.task_step(task, &batch.inputs, batch.targets())?;
    }

    for (index, task) in tasks.iter().enumerate() {
        print!("{:20} {:5} classes", task.name, task.outputs);
        for (split, examples) in &task.evaluation {
            let accuracy = trainer.evaluate(index, &**examples)?.accuracy;
            print!("  {split} {:5.1} % of {}", 100.0 * accuracy, examples.len());
        }
        println!();
    }
    Ok(())
}
