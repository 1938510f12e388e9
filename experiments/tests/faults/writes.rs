//! Every write of a run fails once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use paramalloc_core::train::checkpoint;
use serde_json::Value;

use crate::shim::*;
use crate::*;

/// The whole checkpoints of a run by name.
fn checkpoints(run: &Path) -> BTreeMap<PathBuf, u64> {
    let mut whole = BTreeMap::new();
    for entry in fs::read_dir(run.join("checkpoints")).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "safetensors") {
            let bytes = fs::read(&path).unwrap();
            let (step, _) = checkpoint::read_extra::<Value>(&bytes).unwrap();
            whole.insert(path, step);
        }
    }
    whole
}

/// Lets the calls of `fault` fail in a run, and resumes it without the fault. Gives
/// the first call that failed, if any did.
fn survives(short: ShortRun, directory: &Path, shim: &Shim, fault: Fault) -> Option<String> {
    let run = directory.join("run");
    let _ = fs::remove_dir_all(&run);
    let mut faulty = short.start_or_resume(directory, "run");
    // All of the directory, so that making the run's own fails too.
    let failures = shim.preload(&mut faulty, directory, fault);
    let output = faulty.output().unwrap();
    let Some(first) = failures.first() else {
        assert!(output.status.success(), "{}", text(&output.stderr));
        return None;
    };
    let what = format!("{fault:?}, {first}");
    // A call whose failure loses nothing may be passed over: the directory is
    // flushed to the disk where that is possible.
    match output.status.success() {
        true => assert_same_results(directory, "whole", "run", &what),
        false => assert_says_why(&output, &what),
    }
    // What is there is whole, and the run is resumed behind it.
    let newest = checkpoints(&run).into_values().max();
    let resumed = short.start_or_resume(directory, "run").output().unwrap();
    let said = text(&resumed.stderr);
    assert!(resumed.status.success(), "{what}: {said}");
    if let Some(newest) = newest {
        assert!(newest > 0 && !said.contains("warning"), "{what}: {said}");
    }
    assert_same_results(directory, "whole", "run", &what);
    let files = |run: &str| -> Vec<_> {
        let names = fs::read_dir(directory.join(run)).unwrap();
        let mut names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(files("run"), files("whole"), "{what}");
    let last = |run: &str| checkpoints(&directory.join(run)).into_values().max();
    assert_eq!(last("run"), last("whole"), "{what}");
    Some(first)
}

/// Lets every `stride`th call fail, from the first on; gives how many did, and of
/// which kinds. Nothing where there is no C compiler.
fn all_survive(short: ShortRun, stride: usize) -> Option<(usize, BTreeSet<String>)> {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let shim = Shim::new(directory)?;
    let mut kinds = BTreeSet::new();
    short.whole(directory, "whole");
    let mut tried = 0;
    for at in (1..).step_by(stride) {
        let mut any = false;
        for (code, lasting) in [(EIO, false), (ENOSPC, true), (EROFS, true)] {
            let fault = Fault {
                at,
                code,
                lasting,
                only: None,
            };
            if let Some(first) = survives(short, directory, &shim, fault) {
                any = true;
                kinds.extend(first.split(' ').next().map(str::to_owned));
            }
        }
        if !any {
            break;
        }
        tried += 1;
    }
    Some((tried, kinds))
}

/// Every 13th call fails, or every `PARAMALLOC_STRIDE`th; 1 takes minutes.
#[test]
fn a_run_survives_a_write_that_fails() {
    let stride = std::env::var("PARAMALLOC_STRIDE").ok();
    let stride = stride.map_or(13, |stride| stride.parse().expect("PARAMALLOC_STRIDE"));
    let Some((tried, kinds)) = all_survive(MNIST, stride) else {
        return;
    };
    println!("{tried} calls failed, each in three ways: {kinds:?}");
    assert!(tried * stride > 80, "{tried} calls");
    if stride == 1 {
        for kind in ["open", "write", "flush", "rename", "directory"] {
            assert!(kinds.contains(kind), "no {kind} among {kinds:?}");
        }
    }
}

/// The step that makes a file of a run appear.
#[test]
fn a_run_survives_a_rename_that_fails() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let Some(shim) = Shim::new(directory) else {
        return;
    };
    MNIST.whole(directory, "whole");
    let fault = |at| Fault {
        at,
        code: EIO,
        lasting: false,
        only: Some("rename"),
    };
    let first = survives(MNIST, directory, &shim, fault(1));
    assert!(first.is_some_and(|first| first.starts_with("rename ")));
    survives(MNIST, directory, &shim, fault(5)).expect("a fifth rename");
}

/// A run that was resumed writes other files than one that begins.
#[test]
fn a_resumed_run_survives_a_write_that_fails() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let Some(shim) = Shim::new(directory) else {
        return;
    };
    MNIST.whole(directory, "whole");
    // The disk fills up in the middle, and again.
    let full = |at| Fault {
        at,
        code: ENOSPC,
        lasting: true,
        only: None,
    };
    let mut calls = (1..).step_by(9);
    let survives = |&at: &usize| survives_in_resume(directory, &shim, 60, directory, full(at));
    let tried = calls.by_ref().take_while(survives).count();
    assert!(tried > 2, "{tried}");
}

/// Each of these loses nothing, so a run continues.
#[test]
fn a_file_system_may_have_no_locks_and_refuse_to_flush() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let Some(shim) = Shim::new(directory) else {
        return;
    };
    MNIST.whole(directory, "whole");
    let refusals = [
        ("lock", ENOLCK),
        ("lock", ENOTSUPP),
        ("lock", ENOSYS),
        ("flush", EINVAL),
        ("flush", ENOSYS),
        ("flush", EOPNOTSUPP),
    ];
    for (only, code) in refusals {
        let fault = Fault {
            at: 1,
            code,
            lasting: true,
            only: Some(only),
        };
        let run = format!("{only}-{code}");
        let mut training = MNIST.start_or_resume(directory, &run);
        let failures = shim.preload(&mut training, directory, fault);
        let (_, said) = succeed(training);
        assert!(failures.first().is_some_and(|call| call.starts_with(only)));
        assert!(said.is_empty(), "{said}");
        assert_same_results(directory, "whole", &run, &run);
    }
}
