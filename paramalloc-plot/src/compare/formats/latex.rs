//! Results as a LaTeX table.

use std::fmt::Write as _;

use super::super::results::{ComparedTask, MethodResults, Results};
use super::numbers::{Scale, large, seeds};
use super::tables::short;
use crate::format::{self, duration};
use crate::metric_info::MetricInfo;

/// With more rows than this the table may continue over pages.
const MOST_ROWS: usize = 40;

/// Differences with a corrected p below this are marked.
const LEVEL: f64 = 0.05;

/// Columns stand closer than LaTeX would have them: intervals are wide.
const NARROW: &str = "\\setlength{\\tabcolsep}{4pt}\n";

/// A table that is wider than its column of text is made as wide; others stay.
const FITTED: &str = "\\resizebox{\\ifdim\\width>\\linewidth \\linewidth\\else \\width\\fi}{!}";

/// A row of the table: a task, or what the methods need.
struct Row {
    heading: String,
    by_method: Vec<String>,
}

/// A table for a paper.
pub(super) fn latex(results: &Results) -> String {
    let rows = rows(results);
    let is_long = rows.len() > MOST_ROWS;
    let methods = 0..results.methods.len();
    let headings: Vec<String> = methods.map(|m| escaped(&short(results, m))).collect();
    let ruled_after = (results.tasks.len() > 1).then_some(results.tasks.len());
    let body = body(&headings, &rows, ruled_after, is_long);
    let layout = format!("l{}", "r".repeat(headings.len()));
    let packages = match is_long {
        true => "booktabs,longtable",
        false => "booktabs,graphicx",
    };
    let mut text = format!(
        "% Needs in the preamble: \\usepackage{{{packages}}}\n% {}\n",
        comment(results)
    );
    let caption = caption(results);
    let _ = match is_long {
        true => write!(
            text,
            "{{\\footnotesize\n{NARROW}\\begin{{longtable}}{{{layout}}}\n\\caption{{{caption}}}\\label{{tab:results}}\\\\\n{body}\\end{{longtable}}}}\n"
        ),
        false => write!(
            text,
            "\\begin{{table}}\n\\centering\n\\caption{{{caption}}}\n\\label{{tab:results}}\n\\vspace{{4pt}}\n\\small\n{NARROW}{FITTED}{{%\n\\begin{{tabular}}{{{layout}}}\n{body}\\end{{tabular}}}}\n\\end{{table}}\n"
        ),
    };
    text
}

fn body(headings: &[String], rows: &[Row], ruled_after: Option<usize>, is_long: bool) -> String {
    let mut text = format!("\\toprule\n & {} \\\\\n\\midrule\n", headings.join(" & "));
    if is_long {
        text += "\\endhead\n\\bottomrule\n\\endfoot\n";
    }
    for (index, row) in rows.iter().enumerate() {
        if ruled_after == Some(index) {
            text += "\\midrule\n";
        }
        let _ = writeln!(text, "{} & {} \\\\", row.heading, row.by_method.join(" & "));
    }
    if !is_long {
        text += "\\bottomrule\n";
    }
    text
}

/// The tasks, their mean, and what the methods need.
fn rows(results: &Results) -> Vec<Row> {
    let tasks = results.tasks.iter().enumerate();
    let heading = |task: &ComparedTask| match results.metric {
        Some(_) => escaped(&task.name),
        None => escaped(&format!("{} ({})", task.name, task.metric.heading())),
    };
    let mut rows: Vec<Row> = tasks
        .map(|(index, task)| values(results, Some(index), heading(task)))
        .collect();
    if results.tasks.len() > 1 && results.metric.is_some() {
        rows.push(values(results, None, "Mean".to_owned()));
    }
    let mut push = |heading: &str, cell: &dyn Fn(&MethodResults) -> Option<String>| {
        let cells: Vec<Option<String>> = results.methods.iter().map(cell).collect();
        if cells.iter().any(Option::is_some) {
            let dash = |cell: Option<String>| cell.unwrap_or_else(|| "--".to_owned());
            rows.push(Row {
                heading: heading.to_owned(),
                by_method: cells.into_iter().map(dash).collect(),
            });
        }
    };
    let percent = Scale::percent(1);
    push("$\\Delta$ (\\%)", &|method| {
        let gain = Scale::percent(2).signed(method.gain?.mean);
        Some(format!("${gain}$"))
    });
    push("Parameters (\\%)", &|method| {
        Some(percent.value(method.parameter_share.mean))
    });
    push("Multiply-adds", &|method| match method.multiply_adds {
        Some(count) => Some(large(count.mean).replace(' ', "\\,")),
        None => Some(format!(
            "{}\\,\\%",
            percent.value(method.multiply_add_share.mean)
        )),
    });
    push("Time", &|method| {
        Some(duration(method.seconds?.mean).replace(' ', "\\,"))
    });
    rows
}

fn values(results: &Results, task: Option<usize>, heading: String) -> Row {
    let (best, scale) = (results.best(task), Scale::of(results, task));
    let unbounded = (f64::NEG_INFINITY, f64::INFINITY);
    let range = results.metric_of(task).map_or(unbounded, |m| m.range);
    let cell = |(index, method): (usize, &MethodResults)| {
        let Some(outcome) = method.outcome(task) else {
            return "--".to_owned();
        };
        let mean = scale.value(outcome.estimate.mean);
        let mut text = match best == Some(index) {
            true => format!("\\textbf{{{mean}}}"),
            false => mean,
        };
        let p = outcome.difference.and_then(|d| d.corrected);
        if p.is_some_and(|p| p < LEVEL) {
            text += "$^{*}$";
        }
        if let Some(interval) = scale.interval(outcome.estimate, range) {
            let _ = write!(text, " {{\\scriptsize [{interval}]}}");
        }
        text
    };
    Row {
        heading,
        by_method: results.methods.iter().enumerate().map(cell).collect(),
    }
}

fn caption(results: &Results) -> String {
    let is_share = results.metric.as_ref().is_some_and(MetricInfo::is_share);
    let unit = if is_share { " (\\%)" } else { "" };
    let metric = results
        .metric
        .as_ref()
        .map_or("results", |metric| &metric.name);
    let mut text = format!(
        "{}{unit} on the split {}",
        escaped(&format::sentence(&format::words(metric))),
        escaped(&results.split)
    );
    let most = results.methods.iter().map(|m| m.seeds.len()).max();
    text += match most {
        Some(0 | 1) | None => ", one seed.",
        Some(_) => ": mean over seeds, in brackets its 95\\,\\% interval.",
    };
    if (0..results.tasks.len()).any(|task| results.best(Some(task)).is_some()) {
        text += " Best in bold.";
    }
    let first = escaped(&short(results, 0));
    let methods = || results.methods.iter();
    if methods().any(|method| method.common_seeds().is_some()) {
        let _ = write!(
            text,
            " $^{{*}}$: differs from {first} (paired $t$ test over seeds, $p < {LEVEL}$ after Holm's correction)."
        );
    }
    if methods().any(|method| method.gain.is_some()) {
        let _ = write!(text, " $\\Delta$: mean gain over {first}, relative.");
    }
    let left_out = results.left_out();
    if !left_out.is_empty() {
        let _ = write!(
            text,
            " Without a result in some run, and left out: {}.",
            escaped(&left_out.join(", "))
        );
    }
    text += " Parameters and multiply-adds per example: mean over tasks, heads left out.";
    for (index, method) in results.methods.iter().enumerate() {
        let number = short(results, index);
        if number != method.label {
            let _ = write!(text, " {number} {}.", escaped(&method.label));
        }
    }
    text
}

/// A comment that says which seeds these are.
fn comment(results: &Results) -> String {
    let methods = results.methods.iter();
    let methods = methods.map(|m| format!("{}: seeds {}", m.label, seeds(&m.seeds)));
    methods.collect::<Vec<_>>().join("; ").replace('\n', " ")
}

/// Text without what LaTeX acts on.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => escaped.extend(['\\', c]),
            '\\' => escaped += "\\textbackslash{}",
            '~' => escaped += "\\textasciitilde{}",
            '^' => escaped += "\\textasciicircum{}",
            '<' => escaped += "\\textless{}",
            '>' => escaped += "\\textgreater{}",
            '·' => escaped += "$\\cdot$",
            '±' => escaped += "$\\pm$",
            '×' => escaped += "$\\times$",
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_break_a_table() {
        assert_eq!(escaped("a_b & 50 %"), "a\\_b \\& 50 \\%");
        assert_eq!(
            escaped("\\~^"),
            "\\textbackslash{}\\textasciitilde{}\\textasciicircum{}"
        );
    }
}
