use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::PathBuf;

use paramalloc_core::data::Targets;
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;
use crate::options::DataChoice;
use crate::published::tests::downloader;
use crate::testing::{self, assert_says, classes, input, nowhere, only, same};

/// Files by path inside of the data set's directory.
type Files = BTreeMap<String, Vec<u8>>;

fn png(side: u32, pixel: impl Fn(u32, u32) -> u8) -> Vec<u8> {
    let rows = (0..side).flat_map(|y| (0..side).map(move |x| (x, y)));
    let pixels: Vec<u8> = rows.map(|(x, y)| pixel(x, y)).collect();
    testing::png(side, side, png::ColorType::Grayscale, &pixels)
}

/// The first alphabet as it should be: black in each drawing is the row of
/// the character and the column of the drawing.
fn files() -> Files {
    let mut files = Files::new();
    for character in 0..ALPHABETS[0].characters as u32 {
        for drawing in 0..DRAWINGS as u32 {
            let path = format!(
                "images_background/Gujarati/character{:02}/0{:03}_{:02}.png",
                character + 1,
                character,
                drawing + 1
            );
            let black = |x, y| x == drawing || y == character;
            files.insert(path, png(105, |x, y| if black(x, y) { 0 } else { 255 }));
        }
    }
    files
}

/// A directory of data sets with the files unpacked in it.
fn unpacked(files: &Files) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let path = directory.path().join("omniglot").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    directory
}

/// The same in two zip archives.
fn zipped(files: &Files) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("omniglot")).unwrap();
    for part in PARTS {
        let path = directory.path().join(format!("omniglot/{part}.zip"));
        let mut archive = ZipWriter::new(fs::File::create(path).unwrap());
        for (path, bytes) in files.iter().filter(|(path, _)| path.starts_with(part)) {
            archive
                .start_file(path.as_str(), SimpleFileOptions::default())
                .unwrap();
            archive.write_all(bytes).unwrap();
        }
        archive.finish().unwrap();
    }
    directory
}

type Outcome = Result<(Vec<Task>, DataIdentity), DataError>;

fn tasks(
    locations: &Locations,
    options: &DataOptions,
    alphabets: usize,
    image_size: usize,
) -> Outcome {
    let omniglot = OmniglotOptions {
        alphabets,
        image_size,
    };
    omniglot_tasks_from(
        &OMNIGLOT,
        locations,
        &downloader(),
        options,
        &omniglot,
        &mut |_: &str| {},
    )
}

fn first_task(directory: &TempDir, options: &DataOptions) -> Outcome {
    tasks(&only(directory.path()), options, 1, 105)
}

/// The drawing that an input shows, by the column that is ink throughout.
fn drawing(input: &[f32]) -> usize {
    let is_ink = |x: usize| (0..105).all(|y| input[y * 105 + x] == 1.0);
    (0..105).find(|&x| is_ink(x)).unwrap()
}

#[test]
fn each_character_is_split_10_4_6_and_ink_is_1() {
    let (tasks, identity) = first_task(&zipped(&files()), &DataOptions::default()).unwrap();
    assert_eq!((identity.name.as_str(), identity.real), ("omniglot", true));
    assert_eq!(identity.files.len(), 1);
    let task = &tasks[0];
    assert_eq!((task.name.as_str(), task.outputs), ("Gujarati", 48));
    assert!(same(&task.train, &task.evaluation[0].1));
    let mut seen = vec![[""; DRAWINGS]; 48];
    for (split, set) in &task.evaluation {
        for (index, class) in classes(set).into_iter().enumerate() {
            let input = input(set, index, AREA);
            let row = usize::from(class) * 105;
            assert!(input[row..row + 105].iter().all(|&ink| ink == 1.0));
            assert_eq!(input.iter().filter(|&&ink| ink == 1.0).count(), 209);
            assert_eq!(input.iter().filter(|&&ink| ink == 0.0).count(), AREA - 209);
            let place = &mut seen[usize::from(class)][drawing(&input)];
            assert_eq!(*place, "", "a drawing in two splits");
            *place = split;
        }
    }
    for character in &seen {
        let count = |split| character.iter().filter(|&&s| s == split).count();
        assert_eq!(["train", "validation", "test"].map(count), [10, 4, 6]);
    }
    // Every character is split in its own way.
    assert_ne!(seen[0], seen[1]);
}

#[test]
fn unpacked_files_are_the_same_data() {
    let files = files();
    let [packed, unpacked] = [zipped(&files), unpacked(&files)]
        .map(|directory| first_task(&directory, &DataOptions::default()).unwrap());
    for split in 0..3 {
        let [a, b] = [&packed, &unpacked].map(|(tasks, _)| &tasks[0].evaluation[split].1);
        assert_eq!(classes(a), classes(b));
        assert!((0..a.len()).all(|i| input(a, i, AREA) == input(b, i, AREA)));
    }
    let sums: Vec<_> = unpacked.1.files.keys().collect();
    assert_eq!(sums, ["omniglot/images_background"]);
    assert_eq!(packed.1, unpacked.1);
}

#[test]
fn hidden_directories_are_not_looked_at() {
    let directory = unpacked(&files());
    let alphabet = directory.path().join("omniglot/images_background/Gujarati");
    fs::create_dir(alphabet.join(".ipynb_checkpoints")).unwrap();
    assert!(first_task(&directory, &DataOptions::default()).is_ok());
}

#[test]
fn limits_keep_every_class_and_smaller_images_have_mean_ink() {
    let options = DataOptions {
        train_examples: std::num::NonZeroUsize::new(48),
        ..DataOptions::default()
    };
    let directory = unpacked(&files());
    let (tasks, identity) = tasks(&only(directory.path()), &options, 1, 35).unwrap();
    assert_eq!(identity.name, "omniglot (first 48 train) at 35 x 35");
    let mut all = classes(&tasks[0].train);
    all.sort_unstable();
    assert!(all.into_iter().eq(0..48));
    // A pixel is the mean of 3 x 3, of which one row, or more, is ink.
    let input = input(&tasks[0].train, 0, 35 * 35);
    assert_eq!(input[34], 85.0 * (1.0 / 255.0));
    assert_eq!(input[34 * 35 + 34], 0.0);
}

#[test]
fn generated_alphabets_stand_in_only_where_they_may() {
    let (generated, identity) = tasks(&nowhere(), &DataOptions::default(), 3, 28).unwrap();
    assert_eq!(identity.name, "generated alphabets at 28 x 28");
    assert!(!identity.real && identity.files.is_empty());
    let outputs: Vec<_> = generated.iter().map(|task| task.outputs).collect();
    assert_eq!(outputs, [48, 28, 26]);
    assert_eq!(generated[1].name, "generated alphabet 2");
    let real = DataOptions {
        data: DataChoice::Real,
        ..DataOptions::default()
    };
    let error = tasks(&nowhere(), &real, 3, 28).err().unwrap();
    assert!(error.is_out_of_reach());
}

/// The message for the files with a change, from archives and from directories;
/// both name the place.
fn messages(change: impl Fn(&mut Files), place: &str) -> [String; 2] {
    let mut files = files();
    change(&mut files);
    [zipped(&files), unpacked(&files)].map(|directory| {
        let error = first_task(&directory, &DataOptions::default())
            .err()
            .unwrap();
        assert!(!error.is_out_of_reach());
        let message = error.to_string();
        let within = PathBuf::from("omniglot").join(place);
        let named = message.replace("images_background.zip", "images_background");
        assert_says(&named, &[within.to_str().unwrap()]);
        message
    })
}

const FIRST: &str = "images_background/Gujarati/character01/0000_01.png";

#[test]
fn damage_is_refused_naming_the_place() {
    let alphabet = "images_background/Gujarati";
    for message in messages(
        |files| files.retain(|p, _| !p.contains("character07")),
        alphabet,
    ) {
        assert_says(&message, &["holds 47 characters instead of 48"]);
    }
    let character = "images_background/Gujarati/character01";
    for message in messages(|files| drop(files.remove(FIRST)), character) {
        assert_says(&message, &["holds 19 drawings instead of 20"]);
    }
    let replace =
        |png: Vec<u8>| move |files: &mut Files| drop(files.insert(FIRST.to_owned(), png.clone()));
    for message in messages(replace(png(28, |_, _| 0)), FIRST) {
        assert_says(&message, &["28 x 28 pixels instead of 105 x 105"]);
    }
    for message in messages(replace(png(105, |_, _| 90)), FIRST) {
        assert_says(&message, &["has gray pixels"]);
    }
    let whole = png(105, |x, _| if x > 50 { 0 } else { 255 });
    for message in messages(replace(whole[..whole.len() / 2].to_vec()), FIRST) {
        assert_says(&message, &["not a whole PNG or JPEG file"]);
    }
}

#[test]
fn a_missing_alphabet_directory_and_a_truncated_archive_are_refused() {
    let directory = unpacked(&files());
    let message = tasks(&only(directory.path()), &DataOptions::default(), 2, 105)
        .err()
        .unwrap()
        .to_string();
    assert_says(
        &message,
        &["images_evaluation/Sylheti is missing", "fewer alphabets"],
    );

    let message = first_task(&zipped(&Files::new()), &DataOptions::default())
        .err()
        .unwrap()
        .to_string();
    assert_says(&message, &["images_background.zip", "Gujarati is missing"]);

    let directory = zipped(&files());
    let path = directory.path().join("omniglot/images_background.zip");
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let message = first_task(&directory, &DataOptions::default())
        .err()
        .unwrap()
        .to_string();
    assert_says(&message, &["images_background.zip is not a whole zip file"]);
    fs::remove_file(&path).unwrap();
    let message = first_task(&directory, &DataOptions::default())
        .err()
        .unwrap()
        .to_string();
    assert_says(&message, &["images_background.zip is missing"]);
}

#[test]
fn settings_out_of_range_are_refused() {
    for (alphabets, image_size, part) in [
        (0, 28, "1 to 50"),
        (51, 28, "1 to 50"),
        (1, 0, "1 to 105"),
        (1, 106, "1 to 105"),
    ] {
        let error = tasks(&nowhere(), &DataOptions::default(), alphabets, image_size).err();
        assert_says(&error.unwrap().to_string(), &[part]);
    }
}

/// Runs where the real files are at hand.
#[test]
fn the_published_files_parse() {
    let Some(directory) = std::env::var_os(published::ENVIRONMENT) else {
        return;
    };
    let options = DataOptions {
        data: DataChoice::Real,
        ..DataOptions::default()
    };
    let (tasks, identity) = tasks(&only(Path::new(&directory)), &options, 50, 105).unwrap();
    assert!(identity.real);
    assert_eq!(tasks.len(), 50);
    assert_eq!(tasks.iter().map(|task| task.outputs).sum::<usize>(), 1623);
    let sizes = |task: &Task| {
        task.evaluation
            .iter()
            .map(|(_, set)| set.len())
            .sum::<usize>()
    };
    assert_eq!(tasks.iter().map(sizes).sum::<usize>(), 32_460);
    for task in &tasks {
        let Targets::Classes(classes) = task.train.targets() else {
            panic!("no classes");
        };
        let ink: f32 = input(&task.train, 0, AREA).iter().sum();
        assert!((10.0..2000.0).contains(&ink), "{}: {ink}", task.name);
        assert_eq!(classes.len(), 10 * task.outputs);
    }
}
