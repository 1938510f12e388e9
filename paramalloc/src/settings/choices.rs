//! Settings of which a name says what else they have: the optimizer and the schedule.
//! Their flags, and their names alone in a file of settings.

use serde_json::{Map, Value};

use crate::error::ChoiceError;

/// Tables whose `name` says what else is in them: another name begins anew. Each is
/// also the flag that chooses.
pub const CHOICES: [&str; 2] = ["optimizer", "schedule"];

/// A flag that is a setting of one choice.
struct Part {
    flag: &'static str,
    table: &'static str,
    choice: &'static str,
    /// Its name in the table.
    key: &'static str,
}

const PARTS: [Part; 7] = [
    part("weight_decay", "optimizer", "adamw", "weight_decay"),
    part("momentum", "optimizer", "sgd", "momentum"),
    part("warm_up", "schedule", "warm_up", "steps"),
    part("warm_up", "schedule", "cosine", "warm_up"),
    part("schedule_minimum", "schedule", "cosine", "minimum"),
    part("schedule_at", "schedule", "steps", "at"),
    part("schedule_factor", "schedule", "steps", "factor"),
];

/// What has no default.
const NEEDED: [(&str, &str); 2] = [("warm_up", "steps"), ("steps", "at")];

const fn part(
    flag: &'static str,
    table: &'static str,
    choice: &'static str,
    key: &'static str,
) -> Part {
    Part {
        flag,
        table,
        choice,
        key,
    }
}

/// The flag, with underscores, of a setting: `schedule_minimum` of `schedule.minimum`,
/// and `optimizer` of `optimizer.name`.
pub fn flag_of(setting: &str) -> Option<&'static str> {
    let (table, key) = setting.split_once('.')?;
    let choice = CHOICES.into_iter().find(|choice| *choice == table)?;
    let mut parts = PARTS.iter();
    match key {
        "name" => Some(choice),
        _ => parts
            .find(|part| part.table == table && part.key == key)
            .map(|part| part.flag),
    }
}

/// Takes the flags of choices out of all that were given.
pub fn take(flags: &mut Map<String, Value>) -> Map<String, Value> {
    let is_of_choice =
        |name: &str| CHOICES.contains(&name) || PARTS.iter().any(|part| part.flag == name);
    let names: Vec<String> = flags
        .keys()
        .filter(|name| is_of_choice(name))
        .cloned()
        .collect();
    let taken = names
        .into_iter()
        .filter_map(|name| flags.remove_entry(&name));
    taken.filter(|(_, value)| !value.is_null()).collect()
}

/// Lays such flags over the settings.
///
/// # Errors
/// If one is a setting of another choice, or one that the choice needs is not given.
pub fn lay(settings: &mut Value, flags: &Map<String, Value>) -> Result<(), ChoiceError> {
    for table in CHOICES {
        let Some(entry) = settings.get_mut(table).and_then(Value::as_object_mut) else {
            continue;
        };
        if let Some(name) = flags
            .get(table)
            .filter(|name| entry.get("name") != Some(name))
        {
            *entry = Map::from_iter([("name".to_owned(), name.clone())]);
        }
        let Some(name) = entry.get("name").and_then(Value::as_str).map(str::to_owned) else {
            continue;
        };
        for part in PARTS.iter().filter(|part| part.table == table) {
            let Some(value) = flags.get(part.flag) else {
                continue;
            };
            let same = PARTS.iter().filter(|other| other.flag == part.flag);
            let of: Vec<&'static str> = same.map(|part| part.choice).collect();
            if part.choice == name {
                entry.insert(part.key.to_owned(), value.clone());
            } else if !of.contains(&name.as_str()) {
                return Err(ChoiceError::OfOther {
                    flag: part.flag,
                    table,
                    of,
                    chosen: name,
                });
            }
        }
        if let Some(part) = lacking(&name, entry).filter(|_| flags.contains_key(table)) {
            return Err(ChoiceError::Lacking {
                table,
                chosen: name,
                flag: part.flag,
            });
        }
    }
    Ok(())
}

/// What a choice needs and does not have.
fn lacking(name: &str, entry: &Map<String, Value>) -> Option<&'static Part> {
    let mut needed = NEEDED.iter().filter(|(choice, _)| *choice == name);
    let (_, key) = needed.find(|(_, key)| !entry.contains_key(*key))?;
    let mut parts = PARTS.iter();
    parts.find(|part| part.choice == name && part.key == *key)
}

/// Writes choices that a file names alone, as in `optimizer = "adamw"`, as tables.
pub fn expand(content: &mut Map<String, Value>) {
    for table in CHOICES {
        if let Some(entry @ Value::String(_)) = content.get_mut(table) {
            *entry = Value::Object(Map::from_iter([("name".to_owned(), entry.take())]));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn laid(settings: Value, flags: Value) -> Result<Value, String> {
        let mut settings = settings;
        let flags = flags.as_object().unwrap();
        lay(&mut settings, flags).map_err(|error| error.to_string())?;
        Ok(settings)
    }

    #[test]
    fn flags_are_settings_of_what_is_chosen() {
        let usual = json!({"optimizer": {"name": "adam", "betas": [0.5, 0.9]}, "schedule": {"name": "constant"}});
        let flags =
            json!({"optimizer": "adamw", "weight_decay": 0.1, "schedule": "warm_up", "warm_up": 9});
        let all = laid(usual.clone(), flags).unwrap();
        let expected = json!({"optimizer": {"name": "adamw", "weight_decay": 0.1}, "schedule": {"name": "warm_up", "steps": 9}});
        assert_eq!(all, expected);
        // The same choice keeps what else it has.
        let same = laid(usual.clone(), json!({"optimizer": "adam"})).unwrap();
        assert_eq!(same, usual);
        let cosine = json!({"schedule": "cosine", "warm_up": 9, "schedule_minimum": 0.5});
        let schedule = laid(usual, cosine).unwrap()["schedule"].take();
        assert_eq!(
            schedule,
            json!({"name": "cosine", "warm_up": 9, "minimum": 0.5})
        );
    }

    #[test]
    fn a_flag_of_another_choice_is_refused() {
        let usual = json!({"optimizer": {"name": "adam"}, "schedule": {"name": "constant"}});
        let sentence = |flags| laid(usual.clone(), flags).unwrap_err();
        assert_eq!(
            sentence(json!({"weight_decay": 0.1})),
            "--weight-decay is a setting of the optimizer adamw, but this is adam; give --optimizer adamw with it"
        );
        assert_eq!(
            sentence(json!({"warm_up": 3})),
            "--warm-up is a setting of the schedules warm_up and cosine, but this is constant; give --schedule warm_up or --schedule cosine with it"
        );
        assert_eq!(
            sentence(json!({"schedule": "steps"})),
            "the schedule steps needs --schedule-at"
        );
    }

    #[test]
    fn a_setting_knows_its_flag() {
        assert_eq!(flag_of("schedule.steps"), Some("warm_up"));
        assert_eq!(flag_of("optimizer.name"), Some("optimizer"));
        assert_eq!(flag_of("optimizer.betas"), None);
        assert_eq!(flag_of("seed"), None);
    }
}
