//! Results of generated groups, and their formats.

use std::collections::BTreeMap;

use super::groups::Group;
use super::results::Results;
use crate::compare::cost::Cost;
use crate::generated_runs;

/// Two groups of three seeds; the second is better by 1, 2 and 3 % in each
/// task but the last, in which both are the same.
fn groups() -> [Group; 2] {
    let group = |label: &str, better: f64| {
        let runs = (0..3).map(|seed| {
            let mut run = generated_runs::digits().summary;
            run.seed = seed;
            for (index, task) in run.tasks.iter_mut().enumerate() {
                let own = if index == 3 { 0.0 } else { better };
                let value = 0.95 + 0.005 * index as f64 + own * (seed + 1) as f64;
                task.results = [("test".to_owned(), value)].into();
                task.parameter_share = 0.5;
            }
            run
        });
        let cost = |seed: u32| Cost {
            multiply_adds: Some(2_000_000.0),
            seconds: (label == "first").then_some(60.0 + f64::from(seed)),
        };
        Group {
            label: label.to_owned(),
            runs: runs.collect(),
            directories: Vec::new(),
            costs: (0..3).map(cost).collect(),
            settings: BTreeMap::new(),
        }
    };
    [group("first", 0.0), group("second_a", 0.01)]
}

fn results() -> Results {
    Results::new(&groups(), "test").unwrap()
}

#[test]
fn methods_are_compared_with_the_first() {
    let results = results();
    let second = &results.methods[1];
    let difference = second.tasks[0].unwrap().difference.unwrap();
    assert_eq!(difference.seeds, 3);
    assert!((difference.estimate.mean - 0.02).abs() < 1e-12);
    // t = 0.02 / (0.01 / sqrt(3)) = 3.4641 with 2 degrees of freedom.
    assert!(
        (difference.p.unwrap() - 0.074_180).abs() < 1e-5,
        "{difference:?}"
    );
    // Three tests of tasks; the fourth has no p.
    assert!((difference.corrected.unwrap() - 0.222_540).abs() < 3e-5);
    assert_eq!(second.tasks[3].unwrap().difference.unwrap().p, None);
    // One test of means, which needs no correction.
    let mean = second.mean.unwrap().difference.unwrap();
    assert_eq!(mean.p, mean.corrected);
    assert_eq!(results.methods[0].mean.unwrap().difference, None);
    let gain: f64 = [0.95, 0.955, 0.96].map(|base| 0.02 / base).iter().sum();
    assert!((second.gain.unwrap().mean - gain / 4.0).abs() < 1e-9);
    assert_eq!(results.best(Some(0)), Some(1));
    assert_eq!(results.best(None), Some(1));
    assert_eq!(
        (second.multiply_adds.unwrap().mean, second.seconds),
        (2e6, None)
    );
}

#[test]
fn no_interval_is_above_all_examples() {
    let results = results();
    // 0.97, 0.98 and 0.99 plus or minus 2.48 %.
    let high = results.methods[1].tasks[2]
        .unwrap()
        .estimate
        .interval((0.0, 1.0));
    assert_eq!(high.unwrap().1, 1.0);
    for text in [results.text(), results.markdown(), results.latex()] {
        assert!(text.contains("100.00]"), "{text}");
        assert!(!text.contains("100.4") && !text.contains("101."), "{text}");
    }
}

#[test]
fn text_has_an_overview_and_the_tasks() {
    let text = results().text();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[0],
        "accuracy, % on the split test: means over seeds with 95 % intervals"
    );
    let row = lines
        .iter()
        .find(|line| line.starts_with("second_a  0, 1, 2"));
    let row = row.unwrap();
    for part in ["50.0 %", "2.00 M", "+1.50", "0.074", "+1.57 %"] {
        assert!(row.contains(part), "{row}");
    }
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("first") && line.contains("1 min 1 s"))
    );
    assert!(
        text.contains("second_a minus first, the same 3 seeds"),
        "{text}"
    );
    let task = lines.iter().rfind(|line| line.starts_with("MNIST-Rot-2"));
    let task: Vec<&str> = task.unwrap().split_whitespace().collect();
    assert_eq!(task[1..], ["0.00", "[0.00,", "0.00]", "-", "-"], "{text}");
}

#[test]
fn csv_has_a_row_for_each_method_and_task() {
    let csv = results().csv();
    let rows: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 1 + 2 * 5);
    assert!(rows.iter().all(|row| row.len() == rows[0].len()), "{csv}");
    let column = |name: &str| rows[0].iter().position(|found| *found == name).unwrap();
    let mean = rows.last().unwrap();
    assert_eq!((mean[0], mean[1], mean[2]), ("second_a", "0 1 2", ""));
    let number = |name: &str| mean[column(name)].parse::<f64>().unwrap();
    assert!((number("difference") - 0.015).abs() < 1e-12);
    assert_eq!(number("parameter_share"), 0.5);
    assert_eq!(mean[column("seconds")], "");
    assert_eq!(rows[1][column("task")], "MNIST");
}

#[test]
fn latex_is_a_whole_table() {
    let latex = results().latex();
    assert!(latex.starts_with("% Needs in the preamble: \\usepackage{booktabs,graphicx}\n"));
    for part in [
        "\\begin{tabular}{lrr}\n\\toprule\n & first & second\\_a \\\\\n\\midrule\nMNIST & ",
        "\nMNIST & 95.00 {\\scriptsize [95.00, 95.00]} & \\textbf{97.00} {\\scriptsize [94.52, 99.48]} \\\\\n",
        "\n$\\Delta$ (\\%) & -- & $+1.57$ \\\\\n",
        "\nTime & 1\\,min\\,1\\,s & -- \\\\\n\\bottomrule\n\\end{tabular}}\n\\end{table}\n",
    ] {
        assert!(latex.contains(part), "{part} in\n{latex}");
    }
    // Every row has as many cells as there are columns.
    let rows = latex.lines().filter(|line| line.ends_with("\\\\"));
    let counts: Vec<usize> = rows.map(|row| row.matches(" & ").count()).collect();
    assert_eq!(counts, [2; 10]);
    // The comment may name anything.
    let comment = latex.lines().nth(1).unwrap();
    assert!(comment.starts_with("% first: seeds 0, 1, 2; second_a: seeds"));
}

#[test]
fn a_latex_table_of_many_tasks_has_a_row_for_each() {
    let run = generated_runs::clusters().summary;
    let group = |label: &str, runs| Group {
        label: label.to_owned(),
        runs,
        directories: Vec::new(),
        costs: vec![Cost::default()],
        settings: BTreeMap::new(),
    };
    let groups = [group("a", vec![run.clone()]), group("b", vec![run])];
    let latex = Results::new(&groups, "test").unwrap().latex();
    assert!(latex.contains("\\begin{longtable}{lrr}\n"), "{latex}");
    assert!(
        latex.contains("\nlarge\\_man-made\\_outdoor\\_things & "),
        "{latex}"
    );
    assert!(latex.contains("\\midrule\nMean & "), "{latex}");
}

#[test]
fn one_seed_has_neither_interval_nor_test() {
    let mut groups = groups();
    for group in &mut groups {
        group.runs.truncate(1);
        group.costs.truncate(1);
    }
    let results = Results::new(&groups, "test").unwrap();
    assert_eq!(results.methods[1].mean.unwrap().difference, None);
    let text = results.text();
    assert!(!text.contains('[') && !text.contains("corrected"), "{text}");
    assert!(results.latex().contains("on the split test, one seed."));
}

/// The same groups, where the last two tasks are judged by an error, of which less
/// is better.
fn mixed_groups() -> [Group; 2] {
    let mut groups = groups();
    let names = [
        "accuracy",
        "accuracy",
        "mean_absolute_error",
        "mean_absolute_error",
    ];
    for run in groups.iter_mut().flat_map(|group| &mut group.runs) {
        run.name_metrics(&names.map(str::to_owned));
        for task in &mut run.tasks[2..] {
            let error = task.results["test"] * 2.0;
            task.results.insert("test".to_owned(), error);
        }
    }
    groups
}

#[test]
fn tasks_of_different_metrics_are_compared_one_by_one() {
    let results = Results::new(&mixed_groups(), "test").unwrap();
    assert_eq!((results.metric.as_ref(), results.best(None)), (None, None));
    assert!(results.methods.iter().all(|method| method.mean.is_none()));
    // More is better, then less.
    assert_eq!(
        (results.best(Some(0)), results.best(Some(2))),
        (Some(1), Some(0))
    );
    let gain: f64 = [0.02 / 0.95, 0.02 / 0.955, -0.02 / 0.96].iter().sum();
    assert!((results.methods[1].gain.unwrap().mean - gain / 4.0).abs() < 1e-9);
    // An error of 1.94, 1.96 or 1.98 has no upper end.
    let errors = results.methods[1].tasks[2].unwrap().estimate;
    assert!(errors.interval(results.tasks[2].metric.range).unwrap().1 > 1.98);

    let text = results.text();
    let row = |start: &str| text.lines().find(|line| line.starts_with(start)).unwrap();
    assert!(
        text.starts_with("tasks of different metrics on the split test"),
        "{text}"
    );
    assert!(!text.contains("mean over tasks"), "{text}");
    assert!(
        row("MNIST  ").contains("accuracy, %          95.00 ["),
        "{text}"
    );
    assert!(
        row("MNIST-Rot  ").contains("mean absolute error  1.920 ["),
        "{text}"
    );
    assert!(text.contains("+0.040 ["), "{text}");
    let latex = results.latex();
    assert!(
        latex.contains("\nMNIST-Rot (mean absolute error) & \\textbf{1.920} "),
        "{latex}"
    );
    assert!(!latex.contains("\nMean & "), "{latex}");
    let csv = results.csv();
    let mean = csv.lines().last().unwrap();
    assert!(
        mean.starts_with("second_a,0 1 2,,test,mixed,,,,,"),
        "{mean}"
    );
}

/// The second task has no ROC AUC in one run: its split has no examples of a class.
fn undefined_groups() -> [Group; 2] {
    let mut groups = groups();
    for run in groups.iter_mut().flat_map(|group| &mut group.runs) {
        run.name_metrics(&["roc_auc"; 4].map(str::to_owned));
    }
    groups[1].runs[2].tasks[1].results.clear();
    groups
}

#[test]
fn a_task_without_a_metric_is_left_out_of_means_and_tests() {
    let results = Results::new(&undefined_groups(), "test").unwrap();
    assert_eq!(results.left_out(), ["MNIST-2"]);
    let [first, second] = &results.methods[..] else {
        panic!("{results:?}");
    };
    assert_eq!((first.tasks[1], second.tasks[1]), (None, None));
    // Of 0.95, 0.96 and 0.965, in both methods.
    let mean = first.mean.unwrap().estimate.mean;
    assert!((mean - 2.875 / 3.0).abs() < 1e-12, "{mean}");
    // 0.01, 0.02 and 0.03 in two of three tasks.
    let difference = second.mean.unwrap().difference.unwrap();
    assert!((difference.estimate.mean - 0.04 / 3.0).abs() < 1e-12);
    // Two tests of tasks are left, of the same p.
    let test = second.tasks[0].unwrap().difference.unwrap();
    assert!((test.corrected.unwrap() - 2.0 * test.p.unwrap()).abs() < 1e-9);
    let gain = (0.02 / 0.95 + 0.02 / 0.96) / 3.0;
    assert!((second.gain.unwrap().mean - gain).abs() < 1e-9);
    assert_eq!(second.common_seeds(), Some(3));

    let note = "Left out of means, gains and tests: MNIST-2, which has no result on the split test";
    for text in [results.text(), results.markdown()] {
        assert!(text.contains(note), "{text}");
    }
    let text = results.text();
    let rows = text.lines().filter(|line| line.starts_with("MNIST-2 "));
    let rows: Vec<Vec<&str>> = rows.map(|row| row.split_whitespace().collect()).collect();
    assert_eq!(
        rows,
        [vec!["MNIST-2", "-", "-"], vec!["MNIST-2", "-", "-", "-"]]
    );
    let latex = results.latex();
    assert!(latex.contains("\nMNIST-2 & -- & -- \\\\\n"), "{latex}");
    assert!(latex.contains("and left out: MNIST-2."), "{latex}");
    let csv = results.csv();
    assert!(
        csv.contains("first,0 1 2,MNIST-2,test,roc_auc,,,,,"),
        "{csv}"
    );
}

#[test]
fn a_split_on_which_no_task_has_a_metric_is_refused() {
    let mut groups = undefined_groups();
    for task in &mut groups[1].runs[0].tasks {
        let result = task.results.remove("test").unwrap();
        task.results.insert("train".to_owned(), result);
    }
    let refused = Results::new(&groups, "test").unwrap_err();
    assert_eq!(
        refused.to_string(),
        "a run of second_a has no results for `test`; it has `train`"
    );
}

#[cfg(feature = "figures")]
#[test]
fn a_task_without_a_metric_has_no_row_in_a_figure() {
    let groups = undefined_groups().into();
    let comparison = crate::compare::Comparison { groups };
    let figures = comparison.figures("test").unwrap();
    let gain = figures.iter().find(|(name, _)| name == "gain").unwrap();
    let texts = format!("{:?}", gain.1);
    assert!(
        texts.contains("MNIST-Rot-2") && !texts.contains("MNIST-2\""),
        "{texts}"
    );
}

#[cfg(feature = "figures")]
#[test]
fn tasks_of_different_metrics_have_figures() {
    let comparison = crate::compare::Comparison {
        groups: mixed_groups().into(),
    };
    let figures = comparison.figures("test").unwrap();
    let names: Vec<&str> = figures.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["front", "gain"]);
}
