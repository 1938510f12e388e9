//! The settings of a run, its `config.json`, and which of them matter for its
//! results.

/// The newest format of `config.json` that this crate reads. Version 0.1 wrote
/// no format.
pub const FORMAT: u32 = 1;

/// Settings that change no result: threads, checkpoints, and where the data
/// are looked for, whose identity is compared by itself.
const WITHOUT_EFFECT: [&str; 5] = [
    "threads",
    "checkpoint_every",
    "keep_checkpoints",
    "data",
    "data_dir",
];

/// Whether a run's results depend on the setting of this name, `seed` for
/// example. They do on every one but those of threads, checkpoints and where
/// data are looked for.
pub fn changes_results(name: &str) -> bool {
    !WITHOUT_EFFECT.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_change_no_result_and_the_seed_does() {
        assert!(!changes_results("threads"));
        assert!(changes_results("seed"));
    }
}
