//! A network in training.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::optimization::Optimization;
use super::rates::Rates;
use super::report::Noise;
use super::settings::TrainSettings;
use super::user_layers;
use crate::engine::Engine;
use crate::engine::cpu::{Convolution, CpuEngine};
use crate::error::Error;
use crate::network::init::initial_parameters;
use crate::network::plan::Plan;
use crate::network::{Network, TaskHead};
use crate::optim::{Optimizer, Schedule, State};
use crate::penalty::{Penalty, PenaltySet};
use crate::random::Random;
use crate::routing::Routers;

/// A network in training: its parameters, routers and optimizer.
///
/// - [`Trainer::new`] makes one, at its initial parameters;
/// - [`Trainer::task_step`] trains on a batch of one task;
/// - [`Trainer::evaluate`], [`Trainer::predict`] and [`Trainer::logits`] use it;
/// - [`Trainer::routers`] says who uses what;
/// - [`Trainer::checkpoint`] and [`Trainer::restore`] save and load all of it,
///   so that training resumes bit for bit.
///
/// The front page of the [crate](crate) has an example. What fixes or shows the
/// random choices of a step ([`Trainer::task_step_with`],
/// [`Trainer::last_weights`], [`Trainer::last_logits`]) or sets its number
/// ([`Trainer::set_global_step`], [`Trainer::set_total_task_steps`]) is for
/// comparisons with other implementations.
pub struct Trainer {
    pub(super) plan: Arc<Plan>,
    pub(super) routers: Routers,
    pub(super) engine: Box<dyn Engine>,
    pub(super) optimization: Optimization,
    /// State of the optimizer for the routers; the engine has the model's.
    pub(super) router_state: State,
    pub(super) penalties: PenaltySet,
    pub(super) l2: f64,
    pub(super) convolution: Convolution,
    pub(super) random: Random,
    pub(super) global_step: u64,
    pub(super) total_task_steps: u64,
    pub(super) learns: Vec<bool>,
    /// Factors of the routers' learning rates by layer and task, where some are
    /// not 1.
    pub(super) router_rates: Option<Vec<Vec<f64>>>,
    /// The tasks that are trained.
    pub(super) trained: Range<usize>,
    /// The gradients that wait for [`Trainer::update`].
    pub(super) computed: Option<Computed>,
    pub(super) buffers: Buffers,
}

impl fmt::Debug for Trainer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trainer")
            .field("network", &self.plan.name)
            .field("tasks", &self.tasks())
            .field("global_step", &self.global_step)
            .field("total_task_steps", &self.total_task_steps)
            .field("optimization", &self.optimization)
            .field("penalties", &self.penalties)
            .finish_non_exhaustive()
    }
}

/// Gradients of a step that wait for its update.
#[derive(Clone, Copy)]
pub(super) struct Computed {
    /// The task, or the first of several.
    pub(super) task: usize,
    /// Task steps that the update counts as.
    pub(super) steps: u64,
}

/// Kept from step to step, so that a step allocates nothing.
#[derive(Default)]
pub(super) struct Buffers {
    pub(super) weights: Vec<f32>,
    pub(super) router_gradient: Vec<f32>,
    pub(super) noise: Noise,
    /// Weights of a batch's examples where classes have some.
    pub(super) example_weights: Vec<f32>,
}

impl Trainer {
    /// `network` at its initial parameters on the CPU, for these tasks: the
    /// width of each one's head, its [`TaskHead`] or the
    /// [`Task`](crate::data::Task) itself. Up to `threads` threads share the work of a
    /// step or an evaluation, the calling one among them; 0 is taken for 1.
    /// Their number changes no bit.
    ///
    /// # Errors
    /// If a setting is out of its range or does not fit the network, the tasks
    /// do not fit it, a layer of the user's own gives another shape than it
    /// says or (noticed in debug builds) mixes the examples of a batch, or the
    /// system does not start the threads.
    pub fn new<T>(
        network: &Network,
        settings: &TrainSettings,
        tasks: &[T],
        threads: usize,
    ) -> Result<Self, Error>
    where
        for<'a> &'a T: Into<TaskHead>,
    {
        Self::with_engine(network, settings, tasks, |plan, routers, parameters| {
            let engine = CpuEngine::new(plan, &routers.learned(), parameters, threads)?;
            Ok(Box::new(engine.with_convolution(settings.convolution)))
        })
    }

    /// The same on an engine of one's choice, which is given the plan, the
    /// routers and the initial parameters.
    ///
    /// # Errors
    /// As [`Self::new`], and what `engine` says.
    pub fn with_engine<T>(
        network: &Network,
        settings: &TrainSettings,
        tasks: &[T],
        engine: impl FnOnce(Arc<Plan>, &Routers, Vec<f32>) -> Result<Box<dyn Engine>, Error>,
    ) -> Result<Self, Error>
    where
        for<'a> &'a T: Into<TaskHead>,
    {
        settings.check()?;
        let plan = Arc::new(Plan::new(network, tasks)?);
        Self::of_plan(plan, settings, engine)
    }

    fn of_plan(
        plan: Arc<Plan>,
        settings: &TrainSettings,
        engine: impl FnOnce(Arc<Plan>, &Routers, Vec<f32>) -> Result<Box<dyn Engine>, Error>,
    ) -> Result<Self, Error> {
        let routers = Routers::new(&settings.router, &plan)?;
        let random = Random::new(settings.seed);
        let optimization = Optimization::new(settings)?;
        let parameters = initial_parameters(&plan, &random);
        plan.check_bound()?;
        user_layers::check(&plan, &parameters)?;
        let mut engine = engine(plan.clone(), &routers, parameters)?;
        let slots = optimization.slots();
        engine.set_state(State::zeros(slots, plan.parameter_len()));
        let rates = Rates::new(settings.rates(), &plan, &routers)?;
        if let Some(rates) = &rates {
            engine.set_rates(&rates.model);
        }
        let trained = settings.frozen_tasks..plan.heads.len();
        let total_task_steps = total_task_steps(settings.steps_per_task, trained.len())?;
        let learns = (routers.layers.iter())
            .flat_map(|l| vec![l.router.learns_from_inactive(); l.components.len()])
            .collect();
        Ok(Self {
            penalties: PenaltySet::new(settings.penalties, &plan)?,
            optimization,
            router_state: State::zeros(slots, routers.parameters.len()),
            l2: settings.penalties.l2_penalty,
            convolution: settings.convolution,
            buffers: Buffers {
                weights: vec![0.0; routers.component_len()],
                router_gradient: vec![0.0; routers.parameters.len()],
                noise: Noise::default(),
                example_weights: Vec::new(),
            },
            plan,
            routers,
            engine,
            random,
            global_step: 0,
            total_task_steps,
            learns,
            router_rates: rates.map(|rates| rates.routers),
            trained,
            computed: None,
        })
    }

    /// Trains with this optimizer from now on, in place of that of the
    /// settings. Its state starts at zeros and its updates at 1, so it is for
    /// a trainer that has done no step, or is restored after it.
    ///
    /// # Errors
    /// If a checkpoint could not use the names of its state slots.
    pub fn set_optimizer(&mut self, optimizer: Box<dyn Optimizer>) -> Result<(), Error> {
        self.optimization.replace(optimizer)?;
        let slots = self.optimization.slots();
        (self.engine).set_state(State::zeros(slots, self.plan.parameter_len()));
        self.router_state = State::zeros(slots, self.routers.parameters.len());
        Ok(())
    }

    /// Follows this schedule from now on, in place of that of the settings.
    pub fn set_schedule(&mut self, schedule: Box<dyn Schedule>) {
        self.optimization.schedule = schedule;
    }

    /// Adds a penalty to those of the settings, for the steps from now on.
    ///
    /// # Errors
    /// If there is one of its name, or there are
    /// [`MAX_PENALTIES`](crate::penalty::MAX_PENALTIES).
    pub fn add_penalty(&mut self, penalty: Box<dyn Penalty>) -> Result<(), Error> {
        self.penalties.push(penalty)
    }

    /// The network, resolved for its tasks.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// How wide convolutions are computed.
    pub fn convolution(&self) -> Convolution {
        self.convolution
    }

    /// The routers with their parameters.
    pub fn routers(&self) -> &Routers {
        &self.routers
    }

    /// Task steps done.
    pub fn global_step(&self) -> u64 {
        self.global_step
    }

    /// Task steps of the whole run.
    pub fn total_task_steps(&self) -> u64 {
        self.total_task_steps
    }

    /// The tasks that are trained: all but the first
    /// [`TrainSettings::frozen_tasks`].
    pub fn trained(&self) -> Range<usize> {
        self.trained.clone()
    }

    /// Sets the number of task steps of the whole run, in place of steps per task
    /// times tasks. The entropy penalty and the learning-rate schedule depend on
    /// it.
    pub fn set_total_task_steps(&mut self, total: u64) {
        self.total_task_steps = total;
    }

    /// Number of tasks.
    pub fn tasks(&self) -> usize {
        self.plan.heads.len()
    }

    /// The next task step counts as this one, from 0. The optimizer
    /// keeps counting its own updates. For comparisons with other programs; a run
    /// does not need it.
    pub fn set_global_step(&mut self, step: u64) {
        self.global_step = step;
    }

    /// Logits of the last training batch, `[batch, outputs]`, before its
    /// update. For comparisons with other programs; a run does not need it.
    pub fn last_logits(&self) -> &[f32] {
        self.engine.last_logits()
    }

    /// Weights of the last training batch, or evaluation, over the components
    /// of all routed layers. For comparisons; a run does not need it.
    pub fn last_weights(&self) -> &[f32] {
        &self.buffers.weights
    }
}

/// Task steps of a whole run.
fn total_task_steps(steps_per_task: u64, tasks: usize) -> Result<u64, Error> {
    let total = steps_per_task.checked_mul(tasks as u64);
    total.ok_or(Error::TooManySteps {
        steps_per_task,
        tasks,
    })
}
