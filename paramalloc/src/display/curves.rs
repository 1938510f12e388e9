//! How the loss of each task has gone, in a few characters.

/// Characters of a curve: each is a part of the run.
const PARTS: usize = 12;
/// Heights, the lowest first.
const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The loss of each task at the end of each part of a run.
#[derive(Clone, Debug, Default)]
pub struct Curves {
    tasks: Vec<[Option<f64>; PARTS]>,
}

impl Curves {
    /// Takes note of the losses after `done` of `total` task steps.
    pub fn note(&mut self, losses: &[Option<f64>], done: u64, total: u64) {
        self.tasks.resize(losses.len(), [None; PARTS]);
        let part = u128::from(done) * PARTS as u128 / u128::from(total.max(1));
        let part = (part as usize).min(PARTS - 1);
        for (task, loss) in self.tasks.iter_mut().zip(losses) {
            task[part] = loss.filter(|loss| loss.is_finite()).or(task[part]);
        }
    }

    /// The curve of each task, from its lowest to its highest loss; blank where
    /// nothing is known.
    pub fn texts(&self) -> impl Iterator<Item = String> {
        self.tasks.iter().map(text)
    }

    /// Whether a curve has more than a point.
    pub fn are_known(&self) -> bool {
        let points = |task: &[Option<f64>; PARTS]| task.iter().flatten().count();
        self.tasks.iter().any(|task| points(task) > 1)
    }
}

fn text(losses: &[Option<f64>; PARTS]) -> String {
    let known = || losses.iter().flatten().copied();
    let low = known().fold(f64::INFINITY, f64::min);
    let range = known().fold(f64::NEG_INFINITY, f64::max) - low;
    let height = |loss: f64| {
        let share = if range > 0.0 {
            (loss - low) / range
        } else {
            0.0
        };
        HEIGHTS[((share * HEIGHTS.len() as f64) as usize).min(HEIGHTS.len() - 1)]
    };
    losses.iter().map(|loss| loss.map_or(' ', height)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_falls_as_the_loss_does() {
        let mut curves = Curves::default();
        curves.note(&[Some(2.0), None], 0, 120);
        assert!(!curves.are_known());
        for (done, loss) in [(15, 1.5), (19, 1.0), (119, 0.0), (120, 0.0)] {
            curves.note(&[Some(loss), Some(f64::NAN)], done, 120);
        }
        let texts: Vec<String> = curves.texts().collect();
        assert_eq!(texts[0], "█▅         ▁");
        assert_eq!(texts[1].trim(), "");
        assert!(curves.are_known());
    }
}
