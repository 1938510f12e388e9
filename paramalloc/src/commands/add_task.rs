//! Adds tasks to a trained run, as a new run.

mod flags;

use std::path::Path;

use clap::Args;
use paramalloc_core::data::TargetKind;
use paramalloc_core::layers::Spec;
use paramalloc_core::metric::by_name;
use paramalloc_core::network::plan::Plan;
use paramalloc_core::network::{Field, Network, Outputs, Sharing, TaskHead};
use paramalloc_core::routing::{ProbsInit, RouterSettings};
use paramalloc_core::train::Freeze;
use paramalloc_data::table::{TableOptions, TableRecord, TableSource, TargetColumn};
use paramalloc_data::{AddedOptions, AddedProblem, DataError, NewTasks, OwnOptions, sources};
use serde_json::Value;

use super::start::Start;
use super::stored;
use super::train::{Finished, train};
use crate::arguments::command_line::of_more_tasks;
use crate::arguments::given::Given;
use crate::error::Error;
use crate::record::run_record::RunRecord;
use crate::record::table_file;
use crate::settings::config::TaskConfig;
use crate::settings::{Batches, Settings};
use crate::subject::Subject;
use crate::task_metrics::BY_KIND;
use flags::{AddTaskFlags, NewTableFlags};

/// What the name of the experiment of such a run ends with.
const SUFFIX: &str = "-added";

/// Adds tasks to a trained run, as a new run
#[derive(Args, Clone, Debug)]
#[command(allow_negative_numbers = true, mut_args(of_more_tasks))]
pub struct AddTaskArgs {
    #[command(flatten)]
    flags: AddTaskFlags,
}

impl AddTaskArgs {
    /// Trains the new run.
    ///
    /// # Errors
    /// If the run or the new tasks cannot be used, or it was interrupted.
    pub fn run(self) -> Result<Finished, Error> {
        let flags = self.flags;
        let own = RunRecord::read(&flags.run)?;
        let network = network(&own)?;
        let given = Given::of_flags(flags.settings.clone(), flags.new_run.common.clone());
        if given.names.contains("init") {
            return Err(Error::refused(
                "the new run starts with the parameters of the run that it adds to; leave out --init",
            ));
        }
        let known = table_file::read(&own, &network)?;
        let name = own.config.experiment.trim_end_matches(SUFFIX);
        let experiment = format!("{name}{SUFFIX}");
        let quiet = given.quiet;
        let defaults = defaults(&own);
        let begin = (experiment.as_str(), &defaults, false);
        let mut start = Start::begin(begin, given, flags.new_run.logdir.clone())?;
        refuse_other_method(&own, &start.settings)?;
        refuse_other_normalization(&own, &start.settings)?;
        let data_dir = start.settings.data_dir.as_deref();
        let (new, targets) = new_tasks(&flags.table, &own, (known.as_ref(), data_dir), &network)?;
        refuse_other_split(&own, known.is_some(), &start.settings)?;
        let mut data = own.config.settings.data_options();
        own.choose_data(&mut data);
        let source = sources::added(AddedOptions::new(
            &own.config.source.name,
            own.config.source.options.clone(),
            data,
            own.config.data_identity.clone(),
            new,
        ))?;
        if start.settings.metric.is_none() {
            start.settings.metric = metric(own.config.settings.metric.as_deref(), &targets);
        }
        freeze(&mut start.settings, &network, own.config.tasks.len());
        let subject = Subject {
            experiment: &experiment,
            network: &network,
            source: &*source,
            additions: &[],
            normalization: own.config.normalization.as_ref(),
            metric: None,
            reports_last: false,
            prepare: &|_| Ok(()),
            loggers: &|_| Ok(Vec::new()),
        };
        train(&subject, &start, quiet).map_err(|error| no_component_left(&own, error))
    }
}

/// The network of a run for any number of tasks.
fn network(own: &RunRecord) -> Result<Network, Error> {
    let path = own.path.display();
    let mut network = match stored::network(own, "add-task") {
        Err(Error::UnknownPart { source, .. }) => {
            return Err(Error::refused(format!(
                "tasks cannot be added to the run in {path}: {source}"
            )));
        }
        network => network?,
    };
    if !own.config.additions.is_empty() {
        return Err(Error::refused(format!(
            "tasks cannot be added to the run in {path}: its program adds an optimizer, a schedule, a penalty, a metric or a logger of its own"
        )));
    }
    if let Outputs::Tasks(_) = network.head.outputs {
        return Err(Error::refused(format!(
            "tasks cannot be added to the run in {path}: its network fixes what each task predicts; let it take that from the data"
        )));
    }
    // Whatever numbers the file has, the network is one that can be built.
    let heads: Vec<TaskHead> = own.config.tasks.iter().map(TaskConfig::head).collect();
    Plan::new(&network, &heads)?;
    network.tasks = None;
    network.head.outputs = Outputs::FromData;
    Ok(network)
}

/// What the old tasks use was learned, or fixed, by the method of their run.
fn refuse_other_method(own: &RunRecord, now: &Settings) -> Result<(), Error> {
    let method = own.config.settings.router.method;
    match method == now.router.method {
        true => Ok(()),
        false => Err(Error::refused(format!(
            "the run in {} is routed by {method}, and so are the tasks that are added to it; leave out --method",
            own.path.display()
        ))),
    }
}

/// The parameters that the new run starts with were learned from such images.
fn refuse_other_normalization(own: &RunRecord, now: &Settings) -> Result<(), Error> {
    let path = own.path.display();
    match (own.config.settings.normalize, now.normalize) {
        (false, true) => Err(Error::refused(format!(
            "the images of the run in {path} are not normalized, and so are those of the tasks that are added to it; leave out normalize"
        ))),
        (true, false) => Err(Error::refused(format!(
            "the images of the run in {path} are normalized, and so are those of the tasks that are added to it; leave out normalize = false"
        ))),
        _ => Ok(()),
    }
}

/// By another share or seed, rows that the old tasks were trained on would validate
/// them. What was set without effect, as of a run on data with a validation split of
/// their own, may stay.
fn refuse_other_split(own: &RunRecord, is_table: bool, now: &Settings) -> Result<(), Error> {
    let stored = &own.config.settings;
    let (mut share, mut seed) = (
        stored.validation_share.unwrap_or(0.0),
        stored.split_seed.unwrap_or(0),
    );
    if is_table {
        let split = table_options(own)?.split;
        (share, seed) = (split.validation_share, split.seed);
    }
    let is_same = |now: Option<f64>| now == stored.validation_share || now == Some(share);
    let is_same_seed = |now: Option<u64>| now == stored.split_seed || now == Some(seed);
    match is_same(now.validation_share) && is_same_seed(now.split_seed) {
        true => Ok(()),
        false => Err(Error::refused(format!(
            "the rows of the run in {} were split with validation_share = {share} and split_seed = {seed}, and those that its tasks were trained on must not validate them now; leave out both settings",
            own.path.display()
        ))),
    }
}

/// Another method, which core advises, is none for a run that was routed by
/// `no_sharing`.
fn no_component_left(own: &RunRecord, error: Error) -> Error {
    let Error::Core(paramalloc_core::error::Error::Field { field, source }) = &error else {
        return error;
    };
    match **source {
        paramalloc_core::error::Error::NoSharing { tasks, components } => Error::refused(format!(
            "tasks cannot be added to the run in {}: by no_sharing each task has a component of its own, and {field} has {components} components, but there are {tasks} tasks with the new ones; train all of them anew",
            own.path.display()
        )),
        _ => error,
    }
}

/// Where the new tasks come from, and what all tasks hold, where a table says it.
fn new_tasks(
    flags: &NewTableFlags,
    own: &RunRecord,
    (known, data_dir): (Option<&TableRecord>, Option<&Path>),
    network: &Network,
) -> Result<(NewTasks, Vec<TargetColumn>), Error> {
    if known.is_some_and(|record| record.images.is_some()) {
        return Err(DataError::from(AddedProblem::OnImages).into());
    }
    match (&flags.table, known, data_dir) {
        (Some(_), None, _) => Err(DataError::from(AddedProblem::NoTable).into()),
        (None, Some(_), Some(_)) => Err(DataError::from(AddedProblem::OnTable).into()),
        (None, None, Some(_)) => {
            let directory = OwnOptions::new(network.input);
            Ok((NewTasks::Directory(directory), Vec::new()))
        }
        (None, _, None) => Err(Error::refused(
            "name the new tasks: --table FILE --targets COLUMNS, or --data-dir DIR",
        )),
        (Some(path), Some(known), _) => {
            let mut table = table_options(own)?;
            table.path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            flags.set(&mut table)?;
            let record = TableSource::new(table.clone()).like(known.clone());
            let record = record.record(data_dir)?;
            let all = known.targets.iter().chain(&record.targets);
            let kinds = all.map(|target| target.kind).collect();
            Ok((NewTasks::Table(table), kinds))
        }
    }
}

/// How the run's own table was read: that of its newest tasks.
fn table_options(own: &RunRecord) -> Result<TableOptions, Error> {
    let options = &own.config.source.options;
    let newest = options.get("new").and_then(|new| new.get("table"));
    let options = newest.cloned();
    let options = options.unwrap_or_else(|| Value::Object(own.config.source.options.clone()));
    serde_json::from_value(options).map_err(Error::json("the options of the table"))
}

/// The settings of the run, without those that are about its data or its network alone.
fn defaults(own: &RunRecord) -> Settings {
    let stored = &own.config.settings;
    let mut settings = Settings {
        init: Some(own.path.clone()),
        log_every: None,
        threads: None,
        data_dir: None,
        train_examples: None,
        test_examples: None,
        freeze: Freeze::default(),
        frozen_tasks: 0,
        metric: None,
        // New tasks have inputs of their own.
        batches: Some(Batches::Alternating),
        ..stored.clone()
    };
    settings.learning_rates.clear();
    settings.options.clear();
    any_tasks(&mut settings.router);
    settings
}

/// Probabilities that are said for each task are those of the old ones, which have
/// their rows from the run.
fn any_tasks(router: &mut RouterSettings) {
    if let ProbsInit::Each(_) = router.probs_init {
        router.probs_init = ProbsInit::default();
    }
    for of_field in router.fields.values_mut() {
        if let Some(ProbsInit::Each(_)) = of_field.probs_init {
            of_field.probs_init = None;
        }
    }
}

/// The metric of the run, if it takes the targets of all tasks; else each is judged by
/// one that fits its kind.
fn metric(stored: Option<&str>, targets: &[TargetColumn]) -> Option<String> {
    let stored = stored?;
    let Ok(metric) = by_name(stored) else {
        return Some(stored.to_owned());
    };
    let takes = |target: &TargetColumn| {
        metric.accepts(match target {
            TargetColumn::Label => TargetKind::Labels,
            TargetColumn::Classes => TargetKind::Classes,
            TargetColumn::Value => TargetKind::Values,
        })
    };
    let takes_all = targets.iter().all(takes);
    Some(if takes_all { metric.name() } else { BY_KIND }.to_owned())
}

/// `--freeze all` leaves all that the old tasks use as it is: the layers that tasks
/// share, and what the old tasks have alone. New tasks learn what they have alone.
fn freeze(settings: &mut Settings, network: &Network, own_tasks: usize) {
    if !settings.freeze.is_all() {
        return;
    }
    settings.frozen_tasks = own_tasks;
    let paths = settings.freeze.paths().map(str::to_owned);
    let fields = network.fields.iter();
    let shared = fields.filter(|field| field.sharing != Sharing::Private);
    let paths: Vec<String> = paths.chain(shared.flat_map(shared_paths)).collect();
    settings.freeze = Freeze::from(paths);
}

/// The paths of what all tasks have of a field that is not private: of one with gates
/// only the components that all tasks see.
fn shared_paths(field: &Field) -> Vec<String> {
    let Sharing::Gated { copies, .. } = field.sharing else {
        return vec![field.name.to_string()];
    };
    let alternatives = match &field.spec {
        Spec::AnyOf(alternatives) => alternatives.len(),
        _ => 1,
    };
    let shared = 0..copies * alternatives;
    shared.map(|j| format!("{}.{j}", field.name)).collect()
}
