//! `paramalloc show` on runs of every state.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

mod support;

use paramalloc_core::network::{Field, Head, Outputs, Sharing};
use paramalloc_core::prelude::*;
use paramalloc_core::summary::{FileContent, RunManifest};
use support::generated_runs;

use serde_json::json;
use support::{configure, directory, fails, run_of_version_0_1, succeeds, text, tool, trained};

/// The line of the heading that starts with `name`.
fn line<'a>(text: &'a str, name: &str) -> &'a str {
    let mut lines = text.lines();
    let line = lines.find_map(|line| line.strip_prefix(name));
    line.unwrap_or_else(|| panic!("no {name} in\n{text}"))
        .trim()
}

#[test]
fn a_finished_run_is_shown_with_results_and_files() {
    let run = directory(&generated_runs::digits());
    let shown = succeeds(&["show", run.path().to_str().unwrap()]);
    assert_eq!(line(&shown, "experiment"), "mnist, of paramalloc 0.1.0");
    assert_eq!(
        line(&shown, "state"),
        "finished, 150,000 of 150,000 task steps"
    );
    assert_eq!(line(&shown, "method"), "gumbel_matrix, seed 1");
    assert!(line(&shown, "data").contains("not published data"));
    assert_eq!(line(&shown, "tasks"), "4 in groups upright, rotated");
    assert!(line(&shown, "routed layers").starts_with("conv1 (4 x conv5x5), conv2 "));
    for section in ["\nResults\n", "\nAllocation ", "are not decided yet"] {
        assert!(shown.contains(section), "{section} is not in\n{shown}");
    }
    let size = fs::metadata(run.path().join("config.json")).unwrap().len();
    assert_eq!(line(&shown, "config.json"), size.to_string());
}

#[test]
fn a_stopped_and_a_running_run_say_so() {
    let run = directory(&generated_runs::alphabets());
    let shown = succeeds(&["show", run.path().to_str().unwrap()]);
    assert_eq!(
        line(&shown, "state"),
        "stopped, 160,000 of 320,000 task steps"
    );

    // A running run has no summary yet, and a locked file.
    fs::remove_file(run.path().join("summary.json")).unwrap();
    let lock = File::create(run.path().join("run.lock")).unwrap();
    lock.try_lock().unwrap();
    let shown = succeeds(&["show", run.path().to_str().unwrap()]);
    assert_eq!(
        line(&shown, "state"),
        "running, at least 160,000 task steps"
    );
    drop(lock);
    fs::remove_file(run.path().join("metrics.jsonl")).unwrap();
    let shown = succeeds(&["show", run.path().to_str().unwrap()]);
    assert_eq!(line(&shown, "state"), "stopped, no task step logged yet");
}

#[test]
fn a_running_run_is_followed_to_its_end() {
    let parent = tempfile::tempdir().unwrap();
    let run = trained(parent.path());
    let run = Path::new(&run);
    // As it was before its end.
    let (summary, later) = (run.join("summary.json"), run.join("later"));
    fs::rename(&summary, &later).unwrap();
    let lock = File::open(run.join("run.lock")).unwrap();
    lock.lock().unwrap();
    let mut follower = Command::new(env!("CARGO_BIN_EXE_paramalloc"))
        .args(["show", "--follow", run.to_str().unwrap()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(follower.stdout.take().unwrap()).lines();
    let mut next = || lines.next().unwrap().unwrap();
    assert!(next().starts_with("task step 48 of 48, test accuracy "));
    let progress = next();
    assert!(
        progress.starts_with("task step 48 of 48 (100 %), "),
        "{progress}"
    );
    assert!(
        progress.contains(" task steps/s while training, 0 s left with evaluations, loss "),
        "{progress}"
    );
    fs::rename(&later, &summary).unwrap();
    drop(lock);
    let shown: String = lines.map(|line| line.unwrap() + "\n").collect();
    assert!(follower.wait().unwrap().success());
    assert_eq!(line(&shown, "state"), "finished, 48 of 48 task steps");
    assert!(shown.contains("\nResults\n"), "{shown}");
    // Nobody trains it any more.
    let shown = succeeds(&["show", "--follow", run.to_str().unwrap()]);
    assert!(shown.starts_with("run "), "{shown}");
}

#[test]
fn a_damaged_checkpoint_is_named_and_is_a_failure() {
    let run = directory(&generated_runs::fixed());
    fs::create_dir(run.path().join("checkpoints")).unwrap();
    fs::write(
        run.path().join("checkpoints/step-000000001.safetensors"),
        "no",
    )
    .unwrap();
    let output = tool(&["show", run.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let shown = text(&output.stdout);
    assert!(line(&shown, "checkpoints/step-000000001.safetensors").contains("DAMAGED: "));
    let message = text(&output.stderr);
    assert!(
        message.starts_with("error: 1 of the files of `"),
        "{message}"
    );
}

/// A run that was killed between a checkpoint and its manifest is not damaged.
#[test]
fn a_checkpoint_is_judged_by_its_own_checksum() {
    let parent = tempfile::tempdir().unwrap();
    let run = trained(parent.path());
    let path = parent.path().join("run/manifest.json");
    let mut manifest: RunManifest = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let checkpoints = manifest.files.iter_mut();
    for (_, content) in checkpoints.filter(|(name, _)| name.starts_with("checkpoints/")) {
        content.crc32 ^= 1;
    }
    fs::write(&path, serde_json::to_vec(&manifest).unwrap()).unwrap();
    let shown = succeeds(&["show", &run]);
    assert!(shown.contains("checkpoints/step-"), "{shown}");
}

#[test]
fn files_are_compared_with_the_manifest() {
    let run = directory(&generated_runs::fixed());
    let content = |name: &str| FileContent::of(&fs::read(run.path().join(name)).unwrap());
    let mut manifest = RunManifest::default();
    for name in ["config.json", "summary.json"] {
        manifest.files.insert(name.to_owned(), content(name));
    }
    let metrics = "metrics.jsonl".to_owned();
    manifest.growing.insert(metrics.clone(), content(&metrics));
    let write = |manifest: &RunManifest| {
        let text = serde_json::to_string(manifest).unwrap();
        fs::write(run.path().join("manifest.json"), text).unwrap();
    };
    write(&manifest);
    let path = run.path().to_str().unwrap();
    let shown = succeeds(&["show", path]);
    for name in ["config.json", "summary.json", "metrics.jsonl"] {
        assert!(line(&shown, name).ends_with("valid"), "{shown}");
    }

    manifest
        .files
        .insert("gone.safetensors".to_owned(), content("config.json"));
    write(&manifest);
    fs::write(run.path().join("config.json"), r#"{"experiment": "mnist"}"#).unwrap();
    let output = tool(&["show", path]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let shown = text(&output.stdout);
    assert!(line(&shown, "config.json").contains("DAMAGED: "), "{shown}");
    assert!(
        line(&shown, "gone.safetensors").ends_with("MISSING"),
        "{shown}"
    );
    assert!(text(&output.stderr).contains("2 of the files"));

    manifest.format += 1;
    write(&manifest);
    assert!(fails(&["show", path]).contains("manifest.json` has format 2, newer than 1"));
}

#[test]
fn the_plan_has_each_operation_and_what_each_task_uses() {
    const FIELDS: &[Field] = &[
        Field::shared(
            "stem",
            <(
                Conv2D<3, 4, 3, 2, Same>,
                ReLU,
                MaxPool2D<2, 2, Same>,
                Flatten2D,
            ) as Layer>::SPEC,
        ),
        Field::routed("layer0", 2, <Linear<16, 8> as Layer>::SPEC),
    ];
    const HEAD: Head = Head::new("head", 8, Outputs::FromData, Loss::SoftmaxCrossEntropy);
    const NETWORK: Network = Network::new("Small", Dims::image(3, 8, 8), None, FIELDS, HEAD);
    let mut generated = generated_runs::sized(3, 1, 2);
    generated.summary.routed_layers[0].allocation = vec![vec![1, 1], vec![1, 0], vec![0, 0]];
    let run = directory(&generated);
    let path = run.path().to_str().unwrap();
    let message = fails(&["show", "--plan", path]);
    assert!(
        message.contains("network.json` does not exist"),
        "{message}"
    );

    let write = |format: u32| {
        let file = json!({ "format": format, "network": NETWORK });
        fs::write(run.path().join("network.json"), file.to_string()).unwrap();
    };
    write(1);
    assert!(fails(&["show", "--plan", path]).contains("how many outputs"));
    configure(run.path(), |config| {
        config["tasks"] = json!([{"outputs": 10}, {"outputs": 10}, {"outputs": 3}]);
    });
    let shown = succeeds(&["show", path, "--plan"]);
    let words = |start: &str| line(&shown, start).split_whitespace().collect::<Vec<_>>();
    assert!(
        shown.starts_with("Network Small: an example is 3x8x8;"),
        "{shown}"
    );
    let stem = "shared conv 3x3, stride 2, ReLU 3x8x8 4x4x4 112 1,728 groups: another window";
    assert_eq!(words("stem ").join(" "), stem);
    assert_eq!(
        words("layer0 ").join(" "),
        "0 to 1 linear 16 features 8 features 136 128 groups: only 128 weights"
    );
    assert_eq!(
        words("(heads) ").join(" "),
        "tasks 0 to 1 linear 8 features 10 features 90 80 groups: only 80 weights"
    );
    assert!(shown.contains("\n         task 2 "), "{shown}");
    // 112 + 2 * 136 parameters and 1,728 + 2 * 128 multiply-adds are all.
    assert_eq!(
        words("task 0 "),
        [
            "10", "384", "100.0", "%", "1,984", "100.0", "%", "softmax", "cross", "entropy"
        ]
    );
    assert_eq!(
        words("task 1 "),
        [
            "10", "248", "64.6", "%", "1,856", "93.5", "%", "softmax", "cross", "entropy"
        ]
    );
    assert_eq!(
        words("task 2 "),
        [
            "3", "112", "29.2", "%", "1,728", "87.1", "%", "softmax", "cross", "entropy"
        ]
    );

    write(2);
    let message = fails(&["show", "--plan", path]);
    assert!(
        message.contains("network.json` has format 2, newer than 1"),
        "{message}"
    );
    write(1);
    configure(run.path(), |config| {
        config["tasks"] = json!([{"outputs": 10}])
    });
    assert!(fails(&["show", "--plan", path]).contains("is not the network of"));
}

/// As the run says how convolutions are computed; before there was a choice
/// they were direct.
#[test]
fn the_plan_says_how_wide_convolutions_are_computed() {
    const FIELDS: &[Field] = &[
        Field::shared("wide", <Conv2D<16, 16, 3, 1, Same> as Layer>::SPEC),
        Field::shared(
            "narrow",
            <(Conv2D<16, 2, 5, 1, Same>, Flatten2D) as Layer>::SPEC,
        ),
    ];
    const HEAD: Head = Head::new("head", 128, Outputs::FromData, Loss::SoftmaxCrossEntropy);
    const NETWORK: Network = Network::new("Wide", Dims::image(16, 8, 8), None, FIELDS, HEAD);
    let run = directory(&generated_runs::sized(3, 1, 2));
    let file = json!({ "format": 1, "network": NETWORK });
    fs::write(run.path().join("network.json"), file.to_string()).unwrap();
    // The allocation is that of another network.
    fs::remove_file(run.path().join("summary.json")).unwrap();
    for (stored, expected) in [
        (None, ["groups: direct is chosen"; 2]),
        (Some("direct"), ["groups: direct is chosen"; 2]),
        (Some("auto"), ["Winograd: 3x3", "groups: narrow"]),
        (Some("winograd"), ["Winograd: 3x3", "Winograd: 5x5"]),
    ] {
        configure(run.path(), |config| {
            config["tasks"] = json!([{"outputs": 10}, {"outputs": 10}, {"outputs": 3}]);
            if let Some(stored) = stored {
                config["convolution"] = json!(stored);
            }
        });
        let shown = succeeds(&["show", run.path().to_str().unwrap(), "--plan"]);
        for (field, expected) in ["wide", "narrow"].into_iter().zip(expected) {
            let found = line(&shown, field);
            assert!(found.trim_end().ends_with(expected), "{stored:?}: {found}");
        }
    }
}

#[test]
fn the_plan_says_which_task_sees_what_of_gates() {
    const ALTERNATIVES: Spec = <AnyOf<(Linear<4, 4>, (Linear<4, 8>, ReLU, Linear<8, 4>))>>::SPEC;
    const GATED: Sharing = Sharing::Gated {
        copies: 2,
        private: 1,
    };
    const FIELDS: &[Field] = &[Field::new("experts", ALTERNATIVES, GATED)];
    const HEAD: Head = Head::new("head", 4, Outputs::FromData, Loss::SoftmaxCrossEntropy);
    const NETWORK: Network = Network::new("Cgc", Dims::features(4), None, FIELDS, HEAD);
    let run = directory(&generated_runs::sized(3, 1, 2));
    let file = json!({ "format": 1, "network": NETWORK });
    fs::write(run.path().join("network.json"), file.to_string()).unwrap();
    fs::remove_file(run.path().join("summary.json")).unwrap();
    for (tasks, seen) in [
        (
            2,
            "all tasks see 0 to 3, task 0 sees 4 to 5, task 1 sees 6 to 7",
        ),
        (
            6,
            "all tasks see 0 to 3, task 0 sees 4 to 5, task 1 sees 6 to 7, task 2 sees 8 to 9, and so on, task 5 sees 14 to 15",
        ),
    ] {
        configure(run.path(), |config| {
            config["tasks"] = json!(vec![json!({"outputs": 3}); tasks]);
        });
        let shown = succeeds(&["show", run.path().to_str().unwrap(), "--plan"]);
        assert_eq!(line(&shown, "Components of experts:"), seen);
        let mut rows = shown
            .lines()
            .skip_while(|line| !line.starts_with("experts"));
        for start in [
            "experts  0 to 1 ",
            "2 to 3 ",
            "",
            "1 of each task ",
            "1 of each task ",
            "",
            "each task's own ",
        ] {
            let row = rows.next().unwrap().trim_start();
            assert!(row.starts_with(start), "{start}: {shown}");
        }
    }
}

#[test]
fn fields_with_the_router_of_another_say_so() {
    const LINEAR: Spec = Linear::<4, 4>::SPEC;
    let mut generated = generated_runs::sized(3, 2, 2);
    let names = ["first", "second"];
    for (layer, name) in generated.summary.routed_layers.iter_mut().zip(names) {
        layer.name = name.to_owned();
        layer.components = vec!["linear".to_owned(); 2];
        layer.router_of = (name == "second").then(|| "first".to_owned());
    }
    let run = directory(&generated);
    let network = Network::builder("Joined", Dims::features(4))
        .routed("first", 2, LINEAR)
        .routed_with("second", 2, LINEAR, "first")
        .head("head", Outputs::FromData, Loss::SoftmaxCrossEntropy)
        .build();
    let file = json!({ "format": 1, "network": network.unwrap() });
    fs::write(run.path().join("network.json"), file.to_string()).unwrap();
    let path = run.path().to_str().unwrap();
    let shown = succeeds(&["show", path]);
    assert!(
        shown.contains("first (2 x linear), second (2 x linear, as first)"),
        "{shown}"
    );
    assert!(shown.contains("  second (as first)"), "{shown}");
    fs::remove_file(run.path().join("summary.json")).unwrap();
    configure(run.path(), |config| {
        config["tasks"] = json!(vec![json!({"outputs": 3}); 3]);
    });
    let shown = succeeds(&["show", path, "--plan"]);
    let line = "second has the router of first, and so its allocation";
    assert!(shown.lines().any(|other| other == line), "{shown}");
}

#[test]
fn a_run_of_version_0_1_is_shown() {
    let shown = succeeds(&["show", run_of_version_0_1().to_str().unwrap()]);
    assert_eq!(line(&shown, "experiment"), "mnist, of paramalloc 0.1.0");
    assert_eq!(line(&shown, "state"), "finished, 300 of 300 task steps");
}

#[test]
fn a_directory_that_is_no_run_is_refused() {
    let empty = tempfile::tempdir().unwrap();
    let output = tool(&["show", empty.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("summary.json` does not exist"));
}
