//! JSON files of a run that are read on their own.

use std::fs;
use std::path::Path;

use paramalloc_core::network::plan::Plan;
use paramalloc_core::network::{Multitask, Network, Registry};
use paramalloc_core::summary::{
    self, CONFUSION, Confusion, RunManifest, TaskConfusion, read_metrics,
};
use paramalloc_core::text::brief;
use paramalloc_plot::{Run, confusion};

use super::run::{TinyNet, trained};
use crate::mutate::Parts;
use crate::target::{Target, Verdict, sentence};

/// No report of a run is longer, whatever its numbers are.
const LONGEST_REPORT: usize = 1 << 20;

/// A network as JSON, and what it resolves to.
pub struct NetworkFile;

impl Target for NetworkFile {
    fn name(&self) -> &'static str {
        "network"
    }

    fn seeds(&self) -> Vec<Parts> {
        let networks = [
            TinyNet::NETWORK,
            experiments::MnistNet::NETWORK,
            experiments::OwnNet::NETWORK,
        ];
        let json = networks.map(|network| serde_json::to_vec(&network));
        json.map(|json| vec![json.expect("a network is JSON")])
            .into()
    }

    fn read(&mut self, bytes: &[u8], _: &Path) -> Verdict {
        let mut network: Network = serde_json::from_slice(bytes).map_err(brief)?;
        network.bind(&Registry::new()).map_err(sentence)?;
        let widths = [[1; 2], [10; 2]];
        let plans = widths.map(|widths| Plan::new(&network, &widths));
        let [first, second] = plans.map(|plan| plan.map(|plan| plan.parameter_len()));
        first.or(second).map(drop).map_err(sentence)
    }
}

/// `manifest.json`.
pub struct Manifest;

impl Target for Manifest {
    fn name(&self) -> &'static str {
        "manifest"
    }

    fn seeds(&self) -> Vec<Parts> {
        vec![vec![
            fs::read(trained().join("manifest.json")).expect("a manifest"),
        ]]
    }

    fn read(&mut self, bytes: &[u8], directory: &Path) -> Verdict {
        fs::write(directory.join("manifest.json"), bytes).map_err(sentence)?;
        let manifest = RunManifest::read(directory).ok_or("no manifest")?;
        manifest.changed(directory).map(drop).map_err(sentence)
    }
}

/// `confusion.json`, and what is shown of it.
pub struct ConfusionFile;

impl Target for ConfusionFile {
    fn name(&self) -> &'static str {
        "confusion"
    }

    fn seeds(&self) -> Vec<Parts> {
        let of = |name: &str, classes: &[&str], counts: &[&[u64]]| TaskConfusion {
            name: name.to_owned(),
            label: None,
            classes: classes.iter().map(|&class| class.to_owned()).collect(),
            counts: [("test", counts), ("train", counts)]
                .map(|(split, counts)| {
                    let rows = counts.iter().map(|row| row.to_vec());
                    (split.to_owned(), rows.collect())
                })
                .into(),
        };
        let confusion = Confusion {
            global_step: 1200,
            tasks: vec![
                of("sick", &["0", "1"], &[&[90, 10], &[1, 3]]),
                of("kind", &["x", "y"], &[&[5, 0], &[2, 6]]),
            ],
            ..Confusion::default()
        };
        vec![vec![confusion.to_bytes().expect("a file")]]
    }

    fn read(&mut self, bytes: &[u8], directory: &Path) -> Verdict {
        fs::write(directory.join(CONFUSION), bytes).map_err(sentence)?;
        let read = Confusion::read(directory).map_err(sentence)?;
        let confusion = read.ok_or("no confusion")?;
        let text = confusion::text(&confusion, 80);
        assert!(text.len() < LONGEST_REPORT, "{} bytes", text.len());
        let control = text.chars().find(|c| c.is_control() && *c != '\n');
        assert!(control.is_none(), "the text has {control:?}");
        Ok(())
    }
}

/// `summary.json`, and the report of it.
pub struct Summary {
    metrics: Vec<u8>,
}

impl Summary {
    pub fn new() -> Self {
        let metrics = fs::read(trained().join("metrics.jsonl"));
        Self {
            metrics: metrics.expect("metrics"),
        }
    }
}

impl Target for Summary {
    fn name(&self) -> &'static str {
        "summary"
    }

    fn seeds(&self) -> Vec<Parts> {
        vec![vec![
            fs::read(trained().join("summary.json")).expect("a summary"),
        ]]
    }

    fn read(&mut self, bytes: &[u8], directory: &Path) -> Verdict {
        fs::write(directory.join("summary.json"), bytes).map_err(sentence)?;
        fs::write(directory.join("metrics.jsonl"), &self.metrics).map_err(sentence)?;
        report(directory)
    }
}

/// The report of a run, which holds no control characters and no endless numbers.
fn report(directory: &Path) -> Verdict {
    let run = Run::read(directory).map_err(sentence)?;
    let text = run.text();
    assert!(
        text.len() < LONGEST_REPORT,
        "a report of {} bytes",
        text.len()
    );
    let control = text.chars().find(|c| c.is_control() && *c != '\n');
    assert!(control.is_none(), "the report has {control:?}");
    // Names may have as many digits as they like.
    let words = text.split(|c: char| !c.is_alphanumeric());
    let numbers = words.filter(|word| word.chars().all(|c| c.is_ascii_digit()));
    let digits = numbers.map(str::len).max();
    assert!(
        digits.unwrap_or(0) < 32,
        "the report has a number of {digits:?} digits"
    );
    let warnings: Vec<String> = run.omissions().iter().map(ToString::to_string).collect();
    match warnings.is_empty() {
        true => Ok(()),
        false => Err(warnings.join("; ")),
    }
}

/// `metrics.jsonl`.
pub struct Metrics {
    summary: summary::Summary,
}

impl Metrics {
    pub fn new() -> Self {
        Self {
            summary: summary::Summary::read(&trained()).expect("a summary"),
        }
    }
}

impl Target for Metrics {
    fn name(&self) -> &'static str {
        "metrics"
    }

    fn seeds(&self) -> Vec<Parts> {
        let metrics = fs::read(trained().join("metrics.jsonl")).expect("metrics");
        let lines = metrics.split_inclusive(|&byte| byte == b'\n');
        vec![lines.map(<[u8]>::to_vec).collect()]
    }

    fn read(&mut self, bytes: &[u8], directory: &Path) -> Verdict {
        fs::write(directory.join("metrics.jsonl"), bytes).map_err(sentence)?;
        let read = read_metrics(directory, &self.summary).map_err(sentence)?;
        match read.torn_line {
            None => Ok(()),
            Some(_) => Err("torn".to_owned()),
        }
    }
}
