//! Kills at random moments.

use std::fs;
use std::process::Stdio;
use std::thread::sleep;

use crate::draws::Draws;
use crate::runs::{RUNS, ShortRun, differences, last_checkpoint};
use crate::support::process::signal;
use crate::support::text;
use crate::{seed, trials};

/// Kills `count` runs of an experiment, some of them again when they resume;
/// gives how many kills came before the end.
fn killed(short: &ShortRun, count: usize, draws: &mut Draws) -> usize {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let mut whole = short.whole(directory);
    let last = last_checkpoint(&directory.join("whole"));
    let mut kills = 0;
    while kills < count {
        let what = format!("{}, kill {kills}", short.name);
        let mut stops = 1 + draws.below(2);
        while stops > 0 {
            let mut run = short.start_or_resume(directory, "run", 1 + draws.below(3));
            let mut child = run.stdout(Stdio::null()).spawn().unwrap();
            sleep(whole.mul_f64(draws.share()));
            signal(&child, "-KILL");
            let was_killed = !child.wait().unwrap().success();
            kills += usize::from(was_killed);
            stops -= 1;
            if !was_killed {
                // The machine has become faster than it was at first.
                whole = whole.mul_f64(0.9);
                break;
            }
        }
        let resumed = short.start_or_resume(directory, "run", 2).output().unwrap();
        let said = text(&resumed.stderr);
        assert!(
            resumed.status.success() && said.is_empty(),
            "{what}: {said}"
        );
        assert!(differences(directory, "whole", "run").is_empty(), "{what}");
        assert!(last_checkpoint(&directory.join("run")) == last, "{what}");
        for place in ["run", "run/checkpoints"] {
            for entry in fs::read_dir(directory.join(place)).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                assert!(!name.ends_with("part"), "{what}: {name} is left");
            }
        }
        fs::remove_dir_all(directory.join("run")).unwrap();
    }
    kills
}

#[test]
fn runs_of_all_experiments_survive_kills() {
    let mut draws = Draws::new(seed());
    let each = trials(10).div_ceil(RUNS.len());
    for short in &RUNS {
        let kills = killed(short, each, &mut draws);
        println!("{}: {kills} kills, the same bits each time", short.name);
    }
}
