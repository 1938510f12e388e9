//! Files of a run that somebody changed after it: `manifest.json` tells.

mod support;

use std::fs;
use std::path::Path;

use paramalloc_core::summary::{FileContent, RunManifest};
use support::{directory, fails, generated_runs, text, tool};

/// Writes the manifest of the files as they are.
fn write_manifest(run: &Path) {
    let content = |name: &str| FileContent::of(&fs::read(run.join(name)).unwrap());
    let mut manifest = RunManifest::default();
    (manifest.files).insert("summary.json".into(), content("summary.json"));
    (manifest.growing).insert("metrics.jsonl".into(), content("metrics.jsonl"));
    let json = serde_json::to_vec(&manifest).unwrap();
    fs::write(run.join("manifest.json"), json).unwrap();
}

/// Changes the first digit of a file that it finds.
fn change_a_digit(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let digit = bytes.windows(2).position(|w| w == b"0.").unwrap() + 2;
    bytes[digit] = if bytes[digit] == b'9' { b'1' } else { b'9' };
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_changed_digit_is_noticed() {
    let run = directory(&generated_runs::fixed());
    let run = run.path();
    let path = run.to_str().unwrap();
    write_manifest(run);
    let plotted = tool(&["plot", path]);
    assert!(
        plotted.status.success() && plotted.stderr.is_empty(),
        "{plotted:?}"
    );
    tool(&["compare", path]);

    for name in ["summary.json", "metrics.jsonl"] {
        let whole = fs::read(run.join(name)).unwrap();
        change_a_digit(&run.join(name));
        // Figures can be looked at anyway.
        let plotted = tool(&["plot", path]);
        assert!(plotted.status.success(), "{plotted:?}");
        let warning = text(&plotted.stderr);
        assert!(
            warning.starts_with("warning: ") && warning.contains(name),
            "{warning}"
        );
        assert!(warning.contains("manifest.json"), "{warning}");
        if name == "summary.json" {
            let sentence = fails(&["compare", path]);
            assert!(sentence.contains("summary.json"), "{sentence}");
        }
        fs::write(run.join(name), whole).unwrap();
    }
    assert!(tool(&["plot", path]).stderr.is_empty());
}
