//! The summary of a run that has not written one yet, from what it has.

use std::path::Path;

use paramalloc_core::loss::Loss;
use paramalloc_core::metric;
use paramalloc_core::network::plan::Plan;
use paramalloc_core::summary::{
    DataIdentity, EvaluationMetric, FORMAT, Metric, RoutedLayerSummary, Summary, TaskSummary,
    TrainMetric,
};
use paramalloc_core::train::Usage;
use serde_json::Value;

use crate::settings::read_json;
use crate::{Error, settings, stored_network};

/// What `config.json`, `network.json` and the lines of `metrics.jsonl` say of a
/// run: results of its last evaluation, the allocation of its last train line.
///
/// # Errors
/// If one of the first two cannot be read, or there is no train line yet.
pub(crate) fn summary(directory: &Path) -> Result<Summary, Error> {
    let config = read_json(&directory.join("config.json"), u64::from(settings::FORMAT))?;
    let plan = stored_network::plan(directory, &config)?;
    let network = stored_network::value(&directory.join("network.json"))?;
    let (train, evaluation) = last_lines(directory);
    let train = train.ok_or_else(|| Error::NotStarted {
        path: directory.to_owned(),
    })?;
    let text = |path: &str| config.pointer(path).and_then(Value::as_str);
    let number = |path: &str| config.pointer(path).and_then(Value::as_u64);
    let tasks = config.get("tasks").and_then(Value::as_array);
    let names: Vec<String> = (tasks.into_iter().flatten())
        .map(|task| {
            task.get("name")
                .and_then(Value::as_str)
                .unwrap_or("")
                .to_owned()
        })
        .collect();
    let data = config.get("data_identity").cloned().unwrap_or_default();
    let mut summary = Summary {
        format: FORMAT,
        experiment: text("/experiment").unwrap_or("unknown").to_owned(),
        method: text("/router/method").unwrap_or("unknown").to_owned(),
        seed: number("/seed").unwrap_or(0),
        global_step: train.global_step,
        total_task_steps: number("/steps").unwrap_or(0) * names.len() as u64,
        finished: false,
        results_step: evaluation.as_ref().map(|line| line.global_step),
        data: serde_json::from_value::<DataIdentity>(data).unwrap_or_default(),
        metric: metric_name(&config, &network, 0),
        routed_layers: routed_layers(&plan, &train, names.len()),
        tasks: (names.into_iter().enumerate())
            .map(|(index, name)| task(index, name, evaluation.as_ref()))
            .collect(),
    };
    let metrics = (0..summary.tasks.len()).map(|task| metric_name(&config, &network, task));
    let metrics: Vec<String> = metrics.collect();
    if metrics.iter().any(|name| *name != summary.metric) {
        summary.metric = "mixed".to_owned();
        for (task, metric) in summary.tasks.iter_mut().zip(metrics) {
            task.metric = Some(metric);
        }
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

/// The last train line and the last evaluation, as far as they are whole.
fn last_lines(directory: &Path) -> (Option<TrainMetric>, Option<EvaluationMetric>) {
    let text = std::fs::read_to_string(directory.join("metrics.jsonl")).unwrap_or_default();
    let (mut train, mut evaluation) = (None, None);
    for line in text.lines().rev() {
        match serde_json::from_str(line) {
            Ok(Metric::Train(line)) if train.is_none() => train = Some(line),
            Ok(Metric::Evaluation(line)) if evaluation.is_none() => evaluation = Some(line),
            _ => {}
        }
        if train.is_some() && evaluation.is_some() {
            break;
        }
    }
    (train, evaluation)
}

/// Name of the metric of a task: what was asked for, else that of its loss.
fn metric_name(config: &Value, network: &Value, task: usize) -> String {
    let of_loss = || {
        let own = config.pointer(&format!("/tasks/{task}/loss"));
        let loss = own.or_else(|| network.pointer("/network/head/loss"))?;
        let loss: Loss = serde_json::from_value(loss.clone()).ok()?;
        Some(metric::of_loss(&loss)?.name().to_owned())
    };
    let asked = config.get("metric").and_then(Value::as_str);
    let asked = asked.map(str::to_owned);
    asked
        .or_else(of_loss)
        .unwrap_or_else(|| "metric".to_owned())
}

fn task(index: usize, name: String, evaluation: Option<&EvaluationMetric>) -> TaskSummary {
    let results = evaluation.into_iter().flat_map(|line| &line.results);
    TaskSummary {
        name,
        group: String::new(),
        metric: None,
        results: results
            .filter_map(|(split, values)| Some((split.clone(), *values.get(index)?)))
            .collect(),
        majority_class: [].into(),
        parameter_share: 0.0,
        multiply_add_share: 0.0,
    }
}

/// With the probabilities of the line; a fixed router uses what its method
/// says, which the line does not.
fn routed_layers(plan: &Plan, line: &TrainMetric, tasks: usize) -> Vec<RoutedLayerSummary> {
    let layers = plan.routed().filter_map(|field| {
        let probabilities = line.probabilities.get(field.name.as_str())?.clone();
        let used = |row: &Vec<f32>| row.iter().map(|&p| u8::from(p >= 0.5)).collect();
        (probabilities.len() == tasks).then(|| RoutedLayerSummary {
            name: field.name.to_string(),
            components: field.components.iter().map(|c| c.name.clone()).collect(),
            allocation: probabilities.iter().map(used).collect(),
            probabilities,
        })
    });
    layers.collect()
}
