//! The live display of a terminal: a bar, a line of figures, the tasks.

use std::time::Duration;

use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use paramalloc_plot::format::thousands;
use paramalloc_plot::table::cut;

use super::curves::Curves;
use super::{memory, speed, table, time_left};
use crate::display::{Activity, Display, View};
use crate::stdio::say;

/// Lines above the table.
const ABOVE: usize = 4;

/// Characters of the bar at most.
const BAR: usize = 40;

/// Redraws a few lines in place.
pub struct Terminal {
    term: Term,
    lines: ProgressBar,
    curves: Curves,
}

impl Terminal {
    /// On a terminal.
    pub fn on(term: Term) -> Self {
        let target = ProgressDrawTarget::term(term.clone(), 20);
        let lines = ProgressBar::with_draw_target(None, target);
        // The text is laid out here; the bar keeps it in its place.
        if let Ok(style) = ProgressStyle::with_template("{msg}") {
            lines.set_style(style);
        }
        Self {
            term,
            lines,
            curves: Curves::default(),
        }
    }

    /// Takes note of the losses of a run at an earlier moment.
    pub fn note(&mut self, losses: &[Option<f64>], done: u64, total: u64) {
        self.curves.note(losses, done, total);
    }
}

impl Display for Terminal {
    fn interval(&self) -> Duration {
        Duration::from_millis(100)
    }

    fn show(&mut self, view: &View<'_>) {
        let (rows, width) = self.term.size();
        self.curves.note(view.recent_loss, view.done, view.total);
        let screen = screen(view, &self.curves, width.into(), rows.into());
        self.lines.set_message(screen);
        self.lines.tick();
    }

    fn evaluated(&mut self, view: &View<'_>) {
        self.show(view);
    }

    fn tell(&mut self, line: &str) {
        self.lines.suspend(|| say(line));
    }

    fn close(&mut self) {
        self.lines.finish_and_clear();
    }
}

/// The whole display, for a terminal of this size.
fn screen(view: &View<'_>, curves: &Curves, width: usize, rows: usize) -> String {
    // The last column and the last row stay free, so that nothing scrolls.
    let width = width.saturating_sub(1);
    let above = [
        String::new(),
        bar(view, width),
        figures(view),
        String::new(),
    ];
    let mut lines: Vec<String> = above.iter().map(|line| cut(line, width)).collect();
    let height = rows.saturating_sub(ABOVE + 1);
    lines.extend(table::lines(view, curves, width, height));
    lines.join("\n")
}

fn bar(view: &View<'_>, width: usize) -> String {
    let label = format!(
        "  {:>3} %  {} of {} task steps",
        view.percent(),
        thousands(view.done),
        thousands(view.total)
    );
    let cells = width.saturating_sub(label.chars().count()).min(BAR);
    let share = view.done as f64 / view.total.max(1) as f64;
    let full = (cells as f64 * share).floor() as usize;
    format!("{}{}{label}", "━".repeat(full), "─".repeat(cells - full))
}

fn figures(view: &View<'_>) -> String {
    let mut parts = vec![speed(view.per_second)];
    parts.extend(view.time_left.map(time_left));
    parts.extend(view.memory.map(memory::text));
    parts.extend(view.temperature.map(|t| format!("temperature {t:.2}")));
    if let Activity::Evaluating { task, split } = view.activity {
        parts.push(format!("evaluating {task} on {split}"));
    }
    parts.join("   ")
}
