//! A short run of each experiment.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use paramalloc_core::train::{NamedTensor, checkpoint, from_safetensors};
use serde_json::Value;

use crate::support::{command, succeed};

/// An experiment, and the flags of a run of a second at most.
pub struct ShortRun {
    pub name: &'static str,
    program: &'static str,
    flags: &'static [&'static str],
}

/// The flags of all.
const ALL: [&str; 3] = ["--quiet", "--batch-size=4", "--log-every=1"];

pub const RUNS: [ShortRun; 5] = [
    ShortRun {
        name: "mnist",
        program: env!("CARGO_BIN_EXE_mnist"),
        flags: &[
            "--data=generated",
            "--train-examples=64",
            "--test-examples=32",
            "--steps=30",
            "--eval-every=5",
            "--checkpoint-every=3",
            "--log=jsonl,tensorboard",
        ],
    },
    ShortRun {
        name: "omniglot",
        program: env!("CARGO_BIN_EXE_omniglot"),
        flags: &[
            "--data=generated",
            "--alphabets=2",
            "--image-size=28",
            "--filters=16",
            "--train-examples=16",
            "--test-examples=8",
            "--steps=6",
            "--eval-every=3",
            "--checkpoint-every=2",
        ],
    },
    ShortRun {
        name: "clusters",
        program: env!("CARGO_BIN_EXE_clusters"),
        flags: &[
            "--data=generated",
            "--train-examples=16",
            "--test-examples=8",
            "--steps=3",
            "--eval-every=1",
            "--checkpoint-every=1",
            "--patience=2",
        ],
    },
    ShortRun {
        name: "synthetic",
        program: env!("CARGO_BIN_EXE_synthetic"),
        flags: &["--steps=20", "--eval-every=5", "--checkpoint-every=4"],
    },
    ShortRun {
        name: "own_data",
        program: env!("CARGO_BIN_EXE_own_data"),
        flags: &[
            "--data-dir=mine",
            "--steps=12",
            "--eval-every=4",
            "--checkpoint-every=3",
        ],
    },
];

/// What must not depend on what happened to a run.
const RESULTS: [&str; 3] = ["metrics.jsonl", "summary.json", "parameters.safetensors"];

impl ShortRun {
    /// Begins it in the directory `run` of `directory`, or resumes it there.
    pub fn start_or_resume(&self, directory: &Path, run: &str, threads: usize) -> Command {
        let threads = format!("--threads={threads}");
        let logdir = format!("--logdir={run}");
        match directory.join(run).join("config.json").exists() {
            true => self.command(directory, &["resume", run, "--quiet", &threads]),
            false => self.command(
                directory,
                &[&ALL[..], self.flags, &[&threads, &logdir]].concat(),
            ),
        }
    }

    pub fn command(&self, directory: &Path, arguments: &[&str]) -> Command {
        command(self.program, directory, arguments)
    }

    /// A run to which nothing happens, and how long it takes.
    pub fn whole(&self, directory: &Path) -> Duration {
        if self.name == "own_data" {
            write_own_data(&directory.join("mine"));
        }
        let begin = Instant::now();
        succeed(self.start_or_resume(directory, "whole", 1));
        begin.elapsed()
    }
}

/// Two tasks as NumPy arrays: the first image of each pair is dark.
fn write_own_data(directory: &Path) {
    fs::create_dir_all(directory).unwrap();
    for (task, shift) in [("pets", 0_u8), ("farm", 60)] {
        let images = (0..8_u8).map(|n| vec![40 + shift + 100 * (n % 2) + n; 3 * 32 * 32]);
        let images: Vec<u8> = images.flatten().collect();
        let classes: Vec<u8> = (0..8).map(|n| n % 2).collect();
        let arrays = [("x", "(8, 3, 32, 32)", images), ("y", "(8,)", classes)];
        let arrays = arrays.map(|(name, shape, entries)| {
            let header =
                format!("{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}\n");
            let mut file = b"\x93NUMPY\x01\x00".to_vec();
            file.extend((header.len() as u16).to_le_bytes());
            file.extend(header.as_bytes());
            file.extend(entries);
            (format!("{name}.npy"), file)
        });
        let path = directory.join(format!("{task}.npz"));
        let mut archive = zip::ZipWriter::new(fs::File::create(path).unwrap());
        for (name, file) in arrays {
            let options = zip::write::SimpleFileOptions::default();
            archive.start_file(name, options).unwrap();
            std::io::Write::write_all(&mut archive, &file).unwrap();
        }
        archive.finish().unwrap();
    }
}

/// The results of two runs that are not the same bytes.
pub fn differences(directory: &Path, one: &str, other: &str) -> Vec<&'static str> {
    let mut files = RESULTS.to_vec();
    files.retain(|file| {
        let read = |run: &str| fs::read(directory.join(run).join(file)).ok();
        read(one) != read(other)
    });
    files
}

/// The tensors of the last checkpoint to the last bit, and what it keeps but for
/// the number of threads, which changes no result.
pub fn last_checkpoint(run: &Path) -> (Vec<(String, Vec<u32>)>, Value) {
    let entries = fs::read_dir(run.join("checkpoints")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let is_step = |path: &std::path::PathBuf| path.to_string_lossy().contains("step-");
    let newest = paths.filter(is_step).max().unwrap();
    let bytes = fs::read(newest).unwrap();
    let (tensors, _) = from_safetensors(&bytes).unwrap();
    let bits = |t: NamedTensor| (t.path, t.values.iter().map(|v| v.to_bits()).collect());
    let mut tensors: Vec<_> = tensors.into_iter().map(bits).collect();
    tensors.sort();
    let (_, mut kept) = checkpoint::read_extra::<Value>(&bytes).unwrap();
    kept["config"]["threads"] = Value::Null;
    (tensors, kept)
}
