//! A run as its command and data have it, to compare with what is stored.

use paramalloc_core::text::escaped;

use crate::session::state::SessionState;
use crate::settings::config::{Addition, RunConfig, TaskConfig};
use crate::settings::difference::{data_differ, settings_differ};

/// A run as its command and data have it.
#[derive(Clone, Copy, Debug)]
pub struct Now<'a> {
    /// What it is started with, resolved.
    pub config: &'a RunConfig,
}

/// True if the tasks `now` are the `stored` ones.
pub fn are_same(now: &[TaskConfig], stored: &[TaskConfig]) -> bool {
    let mut pairs = now.iter().zip(stored);
    now.len() == stored.len() && pairs.all(|(now, stored)| now.is(stored))
}

impl Now<'_> {
    /// How the run of a checkpoint differs from this one, if it does.
    ///
    /// # Errors
    /// If its settings cannot be written as JSON.
    pub fn difference(&self, stored: &SessionState) -> serde_json::Result<Option<String>> {
        let (theirs, own) = (&stored.config, self.config);
        if theirs.experiment != own.experiment {
            let (theirs, own) = (&theirs.experiment, &own.experiment);
            return Ok(Some(format!(
                "experiment = {}, not {}",
                escaped(theirs),
                escaped(own)
            )));
        }
        let settings = settings_differ(&theirs.settings, &own.settings)?;
        let mut differences = Vec::from_iter(settings);
        differences.extend(data_differ(&theirs.data_identity, &own.data_identity));
        let is_whole = stored.progress.sums.tasks() == theirs.tasks.len();
        if !are_same(&own.tasks, &theirs.tasks) || !is_whole {
            differences.push("other tasks".to_owned());
        }
        let that_matter = |config: &RunConfig| {
            let mut additions = config.additions.clone();
            additions.retain(|addition| *addition != Addition::Logger);
            additions
        };
        if that_matter(theirs) != that_matter(own) {
            differences.push("other optimizers, schedules or penalties of the program".to_owned());
        }
        Ok(Some(differences.join("; ")).filter(|text| !text.is_empty()))
    }
}
