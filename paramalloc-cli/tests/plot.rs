//! `paramalloc plot` on generated run directories, whole and broken.

use std::fs;
use std::path::Path;
use std::process::Output;

use paramalloc_core::summary::is_left_over;
use tempfile::TempDir;

mod support;

use support::generated_runs::{self, GeneratedRun};
use support::{directory, run_of_version_0_1, text, tool, write};

fn plot(run: &Path, more: &[&str]) -> Output {
    tool(&[&["plot", run.to_str().unwrap()], more].concat())
}

/// Runs `plot`, which must fail with the one line `error: ...`; returns it
/// with the directory's path taken out.
fn failure(run: &Path) -> String {
    let output = plot(run, &[]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(!run.join("plots").exists());
    let message = text(&output.stderr);
    assert_eq!(message.lines().count(), 1, "{message}");
    let root = format!("{}/", run.display());
    message.trim_end().replace(&root, "")
}

/// Replaces `from`, which must occur, in a file of the run.
fn edit(run: &TempDir, file: &str, from: &str, to: &str) {
    let path = run.path().join(file);
    let before = fs::read_to_string(&path).unwrap();
    assert!(before.contains(from), "no {from}");
    fs::write(path, before.replacen(from, to, 1)).unwrap();
}

#[test]
fn writes_figures_that_decode_and_lists_them() {
    for (run, names) in [
        (
            generated_runs::digits(),
            &["allocation", "similarity", "probabilities", "curves"][..],
        ),
        (
            generated_runs::fixed(),
            &["allocation", "similarity", "curves"],
        ),
        (
            generated_runs::single(),
            &["allocation", "similarity", "probabilities", "curves"],
        ),
        (
            generated_runs::clusters(),
            &["allocation", "similarity", "probabilities", "curves"],
        ),
        (
            generated_runs::alphabets(),
            &["allocation", "similarity", "probabilities", "curves"],
        ),
    ] {
        let run_directory = directory(&run);
        let output = plot(run_directory.path(), &[]);
        assert!(output.status.success(), "{output:?}");
        assert_eq!(text(&output.stderr), "");
        let printed = text(&output.stdout);
        let plots = run_directory.path().join("plots");
        let mut files = 0;
        for name in names {
            let png = plots.join(format!("{name}.png"));
            assert!(printed.contains(&format!("  {}\n", png.display())));
            check_png(&png);
            let svg = plots.join(format!("{name}.svg"));
            assert!(printed.contains(&format!("  {}\n", svg.display())));
            check_svg(&svg, &run, *name == "curves");
            files += 2;
        }
        assert_eq!(fs::read_dir(&plots).unwrap().count(), files);
    }
}

fn check_png(path: &Path) {
    let decoder = png::Decoder::new(std::io::BufReader::new(fs::File::open(path).unwrap()));
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    let sane = 300..6000;
    assert!(
        sane.contains(&info.width) && sane.contains(&info.height),
        "{info:?}"
    );
    let white = pixels.iter().filter(|&&byte| byte == 255).count();
    assert!(
        white > pixels.len() / 10 && white < pixels.len() * 99 / 100,
        "{}",
        path.display()
    );
}

/// Every tag is closed, `&` starts an entity, and the tasks are named (the
/// curves of many tasks name their groups).
fn check_svg(path: &Path, run: &GeneratedRun, curves: bool) {
    let svg = fs::read_to_string(path).unwrap();
    let mut open = Vec::new();
    for piece in svg.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap();
        assert!(
            text.split('&').skip(1).all(|entity| entity.contains(';')),
            "{text}"
        );
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') {
            open.push(tag.split(' ').next().unwrap());
        }
    }
    assert!(open.is_empty(), "{open:?}");
    let escape = |name: &str| {
        name.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    };
    let groups = run.summary.groups();
    if curves && groups.len() == 3 {
        assert!(groups.iter().all(|group| svg.contains(&escape(group))));
        return;
    }
    for task in &run.summary.tasks {
        assert!(
            svg.contains(&escape(&task.name)),
            "{}: {}",
            path.display(),
            task.name
        );
    }
}

#[test]
fn prints_the_allocation_the_similarity_and_the_results() {
    let mut run = generated_runs::digits();
    for layer in &mut run.summary.routed_layers {
        layer.allocation = vec![
            vec![1, 1, 0, 0],
            vec![1, 0, 0, 0],
            vec![0, 0, 1, 1],
            vec![0; 4],
        ];
    }
    run.summary.tasks[0].results = [("test".to_owned(), 0.9352)].into();
    let run_directory = directory(&run);
    let printed = text(&plot(run_directory.path(), &[]).stdout);
    for line in [
        "mnist · gumbel_matrix · seed 1 · 150,000 task steps · data: generated (a stand-in)",
        "               conv1  conv2  conv3  used",
        "upright",
        "  MNIST        ■■··   ■■··   ■■··   6 of 12",
        "  MNIST-Rot-2  ····   ····   ····   0 of 12",
        "  MNIST        1 1.00 0.71 0.00 0.00",
        "  MNIST-Rot-2  4 0.00 0.00 0.00 0.00",
        "Pairs of tasks of the same group: 0.35; of different groups: 0.00",
    ] {
        assert!(
            printed.lines().any(|printed| printed == line),
            "{line}\nin\n{printed}"
        );
    }
    let row = printed
        .lines()
        .find(|line| line.starts_with("MNIST "))
        .unwrap();
    let cells: Vec<&str> = row.split_whitespace().collect();
    assert_eq!(cells[..4], ["MNIST", "upright", "-", "93.52"]);
}

#[test]
fn plots_go_where_out_says() {
    let run_directory = directory(&generated_runs::fixed());
    let out = run_directory.path().join("some/where");
    let output = plot(run_directory.path(), &["--out", out.to_str().unwrap()]);
    assert!(output.status.success(), "{output:?}");
    assert!(out.join("allocation.png").exists());
    assert!(!run_directory.path().join("plots").exists());
}

#[test]
fn a_torn_last_line_is_left_out_with_a_warning() {
    let whole = generated_runs::digits();
    let run_directory = directory(&whole);
    let path = run_directory.path().join("metrics.jsonl");
    let metrics = fs::read_to_string(&path).unwrap();
    fs::write(&path, &metrics[..metrics.len() - 20]).unwrap();
    let output = plot(run_directory.path(), &[]);
    assert!(output.status.success(), "{output:?}");
    let warning = text(&output.stderr);
    let expected = format!("warning: the last line ({}) of `", whole.metrics.len());
    assert!(warning.starts_with(&expected), "{warning}");
}

#[test]
fn a_run_without_metrics_gives_a_warning_and_two_figures() {
    for empty in [false, true] {
        let run_directory = directory(&generated_runs::digits());
        let path = run_directory.path().join("metrics.jsonl");
        if empty {
            fs::write(path, "").unwrap();
        } else {
            fs::remove_file(path).unwrap();
        }
        let output = plot(run_directory.path(), &[]);
        assert!(output.status.success(), "{output:?}");
        assert!(text(&output.stderr).contains("nothing is drawn over time"));
        assert_eq!(
            fs::read_dir(run_directory.path().join("plots"))
                .unwrap()
                .count(),
            4
        );
    }
}

#[test]
fn a_directory_that_is_no_run_is_refused() {
    let run_directory = tempfile::tempdir().unwrap();
    let hint = "give the directory that a run was saved to";
    assert_eq!(
        failure(run_directory.path()),
        format!("error: `summary.json` does not exist; {hint}")
    );
    let missing = run_directory.path().join("missing");
    let message = failure(&missing);
    assert!(
        message.ends_with(&format!("missing` is not a directory; {hint}")),
        "{message}"
    );
}

/// An error in a run directory: the file, what is replaced, by what, and the
/// sentence.
type Damage = (&'static str, &'static str, &'static str, &'static str);

#[test]
fn each_broken_file_gets_its_sentence() {
    let damages: [Damage; 11] = [
        (
            "summary.json",
            "\"seed\": 1",
            "\"seed\": one",
            "`summary.json` is broken at line 5: expected value",
        ),
        (
            "summary.json",
            "\"format\": 1,",
            "",
            "`summary.json` is broken at line 66: missing field `format`",
        ),
        (
            "summary.json",
            "\"seed\"",
            "\"root\"",
            "`summary.json` is broken at line 66: missing field `seed`",
        ),
        (
            "summary.json",
            "\"format\": 1",
            "\"format\": 7",
            "`summary.json` has format 7, newer than 1, the newest that this program reads; update the program",
        ),
        (
            "summary.json",
            "\"allocation\": [\n        [\n          1,",
            "\"allocation\": [\n        [",
            "`summary.json` is not consistent: row 0 of `allocation` of routed layer `hidden` has 7 values, but the layer has 8 components",
        ),
        (
            "summary.json",
            "\"allocation\": [\n        [\n          1,",
            "\"allocation\": [[],\n        [\n          1,",
            "`summary.json` is not consistent: `allocation` of routed layer `hidden` has 2 rows, but there are 1 tasks",
        ),
        (
            "summary.json",
            "\"allocation\": [\n        [\n          1,",
            "\"allocation\": [\n        [\n          2,",
            "`summary.json` is not consistent: `allocation` of routed layer `hidden` holds 2, neither 0 nor 1",
        ),
        (
            "metrics.jsonl",
            "\"kind\":\"train\"",
            "\"kind\":\"other\"",
            "`metrics.jsonl` is broken at line 1: unknown variant `other`, expected `train` or `evaluation`",
        ),
        (
            "metrics.jsonl",
            "\"task_loss\":[",
            "\"task_loss\":[0.5,",
            "`metrics.jsonl` is not consistent: line 1: `task_loss` has 2 values, but there are 1 tasks",
        ),
        (
            "metrics.jsonl",
            "{\"hidden\":",
            "{\"other\":",
            "`metrics.jsonl` is not consistent: line 1: `probabilities` names the layer `other`, which the summary does not have",
        ),
        (
            "metrics.jsonl",
            "{\"hidden\":[[",
            "{\"hidden\":[[1.5,",
            "`metrics.jsonl` is not consistent: line 1: row 0 of `probabilities.hidden` has 9 values, but the layer has 8 components",
        ),
    ];
    for (file, from, to, sentence) in damages {
        let run_directory = directory(&generated_runs::single());
        edit(&run_directory, file, from, to);
        assert_eq!(failure(run_directory.path()), format!("error: {sentence}"));
    }
}

#[test]
fn a_figure_that_cannot_be_written_is_named() {
    let run_directory = directory(&generated_runs::fixed());
    fs::create_dir_all(run_directory.path().join("plots/similarity.png")).unwrap();
    let output = plot(run_directory.path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    let message = text(&output.stderr);
    assert!(message.starts_with("error: cannot write `"), "{message}");
    assert!(message.contains("plots/similarity.png`: "), "{message}");
    let mut left = fs::read_dir(run_directory.path().join("plots"))
        .unwrap()
        .flatten();
    assert!(left.all(|entry| !is_left_over(&entry.path())));

    let file = run_directory.path().join("file");
    fs::write(&file, "").unwrap();
    let output = plot(run_directory.path(), &["--out", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let message = text(&output.stderr);
    assert!(
        message.starts_with("error: cannot create the directory `"),
        "{message}"
    );
}

#[test]
fn a_run_of_version_0_1_is_plotted() {
    let out = tempfile::tempdir().unwrap();
    let out = out.path().to_str().unwrap();
    let output = plot(&run_of_version_0_1(), &["--out", out]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(text(&output.stderr), "");
    for name in ["allocation", "similarity", "probabilities", "curves"] {
        check_png(&Path::new(out).join(format!("{name}.png")));
    }
}

#[test]
fn several_runs_are_plotted_one_after_the_other() {
    let root = tempfile::tempdir().unwrap();
    let [first, second] = ["first", "second"].map(|name| root.path().join(name));
    write(&generated_runs::fixed(), &first);
    write(&generated_runs::single(), &second);
    let (missing, out) = (root.path().join("missing"), root.path().join("out"));
    let paths = [&first, &missing, &second].map(|path| path.to_str().unwrap());

    // One that fails keeps no other from being plotted.
    let output = tool(&[&["plot"], &paths[..], &["--out", out.to_str().unwrap()]].concat());
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let message = text(&output.stderr);
    let lines: Vec<&str> = message.lines().collect();
    assert!(
        lines[0].contains("missing` is not a directory"),
        "{message}"
    );
    assert_eq!(lines[1..], ["error: 1 of 3 runs could not be plotted"]);
    for name in ["first", "second"] {
        assert!(out.join(name).join("curves.svg").exists());
    }

    let output = tool(&["plot", paths[0], paths[2]]);
    assert!(output.status.success(), "{output:?}");
    let printed = text(&output.stdout);
    assert!(printed.contains(&format!("== {}\n", first.display())));
    assert!(first.join("plots/curves.svg").exists() && second.join("plots/curves.svg").exists());

    // Two runs of one name would overwrite each other's plots.
    let deeper = root.path().join("deeper/first");
    write(&generated_runs::fixed(), &deeper);
    let both = ["plot", paths[0], deeper.to_str().unwrap(), "--out"];
    let output = tool(&[&both[..], &[root.path().join("new").to_str().unwrap()]].concat());
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(text(&output.stderr).contains("would both go to"));
    assert!(!root.path().join("new").exists());
}
