//! Hierarchical clustering of the tasks by the similarity of their allocations.

/// A tree of tasks: who is alike is close.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tree {
    /// The tasks from one side of the tree to the other.
    pub leaves: Vec<usize>,
    /// The joints of the tree, each after those below it. Node `i` is task `i`,
    /// and node `tasks + i` is joint `i`.
    pub joints: Vec<Joint>,
}

/// Where two branches of the tree meet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Joint {
    /// The nodes that meet.
    pub nodes: [usize; 2],
    /// One minus their mean similarity, 0 to 1.
    pub distance: f64,
}

/// The tree of a matrix of similarities of 0 to 1, by average linkage. Among
/// equals the first come first, and branches are in the order of their first
/// tasks.
pub(crate) fn tree(similarity: &[Vec<f64>]) -> Tree {
    let tasks = similarity.len();
    let mut branches: Vec<(usize, Vec<usize>)> =
        (0..tasks).map(|task| (task, vec![task])).collect();
    let mut distances: Vec<Vec<f64>> = similarity
        .iter()
        .map(|row| row.iter().map(|s| 1.0 - s).collect())
        .collect();
    let mut joints = Vec::new();
    while branches.len() > 1 {
        let (a, b) = closest(&distances);
        let (first, second) = (branches[a].1.len() as f64, branches[b].1.len() as f64);
        let mean = |(&of_a, &of_b): (&f64, &f64)| (of_a * first + of_b * second) / (first + second);
        let joined: Vec<f64> = distances[a].iter().zip(&distances[b]).map(mean).collect();
        for (row, &distance) in distances.iter_mut().zip(&joined) {
            row[a] = distance;
        }
        distances[a] = joined;
        let distance = 1.0 - mean_between(similarity, &branches[a].1, &branches[b].1);
        distances.remove(b);
        for row in &mut distances {
            row.remove(b);
        }
        let (node, leaves) = branches.remove(b);
        joints.push(Joint {
            nodes: [branches[a].0, node],
            distance: distance.clamp(0.0, 1.0),
        });
        branches[a].0 = tasks + joints.len() - 1;
        branches[a].1.extend(leaves);
    }
    Tree {
        leaves: branches.pop().map_or(Vec::new(), |(_, leaves)| leaves),
        joints,
    }
}

/// The two branches with the least distance; the first among equals.
fn closest(distances: &[Vec<f64>]) -> (usize, usize) {
    let mut closest = (0, 1);
    for a in 0..distances.len() {
        for b in a + 1..distances.len() {
            // Rounding does not decide.
            if distances[a][b] < distances[closest.0][closest.1] - 1e-9 {
                closest = (a, b);
            }
        }
    }
    closest
}

fn mean_between(similarity: &[Vec<f64>], a: &[usize], b: &[usize]) -> f64 {
    let pairs = a
        .iter()
        .flat_map(|&i| b.iter().map(move |&j| similarity[i][j]));
    pairs.sum::<f64>() / (a.len() * b.len()) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_alike_is_close() {
        // Tasks 0 and 2 are alike, and 1 and 3.
        let alike = |i: usize, j: usize| match () {
            () if i == j => 1.0,
            () if i % 2 == j % 2 => 0.9 - 0.1 * (i % 2) as f64,
            () => 0.25,
        };
        let row = |i: usize| (0..4).map(|j| alike(i, j)).collect();
        let found = tree(&(0..4).map(row).collect::<Vec<_>>());
        assert_eq!(found.leaves, [0, 2, 1, 3]);
        let nodes: Vec<_> = found.joints.iter().map(|joint| joint.nodes).collect();
        assert_eq!(nodes, [[0, 2], [1, 3], [4, 5]]);
        let distances = [0.1, 0.2, 0.75];
        for (joint, expected) in found.joints.iter().zip(distances) {
            assert!((joint.distance - expected).abs() < 1e-12, "{joint:?}");
        }
    }

    #[test]
    fn tasks_that_are_all_alike_stay_in_their_order() {
        let found = tree(&vec![vec![0.5; 5]; 5]);
        assert_eq!(found.leaves, [0, 1, 2, 3, 4]);
        assert_eq!(tree(&[vec![1.0]]).leaves, [0]);
        assert_eq!(tree(&[]).leaves, [0; 0]);
    }
}
