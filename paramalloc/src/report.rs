//! The report at the end of a run, on standard output.

use std::fmt::Write as _;
use std::io::IsTerminal;
use std::path::Path;
use std::time::Duration;

use console::Term;
use paramalloc_core::summary::Summary;
use paramalloc_data::OWN_DATA;
use paramalloc_plot::allocation_table::AllocationTable;
use paramalloc_plot::format::{thousands, words};
use paramalloc_plot::report::results;
use paramalloc_plot::table::{Column, lines, total_width};
use paramalloc_plot::warnings::warnings;

use super::display::{speed, time};
use crate::run_dir::files::TABLE;
use crate::shell::{quoted, this_program, tool};

/// Width where standard output is no terminal.
const WIDTH: usize = 100;

/// What a user reads at the end of a run.
pub fn text(summary: &Summary, path: &Path, (took, per_second): (Duration, f64)) -> String {
    let mut text = format!(
        "\n{}, {}, seed {}: {} of {} task steps in {} with evaluations, {}\n",
        summary.experiment,
        summary.method,
        summary.seed,
        thousands(summary.global_step),
        thousands(summary.total_task_steps),
        time(took),
        speed(per_second),
    );
    for note in notes(summary) {
        let _ = writeln!(text, "{note}");
    }
    let _ = writeln!(text, "\n{}", results(summary, width()));
    let allocation = allocation(summary, width());
    if !allocation.is_empty() {
        let _ = writeln!(text, "{allocation}");
    }
    for warning in warnings(summary) {
        let _ = writeln!(text, "{warning}\n");
    }
    text += &next(summary, path);
    text
}

/// The commands that come next, to be pasted; of a run on data of the user's own also
/// those that use what was learned.
fn next(summary: &Summary, path: &Path) -> String {
    let new = match path.join(TABLE).exists() {
        true => Some("new.csv"),
        false => (summary.data.name == OWN_DATA).then_some("new-images"),
    };
    let path = quoted(&path.display().to_string());
    let tool = tool();
    let mut lines = vec![("run", path.clone())];
    if !summary.finished {
        let program = this_program(&summary.experiment);
        lines.push(("resume", format!("{program} resume {path}")));
    } else if let Some(new) = new {
        lines.extend([
            ("eval", format!("{tool} eval {path} --once")),
            (
                "predict",
                format!("{tool} predict {path} {new} --out p.csv"),
            ),
            ("export", format!("{tool} export {path} --out network.onnx")),
        ]);
    }
    lines.push(("plot", format!("{tool} plot {path}")));
    let width = lines
        .iter()
        .fold(6, |width, (name, _)| width.max(name.len()));
    let lines = lines
        .iter()
        .map(|(name, command)| format!("{name:width$} {command}\n"));
    lines.collect()
}

fn width() -> usize {
    match std::io::stdout().is_terminal() {
        true => Term::stdout().size().1.into(),
        false => WIDTH,
    }
}

/// What keeps the figures from being those of a whole run on published data.
fn notes(summary: &Summary) -> Vec<String> {
    let mut notes = Vec::new();
    if !summary.data.real {
        notes.push(format!(
            "NOT published data: the program made these itself ({}); compare the figures with nothing published",
            summary.data.name
        ));
    }
    if !summary.finished {
        notes.push("Interrupted: what was learned so far is saved.".to_owned());
    }
    if summary.finished && summary.global_step < summary.total_task_steps {
        let watched = match summary.is_mixed() {
            true => "loss".to_owned(),
            false => words(&summary.metric),
        };
        notes.push(format!(
            "Ended early: the mean validation {watched} got no better for as many evaluations as --patience says."
        ));
    }
    if let Some(step) = summary.results_step {
        notes.push(format!(
            "The results are those of step {}.",
            thousands(step)
        ));
    }
    notes
}

/// A row per task, or nothing where there is no routed layer.
fn allocation(summary: &Summary, width: usize) -> String {
    let names = summary.tasks.iter().map(|task| task.name.clone());
    let mut columns = vec![Column::left("allocation", names)];
    let left = width.saturating_sub(total_width(&columns));
    columns.extend(AllocationTable::of_summary(&summary.routed_layers).columns(left));
    match columns.len() {
        1 => String::new(),
        _ => lines(&columns).join("\n") + "\n",
    }
}
