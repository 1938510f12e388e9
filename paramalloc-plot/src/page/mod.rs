//! A page about runs: one HTML file that needs nothing else.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use paramalloc_core::summary::Confusion;

use crate::compare::Comparison;
use crate::figures::{Figure, svg};
use crate::table::Column;
use crate::{Error, Run, caption, confusion, format, timing, warnings};

mod colors;
mod html;
mod tables;
#[cfg(test)]
mod tests;

use colors::Colors;
use html::escaped;

/// A matrix with more characters across is shown by its most frequent errors.
const WIDTH: usize = 160;
/// More warnings than this are folded.
const FEW: usize = 6;

/// Runs for a page.
#[derive(Debug)]
pub struct Report {
    runs: Vec<(PathBuf, Run)>,
    /// The runs side by side, or why they cannot be.
    comparison: Result<Comparison, String>,
}

impl Report {
    /// Reads run directories, in whatever state the runs are.
    ///
    /// # Errors
    /// If there is none, or one holds no run or a broken one.
    pub fn read(directories: &[impl AsRef<Path>]) -> Result<Self, Error> {
        if directories.is_empty() {
            return Err(Error::NoRuns);
        }
        let read = |directory: &Path| Ok((directory.to_owned(), Run::read(directory)?));
        let runs = directories.iter().map(|directory| read(directory.as_ref()));
        Ok(Self {
            runs: runs.collect::<Result<_, Error>>()?,
            comparison: Comparison::read(directories).map_err(|error| error.to_string()),
        })
    }

    /// One HTML file: what was run, warnings, results on `split`, figures and
    /// allocations. It loads nothing, is light or dark as the reader's system
    /// is, and takes names for text whatever they hold.
    ///
    /// # Errors
    /// If a run has no result for `split`, while several are compared.
    pub fn html(&self, split: &str) -> Result<String, Error> {
        let mut colors = Colors::default();
        let mut body = self.head();
        if self.runs.len() > 1 {
            body += &self.together(split, &mut colors)?;
        }
        for (directory, run) in &self.runs {
            body += &self.of_run(directory, run, &mut colors);
        }
        let title = escaped(&self.title());
        Ok(format!(
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title}</title>\n<style>\n{}{}</style></head>\n<body>\n{body}\
             <div id=\"hint\" role=\"tooltip\" hidden></div>\n<script>\n{}</script>\n</body></html>\n",
            colors.css(),
            include_str!("style.css"),
            include_str!("script.js"),
        ))
    }

    fn title(&self) -> String {
        let mut names: Vec<&str> = Vec::new();
        for (_, run) in &self.runs {
            let name = run.summary().experiment.as_str();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let runs = format::count(self.runs.len(), "run");
        format!("{}: {runs}", names.join(", "))
    }

    /// What was run, and what to know about it.
    fn head(&self) -> String {
        let runs = || self.runs.iter();
        let of = |value: fn(&Run) -> String| runs().map(move |(_, run)| value(run));
        let time = |directory: &PathBuf| match timing::seconds(directory) {
            Some(seconds) => format::duration(seconds),
            None => "-".to_owned(),
        };
        let columns = [
            Column::left("run", runs().map(|(path, _)| path.display().to_string())),
            Column::left("experiment", of(|run| run.summary().experiment.clone())),
            Column::left("method", of(|run| run.summary().method.clone())),
            Column::right("seed", of(|run| run.summary().seed.to_string())),
            Column::right("task steps", of(steps)),
            Column::left("data", of(data)),
            Column::right("tasks", of(|run| run.summary().tasks.len().to_string())),
            Column::right("time", runs().map(|(path, _)| time(path))),
        ];
        let mut html = format!(
            "<h1>{}</h1>\n<h2>What was run</h2>\n",
            escaped(&self.title())
        );
        html += &tables::sortable("", &columns);
        let mut items = String::new();
        for (directory, run) in runs() {
            let omissions = run.omissions().iter().map(ToString::to_string);
            let all = warnings::warnings(run.summary());
            for said in omissions.chain(all.iter().map(ToString::to_string)) {
                let name = escaped(&directory.display().to_string());
                let _ = writeln!(items, "<li>{name}: {}</li>", escaped(&said));
            }
        }
        // Many would hide the results.
        let count = items.matches("<li>").count();
        let _ = match count {
            0 => Ok(()),
            1..=FEW => write!(html, "<h2>Warnings</h2>\n<ul>\n{items}</ul>\n"),
            _ => write!(
                html,
                "<h2>Warnings</h2>\n<details><summary>{count} warnings</summary><ul>\n{items}</ul></details>\n"
            ),
        };
        html
    }

    /// The runs side by side.
    fn together(&self, split: &str, colors: &mut Colors) -> Result<String, Error> {
        let refused = |why: &str| {
            let why = escaped(why);
            format!("<h2>Results</h2>\n<p>The runs are not compared: {why}.</p>\n")
        };
        let comparison = match &self.comparison {
            Ok(comparison) => comparison,
            Err(why) => return Ok(refused(why)),
        };
        let results = comparison.results(split)?;
        let mut html = "<h2>Results</h2>\n".to_owned();
        for (title, columns) in results.tables() {
            html += &tables::sortable(&title, &columns);
        }
        if let Some(note) = results.note() {
            let _ = writeln!(html, "<p>{}</p>", escaped(&note));
        }
        html += "<h2>Methods side by side</h2>\n";
        for (_, figure) in comparison.figures(split)? {
            html += &drawn(&figure, colors);
        }
        Ok(html)
    }

    /// One run: open if it is the only one.
    fn of_run(&self, directory: &Path, run: &Run, colors: &mut Colors) -> String {
        let is_only = self.runs.len() == 1;
        let summary = run.summary();
        let mut html = match is_only {
            true => "<h2>Results</h2>\n".to_owned(),
            false => format!(
                "<details><summary>{} <span class=\"muted\">{}</span></summary>\n",
                escaped(&directory.display().to_string()),
                escaped(&caption::of_run(summary))
            ),
        };
        html += &tables::results(summary);
        // A page shows what is whole; `show` says what is wrong with the file.
        if let Some(confusion) = Confusion::read(directory)
            .ok()
            .flatten()
            .filter(|_| is_only)
        {
            for (title, columns) in confusion::tables(&confusion, WIDTH) {
                html += &tables::sortable(&title, &columns);
            }
        }
        for (name, figure) in run.figures() {
            // The course of each run of many would make the page huge.
            if is_only || name != "probabilities" {
                html += &drawn(&figure, colors);
            }
        }
        if !summary.routed_layers.is_empty() {
            html += &tables::allocation(summary);
        }
        html + if is_only { "" } else { "</details>\n" }
    }
}

fn drawn(figure: &Figure, colors: &mut Colors) -> String {
    let svg = svg::svg(figure, &mut |color| colors.paint(color));
    format!("<div class=\"figure\">{svg}</div>\n")
}

fn steps(run: &Run) -> String {
    let summary = run.summary();
    let done = format::thousands(summary.global_step);
    match summary.finished {
        true => done,
        false => format!("{done} of {}", format::thousands(summary.total_task_steps)),
    }
}

fn data(run: &Run) -> String {
    let data = &run.summary().data;
    match data.real {
        true => data.name.clone(),
        false => format!("{} (a stand-in)", data.name),
    }
}
