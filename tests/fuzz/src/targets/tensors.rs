//! Checkpoints and pruned networks: safetensors files with a sealed header.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use paramalloc_core::network::Multitask;
use paramalloc_core::prune::{PrunedNetwork, prune};
use paramalloc_core::train::{
    NamedTensor, TrainSettings, Trainer, checkpoint, from_safetensors, to_safetensors,
};
use serde_json::{Value, json};

use super::run::TinyNet;
use crate::mutate::Parts;
use crate::target::{Target, Verdict, sentence};

/// Names of the metadata entries that hold the headers.
const CHECKPOINT: &str = "paramalloc";
const PRUNED: &str = "paramalloc.pruned";

fn trainer() -> Trainer {
    let trainer = Trainer::new(&TinyNet::NETWORK, &TrainSettings::default(), &[1; 2], 1);
    trainer.expect("a small network")
}

/// A file in parts: the format, the header, then of each tensor its name with its
/// shape and its values.
fn parts_of(file: &[u8], key: &str) -> Parts {
    let (mut tensors, metadata) = from_safetensors(file).expect("a whole file");
    tensors.sort_by(|a, b| a.path.cmp(&b.path));
    let sealed: Value = serde_json::from_str(&metadata[key]).expect("JSON");
    let header = sealed["header"].as_str().expect("a header");
    let mut parts = vec![sealed["format"].to_string().into_bytes(), header.into()];
    for tensor in tensors {
        let shape: Vec<String> = tensor.shape.iter().map(ToString::to_string).collect();
        parts.push(format!("{} {}", tensor.path, shape.join(" ")).into_bytes());
        parts.push(tensor.values.iter().flat_map(|v| v.to_le_bytes()).collect());
    }
    parts
}

/// A file of some parts, whose checksum is right. A shape that does not fit its values
/// becomes a row of these, or the container itself would be refused.
fn pack(parts: &Parts, key: &str) -> Vec<u8> {
    let text = |part: &[u8]| String::from_utf8_lossy(part).into_owned();
    let header = text(&parts[1]);
    let mut tensors: Vec<NamedTensor> = Vec::new();
    for tensor in parts[2..].chunks_exact(2) {
        let name = text(&tensor[0]);
        let mut words = name.split(' ');
        let path = words.next().unwrap_or_default().to_owned();
        let mut shape: Vec<usize> = words.filter_map(|word| word.parse().ok()).collect();
        let values = tensor[1].as_chunks::<4>().0.iter();
        let values: Vec<f32> = values.map(|&v| f32::from_le_bytes(v)).collect();
        let len = shape.iter().try_fold(1_usize, |all, &n| all.checked_mul(n));
        if len != Some(values.len()) {
            shape = vec![values.len()];
        }
        if tensors.iter().all(|other| other.path != path) {
            tensors.push(NamedTensor {
                path,
                shape,
                values,
            });
        }
    }
    let sealed = format!(
        "{{\"format\":{},\"checksum\":{},\"header\":{}}}",
        text(&parts[0]),
        checksum(&header, &mut tensors),
        Value::from(header)
    );
    let metadata = HashMap::from([(key.to_owned(), sealed)]);
    to_safetensors(&tensors, metadata).unwrap_or_default()
}

/// As the files have it: CRC-32 over the header, then names, shapes and values in
/// order of the names.
fn checksum(header: &str, tensors: &mut [NamedTensor]) -> u32 {
    tensors.sort_by(|a, b| a.path.cmp(&b.path));
    let mut crc = crc32fast::Hasher::new();
    crc.update(header.as_bytes());
    for tensor in tensors {
        crc.update(tensor.path.as_bytes());
        for &size in &tensor.shape {
            crc.update(&(size as u64).to_le_bytes());
        }
        for value in &tensor.values {
            crc.update(&value.to_le_bytes());
        }
    }
    crc.finalize()
}

/// Checkpoints.
pub struct Checkpoint {
    trainer: Trainer,
}

impl Checkpoint {
    pub fn new() -> Self {
        Self { trainer: trainer() }
    }
}

impl Target for Checkpoint {
    fn name(&self) -> &'static str {
        "checkpoint"
    }

    fn seeds(&self) -> Vec<Parts> {
        let extra = json!({"config": {"seed": 0, "steps": 10}, "sums": [0.5, null]});
        let file = trainer().checkpoint(&extra).expect("a checkpoint");
        let mut seeds = vec![parts_of(&file, CHECKPOINT)];
        let run = super::run::trained().join("checkpoints");
        for entry in fs::read_dir(run).into_iter().flatten().flatten() {
            seeds.push(parts_of(
                &fs::read(entry.path()).expect("a checkpoint"),
                CHECKPOINT,
            ));
        }
        seeds
    }

    fn pack(&self, parts: &Parts) -> Vec<u8> {
        pack(parts, CHECKPOINT)
    }

    fn read(&mut self, bytes: &[u8], _: &Path) -> Verdict {
        checkpoint::read_extra::<Value>(bytes).map_err(sentence)?;
        let whole = self.trainer.restore::<Value>(bytes);
        let parameters = self.trainer.restore_parameters::<Value>(bytes);
        whole.and(parameters).map(drop).map_err(sentence)
    }
}

/// Networks of one task.
pub struct Pruned {
    file: Vec<u8>,
}

impl Pruned {
    pub fn new() -> Self {
        let (_, file) = prune(&trainer(), 1, "b").expect("a network of one task");
        Self { file }
    }
}

impl Target for Pruned {
    fn name(&self) -> &'static str {
        "pruned"
    }

    fn seeds(&self) -> Vec<Parts> {
        vec![parts_of(&self.file, PRUNED)]
    }

    fn pack(&self, parts: &Parts) -> Vec<u8> {
        pack(parts, PRUNED)
    }

    fn read(&mut self, bytes: &[u8], _: &Path) -> Verdict {
        let network = PrunedNetwork::load(&TinyNet::NETWORK, bytes);
        let logits = network.and_then(|mut network| network.logits(&[0.5; 6]));
        logits.map(drop).map_err(sentence)
    }
}
