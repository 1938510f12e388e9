//! When a run logs, evaluates and writes a checkpoint.

/// A run has the connection probabilities in at most about so many train lines.
const WITH_PROBABILITIES: u64 = 60;

/// When to do what, in rounds: task steps of each task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Rounds between train lines, at least 1.
    pub log_every: u64,
    /// Rounds between evaluations, 0: at the end only.
    pub eval_every: u64,
    /// Rounds between checkpoints, 0: at the end only.
    pub checkpoint_every: u64,
    /// All rounds.
    pub rounds: u64,
}

impl Schedule {
    /// True if a train line is due after `round`.
    pub fn logs_after(&self, round: u64) -> bool {
        round.is_multiple_of(self.log_every) || round == self.rounds
    }

    /// True if the train line after `step` task steps of `tasks` tasks has the
    /// connection probabilities: the first, the last, at most about sixty in all at
    /// equal distances, and one between two regular lines, where a run was stopped.
    /// It depends on the step alone, so that a resumed run writes the same lines.
    pub fn logs_probabilities(&self, step: u64, tasks: u64) -> bool {
        let (line, rest) = (
            step / tasks / self.log_every,
            step % (tasks * self.log_every),
        );
        let every = (self.rounds / self.log_every)
            .div_ceil(WITH_PROBABILITIES)
            .max(1);
        rest != 0 || line == 1 || line.is_multiple_of(every) || step == self.rounds * tasks
    }

    /// True if an evaluation is due after `round`.
    pub fn evaluates_after(&self, round: u64) -> bool {
        (self.eval_every > 0 && round.is_multiple_of(self.eval_every)) || round == self.rounds
    }

    /// True if a checkpoint is due after `round`.
    pub fn checkpoints_after(&self, round: u64) -> bool {
        let every = self.checkpoint_every;
        (every > 0 && round.is_multiple_of(every)) || round == self.rounds
    }

    /// Evaluations that come after `round`.
    pub fn evaluations_left(&self, round: u64) -> u64 {
        match self.eval_every {
            0 => 1,
            // The last one comes after the last round in any case.
            every => self.rounds.div_ceil(every).saturating_sub(round / every),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_sixty_lines_have_probabilities() {
        let schedule = |rounds, log_every| Schedule {
            log_every,
            eval_every: 0,
            checkpoint_every: 0,
            rounds,
        };
        let steps = |schedule: Schedule| -> Vec<u64> {
            let lines = (1..=schedule.rounds).filter(|&round| schedule.logs_after(round));
            let steps = lines.map(|round| 3 * round);
            steps
                .filter(|&step| schedule.logs_probabilities(step, 3))
                .collect()
        };
        let long = steps(schedule(10_003, 10));
        assert_eq!(long.len(), 60, "{long:?}");
        assert_eq!((long[0], long[1], long[59]), (30, 17 * 30, 3 * 10_003));
        assert_eq!(steps(schedule(5, 2)), [6, 12, 15]);
        // A line where none is due: the run ends there.
        assert!(schedule(10_000, 10).logs_probabilities(91, 3));
        assert!(!schedule(10_000, 10).logs_probabilities(90, 3));
    }
}
