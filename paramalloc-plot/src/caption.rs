//! One line that says which run a report or a figure is of.

use paramalloc_core::summary::Summary;

use crate::format;

/// What run it is, in one line.
pub(crate) fn of_run(summary: &Summary) -> String {
    let steps = format::thousands(summary.global_step);
    let steps = if summary.finished {
        let best = summary.results_step.map_or(String::new(), |step| {
            format!(", results of step {}", format::thousands(step))
        });
        format!("{steps} task steps{best}")
    } else {
        let total = format::thousands(summary.total_task_steps);
        format!("after {steps} of {total} task steps")
    };
    let data = &summary.data;
    let stand_in = if data.real { "" } else { " (a stand-in)" };
    format!(
        "{} · {} · seed {} · {steps} · data: {}{stand_in}",
        summary.experiment, summary.method, summary.seed, data.name
    )
}

/// Which runs of several seeds, in one line.
#[cfg(feature = "compare")]
pub(crate) fn of_seeds(runs: &[&Summary]) -> String {
    let mut seeds: Vec<u64> = runs.iter().map(|run| run.seed).collect();
    seeds.sort_unstable();
    seeds.dedup();
    let seeds: Vec<String> = seeds.iter().map(u64::to_string).collect();
    let data = runs.first().map_or("", |run| run.data.name.as_str());
    format!(
        "{} {} · data: {data}",
        if seeds.len() == 1 { "seed" } else { "seeds" },
        seeds.join(", "),
    )
}
