//! The colors of a page: variables that are light or dark as the reader's
//! system is.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::figures::{Color, Theme};

/// The colors in use.
#[derive(Debug, Default)]
pub struct Colors {
    used: BTreeSet<Color>,
}

/// Those that the style sheet of the page uses.
const NAMED: [Color; 6] = [
    Color::Ink,
    Color::Muted,
    Color::Rule,
    Color::Grid,
    Color::Empty,
    Color::Paper,
];

impl Colors {
    /// The attribute's value for a color.
    pub fn paint(&mut self, color: Color) -> String {
        self.used.insert(color);
        format!("var(--{})", name(color))
    }

    /// The variables as a style sheet.
    pub fn css(&self) -> String {
        let all: BTreeSet<Color> = self.used.iter().copied().chain(NAMED).collect();
        let variables = |theme: Theme| {
            let mut text = String::new();
            for &color in &all {
                let [red, green, blue] = color.rgb(theme);
                let _ = write!(text, "--{}:#{red:02x}{green:02x}{blue:02x};", name(color));
            }
            text
        };
        format!(
            ":root{{{}}}\n@media (prefers-color-scheme:dark){{:root{{{}}}}}\n",
            variables(Theme::Light),
            variables(Theme::Dark)
        )
    }
}

/// A name for a color that no other has.
fn name(color: Color) -> String {
    let debug = format!("{color:?}").to_lowercase();
    let letters = debug.chars().map(|c| match c {
        'a'..='z' | '0'..='9' => c,
        _ => '-',
    });
    let name: String = letters.collect();
    let words = name
        .split('-')
        .filter(|word| !word.is_empty() && !["category", "hue", "lighter"].contains(word));
    let name: Vec<&str> = words.collect();
    // A darker shade is not a lighter one.
    let minus = if debug.contains("-") { "m" } else { "" };
    match matches!(color, Color::Category(_)) {
        true => format!("c{minus}{}", name.join("-")),
        false => format!("{}{minus}", name.join("-")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::{Category, heat};

    #[test]
    fn every_color_has_its_own_name() {
        let mut colors = vec![Color::Ink, Color::Paper];
        for index in 0..21 {
            let category = Category::numbered(index);
            colors.push(Color::Category(category));
            colors.extend((0..=100).map(|share| Color::Shade(category, share)));
            colors.extend((0..=100).map(|share| Color::Faint(category, share)));
        }
        colors.extend((0..13).map(|index| Color::Category(Category::of_group(1, index, 13))));
        colors.extend((0..=100).map(|value| heat(f64::from(value) / 100.0)));
        let colors: BTreeSet<Color> = colors.into_iter().collect();
        let names: BTreeSet<String> = colors.iter().map(|&color| name(color)).collect();
        assert_eq!(names.len(), colors.len());
        assert_eq!(name(Color::Ink), "ink");
    }
}
