//! When a run logs, evaluates and writes a checkpoint.

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
