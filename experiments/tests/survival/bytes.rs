//! Bytes of a run's files changed at random.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::draws::Draws;
use crate::runs::{RUNS, ShortRun, differences};
use crate::support::process::{signal, wait_for};
use crate::support::text;
use crate::{seed, trials};

/// How a trial ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    /// With the bits of the run to which nothing happened.
    SameBits,
    /// The same, and the file was named on the way.
    SameBitsAndTold,
    /// The file was named, and something came to another end.
    Told,
}

/// Copies a directory of a run.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let place = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &place),
            false => fs::copy(entry.path(), place).map(drop).unwrap(),
        }
    }
}

/// The files of a run that hold something.
fn files(run: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(run).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false if fs::metadata(&path).unwrap().len() > 0 => found.push(path),
            false => {}
        }
    }
    found.sort();
    found
}

/// Changes a byte; a digit of a text more often than not to another one, which
/// leaves the text well formed.
fn change(path: &Path, draws: &mut Draws) -> String {
    let mut bytes = fs::read(path).unwrap();
    let is_text = path.extension().is_some_and(|e| e != "safetensors");
    let digits: Vec<usize> = (0..bytes.len())
        .filter(|&at| bytes[at].is_ascii_digit())
        .collect();
    let at = match is_text && !digits.is_empty() && draws.below(3) > 0 {
        true => *draws.of(&digits),
        false => draws.below(bytes.len()),
    };
    let old = bytes[at];
    while bytes[at] == old {
        bytes[at] = match (old.is_ascii_digit() && is_text, draws.below(3)) {
            (true, _) => b'0' + draws.below(10) as u8,
            (false, 0) => draws.below(256) as u8,
            (false, _) => old ^ (1 << draws.below(8)),
        };
    }
    fs::write(path, &bytes).unwrap();
    format!("byte {at} of {}: {old} is {}", path.display(), bytes[at])
}

/// A run that was killed about half way.
fn stop_half_way(short: &ShortRun, directory: &Path) {
    let whole = directory.join("whole/checkpoints");
    let step = |path: PathBuf| -> Option<u64> {
        let name = path.file_name()?.to_str()?.to_owned();
        name.strip_prefix("step-")?
            .strip_suffix(".safetensors")?
            .parse()
            .ok()
    };
    let steps = |checkpoints: &Path| -> Vec<u64> {
        let entries = fs::read_dir(checkpoints).into_iter().flatten();
        let mut steps: Vec<u64> = entries.filter_map(|e| step(e.ok()?.path())).collect();
        steps.sort_unstable();
        steps
    };
    let last = *steps(&whole).last().unwrap();
    let place = directory.join("stopped");
    for _ in 0..100 {
        let _ = fs::remove_dir_all(&place);
        let mut run = short.start_or_resume(directory, "stopped", 1);
        let mut child = run.stdout(Stdio::null()).spawn().unwrap();
        wait_for(&place.join("manifest.json"));
        while steps(&place.join("checkpoints")).len() < 2 && child.try_wait().unwrap().is_none() {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        signal(&child, "-KILL");
        child.wait().unwrap();
        let found = steps(&place.join("checkpoints"));
        if found.len() >= 2 && !found.contains(&last) {
            return;
        }
    }
    panic!(
        "{}: it was never killed between its checkpoints",
        short.name
    );
}

/// What a command ends with, given the standard output that it has without a change.
fn judge(output: &std::process::Output, is_same: bool, name: &str, what: &str) -> End {
    let said = text(&output.stderr);
    assert!(!said.contains("panicked"), "{what}: {said}");
    let is_named = said.contains(name);
    if output.status.success() {
        return match (is_same, is_named) {
            (true, false) => End::SameBits,
            (true, true) => End::SameBitsAndTold,
            (false, true) => End::Told,
            (false, false) => panic!(
                "{what}: other results without a word on {name}: {said}{}",
                text(&output.stdout)
            ),
        };
    }
    let errors = said.lines().filter(|line| line.starts_with("error: "));
    assert_eq!(errors.count(), 1, "{what}: {said}");
    assert!(is_named, "{what}: not named: {said}");
    End::Told
}

/// Changes `count` bytes of runs of an experiment, each of a fresh copy.
fn changed(short: &ShortRun, count: usize, draws: &mut Draws) -> BTreeMap<End, usize> {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    short.whole(directory);
    stop_half_way(short, directory);
    let arguments = ["eval", "run", "--once", "--threads=1"];
    copy(&directory.join("whole"), &directory.join("run"));
    let evaluated = short.command(directory, &arguments).output().unwrap();
    assert!(evaluated.status.success(), "{}", text(&evaluated.stderr));
    let mut ends = BTreeMap::new();
    for _ in 0..count {
        let run = directory.join("run");
        let _ = fs::remove_dir_all(&run);
        let is_finished = draws.below(2) == 0;
        let from = if is_finished { "whole" } else { "stopped" };
        copy(&directory.join(from), &run);
        let all = files(&run);
        let file = draws.of(&all);
        let name = file.file_name().unwrap().to_str().unwrap();
        let what = format!("{from} {}: {}", short.name, change(file, draws));
        let end = match is_finished && draws.below(3) == 0 {
            true => {
                let output = short.command(directory, &arguments).output().unwrap();
                let is_same = output.stdout == evaluated.stdout;
                judge(&output, is_same, name, &format!("eval of {what}"))
            }
            false => {
                let resumed = short.start_or_resume(directory, "run", 1).output().unwrap();
                let is_same = differences(directory, "whole", "run").is_empty();
                judge(&resumed, is_same, name, &format!("resume of {what}"))
            }
        };
        *ends.entry(end).or_insert(0) += 1;
    }
    ends
}

#[test]
fn runs_of_all_experiments_survive_changed_bytes() {
    let mut draws = Draws::new(seed());
    let each = trials(30).div_ceil(RUNS.len());
    for short in &RUNS {
        let ends = changed(short, each, &mut draws);
        println!("{}: {ends:?}", short.name);
    }
}
