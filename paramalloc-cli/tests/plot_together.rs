//! `paramalloc plot`: kinds of files, and several runs side by side.

use std::fs;
use std::path::{Path, PathBuf};

mod support;

use support::generated_runs;
use support::{directory, succeeds, text, tool, write};

/// Three methods, two of them with two seeds.
fn write_runs(root: &Path) -> Vec<String> {
    let runs = [
        ("no_sharing", 0, 0.80),
        ("no_sharing", 1, 0.82),
        ("shared_bottom", 0, 0.90),
        ("shared_bottom", 1, 0.91),
        ("gumbel_matrix", 0, 0.95),
    ];
    let written = runs.map(|(method, seed, result)| {
        let mut run = generated_runs::digits();
        run.summary.method = method.into();
        run.summary.seed = seed;
        for (index, task) in run.summary.tasks.iter_mut().enumerate() {
            let value = result + 0.01 * (index as f64 + seed as f64 * index as f64);
            task.results.insert("test".into(), value);
        }
        let directory = root.join(format!("{method}-{seed}"));
        write(&run, &directory);
        directory.to_str().unwrap().to_owned()
    });
    written.into()
}

#[test]
fn finished_runs_are_drawn_side_by_side() {
    let root = tempfile::tempdir().unwrap();
    let runs = write_runs(root.path());
    let out = root.path().join("out");
    let runs: Vec<&str> = runs.iter().map(String::as_str).collect();
    let arguments = [&["plot"], &runs[..], &["--format=svg", "--out"]].concat();
    let printed = succeeds(&[&arguments[..], &[out.to_str().unwrap()]].concat());
    for name in ["front", "gain", "curves-1", "curves-2"] {
        let file = out.join(format!("{name}.svg"));
        assert!(
            printed.contains(&format!("  {}\n", file.display())),
            "{printed}"
        );
    }
    let read = |name: &str| fs::read_to_string(out.join(name)).unwrap();
    let front = read("front.svg");
    assert!(
        front.contains("<title>gumbel_matrix: 96.50 % with "),
        "{front}"
    );
    let gain = read("gain.svg");
    // Two methods of which two seeds are common; of the third there is one.
    assert!(gain.contains(">shared_bottom</text>") && !gain.contains(">gumbel_matrix</text>"));
    assert!(gain.contains("minus that of no_sharing; to the right: better."));
    let curves = read("curves-2.svg");
    assert!(curves.contains("shared_bottom · seeds 0, 1"), "{curves}");
    assert!(curves.contains("fill-opacity"));
    // A method with one seed has its curves in its own directory.
    assert!(!out.join("curves-3.svg").exists());
    assert!(out.join("gumbel_matrix-0/curves.svg").exists());
}

#[test]
fn runs_that_cannot_be_compared_are_drawn_one_by_one() {
    let root = tempfile::tempdir().unwrap();
    let [first, second] = ["first", "second"].map(|name| root.path().join(name));
    write(&generated_runs::fixed(), &first);
    write(&generated_runs::single(), &second);
    let out = root.path().join("out");
    let paths = [&first, &second, &out].map(|path| path.to_str().unwrap());
    let arguments = ["plot", paths[0], paths[1], "--out", paths[2]];
    let output = tool(&arguments);
    assert!(output.status.success(), "{output:?}");
    let said = text(&output.stderr);
    assert!(said.contains("second` has another experiment"), "{said}");
    assert!(out.join("second/curves.png").exists() && !out.join("front.png").exists());
}

#[test]
fn figures_come_dark_and_as_pdf() {
    let run = directory(&generated_runs::digits());
    let path = run.path().to_str().unwrap();
    let printed = succeeds(&["plot", path, "--dark", "--format", "svg,pdf"]);
    let plots = run.path().join("plots");
    assert_eq!(fs::read_dir(&plots).unwrap().count(), 8, "{printed}");
    let pdf = fs::read(plots.join("allocation.pdf")).unwrap();
    assert!(pdf.starts_with(b"%PDF-"));
    let svg = fs::read_to_string(plots.join("allocation.svg")).unwrap();
    assert!(svg.contains("#14171c") && !svg.contains("#ffffff"));
    let output = tool(&["plot", path, "--format", "gif"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

#[test]
fn a_run_without_a_summary_is_drawn_from_its_metrics() {
    // A real one, as it is while it runs: its network and its lines, no outcome.
    let root = tempfile::tempdir().unwrap();
    let run = PathBuf::from(support::trained(root.path()));
    for file in ["summary.json", "manifest.json", "parameters.safetensors"] {
        fs::remove_file(run.join(file)).unwrap();
    }
    let printed = succeeds(&["plot", run.to_str().unwrap(), "--format", "svg"]);
    assert!(printed.contains(" after 48 of 48 task steps"), "{printed}");
    assert!(printed.contains("accuracy, test"), "{printed}");
    let plots = run.join("plots");
    assert_eq!(fs::read_dir(&plots).unwrap().count(), 4, "{printed}");
    fs::write(run.join("metrics.jsonl"), "{\"ki").unwrap();
    let message = support::fails(&["plot", run.to_str().unwrap()]);
    assert!(
        message.contains("has not logged any task step yet"),
        "{message}"
    );
}
