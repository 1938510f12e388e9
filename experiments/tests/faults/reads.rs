//! Every read of a run's files fails once.

use crate::shim::EIO;
use crate::*;

/// Resumes a stopped run while reads of its directory fail: it says so, or does
/// without the file, and the run is the same in the end.
#[test]
fn a_run_survives_a_read_that_fails() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let Some(shim) = Shim::new(directory) else {
        return;
    };
    MNIST.whole(directory, "whole");
    let run = directory.join("run");
    let broken = |at| Fault {
        at,
        code: EIO,
        lasting: false,
        only: Some("read"),
    };
    let reads = (1..).take_while(|&at| survives_in_resume(directory, &shim, 75, &run, broken(at)));
    let tried = reads.count();
    assert!(tried > 3, "{tried}");
}
