//! A run as its command line and data have it, to compare with what is stored.

use paramalloc_core::data::Task;
use paramalloc_core::summary::DataIdentity;

use crate::session::state::SessionState;
use crate::settings::Settings;
use crate::settings::difference::{data_differ, settings_differ};

/// The run as its command line and data have it.
pub struct Now<'a> {
    /// Name of the experiment.
    pub experiment: &'a str,
    /// Its settings, resolved.
    pub settings: &'a Settings,
    /// Its data.
    pub data: &'a DataIdentity,
    /// Its tasks.
    pub tasks: &'a [Task],
}

impl SessionState {
    /// How the run of this checkpoint differs from another one, if it does.
    pub fn differ(&self, now: &Now<'_>) -> Result<Option<String>, String> {
        if self.experiment != now.experiment {
            let (held, now) = (&self.experiment, now.experiment);
            return Ok(Some(format!("experiment = {held}, not {now}")));
        }
        let settings = settings_differ(&self.settings, now.settings);
        let settings = settings.map_err(|_| "its settings cannot be compared".to_owned())?;
        let mut differences = Vec::from_iter(settings);
        differences.extend(data_differ(&self.data_identity, now.data));
        let names = now.tasks.iter().map(|task| &task.name);
        if !self.tasks.iter().eq(names) || self.sums.tasks() != self.tasks.len() {
            differences.push("other tasks".to_owned());
        }
        Ok(Some(differences.join("; ")).filter(|text| !text.is_empty()))
    }
}
