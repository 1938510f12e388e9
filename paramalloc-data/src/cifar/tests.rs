use std::fs;
use std::path::Path;

use lzma_rust2::{XzOptions, XzWriter};
use tar::{Builder, Header};
use tempfile::TempDir;

use super::*;
use crate::mnist::tests::gzip;
use crate::options::DataChoice;
use crate::published::tests::downloader;
use crate::testing::{assert_says, classes, input, nowhere, only, splits};

const RECORD: usize = 3074;

/// A file of `count` records per fine class. Record `i` has fine class
/// `i % 100`, coarse class `fine % 20`, and its pixels are `i + place`.
fn records_file(count: usize) -> Vec<u8> {
    let mut file = Vec::new();
    for record in 0..count * FINE {
        let fine = record % FINE;
        file.extend([(fine % COARSE) as u8, fine as u8]);
        file.extend((0..3072).map(|place| (record + place) as u8));
    }
    file
}

/// Adds 5 + 2 unpacked images per fine class to a directory of data sets.
pub(crate) fn write_small(data_dir: &Path) {
    let directory = data_dir.join("cifar-100/cifar-100-binary");
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join("train.bin"), records_file(5)).unwrap();
    fs::write(directory.join("test.bin"), records_file(2)).unwrap();
}

fn directory() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    write_small(directory.path());
    directory
}

type Outcome = Result<(Vec<Task>, DataIdentity), DataError>;

fn tasks(locations: &Locations, options: &DataOptions) -> (Outcome, Vec<String>) {
    let mut said = Vec::new();
    let tasks = cifar_tasks_from(
        &CIFAR_100,
        locations,
        &downloader(),
        options,
        &mut |line: &str| {
            said.push(line.to_owned());
        },
    );
    (tasks, said)
}

fn tasks_of(directory: &TempDir) -> Outcome {
    tasks(&only(directory.path()), &DataOptions::default()).0
}

#[test]
fn a_coarse_class_is_a_task_of_five_classes() {
    let directory = directory();
    let (outcome, said) = tasks(&only(directory.path()), &DataOptions::default());
    let (tasks, identity) = outcome.unwrap();
    assert_eq!(
        said.iter()
            .filter(|line| line.starts_with("warning"))
            .count(),
        2
    );
    assert_eq!((identity.name.as_str(), identity.real), ("cifar-100", true));
    assert_eq!(identity.files.len(), 2);
    assert!(identity.files.contains_key("cifar-100/train.bin"));
    assert_eq!(tasks.len(), 20);
    assert_eq!(tasks[13].name, "non-insect invertebrates");
    for task in &tasks {
        assert_eq!((task.group.as_str(), task.outputs), ("cifar-100", 5));
        assert_eq!(
            splits(task),
            [("train", 20), ("validation", 5), ("test", 10)]
        );
    }
    // Fine classes 3, 23, 43, 63, 83 in order of labels.
    assert_eq!(
        classes(&tasks[3].evaluation[2].1),
        [0, 1, 2, 3, 4, 0, 1, 2, 3, 4]
    );
    let first = input(&tasks[3].evaluation[2].1, 1, 3072);
    assert_eq!(first[0], 23.0 * (1.0 / 255.0));
    assert_eq!(first[1024], ((23 + 1024) % 256) as f32 * (1.0 / 255.0));
}

#[test]
fn validation_has_a_fifth_of_each_class_and_nothing_of_train() {
    let (tasks, _) = tasks_of(&directory()).unwrap();
    for task in &tasks {
        let mut all = Vec::new();
        for (split, of_each) in [(0, 4), (1, 1)] {
            let set = &task.evaluation[split].1;
            let labels = classes(set);
            for class in 0..5 {
                assert_eq!(
                    labels.iter().filter(|&&label| label == class).count(),
                    of_each
                );
            }
            all.extend((0..set.len()).map(|i| (input(set, i, 3072)[0] * 255.0).round() as u8));
        }
        all.sort_unstable();
        all.dedup();
        // Records of one class are 100 apart, modulo 256.
        assert_eq!(all.len(), 25);
    }
}

#[test]
fn training_images_are_cropped_and_evaluated_ones_are_not() {
    let (tasks, _) = tasks_of(&directory()).unwrap();
    let train = &tasks[0].train;
    let clean = input(train, 0, 3072);
    let mut cropped = vec![9.0; 3072];
    train.write_input(0, Some(0), &mut cropped);
    // The corner of the padded image: 4 rows and columns of zeros, then the
    // image from its start.
    for plane in 0..3 {
        let at = |image: &[f32], row: usize, column: usize| image[plane * 1024 + row * 32 + column];
        assert!((0..32).all(|i| at(&cropped, 3, i) == 0.0 && at(&cropped, i, 3) == 0.0));
        assert_eq!(at(&cropped, 4, 4), at(&clean, 0, 0));
        assert_eq!(at(&cropped, 31, 31), at(&clean, 27, 27));
    }
}

#[test]
fn archives_are_the_same_data() {
    let unpacked = directory();
    let mut archive = Builder::new(Vec::new());
    for name in ["fine_label_names.txt", "test.bin", "train.bin"] {
        let path = unpacked
            .path()
            .join("cifar-100/cifar-100-binary")
            .join(name);
        let bytes = fs::read(path).unwrap_or_default();
        let mut header = Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        let path = format!("cifar-100-binary/{name}");
        archive
            .append_data(&mut header, path, bytes.as_slice())
            .unwrap();
    }
    let tar = archive.into_inner().unwrap();
    let mut xz = XzWriter::new(Vec::new(), XzOptions::with_preset(0)).unwrap();
    std::io::Write::write_all(&mut xz, &tar).unwrap();
    let expected = tasks_of(&unpacked).unwrap();
    for (name, bytes) in [
        ("cifar-100-binary.tar.gz", gzip(&tar)),
        ("cifar-100-binary.tar.xz", xz.finish().unwrap()),
    ] {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("cifar-100")).unwrap();
        let path = directory.path().join("cifar-100").join(name);
        fs::write(&path, &bytes).unwrap();
        let (found, identity) = tasks_of(&directory).unwrap();
        assert_eq!(identity, expected.1);
        for (a, b) in found.iter().zip(&expected.0) {
            assert_eq!(classes(&a.train), classes(&b.train));
            assert_eq!(input(&a.train, 7, 3072), input(&b.train, 7, 3072));
        }

        fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        let message = tasks_of(&directory).err().unwrap().to_string();
        assert_says(
            &message,
            &[path.to_str().unwrap(), "not a whole archive file"],
        );
        let other = gzip(&Builder::new(Vec::new()).into_inner().unwrap());
        if name.ends_with("gz") {
            fs::write(&path, other).unwrap();
            let message = tasks_of(&directory).err().unwrap().to_string();
            assert_says(
                &message,
                &[name, "does not hold cifar-100-binary/train.bin"],
            );
        }
    }
}

/// A tar archive that unpacks to much more than the data set is refused, and
/// nothing of it is kept in memory.
#[test]
fn archives_that_unpack_to_too_much_are_refused() {
    let refused = |archive: &[u8]| {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("cifar-100")).unwrap();
        let path = directory.path().join("cifar-100/cifar-100-binary.tar.gz");
        fs::write(&path, gzip(archive)).unwrap();
        tasks_of(&directory).err().unwrap().to_string()
    };
    let mut header = Header::new_gnu();
    header.set_path("cifar-100-binary/train.bin").unwrap();
    header.set_size(1 << 30);
    header.set_cksum();
    let parts = [
        "train.bin is too large",
        "take 1073741824 bytes, but may take 268435456",
    ];
    assert_says(&refused(header.as_bytes()), &parts);
}

/// The message for the small data set with a changed `train.bin`.
fn message_with(change: impl Fn(&mut Vec<u8>)) -> String {
    let directory = directory();
    let path = directory
        .path()
        .join("cifar-100/cifar-100-binary/train.bin");
    let mut bytes = fs::read(&path).unwrap();
    change(&mut bytes);
    fs::write(&path, bytes).unwrap();
    let error = tasks_of(&directory).err().unwrap();
    assert!(!error.is_out_of_reach());
    let message = error.to_string();
    assert_says(&message, &[path.to_str().unwrap()]);
    message
}

#[test]
fn damage_is_refused_naming_the_file() {
    let message = message_with(|bytes| bytes.truncate(3 * RECORD + 17));
    assert_says(
        &message,
        &["breaks off in record 3, after 17 of its 3074 bytes"],
    );
    assert_says(&message_with(Vec::clear), &["holds no record"]);
    let message = message_with(|bytes| bytes[RECORD + 1] = 100);
    assert_says(&message, &["label 1 is 100, but labels go from 0 to 99"]);
    let message = message_with(|bytes| bytes[2 * RECORD] = 20);
    assert_says(&message, &["label 2 is 20, but labels go from 0 to 19"]);
    let message = message_with(|bytes| bytes[100 * RECORD] = 7);
    assert_says(
        &message,
        &["fine class 0 coarse class 7 in record 100, but 0 before"],
    );
    let message = message_with(|bytes| bytes.truncate(90 * RECORD));
    assert_says(
        &message,
        &["4 fine classes in coarse class 10 instead of 5"],
    );

    let directory = directory();
    fs::remove_file(directory.path().join("cifar-100/cifar-100-binary/test.bin")).unwrap();
    let message = tasks_of(&directory).err().unwrap().to_string();
    assert_says(&message, &["cifar-100-binary/test.bin is missing"]);
}

#[test]
fn generated_textures_stand_in_only_where_they_may() {
    let options = DataOptions {
        train_examples: std::num::NonZeroUsize::new(10),
        ..DataOptions::default()
    };
    let (outcome, said) = tasks(&nowhere(), &options);
    let (generated, identity) = outcome.unwrap();
    assert_eq!(identity.name, "generated textures (first 10 train)");
    assert!(!identity.real && said.iter().any(|line| line.starts_with("NOT CIFAR-100")));
    assert_eq!(
        splits(&generated[19]),
        [("train", 10), ("validation", 200), ("test", 200)]
    );
    assert_eq!(generated[19].name, "textures 20");
    assert_eq!(generated[19].group, "generated textures");
    let real = DataOptions {
        data: DataChoice::Real,
        ..DataOptions::default()
    };
    assert!(tasks(&nowhere(), &real).0.err().unwrap().is_out_of_reach());
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
    let (outcome, said) = tasks(&only(Path::new(&directory)), &options);
    let (tasks, _) = outcome.unwrap();
    // The files in any archive are the published ones.
    assert!(
        !said.iter().any(|line| line.contains("warning")),
        "{said:?}"
    );
    for task in &tasks {
        for (split, of_each) in [(0, 400), (1, 100), (2, 100)] {
            let labels = classes(&task.evaluation[split].1);
            for class in 0..5 {
                assert_eq!(
                    labels.iter().filter(|&&label| label == class).count(),
                    of_each
                );
            }
        }
    }
}

/// A name that is too long for the header of an entry has an entry of its own, which
/// takes no more memory than a name does.
#[test]
fn long_names_in_an_archive() {
    let unpacked = directory();
    let long = "directory/".repeat(15);
    let mut archive = Builder::new(Vec::new());
    for name in ["test.bin", "train.bin"] {
        let inside = unpacked.path().join("cifar-100/cifar-100-binary");
        let path = format!("{long}cifar-100-binary/{name}");
        archive
            .append_path_with_name(inside.join(name), path)
            .unwrap();
    }
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("cifar-100/cifar-100-binary.tar.gz");
    fs::create_dir(place.parent().unwrap()).unwrap();
    fs::write(&place, gzip(&archive.into_inner().unwrap())).unwrap();
    let (_, identity) = tasks_of(&directory).unwrap();
    assert_eq!(identity, tasks_of(&unpacked).unwrap().1);

    let mut header = Header::new_gnu();
    header.set_path("././@LongLink").unwrap();
    header.set_entry_type(tar::EntryType::GNULongName);
    header.set_size(500 << 20);
    header.set_cksum();
    fs::write(&place, gzip(header.as_bytes())).unwrap();
    let message = tasks_of(&directory).err().unwrap().to_string();
    let parts = ["its names take 524288000 bytes, but may take 4096"];
    assert_says(&message, &parts);
}
