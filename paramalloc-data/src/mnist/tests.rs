mod damaged;

use std::fs;
use std::io::Write;
use std::num::NonZeroUsize;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use paramalloc_core::data::Targets;
use tempfile::TempDir;

use super::*;
use crate::files::sha256_hex;
use crate::published::test_server::{Reply, Server};
use crate::published::tests::downloader;
use crate::published::{self, PublishedFile};
use crate::testing::{classes, input, same};
use crate::{DataChoice, GENERATED_TRAIN_IMAGES};

pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// An idx file before compression.
fn idx(magic: u32, sizes: &[u32], content: &[u8]) -> Vec<u8> {
    let mut file = magic.to_be_bytes().to_vec();
    for size in sizes {
        file.extend(size.to_be_bytes());
    }
    file.extend(content);
    file
}

fn images(count: u32) -> Vec<u8> {
    let pixels: Vec<u8> = (0..count * 784).map(|i| (i % 251) as u8).collect();
    idx(0x0803, &[count, 28, 28], &pixels)
}

fn labels(labels: &[u8]) -> Vec<u8> {
    idx(0x0801, &[labels.len() as u32], labels)
}

/// A directory with a small but valid data set of 3 + 2 images in `mnist`.
fn directory() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    write_small(directory.path(), &MNIST);
    directory
}

/// Adds a small but valid set of 3 + 2 images to a directory of data sets.
pub(crate) fn write_small(data_dir: &Path, dataset: &PublishedDataset) {
    let directory = data_dir.join(dataset.directory);
    fs::create_dir(&directory).unwrap();
    let contents = [images(3), labels(&[7, 0, 9]), images(2), labels(&[1, 2])];
    for (file, content) in dataset.files.iter().zip(contents) {
        fs::write(directory.join(file.name), gzip(&content)).unwrap();
    }
}

type Outcome = Result<(Vec<Task>, DataIdentity), DataError>;

/// The tasks from the files in `directory` alone, and the lines for the user.
fn tasks_of(directory: &Path, options: &DataOptions) -> (Outcome, Vec<String>) {
    let locations = Locations {
        data_dir: Some(directory.to_owned()),
        ..Locations::default()
    };
    let mut said = Vec::new();
    let tasks = mnist_tasks_from(
        &MNIST,
        &locations,
        &downloader(),
        options,
        &mut |line: &str| said.push(line.to_owned()),
    );
    (tasks, said)
}

#[test]
fn four_tasks_share_two_sets_of_images() {
    let directory = directory();
    let (tasks, said) = tasks_of(directory.path(), &DataOptions::default());
    let (tasks, identity) = tasks.unwrap();
    let names: Vec<_> = tasks
        .iter()
        .map(|task| (task.name.as_str(), task.group.as_str()))
        .collect();
    assert_eq!(
        names,
        [
            ("MNIST", "plain"),
            ("MNIST-2", "plain"),
            ("MNIST-Rot", "rotated"),
            ("MNIST-Rot-2", "rotated")
        ]
    );
    for (task, first) in tasks.iter().zip([0, 0, 2, 2]) {
        assert_eq!(task.outputs, 10);
        let splits: Vec<_> = task
            .evaluation
            .iter()
            .map(|(split, set)| (split.as_str(), set.len()))
            .collect();
        assert_eq!(splits, [("train", 3), ("test", 2)]);
        assert!(same(&task.train, &task.evaluation[0].1));
        assert!(same(&task.train, &tasks[first].train));
        assert!(same(&task.evaluation[1].1, &tasks[first].evaluation[1].1));
        let Targets::Classes(classes) = task.train.targets() else {
            panic!("no classes");
        };
        assert_eq!(classes, [7, 0, 9]);
    }
    assert_eq!((identity.name.as_str(), identity.real), ("mnist", true));
    assert_eq!(identity.files.len(), 4);
    assert!(
        identity
            .files
            .contains_key("mnist/t10k-labels-idx1-ubyte.gz")
    );
    assert_eq!(
        said.iter()
            .filter(|line| line.starts_with("warning"))
            .count(),
        1
    );
}

#[test]
fn inputs_are_pixels_over_255_and_turned_counter_clockwise() {
    let directory = directory();
    let (tasks, _) = tasks_of(directory.path(), &DataOptions::default());
    let (tasks, _) = tasks.unwrap();
    let [mut plain, mut turned] = [[0.0; 784]; 2];
    tasks[0].train.write_input(1, None, &mut plain);
    tasks[2].train.write_input(1, None, &mut turned);
    assert_eq!(plain[0], 31.0 * (1.0 / 255.0));
    // The upper right corner goes to the upper left, the lower right to the
    // upper right.
    assert_eq!(turned[0], plain[27]);
    assert_eq!(turned[27], plain[783]);
}

#[test]
fn limits_keep_the_first_images_and_are_recorded() {
    let directory = directory();
    let options = DataOptions {
        train_examples: NonZeroUsize::new(1),
        test_examples: NonZeroUsize::new(100),
        ..DataOptions::default()
    };
    let (tasks, _) = tasks_of(directory.path(), &options);
    let (tasks, identity) = tasks.unwrap();
    assert_eq!(identity.name, "mnist (first 1 train)");
    for task in tasks {
        assert_eq!((task.train.len(), task.evaluation[1].1.len()), (1, 2));
    }
}

/// The names that unpackers, Kaggle and torchvision leave, and several gzip
/// blocks in a file.
#[test]
fn files_are_known_unpacked_and_by_other_names() {
    let expected = tasks_of(directory().path(), &DataOptions::default())
        .0
        .unwrap()
        .0;
    let rename: [fn(&str) -> String; 3] = [
        |name| name.trim_end_matches(".gz").to_owned(),
        |name| name.trim_end_matches(".gz").replace("-idx", ".idx"),
        |name| name.to_uppercase(),
    ];
    let contents = [images(3), labels(&[7, 0, 9]), images(2), labels(&[1, 2])];
    for (way, rename) in rename.into_iter().enumerate() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("mnist")).unwrap();
        for (file, content) in MNIST.files.iter().zip(&contents) {
            let bytes = match way {
                2 => [gzip(&content[..7]), gzip(&content[7..])].concat(),
                _ => content.clone(),
            };
            fs::write(
                directory.path().join("mnist").join(rename(file.name)),
                bytes,
            )
            .unwrap();
        }
        let (outcome, said) = tasks_of(directory.path(), &DataOptions::default());
        let (tasks, identity) = outcome.unwrap();
        assert!(identity.real, "{said:?}");
        assert_eq!(
            input(&tasks[0].train, 2, 784),
            input(&expected[0].train, 2, 784)
        );
        assert_eq!(classes(&tasks[0].train), [7, 0, 9]);
    }
}

#[test]
fn what_a_directory_holds_in_place_of_the_data_is_named() {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("mnist")).unwrap();
    fs::write(directory.path().join("mnist/mnist.pkl"), "").unwrap();
    let options = |data| DataOptions {
        data,
        ..DataOptions::default()
    };
    let (outcome, said) = tasks_of(directory.path(), &options(DataChoice::Auto));
    assert!(!outcome.unwrap().1.real);
    let holds = "that holds mnist.pkl, but none of train-images-idx3-ubyte.gz, ";
    assert!(said[0].contains(holds), "{said:?}");
    // The error alone says where it was looked for.
    let (outcome, _) = tasks_of(directory.path(), &options(DataChoice::Real));
    let message = outcome.err().unwrap().to_string();
    let searched = directory.path().join("mnist");
    assert!(
        message.contains(&format!("MNIST is not in {}", searched.display())),
        "{message}"
    );
}

#[test]
fn generated_digits_stand_in_only_where_they_may() {
    let directory = tempfile::tempdir().unwrap();
    let mut options = DataOptions {
        train_examples: NonZeroUsize::new(50),
        test_examples: NonZeroUsize::new(20),
        ..DataOptions::default()
    };
    let (tasks, said) = tasks_of(directory.path(), &options);
    let (tasks, identity) = tasks.unwrap();
    assert_eq!(identity.name, "generated digits (first 50 train, 20 test)");
    assert!(!identity.real && identity.files.is_empty());
    assert_eq!(tasks[3].train.len(), 50);
    assert!(
        said.iter().any(|line| line.starts_with("NOT MNIST")),
        "{said:?}"
    );

    options.data = DataChoice::Real;
    let (tasks, said) = tasks_of(directory.path(), &options);
    assert!(matches!(tasks, Err(DataError::NoCacheDirectory { .. })));
    assert!(!said.iter().any(|line| line.starts_with("NOT")), "{said:?}");
}

#[test]
fn generated_data_look_at_no_directory() {
    let options = DataOptions {
        data: DataChoice::Generated,
        ..DataOptions::default()
    };
    let (tasks, said) = tasks_of(Path::new("absent"), &options);
    let (tasks, identity) = tasks.unwrap();
    assert_eq!(
        (identity.name.as_str(), identity.real),
        ("generated digits", false)
    );
    assert_eq!(tasks[0].train.len(), GENERATED_TRAIN_IMAGES);
    assert_eq!(said.len(), 1);
}

#[test]
fn a_data_set_is_downloaded_file_by_file() {
    let files = [images(2), labels(&[1, 2]), images(1), labels(&[3])].map(|file| gzip(&file));
    let sums = files.clone().map(|file| sha256_hex(&file));
    let published: Vec<PublishedFile> = (0..4)
        .map(|file| PublishedFile {
            name: MNIST.files[file].name,
            bytes: files[file].len() as u64,
            sha256: &sums[file],
            unpacked_sha256: None,
        })
        .collect();
    let server = Server::start(move |request| {
        let name = request.path.trim_start_matches("/a/");
        let file = MNIST.files.iter().position(|file| file.name == name);
        Reply::Whole(files[file.unwrap()].clone())
    });
    let mirror = server.mirror("a");
    let dataset = PublishedDataset {
        files: &published,
        mirrors: &[&mirror],
        ..MNIST
    };
    let cache = tempfile::tempdir().unwrap();
    let locations = Locations {
        cache: Some(cache.path().to_owned()),
        ..Locations::default()
    };
    let (tasks, identity) = mnist_tasks_from(
        &dataset,
        &locations,
        &downloader(),
        &DataOptions::default(),
        &mut |_: &str| {},
    )
    .unwrap();
    assert_eq!(tasks[2].train.len(), 2);
    assert_eq!(identity.files.values().collect::<Vec<_>>().len(), 4);
    assert_eq!(identity.files["mnist/train-images-idx3-ubyte.gz"], sums[0]);
    assert_eq!(server.requests().len(), 4);
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
    let (tasks, said) = tasks_of(Path::new(&directory), &options);
    let (tasks, identity) = tasks.unwrap();
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!(identity.name, "mnist");
    for (task, (split, counts)) in [0, 2].into_iter().flat_map(|task| {
        let tests = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009];
        let trains = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949];
        [(task, (0, trains)), (task, (1, tests))]
    }) {
        let Targets::Classes(classes) = tasks[task].evaluation[split].1.targets() else {
            panic!("no classes");
        };
        let mut found = [0; 10];
        classes
            .iter()
            .for_each(|&class| found[usize::from(class)] += 1);
        assert_eq!(found, counts);
    }
}
