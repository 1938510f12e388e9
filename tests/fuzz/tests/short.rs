//! Each reader on some inputs, and again on all that was ever found.

use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use fuzz::executor::{execute, note_panics, run};
use fuzz::targets;

/// Inputs for each reader.
const COUNT: u64 = 300;

/// One test at a time: what the other one allocates is counted, too.
static ALONE: Mutex<()> = Mutex::new(());

#[test]
fn readers_refuse_changed_files_in_a_sentence() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    note_panics();
    let mut wrong = Vec::new();
    for mut target in targets::all() {
        let name = target.name();
        let outcome = run(&mut *target, COUNT, None, 1);
        assert_eq!(outcome.executions, COUNT);
        // Changes reach beyond the first check.
        let kinds = outcome.sentences;
        assert!(kinds >= 2, "{name}: {kinds} kinds of sentences");
        let findings = outcome.findings.iter();
        wrong.extend(findings.map(|finding| format!("{name}: {}", finding.what)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_was_found_once_is_read_well() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    note_panics();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut targets = targets::all();
    for entry in fs::read_dir(fixtures).unwrap() {
        let of_target = entry.unwrap().path();
        let name = of_target.file_name().unwrap().to_str().unwrap();
        let target = targets.iter_mut().find(|target| target.name() == name);
        let target = target.unwrap_or_else(|| panic!("there is no reader `{name}`"));
        let directory = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(&of_target).unwrap() {
            let path = entry.unwrap().path();
            let bytes = fs::read(&path).unwrap();
            let (_, _, wrong) = execute(&mut **target, &bytes, directory.path());
            assert!(wrong.is_none(), "{}: {wrong:?}", path.display());
        }
    }
}
