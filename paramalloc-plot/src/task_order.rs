//! The order in which reports and figures show the tasks.

use std::ops::Range;

use paramalloc_core::summary::Summary;

/// The tasks with those of a group next to each other, groups in order of
/// their first task.
pub struct TaskOrder {
    /// Index of each task in the summary, in the order in which tasks are shown.
    pub order: Vec<usize>,
    /// Name of each group and its range in `order`; the name is empty for the
    /// tasks without a group.
    pub groups: Vec<(String, Range<usize>)>,
}

impl TaskOrder {
    pub fn new(summary: &Summary) -> Self {
        let mut names: Vec<&str> = Vec::new();
        for task in &summary.tasks {
            if !names.contains(&task.group.as_str()) {
                names.push(&task.group);
            }
        }
        let mut order = Vec::new();
        let mut groups = Vec::new();
        for name in names {
            let start = order.len();
            let tasks = summary.tasks.iter().enumerate();
            order.extend(tasks.filter(|(_, t)| t.group == name).map(|(i, _)| i));
            groups.push((name.to_owned(), start..order.len()));
        }
        Self { order, groups }
    }

    /// Whether any task has a group.
    pub fn is_grouped(&self) -> bool {
        self.groups.iter().any(|(name, _)| !name.is_empty())
    }
}
