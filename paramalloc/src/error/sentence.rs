//! Parts of sentences.

use std::borrow::Cow;
use std::fmt::Write;
use std::io;
use std::path::Path;

use paramalloc_core::text::escaped;

use crate::settings::difference::Difference;

/// `--batch-size` if a flag gave the setting, else `batch_size`.
pub fn named(name: &str, is_flag: bool) -> Cow<'_, str> {
    match is_flag {
        true => format!("--{}", name.replace('_', "-")).into(),
        false => name.into(),
    }
}

/// True if there is no room left.
pub fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded)
}

/// A path as a shell takes it.
pub fn shell(path: &Path) -> String {
    crate::shell::quoted(&path.display().to_string())
}

/// `a; b; c`.
pub fn listed(differences: &[Difference]) -> String {
    let mut text = String::new();
    for difference in differences {
        let separator = if text.is_empty() { "" } else { "; " };
        let _ = write!(text, "{separator}{difference}");
    }
    text
}

/// `a, b and 3 more`.
pub fn some(names: &[String]) -> String {
    const MOST: usize = 20;
    let shown: Vec<Cow<'_, str>> = names.iter().take(MOST).map(|name| escaped(name)).collect();
    match names.len().saturating_sub(MOST) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Clap's message without its usage and tips.
pub fn in_one_sentence(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let lines = text.lines().map(str::trim);
    let said: Vec<_> = lines
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"))
        .filter(|line| !line.is_empty())
        .collect();
    let sentence = said.join("; ").replace(":; ", ": ");
    let sentence = sentence.trim_end_matches(';');
    sentence
        .strip_prefix("error: ")
        .unwrap_or(sentence)
        .to_owned()
}
