//! The subcommands that look at runs, of all experiments, on data that are
//! generated or made here.

mod images;
#[cfg(unix)]
mod omniglot;
mod own_data;
mod pruned;
#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use support::{assert_has, command, refusal, succeed, text};

/// Two alphabets on the smallest network.
const ALPHABETS: [&str; 9] = [
    "--data=generated",
    "--alphabets=2",
    "--image-size=28",
    "--filters=16",
    "--train-examples=16",
    "--test-examples=40",
    "--batch-size=8",
    "--threads=1",
    "--quiet",
];

fn omniglot(directory: &Path, arguments: &[&str]) -> Command {
    let arguments = [&ALPHABETS[..], arguments].concat();
    command(env!("CARGO_BIN_EXE_omniglot"), directory, &arguments)
}

/// What a run's `config.json` holds.
fn config(run: &Path) -> Value {
    serde_json::from_slice(&fs::read(run.join("config.json")).unwrap()).unwrap()
}
