//! Task similarity: how alike the allocations of two tasks are.

use super::{RoutedLayerSummary, Summary};

/// Cosine similarity of the tasks' rows of the 0/1 allocation over all routed
/// layers without gates, `[tasks][tasks]`, each 0 to 1:
///
/// ```text
/// similarity(s, t) = a_s . a_t / (|a_s| |a_t|)
///                  = shared(s, t) / sqrt(used(s) used(t))
/// ```
///
/// with `shared` the number of components that both tasks use and `used` the
/// number that one uses. A row of zeros has no direction: its similarity to
/// every row, itself and other rows of zeros included, is defined as 0.
///
/// The summary must be one that passes [`Summary::validate`].
pub fn similarity(summary: &Summary) -> Vec<Vec<f64>> {
    let rows = rows(summary, || summary.allocated_layers());
    rows.iter()
        .map(|row| rows.iter().map(|other| cosine(row, other)).collect())
        .collect()
}

/// Mean similarities within and between the groups of tasks.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupSimilarity {
    /// The named groups, in order of their first task.
    pub groups: Vec<String>,
    /// Mean over the pairs of different tasks, one of each group,
    /// `[groups][groups]`; `None` where there is no pair, as for a group with
    /// itself when it has one task.
    pub means: Vec<Vec<Option<f64>>>,
    /// Mean over all pairs of different tasks of the same group.
    pub within: Option<f64>,
    /// Mean over all pairs of tasks of two different groups.
    pub between: Option<f64>,
}

/// Mean similarities within and between the groups of `summary`, from the
/// matrix of [`similarity`]. Tasks without a group are left out.
pub fn group_similarity(summary: &Summary, similarity: &[Vec<f64>]) -> GroupSimilarity {
    let groups = summary.groups();
    let members: Vec<Vec<usize>> = groups
        .iter()
        .map(|group| {
            let tasks = summary.tasks.iter().enumerate();
            tasks
                .filter(|(_, task)| task.group == *group)
                .map(|(index, _)| index)
                .collect()
        })
        .collect();
    let pairs = |g: usize, h: usize| {
        let members = &members;
        members[g].iter().flat_map(move |&s| {
            let others = members[h].iter().filter(move |&&t| g != h || s < t);
            others.map(move |&t| similarity[s][t])
        })
    };
    let all = 0..groups.len();
    let means = all.clone().map(|g| {
        let row = 0..groups.len();
        row.map(|h| mean(pairs(g, h))).collect()
    });
    GroupSimilarity {
        means: means.collect(),
        within: mean(all.clone().flat_map(|g| pairs(g, g))),
        between: mean(
            all.clone()
                .flat_map(|g| (0..g).flat_map(move |h| pairs(g, h))),
        ),
        groups,
    }
}

impl Summary {
    /// The 0/1 allocation with the routed layers side by side,
    /// `[tasks][components of all layers]`.
    pub fn allocation_rows(&self) -> Vec<Vec<u8>> {
        rows(self, || self.routed_layers.iter())
    }

    /// Names of the groups of tasks, in order of their first task; tasks with
    /// an empty group name belong to none.
    pub fn groups(&self) -> Vec<String> {
        let mut groups: Vec<String> = Vec::new();
        for task in &self.tasks {
            if !task.group.is_empty() && !groups.contains(&task.group) {
                groups.push(task.group.clone());
            }
        }
        groups
    }
}

/// The 0/1 allocation of these layers side by side.
fn rows<'a, I>(summary: &Summary, layers: impl Fn() -> I) -> Vec<Vec<u8>>
where
    I: Iterator<Item = &'a RoutedLayerSummary>,
{
    let row = |task: usize| {
        let values = layers().flat_map(|layer| &layer.allocation[task]);
        values.copied().collect()
    };
    (0..summary.tasks.len()).map(row).collect()
}

fn cosine(a: &[u8], b: &[u8]) -> f64 {
    let shared = a.iter().zip(b).filter(|&(&x, &y)| x == 1 && y == 1).count();
    let used = |row: &[u8]| row.iter().filter(|&&x| x == 1).count() as f64;
    let lengths = (used(a) * used(b)).sqrt();
    if lengths == 0.0 {
        0.0
    } else {
        shared as f64 / lengths
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_u64), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / count as f64)
}

#[cfg(test)]
mod tests {
    use super::super::tests::summary;
    use super::*;

    /// Four tasks in two groups and one without a group, two layers.
    fn example() -> Summary {
        let mut summary = summary(5, &[("a", 2), ("b", 2)]);
        for (task, group) in summary.tasks.iter_mut().zip(["x", "y", "x", "y", ""]) {
            task.group = group.into();
        }
        let rows = [
            [1, 1, 0, 0],
            [1, 0, 1, 1],
            [1, 0, 0, 0],
            [0, 0, 0, 0],
            [0, 0, 0, 0],
        ];
        for (layer, columns) in summary.routed_layers.iter_mut().zip([0..2, 2..4]) {
            let parts = rows.iter().map(|row| row[columns.clone()].to_vec());
            layer.allocation = parts.collect();
        }
        summary
    }

    #[test]
    fn what_gates_weigh_makes_no_tasks_alike() {
        let mut summary = example();
        let only_first = |summary: &Summary| {
            let mut one = summary.clone();
            one.routed_layers.truncate(1);
            similarity(&one)
        };
        let wanted = only_first(&summary);
        assert_ne!(similarity(&summary), wanted);
        summary.routed_layers[1].gated = true;
        assert_eq!(similarity(&summary), wanted);
    }

    #[test]
    fn similarity_is_the_cosine_of_the_rows_over_all_layers() {
        // Python, with numpy as np and a the rows above as floats:
        // l = np.sqrt((a * a).sum(1)); (a @ a.T) / np.outer(l, l)
        let expected = [
            [1.0, 0.408_248_290_463_863, 0.707_106_781_186_547_5],
            [0.408_248_290_463_863, 1.0, 0.577_350_269_189_625_8],
            [0.707_106_781_186_547_5, 0.577_350_269_189_625_8, 1.0],
        ];
        let found = similarity(&example());
        for (row, expected) in found.iter().zip(&expected) {
            for (value, expected) in row.iter().zip(expected) {
                assert!((value - expected).abs() < 1e-15, "{found:?}");
            }
        }
    }

    #[test]
    fn a_row_of_zeros_is_similar_to_nothing() {
        let found = similarity(&example());
        for row in &found[..3] {
            assert_eq!(row[3..], [0.0, 0.0]);
        }
        assert_eq!(found[3], [0.0; 5]);
        assert_eq!(found[4], [0.0; 5]);
    }

    #[test]
    fn group_means_are_over_pairs_of_different_tasks() {
        let mut matrix = vec![vec![1.0; 5]; 5];
        let pairs = [
            (0, 1, 0.1),
            (0, 2, 0.2),
            (0, 3, 0.3),
            (1, 2, 0.4),
            (1, 3, 0.5),
            (2, 3, 0.6),
        ];
        for (s, t, value) in pairs {
            matrix[s][t] = value;
            matrix[t][s] = value;
        }
        let found = group_similarity(&example(), &matrix);
        assert_eq!(found.groups, ["x", "y"]);
        let close = |found: Option<f64>, expected: f64| {
            assert!((found.unwrap() - expected).abs() < 1e-12, "{found:?}");
        };
        close(found.means[0][0], 0.2);
        close(found.means[1][1], 0.5);
        close(found.means[0][1], (0.1 + 0.3 + 0.4 + 0.6) / 4.0);
        close(found.means[1][0], (0.1 + 0.3 + 0.4 + 0.6) / 4.0);
        close(found.within, (0.2 + 0.5) / 2.0);
        close(found.between, (0.1 + 0.3 + 0.4 + 0.6) / 4.0);
    }

    #[test]
    fn without_pairs_there_is_no_mean() {
        let mut summary = example();
        summary.tasks.truncate(1);
        let found = group_similarity(&summary, &[vec![1.0]]);
        assert_eq!(found.means, [[None]]);
        assert_eq!((found.within, found.between), (None, None));
    }
}
