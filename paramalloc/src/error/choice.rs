//! What is wrong with the flags of the optimizer and the schedule.

/// What is wrong with the flags of the optimizer and the schedule.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceError {
    /// A flag that is a setting of others than the one that is chosen.
    #[error("--{} is a setting of the {table}{} {}, but this is {chosen}; give {} with it", dashed(.flag), if .of.len() == 1 { "" } else { "s" }, .of.join(" and "), flags(.table, .of))]
    OfOther {
        /// The flag, with underscores.
        flag: &'static str,
        /// `optimizer` or `schedule`.
        table: &'static str,
        /// The names that it is a setting of.
        of: Vec<&'static str>,
        /// The name that is chosen.
        chosen: String,
    },
    /// A setting that has no default.
    #[error("the {table} {chosen} needs --{}", dashed(.flag))]
    Lacking {
        /// `optimizer` or `schedule`.
        table: &'static str,
        /// The name that is chosen.
        chosen: String,
        /// The flag that gives the setting, with underscores.
        flag: &'static str,
    },
}

fn dashed(flag: &str) -> String {
    flag.replace('_', "-")
}

/// `--schedule warm_up or --schedule cosine`.
fn flags(table: &str, of: &[&str]) -> String {
    let flags = of.iter().map(|name| format!("--{table} {name}"));
    flags.collect::<Vec<String>>().join(" or ")
}
