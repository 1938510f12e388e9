//! One directory of the oracle: settings and tensors. Whatever is not used is
//! reported.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use paramalloc_core::optim::AdamSettings;
use paramalloc_core::penalty::Penalties;
use paramalloc_core::routing::{Method, RouterSettings};
use paramalloc_core::train::{NamedTensor, TrainSettings};
use safetensors::{Dtype, SafeTensors};
use serde::Deserialize;

/// `case.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub net: String,
    pub method: Method,
    pub heads: Vec<usize>,
    pub batch: usize,
    learning_rate: f64,
    router_learning_rate: f64,
    temperature_init: f64,
    temperature_min: f64,
    budget: f64,
    budget_penalty: f64,
    connection_penalty: f64,
    disconnect_penalty: f64,
    entropy_penalty: f64,
    entropy_penalty_alpha: f64,
    pub num_total_steps: u64,
    l2_penalty: f64,
    adam: Adam,
    group_norm_epsilon: f64,
    pub steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Adam {
    beta1: f64,
    beta2: f64,
    epsilon: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub global_step: u64,
    pub task: usize,
}

pub struct Case {
    pub name: String,
    pub settings: Settings,
    tensors: BTreeMap<String, Tensor>,
    used: RefCell<BTreeSet<String>>,
}

struct Tensor {
    shape: Vec<usize>,
    values: Vec<f32>,
}

impl Case {
    pub fn read(directory: &Path) -> Self {
        let text = std::fs::read_to_string(directory.join("case.json")).unwrap();
        let bytes = std::fs::read(directory.join("tensors.safetensors")).unwrap();
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let tensors = file.iter().map(|(name, view)| {
            let words = view
                .data()
                .chunks_exact(4)
                .map(|b| [b[0], b[1], b[2], b[3]]);
            let values = match view.dtype() {
                Dtype::F32 => words.map(f32::from_le_bytes).collect(),
                Dtype::I32 => words.map(|b| i32::from_le_bytes(b) as f32).collect(),
                other => panic!("{name} has type {other:?}"),
            };
            let shape = view.shape().to_vec();
            (name.to_string(), Tensor { shape, values })
        });
        Self {
            name: directory
                .file_name()
                .unwrap()
                .to_string_lossy()
                .into_owned(),
            settings: serde_json::from_str(&text).unwrap_or_else(|e| panic!("{directory:?}: {e}")),
            tensors: tensors.collect(),
            used: RefCell::default(),
        }
    }

    pub fn train_settings(&self) -> TrainSettings {
        let s = &self.settings;
        assert_eq!(
            s.group_norm_epsilon, 1e-6,
            "the epsilon of group norms is fixed"
        );
        TrainSettings::default()
            .seed(0)
            .batch_size(s.batch)
            .router(
                RouterSettings::default()
                    .method(s.method)
                    .probs_init(0.5)
                    .temperature_init(s.temperature_init)
                    .temperature_min(s.temperature_min),
            )
            .penalties(
                Penalties::default()
                    .budget(s.budget)
                    .budget_penalty(s.budget_penalty)
                    .connection_penalty(s.connection_penalty)
                    .disconnect_penalty(s.disconnect_penalty)
                    .entropy_penalty(s.entropy_penalty)
                    .entropy_penalty_alpha(s.entropy_penalty_alpha)
                    .l2_penalty(s.l2_penalty),
            )
            .learning_rate(s.learning_rate)
            .router_learning_rate(s.router_learning_rate)
            .optimizer(
                AdamSettings::default()
                    .betas([s.adam.beta1, s.adam.beta2])
                    .epsilon(s.adam.epsilon),
            )
    }

    /// A tensor that must be there.
    pub fn tensor(&self, name: &str) -> &[f32] {
        let found = self.optional(name);
        found.unwrap_or_else(|| panic!("{}: no tensor {name}", self.name))
    }

    pub fn optional(&self, name: &str) -> Option<&[f32]> {
        self.used.borrow_mut().insert(name.to_string());
        self.tensors.get(name).map(|t| t.values.as_slice())
    }

    /// All tensors under a prefix, with the rest of their names as paths.
    pub fn under(&self, prefix: &str) -> Vec<NamedTensor> {
        let found = self.tensors.iter().filter_map(|(name, tensor)| {
            let path = name.strip_prefix(prefix)?.to_string();
            self.used.borrow_mut().insert(name.clone());
            let (shape, values) = (tensor.shape.clone(), tensor.values.clone());
            Some(NamedTensor {
                path,
                shape,
                values,
            })
        });
        found.collect()
    }

    /// Fails if a tensor was not used.
    pub fn assert_all_used(&self) {
        let used = self.used.borrow();
        let unused: Vec<_> = self
            .tensors
            .keys()
            .filter(|name| !used.contains(*name))
            .collect();
        assert!(unused.is_empty(), "{}: not used: {unused:?}", self.name);
    }
}

/// The case directories: under `$PARAMALLOC_ORACLE`, else the fixtures.
pub fn directories() -> Vec<PathBuf> {
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/oracle");
    let root = std::env::var_os("PARAMALLOC_ORACLE").unwrap_or_else(|| fixtures.into());
    let entries = std::fs::read_dir(&root).unwrap_or_else(|e| panic!("{root:?}: {e}"));
    let mut directories: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    directories.sort();
    assert!(!directories.is_empty(), "no case under {root:?}");
    directories
}
