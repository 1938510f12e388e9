//! The logger that writes an event file for TensorBoard.

mod messages;
mod picture;
mod records;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use messages::{
    Event as Record, HParams, Kind, Metadata, PluginData, SessionStart, Setting, SettingKind,
    Summary, Value,
};
use paramalloc_core::summary::{EvaluationMetric, TrainMetric};
use prost::Message;
use records::EventFile;
use serde_json::Value as Json;

use super::logger::{Event, Logger};
use crate::error::Error;
use crate::settings::Settings;

/// The directory of the event file in that of the run.
const DIRECTORY: &str = "tensorboard";
/// The event file: TensorBoard reads what has `tfevents` in its name.
const FILE: &str = "events.out.tfevents.0.paramalloc";

/// Writes losses, metrics, temperature, settings and the allocation of a run to
/// an event file for TensorBoard.
///
/// A checkpoint leaves a mark in the file, an event without values. A run that
/// resumes from it cuts off what comes after the mark, so no step is there twice.
#[derive(Debug)]
pub struct TensorBoard {
    file: EventFile,
    tasks: Vec<String>,
    /// True if the next train line is shown as pictures too.
    wants_pictures: bool,
}

impl TensorBoard {
    /// Writes to a file in the directory `run`, after what `step` task steps,
    /// those of a checkpoint or 0, have left there.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Save`] naming the file.
    pub fn open(
        run: &Path,
        tasks: Vec<String>,
        settings: &Settings,
        step: u64,
    ) -> Result<Self, Error> {
        let directory = run.join(DIRECTORY);
        fs::create_dir_all(&directory).map_err(Error::io("make the directory", &directory))?;
        let is_mark = |event: &Record| is_mark(event, step);
        let (file, is_old) = EventFile::open(&directory.join(FILE), is_mark)?;
        let wants_pictures = true;
        let mut logger = Self {
            file,
            tasks,
            wants_pictures,
        };
        if !is_old {
            logger.begin(settings, run)?;
        }
        Ok(logger)
    }

    /// The first records of a file: its version and the settings.
    fn begin(&mut self, settings: &Settings, run: &Path) -> Result<(), Error> {
        let version = Some("brain.Event:2".to_owned());
        self.file.append(&Record {
            wall_time: now(),
            file_version: version,
            ..Record::default()
        })?;
        let json = serde_json::to_value(settings).map_err(Error::json("the settings"))?;
        let mut hparams = BTreeMap::new();
        flatten("", &json, &mut hparams);
        let start = SessionStart {
            hparams,
            group_name: run
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            start_time: now(),
        };
        let content = HParams {
            version: 0,
            start: Some(start),
        };
        let plugin = PluginData {
            name: "hparams".to_owned(),
            content: content.encode_to_vec(),
        };
        self.write(
            0,
            vec![Value {
                tag: "_hparams_/session_start_info".to_owned(),
                kind: None,
                metadata: Some(Metadata {
                    plugin: Some(plugin),
                }),
            }],
        )
    }

    fn write(&mut self, step: u64, value: Vec<Value>) -> Result<(), Error> {
        self.file.append(&Record {
            wall_time: now(),
            step: step as i64,
            summary: Some(Summary { value }),
            ..Record::default()
        })
    }

    fn train(&mut self, line: &TrainMetric) -> Result<(), Error> {
        let losses = self.tasks.iter().zip(&line.task_loss);
        let losses = losses.filter_map(|(task, loss)| Some((format!("loss/{task}"), (*loss)?)));
        let others = [
            ("train/auxiliary_loss", line.auxiliary_loss),
            ("train/entropy", line.entropy),
            ("train/temperature", line.temperature),
        ];
        let others = others.map(|(tag, value)| (tag.to_owned(), value));
        let mut values: Vec<Value> = losses.chain(others).map(scalar).collect();
        if std::mem::take(&mut self.wants_pictures) {
            values.extend(pictures(&line.probabilities));
        }
        self.write(line.global_step, values)
    }

    fn evaluation(&mut self, line: &EvaluationMetric) -> Result<(), Error> {
        self.wants_pictures = true;
        let mut values = Vec::new();
        for (split, results) in &line.results {
            let results = self.tasks.iter().zip(results);
            let finite = results.filter(|(_, result)| result.is_finite());
            values
                .extend(finite.map(|(task, &result)| scalar((format!("{split}/{task}"), result))));
        }
        self.write(line.global_step, values)
    }
}

impl Logger for TensorBoard {
    fn log(&mut self, event: &Event<'_>) -> Result<(), Error> {
        match *event {
            Event::Train(line) => self.train(line),
            Event::Evaluation(line) => self.evaluation(line),
            Event::Checkpoint { step, .. } => self.file.append(&Record {
                wall_time: now(),
                step: step as i64,
                ..Record::default()
            }),
            Event::Start { .. } | Event::Step { .. } | Event::End(_) => Ok(()),
        }
    }
}

/// Whether a record is the mark of the checkpoint after `step` task steps.
fn is_mark(event: &Record, step: u64) -> bool {
    let is_empty = event.summary.is_none() && event.file_version.is_none();
    step > 0 && is_empty && event.step == step as i64
}

fn scalar((tag, value): (String, f64)) -> Value {
    Value {
        tag,
        kind: Some(Kind::Simple(value as f32)),
        metadata: None,
    }
}

/// The allocation of each routed layer.
fn pictures(layers: &BTreeMap<String, Vec<Vec<f32>>>) -> impl Iterator<Item = Value> {
    layers.iter().filter_map(|(layer, probabilities)| {
        Some(Value {
            tag: format!("allocation/{layer}"),
            kind: Some(Kind::Image(picture::picture(probabilities)?)),
            metadata: None,
        })
    })
}

/// The settings by name, `router.method` for example.
fn flatten(path: &str, json: &Json, into: &mut BTreeMap<String, Setting>) {
    let kind = match json {
        Json::Object(entries) => {
            for (name, entry) in entries {
                let path = match path {
                    "" => name.clone(),
                    path => format!("{path}.{name}"),
                };
                flatten(&path, entry, into);
            }
            return;
        }
        Json::Number(number) => SettingKind::Number(number.as_f64().unwrap_or_default()),
        Json::String(text) => SettingKind::Text(text.clone()),
        Json::Bool(is) => SettingKind::Bool(*is),
        Json::Null => return,
        Json::Array(_) => SettingKind::Text(json.to_string()),
    };
    into.insert(path.to_owned(), Setting { kind: Some(kind) });
}

/// Seconds since 1970.
fn now() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0.0, |since| since.as_secs_f64())
}

#[cfg(test)]
mod tests;
