//! The tree itself: what the documents name exists, and no file is long.

use std::path::{Path, PathBuf};

/// Lines of a source file at most.
const MAX_LINES: usize = 450;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// All files with this ending, without build output and hidden directories.
fn files(ending: &str) -> Vec<PathBuf> {
    let mut directories = vec![root().to_path_buf()];
    let mut found = Vec::new();
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(&directory).expect("a readable directory") {
            let entry = entry.expect("a readable directory");
            let (path, name) = (entry.path(), entry.file_name());
            let name = name.to_string_lossy();
            let is_output = directory == root() && (name == "target" || name == "runs");
            if name.starts_with('.') || is_output {
                continue;
            }
            if entry.file_type().expect("a file").is_dir() {
                directories.push(path);
            } else if name.ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root())
        .unwrap_or(path)
        .display()
        .to_string()
}

#[test]
fn no_source_file_is_long() {
    let sources = files(".rs");
    assert!(sources.len() > 50, "{sources:?}");
    let long: Vec<String> = (sources.iter())
        .map(|path| (path, read(path).lines().count()))
        .filter(|(_, lines)| *lines > MAX_LINES)
        .map(|(path, lines)| format!("{}: {lines} lines", shown(path)))
        .collect();
    assert!(
        long.is_empty(),
        "more than {MAX_LINES} lines:\n{}",
        long.join("\n")
    );
}

/// What stands in backticks outside of fenced blocks.
fn quoted(text: &str) -> Vec<&str> {
    let mut quoted = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            quoted.extend(line.split('`').skip(1).step_by(2));
        }
    }
    quoted
}

/// Endings of files that a document may name by their path.
const ENDINGS: [&str; 9] = [
    "rs",
    "md",
    "toml",
    "json",
    "yml",
    "sh",
    "lock",
    "stderr",
    "safetensors",
];

/// True if `words` names a file or directory of the tree: `src/x.rs`, `docs/`,
/// `x.rs`. Paths with placeholders, outside of the tree and of what a run
/// writes are not, nor are bare names such as `config.json`.
fn is_path(words: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    let starts = words.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '.');
    let outputs = ["runs/", "target/", "checkpoints/", "plots/", "tensorboard/"];
    let is_output = outputs.iter().any(|f| words.starts_with(f));
    if !starts || is_output || words.starts_with("..") || !words.chars().all(plain) {
        return false;
    }
    let ending = Path::new(words).extension().and_then(|e| e.to_str());
    match words.contains('/') {
        true => words.ends_with('/') || ending.is_some_and(|e| ENDINGS.contains(&e)),
        false => ending.is_some_and(|e| e == "rs" || e == "md"),
    }
}

#[test]
fn paths_are_told_from_other_words() {
    let path = [
        "README.md",
        "docs/",
        "a/b.rs",
        ".ci/run.sh",
        "tests/tests/documents_and_files.rs",
    ];
    assert!(path.into_iter().all(is_path));
    let other = [
        "and/or",
        "x.y",
        "1/2",
        "--data",
        "a b.rs",
        "<dir>/a.rs",
        "*.rs",
        "/etc/a.rs",
        "f32",
        "runs/x/summary.json",
        "conv1.0.0.weight",
        "../x.rs",
        "config.json",
    ];
    let taken: Vec<_> = other.into_iter().filter(|w| is_path(w)).collect();
    assert!(taken.is_empty(), "{taken:?}");
    let text = "a `b.rs`\n```sh\n`c.rs`\n```\nand `d.rs`, `e`";
    assert_eq!(quoted(text), ["b.rs", "d.rs", "e"]);
}

/// Targets of the links `[text](target)` to files of the tree.
fn linked(text: &str) -> Vec<&str> {
    let targets = text
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    targets
        .map(|target| target.split('#').next().unwrap_or_default())
        .filter(|target| !target.is_empty() && !target.contains([':', ' ']))
        .collect()
}

#[test]
fn every_link_in_the_documents_leads_somewhere() {
    let text = "[a](b.md#c), [d](https://e.f), ![g](h/i.png) and [j](#k)";
    assert_eq!(linked(text), ["b.md", "h/i.png"]);
    let mut missing = Vec::new();
    for document in files(".md") {
        // Links of what is documentation of code lead to items.
        if document.components().any(|part| part.as_os_str() == "src") {
            continue;
        }
        let directory = document.parent().expect("in a directory");
        for target in linked(&read(&document)) {
            if !directory.join(target).exists() {
                missing.push(format!("{}: {target}", shown(&document)));
            }
        }
    }
    assert!(missing.is_empty(), "no such file:\n{}", missing.join("\n"));
}

/// A path counts from the root, from the document's own directory, or as the
/// end of a path in the tree (`engine.rs` in a text about one directory).
#[test]
fn every_path_in_the_documents_exists() {
    let everything = files("");
    let mut missing = Vec::new();
    for document in files(".md") {
        let directory = document.parent().expect("in a directory").to_path_buf();
        for path in quoted(&read(&document)).into_iter().filter(|w| is_path(w)) {
            let here = [root(), directory.as_path()]
                .iter()
                .any(|f| f.join(path).exists());
            let inside = !path.contains('/') && everything.iter().any(|f| f.ends_with(path));
            if !here && !inside {
                missing.push(format!("{}: `{path}`", shown(&document)));
            }
        }
    }
    assert!(missing.is_empty(), "no such file:\n{}", missing.join("\n"));
}
