//! Colors that survive color blindness and a black-and-white printer, on light
//! and on dark paper. A figure names a color by what it is for; what it looks
//! like is up to the [`Theme`].

use super::oklab::{self, Rgb};

/// What a figure is drawn on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Dark on white.
    #[default]
    Light,
    /// Light on nearly black.
    Dark,
}

/// A color, by what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Color {
    /// Text and axes.
    Ink,
    /// Captions and minor labels.
    Muted,
    /// Frames and brackets.
    Rule,
    /// Grid lines.
    Grid,
    /// An empty cell of a matrix.
    Empty,
    /// What the figure is drawn on.
    Paper,
    /// Of a task or another category.
    Category(Category),
    /// A share of 0 to 100 of a category's color on an empty cell.
    Shade(Category, u8),
    /// A share of 0 to 100 of a category's color on paper.
    Faint(Category, u8),
    /// A value of 0 to 100: from nearly paper to far from it.
    Heat(u8),
    /// Text that is read on [`Color::Heat`].
    OnHeat(u8),
}

/// Text and axes.
pub const INK: Color = Color::Ink;
/// Captions and minor labels.
pub const MUTED: Color = Color::Muted;
/// Frames and brackets.
pub const RULE: Color = Color::Rule;
/// Grid lines.
pub const GRID: Color = Color::Grid;
/// An empty cell of a matrix.
pub const EMPTY: Color = Color::Empty;

/// A hue, and how much lighter or darker than usual it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Category {
    hue: u8,
    /// Hundredths of the lightness of OKLab.
    lighter: i8,
}

/// The palette of Okabe and Ito ("Color Universal Design", 2008) without
/// yellow, which does not show as a line on white.
const HUES: [Rgb; 7] = [
    [0x00, 0x72, 0xb2], // blue
    [0xd5, 0x5e, 0x00], // vermillion
    [0x00, 0x9e, 0x73], // bluish green
    [0xcc, 0x79, 0xa7], // reddish purple
    [0xe6, 0x9f, 0x00], // orange
    [0x56, 0xb4, 0xe9], // sky blue
    [0x00, 0x00, 0x00], // black
];

/// Number of distinct hues.
pub const HUE_COUNT: usize = HUES.len();

/// How much lighter the second and third use of a hue is.
const LIGHTER: [i8; 3] = [0, 13, -17];

impl Category {
    /// The category `index`: seven hues, then the same lighter, then darker; it
    /// repeats after 21.
    pub fn numbered(index: usize) -> Self {
        Self {
            hue: (index % HUE_COUNT) as u8,
            lighter: LIGHTER[index / HUE_COUNT % LIGHTER.len()],
        }
    }

    /// Member `index` of `count` of a group: all have the hue of the group.
    pub fn of_group(group: usize, index: usize, count: usize) -> Self {
        let share = index as f64 / (count.max(2) - 1) as f64;
        Self {
            hue: (group % HUE_COUNT) as u8,
            lighter: (20.0 - 36.0 * share).round() as i8,
        }
    }

    fn rgb(self, theme: Theme) -> Rgb {
        let hue = HUES[usize::from(self.hue)];
        let is_black = usize::from(self.hue) == HUE_COUNT - 1;
        let lighter = f64::from(self.lighter) / 100.0;
        let moved = match (theme, is_black) {
            (Theme::Light, false) => lighter,
            (Theme::Light, true) => lighter.abs() * 1.8,
            // Dark paper asks for lighter colors.
            (Theme::Dark, false) => 0.12 + lighter * 0.8,
            (Theme::Dark, true) => 0.92 - lighter.abs() * 1.5,
        };
        // What is near the paper would not show.
        let range = match theme {
            Theme::Light => (0.0, 0.85),
            Theme::Dark => (0.42, 0.97),
        };
        oklab::lighter(hue, moved, range)
    }
}

/// Color of the category `index`.
#[cfg(test)]
pub fn category(index: usize) -> Color {
    Color::Category(Category::numbered(index))
}

/// Color of a value of 0 to 1.
pub fn heat(value: f64) -> Color {
    Color::Heat((value.clamp(0.0, 1.0) * 100.0).round() as u8)
}

/// Ink or paper, whichever reads better on `heat(value)`.
pub fn on_heat(value: f64) -> Color {
    Color::OnHeat((value.clamp(0.0, 1.0) * 100.0).round() as u8)
}

impl Color {
    /// What it looks like.
    pub fn rgb(self, theme: Theme) -> Rgb {
        let of = |light: Rgb, dark: Rgb| match theme {
            Theme::Light => light,
            Theme::Dark => dark,
        };
        match self {
            Self::Ink => of([0x22, 0x26, 0x2b], [0xe8, 0xea, 0xed]),
            Self::Muted => of([0x5c, 0x64, 0x6d], [0xa6, 0xae, 0xb8]),
            Self::Rule => of([0x9a, 0xa2, 0xab], [0x6b, 0x74, 0x7e]),
            Self::Grid => of([0xe3, 0xe6, 0xe9], [0x30, 0x36, 0x3d]),
            Self::Empty => of([0xee, 0xf0, 0xf2], [0x25, 0x2a, 0x31]),
            Self::Paper => of([0xff, 0xff, 0xff], [0x14, 0x17, 0x1c]),
            Self::Category(category) => category.rgb(theme),
            Self::Shade(category, share) => mix(category.rgb(theme), Self::Empty.rgb(theme), share),
            Self::Faint(category, share) => mix(category.rgb(theme), Self::Paper.rgb(theme), share),
            Self::Heat(value) => heat_rgb(f64::from(value) / 100.0, theme),
            Self::OnHeat(value) => match (theme, value) {
                (Theme::Light, 0..58) => [0, 0, 0],
                (Theme::Dark, 48..) => [0, 0, 0],
                _ => [0xff, 0xff, 0xff],
            },
        }
    }
}

/// `share` of 100 of `color`, the rest of `other`.
fn mix(color: Rgb, other: Rgb, share: u8) -> Rgb {
    let share = f64::from(share) / 100.0;
    let mixed = |i: usize| f64::from(color[i]) * share + f64::from(other[i]) * (1.0 - share);
    [0, 1, 2].map(|i| mixed(i).round() as u8)
}

/// Of a value of 0 to 1. The lightness changes in equal steps in the OKLab
/// space (Ottosson 2020), so equal differences look equal, in print too.
fn heat_rgb(value: f64, theme: Theme) -> Rgb {
    let lightness = match theme {
        Theme::Light => 0.97 - 0.70 * value,
        Theme::Dark => 0.24 + 0.68 * value,
    };
    // The chroma is largest in the middle, where the screen can show it.
    let middle = 0.115 * (std::f64::consts::PI * value).sin().max(0.0);
    let end = match theme {
        Theme::Light => 0.07,
        Theme::Dark => 0.03,
    };
    oklab::from_polar(
        lightness,
        0.01 + middle + end * value,
        250.0_f64.to_radians(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance of an sRGB color (WCAG 2).
    fn luminance(color: Rgb) -> f64 {
        let linear = |c: u8| {
            let c = f64::from(c) / 255.0;
            if c <= 0.04045 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(color[0]) + 0.7152 * linear(color[1]) + 0.0722 * linear(color[2])
    }

    const THEMES: [Theme; 2] = [Theme::Light, Theme::Dark];

    fn contrast(a: Rgb, b: Rgb) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn heat_leaves_the_paper_at_every_step() {
        for theme in THEMES {
            let paper = luminance(Color::Paper.rgb(theme));
            let shades = (0..=32).map(|i| luminance(heat(i as f64 / 32.0).rgb(theme)));
            let distances: Vec<f64> = shades.map(|shade| (shade - paper).abs()).collect();
            assert!(distances.windows(2).all(|w| w[0] < w[1]), "{distances:?}");
            assert!(distances[0] < 0.15 && distances[32] > 0.6, "{distances:?}");
        }
    }

    #[test]
    fn text_has_contrast() {
        for theme in THEMES {
            for i in 0..=100 {
                let value = f64::from(i) / 100.0;
                let found = contrast(heat(value).rgb(theme), on_heat(value).rgb(theme));
                assert!(found >= 4.4, "{found} at {value}");
            }
            for text in [INK, MUTED] {
                assert!(contrast(text.rgb(theme), Color::Paper.rgb(theme)) >= 4.5);
            }
        }
    }

    #[test]
    fn lines_show_on_paper_and_differ() {
        for theme in THEMES {
            let colors: Vec<Rgb> = (0..21).map(|i| category(i).rgb(theme)).collect();
            for (index, color) in colors.iter().enumerate() {
                let found = contrast(*color, Color::Paper.rgb(theme));
                assert!(found >= 1.3, "{index}: {found} in {theme:?}");
                assert!(!colors[..index].contains(color), "{index} in {theme:?}");
            }
        }
    }

    #[test]
    fn a_shade_of_nothing_is_an_empty_cell() {
        let blue = Category::numbered(0);
        for theme in THEMES {
            assert_eq!(Color::Shade(blue, 0).rgb(theme), EMPTY.rgb(theme));
            assert_eq!(Color::Shade(blue, 100).rgb(theme), category(0).rgb(theme));
            assert_eq!(Color::Faint(blue, 0).rgb(theme), Color::Paper.rgb(theme));
        }
    }
}
