//! The color of each task, the same in every figure of a run.

use paramalloc_core::summary::Summary;

use super::palette::{Category, Color, HUE_COUNT};

/// The color of each task: a hue of its own where there are hues for all, else
/// that of its group, lighter and darker within it.
#[derive(Debug)]
pub struct TaskColors {
    by_task: Vec<Category>,
}

impl TaskColors {
    pub fn new(summary: &Summary) -> Self {
        let groups = summary.groups();
        let tasks = &summary.tasks;
        let has_hues = tasks.len() <= HUE_COUNT;
        let by_group = !has_hues && (2..=HUE_COUNT).contains(&groups.len());
        let of_task = |task: usize| {
            let name = &tasks[task].group;
            let group = groups.iter().position(|group| group == name);
            match group.filter(|_| by_group) {
                None => Category::numbered(task),
                Some(group) => {
                    let is_same = |other: &&_| same_group(other, name);
                    let before = tasks[..task].iter().filter(is_same).count();
                    let all = tasks.iter().filter(is_same).count();
                    Category::of_group(group, before, all)
                }
            }
        };
        Self {
            by_task: (0..tasks.len()).map(of_task).collect(),
        }
    }

    /// Color of a task, by its place in the summary.
    pub fn of(&self, task: usize) -> Color {
        Color::Category(self.by_task[task])
    }

    /// The color of a task at a share of 0 to 1 on an empty cell.
    pub fn shade(&self, task: usize, share: f64) -> Color {
        Color::Shade(self.by_task[task], percent(share))
    }

    /// The color of a task at a share of 0 to 1 on paper.
    pub fn faint(&self, task: usize, share: f64) -> Color {
        Color::Faint(self.by_task[task], percent(share))
    }
}

fn same_group(task: &paramalloc_core::summary::TaskSummary, group: &str) -> bool {
    task.group == group
}

fn percent(share: f64) -> u8 {
    (share.clamp(0.0, 1.0) * 100.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::super::palette::Theme;
    use super::*;
    use crate::generated_runs;

    #[test]
    fn no_two_tasks_look_the_same() {
        let few = generated_runs::digits();
        let some = generated_runs::alphabets();
        let many = generated_runs::clusters();
        for run in [few, some, many] {
            let colors = TaskColors::new(&run.summary);
            for theme in [Theme::Light, Theme::Dark] {
                let tasks = 0..run.summary.tasks.len();
                let mut seen: Vec<_> = tasks.map(|task| colors.of(task).rgb(theme)).collect();
                let all = seen.len();
                seen.sort_unstable();
                seen.dedup();
                assert_eq!(seen.len(), all, "{} in {theme:?}", run.summary.experiment);
            }
        }
    }
}
