//! Fonts of the system, for characters that the font of the figures lacks.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use ab_glyph::{Font, FontRef};
use fontdb::{Database, ID, Style, Weight};

/// The fonts of the system, read when the first character asks for them.
static FONTS: LazyLock<Database> = LazyLock::new(|| {
    let mut fonts = Database::new();
    fonts.load_system_fonts();
    fonts
});

/// What was found. A font that is used stays to the end of the program.
#[derive(Default)]
struct Found {
    by_character: HashMap<char, Option<&'static FontRef<'static>>>,
    used: Vec<(ID, &'static FontRef<'static>)>,
}

static FOUND: LazyLock<Mutex<Found>> = LazyLock::new(Mutex::default);

/// A font of the system that has the character, if there is one: the one used
/// before if it has, so that a name is not a mix of fonts, else an upright one
/// of usual weight if there is.
pub fn with(character: char) -> Option<&'static FontRef<'static>> {
    // A panic in another thread leaves nothing half done.
    let mut found = FOUND.lock().unwrap_or_else(|error| error.into_inner());
    if let Some(known) = found.by_character.get(&character) {
        return *known;
    }
    let mut used = found.used.iter().map(|(_, font)| *font);
    let font = used.find(|font| has(font, character));
    let font = font.or_else(|| {
        let id = find(character)?;
        let font = load(id)?;
        found.used.push((id, font));
        Some(font)
    });
    found.by_character.insert(character, font);
    font
}

fn has(font: &FontRef<'_>, character: char) -> bool {
    font.glyph_id(character).0 != 0
}

fn find(character: char) -> Option<ID> {
    let mut faces: Vec<_> = FONTS.faces().collect();
    faces.sort_by_key(|face| {
        let weight = face.weight.0.abs_diff(Weight::NORMAL.0);
        (face.style != Style::Normal, weight, &face.post_script_name)
    });
    let has = |id: ID| {
        let found = FONTS.with_face_data(id, |data, index| {
            let font = FontRef::try_from_slice_and_index(data, index);
            font.is_ok_and(|font| has(&font, character))
        });
        found.unwrap_or(false)
    };
    faces.into_iter().map(|face| face.id).find(|&id| has(id))
}

fn load(id: ID) -> Option<&'static FontRef<'static>> {
    let font = FONTS.with_face_data(id, |data, index| {
        let data: &'static [u8] = Box::leak(data.to_vec().into_boxed_slice());
        FontRef::try_from_slice_and_index(data, index).ok()
    });
    Some(Box::leak(Box::new(font??)))
}
