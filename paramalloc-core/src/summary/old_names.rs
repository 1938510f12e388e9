//! Names that versions before 0.2 stored for generated data.

use serde::{Deserialize, Deserializer};

/// What the old names begin with, and what follows.
const OLD: &str = "drawn ";
const KINDS: [&str; 4] = ["digits", "clothes", "textures", "alphabet"];

/// Reads a name of data, of a task or of a group as this version has it:
/// `generated digits` where `drawn digits` is stored. A run stored before is
/// thus on the same data and tasks as one of today.
///
/// # Errors
/// If it is not a string.
pub fn current_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let stored = String::deserialize(deserializer)?;
    let parts = stored
        .split(" + ")
        .map(|part| match part.strip_prefix(OLD) {
            Some(rest) if KINDS.iter().any(|kind| rest.starts_with(kind)) => {
                format!("generated {rest}")
            }
            _ => part.to_owned(),
        });
    Ok(parts.collect::<Vec<_>>().join(" + "))
}

#[cfg(test)]
mod tests {
    use crate::summary::DataIdentity;

    #[test]
    fn data_of_old_runs_have_the_names_of_today() {
        for (stored, name) in [
            (
                "drawn digits (first 96 train)",
                "generated digits (first 96 train)",
            ),
            (
                "drawn textures + mnist + drawn clothes",
                "generated textures + mnist + generated clothes",
            ),
            ("generated digits", "generated digits"),
            ("drawn by hand", "drawn by hand"),
        ] {
            let json = serde_json::json!({"name": stored, "real": false, "files": {}});
            let identity: DataIdentity = serde_json::from_value(json).unwrap();
            assert_eq!(identity.name, name);
        }
    }
}
