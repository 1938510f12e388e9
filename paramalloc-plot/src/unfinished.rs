//! The summary of a run that has not written one yet, from what it has.

use std::collections::BTreeMap;
use std::path::Path;

use paramalloc_core::metric;
use paramalloc_core::network::{Network, Sharing};
use paramalloc_core::summary::{
    DataIdentity, EvaluationMetric, FORMAT, Metric, RoutedLayerSummary, Summary, TaskSummary,
};
use paramalloc_core::train::Usage;
use serde_json::Value;

use crate::settings::read_json;
use crate::{Error, settings, stored_network};

/// What `config.json`, `network.json` and the lines of `metrics.jsonl` say of a
/// run: results of its last evaluation, the allocation of the last train line that
/// has it.
///
/// # Errors
/// If one of the first two cannot be read, or there is no train line yet.
pub(crate) fn summary(directory: &Path) -> Result<Summary, Error> {
    let config = read_json(&directory.join("config.json"), u64::from(settings::FORMAT))?;
    let plan = stored_network::plan(directory, &config)?;
    let mut summary = without_shares(directory)?;
    for layer in &mut summary.routed_layers {
        let field = plan.routed().find(|field| field.name == layer.name);
        let components = field.into_iter().flat_map(|field| &field.components);
        layer.components = components.map(|c| c.name.clone()).collect();
    }
    let whole = Usage::whole(&plan);
    let usages = stored_network::usages(&plan, &summary).unwrap_or_default();
    for (task, usage) in summary.tasks.iter_mut().zip(usages) {
        let share = |used: u64, all: u64| used as f64 / (all as f64).max(1.0);
        task.parameter_share = share(usage.parameters, whole.parameters);
        task.multiply_add_share = share(usage.multiply_adds, whole.multiply_adds);
    }
    Ok(summary)
}

/// The same without what only the plan of the network says: the names of the
/// components, and the share of the network that each task uses. So it is there for
/// a network with layers of the program's own, too.
///
/// # Errors
/// As [`summary`].
pub(crate) fn without_shares(directory: &Path) -> Result<Summary, Error> {
    let config = read_json(&directory.join("config.json"), u64::from(settings::FORMAT))?;
    let (network, heads) = stored_network::network_and_heads(directory, &config)?;
    let last = Last::read(directory);
    let global_step = last.step.ok_or_else(|| Error::NotStarted {
        path: directory.to_owned(),
    })?;
    let text = |path: &str| config.pointer(path).and_then(Value::as_str);
    let number = |path: &str| config.pointer(path).and_then(Value::as_u64);
    let data = config.get("data_identity").cloned().unwrap_or_default();
    let evaluation = last.evaluation.as_ref();
    let tasks = config.get("tasks").and_then(Value::as_array);
    let tasks = tasks.into_iter().flatten().enumerate();
    let tasks: Vec<TaskSummary> = tasks
        .map(|(i, config)| task(i, config, evaluation))
        .collect();
    let frozen = number("/frozen_tasks").unwrap_or(0);
    let trained = (tasks.len() as u64).saturating_sub(frozen);
    let mut summary = Summary {
        format: FORMAT,
        experiment: text("/experiment").unwrap_or("unknown").to_owned(),
        method: text("/router/method").unwrap_or("unknown").to_owned(),
        seed: number("/seed").unwrap_or(0),
        global_step,
        total_task_steps: number("/steps").unwrap_or(0).saturating_mul(trained),
        finished: false,
        results_step: evaluation.map(|line| line.global_step),
        data: serde_json::from_value::<DataIdentity>(data).unwrap_or_default(),
        metric: String::new(),
        routed_layers: routed_layers(&network, &last.probabilities, tasks.len()),
        tasks,
    };
    let metrics = heads.iter().enumerate().map(|(index, head)| {
        let name = metric::name_of_task(text("/metric"), &network, index, head);
        name.unwrap_or_else(|| "metric".to_owned())
    });
    summary.name_metrics(&metrics.collect::<Vec<_>>());
    Ok(summary)
}

/// What the whole lines of `metrics.jsonl` say last.
#[derive(Default)]
struct Last {
    /// Task steps done.
    step: Option<u64>,
    /// Connection probabilities by routed layer, `[tasks][components]`.
    probabilities: BTreeMap<String, Vec<Vec<f32>>>,
    evaluation: Option<EvaluationMetric>,
}

impl Last {
    fn read(directory: &Path) -> Self {
        let text = paramalloc_core::summary::read_text(&directory.join("metrics.jsonl"))
            .unwrap_or_default();
        let mut last = Self::default();
        for line in text.lines().rev() {
            match serde_json::from_str(line) {
                Ok(Metric::Train(line)) => {
                    last.step = last.step.max(Some(line.global_step));
                    if last.probabilities.is_empty() {
                        last.probabilities = line.probabilities;
                    }
                }
                Ok(Metric::Evaluation(line)) if last.evaluation.is_none() => {
                    last.evaluation = Some(line);
                }
                _ => {}
            }
            if !last.probabilities.is_empty() && last.evaluation.is_some() {
                break;
            }
        }
        last
    }
}

fn task(index: usize, config: &Value, evaluation: Option<&EvaluationMetric>) -> TaskSummary {
    let text = |key: &str| config.get(key).and_then(Value::as_str).unwrap_or_default();
    let results = evaluation.into_iter().flat_map(|line| &line.results);
    TaskSummary {
        name: text("name").to_owned(),
        group: text("group").to_owned(),
        metric: None,
        results: results
            .filter_map(|(split, values)| Some((split.clone(), *values.get(index)?)))
            .filter(|(_, value)| !value.is_nan())
            .collect(),
        guess: [].into(),
        parameter_share: 0.0,
        multiply_add_share: 0.0,
    }
}

/// With the last probabilities.
fn routed_layers(
    network: &Network,
    probabilities: &BTreeMap<String, Vec<Vec<f32>>>,
    tasks: usize,
) -> Vec<RoutedLayerSummary> {
    let layers = network.fields.iter().filter_map(|field| {
        let probabilities = probabilities.get(&*field.name)?.clone();
        let used = |row: &Vec<f32>| row.iter().map(|&p| u8::from(p >= 0.5)).collect();
        (probabilities.len() == tasks && tasks > 0).then(|| RoutedLayerSummary {
            name: field.name.to_string(),
            router_of: field.sharing.router_of().map(str::to_owned),
            components: vec![String::new(); probabilities[0].len()],
            allocation: probabilities.iter().map(used).collect(),
            probabilities,
            gated: matches!(field.sharing, Sharing::Gated { .. }),
        })
    });
    layers.collect()
}
