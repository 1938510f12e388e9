//! The networks with the settings that they are timed with.

use std::time::{Duration, Instant};

use clap::ValueEnum;
use paramalloc_core::data::Targets;
use paramalloc_core::engine::cpu::{Convolution, CpuEngine};
use paramalloc_core::error::Error;
use paramalloc_core::network::Multitask;
use paramalloc_core::penalty::Penalties;
use paramalloc_core::random::{Purpose, Random};
use paramalloc_core::routing::{Method, RouterSettings};
use paramalloc_core::train::{TrainSettings, Trainer};
use paramalloc_kernels::Level;

use crate::networks::{Clusters, Dense, Mnist, Omniglot, Wide};

/// A network with its tasks, batch and settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Case {
    /// 4 tasks, 3 layers of 4 components, 1x28x28, batch 16.
    Mnist,
    /// 40 tasks, 3 layers of 16 components, 3x32x32, batch 32.
    Clusters,
    /// 20 tasks, 8 layers of 7 components, 1x105x105, batch 16.
    Omniglot,
    /// 12 tasks, 2 dense layers of 8 components, 1,024 features, batch 16.
    Dense16,
    /// The same with batch 64.
    Dense64,
    /// The same with batch 256.
    Dense256,
    /// 10 tasks, 3 layers of 4 components, 64 to 256 filters, 3x32x32, batch 32.
    Wide,
}

impl Case {
    /// All cases.
    pub const ALL: [Self; 7] = [
        Self::Mnist,
        Self::Clusters,
        Self::Omniglot,
        Self::Dense16,
        Self::Dense64,
        Self::Dense256,
        Self::Wide,
    ];

    /// Name in the results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mnist => "mnist",
            Self::Clusters => "clusters",
            Self::Omniglot => "omniglot",
            Self::Dense16 => "dense16",
            Self::Dense64 => "dense64",
            Self::Dense256 => "dense256",
            Self::Wide => "wide",
        }
    }

    /// Examples per task step.
    pub fn batch(self) -> usize {
        match self {
            Self::Mnist | Self::Omniglot | Self::Dense16 => 16,
            Self::Clusters | Self::Wide => 32,
            Self::Dense64 => 64,
            Self::Dense256 => 256,
        }
    }

    /// Task steps that a run is timed over; the first fifth warms up.
    pub fn steps(self) -> usize {
        match self {
            Self::Mnist => 300,
            Self::Clusters | Self::Dense16 | Self::Dense64 | Self::Dense256 => 100,
            Self::Omniglot | Self::Wide => 10,
        }
    }

    /// Examples per evaluation, and how often it is timed.
    pub fn evaluation(self) -> (usize, usize) {
        match self {
            Self::Mnist => (1000, 40),
            Self::Clusters => (256, 20),
            Self::Omniglot => (16, 8),
            Self::Dense16 | Self::Dense64 | Self::Dense256 => (4096, 20),
            Self::Wide => (128, 12),
        }
    }

    /// Whether no case before has the same network with another batch.
    pub fn is_first_of_its_network(self) -> bool {
        !matches!(self, Self::Dense64 | Self::Dense256)
    }

    /// Width of each task's head.
    pub fn outputs(self) -> Vec<usize> {
        match self {
            Self::Mnist => vec![10; 4],
            Self::Clusters => [[5; 20], [9; 20]].concat(),
            Self::Omniglot => vec![30; 20],
            Self::Dense16 | Self::Dense64 | Self::Dense256 => vec![2; 12],
            Self::Wide => vec![10; 10],
        }
    }

    /// The settings of the experiment, with the learning rate 5e-3 for all:
    /// the speed does not depend on it.
    pub fn settings(self, method: Method) -> TrainSettings {
        let (probability, penalties) = match self {
            Self::Mnist => (0.5, budget(0.75)),
            Self::Clusters | Self::Dense16 | Self::Dense64 | Self::Dense256 | Self::Wide => {
                (0.5, budget(0.5))
            }
            Self::Omniglot => (0.97, Penalties::default().l2_penalty(3e-4)),
        };
        TrainSettings::default()
            .batch_size(self.batch())
            .router(
                RouterSettings::default()
                    .method(method)
                    .probs_init(probability),
            )
            .penalties(penalties)
            .learning_rate(5e-3)
    }

    /// A network before its first task step.
    ///
    /// # Errors
    /// If the method does not fit the network: `no_sharing` needs as many
    /// components as tasks.
    pub fn trainer(self, method: Method, threads: usize) -> Result<Trainer, Error> {
        self.trainer_by(method, threads, Convolution::default())
    }

    /// The same with wide convolutions computed in this way.
    ///
    /// # Errors
    /// As [`Self::trainer`].
    pub fn trainer_by(
        self,
        method: Method,
        threads: usize,
        convolution: Convolution,
    ) -> Result<Trainer, Error> {
        let settings = self.settings(method).convolution(convolution);
        let outputs = self.outputs();
        match self {
            Self::Mnist => Trainer::new(&Mnist::NETWORK, &settings, &outputs, threads),
            Self::Clusters => Trainer::new(&Clusters::NETWORK, &settings, &outputs, threads),
            Self::Omniglot => Trainer::new(&Omniglot::NETWORK, &settings, &outputs, threads),
            Self::Dense16 | Self::Dense64 | Self::Dense256 => {
                Trainer::new(&Dense::NETWORK, &settings, &outputs, threads)
            }
            Self::Wide => Trainer::new(&Wide::NETWORK, &settings, &outputs, threads),
        }
    }

    /// The same on one thread with an instruction set of this machine.
    ///
    /// # Errors
    /// As [`Self::trainer`].
    pub fn trainer_at(self, method: Method, level: Level) -> Result<Trainer, Error> {
        match self {
            Self::Mnist => self.at::<Mnist>(method, level),
            Self::Clusters => self.at::<Clusters>(method, level),
            Self::Omniglot => self.at::<Omniglot>(method, level),
            Self::Dense16 | Self::Dense64 | Self::Dense256 => self.at::<Dense>(method, level),
            Self::Wide => self.at::<Wide>(method, level),
        }
    }

    fn at<N: Multitask>(self, method: Method, level: Level) -> Result<Trainer, Error> {
        let (settings, outputs) = (self.settings(method), self.outputs());
        Trainer::with_engine(
            &N::NETWORK,
            &settings,
            &outputs,
            |plan, routers, parameters| {
                let engine = CpuEngine::new(plan, &routers.learned(), parameters, 1)?;
                Ok(Box::new(engine.with_level(level)))
            },
        )
    }

    /// A random batch of this case.
    pub fn examples(self, trainer: &Trainer) -> Examples {
        Examples::random(self.batch(), trainer)
    }
}

fn budget(budget: f64) -> Penalties {
    Penalties::default().budget(budget).budget_penalty(1.0)
}

/// A random batch that fits every task.
pub struct Examples {
    /// Inputs, `[examples, values]`, 0 to 1.
    pub inputs: Vec<f32>,
    /// Classes, below the narrowest head.
    pub classes: Vec<u16>,
}

impl Examples {
    /// `count` examples for the network of `trainer`.
    pub fn random(count: usize, trainer: &Trainer) -> Self {
        let mut stream = Random::new(1).stream(Purpose::Data, 0, 0);
        let mut inputs = vec![0.0; count * trainer.plan().input.len()];
        stream.fill_uniform(&mut inputs);
        let widths = trainer.plan().heads.iter().map(|head| head.outputs);
        let narrowest = widths.min().unwrap_or(1);
        let classes = (0..count).map(|_| stream.below(narrowest) as u16).collect();
        Self { inputs, classes }
    }

    /// One task step on this batch.
    ///
    /// # Errors
    /// As [`Trainer::task_step`].
    pub fn step(&self, trainer: &mut Trainer, task: usize) -> Result<(), Error> {
        let targets = Targets::Classes(&self.classes);
        trainer.task_step(task, &self.inputs, targets).map(|_| ())
    }

    /// Times `steps` task steps, the tasks in turn; the first fifth warms up.
    ///
    /// # Errors
    /// As [`Trainer::task_step`].
    pub fn time_steps(&self, trainer: &mut Trainer, steps: usize) -> Result<Times, Error> {
        let tasks = trainer.tasks();
        let mut step = 0;
        let times = Times::of(steps, || {
            self.step(trainer, step % tasks)?;
            step += 1;
            Ok(())
        })?;
        Ok(Times(times.0[steps / 5..].to_vec()))
    }
}

/// How long something took each time, at least once.
pub struct Times(Vec<Duration>);

impl Times {
    /// Runs `work` some times.
    ///
    /// # Errors
    /// The first that `work` gives.
    pub fn of(times: usize, mut work: impl FnMut() -> Result<(), Error>) -> Result<Self, Error> {
        let mut all = Vec::with_capacity(times);
        for _ in 0..times {
            let start = Instant::now();
            work()?;
            all.push(start.elapsed());
        }
        Ok(Self(all))
    }

    /// The middle one, in seconds.
    pub fn median(&self) -> f64 {
        self.sorted()[self.0.len() / 2].as_secs_f64()
    }

    /// The shortest, in seconds: what is left of a time when other programs
    /// take their share of the machine.
    pub fn best(&self) -> f64 {
        self.sorted()[0].as_secs_f64()
    }

    fn sorted(&self) -> Vec<Duration> {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        sorted
    }
}
