//! Files of settings, which `--config` names.

use std::fs;
use std::path::Path;

use paramalloc::prelude::*;

use super::run::trained;
use crate::mutate::Parts;
use crate::target::{Target, Verdict, sentence};

/// TOML as a user writes it, or the `config.json` of a run.
pub struct Config {
    pub is_json: bool,
}

const TOML: &str = "\
seed = 3
epochs = 5
log = [\"tensorboard\"]
learning_rate = 1e-3
data = \"generated\"

[penalties]
budget = 0.75
budget_penalty = 1.0

[optimizer]
name = \"adamw\"
betas = [0.9, 0.999]
weight_decay = 0.01

[schedule]
name = \"steps\"
at = [10, 20]
factor = 0.5

[router]
method = \"gumbel_matrix\"
probs_init = [[0.5, 0.25], [0.75, 0.5]]

[router.fields.dense]
temperature_init = 2.0
";

impl Target for Config {
    fn name(&self) -> &'static str {
        match self.is_json {
            true => "config-json",
            false => "config-toml",
        }
    }

    fn seeds(&self) -> Vec<Parts> {
        match self.is_json {
            false => vec![TOML.split_inclusive('\n').map(Into::into).collect()],
            true => vec![vec![
                fs::read(trained().join("config.json")).expect("a config"),
            ]],
        }
    }

    fn read(&mut self, bytes: &[u8], directory: &Path) -> Verdict {
        let file = match self.is_json {
            true => "config.json",
            false => "config.toml",
        };
        let path = directory.join(file);
        fs::write(&path, bytes).map_err(sentence)?;
        let settings = Settings::default().with_file(&path);
        settings.map(drop).map_err(sentence)
    }
}
