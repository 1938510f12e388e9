//! Limits of the system on a process.

use crate::shim::*;
use crate::*;

/// Each thread in turn cannot be started: that of the signals, and those of the
/// engine.
#[test]
fn no_thread_may_be_started() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let Some(shim) = Shim::new(directory) else {
        return;
    };
    let mut refused = 0;
    for at in 1.. {
        let fault = Fault {
            at,
            code: EAGAIN,
            lasting: true,
            only: Some("thread"),
        };
        let run = format!("run-{at}");
        let mut training = MNIST.start_or_resume(directory, &run);
        let failures = shim.preload(&mut training, directory, fault);
        let output = training.output().unwrap();
        if failures.first().is_none() {
            assert!(output.status.success(), "{}", text(&output.stderr));
            break;
        }
        assert_says_why(&output, &run);
        assert!(!directory.join(run).exists(), "nothing was begun");
        refused += 1;
    }
    assert!(refused >= 2, "{refused}");
}

/// With fewer and fewer files that may be open, programs end with a sentence, and
/// not with a panic; with enough they work.
#[test]
fn no_file_may_be_opened() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    MNIST.whole(directory, "whole");
    let (mut refused, mut done) = (0, 0);
    for limit in 4..40 {
        let run = format!("run-{limit}");
        let commands = [
            MNIST.start_or_resume(directory, &run),
            command(MNIST.program, directory, &["eval", "whole", "--once"]),
        ];
        for limited in commands {
            let mut shell = command("sh", directory, &["-c", "ulimit -n \"$0\"; exec \"$@\""]);
            shell.arg(limit.to_string()).arg(limited.get_program());
            let output = shell.args(limited.get_args()).output().unwrap();
            // The loader of libraries needs files, too.
            if output.status.code() == Some(127) {
                continue;
            }
            match output.status.success() {
                true => done += 1,
                false => {
                    assert_says_why(&output, &format!("{limit} files"));
                    refused += 1;
                }
            }
        }
        if directory.join(&run).join("config.json").exists() {
            succeed(MNIST.start_or_resume(directory, &run));
            assert_same_results(directory, "whole", &run, &run);
        }
    }
    assert!(refused > 0 && done > 20, "{refused} refused, {done} done");
}
