//! The alphabets of Omniglot.

/// One alphabet as published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alphabet {
    /// Which of the two parts of Omniglot has it, [`PARTS`] by number.
    pub part: usize,
    /// Its directory.
    pub name: &'static str,
    /// Its number of characters.
    pub characters: usize,
}

/// Directories of the two parts of Omniglot.
pub const PARTS: [&str; 2] = ["images_background", "images_evaluation"];

const fn background(name: &'static str, characters: usize) -> Alphabet {
    Alphabet {
        part: 0,
        name,
        characters,
    }
}

const fn evaluation(name: &'static str, characters: usize) -> Alphabet {
    Alphabet {
        part: 1,
        name,
        characters,
    }
}

/// All alphabets: first the 20 of the published experiment in its order, then
/// the others by part and by name.
pub const ALPHABETS: [Alphabet; 50] = [
    background("Gujarati", 48),
    evaluation("Sylheti", 28),
    background("Arcadian", 26),
    evaluation("Tibetan", 42),
    evaluation("Old_Church_Slavonic_(Cyrillic)", 45),
    evaluation("Angelic", 20),
    background("Malay_(Jawi_-_Arabic)", 40),
    background("Sanskrit", 42),
    background("Cyrillic", 33),
    background("Anglo-Saxon_Futhorc", 29),
    background("Syriac_(Estrangelo)", 23),
    evaluation("Ge_ez", 26),
    background("Japanese_(katakana)", 47),
    evaluation("Keble", 26),
    evaluation("Manipuri", 40),
    background("Alphabet_of_the_Magi", 20),
    evaluation("Gurmukhi", 45),
    background("Korean", 40),
    background("Early_Aramaic", 22),
    evaluation("Atemayar_Qelisayer", 26),
    background("Armenian", 41),
    background("Asomtavruli_(Georgian)", 40),
    background("Balinese", 24),
    background("Bengali", 46),
    background("Blackfoot_(Canadian_Aboriginal_Syllabics)", 14),
    background("Braille", 26),
    background("Burmese_(Myanmar)", 34),
    background("Futurama", 26),
    background("Grantha", 43),
    background("Greek", 24),
    background("Hebrew", 22),
    background("Inuktitut_(Canadian_Aboriginal_Syllabics)", 16),
    background("Japanese_(hiragana)", 52),
    background("Latin", 26),
    background("Mkhedruli_(Georgian)", 41),
    background("N_Ko", 33),
    background("Ojibwe_(Canadian_Aboriginal_Syllabics)", 14),
    background("Tagalog", 17),
    background("Tifinagh", 55),
    evaluation("Atlantean", 26),
    evaluation("Aurek-Besh", 26),
    evaluation("Avesta", 26),
    evaluation("Glagolitic", 45),
    evaluation("Kannada", 41),
    evaluation("Malayalam", 47),
    evaluation("Mongolian", 30),
    evaluation("Oriya", 46),
    evaluation("Syriac_(Serto)", 23),
    evaluation("Tengwar", 25),
    evaluation("ULOG", 26),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_all_characters_and_the_stated_order() {
        let characters: usize = ALPHABETS.iter().map(|a| a.characters).sum();
        let background = ALPHABETS.iter().filter(|a| a.part == 0);
        assert_eq!(characters, 1623);
        assert_eq!(background.clone().count(), 30);
        assert_eq!(background.map(|a| a.characters).sum::<usize>(), 964);
        assert!(ALPHABETS[20..].is_sorted_by_key(|a| (a.part, a.name)));
        let mut names: Vec<_> = ALPHABETS.iter().map(|a| a.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 50);
    }
}
