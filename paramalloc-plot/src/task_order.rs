//! The order in which reports and figures show the tasks.

use std::ops::Range;

use paramalloc_core::summary::Summary;
#[cfg(feature = "figures")]
use paramalloc_core::summary::similarity::similarity;

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

    /// The tasks as the tree of their similarities has them, with the groups as
    /// they stand beside each other then: a group may come more than once. Where
    /// that would tear the groups to pieces, only the tasks of each group are in
    /// the order of the tree.
    #[cfg(feature = "figures")]
    pub fn by_similarity(summary: &Summary) -> Self {
        let by_group = Self::new(summary);
        if summary.allocated_layers().next().is_none() {
            return by_group;
        }
        let tree = crate::cluster::tree(&similarity(summary));
        let found = Self::of_leaves(summary, &tree.leaves);
        if found.groups.len() <= by_group.groups.len() + 2 {
            return found;
        }
        let place = |task: &usize| tree.leaves.iter().position(|leaf| leaf == task);
        let mut sorted = by_group;
        for (_, range) in &sorted.groups {
            sorted.order[range.clone()].sort_by_key(place);
        }
        sorted
    }

    /// The tasks in this order, with the groups as they stand beside each other.
    #[cfg(feature = "figures")]
    pub fn of_leaves(summary: &Summary, leaves: &[usize]) -> Self {
        let group = |task: &usize| &summary.tasks[*task].group;
        let mut start = 0;
        let runs = leaves.chunk_by(|a, b| group(a) == group(b));
        let groups = runs.map(|run| {
            let range = start..start + run.len();
            start = range.end;
            (group(&run[0]).clone(), range)
        });
        Self {
            groups: groups.collect(),
            order: leaves.to_vec(),
        }
    }

    /// Whether any task has a group.
    pub fn is_grouped(&self) -> bool {
        self.groups.iter().any(|(name, _)| !name.is_empty())
    }
}
