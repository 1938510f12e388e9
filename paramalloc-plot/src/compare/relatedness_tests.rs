use super::*;
use crate::generated_runs;

/// Six tasks in three pairs.
fn summary() -> Summary {
    let mut summary = generated_runs::sized(6, 1, 2).summary;
    let rows = [[1, 0], [0, 1], [1, 1], [1, 0], [1, 0], [1, 0]];
    summary.routed_layers[0].allocation = rows.map(Vec::from).into();
    for (index, task) in summary.tasks.iter_mut().enumerate() {
        task.group = format!("pair {}", index / 2 + 1);
        let error = index as f64;
        task.results = [("train".into(), error), ("test".into(), 2.0 * error)].into();
    }
    summary
}

#[test]
fn the_table_has_means_by_relatedness() {
    let table = of_run(&[0.5, 1.0, 0.5]).table();
    let rows: Vec<Vec<&str>> = table
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    // Pairs 1 and 3: errors 0.5 and 4.5, similarities 0 and 1.
    assert_eq!(rows[1], ["0.5", "2", "2.5000", "5.0000", "0.50"]);
    assert_eq!(rows[2], ["1", "1", "2.5000", "5.0000", "0.71"]);
    // Between pairs 1 and 2, 1 and 3, 2 and 3, with s = sqrt(1/2):
    // s, 1, s, 0; 1, 1, 0, 0; s, s, 1, 1.
    let s = 0.5_f64.sqrt();
    let expected = format!("similarity {:.2}", (4.0 * s + 5.0) / 12.0);
    assert!(table.trim_end().ends_with(&expected), "{table}");
}

/// The relatedness of one run.
pub(crate) fn of_run(relatedness: &[f64]) -> Relatedness {
    let mut one = group("gumbel_matrix", &[1], |_, _| {});
    one.settings
        .insert("options.relatedness".to_owned(), relatedness.into());
    Relatedness::of_groups(&[one]).unwrap()
}

fn group(label: &str, seeds: &[u64], change: fn(&mut Summary, u64)) -> Group {
    let runs = seeds.iter().map(|&seed| {
        let mut run = summary();
        run.seed = seed;
        change(&mut run, seed);
        run
    });
    let settings = [
        (
            "options.relatedness".to_owned(),
            [0.5, 1.0, 0.0].as_slice().into(),
        ),
        ("options.pairs".to_owned(), 1.into()),
    ];
    Group {
        label: label.to_owned(),
        runs: runs.collect(),
        directories: Vec::new(),
        costs: vec![Default::default(); seeds.len()],
        settings: settings.into(),
    }
}

/// A method that learns the allocation with two seeds, and a fixed one.
pub(crate) fn of_two_methods() -> Relatedness {
    let worse = |run: &mut Summary, seed: u64| {
        for task in &mut run.tasks {
            *task.results.get_mut("test").unwrap() += seed as f64;
        }
    };
    let fixed = |run: &mut Summary, _| {
        for layer in &mut run.routed_layers {
            let all = layer.probabilities.iter_mut().flatten();
            all.for_each(|p| *p = p.round());
        }
    };
    let groups = [
        group("learned", &[1, 3], worse),
        group("fixed", &[1], fixed),
    ];
    Relatedness::of_groups(&groups).unwrap()
}

#[test]
fn methods_are_compared_over_their_seeds() {
    let table = of_two_methods().table();
    let rows: Vec<&str> = table.lines().collect();
    // Test errors of the pairs are 1, 5 and 9, sorted by relatedness 9,
    // 1, 5; the seeds add 1 and 3, with the deviation sqrt(2).
    assert!(
        rows[1].starts_with("learned") && rows[1].contains("11.0000 ± 1.4142"),
        "{table}"
    );
    assert!(
        rows[5].starts_with("fixed") && rows[5].contains("1.0000"),
        "{table}"
    );
    assert!(rows[7].starts_with("learned, tasks of different pairs"));
    assert_eq!(rows.len(), 8, "{table}");
}

#[test]
fn runs_without_pairs_have_none() {
    let mut other = group("learned", &[1], |_, _| {});
    other.settings.clear();
    assert_eq!(Relatedness::of_groups(&[other]), None);
}

#[test]
fn methods_are_compared_seed_by_seed() {
    let worse = |run: &mut Summary, seed: u64| {
        for task in &mut run.tasks {
            *task.results.get_mut("test").unwrap() += seed as f64;
        }
    };
    let groups = [
        group("learned", &[1, 3, 4], worse),
        group("other", &[3, 1], |_, _| {}),
    ];
    let table = Relatedness::of_groups(&groups).unwrap().table();
    let rows: Vec<&str> = table.lines().collect();
    let start = rows
        .iter()
        .position(|row| row.contains("minus that of learned"));
    // Differences -1 and -3 of the common seeds at each relatedness.
    for row in &rows[start.unwrap() + 1..] {
        assert!(
            row.starts_with("other") && row.contains("-2.0000 ± 1.4142"),
            "{table}"
        );
    }
    assert_eq!(rows.len() - start.unwrap(), 4, "{table}");
}
