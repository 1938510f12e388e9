//! Pages of generated runs.

use super::*;
use crate::generated_runs;

fn page(runs: Vec<Run>) -> String {
    let named = runs.into_iter().enumerate();
    let report = Report {
        runs: named
            .map(|(index, run)| (PathBuf::from(format!("runs/{index}")), run))
            .collect(),
        comparison: Err("runs in memory".to_owned()),
    };
    report.html("test").unwrap()
}

fn digits(name: &str) -> Run {
    let mut run = generated_runs::digits();
    run.summary.tasks[1].name = name.to_owned();
    run.summary.tasks[2].group = name.to_owned();
    Run::of_parts(run.summary, run.metrics)
}

#[test]
fn names_are_text_and_nothing_is_loaded() {
    let name = "</title></svg><script>alert(1)</script>\"'&\u{7}";
    for runs in [vec![digits(name)], vec![digits(name), digits("b")]] {
        let html = page(runs);
        assert_eq!(html.matches("<script").count(), 1);
        assert_eq!(html.matches("</script").count(), 1);
        assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
        assert!(!html.contains('\u{7}'));
        for outside in ["src=", "@import", "url(", "<link"] {
            assert!(!html.contains(outside), "{outside}");
        }
        let addresses = html.match_indices("http").map(|(at, _)| &html[at..at + 26]);
        for address in addresses {
            let is_name = address == "http://www.w3.org/2000/svg";
            assert!(is_name || address.starts_with("http-equiv"), "{address}");
        }
    }
}

#[test]
fn a_page_of_one_run_has_everything() {
    let html = page(vec![digits("b")]);
    for part in [
        "<h1>mnist: 1 run</h1>",
        "<caption>Results at task step 150,000</caption>",
        "data: generated (a stand-in)</text>",
        "Task similarity",
        "Connection probabilities over time",
        "<table class=\"allocation\">",
        "connections are not decided yet",
        "prefers-color-scheme:dark",
    ] {
        assert!(html.contains(part), "{part}");
    }
    // Layers stand above their components, which are numbered from 0.
    let group = "<th scope=\"colgroup\" class=\"new\" colspan=\"4\">conv2</th>";
    assert!(html.contains(group), "{html}");
    assert_eq!(html.matches("><button>0</button></th>").count(), 3);
    // Every color that a figure uses is defined, light and dark.
    let used = html
        .split("var(--")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    for name in used {
        assert_eq!(html.matches(&format!("--{name}:#")).count(), 2, "{name}");
    }
}
