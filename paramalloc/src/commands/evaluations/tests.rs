use std::collections::BTreeMap;

use paramalloc_core::metric::Accuracy;

use super::*;

fn evaluation(step: u64, validation: f64, test: f64) -> EvaluationMetric {
    let results = [("validation", validation), ("test", test)];
    let results = results.map(|(split, value)| (split.to_owned(), vec![value, value]));
    EvaluationMetric {
        global_step: step,
        results: BTreeMap::from(results),
        ..EvaluationMetric::default()
    }
}

fn accuracy() -> TaskMetrics {
    TaskMetrics::all(&["a", "b"], Accuracy)
}

fn open(run: &Path, run_crc: u32) -> Result<Evaluations, Error> {
    let mut table = Evaluations::read(run, accuracy(), run_crc)?;
    table.write_on()?;
    Ok(table)
}

#[test]
fn the_table_survives_a_torn_line_and_names_the_best() {
    let run = tempfile::tempdir().unwrap();
    let path = run.path().join(EVALUATIONS);
    let mut table = open(run.path(), 1).unwrap();
    for (step, validation, test) in [(8, 0.5, 0.9), (4, 0.75, 0.6), (2, 0.75, 0.7)] {
        let evaluation = evaluation(step, validation, test);
        table.add(file_name(step), 9, evaluation).unwrap();
    }
    let whole = fs::read(&path).unwrap();
    let mut torn = whole.clone();
    torn.extend_from_slice(b"{\"checkpoint\":\"st");
    fs::write(&path, torn).unwrap();
    let again = open(run.path(), 1).unwrap();
    assert!(again.text(2).contains("step 2 (removed since"));
    let checkpoints = run.path().join(CHECKPOINTS);
    fs::create_dir(&checkpoints).unwrap();
    fs::write(checkpoints.join("step-000000002.safetensors"), "").unwrap();
    assert_eq!(again.lines, table.lines);
    assert_eq!(fs::read(&path).unwrap(), whole);
    assert!(again.has(4, 9) && !again.has(5, 9) && !again.has(4, 8));
    let text = again.text(2);
    let best = "best by mean validation accuracy: step 2 (step-000000002.safetensors), \
                75.00 %; its mean test accuracy: 70.00 %";
    assert!(text.contains(best), "{text}");
    let rows: Vec<&str> = text.lines().take(2).collect();
    assert_eq!(
        rows,
        ["step  validation     test", "   2     75.00 %  70.00 %"]
    );

    fs::write(&path, "{}\n").unwrap();
    let broken = open(run.path(), 1).err().expect("a broken line is refused");
    let sentence = broken.to_string();
    assert!(sentence.contains("is broken at line 1"), "{sentence}");
}

#[test]
fn lines_of_another_run_are_left_out_and_those_of_other_parameters_replaced() {
    let run = tempfile::tempdir().unwrap();
    let open = |run_crc| open(run.path(), run_crc).unwrap();
    let add = |table: &mut Evaluations, step, parameters, value| {
        let evaluation = evaluation(step, value, value);
        table.add(file_name(step), parameters, evaluation).unwrap();
    };
    let mut table = open(1);
    add(&mut table, 4, 7, 0.5);
    add(&mut table, 8, 7, 0.5);
    add(&mut table, 4, 8, 0.75);
    assert_eq!(open(1).lines, table.lines);
    let stored = |t: &Evaluations| -> Vec<(u64, u32)> {
        let stored = t.lines.iter();
        stored
            .map(|l| (l.evaluation.global_step, l.parameters_crc))
            .collect()
    };
    assert_eq!(stored(&table), [(8, 7), (4, 8)]);
    let path = run.path().join(EVALUATIONS);
    let text = fs::read(&path).unwrap();
    let read = Evaluations::read(run.path(), accuracy(), 2).unwrap();
    assert!(read.is_in_memory() && read.lines.is_empty());
    assert_eq!(fs::read(&path).unwrap(), text);
    assert!(open(2).lines.is_empty());
    assert_eq!(fs::read(&path).unwrap(), b"");
}

#[test]
fn what_would_be_best_and_what_is_missing() {
    let run = tempfile::tempdir().unwrap();
    let mut table = open(run.path(), 1).unwrap();
    assert!(table.would_be_best(&evaluation(8, 0.1, 0.1)));
    for (step, validation) in [(8, 0.5), (24, 0.25), (25, 0.5)] {
        let evaluation = evaluation(step, validation, 0.5);
        table.add(file_name(step), 9, evaluation).unwrap();
    }
    assert!(!table.would_be_best(&evaluation(40, 0.5, 0.9)));
    assert!(table.would_be_best(&evaluation(40, 0.75, 0.1)));
    assert!(table.text(8).contains("1 of 3 earlier checkpoints are not"));
    assert!(table.text(4).contains("4 of 6 earlier checkpoints are not"));
    for every in [0, 24, 25, 100] {
        assert!(!table.text(every).contains("missing"), "{every}");
    }
    let of_test = EvaluationMetric {
        global_step: 48,
        results: BTreeMap::from([("test".to_owned(), vec![1.0])]),
        ..EvaluationMetric::default()
    };
    assert!(!table.would_be_best(&of_test));
}
