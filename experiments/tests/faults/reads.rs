//! Every read of a run's files fails once.

use crate::shim::*;
use crate::*;

/// Resumes a stopped run while reads of its directory fail: it says so, or does
/// without the file, and the run is the same in the end.
#[test]
fn a_run_survives_a_read_that_fails() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let shim = Shim::new(directory);
    MNIST.whole(directory, "whole");
    let run = directory.join("run");
    let full = Fault {
        at: 75,
        code: ENOSPC,
        lasting: true,
        only: None,
    };
    for at in 1.. {
        let _ = fs::remove_dir_all(&run);
        let mut stopped = MNIST.start_or_resume(directory, "run");
        shim.preload(&mut stopped, directory, full);
        assert_says_why(&stopped.output().unwrap(), "stopped");
        let broken = Fault {
            at,
            code: EIO,
            lasting: false,
            only: Some("read"),
        };
        let mut resumed = MNIST.start_or_resume(directory, "run");
        let failures = shim.preload(&mut resumed, &run, broken);
        let output = resumed.output().unwrap();
        let Some(first) = failures.first() else {
            assert!(output.status.success(), "{}", text(&output.stderr));
            assert!(at > 4, "{at}");
            break;
        };
        let what = format!("{at}, {first}");
        if !output.status.success() {
            assert_says_why(&output, &what);
        }
        succeed(MNIST.start_or_resume(directory, "run"));
        assert_same_results(directory, "whole", "run", &what);
    }
}
