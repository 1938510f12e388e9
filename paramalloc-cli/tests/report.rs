//! `paramalloc report` on generated runs.

use std::fs;
use std::path::Path;

mod support;

use support::generated_runs;
use support::{fails, succeeds, write};

/// Two methods with two seeds.
fn write_runs(root: &Path) -> Vec<String> {
    let runs = [
        ("no_sharing", 0),
        ("no_sharing", 1),
        ("shared_bottom", 0),
        ("shared_bottom", 1),
    ];
    let written = runs.map(|(method, seed)| {
        let mut run = generated_runs::digits();
        (run.summary.method, run.summary.seed) = (method.into(), seed);
        run.summary.tasks[0].name = "<b>bold</b> & more".into();
        let directory = root.join(format!("{method}-{seed}"));
        write(&run, &directory);
        directory.to_str().unwrap().to_owned()
    });
    written.into()
}

#[test]
fn a_page_of_many_runs_compares_them() {
    let root = tempfile::tempdir().unwrap();
    let runs = write_runs(root.path());
    let out = root.path().join("page.html");
    let runs: Vec<&str> = runs.iter().map(String::as_str).collect();
    let arguments = [&["report"], &runs[..], &["--out", out.to_str().unwrap()]].concat();
    assert_eq!(succeeds(&arguments), format!("{}\n", out.display()));
    let table = root.path().join("table.tex");
    succeeds(&[&arguments[..], &["--latex", table.to_str().unwrap()]].concat());
    let table = fs::read_to_string(&table).unwrap();
    assert!(table.contains("\\begin{tabular}{lrr}"), "{table}");
    let page = fs::read_to_string(&out).unwrap();
    for part in [
        "<h1>mnist: 4 runs</h1>",
        "means over seeds with 95 % intervals",
        "Metric against cost",
        "Gain of each task",
        "seeds 0, 1",
        "&lt;b&gt;bold&lt;/b&gt; &amp; more",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("<b>bold"));
    // Each run, and the warnings, which are many.
    assert_eq!(page.matches("<details><summary>").count(), 5);
    assert_eq!(page.matches("<svg").count(), page.matches("</svg>").count());
    let message = fails(&[&arguments[..], &["--split=validation"]].concat());
    assert!(
        message.contains("has no results for `validation`"),
        "{message}"
    );
}

#[test]
fn runs_that_cannot_be_compared_stand_one_after_the_other() {
    let root = tempfile::tempdir().unwrap();
    let [first, second] = ["first", "second"].map(|name| root.path().join(name));
    write(&generated_runs::fixed(), &first);
    write(&generated_runs::single(), &second);
    let out = root.path().join("page.html");
    let paths = [&first, &second, &out].map(|path| path.to_str().unwrap());
    succeeds(&["report", paths[0], paths[1], "--out", paths[2]]);
    let page = fs::read_to_string(&out).unwrap();
    assert!(page.contains("second` has another experiment"), "no reason");
    assert!(page.contains("only &amp; &lt;one&gt;"));
}
