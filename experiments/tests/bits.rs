//! Training gives the tensors that it gave when `tests/fixtures/tensors.sha256`
//! was written, bit for bit: a change that is to change no number changes none.
//!
//! Rounding differs between families of processors (fused multiply-add) and
//! systems (`exp` and `ln`), so the sums are those of x86-64 with FMA on Linux.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use safetensors::SafeTensors;
use sha2::{Digest, Sha256};

const SUMS: &str = include_str!("fixtures/tensors.sha256");

/// Trains shortly, then compares the SHA-256 of every parameter tensor with the
/// stored one.
fn assert_bits(run: &str, program: &str, arguments: &str) {
    if !std::arch::is_x86_feature_detected!("fma") {
        eprintln!("not compared: this processor has no fused multiply-add");
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let logdir = directory.path().join(run);
    let output = Command::new(program)
        .current_dir(directory.path())
        .env_remove("PARAMALLOC_DATA")
        .args(arguments.split(' '))
        .args(["--seed", "0", "--threads", "2", "--quiet", "--logdir"])
        .arg(&logdir)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    assert_eq!(
        sums(run, &logdir.join("parameters.safetensors")),
        stored(run)
    );
}

/// A line for each tensor, as `sha256sum` writes them.
fn sums(run: &str, file: &Path) -> String {
    let bytes = std::fs::read(file).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let mut names = tensors.names();
    names.sort_unstable();
    names.iter().fold(String::new(), |mut lines, name| {
        let sum = Sha256::digest(tensors.tensor(name).unwrap().data());
        for byte in sum.iter() {
            write!(lines, "{byte:02x}").unwrap();
        }
        lines + &format!("  {run}/{name}\n")
    })
}

fn stored(run: &str) -> String {
    let of_run = |line: &&str| line.contains(&format!("  {run}/"));
    let lines: Vec<&str> = SUMS.lines().filter(of_run).collect();
    assert!(!lines.is_empty(), "no sums of {run}");
    lines.join("\n") + "\n"
}

const MNIST: &str = env!("CARGO_BIN_EXE_mnist");
const DIGITS: &str = "--steps 75 --data generated --train-examples 2000 --test-examples 500";

#[test]
fn mnist_no_sharing() {
    let arguments = format!("--method no_sharing {DIGITS}");
    assert_bits("mnist-no_sharing", MNIST, &arguments);
}

#[test]
fn mnist_shared_bottom() {
    let arguments = format!("--method shared_bottom {DIGITS}");
    assert_bits("mnist-shared_bottom", MNIST, &arguments);
}

#[test]
fn mnist_gumbel_matrix() {
    let arguments = format!("--method gumbel_matrix {DIGITS}");
    assert_bits("mnist-gumbel_matrix", MNIST, &arguments);
}

#[test]
fn mnist_budget() {
    let arguments = format!("--budget 0.75 --budget-penalty 1.0 {DIGITS}");
    assert_bits("mnist-budget", MNIST, &arguments);
}

/// Every penalty and clipping at once.
#[test]
fn mnist_penalties() {
    let penalties = "--budget 0.25 --budget-penalty 1.0 --entropy-penalty 0.01 --disconnect-penalty 0.1 --connection-penalty 0.01 --l2-penalty 1e-4 --clip-norm 1.0";
    assert_bits("mnist-penalties", MNIST, &format!("{penalties} {DIGITS}"));
}

#[test]
fn omniglot() {
    let program = env!("CARGO_BIN_EXE_omniglot");
    let arguments = "--data generated --alphabets 5 --image-size 28 --filters 16 --steps 60";
    assert_bits("omniglot", program, arguments);
}

/// As before wide convolutions had another choice.
#[test]
fn omniglot_direct() {
    let program = env!("CARGO_BIN_EXE_omniglot");
    let arguments = "--data generated --alphabets 5 --image-size 28 --filters 16 --steps 60 --convolution direct";
    assert_bits("omniglot-direct", program, arguments);
}

#[test]
fn clusters() {
    let program = env!("CARGO_BIN_EXE_clusters");
    let arguments = "--data generated --train-examples 64 --test-examples 32 --steps 8";
    assert_bits("clusters", program, arguments);
}

#[test]
fn synthetic() {
    assert_bits("synthetic", env!("CARGO_BIN_EXE_synthetic"), "--steps 50");
}
