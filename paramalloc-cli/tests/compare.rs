//! `paramalloc compare` on generated runs.

use std::path::Path;

use serde_json::json;

mod support;

use support::generated_runs::{self, GeneratedRun};
use support::{configure, fails, succeeds, write};

/// Digits with a seed; the results of the last task are those of the first
/// plus `better`.
fn digits(seed: u64, better: f64) -> GeneratedRun {
    let mut run = generated_runs::digits();
    run.summary.seed = seed;
    for task in &mut run.summary.tasks {
        let results = [("test".to_owned(), 0.5), ("train".to_owned(), 0.75)];
        task.results = results.into();
    }
    let last = run.summary.tasks.last_mut().unwrap();
    *last.results.get_mut("test").unwrap() += better;
    run
}

/// Three pairs of regression tasks, as `synthetic` leaves them, where those of
/// a pair use the same components.
fn pairs(method: &str, seed: u64) -> GeneratedRun {
    let mut run = generated_runs::sized(6, 1, 4);
    let summary = &mut run.summary;
    (summary.experiment, summary.method, summary.seed) = ("synthetic".into(), method.into(), seed);
    summary.metric = "mean_squared_error".into();
    let layer = &mut summary.routed_layers[0];
    let is_fixed = method != "gumbel_matrix";
    for (task, row) in layer.allocation.iter_mut().enumerate() {
        for (component, used) in row.iter_mut().enumerate() {
            *used = match method {
                "shared_bottom" => 1,
                "no_sharing" => u8::from(component == task % 4),
                _ => u8::from(component == task / 2),
            };
            if is_fixed {
                layer.probabilities[task][component] = f32::from(*used);
            }
        }
    }
    for (index, task) in summary.tasks.iter_mut().enumerate() {
        let error = index as f64 + seed as f64;
        task.results = [("train".into(), error), ("test".into(), 2.0 * error)].into();
    }
    run
}

/// Writes a run of pairs into `root/name`; gives the directory.
fn write_pairs(root: &Path, name: &str, run: &GeneratedRun) -> String {
    let directory = root.join(name);
    write(run, &directory);
    configure(&directory, |config| {
        config["options"] = json!({"relatedness": [0.0, 0.5, 1.0], "pairs": 1});
    });
    directory.to_str().unwrap().to_owned()
}

#[test]
fn runs_of_several_seeds_are_a_row_with_an_interval() {
    let root = tempfile::tempdir().unwrap();
    let mut arguments = vec!["compare".to_owned()];
    for seed in 0..3 {
        for (method, better) in [("gumbel_matrix", 0.0), ("shared_bottom", 0.25)] {
            let mut run = digits(seed, better + 0.125 * seed as f64);
            run.summary.method = method.into();
            let directory = root.path().join(format!("{method}-{seed}"));
            write(&run, &directory);
            // Threads change no result.
            configure(&directory, |config| config["threads"] = json!(seed + 1));
            arguments.push(directory.to_str().unwrap().to_owned());
        }
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let text = succeeds(&arguments);
    let row = |name: &str| text.lines().find(|line| line.starts_with(name)).unwrap();
    assert!(
        text.starts_with("accuracy, % on the split test: "),
        "{text}"
    );
    // The mean over four tasks is 50, 53.125 and 56.25: mean 53.125, deviation
    // 3.125, margin 4.302653 * 3.125 / sqrt(3).
    assert!(row("gumbel_matrix  0, 1, 2  ").contains("53.12 [45.36, 60.89]"));
    // It differs by 0.25 / 4 in each seed, so there is nothing to test by.
    let difference = row("shared_bottom  0, 1, 2  ");
    assert!(difference.contains("+6.25 [6.25, 6.25]  -"), "{text}");
    let of = |more: &[&str]| succeeds(&[&arguments[..], more].concat());
    let train = of(&["--split=train"]);
    assert!(train.contains("accuracy, % on the split train"), "{train}");
    let markdown = of(&["--format=markdown"]);
    // 0.5, 0.625 and 0.75 in the last task.
    let cell = "| MNIST-Rot-2 | 62.50 [31.45, 93.55] | 87.50 [56.45, 100.00] |";
    assert!(markdown.lines().any(|line| line == cell), "{markdown}");
    let latex = of(&["--format=latex"]);
    assert!(latex.contains("\\begin{tabular}{lrr}"), "{latex}");
    let csv = of(&["--format=csv"]);
    assert_eq!(csv.lines().count(), 1 + 2 * 5, "{csv}");
    assert!(csv.starts_with("method,seeds,task,split,metric,mean,"));
}

#[test]
fn synthetic_runs_have_a_table_and_a_figure_of_their_relatedness() {
    let root = tempfile::tempdir().unwrap();
    let methods = ["gumbel_matrix", "shared_bottom", "no_sharing"];
    let similarities = methods.map(|method| {
        let run = write_pairs(root.path(), method, &pairs(method, 0));
        let table = succeeds(&["compare", &run]);
        // One row for each relatedness.
        let rows: Vec<Vec<&str>> = table
            .split("relatedness  ")
            .nth(1)
            .unwrap()
            .lines()
            .map(|line| line.split_whitespace().collect())
            .collect();
        let relatedness: Vec<&str> = rows[1..4].iter().map(|row| row[0]).collect();
        assert_eq!(relatedness, ["0", "0.5", "1"]);
        rows[1][4].to_owned()
    });
    // Who shares all is alike.
    assert_eq!(similarities, ["1.00", "1.00", "0.00"]);

    let of_seed = |seed| {
        write_pairs(
            root.path(),
            &format!("again-{seed}"),
            &pairs(methods[0], seed),
        )
    };
    let [first, second] = [1, 2].map(of_seed);
    let fixed = root.path().join("no_sharing");
    let out = root.path().join("study");
    let arguments = [
        "compare",
        &first,
        &second,
        fixed.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
    ];
    let text = succeeds(&arguments);
    let mut parts = text.split("\n\n");
    let table = parts.find(|part| part.starts_with("method ") && part.contains("relatedness"));
    let rows: Vec<&str> = table.unwrap().lines().skip(1).take(6).collect();
    assert!(
        rows[..3]
            .iter()
            .all(|r| r.starts_with("gumbel_matrix") && r.contains(" ± ")),
        "{text}"
    );
    assert!(
        rows[3..]
            .iter()
            .all(|r| r.starts_with("no_sharing") && !r.contains('±')),
        "{text}"
    );
    for file in ["relatedness.png", "relatedness.svg"] {
        assert!(text.contains(&format!("  {}\n", out.join(file).display())));
        assert!(out.join(file).exists());
    }
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let write_run = |name: &str, run: &GeneratedRun| {
        let directory = root.path().join(name);
        write(run, &directory);
        directory.to_str().unwrap().to_owned()
    };
    let first = write_run("first", &digits(0, 0.0));
    let again = write_run("again", &digits(0, 0.0));
    let other = write_run("other", &generated_runs::clusters());
    let with_network = |name: &str, network: &str| {
        let file = Path::new(name).join("network.json");
        let text = format!(r#"{{"format": 1, "network": {{"name": "{network}"}}}}"#);
        std::fs::write(file, text).unwrap();
    };
    let small = write_run("small", &digits(1, 0.0));
    configure(Path::new(&small), |config| {
        config["test_examples"] = json!(100)
    });
    let mut run = digits(1, 0.0);
    run.summary.data.name = "others".into();
    let data = write_run("data", &run);
    with_network(&first, "One");
    with_network(&data, "Two");
    let stopped = write_run("stopped", &generated_runs::alphabets());
    let missing = root.path().join("missing");
    let missing = missing.to_str().unwrap();
    let cases = [
        (vec![&first[..], &again], "are the same run: seed 0"),
        (vec![&first, &other], "other` has another experiment; give"),
        (
            vec![&first, &small, &data],
            "small` has another split of the data; `",
        ),
        (
            vec![&first, &data],
            "data` has other data and another network;",
        ),
        (
            vec![&stopped],
            "was interrupted at task step 160000 of 320000",
        ),
        (vec![&first, "--split=validation"], "it has `test`, `train`"),
        (vec![&first, "--out=plots"], "other runs have a table only"),
        (vec![missing], "is not a directory"),
    ];
    for (arguments, part) in cases {
        let message = fails(&[&["compare"], &arguments[..]].concat());
        assert!(message.contains(part), "{message}");
    }
    configure(Path::new(&other), |config| config["format"] = json!(7));
    for command in ["compare", "show"] {
        let message = fails(&[command, &other]);
        assert!(message.contains("config.json` has format 7, newer than 1"));
    }
    std::fs::remove_file(Path::new(&first).join("config.json")).unwrap();
    let message = fails(&["compare", &first]);
    assert!(message.contains("config.json`: "), "{message}");
}

/// By `no_sharing` the network for a table has as many components as tasks.
#[test]
fn methods_on_a_table_are_compared() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path();
    let rows = (0..120).map(|row| {
        let (a, b) = (row * 37 % 101, row * 53 % 89);
        format!("{a},{b},{},{}\n", u8::from(a + b > 90), u8::from(b > 40))
    });
    let table = "a,b,sick,tall\n".to_owned() + &rows.collect::<String>();
    std::fs::write(directory.join("t.csv"), table).unwrap();
    let train = "train --table t.csv --targets sick,tall --hidden 8 --epochs 1 --quiet";
    for (run, flags) in [
        ("apart", "--method no_sharing"),
        ("learned", "--components 3"),
        ("shared", "--components 3 --method shared_bottom"),
        ("smaller", "--components 4"),
    ] {
        support::succeeds_in(directory, &format!("{train} {flags} --logdir {run}"));
    }
    let (text, _) = support::succeeds_in(directory, "compare apart learned shared");
    for method in ["no_sharing", "gumbel_matrix", "shared_bottom"] {
        assert!(text.contains(method), "{text}");
    }
    // Whichever comes first.
    for runs in ["apart learned smaller", "learned smaller apart"] {
        let part = "`smaller` has another network";
        support::fails_in(directory, &format!("compare {runs}"), 1, &[part]);
    }
}
