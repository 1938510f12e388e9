//! The tasks with loss, result and allocation, in the space there is.

use paramalloc_plot::format;
use paramalloc_plot::table::{Column, cut, lines as lines_of, total_width};

use super::curves::Curves;
use crate::display::View;

/// Names are cut to this many characters.
const NAME: usize = 20;

/// Lines of at most `width` characters, at most `height` of them.
pub fn lines(view: &View<'_>, curves: &Curves, width: usize, height: usize) -> Vec<String> {
    let mut lines = lines_of(&columns(view, curves, width));
    if lines.len() > height {
        // One line less for the tasks, to say that there are more.
        lines.truncate(height.saturating_sub(1));
        let hidden = view.tasks.len() - lines.len().saturating_sub(1);
        let hidden = format::count(hidden, "more task");
        let note = format!("{hidden}{}", means(view));
        lines.push(note);
        lines.truncate(height);
    }
    lines.iter().map(|line| cut(line, width)).collect()
}

fn columns(view: &View<'_>, curves: &Curves, width: usize) -> Vec<Column> {
    let names = view.tasks.iter().map(|name| cut(name, NAME));
    let losses = view.recent_loss.iter();
    let losses = losses.map(|loss| loss.map_or("-".to_owned(), |loss| format!("{loss:.3}")));
    let mut columns = vec![Column::left("", names), Column::right("loss", losses)];
    if curves.are_known() {
        columns.push(Column::left("", curves.texts()));
    }
    if let Some((split, results)) = view.results() {
        columns.push(Column::right(split, view.metrics.texts(results)));
    }
    let left = width.saturating_sub(total_width(&columns));
    columns.extend(view.allocations.columns(left));
    columns
}

/// The means over all tasks.
fn means(view: &View<'_>) -> String {
    let mean = |values: &[f64]| format::mean(values.iter().copied()).unwrap_or_default();
    let losses: Vec<f64> = view.recent_loss.iter().flatten().copied().collect();
    let mut text = format!("; mean of all: loss {:.3}", mean(&losses));
    if let Some((split, results)) = view.results() {
        text += &format!(", {split} {}", view.metrics.mean_text(results));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use paramalloc_core::summary::EvaluationMetric;

    use super::*;
    use crate::display::Activity;
    use crate::metric_names::MetricNames;
    use paramalloc_plot::allocation_table::AllocationTable;

    #[test]
    fn forty_tasks_of_three_layers_fit_a_small_terminal() {
        let names: Vec<String> = (0..40)
            .map(|t| format!("a task of a long name {t}"))
            .collect();
        let losses = vec![Some(1.0); 40];
        let evaluation = EvaluationMetric {
            global_step: 1,
            results: BTreeMap::from([("test".to_owned(), vec![0.5; 40])]),
            ..EvaluationMetric::default()
        };
        let layer = |name: &str| (name.to_owned(), vec![vec![1; 16]; 40]);
        let tasks: Vec<&str> = names.iter().map(String::as_str).collect();
        let metrics = tasks
            .iter()
            .map(|task| ((*task).to_owned(), "accuracy".to_owned()));
        let metrics = MetricNames::new(metrics.collect());
        let view = View {
            activity: Activity::Training,
            tasks,
            done: 1,
            total: 2,
            per_second: 1.0,
            time_left: None,
            temperature: None,
            recent_loss: &losses,
            evaluation: Some(&evaluation),
            metrics: &metrics,
            allocations: AllocationTable::new(["block1", "block2", "block3"].map(layer)),
            memory: None,
        };
        let mut curves = Curves::default();
        for (width, height) in [(80, 16), (120, 50), (60, 12)] {
            let lines = lines(&view, &curves, width, height);
            assert!(lines.len() <= height);
            let widest = lines.iter().map(|l| l.chars().count()).max().unwrap();
            assert!(widest <= width, "{widest} > {width}:\n{}", lines.join("\n"));
        }
        curves.note(&losses, 0, 2);
        curves.note(&losses, 2, 2);
        let lines = lines(&view, &curves, 80, 16);
        assert!(lines[1].contains("▁          ▁"), "{}", lines[1]);
        assert_eq!(
            lines[15],
            "26 more tasks; mean of all: loss 1.000, test 50.00 %"
        );
    }
}
