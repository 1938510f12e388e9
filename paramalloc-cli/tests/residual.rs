//! The network for a table with residual blocks.

mod support;

use std::fs;

use support::succeeds_in;

#[test]
fn it_is_trained_resumed_predicted_pruned_and_exported() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path();
    let rows = (0..200).map(|row| {
        let (a, b) = (row * 37 % 101, row * 53 % 89);
        format!("{a},{b},{},{}\n", u8::from(a + b > 90), u8::from(b > 40))
    });
    let table = "a,b,sick,tall\n".to_owned() + &rows.collect::<String>();
    fs::write(directory.join("t.csv"), table).unwrap();
    let train = "train --table t.csv --targets sick,tall --hidden 8,6 --components 3 \
                 --batch-size 16 --epochs 30 --patience 30 --quiet --logdir";
    succeeds_in(directory, &format!("{train} run --residual"));
    let summary = fs::read(directory.join("run/summary.json")).unwrap();
    let summary: serde_json::Value = serde_json::from_slice(&summary).unwrap();
    for task in summary["tasks"].as_array().unwrap() {
        let area = task["results"]["test"].as_f64().unwrap();
        assert!(area > 0.9, "{summary}");
    }
    let (plan, _) = succeeds_in(directory, "show run --plan");
    for part in ["dense2", "residual", "norm"] {
        assert!(plan.contains(part), "no `{part}` in {plan}");
    }
    succeeds_in(directory, "predict run t.csv --out p.csv");
    // Both check that what they write computes the same.
    succeeds_in(directory, "prune run --task tall --out tall.safetensors");
    succeeds_in(directory, "export run --out all.onnx");
    succeeds_in(directory, "export run --task sick --out sick.onnx");
    let size = |name: &str| fs::metadata(directory.join(name)).unwrap().len();
    assert!(size("sick.onnx") < size("all.onnx"));

    // Plain it is another network.
    succeeds_in(directory, &format!("{train} plain"));
    let network = |run: &str| fs::read(directory.join(run).join("network.json")).unwrap();
    assert_ne!(network("run"), network("plain"));
}
