//! Which optimizer a run uses.

use serde::{Deserialize, Serialize};

use super::adam::{Adam, AdamSettings, AdamWSettings};
use super::optimizer::Optimizer;
use super::sgd::{Sgd, SgdSettings};
use crate::error::Error;

/// An optimizer that can be chosen by name, with its settings. In a file of
/// settings it is a table such as `{ name = "adamw", weight_decay = 0.1 }`.
///
/// An optimizer of one's own is given to
/// [`Trainer::set_optimizer`](crate::train::Trainer::set_optimizer).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "lowercase")]
#[non_exhaustive]
pub enum OptimizerSettings {
    /// [`Adam`].
    Adam(AdamSettings),
    /// [`Adam`] with decoupled weight decay.
    AdamW(AdamWSettings),
    /// [`Sgd`].
    Sgd(SgdSettings),
}

impl Default for OptimizerSettings {
    fn default() -> Self {
        Self::Adam(AdamSettings::default())
    }
}

impl From<AdamSettings> for OptimizerSettings {
    fn from(settings: AdamSettings) -> Self {
        Self::Adam(settings)
    }
}

impl From<AdamWSettings> for OptimizerSettings {
    fn from(settings: AdamWSettings) -> Self {
        Self::AdamW(settings)
    }
}

impl From<SgdSettings> for OptimizerSettings {
    fn from(settings: SgdSettings) -> Self {
        Self::Sgd(settings)
    }
}

impl OptimizerSettings {
    /// Names of the optimizers.
    pub const NAMES: [&str; 3] = ["adam", "adamw", "sgd"];

    /// The optimizer of this name at its default settings.
    ///
    /// # Errors
    /// If there is none.
    pub fn by_name(name: &str) -> Result<Self, Error> {
        match name {
            "adam" => Ok(AdamSettings::default().into()),
            "adamw" => Ok(AdamWSettings::default().into()),
            "sgd" => Ok(SgdSettings::default().into()),
            _ => Err(Error::unknown("an optimizer", name, &Self::NAMES)),
        }
    }

    /// The name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Adam(_) => "adam",
            Self::AdamW(_) => "adamw",
            Self::Sgd(_) => "sgd",
        }
    }

    /// The optimizer.
    ///
    /// # Errors
    /// Names the first setting that is out of its range.
    pub fn build(&self) -> Result<Box<dyn Optimizer>, Error> {
        Ok(match *self {
            Self::Adam(settings) => Box::new(Adam::new(settings)?),
            Self::AdamW(settings) => Box::new(Adam::with_weight_decay(settings)?),
            Self::Sgd(settings) => Box::new(Sgd::new(settings)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_optimizer_is_chosen_by_its_name() {
        for name in OptimizerSettings::NAMES {
            let settings = OptimizerSettings::by_name(name).unwrap();
            assert_eq!(
                (settings.name(), settings.build().unwrap().name()),
                (name, name)
            );
            let json = serde_json::to_value(settings).unwrap();
            assert_eq!(json["name"], name);
            let back: OptimizerSettings = serde_json::from_value(json).unwrap();
            assert_eq!(back, settings);
            let short = serde_json::json!({ "name": name });
            assert_eq!(
                serde_json::from_value::<OptimizerSettings>(short).unwrap(),
                settings
            );
        }
        let sentence = OptimizerSettings::by_name("adm").unwrap_err().to_string();
        assert_eq!(
            sentence,
            "`adm` is not an optimizer; choose adam, adamw or sgd"
        );
    }

    #[test]
    fn a_setting_of_another_optimizer_is_refused() {
        let json = r#"{"name": "sgd", "momentum": 0.5, "betas": [0.9, 0.99]}"#;
        let error = serde_json::from_str::<OptimizerSettings>(json).unwrap_err();
        assert!(error.to_string().contains("`betas`"), "{error}");
    }
}
