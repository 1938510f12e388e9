//! What examples of each class count in the loss.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What examples of each class count in the loss of their task: `balanced`, or a
/// weight by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "Written", from = "Written")]
#[non_exhaustive]
pub enum ClassWeights {
    /// Each class counts as much as every other of its task, however rare it is.
    Balanced,
    /// Weights of at least 0, 1 where none is said: by class (`yes`), by class of one task
    /// (`disease:yes`), or by task for the ones of a label (`toxic`).
    Named(BTreeMap<String, f64>),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "class_weights must be \"balanced\" or weights by class, as in { yes = 5.0 }"
)]
enum Written {
    Word(Balanced),
    Named(BTreeMap<String, f64>),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Balanced {
    Balanced,
}

impl From<Written> for ClassWeights {
    fn from(written: Written) -> Self {
        match written {
            Written::Word(Balanced::Balanced) => Self::Balanced,
            Written::Named(weights) => Self::Named(weights),
        }
    }
}

impl From<ClassWeights> for Written {
    fn from(weights: ClassWeights) -> Self {
        match weights {
            ClassWeights::Balanced => Self::Word(Balanced::Balanced),
            ClassWeights::Named(weights) => Self::Named(weights),
        }
    }
}

/// Reads `balanced`, or `yes=5,no=1`.
impl FromStr for ClassWeights {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim() == "balanced" {
            return Ok(Self::Balanced);
        }
        let mut weights = BTreeMap::new();
        for part in text.split(',') {
            let (name, weight) = name_and_weight(part)?;
            if weights.insert(name.clone(), weight).is_some() {
                return Err(format!("`{name}` has two weights"));
            }
        }
        Ok(Self::Named(weights))
    }
}

/// `yes=5`; the name may have equals signs.
///
/// # Errors
/// The end of a sentence.
pub fn name_and_weight(text: &str) -> Result<(String, f64), String> {
    let found = text.rsplit_once('=').and_then(|(name, weight)| {
        let weight: f64 = weight.trim().parse().ok()?;
        // A file of settings has no others.
        weight.is_finite().then(|| (name.trim().to_owned(), weight))
    });
    found.ok_or_else(|| format!("`{}` is no name with a weight, as in yes=5", text.trim()))
}
